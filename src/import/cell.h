/* Cells into values: the whole cell fits the grammar that the mapping names, or it is refused; nothing is repaired. */
#ifndef IMPORT_CELL_H
#define IMPORT_CELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cell_minus { CELL_NO_MINUS, CELL_BEFORE, CELL_BEHIND };

struct cell_amount {
    const char *decimal;      /* the sign, "" where there is none */
    const char *groupings[4]; /* each may stand between groups of three digits; one of them throughout a cell */
    size_t grouping_count;
    enum cell_minus minus;
    int digits;   /* exactly so many behind the sign; -1: nobody knows, and no amount is good */
    bool implied; /* without a sign: the last digits are those */
    bool free;    /* a whole number without a sign is good too */
};

#define CELL_DIGITS_MAX 9
#define CELL_UNITS_MAX INT64_C(999999999999999)

/* Minor units with that many digits. NULL where it is good, else what is wrong as a constant sentence. */
const char *cell_amount(const struct cell_amount *as, const char *text, int64_t *units);

#define CELL_DATE 20 /* with its end */

/* Whether it is an order of DD MM YYYY or YY, hh mm ss and the signs between; a letter alone stands for one digit or two. */
bool cell_is_order(const char *order);
/* By that order, as "YYYY-MM-DD", with a time behind a T where the order has hh. What the order does not name is the day 1 and the
 * year given; years of two digits from epoch on are of the century before. NULL where it is good, else what is wrong. */
const char *cell_date(const char *order, const char *text, int year, int epoch, char out[CELL_DATE]);

/* What a spreadsheet or an export destroyed, of texts and identifiers; NULL where nothing is known to be. */
const char *cell_damage(const char *text);

/* Takes every one of the letters away, in place. */
void cell_remove(char *text, const char *letters);
/* Takes blanks off both ends, in place. */
char *cell_trim(char *text);

#endif
