#include "layout/form.h"

#include <stdlib.h>
#include <string.h>

#define MARKS 3

static const char *const mark_names[MARKS] = {"draft", "duplicate", "correction"}; /* by bit of enum mark */

struct loader {
    struct template *t;
    const struct font *regular, *bold;
    struct form *form;
    unsigned marks, known; /* marks to be on the page; those that the form has */
    bool begun; /* the leaf at hand has a text already */
    int headings;
};

/* What is added next is this element, or a part of it. Its index, or -1 with the node's error. */
static int begin(struct loader *l, const struct node *n, enum element_kind kind, int parent)
{
    struct page *page = &l->form->page;
    bool leaf = kind != ELEMENT_TABLE && kind != ELEMENT_ROW;
    struct op *op = leaf ? page_add(page, OP_BEGIN) : NULL;
    int element = page_add_element(page, kind, parent);

    if (element < 0 || (leaf && !op)) {
        error_memory(n->err);
        return -1;
    }
    if (leaf)
        op->element = element;
    l->begun = false;
    return element;
}

/* A cell of a row, span columns wide. */
static bool begin_cell(struct loader *l, const struct node *n, int row, int span)
{
    int cell = begin(l, n, ELEMENT_CELL, row);

    if (cell >= 0)
        l->form->page.elements[cell].span = span;
    return cell >= 0;
}

static bool load_point(const struct node *n, int *x, int *y)
{
    struct node a = node_at(n, 0), b = node_at(n, 1);
    size_t count;

    if (!node_array(n, &count))
        return false;
    if (count != 2)
        return node_fail(n, "template-type", "a point [x, y] in millimetres is needed here");
    return node_millimetres(&a, x) && node_millimetres(&b, y);
}

static bool find_style(const struct loader *l, const struct node *n, const struct style **style)
{
    const char *name;

    if (!node_string(n, &name))
        return false;
    for (size_t i = 0; i < l->form->style_count; i++) {
        if (!strcmp(l->form->styles[i].name, name)) {
            *style = &l->form->styles[i];
            return true;
        }
    }
    return node_fail(n, "template-id", "there is no such style");
}

static bool load_style(const struct node *n, const char *name, struct style *style)
{
    struct node size = node_get(n, "size"), least = node_get(n, "least"), leading = node_get(n, "leading");
    struct node bold = node_get(n, "bold");
    int points = 0, smallest = 0;

    *style = (struct style){.name = name};
    /* Sizes are given in points with one decimal: the same reader as millimetres, in hundredths. */
    if (!node_keys(n, "size least leading bold") || !node_millimetres(&size, &points)
        || !node_millimetres(&leading, &style->leading) || !node_flag(&bold, &style->bold))
        return false;
    smallest = points;
    if (least.json && !node_millimetres(&least, &smallest))
        return false;
    style->size = points / 10;
    style->least = smallest / 10;
    return style->size > 0 || node_fail(&size, "template-range", "a size above 0 is needed");
}

static bool load_styles(struct loader *l, const struct node *n)
{
    const char *name;
    json_t *value;

    l->form->styles = arena_array(n->arena, json_object_size(n->json) + 1, sizeof *l->form->styles);
    if (!l->form->styles)
        return error_memory(n->err);
    json_object_foreach((json_t *)n->json, name, value) {
        struct node style = node_get(n, name);
        const char *copy = arena_copy(n->arena, name, strlen(name));

        if (!copy || !load_style(&style, copy, &l->form->styles[l->form->style_count]))
            return copy ? false : error_memory(n->err);
        l->form->style_count++;
    }
    return true;
}

static bool find_field(const struct loader *l, const struct node *n, const char *id, int group, int *field)
{
    *field = group >= 0 ? template_field(l->t, id, group) : -1;
    if (*field < 0)
        *field = template_field(l->t, id, -1);
    return *field >= 0 || node_fail(n, "template-id", "there is no such field");
}

static void note_printed(const struct loader *l, const struct part *part)
{
    bool country = part->format && !strcmp(part->format, "country");

    if (part->field >= 0 && !(country && l->form->printed[part->field]))
        l->form->printed[part->field] = country ? PRINTED_ABROAD : PRINTED_ALWAYS;
}

static bool load_part(const struct loader *l, const struct node *n, int group, struct part *part)
{
    struct node field = node_get(n, "field"), format = node_get(n, "format"), before = node_get(n, "before");
    struct node after = node_get(n, "after"), optional = node_get(n, "optional");
    const char *id;

    *part = (struct part){.field = -1, .before = "", .after = ""};
    if (json_is_string(n->json))
        return node_string(n, &part->literal);
    return node_keys(n, "field format before after optional") && node_string(&field, &id)
           && find_field(l, &field, id, group, &part->field) && node_string_or(&format, &part->format)
           && node_string_or(&before, &part->before) && node_string_or(&after, &part->after)
           && node_flag(&optional, &part->optional);
}

/* "field", or a list of literals and fields. */
static bool load_show(const struct loader *l, const struct node *n, int group, struct show *show)
{
    bool list = json_is_array(n->json);
    const char *id;

    show->count = list ? json_array_size(n->json) : 1;
    show->parts = arena_array(n->arena, show->count + 1, sizeof *show->parts);
    if (!show->parts)
        return error_memory(n->err);
    if (!list) {
        show->parts[0] = (struct part){.field = -1, .before = "", .after = ""};
        if (!node_string(n, &id) || !find_field(l, n, id, group, &show->parts[0].field))
            return false;
        note_printed(l, &show->parts[0]);
        return true;
    }
    for (size_t i = 0; i < show->count; i++) {
        struct node part = node_at(n, i);

        if (!load_part(l, &part, group, &show->parts[i]))
            return false;
        note_printed(l, &show->parts[i]);
    }
    return true;
}

static bool add_text(struct loader *l, const struct node *n, int x, int y, const struct style *style, enum align align,
                     const char *text)
{
    const struct font *font = style->bold ? l->bold : l->regular;
    struct op *op = text ? page_add(&l->form->page, OP_TEXT) : NULL;

    if (!op)
        return error_memory(n->err);
    op->text = text;
    op->bold = style->bold;
    op->size = style->size;
    op->y = y;
    op->joined = l->begun;
    l->begun = true;
    if (!font_shape(font, text, n->arena, &op->glyphs))
        return n->arena->failed ? error_memory(n->err) : node_fail(n, "text-character", "a character of the caption cannot be drawn");
    op->x = align == ALIGN_RIGHT ? x - font_width(&op->glyphs, style->size) : x;
    return true;
}

/* The lines of a caption one below the other; how many there were in *lines. */
static bool add_caption(struct loader *l, const struct node *n, int x, int y, const struct style *style, int *lines)
{
    const char *key, *text;

    *lines = 0;
    if (!node_string(n, &key))
        return false;
    text = template_caption(l->t, key);
    if (!text)
        return node_fail(n, "template-caption", "captions.%s.json has no caption \"%.60s\"", l->t->languages[0], key);
    while (*text) {
        size_t length = strcspn(text, "\n");

        if (!add_text(l, n, x, y + *lines * style->leading, style, ALIGN_LEFT, arena_copy(n->arena, text, length)))
            return false;
        text += length + (text[length] == '\n');
        ++*lines;
    }
    return true;
}

static bool add_rule(struct loader *l, const struct node *n, int x, int y, int x2, int y2, int weight)
{
    struct op *op = page_add(&l->form->page, OP_RULE);

    if (!op)
        return error_memory(n->err);
    op->x = x;
    op->y = y;
    op->x2 = x2;
    op->y2 = y2;
    op->size = weight;
    return true;
}

static struct slot *add_slot(struct loader *l, const struct node *n, enum slot_kind kind, const struct style *style)
{
    struct form *form = l->form;
    struct op *op;

    if ((size_t)form->page.slot_count == form->slot_capacity) {
        size_t capacity = form->slot_capacity ? form->slot_capacity * 2 : 64;
        struct slot *slots = realloc(form->slots, capacity * sizeof *slots);

        if (!slots) {
            error_memory(n->err);
            return NULL;
        }
        form->slots = slots;
        form->slot_capacity = capacity;
    }
    op = page_add(&form->page, OP_SLOT);
    if (!op) {
        error_memory(n->err);
        return NULL;
    }
    op->bold = style->bold;
    op->joined = l->begun;
    l->begun = true;
    form->slots[op->slot] = (struct slot){.kind = kind, .row = -1, .style = style};
    return &form->slots[op->slot];
}

static bool load_caption_element(struct loader *l, const struct node *n)
{
    struct node caption = node_get(n, "caption"), at = node_get(n, "at"), style = node_get(n, "style");
    struct node heading = node_get(n, "heading");
    const struct style *s = NULL;
    bool is_heading = false;
    int x = 0, y = 0, lines;

    if (!node_keys(n, "caption at style heading") || !load_point(&at, &x, &y) || !find_style(l, &style, &s)
        || !node_flag(&heading, &is_heading))
        return false;
    l->headings += is_heading;
    return begin(l, n, is_heading ? ELEMENT_HEADING : ELEMENT_TEXT, -1) >= 0 && add_caption(l, &caption, x, y, s, &lines);
}

/* Checked always, on the page only where it is marked so. */
static bool load_mark_element(struct loader *l, const struct node *n)
{
    struct node mark = node_get(n, "mark"), caption = node_get(n, "caption"), at = node_get(n, "at"), style = node_get(n, "style");
    const struct style *s = NULL;
    size_t before = l->form->page.count, elements = l->form->page.element_count;
    int x = 0, y = 0, lines, index = 0;

    if (!node_keys(n, "mark caption at style") || !node_choice(&mark, mark_names, MARKS, &index) || !load_point(&at, &x, &y)
        || !find_style(l, &style, &s) || begin(l, n, ELEMENT_TEXT, -1) < 0 || !add_caption(l, &caption, x, y, s, &lines))
        return false;
    l->known |= 1U << index;
    if (!(l->marks & 1U << index)) {
        l->form->page.count = before;
        l->form->page.element_count = elements;
    }
    for (size_t i = before; i < l->form->page.count; i++)
        if (l->form->page.ops[i].kind == OP_TEXT)
            l->form->page.ops[i].kind = OP_MARK;
    return true;
}

static bool load_show_element(struct loader *l, const struct node *n)
{
    struct node show = node_get(n, "show"), at = node_get(n, "at"), style = node_get(n, "style");
    struct node width = node_get(n, "width"), align = node_get(n, "align");
    static const char *const aligns[] = {"left", "right"};
    const struct style *s = NULL;
    struct slot *slot;
    int x = 0, y = 0, wide = 0, index = 0;

    if (!node_keys(n, "show at style width align") || !load_point(&at, &x, &y) || !find_style(l, &style, &s)
        || !node_millimetres(&width, &wide) || (align.json && !node_choice(&align, aligns, 2, &index)))
        return false;
    slot = begin(l, n, ELEMENT_TEXT, -1) >= 0 ? add_slot(l, n, SLOT_SHOW, s) : NULL;
    if (!slot)
        return false;
    slot->x = x;
    slot->y = y;
    slot->width = wide;
    slot->align = (enum align)index;
    return load_show(l, &show, -1, &slot->show);
}

static bool load_rule_element(struct loader *l, const struct node *n)
{
    struct node from = node_get(n, "rule"), to = node_get(n, "to"), weight = node_get(n, "weight");
    int x = 0, y = 0, x2 = 0, y2 = 0, thick = 0;

    return node_keys(n, "rule to weight") && load_point(&from, &x, &y) && load_point(&to, &x2, &y2)
           && node_millimetres(&weight, &thick) && add_rule(l, n, x, y, x2, y2, thick);
}

static bool load_stack_element(struct loader *l, const struct node *n)
{
    struct node shows = node_get(n, "stack"), at = node_get(n, "at"), style = node_get(n, "style");
    struct node width = node_get(n, "width"), lines = node_get(n, "lines");
    struct stack *stack = &l->form->stacks[l->form->stack_count];
    const struct style *s = NULL;
    int x = 0, y = 0, wide = 0;

    if (!node_keys(n, "stack at style width lines") || !load_point(&at, &x, &y) || !find_style(l, &style, &s)
        || !node_millimetres(&width, &wide) || !node_integer(&lines, 1, 20, &stack->lines)
        || !node_array(&shows, &stack->count))
        return false;
    stack->shows = arena_array(n->arena, stack->count + 1, sizeof *stack->shows);
    if (!stack->shows)
        return error_memory(n->err);
    for (size_t i = 0; i < stack->count; i++) {
        struct node show = node_at(&shows, i);

        if (!load_show(l, &show, -1, &stack->shows[i]))
            return false;
    }
    if (begin(l, n, ELEMENT_TEXT, -1) < 0)
        return false;
    for (int line = 0; line < stack->lines; line++) {
        struct slot *slot = add_slot(l, n, SLOT_LINE, s);

        if (!slot)
            return false;
        slot->stack = (int)l->form->stack_count;
        slot->line = line;
        slot->x = x;
        slot->y = y + line * s->leading;
        slot->width = wide;
    }
    l->form->stack_count++;
    return true;
}

/* Captions with a value beside each, one pair below the other. */
static bool load_pairs_element(struct loader *l, const struct node *n)
{
    struct node pairs = node_get(n, "pairs"), at = node_get(n, "at"), style = node_get(n, "style");
    struct node value_at = node_get(n, "value_at"), width = node_get(n, "width");
    const struct style *s = NULL;
    int x = 0, y = 0, value_x = 0, wide = 0, lines, table, row;
    size_t count;

    if (!node_keys(n, "pairs at style value_at width") || !load_point(&at, &x, &y) || !find_style(l, &style, &s)
        || !node_millimetres(&value_at, &value_x) || !node_millimetres(&width, &wide) || !node_array(&pairs, &count)
        || (table = begin(l, n, ELEMENT_TABLE, -1)) < 0)
        return false;
    for (size_t i = 0; i < count; i++, y += s->leading) {
        struct node pair = node_at(&pairs, i), caption = node_get(&pair, "caption"), show = node_get(&pair, "show");
        struct slot *slot;

        if (!node_keys(&pair, "caption show") || (row = begin(l, n, ELEMENT_ROW, table)) < 0
            || begin(l, n, ELEMENT_HEAD, row) < 0 || !add_caption(l, &caption, x, y, s, &lines))
            return false;
        slot = begin_cell(l, n, row, 1) ? add_slot(l, n, SLOT_SHOW, s) : NULL;
        if (!slot)
            return false;
        slot->x = value_x;
        slot->y = y;
        slot->width = wide;
        if (!load_show(l, &show, -1, &slot->show))
            return false;
    }
    return true;
}

static bool find_group(const struct loader *l, const struct node *n, int *group)
{
    const char *id;

    if (!node_string(n, &id))
        return false;
    for (size_t i = 0; i < l->t->group_count; i++) {
        if (!strcmp(l->t->groups[i].id, id)) {
            *group = (int)i;
            return true;
        }
    }
    return node_fail(n, "template-id", "there is no such group");
}

static bool load_order(struct loader *l, const struct node *n, int group, int shown)
{
    struct node order = node_get(n, "order_by"), descending = node_get(n, "descending");
    struct node overflow = node_get(n, "overflow");
    static const char *const severities[] = {"warning", "error"};
    struct form_group *g = &l->form->groups[group];
    const char *id;
    int index;

    *g = (struct form_group){.order_by = -1, .shown = shown};
    if (!node_flag(&descending, &g->descending) || !node_choice(&overflow, severities, 2, &index))
        return false;
    g->overflow = (enum severity)index;
    return !order.json || (node_string(&order, &id) && find_field(l, &order, id, group, &g->order_by));
}

/* A group as columns: one line per field, one column per row of the group. */
static bool load_columns_element(struct loader *l, const struct node *n)
{
    struct node lines = node_get(n, "columns"), at = node_get(n, "at"), style = node_get(n, "style");
    struct node rights = node_get(n, "columns_at"), name = node_get(n, "group"), width = node_get(n, "width");
    const struct style *s = NULL;
    int x = 0, y = 0, right, wide = 0, group = 0, drawn, table, row;
    size_t count, columns;

    if (!node_keys(n, "columns group order_by descending overflow at columns_at width style") || !find_group(l, &name, &group)
        || !load_point(&at, &x, &y) || !find_style(l, &style, &s) || !node_array(&rights, &columns)
        || !node_millimetres(&width, &wide) || !node_array(&lines, &count) || !load_order(l, n, group, (int)columns)
        || (table = begin(l, n, ELEMENT_TABLE, -1)) < 0)
        return false;
    for (size_t i = 0; i < count; i++, y += s->leading) {
        struct node line = node_at(&lines, i), caption = node_get(&line, "caption"), show = node_get(&line, "show");

        if (!node_keys(&line, "caption show") || (row = begin(l, n, ELEMENT_ROW, table)) < 0
            || begin(l, n, ELEMENT_HEAD, row) < 0 || !add_caption(l, &caption, x, y, s, &drawn))
            return false;
        for (size_t k = 0; k < columns; k++) {
            struct node column = node_at(&rights, k);
            struct slot *slot = begin_cell(l, n, row, 1) ? add_slot(l, n, SLOT_SHOW, s) : NULL;

            if (!slot || !node_millimetres(&column, &right))
                return false;
            slot->x = right;
            slot->y = y;
            slot->width = wide;
            slot->align = ALIGN_RIGHT;
            slot->row = (int)k;
            if (!load_show(l, &show, group, &slot->show))
                return false;
        }
    }
    return true;
}

#define TABLE_ROWS_MAX 100

/* Where a table's columns stand; see templates/FORMAT.md. */
struct table {
    int left, right, number, caption, major, minor, major_rule, minor_rule, padding, ascent;
    int element, row; /* of the page */
    int ends[TABLE_ROWS_MAX]; /* y of the lines below the rows */
    int row_count;
    const struct style *style, *number_style, *value_style;
};

/* The lines between rows are drawn after the rows: the texts stay together. */
static bool end_row(const struct node *n, struct table *table, int y)
{
    if (table->row_count == TABLE_ROWS_MAX)
        return node_fail(n, "template-range", "the table has more than %d rows", TABLE_ROWS_MAX);
    table->ends[table->row_count++] = y;
    return true;
}

static bool is_money(const struct loader *l, const struct show *show)
{
    return show->count == 1 && show->parts[0].field >= 0 && l->t->fields[show->parts[0].field].type == FIELD_MONEY;
}

static struct slot *add_value(struct loader *l, const struct node *n, const struct table *table, int row, int y)
{
    struct slot *slot = add_slot(l, n, SLOT_SHOW, table->value_style);

    if (!slot)
        return NULL;
    slot->x = table->major;
    slot->y = y;
    slot->width = table->major - table->major_rule - 60;
    slot->align = ALIGN_RIGHT;
    slot->row = row;
    return slot;
}

/* Money fills two cells, anything else one over both columns; other, which may be absent, shares the first. */
static bool load_value(struct loader *l, const struct node *n, const struct table *table, const struct node *show,
                       const struct node *other, int group, int row, int y)
{
    struct show value, instead;
    struct slot *slot;
    bool money;

    if (!show->json)
        return begin_cell(l, n, table->row, 1) && begin_cell(l, n, table->row, 1);
    if (!load_show(l, show, group, &value))
        return false;
    money = is_money(l, &value);
    if (!begin_cell(l, n, table->row, money ? 1 : 2) || !(slot = add_value(l, n, table, row, y)))
        return false;
    slot->kind = money ? SLOT_MAJOR : SLOT_SHOW;
    slot->show = value;
    if (other && other->json) {
        l->begun = false; /* one of the two is filled */
        if (!load_show(l, other, group, &instead) || !(slot = add_value(l, n, table, row, y)))
            return false;
        slot->show = instead;
    }
    if (!money)
        return true;
    if (!begin_cell(l, n, table->row, 1) || !(slot = add_value(l, n, table, row, y)))
        return false;
    slot->kind = SLOT_MINOR;
    slot->show = value;
    slot->x = table->minor;
    slot->width = table->minor - table->minor_rule;
    return true;
}

/* Rows for a group: its caption is shown from a field. */
static bool load_group_rows(struct loader *l, const struct node *n, struct table *table, int *y)
{
    struct node name = node_get(n, "group"), rows = node_get(n, "rows"), text = node_get(n, "text");
    struct node show = node_get(n, "show"), other = node_get(n, "or");
    int group = 0, count = 0, height = table->style->leading + table->padding;

    if (!node_keys(n, "group rows text show or order_by descending overflow") || !find_group(l, &name, &group)
        || !node_integer(&rows, 1, 20, &count) || !load_order(l, n, group, count))
        return false;
    for (int row = 0; row < count; row++, *y += height) {
        int base = *y + table->padding / 2 + table->ascent;
        struct slot *slot;

        if ((table->row = begin(l, n, ELEMENT_ROW, table->element)) < 0 || begin(l, n, ELEMENT_HEAD, table->row) < 0
            || !(slot = add_slot(l, n, SLOT_SHOW, table->style)))
            return false;
        slot->x = table->caption;
        slot->y = base;
        slot->width = table->major_rule - table->caption - 60;
        slot->row = row;
        if (!load_show(l, &text, group, &slot->show) || !load_value(l, n, table, &show, &other, group, row, base)
            || !end_row(n, table, *y + height))
            return false;
    }
    return true;
}

/* A table's captions end before the next column. */
static bool check_captions(const struct loader *l, const struct node *n, const struct table *table, size_t from)
{
    for (size_t i = from; i < l->form->page.count; i++) {
        const struct op *op = &l->form->page.ops[i];

        if (op->kind == OP_TEXT && op->x + font_width(&op->glyphs, op->size) > table->major_rule)
            return node_fail(n, "text-fit", "a line of the caption is wider than its column");
    }
    return true;
}

static bool load_row(struct loader *l, const struct node *n, struct table *table, int *y)
{
    struct node number = node_get(n, "number"), caption = node_get(n, "caption"), show = node_get(n, "show");
    int base = *y + table->padding / 2 + table->ascent, lines;
    const char *text = NULL;
    size_t from;

    if (json_object_get(n->json, "group"))
        return load_group_rows(l, n, table, y);
    if (!node_keys(n, "number caption show") || !node_string_or(&number, &text)
        || (table->row = begin(l, n, ELEMENT_ROW, table->element)) < 0 || begin(l, n, ELEMENT_HEAD, table->row) < 0)
        return false;
    if (text && !add_text(l, n, table->number, base, table->number_style, ALIGN_LEFT, text))
        return false;
    from = l->form->page.count;
    if (!add_caption(l, &caption, table->caption, base, table->style, &lines) || !check_captions(l, &caption, table, from)
        || !load_value(l, n, table, &show, NULL, -1, -1, base + (lines - 1) * table->style->leading))
        return false;
    *y += lines * table->style->leading + table->padding;
    return end_row(n, table, *y);
}

static bool load_table_columns(struct loader *l, const struct node *n, struct table *table)
{
    struct { const char *key; int *value; } lengths[] = {
        {"left", &table->left}, {"right", &table->right}, {"number_at", &table->number},
        {"caption_at", &table->caption}, {"major_at", &table->major}, {"minor_at", &table->minor},
        {"major_rule", &table->major_rule}, {"minor_rule", &table->minor_rule}, {"padding", &table->padding},
        {"ascent", &table->ascent},
    };
    struct { const char *key; const struct style **style; } styles[] = {
        {"style", &table->style}, {"number_style", &table->number_style}, {"value_style", &table->value_style},
    };

    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct node length = node_get(n, lengths[i].key);

        if (!node_millimetres(&length, lengths[i].value))
            return false;
    }
    for (size_t i = 0; i < sizeof styles / sizeof *styles; i++) {
        struct node style = node_get(n, styles[i].key);

        if (!find_style(l, &style, styles[i].style))
            return false;
    }
    return true;
}

static bool add_head(struct loader *l, const struct node *n, const struct table *table, int right, int y)
{
    int head = begin(l, n, ELEMENT_HEAD, table->row);
    const struct style *style = table->style;
    const char *key, *text;

    if (head < 0 || !node_string(n, &key))
        return false;
    l->form->page.elements[head].column = true;
    text = template_caption(l->t, key);
    return text ? add_text(l, n, right, y, style, ALIGN_RIGHT, text)
                : node_fail(n, "template-caption", "there is no such caption");
}

static bool load_table_element(struct loader *l, const struct node *n)
{
    struct node rows = node_get(n, "table"), top_at = node_get(n, "top");
    struct node major = node_get(n, "major_caption"), minor = node_get(n, "minor_caption");
    struct table table = {0};
    size_t count;
    int top, y;

    if (!node_keys(n, "table top left right number_at caption_at major_at minor_at major_rule minor_rule padding ascent "
                      "style number_style value_style major_caption minor_caption")
        || !node_millimetres(&top_at, &top) || !load_table_columns(l, n, &table) || !node_array(&rows, &count)
        || (table.element = begin(l, n, ELEMENT_TABLE, -1)) < 0 || (table.row = begin(l, n, ELEMENT_ROW, table.element)) < 0
        || !begin_cell(l, n, table.row, 1) || !add_head(l, &major, &table, table.major, top - 80)
        || !add_head(l, &minor, &table, table.minor, top - 80)
        || !add_rule(l, n, table.left, top, table.right, top, 20))
        return false;
    y = top;
    for (size_t i = 0; i < count; i++) {
        struct node row = node_at(&rows, i);

        if (!load_row(l, &row, &table, &y))
            return false;
    }
    if (y > l->form->page.height - 500)
        return node_fail(n, "template-range", "the table is longer than the page");
    for (int i = 0; i < table.row_count; i++)
        if (!add_rule(l, n, table.left, table.ends[i], table.right, table.ends[i], 10))
            return false;
    return add_rule(l, n, table.left, top, table.left, y, 20) && add_rule(l, n, table.major_rule, top, table.major_rule, y, 10)
           && add_rule(l, n, table.minor_rule, top, table.minor_rule, y, 10)
           && add_rule(l, n, table.right, top, table.right, y, 20);
}

static bool load_element(struct loader *l, const struct node *n)
{
    static const struct { const char *key; bool (*load)(struct loader *, const struct node *); } kinds[] = {
        {"mark", load_mark_element}, {"caption", load_caption_element}, {"show", load_show_element}, {"rule", load_rule_element},
        {"stack", load_stack_element}, {"pairs", load_pairs_element}, {"columns", load_columns_element},
        {"table", load_table_element},
    };

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (json_object_get(n->json, kinds[i].key))
            return kinds[i].load(l, n);
    return node_fail(n, "template-key", "one of mark, caption, show, rule, stack, pairs, columns, table is needed");
}

/* What of a slot is the same for everyone is said on the page too. */
static void settle_slots(struct form *form)
{
    for (size_t i = 0; i < form->page.count; i++) {
        struct op *op = &form->page.ops[i];
        const struct slot *slot;
        int em;

        if (op->kind != OP_SLOT)
            continue;
        slot = &form->slots[op->slot];
        em = slot->style->least * 2540 / 720;
        op->x = slot->x;
        op->y = slot->y;
        op->size = slot->style->size;
        op->moves = slot->align == ALIGN_RIGHT;
        op->room = slot->kind == SLOT_MAJOR ? 13 : slot->kind == SLOT_MINOR ? 2 : slot->width > 0 ? slot->width * 2 / em + 1 : 40;
    }
}

/* A sign in numbers: one character. */
static bool load_sign(const struct node *n, const char **sign)
{
    if (!node_string(n, sign))
        return false;
    return strlen(*sign) < FORM_SIGN_MAX || node_fail(n, "template-range", "one character is needed here");
}

static bool load_form(struct loader *l, const struct node *n)
{
    static const char *const formats[] = {"taxcert/form/1"};
    struct node format = node_get(n, "format"), size = node_get(n, "page"), styles = node_get(n, "styles");
    struct node elements = node_get(n, "elements"), decimal = node_get(n, "decimal"), thousands = node_get(n, "thousands");
    struct node home = node_get(n, "home_country"), countries = node_get(n, "country_captions");
    struct form *form = l->form;
    size_t count;
    int index;

    if (!load_sign(&decimal, &form->decimal) || !load_sign(&thousands, &form->thousands))
        return false;
    if (!node_keys(n, "format page decimal thousands home_country country_captions styles elements note")
        || !node_choice(&format, formats, 1, &index) || !load_point(&size, &form->page.width, &form->page.height)
        || !node_string(&home, &form->home_country) || !node_string(&countries, &form->country_captions) || !load_styles(l, &styles) || !node_array(&elements, &count))
        return false;
    form->stacks = arena_array(n->arena, count + 1, sizeof *form->stacks);
    form->groups = arena_array(n->arena, l->t->group_count + 1, sizeof *form->groups);
    form->printed = arena_array(n->arena, l->t->field_count + 1, 1);
    if (!form->stacks || !form->groups || !form->printed)
        return error_memory(n->err);
    for (size_t i = 0; i < count; i++) {
        struct node element = node_at(&elements, i);

        if (!load_element(l, &element))
            return false;
    }
    if (l->headings != 1)
        return node_fail(&elements, "template-heading", "one caption, and only one, must be the heading");
    for (int i = 0; i < MARKS; i++)
        if (!(l->known & 1U << i))
            return node_fail(&elements, "template-mark", "there is no mark of the kind %s", mark_names[i]);
    settle_slots(form);
    if (!page_close(&form->page))
        return error_memory(n->err);
    return form->page.choice_count <= PAGE_CHOICES_MAX
           || node_fail(&elements, "template-range", "more than %d texts and rows depend on the person alone", PAGE_CHOICES_MAX);
}

unsigned form_mark(const char *name)
{
    for (int i = 0; i < MARKS; i++)
        if (!strcmp(name, mark_names[i]))
            return 1U << i;
    return 0;
}

bool form_load(struct template *t, const struct font *regular, const struct font *bold, unsigned marks, struct form *form,
               struct tc_error *err)
{
    struct loader l = {.t = t, .regular = regular, .bold = bold, .form = form, .marks = marks};
    const char *path = arena_printf(&t->arena, "%s/form.json", t->folder);
    json_t *root = path ? json_read(path, err) : NULL;
    struct node n = {.json = root, .file = path, .arena = &t->arena, .err = err, .pointer = ""};
    bool ok;

    *form = (struct form){0};
    if (!root)
        return path ? false : error_memory(err);
    ok = load_form(&l, &n);
    json_decref(root);
    if (!ok)
        form_free(form);
    return ok;
}

void form_free(struct form *form)
{
    page_free(&form->page);
    free(form->slots);
    *form = (struct form){0};
}
