/* Money: int64 minor units (cents). Exact, never a float. */
#ifndef BASE_MONEY_H
#define BASE_MONEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Below 10^13 whole units an amount is exact in a spreadsheet as well. */
#define MONEY_WHOLE_DIGITS 13

enum money_status { MONEY_OK, MONEY_FORMAT, MONEY_RANGE };

/* Parses -?(0|[1-9][0-9]{0,12})(\.[0-9]{1,digits})? into units of 10^-digits. More whole digits than
 * MONEY_WHOLE_DIGITS are MONEY_RANGE. out is untouched unless MONEY_OK. */
enum money_status money_parse(const char *text, size_t length, int digits, int64_t *out);

/* From a JSON integer: whole units. */
enum money_status money_whole(int64_t whole, int digits, int64_t *out);

/* From a JSON real: only the double that is nearest to an amount with so many digits. */
enum money_status money_real(double real, int digits, int64_t *out);

#define MONEY_TEXT 40

/* "-1234.50": all digits after the point, none and no point where digits is 0. digits at most 18. Returns the length. */
size_t money_text(int64_t units, int digits, char out[MONEY_TEXT]);

/* Whether an amount can be read back from its text: no more whole digits than MONEY_WHOLE_DIGITS. */
bool money_in_range(int64_t units, int digits);

/* False on overflow; *total is untouched then. */
bool money_add(int64_t *total, int64_t amount);

#endif
