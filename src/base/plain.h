/* JSON as records are: texts without escapes, whole numbers, words. Jansson's own reader takes byte by byte and costs four times as much;
 * here texts are cut at their quotes. The values are jansson's. */
#ifndef BASE_PLAIN_H
#define BASE_PLAIN_H

#include "base/json.h"

/* New reference to the one value that is the whole text, or NULL: something is not plain, is a mistake, stands twice, or finds no
 * memory. Then jansson's reader is to be asked (JSON_REJECT_DUPLICATES, JSON_DECODE_ANY): where this gives a value, that gives the same. */
json_t *plain_parse(const char *text, size_t length);

#endif
