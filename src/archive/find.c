/* HR: who is it? Certificates by name, personnel number or whatever else the form names. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/collection.h"
#include "archive/later.h"
#include "archive/opened.h"
#include "base/date.h"
#include "base/fold.h"
#include "base/text.h"
#include "certificate/canonical.h"
#include "store/folder.h"

#define WORDS_MAX 8

struct find {
    const char *run;
    bool tells_run; /* each line says which run it is of */
    struct stored_run *archive;
    struct later later;
    const char *issued; /* the run's day */
    FILE *to;
    const struct tc_words *words;
    bool json;
    const char *number; /* the text, where it may be the personnel number of somebody without a certificate who was not found yet */
    long found;
    struct arena arena; /* the record in hand */
    struct buf text;
};

/* What the form tells people apart by. */
static void add_fields(struct find *f, const struct record *record)
{
    const struct template *t = f->archive->template;
    const char *between = "", *text;
    char day[DATE_LENGTH + 1];

    for (size_t i = 0; i < t->field_count; i++) {
        if (!t->fields[i].find || !record->values[i].present)
            continue;
        text = record->values[i].text;
        if (t->fields[i].type == FIELD_DATE) {
            date_text((int32_t)record->values[i].number, day);
            text = day;
        }
        buf_puts(&f->text, between);
        if (f->json)
            buf_add(&f->text, t->fields[i].key, t->fields[i].key_length);
        if (f->json)
            buf_quote(&f->text, text);
        else
            text_show(&f->text, text);
        between = f->json ? "," : " ";
    }
}

/* Who it is and where the PDF is. A path is whatever the run's folder is called. */
static void add_head(struct find *f, const char *const values[4])
{
    static const char *const keys[4] = {"personnel_number", "certificate", "state", "file"};

    buf_puts(&f->text, f->json ? "{" : "");
    for (int i = 0; i < 4; i++) {
        if (f->json) {
            buf_quote(&f->text, keys[i]);
            buf_puts(&f->text, ":");
            text_quote(&f->text, values[i]);
        } else {
            text_show(&f->text, values[i]);
        }
        buf_puts(&f->text, f->json ? "," : "\t");
    }
    buf_puts(&f->text, f->json ? "\"fields\":{" : "");
}

/* What a later run made of it, and which run holds what it replaced. */
struct fate {
    struct later_found later;
    char replaced[FILE_PATH_MAX];
};

static bool find_fate(struct find *f, const struct ledger_entry *entry, struct fate *fate, struct tc_error *err)
{
    const char *at = folder_find_certificate(entry->file);
    char folder[FILE_PATH_MAX], issuer[FILE_PATH_MAX];

    fate->later = (struct later_found){.state = LATER_VALID};
    *fate->replaced = '\0';
    if (entry->state != LEDGER_ISSUED || !at)
        return true;
    snprintf(folder, sizeof folder, "%.*s", at > entry->file ? (int)(at - entry->file) - 1 : 0, entry->file);
    return later_find(&f->later, entry->id, entry->hash, &fate->later, err)
           && (entry->corrects == 0 || (file_path(f->run, folder, issuer, err) && later_replaced(issuer, entry->id, fate->replaced, err)));
}

static const char *state_name(const struct find *f, const struct ledger_entry *entry, const struct fate *fate)
{
    const char *name = fate->later.state == LATER_CORRECTED   ? "corrected"
                       : fate->later.state == LATER_CANCELLED ? ledger_state_name(LEDGER_CANCELLED)
                                                              : ledger_state_name(entry->state);

    return f->json ? name : tc_word(f->words, name);
}

/* "" where the record has no such day. */
static const char *day(const struct find *f, const struct record *record, int end, char room[DATE_LENGTH + 1])
{
    int field = f->archive->template->period[end];

    *room = '\0';
    if (record && field >= 0 && record->values[field].present)
        date_text((int32_t)record->values[field].number, room);
    return room;
}

/* word: in front of it, where a line is printed. */
static void add_text(struct find *f, const char *before, const char *word, const char *key, const char *text)
{
    buf_puts(&f->text, before);
    if (!f->json && *word)
        buf_printf(&f->text, "%s ", tc_word(f->words, word));
    if (!f->json) {
        text_show(&f->text, text);
        return;
    }
    buf_quote(&f->text, key);
    buf_puts(&f->text, ":");
    text_quote(&f->text, text);
}

/* Period, establishment, day of issue, and what it has to do with other runs. */
static void add_rest(struct find *f, const struct ledger_entry *entry, const struct record *record, const char *establishment,
                     const struct fate *fate)
{
    char from[DATE_LENGTH + 1], to[DATE_LENGTH + 1];
    const char *between = f->json ? "," : "\t";

    add_text(f, between, "", "from", day(f, record, 0, from));
    add_text(f, between, "", "to", day(f, record, 1, to));
    add_text(f, between, "", "establishment", establishment);
    add_text(f, between, "", "issue_date", entry->state == LEDGER_HELD ? "" : entry->issued ? entry->issued : f->issued);
    if (!f->json)
        buf_puts(&f->text, "\t");
    if (fate->later.state != LATER_VALID) {
        bool corrected = fate->later.state == LATER_CORRECTED;
        const char *where = *fate->later.where ? fate->later.where : "?";

        add_text(f, f->json ? "," : "", corrected ? "corrected by" : "cancelled by", corrected ? "corrected_by" : "cancelled_by", where);
    }
    if (*fate->later.other)
        add_text(f, f->json ? "," : ", ", "in its place", "in_its_place", fate->later.other);
    if (*fate->replaced)
        add_text(f, f->json ? "," : fate->later.state != LATER_VALID ? ", " : "", "corrects", "corrects", fate->replaced);
}

/* Of a folder of several runs. */
static void add_run(struct find *f)
{
    if (f->tells_run)
        add_text(f, f->json ? "," : "\t", "", "run", f->run);
}

static bool on_entry(void *ctx, const struct ledger_entry *entry, struct tc_error *err)
{
    struct find *f = ctx;
    const char *file = entry->file ? entry->file : "", *id = entry->id ? entry->id : "", *establishment = "";
    struct record record;
    struct trail trail;
    struct fate fate;

    f->found++;
    f->text.length = 0;
    arena_reset(&f->arena);
    if ((entry->record && !stored_run_read(f->archive, entry, &f->arena, &establishment, &record, &trail, err))
        || !find_fate(f, entry, &fate, err))
        return false;
    add_head(f, (const char *const[]){entry->personnel_number ? entry->personnel_number : "", id, state_name(f, entry, &fate), file});
    if (entry->record)
        add_fields(f, &record);
    buf_puts(&f->text, f->json ? "}" : "");
    add_rest(f, entry, entry->record ? &record : NULL, establishment, &fate);
    add_run(f);
    buf_puts(&f->text, f->json ? "}\n" : "\n");
    if (f->text.failed)
        return error_memory(err);
    fwrite(f->text.data, 1, f->text.length, f->to);
    return true;
}

/* Somebody without a certificate, with the reason where a certificate says what later runs made of it. */
static bool on_person(void *ctx, const struct ledger_person *person, struct tc_error *err)
{
    struct find *f = ctx;
    struct record record;

    f->found++;
    if (f->number && !strcmp(f->number, person->personnel_number))
        f->number = NULL;
    f->text.length = 0;
    arena_reset(&f->arena);
    if (person->record && !canonical_record(f->archive->template, person->record, &f->arena, &record, err))
        return false;
    buf_printf(&f->text, f->json ? "{\"personnel_number\":\"%s\",\"state\":\"%s\",\"fields\":{" : "%s\t\t%s\t\t", person->personnel_number,
               f->json ? "none" : tc_word(f->words, "none"));
    if (person->record)
        add_fields(f, &record);
    add_text(f, f->json ? "}," : "\t\t\t\t\t", "", "reason", person->reason ? person->reason : "");
    add_run(f);
    buf_puts(&f->text, f->json ? "}\n" : "\n");
    if (f->text.failed)
        return error_memory(err);
    fwrite(f->text.data, 1, f->text.length, f->to);
    return true;
}

static enum tc_code search(struct tc_run *run, const char *text, const struct tc_words *words, bool json, bool tells_run, FILE *to,
                           struct tc_error *err)
{
    struct find f = {.run = run->folder,
                     .tells_run = tells_run,
                     .archive = &run->archive,
                     .to = to,
                     .words = words,
                     .json = json,
                     .number = text_is_handle(text) ? text : NULL};
    const char *wanted[WORDS_MAX];
    struct buf folded = {0};
    size_t count = 0;

    error_reset(err);
    if (text_is_utf8(text)) {
        fold_add(&folded, text);
        buf_add(&folded, "", 1);
        count = folded.failed ? 0 : fold_cut(folded.data, wanted, WORDS_MAX);
    }
    if (folded.failed)
        error_memory(err);
    else if (count == 0 || count > WORDS_MAX)
        error_set(err, TC_USAGE, NULL, NULL, "words", "1 to %d words of letters or digits must be given", WORDS_MAX);
    else if (later_open(&f.later, f.run, err) && (f.issued = stored_run_fact(f.archive, "issue_date", err)) != NULL
             && ledger_search(f.archive->ledger, wanted, count, on_entry, on_person, &f, err)
             && (!f.number || ledger_find_person(f.archive->ledger, f.number, on_person, &f, err)) && f.found == 0)
        error_set(err, TC_NOT_FOUND, f.run, NULL, "nobody",
                  "nobody found with all these words (unreadable certificates: by personnel number only)");
    if ((!err->code || err->code == TC_NOT_FOUND) && fflush(to) != 0)
        error_set(err, TC_IO, NULL, NULL, "write", "the output cannot be written");
    buf_free(&folded);
    buf_free(&f.text);
    arena_free(&f.arena);
    later_close(&f.later);
    return err->code;
}

enum tc_code tc_run_find(struct tc_run *run, const char *text, const struct tc_words *words, bool json, FILE *to, struct tc_error *err)
{
    return search(run, text, words, json, false, to, err);
}

enum tc_code tc_find(const char *run, const char *text, const struct tc_words *words, bool json, FILE *to, struct tc_error *err)
{
    struct tc_run *opened = tc_run_open(run, err);
    enum tc_code code = opened ? tc_run_find(opened, text, words, json, to, err) : err->code;

    tc_run_close(opened);
    return code;
}

/* Nobody in one of several runs is no mistake. */
enum tc_code tc_archive_find(struct tc_archive *archive, const char *text, const struct tc_words *words, bool json, FILE *to,
                             struct tc_error *err)
{
    size_t found = 0;

    error_reset(err);
    for (size_t i = 0; i < tc_archive_count(archive) && !err->code; i++) {
        const struct tc_archive_run *told = tc_archive_get(archive, i);
        struct tc_run *run = told->last ? tc_run_open(told->folder, err) : NULL;

        if (run && search(run, text, words, json, !tc_archive_is_run(archive), to, err) == TC_OK)
            found++;
        else if (!strcmp(err->rule, "nobody") && !tc_archive_is_run(archive))
            error_reset(err);
        tc_run_close(run);
    }
    if (!err->code && found == 0 && collection_all_read(archive, err))
        error_set(err, TC_NOT_FOUND, NULL, NULL, "nobody", "nobody found in these runs with all these words");
    return err->code;
}
