/* One file as one of the mapping's sources describes it: its rows, the names of its columns, and what is told of its places. */
#ifndef IMPORT_SOURCE_H
#define IMPORT_SOURCE_H

#include "base/json.h"
#include "import/csv.h"
#include "import/index.h"

struct source {
    const struct tc_import_options *options;
    const json_t *as; /* the mapping's entry */
    const char *path;
    char pointer[32]; /* of the entry, in the mapping */
    uint16_t number;  /* of the entry */
    int year;
    struct csv csv;
    struct index_table table; /* of the description standard; without columns where the source names none */
    json_t *names;            /* name: list of the numbers of the columns that have it */
    json_t *titles;           /* by number */
    size_t width;             /* of each row; 0: not known */
    long before;              /* rows up to the header's, with it */
    bool silent;              /* what is told is not, and does not count */
    long findings;
    struct source_missing *missing; /* columns that the file does not have */
    size_t missing_count, asked;    /* asked: columns named */
};

/* Opens the file and reads up to the header's line. */
bool source_open(struct source *s, struct tc_error *err);
void source_close(struct source *s);

/* Tells a finding of the row that was read. column 0: of the whole row; other: another line that it is about, or 0. */
void source_tell(struct source *s, size_t column, long other, const char *rule, const char *message);

/* The column's name in the header, where the mapping speaks of it: else it may be a value of a row that was taken for the header. NULL
 * where there is none. as: the mapping's entry; titles: by number. */
const char *source_name(const json_t *as, const json_t *titles, size_t column);

/* The number of a column by the mapping's name or number. 0 where there is none, or where there are several; that is told later, with
 * pointer, the place in the mapping that names it. */
size_t source_column(struct source *s, const json_t *ref, const char *pointer);
/* Tells the columns that were asked for in vain; false where there were none. */
bool source_tell_missing(struct source *s);
/* What the description standard says of a column; NULL where it says nothing. */
const struct index_column *source_described(const struct source *s, size_t column);

/* Whether the row that was read has no text. */
bool source_is_blank(const struct source *s);

#endif
