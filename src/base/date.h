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

/* A format of dates is made of DD, MM and YYYY, each at most once, and of other signs, which stand as they are. */
#define DATE_FORMAT_MAX 48 /* bytes */

enum date_part { DATE_OTHER = 0, DATE_DAY = 1, DATE_MONTH = 2, DATE_YEAR = 4 };

/* The part that begins here, or DATE_OTHER for any other byte; *length is how long it is. */
enum date_part date_format_part(const char *format, size_t *length);
/* Which of the three parts the format has, as bits; 0: it is no format. Words made only of letters that stand for a day, month or year in
 * some language, such as "dd", "JJJJ" or "YY", are mistakes, and no other signs. */
unsigned date_format_parts(const char *format);
/* Writes the date as far as there is room, not terminated; how many bytes that were. */
size_t date_write(int32_t date, const char *format, char *out, size_t size);

#endif
