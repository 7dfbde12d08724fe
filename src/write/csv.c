#include "write/csv.h"

#include <inttypes.h>
#include <string.h>

#include "base/money.h"

static void put_text(struct buf *out, const char *text)
{
    if (!strpbrk(text, ",\"\r\n")) {
        buf_puts(out, text);
        return;
    }
    buf_puts(out, "\"");
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
    char amount[MONEY_TEXT];

    switch (c->kind) {
    case CELL_TEXT:
        put_text(out, c->cached ? c->cached : c->text);
        break;
    case CELL_LINK:
        put_text(out, c->cached);
        break;
    case CELL_COUNT:
        buf_printf(out, "%" PRId64, c->number);
        break;
    case CELL_MONEY:
        money_text(c->number, c->digits, amount);
        buf_puts(out, amount);
        break;
    case CELL_DATE:
        buf_printf(out, "%04d-%02d-%02d", (int)(c->number / 10000), (int)(c->number / 100 % 100), (int)(c->number % 100));
        break;
    default:
        break; /* formulas are the workbook's */
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
