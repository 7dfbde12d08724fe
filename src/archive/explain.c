/* The trail of one certificate: from each line to the wage types and months behind it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/opened.h"
#include "base/text.h"
#include "certificate/canonical.h"
#include "store/handle.h"

struct explain {
    struct stored_run *archive;
    FILE *to;
    const struct tc_words *words;
    bool json;
    long found, unreadable;
    struct arena arena;
    struct buf text; /* one value in JSON */
};

/* As the console writes it, but for JSON. */
static const char *amount(const struct explain *e, int64_t units, char room[2 * MONEY_TEXT])
{
    char plain[MONEY_TEXT];

    money_text(units, e->archive->template->digits, plain);
    if (tc_amount(e->json ? NULL : e->words, plain, room, 2 * MONEY_TEXT) == plain)
        memcpy(room, plain, sizeof plain);
    return room;
}

static const char *quoted(struct explain *e, const char *text)
{
    e->text.length = 0;
    buf_quote(&e->text, text);
    buf_add(&e->text, "", 1);
    return e->text.failed ? "\"\"" : e->text.data;
}

/* A path is whatever a folder is called. */
static const char *shown(struct explain *e, const char *text)
{
    e->text.length = 0;
    text_show(&e->text, text);
    buf_add(&e->text, "", 1);
    return e->text.failed ? "" : e->text.data;
}

/* One wage type's part of a line. */
static void tell_part(struct explain *e, const struct trail_line *line, int sign, const char *comma)
{
    char room[2 * MONEY_TEXT];
    const char *between = "";
    int64_t sum = 0;

    if (e->json) {
        fprintf(e->to, "%s{\"wage_type\":%s", comma, quoted(e, line->wage->name));
        fprintf(e->to, ",\"text\":%s,\"months\":{", quoted(e, line->wage->text));
    } else {
        fprintf(e->to, "    %-8s %-44s", line->wage->name, line->wage->text);
    }
    for (int m = 0; m < TRAIL_MONTHS; m++) {
        if (!(line->booked >> m & 1))
            continue;
        money_add(&sum, sign * line->months[m]); /* the record's reader has added them before */
        if (e->json)
            fprintf(e->to, "%s\"%d\":\"%s\"", between, m + 1, amount(e, sign * line->months[m], room));
        else
            fprintf(e->to, " %02d: %s", m + 1, amount(e, sign * line->months[m], room));
        between = ",";
    }
    fprintf(e->to, e->json ? "},\"sum\":\"%s\"}" : " = %s\n", amount(e, sum, room));
}

/* id and caption: of the line, or of a row of a group. */
static void tell_line(struct explain *e, int field, const char *id, const char *caption, const struct value *v, const struct trail *trail,
                      const char *comma)
{
    const char *between = "";
    char room[2 * MONEY_TEXT];

    if (e->json) {
        fprintf(e->to, "%s{\"line\":%s", comma, quoted(e, id));
        fprintf(e->to, ",\"caption\":%s,\"amount\":\"%s\",\"entries\":[", quoted(e, caption), amount(e, v->number, room));
    } else {
        fprintf(e->to, "  %-54s %14s\n", caption, amount(e, v->number, room));
    }
    for (size_t i = 0; i < trail->count; i++)
        for (int k = 0; k < trail->lines[i].wage->count; k++)
            if (trail->lines[i].wage->fields[k] == field) {
                tell_part(e, &trail->lines[i], trail->lines[i].wage->signs[k], between);
                between = ",";
            }
    if (e->json)
        fputs("]}", e->to);
}

/* The amounts of a group's column, row by row. */
static void tell_rows(struct explain *e, const struct plan_column *column, const struct record *record, const char *comma)
{
    const struct template *t = e->archive->template;
    const struct group *g = &t->groups[column->group];
    const struct rows *rows = &record->groups[column->group];
    const struct trail none = {.count = 0};

    for (size_t row = 0; row < rows->count; row++) {
        const struct value *v = &rows->cells[row * g->count + ((size_t)column->field - g->first)];
        char id[224], caption[224];

        if (!v->present)
            continue;
        snprintf(id, sizeof id, "%.90s/%zu/%.90s", g->id, row, t->fields[column->field].id);
        snprintf(caption, sizeof caption, "%.180s (%zu)", column->title, row + 1);
        tell_line(e, column->field, id, caption, v, &none, comma);
        comma = ",";
    }
}

static bool on_entry(void *ctx, const struct ledger_entry *entry, struct tc_error *err)
{
    struct explain *e = ctx;
    const struct plan *plan = e->archive->plan;
    const char *establishment, *comma = "", *state = ledger_state_name(entry->state);
    struct record record;
    struct trail trail;

    arena_reset(&e->arena);
    if (!entry->record) {
        e->unreadable++;
        return true;
    }
    if (!stored_run_read(e->archive, entry, &e->arena, &establishment, &record, &trail, err))
        return false;
    if (e->json)
        fprintf(e->to, "{\"personnel_number\":\"%s\",\"certificate\":\"%s\",\"state\":\"%s\",\"lines\":[",
                entry->personnel_number ? entry->personnel_number : "", entry->id ? entry->id : "", state);
    else
        fprintf(e->to, "%s %s, %s%s%s\n", entry->personnel_number ? entry->personnel_number : "", entry->id ? entry->id : "",
                tc_word(e->words, state), entry->file ? ", " : "", shown(e, entry->file ? entry->file : ""));
    for (size_t i = 0; i < plan->column_count; i++) {
        int field = plan->columns[i].field;

        if (field < 0 || e->archive->template->fields[field].type != FIELD_MONEY || !record.values[field].present)
            continue;
        if (plan->columns[i].group >= 0)
            tell_rows(e, &plan->columns[i], &record, comma);
        else
            tell_line(e, field, e->archive->template->fields[field].id, plan->columns[i].title, &record.values[field], &trail, comma);
        comma = ",";
    }
    if (e->json)
        fputs("]}\n", e->to);
    return true;
}

enum tc_code tc_run_explain(struct tc_run *run, const char *handle, const struct tc_words *words, bool json, FILE *to, struct tc_error *err)
{
    struct explain e = {.archive = &run->archive, .to = to, .words = words, .json = json};

    error_reset(err);
    if (handle_find(e.archive->ledger, handle, on_entry, &e, &e.found, err) && e.found == 0)
        error_set(err, TC_NOT_FOUND, run->folder, NULL, "certificate-unknown",
                  "no certificate of this run has this personnel number or certificate id; try taxcert find");
    if (!err->code && e.unreadable > 0)
        error_set(err, TC_INPUT, run->folder, NULL, "held",
                  "%ld of %ld certificates were held back and could not be read; see the workbook for the findings", e.unreadable, e.found);
    if (e.text.failed)
        error_memory(err);
    if ((!err->code || err->code == TC_INPUT) && fflush(to) != 0)
        error_set(err, TC_IO, NULL, NULL, "write", "the output cannot be written");
    buf_free(&e.text);
    arena_free(&e.arena);
    return err->code;
}

enum tc_code tc_explain(const char *run, const char *handle, const struct tc_words *words, bool json, FILE *to, struct tc_error *err)
{
    struct tc_run *opened = tc_run_open(run, err);
    enum tc_code code = opened ? tc_run_explain(opened, handle, words, json, to, err) : err->code;

    tc_run_close(opened);
    return code;
}
