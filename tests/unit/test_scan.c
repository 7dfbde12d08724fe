/* The splitter finds the same records whatever the size of a block, so that no border of a block matters. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/buf.h"
#include "input/scan.h"

static const char *source;
static struct buf seen, heard;

static bool member(void *ctx, const char *key, struct scan_range value, struct tc_error *err)
{
    (void)ctx;
    (void)err;
    buf_printf(&seen, "%s=%.*s;", key, (int)value.length, source + value.offset);
    return true;
}

static bool element(void *ctx, int array, const struct scan_element *e, struct tc_error *err)
{
    (void)ctx;
    (void)err;
    buf_printf(&seen, "%d:%s,%s=%.*s;", array, e->id, e->personnel_number, (int)e->range.length, source + e->range.offset);
    return true;
}

static void bytes(void *ctx, const void *data, size_t length)
{
    buf_add(ctx, data, length);
}

/* What was seen, or NULL with err. */
static const char *scan(const char *text, size_t block, struct tc_error *err)
{
    struct scan_calls calls = {&heard, member, element, bytes};
    int fd = memfd_create("scan", 0);
    bool ok;

    assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text) && lseek(fd, 0, SEEK_SET) == 0);
    source = text;
    seen.length = heard.length = 0;
    *err = (struct tc_error){0};
    ok = scan_file(fd, "t.json", block, &calls, err);
    close(fd);
    if (ok) { /* every byte was heard, in order */
        assert_int_equal(heard.length, strlen(text));
        assert_memory_equal(heard.data, text, strlen(text));
    }
    buf_add(&seen, "", 1);
    return ok ? seen.data : NULL;
}

static void records(void **state)
{
    static const char text[] =
        "{ \"year\": 2025, \"certificates\": [ {\"id\": \"a\", \"x\": {\"id\": \"no\", \"s\": \"]}\\\"\\\\\"}, \"personnel_number\": \"7\"},\n"
        " {\"personnel_number\": \"8\", \"list\": [[1, \"[\"], {}]} ], \"employees\": [], \"e\": {\"k\": [\"}\"]} }";
    static const char wanted[] = "year=2025;"
                                 "0:a,7={\"id\": \"a\", \"x\": {\"id\": \"no\", \"s\": \"]}\\\"\\\\\"}, \"personnel_number\": \"7\"};"
                                 "0:,8={\"personnel_number\": \"8\", \"list\": [[1, \"[\"], {}]};"
                                 "e={\"k\": [\"}\"]};";
    struct tc_error err;

    (void)state;
    for (size_t block = 1; block < 200; block++) {
        const char *found = scan(text, block, &err);

        if (!found)
            fail_msg("block %zu: %s", block, err.message);
        assert_string_equal(found, wanted);
    }
}

static void mistakes(void **state)
{
    static const char *const rows[] = {
        "",
        "   ",
        "[]",
        "{",
        "{\"a\": 1",
        "{\"a\": 1}}",
        "{\"a\": 1} x",
        "{\"certificates\": [{\"id\": \"a\"}",
        "{\"certificates\": [{]}",
        "{\"a\": \"unterminated}",
        "\xEF\xBB\xBF[",
        "{\"certificates\": [{\"id\": \"a\"]}",
    };
    struct tc_error err;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (size_t block = 1; block < 20; block += 6) {
            if (scan(rows[i], block, &err))
                fail_msg("row %zu was taken", i);
            assert_int_equal(err.code, TC_INPUT);
            assert_string_equal(err.file, "t.json");
        }
    }
}

/* A mistake at the beginning ends the scan before the rest is read. */
static void stops_early(void **state)
{
    struct buf text = {0};
    struct tc_error err;

    (void)state;
    buf_puts(&text, "{]");
    for (int i = 0; i < 5000; i++)
        buf_puts(&text, "                ");
    buf_add(&text, "", 1);
    assert_null(scan(text.data, 16, &err));
    assert_non_null(strstr(err.message, "line 1, column 2"));
    assert_int_equal(heard.length, 16);
    assert_memory_equal(heard.data, text.data, heard.length);
    buf_free(&text);
}

static void unreadable(void **state)
{
    struct scan_calls calls = {&heard, member, element, bytes};
    struct tc_error err = {0};
    int fd = open("/", O_RDONLY | O_DIRECTORY);

    (void)state;
    assert_false(scan_file(fd, "t.json", 16, &calls, &err));
    assert_string_equal(err.rule, "file");
    close(fd);
}

/* The last of several wins; one with an escape counts as what is meant; one that is too long is none. */
static void handles(void **state)
{
    struct tc_error err;
    char text[512], wanted[512];

    (void)state;
    for (int length = SCAN_HANDLE_MAX - 2; length <= SCAN_HANDLE_MAX + 2; length++) {
        int wide = length <= SCAN_HANDLE_MAX ? length : 0;
        int n = snprintf(text, sizeof text, "{\"id\":\"x\",\"\\u0069d\":\"%0*d\",\"id2\":\"y\",\"personnel_number\":\"%0*d\\u0041\"}",
                         length, 7, length - 1, 8);

        snprintf(wanted, sizeof wanted, "0:%.*s%s,%.*s%s=%.*s;", wide > 0 ? wide - 1 : 0,
                 "0000000000000000000000000000000000000000000000000000000000000000000000", wide > 0 ? "7" : "", wide > 0 ? wide - 2 : 0,
                 "0000000000000000000000000000000000000000000000000000000000000000000000", wide > 0 ? "8A" : "", n, text);
        memmove(text + 17, text, (size_t)n);
        memcpy(text, "{\"certificates\":[", 17);
        strcpy(text + 17 + n, "]}");
        for (size_t block = 1; block < 400; block += 3)
            assert_string_equal(scan(text, block, &err), wanted);
    }
}

/* ---- pieces of 64 bytes, which a block of fewer has none of, against a byte at a time */

static uint32_t seed;

static uint32_t chance(uint32_t of)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % of;
}

static void put_some(struct buf *text, const char *const *words, size_t count)
{
    buf_puts(text, words[chance((uint32_t)count)]);
}

static void put_blanks(struct buf *text)
{
    static const char *const blanks[] = {"", "", "", "", " ", "\n", "\r\n  ", "\t", "                        "};

    put_some(text, blanks, sizeof blanks / sizeof *blanks);
}

static void put_string(struct buf *text)
{
    static const char *const parts[] = {"id",
                                        "a",
                                        "{",
                                        "]",
                                        ",",
                                        ":",
                                        "52000.00",
                                        "\\\"",
                                        "\\\\",
                                        "\\u00e4",
                                        "\xC3\xA4",
                                        "}}",
                                        "[[",
                                        "            ",
                                        "personnel_number",
                                        "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz"};
    bool plain = chance(3) > 0; /* most have no escapes */

    buf_puts(text, "\"");
    for (uint32_t i = chance(5); i > 0; i--)
        put_some(text, parts, plain ? 7 : sizeof parts / sizeof *parts);
    buf_puts(text, "\"");
}

static void put_value(struct buf *text, int depth)
{
    static const char *const scalars[] = {"null", "-12.5", "true", "0", "\"\"", "123456"};
    static const char *const keys[] = {"\"id\"", "\"personnel_number\"", "\"values\"", "\"\\u0069d\"", "\"x\""};
    bool object = chance(2) == 0, deep = chance(400) == 0;
    uint32_t kind = chance(4);

    if (depth == 0 || (kind == 0 && depth < 4)) {
        put_some(text, scalars, sizeof scalars / sizeof *scalars);
    } else if (kind == 1 && depth < 4) {
        put_string(text);
    } else if (deep) {
        for (int i = 0; i < 62; i++)
            buf_puts(text, "[");
        for (int i = 0; i < 62; i++)
            buf_puts(text, "]");
    } else {
        buf_puts(text, object ? "{" : "[");
        for (uint32_t i = chance(6); i > 0; i--) {
            put_blanks(text);
            if (object) {
                chance(3) ? put_some(text, keys, sizeof keys / sizeof *keys) : put_string(text);
                buf_puts(text, ":");
            }
            put_blanks(text);
            put_value(text, depth - 1);
            buf_puts(text, i > 1 ? "," : "");
        }
        buf_puts(text, object ? "}" : "]");
    }
}

static void put_file(struct buf *text)
{
    static const char signs[] = "\"\"\"\\{}[],:\n \x01x";

    text->length = 0;
    buf_puts(text, "{\"year\":");
    put_value(text, 4);
    buf_puts(text, ",\"certificates\":[");
    for (uint32_t i = chance(4) + 1; i > 0; i--) {
        put_value(text, 5);
        buf_puts(text, i > 1 ? ",\n" : "");
    }
    buf_puts(text, "]}");
    buf_add(text, "", 1);
    for (uint32_t i = chance(3); i > 0; i--) { /* mistakes, within the bounds of UTF-8 */
        size_t at = chance((uint32_t)text->length - 1);

        if ((unsigned char)text->data[at] < 0x80)
            text->data[at] = signs[chance(sizeof signs - 1)];
    }
}

static void generated(void **state)
{
    static const size_t blocks[] = {63, 64, 65, 100, 128, 500, 65536};
    struct buf text = {0}, wanted = {0};
    int taken = 0;

    (void)state;
    for (seed = 1; seed < 3000; seed += 2) {
        uint32_t first = seed;
        struct tc_error err, other;

        put_file(&text);
        taken += scan(text.data, 40, &err) != NULL;
        wanted.length = 0;
        buf_add(&wanted, seen.data, seen.length);
        buf_add(&wanted, "", 1);
        for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
            scan(text.data, blocks[i], &other);
            if (other.code != err.code || strcmp(other.message, err.message) != 0 || seen.length + 1 != wanted.length
                || memcmp(seen.data, wanted.data, seen.length) != 0)
                fail_msg("seed %u, block %zu: %s\nnot: %s\n%s", first, blocks[i], other.message, err.message, text.data);
        }
        seed = first;
    }
    assert_in_range(taken, 300, 1400); /* some have mistakes, some have none */
    buf_free(&text);
    buf_free(&wanted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(records),    cmocka_unit_test(mistakes),  cmocka_unit_test(stops_early),
                                       cmocka_unit_test(unreadable), cmocka_unit_test(generated), cmocka_unit_test(handles)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    buf_free(&seen);
    buf_free(&heard);
    return failed;
}
