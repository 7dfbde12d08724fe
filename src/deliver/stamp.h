/* The mark as it is drawn: a Data Matrix and the same digits for people, as paths. Alone includes zint. */
#ifndef DELIVER_STAMP_H
#define DELIVER_STAMP_H

#include "base/buf.h"
#include "deliver/mark.h"
#include "layout/font.h"

#define STAMP_SIGNS 37

/* STAMP_LEFT: the digits stand left of the matrix; STAMP_LONG: there is room for the digits of groups of several sheets. */
enum stamp_kind { STAMP_DIGITS = 1, STAMP_MATRIX = 2, STAMP_LEFT = 4, STAMP_LONG = 8 };

/* Lengths in hundredths of a millimetre, from the page's top left corner. */
struct stamp_place {
    int x, y;       /* the mark's top left corner; of STAMP_LEFT the matrix' */
    int module;     /* side of a matrix' cell */
    unsigned kinds; /* a set of enum stamp_kind */
};

struct stamp {
    struct stamp_place place;
    int page_height;
    char *paths[STAMP_SIGNS]; /* by sign; owned */
    int advances[STAMP_SIGNS];
    void *matrix; /* zint's */
};

/* Whose matrix stands so near the page's right edge that the digits find no room behind it: they go before it. */
void stamp_turn(struct stamp_place *place, const int page[2]);
/* "X,Y" in millimetres with at most two decimals each. */
bool stamp_parse(const char *text, int *x, int *y);
/* False with err where the mark lies on the page in no place that a window never shows: it moves some millimetres behind it. */
bool stamp_check(const struct stamp_place *place, const int page[2], struct tc_error *err);
/* Makes it ready; the font is needed no longer afterwards. */
bool stamp_start(struct stamp *s, const struct stamp_place *place, int page_height, const struct font *font, struct tc_error *err);
/* What stamp_draw's operators draw with: a name and paths for each sign. False where the call is. */
bool stamp_each_sign(const struct stamp *s, bool (*call)(void *ctx, const char *name, int side, const char *paths), void *ctx);
/* Replaces out by the operators, terminated. */
bool stamp_draw(struct stamp *s, const struct sheet_mark *mark, struct buf *out, struct tc_error *err);
void stamp_stop(struct stamp *s);

#endif
