/* form.json while it is compiled: what adds to the page, for the loaders of its elements. Everything returns false, NULL or -1
 * with an error at the node. */
#ifndef LAYOUT_LOADER_H
#define LAYOUT_LOADER_H

#include "layout/form.h"

#define MARKS 4

extern const char *const loader_mark_names[MARKS]; /* by bit of enum mark */

struct loader {
    struct template *t;
    const struct font *regular, *bold;
    struct form *form;
    unsigned marks, known; /* marks to be on the page; those that the form has */
    bool begun;            /* the leaf at hand has a text already */
    unsigned titled;       /* marks that the title has */
    struct node root;      /* form.json */
    /* Of the block at hand: where it stands, its words, and how many rows of each group stand before it. */
    int x, y;
    struct node words;
    int *rows;
    int blocks;    /* within each other */
    int condition; /* what is added is there only where this one holds; or -1 */
    int sheet;     /* that of the page at hand; or -1 */
    bool paged;    /* a page was begun */
    int headings;
};

/* What is added next is this element, or a part of it. Its index, or -1 with the node's error. */
int loader_begin(struct loader *l, const struct node *n, enum element_kind kind, int parent);
/* A cell of a row, span columns wide. */
bool loader_begin_cell(struct loader *l, const struct node *n, int row, int span);
/* A point [x, y] in millimetres, in hundredths of one. */
bool loader_point(const struct node *n, int *x, int *y);
/* The same, and an x or y alone, from where the block at hand stands. */
bool loader_place(const struct loader *l, const struct node *n, int *x, int *y);
bool loader_place_x(const struct loader *l, const struct node *n, int *x);
bool loader_place_y(const struct loader *l, const struct node *n, int *y);
/* A condition, from whose slot on slots are filled only where it holds: up to loader_end_condition. Its index, or -1. */
int loader_begin_condition(struct loader *l, const struct node *when);
void loader_end_condition(struct loader *l, int condition);
/* The style of this name. */
bool loader_style(const struct loader *l, const struct node *n, const struct style **style);
/* "field", or a list of literals and fields. */
bool loader_show(const struct loader *l, const struct node *n, int group, struct show *show);
/* Fixed text whose end (ALIGN_RIGHT) or beginning is at x. */
bool loader_add_text(struct loader *l, const struct node *n, int x, int y, const struct style *style, enum align align, const char *text);
/* The lines of a caption one below the other; how many there were in *lines. */
bool loader_add_caption(struct loader *l, const struct node *n, int x, int y, const struct style *style, int *lines);
/* A line from point to point; weight in hundredths of a millimetre. */
bool loader_add_rule(struct loader *l, const struct node *n, int x, int y, int x2, int y2, int weight);
/* A place for what differs from person to person, in this style. NULL with the node's error. */
struct slot *loader_add_slot(struct loader *l, const struct node *n, enum slot_kind kind, const struct style *style);
/* Further lines for the text of the last slot added, each down below the one before, so that it may fill lines in all. */
bool loader_add_lines(struct loader *l, const struct node *n, int lines, int down);
/* Words of the form that stand at a slot of this style, whose op is worded. */
bool loader_add_words(struct loader *l, const struct node *n, const struct style *style, const char *text);
/* The index of the group that is named here. */
bool loader_group(const struct loader *l, const struct node *n, int *group);
/* How a group's rows are ordered, and what becomes of more than are shown. */
bool loader_order(struct loader *l, const struct node *n, int group, int shown);
/* The order alone. */
bool loader_order_by(struct loader *l, const struct node *n, int group);
/* All of the group's rows are attached, with all that they say. */
void loader_attach(struct loader *l, int group);
/* The words of a caption key. */
bool loader_words(const struct loader *l, const struct node *n, const char **words);

/* elements.c: one element of the page. */
bool loader_element(struct loader *l, const struct node *n);
/* A list of shows one below the other, from the place of like on, in its style and width: a part of the leaf at hand. */
bool loader_add_stack(struct loader *l, const struct node *shows, const struct slot *like, int lines);
/* blocks.c: what holds other elements, and the pages. */
bool loader_block(struct loader *l, const struct node *n);
bool loader_when(struct loader *l, const struct node *n);
bool loader_sheet(struct loader *l, const struct node *n);
/* boxes.c: a box with its caption and value. */
bool loader_box(struct loader *l, const struct node *n);
/* form_load.c: the marks of the list, or all else. */
bool loader_elements(struct loader *l, const struct node *elements, bool marks);
/* A word of the block at hand, where a caption begins with "@": its caption key. False where the block has none. */
bool loader_has_word(const struct loader *l, const struct node *n);
/* texts.c: running text in columns. */
bool loader_text(struct loader *l, const struct node *n);
/* grid.c: a table whose cells stand by themselves. */
bool loader_grid(struct loader *l, const struct node *n);
/* lines_table.c: the table of the form's lines. */
bool loader_table(struct loader *l, const struct node *n);

#endif
