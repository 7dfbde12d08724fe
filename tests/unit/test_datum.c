/* datum_parse against jansson's own reader: the same value, or none from both. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/datum.h"
#include "base/plain.h"

/* Said of a text to be printable, it is. */
static bool is_said_rightly(const struct datum *d)
{
    for (size_t i = 0; d->printable && i < d->length; i++)
        if (d->text[i] < 0x20 || d->text[i] > 0x7E)
            return false;
    return true;
}

static bool equal(const struct datum *d, const json_t *json)
{
    const struct datum *element = datum_first(d);
    const char *key;
    json_t *value;
    size_t i;

    switch (json_typeof(json)) {
    case JSON_OBJECT:
        if (!datum_is(d, DATUM_OBJECT) || d->length != json_object_size(json))
            return false;
        json_object_foreach((json_t *)json, key, value)
        {
            if (!element || strcmp(element->key, key) != 0 || element->mark != datum_mark(key) || datum_get(d, key) != element
                || !equal(element, value))
                return false;
            element = element->next;
        }
        return element == NULL;
    case JSON_ARRAY:
        if (datum_count(d) != json_array_size(json) || !datum_is(d, DATUM_LIST))
            return false;
        json_array_foreach((json_t *)json, i, value)
        {
            if (!element || element->key || !equal(element, value))
                return false;
            element = element->next;
        }
        return element == NULL;
    case JSON_STRING:
        return datum_text(d) && d->length == json_string_length(json) && !memcmp(d->text, json_string_value(json), d->length + 1)
               && is_said_rightly(d);
    case JSON_INTEGER: return datum_is(d, DATUM_INTEGER) && datum_integer(d) == json_integer_value(json);
    case JSON_REAL: return datum_is(d, DATUM_REAL) && d->real == json_real_value(json);
    case JSON_NULL: return datum_is(d, DATUM_NULL);
    default: return datum_is(d, DATUM_BOOL) && d->truth == json_is_true(json);
    }
}

/* Exactly the text's bytes, so that reading beyond them is seen by the sanitizer. Returns whether there is a value. */
static bool same(const char *text, size_t length)
{
    char *copy = malloc(length ? length : 1);
    struct arena arena = {0};
    struct tc_error err = {0};
    json_error_t mistake;
    const struct datum *d;
    json_t *expected;

    memcpy(copy, text, length);
    d = datum_parse(copy, length, &arena, &err);
    expected = json_loadb(copy, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &mistake);
    assert_int_equal(err.code, TC_OK);
    if (!d != !expected || (d && !equal(d, expected)))
        fail_msg("%.*s: %s, jansson: %s", (int)length, text, d ? "a value" : "none", expected ? "another" : "none");
    json_decref(expected);
    arena_free(&arena);
    free(copy);
    return d != NULL;
}

static const char *const texts[] = {
    "",
    " ",
    "null",
    "true",
    "false",
    "nul",
    "nullx",
    "truefalse",
    " true ",
    "True",
    "0",
    "-0",
    "-",
    "--1",
    "+1",
    "00",
    "01",
    "-01",
    "10",
    "1 2",
    "0x1",
    "123456789012345678",
    "-123456789012345678",
    "1234567890123456789",
    "9223372036854775807",
    "9223372036854775808",
    "99999999999999999999",
    "1.5",
    "1e5",
    "1E+5",
    "1.",
    ".5",
    "\"\"",
    "\"",
    "\"a",
    "\"a\"b",
    "\"\\u00e4\"",
    "\"\\n\"",
    "\"\\x\"",
    "\"\\ud800\"",
    "\"\\u0000\"",
    "\"tab\there\"",
    "\"line\nhere\"",
    "\"\x7F\"",
    "\"M\xC3\xBCller\"",
    "\"\xC3\"",
    "\"\xC3(\"",
    "\"\xC0\x80\"",
    "\"\xED\xA0\x80\"",
    "\"\xF0\x9F\x98\x80\"",
    "\"\xF4\x90\x80\x80\"",
    "\"\xFF\"",
    "[]",
    "[ ]",
    "[1]",
    "[1,]",
    "[,1]",
    "[1,2",
    "[1 2]",
    "[1],",
    "[[[]]]",
    "[\n1 ,\r\n2\t]",
    "{}",
    "{ }",
    "{\"a\":1}",
    "{\"a\" : 1 , \"b\":[ ]}",
    "{\"a\":1,}",
    "{\"a\"}",
    "{\"a\":}",
    "{a:1}",
    "{1:1}",
    "{\"a\":1,\"a\":2}",
    "{\"a\":{\"a\":1},\"b\":{\"a\":1,\"a\":1}}",
    "{\"\":1}",
    "{\"\":1,\"\":2}",
    "{\"\xC3\xA4\":1}",
    "{\"\xC3\":1}",
    "{\"a\\u0062\":1,\"ab\":2}",
    "{\"a\":1}{",
    "{]",
    "[}",
    "\xEF\xBB\xBF{}",
    "// x\n1",
};

static void test_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        same(texts[i], strlen(texts[i]));
    same("1\0", 2);
    same("[1,\0"
         "2]",
         6);
    same("\"a\0b\"", 5);
}

static void test_depth(void **state)
{
    char text[8192];

    (void)state;
    for (size_t depth = 60; depth <= 4096; depth += depth < 70 ? 1 : depth) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        same(text, 2 * depth);
    }
}

/* Cut off everywhere, and with every byte replaced by each sign that means something. */
static void break_record(const char *record, size_t size, const char *signs, size_t count)
{
    char text[512];

    assert_true(size < sizeof text && same(record, size));
    for (size_t length = 0; length < size; length++)
        assert_false(same(record, length));
    for (size_t at = 0; at < size; at++) {
        memcpy(text, record, size);
        for (size_t i = 0; i < count; i++) {
            text[at] = signs[i];
            same(text, size);
        }
    }
}

/* A record with every kind of value, and one with every escape, in keys too. */
static void test_broken_records(void **state)
{
    static const char record[] =
        "{\"id\":\"C-1\",\"values\":{\"3\":\"52000.00\",\"2.letters\":[\"S\",\"M\"],\"16\":120},\"x\":[{\"a\":null,\"b\":true,\"c\":false},{}],"
        "\"name\":\"Gro\xC3\x9F\", \"n\":-7,\"e\":[]}";
    static const char escapes[] =
        "{\"\\\"a\\\\\":\"b\\/\\b\\f\\n\\r\\tc\",\"\\u00e4k\":{\"\\u0041\":\"x\\u20ACy\xC3\xA4\\uFfFf\"},\"\":[\"\\ud83d\\ude00\",\"\\u007F\\u0080\\u07ff\\u0800\\uD7FF\\uE000\"]}";
    static const char plain[] = "{\"\\\"a\\\\\":\"\\u00e4\\u20ac\\n\",\"b\":\"\\\"\"}";
    static const char signs[] = "\"\\{}[]:,-0.9aeEtfnuG \n\x01\x7F\x80\xC3\xFF";

    (void)state;
    assert_true(same(" [ ] ", 5));
    break_record(record, sizeof record - 1, signs, sizeof signs);
    break_record(escapes, sizeof escapes - 1, signs, sizeof signs);
    break_record(plain, sizeof plain - 1, signs, sizeof signs);
}

/* Keys of all lengths, alone and before and behind others: found as they are, and none that is cut off or longer. */
static void test_keys(void **state)
{
    static const char letters[] = "abcdefghijklmnop";
    char text[128];

    (void)state;
    for (int length = 0; length < 16; length++) {
        struct arena arena = {0};
        struct tc_error err = {0};
        int n = snprintf(text, sizeof text, "{\"%.*s\":1,\"z\":2,\"%.*s\":3}", length, letters, length + 1, letters);
        const struct datum *d = datum_parse(text, (size_t)n, &arena, &err);

        assert_true(same(text, (size_t)n));
        for (int i = 0; i <= 16; i++) {
            char key[20];

            snprintf(key, sizeof key, "%.*s", i, letters);
            assert_int_equal(datum_integer(datum_get(d, key)), i == length ? 1 : i == length + 1 ? 3 : 0);
            assert_int_equal(datum_mark_of(key, strlen(key)), datum_mark(key));
        }
        arena_free(&arena);
    }
}

/* What is said of texts, whose letters are all ASCII but one. */
static void test_printable(void **state)
{
    static const char *const odd[] = {"a", "~", " ", "\x7F", "\xC3\xA4", "\xE2\x82\xAC"};

    (void)state;
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        for (int before = 0; before < 40; before++) {
            struct arena arena = {0};
            struct tc_error err = {0};
            char text[80];
            int n = snprintf(text, sizeof text, "[\"%.*s%s\", \"b\"]", before, "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrst", odd[i]);
            const struct datum *first = datum_first(datum_parse(text, (size_t)n, &arena, &err));

            assert_int_equal(first->printable, i < 3);
            assert_true(first->next->printable);
            arena_free(&arena);
        }
}

/* More keys than are compared one by one, the last of them new or not; and keys that begin alike. */
static void test_many_keys(void **state)
{
    (void)state;
    for (int count = 60; count < 70; count++)
        for (int twice = 0; twice < 2; twice++) {
            char text[4096] = "{";
            size_t at = 1;

            for (int i = 0; i < count; i++)
                at += (size_t)snprintf(text + at, sizeof text - at, "\"beginning-%d\":%d,", i, i);
            at += (size_t)snprintf(text + at, sizeof text - at, "\"%s\":0}", twice ? "beginning-7" : "beginning");
            assert_int_equal(same(text, at), !twice);
        }
}

/* What is asked of no value, or of one of another type. */
static void test_absent(void **state)
{
    struct arena arena = {0};
    struct tc_error err = {0};
    const struct datum *list = datum_parse("[1]", 3, &arena, &err);
    int64_t units = 7;

    (void)state;
    for (const struct datum *d = list;; d = NULL) {
        assert_null(datum_get(d, "a"));
        assert_null(datum_text(d));
        assert_int_equal(datum_integer(d), 0);
        assert_int_equal(datum_money(d, 2, &units), MONEY_FORMAT);
        assert_false(datum_is(d, DATUM_NULL));
        if (!d)
            break;
    }
    assert_null(datum_first(NULL));
    assert_null(datum_first(list->first));
    assert_int_equal(datum_count(NULL), 0);
    assert_null(datum_of(NULL, &arena));
    assert_int_equal(units, 7);
    arena_free(&arena);
}

/* By jansson too: an amount is its double, or none. */
static void test_amounts(void **state)
{
    static const struct {
        const char *text;
        enum money_status status;
        int64_t units;
    } table[] = {
        {"\"-12.34\"", MONEY_OK, -1234},    {"12", MONEY_OK, 1200},    {"0.29", MONEY_OK, 29},
        {"0.295", MONEY_FORMAT, 0},         {"true", MONEY_FORMAT, 0}, {"\"1,00\"", MONEY_FORMAT, 0},
        {"99999999999999", MONEY_RANGE, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct arena arena = {0};
        struct tc_error err = {0};
        int64_t units = 0;

        assert_int_equal(datum_money(datum_parse(table[i].text, strlen(table[i].text), &arena, &err), 2, &units), table[i].status);
        assert_int_equal(units, table[i].units);
        arena_free(&arena);
    }
}

/* Sixteen bytes at a time find what a byte at a time finds: any byte at any place of runs of any length, within room that is full of ends. */
static void test_plain_ends(void **state)
{
    (void)state;
    for (size_t length = 0; length <= 70; length++)
        for (size_t place = 0; place <= length; place++)
            for (int byte = 0; byte < 256; byte++) {
                char *room = malloc(length + 1); /* so that reading beyond it is seen */
                unsigned high = 0, slowly = 0;
                const char *end;

                memset(room, place % 3 ? 'a' : 0xC3, length);
                if (place < length)
                    room[place] = (char)byte;
                end = plain_end(room, room + length, &high);
                assert_ptr_equal(end, plain_end_slowly(room, room + length, &slowly));
                assert_int_equal(high != 0, slowly != 0);
                if (place % 3) /* as are letters */
                    assert_int_equal(high != 0, place < length && byte >= 0x7F);
                if (place < length)
                    assert_int_equal(end - room, byte < 0x20 || byte == '"' || byte == '\\' ? place : length);
                free(room);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),      cmocka_unit_test(test_depth),  cmocka_unit_test(test_broken_records),
        cmocka_unit_test(test_many_keys),  cmocka_unit_test(test_absent), cmocka_unit_test(test_amounts),
        cmocka_unit_test(test_plain_ends), cmocka_unit_test(test_keys),   cmocka_unit_test(test_printable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
