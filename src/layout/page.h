/* What stands on a page, in reading order, in tenths of a millimetre from the top left. Knows nothing of PDF. */
#ifndef LAYOUT_PAGE_H
#define LAYOUT_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum op_kind { OP_TEXT, OP_RIGHT, OP_RULE }; /* left-aligned at x, right-aligned at x, line from x,y to x2,y2 */

struct op {
    enum op_kind kind;
    bool bold;
    int x, y, x2, y2; /* y of text is its baseline */
    int size;         /* tenths of a point; of a rule, its width in hundredths of a millimetre */
    size_t text;      /* offset into struct page's texts */
};

struct page {
    struct op ops[512];
    size_t count;
    struct buf texts; /* NUL-terminated UTF-8 strings */
    bool overflow;
};

void page_text(struct page *page, enum op_kind kind, int x, int y, int size, bool bold, const char *text);
void page_rule(struct page *page, int x, int y, int x2, int y2, int width);
const char *page_string(const struct page *page, const struct op *op);
/* One line per item, for tests. */
void page_dump(const struct page *page, struct buf *out);
void page_clear(struct page *page);
void page_free(struct page *page);

#endif
