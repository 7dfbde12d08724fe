/* The reconciliation: what was certified and withheld against what was declared, and the declarations it goes by. */
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

/* ---- declarations: before the codes establishment, period, wage year, kind, whether it counts; behind them the numbers of
 * group and period */

void declarations_rows(const struct summary *s, struct sheet_rows *rows)
{
    *rows = (struct sheet_rows){.title = s->plan->titles[SHEET_DECLARATIONS], .sheet_count = 1,
                                .counts = {(uint32_t)s->run->reconcile->declaration_count}};
}

int declarations_column(const struct summary *s, size_t code)
{
    int column = DECLARATION_COLUMNS;

    for (size_t c = 0; c < code; c++)
        column += s->plan->codes[c].code != NULL;
    return column;
}

int declarations_group_column(const struct summary *s)
{
    return declarations_column(s, s->plan->code_count);
}

static bool declaration_row(struct summary *s, const struct declaration *d, struct cell *cells, struct tc_error *err)
{
    const struct plan *p = s->plan;
    size_t at = 0;

    cells[at++] = summary_text(reconcile_establishment(s->run->reconcile, d->establishment));
    cells[at++] = summary_text(d->period);
    cells[at++] = count_cell(d->wage_year);
    cells[at++] = summary_text(p->labels[d->corrected ? LABEL_CORRECTION : LABEL_ORIGINAL]);
    cells[at++] = count_cell(d->counts);
    for (size_t c = 0; c < p->code_count; c++)
        if (p->codes[c].code)
            cells[at++] = d->given[c] ? money_cell(s, d->amounts[c]) : (struct cell){.kind = CELL_EMPTY};
    cells[at++] = count_cell(d->group + 1);
    cells[at++] = count_cell(d->year * 10000 + d->first * 100 + d->last);
    return xlsx_row(s->xlsx, s->single[SHEET_DECLARATIONS], cells, at, err);
}

bool declarations_write(struct summary *s, struct tc_error *err)
{
    const struct reconcile *r = s->run->reconcile;
    struct cell *cells = arena_array(&s->arena, DECLARATION_COLUMNS + s->plan->code_count + 3, sizeof *cells);

    if (!cells)
        return error_memory(err);
    for (size_t i = 0; i < r->declaration_count; i++)
        if (!declaration_row(s, &r->declarations[i], cells, err))
            return false;
    return xlsx_filter(s->xlsx, s->single[SHEET_DECLARATIONS], err);
}

/* ---- the reconciliation: establishment, what is shown of it, then these */
enum { R_YEAR, R_CODE, R_TEXT, R_ISSUED, R_WITHHELD, R_PAYROLL, R_DECLARED, R_DIFFERENCE, R_CHECK, R_REASON, R_GROUP, R_INDEX, R_COUNT };

/* While the sheet is written. */
struct sheet {
    struct summary *s;
    size_t base;          /* column of R_YEAR */
    uint32_t first, last; /* rows of the groups, from 1 */
    bool live;
    struct cell *cells;
    struct buf formula;
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
    for (int word = 0; p->codes[code].sum_count == 0 && word < PLAN_WORDS && p->mark_fields[word] >= 0; word++) {
        buf_puts(&w->formula, plus);
        conditions[1].column = summary_code_column(s, word);
        formula_sum_if(&w->formula, rows, summary_field_column(s, p->mark_fields[word]), conditions, 2);
        plus = "+";
    }
    buf_printf(&w->formula, ",%d)", s->t->digits);
}

static void declared_formula(struct sheet *w, size_t code, const char *group)
{
    const struct formula_if conditions[] = {{declarations_group_column(w->s), group}, {DECLARATION_COLUMNS - 1, "1"}};
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
    buf_printf(&w->formula, "=ROUND(SUMIFS(%s$%" PRIu32 ":%s$%" PRIu32 ",$%s$%" PRIu32 ":$%s$%" PRIu32 ",$%s%" PRIu32
               ",$%s$%" PRIu32 ":$%s$%" PRIu32 ",$%s%" PRIu32 "),%d)", sum, w->first, sum, w->last, index, w->first, index, w->last,
               index, row, year, w->first, year, w->last, year, row, w->s->t->digits);
}

/* Straight over the certificates, the withheld or the declarations: where the groups' rows are no formulas. */
static void over_rows(struct sheet *w, size_t code, int part)
{
    struct summary *s = w->s;
    const struct plan *p = s->plan;
    const char *plus = "";
    char index[16], year[16];
    struct sheet_rows rows;

    snprintf(index, sizeof index, "%zu", code + 1);
    snprintf(year, sizeof year, "%d", s->t->year);
    buf_puts(&w->formula, "=ROUND(");
    if (part == 2) {
        const struct formula_if conditions[] = {{DECLARATION_COLUMNS - 1, "1"}, {2, year}};

        declarations_rows(s, &rows);
        formula_sum_if(&w->formula, &rows, declarations_column(s, code), conditions, 2);
    }
    for (size_t i = 0; part < 2 && i < p->codes[code].sum_count; i++) {
        buf_puts(&w->formula, plus);
        if (part == 0) {
            formula_sum(&w->formula, &s->certificates, summary_field_column(s, p->codes[code].sum[i]));
        } else { /* what was refused has no group */
            const struct formula_if counted = {summary_group_column(s), "\">=0\""};

            formula_sum_if(&w->formula, &s->withheld, summary_field_column(s, p->codes[code].sum[i]), &counted, 1);
        }
        plus = "+";
    }
    for (int word = 0; part < 2 && p->codes[code].sum_count == 0 && word < PLAN_WORDS && p->mark_fields[word] >= 0; word++) {
        const struct formula_if condition = {summary_code_column(s, word), index};

        buf_puts(&w->formula, plus);
        formula_sum_if(&w->formula, part == 0 ? &s->certificates : &s->withheld, summary_field_column(s, p->mark_fields[word]), &condition, 1);
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

/* "02, 07 - 09": months of the year that no declaration covers. */
static const char *missing_months(struct summary *s, uint16_t months)
{
    struct buf text = {0};
    const char *list;

    for (int m = 1; m <= RECONCILE_MONTHS; m++) {
        int last = m;

        if (months >> (m - 1) & 1)
            continue;
        while (last < RECONCILE_MONTHS && !(months >> last & 1))
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

/* Whether two establishments look the same in what is shown of them: the tax number. */
static bool same_number(const struct summary *s, const struct reconcile_group *g, const struct reconcile_group *other)
{
    for (size_t i = 0; i < s->plan->shown_count; i++)
        if (strcmp(reconcile_shown(s->run->reconcile, g->establishment, s->plan->shown[i].field),
                   reconcile_shown(s->run->reconcile, other->establishment, s->plan->shown[i].field)) != 0)
            return false;
    return s->plan->shown_count > 0;
}

static const char *difference_words(struct summary *s, const struct reconcile_group *g, size_t code)
{
    const struct reconcile *r = s->run->reconcile;
    size_t about = g->about[code];

    switch (g->reasons[code]) {
    case REASON_CORRECTION:
        return fill(s, LABEL_REASON_CORRECTION, r->declarations[about].period);
    case REASON_OTHER:
        return fill(s, same_number(s, g, &r->groups[about]) ? LABEL_REASON_SAME : LABEL_REASON_OTHER, reconcile_establishment(r, r->groups[about].establishment));
    case REASON_MISSING:
        return g->declared_count == 0 ? s->plan->labels[LABEL_REASON_NONE_DECLARED] : fill(s, LABEL_REASON_MISSING, missing_months(s, g->months[code]));
    case REASON_GENERAL:
        return s->plan->labels[LABEL_REASON_GENERAL];
    default:
        return NULL;
    }
}

static const char *with_number(struct summary *s, const char *words, enum label label, long number)
{
    char text[24];

    if (number == 0)
        return words;
    snprintf(text, sizeof text, "%ld", number);
    return join(s, words, fill(s, label, text));
}

static struct cell reason_cell(struct summary *s, const struct reconcile_group *g, size_t code)
{
    const struct reconcile *r = s->run->reconcile;
    const struct plan_code *c = &s->plan->codes[code];
    const char *words = difference_words(s, g, code);
    bool whole = g == &r->all;

    if (c->note)
        words = join(s, words, c->note);
    if (!c->checked)
        return summary_text(words);
    if (g->wage_year != s->t->year)
        return summary_text(join(s, words, s->plan->labels[LABEL_REASON_OTHER_YEAR]));
    words = with_number(s, words, LABEL_REASON_WITHHELD, g->withheld_count);
    words = with_number(s, words, LABEL_REASON_INCOMPLETE, g->incomplete);
    return summary_text(with_number(s, words, LABEL_REASON_UNREADABLE, whole || g->states[code] == RECONCILE_DIFFERENT ? r->unreadable : 0));
}

/* ---- rows */

static struct cell check_cell(struct sheet *w, const struct reconcile_group *g, size_t code, uint32_t row)
{
    struct summary *s = w->s;
    bool passed = reconcile_difference(g, code) == 0;
    char letters[4];

    if (!s->plan->codes[code].checked)
        return (struct cell){.kind = CELL_EMPTY};
    if (s->run->reconcile->declaration_count == 0 || g->wage_year != s->t->year)
        return summary_text(s->plan->labels[LABEL_UNCHECKED]);
    letters_of(w, R_DIFFERENCE, letters);
    if (row >= s->code_first)
        s->different += !passed;
    return (struct cell){.kind = CELL_VERDICT, .cached = s->plan->labels[passed ? LABEL_PASSED : LABEL_FAILED],
                         .text = summary_verdict(s, "ABS(%s%" PRIu32 ")<%s", letters, row, s->tolerance)};
}

/* Issued, withheld or declared. */
static struct cell sum_cell(struct sheet *w, const struct reconcile_group *g, size_t code, int part, const char *key, const char *index,
                            uint32_t row)
{
    struct summary *s = w->s;
    const int64_t *sums[] = {g->issued, g->withheld, g->declared};
    static const int columns[] = {R_ISSUED, R_WITHHELD, R_DECLARED};
    bool whole = g == &s->run->reconcile->all;

    if (part == 2 && !s->plan->codes[code].code)
        return (struct cell){.kind = CELL_EMPTY};
    if (!whole && (!w->live || (part < 2 && g->wage_year != s->t->year)))
        return money_cell(s, sums[part][code]);
    if (whole && w->live)
        over_groups(w, columns[part], row);
    else if (whole)
        over_rows(w, code, part);
    else if (part == 2)
        declared_formula(w, code, key);
    else
        certificate_formula(w, part == 0 ? &s->certificates : &s->withheld, code, key, index);
    return money_formula(s, sums[part][code], formula_take(s, &w->formula));
}

static void put_differences(struct sheet *w, const struct reconcile_group *g, size_t code, uint32_t row)
{
    struct summary *s = w->s;
    struct cell *cells = w->cells + w->base;
    char issued[4], withheld[4], payroll[4], declared[4];
    int64_t sum = g->declared[code] - reconcile_difference(g, code); /* bounded where the sums are at their ends */

    letters_of(w, R_ISSUED, issued);
    letters_of(w, R_WITHHELD, withheld);
    letters_of(w, R_PAYROLL, payroll);
    letters_of(w, R_DECLARED, declared);
    cells[R_PAYROLL] = money_formula(s, sum, arena_printf(&s->arena, "=ROUND(%s%" PRIu32 "+%s%" PRIu32 ",%d)", issued, row, withheld, row, s->t->digits));
    cells[R_DIFFERENCE] = (struct cell){.kind = CELL_EMPTY};
    if (s->plan->codes[code].code)
        cells[R_DIFFERENCE] = money_formula(s, reconcile_difference(g, code),
                                            arena_printf(&s->arena, "=ROUND(%s%" PRIu32 "-%s%" PRIu32 ",%d)", declared, row, payroll, row, s->t->digits));
}

/* What can be said of all rows: code, sums, difference, check. number: the group's, 0: all establishments. */
static bool put_row(struct sheet *w, const struct reconcile_group *g, size_t number, size_t code, enum cell_style style, struct tc_error *err)
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
    cells[R_WITHHELD] = sum_cell(w, g, code, 1, key, index, row);
    cells[R_DECLARED] = sum_cell(w, g, code, 2, key, index, row);
    put_differences(w, g, code, row);
    cells[R_CHECK] = check_cell(w, g, code, row);
    cells[R_REASON] = reason_cell(s, g, code);
    cells[R_GROUP] = number > 0 ? count_cell((int64_t)number) : (struct cell){.kind = CELL_EMPTY};
    cells[R_INDEX] = count_cell((int64_t)code + 1);
    for (size_t i = 0; i < w->base + R_COUNT; i++)
        w->cells[i].style = i == w->base + R_REASON ? STYLE_NOTE : style;
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
    const struct summary *s = w->s;
    const struct reconcile *r = s->run->reconcile;

    for (size_t i = 0; i < r->group_count; i++) {
        const struct reconcile_group *g = &r->groups[i];

        w->cells[0] = summary_text(reconcile_establishment(r, g->establishment));
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
        const struct cell cause = summary_text(s->plan->causes[i]);

        if (!xlsx_row(s->xlsx, sheet, &cause, 1, err))
            return false;
    }
    return true;
}

bool reconciliation_write(struct summary *s, struct tc_error *err)
{
    const struct reconcile *r = s->run->reconcile;
    size_t rows = r->group_count * s->plan->code_count;
    struct sheet w = {.s = s, .base = 1 + s->plan->shown_count, .first = (uint32_t)s->plan->code_count + 2,
                      .live = r->group_count <= LIVE_GROUPS};
    bool ok;

    w.last = w.first + (uint32_t)(rows > 0 ? rows - 1 : 0);
    w.cells = arena_array(&s->arena, w.base + R_COUNT, sizeof *w.cells);
    if (!w.cells)
        return error_memory(err);
    s->code_first = w.live ? w.first : 2; /* where groups are no formulas, what is over all is counted too */
    s->code_last = w.last;
    s->code_verdict = (int)w.base + R_CHECK;
    ok = put_all(&w, err) && put_groups(&w, err) && xlsx_filter(s->xlsx, s->single[SHEET_RECONCILIATION], err)
         && xlsx_verdicts(s->xlsx, s->single[SHEET_RECONCILIATION], 1, s->code_last - 1, s->code_verdict, err)
         && put_causes(s, err);
    buf_free(&w.formula);
    return ok;
}
