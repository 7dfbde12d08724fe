#include "layout/loader.h"

#include <stdlib.h>
#include <string.h>

const char *const loader_mark_names[MARKS] = {"draft", "duplicate", "correction", "void"}; /* by bit of enum mark */

static bool load_style(const struct node *n, const char *name, struct style *style)
{
    struct node size = node_get(n, "size"), least = node_get(n, "least"), leading = node_get(n, "leading");
    struct node bold = node_get(n, "bold");
    int points = 0, smallest = 0;

    *style = (struct style){.name = name};
    /* Sizes are given in points with one decimal: the same reader as millimetres, in hundredths. */
    if (!node_keys(n, "size least leading bold") || !node_millimetres(&size, &points) || !node_millimetres(&leading, &style->leading)
        || !node_flag(&bold, &style->bold))
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
    json_object_foreach((json_t *)n->json, name, value)
    {
        struct node style = node_get(n, name);
        const char *copy = arena_copy(n->arena, name, strlen(name));

        if (!copy || !load_style(&style, copy, &l->form->styles[l->form->style_count]))
            return copy ? false : error_memory(n->err);
        l->form->style_count++;
    }
    return true;
}

/* Whether the slot is of that kind, or that part of a free row. */
static bool holds(const struct slot *slot, enum slot_kind kind, enum free_part part)
{
    return slot->kind == kind || (slot->kind == SLOT_FREE && slot->part == part);
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
        op->room = holds(slot, SLOT_MAJOR, FREE_MAJOR)   ? 13
                   : holds(slot, SLOT_MINOR, FREE_MINOR) ? 2
                   : slot->width > 0                     ? slot->width * 2 / em + 1
                                                         : 40;
    }
}

/* A sign in numbers: one character. */
static bool load_sign(const struct node *n, const char **sign)
{
    if (!node_string(n, sign))
        return false;
    return strlen(*sign) < FORM_SIGN_MAX || node_fail(n, "template-range", "one character is needed here");
}

/* The marks, or all else: marks lie below everything, wherever they stand in the list. */
bool loader_elements(struct loader *l, const struct node *elements, bool marks)
{
    size_t count;

    if (!node_array(elements, &count))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct node element = node_at(elements, i);

        if ((json_object_get(element.json, "mark") != NULL) == marks && !loader_element(l, &element))
            return false;
    }
    return true;
}

/* Whether the list says where its pages begin: the marks then belong to each of them. */
static bool has_sheets(const struct node *elements)
{
    for (size_t i = 0; i < json_array_size(elements->json); i++)
        if (json_object_get(json_array_get(elements->json, i), "sheet"))
            return true;
    return false;
}

static bool load_form(struct loader *l, const struct node *n)
{
    static const char *const formats[] = {"taxcert/form/1", "taxcert/letter/1"};
    static const char *const keys[] = {"format page decimal thousands home_country country_captions styles blocks elements note",
                                       "format title page decimal thousands home_country country_captions styles blocks elements note"};
    struct node format = node_get(n, "format"), size = node_get(n, "page"), styles = node_get(n, "styles");
    struct node elements = node_get(n, "elements"), decimal = node_get(n, "decimal"), thousands = node_get(n, "thousands");
    struct node home = node_get(n, "home_country"), countries = node_get(n, "country_captions");
    struct node title = node_get(n, "title");
    struct form *form = l->form;
    size_t count;
    int index;

    if (!load_sign(&decimal, &form->decimal) || !load_sign(&thousands, &form->thousands))
        return false;
    if (!node_keys(n, keys[form->kind]) || !node_choice(&format, &formats[form->kind], 1, &index)
        || (form->kind == FORM_LETTER && !loader_words(l, &title, &form->title))
        || !loader_point(&size, &form->page.width, &form->page.height) || !node_string(&home, &form->home_country)
        || !node_string(&countries, &form->country_captions) || !load_styles(l, &styles) || !node_array(&elements, &count))
        return false;
    form->groups = arena_array(n->arena, l->t->group_count + 1, sizeof *form->groups);
    form->printed = arena_array(n->arena, l->t->field_count + 1, 1);
    l->root = *n;
    l->rows = arena_array(n->arena, l->t->group_count + 1, sizeof *l->rows);
    if (!l->rows || !form->groups || !form->printed)
        return error_memory(n->err);
    for (size_t g = 0; g < l->t->group_count; g++)
        form->groups[g] = (struct form_group){.order_by = -1, .until = -1};
    if (!has_sheets(&elements) && !loader_elements(l, &elements, true))
        return false;
    if (!loader_elements(l, &elements, false))
        return false;
    loader_end_condition(l, l->sheet);
    if (l->headings < 1 || (l->headings > 1 && form->page.sheet_count == 1))
        return node_fail(&elements, "template-heading", "one caption must be the heading, and only one of a form of one page");
    for (int i = 0; i < (form->kind == FORM_LETTER ? 1 : MARKS); i++) /* a letter can be a draft's */
        if (!(l->known & 1U << i) && (1U << i != MARK_VOID || l->marks & MARK_VOID))
            return node_fail(&elements, "template-mark", "there is no mark of the kind %s", loader_mark_names[i]);
    settle_slots(form);
    if (!page_close(&form->page))
        return error_memory(n->err);
    return form->page.choice_count <= PAGE_CHOICES_MAX
           || node_fail(&elements, "template-range", "more than %d texts and rows depend on the person alone", PAGE_CHOICES_MAX);
}

unsigned form_mark(const char *name)
{
    for (int i = 0; i < MARKS; i++)
        if (!strcmp(name, loader_mark_names[i]))
            return 1U << i;
    return 0;
}

const char *form_file(enum form_kind kind)
{
    return kind == FORM_LETTER ? "letter.json" : "form.json";
}

const char *form_mark_name(int index)
{
    return index < MARKS ? loader_mark_names[index] : NULL;
}

bool form_load(struct template *t, enum form_kind kind, const struct font *regular, const struct font *bold, unsigned marks,
               struct form *form, struct tc_error *err)
{
    struct loader l = {.t = t, .regular = regular, .bold = bold, .form = form, .marks = marks, .condition = -1, .sheet = -1};
    const char *path = arena_printf(&t->arena, "%s/%s", t->folder, form_file(kind));
    json_t *root = path ? json_read_below(t->folder, form_file(kind), err) : NULL;
    struct node n = {.json = root, .file = path, .arena = &t->arena, .err = err, .pointer = ""};
    bool ok;

    *form = (struct form){.kind = kind, .marks = marks, .title = t->title};
    if (!root)
        return path ? false : error_memory(err);
    ok = load_form(&l, &n);
    json_decref(root);
    if (!ok)
        form_free(form);
    return ok;
}

int form_show_field(const struct show *show)
{
    int field = -1;

    for (size_t i = 0; i < show->count && field < 0; i++)
        field = show->parts[i].inner ? form_show_field(show->parts[i].inner) : show->parts[i].field;
    return field;
}

void form_free(struct form *form)
{
    for (int i = 0; i < form->page.condition_count; i++)
        expr_free(form->slots[form->page.conditions[i].slot].when);
    page_free(&form->page);
    free(form->slots);
    *form = (struct form){0};
}
