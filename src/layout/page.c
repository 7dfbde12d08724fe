#include "layout/page.h"

#include <string.h>

static struct op *next_op(struct page *page)
{
    if (page->count == sizeof page->ops / sizeof *page->ops) {
        page->overflow = true;
        return NULL;
    }
    return &page->ops[page->count++];
}

void page_text(struct page *page, enum op_kind kind, int x, int y, int size, bool bold, const char *text)
{
    struct op *op = next_op(page);

    if (!op)
        return;
    *op = (struct op){.kind = kind, .bold = bold, .x = x, .y = y, .size = size, .text = page->texts.length};
    buf_add(&page->texts, text, strlen(text) + 1);
}

void page_rule(struct page *page, int x, int y, int x2, int y2, int width)
{
    struct op *op = next_op(page);

    if (op)
        *op = (struct op){.kind = OP_RULE, .x = x, .y = y, .x2 = x2, .y2 = y2, .size = width};
}

const char *page_string(const struct page *page, const struct op *op)
{
    return page->texts.data + op->text;
}

void page_dump(const struct page *page, struct buf *out)
{
    for (size_t i = 0; i < page->count; i++) {
        const struct op *op = &page->ops[i];

        if (op->kind == OP_RULE) {
            buf_printf(out, "rule %d %d %d %d\n", op->x, op->y, op->x2, op->y2);
            continue;
        }
        buf_printf(out, "%s %d %d %d ", op->kind == OP_TEXT ? "text" : "right", op->x, op->y, op->size);
        buf_puts(out, page_string(page, op));
        buf_puts(out, "\n");
    }
}

void page_clear(struct page *page)
{
    page->count = 0;
    page->overflow = false;
    page->texts.length = 0;
}

void page_free(struct page *page)
{
    buf_free(&page->texts);
}
