/* What was changed after the year's first run: a row for every line that is another one now, old and new. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "book/state.h"

enum { C_NUMBER, C_CERTIFICATE, C_CHANGE, C_ISSUED, C_LINE, C_BEFORE, C_AFTER, C_DIFFERENCE, C_REASON, C_INDEX, COLUMNS };

bool corrections_open(struct summary *s, struct tc_error *err)
{
    const char *const *l = s->plan->heads;
    const struct table_column heads[COLUMNS] = {[C_NUMBER] = {summary_number_title(s), 13, false, false},
                                                [C_CERTIFICATE] = {l[LABEL_CERTIFICATE], 18, false, false},
                                                [C_CHANGE] = {l[LABEL_CHANGE], 12, false, false},
                                                [C_ISSUED] = {l[LABEL_ISSUE_DATE], 13, false, false},
                                                [C_LINE] = {l[LABEL_LINE], 40, false, false},
                                                [C_BEFORE] = {l[LABEL_BEFORE], 17, false, false},
                                                [C_AFTER] = {l[LABEL_AFTER], 17, false, false},
                                                [C_DIFFERENCE] = {l[LABEL_DIFFERENCE], 14, false, false},
                                                [C_REASON] = {l[LABEL_REASON], 40, false, false},
                                                [C_INDEX] = {l[LABEL_INDEX], 8, true, false}};
    struct table_column *kept = arena_alloc(&s->arena, sizeof heads);

    if (!kept)
        return error_memory(err);
    memcpy(kept, heads, sizeof heads);
    s->corrections = (struct sheet_rows){.title = s->plan->titles[SHEET_CORRECTIONS], .heads = kept, .column_count = COLUMNS, .frozen = 2};
    return sheets_open(s, &s->corrections, err);
}

void corrections_sum(struct summary *s, struct buf *out, size_t column)
{
    char number[24];
    const struct formula_if condition = {C_INDEX, number};

    snprintf(number, sizeof number, "%zu", column + 1);
    formula_sum_if(out, &s->corrections, C_DIFFERENCE, &condition, 1);
}

/* Both amounts of a row that has an index. */
static void add_to_area(struct summary *s, const struct value *before, const struct value *after)
{
    if ((before->present && !money_add(&s->areas[SHEET_CORRECTIONS], before->number))
        || (after->present && !money_add(&s->areas[SHEET_CORRECTIONS], after->number)))
        s->area_lost[SHEET_CORRECTIONS] = true;
}

void corrections_area(struct summary *s, struct buf *out)
{
    const struct formula_if condition = {C_INDEX, "\">0\""};

    formula_sum_if(out, &s->corrections, C_BEFORE, &condition, 1);
    buf_puts(out, "+");
    formula_sum_if(out, &s->corrections, C_AFTER, &condition, 1);
}

/* The row's difference, live, as the sheet's next row has it. */
static bool set_difference(struct summary *s, const struct value *before, const struct value *after, struct cell *cell, int field)
{
    uint32_t row = s->corrections.counts[s->corrections.sheet_count - 1] + 2;
    int64_t sum = after->present ? after->number : 0;
    char from[4], to[4];

    if (before->present && !money_add(&sum, -before->number))
        return false;
    *cell = (struct cell){.kind = CELL_FORMULA, .number = sum, .digits = s->t->fields[field].digits};
    xlsx_column(C_BEFORE, from);
    xlsx_column(C_AFTER, to);
    cell->text = arena_printf(&s->arena, "=ROUND(%s%" PRIu32 "-%s%" PRIu32 ",%d)", to, row, from, row, cell->digits);
    return cell->text && money_add(&s->changed[field], sum);
}

static bool write_column(struct summary *s, size_t i, const struct record *before, const struct record *after, struct cell *cells,
                         struct tc_error *err)
{
    static const struct value absent;
    const struct plan_column *c = &s->plan->columns[i];
    const struct field *f = &s->t->fields[c->field];
    const struct value *old = before ? &before->values[c->field] : &absent, *new = after ? &after->values[c->field] : &absent;
    char rooms[2][16];

    if (record_same_value(f, old, new)
        || ((!before || !after) && f->type != FIELD_MONEY)) /* of one that is new or void the amounts are enough */
        return true;
    cells[C_LINE] = summary_text(c->title);
    cells[C_BEFORE] = summary_value(s, c, old, rooms[0]);
    cells[C_AFTER] = summary_value(s, c, new, rooms[1]);
    cells[C_DIFFERENCE] = (struct cell){.kind = CELL_EMPTY};
    cells[C_INDEX] = (struct cell){.kind = f->type == FIELD_MONEY ? CELL_COUNT : CELL_EMPTY, .number = (int64_t)i + 1};
    if (f->type == FIELD_MONEY && !sheets_room(s, &s->corrections, err))
        return false;
    if (f->type == FIELD_MONEY)
        add_to_area(s, old, new);
    if (f->type == FIELD_MONEY && !set_difference(s, old, new, &cells[C_DIFFERENCE], c->field))
        return s->arena.failed ? error_memory(err)
                               : error_set(err, TC_INPUT, NULL, NULL, "amount-range",
                                           "the total of a line is too large; check the amounts of the data");
    return sheets_row(s, &s->corrections, cells, err);
}

static const struct value nothing;

/* One value, old and new, where they are others. */
static bool write_values(struct summary *s, const struct plan_change *c, const char *title, const struct value *old,
                         const struct value *new, struct cell *cells, struct tc_error *err)
{
    const struct plan_column as = {.field = c->field, .values = c->values};
    char rooms[2][16];

    if (record_same_value(&s->t->fields[c->field], old, new))
        return true;
    cells[C_LINE] = summary_text(title);
    cells[C_BEFORE] = summary_value(s, &as, old, rooms[0]);
    cells[C_AFTER] = summary_value(s, &as, new, rooms[1]);
    cells[C_INDEX] = (struct cell){.kind = CELL_EMPTY};
    if (s->t->fields[c->field].type == FIELD_MONEY) { /* of no column */
        cells[C_INDEX] = (struct cell){.kind = CELL_COUNT, .number = (int64_t)s->plan->column_count + 1};
        add_to_area(s, old, new);
    }
    return sheets_row(s, &s->corrections, cells, err);
}

static const struct value *cell_of(const struct template *t, const struct plan_change *c, const struct record *record, size_t row)
{
    const struct group *group = &t->groups[c->group];
    const struct rows *rows = &record->groups[c->group];

    return row < rows->count ? &rows->cells[row * group->count + ((size_t)c->field - group->first)] : &nothing;
}

/* A column of a group, row by row. */
static bool write_column_of_group(struct summary *s, const struct plan_change *c, const struct record *before, const struct record *after,
                                  struct cell *cells, struct tc_error *err)
{
    size_t olds = before->groups[c->group].count, news = after->groups[c->group].count;

    for (size_t row = 0; row < olds || row < news; row++) {
        char title[200];

        snprintf(title, sizeof title, "%.150s (%zu)", c->title, row + 1);
        if (!write_values(s, c, title, cell_of(s->t, c, before, row), cell_of(s->t, c, after, row), cells, err))
            return false;
    }
    return true;
}

/* What the sheets have no columns for: address, features, free rows. */
static bool write_others(struct summary *s, const struct record *before, const struct record *after, struct cell *cells,
                         struct tc_error *err)
{
    for (size_t i = 0; i < s->plan->change_count; i++) {
        const struct plan_change *c = &s->plan->changes[i];
        bool ok = c->group < 0 ? write_values(s, c, c->title, &before->values[c->field], &after->values[c->field], cells, err)
                               : write_column_of_group(s, c, before, after, cells, err);

        if (!ok)
            return false;
    }
    return true;
}

static bool write_sites(struct summary *s, const struct ledger_correction *c, struct cell *cells, struct tc_error *err)
{
    if (!c->site_before || !c->site_after || !strcmp(c->site_before, c->site_after))
        return true;
    cells[C_INDEX] = (struct cell){.kind = CELL_EMPTY};
    cells[C_LINE] = summary_text(s->plan->labels[LABEL_ESTABLISHMENT]);
    cells[C_BEFORE] = summary_text(c->site_before);
    cells[C_AFTER] = summary_text(c->site_after);
    return sheets_row(s, &s->corrections, cells, err);
}

/* Which certificate comes in whose place. */
static bool write_other(struct summary *s, const struct ledger_correction *c, struct cell *cells, struct tc_error *err)
{
    bool late = c->change == LEDGER_LATE;

    cells[C_LINE] = summary_text(s->plan->labels[late ? LABEL_REPLACES : LABEL_REPLACED]);
    cells[C_BEFORE] = summary_text(late ? c->other : c->id);
    cells[C_AFTER] = summary_text(late ? c->id : c->other);
    return sheets_row(s, &s->corrections, cells, err);
}

bool summary_add_correction(struct summary *s, const struct ledger_correction *correction, const struct record *before,
                            const struct record *after, struct tc_error *err)
{
    static const enum label words[LEDGER_CHANGES] = {LABEL_CHANGE_CORRECTION, LABEL_CHANGE_CANCELLATION, LABEL_CHANGE_LATE};
    int32_t date = 0;
    bool dated = date_parse(correction->issued, strlen(correction->issued), &date);
    struct cell cells[COLUMNS] = {[C_NUMBER] = summary_text(correction->personnel_number),
                                  [C_CERTIFICATE] = summary_text(correction->id),
                                  [C_CHANGE] = summary_text(s->plan->labels[words[correction->change]]),
                                  [C_ISSUED] = {.kind = CELL_DATE, .number = date},
                                  [C_REASON] = summary_text(correction->reason)};

    if (!dated)
        return error_set(err, TC_IO, "ledger.db", NULL, "ledger", "an entry of the ledger is damaged");
    s->changes[correction->change]++;
    if (s->corrections.sheet_count == 0)
        return true;
    if (correction->other && !write_other(s, correction, cells, err))
        return false;
    if (correction->other && !after) /* what the one in its place has is told there */
        return true;
    for (size_t i = 0; i < s->plan->column_count; i++)
        if (s->plan->columns[i].kind == COLUMN_FIELD && !write_column(s, i, before, after, cells, err))
            return false;
    cells[C_DIFFERENCE] = cells[C_INDEX] = (struct cell){.kind = CELL_EMPTY};
    return !before || !after || (write_sites(s, correction, cells, err) && write_others(s, before, after, cells, err));
}
