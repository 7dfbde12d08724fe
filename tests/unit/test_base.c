/* Arena, buffer, text and pool: what the rest relies on. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/pool.h"
#include "base/text.h"

static void arena_gives_zeroed_aligned_memory(void **state)
{
    struct arena arena = {0};

    (void)state;
    for (int round = 0; round < 3; round++) {
        for (size_t size = 1; size < 100000; size = size * 3 + 1) {
            unsigned char *memory = arena_alloc(&arena, size);

            assert_non_null(memory);
            assert_int_equal((uintptr_t)memory % _Alignof(max_align_t), 0);
            for (size_t i = 0; i < size; i++)
                assert_int_equal(memory[i], 0);
            memset(memory, 0xFF, size);
        }
        arena_reset(&arena);
    }
    assert_null(arena_array(&arena, SIZE_MAX / 2, 16));
    assert_true(arena.failed);
    arena_free(&arena);
}

static void buf_writes_fixed_numbers(void **state)
{
    static const struct {
        long value;
        int digits;
        const char *text;
    } rows[] = {
        {0, 2, "0"}, {100, 2, "1"}, {150, 2, "1.5"}, {-5, 2, "-0.05"}, {12345, 2, "123.45"}, {70, 1, "7"}, {-120, 1, "-12"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf b = {0};

        buf_fixed(&b, rows[i].value, rows[i].digits);
        buf_add(&b, "", 1);
        assert_string_equal(b.data, rows[i].text);
        buf_free(&b);
    }
}

static void handles(void **state)
{
    static const struct {
        const char *text;
        bool handle;
    } rows[] = {
        {"100042", true},
        {"A.b_c-9", true},
        {"12345678901234567890123456789012", true},
        {"123456789012345678901234567890123", false},
        {"", false},
        {".", false},
        {"..", false},
        {".x", false},
        {"a/b", false},
        {"a+b", false},
        {"a b", false},
        {"\xC3\xA4", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(text_is_handle(rows[i].text), rows[i].handle);
    assert_int_equal(text_is_control(0x202E), true); /* right-to-left override */
}

static void traps(void **state)
{
    static const struct {
        const char *text;
        enum text_trap trap;
    } texts[] = {
        {"", TEXT_NO_TRAP},
        {"Müller", TEXT_NO_TRAP},
        {"M\xD0\xB5ller", TEXT_MIXED},                             /* U+0435 */
        {"\xCE\x9Cüller", TEXT_MIXED},                             /* U+039C */
        {"\xD0\x98\xD0\xB2\xD0\xB0\xCE\xBD", TEXT_MIXED},          /* Cyrillic, then a Greek nu */
        {"Mu\xCC\x88ller", TEXT_NO_TRAP},                          /* a mark on its letter */
        {"\xD0\xB5\xCC\x81u", TEXT_MIXED},                         /* a mark between */
        {"\xD0\x98\xD0\xB2\xD0\xB0\xD0\xBD Müller", TEXT_NO_TRAP}, /* two names */
        {"\xCE\xA9-Werke", TEXT_NO_TRAP},
        {"5 \xC2\xB5m", TEXT_NO_TRAP}, /* the micro sign is of no alphabet */
        {"Anna\xC2\xA0Maria", TEXT_BLANK},
        {"Łukasz Żółć ẞ", TEXT_NO_TRAP},
    };
    static const struct {
        const char *handle;
        enum text_handle_trap trap;
    } handles[] = {
        {"100001", TEXT_HANDLE_FINE},   {"CON", TEXT_HANDLE_RESERVED},    {"con.2025", TEXT_HANDLE_RESERVED}, {"Nul", TEXT_HANDLE_RESERVED},
        {"COM1", TEXT_HANDLE_RESERVED}, {"lpt9.x", TEXT_HANDLE_RESERVED}, {"COM", TEXT_HANDLE_FINE},          {"COM10", TEXT_HANDLE_FINE},
        {"conn", TEXT_HANDLE_FINE},     {"7.", TEXT_HANDLE_RESERVED},     {"-7", TEXT_HANDLE_OPTION},         {"7-", TEXT_HANDLE_FINE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_int_equal(text_find_trap(texts[i].text), texts[i].trap);
    for (size_t i = 0; i < sizeof handles / sizeof *handles; i++)
        assert_int_equal(text_find_handle_trap(handles[i].handle), handles[i].trap);
    assert_int_equal(text_is_control('a'), false);
}

struct count {
    size_t next, stop;
};

static void work(void *ctx, int worker, void *batch, size_t first, size_t count)
{
    size_t *place = batch;

    (void)ctx;
    (void)worker;
    place[0] = first;
    place[1] = count;
}

static bool consume(void *ctx, void *batch)
{
    struct count *c = ctx;
    const size_t *place = batch;

    assert_int_equal(place[0], c->next);
    c->next += place[1];
    return c->next < c->stop;
}

static void pool_consumes_in_order(void **state)
{
    size_t places[8][2];
    void *batches[8];
    struct tc_error err = {0};

    (void)state;
    for (size_t i = 0; i < 8; i++)
        batches[i] = places[i];
    for (size_t items = 0; items < 300; items += 37) {
        for (int jobs = 1; jobs <= 4; jobs++) {
            struct count c = {0, SIZE_MAX};
            struct pool_calls calls = {&c, work, consume};

            assert_true(pool_run(items, 7, jobs, batches, 8, &calls, &err));
            assert_int_equal(c.next, items);
        }
    }
    {
        struct count c = {0, 70};
        struct pool_calls calls = {&c, work, consume};

        assert_false(pool_run(1000, 7, 3, batches, 8, &calls, &err));
        assert_int_equal(c.next, 70);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_gives_zeroed_aligned_memory),
        cmocka_unit_test(buf_writes_fixed_numbers),
        cmocka_unit_test(handles),
        cmocka_unit_test(traps),
        cmocka_unit_test(pool_consumes_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
