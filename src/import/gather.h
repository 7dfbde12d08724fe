/* The rows of all files: each is read by its source's parts, and what it gave goes to the spool. */
#ifndef IMPORT_GATHER_H
#define IMPORT_GATHER_H

#include "import/parts.h"
#include "import/people.h"
#include "import/tickets.h"

#define GATHER_TYPE 24 /* bytes of a wage type's number and of its text that are kept, with the end */
#define GATHER_TEXT 60

/* A wage type that the catalogue does not have. */
struct unknown_type {
    char type[GATHER_TYPE], text[GATHER_TEXT];
    bool differs; /* rows had other texts: then it is no name of a wage type */
    long rows;
    int64_t sum;
};

struct gather {
    const json_t *mapping;
    struct shapes shapes;
    struct people people;
    struct spool spool;
    struct buf items, text; /* of the row in hand */
    struct deliveries deliveries;
    json_t *unknown_index;
    struct unknown_type *unknown;
    size_t unknown_count, unknown_room;
};

/* Takes the row that was read. refused: it was told to be wrong before. False where it was refused, and told, or with err. */
bool gather_take(struct gather *rows, struct source *s, const struct parts *parts, bool refused, struct tc_error *err);
void gather_free(struct gather *rows);

#endif
