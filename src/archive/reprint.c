/* HR: one certificate again, the very bytes that were issued or a marked copy; both proved by the ledger. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/file.h"
#include "base/text.h"
#include "certificate/certify.h"
#include "store/events.h"
#include "store/ledger.h"
#include "store/manifest.h"
#include "taxcert.h"

#define PATH_ROOM 1400

struct search {
    long found, issued;
    char file[256], id[40];
    unsigned char hash[HASH_SIZE];
    bool cancelled, corrects;
    char *record; /* owned */
    char date[16], draft[8]; /* of the run */
};

/* A path as a run makes it, within its folder, or in that of an earlier run: where certificates/ stands, or NULL. */
static const char *find_certificate(const char *file)
{
    const char *at = strstr(file, "certificates/");
    size_t length = at ? strlen(at) : 0;

    return length > 17 && !strcmp(at + length - 4, ".pdf") && !strstr(at, "/../") && (at == file || at[-1] == '/') ? at : NULL;
}

static bool on_entry(void *ctx, const struct ledger_entry *entry, struct tc_error *err)
{
    struct search *s = ctx;

    s->found++;
    s->cancelled |= entry->state == LEDGER_CANCELLED;
    if (entry->state != LEDGER_ISSUED)
        return true;
    if (!find_certificate(entry->file))
        return error_set(err, TC_IO, "ledger.db", NULL, "ledger", "an entry of the ledger is damaged");
    s->issued++;
    s->corrects = entry->corrects;
    snprintf(s->file, sizeof s->file, "%s", entry->file);
    snprintf(s->id, sizeof s->id, "%s", entry->id);
    memcpy(s->hash, entry->hash, HASH_SIZE);
    free(s->record);
    s->record = strdup(entry->record);
    return s->record || error_memory(err);
}

static bool search_ledger(const char *run, const char *handle, struct search *s, struct tc_error *err)
{
    char path[1100];
    struct ledger *ledger;
    bool ok;

    if (!text_is_handle(handle))
        return error_set(err, TC_USAGE, NULL, NULL, "handle-format", "a personnel number or certificate id is needed");
    snprintf(path, sizeof path, "%.1000s/ledger.db", run);
    ledger = ledger_open(path, err);
    if (!ledger)
        return false;
    ok = ledger_get(ledger, "issued", s->date, sizeof s->date, err) && ledger_get(ledger, "draft", s->draft, sizeof s->draft, err)
         && ledger_find(ledger, handle, on_entry, s, err);
    ledger_close(ledger);
    if (!ok)
        return false;
    if (s->found == 0)
        return error_set(err, TC_INPUT, run, NULL, "unknown-handle", "no certificate of this run has this personnel number or id");
    if (s->issued == 0 && s->cancelled)
        return error_set(err, TC_INPUT, run, NULL, "cancelled", "the certificate was cancelled: it is void");
    if (s->issued == 0)
        return error_set(err, TC_INPUT, run, NULL, "withheld", "the certificate was withheld; see the workbook for the findings");
    if (s->issued > 1)
        return error_set(err, TC_USAGE, run, NULL, "several-certificates",
                         "this person has %ld certificates: name one by its certificate id", s->issued);
    return true;
}

static void path_of(const char *run, const char *name, char path[PATH_ROOM])
{
    snprintf(path, PATH_ROOM, "%.1000s/%.380s", run, name);
}

/* Replaces out by the certificate with these marks, made from the run's own form, which is proved by sums unless that is NULL. */
static bool render(const char *run, const char *fonts, const struct search *s, unsigned marks, const char *sums, struct buf *out,
                   unsigned char hash[HASH_SIZE], struct tc_error *err)
{
    struct certify_worker worker = {0};
    struct arena arena = {0};
    struct prepared engine;
    char path[PATH_ROOM];
    int32_t issued;
    bool ok;

    path_of(run, "form", path);
    if (!date_parse(s->date, strlen(s->date), &issued))
        return error_set(err, TC_IO, run, NULL, "ledger", "the ledger does not say when the run was issued");
    if (!prepared_load_folder(&engine, path, fonts, issued, marks, err))
        return false;
    ok = (!sums || manifest_form(&engine, sums, err)) && certify_start(&worker, &engine, err)
         && certify_record(&engine, &worker, s->record, &arena, err);
    out->length = 0;
    for (int i = 0; ok && i < PDF_PARTS; i++)
        buf_add(out, worker.pdf.file[i].iov_base, worker.pdf.file[i].iov_len);
    memcpy(hash, worker.hash, HASH_SIZE);
    certify_stop(&worker);
    arena_free(&arena);
    prepared_free(&engine);
    return ok && (!out->failed || error_memory(err));
}

/* The marked copy. It has the record's values because the certificate without the mark comes out as issued; where that takes
 * the fonts and libraries of then, because the ledger is the one that the run made. */
static bool duplicate(const char *run, const struct tc_reprint_options *options, const struct search *s, struct buf *out,
                      bool *same, struct tc_error *err)
{
    char room[PREPARED_PATH_MAX], fonts[PREPARED_PATH_MAX + 8], of_sums[HASH_HEX + 1], *sums = manifest_read(run, of_sums, err);
    unsigned marks = (!strcmp(s->draft, "yes") ? MARK_DRAFT : 0) | (s->corrects ? MARK_CORRECTION : 0);
    unsigned char hash[HASH_SIZE];
    bool ok;

    snprintf(fonts, sizeof fonts, "%s/fonts", prepared_root(options->templates, room));
    ok = sums && render(run, fonts, s, marks, NULL, out, hash, err);
    *same = ok && memcmp(hash, s->hash, HASH_SIZE) == 0;
    ok = ok && manifest_ledger(run, sums, err) && render(run, fonts, s, marks | MARK_DUPLICATE, sums, out, hash, err);
    free(sums);
    return ok;
}

/* The issued bytes in out, proved. */
static bool read_issued(const char *run, const struct search *s, struct buf *out, struct tc_error *err)
{
    unsigned char hash[HASH_SIZE];
    char path[PATH_ROOM];

    path_of(run, s->file, path);
    if (!file_read(path, &out->data, &out->length, err)) {
        err->code = TC_IO;
        return false;
    }
    hash_bytes(out->data, out->length, hash);
    return memcmp(hash, s->hash, HASH_SIZE) == 0
           || error_set(err, TC_IO, path, NULL, "changed", "the stored certificate is not what was issued: its hash differs from the ledger's");
}

static bool deliver(const struct tc_reprint_options *options, const struct search *s, const struct buf *data, struct tc_error *err)
{
    const char *name = strrchr(s->file, '/') + 1;
    char path[300];

    if (options->output && !strcmp(options->output, "-"))
        return (fwrite(data->data, 1, data->length, stdout) == data->length && fflush(stdout) == 0)
               || error_set(err, TC_IO, "stdout", NULL, "write", "the certificate cannot be written");
    snprintf(path, sizeof path, "%.*s%s", (int)strlen(name) - 4, name, options->duplicate ? ".duplicate.pdf" : ".pdf");
    return file_write(options->output ? options->output : path, data->data, data->length, err);
}

/* The run that issued it: this one, or the earlier one that the entry's path leads to, whose ledger must say the same. */
static bool find_issuer(const char *run, struct search *s, char issuer[PATH_ROOM], struct tc_error *err)
{
    int before = (int)(find_certificate(s->file) - s->file);
    struct search there = {0};

    snprintf(issuer, PATH_ROOM, "%.1000s", run);
    if (before == 0)
        return true;
    snprintf(issuer, PATH_ROOM, "%.1000s%s%.*s", *s->file == '/' ? "" : run, *s->file == '/' ? "" : "/", before - 1, s->file);
    if (search_ledger(issuer, s->id, &there, err) && memcmp(there.hash, s->hash, HASH_SIZE) != 0)
        error_set(err, TC_IO, issuer, NULL, "changed", "the run that issued the certificate has another hash for it");
    free(s->record);
    *s = there;
    return !err->code;
}

enum tc_code tc_reprint(const char *run, const char *handle, const struct tc_reprint_options *options, struct tc_reprinted *result,
                        struct tc_error *err)
{
    struct search s = {0};
    struct buf data = {0}, copy = {0};
    char issuer[PATH_ROOM];

    *result = (struct tc_reprinted){.same = true};
    if (options->reason && !text_is_utf8(options->reason))
        error_set(err, TC_USAGE, NULL, NULL, "reason", "the reason must be UTF-8 without control characters");
    if (!err->code && search_ledger(run, handle, &s, err)) {
        result->corrected = events_has(run, "corrected", s.id, err);
        result->cancelled = events_has(run, "cancelled", s.id, err);
    }
    if (!err->code && find_issuer(run, &s, issuer, err) && read_issued(issuer, &s, &data, err)
        && (!options->duplicate || duplicate(issuer, options, &s, &copy, &result->same, err))
        && events_add(issuer, options->duplicate ? "duplicate" : "reprint", s.id, options->reason, err))
        deliver(options, &s, options->duplicate ? &copy : &data, err);
    buf_free(&data);
    buf_free(&copy);
    free(s.record);
    return err->code;
}
