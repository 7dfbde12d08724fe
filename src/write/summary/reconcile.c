/* The reconciliation: what was certified and withheld against what was declared, and the declarations it goes by. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "write/summary/parts.h"

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

/* The column of a code among the declarations. */
static int declaration_column(const struct plan *p, size_t code)
{
    int column = DECLARATION_COLUMNS;

    for (size_t c = 0; c < code; c++)
        column += p->codes[c].code != NULL;
    return column;
}

static int declaration_group_column(const struct plan *p)
{
    return declaration_column(p, p->code_count);
}

static void declared_formula(struct sheet *w, size_t code, const char *group)
{
    const struct plan *p = w->s->plan;
    const struct formula_if conditions[] = {{declaration_group_column(p), group}, {DECLARATION_COLUMNS - 1, "1"}};
    struct sheet_rows rows;

    declarations_rows(w->s, &rows);
    buf_puts(&w->formula, "=ROUND(");
    formula_sum_if(&w->formula, &rows, declaration_column(p, code), conditions, 2);
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

static void sums_of(const struct reconcile *r, const struct reconcile_group *g, size_t code, int64_t sums[3])
{
    sums[0] = sums[1] = sums[2] = 0;
    for (size_t i = 0; i < r->group_count; i++) {
        const struct reconcile_group *one = &r->groups[i];

        if (g ? one != g : one->wage_year != r->t->year)
            continue;
        sums[0] += one->issued[code];
        sums[1] += one->withheld[code];
        sums[2] += one->declared[code];
    }
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
static const char *missing_months(struct summary *s, const struct reconcile_group *g)
{
    struct buf text = {0};
    const char *list;

    for (int m = 1; m <= RECONCILE_MONTHS; m++) {
        int last = m;

        if (g->months >> (m - 1) & 1)
            continue;
        while (last < RECONCILE_MONTHS && !(g->months >> last & 1))
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

static const char *difference_words(struct summary *s, const struct reconcile_group *g, size_t code)
{
    const struct reconcile *r = s->run->reconcile;
    size_t about = g->about[code];

    switch (g->reasons[code]) {
    case REASON_CORRECTION:
        return fill(s, LABEL_REASON_CORRECTION, r->declarations[about].period);
    case REASON_OTHER:
        return fill(s, LABEL_REASON_OTHER, reconcile_establishment(r, r->groups[about].establishment));
    case REASON_MISSING:
        return g->declared_count == 0 ? s->plan->labels[LABEL_REASON_NONE_DECLARED] : fill(s, LABEL_REASON_MISSING, missing_months(s, g));
    case REASON_GENERAL:
        return s->plan->labels[LABEL_REASON_GENERAL];
    default:
        return NULL;
    }
}

/* g NULL: all establishments. */
static struct cell reason_cell(struct summary *s, const struct reconcile_group *g, size_t code)
{
    const struct plan_code *c = &s->plan->codes[code];
    const char *words = g ? difference_words(s, g, code) : NULL;
    char number[24];

    if (c->note)
        words = join(s, words, c->note);
    if (g && c->checked && g->wage_year != s->t->year)
        words = join(s, words, s->plan->labels[LABEL_REASON_OTHER_YEAR]);
    if (g && c->checked && g->withheld_count > 0) {
        snprintf(number, sizeof number, "%ld", g->withheld_count);
        words = join(s, words, fill(s, LABEL_REASON_WITHHELD, number));
    }
    if (!g && c->checked && s->run->reconcile->unreadable > 0) {
        snprintf(number, sizeof number, "%ld", s->run->reconcile->unreadable);
        words = join(s, words, fill(s, LABEL_REASON_UNREADABLE, number));
    }
    return summary_text(words);
}

/* ---- rows */

static struct cell check_cell(struct sheet *w, const struct reconcile_group *g, size_t code, uint32_t row, int64_t difference)
{
    struct summary *s = w->s;
    char letters[4];

    if (!s->plan->codes[code].checked)
        return (struct cell){.kind = CELL_EMPTY};
    if (s->run->reconcile->declaration_count == 0 || (g && g->wage_year != s->t->year))
        return summary_text(s->plan->labels[LABEL_UNCHECKED]);
    letters_of(w, R_DIFFERENCE, letters);
    return (struct cell){.kind = CELL_VERDICT, .cached = s->plan->labels[difference == 0 ? LABEL_PASSED : LABEL_FAILED],
                         .text = summary_verdict(s, "ABS(%s%" PRIu32 ")<0.005", letters, row)};
}

/* What can be said of all rows: code, sums, difference, check. g NULL: all establishments. */
static bool put_row(struct sheet *w, const struct reconcile_group *g, size_t group, size_t code, struct tc_error *err)
{
    struct summary *s = w->s;
    const struct reconcile *r = s->run->reconcile;
    struct cell *cells = w->cells + w->base;
    const struct plan_code *c = &s->plan->codes[code];
    uint32_t row = xlsx_rows(s->xlsx, s->single[SHEET_RECONCILIATION]) + 1;
    bool live = g ? w->live : true, certified = !g || g->wage_year == s->t->year;
    char key[24], index[24], issued[4], withheld[4], payroll[4], declared[4], letters[4];
    int64_t sums[3];

    snprintf(key, sizeof key, "$%s%" PRIu32, letters_of(w, R_GROUP, letters), row);
    snprintf(index, sizeof index, "$%s%" PRIu32, letters_of(w, R_INDEX, letters), row);
    sums_of(r, g, code, sums);
    cells[R_YEAR] = count_cell(g ? g->wage_year : s->t->year);
    cells[R_CODE] = summary_text(c->code);
    cells[R_TEXT] = summary_text(c->title);
    for (int i = 0; i < 3; i++) {
        int column = i == 0 ? R_ISSUED : i == 1 ? R_WITHHELD : R_DECLARED;

        if (i == 2 && !c->code) {
            cells[column] = (struct cell){.kind = CELL_EMPTY};
            continue;
        }
        cells[column] = money_cell(s, sums[i]);
        if (!live || (g && i < 2 && !certified))
            continue;
        if (!g)
            over_groups(w, column, row);
        else if (i == 2)
            declared_formula(w, code, key);
        else
            certificate_formula(w, i == 0 ? &s->certificates : &s->withheld, code, key, index);
        cells[column] = money_formula(s, sums[i], formula_take(s, &w->formula));
    }
    letters_of(w, R_ISSUED, issued);
    letters_of(w, R_WITHHELD, withheld);
    letters_of(w, R_PAYROLL, payroll);
    letters_of(w, R_DECLARED, declared);
    cells[R_PAYROLL] = money_formula(s, sums[0] + sums[1], arena_printf(&s->arena, "=ROUND(%s%" PRIu32 "+%s%" PRIu32 ",%d)", issued, row, withheld, row,
                                                                         s->t->digits));
    cells[R_DIFFERENCE] = c->code ? money_formula(s, sums[2] - sums[0] - sums[1],
                                                  arena_printf(&s->arena, "=ROUND(%s%" PRIu32 "-%s%" PRIu32 ",%d)", declared, row, payroll, row,
                                                               s->t->digits))
                                  : (struct cell){.kind = CELL_EMPTY};
    cells[R_CHECK] = check_cell(w, g, code, row, sums[2] - sums[0] - sums[1]);
    cells[R_REASON] = reason_cell(s, g, code);
    cells[R_REASON].style = STYLE_NOTE;
    cells[R_GROUP] = g ? count_cell((int64_t)group + 1) : (struct cell){.kind = CELL_EMPTY};
    cells[R_INDEX] = count_cell((int64_t)code + 1);
    for (size_t i = 0; !g && i < w->base + R_COUNT; i++)
        if (w->cells[i].kind != CELL_EMPTY && i != w->base + R_REASON)
            w->cells[i].style = STYLE_LABEL;
    return (!s->arena.failed || error_memory(err)) && xlsx_row(s->xlsx, s->single[SHEET_RECONCILIATION], w->cells, w->base + R_COUNT, err);
}

static bool put_all(struct sheet *w, struct tc_error *err)
{
    const struct summary *s = w->s;

    memset(w->cells, 0, w->base * sizeof *w->cells);
    w->cells[0] = summary_text(s->plan->labels[LABEL_ALL]);
    for (size_t c = 0; c < s->plan->code_count; c++)
        if (!put_row(w, NULL, 0, c, err))
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
            if (!put_row(w, g, i, c, err))
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
    s->code_first = w.first;
    s->code_last = w.last;
    s->code_verdict = (int)w.base + R_CHECK;
    ok = put_all(&w, err) && put_groups(&w, err) && xlsx_filter(s->xlsx, s->single[SHEET_RECONCILIATION], err)
         && xlsx_verdicts(s->xlsx, s->single[SHEET_RECONCILIATION], 1, s->code_last - 1, s->code_verdict, err)
         && put_causes(s, err);
    buf_free(&w.formula);
    return ok;
}
