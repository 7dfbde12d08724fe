/* Running text: paragraphs of fixed words, broken into lines, down one column and on in the next. */
#include <string.h>

#include "layout/loader.h"

struct flow {
    struct node columns; /* points where they begin */
    size_t count, column;
    int x, y, width, bottom;
};

static bool begin_column(const struct loader *l, const struct node *n, struct flow *f)
{
    struct node at = node_at(&f->columns, f->column);

    if (f->column++ == f->count)
        return node_fail(n, "text-fit", "the text is longer than its columns");
    return loader_place(l, &at, &f->x, &f->y);
}

/* Bytes of the text that stand on one line of the width: up to a blank, or all of it; 0 where a word is too long. */
static size_t line_length(const struct loader *l, const struct node *n, const struct style *style, int width, const char *text)
{
    size_t fits = 0, end = strcspn(text, "\n");

    for (size_t i = 1; i <= end; i++) {
        struct glyphs glyphs;

        if (i < end && text[i] != ' ')
            continue;
        if (!font_shape(style->bold ? l->bold : l->regular, arena_copy(n->arena, text, i), n->arena, &glyphs)
            || font_width(&glyphs, style->size) > width)
            return fits;
        fits = i;
    }
    return fits;
}

static bool add_paragraph(struct loader *l, const struct node *n, struct flow *f)
{
    struct node caption = node_get(n, "caption"), style = node_get(n, "style"), gap = node_get(n, "gap");
    const struct style *s = NULL;
    const char *text = NULL;
    int apart = 0;

    if (!node_keys(n, "caption style gap") || !loader_words(l, &caption, &text) || !loader_style(l, &style, &s)
        || (gap.json && !node_millimetres(&gap, &apart)) || loader_begin(l, n, ELEMENT_TEXT, -1) < 0)
        return false;
    f->y += apart;
    while (*text) {
        size_t length = line_length(l, &caption, s, f->width, text);

        if (length == 0)
            return node_fail(&caption, "text-fit", "a word is longer than the column is wide, or cannot be drawn");
        if (f->y + s->leading > f->bottom && !begin_column(l, n, f))
            return false;
        f->y += s->leading;
        if (!loader_add_text(l, &caption, f->x, f->y, s, ALIGN_LEFT, arena_copy(n->arena, text, length)))
            return false;
        text += length;
        text += *text == ' ' || *text == '\n';
    }
    return true;
}

bool loader_text(struct loader *l, const struct node *n)
{
    struct node list = node_get(n, "text"), width = node_get(n, "width"), bottom = node_get(n, "bottom");
    struct flow f = {.columns = node_get(n, "columns_at")};
    size_t count;

    if (!node_keys(n, "text columns_at width bottom note") || !node_array(&f.columns, &f.count) || !node_array(&list, &count)
        || !node_millimetres(&width, &f.width) || !loader_place_y(l, &bottom, &f.bottom) || !begin_column(l, n, &f))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct node paragraph = node_at(&list, i);

        if (!add_paragraph(l, &paragraph, &f))
            return false;
    }
    return true;
}
