/* What holds other elements: a block that stands at several places, what is there under a condition, and where pages begin. */
#include <string.h>

#include "layout/loader.h"

#define BLOCKS_MAX 4 /* within each other */

static bool load_all(struct loader *l, const struct node *elements)
{
    return loader_elements(l, elements, true) && loader_elements(l, elements, false);
}

/* So many rows of each group stand before this block. */
static bool load_rows(struct loader *l, const struct node *n, int *rows)
{
    const char *id;
    json_t *value;

    for (size_t g = 0; g < l->t->group_count; g++)
        rows[g] = l->rows[g];
    if (!n->json)
        return true;
    if (!json_is_object(n->json))
        return node_fail(n, "template-type", "A group of named fields { } must stand here.");
    json_object_foreach((json_t *)n->json, id, value)
    {
        struct node row = node_get(n, id);
        int group = names_find(&l->t->names, NAME_GROUP, id), count = 0;

        if (group < 0)
            return template_no_group(l->t, &row, id);
        if (!node_integer(&row, 0, l->t->groups[group].most, &count))
            return false;
        rows[group] += count;
    }
    return true;
}

bool loader_block(struct loader *l, const struct node *n)
{
    struct node name = node_get(n, "block"), at = node_get(n, "at"), words = node_get(n, "words"), rows = node_get(n, "rows");
    struct node blocks = node_get(&l->root, "blocks"), elements;
    struct loader before = *l;
    const char *id = NULL;
    bool ok;

    if (!node_keys(n, "block at words rows note") || !node_string(&name, &id))
        return false;
    elements = node_get(&blocks, id);
    if (!elements.json)
        return node_fail(&name, "template-id", "there is no such block");
    if (++l->blocks > BLOCKS_MAX)
        return node_fail(n, "template-range", "more than %d blocks stand in each other", BLOCKS_MAX);
    l->rows = arena_array(n->arena, l->t->group_count + 1, sizeof *l->rows);
    if (!l->rows)
        return error_memory(n->err);
    l->words = words;
    ok = load_rows(&before, &rows, l->rows) && loader_place(&before, &at, &l->x, &l->y) && load_all(l, &elements);
    l->x = before.x;
    l->y = before.y;
    l->words = before.words;
    l->rows = before.rows;
    l->blocks = before.blocks;
    return ok;
}

bool loader_when(struct loader *l, const struct node *n)
{
    struct node when = node_get(n, "when"), elements = node_get(n, "elements");
    bool ok;

    if (!node_keys(n, "when elements note"))
        return false;
    if (l->condition >= 0)
        return node_fail(&when, "template-key", "this stands under a condition already");
    if ((l->condition = loader_begin_condition(l, &when)) < 0)
        return false;
    ok = load_all(l, &elements);
    loader_end_condition(l, l->condition);
    l->condition = -1;
    return ok;
}

bool loader_sheet(struct loader *l, const struct node *n)
{
    struct node sheet = node_get(n, "sheet"), when = node_get(n, "when"), marks = node_get(n, "marks");
    struct node elements = node_get(&l->root, "elements");
    bool begins = false, marked = true;

    if (!node_keys(n, "sheet when marks note") || !node_flag(&sheet, &begins) || !node_flag(&marks, &marked))
        return false;
    if (!begins || l->blocks > 0 || l->condition >= 0)
        return node_fail(n, "template-key", "a page begins among the form's own elements, by \"sheet\": true");
    if (!l->paged && l->form->page.count > 0)
        return node_fail(n, "template-key", "where a form says where its pages begin, the first element begins one");
    l->paged = true;
    loader_end_condition(l, l->sheet);
    l->sheet = -1;
    if (when.json && (l->sheet = loader_begin_condition(l, &when)) < 0)
        return false;
    if (!page_add_sheet(&l->form->page, l->sheet))
        return node_fail(n, "template-range", "a form has up to %d pages", PAGE_SHEETS_MAX);
    return !marked || loader_elements(l, &elements, true);
}
