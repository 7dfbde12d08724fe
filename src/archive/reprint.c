/* HR: one certificate again, the very bytes that were issued or a marked copy; both proved by the ledger. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "archive/later.h"
#include "base/date.h"
#include "base/file.h"
#include "base/text.h"
#include "certificate/certify.h"
#include "store/events.h"
#include "store/folder.h"
#include "store/handle.h"
#include "store/manifest.h"
#include "store/outside.h"
#include "taxcert.h"

struct search {
    long found, issued, cancelled;
    char *file, *record;              /* owned; of the one that is issued */
    char handle[HANDLE_TEXT], id[40]; /* NUMBER+ID, which is never ambiguous; the id alone */
    unsigned char hash[HASH_SIZE];
    bool corrects;
    char other[40];          /* of a cancelled one: id of the one in its place, or "" */
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

    s->cancelled += entry->state == LEDGER_CANCELLED;
    if (entry->state == LEDGER_CANCELLED && s->issued == 0) {
        handle_text(entry, s->handle);
        snprintf(s->id, sizeof s->id, "%s", entry->id);
    }
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
    bool ok = ledger && ledger_get(ledger, "issue_date", s->date, sizeof s->date, err)
              && ledger_get(ledger, "draft", s->draft, sizeof s->draft, err) && handle_find(ledger, handle, on_entry, s, &s->found, err)
              && (s->issued > 0 || s->cancelled == 0 || later_other(ledger, s->id, s->other, err));

    ledger_close(ledger);
    return ok;
}

/* That nothing else than one certificate was found, which is valid or, with even_void, was. */
static bool is_one(const char *run, const struct search *s, bool even_void, struct tc_error *err)
{
    long count = even_void && s->issued == 0 ? s->cancelled : s->issued;

    if (s->found == 0)
        return error_set(err, TC_NOT_FOUND, run, NULL, "certificate-unknown", "no certificate of this run has this personnel number or id");
    if (count > 1)
        return error_set(err, TC_USAGE, run, NULL, "several-certificates",
                         "this person has %ld certificates: name one by its certificate id, or as NUMBER+ID", count);
    if (count == 0 && s->cancelled)
        return error_set(
            err, TC_INPUT, run, NULL, "cancelled",
            "the certificate was cancelled: it is void%s%s; --letter gives the letter that says so, --even-void the certificate, marked void",
            *s->other ? ", and in its place is " : "", s->other);
    return count > 0 || error_set(err, TC_INPUT, run, NULL, "held", "the certificate was held back; see the workbook for the findings");
}

static bool search_ledger(const char *run, const char *handle, struct search *s, struct tc_error *err)
{
    return look_up(run, handle, s, err) && is_one(run, s, false, err);
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
static bool duplicate(const char *run, const struct tc_reprint_options *options, const struct search *s, unsigned mark, struct buf *out,
                      bool *same, struct tc_error *err)
{
    char room[PREPARED_PATH_MAX], fonts[FILE_PATH_MAX], of_sums[HASH_HEX + 1], *sums = manifest_read(run, of_sums, err);
    unsigned marks = (!strcmp(s->draft, "yes") ? MARK_DRAFT : 0) | (s->corrects ? MARK_CORRECTION : 0);
    unsigned char hash[HASH_SIZE];
    bool ok;

    ok = sums && file_path(prepared_root(options->templates, room), "fonts", fonts, err)
         && render(run, fonts, s, marks, NULL, out, hash, err);
    *same = ok && memcmp(hash, s->hash, HASH_SIZE) == 0;
    ok = ok && manifest_ledger(run, sums, err) && render(run, fonts, s, marks | mark, sums, out, hash, err);
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

static bool to_standard_output(const struct tc_reprint_options *options)
{
    return options->output && !strcmp(options->output, "-");
}

/* Before anything is logged: the name of the file, where none was given, and that nothing is overwritten unasked. */
static bool find_place(const struct tc_reprint_options *options, const struct search *s, unsigned mark, struct tc_reprinted *result,
                       struct tc_error *err)
{
    const char *end = mark & MARK_VOID ? ".void.pdf" : mark ? ".duplicate.pdf" : ".pdf", *name = strrchr(s->file, '/') + 1;
    const char *path = options->output ? options->output : result->file;
    struct stat there;

    if (to_standard_output(options))
        return true;
    if (strlen(name) > 250)
        return error_set(err, TC_IO, "ledger.db", NULL, "ledger", "an entry of the ledger is damaged");
    if (!options->output)
        snprintf(result->file, sizeof result->file, "%.*s%s", (int)strlen(name) - 4, name, end);
    return options->force || lstat(path, &there) != 0
           || error_set(err, TC_USAGE, path, NULL, "file-exists", "the file is there already; --force replaces it, -o gives another name");
}

static bool deliver(const struct tc_reprint_options *options, const struct tc_reprinted *result, const struct buf *data,
                    struct tc_error *err)
{
    if (to_standard_output(options))
        return (fwrite(data->data, 1, data->length, stdout) == data->length && fflush(stdout) == 0)
               || error_set(err, TC_IO, "stdout", NULL, "write", "the certificate cannot be written");
    return file_give(options->output ? options->output : result->file, &(struct iovec){data->data, data->length}, 1, err);
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

/* ---- what is valid no more */

struct earlier {
    const char *run;
    struct search *search; /* of the cancelled certificate */
    char (*issuer)[FILE_PATH_MAX];
};

/* The last earlier run that has it as valid. */
static bool on_run(void *ctx, const struct ledger_run *earlier, struct tc_error *err)
{
    struct earlier *e = ctx;
    struct search there = {.found = 0};
    char path[FILE_PATH_MAX];
    bool ok = file_path(e->run, earlier->path, path, err) && look_up(path, e->search->handle, &there, err);

    if (!ok || there.issued != 1) {
        drop_search(&there);
        return ok;
    }
    drop_search(e->search);
    *e->search = there;
    memcpy(*e->issuer, path, sizeof path);
    return true;
}

/* A cancelled certificate, in the run that had it as valid: that one's folder in run. */
static bool find_cancelled(char run[FILE_PATH_MAX], struct search *s, struct tc_error *err)
{
    char path[FILE_PATH_MAX], found[FILE_PATH_MAX] = "";
    struct ledger *ledger = file_path(run, "ledger.db", path, err) ? ledger_open(path, err) : NULL;
    bool ok = ledger && ledger_each_run(ledger, on_run, &(struct earlier){run, s, &found}, err);

    ledger_close(ledger);
    if (ok && !*found)
        return error_set(err, TC_IO, run, NULL, "earlier-missing", "the run that issued the certificate is not there");
    memcpy(path, found, sizeof path);
    memcpy(run, path, sizeof path);
    return ok;
}

/* What is valid no more is given out only when it is asked for, and then marked so. */
static bool refuse_void(const struct later_found *found, struct tc_error *err)
{
    const char *way = *found->where ? "" : ", which is not where it was made";

    if (found->state == LATER_CORRECTED)
        return error_set(
            err, TC_INPUT, found->where, NULL, "corrected",
            "the certificate is valid no more: this later run%s holds the one that corrects it; --even-void gives it, marked void", way);
    return error_set(err, TC_INPUT, found->where, NULL, "cancelled",
                     "the certificate is valid no more: this later run%s says that it was cancelled%s%s; --even-void gives it, marked void",
                     way, *found->other ? ", and in its place is " : "", found->other);
}

/* What became of it later, along the chain as far as it can be followed. */
static bool follow(const char *run, const struct search *s, bool even_void, struct tc_reprinted *result, struct tc_error *err)
{
    struct later later;
    struct later_found found = {.state = LATER_VALID};
    bool ok = later_open(&later, run, err) && later_find(&later, s->id, s->hash, &found, err);

    later_close(&later);
    result->corrected = found.state == LATER_CORRECTED;
    result->cancelled = found.state == LATER_CANCELLED;
    return ok && (found.state == LATER_VALID || even_void || refuse_void(&found, err));
}

/* The certificate in the run that has it, valid or with even_void not; issuer is the folder of the one that issued it. */
static bool find_certificate(const char *run, const char *handle, bool even_void, struct search *s, char issuer[FILE_PATH_MAX],
                             struct tc_reprinted *result, struct tc_error *err)
{
    char at[FILE_PATH_MAX];
    bool cancelled;

    if (!file_path("", run, at, err) || !look_up(run, handle, s, err) || !is_one(run, s, even_void, err))
        return false;
    cancelled = s->issued == 0;
    if (cancelled ? !find_cancelled(at, s, err) : !follow(run, s, even_void, result, err))
        return false;
    result->cancelled |= cancelled;
    return find_issuer(at, s, issuer, err);
}

/* ---- the letter of a cancelled one */

static bool on_cancelled(void *ctx, const struct ledger_entry *entry, struct tc_error *err)
{
    struct search *s = ctx;

    (void)err;
    s->cancelled += entry->state == LEDGER_CANCELLED;
    if (entry->state == LEDGER_CANCELLED && entry->id)
        snprintf(s->id, sizeof s->id, "%s", entry->id);
    return true;
}

static bool on_letter(void *ctx, const struct ledger_letter *letter, struct tc_error *err)
{
    struct search *s = ctx;

    if (!folder_find_certificate(letter->file))
        return error_set(err, TC_IO, "ledger.db", NULL, "ledger", "an entry of the ledger is damaged");
    memcpy(s->hash, letter->hash, HASH_SIZE);
    free(s->file);
    s->file = strdup(letter->file);
    return s->file || error_memory(err);
}

/* That the handle names one cancelled certificate, which has a letter. */
static bool has_letter(const char *run, const struct search *s, struct tc_error *err)
{
    if (s->found == 0)
        return error_set(err, TC_NOT_FOUND, run, NULL, "certificate-unknown", "no certificate of this run has this personnel number or id");
    if (s->cancelled == 0)
        return error_set(err, TC_INPUT, run, NULL, "not-cancelled", "the certificate was not cancelled: there is no letter");
    if (s->cancelled > 1)
        return error_set(err, TC_USAGE, run, NULL, "several-certificates",
                         "%ld certificates of this person were cancelled: name one by its certificate id, or as NUMBER+ID", s->cancelled);
    return s->file || error_set(err, TC_INPUT, run, NULL, "no-letter", "the form as it was when this was cancelled has no letter");
}

/* The letter, as the last run of the chain has it; issuer is the folder of the run that made it, s->file its place there. */
static bool find_letter(const char *run, const char *handle, struct search *s, char issuer[FILE_PATH_MAX], struct tc_error *err)
{
    struct chain_end end;
    char path[FILE_PATH_MAX];
    struct ledger *ledger;
    const char *place;
    bool ok;

    if (!chain_find_end(run, &end, err) || !file_path(end.path, "ledger.db", path, err) || !(ledger = ledger_open(path, err)))
        return false;
    ok = handle_find(ledger, handle, on_cancelled, s, &s->found, err)
         && (s->cancelled != 1 || ledger_each_letter(ledger, s->id, on_letter, s, err)) && has_letter(run, s, err);
    ledger_close(ledger);
    if (!ok)
        return false;
    place = folder_find_certificate(s->file);
    if (place == s->file)
        return file_path("", end.path, issuer, err);
    s->file[place - s->file - 1] = '\0';
    ok = file_path(end.path, s->file, issuer, err);
    memmove(s->file, place, strlen(place) + 1);
    return ok;
}

/* What was logged and then could not be given out is told so in the log too. */
static bool give(const char *issuer, const struct tc_reprint_options *options, const struct search *s, const struct buf *data,
                 struct tc_reprinted *result, struct tc_error *err)
{
    struct tc_error ignored = {0};
    struct proof seal;

    /* The seal first: what fails behind the file would tell of nothing given out. */
    if (!events_seal(issuer, NULL, &seal, NULL, err) || !deliver(options, result, data, err)) {
        events_add(issuer, "failed", s->id, "what the event before says was not given out", &ignored);
        return false;
    }
    memcpy(result->seal, seal.now, sizeof result->seal);
    return true;
}

static void give_letter(const char *run, const char *handle, const struct tc_reprint_options *options, struct tc_reprinted *result,
                        struct tc_error *err)
{
    struct search s = {0};
    struct buf data = {0};
    char issuer[FILE_PATH_MAX];

    if (options->duplicate || options->even_void)
        error_set(err, TC_USAGE, NULL, NULL, "letter", "a letter is given out as it was made: no copy, and nothing void");
    else if (find_letter(run, handle, &s, issuer, err) && read_issued(issuer, &s, &data, err) && find_place(options, &s, 0, result, err)
             && events_add(issuer, "letter-given", s.id, options->reason, err))
        give(issuer, options, &s, &data, result, err);
    buf_free(&data);
    drop_search(&s);
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
    unsigned mark = 0;

    error_reset(err);
    *result = (struct tc_reprinted){.same = true};
    if (options->reason && (!text_is_utf8(options->reason) || text_is_blank(options->reason)))
        error_set(err, TC_USAGE, NULL, NULL, "reason", "the reason must be UTF-8 without control characters, and say something");
    if (!err->code)
        may_write(options->output, err);
    if (!err->code)
        folder_is_run(run, err);
    if (!err->code && options->letter) {
        give_letter(run, handle, options, result, err);
        return err->code;
    }
    if (!err->code && find_certificate(run, handle, options->even_void, &s, issuer, result, err) && read_issued(issuer, &s, &data, err)) {
        bool is_void = result->corrected || result->cancelled;

        mark = (options->duplicate ? MARK_DUPLICATE : 0) | (is_void ? MARK_VOID : 0);
        if (find_place(options, &s, mark, result, err) && (!mark || duplicate(issuer, options, &s, mark, &copy, &result->same, err))
            && events_add(issuer,
                          is_void ? "void-copied"
                          : mark  ? "duplicated"
                                  : "reprinted",
                          s.id, options->reason, err))
            give(issuer, options, &s, mark ? &copy : &data, result, err);
    }
    buf_free(&data);
    buf_free(&copy);
    drop_search(&s);
    return err->code;
}
