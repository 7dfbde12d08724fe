/* A zlib stream of texts most of which are known ahead. Those (the parts) are matched against each other and coded once; when
 * a stream is written, their bits are copied, and what stands between them is coded literally. How far back a match in another
 * part goes hangs on what was written in between, so its distance is worked out then. A part may be left out, or come again. */
#ifndef PDF_PHRASE_H
#define PDF_PHRASE_H

#include "base/buf.h"
#include "pdf/deflate.h"

struct phrases; /* writers share it */

/* text: the parts one after the other, the n-th ends at ends[n], in the order in which they are most often written. likely: bytes
 * that stand most often between them, which get short codes. New, or NULL when memory ran out. */
struct phrases *phrases_make(const char *text, const size_t *ends, size_t count, const char *likely, size_t likely_length);
void phrases_free(struct phrases *s);

/* One thread's own; {0} is one. What was written is in out, from phrase_end to the next phrase_start. */
struct phrase_writer {
    const struct phrases *phrases;
    struct buf out;
    struct writer bits;
    uint32_t *places; /* by part: where it was written last, as a place in the text */
    size_t room;      /* of places */
    size_t length;    /* of the text so far */
    struct sums sums;
};

void phrase_start(struct phrase_writer *w, const struct phrases *s);
/* The n-th part as it is. */
void phrase_part(struct phrase_writer *w, size_t n);
/* Any other text. */
void phrase_text(struct phrase_writer *w, const char *text, size_t length);
/* False when memory ran out at any step, or the text has become longer than 128 MB. */
bool phrase_end(struct phrase_writer *w);
void phrase_writer_free(struct phrase_writer *w);

#endif
