/* Pages of lines for people who handle the post: a job's cover sheet and its list, as a PDF with the one font it needs. No tags, no
 * claim to a standard. */
#ifndef DELIVER_LISTING_H
#define DELIVER_LISTING_H

#include "base/buf.h"
#include "layout/font.h"

#define LISTING_CELLS 8

/* What stands in a line, from left to right; NULL: nothing. Borrowed. */
struct listing_line {
    const char *cells[LISTING_CELLS];
    int size; /* of the text, in tenths of a point */
    bool new_page;
};

struct listing {
    const int *page;         /* width and height, in hundredths of a millimetre */
    const int *columns;      /* left edges of the cells, likewise */
    const struct font *font; /* what it cannot draw is left out */
    const char *title;       /* stands on each page with its number */
    bool whole_sheets;       /* an even number of pages, for printing on both sides */
    /* The next line; false at the end. It is asked twice: rewound in between. */
    bool (*next)(void *ctx, struct listing_line *line);
    void (*rewind)(void *ctx);
    void *ctx;
};

/* Replaces out by the file. */
bool listing_make(const struct listing *listing, struct buf *out, struct tc_error *err);

#endif
