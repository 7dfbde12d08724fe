#include "book/csv.h"

#include <string.h>

#include "base/date.h"
#include "base/money.h"

/* What a spreadsheet would take for a formula begins with an apostrophe, and so does what begins with one: whoever takes one away has
 * the text again. */
static bool needs_guard(const char *text)
{
    return *text && strchr("=+-@\t\r'", *text);
}

static void put_text(struct buf *out, const char *text)
{
    const char *guard = needs_guard(text) ? "'" : "";

    if (!strpbrk(text, ",\"\r\n")) {
        buf_puts(out, guard);
        buf_puts(out, text);
        return;
    }
    buf_puts(out, "\"");
    buf_puts(out, guard);
    for (size_t length; *text; text += length) {
        length = strcspn(text, "\"");
        buf_add(out, text, length);
        if (text[length]) {
            buf_puts(out, "\"\"");
            length++;
        }
    }
    buf_puts(out, "\"");
}

static void put_cell(struct buf *out, const struct cell *c)
{
    char amount[MONEY_TEXT], day[DATE_LENGTH + 1];

    switch (c->kind) {
    case CELL_TEXT: put_text(out, c->cached ? c->cached : c->text); break;
    case CELL_LINK: put_text(out, c->cached); break;
    case CELL_COUNT: buf_fixed(out, c->number, 0); break;
    case CELL_MONEY: buf_add(out, amount, money_text(c->number, c->digits, amount)); break;
    case CELL_DATE:
        date_text((int32_t)c->number, day);
        buf_add(out, day, DATE_LENGTH);
        break;
    default: break; /* formulas are the workbook's */
    }
}

void csv_row(struct buf *out, const struct cell *cells, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_puts(out, ",");
        put_cell(out, &cells[i]);
    }
    buf_puts(out, "\r\n");
}
