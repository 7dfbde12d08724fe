#include "base/date.h"

#include <string.h>

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap);
}

static int number(const char *text, int length)
{
    int value = 0;

    for (int i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

bool date_parse(const char *text, size_t length, int32_t *out)
{
    int year, month, day;

    if (length != 10 || text[4] != '-' || text[7] != '-')
        return false;
    year = number(text, 4);
    month = number(text + 5, 2);
    day = number(text + 8, 2);
    if (year < 1800 || year > 2999 || month < 1 || month > 12)
        return false;
    if (day < 1 || day > days_in_month(year, month))
        return false;
    *out = year * 10000 + month * 100 + day;
    return true;
}

void date_text(int32_t date, char out[DATE_LENGTH + 1])
{
    memcpy(out, "YYYY-MM-DD", DATE_LENGTH + 1);
    for (int i = DATE_LENGTH - 1; i >= 0; i--) {
        if (out[i] == '-')
            continue;
        out[i] = (char)('0' + date % 10);
        date /= 10;
    }
}

enum date_part date_format_part(const char *format, size_t *length)
{
    *length = 2;
    if (!strncmp(format, "DD", 2))
        return DATE_DAY;
    if (!strncmp(format, "MM", 2))
        return DATE_MONTH;
    *length = strncmp(format, "YYYY", 4) != 0 ? 1 : 4;
    return *length == 4 ? DATE_YEAR : DATE_OTHER;
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Day, month and year begin with one of these in the languages of most forms: Tag, Jahr, giorno, anno. */
static bool means_date(char c)
{
    return strchr("DMYTJGAdmytjga", c) != NULL;
}

unsigned date_format_parts(const char *format)
{
    unsigned parts = 0;
    size_t length;

    if (strlen(format) > DATE_FORMAT_MAX)
        return 0;
    for (; *format; format += length) {
        enum date_part part = date_format_part(format, &length);
        size_t meant = 0;

        if (part & parts)
            return 0;
        parts |= part;
        if (part || !is_letter(*format))
            continue;
        for (length = 0; is_letter(format[length]); length++)
            meant += means_date(format[length]);
        if (meant == length)
            return 0;
    }
    return parts;
}

size_t date_write(int32_t date, const char *format, char *out, size_t size)
{
    size_t at = 0, length;

    for (; *format; format += length) {
        enum date_part part = date_format_part(format, &length);
        int32_t rest = part == DATE_DAY ? date % 100 : part == DATE_MONTH ? date / 100 % 100 : date / 10000;

        if (length > size - at)
            break;
        if (!part)
            out[at] = *format;
        for (size_t k = part ? length : 0; k-- > 0; rest /= 10)
            out[at + k] = (char)('0' + rest % 10);
        at += length;
    }
    return at;
}
