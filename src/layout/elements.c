/* The kinds of elements of a page, as templates/FORMAT.md describes them; the table of lines has a file of its own. */
#include "layout/loader.h"

#include <stdlib.h>
#include <string.h>

/* Whether the texts from the op at `from` on end on the page. */
static bool ends_on_page(const struct loader *l, const struct node *n, size_t from)
{
    const struct page *page = &l->form->page;

    for (size_t i = from; i < page->count; i++)
        if (page->ops[i].kind == OP_TEXT && page->ops[i].x + font_width(&page->ops[i].glyphs, page->ops[i].size) > page->width)
            return node_fail(n, "text-fit", "a line of the caption is longer than the page is wide");
    return true;
}

static bool load_caption_element(struct loader *l, const struct node *n)
{
    struct node caption = node_get(n, "caption"), at = node_get(n, "at"), style = node_get(n, "style");
    struct node heading = node_get(n, "heading");
    const struct style *s = NULL;
    size_t before = l->form->page.count;
    bool is_heading = false;
    int x = 0, y = 0, lines;

    if (!node_keys(n, "caption at style heading") || !loader_place(l, &at, &x, &y) || !loader_style(l, &style, &s)
        || !node_flag(&heading, &is_heading))
        return false;
    l->headings += is_heading;
    return loader_begin(l, n, is_heading ? ELEMENT_HEADING : ELEMENT_TEXT, -1) >= 0 && loader_add_caption(l, &caption, x, y, s, &lines)
           && ends_on_page(l, &caption, before);
}

/* Who sees the file's title alone must see what it is. */
static bool add_to_title(struct loader *l, const struct node *n)
{
    const char *words = NULL;
    char *title = loader_words(l, n, &words) ? arena_printf(n->arena, "%s \u2013 %s", l->form->title, words) : NULL;

    for (char *p = title; p && *p; p++)
        if (*p == '\n')
            *p = ' ';
    l->form->title = title;
    return title || error_memory(n->err);
}

/* Checked always, on the page only where it is marked so. */
static bool load_mark_element(struct loader *l, const struct node *n)
{
    struct node mark = node_get(n, "mark"), caption = node_get(n, "caption"), at = node_get(n, "at"), style = node_get(n, "style");
    struct node flat = node_get(n, "flat");
    bool is_flat = false;
    const struct style *s = NULL;
    size_t before = l->form->page.count, elements = l->form->page.element_count;
    int x = 0, y = 0, lines, index = 0;

    if (!node_keys(n, "mark caption at style flat") || !node_flag(&flat, &is_flat) || !node_choice(&mark, loader_mark_names, MARKS, &index)
        || !loader_place(l, &at, &x, &y) || !loader_style(l, &style, &s) || loader_begin(l, n, ELEMENT_TEXT, -1) < 0
        || !loader_add_caption(l, &caption, x, y, s, &lines))
        return false;
    if (l->marks & 1U << index && !(l->titled & 1U << index) && !add_to_title(l, &caption))
        return false;
    l->known |= 1U << index;
    l->titled |= l->marks & 1U << index;
    if (!(l->marks & 1U << index)) {
        l->form->page.count = before;
        l->form->page.element_count = elements;
    }
    for (size_t i = before; i < l->form->page.count; i++)
        if (l->form->page.ops[i].kind == OP_TEXT && !is_flat)
            l->form->page.ops[i].kind = OP_MARK;
    return true;
}

static bool load_show_element(struct loader *l, const struct node *n)
{
    struct node show = node_get(n, "show"), at = node_get(n, "at"), style = node_get(n, "style");
    struct node width = node_get(n, "width"), align = node_get(n, "align"), rows = node_get(n, "lines");
    static const char *const aligns[] = {"left", "right"};
    const struct style *s = NULL;
    struct slot *slot;
    int x = 0, y = 0, wide = 0, index = 0, lines = 1;

    if (!node_keys(n, "show at style width align lines") || !loader_place(l, &at, &x, &y) || !loader_style(l, &style, &s)
        || !node_millimetres(&width, &wide) || (align.json && !node_choice(&align, aligns, 2, &index))
        || (rows.json && !node_integer(&rows, 1, 20, &lines)))
        return false;
    slot = loader_begin(l, n, ELEMENT_TEXT, -1) >= 0 ? loader_add_slot(l, n, SLOT_SHOW, s) : NULL;
    if (!slot)
        return false;
    slot->x = x;
    slot->y = y;
    slot->width = wide;
    slot->align = (enum align)index;
    return loader_show(l, &show, -1, &slot->show) && loader_add_lines(l, n, lines, s->leading);
}

static bool load_rule_element(struct loader *l, const struct node *n)
{
    struct node from = node_get(n, "rule"), to = node_get(n, "to"), weight = node_get(n, "weight");
    int x = 0, y = 0, x2 = 0, y2 = 0, thick = 0;

    return node_keys(n, "rule to weight") && loader_place(l, &from, &x, &y) && loader_place(l, &to, &x2, &y2)
           && node_millimetres(&weight, &thick) && loader_add_rule(l, n, x, y, x2, y2, thick);
}

/* A show, or {"show", "or"}. */
static bool load_stack_line(struct loader *l, const struct node *n, struct stack_line *line)
{
    struct node show = node_get(n, "show"), other = node_get(n, "or");

    if (!json_is_object(n->json))
        return loader_show(l, n, -1, &line->first);
    return node_keys(n, "show or") && loader_show(l, &show, -1, &line->first) && loader_show(l, &other, -1, &line->other);
}

/* Room for a stack, which is counted when it is whole. */
static struct stack *new_stack(struct loader *l, const struct node *n)
{
    struct form *form = l->form;

    if (form->stack_count == form->stack_capacity) {
        size_t capacity = form->stack_capacity ? 2 * form->stack_capacity : 8;
        struct stack *stacks = arena_array(n->arena, capacity, sizeof *stacks);

        if (!stacks) {
            error_memory(n->err);
            return NULL;
        }
        if (form->stack_count > 0)
            memcpy(stacks, form->stacks, form->stack_count * sizeof *stacks);
        form->stacks = stacks;
        form->stack_capacity = capacity;
    }
    return &form->stacks[form->stack_count];
}

bool loader_add_stack(struct loader *l, const struct node *shows, const struct slot *like, int lines)
{
    struct stack *stack = new_stack(l, shows);

    if (!stack || !node_array(shows, &stack->count))
        return false;
    stack->lines = lines;
    stack->shows = arena_array(shows->arena, stack->count + 1, sizeof *stack->shows);
    if (!stack->shows)
        return error_memory(shows->err);
    for (size_t i = 0; i < stack->count; i++) {
        struct node show = node_at(shows, i);

        if (!load_stack_line(l, &show, &stack->shows[i]))
            return false;
    }
    for (int line = 0; line < lines; line++) {
        struct slot *slot = loader_add_slot(l, shows, SLOT_LINE, like->style);

        if (!slot)
            return false;
        slot->stack = (int)l->form->stack_count;
        slot->line = line;
        slot->x = like->x;
        slot->y = like->y + line * like->style->leading;
        slot->width = like->width;
    }
    l->form->stack_count++;
    return true;
}

static bool load_stack_element(struct loader *l, const struct node *n)
{
    struct node shows = node_get(n, "stack"), at = node_get(n, "at"), style = node_get(n, "style");
    struct node width = node_get(n, "width"), rows = node_get(n, "lines");
    struct slot like = {0};
    int lines = 0;

    return node_keys(n, "stack at style width lines") && loader_place(l, &at, &like.x, &like.y) && loader_style(l, &style, &like.style)
           && node_millimetres(&width, &like.width) && node_integer(&rows, 1, 20, &lines) && loader_begin(l, n, ELEMENT_TEXT, -1) >= 0
           && loader_add_stack(l, &shows, &like, lines);
}

/* Captions with a value beside each, one pair below the other. */
static bool load_pairs_element(struct loader *l, const struct node *n)
{
    struct node pairs = node_get(n, "pairs"), at = node_get(n, "at"), style = node_get(n, "style");
    struct node value_at = node_get(n, "value_at"), width = node_get(n, "width");
    const struct style *s = NULL;
    int x = 0, y = 0, value_x = 0, wide = 0, lines, table, row;
    size_t count;

    if (!node_keys(n, "pairs at style value_at width") || !loader_place(l, &at, &x, &y) || !loader_style(l, &style, &s)
        || !loader_place_x(l, &value_at, &value_x) || !node_millimetres(&width, &wide) || !node_array(&pairs, &count)
        || (table = loader_begin(l, n, ELEMENT_TABLE, -1)) < 0)
        return false;
    for (size_t i = 0; i < count; i++, y += s->leading) {
        struct node pair = node_at(&pairs, i), caption = node_get(&pair, "caption"), show = node_get(&pair, "show");
        struct slot *slot;

        if (!node_keys(&pair, "caption show") || (row = loader_begin(l, n, ELEMENT_ROW, table)) < 0
            || loader_begin(l, n, ELEMENT_HEAD, row) < 0 || !loader_add_caption(l, &caption, x, y, s, &lines))
            return false;
        slot = loader_begin_cell(l, n, row, 1) ? loader_add_slot(l, n, SLOT_SHOW, s) : NULL;
        if (!slot)
            return false;
        slot->x = value_x;
        slot->y = y;
        slot->width = wide;
        if (!loader_show(l, &show, -1, &slot->show))
            return false;
    }
    return true;
}

/* A group as columns: one line per field, one column per row of the group. */
static bool load_columns_element(struct loader *l, const struct node *n)
{
    struct node lines = node_get(n, "columns"), at = node_get(n, "at"), style = node_get(n, "style");
    struct node rights = node_get(n, "columns_at"), name = node_get(n, "group"), width = node_get(n, "width");
    const struct style *s = NULL;
    int x = 0, y = 0, right, wide = 0, group = 0, drawn, table, row;
    size_t count, columns;

    if (!node_keys(n, "columns group order_by descending until attached overflow at columns_at width style")
        || !loader_group(l, &name, &group) || !loader_place(l, &at, &x, &y) || !loader_style(l, &style, &s)
        || !node_array(&rights, &columns) || !node_millimetres(&width, &wide) || !node_array(&lines, &count)
        || !loader_order(l, n, group, (int)columns) || (table = loader_begin(l, n, ELEMENT_TABLE, -1)) < 0)
        return false;
    for (size_t i = 0; i < count; i++, y += s->leading) {
        struct node line = node_at(&lines, i), caption = node_get(&line, "caption"), show = node_get(&line, "show");

        if (!node_keys(&line, "caption show") || (row = loader_begin(l, n, ELEMENT_ROW, table)) < 0
            || loader_begin(l, n, ELEMENT_HEAD, row) < 0 || !loader_add_caption(l, &caption, x, y, s, &drawn))
            return false;
        for (size_t k = 0; k < columns; k++) {
            struct node column = node_at(&rights, k);
            struct slot *slot = loader_begin_cell(l, n, row, 1) ? loader_add_slot(l, n, SLOT_SHOW, s) : NULL;

            if (!slot || !loader_place_x(l, &column, &right))
                return false;
            slot->x = right;
            slot->y = y;
            slot->width = wide;
            slot->align = ALIGN_RIGHT;
            slot->row = (int)k;
            if (!loader_show(l, &show, group, &slot->show))
                return false;
        }
    }
    return true;
}

bool loader_element(struct loader *l, const struct node *n)
{
    static const struct {
        const char *key;
        bool (*load)(struct loader *, const struct node *);
    } kinds[] = {
        {"box", loader_box},
        {"block", loader_block},
        {"sheet", loader_sheet},
        {"when", loader_when},
        {"grid", loader_grid},
        {"text", loader_text},
        {"mark", load_mark_element},
        {"caption", load_caption_element},
        {"show", load_show_element},
        {"rule", load_rule_element},
        {"stack", load_stack_element},
        {"pairs", load_pairs_element},
        {"columns", load_columns_element},
        {"table", loader_table},
    };
    struct node caption = node_get(n, "caption");

    if (!loader_has_word(l, &caption))
        return true;

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (json_object_get(n->json, kinds[i].key))
            return kinds[i].load(l, n);
    return node_fail(n, "template-key",
                     "one of mark, caption, show, rule, stack, pairs, columns, grid, text, table, box, block, when, sheet is needed");
}
