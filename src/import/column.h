/* A mapping's description of a column, compiled for one file; and the values that it finds in a row. */
#ifndef IMPORT_COLUMN_H
#define IMPORT_COLUMN_H

#include "import/cell.h"
#include "import/source.h"

#define COLUMN_REFS 16   /* columns that are joined, at most */
#define COLUMN_TEXT 2000 /* bytes of a value that is taken */

enum column_type { COLUMN_AS_TEXT, COLUMN_AS_DATE, COLUMN_AS_AMOUNT, COLUMN_AS_WHOLE, COLUMN_AS_WORDS, COLUMN_AS_CODE };

struct column {
    bool given; /* the mapping has it */
    enum column_type type;
    size_t refs[COLUMN_REFS], ref_count;
    const char *join, *remove, *dates;
    const json_t *values, *constant, *empty, *absent;
    struct cell_amount amount, whole;
    size_t length;
    int epoch;
    bool required, turn, breaks, check;
};

/* What a row has for it. */
enum column_got { COLUMN_NOTHING, COLUMN_VALUE, COLUMN_WRONG };

/* Compiles the description; absent is none given, and good. type is what the place wants where the description says none. False after
 * telling what the file does not have. */
bool column_compile(struct source *s, const json_t *spec, const char *pointer, enum column_type type, struct column *out);

/* The cells of the row that was read, joined and cleaned, as a text that was checked, such as a personnel number; *column: the first that has a
 * text. */
enum column_got column_word(struct source *s, const struct column *c, char out[COLUMN_TEXT], size_t *column);
/* The value as JSON, appended with an end. */
enum column_got column_json(struct source *s, const struct column *c, struct buf *out, size_t *column);
enum column_got column_amount(struct source *s, const struct column *c, int64_t *units, size_t *column);
/* A whole number such as a month, a year or a count of changes; with an order of dates, the month of it, whose year must be the
 * payroll's. */
enum column_got column_whole(struct source *s, const struct column *c, int64_t *value);
/* The first cell as it stands but for blanks around it; "" where there is none. */
void column_plain(const struct source *s, const struct column *c, char *out, size_t room);
/* Where it is, for telling. */
static inline size_t column_first(const struct column *c)
{
    return c->ref_count ? c->refs[0] : 0;
}

#endif
