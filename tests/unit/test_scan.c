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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(records), cmocka_unit_test(mistakes), cmocka_unit_test(stops_early),
                                       cmocka_unit_test(unreadable)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    buf_free(&seen);
    buf_free(&heard);
    return failed;
}
