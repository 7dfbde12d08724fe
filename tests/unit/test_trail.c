/* Entries by wage type and month: added up, never beyond what an amount can be, and read back as they were written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "certificate/canonical.h"
#include "input/trail.h"

static struct arena arena;

static int clean(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static void books(void **state)
{
    struct wage list[] = {{.name = "1000", .mark = datum_mark("1000")},
                          {.name = "5000-long-name", .mark = datum_mark("5000-long-name")},
                          {.name = "5000-long-other", .mark = datum_mark("5000-long-other")}};
    const struct wages wages = {.list = list, .count = 3};
    struct trail trail, again;
    struct buf text = {0};
    struct tc_error err = {0};

    (void)state;
    assert_ptr_equal(wages_find(&wages, "1000", 4), &list[0]);
    assert_ptr_equal(wages_find(&wages, "5000-long-name", 14), &list[1]); /* the same first eight bytes */
    assert_ptr_equal(wages_find(&wages, "5000-long-other", 15), &list[2]);
    assert_null(wages_find(&wages, "5000-lon", 8));
    assert_null(wages_find(&wages, "", 0));
    assert_true(trail_start(&trail, &wages, 99, &arena));
    assert_true(trail_book(&trail, &list[2], 12, 4200));
    assert_true(trail_book(&trail, &list[0], 1, -7));
    assert_true(trail_book(&trail, &list[2], 12, 1));
    assert_int_equal(trail.count, 2);
    assert_int_equal(trail.lines[0].months[11], 4201);
    assert_int_equal(trail.lines[1].booked, 1);
    canonical_trail(&trail, 2, &text);
    buf_add(&text, "", 1);
    assert_string_equal(text.data, "{\"5000-long-other\":{\"12\":\"42.01\"},\"1000\":{\"1\":\"-0.07\"}}");
    trail_restore(&wages, datum_parse(text.data, text.length - 1, &arena, &err), 2, &arena, &again);
    assert_int_equal(again.count, 2);
    assert_ptr_equal(again.lines[1].wage, &list[0]);
    assert_int_equal(again.lines[0].months[11], 4201);
    buf_free(&text);
}

static void too_large(void **state)
{
    struct wage list[] = {{.name = "1000", .mark = datum_mark("1000")}};
    const struct wages wages = {.list = list, .count = 1};
    struct trail trail;

    (void)state;
    assert_true(trail_start(&trail, &wages, 2, &arena));
    assert_true(trail_book(&trail, &list[0], 1, INT64_MAX));
    assert_false(trail_book(&trail, &list[0], 1, 1));
    assert_int_equal(trail.lines[0].months[0], INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(books), cmocka_unit_test(too_large)};

    return cmocka_run_group_tests(tests, NULL, clean);
}
