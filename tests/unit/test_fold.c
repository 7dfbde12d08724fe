/* Texts as people look for them: every letter of DIN 91379 can be typed as ASCII, and an umlaut in any spelling. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <utf8proc.h>

#include "base/fold.h"

static void is_folded(const char *text, const char *expected)
{
    struct buf out = {0};

    fold_add(&out, text);
    buf_add(&out, "", 1);
    assert_false(out.failed);
    assert_string_equal(out.data, expected);
    buf_free(&out);
}

static void folds(void **state)
{
    static const struct {
        const char *text, *folded;
    } rows[] = {
        {"", ""},
        {"M\u00FCller", "muller"},
        {"MU\u0308LLER", "muller"},
        {"Mueller", "muller"},
        {"Bj\u00F6rn", "bjorn"},
        {"Bj\u00F8rn", "bjorn"},
        {"Gro\u00DF", "gross"},
        {"GRO\u1E9E", "gross"},
        {"STRASSE", "strasse"},
        {"O\u2019Brien", "obrien"},
        {"O'Brien", "obrien"},
        {"O\u02BCBrien", "obrien"},
        {"M\u00FCller-L\u00FCdenscheidt", "muller ludenscheidt"},
        {"  Dr.  Kurt ", "dr kurt"},
        {"P-70001", "p 70001"},
        {"\u0130\u015F\u0131k", "isik"},
        {"\u0141ukasz", "lukasz"},
        {"\u00DE\u00F3rd\u00EDs", "thordis"},
        {"Nguy\u1EC5n", "nguyen"},
        {"\u00C6r\u00F8", "aro"},
        {"Aeroe", "aro"},
        {"Zo\u00EB", "zo"},
        {"Eva", "eva"},
        {"\u0391\u03B8\u03AE\u03BD\u03B1", "\u03B1\u03B8\u03B7\u03BD\u03B1"},
        {"...", ""},
        {"08 961 960 385", "08 961 960 385"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        is_folded(rows[i].text, rows[i].folded);
}

/* What stands before in the buffer has no part in it. */
static void appends(void **state)
{
    struct buf out = {0};

    (void)state;
    buf_puts(&out, "a");
    fold_add(&out, "-E ");
    assert_int_equal(out.length, 2);
    assert_memory_equal(out.data, "ae", 2);
    buf_free(&out);
}

/* The list's normative letters and sequences, each as it stands and decomposed. */
static void folds_din_91379(void **state)
{
    FILE *list = fopen(SOURCE_DIR "/templates/fonts/din-91379-latin-list-1.3.txt", "r");
    char line[400];
    int count = 0;

    (void)state;
    assert_non_null(list);
    while (fgets(line, sizeof line, list)) {
        unsigned char text[64];
        utf8proc_uint8_t *decomposed;
        struct buf out = {0}, again = {0};
        utf8proc_ssize_t length = 0;
        char *at;

        if (strncmp(line, "bll; ", 5) != 0)
            continue;
        at = strchr(line + 5, ';') + 1;
        while (*at != ';') {
            length += utf8proc_encode_char((utf8proc_int32_t)strtol(at, &at, 16), text + length);
            at += strspn(at, " ");
        }
        text[length] = '\0';
        decomposed = utf8proc_NFD(text);
        fold_add(&out, (char *)text);
        fold_add(&again, (char *)decomposed);
        assert_true(out.length > 0 && out.length == again.length && memcmp(out.data, again.data, out.length) == 0);
        for (size_t i = 0; i < out.length; i++)
            assert_true((out.data[i] >= 'a' && out.data[i] <= 'z') || (out.data[i] >= '0' && out.data[i] <= '9'));
        free(decomposed);
        buf_free(&out);
        buf_free(&again);
        count++;
    }
    fclose(list);
    assert_int_equal(count, 649);
}

static void cuts(void **state)
{
    char none[] = "", two[] = "mueller wolfgang", three[] = "a b c";
    const char *words[2];

    (void)state;
    assert_int_equal(fold_cut(none, words, 2), 0);
    assert_int_equal(fold_cut(two, words, 2), 2);
    assert_string_equal(words[0], "mueller");
    assert_string_equal(words[1], "wolfgang");
    assert_int_equal(fold_cut(three, words, 2), 3); /* more than there is room for */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(folds), cmocka_unit_test(appends), cmocka_unit_test(folds_din_91379),
                                       cmocka_unit_test(cuts)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
