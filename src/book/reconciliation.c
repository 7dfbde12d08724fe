/* The reconciliation: what was certified and held back against what was declared, and the declarations it goes by. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "book/state.h"

static struct cell count_cell(int64_t number)
{
    return (struct cell){.kind = CELL_COUNT, .number = number};
}

static struct cell money_cell(const struct summary *s, int64_t number)
{
    return (struct cell){.kind = CELL_MONEY, .number = number, .digits = s->t->digits};
}

static struct cell money_formula(const struct summary *s, int64_t number, const char *text)
{
    return (struct cell){.kind = CELL_FORMULA, .number = number, .digits = s->t->digits, .text = text};
}

/* ---- declarations: before the codes establishment, period, wage year, kind, whether it counts; behind them whether totals add up, the
 * numbers of group and period, and what flat-rate tax explains, at least and at most */

void declarations_rows(const struct summary *s, struct sheet_rows *rows)
{
    *rows = (struct sheet_rows){
        .title = s->plan->titles[SHEET_DECLARATIONS], .sheet_count = 1, .counts = {(uint32_t)s->run->reconcile->declaration_count}};
}

int declarations_column(const struct summary *s, size_t code)
{
    int column = DECLARATION_COLUMNS;

    for (size_t c = 0; c < code; c++)
        column += s->plan->codes[c].code != NULL;
    return column;
}

int declarations_check_column(const struct summary *s)
{
    return declarations_column(s, s->plan->declared_count);
}

int declarations_group_column(const struct summary *s)
{
    return declarations_check_column(s) + 1;
}

static int flat_column(const struct summary *s, size_t flat, bool most)
{
    return declarations_group_column(s) + 2 + 2 * (int)flat + most;
}

const char *declarations_counts(struct summary *s)
{
    const char *no = s->plan->labels[LABEL_NO], *yes = s->plan->labels[LABEL_YES];
    const char *word = *no ? arena_printf(&s->arena, "\"%s\"", yes) : "1";

    return word ? word : "";
}

static struct cell counts_cell(const struct summary *s, bool counts)
{
    const char *no = s->plan->labels[LABEL_NO]; /* earlier forms have no such word */

    return *no ? summary_text(counts ? s->plan->labels[LABEL_YES] : no) : count_cell(counts);
}

/* A cell of the row in hand, such as F7. */
static void put_place(struct buf *out, int column, uint32_t row)
{
    char letters[4];

    xlsx_column(column, letters);
    buf_printf(out, "%s%" PRIu32, letters, row);
}

/* A total's line: one that is not declared is added up in its turn. */
static void put_sum(struct summary *s, struct buf *out, size_t total, uint32_t row);

static void put_term(struct summary *s, struct buf *out, int code, uint32_t row)
{
    const struct plan *p = s->plan;

    for (size_t i = 0; i < p->total_count; i++) {
        if (p->totals[i].code != code)
            continue;
        buf_puts(out, "IF(ISBLANK(");
        put_place(out, declarations_column(s, (size_t)code), row);
        buf_puts(out, "),");
        put_sum(s, out, i, row);
        buf_puts(out, ",");
        put_place(out, declarations_column(s, (size_t)code), row);
        buf_puts(out, ")");
        return;
    }
    put_place(out, declarations_column(s, (size_t)code), row);
}

static void put_sum(struct summary *s, struct buf *out, size_t total, uint32_t row)
{
    const struct plan_total *t = &s->plan->totals[total];

    buf_puts(out, "(0");
    for (size_t i = 0; i < t->add_count; i++) {
        buf_puts(out, "+");
        put_term(s, out, t->add[i], row);
    }
    for (size_t i = 0; i < t->subtract_count; i++) {
        buf_puts(out, "-");
        put_term(s, out, t->subtract[i], row);
    }
    buf_puts(out, ")");
}

/* Whether the totals that are declared are what their lines add up to. What does not count is not judged. */
static struct cell sums_cell(struct summary *s, const struct declaration *d, uint32_t row)
{
    struct buf condition = {0};
    struct cell c = {.kind = CELL_EMPTY};
    const char *comma = "";

    for (size_t i = 0; d->counts && i < s->plan->total_count; i++) {
        if (!d->given[s->plan->totals[i].code])
            continue;
        buf_printf(&condition, "%sABS(", comma);
        put_place(&condition, declarations_column(s, (size_t)s->plan->totals[i].code), row);
        buf_puts(&condition, "-");
        put_sum(s, &condition, i, row);
        buf_printf(&condition, ")<%s", s->tolerance);
        comma = ",";
    }
    if (condition.length > 0) {
        buf_add(&condition, "", 1);
        c = (struct cell){.kind = CELL_VERDICT,
                          .cached = s->plan->labels[d->wrong ? LABEL_FAILED : LABEL_PASSED],
                          .text = condition.failed ? "" : summary_verdict(s, "AND(%s)", condition.data)};
    }
    s->arena.failed |= condition.failed;
    buf_free(&condition);
    return c;
}

/* What flat-rate tax explains, rounded down or up: live, as far as the share is one. */
static struct cell flat_cell(struct summary *s, const struct declaration *d, size_t flat, bool most, uint32_t row)
{
    const struct plan_flat *f = &s->plan->flats[flat];
    struct decimal share = most ? f->most : f->least;
    struct buf text = {0};
    struct cell c = money_formula(s, most ? d->high[flat] : d->low[flat], "");

    buf_puts(&text, "=");
    if (f->unless >= 0) {
        buf_puts(&text, "IF(N(");
        put_place(&text, declarations_column(s, (size_t)f->unless), row);
        buf_puts(&text, ")<>0,0,");
    }
    buf_printf(&text, "ROUND%s(ROUND(MAX(0,0", most ? "UP" : "DOWN");
    for (size_t i = 0; i < f->of_count; i++) {
        buf_puts(&text, "+N(");
        put_place(&text, declarations_column(s, (size_t)f->of[i]), row);
        buf_puts(&text, ")");
    }
    buf_printf(&text, ")*%lld/1%.*s,9),%d)%s", (long long)share.m, share.scale, "000000000000000000", s->t->digits,
               f->unless >= 0 ? ")" : "");
    buf_add(&text, "", 1);
    c.text = formula_take(s, &text);
    buf_free(&text);
    return c;
}

static struct cell declared_cell(const struct summary *s, const struct declaration *d, size_t c)
{
    if (!d->given[c])
        return (struct cell){.kind = CELL_EMPTY};
    return s->plan->codes[c].count ? count_cell(d->amounts[c]) : money_cell(s, d->amounts[c]);
}

static bool declaration_row(struct summary *s, const struct declaration *d, struct cell *cells, struct tc_error *err)
{
    const struct plan *p = s->plan;
    uint32_t row = xlsx_rows(s->xlsx, s->single[SHEET_DECLARATIONS]) + 1;
    size_t at = 0;

    cells[at++] = summary_text(reconcile_establishment(s->run->reconcile, d->establishment));
    cells[at++] = summary_text(d->period);
    cells[at++] = count_cell(d->wage_year);
    cells[at++] = summary_text(p->labels[d->corrected ? LABEL_AMENDED : LABEL_ORIGINAL]);
    cells[at++] = counts_cell(s, d->counts);
    for (size_t c = 0; c < p->declared_count; c++) {
        if (!p->codes[c].code)
            continue;
        cells[at++] = declared_cell(s, d, c);
        if (d->given[c] && !money_add(&s->areas[SHEET_DECLARATIONS], p->codes[c].count ? d->amounts[c] * s->unit : d->amounts[c]))
            s->area_lost[SHEET_DECLARATIONS] = true;
    }
    cells[at++] = sums_cell(s, d, row);
    cells[at++] = count_cell(d->group + 1);
    cells[at++] = count_cell(d->year * 10000 + d->first * 100 + d->last);
    for (size_t f = 0; f < p->flat_count; f++)
        for (int most = 0; most < 2; most++)
            cells[at++] = flat_cell(s, d, f, most, row);
    return (!s->arena.failed || error_memory(err)) && xlsx_row(s->xlsx, s->single[SHEET_DECLARATIONS], cells, at, err);
}

bool declarations_write(struct summary *s, struct tc_error *err)
{
    const struct reconcile *r = s->run->reconcile;
    struct cell *cells = arena_array(&s->arena, DECLARATION_COLUMNS + s->plan->declared_count + 4 + 2 * PLAN_FLATS_MAX, sizeof *cells);

    if (!cells)
        return error_memory(err);
    for (size_t i = 0; i < r->declaration_count; i++)
        if (!declaration_row(s, &r->declarations[i], cells, err))
            return false;
    if (r->declaration_count > 0
        && !xlsx_verdicts(s->xlsx, s->single[SHEET_DECLARATIONS], 1, (uint32_t)r->declaration_count, declarations_check_column(s), err))
        return false;
    return xlsx_filter(s->xlsx, s->single[SHEET_DECLARATIONS], err);
}

/* ---- the reconciliation: establishment, what is shown of it, then these */
enum {
    R_YEAR,
    R_CODE,
    R_TEXT,
    R_ISSUED,
    R_HELD,
    R_PAYROLL,
    R_DECLARED,
    R_DIFFERENCE,
    R_CHECK,
    R_REASON,
    R_EXPLAINED,
    R_GROUP,
    R_INDEX,
    R_LOW,
    R_HIGH,
    R_LEFT,
    R_HELD_FIXED,
    R_DECLARED_FIXED,
    R_MONTHS,
    R_COUNT
};
/* From R_LOW on: what flat-rate tax explains at least and at most, what is left over then; constants beside the formulas; months that are missing. */

/* While the sheet is written. */
struct sheet {
    struct summary *s;
    size_t base;          /* column of R_YEAR */
    uint32_t first, last; /* rows of the groups, from 1 */
    bool live;
    struct cell *cells;
    struct buf formula;
    bool remarks; /* something stands in the columns of the second page */
};

static const char *letters_of(const struct sheet *w, int column, char out[4])
{
    xlsx_column((int)w->base + column, out);
    return out;
}

/* Fields of a table that the code goes by, for one group. */
static void certificate_formula(struct sheet *w, const struct sheet_rows *rows, size_t code, const char *group, const char *index)
{
    struct summary *s = w->s;
    const struct plan *p = s->plan;
    const char *plus = "";
    struct formula_if conditions[2] = {{summary_group_column(s), group}, {0, index}};

    buf_puts(&w->formula, "=ROUND(");
    for (size_t i = 0; i < p->codes[code].sum_count; i++) {
        buf_puts(&w->formula, plus);
        formula_sum_if(&w->formula, rows, summary_field_column(s, p->codes[code].sum[i]), conditions, 1);
        plus = "+";
    }
    for (int i = 0; p->codes[code].sum_count == 0 && i < PLAN_MARK_FIELDS && p->mark_fields[i] >= 0; i++) {
        buf_puts(&w->formula, plus);
        conditions[1].column = summary_code_column(s, i % PLAN_WORDS);
        formula_sum_if(&w->formula, rows, summary_field_column(s, p->mark_fields[i]), conditions, 2);
        plus = "+";
    }
    buf_printf(&w->formula, ",%d)", s->t->digits);
}

static void declared_formula(struct sheet *w, size_t code, const char *group)
{
    const struct formula_if conditions[] = {{declarations_group_column(w->s), group}, {DECLARATION_COLUMNS - 1, declarations_counts(w->s)}};
    struct sheet_rows rows;

    declarations_rows(w->s, &rows);
    buf_puts(&w->formula, "=ROUND(");
    formula_sum_if(&w->formula, &rows, declarations_column(w->s, code), conditions, 2);
    buf_printf(&w->formula, ",%d)", w->s->t->digits);
}

/* One sum over the groups' rows of this sheet with the code and the form's year. */
static void over_groups(struct sheet *w, int column, uint32_t row)
{
    char sum[4], index[4], year[4];

    letters_of(w, column, sum);
    letters_of(w, R_INDEX, index);
    letters_of(w, R_YEAR, year);
    buf_printf(&w->formula,
               "=ROUND(SUMIFS(%s$%" PRIu32 ":%s$%" PRIu32 ",$%s$%" PRIu32 ":$%s$%" PRIu32 ",$%s%" PRIu32 ",$%s$%" PRIu32 ":$%s$%" PRIu32
               ",$%s%" PRIu32 "),%d)",
               sum, w->first, sum, w->last, index, w->first, index, w->last, index, row, year, w->first, year, w->last, year, row,
               w->s->t->digits);
}

/* Straight over the certificates, the held back or the declarations: where the groups' rows are no formulas. */
static void over_rows(struct sheet *w, size_t code, int part)
{
    struct summary *s = w->s;
    const struct plan *p = s->plan;
    const char *plus = "";
    char index[24], year[16];
    struct sheet_rows rows;

    snprintf(index, sizeof index, "%zu", code + 1);
    snprintf(year, sizeof year, "%d", s->t->year);
    buf_puts(&w->formula, "=ROUND(");
    if (part == 2) {
        const struct formula_if conditions[] = {{DECLARATION_COLUMNS - 1, declarations_counts(s)}, {2, year}};

        declarations_rows(s, &rows);
        formula_sum_if(&w->formula, &rows, declarations_column(s, code), conditions, 2);
    }
    for (size_t i = 0; part < 2 && i < p->codes[code].sum_count; i++) {
        buf_puts(&w->formula, plus);
        if (part == 0) {
            formula_sum(&w->formula, &s->certificates, summary_field_column(s, p->codes[code].sum[i]));
        } else { /* what was refused has no group */
            const struct formula_if counted = {summary_group_column(s), "\">=0\""};

            formula_sum_if(&w->formula, &s->held, summary_field_column(s, p->codes[code].sum[i]), &counted, 1);
        }
        plus = "+";
    }
    for (int i = 0; part < 2 && p->codes[code].sum_count == 0 && i < PLAN_MARK_FIELDS && p->mark_fields[i] >= 0; i++) {
        const struct formula_if condition = {summary_code_column(s, i % PLAN_WORDS), index};

        buf_puts(&w->formula, plus);
        formula_sum_if(&w->formula, part == 0 ? &s->certificates : &s->held, summary_field_column(s, p->mark_fields[i]), &condition, 1);
        plus = "+";
    }
    buf_printf(&w->formula, ",%d)", s->t->digits);
}

/* ---- reasons */

/* The words with what they are about in place of {}. */
static const char *fill(struct summary *s, enum label label, const char *about)
{
    const char *words = s->plan->labels[label], *place = strstr(words, "{}");

    return place ? arena_printf(&s->arena, "%.*s%s%s", (int)(place - words), words, about, place + 2) : words;
}

static const char *join(struct summary *s, const char *before, const char *more)
{
    return before && *before ? arena_printf(&s->arena, "%s; %s", before, more) : more;
}

/* An amount with its sign, as people write it. */
static const char *amount_words(struct summary *s, int64_t amount)
{
    char text[MONEY_TEXT], *point;

    money_text(amount, s->t->digits, text);
    point = strchr(text, '.');
    if (!point)
        return arena_printf(&s->arena, "%s%s", amount > 0 ? "+" : "", text);
    *point = '\0';
    return arena_printf(&s->arena, "%s%s%s%s", amount > 0 ? "+" : "", text, s->plan->labels[LABEL_DECIMAL], point + 1);
}

/* "02, 07 - 09": the months of the bits. */
static const char *month_words(struct summary *s, uint16_t months)
{
    struct buf text = {0};
    const char *list;

    for (int m = 1; m <= RECONCILE_MONTHS; m++) {
        int last = m;

        if (!(months >> (m - 1) & 1))
            continue;
        while (last < RECONCILE_MONTHS && (months >> last & 1))
            last++;
        buf_printf(&text, "%s%02d", text.length ? ", " : "", m);
        if (last > m)
            buf_printf(&text, " - %02d", last);
        m = last;
    }
    list = text.failed ? "" : arena_copy(&s->arena, text.length ? text.data : "", text.length);
    buf_free(&text);
    return list;
}

#define SITES_SHOWN 8 /* of one number */

/* The establishments of a group. */
static const char *group_words(struct summary *s, const struct reconcile_group *g)
{
    const struct reconcile *r = s->run->reconcile;
    const char *words = "";
    size_t count = 0;

    for (size_t i = g->establishment; i < r->establishment_count; i++) {
        if (r->alike[i] != g->establishment)
            continue;
        if (count++ < SITES_SHOWN)
            words = *words ? arena_printf(&s->arena, "%s, %s", words, reconcile_establishment(r, i)) : reconcile_establishment(r, i);
        if (!words)
            return "";
    }
    words = count > SITES_SHOWN ? arena_printf(&s->arena, "%s ... (%zu)", words, count) : words;
    return words ? words : "";
}

static const char *changes_words(struct summary *s, const struct reconcile_group *g, size_t code, int64_t amount)
{
    char count[24];
    const char *who = g->changer[code];

    if (g->changes[code] == 1)
        return fill(s, LABEL_REASON_CHANGES, arena_printf(&s->arena, "%s, %s", who, amount_words(s, -amount)));
    snprintf(count, sizeof count, "%ld", g->changes[code]);
    return fill(s, LABEL_REASON_CHANGES_COUNT, arena_printf(&s->arena, "%s, %s", count, amount_words(s, -amount)));
}

/* The groups that cancel out together. */
static const char *sites_words(struct summary *s, size_t code)
{
    const struct reconcile *r = s->run->reconcile;
    const char *words = "";
    size_t count = 0;

    for (size_t i = 0; words && i < r->group_count; i++) {
        if (r->groups[i].wage_year != s->t->year || reconcile_difference(r, &r->groups[i], code) == 0)
            continue;
        if (count++ < SITES_SHOWN)
            words = arena_printf(&s->arena, "%s%s%s", words, *words ? ", " : "", reconcile_establishment(r, r->groups[i].establishment));
    }
    return words ? words : "";
}

/* A declaration: its period, and whose and what for where that is another. */
static const char *period_words(struct summary *s, const struct declaration *d, int64_t amount)
{
    const char *words = d->wage_year != s->t->year ? arena_printf(&s->arena, "%s (%d)", d->period, d->wage_year) : d->period;

    return amount ? arena_printf(&s->arena, "%s, %s", words, amount_words(s, amount)) : words;
}

static const char *cause_words(struct summary *s, const struct reconcile_group *g, size_t code, const struct reconcile_cause *k)
{
    const struct reconcile *r = s->run->reconcile;
    const struct declaration *d = &r->declarations[k->reason == REASON_OTHER || k->reason == REASON_CODES ? 0 : k->about];

    switch (k->reason) {
    case REASON_CHANGES: return changes_words(s, g, code, k->amount);
    case REASON_CORRECTION: return fill(s, LABEL_REASON_CORRECTION, d->period);
    case REASON_OTHER:
        return fill(
            s, LABEL_REASON_OTHER,
            arena_printf(&s->arena, "%s (%s)", reconcile_establishment(r, r->groups[k->about].establishment), amount_words(s, k->amount)));
    case REASON_DOUBLED: return fill(s, LABEL_REASON_DOUBLED, period_words(s, d, k->amount));
    case REASON_TWICE: return fill(s, LABEL_REASON_TWICE, period_words(s, d, k->amount));
    case REASON_NEXT: return fill(s, LABEL_REASON_NEXT, period_words(s, d, -k->amount));
    case REASON_CODES: return fill(s, LABEL_REASON_CODES, s->plan->codes[k->about].code);
    case REASON_NOT_GIVEN: return fill(s, LABEL_REASON_NOT_GIVEN, d->period);
    case REASON_SITES: return fill(s, LABEL_REASON_SITES, sites_words(s, code));
    case REASON_NO_CERTIFICATES: return fill(s, LABEL_REASON_NO_CERTIFICATES, amount_words(s, k->amount));
    case REASON_NONE_DECLARED: return s->plan->labels[LABEL_REASON_NONE_DECLARED];
    case REASON_MISSING: return fill(s, LABEL_REASON_MISSING, month_words(s, reconcile_missing(r, g)));
    case REASON_OPEN: return fill(s, LABEL_REASON_OPEN, amount_words(s, k->amount));
    case REASON_GENERAL: return s->plan->labels[LABEL_REASON_GENERAL];
    default: return NULL;
    }
}

static const char *difference_words(struct summary *s, const struct reconcile_group *g, size_t code)
{
    const char *words = NULL;

    for (int i = 0; i < RECONCILE_CAUSES && g->states[code] == RECONCILE_DIFFERENT; i++) {
        const char *more = cause_words(s, g, code, &g->causes[RECONCILE_CAUSES * code + (size_t)i]);

        words = more ? join(s, words, more) : words;
    }
    return words;
}

static const char *with_number(struct summary *s, const char *words, enum label label, long number)
{
    char text[24];

    if (number == 0)
        return words;
    snprintf(text, sizeof text, "%ld", number);
    return join(s, words, fill(s, label, text));
}

static bool names_months(const struct reconcile_group *g, size_t code)
{
    for (int i = 0; i < RECONCILE_CAUSES; i++)
        if (g->causes[RECONCILE_CAUSES * code + (size_t)i].reason == REASON_MISSING
            || g->causes[RECONCILE_CAUSES * code + (size_t)i].reason == REASON_NONE_DECLARED)
            return true;
    return false;
}

/* What is true of an amount whether it differs or not. */
static const char *explained_words(struct summary *s, const struct reconcile_group *g, size_t code, const char *words)
{
    const struct reconcile *r = s->run->reconcile;
    int64_t explained = s->plan->codes[code].code ? reconcile_explained(r, g, code) : 0;

    if (s->plan->codes[code].note && (s->plan->codes[code].code || g->issued[code] != 0 || g->held[code] != 0))
        words = join(s, words, s->plan->codes[code].note);
    if (explained != 0 && s->plan->codes[code].flat >= 0 && g->high[code] != 0)
        words = join(s, words, fill(s, LABEL_REASON_FLAT, amount_words(s, explained)));
    return words;
}

static struct cell reason_cell(struct summary *s, const struct reconcile_group *g, size_t code)
{
    const struct reconcile *r = s->run->reconcile;
    const char *words = explained_words(s, g, code, difference_words(s, g, code));
    bool whole = g == &r->all;

    if (!s->plan->codes[code].checked)
        return summary_text(words);
    if (g->wage_year != s->t->year)
        return summary_text(code == 0 ? join(s, words, s->plan->labels[LABEL_REASON_OTHER_YEAR]) : words);
    if (code == 0 && !whole && reconcile_missing(r, g) && !names_months(g, code))
        words = join(s, words,
                     g->declared_count == 0 ? s->plan->labels[LABEL_REASON_NONE_DECLARED]
                                            : fill(s, LABEL_REASON_MISSING, month_words(s, reconcile_missing(r, g))));
    if (code > 0 && g->states[code] != RECONCILE_DIFFERENT)
        return summary_text(words);
    words = with_number(s, words, LABEL_REASON_HELD, g->held_count);
    words = with_number(s, words, LABEL_REASON_INCOMPLETE, g->incomplete);
    return summary_text(
        with_number(s, words, LABEL_REASON_UNREADABLE, whole || g->states[code] == RECONCILE_DIFFERENT ? r->unreadable : 0));
}

/* ---- rows */

static struct cell check_cell(struct sheet *w, const struct reconcile_group *g, size_t code, uint32_t row)
{
    struct summary *s = w->s;
    const struct reconcile *r = s->run->reconcile;
    bool passed = reconcile_difference(r, g, code) == 0;
    char difference[4], held[4], fixed_held[4], declared[4], fixed_declared[4];

    if (!s->plan->codes[code].checked)
        return (struct cell){.kind = CELL_EMPTY};
    if (r->all.declared_count == 0 || g->wage_year != s->t->year)
        return summary_text(s->plan->labels[LABEL_UNCHECKED]);
    letters_of(w, R_DIFFERENCE, difference);
    letters_of(w, R_HELD, held);
    letters_of(w, R_HELD_FIXED, fixed_held);
    letters_of(w, R_DECLARED, declared);
    letters_of(w, R_DECLARED_FIXED, fixed_declared);
    if (row >= s->code_first)
        s->different += !passed;
    return (struct cell){
        .kind = CELL_VERDICT,
        .cached = s->plan->labels[passed ? LABEL_PASSED : LABEL_FAILED],
        .text = summary_verdict(s, "AND(ABS(%s%" PRIu32 ")<%s,ABS(%s%" PRIu32 "-%s%" PRIu32 ")<%s,ABS(%s%" PRIu32 "-%s%" PRIu32 ")<%s)",
                                difference, row, s->tolerance, held, row, fixed_held, row, s->tolerance, declared, row, fixed_declared, row,
                                s->tolerance)};
}

/* What is left over at the codes by marks stands beside certificates without a code: over the rows above in this block. */
static struct cell rest_cell(struct sheet *w, const struct reconcile_group *g, size_t code, uint32_t row)
{
    struct summary *s = w->s;
    int64_t left = reconcile_declared(s->run->reconcile, g, code);
    const char *plus = "";

    if (g->wage_year != s->t->year)
        return (struct cell){.kind = CELL_EMPTY};
    buf_puts(&w->formula, "=ROUND(");
    for (size_t c = 0; c < s->plan->code_count; c++) {
        if (s->plan->codes[c].mark_count == 0)
            continue;
        buf_puts(&w->formula, plus);
        put_place(&w->formula, (int)w->base + R_LEFT, (uint32_t)(row + c - code));
        plus = "+";
    }
    buf_printf(&w->formula, ",%d)", s->t->digits);
    return money_formula(s, left, formula_take(s, &w->formula));
}

/* What flat-rate tax explains of the group, at least or at most. */
static struct cell bound_cell(struct sheet *w, const struct reconcile_group *g, size_t code, bool most, const char *group)
{
    struct summary *s = w->s;
    int flat = s->plan->codes[code].flat;
    int64_t amount = most ? g->high[code] : g->low[code];
    const struct formula_if conditions[] = {{declarations_group_column(s), group}, {DECLARATION_COLUMNS - 1, declarations_counts(s)}};
    struct sheet_rows rows;

    if (flat < 0 || !w->live)
        return money_cell(s, amount);
    declarations_rows(s, &rows);
    buf_puts(&w->formula, "=ROUND(");
    formula_sum_if(&w->formula, &rows, flat_column(s, (size_t)flat, most), conditions, 2);
    buf_printf(&w->formula, ",%d)", s->t->digits);
    return money_formula(s, amount, formula_take(s, &w->formula));
}

/* Within its bounds, what was declared beside certificates is explained: by flat-rate tax, and by certificates without a code. */
static void put_explained(struct sheet *w, const struct reconcile_group *g, size_t code, const char *group, uint32_t row)
{
    struct summary *s = w->s;
    const struct reconcile *r = s->run->reconcile;
    struct cell *cells = w->cells + w->base;
    int rest = s->plan->codes[code].mark_count > 0 ? reconcile_rest(r) : -1;
    char low[4], high[4], declared[4], payroll[4], sum[4];

    for (int i = R_LOW; i < R_COUNT; i++)
        cells[i] = (struct cell){.kind = CELL_EMPTY};
    cells[R_EXPLAINED] = (struct cell){.kind = CELL_EMPTY};
    if (!s->plan->codes[code].code || (s->plan->codes[code].flat < 0 && rest < 0) || g->wage_year != s->t->year)
        return;
    if (g == &r->all) {
        over_groups(w, R_EXPLAINED, row);
        cells[R_EXPLAINED] = money_formula(s, reconcile_explained(r, g, code), formula_take(s, &w->formula));
        over_groups(w, R_LEFT, row);
        cells[R_LEFT] = money_formula(s, reconcile_left(r, g, code), formula_take(s, &w->formula));
        return;
    }
    cells[R_LOW] = bound_cell(w, g, code, false, group);
    cells[R_HIGH] = bound_cell(w, g, code, true, group);
    letters_of(w, R_LOW, low);
    letters_of(w, R_HIGH, high);
    letters_of(w, R_DECLARED, declared);
    letters_of(w, R_PAYROLL, payroll);
    letters_of(w, R_PAYROLL, sum);
    buf_printf(&w->formula, "=ROUND(MAX(%s%" PRIu32 ",MIN(%s%" PRIu32, low, row, high, row);
    if (rest >= 0)
        buf_printf(&w->formula, "+MAX(0,%s%" PRIu32 ")", sum, row + (uint32_t)rest - (uint32_t)code);
    buf_printf(&w->formula, ",%s%" PRIu32 "-%s%" PRIu32 ")),%d)", declared, row, payroll, row, s->t->digits);
    cells[R_EXPLAINED] = money_formula(s, reconcile_explained(r, g, code), formula_take(s, &w->formula));
    buf_printf(&w->formula, "=ROUND(%s%" PRIu32 "-%s%" PRIu32 "-MAX(%s%" PRIu32 ",MIN(%s%" PRIu32 ",%s%" PRIu32 "-%s%" PRIu32 ")),%d)",
               declared, row, payroll, row, low, row, high, row, declared, row, payroll, row, s->t->digits);
    cells[R_LEFT] = money_formula(s, reconcile_left(r, g, code), formula_take(s, &w->formula));
}

/* Issued, held back or declared. */
static struct cell sum_cell(struct sheet *w, const struct reconcile_group *g, size_t code, int part, const char *key, const char *index,
                            uint32_t row)
{
    struct summary *s = w->s;
    const int64_t *sums[] = {g->issued, g->held, g->declared};
    static const int columns[] = {R_ISSUED, R_HELD, R_DECLARED};
    bool whole = g == &s->run->reconcile->all;

    if (part == 2 && !s->plan->codes[code].code)
        return rest_cell(w, g, code, row);
    if (!whole && (!w->live || (part < 2 && g->wage_year != s->t->year)))
        return money_cell(s, sums[part][code]);
    if (whole && w->live)
        over_groups(w, columns[part], row);
    else if (whole)
        over_rows(w, code, part);
    else if (part == 2)
        declared_formula(w, code, key);
    else
        certificate_formula(w, part == 0 ? &s->certificates : &s->held, code, key, index);
    return money_formula(s, sums[part][code], formula_take(s, &w->formula));
}

static void put_differences(struct sheet *w, const struct reconcile_group *g, size_t code, uint32_t row)
{
    struct summary *s = w->s;
    const struct reconcile *r = s->run->reconcile;
    struct cell *cells = w->cells + w->base;
    char issued[4], held[4], payroll[4], declared[4], explained[4];
    int64_t sum = 0;
    bool rest = !s->plan->codes[code].code;

    if (__builtin_add_overflow(g->issued[code], g->held[code], &sum)) /* as large as can be said */
        sum = g->issued[code] < 0 ? INT64_MIN + 1 : INT64_MAX;
    letters_of(w, R_ISSUED, issued);
    letters_of(w, R_HELD, held);
    letters_of(w, R_PAYROLL, payroll);
    letters_of(w, R_DECLARED, declared);
    letters_of(w, R_EXPLAINED, explained);
    cells[R_PAYROLL] = money_formula(
        s, sum, arena_printf(&s->arena, "=ROUND(%s%" PRIu32 "+%s%" PRIu32 ",%d)", issued, row, held, row, s->t->digits));
    cells[R_DIFFERENCE] = (struct cell){.kind = CELL_EMPTY};
    cells[R_HELD_FIXED] = money_cell(s, g->held[code]);
    cells[R_DECLARED_FIXED] = cells[R_DECLARED].kind == CELL_EMPTY ? cells[R_DECLARED] : money_cell(s, reconcile_declared(r, g, code));
    if (cells[R_DECLARED].kind == CELL_EMPTY)
        return;
    if (rest) /* nothing without a code: the other codes say it */
        buf_printf(&w->formula, "=IF(AND(ABS(%s%" PRIu32 ")<%s,ABS(%s%" PRIu32 ")<%s),0,", issued, row, s->tolerance, held, row,
                   s->tolerance);
    buf_printf(&w->formula, "%sROUND(%s%" PRIu32 "-%s%" PRIu32 "-N(%s%" PRIu32 "),%d)%s", rest ? "" : "=", declared, row, payroll, row,
               explained, row, s->t->digits, rest ? ")" : "");
    cells[R_DIFFERENCE] = money_formula(s, reconcile_difference(r, g, code), formula_take(s, &w->formula));
}

/* What can be said of all rows: code, sums, difference, check. number: the group's, 0: all establishments. */
static bool put_row(struct sheet *w, const struct reconcile_group *g, size_t number, size_t code, enum cell_style style,
                    struct tc_error *err)
{
    struct summary *s = w->s;
    struct cell *cells = w->cells + w->base;
    uint32_t row = xlsx_rows(s->xlsx, s->single[SHEET_RECONCILIATION]) + 1;
    char key[24], index[24], letters[4];

    snprintf(key, sizeof key, "$%s%" PRIu32, letters_of(w, R_GROUP, letters), row);
    snprintf(index, sizeof index, "$%s%" PRIu32, letters_of(w, R_INDEX, letters), row);
    cells[R_YEAR] = count_cell(g->wage_year);
    cells[R_CODE] = summary_text(s->plan->codes[code].code);
    cells[R_TEXT] = summary_text(s->plan->codes[code].title);
    cells[R_ISSUED] = sum_cell(w, g, code, 0, key, index, row);
    cells[R_HELD] = sum_cell(w, g, code, 1, key, index, row);
    cells[R_DECLARED] = sum_cell(w, g, code, 2, key, index, row);
    put_explained(w, g, code, key, row);
    put_differences(w, g, code, row);
    if (code == 0 && number > 0)
        cells[R_MONTHS] = count_cell(__builtin_popcount(reconcile_missing(s->run->reconcile, g)));
    cells[R_CHECK] = check_cell(w, g, code, row);
    cells[R_REASON] = reason_cell(s, g, code);
    cells[R_GROUP] = number > 0 ? count_cell((int64_t)number) : (struct cell){.kind = CELL_EMPTY};
    cells[R_INDEX] = count_cell((int64_t)code + 1);
    for (size_t i = 0; i < w->base + R_COUNT; i++)
        w->cells[i].style = i == w->base + R_REASON ? STYLE_NOTE : style;
    w->remarks |= w->cells[w->base + R_REASON].kind != CELL_EMPTY || w->cells[w->base + R_EXPLAINED].kind != CELL_EMPTY;
    return (!s->arena.failed || error_memory(err)) && xlsx_row(s->xlsx, s->single[SHEET_RECONCILIATION], w->cells, w->base + R_COUNT, err);
}

static bool put_all(struct sheet *w, struct tc_error *err)
{
    const struct summary *s = w->s;

    memset(w->cells, 0, w->base * sizeof *w->cells);
    w->cells[0] = summary_text(s->plan->labels[LABEL_ALL]);
    for (size_t c = 0; c < s->plan->code_count; c++)
        if (!put_row(w, &s->run->reconcile->all, 0, c, STYLE_LABEL, err))
            return false;
    return true;
}

static bool put_groups(struct sheet *w, struct tc_error *err)
{
    struct summary *s = w->s;
    const struct reconcile *r = s->run->reconcile;

    for (size_t i = 0; i < r->group_count; i++) {
        const struct reconcile_group *g = &r->groups[i];

        w->cells[0] = summary_text(group_words(s, g));
        for (size_t k = 0; k < s->plan->shown_count; k++)
            w->cells[1 + k] = summary_text(reconcile_shown(r, g->establishment, s->plan->shown[k].field));
        for (size_t c = 0; c < s->plan->code_count; c++)
            if (!put_row(w, g, i + 1, c, c == 0 ? STYLE_FIRST : STYLE_PLAIN, err))
                return false;
    }
    return true;
}

static bool put_causes(struct summary *s, struct tc_error *err)
{
    int sheet = s->single[SHEET_RECONCILIATION];
    const struct cell head = {.kind = CELL_TEXT, .style = STYLE_LABEL, .text = s->plan->labels[LABEL_CAUSES]};

    if (s->plan->cause_count == 0)
        return true;
    if (!xlsx_row(s->xlsx, sheet, NULL, 0, err) || !xlsx_row(s->xlsx, sheet, &head, 1, err))
        return false;
    for (size_t i = 0; i < s->plan->cause_count; i++) {
        const struct cell cause = {.kind = CELL_TEXT, .style = STYLE_SPILL, .text = s->plan->causes[i]};

        if (!xlsx_row(s->xlsx, sheet, &cause, 1, err))
            return false;
    }
    return true;
}

bool reconciliation_write(struct summary *s, struct tc_error *err)
{
    const struct reconcile *r = s->run->reconcile;
    size_t rows = r->group_count * s->plan->code_count;
    struct sheet w = {
        .s = s, .base = 1 + s->plan->shown_count, .first = (uint32_t)s->plan->code_count + 2, .live = r->group_count <= LIVE_GROUPS};
    bool ok;

    w.last = w.first + (uint32_t)(rows > 0 ? rows - 1 : 0);
    w.cells = arena_array(&s->arena, w.base + R_COUNT, sizeof *w.cells);
    if (!w.cells)
        return error_memory(err);
    s->code_first = w.live ? w.first : 2; /* where groups are no formulas, what is over all is counted too */
    s->code_last = w.last;
    s->code_verdict = (int)w.base + R_CHECK;
    s->code_months = (int)w.base + R_MONTHS;
    s->code_held = (int)w.base + R_HELD;
    ok = put_all(&w, err) && put_groups(&w, err) && xlsx_filter(s->xlsx, s->single[SHEET_RECONCILIATION], err)
         && xlsx_verdicts(s->xlsx, s->single[SHEET_RECONCILIATION], 1, s->code_last - 1, s->code_verdict, err) && put_causes(s, err);
    if (ok && !w.remarks)
        xlsx_first_page(s->xlsx, s->single[SHEET_RECONCILIATION]);
    buf_free(&w.formula);
    return ok;
}
