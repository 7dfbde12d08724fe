/* Bytes of a file into code points: tables of our own, the same on every machine. */
#ifndef IMPORT_ENCODING_H
#define IMPORT_ENCODING_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define ENCODING_END UINT32_MAX       /* the file ended */
#define ENCODING_BAD (UINT32_MAX - 1) /* bytes that mean nothing in the encoding */

struct encoding;

/* A file read by blocks. */
struct encoded {
    const struct encoding *encoding;
    FILE *file;
    size_t at, end; /* in block */
    bool plain;     /* a byte below 0x80 is that character */
    unsigned char block[1 << 16];
};

/* By name as in a mapping ("windows-1252"); NULL where there is none of that name. */
const struct encoding *encoding_find(const char *name);
/* Takes a byte order mark off the front of the file; false where it begins as another encoding's do, whose name is in *other then. */
bool encoding_begin(struct encoded *in, const char **other);
#define ENCODING_UTF32 "UTF-32" /* is none that can be read */
/* The encoding that the file begins as, by its byte order mark or zero bytes; NULL where that does not show. */
const char *encoding_marked(FILE *file);

uint32_t encoding_next_long(struct encoded *in);

static inline uint32_t encoding_next(struct encoded *in)
{
    if (in->at < in->end && in->plain && in->block[in->at] < 0x80)
        return in->block[in->at++];
    return encoding_next_long(in);
}

#endif
