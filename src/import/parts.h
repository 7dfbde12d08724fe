/* A source of the mapping compiled for its file: which columns make which keys, which rows are left out, what must hold. */
#ifndef IMPORT_PARTS_H
#define IMPORT_PARTS_H

#include "import/column.h"
#include "import/shape.h"

#define PARTS_NEWEST 4

/* The keys of what is made: the same for all sources. */
struct shapes {
    struct shape employee, certificate, feature;
    int number, id, certificate_number, entries, features, ticket, from, valid_from; /* slots that are filled in here */
    const char *since;       /* the day that the mapping gives to all rows of features, as JSON; NULL: none */
    json_t *wage_types;      /* number: its place in the catalogue */
    const char **type_names; /* by place */
};

struct pair {
    int slot;
    struct column column;
};

struct pairs {
    struct pair *list;
    size_t count;
};

/* A row is met by what one of its columns holds. */
struct condition {
    struct column column;
    const json_t *rule;
    long met;
    struct column *sums;
    int64_t *totals; /* of the rows taken since the last total, by column of sums */
    size_t sum_count;
    bool unknown; /* a cell of them could not be read, and was told */
};

struct conditions {
    struct condition *list;
    size_t count;
};

struct entries {
    bool given, replaces;
    struct column type, text, month, amount, change, months[12];
    const json_t *turn;
};

struct tickets {
    bool given;
    struct column first_day, ticket, sent, accepted, cancels;
};

struct parts {
    struct column person, year, which, newest[PARTS_NEWEST], feature_month, feature_change;
    size_t newest_count;
    struct pairs employee, certificate, features; /* certificate: values too */
    struct entries entries;
    struct tickets tickets;
    struct conditions skip, must, totals;
    long untotalled; /* line of the last row taken behind the last total; 0: none, or the mapping has no totals */
    bool has_values;
    bool one_row; /* a person, or one of a person's certificates, has one row */
};

/* False with err where memory fails; what the file does not have is told and counted in the source's findings. */
bool parts_compile(struct parts *p, struct source *s, struct shapes *shapes, struct arena *arena, struct tc_error *err);

/* The first of the conditions that the row meets, or NULL. */
struct condition *parts_met(const struct source *s, const struct conditions *list);
bool condition_is_met(const struct source *s, const struct condition *c);

#endif
