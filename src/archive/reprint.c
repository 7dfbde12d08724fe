/* HR: one certificate again, the very bytes that were issued or a marked copy; both proved by the ledger. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/file.h"
#include "base/text.h"
#include "certificate/certify.h"
#include "store/chain.h"
#include "store/events.h"
#include "store/folder.h"
#include "store/handle.h"
#include "store/manifest.h"
#include "store/outside.h"
#include "taxcert.h"

struct search {
    long found, issued;
    char *file, *record;              /* owned */
    char handle[HANDLE_TEXT], id[40]; /* NUMBER+ID, which is never ambiguous; the id alone */
    unsigned char hash[HASH_SIZE];
    bool cancelled, corrects;
    char date[16], draft[8]; /* of the run */
};

static void drop_search(struct search *s)
{
    free(s->file);
    free(s->record);
    *s = (struct search){.found = 0};
}

static bool on_entry(void *ctx, const struct ledger_entry *entry, struct tc_error *err)
{
    struct search *s = ctx;

    s->cancelled |= entry->state == LEDGER_CANCELLED;
    if (entry->state != LEDGER_ISSUED)
        return true;
    if (!folder_find_certificate(entry->file))
        return error_set(err, TC_IO, "ledger.db", NULL, "ledger", "an entry of the ledger is damaged");
    s->issued++;
    s->corrects = entry->corrects;
    handle_text(entry, s->handle);
    snprintf(s->id, sizeof s->id, "%s", entry->id);
    memcpy(s->hash, entry->hash, HASH_SIZE);
    free(s->file);
    free(s->record);
    s->file = strdup(entry->file);
    s->record = strdup(entry->record);
    return (s->file && s->record) || error_memory(err);
}

static bool look_up(const char *run, const char *handle, struct search *s, struct tc_error *err)
{
    char path[FILE_PATH_MAX];
    struct ledger *ledger = file_path(run, "ledger.db", path, err) ? ledger_open(path, err) : NULL;
    bool ok = ledger && ledger_get(ledger, "issued", s->date, sizeof s->date, err)
              && ledger_get(ledger, "draft", s->draft, sizeof s->draft, err) && handle_find(ledger, handle, on_entry, s, &s->found, err);

    ledger_close(ledger);
    return ok;
}

static bool search_ledger(const char *run, const char *handle, struct search *s, struct tc_error *err)
{
    if (!look_up(run, handle, s, err))
        return false;
    if (s->found == 0)
        return error_set(err, TC_INPUT, run, NULL, "unknown-handle", "no certificate of this run has this personnel number or id");
    if (s->issued == 0 && s->cancelled)
        return error_set(err, TC_INPUT, run, NULL, "cancelled", "the certificate was cancelled: it is void");
    if (s->issued == 0)
        return error_set(err, TC_INPUT, run, NULL, "withheld", "the certificate was withheld; see the workbook for the findings");
    if (s->issued > 1)
        return error_set(err, TC_USAGE, run, NULL, "several-certificates",
                         "this person has %ld certificates: name one by its certificate id, or as NUMBER+ID", s->issued);
    return true;
}

/* Replaces out by the certificate with these marks, made from the run's own form, which is proved by sums unless that is NULL. */
static bool render(const char *run, const char *fonts, const struct search *s, unsigned marks, const char *sums, struct buf *out,
                   unsigned char hash[HASH_SIZE], struct tc_error *err)
{
    struct certify_worker worker = {0};
    struct arena arena = {0};
    struct prepared engine;
    char path[FILE_PATH_MAX];
    int32_t issued;
    bool ok;

    if (!folder_form(run, path, err))
        return false;
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
static bool duplicate(const char *run, const struct tc_reprint_options *options, const struct search *s, struct buf *out, bool *same,
                      struct tc_error *err)
{
    char room[PREPARED_PATH_MAX], fonts[FILE_PATH_MAX], of_sums[HASH_HEX + 1], *sums = manifest_read(run, of_sums, err);
    unsigned marks = (!strcmp(s->draft, "yes") ? MARK_DRAFT : 0) | (s->corrects ? MARK_CORRECTION : 0);
    unsigned char hash[HASH_SIZE];
    bool ok;

    ok = sums && file_path(prepared_root(options->templates, room), "fonts", fonts, err)
         && render(run, fonts, s, marks, NULL, out, hash, err);
    *same = ok && memcmp(hash, s->hash, HASH_SIZE) == 0;
    ok = ok && manifest_ledger(run, sums, err) && render(run, fonts, s, marks | MARK_DUPLICATE, sums, out, hash, err);
    free(sums);
    return ok;
}

/* The issued bytes in out, proved. */
static bool read_issued(const char *run, const struct search *s, struct buf *out, struct tc_error *err)
{
    unsigned char hash[HASH_SIZE];
    char path[FILE_PATH_MAX];

    if (!file_path(run, s->file, path, err))
        return false;
    if (!file_read_below(run, s->file, &out->data, &out->length, err)) {
        err->code = TC_IO;
        return false;
    }
    hash_bytes(out->data, out->length, hash);
    return memcmp(hash, s->hash, HASH_SIZE) == 0
           || error_set(err, TC_IO, path, NULL, "changed",
                        "the stored certificate is not what was issued: its hash differs from the ledger's");
}

static bool deliver(const struct tc_reprint_options *options, const struct search *s, const struct buf *data, struct tc_error *err)
{
    const char *name = strrchr(s->file, '/') + 1;
    char path[300];

    if (options->output && !strcmp(options->output, "-"))
        return (fwrite(data->data, 1, data->length, stdout) == data->length && fflush(stdout) == 0)
               || error_set(err, TC_IO, "stdout", NULL, "write", "the certificate cannot be written");
    if (strlen(name) > 250)
        return error_set(err, TC_IO, "ledger.db", NULL, "ledger", "an entry of the ledger is damaged");
    snprintf(path, sizeof path, "%.*s%s", (int)strlen(name) - 4, name, options->duplicate ? ".duplicate.pdf" : ".pdf");
    return file_give(options->output ? options->output : path, &(struct iovec){data->data, data->length}, 1, err);
}

/* The run that issued it: this one, or the earlier one that the entry's path leads to, whose ledger must say the same. */
static bool find_issuer(const char *run, struct search *s, char issuer[FILE_PATH_MAX], struct tc_error *err)
{
    size_t before = (size_t)(folder_find_certificate(s->file) - s->file);
    struct search there = {.found = 0};
    char handle[HANDLE_TEXT];

    if (before == 0)
        return file_path("", run, issuer, err);
    s->file[before - 1] = '\0'; /* the folder alone, from here on */
    if (!file_path(run, s->file, issuer, err))
        return false;
    memcpy(handle, s->handle, sizeof handle);
    if (search_ledger(issuer, handle, &there, err) && memcmp(there.hash, s->hash, HASH_SIZE) != 0)
        error_set(err, TC_IO, issuer, NULL, "changed", "the run that issued the certificate has another hash for it");
    drop_search(s);
    *s = there;
    return !err->code;
}

#define RUNS_MAX 1000 /* of a year; more would be a circle */

/* What became of it later, along the chain as far as it can be followed. */
static bool follow(const char *run, const struct search *s, struct tc_reprinted *result, struct tc_error *err)
{
    struct chain_next next;
    char at[FILE_PATH_MAX];

    if (!chain_find_next(run, &next, err))
        return false;
    if (next.superseded && !*next.path) {
        result->corrected = events_has(run, "corrected", s->id, err);
        result->cancelled = events_has(run, "cancelled", s->id, err);
    }
    for (int i = 0; i < RUNS_MAX && *next.path; i++) {
        struct search there = {.found = 0};
        bool ok;

        memcpy(at, next.path, sizeof at);
        ok = look_up(at, s->handle, &there, err);
        result->cancelled = ok && there.issued == 0 && there.cancelled;
        result->corrected = ok && there.issued == 1 && memcmp(there.hash, s->hash, HASH_SIZE) != 0;
        drop_search(&there);
        if (!ok || !chain_find_next(at, &next, err))
            return false;
    }
    return !err->code;
}

/* Where no name is given it is the certificate's, here. */
static bool may_write(const char *output, struct tc_error *err)
{
    return output ? !strcmp(output, "-") || outside_output(output, NULL, 0, err) : outside_runs("here", err);
}

enum tc_code tc_reprint(const char *run, const char *handle, const struct tc_reprint_options *options, struct tc_reprinted *result,
                        struct tc_error *err)
{
    struct search s = {0};
    struct buf data = {0}, copy = {0};
    char issuer[FILE_PATH_MAX];

    error_reset(err);
    *result = (struct tc_reprinted){.same = true};
    if (options->reason && !text_is_utf8(options->reason))
        error_set(err, TC_USAGE, NULL, NULL, "reason", "the reason must be UTF-8 without control characters");
    if (!err->code && may_write(options->output, err) && search_ledger(run, handle, &s, err) && follow(run, &s, result, err)
        && find_issuer(run, &s, issuer, err) && read_issued(issuer, &s, &data, err)
        && (!options->duplicate || duplicate(issuer, options, &s, &copy, &result->same, err))
        && events_add(issuer, options->duplicate ? "duplicate" : "reprint", s.id, options->reason, err))
        deliver(options, &s, options->duplicate ? &copy : &data, err);
    buf_free(&data);
    buf_free(&copy);
    drop_search(&s);
    return err->code;
}
