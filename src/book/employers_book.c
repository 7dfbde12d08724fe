#include "book/employers_book.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/beside.h"
#include "base/money.h"
#include "book/xlsx/xlsx.h"

#define HEAD_ROW 2 /* below the title and the sums */
#define TITLE_ROOM 200

/* What became of each, on the one page wide that is printed; then what the sums are of. */
enum fixed {
    COLUMN_RUN,
    COLUMN_CALLED,
    COLUMN_STATE,
    COLUMN_CODE,
    COLUMN_RULE,
    COLUMN_ERROR,
    COLUMN_RECONCILED,
    COLUMN_CERTIFICATES,
    COLUMN_ISSUED,
    COLUMN_HELD,
    COLUMN_WITHOUT,
    COLUMN_UNEXPLAINED,
    COLUMN_WARNINGS,
    COLUMN_WAIVED,
    COLUMN_BOOK,
    COLUMN_FORM,
    COLUMN_YEAR,
    COLUMN_TOTALS /* follow */
};

static const struct table_column fixed_columns[COLUMN_TOTALS] = {
    {"run folder", 13, false, false},
    {"employer", 20, false, false},
    {"result", 15, false, false},
    {"exit code", 14, false, false},
    {"rule", 16, false, false},
    {"error", 34, false, false},
    {"declarations", 14, false, false},
    {"certificates", 16, false, false},
    {"issued", 12, false, false},
    {"held back", 15, false, false},
    {"employees without a certificate", 14, false, false},
    {"of these without a stated reason", 16, false, true},
    {"warnings", 10, false, false},
    {"waived", 14, false, false},
    {"workbook", 14, false, false},
    {"form", 28, false, false},
    {"year", 7, false, false},
};

/* A control line of a form and year: amounts of others and of other currencies are not added to it. */
struct total {
    const char *form, *line, *currency;
    int digits, year;
    int64_t sum;
    bool box;
};

struct overview {
    struct xlsx *xlsx;
    int sheet;
    const struct employers_row *rows;
    size_t count, total_count, column_count;
    struct total *totals;
    struct table_column *columns;
    struct cell *cells;
    char (*titles)[TITLE_ROOM];
    const struct tc_words *words;
};

static bool is_made(const struct employers_row *row)
{
    return row->employer->code <= TC_HELD;
}

/* The place of an employer's i-th total among all, or total_count. */
static size_t find_total(const struct overview *o, const struct employers_row *row, int i)
{
    const struct tc_result *r = &row->employer->result;
    size_t at = 0;

    while (at < o->total_count
           && (strcmp(o->totals[at].form, row->form) != 0 || strcmp(o->totals[at].line, r->totals[i].line) != 0
               || strcmp(o->totals[at].currency, r->currency) != 0 || o->totals[at].digits != row->digits
               || o->totals[at].year != row->year))
        at++;
    return at;
}

static bool gather_totals(struct overview *o, struct tc_error *err)
{
    o->totals = calloc(o->count * TC_TOTALS_MAX + 1, sizeof *o->totals);
    if (!o->totals)
        return error_memory(err);
    for (size_t r = 0; r < o->count; r++) {
        const struct tc_result *result = &o->rows[r].employer->result;

        for (int i = 0; is_made(&o->rows[r]) && i < result->total_count; i++) {
            size_t at = find_total(o, &o->rows[r], i);

            if (at == o->total_count)
                o->totals[o->total_count++] = (struct total){o->rows[r].form,      result->totals[i].line, result->currency,
                                                             o->rows[r].digits,    o->rows[r].year,        0,
                                                             result->totals[i].box};
            if (!money_add(&o->totals[at].sum, result->totals[i].units))
                return error_set(err, TC_INPUT, NULL, NULL, "amount-range",
                                 "the total of a line is too large; check the amounts of the data");
        }
    }
    return true;
}

/* The form is named where there are several. */
static void name_total(const struct overview *o, size_t i)
{
    const struct total *t = &o->totals[i];
    const char *of = t->box ? tc_word(o->words, "total of box") : tc_word(o->words, "total of line");
    bool several = false;

    for (size_t at = 1; at < o->total_count; at++)
        several = several || strcmp(o->totals[at].form, o->totals[0].form) != 0 || o->totals[at].year != o->totals[0].year;
    snprintf(o->titles[i], TITLE_ROOM, "%s %s (%s)", of, t->line, t->currency);
    if (several)
        snprintf(o->titles[i], TITLE_ROOM, "%s %s (%s) %s %d", of, t->line, t->currency, t->form, t->year);
}

static bool make_columns(struct overview *o, struct tc_error *err)
{
    o->column_count = COLUMN_TOTALS + o->total_count;
    o->columns = calloc(o->column_count, sizeof *o->columns);
    o->cells = calloc(o->column_count, sizeof *o->cells);
    o->titles = calloc(o->total_count + 1, sizeof *o->titles);
    if (!o->columns || !o->cells || !o->titles)
        return error_memory(err);
    memcpy(o->columns, fixed_columns, sizeof fixed_columns);
    for (size_t i = 0; i < COLUMN_TOTALS; i++)
        o->columns[i].title = tc_word(o->words, o->columns[i].title);
    for (size_t i = 0; i < o->total_count; i++) {
        name_total(o, i);
        o->columns[COLUMN_TOTALS + i] = (struct table_column){o->titles[i], 18, false, false};
    }
    return true;
}

static struct cell text_cell(const char *text)
{
    return (struct cell){.kind = *text ? CELL_TEXT : CELL_EMPTY, .text = text};
}

static struct cell count_cell(long count)
{
    return (struct cell){.kind = CELL_COUNT, .number = count};
}

static bool write_row(const struct overview *o, struct tc_error *err)
{
    return xlsx_row(o->xlsx, o->sheet, o->cells, o->column_count, err);
}

static void clear_row(const struct overview *o)
{
    memset(o->cells, 0, o->column_count * sizeof *o->cells);
}

static void fill_counts(struct cell *cells, const struct tc_result *r)
{
    cells[COLUMN_CERTIFICATES] = count_cell(r->certificates);
    cells[COLUMN_ISSUED] = count_cell(r->issued);
    cells[COLUMN_HELD] = count_cell(r->held);
    cells[COLUMN_WITHOUT] = count_cell(r->without);
    cells[COLUMN_UNEXPLAINED] = count_cell(r->unexplained);
    cells[COLUMN_WARNINGS] = count_cell(r->warnings);
    cells[COLUMN_WAIVED] = count_cell(r->waived);
}

static bool write_employer(const struct overview *o, const struct employers_row *row, struct tc_error *err)
{
    static const char *const states[] = {"all issued", "some held back", "failed"};
    static const char *const reconciled[] = {"not reconciled", "agree", "differ", "nothing issued"};
    const struct tc_employer *e = row->employer;
    struct cell *cells = o->cells;
    char link[64], said[sizeof e->err.message];

    clear_row(o);
    cells[COLUMN_RUN] = text_cell(e->name);
    cells[COLUMN_STATE] = text_cell(tc_word(o->words, e->corrected ? "corrected" : states[e->code < TC_USAGE ? e->code : TC_USAGE]));
    cells[COLUMN_CODE] = count_cell(e->code);
    if (!is_made(row)) {
        cells[COLUMN_RULE] = text_cell(e->err.rule);
        cells[COLUMN_ERROR] = text_cell(tc_say(o->words, e->err.message, said, sizeof said));
        return write_row(o, err);
    }
    cells[COLUMN_CALLED] = text_cell(row->called);
    cells[COLUMN_FORM] = text_cell(row->form);
    cells[COLUMN_YEAR] = count_cell(row->year);
    cells[COLUMN_RECONCILED] = text_cell(tc_word(o->words, e->result.reconciled == TC_RECONCILED && e->result.held > 0
                                                               ? "agree, some held back"
                                                               : reconciled[e->result.reconciled]));
    fill_counts(cells, &e->result);
    for (int i = 0; i < e->result.total_count; i++)
        cells[COLUMN_TOTALS + find_total(o, row, i)] = (struct cell){
            .kind = CELL_MONEY, .number = e->result.totals[i].units, .digits = row->digits};
    snprintf(link, sizeof link, "%s/summary.xlsx", e->name);
    cells[COLUMN_BOOK] = (struct cell){.kind = CELL_LINK, .text = "summary.xlsx", .cached = link};
    return write_row(o, err);
}

/* A formula over the employers' rows beside the value it has. */
static void put_sum(const struct overview *o, size_t column, int64_t value, int digits, char formula[80])
{
    size_t first = HEAD_ROW + 2, end = HEAD_ROW + 1 + o->count;
    char name[4];

    xlsx_column((int)column, name);
    if (digits > 0)
        snprintf(formula, 80, "=ROUND(SUM(%s%zu:%s%zu),%d)", name, first, name, end, digits);
    else
        snprintf(formula, 80, "=SUM(%s%zu:%s%zu)", name, first, name, end);
    o->cells[column] = (struct cell){.kind = CELL_FORMULA, .style = STYLE_LABEL, .text = formula, .number = value, .digits = digits};
}

static bool write_sums(const struct overview *o, struct tc_error *err)
{
    char(*formulas)[80] = calloc(o->column_count, sizeof *formulas);
    struct cell counts[COLUMN_TOTALS];
    int64_t sums[COLUMN_TOTALS] = {0};
    bool ok;

    if (!formulas)
        return error_memory(err);
    clear_row(o);
    o->cells[COLUMN_RUN] = (struct cell){.kind = CELL_TEXT, .style = STYLE_LABEL, .text = tc_word(o->words, "sum")};
    for (size_t r = 0; r < o->count; r++) {
        if (!is_made(&o->rows[r]))
            continue;
        fill_counts(counts, &o->rows[r].employer->result);
        for (size_t i = COLUMN_CERTIFICATES; i <= COLUMN_WAIVED; i++)
            sums[i] += counts[i].number;
    }
    for (size_t i = COLUMN_CERTIFICATES; i <= COLUMN_WAIVED; i++)
        put_sum(o, i, sums[i], 0, formulas[i]);
    for (size_t i = 0; i < o->total_count; i++)
        put_sum(o, COLUMN_TOTALS + i, o->totals[i].sum, o->totals[i].digits, formulas[COLUMN_TOTALS + i]);
    ok = write_row(o, err);
    free(formulas);
    return ok;
}

static bool write_head(const struct overview *o, struct tc_error *err)
{
    for (size_t i = 0; i < o->column_count; i++)
        o->cells[i] = (struct cell){.kind = CELL_TEXT, .style = STYLE_HEAD, .text = o->columns[i].title};
    return write_row(o, err);
}

static bool write_book(struct overview *o, const char *path, const char *temporary, int32_t created, struct tc_error *err)
{
    const char *title = tc_word(o->words, "employers");
    const struct cell head = {.kind = CELL_TEXT, .style = STYLE_TITLE, .text = title};
    const struct xlsx_document document = {
        .title = title, .created = created, .passed = tc_word(o->words, "agree"), .failed = tc_word(o->words, "differ")};
    struct xlsx *x;
    bool ok;

    x = o->xlsx = xlsx_create(path, temporary, &document, err);
    if (!x)
        return false;
    o->sheet = xlsx_sheet(x, title, o->columns, o->column_count, HEAD_ROW, 1, err);
    ok = o->sheet >= 0 && xlsx_row(x, o->sheet, &head, 1, err) && write_sums(o, err) && write_head(o, err);
    for (size_t i = 0; ok && i < o->count; i++)
        ok = write_employer(o, &o->rows[i], err);
    ok = ok && xlsx_filter(x, o->sheet, err)
         && xlsx_verdicts(x, o->sheet, HEAD_ROW + 1, HEAD_ROW + (uint32_t)o->count, COLUMN_RECONCILED, err);
    xlsx_first_page(x, o->sheet); /* on paper who failed and why, and the counts; sums are for the screen */
    if (ok)
        return xlsx_close(x, err);
    xlsx_free(x);
    return false;
}

static int32_t latest_date(const struct employers_row *rows, size_t count)
{
    int32_t latest = 19800101; /* the first that an archive can hold, where nothing was issued */

    for (size_t i = 0; i < count; i++)
        if (rows[i].issued > latest)
            latest = rows[i].issued;
    return latest;
}

bool employers_write(const char *folder, const struct employers_row *rows, size_t count, const struct tc_words *words, struct tc_error *err)
{
    struct overview o = {.rows = rows, .count = count, .words = words};
    struct beside g = {.path = ""};
    struct tc_error ignored = {0};
    char made[FILE_PATH_MAX], path[FILE_PATH_MAX];
    bool ok = file_path(folder, EMPLOYERS_FILE, path, err) && beside_begin(&g, path, err) && beside_path(&g, EMPLOYERS_FILE, made, err)
              && file_write(made, "", 0, err) /* the library would make it readable for others */
              && gather_totals(&o, err) && make_columns(&o, err) && write_book(&o, made, g.path, latest_date(rows, count), err)
              && beside_put(&g, EMPLOYERS_FILE, path, true, err);

    ok = beside_end(&g, err->code ? &ignored : err) && ok;
    free(o.totals);
    free(o.columns);
    free(o.cells);
    free(o.titles);
    return ok;
}
