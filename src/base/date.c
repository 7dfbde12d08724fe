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
