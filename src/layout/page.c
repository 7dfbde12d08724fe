#include "layout/page.h"

#include <stdlib.h>
#include <string.h>

/* Every page has a first sheet. */
static void start(struct page *page)
{
    if (page->sheet_count == 0)
        page->sheets[page->sheet_count++] = (struct sheet){0, -1};
}

struct op *page_add(struct page *page, enum op_kind kind)
{
    struct op *op;

    start(page);
    if (page->count == page->capacity) {
        size_t capacity = page->capacity ? page->capacity * 2 : 256;
        struct op *ops = realloc(page->ops, capacity * sizeof *ops);

        if (!ops)
            return NULL;
        page->ops = ops;
        page->capacity = capacity;
    }
    op = &page->ops[page->count++];
    *op = (struct op){.kind = kind, .condition = -1};
    if (kind == OP_SLOT)
        op->slot = page->slot_count++;
    return op;
}

int page_add_element(struct page *page, enum element_kind kind, int parent)
{
    start(page);
    if (page->element_count == page->element_capacity) {
        size_t capacity = page->element_capacity ? page->element_capacity * 2 : 256;
        struct element *elements = realloc(page->elements, capacity * sizeof *elements);

        if (!elements)
            return -1;
        page->elements = elements;
        page->element_capacity = capacity;
    }
    page->elements[page->element_count] = (struct element){
        .kind = kind, .parent = parent, .span = 1, .choice = -1, .condition = -1, .sheet = page->sheet_count - 1};
    return (int)page->element_count++;
}

bool page_add_sheet(struct page *page, int condition)
{
    bool empty = page->count == 0;

    start(page);
    if (!empty && page->sheet_count == PAGE_SHEETS_MAX)
        return false;
    page->sheets[empty ? 0 : page->sheet_count++] = (struct sheet){page->count, condition};
    return true;
}

int page_add_condition(struct page *page, const char *words)
{
    struct condition *conditions = realloc(page->conditions, (size_t)(page->condition_count + 1) * sizeof *conditions);

    if (!conditions)
        return -1;
    page->conditions = conditions;
    conditions[page->condition_count] = (struct condition){page->slot_count++, -1, words};
    return page->condition_count++;
}

bool page_add_words(struct page *page, bool bold, const struct glyphs *glyphs)
{
    struct slot_words *words = realloc(page->words, (page->word_count + 1) * sizeof *words);

    if (!words)
        return false;
    page->words = words;
    words[page->word_count++] = (struct slot_words){bold, *glyphs};
    return true;
}

/* The text or row that a leaf is or belongs to: what can be left out as a whole. */
static int whole_of(const struct page *page, int element)
{
    const struct element *e = &page->elements[element];

    return e->kind == ELEMENT_HEAD || e->kind == ELEMENT_CELL ? e->parent : element;
}

/* Which elements have nothing but slots, or are said to depend on them: they are there only where one of those is filled. */
static bool find_choices(struct page *page)
{
    enum { SLOTS = 1, WORDS = 2 };
    unsigned char *has = calloc(page->element_count + 1, 1);
    int element = -1;

    if (!has)
        return false;
    for (size_t i = 0; i < page->count; i++) {
        const struct op *op = &page->ops[i];

        if (op->kind == OP_BEGIN)
            element = whole_of(page, op->element);
        else if (element >= 0 && op->kind != OP_RULE)
            has[element] |= op->kind == OP_SLOT ? SLOTS : WORDS;
    }
    for (size_t i = 0; i < page->element_count; i++)
        if (has[i] == SLOTS || page->elements[i].chosen)
            page->elements[i].choice = page->choice_count++;
    free(has);
    return true;
}

static int condition_choice(struct page *page, int condition)
{
    for (int i = 0; i < condition; i++)
        if (!strcmp(page->conditions[i].words, page->conditions[condition].words))
            return page->conditions[i].choice;
    return page->choice_count++;
}

bool page_close(struct page *page)
{
    int choice = -1;

    page->slot_choices = calloc((size_t)page->slot_count + 1, sizeof *page->slot_choices);
    if (!page->slot_choices || !find_choices(page))
        return false;
    for (int i = 0; i < page->slot_count; i++)
        page->slot_choices[i] = -1;
    for (int i = 0; i < page->condition_count; i++)
        page->slot_choices[page->conditions[i].slot] = page->conditions[i].choice = condition_choice(page, i);
    for (size_t i = 0; i < page->count; i++) {
        const struct op *op = &page->ops[i];

        if (op->kind == OP_BEGIN)
            choice = page->elements[whole_of(page, op->element)].choice;
        else if (op->kind == OP_SLOT)
            page->slot_choices[op->slot] = choice;
    }
    return true;
}

uint32_t page_choices(const struct page *page, const struct placed *placed)
{
    uint32_t choices = 0;

    for (int i = 0; i < page->slot_count; i++)
        if (placed[i].text && page->slot_choices[i] >= 0)
            choices |= (uint32_t)1 << page->slot_choices[i];
    return choices;
}

static bool holds(const struct page *page, int condition, uint32_t choices)
{
    return condition < 0 || (choices >> page->conditions[condition].choice & 1) != 0;
}

bool page_has(const struct page *page, size_t element, uint32_t choices)
{
    int choice = page->elements[whole_of(page, (int)element)].choice;

    return (choice < 0 || (choices >> choice & 1) != 0) && holds(page, page->elements[element].condition, choices)
           && page_has_sheet(page, page->elements[element].sheet, choices);
}

bool page_has_rule(const struct page *page, const struct op *rule, uint32_t choices)
{
    return holds(page, rule->condition, choices);
}

bool page_has_sheet(const struct page *page, int sheet, uint32_t choices)
{
    return holds(page, page->sheets[sheet].condition, choices);
}

size_t page_sheet_end(const struct page *page, int sheet)
{
    return sheet + 1 < page->sheet_count ? page->sheets[sheet + 1].first : page->count;
}

static int depth_of(const struct page *page, int element)
{
    int depth = 1;

    while ((element = page->elements[element].parent) >= 0)
        depth++;
    return depth;
}

static void name_element(const struct page *page, size_t i, struct buf *out)
{
    static const char *const names[] = {"H1", "P", "Table", "TR", "TH", "TD"};

    buf_printf(out, "%*s%s\n", 2 * depth_of(page, (int)i), "", names[page->elements[i].kind]);
}

/* The texts of the leaf whose OP_BEGIN is at i. */
static void read_leaf(const struct page *page, const struct placed *placed, size_t i, struct buf *out)
{
    int depth = depth_of(page, page->ops[i].element) + 1;
    const char *blank = NULL;

    for (i++; i < page->count && page->ops[i].kind != OP_BEGIN && page->ops[i].kind != OP_RULE; i++) {
        const struct op *op = &page->ops[i];
        const char *text = op->kind == OP_SLOT ? placed[op->slot].text : op->text;

        if (!text)
            continue;
        if (!blank)
            buf_printf(out, "%*s", 2 * depth, "");
        else if (op->joined)
            buf_puts(out, " ");
        buf_puts(out, text);
        blank = " ";
    }
    if (blank)
        buf_puts(out, "\n");
}

void page_outline(const struct page *page, const struct placed *placed, struct buf *out)
{
    uint32_t choices = page_choices(page, placed);
    size_t named = 0;

    for (size_t i = 0; i < page->count; i++) {
        if (page->ops[i].kind != OP_BEGIN)
            continue;
        for (; named <= (size_t)page->ops[i].element; named++)
            if (page_has(page, named, choices))
                name_element(page, named, out);
        if (page_has(page, (size_t)page->ops[i].element, choices))
            read_leaf(page, placed, i, out);
    }
}

void page_free(struct page *page)
{
    free(page->ops);
    free(page->elements);
    free(page->slot_choices);
    free(page->conditions);
    free(page->words);
    *page = (struct page){0};
}
