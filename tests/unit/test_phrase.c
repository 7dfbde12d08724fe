/* What is written of phrases and other texts, in any order, is what another deflate program unpacks. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <libdeflate.h>

#include "pdf/phrase.h"

#define PHRASES 40
#define LONGEST 700 /* of a phrase: more than one match holds */
#define MOST 400000 /* of a text: many windows */

static uint32_t random_state = 1;

static unsigned pick(unsigned below)
{
    random_state = random_state * 1664525 + 1013904223;
    return (random_state >> 8) % below;
}

static char expected[MOST];
static size_t expected_length;

static void expect(const char *text, size_t length)
{
    assert_true(expected_length + length <= MOST);
    if (length > 0)
        memcpy(expected + expected_length, text, length);
    expected_length += length;
}

static void check(struct phrase_writer *w)
{
    static char found[MOST + 1];
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    size_t length;

    assert_true(phrase_end(w));
    assert_int_equal(libdeflate_zlib_decompress(d, w->out.data, w->out.length, found, sizeof found, &length), LIBDEFLATE_SUCCESS);
    assert_int_equal(length, expected_length);
    assert_int_equal(w->length, expected_length);
    assert_memory_equal(found, expected, length);
    libdeflate_free_decompressor(d);
}

/* Phrases that have much in common; some are empty. */
static size_t make_phrases(char *text, size_t *ends, size_t count)
{
    static const char *const words[] = {"\"employer_", "number\":",        "name\":",  "tax_",
                                        ",\"",         "\x01\x02\x00\xFF", "aaaaaaaa", "allowance\":["};
    static const size_t lengths[] = {10, 8, 6, 4, 2, 4, 8, 12};
    size_t length = 0;

    for (size_t i = 0; i < count; i++) {
        size_t most = pick(5) == 0 ? 0 : pick(8) == 0 ? LONGEST : 1 + pick(40);

        for (size_t used = 0; used < most;) {
            unsigned word = pick(8);
            size_t n = lengths[word] < most - used ? lengths[word] : most - used;

            memcpy(text + length, words[word], n);
            length += n;
            used += n;
        }
        ends[i] = length;
    }
    return length;
}

static void write_some(struct phrase_writer *w, const struct phrases *phrases, const char *text, const size_t *ends, size_t count, bool far)
{
    static char between[50000];

    expected_length = 0;
    phrase_start(w, phrases);
    for (size_t i = 0; i < count; i++) {
        size_t n = far ? pick((unsigned)count) : i, length = pick(far && pick(4) == 0 ? sizeof between : 30);

        for (size_t k = 0; k < length; k++)
            between[k] = (char)pick(256);
        phrase_text(w, between, length);
        expect(between, length);
        if (!far && pick(3) == 0)
            continue; /* left out */
        for (int again = 0; again <= (pick(4) == 0); again++) {
            phrase_part(w, n);
            expect(text + (n ? ends[n - 1] : 0), ends[n] - (n ? ends[n - 1] : 0));
        }
        if (expected_length > MOST - sizeof between - 2 * LONGEST)
            break;
    }
    check(w);
}

static void unpacks(void **state)
{
    static char text[PHRASES * LONGEST];
    struct phrase_writer w = {0};

    (void)state;
    for (int round = 0; round < 60; round++) {
        size_t ends[PHRASES], count = 1 + pick(PHRASES), length = make_phrases(text, ends, count);
        struct phrases *phrases = phrases_make(text, ends, count, "0123456789", 10);

        assert_non_null(phrases);
        (void)length;
        for (int k = 0; k < 6; k++)
            write_some(&w, phrases, text, ends, count, k % 2 == 1);
        phrases_free(phrases);
    }
    phrase_writer_free(&w);
}

/* What repeats, within the text of all phrases and when a phrase comes again, is not written twice; what was left out is. */
static void packs(void **state)
{
    static const char text[] = "\"deduction_features_valid_from\":\"deduction_features_annual_allowance\":";
    const size_t ends[] = {32, sizeof text - 1};
    struct phrases *phrases = phrases_make(text, ends, 2, "0123456789", 10);
    struct phrase_writer w = {0};
    size_t alone, second;

    (void)state;
    phrase_start(&w, phrases);
    phrase_part(&w, 1);
    assert_true(phrase_end(&w));
    alone = w.out.length;
    phrase_start(&w, phrases);
    phrase_part(&w, 0);
    phrase_part(&w, 1);
    assert_true(phrase_end(&w));
    second = w.out.length;
    assert_true(second < alone + 15);
    phrase_start(&w, phrases);
    for (int i = 0; i < 100; i++)
        phrase_part(&w, 1);
    assert_true(phrase_end(&w));
    assert_true(w.out.length < alone + 99 * 3);
    phrases_free(phrases);
    phrase_writer_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(unpacks), cmocka_unit_test(packs)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
