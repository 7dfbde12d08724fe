/* A workbook is written, and refused where what is read again is not what was written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "write/reopen.h"
#include "write/xlsx.h"

#define ROWS 40000 /* several blocks of the reader */

static char folder[] = "/tmp/test_xlsx_XXXXXX", path[64];

static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/book.xlsx", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

/* Sheets of ROWS and 2 rows; in the first, empty rows between. */
static void write_book(void)
{
    const struct xlsx_document document = {.title = "Title", .company = "A & B", .created = 20260128, .passed = "passed", .failed = "failed"};
    const struct table_column heads[] = {{"a", 10, false}, {"b", 10, true}};
    const struct cell cells[] = {{.kind = CELL_TEXT, .text = "<row r=\"1\"> & </worksheet>"}, {.kind = CELL_MONEY, .number = -1234567890123, .digits = 2}};
    struct tc_error err = {0};
    struct xlsx *x = xlsx_create(path, folder, &document, &err);
    int first, second;

    assert_non_null(x);
    first = xlsx_sheet(x, "First", heads, 2, 0, 1, &err);
    second = xlsx_sheet(x, "It's", heads, 2, -1, 0, &err);
    assert_true(first == 0 && second == 1);
    for (int i = 0; i < ROWS; i++) {
        assert_true(xlsx_row(x, first, cells, 2, &err));
        if (i % 1000 == 0)
            assert_true(xlsx_row(x, first, NULL, 0, &err));
    }
    assert_int_equal(xlsx_rows(x, first), ROWS + ROWS / 1000);
    for (int i = 0; i < 2; i++)
        assert_true(xlsx_row(x, second, cells, 2, &err));
    assert_true(xlsx_close(x, &err));
}

static void counts_rows(void **state)
{
    const uint32_t right[] = {ROWS, 2}, wrong[] = {ROWS - 1, 2};
    struct tc_error err = {0};

    (void)state;
    write_book();
    assert_true(reopen_check(path, right, 2, &err));
    assert_false(reopen_check(path, wrong, 2, &err));
    assert_int_equal(err.code, TC_IO);
    err = (struct tc_error){0};
    assert_false(reopen_check(path, right, 1, &err));
    err = (struct tc_error){0};
    assert_false(reopen_check(path, (const uint32_t[]){ROWS, 2, 0}, 3, &err));
}

/* Any place of the file: cut off, or other bytes there. */
static void sees_damage(void **state)
{
    const uint32_t rows[] = {ROWS, 2};
    struct tc_error err = {0};
    char *data;
    size_t length;

    (void)state;
    write_book();
    assert_true(file_read(path, &data, &length, &err));
    for (size_t at = length / 7; at < length; at += length / 7) {
        struct tc_error damage = {0};

        assert_true(file_write(path, data, at, &err));
        assert_false(reopen_check(path, rows, 2, &damage));
        assert_int_equal(damage.code, TC_IO);
    }
    for (size_t at = length / 20; at < length * 9 / 10; at += length / 20) {
        struct tc_error damage = {0};

        memset(data + at, data[at] ^ 0x55, 16);
        assert_true(file_write(path, data, length, &err));
        assert_false(reopen_check(path, rows, 2, &damage));
    }
    free(data);
}

static void names_columns(void **state)
{
    static const struct { int column; const char *name; } table[] = {{0, "A"}, {25, "Z"}, {26, "AA"}, {51, "AZ"}, {52, "BA"}, {701, "ZZ"}};

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char name[4];

        xlsx_column(table[i].column, name);
        assert_string_equal(name, table[i].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(counts_rows), cmocka_unit_test(sees_damage), cmocka_unit_test(names_columns)};

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
