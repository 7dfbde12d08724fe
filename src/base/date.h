/* Dates: int32 yyyymmdd, so that comparing numbers compares dates. 0 is no date. */
#ifndef BASE_DATE_H
#define BASE_DATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Parses YYYY-MM-DD, a day that exists, years 1800 to 2999. */
bool date_parse(const char *text, size_t length, int32_t *out);

#define DATE_LENGTH 10 /* of YYYY-MM-DD */

void date_text(int32_t date, char out[DATE_LENGTH + 1]);

#endif
