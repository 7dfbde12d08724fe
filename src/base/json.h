/* The only way to jansson. Messages never quote the document. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <jansson.h>

#include "base/error.h"
#include "base/money.h"

/* Reads a whole file that somebody gives beside the data: what is wrong with it is a usage mistake, an encoding other than UTF-8 one of input. New
 * reference, or NULL with err (line and column, no input text). */
json_t *json_read(const char *path, struct tc_error *err);
/* The same of a file below a folder, as file_open_below, that belongs to the program: any mistake is one of usage. */
json_t *json_read_below(const char *folder, const char *name, struct tc_error *err);
/* New reference to any JSON value; NULL with err where memory fails, NULL without where mistake says what is wrong. */
json_t *json_parse(const char *text, size_t length, json_error_t *mistake, struct tc_error *err);
/* What it says is wrong, as a sentence of ours: jansson's own quotes the input. */
const char *json_mistake(const json_error_t *mistake);

/* From json_watch on, once an allocation of this thread failed, every one fails until json_starved is asked whether there was
 * one: what is made meanwhile needs no checks of its own. */
void json_watch(void);
bool json_starved(void);

/* The value as text, with jansson's flags: new, to be freed, or NULL where memory fails. json_dumps alone leaves out a key whose
 * memory fails, and goes on. */
char *json_text(const json_t *value, size_t flags);

/* Borrowed value at "a/b/0/c" below root, or NULL where any step is missing. JSON null counts as missing. */
const json_t *json_at(const json_t *root, const char *path);

/* What kind of value it is, in words; NULL: none. */
const char *json_kind(const json_t *value);

/* An amount as the input may write it: string, whole number, or a real nearest to such an amount. */
enum money_status json_money(const json_t *value, int digits, int64_t *out);

#endif
