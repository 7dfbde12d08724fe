/* A zlib stream of a short text by the fixed codes of deflate: a text of 1 KB costs a library an eighth of all work on a
 * certificate, most of it for its own tables. A tenth of that here, for an eighth more bytes. */
#ifndef PDF_QUICK_H
#define PDF_QUICK_H

#include "base/buf.h"

struct quick;

/* New, for free; NULL when memory ran out. Any number of threads may write by one. */
struct quick *quick_new(void);
/* Replaces out. False when memory ran out. */
bool quick_write(const struct quick *q, const char *text, size_t length, struct buf *out);

#endif
