/* What the font can draw: every sequence of its table, whole texts, and what must be refused. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/file.h"
#include "layout/font.h"

static struct font font;
static struct arena arena;

static int load(void **state)
{
    struct tc_error err = {0};

    (void)state;
    return font_load(SOURCE_DIR "/templates/fonts", "regular", &font, &err) ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    font_free(&font);
    arena_free(&arena);
    return 0;
}

static void texts(void **state)
{
    static const struct {
        const char *text;
        bool drawn;
        size_t units;
    } rows[] = {
        {"", true, 0},
        {"Groß", true, 4},
        {"A\u0308", true, 1}, /* NFC makes it one letter */
        {"M\u0302anuel", true, 6},
        {"C\u0306er", true, 3},
        {"\u017d\u0326ukas", true, 5},
        {"R\u0325\u0304ta", true, 3},
        {"K\u035fHa", true, 2},
        {"Nguy\u1ec5n", true, 6},
        {"K\u035f", false, 0},
        {"Q\u0302", false, 0},
        {"M\u0302\u0302", false, 0}, /* marks of no sequence */
        {"\ue020", false, 0},
        {"\u4e00", false, 0},
        {"\U0001f600", false, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct glyphs glyphs;

        assert_int_equal(font_shape(&font, rows[i].text, &arena, &glyphs), rows[i].drawn);
        if (rows[i].drawn)
            assert_int_equal(glyphs.count, rows[i].units);
    }
}

/* A letter that the font lacks counts only after NFC has joined it with its mark. */
static void joined_first(void **state)
{
    struct glyphs glyphs;
    uint8_t covered = font.covered['A'];

    (void)state;
    font.covered['A'] = 0;
    assert_false(font_shape(&font, "BAB", &arena, &glyphs));
    assert_false(font_shape(&font, "AA\u0308", &arena, &glyphs));
    assert_true(font_shape(&font, "BA\u0308", &arena, &glyphs));
    assert_int_equal(glyphs.count, 2);
    font.covered['A'] = covered;
}

/* What is true of all letters of a text decides which fonts a file carries, and how the text is written. */
static void letters(void **state)
{
    enum { L = LETTER_COVERED | LETTER_LATIN, W = L | LETTER_WESTERN, U = W | LETTER_USUAL, P = LETTER_PLAIN };
    static const struct {
        const char *text;
        unsigned common;
    } rows[] = {
        {"1.234", U | P},
        {"Main Street 7, \"B\" & C", U | P},
        {"a*b", L | P},
        {"a(b", U},
        {"a)b", U},
        {"a\\b", L},
        {"M\u00fcller", U},
        {"A\u0308", U},
        {"1 \u2013 2", U},
        {"Ren\u00e9e O\u2019Brien", W},
        {"\u0160 \u0178 \u017e \u0153", W},
        {"\u00d7", L},
        {"a\u00a0b", L},
        {"Dvo\u0159\u00e1k", L},
        {"\u01ce", LETTER_COVERED},
        {"M\u0302anuel", LETTER_COVERED},
        {"\u212aelvin", U}, /* NFC makes it a K, which its bytes are not */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct glyphs glyphs;

        assert_true(font_shape(&font, rows[i].text, &arena, &glyphs));
        assert_int_equal(glyphs.common, rows[i].common);
    }
}

/* Whatever NFC makes of a text that is more than ASCII, it is not copied as it stands. */
static void only_ascii_is_plain(void **state)
{
    int drawn = 0;

    (void)state;
    for (unsigned point = 0x80; point < 0x10000; point++) {
        char text[8] = "K";
        struct glyphs glyphs;
        int at = 1;

        if (point >= 0xD800 && point < 0xE000)
            continue;
        if (point >= 0x800)
            text[at++] = (char)(0xE0 | point >> 12);
        text[at++] = (char)((point >= 0x800 ? 0x80 | (point >> 6 & 0x3F) : 0xC0 | point >> 6));
        text[at] = (char)(0x80 | (point & 0x3F));
        if (!font_shape(&font, text, &arena, &glyphs))
            continue;
        assert_int_equal(glyphs.common & LETTER_PLAIN, 0);
        drawn++;
    }
    assert_in_range(drawn, 500, 65000);
}

/* The digits have one width, so that amounts line up: 572 thousandths in Noto Sans. */
static void widths(void **state)
{
    struct glyphs ones, nines;

    (void)state;
    assert_true(font_shape(&font, "1111", &arena, &ones) && font_shape(&font, "9999", &arena, &nines));
    assert_int_equal(ones.width, 4 * 572);
    assert_int_equal(ones.width, nines.width);
    assert_int_equal(font_width(&ones, 100), 807); /* 2.288 em at 10 pt: 22.88 pt = 8.07 mm */
}

static void sequences(void **state)
{
    (void)state;
    assert_int_equal(font.sequence_count, 149); /* DIN 91379 has so many */
    for (size_t i = 0; i < font.sequence_count; i++) {
        assert_in_range(font.sequences[i].count, 2, 3);
        assert_true(font.covered[font.sequences[i].unit]);
    }
}

/* The bold font with the bytes of a change, which must be refused when it is loaded. */
static void refused(const char *data, size_t length)
{
    char folder[] = "/tmp/test_font.XXXXXX", path[64];
    struct tc_error err = {0};
    struct font other;

    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/taxcert-sans-bold.otf", folder);
    assert_true(file_write(path, data, length, &err));
    assert_false(font_load(folder, "bold", &other, &err));
    assert_int_equal(err.code, TC_USAGE);
    assert_non_null(strstr(err.message, "no usable OpenType font"));
    unlink(path);
    rmdir(folder);
}

static char *read_bold(size_t *length)
{
    struct tc_error err = {0};
    char *data;

    assert_true(file_read(SOURCE_DIR "/templates/fonts/taxcert-sans-bold.otf", &data, length, &err));
    return data;
}

/* What a PDF could not embed: here the table of outlines is called otherwise, and the file's sum is as it must be all the same. */
static void no_outlines(void **state)
{
    size_t length;
    char *data = read_bold(&length), *tag = memmem(data, length, "CFF ", 4);

    (void)state;
    memcpy(tag, "CFX ", 4);
    assert_in_range((unsigned char)tag[6], 'X' - 'F', 255);
    tag[6] = (char)(tag[6] - ('X' - 'F')); /* of the table's checksum, which follows the tag */
    refused(data, length);
    free(data);
}

/* Cut anywhere, or with one bit turned in any part of it: HarfBuzz draws what is left. */
static void damaged(void **state)
{
    size_t length;
    char *data = read_bold(&length);

    (void)state;
    for (size_t cut = 0; cut < length; cut += 4001)
        refused(data, cut);
    refused(data, length - 3); /* the last two bytes are padding */
    for (size_t at = 5; at < length; at += 4001) {
        data[at] ^= 0x10;
        refused(data, length);
        data[at] ^= 0x10;
    }
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts),  cmocka_unit_test(joined_first), cmocka_unit_test(letters),     cmocka_unit_test(only_ascii_is_plain),
        cmocka_unit_test(widths), cmocka_unit_test(sequences),    cmocka_unit_test(no_outlines), cmocka_unit_test(damaged)};

    return cmocka_run_group_tests(tests, load, unload);
}
