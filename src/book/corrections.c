/* What was changed after the year's first run: a row for every line that is another one now, old and new. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "book/state.h"

enum { C_NUMBER, C_CERTIFICATE, C_CHANGE, C_ISSUED, C_LINE, C_BEFORE, C_AFTER, C_DIFFERENCE, C_REASON, C_INDEX, COLUMNS };

bool corrections_open(struct summary *s, struct tc_error *err)
{
    const char *const *l = s->plan->labels;
    const struct table_column heads[COLUMNS] = {
        [C_NUMBER] = {summary_number_title(s), 16, false}, [C_CERTIFICATE] = {l[LABEL_CERTIFICATE], 20, false},
        [C_CHANGE] = {l[LABEL_CHANGE], 12, false}, [C_ISSUED] = {l[LABEL_ISSUED_ON], 18, false}, [C_LINE] = {l[LABEL_LINE], 48, false},
        [C_BEFORE] = {l[LABEL_BEFORE], 20, false}, [C_AFTER] = {l[LABEL_AFTER], 20, false}, [C_DIFFERENCE] = {l[LABEL_DIFFERENCE], 16, false},
        [C_REASON] = {l[LABEL_REASON], 70, false}, [C_INDEX] = {l[LABEL_INDEX], 8, true}};
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

static bool is_same(const struct field *f, const struct value *a, const struct value *b)
{
    if (!a->present || !b->present)
        return a->present == b->present;
    return f->type == FIELD_TEXT || f->type == FIELD_LETTERS ? !strcmp(a->text, b->text) : a->number == b->number;
}

/* Whether rows such as deduction features are others, of which the sheet has no columns. */
static bool has_other_rows(const struct template *t, const struct record *before, const struct record *after)
{
    for (size_t g = 0; g < t->group_count; g++) {
        const struct group *group = &t->groups[g];

        if (before->groups[g].count != after->groups[g].count)
            return true;
        for (size_t i = 0; i < before->groups[g].count * group->count; i++)
            if (!is_same(&t->fields[group->first + i % group->count], &before->groups[g].cells[i], &after->groups[g].cells[i]))
                return true;
    }
    return false;
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
    static const struct value nothing;
    const struct plan_column *c = &s->plan->columns[i];
    const struct field *f = &s->t->fields[c->field];
    const struct value *old = before ? &before->values[c->field] : &nothing, *new = after ? &after->values[c->field] : &nothing;
    char rooms[2][16];

    if (is_same(f, old, new) || ((!before || !after) && f->type != FIELD_MONEY)) /* of one that is new or void the amounts are enough */
        return true;
    cells[C_LINE] = summary_text(c->title);
    cells[C_BEFORE] = summary_value(s, c, old, rooms[0]);
    cells[C_AFTER] = summary_value(s, c, new, rooms[1]);
    cells[C_DIFFERENCE] = (struct cell){.kind = CELL_EMPTY};
    cells[C_INDEX] = (struct cell){.kind = CELL_COUNT, .number = (int64_t)i + 1};
    if (f->type == FIELD_MONEY && !sheets_room(s, &s->corrections, err))
        return false;
    if (f->type == FIELD_MONEY && !set_difference(s, old, new, &cells[C_DIFFERENCE], c->field))
        return s->arena.failed ? error_memory(err) : error_set(err, TC_INPUT, NULL, NULL, "amount-range", "the total of a line is too large");
    return sheets_row(s, &s->corrections, cells, err);
}

bool summary_add_correction(struct summary *s, const struct ledger_correction *correction, const struct record *before,
                            const struct record *after, struct tc_error *err)
{
    static const enum label words[LEDGER_CHANGES] = {LABEL_CHANGE_CORRECTION, LABEL_CHANGE_CANCELLATION, LABEL_CHANGE_LATE};
    int32_t date = 0;
    bool dated = date_parse(correction->issued, strlen(correction->issued), &date);
    struct cell cells[COLUMNS] = {[C_NUMBER] = summary_text(correction->personnel_number), [C_CERTIFICATE] = summary_text(correction->id),
                                  [C_CHANGE] = summary_text(s->plan->labels[words[correction->change]]),
                                  [C_ISSUED] = {.kind = CELL_DATE, .number = date}, [C_REASON] = summary_text(correction->reason)};

    if (!dated)
        return error_set(err, TC_IO, "ledger.db", NULL, "ledger", "an entry of the ledger is damaged");
    s->changes[correction->change]++;
    if (s->corrections.sheet_count == 0)
        return true;
    for (size_t i = 0; i < s->plan->column_count; i++)
        if (s->plan->columns[i].kind == COLUMN_FIELD && !write_column(s, i, before, after, cells, err))
            return false;
    if (!before || !after || !has_other_rows(s->t, before, after))
        return true;
    cells[C_LINE] = summary_text(s->plan->labels[LABEL_OTHER_ROWS]);
    cells[C_BEFORE] = cells[C_AFTER] = cells[C_DIFFERENCE] = cells[C_INDEX] = (struct cell){.kind = CELL_EMPTY};
    return sheets_row(s, &s->corrections, cells, err);
}
