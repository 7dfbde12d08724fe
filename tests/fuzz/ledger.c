/* A ledger of any bytes: every query of it ends, with rows that are ours or an error. */
#include "fuzz.h"

#include "base/file.h"
#include "store/handle.h"
#include "store/ledger.h"

static bool on_entry(void *ctx, const struct ledger_entry *entry, struct tc_error *err)
{
    char text[HANDLE_TEXT];

    (void)err;
    handle_text(entry, text);
    *(size_t *)ctx += strlen(text) + (entry->record ? strlen(entry->record) : 0) + (entry->file ? strlen(entry->file) : 0);
    return true;
}

static bool on_finding(void *ctx, const struct ledger_finding *f, struct tc_error *err)
{
    (void)err;
    *(size_t *)ctx += strlen(f->file) + strlen(f->pointer) + strlen(f->rule) + strlen(f->message);
    return true;
}

static bool on_person(void *ctx, const struct ledger_person *p, struct tc_error *err)
{
    (void)err;
    *(size_t *)ctx += strlen(p->personnel_number) + (p->reason ? strlen(p->reason) : 0) + (p->record ? strlen(p->record) : 0);
    return true;
}

static bool on_correction(void *ctx, const struct ledger_correction *c, struct tc_error *err)
{
    (void)err;
    *(size_t *)ctx += strlen(c->id) + strlen(c->personnel_number) + strlen(c->issued);
    return true;
}

static bool on_run(void *ctx, const struct ledger_run *run, struct tc_error *err)
{
    (void)err;
    *(size_t *)ctx += strlen(run->path) + strlen(run->identity) + strlen(run->sums);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *const words[] = {"a"};
    char folder[] = "/tmp/fuzz_ledger_XXXXXX", path[64];
    struct tc_error err = {0};
    struct ledger *l;
    size_t seen = 0;
    int64_t number;
    long found;

    if (!mkdtemp(folder))
        abort();
    snprintf(path, sizeof path, "%s/ledger.db", folder);
    if (!file_write(path, data, size, &err))
        abort();
    l = ledger_open(folder, &err);
    for (int query = 0; l && query < 8; query++) {
        struct tc_error one = {0};

        switch (query) {
        case 0: ledger_each(l, on_entry, &seen, &one); break;
        case 1: ledger_each_finding(l, on_finding, &seen, &one); break;
        case 2: ledger_each_person(l, on_person, &seen, &one); break;
        case 3: ledger_each_correction(l, on_correction, &seen, &one); break;
        case 4: ledger_each_run(l, on_run, &seen, &one); break;
        case 5: ledger_search(l, words, 1, on_entry, on_person, &seen, &one); break;
        case 6: handle_find(l, "A1", on_entry, &seen, &found, &one); break;
        default: ledger_get_number(l, "digits", 0, LEDGER_DIGITS_MAX, &number, &one);
        }
    }
    ledger_close(l);
    unlink(path);
    rmdir(folder);
    return 0;
}
