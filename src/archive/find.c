/* HR: who is it? Certificates by name, personnel number or whatever else the form names. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fold.h"
#include "base/text.h"
#include "certificate/canonical.h"
#include "store/stored_run.h"

#define WORDS_MAX 8

struct find {
    struct stored_run archive;
    FILE *to;
    bool json;
    const char *number; /* the text, where it may be a personnel number */
    long found;
    struct arena arena; /* the record in hand */
    struct buf text;
};

/* What the form tells people apart by. */
static void add_fields(struct find *f, const struct record *record)
{
    const struct template *t = f->archive.template;
    const char *between = "";

    for (size_t i = 0; i < t->field_count; i++) {
        if (!t->fields[i].find || !record->values[i].present)
            continue;
        buf_puts(&f->text, between);
        if (f->json)
            buf_add(&f->text, t->fields[i].key, t->fields[i].key_length);
        if (f->json)
            buf_quote(&f->text, record->values[i].text);
        else
            text_show(&f->text, record->values[i].text);
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

static bool on_entry(void *ctx, const struct ledger_entry *entry, struct tc_error *err)
{
    struct find *f = ctx;
    const char *file = entry->file ? entry->file : "", *id = entry->id ? entry->id : "", *establishment;
    const char *state = ledger_state_name(entry->state);
    struct record record;
    struct trail trail;

    f->found++;
    f->text.length = 0;
    arena_reset(&f->arena);
    if (entry->record && !stored_run_read(&f->archive, entry, &f->arena, &establishment, &record, &trail, err))
        return false;
    add_head(f, (const char *const[]){entry->personnel_number ? entry->personnel_number : "", id, state, file});
    if (entry->record)
        add_fields(f, &record);
    buf_puts(&f->text, f->json ? "}}\n" : "\n");
    if (f->text.failed)
        return error_memory(err);
    fwrite(f->text.data, 1, f->text.length, f->to);
    return true;
}

static bool on_person(void *ctx, const char *personnel_number, const char *reason, struct tc_error *err)
{
    struct find *f = ctx;

    (void)err;
    if (!f->number || strcmp(personnel_number, f->number) != 0)
        return true;
    f->found++;
    f->text.length = 0;
    if (f->json)
        text_quote(&f->text, reason ? reason : "");
    else
        text_show(&f->text, reason ? reason : "");
    buf_add(&f->text, "", 1);
    if (f->text.failed)
        return error_memory(err);
    fprintf(f->to, f->json ? "{\"personnel_number\":\"%s\",\"state\":\"none\",\"reason\":%s}\n" : "%s\t\tnone\t\t%s\n", personnel_number,
            f->text.data);
    return true;
}

/* Cuts folded text into its words: how many. */
static size_t cut(char *folded, const char **words)
{
    size_t count = 0;
    char *rest;

    for (char *word = strtok_r(folded, " ", &rest); word && count <= WORDS_MAX; word = strtok_r(NULL, " ", &rest))
        words[count++] = word;
    return count;
}

enum tc_code tc_find(const char *run, const char *text, bool json, FILE *to, struct tc_error *err)
{
    struct find f = {.to = to, .json = json, .number = text_is_handle(text) ? text : NULL};
    const char *words[WORDS_MAX + 1];
    struct buf folded = {0};
    size_t count = 0;

    error_reset(err);
    if (text_is_utf8(text)) {
        fold_add(&folded, text);
        buf_add(&folded, "", 1);
        count = folded.failed ? 0 : cut(folded.data, words);
    }
    if (folded.failed)
        error_memory(err);
    else if (count == 0 || count > WORDS_MAX)
        error_set(err, TC_USAGE, NULL, NULL, "words", "1 to %d words of letters or digits are needed", WORDS_MAX);
    else if (stored_run_open(&f.archive, run, err) && ledger_search(f.archive.ledger, words, count, on_entry, &f, err)
             && ledger_each_person(f.archive.ledger, on_person, &f, err) && f.found == 0)
        error_set(err, TC_INPUT, run, NULL, "nobody",
                  "nobody in this run has all these words; whose certificate could not be read is found by personnel number only");
    if ((!err->code || err->code == TC_INPUT) && fflush(to) != 0)
        error_set(err, TC_IO, NULL, NULL, "write", "the output cannot be written");
    buf_free(&folded);
    buf_free(&f.text);
    arena_free(&f.arena);
    stored_run_close(&f.archive);
    return err->code;
}
