#include "base/money.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

static int64_t power_of_ten(int digits)
{
    static const int64_t powers[19] = {1,
                                       10,
                                       100,
                                       1000,
                                       10000,
                                       100000,
                                       1000000,
                                       10000000,
                                       100000000,
                                       1000000000,
                                       10000000000,
                                       100000000000,
                                       1000000000000,
                                       10000000000000,
                                       100000000000000,
                                       1000000000000000,
                                       10000000000000000,
                                       100000000000000000,
                                       1000000000000000000};

    return powers[digits];
}

/* Reads digits from *at on; returns how many there were. Of more than nineteen value is no number. */
static size_t read_digits(const char **at, const char *end, uint64_t *value)
{
    const char *start = *at, *p = start;
    uint64_t number = 0;

    for (; p < end && (unsigned char)(*p - '0') < 10; p++)
        number = number * 10 + (unsigned char)(*p - '0');
    *at = p;
    *value = number;
    return (size_t)(p - start);
}

enum money_status money_parse(const char *text, size_t length, int digits, int64_t *out)
{
    const char *end = text + length, *first = text + (length > 0 && text[0] == '-'), *at = first;
    uint64_t units, fraction = 0;
    size_t whole = read_digits(&at, end, &units), decimals = 0;
    int64_t value;

    if (whole == 0 || (whole > 1 && *first == '0'))
        return MONEY_FORMAT;
    if (at < end && *at == '.') {
        at++;
        decimals = read_digits(&at, end, &fraction);
        if (decimals == 0 || decimals > (size_t)digits)
            return MONEY_FORMAT;
    }
    if (at != end)
        return MONEY_FORMAT;
    if (whole > MONEY_WHOLE_DIGITS)
        return MONEY_RANGE;
    if (__builtin_mul_overflow((int64_t)units, power_of_ten(digits), &value)
        || __builtin_add_overflow(value, (int64_t)fraction * power_of_ten(digits - (int)decimals), &value))
        return MONEY_RANGE;
    *out = first > text ? -value : value;
    return MONEY_OK;
}

enum money_status money_whole(int64_t whole, int digits, int64_t *out)
{
    int64_t limit = power_of_ten(MONEY_WHOLE_DIGITS);

    if (whole <= -limit || whole >= limit)
        return MONEY_RANGE;
    return __builtin_mul_overflow(whole, power_of_ten(digits), out) ? MONEY_RANGE : MONEY_OK;
}

enum money_status money_real(double real, int digits, int64_t *out)
{
    double scaled = real * (double)power_of_ten(digits);
    int64_t units;

    if (!isfinite(real) || fabs(real) >= (double)power_of_ten(MONEY_WHOLE_DIGITS) || fabs(scaled) >= 9e18)
        return MONEY_RANGE;
    units = (int64_t)llround(scaled);
    /* units and the power are both exact doubles, so the division is the correctly rounded amount. */
    if ((double)units / (double)power_of_ten(digits) != real || (real == 0 && signbit(real)))
        return MONEY_FORMAT;
    *out = units;
    return MONEY_OK;
}

size_t money_text(int64_t units, int digits, char out[MONEY_TEXT])
{
    uint64_t rest = units < 0 ? -(uint64_t)units : (uint64_t)units;
    char text[MONEY_TEXT], *end = text + MONEY_TEXT - 1, *at = end; /* from its end */

    *at = '\0';
    for (int i = 0; i < digits; i++, rest /= 10)
        *--at = (char)('0' + rest % 10);
    if (digits > 0)
        *--at = '.';
    at = buf_whole(at, rest);
    if (units < 0)
        *--at = '-';
    memcpy(out, at, (size_t)(end - at) + 1);
    return (size_t)(end - at);
}

bool money_in_range(int64_t units, int digits)
{
    int64_t limit;

    return __builtin_mul_overflow(power_of_ten(MONEY_WHOLE_DIGITS), power_of_ten(digits), &limit) || (units > -limit && units < limit);
}

bool money_add(int64_t *total, int64_t amount)
{
    int64_t sum;

    if (__builtin_add_overflow(*total, amount, &sum))
        return false;
    *total = sum;
    return true;
}
