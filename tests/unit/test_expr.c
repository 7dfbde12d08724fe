/* Expressions: what compiles, what it comes to, and where mistakes are said to be. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "form/expr.h"

static const struct field {
    const char *name;
    bool bracketed, present;
    enum expr_type type;
    const char *text; /* of a number too */
    int32_t date;
    bool truth;
} fields[] = {
    {"wage", true, true, EXPR_NUMBER, "1000.50", 0, false},
    {"none", true, false, EXPR_NUMBER, NULL, 0, false},
    {"huge", true, true, EXPR_NUMBER, "170141183460469231731687303715884105727", 0, false},
    {"rate", false, true, EXPR_NUMBER, "0.19", 0, false},
    {"digits", false, true, EXPR_NUMBER, "1", 0, false},
    {"letters", true, true, EXPR_TEXT, "F  S ab", 0, false},
    {"no text", true, false, EXPR_TEXT, NULL, 0, false},
    {"id", true, true, EXPR_TEXT, "012", 0, false},
    {"born", true, true, EXPR_DATE, NULL, 19800229, false},
    {"left", true, true, EXPR_DATE, NULL, 20251231, false},
    {"no date", true, false, EXPR_DATE, NULL, 0, false},
    {"yes", true, true, EXPR_BOOL, NULL, 0, true},
    {"no truth", true, false, EXPR_BOOL, NULL, 0, false},
    {"22. a)", true, true, EXPR_NUMBER, "5", 0, false},
    {"liar", true, true, EXPR_BOOL, NULL, 0, false},
    {"row", true, true, EXPR_NUMBER, "", 0, false}, /* the row in hand */
};

static int row_at = 5;

static bool resolve(void *ctx, const char *name, bool bracketed, enum expr_type *type, int *slot)
{
    (void)ctx;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (fields[i].bracketed == bracketed && strcmp(fields[i].name, name) == 0) {
            *type = strcmp(name, "liar") == 0 ? EXPR_TEXT : fields[i].type;
            *slot = (int)i;
            return true;
        }
    return false;
}

static bool check(void *ctx, const char *name, int *index)
{
    (void)ctx;
    *index = 7;
    return strcmp(name, "zero-first") == 0;
}

static bool value(void *ctx, int slot, struct expr_value *out)
{
    const struct field *f = &fields[slot];

    (void)ctx;
    if (!f->present)
        return false;
    out->type = f->type;
    if (strcmp(f->name, "row") == 0) {
        out->number = (struct decimal){row_at, 0};
        return true;
    }
    if (f->type == EXPR_NUMBER)
        return decimal_parse(f->text, strlen(f->text), &out->number);
    if (f->type == EXPR_TEXT)
        out->text = (struct expr_text){f->text, strlen(f->text)};
    else if (f->type == EXPR_DATE)
        out->date = f->date;
    else
        out->truth = f->truth;
    return true;
}

/* The variant, where there is one, is what the text must begin with instead of 0. */
static bool valid(void *ctx, int index, struct expr_text text, struct expr_text variant, struct expr_text *normal)
{
    (void)ctx;
    assert_int_equal(index, 7);
    if (normal)
        *normal = (struct expr_text){"N", 1};
    return text.length > 0 && text.data[0] == (variant.data ? variant.length ? variant.data[0] : 'x' : '0');
}

static bool group(void *ctx, const char *name, int *index)
{
    (void)ctx;
    if (name)
        *index = 3;
    return !name || !strcmp(name, "rows");
}

static int rows(void *ctx, int index)
{
    (void)ctx;
    assert_int_equal(index, 3);
    return 4;
}

static int row(void *ctx, int to)
{
    int before = row_at;

    (void)ctx;
    row_at = to;
    return before;
}

static const struct expr_env env = {NULL, resolve, check, group};
static const struct expr_data data = {NULL, value, valid, rows, row};

/* The source is handed over without its end, to see that it is not read past. */
static struct expr *compile(const char *source, struct expr_mistake *mistake)
{
    size_t length = strlen(source);
    char *copy = test_malloc(length + 1);
    struct expr *e;

    memcpy(copy, source, length);
    copy[length] = '9';
    e = expr_compile(copy, length, &env, mistake);
    test_free(copy);
    return e;
}

static bool run(const char *source, enum expr_type type, struct expr_value *out)
{
    struct expr_mistake mistake;
    struct expr *e = compile(source, &mistake);
    bool ok;

    if (!e)
        fail_msg("%s: %d %s", source, mistake.position, mistake.sentence);
    assert_int_equal(expr_type_of(e), type);
    ok = expr_evaluate(e, &data, out);
    if (ok)
        assert_int_equal(out->type, type);
    expr_free(e);
    return ok;
}

static void numbers(void **state)
{
    static const struct {
        const char *source, *result;
    } rows[] = {
        {"1 + 2 * 3", "7"},
        {"total(\"rows\", [row])", "6"}, /* of the rows 0 to 3 */
        {"total(\"rows\", [row] * 0.5) + [row]", "8"},
        {"total(\"rows\", [row], [row] != 2)", "4"},
        {"total(\"rows\", 1, [row] > 0)", "3"},
        {"total(\"rows\", 1, [row] > 9)", "0"},
        {"total(\"rows\", [none]) + 1", "1"},
        {"max(total(\"rows\", max([row], 2)), 1)", "9"},
        {"(1 + 2) * 3", "9"},
        {"10 - 2 - 3", "5"},
        {"10 - 2 + 3", "11"},
        {"-2 * -3", "6"},
        {"--2", "2"},
        {"5.5%", "0.055"},
        {"[wage] * 5.5%", "55.0275"},
        {"round([wage] * rate, 2)", "190.10"},
        {"[none] + 1", "1"},
        {"[22. a)]", "5"},
        {"sum([wage], [none], 0.01)", "1000.51"},
        {"min(3, -1, 2)", "-1"},
        {"max(3, [none], 4.5)", "4.5"},
        {"abs(-0.5)", "0.5"},
        {"round(-2.5, 0)", "-3"},
        {"round(0.25, digits)", "0.3"},
        {"year([born])", "1980"},
        {"month([born])", "2"},
        {"day([born])", "29"},
        {"year([no date])", "0"},
        {"0.000000000000000001", "0.000000000000000001"},
        {"[huge] + 1", NULL},
        {"[huge] * 2", NULL},
        {"sum([huge], 1)", NULL},
        {"-[huge] - 2", NULL},
        {"round(1, 0 - 1)", NULL},
        {"round(1, rate)", NULL},
        {"1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1"
         "+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1",
         "70"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct expr_value out;
        struct decimal expected;
        bool ok = run(rows[i].source, EXPR_NUMBER, &out);

        if (ok != (rows[i].result != NULL))
            fail_msg("%s", rows[i].source);
        if (!ok)
            continue;
        assert_true(decimal_parse(rows[i].result, strlen(rows[i].result), &expected));
        if (decimal_compare(out.number, expected) != 0)
            fail_msg("%s", rows[i].source);
    }
}

static void conditions(void **state)
{
    static const struct {
        const char *source;
        int result; /* -1: evaluation fails */
    } rows[] = {
        {"1 == 1.00", 1},
        {"1 != 1.00", 0},
        {"1 < 2", 1},
        {"2 <= 1", 0},
        {"2 > 1", 1},
        {"1 >= 2", 0},
        {"2 <= 2", 1},
        {"[id] == \"012\"", 1},
        {"[id] != \"012\"", 0},
        {"[no text] == \"\"", 1},
        {"[yes] == [no truth]", 0},
        {"[born] < [left]", 1},
        {"[born] == [left]", 0},
        {"[born] > [no date]", 1},
        {"[no date] == [no date]", 1},
        {"[no date] != [left]", 1},
        {"not 1 == 2", 1},
        {"not not [yes]", 1},
        {"[no truth]", 0},
        {"[yes] or [no truth] and [no truth]", 1},
        {"([yes] or [no truth]) and [no truth]", 0},
        {"1 == 2 if [yes]", 0},
        {"1 == 2 if [no truth]", 1},
        {"1 == 1 if [yes]", 1},
        {"1 == 2 or [yes] if [yes] and [yes]", 1},
        {"(1 == 2 if 3 == 4) if [yes]", 1},
        {"[huge] + 1 > 0 if 1 == 2", 1},
        {"[huge] + 1 > 0 if 1 == 1", -1},
        {"1 == 1 if [huge] + 1 > 0", -1},
        {"[yes] or [huge] + 1 > 0", 1},
        {"[no truth] and [huge] + 1 > 0", 0},
        {"[yes] and [huge] + 1 > 0", -1},
        {"present([wage])", 1},
        {"present([none])", 0},
        {"present([no date])", 0},
        {"present(rate)", 1},
        {"has([letters], \"S\")", 1},
        {"has([letters], \"ab\")", 1},
        {"has([letters], \"a\")", 0},
        {"has([letters], \"\")", 0},
        {"has([letters], \"S ab\")", 0},
        {"has([no text], \"S\")", 0},
        {"starts([id], \"01\")", 1},
        {"starts([id], \"1\")", 0},
        {"starts([id], \"0123\")", 0},
        {"starts([no text], \"\")", 1},
        {"valid([id], \"zero-first\")", 1},
        {"valid([id], \"zero-first\", \"0\")", 1},
        {"valid([id], \"zero-first\", [no text])", 0},
        {"norm([id], \"zero-first\") == \"N\"", 1},
        {"within(\"ev rk lt\", \"rk ev\")", 1},
        {"within(\"ev rk\", \"rk xx\")", 0},
        {"within(\"ev\", \"\")", 0},
        {"any(\"rows\", 1 == 1)", 1},
        {"any(\"rows\", 1 == 2)", 0},
        {"any(\"rows\", [row] == 3)", 1},
        {"any(\"rows\", [row] > 3)", 0}, /* 5 is no row of the group */
        {"[row] == 5", 1},
        {"not any(\"rows\", 1 == 2) and 1 == 1", 1},
        {"valid([no text], \"zero-first\")", 0},
        {"[liar] == \"\"", -1},
        {"\tround( 1.5 ,0 )==2 ", 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct expr_value out;
        bool ok = run(rows[i].source, EXPR_BOOL, &out);

        if (ok != (rows[i].result >= 0) || (ok && out.truth != rows[i].result))
            fail_msg("%s", rows[i].source);
    }
}

static void mistakes(void **state)
{
    static const struct {
        const char *source;
        int position;
        const char *sentence;
    } rows[] = {
        {"", 0, "A value is"},
        {"1 +", 3, "A value is"},
        {"(1", 2, "A closing"},
        {"1)", 1, "The expression should"},
        {"1 2", 2, "The expression should"},
        {"1 < 2 < 3", 6, "Comparisons"},
        {"1 = 2", 2, "This character"},
        {"1 # 2", 2, "This character"},
        {"5.", 1, "This character"},
        {".5", 0, "This character"},
        {"\"a", 0, "The text is not"},
        {"[a", 0, "The reference is not"},
        {"1 + [", 4, "The reference is not"},
        {"[]", 0, "The name is empty"},
        {"[x]", 0, "There is no field"},
        {"wage", 0, "There is no parameter"},
        {"[rate]", 0, "There is no field"},
        {"foo(1)", 0, "There is no function"},
        {"1 + [id]", 4, "A number"},
        {"[yes] and 1", 10, "A condition"},
        {"not 1", 4, "A condition"},
        {"-[id]", 1, "A number"},
        {"1 == \"1\"", 5, "A number"},
        {"[born] < 1", 9, "A date"},
        {"[id] < [id]", 5, "Only numbers and"},
        {"[yes] < [yes]", 6, "Only numbers and"},
        {"1 if [yes]", 0, "A condition"},
        {"[yes] if 1", 9, "A condition"},
        {"[yes] if [yes] if [yes]", 15, "The expression should"},
        {"present(1)", 8, "Only a field"},
        {"sum()", 4, "A value"},
        {"abs(1, 2)", 7, "The function has too many"},
        {"round(1)", 7, "The function has too few"},
        {"abs(1", 5, "A comma"},
        {"round(1, 19)", 9, "The digits"},
        {"round(1, 0.5)", 9, "The digits"},
        {"valid([id], [id])", 12, "The check"},
        {"valid([id], \"x\")", 12, "There is no check"},
        {"any(\"no\", 1 == 1)", 4, "There is no group"},
        {"any([id], 1 == 1)", 4, "The group must"},
        {"any(\"rows\", any(\"rows\", 1 == 1))", 16, "any and total cannot"},
        {"total(\"rows\", total(\"rows\", 1))", 20, "any and total cannot"},
        {"any(\"rows\", total(\"rows\", 1) > 0)", 18, "any and total cannot"},
        {"total(\"rows\", 1 == 1)", 16, "A number"},
        {"total(\"rows\", 1, 1)", 17, "A condition"},
        {"total(\"no\", 1)", 6, "There is no group"},
        {"total(\"rows\")", 12, ""},
        {"any(\"rows\", 1)", 12, ""},
        {"valid([id], \"\")", 12, "The name is empty"},
        {"year([id])", 5, "A date"},
        {"has(1, \"S\")", 4, "A text"},
        {"0.0000000000000000001", 0, "The number has"},
        {"0.00000000000000001%", 0, "The percentage"},
        {"sum(1 #", 6, "This character"},
        {"[id] #", 5, "This character"},
        {"if", 0, "A value"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct expr_mistake mistake = {-1, ""};
        struct expr *e = compile(rows[i].source, &mistake);

        if (e || mistake.position != rows[i].position || strncmp(mistake.sentence, rows[i].sentence, strlen(rows[i].sentence)) != 0)
            fail_msg("%s: %d %s", rows[i].source, mistake.position, mistake.sentence);
        assert_int_equal(mistake.sentence[strlen(mistake.sentence) - 1], '.');
    }
}

static void nesting_is_limited(void **state)
{
    static const struct {
        const char *open, *middle, *close;
    } rows[] = {
        {"(", "1", ")"},
        {"-", "1", ""},
        {"not ", "[yes]", ""},
        {"abs(", "1", ")"},
    };
    char source[EXPR_LENGTH_MAX + 2];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int depth = EXPR_DEPTH_MAX; depth <= EXPR_DEPTH_MAX + 1; depth++) {
            struct expr_mistake mistake = {-1, ""};
            struct expr_value out;
            struct expr *e;

            source[0] = '\0';
            for (int d = 0; d < depth; d++)
                strcat(source, rows[i].open);
            strcat(source, rows[i].middle);
            for (int d = 0; d < depth; d++)
                strcat(source, rows[i].close);
            e = compile(source, &mistake);
            assert_int_equal(e != NULL, depth == EXPR_DEPTH_MAX);
            assert_true(e ? expr_evaluate(e, &data, &out) : mistake.position > 0);
            expr_free(e);
        }
}

static void length_is_limited(void **state)
{
    char source[EXPR_LENGTH_MAX + 2];

    (void)state;
    for (size_t length = EXPR_LENGTH_MAX - 1; length <= EXPR_LENGTH_MAX + 1; length += 2) {
        struct expr_mistake mistake;
        struct expr_value out;
        struct expr *e;

        for (size_t i = 0; i < length; i++)
            source[i] = i % 2 ? '+' : '1';
        e = expr_compile(source, length, &env, &mistake);
        assert_int_equal(e != NULL, length <= EXPR_LENGTH_MAX);
        if (e)
            assert_true(expr_evaluate(e, &data, &out) && out.number.m == EXPR_LENGTH_MAX / 2);
        expr_free(e);
    }
    expr_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers),           cmocka_unit_test(conditions), cmocka_unit_test(mistakes), cmocka_unit_test(nesting_is_limited),
        cmocka_unit_test(length_is_limited),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
