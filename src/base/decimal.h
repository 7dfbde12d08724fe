/* Exact decimals: m / 10^scale. Nothing is rounded but by decimal_round; what cannot be held exactly is refused. */
#ifndef BASE_DECIMAL_H
#define BASE_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DECIMAL_SCALE_MAX 18

__extension__ typedef __int128 i128;

/* scale is 0 to DECIMAL_SCALE_MAX. 1.0 and 1.00 are different structs and compare equal. */
struct decimal {
    i128 m;
    int scale;
};

/* These and decimal_add, _sub and _mul return false, leaving *out alone, if the exact result does not fit (about 38 digits, 18 of them
 * decimals). */
bool decimal_neg(struct decimal a, struct decimal *out);
bool decimal_abs(struct decimal a, struct decimal *out);
/* To at most `digits` decimals, a half away from zero (2.5 is 3, -2.5 is -3). False also if digits is not 0 to 18. */
bool decimal_round(struct decimal a, int digits, struct decimal *out);

/* decimal_add, _sub and _compare where the scales differ; decimal_mul where a factor is large. */
bool decimal_add_scaled(struct decimal a, struct decimal b, struct decimal *out);
bool decimal_sub_scaled(struct decimal a, struct decimal b, struct decimal *out);
bool decimal_mul_large(struct decimal a, struct decimal b, struct decimal *out);
int decimal_compare_scaled(struct decimal a, struct decimal b);

/* Parses -?digits(.digits)?, the whole text. False on any other text, on overflow and on more than 18 decimals. */
bool decimal_parse(const char *text, size_t length, struct decimal *out);
/* units / 10^digits, as money.h counts amounts. False if digits is not 0 to 18. */
bool decimal_minor(int64_t units, int digits, struct decimal *out);
/* The other way, rounded to so many digits first. */
bool decimal_units(struct decimal a, int digits, int64_t *units);

/* Here, for amounts of one currency, and for nothing, are most of what is added and compared. */
static inline bool decimal_add(struct decimal a, struct decimal b, struct decimal *out)
{
    i128 m;

    if (b.m == 0) {
        *out = a;
        return true;
    }
    if (a.scale != b.scale || __builtin_add_overflow(a.m, b.m, &m))
        return decimal_add_scaled(a, b, out);
    *out = (struct decimal){m, a.scale};
    return true;
}

static inline bool decimal_sub(struct decimal a, struct decimal b, struct decimal *out)
{
    i128 m;

    if (a.scale != b.scale || __builtin_sub_overflow(a.m, b.m, &m))
        return decimal_sub_scaled(a, b, out);
    *out = (struct decimal){m, a.scale};
    return true;
}

/* Factors of 64 bits have a product of 128. */
static inline bool decimal_mul(struct decimal a, struct decimal b, struct decimal *out)
{
    int64_t x = (int64_t)a.m, y = (int64_t)b.m;

    if (x != a.m || y != b.m || a.scale + b.scale > DECIMAL_SCALE_MAX)
        return decimal_mul_large(a, b, out);
    *out = (struct decimal){(i128)x * y, a.scale + b.scale};
    return true;
}

/* Below, equal to or above 0 as a is below, equal to or above b. Cannot fail. */
static inline int decimal_compare(struct decimal a, struct decimal b)
{
    return a.scale == b.scale || a.m == 0 || b.m == 0 ? (a.m > b.m) - (a.m < b.m) : decimal_compare_scaled(a, b);
}

#endif
