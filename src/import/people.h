/* Everybody met in the files, in the order in which they were first met: less than a hundred bytes each, whatever the rows say. */
#ifndef IMPORT_PEOPLE_H
#define IMPORT_PEOPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PEOPLE_NUMBER 33 /* bytes of a personnel number, with its end */

struct person {
    char number[PEOPLE_NUMBER];
    bool has_employee, has_pay; /* some row said so, a refused one too */
    uint16_t source, column;    /* of the first row */
    uint32_t line;
    uint64_t chain; /* the last row, in the spool */
};

struct people {
    struct person *list;
    size_t count, room;
    uint32_t *table; /* index + 1, by hash; 0: free */
    size_t table_size;
    size_t last; /* the one asked for before */
};

/* The person of the number, added where there is none. NULL where memory fails; borrowed until the next one is added. */
struct person *people_get(struct people *p, const char *number);
/* NULL where there is none. */
struct person *people_find(const struct people *p, const char *number);
void people_free(struct people *p);

#endif
