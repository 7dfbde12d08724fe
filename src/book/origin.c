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
bool origin_pack(struct libdeflate_compressor *compressor, struct buf *text, struct buf *packed)
{
    size_t bound = libdeflate_gzip_compress_bound(compressor, text->length);

    packed->length = 0;
    if (text->failed || !buf_reserve(packed, bound))
        return false;
    packed->length = libdeflate_gzip_compress(compressor, text->data, text->length, packed->data, bound);
    text->length = 0;
    return true;
}

static bool add_heads(struct summary *s, struct tc_error *err)
{
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(1);
    struct buf heads = {0}, packed = {0};
    bool ok;

    buf_puts(&heads, "personnel_number,id,line,wage_type,text");
    for (int m = 1; m <= TRAIL_MONTHS; m++)
        buf_printf(&heads, ",%02d", m);
    buf_puts(&heads, ",sum\r\n");
    ok = (compressor && origin_pack(compressor, &heads, &packed)) || error_memory(err);
    ok = ok && stream_add(&s->origin, packed.data, packed.length, err);
    if (compressor)
        libdeflate_free_compressor(compressor);
    buf_free(&heads);
    buf_free(&packed);
    return ok;
}

bool origin_open(struct summary *s, struct tc_error *err)
{
    return !s->files.origin || (stream_open(&s->origin, s->files.origin, err) && add_heads(s, err));
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

static bool line_text(const struct summary *s, const struct summary_line *line, int field, struct buf *out)
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
        }
    }
    return true;
}

bool origin_text(const struct summary *s, const struct summary_line *line, struct buf *out, struct tc_error *err)
{
    for (size_t c = 0; c < s->plan->column_count && line->trail && line->trail->count > 0; c++)
        if (s->plan->columns[c].field >= 0 && !line_text(s, line, s->plan->columns[c].field, out))
            return tell_range(err);
    return true;
}

/* By line, in the form's order. */
bool origin_add(struct summary *s, const struct summary_line *line, struct tc_error *err)
{
    if (!line->trail || line->trail->count == 0 || s->origin_rows > ORIGIN_ROWS)
        return true;
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
    if (!stream_close(&s->origin, made->origin_hash, err))
        return false;
    return made->origin || unlink(s->files.origin) == 0
           || error_set(err, TC_IO, s->files.origin, NULL, "file", "the file cannot be removed");
}
