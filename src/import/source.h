/* One file as one of the mapping's sources describes it: rows, the columns that a row's values are in, and their values. */
#ifndef IMPORT_SOURCE_H
#define IMPORT_SOURCE_H

#include "base/json.h"
#include "import/cell.h"
#include "import/csv.h"

struct source {
    const struct tc_import_options *options;
    const json_t *as; /* the mapping's entry */
    const char *path;
    char pointer[32]; /* of the entry, in the mapping */
    int year;
    struct csv csv;
    json_t *names;  /* of the header: number of the column, 0 where several have the name */
    json_t *titles; /* by number */
    size_t width;   /* of each row; 0: not known */
    long findings;
};

/* Opens the file and reads up to the header's line. */
bool source_open(struct source *s, struct tc_error *err);
void source_close(struct source *s);

/* Tells a finding of the row that was read. column 0: of the whole row; other: another line that it is about, or 0. */
void source_tell(struct source *s, size_t column, long other, const char *rule, const char *message);

/* The number of a column by the mapping's name or number; 0 where there is none or several. */
size_t source_column(const struct source *s, const json_t *ref);

/* The text of the first column of a description, trimmed into out (cut where it has no room). Its number. */
size_t source_plain(const struct source *s, const json_t *spec, char *out, size_t room);

/* The value that the row has for a description of a column; NULL where it is absent, or where it was told that it is wrong (then
 * *bad). kind is the type that the place wants where the description names none. New reference. */
json_t *source_value(struct source *s, const json_t *spec, const char *kind, bool *bad);
/* The same of an amount; false where it is absent or wrong. */
bool source_amount(struct source *s, const json_t *spec, int64_t *units, bool *bad);
/* As payroll.json has it: "-1234.50", in the number of digits of the description. New reference. */
json_t *source_amount_text(const struct source *s, const json_t *spec, int64_t units);
/* A whole number such as a month, a year or a count of changes; with an order of dates, the month of it, and its year must be the payroll's. */
bool source_whole(struct source *s, const json_t *spec, int64_t *value, bool *bad);

#endif
