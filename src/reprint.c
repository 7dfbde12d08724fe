/* HR: the very bytes that were issued, proved by the ledger's hash. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "taxcert.h"
#include "write/events.h"
#include "write/ledger.h"

struct search {
    long found, issued;
    char file[256], id[40];
    unsigned char hash[HASH_SIZE];
};

static bool on_entry(void *ctx, const struct ledger_entry *entry, struct tc_error *err)
{
    struct search *s = ctx;

    (void)err;
    s->found++;
    if (entry->state != LEDGER_ISSUED)
        return true;
    s->issued++;
    snprintf(s->file, sizeof s->file, "%s", entry->file);
    snprintf(s->id, sizeof s->id, "%s", entry->id);
    memcpy(s->hash, entry->hash, HASH_SIZE);
    return true;
}

static bool search_ledger(const char *run, const char *handle, struct search *s, struct tc_error *err)
{
    char path[1100];
    struct ledger *ledger;
    bool ok;

    *s = (struct search){.found = 0};
    if (!text_is_handle(handle))
        return error_set(err, TC_USAGE, NULL, NULL, "handle-format", "a personnel number or certificate id is needed");
    snprintf(path, sizeof path, "%.1000s/ledger.db", run);
    ledger = ledger_open(path, err);
    if (!ledger)
        return false;
    ok = ledger_find(ledger, handle, on_entry, s, err);
    ledger_close(ledger);
    if (!ok)
        return false;
    if (s->found == 0)
        return error_set(err, TC_INPUT, run, NULL, "unknown-handle", "no certificate of this run has this personnel number or id");
    if (s->issued == 0)
        return error_set(err, TC_INPUT, run, NULL, "withheld", "the certificate was withheld; see the workbook for the findings");
    if (s->issued > 1)
        return error_set(err, TC_USAGE, run, NULL, "several-certificates",
                         "this person has %ld certificates: name one by its certificate id", s->issued);
    return true;
}

static bool deliver(const char *output, const char *name, const void *data, size_t length, struct tc_error *err)
{
    if (output && !strcmp(output, "-"))
        return (fwrite(data, 1, length, stdout) == length && fflush(stdout) == 0)
               || error_set(err, TC_IO, "stdout", NULL, "write", "the certificate cannot be written");
    return file_write(output ? output : strrchr(name, '/') + 1, data, length, err);
}

enum tc_code tc_reprint(const char *run, const char *handle, const char *output, const char *reason, struct tc_error *err)
{
    struct search s;
    char path[1400], *data = NULL;
    unsigned char hash[HASH_SIZE];
    size_t length;

    if (!search_ledger(run, handle, &s, err))
        return err->code;
    snprintf(path, sizeof path, "%.1000s/%s", run, s.file);
    if (!file_read(path, &data, &length, err)) {
        err->code = TC_IO;
        return err->code;
    }
    hash_bytes(data, length, hash);
    if (memcmp(hash, s.hash, HASH_SIZE) != 0)
        error_set(err, TC_IO, path, NULL, "changed", "the stored certificate is not what was issued: its hash differs from the ledger's");
    else if (events_add(run, "reprint", s.id, reason, err))
        deliver(output, s.file, data, length, err);
    free(data);
    return err->code;
}
