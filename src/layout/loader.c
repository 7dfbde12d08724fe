#include "layout/loader.h"

#include <stdlib.h>
#include <string.h>

#define SHOW_DEPTH_MAX 4

/* The caption's key, or that of the word of the block at hand, which begins with "@". */
static bool caption_key(const struct loader *l, const struct node *n, const char **key)
{
    struct node word;

    if (!node_string(n, key))
        return false;
    if (**key != '@')
        return true;
    word = node_get(&l->words, *key + 1);
    return word.json ? node_string(&word, key) : node_fail(n, "template-caption", "the block has no such word");
}

bool loader_has_word(const struct loader *l, const struct node *n)
{
    const char *key = json_string_value(n->json);

    return !key || *key != '@' || node_get(&l->words, key + 1).json;
}

int loader_begin(struct loader *l, const struct node *n, enum element_kind kind, int parent)
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
    page->elements[element].condition = l->condition;
    l->begun = false;
    return element;
}

bool loader_begin_cell(struct loader *l, const struct node *n, int row, int span)
{
    int cell = loader_begin(l, n, ELEMENT_CELL, row);

    if (cell >= 0)
        l->form->page.elements[cell].span = span;
    return cell >= 0;
}

bool loader_point(const struct node *n, int *x, int *y)
{
    struct node a = node_at(n, 0), b = node_at(n, 1);
    size_t count;

    if (!node_array(n, &count))
        return false;
    if (count != 2)
        return node_fail(n, "template-type", "a point [x, y] in millimetres is needed here");
    return node_millimetres(&a, x) && node_millimetres(&b, y);
}

bool loader_place(const struct loader *l, const struct node *n, int *x, int *y)
{
    if (!loader_point(n, x, y))
        return false;
    *x += l->x;
    *y += l->y;
    return true;
}

bool loader_place_x(const struct loader *l, const struct node *n, int *x)
{
    if (!node_millimetres(n, x))
        return false;
    *x += l->x;
    return true;
}

bool loader_place_y(const struct loader *l, const struct node *n, int *y)
{
    if (!node_millimetres(n, y))
        return false;
    *y += l->y;
    return true;
}

bool loader_style(const struct loader *l, const struct node *n, const struct style **style)
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

/* The index of the field of this id: of the group, where one is given, else of the form. */
static bool field_named(const struct loader *l, const struct node *n, const char *id, int group, int *field)
{
    *field = group >= 0 ? template_field(l->t, id, group) : -1;
    if (*field < 0)
        *field = template_field(l->t, id, -1);
    return *field >= 0 || template_no_field(l->t, n, id, group);
}

static void note_printed(const struct loader *l, const struct part *part)
{
    bool country = part->format && !strcmp(part->format, "country");

    if (part->field >= 0 && !(country && l->form->printed[part->field]))
        l->form->printed[part->field] = country ? PRINTED_ABROAD : PRINTED_ALWAYS;
}

/* What place.c would not understand, and so leave out. */
static bool check_format(const struct loader *l, const struct node *n, const struct field *f, const char *format)
{
    static const char *const words[] = {"grouped", "whole", "minor"};
    const char *any;
    int index;

    if (!format || l->t->stored)
        return true;
    switch (f->type) {
    case FIELD_DATE: return node_date_format(n, false, &any);
    case FIELD_MONEY: return node_choice(n, words, 3, &index);
    case FIELD_COUNT: return node_choice(n, words, 2, &index);
    case FIELD_TEXT:
        return !strcmp(format, "country") || strchr(format, '9')
               || node_fail(
                   n, "template-choice",
                   "a text may have the format \"country\", or one with a 9 for each digit that is shown and an X for each that is not");
    default: return node_fail(n, "template-choice", "a field of this type has no format");
    }
}

static bool load_show(const struct loader *l, const struct node *n, int group, int depth, struct show *show);

/* A text in the text, which stays empty by itself. */
static bool load_inner(const struct loader *l, const struct node *n, int group, int depth, struct part *part)
{
    part->inner = arena_alloc(n->arena, sizeof *part->inner);
    if (!part->inner)
        return error_memory(n->err);
    return depth < SHOW_DEPTH_MAX ? load_show(l, n, group, depth + 1, part->inner)
                                  : node_fail(n, "template-range", "texts stand in texts %d deep", SHOW_DEPTH_MAX);
}

static bool load_part(const struct loader *l, const struct node *n, int group, int depth, struct part *part)
{
    struct node field = node_get(n, "field"), format = node_get(n, "format"), before = node_get(n, "before");
    struct node after = node_get(n, "after"), optional = node_get(n, "optional"), caption = node_get(n, "caption");
    struct node values = node_get(n, "values"), absent = node_get(n, "absent"), nonzero = node_get(n, "nonzero"),
                zero = node_get(n, "zero");
    struct glyphs glyphs;
    const char *id;

    *part = (struct part){.field = -1, .before = "", .after = ""};
    if (json_is_string(n->json))
        return node_string(n, &part->literal);
    if (json_is_array(n->json))
        return load_inner(l, n, group, depth, part);
    if (caption.json)
        return node_keys(n, "caption") && loader_words(l, &caption, &part->literal)
               && (!l->regular || font_shape(l->regular, part->literal, n->arena, &glyphs)
                   || (n->arena->failed ? error_memory(n->err)
                                        : node_fail(n, "text-character", "a character of the caption cannot be drawn")));
    return node_keys(n, "field format values absent before after optional nonzero zero") && node_string(&field, &id)
           && field_named(l, &field, id, group, &part->field) && node_string_or(&format, &part->format)
           && check_format(l, &format, &l->t->fields[part->field], part->format) && node_string_or(&values, &part->values)
           && node_string_or(&absent, &part->absent) && node_string_or(&before, &part->before) && node_string_or(&after, &part->after)
           && node_flag(&optional, &part->optional) && node_flag(&nonzero, &part->nonzero) && node_string_or(&zero, &part->zero);
}

static bool load_show(const struct loader *l, const struct node *n, int group, int depth, struct show *show)
{
    bool list = json_is_array(n->json);
    const char *id;

    show->count = list ? json_array_size(n->json) : 1;
    show->parts = arena_array(n->arena, show->count + 1, sizeof *show->parts);
    if (!show->parts)
        return error_memory(n->err);
    if (!list) {
        show->parts[0] = (struct part){.field = -1, .before = "", .after = ""};
        if (!node_string(n, &id) || !field_named(l, n, id, group, &show->parts[0].field))
            return false;
        note_printed(l, &show->parts[0]);
        return true;
    }
    for (size_t i = 0; i < show->count; i++) {
        struct node part = node_at(n, i);

        if (!load_part(l, &part, group, depth, &show->parts[i]))
            return false;
        note_printed(l, &show->parts[i]);
    }
    return true;
}

bool loader_show(const struct loader *l, const struct node *n, int group, struct show *show)
{
    return load_show(l, n, group, 0, show);
}

bool form_load_show(struct template *t, const struct node *n, int group, struct show *show)
{
    unsigned char *printed = arena_alloc(n->arena, t->field_count + 1);
    struct form none = {.printed = printed};
    const struct loader l = {.t = t, .form = &none};

    return printed ? load_show(&l, n, group, 0, show) : error_memory(n->err);
}

bool loader_add_text(struct loader *l, const struct node *n, int x, int y, const struct style *style, enum align align, const char *text)
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

bool loader_add_words(struct loader *l, const struct node *n, const struct style *style, const char *text)
{
    struct glyphs glyphs;

    if (!font_shape(style->bold ? l->bold : l->regular, text, n->arena, &glyphs))
        return n->arena->failed ? error_memory(n->err) : node_fail(n, "text-character", "a character of the caption cannot be drawn");
    return page_add_words(&l->form->page, style->bold, &glyphs) || error_memory(n->err);
}

bool loader_add_caption(struct loader *l, const struct node *n, int x, int y, const struct style *style, int *lines)
{
    const char *key, *text;

    *lines = 0;
    if (!caption_key(l, n, &key))
        return false;
    text = template_caption(l->t, key);
    if (!text)
        return node_fail(n, "template-caption", "captions.%s.json has no caption \"%.60s\"", l->t->languages[0], key);
    while (*text) {
        size_t length = strcspn(text, "\n");

        if (!loader_add_text(l, n, x, y + *lines * style->leading, style, ALIGN_LEFT, arena_copy(n->arena, text, length)))
            return false;
        text += length + (text[length] == '\n');
        ++*lines;
    }
    return true;
}

bool loader_add_rule(struct loader *l, const struct node *n, int x, int y, int x2, int y2, int weight)
{
    struct op *op = page_add(&l->form->page, OP_RULE);

    if (!op)
        return error_memory(n->err);
    op->x = x;
    op->y = y;
    op->x2 = x2;
    op->y2 = y2;
    op->size = weight;
    op->condition = l->condition;
    return true;
}

/* Room for one more slot. */
static bool grow_slots(struct form *form)
{
    size_t capacity = form->slot_capacity ? form->slot_capacity * 2 : 64;
    struct slot *slots;

    if ((size_t)form->page.slot_count < form->slot_capacity)
        return true;
    slots = realloc(form->slots, capacity * sizeof *slots);
    if (!slots)
        return false;
    form->slots = slots;
    form->slot_capacity = capacity;
    return true;
}

int loader_begin_condition(struct loader *l, const struct node *when)
{
    struct expr *e = template_expr(l->t, when, -1);
    struct form *form = l->form;
    const char *words = NULL;
    int condition = -1, slot;

    if (!e)
        return -1;
    if (expr_type_of(e) != EXPR_BOOL)
        node_fail(when, "template-expression", "a condition is needed here");
    else if (node_string(when, &words) && (!grow_slots(form) || (condition = page_add_condition(&form->page, words)) < 0))
        error_memory(when->err);
    if (condition < 0) {
        expr_free(e);
        return -1;
    }
    slot = form->page.conditions[condition].slot;
    form->slots[slot] = (struct slot){.kind = SLOT_CONDITION, .row = -1, .when = e, .until = slot + 1};
    return condition;
}

void loader_end_condition(struct loader *l, int condition)
{
    if (condition >= 0)
        l->form->slots[l->form->page.conditions[condition].slot].until = l->form->page.slot_count;
}

struct slot *loader_add_slot(struct loader *l, const struct node *n, enum slot_kind kind, const struct style *style)
{
    struct form *form = l->form;
    struct op *op;

    if (!grow_slots(form)) {
        error_memory(n->err);
        return NULL;
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

bool loader_add_lines(struct loader *l, const struct node *n, int lines, int down)
{
    int first = l->form->page.slot_count - 1;

    for (int line = 1; line < lines; line++) {
        struct slot *slot = loader_add_slot(l, n, SLOT_MORE, l->form->slots[first].style);
        const struct slot *above = &l->form->slots[first];

        if (!slot)
            return false;
        slot->x = above->x;
        slot->y = above->y + line * down;
        slot->width = above->width;
        slot->align = above->align;
        slot->row = above->row;
    }
    l->form->slots[first].lines = lines;
    return true;
}

bool loader_words(const struct loader *l, const struct node *n, const char **words)
{
    const char *key;

    if (!caption_key(l, n, &key))
        return false;
    *words = template_caption(l->t, key);
    return *words || template_no_caption(l->t->captions, n, key);
}

bool loader_group(const struct loader *l, const struct node *n, int *group)
{
    const char *id;

    if (!node_string(n, &id))
        return false;
    *group = names_find(&l->t->names, NAME_GROUP, id);
    return *group >= 0 || template_no_group(l->t, n, id);
}

void loader_attach(struct loader *l, int group)
{
    const struct group *g = &l->t->groups[group];

    l->form->groups[group].attached = g->most;
    for (size_t i = 0; i < g->count; i++)
        l->form->printed[g->first + i] = PRINTED_ALWAYS;
}

bool loader_order_by(struct loader *l, const struct node *n, int group)
{
    struct node order = node_get(n, "order_by"), descending = node_get(n, "descending");
    struct form_group *g = &l->form->groups[group];
    const char *id;

    if (!node_flag(&descending, &g->descending))
        return false;
    if (!order.json)
        return true;
    if (!node_string(&order, &id))
        return false;
    g->order_by = template_field(l->t, id, group);
    return g->order_by >= 0 || template_no_field(l->t, &order, id, group);
}

bool loader_order(struct loader *l, const struct node *n, int group, int shown)
{
    struct node overflow = node_get(n, "overflow"), until = node_get(n, "until"), attached = node_get(n, "attached");
    static const char *const severities[] = {"warning", "error", "none"};
    struct form_group *g = &l->form->groups[group];
    const char *id;
    int index;
    bool all = false;

    *g = (struct form_group){.order_by = -1, .until = -1, .shown = shown, .attached = shown};
    if (!node_flag(&attached, &all) || !node_choice(&overflow, severities, 3, &index))
        return false;
    if (all)
        loader_attach(l, group);
    g->silent = index == 2;
    g->overflow = g->silent ? SEVERITY_WARNING : (enum severity)index;
    if (!loader_order_by(l, n, group))
        return false;
    if (!until.json)
        return true;
    if (!node_string(&until, &id) || !field_named(l, &until, id, -1, &g->until))
        return false;
    return (g->order_by >= 0 && l->t->fields[g->until].type == FIELD_DATE && l->t->fields[g->order_by].type == FIELD_DATE)
           || node_fail(&until, "template-type", "order_by and until are dates");
}
