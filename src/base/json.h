/* The only way to jansson. Messages never quote the document. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <jansson.h>

#include "base/error.h"
#include "base/money.h"

/* Reads a whole file. New reference, or NULL with err (line and column, no input text). */
json_t *json_read(const char *path, struct tc_error *err);

/* From json_hold on this thread's JSON values live in one piece of memory that json_drop gives back at once: a record is
 * read, looked at and forgotten. No json_decref between is needed. */
void json_hold(void);
void json_drop(void);

/* Whether jansson gave up for want of memory, and not for what the document is. */
bool json_lacks_memory(const json_error_t *mistake);

/* Borrowed value at "a/b/0/c" below root, or NULL where any step is missing. JSON null counts as missing. */
const json_t *json_at(const json_t *root, const char *path);

/* An amount as the input may write it: string, whole number, or a real nearest to such an amount. */
enum money_status json_money(const json_t *value, int digits, int64_t *out);

#endif
