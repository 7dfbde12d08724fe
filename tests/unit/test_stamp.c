/* The mark as it is drawn, and the listing: places, sizes, what a window could show, paths alone, the matrix' own pattern; lines on pages. */
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
#include "deliver/listing.h"
#include "deliver/stamp.h"

static const int a4[] = {21000, 29700};

static void places(void **state)
{
    static const struct {
        const char *text;
        int x, y; /* -1: no place */
    } rows[] = {{"20,278", 2000, 27800}, {"80,3.5", 8000, 350}, {"0,0", 0, 0},   {"1.25,7.05", 125, 705}, {"20", -1, 0},
                {"20,", -1, 0},          {",3", -1, 0},         {"-1,2", -1, 0}, {"20,3 ", -1, 0},        {"20;3", -1, 0},
                {"1.,2", -1, 0},         {"1.234,2", -1, 0},    {"", -1, 0},     {"1e3,2", -1, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int x = -1, y = -1;
        bool ok = stamp_parse(rows[i].text, &x, &y);

        assert_true(ok == (rows[i].x >= 0));
        assert_true(!ok || (x == rows[i].x && y == rows[i].y));
    }
}

/* The page is 210 by 297 mm; a matrix of 18 cells and 2 around of half a millimetre takes 11; a window shows 39 to 101 mm from the top. */
static void room(void **state)
{
    static const struct {
        int x, y;
        unsigned kinds;
        bool fits, left;
    } rows[] = {
        {2000, 27800, STAMP_DIGITS | STAMP_MATRIX, true, false},
        {2000, 28600, STAMP_MATRIX, true, false},
        {2000, 28601, STAMP_MATRIX, false, false},
        {19900, 500, STAMP_MATRIX, true, false},
        {19901, 500, STAMP_MATRIX, false, false},
        {19900, 500, STAMP_DIGITS | STAMP_MATRIX, true, true},
        {19901, 500, STAMP_DIGITS | STAMP_MATRIX, false, false},
        {16200, 500, STAMP_DIGITS | STAMP_MATRIX, true, false},
        {16201, 500, STAMP_DIGITS | STAMP_MATRIX, true, true},
        {2000, 2800, STAMP_MATRIX, true, false},
        {2000, 2801, STAMP_MATRIX, false, false},
        {2000, 10099, STAMP_MATRIX, false, false},
        {2000, 10100, STAMP_MATRIX, true, false},
        {2000, 3500, STAMP_DIGITS, true, false},
        {2000, 3501, STAMP_DIGITS, false, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct stamp_place place = {.x = rows[i].x, .y = rows[i].y, .module = 50, .kinds = rows[i].kinds};
        struct tc_error err = {0};

        stamp_turn(&place, a4);
        assert_true(((place.kinds & STAMP_LEFT) != 0) == rows[i].left);
        assert_true(stamp_check(&place, a4, &err) == rows[i].fits);
        assert_int_equal(err.code, rows[i].fits ? TC_OK : TC_USAGE);
    }
}

static void load(struct font *font)
{
    struct tc_error err = {0};

    assert_true(font_load(SOURCE_DIR "/templates/fonts", "regular", font, &err));
}

/* Cells of the matrix by its rectangles "x y width height re" in points. */
static void take_cells(const char *text, bool cells[18][18])
{
    float x, y, w, h, left, top;
    int used;

    left = (20 + 1) * 72 / 25.4F;
    top = (297 - 278 - 1) * 72 / 25.4F;
    while ((text = strchr(text, '\n')) != NULL && sscanf(++text, "%f %f %f %f re%n", &x, &y, &w, &h, &used) == 4) {
        int column = (int)((x - left) / (0.5F * 72 / 25.4F) + 0.5F), count = (int)(w / (0.5F * 72 / 25.4F) + 0.5F);
        int row = (int)((top - y) / (0.5F * 72 / 25.4F) + 0.5F) - 1;

        assert_in_range(row, 0, 17);
        for (int i = 0; i < count; i++) {
            assert_in_range(column + i, 0, 17);
            cells[row][column + i] = true;
        }
    }
}

/* ISO/IEC 16022: the left column and the lowest row are dark, the highest row and the right column turn from cell to cell. */
static void matrix(void **state)
{
    struct stamp_place place = {.x = 2000, .y = 27800, .module = 50, .kinds = STAMP_MATRIX};
    struct sheet_mark mark = {.job = "0A3F9C", .sheet = 1, .total = 2, .group_end = true}, other = mark;
    bool cells[18][18] = {{false}};
    struct buf first = {0}, again = {0};
    struct tc_error err = {0};
    struct font font;
    struct stamp s;

    (void)state;
    load(&font);
    assert_true(stamp_start(&s, &place, a4[1], &font, &err));
    font_free(&font);
    assert_true(stamp_draw(&s, &mark, &first, &err) && stamp_draw(&s, &mark, &again, &err));
    assert_string_equal(first.data, again.data);
    assert_int_equal(strspn(first.data, "0123456789. qQgref\n"), strlen(first.data)); /* paths alone: no text, no resource */
    take_cells(first.data, cells);
    for (int i = 0; i < 18; i++) {
        assert_true(cells[i][0] && cells[17][i]);
        assert_true(cells[0][i] == (i % 2 == 0) && cells[i][17] == (i % 2 == 1));
    }
    other.sheet = 2;
    assert_true(stamp_draw(&s, &other, &again, &err));
    assert_string_not_equal(first.data, again.data);
    other.sheet = 3;
    assert_false(stamp_draw(&s, &other, &again, &err));
    buf_free(&first);
    buf_free(&again);
    stamp_stop(&s);
}

static bool count_sign(void *ctx, const char *name, int side, const char *paths)
{
    assert_true(*name == 'S' && side > 0 && paths[strlen(paths) - 1] == 'f');
    ++*(int *)ctx;
    return true;
}

/* Each sign of the mark stands right of the one before, those of a long mark within its room, and before a matrix at the edge. */
static void digits(void **state)
{
    struct stamp_place place = {.x = 19900, .y = 500, .module = 50, .kinds = STAMP_DIGITS | STAMP_MATRIX | STAMP_LONG};
    struct sheet_mark mark = {.job = "DDDDDD", .sheet = 1, .total = 3, .piece = 1, .pieces = 3};
    struct buf out = {0};
    struct tc_error err = {0};
    struct font font;
    struct stamp s;
    float x, before = 0;
    int signs = 0, drawn = 0;

    (void)state;
    stamp_turn(&place, a4);
    assert_true(place.kinds & STAMP_LEFT);
    load(&font);
    assert_true(stamp_start(&s, &place, a4[1], &font, &err));
    font_free(&font);
    assert_true(stamp_each_sign(&s, count_sign, &signs));
    assert_int_equal(signs, STAMP_SIGNS);
    assert_true(stamp_draw(&s, &mark, &out, &err));
    for (const char *at = out.data; (at = strstr(at, "q 1 0 0 1 ")) != NULL; at++, drawn++) {
        assert_int_equal(sscanf(at + 10, "%f", &x), 1);
        assert_true(x > before && x < 199 * 72 / 25.4F - 5);
        before = x;
    }
    assert_int_equal(drawn, MARK_LONG);
    buf_free(&out);
    stamp_stop(&s);
}

/* ---- the listing */

struct rows {
    int count, at;
    char text[24];
};

static bool next_row(void *ctx, struct listing_line *line)
{
    struct rows *rows = ctx;

    if (rows->at == rows->count)
        return false;
    line->size = 80;
    line->new_page = rows->at == 1;
    snprintf(rows->text, sizeof rows->text, "row-%d-end", ++rows->at);
    line->cells[0] = rows->text;
    return true;
}

static void rewind_rows(void *ctx)
{
    ((struct rows *)ctx)->at = 0;
}

/* Every row once, in order, whatever the number; a new page where it is asked for; whole sheets have an even number of pages. */
static void listing(void **state)
{
    static const int columns[LISTING_CELLS] = {2000, 4000, 6000, 8000, 10000, 12000, 14000, 16000}, counts[] = {0, 1, 2, 60, 61, 500};
    struct font font;

    (void)state;
    load(&font);
    for (size_t i = 0; i < 2 * sizeof counts / sizeof *counts; i++) {
        struct rows rows = {.count = counts[i / 2]};
        struct listing l = {.page = a4,
                            .columns = columns,
                            .font = &font,
                            .title = "title",
                            .whole_sheets = i % 2,
                            .next = next_row,
                            .rewind = rewind_rows,
                            .ctx = &rows};
        struct buf out = {0};
        struct tc_error err = {0};
        char path[] = "/tmp/test_stamp.XXXXXX", command[600];
        int fd = mkstemp(path);

        assert_true(listing_make(&l, &out, &err));
        assert_true(fd >= 0 && file_write_all(fd, out.data, out.length));
        snprintf(
            command, sizeof command,
            "qpdf --check %s > %s.checked 2>&1 && n=$(qpdf --show-npages %s) && test $n -ge %d && { test %d = 0 || test $((n %% 2)) = 0; } &&"
            " test \"$(pdftotext -layout %s - | grep -o 'row-[0-9]*-end' | tr '\\n' ' ')\" = \"$(seq -f 'row-%%g-end' %d | tr '\\n' ' ')\"; r=$?; rm %s.checked; exit $r",
            path, path, path, rows.count > 1 ? 2 : 1, (int)(i % 2), path, rows.count, path);
        assert_int_equal(system(command), 0);
        close(fd);
        remove(path);
        buf_free(&out);
    }
    font_free(&font);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places), cmocka_unit_test(room), cmocka_unit_test(matrix), cmocka_unit_test(digits), cmocka_unit_test(listing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
