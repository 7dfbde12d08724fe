/* What stands on a certificate's pages, in reading order, and what each part is to a reader that does not see it. What is the same for
 * everyone (struct page, made once) is kept apart from what is one person's (struct placed, by slot). Knows nothing of PDF.
 * Lengths are hundredths of a millimetre from the top left corner, sizes tenths of a point; y of text is its baseline. */
#ifndef LAYOUT_PAGE_H
#define LAYOUT_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "layout/font.h"

/* OP_BEGIN: what follows up to the next OP_BEGIN or OP_RULE belongs to the leaf named. Rules are only seen, never read.
 * OP_MARK: text across the page, grey, rising to the right by 45 degrees, such as a draft's. */
enum op_kind { OP_BEGIN, OP_TEXT, OP_SLOT, OP_RULE, OP_MARK };

struct op {
    enum op_kind kind;
    bool bold;
    bool joined; /* a blank parts it from what stands before it in its leaf */
    int x, y;
    int x2, y2;       /* end of a rule */
    int size;         /* of text; of a rule, its thickness in hundredths of a millimetre */
    int slot;         /* of OP_SLOT */
    bool worded;      /* of OP_SLOT: whatever stands there are words of the form, page_add_words' */
    bool moves;       /* of OP_SLOT: x is the person's; else x is here. y and size (unless a text shrinks) are here always */
    int room;         /* of OP_SLOT: characters that most texts do not exceed */
    int element;      /* of OP_BEGIN */
    int condition;    /* of a rule that is there only under one; or -1 */
    const char *text; /* of OP_TEXT and OP_MARK; lives in the template's arena */
    struct glyphs glyphs;
};

enum element_kind { ELEMENT_HEADING, ELEMENT_TEXT, ELEMENT_TABLE, ELEMENT_ROW, ELEMENT_HEAD, ELEMENT_CELL };

struct element {
    enum element_kind kind;
    int parent;         /* table of a row, row of a head or cell; else -1 */
    bool column;        /* a head is that of a column, not of a row */
    int span;           /* columns of a cell */
    bool chosen;        /* left out where none of its slots is filled, whatever words it has */
    int choice;         /* which of the elements left out where none of their slots is filled; -1 is always there */
    int condition;      /* it is there only where this one holds; or -1 */
    int sheet;          /* the page that it is on */
    const char *spoken; /* of a cell: what a reader that does not see it is told in place of its text; or NULL */
};

#define PAGE_CHOICES_MAX 32
#define PAGE_SHEETS_MAX 32

/* What holds of one person or not: a slot that is never drawn has a text where it does. */
struct condition {
    int slot, choice;
    const char *words; /* those of the same words are one choice */
};

/* Words of the form that stand at slots: their glyphs are everybody's. */
struct slot_words {
    bool bold;
    struct glyphs glyphs;
};

/* One of the pages: what stands on it, and the condition that it is there by, or -1. */
struct sheet {
    size_t first; /* of the ops; up to the next sheet's */
    int condition;
};

struct page {
    int width, height;
    struct op *ops;
    size_t count, capacity;
    int slot_count;
    struct element *elements; /* parents before their parts */
    size_t element_count, element_capacity;
    int choice_count;
    struct sheet sheets[PAGE_SHEETS_MAX];
    int sheet_count; /* 1 at least */
    struct condition *conditions;
    int condition_count;
    struct slot_words *words; /* of worded slots */
    size_t word_count;
    int *slot_choices; /* by slot: the choice of the element that it is in, or -1 */
};

/* A slot's text for one person. text NULL: nothing is drawn. It begins, or ends, where its OP_SLOT says. */
struct placed {
    const char *text;
    struct glyphs glyphs;
    int size;
};

/* New op at the end, or NULL when memory ran out. */
struct op *page_add(struct page *page, enum op_kind kind);
/* New element, its index, or -1 when memory ran out. */
int page_add_element(struct page *page, enum element_kind kind, int parent);
/* What is added next stands on a further page; on the first one, where nothing stands there yet. False where there are too many. */
bool page_add_sheet(struct page *page, int condition);
/* New condition of these words, borrowed, whose slot is a new one, its index, or -1 when memory ran out. */
int page_add_condition(struct page *page, const char *words);
/* Words that stand at a worded slot; false when memory ran out. */
bool page_add_words(struct page *page, bool bold, const struct glyphs *glyphs);
/* After the last op: finds the elements that depend on the person. False when memory ran out. */
bool page_close(struct page *page);
/* The choices that one person's page has, a bit for each. */
uint32_t page_choices(const struct page *page, const struct placed *placed);
bool page_has(const struct page *page, size_t element, uint32_t choices);
bool page_has_rule(const struct page *page, const struct op *rule, uint32_t choices);
bool page_has_sheet(const struct page *page, int sheet, uint32_t choices);
/* Behind the last op of a sheet. */
size_t page_sheet_end(const struct page *page, int sheet);
/* One person's page as a reader hears it: a line per element, indented, and one per text. */
void page_outline(const struct page *page, const struct placed *placed, struct buf *out);
void page_free(struct page *page);

#endif
