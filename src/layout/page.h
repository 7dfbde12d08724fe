/* What stands on a page, in reading order. What is the same for everyone (struct page, made once) is kept apart from
 * what is one person's (struct placed, by slot). Knows nothing of PDF.
 * Lengths are hundredths of a millimetre from the top left corner, sizes tenths of a point; y of text is its baseline. */
#ifndef LAYOUT_PAGE_H
#define LAYOUT_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "layout/font.h"

/* OP_MARK: text across the page, grey, rising to the right, such as a draft's. */
enum op_kind { OP_TEXT, OP_SLOT, OP_RULE, OP_MARK };

struct op {
    enum op_kind kind;
    bool bold;
    int x, y;
    int x2, y2;  /* end of a rule */
    int size;    /* of text; of a rule, its thickness in hundredths of a millimetre */
    int slot;    /* of OP_SLOT */
    const char *text; /* of OP_TEXT and OP_MARK; lives in the template's arena */
    struct glyphs glyphs;
};

struct page {
    int width, height;
    struct op *ops;
    size_t count, capacity;
    int slot_count;
};

/* A slot's text for one person. text NULL: nothing is drawn. */
struct placed {
    const char *text;
    struct glyphs glyphs;
    int x, y, size;
};

/* New op at the end, or NULL when memory ran out. */
struct op *page_add(struct page *page, enum op_kind kind);
/* One line per item that is drawn, in reading order: kind, position, size, text. placed by slot. */
void page_dump(const struct page *page, const struct placed *placed, struct buf *out);
void page_free(struct page *page);

#endif
