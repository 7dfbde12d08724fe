#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "book/state.h"

bool sheets_heads(struct summary *s, int sheet, const struct table_column *heads, size_t count, struct tc_error *err)
{
    struct cell *cells = arena_array(&s->arena, count + 1, sizeof *cells);

    if (!cells)
        return error_memory(err);
    for (size_t i = 0; i < count; i++)
        cells[i] = summary_head(heads[i].title);
    return xlsx_row(s->xlsx, sheet, cells, count, err);
}

bool sheets_open(struct summary *s, struct sheet_rows *r, struct tc_error *err)
{
    const char *title = r->sheet_count == 0 ? r->title : arena_printf(&s->arena, "%s (%d)", r->title, r->sheet_count + 1);

    if (!title)
        return error_memory(err);
    if (r->sheet_count == SHEETS_MAX)
        return error_set(err, TC_IO, s->files.workbook, NULL, "workbook", "there are more entries than a workbook can hold");
    r->sheets[r->sheet_count] = xlsx_sheet(s->xlsx, title, r->heads, r->column_count, 0, r->frozen, err);
    if (r->sheets[r->sheet_count] < 0)
        return false;
    r->counts[r->sheet_count] = 0;
    return sheets_heads(s, r->sheets[r->sheet_count], r->heads, r->column_count, err)
           && xlsx_end_block(s->xlsx, r->sheets[r->sheet_count++], err); /* blocks of rows may follow */
}

static bool subtotals(struct summary *s, struct sheet_rows *r, uint32_t rows, struct tc_error *err)
{
    struct cell *cells = arena_array(&s->arena, r->column_count + 1, sizeof *cells);

    if (!cells)
        return error_memory(err);
    for (size_t i = 0; i < r->column_count; i++) {
        char letters[4];

        if (i == 0)
            cells[i] = (struct cell){.kind = CELL_TEXT, .text = s->plan->labels[LABEL_SUBTOTAL]};
        cells[i].style = STYLE_SUM;
        if (i >= s->plan->column_count || s->plan->columns[i].field < 0 || s->t->fields[s->plan->columns[i].field].type != FIELD_MONEY)
            continue;
        xlsx_column((int)i, letters);
        cells[i].kind = CELL_FORMULA;
        cells[i].digits = s->t->digits;
        cells[i].number = r->sums[i];
        cells[i].text = arena_printf(&s->arena, "=ROUND(SUBTOTAL(9,%s2:%s%" PRIu32 "),%d)", letters, letters, rows + 1, s->t->digits);
    }
    memset(r->sums, 0, r->column_count * sizeof *r->sums);
    /* An empty row between: what is sorted and filtered ends above it. */
    return (!s->arena.failed || error_memory(err)) && xlsx_row(s->xlsx, r->sheets[r->sheet_count - 1], NULL, 0, err)
           && xlsx_row(s->xlsx, r->sheets[r->sheet_count - 1], cells, r->column_count, err);
}

bool sheets_end(struct summary *s, struct sheet_rows *r, struct tc_error *err)
{
    uint32_t rows = r->counts[r->sheet_count - 1];

    return xlsx_filter(s->xlsx, r->sheets[r->sheet_count - 1], err) && (!r->sums || rows == 0 || subtotals(s, r, rows, err));
}

bool sheets_room(struct summary *s, struct sheet_rows *r, struct tc_error *err)
{
    uint32_t most = (s->run->rows_per_sheet ? s->run->rows_per_sheet : XLSX_ROWS_MAX) - 3; /* head and subtotals */

    return r->counts[r->sheet_count - 1] < most || (sheets_end(s, r, err) && sheets_open(s, r, err));
}

/* What its columns' sums get. */
static bool add_sums(const struct summary *s, struct sheet_rows *r, const struct record *record)
{
    for (size_t i = 0; i < s->money_count; i++) {
        const struct value *v = &record->values[s->plan->columns[s->money[i]].field];

        if (v->present && !money_add(&r->sums[s->money[i]], v->number))
            return false;
    }
    return true;
}

bool sheets_keep_row(struct summary *s, struct sheet_rows *r, const struct record *record, struct summary_spot *spot, struct tc_error *err)
{
    if (!sheets_room(s, r, err))
        return false;
    if (!add_sums(s, r, record))
        return error_set(err, TC_INPUT, NULL, NULL, "amount-range", "the total of a line is too large; check the amounts of the data");
    r->counts[r->sheet_count - 1]++;
    spot->sheet = r->sheets[r->sheet_count - 1];
    spot->row = xlsx_keep_row(s->xlsx, spot->sheet, err);
    return spot->row > 0;
}

bool sheets_row(struct summary *s, struct sheet_rows *r, const struct cell *cells, struct tc_error *err)
{
    int last;

    if (!sheets_room(s, r, err))
        return false;
    last = r->sheet_count - 1;
    for (size_t i = 0; r->sums && i < r->column_count; i++)
        if (cells[i].kind == CELL_MONEY && !money_add(&r->sums[i], cells[i].number) && !r->open_sums)
            return error_set(err, TC_INPUT, NULL, NULL, "amount-range", "the total of a line is too large; check the amounts of the data");
    r->counts[last]++;
    return xlsx_row(s->xlsx, r->sheets[last], cells, r->column_count, err);
}
