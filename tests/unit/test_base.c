/* Arena, buffer, text and pool: what the rest relies on. */
#include <pthread.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <utf8proc.h>

#include "base/hash.h"
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

static void texts_are_cut_between_characters(void **state)
{
    static const struct {
        const char *text;
        size_t length, size;
        const char *fits;
    } rows[] = {
        {"abc", 3, 4, "abc"},
        {"abc", 3, 3, "ab"},
        {"abc\ndef", 3, 8, "abc"},
        {"abc", 0, 8, ""},
        {"M\u00FCller", 7, 3, "M"},
        {"M\u00FCller", 7, 4, "M\u00FC"},
        {"\u0142\u0142", 4, 5, "\u0142\u0142"},
        {"\u0142\u0142", 4, 4, "\u0142"},
        {"\u20AC", 3, 3, ""},
        {"a\U0001F600", 5, 5, "a"},
        {"", 0, 1, ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *room = malloc(rows[i].size); /* so that writing beyond it is seen */

        text_fit(room, rows[i].size, rows[i].text, rows[i].length);
        assert_string_equal(room, rows[i].fits);
        free(room);
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
            struct pool_calls calls = {.ctx = &c, .work = work, .consume = consume};

            assert_true(pool_run(items, 7, jobs, batches, 8, &calls, &err));
            assert_int_equal(c.next, items);
        }
    }
    {
        struct count c = {0, 70};
        struct pool_calls calls = {.ctx = &c, .work = work, .consume = consume};

        assert_false(pool_run(1000, 7, 3, batches, 8, &calls, &err));
        assert_int_equal(c.next, 70);
    }
}

/* What a batch is, and how many stages it has gone through. */
struct staged_batch {
    size_t first, count;
    int passed;
};

struct staged {
    size_t ordered, written, stored, consumed; /* items */
    int writing, storing, by_caller;
    pthread_t caller;
    bool has_order, has_finish, has_write, has_store, failed;
};

static void expect(struct staged *s, bool ok)
{
    if (!ok)
        __atomic_store_n(&s->failed, true, __ATOMIC_SEQ_CST);
}

static void linger(size_t item)
{
    for (volatile size_t i = 0; i < item * 7919 % 3000; i++)
        ;
}

static void staged_work(void *ctx, int worker, void *batch, size_t first, size_t count)
{
    struct staged_batch *b = batch;

    (void)ctx;
    (void)worker;
    linger(first);
    *b = (struct staged_batch){first, count, 1};
}

/* Batches in order, by the caller, one at a time. */
static void staged_order(void *ctx, void *batch)
{
    struct staged *s = ctx;
    struct staged_batch *b = batch;

    expect(s, pthread_equal(pthread_self(), s->caller) && s->by_caller++ == 0 && b->passed++ == 1 && b->first == s->ordered);
    s->ordered += b->count;
    s->by_caller--;
}

static void staged_finish(void *ctx, int worker, void *batch)
{
    struct staged *s = ctx;
    struct staged_batch *b = batch;

    (void)worker;
    linger(b->first + 1);
    expect(s, b->passed++ == 1 + s->has_order);
}

/* Batches in order, by anybody, one at a time. */
static void staged_write(void *ctx, void *batch)
{
    struct staged *s = ctx;
    struct staged_batch *b = batch;

    expect(s, __atomic_fetch_add(&s->writing, 1, __ATOMIC_SEQ_CST) == 0);
    expect(s, b->passed++ == 1 + s->has_order + s->has_finish && b->first == s->written);
    s->written += b->count;
    linger(b->first + 2);
    __atomic_fetch_sub(&s->writing, 1, __ATOMIC_SEQ_CST);
}

static void staged_store(void *ctx, void *batch)
{
    struct staged *s = ctx;
    struct staged_batch *b = batch;

    expect(s, __atomic_fetch_add(&s->storing, 1, __ATOMIC_SEQ_CST) == 0);
    expect(s, b->passed++ == 1 + s->has_order + s->has_finish + s->has_write && b->first == s->stored);
    s->stored += b->count;
    linger(b->first + 3);
    __atomic_fetch_sub(&s->storing, 1, __ATOMIC_SEQ_CST);
}

static bool staged_consume(void *ctx, void *batch)
{
    struct staged *s = ctx;
    const struct staged_batch *b = batch;

    expect(s, pthread_equal(pthread_self(), s->caller) && s->by_caller == 0 && b->first == s->consumed);
    expect(s, b->passed == 1 + s->has_order + s->has_finish + s->has_write + s->has_store);
    s->consumed += b->count;
    return true;
}

/* With any of the stages between: each batch goes through all of them, in order where that is promised. */
static void pool_passes_stages(void **state)
{
    struct staged_batch places[6];
    void *batches[6];
    struct tc_error err = {0};

    (void)state;
    for (size_t i = 0; i < 6; i++)
        batches[i] = &places[i];
    for (int stages = 0; stages < 16; stages++) {
        for (int jobs = 1; jobs <= 6; jobs++) {
            struct staged s = {.caller = pthread_self(),
                               .has_order = stages & 1,
                               .has_finish = (stages & 2) != 0,
                               .has_write = (stages & 4) != 0,
                               .has_store = (stages & 8) != 0};
            struct pool_calls calls = {.ctx = &s,
                                       .work = staged_work,
                                       .order = s.has_order ? staged_order : NULL,
                                       .finish = s.has_finish ? staged_finish : NULL,
                                       .write = s.has_write ? staged_write : NULL,
                                       .store = s.has_store ? staged_store : NULL,
                                       .consume = staged_consume};

            assert_true(pool_run(997, 5, jobs, batches, jobs < 3 ? (size_t)jobs : 6, &calls, &err));
            assert_false(s.failed);
            assert_true(s.consumed == 997 && (!s.has_order || s.ordered == 997) && (!s.has_write || s.written == 997));
            assert_true(!s.has_store || s.stored == 997);
        }
    }
}

static bool is_utf8(const char *text, size_t length)
{
    utf8proc_int32_t point;

    for (utf8proc_ssize_t n; length > 0; text += n, length -= (size_t)n) {
        n = utf8proc_iterate((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)length, &point);
        if (n <= 0)
            return false;
    }
    return true;
}

/* Texts of any length with pieces that are UTF-8 or not at any place, against another library; and cut in two anywhere, as blocks of a file are. */
static void texts_in_pieces(void **state)
{
    static const char *const parts[] = {
        "\xC3\xA4", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xED\x9F\xBF",     "\xEE\x80\x80", "\xF4\x8F\xBF\xBF", "\xC3",
        "\xA4",     "\xE0\x80\x80", "\xED\xA0\x80",     "\xF4\x90\x80\x80", "\xFF",         "\xC0\x80"};
    uint32_t seed = 1;
    int valid = 0;

    (void)state;
    for (int round = 0; round < 4000; round++) {
        char text[128], *copy;
        size_t length = 0, cut, at;
        struct text_check check = {0};
        bool fine;

        for (int i = 0; i < 3; i++) {
            const char *part;

            seed = seed * 1664525u + 1013904223u;
            part = parts[(seed >> 8) % (seed >> 31 ? 13 : 6)];
            for (uint32_t k = (seed >> 16) % 36; k > 0; k--)
                text[length++] = 'a';
            length += strlen(strcpy(text + length, part));
        }
        copy = memcpy(malloc(length), text, length); /* so that reading beyond it is seen */
        fine = is_utf8(copy, length);
        valid += fine;
        assert_int_equal(text_is_utf8_part(copy, length), fine);
        cut = (seed >> 12) % length;
        at = text_check(&check, copy, cut);
        at = at == cut ? cut + text_check(&check, copy + cut, length - cut) : at;
        assert_int_equal(at == length && !check.more, fine);
        free(copy);
    }
    assert_in_range(valid, 400, 3600);
}

static void hashes_are_read_whole_or_not_at_all(void **state)
{
    static const char good[] = "00ff1a0123456789abcdef0123456789abcdef0123456789abcdef0123456780";
    static const char *const wrong[] = {"00Ff", "0g", " 1", "-1", "+1",
                                        "0x",   "0:", "0/", "0`"}; /* at the end: a log may have been changed there */
    unsigned char hash[HASH_SIZE];
    char hex[HASH_HEX + 1];

    (void)state;
    assert_true(hash_read(good, HASH_HEX, hash));
    assert_int_equal(hash[0], 0);
    assert_int_equal(hash[1], 255);
    assert_int_equal(hash[2], 26);
    hash_hex(hash, hex);
    assert_string_equal(hex, good);
    assert_false(hash_read(good, HASH_HEX - 1, hash));
    assert_false(hash_read(good, HASH_HEX + 1, hash));
    assert_false(hash_read("", 0, hash));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        memcpy(hex, good, sizeof hex);
        memcpy(hex + HASH_HEX - strlen(wrong[i]), wrong[i], strlen(wrong[i]));
        assert_false(hash_read(hex, HASH_HEX, hash));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_gives_zeroed_aligned_memory),
        cmocka_unit_test(buf_writes_fixed_numbers),
        cmocka_unit_test(texts_are_cut_between_characters),
        cmocka_unit_test(hashes_are_read_whole_or_not_at_all),
        cmocka_unit_test(handles),
        cmocka_unit_test(traps),
        cmocka_unit_test(texts_in_pieces),
        cmocka_unit_test(pool_consumes_in_order),
        cmocka_unit_test(pool_passes_stages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
