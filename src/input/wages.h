/* Wage types: which lines an entry is added to. */
#ifndef INPUT_WAGES_H
#define INPUT_WAGES_H

#include "base/datum.h"
#include "form/template.h"

#define WAGE_LINES_MAX 8

struct wage {
    uint64_t mark;
    const char *name, *text; /* text: "" where there is none */
    int fields[WAGE_LINES_MAX];
    int signs[WAGE_LINES_MAX]; /* 1 or -1 */
    int count;
};

struct wages {
    json_t *types;     /* owned: as in the input */
    struct wage *list; /* sorted by mark, which is that of the name (datum_mark) */
    size_t count;
    bool *fed; /* by field index: some wage type adds to it */
};

/* New wages from payroll's wage_types (NULL: none), or NULL with err: a line that is no money field of the form is an
 * input error, since money would be lost. */
struct wages *wages_load(const struct template *t, const json_t *wage_types, const char *file, struct tc_error *err);
/* Borrowed, or NULL for an unlisted name. length: the name's. */
const struct wage *wages_find(const struct wages *wages, const char *name, size_t length);
/* The names, as "1000, 1100", of the wage types among the entries that add to the field; NULL where there are none. Only
 * names that are handles, and the first twelve. */
const char *wages_feeding(const struct wages *wages, const struct datum *entries, int field, struct arena *arena);
void wages_free(struct wages *wages);

#endif
