/* Whether a whole file that somebody gives is text as we read it: UTF-8, with a byte order mark or without. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* "UTF-16" or "UTF-32" where a file begins as those do: with their byte order mark, or with a character of ASCII, which has zero bytes beside it
 * there. Else NULL. */
const char *utf8_wide(const char *bytes, size_t length);
/* As long as the byte order mark in front: 3 or 0. */
size_t utf8_mark(const char *bytes, size_t length);
/* Else says by this code what the file is, or at which line and column (counted in bytes, from 1) it is not UTF-8. */
bool utf8_check(const char *text, size_t length, const char *path, enum tc_code code, struct tc_error *err);
/* A list of people's, whole, with a zero behind it and no byte order mark in front; to be freed. What is no UTF-8 or has a zero byte, which would
 * end it, is refused as input. */
bool utf8_read(const char *path, char **text, size_t *length, struct tc_error *err);

#endif
