/* The first sheet: what this is, what was counted, every check, who answers for what. Built as a list of rows, since the
 * first verdict is about the rows below. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "book/state.h"

#define COLUMNS 7 /* left: everything; right of an empty one, below the charts, what they are made of */
#define RIGHT 5
#define FIRST_CHART 7 /* row: below the form's name */
#define CHART_ROWS 15 /* that one covers */
#define SIGN_LINES 2
#define WORD_ROOM 160 /* of a word in quotes */

struct row {
    struct cell cells[COLUMNS];
};

struct overview {
    struct summary *s;
    struct row *rows;
    size_t count, capacity;
    size_t verdict;                    /* row of the three verdicts: reckoned right, nobody held back, reconciled */
    size_t held;                       /* row of the live count of what is held back; refused changes stand above it */
    size_t reconciled, reconciled_end; /* rows about the declarations; equal: there are none in the input */
    bool differs;                      /* from the declarations */
    bool open;                         /* of them something is missing, or nobody's certificate agrees with them */
    size_t checks, checks_end;         /* rows with verdicts; what people wrote stands below */
    bool failed;                       /* a check failed */
    size_t changes;                    /* row of the first count of changes */
    size_t right;                      /* next row of the right side */
    size_t period_first, period_last;  /* rows of the chart's data */
    struct buf formula;
};

/* The next row, empty, or NULL when memory ran out. */
static struct cell *add(struct overview *o)
{
    if (o->count == o->capacity) {
        size_t capacity = o->capacity ? 2 * o->capacity : 64;
        struct row *rows = realloc(o->rows, capacity * sizeof *rows);

        if (!rows) {
            o->s->arena.failed = true;
            return NULL;
        }
        o->rows = rows;
        o->capacity = capacity;
    }
    o->rows[o->count] = (struct row){.cells = {{.kind = CELL_EMPTY}}};
    return o->rows[o->count++].cells;
}

/* Cells on the right of the next row there. */
static struct cell *add_right(struct overview *o)
{
    while (o->count <= o->right && add(o))
        ;
    return o->count > o->right ? o->rows[o->right++].cells + RIGHT : NULL;
}

static const char *label(const struct overview *o, enum label l)
{
    return o->s->plan->labels[l];
}

static void add_cells(struct overview *o, const char *title, struct cell value)
{
    struct cell *cells = add(o);

    if (!cells)
        return;
    cells[0] = (struct cell){.kind = CELL_TEXT, .style = STYLE_LABEL, .text = title};
    cells[1] = value;
}

static void add_text(struct overview *o, enum label l, const char *text)
{
    add_cells(o, label(o, l), summary_text(text));
}

static void add_count(struct overview *o, enum label l, long count)
{
    add_cells(o, label(o, l), (struct cell){.kind = CELL_COUNT, .number = count});
}

static void add_heads(struct overview *o, enum label first, enum label second, enum label third, enum label fourth)
{
    struct cell *cells = add(o);

    if (!cells)
        return;
    cells[0] = summary_head(label(o, first));
    cells[1] = summary_head(second == LABEL_COUNT ? "" : label(o, second));
    cells[2] = summary_head(third == LABEL_COUNT ? "" : label(o, third));
    cells[3] = summary_head(fourth == LABEL_COUNT ? "" : label(o, fourth));
}

/* ---- checks: a live value, what it must be as a constant, whether it is */

static void add_check(struct overview *o, const char *title, int64_t number, int digits, int64_t wanted)
{
    struct cell *cells = add(o);
    const char *formula = formula_take(o->s, &o->formula);

    if (!cells)
        return;
    cells[0] = summary_text(title);
    cells[1] = (struct cell){.kind = CELL_FORMULA, .text = formula, .number = number, .digits = digits};
    cells[2] = (struct cell){.kind = digits ? CELL_MONEY : CELL_COUNT, .number = wanted, .digits = digits};
    cells[3] = (struct cell){.kind = CELL_VERDICT,
                             .cached = label(o, number == wanted ? LABEL_PASSED : LABEL_FAILED),
                             .text = summary_verdict(o->s, "ABS(B%zu-C%zu)<%s", o->count, o->count, digits ? o->s->tolerance : "0.5")};
    o->failed |= number != wanted;
}

/* What is not done yet: a live count that must be 0 for the year to be complete; nothing is wrong with it. */
static void add_open_amount(struct overview *o, const char *title, int64_t number, int digits)
{
    struct cell *cells = add(o);
    const char *formula = formula_take(o->s, &o->formula);

    if (!cells)
        return;
    cells[0] = summary_text(title ? title : "");
    cells[1] = (struct cell){.kind = CELL_FORMULA, .text = formula, .number = number, .digits = digits};
    cells[2] = (struct cell){.kind = digits ? CELL_MONEY : CELL_COUNT, .number = 0, .digits = digits};
    cells[3] = (struct cell){.kind = CELL_VERDICT,
                             .cached = label(o, number == 0 ? LABEL_PASSED : LABEL_INCOMPLETE),
                             .text = arena_printf(&o->s->arena, "=IF(ABS(B%zu)<%s,\"%s\",\"%s\")", o->count,
                                                  digits ? o->s->tolerance : "0.5", label(o, LABEL_PASSED), label(o, LABEL_INCOMPLETE))};
}

static void add_open(struct overview *o, enum label title, long number)
{
    add_open_amount(o, label(o, title), number, 0);
}

/* The verdict of another sheet's cell. */
static void add_verdict(struct overview *o, const char *title, enum sheet_kind sheet, int column, uint32_t row)
{
    struct cell *cells = add(o);
    char letters[4];

    if (!cells)
        return;
    xlsx_column(column, letters);
    buf_puts(&o->formula, "=");
    xlsx_quote(&o->formula, o->s->plan->titles[sheet]);
    buf_printf(&o->formula, "%s%" PRIu32, letters, row);
    cells[0] = summary_text(title);
    cells[3] = (struct cell){.kind = CELL_VERDICT, .cached = label(o, LABEL_PASSED), .text = formula_take(o->s, &o->formula)};
}

/* Months that certificates are about and no declaration. */
static void add_open_months(struct overview *o)
{
    struct summary *s = o->s;
    char letters[4];

    xlsx_column(s->code_months, letters);
    buf_puts(&o->formula, "=SUM(");
    xlsx_quote(&o->formula, s->plan->titles[SHEET_RECONCILIATION]);
    buf_printf(&o->formula, "%s%" PRIu32 ":%s%" PRIu32 ")", letters, s->code_first, letters, s->code_last);
    o->open = reconcile_missing_count(s->run->reconcile) != 0;
    add_open(o, LABEL_OPEN_MONTHS, reconcile_missing_count(s->run->reconcile));
}

/* Declarations whose totals are not what their lines add up to. */
static void add_wrong_sums(struct overview *o)
{
    struct summary *s = o->s;
    struct sheet_rows rows;
    char word[WORD_ROOM];

    if (s->plan->total_count == 0 || s->run->reconcile->declaration_count == 0)
        return;
    declarations_rows(s, &rows);
    snprintf(word, sizeof word, "\"%s\"", label(o, LABEL_FAILED));
    buf_puts(&o->formula, "=");
    formula_count_if(&o->formula, &rows, declarations_check_column(s), word);
    add_check(o, label(o, LABEL_OPEN_SUMS), reconcile_wrong_count(s->run->reconcile), 0, 0);
}

/* What agrees only with what was held back counted in: its amounts, code by code, beside the verdict. */
static void add_open_sums(struct overview *o)
{
    struct summary *s = o->s;
    const struct reconcile *r = s->run->reconcile;
    char letters[4];

    xlsx_column(s->code_held, letters);
    for (size_t c = 0; c < s->plan->code_count; c++) {
        if (!s->plan->codes[c].checked || r->all.held[c] == 0)
            continue;
        buf_puts(&o->formula, "=");
        xlsx_quote(&o->formula, s->plan->titles[SHEET_RECONCILIATION]);
        buf_printf(&o->formula, "%s%zu", letters, c + 2);
        add_open_amount(o, arena_printf(&s->arena, "%s: %s, %s", label(o, LABEL_RECONCILED), label(o, LABEL_HELD), s->plan->codes[c].title),
                        r->all.held[c], s->t->digits);
    }
}

/* Nobody's certificate is nothing that could agree. */
static void weaken_verdict(struct overview *o)
{
    struct cell *cells = o->count > 0 ? o->rows[o->count - 1].cells : NULL;

    if (!cells || o->s->issued > 0 || o->s->arena.failed)
        return;
    cells[3].cached = label(o, o->s->different == 0 ? LABEL_INCOMPLETE : LABEL_FAILED);
    cells[3].text = arena_printf(&o->s->arena, "=IF(ABS(B%zu-C%zu)<0.5,\"%s\",\"%s\")", o->count, o->count, label(o, LABEL_INCOMPLETE),
                                 label(o, LABEL_FAILED));
}

static void add_reconciled(struct overview *o)
{
    struct summary *s = o->s;
    const char *title = label(o, LABEL_RECONCILED);
    char letters[4];
    bool failed;

    if (s->plan->code_count == 0)
        return;
    if (s->run->reconcile->all.declared_count == 0) {
        struct cell *cells = add(o);

        if (cells) {
            cells[0] = summary_text(title);
            cells[1] = summary_text(label(o, LABEL_NO_DECLARATIONS));
            cells[3] = (struct cell){.kind = CELL_TEXT, .text = label(o, LABEL_UNCHECKED)};
        }
        return;
    }
    o->reconciled = o->count;
    xlsx_column(s->code_verdict, letters);
    buf_puts(&o->formula, "=COUNTIF(");
    xlsx_quote(&o->formula, s->plan->titles[SHEET_RECONCILIATION]);
    buf_printf(&o->formula, "%s%" PRIu32 ":%s%" PRIu32 ",\"%s\")", letters, s->code_first, letters, s->code_last, label(o, LABEL_FAILED));
    o->differs = s->different != 0;
    failed = o->failed;
    add_check(o, title, s->different, 0, 0);
    o->failed = failed;
    weaken_verdict(o);
    add_open_sums(o);
    add_open_months(o);
    o->reconciled_end = o->count;
}

/* From the first run's totals over what was changed since to those of today. */
static void add_bridge(struct overview *o)
{
    struct summary *s = o->s;

    for (size_t i = 0; s->corrections.sheet_count > 0 && i < s->control_count; i++) {
        const struct plan_column *c = &s->plan->columns[s->control[i]];
        int64_t first = s->run->first_totals[c->field], sum = first + s->changed[c->field];
        const char *title = arena_printf(&s->arena, "%s: %s", label(o, LABEL_BRIDGE), c->title);
        char text[MONEY_TEXT];

        money_text(first, s->t->digits, text);
        buf_printf(&o->formula, "=ROUND(%s+", text);
        corrections_sum(s, &o->formula, (size_t)s->control[i]);
        buf_printf(&o->formula, ",%d)", s->t->digits);
        add_check(o, title ? title : "", sum, s->t->digits, s->totals[c->field]);
    }
}

/* The word stands in formulas beside others of its column. */
static void count_refused(struct overview *o)
{
    const struct summary *s = o->s;
    char word[WORD_ROOM] = "";

    for (size_t i = 0; i < s->plan->column_count; i++) {
        if (s->plan->columns[i].kind != COLUMN_CHANGE)
            continue;
        snprintf(word, sizeof word, "\"%s\"", label(o, LABEL_REFUSED));
        buf_puts(&o->formula, "=");
        formula_count_if(&o->formula, &s->held, (int)i, word);
        return;
    }
    buf_printf(&o->formula, "=%ld", s->refused);
}

/* Everybody of the first run, with the changes since, is who is there today; and what is open. */
static void add_balance(struct overview *o)
{
    struct summary *s = o->s;

    if (s->run->corrects) {
        size_t row = o->changes + 1;

        buf_printf(&o->formula, "=%" PRId64 "+B%zu-B%zu", s->run->first_issued, row + LEDGER_LATE, row + LEDGER_CANCELLATION);
        add_check(o, label(o, LABEL_BALANCE), s->run->first_issued + s->changes[LEDGER_LATE] - s->changes[LEDGER_CANCELLATION], 0,
                  s->issued);
        count_refused(o);
        add_open(o, LABEL_OPEN_REFUSED, s->refused);
    }
    buf_puts(&o->formula, "=");
    formula_count(&o->formula, &s->held, summary_group_column(s));
    o->held = o->count;
    add_open(o, LABEL_OPEN_HELD, s->held_count);
}

/* The sum of all amounts of the sheets that have no line of their own here: whoever changes one turns it red. */
static void add_area(struct overview *o, enum sheet_kind kind, const struct sheet_rows *rows, int first, int last)
{
    struct summary *s = o->s;
    const char *title = arena_printf(&s->arena, "%s: %s", label(o, LABEL_AREA), s->plan->titles[kind]);

    if (s->area_lost[kind] || rows->sheet_count == 0)
        return;
    buf_puts(&o->formula, "=ROUND(");
    if (kind == SHEET_CORRECTIONS)
        corrections_area(s, &o->formula);
    else
        formula_area(&o->formula, rows, first, last);
    buf_printf(&o->formula, ",%d)", s->t->digits);
    add_check(o, title ? title : "", s->areas[kind], s->t->digits, s->areas[kind]);
}

static void add_areas(struct overview *o)
{
    struct summary *s = o->s;
    struct sheet_rows rows;

    if (s->plan->code_count > 0 && s->run->reconcile->declaration_count > 0) {
        declarations_rows(s, &rows);
        add_area(o, SHEET_DECLARATIONS, &rows, DECLARATION_COLUMNS, declarations_check_column(s) - 1);
    }
    if (s->held_count + s->refused > 0)
        add_area(o, SHEET_HELD, &s->held, s->money_first, s->money_last);
    rows = (struct sheet_rows){.title = s->plan->titles[SHEET_ORIGIN],
                               .sheet_count = 1,
                               .counts = {(uint32_t)(s->origin_rows < ORIGIN_ROWS ? s->origin_rows : ORIGIN_ROWS)}};
    if (s->origin_rows > 0)
        add_area(o, SHEET_ORIGIN, &rows, ORIGIN_COLUMNS, ORIGIN_COLUMNS + TRAIL_MONTHS - 1);
    if (s->corrections.sheet_count > 0)
        add_area(o, SHEET_CORRECTIONS, &s->corrections, 0, 0);
}

/* Everybody's certificate went out in one way, or not yet. */
static void add_extra(struct overview *o)
{
    struct summary *s = o->s;

    if (s->extra.sheet_count == 0)
        return;
    extra_count(s, &o->formula);
    add_check(o, s->run->extra->check, s->extra_checked, 0, s->issued);
}

static void add_checks(struct overview *o)
{
    struct summary *s = o->s;

    add_heads(o, LABEL_CHECKS, LABEL_LIVE, LABEL_CONTROL, LABEL_CHECK);
    o->checks = o->count;
    buf_puts(&o->formula, "=");
    formula_count(&o->formula, &s->certificates, summary_group_column(s)); /* a number that stands in every row */
    add_check(o, label(o, LABEL_COUNT_CHECK), s->issued, 0, s->issued);
    buf_puts(&o->formula, "=");
    formula_count(&o->formula, &s->held, summary_group_column(s));
    add_check(o, label(o, LABEL_HELD_CHECK), s->held_count, 0, s->held_count);
    buf_printf(&o->formula, "=B%zu+B%zu", o->count - 1, o->count);
    add_check(o, label(o, LABEL_ALL_COUNTED), s->issued + s->held_count, 0, s->certificate_count);
    add_balance(o);
    for (size_t g = 0; g < s->plan->group_count; g++) {
        const char *title = arena_printf(&s->arena, "%s: %s", label(o, LABEL_GROUPS_CHECK), s->plan->groups[g].title);

        add_verdict(o, title ? title : "", SHEET_TOTALS, 5 + (int)s->control_count, s->group_checks[g]);
    }
    add_reconciled(o);
    add_wrong_sums(o);
    add_areas(o);
    add_extra(o);
    add(o);
    add_heads(o, LABEL_TOTALS, LABEL_LIVE, LABEL_CONTROL, LABEL_CHECK);
    for (size_t i = 0; i < s->plan->column_count; i++) {
        const struct plan_column *c = &s->plan->columns[i];

        if (c->field < 0 || s->t->fields[c->field].type != FIELD_MONEY)
            continue;
        buf_puts(&o->formula, "=ROUND(");
        formula_sum(&o->formula, &s->certificates, (int)i);
        buf_printf(&o->formula, ",%d)", s->t->digits);
        add_check(o, c->title, s->totals[c->field], s->t->digits, s->totals[c->field]);
    }
    add_bridge(o);
    o->checks_end = o->count;
    add(o);
}

/* ---- the other parts */

static void add_head(struct overview *o)
{
    struct summary *s = o->s;
    struct cell *cells = add(o);

    if (cells)
        cells[0] = (struct cell){.kind = CELL_TEXT, .style = STYLE_TITLE, .text = label(o, LABEL_TITLE)};
    add(o);
    add_text(o, LABEL_EMPLOYER, s->run->employer);
    add_text(o, LABEL_FORM, arena_printf(&s->arena, "%s (%s)", s->t->title, s->t->id));
    add_count(o, LABEL_YEAR, s->t->year);
    add_cells(o, label(o, LABEL_ISSUE_DATE), (struct cell){.kind = CELL_DATE, .number = s->run->issued});
    if (s->run->draft)
        add_text(o, LABEL_DRAFT, label(o, LABEL_YES));
    if (s->t->filing_unverified)
        add_text(o, LABEL_UNVERIFIED, label(o, LABEL_YES));
    o->verdict = o->count;
    add_text(o, LABEL_ALL_CHECKS, "");
    add_text(o, LABEL_HELD, "");
    if (s->plan->code_count > 0)
        add_cells(o, s->plan->titles[SHEET_RECONCILIATION], (struct cell){.kind = CELL_EMPTY});
    add(o);
    add_count(o, LABEL_CERTIFICATES, s->certificate_count);
    add_count(o, LABEL_ISSUED, s->issued);
    add_count(o, LABEL_HELD, s->held_count);
    add_count(o, LABEL_WITHOUT, s->without_count);
    add_count(o, LABEL_UNEXPLAINED, s->unexplained);
    add_count(o, LABEL_WARNINGS, s->warnings);
    add_count(o, LABEL_WAIVED, s->waived_count);
    add(o);
    if (s->run->corrects) {
        static const enum label changes[LEDGER_CHANGES] = {LABEL_CHANGE_CORRECTION, LABEL_CHANGE_CANCELLATION, LABEL_CHANGE_LATE};

        o->changes = o->count;
        for (int i = 0; i < LEDGER_CHANGES; i++)
            add_count(o, changes[i], s->changes[i]);
        add_count(o, LABEL_OPEN_REFUSED, s->refused);
        add(o);
    }
}

/* Below all else, where there is room for so long words beside them. */
static void add_hashes(struct overview *o)
{
    struct summary *s = o->s;

    while (o->count <= o->right && add(o))
        ;
    if (s->run->corrects)
        add_text(o, LABEL_CORRECTS, s->run->corrects);
    add_text(o, LABEL_IDENTITY, s->run->identity);
    add_text(o, LABEL_PAYROLL_HASH, s->run->payroll_hash);
    add_text(o, LABEL_EMPLOYEES_HASH, s->run->employees_hash);
}

static void add_waivers(struct overview *o)
{
    struct summary *s = o->s;

    if (s->waived_count == 0)
        return;
    add_heads(o, LABEL_WAIVED, LABEL_RULE, LABEL_REASON, LABEL_APPROVED_BY);
    for (long i = 0; i < s->waived_shown; i++) {
        struct cell *cells = add(o);
        const char *more = s->waived[i].count > 1 ? arena_printf(&s->arena, "%s (+ %ld)", s->waived[i].id, s->waived[i].count - 1) : NULL;

        if (!cells)
            return;
        cells[0] = summary_text(more ? more : s->waived[i].id);
        cells[1] = summary_text(s->waived[i].rule);
        cells[2] = summary_text(s->waived[i].reason);
        cells[3] = summary_text(s->waived[i].who);
        for (int k = 0; k < 4; k++)
            cells[k].style = STYLE_NOTE;
    }
    if (s->waived_more)
        add_text(o, LABEL_MORE, s->plan->titles[SHEET_FINDINGS]);
    add(o);
}

/* The line of the declaration that is drawn by period; -1: there is none. */
static int drawn_code(const struct plan *p)
{
    int drawn = -1;

    for (size_t c = 0; c < p->code_count; c++) {
        if (p->codes[c].chart)
            return (int)c;
        if (p->codes[c].checked && drawn < 0)
            drawn = (int)c;
    }
    return drawn;
}

static bool is_of_year(const struct summary *s, const struct declaration *d)
{
    return d->counts && d->wage_year == s->t->year;
}

static int period_number(const struct declaration *d)
{
    return d->year * 10000 + d->first * 100 + d->last;
}

/* The least period after the given one; NULL: there is none. */
static const struct declaration *next_period(const struct summary *s, int after)
{
    const struct reconcile *r = s->run->reconcile;
    const struct declaration *next = NULL;

    for (size_t i = 0; i < r->declaration_count; i++) {
        const struct declaration *d = &r->declarations[i];

        if (is_of_year(s, d) && period_number(d) > after && (!next || period_number(d) < period_number(next)))
            next = d;
    }
    return next;
}

/* What was declared by period, live over the declarations. */
static void add_periods(struct overview *o)
{
    struct summary *s = o->s;
    const struct reconcile *r = s->run->reconcile;
    int code = drawn_code(s->plan);
    const char *counts = declarations_counts(s);
    struct sheet_rows rows;
    struct cell *cells;

    if (code < 0 || r->declaration_count == 0)
        return;
    declarations_rows(s, &rows);
    cells = add_right(o);
    if (cells) {
        cells[0] = summary_head(label(o, LABEL_PERIOD));
        cells[1] = summary_head(label(o, LABEL_BY_PERIOD));
    }
    o->period_first = o->right;
    for (const struct declaration *p = next_period(s, 0); p; p = next_period(s, period_number(p))) {
        char period[24], year[16];
        const struct formula_if conditions[] = {{declarations_group_column(s) + 1, period}, {DECLARATION_COLUMNS - 1, counts}, {2, year}};
        int64_t sum = 0;

        snprintf(period, sizeof period, "%d", period_number(p));
        snprintf(year, sizeof year, "%d", s->t->year);
        for (size_t i = 0; i < r->declaration_count; i++)
            if (is_of_year(s, &r->declarations[i]) && period_number(&r->declarations[i]) == period_number(p))
                sum += r->declarations[i].amounts[code]; /* the sum of all was checked */
        buf_puts(&o->formula, "=ROUND(");
        formula_sum_if(&o->formula, &rows, declarations_column(s, (size_t)code), conditions, 3);
        buf_printf(&o->formula, ",%d)", s->t->digits);
        cells = add_right(o);
        if (!cells)
            return;
        cells[0] = summary_text(p->period);
        cells[1] = (struct cell){.kind = CELL_FORMULA, .text = formula_take(s, &o->formula), .number = sum, .digits = s->t->digits};
    }
    o->period_last = o->right;
}

/* Lines to write on. */
static void add_sign(struct overview *o)
{
    struct cell *cells;

    o->right++;
    cells = add_right(o);
    for (int i = 0; cells && i < 2; i++)
        cells[i] = summary_head(label(o, i == 0 ? LABEL_SIGN_PLACE : LABEL_SIGN));
    for (int i = 0; i < SIGN_LINES; i++) {
        o->right += 2;
        cells = add_right(o);
        for (int k = 0; cells && k < 2; k++)
            cells[k].style = STYLE_SIGN;
    }
}

/* Whether the rows' checks hold, but for that of the declarations, which is another question. */
static void set_reckoned(struct overview *o, struct cell *c)
{
    size_t first = o->checks + 1, last = o->checks_end, row = o->reconciled + 1;
    const char *failed = label(o, LABEL_FAILED);

    *c = (struct cell){.kind = CELL_VERDICT, .cached = label(o, o->failed ? LABEL_MISCALCULATED : LABEL_CALCULATED)};
    buf_printf(&o->formula, "=IF(COUNTIF(D%zu:D%zu,\"%s\")", first, last, failed);
    if (o->reconciled < o->reconciled_end)
        buf_printf(&o->formula, "-COUNTIF(D%zu:D%zu,\"%s\")", row, row, failed);
    buf_printf(&o->formula, ">0,\"%s\",\"%s\")", label(o, LABEL_MISCALCULATED), label(o, LABEL_CALCULATED));
    c->text = formula_take(o->s, &o->formula);
}

/* How many are held back, refused changes among them. */
static void set_held(struct overview *o, struct cell *c)
{
    struct summary *s = o->s;

    *c = (struct cell){.kind = CELL_FORMULA, .number = s->held_count + (s->run->corrects ? s->refused : 0)};
    buf_printf(&o->formula, "=B%zu", o->held + 1);
    if (s->run->corrects)
        buf_printf(&o->formula, "+B%zu", o->held);
    c->text = formula_take(s, &o->formula);
}

/* Agreed, different, not all declared, or not reconciled, which is also what nobody's certificate is. */
static void set_reconciled(struct overview *o, struct cell *c)
{
    const char *failed = label(o, LABEL_FAILED), *open = label(o, LABEL_INCOMPLETE), *none = label(o, LABEL_NOT_RECONCILED);
    size_t row = o->reconciled + 1;

    *c = (struct cell){.kind = CELL_VERDICT};
    if (o->reconciled == o->reconciled_end) {
        c->cached = none;
        buf_printf(&o->formula, "=\"%s\"", none);
    } else {
        c->cached = o->differs ? failed : o->s->issued == 0 ? none : o->open ? open : label(o, LABEL_PASSED);
        buf_printf(&o->formula, "=IF(D%zu=\"%s\",\"%s\",IF(D%zu=\"%s\",\"%s\",IF(D%zu=\"%s\",\"%s\",\"%s\")))", row, failed, failed, row,
                   open, none, o->reconciled_end, open, open, label(o, LABEL_PASSED));
    }
    c->text = formula_take(o->s, &o->formula);
}

/* Three questions, and never one word for them: is it reckoned right, is anybody held back, does it agree with what was declared. */
static void set_verdicts(struct overview *o)
{
    set_reckoned(o, &o->rows[o->verdict].cells[1]);
    set_held(o, &o->rows[o->verdict + 1].cells[1]);
    if (o->s->plan->code_count > 0)
        set_reconciled(o, &o->rows[o->verdict + 2].cells[1]);
}

/* Their colours. */
static bool colour_verdicts(struct overview *o, struct tc_error *err)
{
    struct xlsx *x = o->s->xlsx;
    int sheet = o->s->single[SHEET_OVERVIEW];
    uint32_t row = (uint32_t)o->verdict;

    return xlsx_look(x, sheet, row, 1, label(o, LABEL_CALCULATED), XLSX_GOOD, err)
           && xlsx_look(x, sheet, row, 1, label(o, LABEL_MISCALCULATED), XLSX_BAD, err)
           && xlsx_look(x, sheet, row + 1, 1, NULL, XLSX_BAD, err)
           && (o->s->plan->code_count == 0
               || (xlsx_verdicts(x, sheet, row + 2, row + 2, 1, err)
                   && xlsx_look(x, sheet, row + 2, 1, label(o, LABEL_NOT_RECONCILED), XLSX_OPEN, err)));
}

/* ---- charts: what was declared by period, people by group */

static bool put_charts(struct overview *o, struct tc_error *err)
{
    struct summary *s = o->s;
    uint32_t row = FIRST_CHART;

    if (o->period_last > o->period_first) {
        const struct xlsx_chart chart = {.title = label(o, LABEL_BY_PERIOD),
                                         .sheet = s->single[SHEET_OVERVIEW],
                                         .labels = RIGHT,
                                         .values = RIGHT + 1,
                                         .first = (uint32_t)o->period_first,
                                         .last = (uint32_t)o->period_last - 1};

        if (!xlsx_chart(s->xlsx, s->single[SHEET_OVERVIEW], row, RIGHT, &chart, err))
            return false;
        row += CHART_ROWS;
    }
    for (size_t g = 0; g < s->plan->group_count; g++) {
        struct xlsx_chart chart = {
            .title = s->plan->groups[g].title, .sheet = s->single[SHEET_TOTALS], .labels = 2, .values = 4, .bars = true};

        if (!s->plan->groups[g].chart || s->tallies[g].count == 0)
            continue;
        chart.first = (uint32_t)totals_first_row(s, g) - 1;
        chart.last = chart.first + (uint32_t)s->tallies[g].count - 1;
        if (!xlsx_chart(s->xlsx, s->single[SHEET_OVERVIEW], row, RIGHT, &chart, err))
            return false;
        row += CHART_ROWS;
    }
    return true;
}

/* The periods' and the groups'. */
static size_t count_charts(const struct summary *s)
{
    size_t count = s->run->reconcile->declaration_count > 0;

    for (size_t g = 0; g < s->plan->group_count; g++)
        count += s->plan->groups[g].chart;
    return count;
}

/* Texts go on beside their cell; titles of checks and what people wrote about waivers are wrapped. */
static void lay_texts(struct overview *o)
{
    for (size_t i = 0; i < o->count; i++)
        for (size_t k = 0; k < COLUMNS; k++)
            if (o->rows[i].cells[k].kind == CELL_TEXT && o->rows[i].cells[k].style == STYLE_PLAIN)
                o->rows[i].cells[k].style = k == 0 ? STYLE_NOTE : STYLE_SPILL;
}

bool overview_write(struct summary *s, struct tc_error *err)
{
    struct overview o = {.s = s, .right = FIRST_CHART + count_charts(s) * CHART_ROWS};
    int sheet = s->single[SHEET_OVERVIEW];
    bool ok;

    add_head(&o);
    add_checks(&o);
    add_waivers(&o);
    add_periods(&o);
    add_sign(&o);
    add_hashes(&o);
    lay_texts(&o);
    if (!s->arena.failed)
        set_verdicts(&o);
    ok = !s->arena.failed || error_memory(err);
    for (size_t i = 0; ok && i < o.count; i++)
        ok = xlsx_row(s->xlsx, sheet, o.rows[i].cells, COLUMNS, err);
    ok = ok && xlsx_verdicts(s->xlsx, sheet, (uint32_t)o.checks, (uint32_t)o.checks_end - 1, 3, err) && colour_verdicts(&o, err)
         && put_charts(&o, err);
    buf_free(&o.formula);
    free(o.rows);
    return ok;
}
