#include <inttypes.h>
#include <stdio.h>

#include "book/state.h"

/* The title of a table's i-th sheet. */
static void sheet_title(struct buf *out, const struct sheet_rows *r, int i)
{
    char title[160];

    if (i == 0)
        snprintf(title, sizeof title, "%s", r->title);
    else
        snprintf(title, sizeof title, "%s (%d)", r->title, i + 1);
    xlsx_quote(out, title);
}

/* 'Sheet'!S$2:S$65, one empty row where there are none. */
static void range(struct buf *out, const struct sheet_rows *r, int i, int column)
{
    char letters[4];

    xlsx_column(column, letters);
    sheet_title(out, r, i);
    buf_printf(out, "%s$2:%s$%" PRIu32, letters, letters, r->counts[i] > 0 ? r->counts[i] + 1 : 2);
}

static void each_sheet(struct buf *out, const struct sheet_rows *r, const char *function, int column)
{
    for (int i = 0; i < r->sheet_count; i++) {
        buf_printf(out, "%s%s(", i ? "+" : "", function);
        range(out, r, i, column);
        buf_puts(out, ")");
    }
}

void formula_sum(struct buf *out, const struct sheet_rows *r, int column)
{
    each_sheet(out, r, "SUM", column);
}

void formula_area(struct buf *out, const struct sheet_rows *r, int first, int last)
{
    char from[4], to[4];

    xlsx_column(first, from);
    xlsx_column(last, to);
    for (int i = 0; i < r->sheet_count; i++) {
        buf_puts(out, i ? "+SUM(" : "SUM(");
        sheet_title(out, r, i);
        buf_printf(out, "%s$2:%s$%" PRIu32 ")", from, to, r->counts[i] > 0 ? r->counts[i] + 1 : 2);
    }
}

void formula_count(struct buf *out, const struct sheet_rows *r, int column)
{
    each_sheet(out, r, "COUNTA", column);
}

void formula_count_if(struct buf *out, const struct sheet_rows *r, int column, const char *number)
{
    for (int i = 0; i < r->sheet_count; i++) {
        buf_puts(out, i ? "+COUNTIF(" : "COUNTIF(");
        range(out, r, i, column);
        buf_printf(out, ",%s)", number);
    }
}

void formula_sum_if(struct buf *out, const struct sheet_rows *r, int column, const struct formula_if *conditions, size_t count)
{
    for (int i = 0; i < r->sheet_count; i++) {
        buf_puts(out, i ? "+SUMIFS(" : "SUMIFS(");
        range(out, r, i, column);
        for (size_t k = 0; k < count; k++) {
            buf_puts(out, ",");
            range(out, r, i, conditions[k].column);
            buf_printf(out, ",%s", conditions[k].number);
        }
        buf_puts(out, ")");
    }
}

static void put_cell(struct buf *out, int column, uint32_t row)
{
    char letters[4];

    xlsx_column(column, letters);
    buf_puts(out, letters);
    buf_fixed(out, row, 0);
}

void formula_row(struct buf *out, int first, int last, uint32_t row, int digits)
{
    buf_puts(out, "=ROUND(SUM(");
    put_cell(out, first, row);
    buf_puts(out, ":");
    put_cell(out, last, row);
    buf_puts(out, "),");
    buf_fixed(out, digits, 0);
    buf_add(out, ")", 2); /* with its end */
}

const char *formula_take(struct summary *s, struct buf *formula)
{
    const char *text = formula->failed ? NULL : arena_copy(&s->arena, formula->data, formula->length);

    if (!text)
        s->arena.failed = true;
    formula->length = 0;
    return text ? text : "";
}
