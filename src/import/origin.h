/* What is known of each file once it was read, and what is told of its rows afterwards. */
#ifndef IMPORT_ORIGIN_H
#define IMPORT_ORIGIN_H

#include "base/json.h"
#include "import/spool.h"

struct origin {
    const char *path;
    const json_t *as; /* the mapping's entry */
    json_t *titles;   /* owned */
    bool one_row, has_newest, is_monthly;
    struct tc_import_account account;
};

struct origins {
    const struct tc_import_options *options;
    struct origin *list; /* by source */
    size_t count;
    long findings, warnings;
};

void origins_tell(struct origins *o, const struct row *row, uint32_t column, const struct row *other, const char *rule, const char *message,
                  bool warning);
/* The row is told to be wrong: it does not count as taken any more. */
void origins_refuse(struct origins *o, struct row *row, uint32_t column, const struct row *other, const char *rule, const char *message);

#endif
