#include "base/decimal.h"

static const i128 i128_max = ((((i128)1 << 126) - 1) << 1) + 1;

/* digits is at most 2 * DECIMAL_SCALE_MAX, which fits. */
static i128 power_of_ten(int digits)
{
    static const int64_t powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000};
    i128 power = 1;

    if (digits < (int)(sizeof powers / sizeof *powers))
        return powers[digits];

    while (digits-- > 0)
        power *= 10;
    return power;
}

/* The same value with the fewest decimals: costs divisions, so only where the plain way overflowed. */
static struct decimal trimmed(struct decimal a)
{
    while (a.scale > 0 && a.m % 10 == 0) {
        a.m /= 10;
        a.scale--;
    }
    return a;
}

static bool rescale(struct decimal *a, int scale)
{
    i128 m;

    if (a->scale >= scale)
        return true;
    if (scale - a->scale <= DECIMAL_SCALE_MAX && a->m == (int64_t)a->m)
        m = (i128)(int64_t)a->m * (int64_t)power_of_ten(scale - a->scale);
    else if (__builtin_mul_overflow(a->m, power_of_ten(scale - a->scale), &m))
        return false;
    *a = (struct decimal){m, scale};
    return true;
}

static bool plain_add(struct decimal a, struct decimal b, bool minus, struct decimal *out)
{
    i128 m;

    if (!rescale(&a, b.scale) || !rescale(&b, a.scale))
        return false;
    if (minus ? __builtin_sub_overflow(a.m, b.m, &m) : __builtin_add_overflow(a.m, b.m, &m))
        return false;
    *out = (struct decimal){m, a.scale};
    return true;
}

bool decimal_add_scaled(struct decimal a, struct decimal b, struct decimal *out)
{
    return plain_add(a, b, false, out) || plain_add(trimmed(a), trimmed(b), false, out);
}

bool decimal_sub_scaled(struct decimal a, struct decimal b, struct decimal *out)
{
    return plain_add(a, b, true, out) || plain_add(trimmed(a), trimmed(b), true, out);
}

static bool plain_mul(struct decimal a, struct decimal b, struct decimal *out)
{
    struct decimal product = {0, a.scale + b.scale};

    if (__builtin_mul_overflow(a.m, b.m, &product.m))
        return false;
    if (product.scale > DECIMAL_SCALE_MAX) {
        /* Zero loses all its decimals here, so it always fits. */
        product = trimmed(product);
        if (product.scale > DECIMAL_SCALE_MAX)
            return false;
    }
    *out = product;
    return true;
}

bool decimal_mul_large(struct decimal a, struct decimal b, struct decimal *out)
{
    return plain_mul(a, b, out) || plain_mul(trimmed(a), trimmed(b), out);
}

bool decimal_neg(struct decimal a, struct decimal *out)
{
    i128 m;

    if (__builtin_sub_overflow((i128)0, a.m, &m))
        return false;
    *out = (struct decimal){m, a.scale};
    return true;
}

bool decimal_abs(struct decimal a, struct decimal *out)
{
    if (a.m < 0)
        return decimal_neg(a, out);
    *out = a;
    return true;
}

bool decimal_round(struct decimal a, int digits, struct decimal *out)
{
    i128 power, m, rest;

    if (digits < 0 || digits > DECIMAL_SCALE_MAX)
        return false;
    if (a.scale <= digits) {
        *out = a;
        return true;
    }
    power = power_of_ten(a.scale - digits);
    m = a.m / power;
    rest = a.m % power; /* has the sign of a.m */
    if (rest >= power / 2)
        m++;
    else if (rest <= -(power / 2))
        m--;
    *out = (struct decimal){m, digits};
    return true;
}

static int sign(i128 m)
{
    return (m > 0) - (m < 0);
}

int decimal_compare_scaled(struct decimal a, struct decimal b)
{
    /* A number that overflows at the other's scale is further from zero than any that is held at it. */
    if (!rescale(&a, b.scale))
        return sign(a.m);
    if (!rescale(&b, a.scale))
        return -sign(b.m);
    return (a.m > b.m) - (a.m < b.m);
}

/* Appends digits from *at on to *m; returns how many there were, or -1 on overflow. */
static int read_digits(const char *text, size_t length, size_t *at, i128 *m)
{
    size_t start = *at;

    for (; *at < length && text[*at] >= '0' && text[*at] <= '9'; ++*at) {
        int digit = text[*at] - '0';

        if (*m > (i128_max - digit) / 10)
            return -1;
        *m = *m * 10 + digit;
    }
    return *at - start > DECIMAL_SCALE_MAX ? DECIMAL_SCALE_MAX + 1 : (int)(*at - start);
}

bool decimal_parse(const char *text, size_t length, struct decimal *out)
{
    bool minus = length > 0 && text[0] == '-';
    size_t at = minus;
    int decimals = 0;
    i128 m = 0;

    if (read_digits(text, length, &at, &m) <= 0)
        return false;
    if (at < length && text[at] == '.') {
        at++;
        decimals = read_digits(text, length, &at, &m);
        if (decimals <= 0 || decimals > DECIMAL_SCALE_MAX)
            return false;
    }
    if (at != length)
        return false;
    *out = (struct decimal){minus ? -m : m, decimals};
    return true;
}

bool decimal_minor(int64_t units, int digits, struct decimal *out)
{
    if (digits < 0 || digits > DECIMAL_SCALE_MAX)
        return false;
    *out = (struct decimal){units, digits};
    return true;
}

bool decimal_units(struct decimal a, int digits, int64_t *units)
{
    struct decimal rounded;
    i128 m;

    if (!decimal_round(a, digits, &rounded))
        return false;
    m = rounded.m;
    for (int scale = rounded.scale; scale < digits; scale++)
        if (__builtin_mul_overflow(m, (i128)10, &m))
            return false;
    if (m < INT64_MIN || m > INT64_MAX)
        return false;
    *units = (int64_t)m;
    return true;
}
