/* Bytes of a file into code points: tables of our own, the same on every machine. */
#ifndef IMPORT_ENCODING_H
#define IMPORT_ENCODING_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define ENCODING_END UINT32_MAX       /* the file ended */
#define ENCODING_BAD (UINT32_MAX - 1) /* bytes that mean nothing in the encoding */

struct encoding;

/* By name as in a mapping ("windows-1252"); NULL where there is none of that name. */
const struct encoding *encoding_find(const char *name);
/* Takes a byte order mark off the front of the file; false where it is another encoding's. */
bool encoding_begin(const struct encoding *encoding, FILE *file);
uint32_t encoding_next(const struct encoding *encoding, FILE *file);

#endif
