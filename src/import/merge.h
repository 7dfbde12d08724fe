/* A person's rows put together: one employee, and certificates. The order of the rows makes no difference. */
#ifndef IMPORT_MERGE_H
#define IMPORT_MERGE_H

#include "import/origin.h"
#include "import/gather.h"

struct merge {
    struct gather *rows;
    struct origins *origins;
    int year;
    bool makes_payroll, has_tickets;
    const char *id;     /* the mapping's pattern */
    long tickets;       /* given to certificates */
    struct arena arena; /* of the person in hand */
};

struct merged {
    const char *employee;      /* JSON of one line, or NULL */
    const char **certificates; /* the same of each */
    size_t count;
};

/* Borrowed until the next one. False with err; what is wrong with the person's rows is told and counted. */
bool merge_person(struct merge *m, const struct person *person, struct merged *out, struct tc_error *err);
#endif
