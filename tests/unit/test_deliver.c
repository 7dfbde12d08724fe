/* A sheet's mark, and what the machine's log tells of a print job. */
#include <ctype.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "deliver/readback.h"

static const char signs[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*";

/* pieces: of the group, of which it is the last; 0: a short mark. */
static void mark_of_group(const char *job, long sheet, long total, int pieces, char text[MARK_LONG + 1])
{
    struct sheet_mark mark = {.sheet = sheet, .total = total, .group_end = true, .piece = pieces, .pieces = pieces};

    memcpy(mark.job, job, MARK_JOB + 1);
    assert_true(mark_write(&mark, text));
}

static void mark_of(const char *job, long sheet, long total, char text[MARK_LONG + 1])
{
    mark_of_group(job, sheet, total, 0, text);
}

/* Of groups of several sheets: "2 of 3" stands behind the total, and only the last one ends the group. */
static void groups(void **state)
{
    static const struct sheet_mark wrong[] = {{"0A3F9C", 1, 9, true, 1, 2},
                                              {"0A3F9C", 1, 9, false, 2, 2},
                                              {"0A3F9C", 1, 9, false, 0, 2},
                                              {"0A3F9C", 1, 9, true, 3, 2},
                                              {"0A3F9C", 1, 9, false, 1, 100}};
    struct sheet_mark mark = {"0A3F9C", 17, 5001, false, 2, 3}, read;
    char text[MARK_LONG + 1];

    (void)state;
    assert_true(mark_write(&mark, text));
    assert_memory_equal(text, "0A3F9C00001700500102030", MARK_LONG - 1);
    assert_true(mark_read(text, MARK_LONG, &read));
    assert_true(read.sheet == 17 && read.total == 5001 && !read.group_end && read.piece == 2 && read.pieces == 3);
    assert_false(mark_read(text, MARK_LONG - 1, &read));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(mark_write(&wrong[i], text));
}

/* A mark in the middle of a text has no zero behind it: of those whose check digit is one of a job's digits as well, nothing further is read. */
static void no_strings(void **state)
{
    char text[MARK_LONG + 1], *alone = malloc(MARK_LONG);
    struct sheet_mark mark;
    int tried = 0;

    (void)state;
    assert_non_null(alone);
    for (long sheet = 1; sheet <= 37; sheet++) {
        mark_of_group("0A3F9C", sheet, 5001, 2, text);
        memcpy(alone, text, MARK_LONG);
        assert_true(mark_read(alone, MARK_LONG, &mark) && mark.sheet == sheet);
        tried += strspn(text, "0123456789ABCDEF") == MARK_LONG;
    }
    free(alone);
    assert_true(tried > 5);
}

static void there_and_back(void **state)
{
    char text[MARK_LONG + 1];
    struct sheet_mark mark;
    int sum = 0;

    (void)state;
    mark_of("0A3F9C", 17, 5001, text);
    assert_memory_equal(text, "0A3F9C0000170050011", MARK_LENGTH - 1);
    /* The standard's own condition: the signs weighted by powers of two are 1 modulo 37. */
    for (int i = 0; i < MARK_LENGTH; i++)
        sum = (sum * 2 + (int)(strchr(signs, text[i]) - signs)) % 37;
    assert_int_equal(sum, 1);
    assert_true(mark_read(text, strlen(text), &mark));
    assert_string_equal(mark.job, "0A3F9C");
    assert_int_equal(mark.sheet, 17);
    assert_int_equal(mark.total, 5001);
    assert_true(mark.group_end);
}

static void no_marks(void **state)
{
    static const struct sheet_mark rows[] = {{"0A3F9C", 0, 1, true, 0, 0}, {"0A3F9C", 2, 1, true, 0, 0}, {"0A3F9C", 1, 1000000, true, 0, 0},
                                             {"0a3f9c", 1, 1, true, 0, 0}, {"", 1, 1, true, 0, 0},       {"0A3F9", 1, 1, false, 0, 0},
                                             {"0A3F9G", 1, 1, false, 0, 0}};
    char text[MARK_LONG + 1];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_false(mark_write(&rows[i], text));
}

static void spoil(const char *text)
{
    char spoilt[MARK_LONG + 1];
    struct sheet_mark mark;
    size_t length = strlen(text);

    for (size_t at = 0; at < length; at++) {
        for (const char *sign = signs; *sign; sign++) {
            memcpy(spoilt, text, length + 1);
            spoilt[at] = *sign;
            assert_true(mark_read(spoilt, length, &mark) == (*sign == text[at]));
        }
        if (at == 0 || text[at] == text[at - 1])
            continue;
        memcpy(spoilt, text, length + 1);
        spoilt[at] = text[at - 1];
        spoilt[at - 1] = text[at];
        assert_false(mark_read(spoilt, length, &mark));
    }
}

/* Every single wrong sign and every swap of neighbours, in marks of many sheets, short and long. */
static void check_digit(void **state)
{
    char text[MARK_LONG + 1];

    (void)state;
    for (long sheet = 1; sheet <= 5001; sheet += 37) {
        mark_of("0A3F9C", sheet, 5001, text);
        spoil(text);
        mark_of_group("0A3F9C", sheet, 5001, 1 + (int)(sheet % 12), text);
        spoil(text);
    }
}

static bool note(void *ctx, enum readback_fault fault, long sheet, long line, struct tc_error *err)
{
    (void)err;
    buf_printf(ctx, "%c%ld@%ld ", "mtsfu"[fault], sheet, line);
    return true;
}

/* A log of these sheets of a job of twenty; 0 is a line that nobody can read, a negative one is of another job. */
static void check_log(const int *sheets, const char *expected)
{
    struct buf log = {0}, told = {0};
    struct tc_error err = {0};
    char text[MARK_LONG + 1];

    for (; *sheets != 99; sheets++) {
        mark_of(*sheets < 0 ? "0A3F9D" : "0A3F9C", *sheets ? labs(*sheets) : 1, 20, text);
        if (*sheets == 0)
            text[9] = 'Z';
        buf_printf(&log, "09:00:01;\"%s\";OK\r\n\n", text);
    }
    buf_add(&log, "", 1);
    buf_add(&told, "", 0);
    assert_true(readback_check(log.data, "0A3F9C", 20, note, &told, &err));
    buf_add(&told, "", 1);
    assert_string_equal(told.data, expected);
    buf_free(&log);
    buf_free(&told);
}

#define UP_TO_10 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
#define FROM_11 11, 12, 13, 14, 15, 16, 17, 18, 19, 20

static void logs(void **state)
{
    (void)state;
    check_log((const int[]){UP_TO_10, FROM_11, 99}, "");
    check_log((const int[]){1, 2, 4, 3, 5, 6, 7, 8, 9, 10, FROM_11, 99}, "s3@7 s4@5 ");  /* two neighbours */
    check_log((const int[]){1, 9, 3, 4, 5, 6, 7, 8, 2, 10, FROM_11, 99}, "s2@17 s9@3 "); /* two far apart */
    check_log((const int[]){2, 3, 4, 5, 6, 7, 8, 9, 10, FROM_11, 1, 99}, "s1@39 ");      /* one moved: the others are right */
    check_log((const int[]){1, 2, 3, 5, 6, 7, 8, 9, 10, FROM_11, 99}, "m4@0 ");
    check_log((const int[]){UP_TO_10, 10, FROM_11, 99}, "t10@21 ");
    check_log((const int[]){1, 2, 3, -4, 5, 6, 7, 8, 9, 10, FROM_11, 99}, "f4@7 m4@0 "); /* the right number, another job */
    check_log((const int[]){1, 2, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 99},
              "m3@0 m4@0 m5@0 m6@0 m7@0 m8@0 m9@0 m10@0 "); /* a gap of 8 */
    check_log((const int[]){1, 2, 3, 0, 5, 6, 7, 8, 9, 10, FROM_11, 99}, "u0@7 m4@0 ");
}

static void empty_log(void **state)
{
    struct buf told = {0};
    struct tc_error err = {0};

    (void)state;
    assert_true(readback_check("\r\n \n", "0A3F9C", 2, note, &told, &err));
    buf_add(&told, "", 1);
    assert_string_equal(told.data, "m1@0 m2@0 ");
    buf_free(&told);
}

/* A log of two sheets in this form: "1" and "2" stand for their marks, "3" for the first one's in small letters. */
static void check_form(const char *form, const char *expected)
{
    struct buf log = {0}, told = {0};
    struct tc_error err = {0};
    char marks[3][MARK_LONG + 1];

    for (long i = 0; i < 2; i++)
        mark_of("0A3F9C", i + 1, 2, marks[i]);
    for (int i = 0; i <= MARK_LENGTH; i++)
        marks[2][i] = (char)tolower((unsigned char)marks[0][i]);
    for (; *form; form++)
        if (*form >= '1' && *form <= '3')
            buf_puts(&log, marks[*form - '1']);
        else
            buf_add(&log, form, 1);
    buf_add(&log, "", 1);
    assert_true(readback_check(log.data, "0A3F9C", 2, note, &told, &err));
    buf_add(&told, "", 1);
    assert_string_equal(told.data, expected);
    buf_free(&log);
    buf_free(&told);
}

/* Whatever the machine writes around the marks, and however its lines end. */
static void forms(void **state)
{
    (void)state;
    check_form("1\n2\n", "");
    check_form("1\r\n\r\n2", "");
    check_form("1\r2\r", "");
    check_form("1 2", "");
    check_form("3\n2\n", "");
    check_form("a|1|ok\nb|2|ok\n", "");
    check_form("[1]\n<m>2</m>\n", "");
    check_form("*1*\nmark=2!\n", "");
    check_form("{\"m\":\"1\"}\n{\"m\":\"2\"}\n", "");
    check_form("1;read:1\n2;read:2\n", "");
    check_form("time;mark\na;1\nb;2\n", ""); /* a head */
    check_form("1\nNOREAD;x\n2\n", "u0@2 ");
    check_form("NOREAD\n1\n2\n", "u0@1 "); /* of one cell: no head */
    check_form("1\n1 2\n", "t1@2 ");
    check_form("2 1\n", "s1@1 s2@1 ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_and_back), cmocka_unit_test(no_strings), cmocka_unit_test(groups),    cmocka_unit_test(no_marks),
        cmocka_unit_test(check_digit),    cmocka_unit_test(logs),       cmocka_unit_test(empty_log), cmocka_unit_test(forms),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
