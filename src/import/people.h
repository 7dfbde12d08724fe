/* Everybody met in the files, and what the files say of them, put together in the order in which people were first met. */
#ifndef IMPORT_PEOPLE_H
#define IMPORT_PEOPLE_H

#include "import/source.h"

struct people {
    const json_t *mapping;
    json_t *by_number; /* personnel number: what was gathered */
};

/* Takes the row that was read; false where it was told that something is wrong with it. */
bool people_take(struct people *p, struct source *s);

/* Tells whose pay has nobody's master data. */
long people_without(const struct people *p, const struct tc_import_options *options);

/* New references to the two documents; NULL where the mapping has none of the kind. */
json_t *people_payroll(const struct people *p, long *certificates);
json_t *people_employees(const struct people *p);

#endif
