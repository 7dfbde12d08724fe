/* A workbook is written, and refused where what is read again is not what was written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <minizip/unzip.h>
#include <zlib.h>

#include "base/file.h"
#include "book/xlsx/reopen.h"
#include "book/xlsx/rows.h"
#include "book/xlsx/xlsx.h"

#define ROWS 40000 /* several blocks of packed rows */
#define FIRST "xl/worksheets/sheet1.xml"
#define SECOND "xl/worksheets/sheet2.xml"
#define EMPTY "xl/worksheets/sheet3.xml"

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

/* Sheets of ROWS, 2 and no rows; in the first, empty rows between. */
static void write_book(void)
{
    const struct xlsx_document document = {
        .title = "Title", .company = "A & B", .created = 20260128, .passed = "passed", .failed = "failed", .dates = "YYYY\u5e74MM/DD"};
    const struct table_column heads[] = {{"a", 10, false, false}, {"b", 10, true, false}};
    const struct cell cells[] = {{.kind = CELL_TEXT, .text = "<row r=\"1\"> & </worksheet>"},
                                 {.kind = CELL_MONEY, .number = -1234567890123, .digits = 2}};
    struct tc_error err = {0};
    struct xlsx *x = xlsx_create(path, folder, &document, &err);
    int first, second;

    assert_non_null(x);
    first = xlsx_sheet(x, "First", heads, 2, 0, 1, &err);
    second = xlsx_sheet(x, "It's", heads, 2, -1, 0, &err);
    assert_true(first == 0 && second == 1);
    assert_int_equal(xlsx_sheet(x, "Empty", heads, 2, 0, 1, &err), 2);
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

/* How often the text stands in a part, unpacked with its checksum. */
static int count_in(const char *part, const char *text)
{
    unzFile zip = unzOpen64(path);
    size_t length = 32u << 20;
    char *all = malloc(length + 1);
    int n, count = 0;

    assert_true(zip && all && unzLocateFile(zip, part, 1) == UNZ_OK && unzOpenCurrentFile(zip) == UNZ_OK);
    n = unzReadCurrentFile(zip, all, (unsigned)length);
    assert_true(n > 0 && (size_t)n < length);
    assert_int_equal(unzCloseCurrentFile(zip), UNZ_OK);
    unzClose(zip);
    for (const char *at = all; (at = memmem(at, (size_t)(all + n - at), text, strlen(text))) != NULL; at++)
        count++;
    free(all);
    return count;
}

static void has_all_rows(void **state)
{
    (void)state;
    write_book();
    assert_int_equal(count_in(FIRST, "<row "), ROWS);
    assert_int_equal(count_in(FIRST, "<t>&lt;row r=\"1\"&gt; &amp; &lt;/worksheet&gt;</t>"), ROWS);
    assert_int_equal(count_in(FIRST, "<v>-12345678901.23</v>"), ROWS);
    assert_int_equal(count_in(FIRST, "<dimension ref=\"A1:B40040\"/>"), 1);
    assert_int_equal(count_in(FIRST, "</sheetData>"), 1);
    assert_int_equal(count_in(FIRST, "<row r=\"40040\""), 1); /* the last, with 40 empty ones before */
    assert_int_equal(count_in(FIRST, "<c r=\"A40040\" "), 1);
    assert_int_equal(count_in(FIRST, "<c s="), 0); /* each says where it stands */
    assert_int_equal(count_in(SECOND, "<row "), 2);
    assert_int_equal(count_in(EMPTY, "<row "), 0);
    assert_int_equal(count_in("xl/styles.xml", "formatCode=\"yyyy\\\u5e74mm\\/dd_0\""), 1);
}

/* What the file must have, as it was written. */
static void describe(struct reopen_sheet *sheets)
{
    unzFile zip = unzOpen64(path);
    static const char *const parts[] = {FIRST, SECOND};

    assert_non_null(zip);
    for (int i = 0; i < 2; i++) {
        unsigned char *all = malloc(8u << 20);
        unz_file_info64 info;
        int method, level;

        assert_true(unzLocateFile(zip, parts[i], 1) == UNZ_OK && unzGetCurrentFileInfo64(zip, &info, NULL, 0, NULL, 0, NULL, 0) == UNZ_OK);
        assert_int_equal(unzOpenCurrentFile2(zip, &method, &level, 1), UNZ_OK);
        sheets[i] = (struct reopen_sheet){.packed = info.compressed_size, .length = info.uncompressed_size, .crc = (uint32_t)info.crc};
        sheets[i].packed_crc = (uint32_t)crc32(0, all, (uInt)unzReadCurrentFile(zip, all, 8u << 20));
        unzCloseCurrentFile(zip);
        free(all);
    }
    unzClose(zip);
}

static void compares_sheets(void **state)
{
    struct reopen_sheet right[4] = {{0}}, wrong[4];
    struct tc_error err = {0};

    (void)state;
    write_book();
    describe(right);
    assert_true(reopen_check(path, right, 3, &err));
    for (int i = 0; i < 4; i++) {
        memcpy(wrong, right, sizeof wrong);
        wrong[0].packed += i == 0;
        wrong[0].length += i == 1;
        wrong[1].packed_crc ^= i == 2;
        wrong[1].crc ^= i == 3;
        err = (struct tc_error){0};
        assert_false(reopen_check(path, wrong, 3, &err));
        assert_int_equal(err.code, TC_IO);
    }
    for (int count = 0; count < 5; count++) {
        err = (struct tc_error){0};
        assert_int_equal(reopen_check(path, right, count, &err), count == 3);
    }
}

/* Any place of the file: cut off, or other bytes there. */
static void sees_damage(void **state)
{
    struct reopen_sheet sheets[3] = {{0}};
    struct tc_error err = {0};
    char *data;
    size_t length;

    (void)state;
    write_book();
    describe(sheets);
    assert_true(file_read(path, &data, &length, &err));
    for (size_t at = length / 7; at < length; at += length / 7) {
        struct tc_error damage = {0};

        unlink(path);
        assert_true(file_write(path, data, at, &err));
        assert_false(reopen_check(path, sheets, 3, &damage));
        assert_int_equal(damage.code, TC_IO);
    }
    for (size_t at = length / 20; at < length * 9 / 10; at += length / 20) {
        struct tc_error damage = {0};

        memset(data + at, data[at] ^ 0x55, 16);
        unlink(path);
        assert_true(file_write(path, data, length, &err));
        assert_false(reopen_check(path, sheets, 3, &damage));
    }
    free(data);
}

/* Expected: ECMA-376 part 1, 18.3.1.4 (c), 18.4.12 (t), 22.9.2.19 (ST_Xstring: _xHHHH_); days as spreadsheets count them. */
static void writes_cells(void **state)
{
#define TEXT(shown) " t=\"inlineStr\"><is><t>" shown "</t></is></c>"
#define VALUE(shown) "><v>" shown "</v></c>"
    static const struct {
        struct cell cell;
        const char *xml;
    } table[] = {
        {{.kind = CELL_TEXT, .text = "Meier & S\xC3\xB6hne <\"GmbH\">"}, TEXT("Meier &amp; S\xC3\xB6hne &lt;\"GmbH\"&gt;")},
        {{.kind = CELL_TEXT,
          .text = "a\x01"
                  "b\x1F\r"},
         TEXT("a_x0001_b_x001F__x000D_")},
        {{.kind = CELL_TEXT, .text = "_x0041_ _x004 x_0041_ _"}, TEXT("_x005F_x0041_ _x004 x_0041_ _")},
        {{.kind = CELL_TEXT, .text = "_x0041_x0042_"}, TEXT("_x005F_x0041_x005F_x0042_")},
        {{.kind = CELL_TEXT,
          .text = "a\xEF\xBF\xBF"
                  "b"},
         TEXT("a\xEF\xBF\xBD"
              "b")},
        {{.kind = CELL_TEXT, .text = " b"}, " t=\"inlineStr\"><is><t xml:space=\"preserve\"> b</t></is></c>"},
        {{.kind = CELL_TEXT, .text = "b\n"}, " t=\"inlineStr\"><is><t xml:space=\"preserve\">b\n</t></is></c>"},
        {{.kind = CELL_MONEY, .number = 71318, .digits = 2}, VALUE("713.18")},
        {{.kind = CELL_MONEY, .number = -71310, .digits = 2}, VALUE("-713.1")},
        {{.kind = CELL_MONEY, .number = 71300, .digits = 2}, VALUE("713")},
        {{.kind = CELL_MONEY, .number = -5, .digits = 2}, VALUE("-0.05")},
        {{.kind = CELL_MONEY, .number = 0, .digits = 2}, VALUE("0")},
        {{.kind = CELL_MONEY, .number = 1200, .digits = 0}, VALUE("1200")},
        {{.kind = CELL_MONEY, .number = INT64_MIN, .digits = 6}, VALUE("-9223372036854.775808")},
        {{.kind = CELL_COUNT, .number = -7}, VALUE("-7")},
        {{.kind = CELL_DATE, .number = 19000301}, VALUE("61")},
        {{.kind = CELL_DATE, .number = 20260128}, VALUE("46050")},
        {{.kind = CELL_DATE, .number = 19000228}, TEXT("1900-02-28")},
        {{.kind = CELL_FORMULA, .text = "=IF(A1<2,1,0)", .number = 105, .digits = 1}, "><f>IF(A1&lt;2,1,0)</f><v>10.5</v></c>"},
        {{.kind = CELL_VERDICT, .text = "=IF(A1=1,\"a&b\",\"\")", .cached = "a&b"},
         " t=\"str\"><f>IF(A1=1,\"a&amp;b\",\"\")</f><v>a&amp;b</v></c>"},
        {{.kind = CELL_LINK, .text = "PDF", .cached = "certificates/00/a.pdf"},
         " t=\"str\"><f>HYPERLINK(\"certificates/00/a.pdf\",\"PDF\")</f><v>PDF</v></c>"},
        {{.kind = CELL_EMPTY}, "/>"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct rows r = {.count = 9998};
        char expected[1024];

        rows_begin(&r, 0); /* no cell: it is not there */
        rows_end(&r, NULL, NULL);
        rows_begin(&r, 40);
        rows_cell(&r, 27, &table[i].cell, 12);
        rows_end(&r, NULL, NULL);
        snprintf(expected, sizeof expected, "<row r=\"10000\" ht=\"40\" customHeight=\"1\"><c r=\"AB10000\" s=\"12\"%s</row>",
                 table[i].xml);
        assert_int_equal(r.text.length, strlen(expected));
        assert_memory_equal(r.text.data, expected, r.text.length);
        rows_free(&r);
    }
}

/* The rows of a sheet of 300 persons, one part of each person by itself. */
static void put_person(struct rows *r, uint32_t number)
{
    char name[64];

    snprintf(name, sizeof name, "name <%u>", number * 2654435761u);
    r->count = number - 1;
    rows_begin(r, number % 7 == 0 ? 28 : 0);
    rows_cell(r, number % 3, &(struct cell){.kind = CELL_TEXT, .text = name}, 3);
    rows_cell(r, 20 + number % 30, &(struct cell){.kind = CELL_COUNT, .number = number}, 11);
}

static void unpack(struct rows *r, char *text, size_t size)
{
    struct buf packed = {0};
    z_stream z = {.next_out = (Bytef *)text, .avail_out = (uInt)size};
    int c;

    rewind(r->file);
    while ((c = getc(r->file)) != EOF)
        buf_add(&packed, &(char){(char)c}, 1);
    assert_int_equal(inflateInit2(&z, -MAX_WBITS), Z_OK);
    z.next_in = (Bytef *)packed.data;
    z.avail_in = (uInt)packed.length;
    assert_int_equal(inflate(&z, Z_SYNC_FLUSH), Z_OK);
    assert_true(z.avail_in == 0 && z.total_out == r->length);
    assert_int_equal(crc32(0, (Bytef *)text, (uInt)r->length), r->crc);
    inflateEnd(&z);
    buf_free(&packed);
}

/* Rows that others made and packed, in pieces of any size, are those that the sheet would have written itself; rows that were written behind
 * them before come behind them. */
static void joins_made_rows(void **state)
{
    enum { PEOPLE = 300, ROOM = 100000 };
    static const uint32_t ends[] = {1, 2, 33, 34, 200, PEOPLE};
    struct rows whole = {.folder = "/tmp", .number = 1}, joined = {.folder = "/tmp", .number = 2}, made = {.count = 0};
    struct packer *packer = packer_new();
    char *texts = malloc((size_t)2 * ROOM);
    uint32_t next = 1;

    (void)state;
    assert_true(packer && texts);
    for (uint32_t i = 1; i <= PEOPLE + 1; i++) {
        put_person(&whole, i);
        assert_true(rows_end(&whole, packer, NULL));
    }
    put_person(&joined, PEOPLE + 1);
    assert_true(rows_end(&joined, packer, NULL));
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct rows_piece piece;

        for (; next <= ends[i]; next++) {
            put_person(&made, next);
            assert_true(rows_end(&made, packer, NULL));
        }
        assert_true(rows_cut(&made, packer, &piece, NULL) && rows_join(&joined, &piece, NULL));
    }
    assert_true(rows_flush(&whole, packer, NULL) && rows_flush(&joined, packer, NULL));
    unpack(&whole, texts, ROOM);
    unpack(&joined, texts + ROOM, ROOM);
    assert_true(whole.length == joined.length && whole.crc == joined.crc && whole.last == joined.last && whole.columns == joined.columns);
    assert_memory_equal(texts, texts + ROOM, whole.length);
    rows_free(&whole);
    rows_free(&joined);
    rows_free(&made);
    packer_free(packer);
    free(texts);
}

/* Days as spreadsheets count them, of 300 years: every third, so that in twelve years it is each day of the year. */
static void counts_days(void **state)
{
    struct rows r = {.count = 0};

    (void)state;
    for (time_t second = (time_t)-25508 * 86400; second < (time_t)84000 * 86400; second += 3 * 86400) { /* from 1 March 1900 */
        struct tm day;
        struct cell c = {.kind = CELL_DATE};
        char expected[80];

        gmtime_r(&second, &day);
        c.number = (day.tm_year + 1900) * 10000 + (day.tm_mon + 1) * 100 + day.tm_mday;
        assert_true(c.number >= 19000301);
        r.text.length = r.count = 0;
        rows_begin(&r, 0);
        rows_cell(&r, 0, &c, 5);
        snprintf(expected, sizeof expected, "<row r=\"1\"><c r=\"A1\" s=\"5\"><v>%ld</v></c>", (long)(second / 86400 + 25569));
        assert_int_equal(r.text.length, strlen(expected));
        assert_memory_equal(r.text.data, expected, r.text.length);
    }
    rows_free(&r);
}

/* A text of each character that there is: what XML and spreadsheets do not take is written as both read it. */
static void escapes_characters(void **state)
{
    (void)state;
    for (int i = 1; i < 128; i++) {
        char text[] = {'a', (char)i, 'x', '\0'}, escaped[32], expected[128];
        struct rows r = {.count = 0};

        if (strchr("&<>", i))
            snprintf(escaped, sizeof escaped, i == '&' ? "&amp;" : i == '<' ? "&lt;" : "&gt;");
        else if (i < ' ' && i != '\t' && i != '\n')
            snprintf(escaped, sizeof escaped, "_x%04X_", i);
        else
            snprintf(escaped, sizeof escaped, "%c", i);
        rows_begin(&r, 0);
        rows_cell(&r, 0, &(struct cell){.kind = CELL_TEXT, .text = text}, 99 + i);
        snprintf(expected, sizeof expected, "<row r=\"1\"><c r=\"A1\" s=\"%d\" t=\"inlineStr\"><is><t>a%sx</t></is></c>", 99 + i, escaped);
        assert_int_equal(r.text.length, strlen(expected));
        assert_memory_equal(r.text.data, expected, r.text.length);
        rows_free(&r);
    }
}

static void cuts_texts(void **state)
{
    char *text = malloc(40001);
    struct rows r = {.count = 0};

    (void)state;
    memset(text, 'a', 40000);
    text[40000] = '\0';
    rows_begin(&r, 0);
    rows_cell(&r, 0, &(struct cell){.kind = CELL_TEXT, .text = text}, 1);
    rows_end(&r, NULL, NULL);
    assert_non_null(memmem(r.text.data, r.text.length, "aa\xE2\x80\xA6</t>", 9));
    assert_true(r.text.length < 32767 + 100);
    rows_free(&r);
    free(text);
}

/* Rows packed again must be the same bytes: by any packer, wherever it stands in memory, whatever it packed before. The text is short, so
 * that ISA-L's table is small, and repeats only what begins at its third byte, which its fast loop looks up by an address. */
static void packs_the_same_anywhere(void **state)
{
    static const char text[] = "abcdefg-cdef-----------------------cdef---------------------";
    struct packer *packers[1000];
    struct buf first = {0}, again = {0};

    (void)state;
    for (int i = 0; i < 1000; i++) { /* all at once: each somewhere else */
        packers[i] = packer_new();
        assert_non_null(packers[i]);
    }
    assert_true(packer_add(packers[0], text, sizeof text - 1, true, &first));
    for (int i = 0; i < 1000; i++) {
        again.length = 0;
        assert_true(packer_add(packers[i], text, sizeof text - 1, true, &again));
        assert_int_equal(again.length, first.length);
        assert_memory_equal(again.data, first.data, first.length);
        packer_free(packers[i]);
    }
    buf_free(&first);
    buf_free(&again);
}

/* What cannot be packed and what can, in pieces of any length, joined: unpacked by zlib. */
static void joins_pieces(void **state)
{
    enum { MOST = 200000 };
    static const size_t lengths[] = {1, 7, 8, 9, 24, 300, 0, 65536, 128 * 1024, MOST};
    struct packer *packer = packer_new();
    unsigned char *text = malloc(MOST), *back = malloc(MOST);
    unsigned seed = 1;

    (void)state;
    assert_true(packer && text && back);
    for (int random = 0; random < 2; random++) {
        struct buf out = {0};
        z_stream z = {0};

        for (size_t i = 0; i < MOST; i++) {
            seed = seed * 1103515245 + 12345;
            text[i] = random ? (unsigned char)(seed >> 16) : (unsigned char)("<c r=\"A1\"/>"[i % 12] + (i % 1000 == 0));
        }
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
            assert_true(packer_add(packer, (char *)text, lengths[i], false, &out));
        assert_true(packer_add(packer, (char *)text, 1000, true, &out));
        assert_int_equal(inflateInit2(&z, -MAX_WBITS), Z_OK);
        z.next_in = (Bytef *)out.data;
        z.avail_in = (uInt)out.length;
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
            z.next_out = back;
            z.avail_out = (uInt)lengths[i];
            assert_true(lengths[i] == 0 || inflate(&z, Z_SYNC_FLUSH) == Z_OK);
            assert_int_equal(z.avail_out, 0);
            assert_memory_equal(back, text, lengths[i]);
        }
        z.next_out = back;
        z.avail_out = 1001;
        assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
        assert_true(z.avail_out == 1 && z.avail_in == 0);
        assert_memory_equal(back, text, 1000);
        inflateEnd(&z);
        buf_free(&out);
    }
    free(text);
    free(back);
    packer_free(packer);
}

static void names_columns(void **state)
{
    static const struct {
        int column;
        const char *name;
    } table[] = {{0, "A"}, {25, "Z"}, {26, "AA"}, {51, "AZ"}, {52, "BA"}, {701, "ZZ"}};

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char name[4];

        xlsx_column(table[i].column, name);
        assert_string_equal(name, table[i].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_all_rows),       cmocka_unit_test(compares_sheets), cmocka_unit_test(sees_damage),
        cmocka_unit_test(writes_cells),       cmocka_unit_test(joins_made_rows), cmocka_unit_test(counts_days),
        cmocka_unit_test(escapes_characters), cmocka_unit_test(cuts_texts),      cmocka_unit_test(packs_the_same_anywhere),
        cmocka_unit_test(joins_pieces),       cmocka_unit_test(names_columns)};

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
