/* Exact decimals: both ends of the range, and that nothing is rounded unasked. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "base/decimal.h"

#define MAX "170141183460469231731687303715884105727" /* 2^127 - 1 */

static struct decimal number(const char *text)
{
    struct decimal out = {0, 0};

    assert_true(decimal_parse(text, strlen(text), &out));
    return out;
}

static void parsing(void **state)
{
    static const struct {
        const char *text;
        bool ok;
        int64_t m;
        int scale;
    } rows[] = {
        {"0", true, 0, 0},
        {"-0", true, 0, 0},
        {"007", true, 7, 0},
        {"0.01", true, 1, 2},
        {"-12.50", true, -1250, 2},
        {"0.000000000000000001", true, 1, 18},
        {"0.0000000000000000001", false, 0, 0},
        {"", false, 0, 0},
        {"-", false, 0, 0},
        {"1.", false, 0, 0},
        {".5", false, 0, 0},
        {"+1", false, 0, 0},
        {"1e3", false, 0, 0},
        {"--1", false, 0, 0},
        {"1,5", false, 0, 0},
        {" 1", false, 0, 0},
        {"1.2.3", false, 0, 0},
        {"170141183460469231731687303715884105728", false, 0, 0},
        {MAX "0", false, 0, 0},
        {MAX ".1", false, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct decimal out = {0, 0};

        assert_int_equal(decimal_parse(rows[i].text, strlen(rows[i].text), &out), rows[i].ok);
        assert_true(out.m == rows[i].m && out.scale == rows[i].scale);
    }
    assert_true(number(MAX).m > 0 && number("-" MAX).m == -number(MAX).m);
}

static void arithmetic(void **state)
{
    static const struct {
        char op;
        const char *a, *b, *result;
    } rows[] = {
        {'+', "0.1", "0.2", "0.3"},
        {'+', "1", "-0.005", "0.995"},
        {'+', MAX, "1", NULL},
        {'+', MAX, "0.00", MAX},
        {'+', MAX, "0.1", NULL},
        {'-', "0.3", "0.1", "0.2"},
        {'-', "-" MAX, "2", NULL},
        {'-', MAX, MAX, "0"},
        {'-', MAX, "1.00", "170141183460469231731687303715884105726"},
        {'*', "1000.00", "5.5", "5500"},
        {'*', "0.0000000005", "0.0000000002", NULL},
        {'*', "0.0000000005", "0.000000002", "0.000000000000000001"},
        {'*', MAX, "2", NULL},
        {'*', MAX, "-1.00", "-" MAX},
        {'*', "0.000000000000000000", "0.01", "0"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct decimal a = number(rows[i].a), b = number(rows[i].b), out = {0, 0};
        bool ok = rows[i].op == '+' ? decimal_add(a, b, &out) : rows[i].op == '-' ? decimal_sub(a, b, &out) : decimal_mul(a, b, &out);

        assert_int_equal(ok, rows[i].result != NULL);
        if (ok)
            assert_int_equal(decimal_compare(out, number(rows[i].result)), 0);
    }
}

static void comparing(void **state)
{
    static const struct {
        const char *a, *b;
        int order;
    } rows[] = {
        {"1", "1.00", 0},
        {"0.09", "0.1", -1},
        {"-0.09", "-0.1", 1},
        {"-1", "1", -1},
        {"0", "-0.00", 0},
        {MAX, "0.000000000000000001", 1},
        {"-" MAX, "-0.000000000000000001", -1},
        {MAX, "-0.5", 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(decimal_compare(number(rows[i].a), number(rows[i].b)), rows[i].order);
        assert_int_equal(decimal_compare(number(rows[i].b), number(rows[i].a)), -rows[i].order);
    }
}

static void rounding(void **state)
{
    static const struct {
        const char *text;
        int digits;
        const char *result;
    } rows[] = {
        {"2.5", 0, "3"},
        {"-2.5", 0, "-3"},
        {"2.49", 0, "2"},
        {"-2.49", 0, "-2"},
        {"0.005", 2, "0.01"},
        {"0.00499", 2, "0"},
        {"-0.005", 2, "-0.01"},
        {"999.995", 2, "1000"},
        {"1.5", 2, "1.5"},
        {"7", 18, "7"},
        {"0.500000000000000000", 0, "1"},
        {"1", -1, NULL},
        {"1", 19, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct decimal out = {0, 0};

        assert_int_equal(decimal_round(number(rows[i].text), rows[i].digits, &out), rows[i].result != NULL);
        if (rows[i].result)
            assert_int_equal(decimal_compare(out, number(rows[i].result)), 0);
    }
}

static void signs_and_minor_units(void **state)
{
    struct decimal lowest = {-number(MAX).m - 1, 0}, out = {0, 0};

    (void)state;
    assert_false(decimal_neg(lowest, &out));
    assert_false(decimal_abs(lowest, &out));
    assert_true(decimal_neg(number("1.5"), &out) && decimal_compare(out, number("-1.5")) == 0);
    assert_true(decimal_abs(number("-1.5"), &out) && decimal_compare(out, number("1.5")) == 0);
    assert_true(decimal_minor(INT64_MIN, 2, &out));
    assert_int_equal(decimal_compare(out, number("-92233720368547758.08")), 0);
    assert_false(decimal_minor(1, 19, &out));
    assert_false(decimal_minor(1, -1, &out));
}

static void units(void **state)
{
    int64_t cents = 0;

    (void)state;
    assert_true(decimal_units((struct decimal){5, 1}, 2, &cents) && cents == 50);
    assert_true(decimal_units((struct decimal){-12345, 3}, 2, &cents) && cents == -1235);
    assert_false(decimal_units((struct decimal){(i128)INT64_MAX, 0}, 2, &cents));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(units),     cmocka_unit_test(parsing),  cmocka_unit_test(arithmetic),
        cmocka_unit_test(comparing), cmocka_unit_test(rounding), cmocka_unit_test(signs_and_minor_units),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
