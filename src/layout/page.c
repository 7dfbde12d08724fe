#include "layout/page.h"

#include <stdlib.h>

struct op *page_add(struct page *page, enum op_kind kind)
{
    struct op *op;

    if (page->count == page->capacity) {
        size_t capacity = page->capacity ? page->capacity * 2 : 128;
        struct op *ops = realloc(page->ops, capacity * sizeof *ops);

        if (!ops)
            return NULL;
        page->ops = ops;
        page->capacity = capacity;
    }
    op = &page->ops[page->count++];
    *op = (struct op){.kind = kind};
    if (kind == OP_SLOT)
        op->slot = page->slot_count++;
    return op;
}

static void dump_text(struct buf *out, const char *kind, int x, int y, int size, const char *text)
{
    buf_printf(out, "%s %d %d %d ", kind, x, y, size);
    buf_puts(out, text);
    buf_puts(out, "\n");
}

void page_dump(const struct page *page, const struct placed *placed, struct buf *out)
{
    for (size_t i = 0; i < page->count; i++) {
        const struct op *op = &page->ops[i];

        if (op->kind == OP_RULE)
            buf_printf(out, "rule %d %d %d %d\n", op->x, op->y, op->x2, op->y2);
        else if (op->kind != OP_SLOT)
            dump_text(out, op->kind == OP_MARK ? "mark" : "text", op->x, op->y, op->size, op->text);
        else if (placed[op->slot].text)
            dump_text(out, "slot", placed[op->slot].x, placed[op->slot].y, placed[op->slot].size, placed[op->slot].text);
    }
}

void page_free(struct page *page)
{
    free(page->ops);
    *page = (struct page){0};
}
