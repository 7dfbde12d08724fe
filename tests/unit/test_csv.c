/* RFC 4180: what needs quotes has them, quotes are doubled; numbers, dates and what is for programs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "book/csv.h"

static void writes_cells(void **state)
{
    static const struct {
        struct cell cell;
        const char *text;
    } table[] = {
        {{.kind = CELL_TEXT, .text = "plain"}, "plain\r\n"},
        {{.kind = CELL_TEXT, .text = "a,b"}, "\"a,b\"\r\n"},
        {{.kind = CELL_TEXT, .text = "say \"x\""}, "\"say \"\"x\"\"\"\r\n"},
        {{.kind = CELL_TEXT, .text = "two\nlines"}, "\"two\nlines\"\r\n"},
        /* What a spreadsheet would run begins with an apostrophe, and so does what begins with one: reversible. */
        {{.kind = CELL_TEXT, .text = "=1+1"}, "'=1+1\r\n"},
        {{.kind = CELL_TEXT, .text = "@x,\"y\""}, "\"'@x,\"\"y\"\"\"\r\n"},
        {{.kind = CELL_TEXT, .text = "'quoted"}, "''quoted\r\n"},
        {{.kind = CELL_TEXT, .text = "a=1"}, "a=1\r\n"},
        {{.kind = CELL_TEXT, .text = "Vollzeit", .cached = "full_time"}, "full_time\r\n"},
        {{.kind = CELL_LINK, .text = "PDF", .cached = "certificates/00/x.pdf"}, "certificates/00/x.pdf\r\n"},
        {{.kind = CELL_COUNT, .number = -3}, "-3\r\n"},
        {{.kind = CELL_MONEY, .number = -5, .digits = 2}, "-0.05\r\n"},
        {{.kind = CELL_MONEY, .number = 123456789012345, .digits = 2}, "1234567890123.45\r\n"},
        {{.kind = CELL_MONEY, .number = 7, .digits = 0}, "7\r\n"},
        {{.kind = CELL_DATE, .number = 20250301}, "2025-03-01\r\n"},
        {{.kind = CELL_EMPTY}, "\r\n"},
    };
    struct buf out = {0};

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        out.length = 0;
        csv_row(&out, &table[i].cell, 1);
        assert_int_equal(out.length, strlen(table[i].text));
        assert_memory_equal(out.data, table[i].text, out.length);
    }
    out.length = 0;
    csv_row(&out, (const struct cell[]){table[0].cell, (struct cell){.kind = CELL_EMPTY}, table[1].cell}, 3);
    assert_memory_equal(out.data, "plain,,\"a,b\"\r\n", out.length);
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(writes_cells)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
