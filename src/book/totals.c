/* Sums by group: tax office, site, kind of employment and what else summary.json names. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "book/state.h"

#define COLUMNS 5 /* before the control lines */

static uint64_t hash_key(const char *key)
{
    uint64_t hash = 0xCBF29CE484222325u;

    for (; *key; key++)
        hash = (hash ^ (unsigned char)*key) * 0x100000001B3u;
    return hash ^ hash >> 32;
}

static bool grow(struct tally *t)
{
    size_t capacity = t->capacity ? 2 * t->capacity : 64, size = 2 * capacity;
    struct tally_entry *entries = realloc(t->entries, capacity * sizeof *entries);
    uint32_t *table = entries ? calloc(size, sizeof *table) : NULL;

    if (entries)
        t->entries = entries;
    if (!table)
        return false;
    for (size_t i = 0; i < t->count; i++) {
        size_t at = hash_key(entries[i].key) & (size - 1);

        while (table[at])
            at = (at + 1) & (size - 1);
        table[at] = (uint32_t)i + 1;
    }
    free(t->table);
    t->table = table;
    t->table_size = size;
    t->capacity = capacity;
    return true;
}

/* The entry of this key, new where there is none; NULL when memory ran out. */
static struct tally_entry *find(struct summary *s, struct tally *t, const char *key, const char *text)
{
    size_t at;
    struct tally_entry *e;

    if (t->count == t->capacity && !grow(t))
        return NULL;
    at = hash_key(key) & (t->table_size - 1);
    while (t->table[at]) {
        e = &t->entries[t->table[at] - 1];
        if (!strcmp(e->key, key))
            return e;
        at = (at + 1) & (t->table_size - 1);
    }
    e = &t->entries[t->count];
    *e = (struct tally_entry){.key = arena_copy(&s->arena, key, strlen(key)),
                              .text = arena_copy(&s->arena, text, strlen(text)),
                              .number = (int)t->count + 1,
                              .sums = arena_array(&s->arena, s->control_count + 1, sizeof *e->sums)};
    if (!e->key || !e->text || !e->sums)
        return NULL;
    t->table[at] = (uint32_t)++t->count;
    return e;
}

static const char *text_of(const struct record *record, int field)
{
    return field >= 0 && record->values[field].present ? record->values[field].text : "";
}

bool tally_add(struct summary *s, const struct record *record, int *numbers, struct tc_error *err)
{
    for (size_t g = 0; g < s->plan->group_count; g++) {
        const struct plan_group *group = &s->plan->groups[g];
        const char *key = text_of(record, group->field);
        struct tally_entry *e = find(s, &s->tallies[g], key,
                                     group->text >= 0 ? text_of(record, group->text)
                                     : group->values  ? plan_word(s->t, group->values, key)
                                                      : "");

        if (!e)
            return error_memory(err);
        e->count++;
        for (size_t i = 0; i < s->control_count; i++) {
            const struct value *v = &record->values[s->plan->columns[s->control[i]].field];

            if (v->present && !money_add(&e->sums[i], v->number))
                return error_set(err, TC_INPUT, NULL, NULL, "amount-range",
                                 "the total of a line is too large; check the amounts of the data");
        }
        numbers[g] = e->number;
    }
    return true;
}

void tally_free(struct summary *s)
{
    for (size_t g = 0; s->tallies && g < s->plan->group_count; g++) {
        free(s->tallies[g].entries);
        free(s->tallies[g].table);
    }
}

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct tally_entry *)a)->key, ((const struct tally_entry *)b)->key);
}

static struct cell sum_cell(struct summary *s, size_t i, bool live, const struct tally_entry *e, struct buf *formula,
                            const struct formula_if *condition)
{
    struct cell c = {.kind = CELL_MONEY, .number = e->sums[i], .digits = s->t->digits};

    if (!live)
        return c;
    buf_puts(formula, "=ROUND(");
    formula_sum_if(formula, &s->certificates, s->control[i], condition, 1);
    buf_printf(formula, ",%d)", s->t->digits);
    c.kind = CELL_FORMULA;
    c.text = formula_take(s, formula);
    return c;
}

static bool entry_row(struct summary *s, size_t g, const struct tally_entry *e, bool live, struct cell *cells, struct buf *formula,
                      struct tc_error *err)
{
    const struct plan *p = s->plan;
    char number[24];
    const struct formula_if condition = {summary_tally_column(s, g), number};

    snprintf(number, sizeof number, "$D%" PRIu32, xlsx_rows(s->xlsx, s->single[SHEET_TOTALS]) + 1);
    cells[0] = summary_text(p->groups[g].title);
    cells[1] = summary_text(e->key);
    cells[2] = summary_text(*e->key ? e->text : p->labels[LABEL_NO_GROUP]);
    cells[3] = (struct cell){.kind = CELL_COUNT, .number = e->number};
    cells[4] = (struct cell){.kind = CELL_COUNT, .number = e->count};
    if (live) {
        buf_puts(formula, "=");
        formula_count_if(formula, &s->certificates, condition.column, number);
        cells[4].kind = CELL_FORMULA;
        cells[4].text = formula_take(s, formula);
    }
    for (size_t i = 0; i < s->control_count; i++)
        cells[COLUMNS + i] = sum_cell(s, i, live, e, formula, &condition);
    cells[COLUMNS + s->control_count] = (struct cell){.kind = CELL_EMPTY};
    return xlsx_row(s->xlsx, s->single[SHEET_TOTALS], cells, COLUMNS + s->control_count + 1, err);
}

/* The sum of the group's rows, live, above the control totals as constants, and whether they agree. */
static bool check_rows(struct summary *s, size_t g, uint32_t first, bool live, struct cell *cells, struct tc_error *err)
{
    const struct plan *p = s->plan;
    uint32_t last = xlsx_rows(s->xlsx, s->single[SHEET_TOTALS]), sum = last + 1, control = last + 2;
    size_t columns = s->control_count + 1;
    struct buf condition = {0};
    char letters[4];

    memset(cells, 0, (COLUMNS + columns) * sizeof *cells);
    cells[0] = summary_text(p->groups[g].title);
    cells[2] = summary_text(p->labels[LABEL_SUM]);
    for (size_t i = 0; i < columns; i++) {
        struct cell *c = &cells[COLUMNS - 1 + i];

        xlsx_column((int)(COLUMNS - 1 + i), letters);
        *c = (struct cell){.kind = CELL_FORMULA,
                           .number = i == 0 ? s->issued : s->totals[p->columns[s->control[i - 1]].field],
                           .digits = i == 0 ? 0 : s->t->digits};
        c->text = arena_printf(&s->arena, "=ROUND(SUM(%s%" PRIu32 ":%s%" PRIu32 "),%d)", letters, first, letters, last, c->digits);
        buf_printf(&condition, "%sABS(%s%" PRIu32 "-%s%" PRIu32 ")<%s", i ? "," : "", letters, sum, letters, control, s->tolerance);
    }
    for (size_t i = 0; !live && i < s->control_count; i++) { /* of values the sum says nothing: straight over the certificates too */
        xlsx_column((int)(COLUMNS + i), letters);
        buf_puts(&condition, ",ABS(");
        formula_sum(&condition, &s->certificates, s->control[i]);
        buf_printf(&condition, "-%s%" PRIu32 ")<%s", letters, control, s->tolerance);
    }
    buf_add(&condition, "", 1); /* its end */
    for (size_t i = 0; i < COLUMNS + columns; i++)
        cells[i].style = STYLE_SUM;
    if (condition.failed || s->arena.failed || !xlsx_row(s->xlsx, s->single[SHEET_TOTALS], cells, COLUMNS + columns, err)) {
        buf_free(&condition);
        return err->code ? false : error_memory(err);
    }
    cells[2] = summary_text(p->labels[LABEL_CONTROL]);
    for (size_t i = 0; i < COLUMNS + columns; i++) {
        cells[i].style = STYLE_PLAIN;
        if (cells[i].kind == CELL_FORMULA)
            cells[i].kind = i == COLUMNS - 1 ? CELL_COUNT : CELL_MONEY;
    }
    cells[COLUMNS + s->control_count] = (struct cell){
        .kind = CELL_VERDICT, .cached = p->labels[LABEL_PASSED], .text = summary_verdict(s, "AND(%s)", condition.data)};
    s->group_checks[g] = control;
    buf_free(&condition);
    return (!s->arena.failed || error_memory(err)) && xlsx_row(s->xlsx, s->single[SHEET_TOTALS], cells, COLUMNS + columns, err)
           && xlsx_row(s->xlsx, s->single[SHEET_TOTALS], NULL, 0, err)
           && xlsx_verdicts(s->xlsx, s->single[SHEET_TOTALS], control - 1, control - 1, (int)(COLUMNS + s->control_count), err);
}

int totals_first_row(const struct summary *s, size_t group)
{
    return (int)(s->group_checks[group] - 1 - s->tallies[group].count);
}

bool totals_write(struct summary *s, struct tc_error *err)
{
    struct cell *cells = arena_array(&s->arena, COLUMNS + s->control_count + 2, sizeof *cells);
    struct buf formula = {0};
    bool ok = cells != NULL || error_memory(err);

    for (size_t g = 0; ok && g < s->plan->group_count; g++) {
        struct tally *t = &s->tallies[g];
        uint32_t first = xlsx_rows(s->xlsx, s->single[SHEET_TOTALS]) + 1;

        if (t->count > 0)
            qsort(t->entries, t->count, sizeof *t->entries, by_key);
        for (size_t i = 0; ok && i < t->count; i++)
            ok = entry_row(s, g, &t->entries[i], t->count <= LIVE_GROUPS, cells, &formula, err);
        if (ok && t->count == 0)
            ok = xlsx_row(s->xlsx, s->single[SHEET_TOTALS], NULL, 0, err);
        ok = ok && check_rows(s, g, first, t->count <= LIVE_GROUPS, cells, err);
    }
    buf_free(&formula);
    return ok && (!s->arena.failed || error_memory(err));
}
