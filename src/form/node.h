/* Walking a template's JSON with the pointer kept, so that every mistake is refused with file and place.
 * Template text is no personal data: its keys may stand in a message. */
#ifndef FORM_NODE_H
#define FORM_NODE_H

#include "base/arena.h"
#include "base/json.h"

struct node {
    const json_t *json; /* borrowed; NULL where the key was absent */
    const char *file;
    struct arena *arena; /* of the template: strings and pointers are kept in it */
    struct tc_error *err;
    const char *pointer;
};

/* Sets the error at this node. Always false. */
bool node_fail(const struct node *n, const char *rule, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* False with an error unless the node is an object whose keys are all among the blank-separated ones. */
bool node_keys(const struct node *n, const char *allowed);
/* The member or element; json is NULL where it is absent or null. */
struct node node_get(const struct node *n, const char *key);
struct node node_at(const struct node *n, size_t i);
/* The elements of an array or the members of an object; 0 for an absent node. False with an error for anything else. */
bool node_array(const struct node *n, size_t *count);
/* Required values. *text lives in the template's arena. */
bool node_string(const struct node *n, const char **text);
bool node_integer(const struct node *n, int least, int most, int *value);
/* Optional ones keep what *value or *text was. */
bool node_string_or(const struct node *n, const char **text);
bool node_integer_or(const struct node *n, int least, int most, int *value);
bool node_flag(const struct node *n, bool *value);
/* A number of millimetres with at most two decimals, as hundredths. */
bool node_millimetres(const struct node *n, int *hundredths);
/* A date's format, in the template's arena, that has all parts, as the workbook's dates do, or any. */
bool node_date_format(const struct node *n, bool all, const char **format);
/* One of the words, by index. */
bool node_choice(const struct node *n, const char *const *words, size_t count, int *index);

#endif
