/* HR: one certificate again, the very bytes that were issued or a marked copy; both proved by the ledger. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/later.h"
#include "archive/reprint.h"
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
    char ids[2][120];        /* of all that are issued, of all that are cancelled: as many as have room */
    char other[40];          /* of a cancelled one: id of the one in its place, or "" */
    char date[16], draft[8]; /* of the run */
};

static void drop_search(struct search *s)
{
    free(s->file);
    free(s->record);
    *s = (struct search){.found = 0};
}

/* "A, B, ...": the end of more than have room. */
static void add_id(char ids[120], const char *id)
{
    size_t at = strlen(ids);

    if (at + strlen(id) + 8 < 120)
        snprintf(ids + at, 120 - at, "%s%s", at ? ", " : "", id);
    else if (at < 3 || strcmp(ids + at - 3, "...") != 0)
        snprintf(ids + at, 120 - at, ", ...");
}

static bool on_entry(void *ctx, const struct ledger_entry *entry, struct tc_error *err)
{
    struct search *s = ctx;

    s->cancelled += entry->state == LEDGER_CANCELLED;
    if (entry->state == LEDGER_ISSUED || entry->state == LEDGER_CANCELLED)
        add_id(s->ids[entry->state == LEDGER_CANCELLED], entry->id);
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

/* ledger is closed; NULL: err is set. */
static bool look_in(struct ledger *ledger, const char *handle, struct search *s, struct tc_error *err)
{
    bool ok = ledger && ledger_get(ledger, "issue_date", s->date, sizeof s->date, err)
              && ledger_get(ledger, "draft", s->draft, sizeof s->draft, err) && handle_find(ledger, handle, on_entry, s, &s->found, err)
              && (s->issued > 0 || s->cancelled == 0 || later_other(ledger, s->id, s->other, err));

    ledger_close(ledger);
    return ok;
}

static bool look_up(const char *run, const char *handle, struct search *s, struct tc_error *err)
{
    return look_in(manifest_open(run, err), handle, s, err);
}

/* That nothing else than one certificate was found, which is valid or, with even_void, was. */
static bool is_one(const char *run, const struct search *s, bool even_void, struct tc_error *err)
{
    long count = even_void && s->issued == 0 ? s->cancelled : s->issued;

    if (s->found == 0)
        return error_set(err, TC_NOT_FOUND, run, NULL, "certificate-unknown",
                         "no certificate of this run has this personnel number or certificate id; try taxcert find");
    if (count > 1)
        return error_set(err, TC_USAGE, run, NULL, "several-certificates",
                         "this person has %ld certificates: give the id of one, or NUMBER+ID: %s", count, s->ids[s->issued == 0]);
    if (count == 0 && s->cancelled)
        return error_set(err, TC_INPUT, run, NULL, "cancelled",
                         "the certificate is cancelled and void%s%s; --letter gives the letter that says so, --even-void the "
                         "certificate, marked as void",
                         *s->other ? ", and in its place is " : "", s->other);
    return count > 0
           || error_set(err, TC_INPUT, run, NULL, "held", "the certificate was held back, not issued; see the workbook for the findings");
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
    char room[PREPARED_PATH_MAX], fonts[FILE_PATH_MAX], *sums = manifest_read_form(run, err);
    unsigned marks = (!strcmp(s->draft, "yes") ? MARK_DRAFT : 0) | (s->corrects ? MARK_CORRECTION : 0);
    unsigned char hash[HASH_SIZE];
    bool ok;

    ok = sums && prepared_fonts(prepared_root(options->templates, room), fonts, err) && render(run, fonts, s, marks, NULL, out, hash, err);
    *same = ok && memcmp(hash, s->hash, HASH_SIZE) == 0;
    ok = ok && render(run, fonts, s, marks | mark, sums, out, hash, err);
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

/* Where it goes: the file that was named, or one of the certificate's name in the folder, or here. */
static bool place_of(const struct tc_reprint_options *options, const struct tc_reprinted *result, char path[FILE_PATH_MAX],
                     struct tc_error *err)
{
    if (options->output)
        return file_path("", options->output, path, err);
    return file_path(options->folder ? options->folder : "", result->file, path, err);
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
    char path[FILE_PATH_MAX];

    if (to_standard_output(options))
        return true;
    if (strlen(name) > 250)
        return error_set(err, TC_IO, "ledger.db", NULL, "ledger", "an entry of the ledger is damaged");
    if (!options->output)
        snprintf(result->file, sizeof result->file, "%.*s%s", (int)strlen(name) - 4, name, end);
    return place_of(options, result, path, err) && outside_vacant(path, options->force, err);
}

static bool deliver(const struct tc_reprint_options *options, const struct tc_reprinted *result, const struct buf *data,
                    struct tc_error *err)
{
    char path[FILE_PATH_MAX];

    if (to_standard_output(options))
        return (fwrite(data->data, 1, data->length, stdout) == data->length && fflush(stdout) == 0)
               || error_set(err, TC_IO, "stdout", NULL, "write", "the certificate cannot be written");
    return place_of(options, result, path, err)
           && (options->force ? file_give : file_give_new)(path, &(struct iovec){data->data, data->length}, 1, err);
}

/* The run that issued it: this one, or the earlier one that the entry's path leads to, whose ledger must say the same. */
static bool find_issuer(const char *run, struct search *s, char issuer[FILE_PATH_MAX], struct tc_error *err)
{
    size_t before = (size_t)(folder_find_certificate(s->file) - s->file);
    struct search there = {.found = 0};
    struct ledger *ledger;

    if (before == 0)
        return file_path("", run, issuer, err);
    s->file[before - 1] = '\0'; /* the folder alone, from here on */
    if (!file_path(run, s->file, issuer, err) || !(ledger = manifest_open(run, err)))
        return false;
    if (look_in(manifest_open_earlier(run, ledger, s->file, err), s->handle, &there, err) && is_one(issuer, &there, false, err)
        && memcmp(there.hash, s->hash, HASH_SIZE) != 0)
        error_set(err, TC_IO, issuer, NULL, "changed", "the run that issued the certificate has a different hash for it");
    ledger_close(ledger);
    drop_search(s);
    *s = there;
    return !err->code;
}

/* ---- what is valid no more */

struct earlier {
    const char *run;
    struct ledger *ledger; /* its own */
    struct search *search; /* of the cancelled certificate */
    char (*issuer)[FILE_PATH_MAX];
};

/* The last earlier run that has it as valid. */
static bool on_run(void *ctx, const struct ledger_run *earlier, struct tc_error *err)
{
    struct earlier *e = ctx;
    struct search there = {.found = 0};
    char path[FILE_PATH_MAX];
    bool ok = file_path(e->run, earlier->path, path, err)
              && look_in(manifest_open_earlier(e->run, e->ledger, earlier->path, err), e->search->handle, &there, err);

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
    struct ledger *ledger = manifest_open(run, err);
    bool ok = ledger && ledger_each_run(ledger, on_run, &(struct earlier){run, ledger, s, &found}, err);

    ledger_close(ledger);
    if (ok && !*found)
        return error_set(err, TC_IO, run, NULL, "earlier-missing",
                         "the run that issued the certificate is not there: put its folder back where it was");
    memcpy(path, found, sizeof path);
    memcpy(run, path, sizeof path);
    return ok;
}

/* What is valid no more is given out only when it is asked for, and then marked so. */
static bool refuse_void(const struct later_found *found, struct tc_error *err)
{
    const char *way = *found->where ? "" : ", which is not where it was made";

    if (found->state == LATER_CORRECTED)
        return error_set(err, TC_INPUT, found->where, NULL, "corrected",
                         "the certificate is no longer valid: this later run%s holds the corrected one; --even-void gives the old "
                         "one, marked as void",
                         way);
    return error_set(err, TC_INPUT, found->where, NULL, "cancelled",
                     "the certificate is no longer valid: in this later run%s it is cancelled%s%s; --even-void gives it, "
                     "marked as void",
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
        return error_set(err, TC_NOT_FOUND, run, NULL, "certificate-unknown",
                         "no certificate of this run has this personnel number or certificate id; try taxcert find");
    if (s->cancelled == 0)
        return error_set(err, TC_INPUT, run, NULL, "not-cancelled", "the certificate is not cancelled: there is no letter");
    if (s->cancelled > 1)
        return error_set(err, TC_USAGE, run, NULL, "several-certificates",
                         "%ld certificates of this person are cancelled: give the id of one, or NUMBER+ID: %s", s->cancelled, s->ids[1]);
    return s->file || error_set(err, TC_INPUT, run, NULL, "no-letter", "the form had no letter yet when this was cancelled");
}

/* The letter, as the last run of the chain has it; issuer is the folder of the run that made it, s->file its place there. */
static bool find_letter(const char *run, const char *handle, struct search *s, char issuer[FILE_PATH_MAX], struct tc_error *err)
{
    struct chain_end end;
    struct ledger *ledger;
    const char *place;
    bool ok;

    if (!chain_find_end(run, &end, err) || !(ledger = manifest_open(end.path, err)))
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

bool reprint_log(const char *issuer, const char *event, const char *id, const char *reason, const struct tc_reprint_options *options,
                 struct tc_error *err)
{
    if (options->journal)
        return events_add_elsewhere(options->journal, issuer, &(struct event){event, id, reason}, err);
    return events_add(issuer, event, id, reason, err);
}

/* What was logged and then could not be given out is told so in the log too. */
static bool give(const char *issuer, const struct tc_reprint_options *options, const struct search *s, const struct buf *data,
                 struct tc_reprinted *result, struct tc_error *err)
{
    struct tc_error ignored = {0};
    char sums[HASH_HEX + 1], seal[HASH_HEX + 1];

    /* The seal first: what fails behind the file would tell of nothing given out. */
    if (!events_seal_closed(issuer, sums, seal, err) || !deliver(options, result, data, err)) {
        reprint_log(issuer, "failed", s->id, "what the event before says was not given out", options, &ignored);
        return false;
    }
    memcpy(result->seal, seal, sizeof result->seal);
    return true;
}

/* What is to be given out, and how it is logged. */
struct looked {
    struct search search;
    char issuer[FILE_PATH_MAX]; /* the run that issued it */
    struct buf data;            /* the issued bytes, proved */
    unsigned mark;
    const char *event;
};

static void drop_looked(struct looked *l)
{
    buf_free(&l->data);
    drop_search(&l->search);
}

static bool look_for_letter(const char *run, const char *handle, const struct tc_reprint_options *options, struct looked *l,
                            struct tc_error *err)
{
    l->event = "letter-given";
    if (options->duplicate || options->even_void)
        return error_set(err, TC_USAGE, NULL, NULL, "letter",
                         "a letter is given out as it was made: leave --duplicate and --even-void out");
    return find_letter(run, handle, &l->search, l->issuer, err);
}

static bool look_for_certificate(const char *run, const char *handle, const struct tc_reprint_options *options, struct looked *l,
                                 struct tc_reprinted *result, struct tc_error *err)
{
    if (!find_certificate(run, handle, options->even_void, &l->search, l->issuer, result, err))
        return false;
    l->mark = (options->duplicate ? MARK_DUPLICATE : 0) | (result->corrected || result->cancelled ? MARK_VOID : 0);
    l->event = l->mark & MARK_VOID ? "void-copied" : l->mark ? "duplicated" : "reprinted";
    return true;
}

/* Nothing is logged or given out yet. */
static bool look(const char *run, const char *handle, const struct tc_reprint_options *options, struct looked *l,
                 struct tc_reprinted *result, struct tc_error *err)
{
    *result = (struct tc_reprinted){.same = true};
    *l = (struct looked){.mark = 0};
    return folder_is_run(run, err)
           && (options->letter ? look_for_letter(run, handle, options, l, err) : look_for_certificate(run, handle, options, l, result, err))
           && read_issued(l->issuer, &l->search, &l->data, err) && find_place(options, &l->search, l->mark, result, err);
}

bool reprint_look(const char *run, const char *handle, const struct tc_reprint_options *options, struct reprint_found *found,
                  struct tc_error *err)
{
    struct tc_reprinted result;
    struct looked l;
    bool ok = look(run, handle, options, &l, &result, err);

    if (ok) {
        memcpy(found->issuer, l.issuer, sizeof found->issuer);
        memcpy(found->id, l.search.id, sizeof found->id);
        memcpy(found->file, result.file, sizeof found->file);
        found->event = l.event;
        found->data = l.data;
        l.data = (struct buf){0};
    }
    drop_looked(&l);
    return ok;
}

/* Where no name is given it is the certificate's, here. */
static bool may_write(const struct tc_reprint_options *options, struct tc_error *err)
{
    const char *output = options->output;

    if (options->journal && !outside_output(options->journal, &output, 1, err))
        return false;
    if (!output)
        return outside_runs(options->folder ? options->folder : "here", err);
    return !strcmp(output, "-") || outside_output(output, NULL, 0, err);
}

bool reprint_reason(const char *reason, struct tc_error *err)
{
    return !reason || (text_is_utf8(reason) && !text_is_blank(reason))
           || error_set(err, TC_USAGE, NULL, NULL, "reason",
                        "the reason must be text in UTF-8 without invisible characters, and must not be empty");
}

enum tc_code tc_reprint(const char *run, const char *handle, const struct tc_reprint_options *options, struct tc_reprinted *result,
                        struct tc_error *err)
{
    struct looked l = {.mark = 0};
    struct buf copy = {0};

    error_reset(err);
    *result = (struct tc_reprinted){.same = true};
    if (reprint_reason(options->reason, err) && may_write(options, err) && look(run, handle, options, &l, result, err)
        && (!l.mark || duplicate(l.issuer, options, &l.search, l.mark, &copy, &result->same, err))
        && reprint_log(l.issuer, l.event, l.search.id, options->reason, options, err))
        give(l.issuer, options, &l.search, l.mark ? &copy : &l.data, result, err);
    buf_free(&copy);
    drop_looked(&l);
    return err->code;
}
