#include "base/money.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

static int64_t power_of_ten(int digits)
{
    int64_t power = 1;

    while (digits-- > 0)
        power *= 10;
    return power;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Reads digits from *at on; returns how many there were. */
static size_t read_digits(const char *text, size_t length, size_t *at, int64_t *value)
{
    size_t start = *at;

    for (; *at < length && is_digit(text[*at]); ++*at)
        if (*at - start < MONEY_WHOLE_DIGITS)
            *value = *value * 10 + (text[*at] - '0');
    return *at - start;
}

enum money_status money_parse(const char *text, size_t length, int digits, int64_t *out)
{
    bool minus = length > 0 && text[0] == '-';
    size_t at = minus, first = at, whole, decimals = 0;
    int64_t value = 0, fraction = 0;

    whole = read_digits(text, length, &at, &value);
    if (whole == 0 || (whole > 1 && text[first] == '0'))
        return MONEY_FORMAT;
    if (at < length && text[at] == '.') {
        at++;
        decimals = read_digits(text, length, &at, &fraction);
        if (decimals == 0 || decimals > (size_t)digits)
            return MONEY_FORMAT;
    }
    if (at != length)
        return MONEY_FORMAT;
    if (whole > MONEY_WHOLE_DIGITS)
        return MONEY_RANGE;
    if (__builtin_mul_overflow(value, power_of_ten(digits), &value)
        || __builtin_add_overflow(value, fraction * power_of_ten(digits - (int)decimals), &value))
        return MONEY_RANGE;
    *out = minus ? -value : value;
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
