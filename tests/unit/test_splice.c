/* What is spliced is what another deflate program unpacks: the text with the values at their places. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <libdeflate.h>

#include "pdf/splice.h"

#define LENGTH 9000
#define PLACES 60

static uint32_t random_state = 1;

static unsigned pick(unsigned below)
{
    random_state = random_state * 1664525 + 1013904223;
    return (random_state >> 8) % below;
}

static void check(const struct splice *s, const char *text, const struct splice_place *places, size_t count, unsigned fill)
{
    static char values[LENGTH], expected[LENGTH], found[LENGTH + 1];
    struct splice_value list[PLACES];
    struct splice_values all = {.text = {.data = values}, .list = list};
    size_t at = 0, length;
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    struct buf out = {0};

    memcpy(expected, text, LENGTH);
    for (size_t i = 0; i < count; i++) {
        size_t used = fill == 0 ? 0 : fill == 1 ? places[i].width : pick((unsigned)places[i].width + 1);

        for (size_t k = 0; k < used; k++, at++)
            values[at] = expected[places[i].at + k] = (char)pick(256);
        if (used > 0 || pick(2)) /* an empty one may be named or not */
            list[all.count++] = (struct splice_value){i, at};
    }
    assert_true(splice_write(s, &all, &out));
    assert_int_equal(libdeflate_zlib_decompress(d, out.data, out.length, found, sizeof found, &length), LIBDEFLATE_SUCCESS);
    assert_int_equal(length, LENGTH);
    assert_memory_equal(found, expected, LENGTH);
    libdeflate_free_decompressor(d);
    buf_free(&out);
}

static void unpacks(void **state)
{
    static const char *const words[] = {"BT /R 7.5 Tf ", "EMC\n", "/TD<</MCID 12>>BDC\n", " Td (", "\x01\x02\x00\xFF", "712.35 "};
    static char text[LENGTH + 40];

    (void)state;
    for (int round = 0; round < 40; round++) {
        struct splice_place places[PLACES];
        struct splice *s;
        size_t count = 0;

        for (size_t at = 0; at < LENGTH;) {
            const char *word = words[pick(6)];

            memcpy(text + at, word, strlen(word));
            at += strlen(word);
        }
        for (size_t at = pick(100); count < PLACES && round > 0;) {
            size_t width = 1 + pick(round % 4 == 0 ? 600 : 60);

            if (at + width > LENGTH)
                break;
            memset(text + at, ' ', width);
            places[count++] = (struct splice_place){at, width};
            at += width + 1 + pick(120);
        }
        s = splice_make(text, LENGTH, places, count, "0123456789", 10);
        assert_non_null(s);
        for (unsigned fill = 0; fill < 6; fill++)
            check(s, text, places, count, fill);
        splice_free(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(unpacks)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
