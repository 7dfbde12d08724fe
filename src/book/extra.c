/* A sheet behind all others whose words and rows are the caller's: how certificates went out. */
#include <stdio.h>

#include "book/state.h"

#define TEXTS_MAX 16

bool extra_open(struct summary *s, struct tc_error *err)
{
    const struct summary_extra *e = s->run->extra;

    if (!e)
        return true;
    s->extra = (struct sheet_rows){.title = e->title, .heads = e->heads, .column_count = e->column_count, .frozen = 2};
    return sheets_open(s, &s->extra, err);
}

bool extra_end(struct summary *s, struct tc_error *err)
{
    return s->extra.sheet_count == 0 || sheets_end(s, &s->extra, err);
}

void extra_count(struct summary *s, struct buf *out)
{
    char number[16];

    for (int i = 1; i <= s->run->extra->checked; i++) {
        snprintf(number, sizeof number, "%d", i);
        buf_puts(out, i > 1 ? "+" : "=");
        formula_count_if(out, &s->extra, (int)s->extra.column_count - 1, number);
    }
}

bool summary_add_extra(struct summary *s, const char *const *texts, int class, struct tc_error *err)
{
    struct cell cells[TEXTS_MAX + 1];
    size_t count = s->extra.column_count - 1;

    if (count > TEXTS_MAX)
        return error_set(err, TC_USAGE, NULL, NULL, "workbook", "the sheet has too many columns");
    for (size_t i = 0; i < count; i++)
        cells[i] = summary_text(texts[i]);
    cells[count] = (struct cell){.kind = CELL_COUNT, .number = class};
    s->extra_checked += class > 0 && class <= s->run->extra->checked;
    return sheets_row(s, &s->extra, cells, err);
}
