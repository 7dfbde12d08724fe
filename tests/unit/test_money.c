/* Amounts and dates: the grammar of design section 3, both ends of the range. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <regex.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/date.h"
#include "base/money.h"

static void amounts_as_text(void **state)
{
    static const struct {
        const char *text;
        enum money_status status;
        int64_t cents;
    } rows[] = {
        {"0", MONEY_OK, 0},
        {"-0.50", MONEY_OK, -50},
        {"52000.00", MONEY_OK, 5200000},
        {"0.5", MONEY_OK, 50},
        {"9999999999999.99", MONEY_OK, 999999999999999},
        {"-9999999999999.99", MONEY_OK, -999999999999999},
        {"10000000000000", MONEY_RANGE, 0},
        {"", MONEY_FORMAT, 0},
        {"-", MONEY_FORMAT, 0},
        {"01", MONEY_FORMAT, 0},
        {"1.", MONEY_FORMAT, 0},
        {".5", MONEY_FORMAT, 0},
        {"1.234", MONEY_FORMAT, 0},
        {"1.234,56", MONEY_FORMAT, 0},
        {"+1", MONEY_FORMAT, 0},
        {"1e3", MONEY_FORMAT, 0},
        {" 1", MONEY_FORMAT, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t cents = 0;

        assert_int_equal(money_parse(rows[i].text, strlen(rows[i].text), 2, &cents), rows[i].status);
        assert_true(cents == rows[i].cents);
    }
}

/* Every text of up to six of these signs against the grammar as a regular expression and the C library's reading of it. */
static void any_text(void **state)
{
    static const char signs[] = "-.019 ";
    const size_t kinds = sizeof signs - 1;
    regex_t grammar;

    (void)state;
    assert_int_equal(regcomp(&grammar, "^-?(0|[1-9][0-9]{0,12})(\\.[0-9]{1,2})?$", REG_EXTENDED | REG_NOSUB), 0);
    for (size_t length = 0, all = 1; length <= 6; length++, all *= kinds)
        for (size_t i = 0; i < all; i++) {
            char text[8] = "";
            int64_t cents = 7;
            bool fine;

            for (size_t k = 0, rest = i; k < length; k++, rest /= kinds)
                text[k] = signs[rest % kinds];
            fine = regexec(&grammar, text, 0, NULL, 0) == 0;
            assert_int_equal(money_parse(text, length, 2, &cents), fine ? MONEY_OK : MONEY_FORMAT);
            assert_int_equal(cents, fine ? llround(strtod(text, NULL) * 100) : 7);
        }
    regfree(&grammar);
}

/* More digits than a number of 64 bits has, before the point and behind it, and with as many decimals as there are. */
static void many_digits(void **state)
{
    char text[64];
    int64_t units = 7;

    (void)state;
    for (int whole = 1; whole <= 45; whole++) {
        memset(text, '9', sizeof text);
        assert_int_equal(money_parse(text, (size_t)whole, 2, &units), whole <= 13 ? MONEY_OK : MONEY_RANGE);
        text[1] = '.';
        assert_int_equal(money_parse(text, (size_t)whole + 2, 5, &units), whole <= 5 ? MONEY_OK : MONEY_FORMAT);
    }
    assert_int_equal(money_parse("9.123456789012345678", 20, 18, &units), MONEY_OK);
    assert_true(units == 9123456789012345678);
    assert_int_equal(money_parse("-9.9", 4, 18, &units), MONEY_RANGE);
}

static void amounts_as_real(void **state)
{
    int64_t cents = 0;

    (void)state;
    assert_int_equal(money_real(0.29, 2, &cents), MONEY_OK);
    assert_true(cents == 29); /* 0.29 * 100 truncates to 28 */
    assert_int_equal(money_real(9999999999999.99, 2, &cents), MONEY_OK);
    assert_true(cents == 999999999999999);
    assert_int_equal(money_real(0.1234, 2, &cents), MONEY_FORMAT);
    assert_int_equal(money_real(-0.0, 2, &cents), MONEY_FORMAT);
    assert_int_equal(money_real(1e13, 2, &cents), MONEY_RANGE);
}

static void as_text(void **state)
{
    static const struct {
        int64_t units;
        int digits;
        const char *text;
    } rows[] = {
        {0, 2, "0.00"},
        {-50, 2, "-0.50"},
        {5, 2, "0.05"},
        {123450, 2, "1234.50"},
        {7, 0, "7"},
        {950, 3, "0.950"},
        {INT64_MIN, 2, "-92233720368547758.08"},
        {INT64_MAX, 0, "9223372036854775807"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[MONEY_TEXT];

        money_text(rows[i].units, rows[i].digits, text);
        assert_string_equal(text, rows[i].text);
    }
}

static void sums_do_not_wrap(void **state)
{
    int64_t total = INT64_MAX - 1;

    (void)state;
    assert_true(money_add(&total, 1));
    assert_false(money_add(&total, 1));
    assert_true(total == INT64_MAX);
}

static void dates(void **state)
{
    static const struct {
        const char *text;
        int32_t date;
    } rows[] = {
        {"2025-12-31", 20251231}, {"2024-02-29", 20240229}, {"2025-02-29", 0},        {"2025-02-30", 0}, {"2025-13-01", 0},
        {"2025-1-01", 0},         {"31.12.2025", 0},        {"2000-02-29", 20000229}, {"1900-02-29", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int32_t date = 0;

        assert_int_equal(date_parse(rows[i].text, strlen(rows[i].text), &date), rows[i].date != 0);
        assert_int_equal(date, rows[i].date);
    }
}

/* What a form may have as a date's format, and what 1 March 2025 is in it; NULL: it is none. */
static void date_formats(void **state)
{
    static const struct {
        const char *format;
        unsigned parts;
        const char *text;
    } rows[] = {
        {"DD.MM.YYYY", 7, "01.03.2025"},
        {"MM/DD/YYYY", 7, "03/01/2025"},
        {"YYYYMMDD", 7, "20250301"},
        {"DD.MM.", 3, "01.03."},
        {"DD de MM de YYYY", 7, "01 de 03 de 2025"},
        {"YYYY\u5e74MM\u6708DD", 7, "2025\u5e7403\u670801"},
        {"", 0, NULL},
        {"dd.mm.yyyy", 0, NULL},
        {"TT.MM.JJJJ", 0, NULL},
        {"DD.MM.YY", 0, NULL},
        {"DD.MMM.YYYY", 0, NULL},
        {"DD/MM/DD", 0, NULL},
        {"GG/MM/AAAA", 0, NULL},
        {"grouped", 0, NULL},
        {"DD.MM.YYYY                                       ", 0, NULL}, /* 49 bytes */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[64];
        size_t length = date_write(20250301, rows[i].format, text, sizeof text);

        assert_int_equal(date_format_parts(rows[i].format), rows[i].parts);
        if (!rows[i].text)
            continue;
        assert_int_equal(length, strlen(rows[i].text));
        assert_memory_equal(text, rows[i].text, length);
        assert_true(date_write(20250301, rows[i].format, text, 5) <= 5);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts_as_text), cmocka_unit_test(any_text),     cmocka_unit_test(many_digits),
        cmocka_unit_test(amounts_as_real), cmocka_unit_test(as_text),      cmocka_unit_test(sums_do_not_wrap),
        cmocka_unit_test(dates),           cmocka_unit_test(date_formats),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
