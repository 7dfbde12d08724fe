/* A table whose cells stand where the form says, each by itself: for forms whose lines have more than one amount, or are parted otherwise
 * than the table of lines (lines_table.c). */
#include "layout/loader.h"

#include <string.h>

/* Where a row stands. */
struct place {
    int group; /* whose fields its cells may show, or -1 */
    int row;   /* of the group, or -1 */
    int down;  /* y of its texts */
};

/* The lines of a cell's caption, whose end (ALIGN_RIGHT) or beginning is at x, within its width where it has one. */
static bool add_words(struct loader *l, const struct node *n, int x, int y, int width, const struct style *style, enum align align)
{
    const char *text;

    if (!loader_words(l, n, &text))
        return false;
    for (int line = 0; *text; line++) {
        size_t length = strcspn(text, "\n");

        if (!loader_add_text(l, n, x, y + line * style->leading, style, align, arena_copy(n->arena, text, length)))
            return false;
        if (width > 0 && font_width(&l->form->page.ops[l->form->page.count - 1].glyphs, style->size) > width)
            return node_fail(n, "text-fit", "a line of the caption is wider than its column");
        text += length + (text[length] == '\n');
    }
    return true;
}

static bool add_show(struct loader *l, const struct node *n, const struct node *show, const struct place *place, struct slot like,
                     int lines)
{
    struct slot *slot = loader_add_slot(l, n, SLOT_SHOW, like.style);

    if (!slot)
        return false;
    slot->x = like.x;
    slot->y = like.y;
    slot->width = like.width;
    slot->align = like.align;
    slot->row = place->row;
    return loader_show(l, show, place->group, &slot->show) && loader_add_lines(l, n, lines, like.style->leading);
}

/* {"caption" or "show", "at", "width", "align", "lines", "style", "span", "head"}; without words and show the cell is empty. */
static bool load_cell(struct loader *l, const struct node *n, int element, const struct place *place, const struct style *style,
                      int *columns)
{
    struct node caption = node_get(n, "caption"), show = node_get(n, "show"), at = node_get(n, "at"), width = node_get(n, "width");
    struct node align = node_get(n, "align"), lines = node_get(n, "lines"), own = node_get(n, "style"), span = node_get(n, "span");
    struct node head = node_get(n, "head"), down = node_get(n, "down");
    static const char *const aligns[] = {"left", "right"}, *const heads[] = {"row", "column"};
    struct slot like = {.style = style};
    int index = 0, most = 1, wide = 1, kind = 0, lower = 0, cell;

    if (!node_keys(n, "caption show at down width align lines style span head") || (at.json && !loader_place_x(l, &at, &like.x))
        || (down.json && !node_millimetres(&down, &lower)) || (width.json && !node_millimetres(&width, &like.width))
        || (align.json && !node_choice(&align, aligns, 2, &index)) || !node_integer_or(&lines, 1, 20, &most)
        || (own.json && !loader_style(l, &own, &like.style)) || !node_integer_or(&span, 1, 100, &wide)
        || (head.json && !node_choice(&head, heads, 2, &kind)))
        return false;
    like.y = place->down + lower;
    like.align = (enum align)index;
    *columns += wide;
    if ((cell = loader_begin(l, n, head.json ? ELEMENT_HEAD : ELEMENT_CELL, element)) < 0)
        return false;
    l->form->page.elements[cell].span = wide;
    l->form->page.elements[cell].column = kind == 1;
    if (caption.json && show.json)
        return node_fail(n, "template-key", "a cell has one of caption and show");
    if (caption.json)
        return add_words(l, &caption, like.x, like.y, like.width, like.style, like.align);
    return !show.json || add_show(l, n, &show, place, like, most);
}

static bool load_cells(struct loader *l, const struct node *list, int table, const struct place *place, const struct style *style,
                       int columns)
{
    int row = loader_begin(l, list, ELEMENT_ROW, table), filled = 0;
    size_t count;

    if (row < 0 || !node_array(list, &count))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct node cell = node_at(list, i);

        if (!load_cell(l, &cell, row, place, style, &filled))
            return false;
    }
    return filled == columns || node_fail(list, "template-range", "the cells of a row must fill the grid's %d columns", columns);
}

/* {"at", "cells"}, or with "group", "rows" and "step" one for each row of a group. */
static bool load_row(struct loader *l, const struct node *n, int table, const struct style *style, int columns)
{
    struct node at = node_get(n, "at"), cells = node_get(n, "cells"), name = node_get(n, "group"), rows = node_get(n, "rows");
    struct node step = node_get(n, "step");
    struct place place = {.group = -1, .row = -1};
    int count = 0, apart = 0;

    if (!node_keys(n, name.json ? "at cells group rows step order_by descending until attached overflow" : "at cells")
        || !loader_place_y(l, &at, &place.down))
        return false;
    place.down += l->y;
    if (!name.json)
        return load_cells(l, &cells, table, &place, style, columns);
    if (!loader_group(l, &name, &place.group) || !node_integer(&rows, 1, 50, &count) || !node_millimetres(&step, &apart)
        || !loader_order(l, n, place.group, count))
        return false;
    for (place.row = 0; place.row < count; place.row++, place.down += apart)
        if (!load_cells(l, &cells, table, &place, style, columns))
            return false;
    return true;
}

bool loader_grid(struct loader *l, const struct node *n)
{
    struct node rows = node_get(n, "grid"), columns = node_get(n, "columns"), style = node_get(n, "style");
    const struct style *s = NULL;
    int wide = 0, table;
    size_t count;

    if (!node_keys(n, "grid columns style") || !node_array(&rows, &count) || !node_integer(&columns, 1, 100, &wide)
        || !loader_style(l, &style, &s) || (table = loader_begin(l, n, ELEMENT_TABLE, -1)) < 0)
        return false;
    for (size_t i = 0; i < count; i++) {
        struct node row = node_at(&rows, i);

        if (!load_row(l, &row, table, s, wide))
            return false;
    }
    return true;
}
