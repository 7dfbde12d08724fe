/* A zlib stream most of which is the same each time: the fixed text is matched and coded once, into the bits of one
 * deflate block; what changes stands at places of fixed width, so that all distances stay true, and is coded literally.
 * Writing one then costs little more than copying bits: a twelfth of compressing anew. */
#ifndef PDF_SPLICE_H
#define PDF_SPLICE_H

#include "base/buf.h"

struct splice_place {
    size_t at, width; /* within the text; width above 0, places in order and apart */
};

/* What stands at some of the places, in their order: the texts one after the other, each ends at end. */
struct splice_value {
    size_t place, end;
};

struct splice_values {
    struct buf text;
    struct splice_value *list; /* with room for all places */
    size_t count;
};

struct splice;

/* text: the fixed text with blanks at the places. likely: bytes that the places hold most often, which
 * get short codes. New, or NULL when memory ran out. */
struct splice *splice_make(const char *text, size_t length, const struct splice_place *places, size_t count, const char *likely,
                           size_t likely_length);
void splice_free(struct splice *s);

/* Replaces out by the stream with values, none longer than its place; the rest of the places stays blank. False when memory ran out. */
bool splice_write(const struct splice *s, const struct splice_values *values, struct buf *out);

#endif
