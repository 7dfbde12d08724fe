/* The table of the form's lines: number, caption, and the amount in two cells. */
#include "layout/loader.h"

#include <string.h>

#define TABLE_ROWS_MAX 100

/* Where a table's columns stand; see templates/FORMAT.md. */
struct table {
    int left, right, number, caption, major, minor, major_rule, minor_rule, padding, ascent;
    int element, row;         /* of the page */
    enum wanted wanted;       /* of the row's amount */
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
    struct slot *slot = loader_add_slot(l, n, SLOT_SHOW, table->value_style);

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
static bool load_value(struct loader *l, const struct node *n, const struct table *table, const struct node *show, const struct node *other,
                       int group, int row, int y)
{
    struct show value, instead;
    struct slot *slot;
    bool money;

    if (!show->json)
        return loader_begin_cell(l, n, table->row, 1) && loader_begin_cell(l, n, table->row, 1);
    if (!loader_show(l, show, group, &value))
        return false;
    money = is_money(l, &value);
    if (!loader_begin_cell(l, n, table->row, money ? 1 : 2) || !(slot = add_value(l, n, table, row, y)))
        return false;
    slot->kind = money ? SLOT_MAJOR : SLOT_SHOW;
    slot->wanted = table->wanted;
    slot->show = value;
    if (other && other->json) {
        l->begun = false; /* one of the two is filled */
        if (!loader_show(l, other, group, &instead) || !(slot = add_value(l, n, table, row, y)))
            return false;
        slot->show = instead;
    }
    if (!money)
        return true;
    if (!loader_begin_cell(l, n, table->row, 1) || !(slot = add_value(l, n, table, row, y)))
        return false;
    slot->kind = SLOT_MINOR;
    slot->wanted = table->wanted;
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

    if (!node_keys(n, "group rows text show or order_by descending overflow") || !loader_group(l, &name, &group)
        || !node_integer(&rows, 1, 20, &count) || !loader_order(l, n, group, count))
        return false;
    for (int row = 0; row < count; row++, *y += height) {
        int base = *y + table->padding / 2 + table->ascent;
        struct slot *slot;

        if ((table->row = loader_begin(l, n, ELEMENT_ROW, table->element)) < 0 || loader_begin(l, n, ELEMENT_HEAD, table->row) < 0
            || !(slot = loader_add_slot(l, n, SLOT_SHOW, table->style)))
            return false;
        slot->x = table->caption;
        slot->y = base;
        slot->width = table->major_rule - table->caption - 60;
        slot->row = row;
        if (!loader_show(l, &text, group, &slot->show) || !load_value(l, n, table, &show, &other, group, row, base)
            || !end_row(n, table, *y + height))
            return false;
    }
    return true;
}

/* A place in a free row. */
static struct slot *add_free(struct loader *l, const struct node *n, const struct table *table, enum free_part part, int row, int y)
{
    const struct style *style = part == FREE_NUMBER ? table->number_style : part == FREE_TEXT ? table->style : table->value_style;
    struct slot *slot = loader_add_slot(l, n, SLOT_FREE, style);

    if (!slot)
        return NULL;
    slot->part = part;
    slot->row = row;
    slot->y = y;
    slot->x = part == FREE_NUMBER ? table->number : part == FREE_TEXT ? table->caption : part == FREE_MINOR ? table->minor : table->major;
    slot->width = part == FREE_NUMBER  ? table->caption - table->number
                  : part == FREE_TEXT  ? table->major_rule - table->caption - 60
                  : part == FREE_MINOR ? table->minor - table->minor_rule
                                       : table->major - table->major_rule - 60;
    slot->align = part == FREE_NUMBER || part == FREE_TEXT ? ALIGN_LEFT : ALIGN_RIGHT;
    l->form->page.ops[l->form->page.count - 1].worded = part == FREE_NUMBER;
    return slot;
}

/* Number and text of a free row. The number has the blank after it that parts the two: where there is none, nothing stands before. */
static bool add_free_head(struct loader *l, const struct node *n, const struct table *table, int row, int y)
{
    if (loader_begin(l, n, ELEMENT_HEAD, table->row) < 0 || !add_free(l, n, table, FREE_NUMBER, row, y))
        return false;
    l->begun = false;
    if (row == 0)
        l->form->free_slot = l->form->page.slot_count;
    return add_free(l, n, table, FREE_TEXT, row, y) != NULL;
}

/* {"free": rows}: rows that the lines of groups after it share. */
static bool load_free_rows(struct loader *l, const struct node *n, struct table *table, int *y)
{
    struct node rows = node_get(n, "free");
    int height = table->style->leading + table->padding;

    if (!node_keys(n, "free") || !node_integer(&rows, 1, 20, &l->form->free_rows))
        return false;
    if (l->form->free_lines)
        return node_fail(n, "template-key", "there are free rows already");
    l->form->free_lines = arena_array(n->arena, TABLE_ROWS_MAX, sizeof *l->form->free_lines);
    if (!l->form->free_lines)
        return error_memory(n->err);
    for (int row = 0; row < l->form->free_rows; row++, *y += height) {
        int base = *y + table->padding / 2 + table->ascent;

        if ((table->row = loader_begin(l, n, ELEMENT_ROW, table->element)) < 0 || !add_free_head(l, n, table, row, base)
            || !loader_begin_cell(l, n, table->row, 1) || !add_free(l, n, table, FREE_MAJOR, row, base))
            return false;
        l->begun = false; /* one of the two is filled */
        if (!add_free(l, n, table, FREE_VALUE, row, base) || !loader_begin_cell(l, n, table->row, 1)
            || !add_free(l, n, table, FREE_MINOR, row, base) || !end_row(n, table, *y + height))
            return false;
    }
    return true;
}

/* A line that stands in the free rows for each row of its group. */
static bool load_free_line(struct loader *l, const struct node *n, const struct table *table)
{
    struct node name = node_get(n, "group"), number = node_get(n, "number"), text = node_get(n, "text"), show = node_get(n, "show");
    struct node other = node_get(n, "or");
    struct form *form = l->form;
    struct free_line *line = &form->free_lines[form->free_count];
    bool follows = false;

    if (form->free_count == TABLE_ROWS_MAX)
        return node_fail(n, "template-range", "the table has more than %d rows", TABLE_ROWS_MAX);
    if (!node_keys(n, "group number text show or order_by descending") || !loader_group(l, &name, &line->group)
        || !node_string_or(&number, &line->number) || !loader_show(l, &text, line->group, &line->text)
        || !loader_show(l, &show, line->group, &line->value) || (other.json && !loader_show(l, &other, line->group, &line->other)))
        return false;
    if (line->number && !(line->number = arena_printf(n->arena, "%s ", line->number)))
        return error_memory(n->err);
    if (line->number && !loader_add_words(l, &number, table->number_style, line->number))
        return false;
    follows = form->free_count > 0 && form->free_lines[form->free_count - 1].group == line->group;
    if (form->groups[line->group].attached > 0 && !follows)
        return node_fail(&name, "template-id", "the lines of a group follow each other, and are on the form once");
    form->free_count++;
    loader_attach(l, line->group);
    return loader_order_by(l, n, line->group);
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

/* A cell with words where there is no amount, and what a reader that does not see it says. */
static bool add_none(struct loader *l, const struct node *n, const struct table *table, const struct show *show, const char *key, int right,
                     int width, int y)
{
    struct node words = node_get(n, key), spoken = node_get(n, "spoken");
    struct slot *slot;

    if (!loader_begin_cell(l, n, table->row, 1) || !(slot = add_value(l, n, table, -1, y)))
        return false;
    slot->kind = SLOT_WORDS;
    slot->wanted = WANTED_NONE;
    slot->show = *show;
    slot->x = right;
    slot->width = width;
    return loader_words(l, &words, &slot->words)
           && loader_words(l, &spoken, &l->form->page.elements[l->form->page.element_count - 1].spoken);
}

/* The two cells of a row without an amount. */
static bool load_none(struct loader *l, const struct node *n, const struct node *amount, const struct table *table, int y)
{
    struct show show;

    if (!node_keys(n, "major minor spoken") || !loader_show(l, amount, -1, &show))
        return false;
    return (is_money(l, &show) || node_fail(n, "template-type", "only an amount can be none"))
           && add_none(l, n, table, &show, "major", table->major, table->major - table->major_rule - 60, y)
           && add_none(l, n, table, &show, "minor", table->minor, table->minor - table->minor_rule, y);
}

/* The row as it is where its amount is as wanted; its height in lines. */
static bool add_row(struct loader *l, const struct node *n, struct table *table, enum wanted wanted, int base, int *lines)
{
    struct node number = node_get(n, "number"), caption = node_get(n, "caption"), show = node_get(n, "show"), none = node_get(n, "none");
    const char *text = NULL;
    size_t from;

    if (!node_string_or(&number, &text) || (table->row = loader_begin(l, n, ELEMENT_ROW, table->element)) < 0)
        return false;
    l->form->page.elements[table->row].chosen = wanted != WANTED_ANY;
    if (loader_begin(l, n, ELEMENT_HEAD, table->row) < 0)
        return false;
    if (text && !loader_add_text(l, n, table->number, base, table->number_style, ALIGN_LEFT, text))
        return false;
    from = l->form->page.count;
    if (!loader_add_caption(l, &caption, table->caption, base, table->style, lines) || !check_captions(l, &caption, table, from))
        return false;
    base += (*lines - 1) * table->style->leading;
    table->wanted = wanted;
    return wanted == WANTED_NONE ? load_none(l, &none, &show, table, base) : load_value(l, n, table, &show, NULL, -1, -1, base);
}

/* A row whose amount may be none is there twice, and a person's page has one of the two. */
static bool load_row(struct loader *l, const struct node *n, struct table *table, int *y)
{
    int base = *y + table->padding / 2 + table->ascent, lines;
    bool none = json_object_get(n->json, "none") != NULL;

    if (json_object_get(n->json, "free"))
        return load_free_rows(l, n, table, y);
    if (json_object_get(n->json, "group"))
        return l->form->free_lines ? load_free_line(l, n, table) : load_group_rows(l, n, table, y);
    if (!node_keys(n, "number caption show none") || !add_row(l, n, table, none ? WANTED_SOME : WANTED_ANY, base, &lines)
        || (none && !add_row(l, n, table, WANTED_NONE, base, &lines)))
        return false;
    *y += lines * table->style->leading + table->padding;
    return end_row(n, table, *y);
}

static bool load_table_columns(struct loader *l, const struct node *n, struct table *table)
{
    struct {
        const char *key;
        int *value;
    } lengths[] = {
        {"left", &table->left},       {"right", &table->right},    {"number_at", &table->number},      {"caption_at", &table->caption},
        {"major_at", &table->major},  {"minor_at", &table->minor}, {"major_rule", &table->major_rule}, {"minor_rule", &table->minor_rule},
        {"padding", &table->padding}, {"ascent", &table->ascent},
    };
    struct {
        const char *key;
        const struct style **style;
    } styles[] = {
        {"style", &table->style},
        {"number_style", &table->number_style},
        {"value_style", &table->value_style},
    };

    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct node length = node_get(n, lengths[i].key);

        if (!node_millimetres(&length, lengths[i].value))
            return false;
    }
    for (size_t i = 0; i < sizeof styles / sizeof *styles; i++) {
        struct node style = node_get(n, styles[i].key);

        if (!loader_style(l, &style, styles[i].style))
            return false;
    }
    return true;
}

static bool add_head(struct loader *l, const struct node *n, const struct table *table, int right, int y)
{
    int head = loader_begin(l, n, ELEMENT_HEAD, table->row);
    const struct style *style = table->style;
    const char *key, *text;

    if (head < 0 || !node_string(n, &key))
        return false;
    l->form->page.elements[head].column = true;
    text = template_caption(l->t, key);
    return text ? loader_add_text(l, n, right, y, style, ALIGN_RIGHT, text) : template_no_caption(l->t->captions, n, key);
}

bool loader_table(struct loader *l, const struct node *n)
{
    struct node rows = node_get(n, "table"), top_at = node_get(n, "top");
    struct node major = node_get(n, "major_caption"), minor = node_get(n, "minor_caption");
    struct table table = {0};
    size_t count;
    int top, y;

    if (l->blocks > 0)
        return node_fail(n, "template-key", "a table stands in no block");
    if (!node_keys(n, "table top left right number_at caption_at major_at minor_at major_rule minor_rule padding ascent "
                      "style number_style value_style major_caption minor_caption")
        || !node_millimetres(&top_at, &top) || !load_table_columns(l, n, &table) || !node_array(&rows, &count)
        || (table.element = loader_begin(l, n, ELEMENT_TABLE, -1)) < 0 || (table.row = loader_begin(l, n, ELEMENT_ROW, table.element)) < 0
        || !loader_begin_cell(l, n, table.row, 1) || !add_head(l, &major, &table, table.major, top - 80)
        || !add_head(l, &minor, &table, table.minor, top - 80) || !loader_add_rule(l, n, table.left, top, table.right, top, 20))
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
        if (!loader_add_rule(l, n, table.left, table.ends[i], table.right, table.ends[i], 10))
            return false;
    return loader_add_rule(l, n, table.left, top, table.left, y, 20)
           && loader_add_rule(l, n, table.major_rule, top, table.major_rule, y, 10)
           && loader_add_rule(l, n, table.minor_rule, top, table.minor_rule, y, 10)
           && loader_add_rule(l, n, table.right, top, table.right, y, 20);
}
