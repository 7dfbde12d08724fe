/* Where a line comes from: the wage types and months behind it. A sheet for so many rows as one can look through; a
 * compressed table beside the workbook where there are more. */
#include <inttypes.h>
#include <libdeflate.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "book/csv.h"
#include "book/state.h"

#define COLUMNS ORIGIN_COLUMNS
#define CELLS (COLUMNS + TRAIL_MONTHS + 1)
#define BLOCK ((size_t)256 * 1024)

/* Packs what there is as one more member of the gzip file. */
static bool pack(struct summary *s, struct tc_error *err)
{
    size_t bound = libdeflate_gzip_compress_bound(s->compressor, s->origin_block.length);
    struct buf packed = {0};
    bool ok;

    if (s->origin_block.failed || !buf_reserve(&packed, bound))
        return error_memory(err);
    packed.length = libdeflate_gzip_compress(s->compressor, s->origin_block.data, s->origin_block.length, packed.data, bound);
    ok = stream_add(&s->origin, packed.data, packed.length, err);
    s->origin_block.length = 0;
    buf_free(&packed);
    return ok;
}

bool origin_open(struct summary *s, struct tc_error *err)
{
    if (!s->files.origin)
        return true;
    s->compressor = libdeflate_alloc_compressor(1);
    if (!s->compressor)
        return error_memory(err);
    buf_puts(&s->origin_block, "personnel_number,id,line,wage_type,text");
    for (int m = 1; m <= TRAIL_MONTHS; m++)
        buf_printf(&s->origin_block, ",%02d", m);
    buf_puts(&s->origin_block, ",sum\r\n");
    return stream_open(&s->origin, s->files.origin, err);
}

/* The cells of one wage type's part in one line; false where their sum is too large. */
static bool part_cells(const struct summary *s, const struct summary_line *line, const struct trail_line *trail, int part,
                       struct cell cells[CELLS], int64_t *sum)
{
    int field = trail->wage->fields[part], column = summary_field_column(s, field);

    memset(cells, 0, CELLS * sizeof *cells);
    *sum = 0;
    cells[0] = summary_text(line->entry->personnel_number);
    cells[1] = summary_text(line->entry->id);
    cells[2] = (struct cell){
        .kind = CELL_TEXT, .text = column >= 0 ? s->plan->columns[column].title : s->t->fields[field].id, .cached = s->t->fields[field].id};
    cells[3] = summary_text(trail->wage->name);
    cells[4] = summary_text(trail->wage->text);
    for (int m = 0; m < TRAIL_MONTHS; m++) {
        int64_t amount = trail->wage->signs[part] * trail->months[m];

        if (!(trail->booked >> m & 1))
            continue;
        cells[COLUMNS + m] = (struct cell){.kind = CELL_MONEY, .number = amount, .digits = s->t->digits};
        if (!money_add(sum, amount))
            return false;
    }
    cells[COLUMNS + TRAIL_MONTHS] = (struct cell){.kind = CELL_MONEY, .number = *sum, .digits = s->t->digits};
    return true;
}

static bool tell_range(struct tc_error *err)
{
    return error_set(err, TC_INPUT, NULL, NULL, "amount-range", "The sum of the postings is too large; check the amounts.");
}

/* One wage type's part in one line, on the sheet as far as there is room. */
static bool add_part(struct summary *s, const struct summary_line *line, const struct trail_line *trail, int part, int64_t *line_sum,
                     struct tc_error *err)
{
    struct buf *formula = &s->formula;
    struct cell cells[CELLS];
    int64_t sum;

    if (!part_cells(s, line, trail, part, cells, &sum))
        return tell_range(err);
    if (s->origin_rows++ >= ORIGIN_ROWS)
        return true;
    if (!money_add(line_sum, sum))
        s->area_lost[SHEET_ORIGIN] = true;
    formula->length = 0;
    formula_row(formula, COLUMNS, COLUMNS + TRAIL_MONTHS - 1, xlsx_rows(s->xlsx, s->single[SHEET_ORIGIN]) + 1, s->t->digits);
    if (formula->failed)
        return error_memory(err);
    cells[COLUMNS + TRAIL_MONTHS].kind = CELL_FORMULA;
    cells[COLUMNS + TRAIL_MONTHS].text = formula->data;
    return xlsx_row(s->xlsx, s->single[SHEET_ORIGIN], cells, CELLS, err);
}

/* What the rows of a line must be together: the certificate's line, where all of its rows are on the sheet. */
static void add_to_area(struct summary *s, const struct summary_line *line, int field, int64_t shown)
{
    const struct value *v = &line->record->values[field];
    bool whole = s->origin_rows <= ORIGIN_ROWS && s->t->fields[field].type == FIELD_MONEY && v->present;

    if (!money_add(&s->areas[SHEET_ORIGIN], whole ? v->number : shown))
        s->area_lost[SHEET_ORIGIN] = true;
}

/* A line's rows, in the order of the entries. */
static bool add_line(struct summary *s, const struct summary_line *line, int field, struct tc_error *err)
{
    long before = s->origin_rows;
    int64_t shown = 0;

    for (size_t i = 0; i < line->trail->count; i++) {
        const struct trail_line *trail = &line->trail->lines[i];

        for (int k = 0; k < trail->wage->count; k++)
            if (trail->wage->fields[k] == field && !add_part(s, line, trail, k, &shown, err))
                return false;
    }
    if (s->origin_rows > before && before < ORIGIN_ROWS)
        add_to_area(s, line, field, shown);
    return true;
}

static bool line_text(const struct summary *s, const struct summary_line *line, int field, struct buf *out, long *rows)
{
    struct cell cells[CELLS];
    int64_t sum;

    for (size_t i = 0; i < line->trail->count; i++) {
        const struct trail_line *trail = &line->trail->lines[i];

        for (int k = 0; k < trail->wage->count; k++) {
            if (trail->wage->fields[k] != field)
                continue;
            if (!part_cells(s, line, trail, k, cells, &sum))
                return false;
            csv_row(out, cells, CELLS);
            (*rows)++;
        }
    }
    return true;
}

bool origin_text(const struct summary *s, const struct summary_line *line, struct buf *out, long *rows)
{
    *rows = 0;
    for (size_t c = 0; c < s->plan->column_count && line->trail && line->trail->count > 0; c++)
        if (s->plan->columns[c].field >= 0 && !line_text(s, line, s->plan->columns[c].field, out, rows))
            return false;
    return true;
}

/* The certificate's part of the table beside the workbook, made ahead or now. Packed between certificates only, so that it is the same. */
static bool add_text(struct summary *s, const struct summary_line *line, long *rows, struct tc_error *err)
{
    const struct summary_draft *d = line->draft;

    if (d && d->origin) {
        *rows = d->origin_rows;
        buf_add(&s->origin_block, d->origin, d->origin_length);
    } else if (!origin_text(s, line, &s->origin_block, rows)) {
        return tell_range(err);
    }
    return s->origin_block.failed ? error_memory(err) : s->origin_block.length < BLOCK || pack(s, err);
}

/* By line, in the form's order. */
bool origin_add(struct summary *s, const struct summary_line *line, struct tc_error *err)
{
    long rows = 0;

    if (!line->trail || line->trail->count == 0)
        return true;
    if (s->files.origin && !add_text(s, line, &rows, err))
        return false;
    if (s->files.origin && s->origin_rows >= ORIGIN_ROWS) {
        s->origin_rows += rows;
        return true;
    }
    for (size_t c = 0; c < s->plan->column_count; c++)
        if (s->plan->columns[c].field >= 0 && !add_line(s, line, s->plan->columns[c].field, err))
            return false;
    return true;
}

bool origin_close(struct summary *s, struct summary_made *made, struct tc_error *err)
{
    const struct cell more = {.kind = CELL_TEXT, .style = STYLE_LABEL, .text = s->plan->labels[LABEL_ORIGIN_MORE]};

    made->origin = s->files.origin && s->origin_rows > ORIGIN_ROWS;
    if (!xlsx_filter(s->xlsx, s->single[SHEET_ORIGIN], err))
        return false;
    if (s->origin_rows > ORIGIN_ROWS && !xlsx_row(s->xlsx, s->single[SHEET_ORIGIN], &more, 1, err))
        return false;
    if (!s->files.origin)
        return true;
    if (!pack(s, err) || !stream_close(&s->origin, made->origin_hash, err))
        return false;
    return made->origin || unlink(s->files.origin) == 0
           || error_set(err, TC_IO, s->files.origin, NULL, "file", "the file cannot be removed");
}
