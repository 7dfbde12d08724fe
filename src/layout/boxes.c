/* A box: its lines, and in it a number, a caption and what is shown. */
#include "layout/loader.h"

struct box {
    int x, y, width, height;
    const struct style *style, *number_style, *value_style;
    int caption_x, caption_y; /* baseline */
    int value_x, value_y;     /* where the value ends, or begins */
    enum align align;
    int lines, group, row;
    int rows, step; /* of the group, one below the other */
};

/* Inside of the lines, in hundredths of a millimetre. */
#define BOX_PAD 70
#define BOX_FOOT 110

static bool load_sides(const struct node *n, unsigned *sides)
{
    static const char *const names[] = {"left", "top", "right", "bottom"};
    size_t count;

    *sides = 15;
    if (!n->json)
        return true;
    *sides = 0;
    if (!node_array(n, &count))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct node side = node_at(n, i);
        int index;

        if (!node_choice(&side, names, 4, &index))
            return false;
        *sides |= 1U << index;
    }
    return true;
}

static bool draw_box(struct loader *l, const struct node *n, const struct box *b)
{
    struct node sides_at = node_get(n, "sides"), weight = node_get(n, "weight");
    int thick = 20, right = b->x + b->width, bottom = b->y + b->height;
    unsigned sides = 0;

    if (!load_sides(&sides_at, &sides) || (weight.json && !node_millimetres(&weight, &thick)))
        return false;
    return (!(sides & 1) || loader_add_rule(l, n, b->x, b->y, b->x, bottom, thick))
           && (!(sides & 2) || loader_add_rule(l, n, b->x, b->y, right, b->y, thick))
           && (!(sides & 4) || loader_add_rule(l, n, right, b->y, right, bottom, thick))
           && (!(sides & 8) || loader_add_rule(l, n, b->x, bottom, right, bottom, thick));
}

/* A place within the box, from its corner; where none is given, what it is. */
static bool load_inner(const struct box *b, const struct node *n, int *x, int *y)
{
    if (!n->json)
        return true;
    if (!loader_point(n, x, y))
        return false;
    *x += b->x;
    *y += b->y;
    return true;
}

/* The group and the row of it that the values are of: rows are counted from 1, behind those of the block. */
static bool load_row(struct loader *l, const struct node *n, struct box *b)
{
    struct node group = node_get(n, "group"), row = node_get(n, "row"), rows = node_get(n, "rows"), step = node_get(n, "step");
    struct form_group *g;

    b->group = b->row = -1;
    if (!group.json)
        return !row.json || node_fail(&row, "template-key", "there is no group");
    if (!loader_group(l, &group, &b->group) || !node_integer(&row, 1, l->t->groups[b->group].most, &b->row))
        return false;
    if ((rows.json && !node_integer(&rows, 1, 20, &b->rows)) || (step.json && !node_millimetres(&step, &b->step)))
        return false;
    b->row += l->rows[b->group] - 1;
    g = &l->form->groups[b->group];
    if (b->row + b->rows > g->shown)
        g->shown = g->attached = b->row + b->rows;
    g->overflow = SEVERITY_ERROR;
    return true;
}

static bool load_box(struct loader *l, const struct node *n, struct box *b)
{
    static const char *const aligns[] = {"left", "right"};
    struct node at = node_get(n, "box"), size = node_get(n, "size"), style = node_get(n, "style"), value_style = node_get(n, "value_style");
    struct node number_style = node_get(n, "number_style"), caption_at = node_get(n, "caption_at"), value_at = node_get(n, "value_at");
    struct node align = node_get(n, "align"), lines = node_get(n, "lines");
    int index = 0;

    if (!loader_place(l, &at, &b->x, &b->y) || !loader_point(&size, &b->width, &b->height) || !loader_style(l, &style, &b->style)
        || (align.json && !node_choice(&align, aligns, 2, &index)) || (lines.json && !node_integer(&lines, 1, 20, &b->lines)))
        return false;
    b->number_style = b->value_style = b->style;
    if ((number_style.json && !loader_style(l, &number_style, &b->number_style))
        || (value_style.json && !loader_style(l, &value_style, &b->value_style)))
        return false;
    b->align = (enum align)index;
    b->caption_x = b->x + BOX_PAD;
    b->caption_y = b->y + b->style->leading;
    b->value_x = b->align == ALIGN_RIGHT ? b->x + b->width - BOX_PAD : b->x + BOX_PAD;
    b->value_y = b->y + b->height - BOX_FOOT - (b->lines - 1) * b->value_style->leading;
    return load_inner(b, &caption_at, &b->caption_x, &b->caption_y) && load_inner(b, &value_at, &b->value_x, &b->value_y)
           && load_row(l, n, b);
}

/* The number, and the caption behind it. */
static bool add_words(struct loader *l, const struct node *n, const struct box *b)
{
    struct node number = node_get(n, "number"), caption = node_get(n, "caption");
    const struct page *page = &l->form->page;
    size_t before = page->count;
    bool outside = json_object_get(n->json, "caption_at") != NULL; /* of a box to be crossed, beside it */
    int x = b->caption_x, lines;
    const char *text;

    if (number.json) {
        if (!node_string(&number, &text) || !loader_add_text(l, &number, x, b->caption_y, b->number_style, ALIGN_LEFT, text))
            return false;
        x += font_width(&page->ops[page->count - 1].glyphs, b->number_style->size) + BOX_PAD;
    }
    if (caption.json && !loader_add_caption(l, &caption, x, b->caption_y, b->style, &lines))
        return false;
    for (size_t i = before; i < page->count; i++)
        if (page->ops[i].x + font_width(&page->ops[i].glyphs, page->ops[i].size) > b->x + b->width && !outside)
            return node_fail(&caption, "text-fit", "a line of the caption is longer than the box is wide");
    return true;
}

/* A value in the box, of the group's row behind the first. */
static bool add_value(struct loader *l, const struct node *show, const struct box *b, enum align align, int x, int width, int behind)
{
    struct slot *slot = loader_add_slot(l, show, SLOT_SHOW, b->value_style);

    if (!slot)
        return false;
    slot->x = x;
    slot->y = b->value_y + behind * b->step;
    slot->width = width;
    slot->align = align;
    slot->row = b->row < 0 ? -1 : b->row + behind;
    return loader_show(l, show, b->group, &slot->show);
}

static bool add_stack(struct loader *l, const struct node *n, const struct box *b)
{
    const struct slot like = {.x = b->value_x, .y = b->value_y, .width = b->width - 2 * BOX_PAD, .style = b->value_style};

    return loader_add_stack(l, n, &like, b->lines);
}

/* What stands left in the box, in a room of the inset, and what is shown. */
static bool add_row(struct loader *l, const struct node *n, const struct box *b, int inset, int row)
{
    struct node show = node_get(n, "show"), before = node_get(n, "before");
    int room = b->width - 2 * BOX_PAD, x = b->align == ALIGN_LEFT ? b->value_x + inset : b->value_x;

    if (before.json && !add_value(l, &before, b, ALIGN_LEFT, b->x + BOX_PAD, inset > 0 ? inset : room, row))
        return false;
    return !show.json
           || (add_value(l, &show, b, b->align, x, room - inset, row) && loader_add_lines(l, n, b->lines, b->value_style->leading));
}

bool loader_box(struct loader *l, const struct node *n)
{
    struct node show = node_get(n, "show"), before = node_get(n, "before"), inset_at = node_get(n, "inset"), stack = node_get(n, "stack");
    struct node only = node_get(n, "only");
    struct box b = {.lines = 1, .rows = 1};
    const char *word = NULL;
    int inset = 0;

    if (!node_keys(
            n,
            "box size style caption caption_at number number_style show stack before inset value_at value_style align lines group row rows step only weight "
            "sides note")
        || !load_box(l, n, &b) || (inset_at.json && !node_millimetres(&inset_at, &inset)) || !draw_box(l, n, &b))
        return false;
    if (!json_object_get(n->json, "number") && !json_object_get(n->json, "caption") && !show.json && !before.json && !stack.json)
        return true;
    if (loader_begin(l, n, ELEMENT_TEXT, -1) < 0 || !add_words(l, n, &b))
        return false;
    if (!node_string_or(&only, &word) || (word && !node_get(&l->words, word).json))
        return word != NULL;
    if (stack.json)
        return add_stack(l, &stack, &b);
    for (int row = 0; row < b.rows; row++)
        if (!add_row(l, n, &b, inset, row))
            return false;
    return true;
}
