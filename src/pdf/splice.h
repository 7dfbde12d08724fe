/* A zlib stream most of which is the same each time: the fixed text is matched and coded once, into the bits of one
 * deflate block; what changes stands at places of fixed width, so that all distances stay true, and is coded literally.
 * Writing one then costs little more than copying bits: a twelfth of compressing anew. */
#ifndef PDF_SPLICE_H
#define PDF_SPLICE_H

#include "base/buf.h"

struct splice_place {
    size_t at, width; /* within the text; width above 0, places in order and apart */
};

struct splice;

/* text: the fixed text with blanks at the places. likely: bytes that the places hold most often, which
 * get short codes. New, or NULL when memory ran out. */
struct splice *splice_make(const char *text, size_t length, const struct splice_place *places, size_t count, const char *likely,
                           size_t likely_length);
void splice_free(struct splice *s);

/* Replaces out by the stream with values at the places, the rest of which stays blank. values: one after the other,
 * the n-th ends at ends[n] and is no longer than its place. False when memory ran out. */
bool splice_write(const struct splice *s, const char *values, const size_t *ends, struct buf *out);

#endif
