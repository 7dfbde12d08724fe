/* plain_parse against jansson's own reader: where it gives a value, that gives the same; a plain record is one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "base/plain.h"

/* Exactly the text's bytes, so that reading beyond them is seen by the sanitizer. Returns whether it was plain. */
static bool same(const char *text, size_t length)
{
    char *copy = malloc(length ? length : 1);
    json_error_t mistake;
    json_t *json, *expected;
    bool plain;

    memcpy(copy, text, length);
    json = plain_parse(copy, length);
    expected = json_loadb(copy, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &mistake);
    plain = json != NULL;
    if (plain && (!expected || !json_equal(json, expected)))
        fail_msg("%.*s: a value, jansson: %s", (int)length, text, expected ? "another" : "none");
    json_decref(json);
    json_decref(expected);
    free(copy);
    return plain;
}

static const char *const texts[] = {
    "", " ", "null", "true", "false", "nul", "nullx", "truefalse", " true ", "True", "0", "-0", "-", "--1", "+1", "00", "01", "-01", "10",
    "1 2", "0x1", "123456789012345678", "-123456789012345678", "1234567890123456789", "9223372036854775807", "9223372036854775808",
    "99999999999999999999", "1.5", "1e5", "1E+5", "1.", ".5", "\"\"", "\"", "\"a", "\"a\"b", "\"\\u00e4\"", "\"\\n\"", "\"\\x\"",
    "\"\\ud800\"", "\"\\u0000\"", "\"tab\there\"", "\"line\nhere\"", "\"\x7F\"", "\"M\xC3\xBCller\"", "\"\xC3\"", "\"\xC3(\"", "\"\xC0\x80\"",
    "\"\xED\xA0\x80\"", "\"\xF0\x9F\x98\x80\"", "\"\xF4\x90\x80\x80\"", "\"\xFF\"", "[]", "[ ]", "[1]", "[1,]", "[,1]", "[1,2", "[1 2]",
    "[1],", "[[[]]]", "[\n1 ,\r\n2\t]", "{}", "{ }", "{\"a\":1}", "{\"a\" : 1 , \"b\":[ ]}", "{\"a\":1,}", "{\"a\"}", "{\"a\":}", "{a:1}", "{1:1}",
    "{\"a\":1,\"a\":2}", "{\"a\":{\"a\":1},\"b\":{\"a\":1,\"a\":1}}", "{\"\":1}", "{\"\":1,\"\":2}", "{\"\xC3\xA4\":1}", "{\"\xC3\":1}",
    "{\"a\\u0062\":1,\"ab\":2}", "{\"a\":1}{", "{]", "[}", "\xEF\xBB\xBF{}", "// x\n1",
};

static void test_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        same(texts[i], strlen(texts[i]));
    same("1\0", 2);
    same("[1,\0" "2]", 6);
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

/* A record with every kind of value: cut off everywhere, and with every byte replaced by each sign that means something. */
static void test_broken_records(void **state)
{
    static const char record[] =
        "{\"id\":\"C-1\",\"values\":{\"3\":\"52000.00\",\"2.letters\":[\"S\",\"M\"],\"16\":120},\"x\":[{\"a\":null,\"b\":true,\"c\":false},{}],"
        "\"name\":\"Gro\xC3\x9F\", \"n\":-7,\"e\":[]}";
    static const char signs[] = "\"\\{}[]:,-0.9eEtfn \n\x01\x7F\x80\xC3\xFF";
    char text[sizeof record];

    (void)state;
    assert_true(same(record, sizeof record - 1));
    assert_true(same(" [ ] ", 5));
    for (size_t length = 0; length < sizeof record - 1; length++)
        assert_false(same(record, length));
    for (size_t at = 0; at + 1 < sizeof record; at++) {
        memcpy(text, record, sizeof record);
        for (size_t i = 0; i < sizeof signs; i++) {
            text[at] = signs[i];
            same(text, sizeof record - 1);
        }
    }
}

/* What is given back between json_hold and json_drop is the same. */
static void test_held(void **state)
{
    json_t *json;

    (void)state;
    for (int i = 0; i < 3; i++) {
        json_hold();
        json = plain_parse("{\"a\":[1,\"x\"]}", 13);
        assert_string_equal(json_string_value(json_at(json, "a/1")), "x");
        assert_null(plain_parse("{\"a\":[1,\"x\"}", 12));
        json_drop();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_broken_records),
        cmocka_unit_test(test_held),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
