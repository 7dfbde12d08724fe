#include "import/csv.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

#define RECORD_MAX ((size_t)1 << 20) /* bytes: no row of people's files is that long, an open quote is */
#define LINE_END (UINT32_MAX - 2)

static void mistake(struct csv *csv, const char *rule, const char *message)
{
    csv->mistakes++;
    csv->record_is_bad = true;
    csv->tell(csv->ctx, csv->record_line, csv->count ? (long)csv->count : 1, rule, message);
}

bool csv_open(struct csv *csv, const char *path, struct tc_error *err)
{
    int fd = file_open(path, TC_INPUT, err);
    const char *other;

    csv->in.file = fd >= 0 ? fdopen(fd, "rb") : NULL;
    csv->line = 1;
    if (fd >= 0 && !csv->in.file)
        close(fd);
    if (!csv->in.file)
        return err->code ? false : error_memory(err);
    if (encoding_begin(&csv->in, &other))
        return true;
    if (!other || !strcmp(other, ENCODING_UTF32))
        return error_set(err, TC_INPUT, path, NULL, "import-encoding",
                         other ? "the file is UTF-32, which is not read: save or export it as UTF-8" : "the file cannot be read");
    return error_set(err, TC_INPUT, path, NULL, "import-encoding",
                     "the file is %s (by its first bytes), but the mapping names another encoding: write \"encoding\": \"%s\" "
                     "there, or save the file differently",
                     other, other);
}

/* The same of what is no plain character. */
static uint32_t take_special(struct csv *csv, uint32_t point)
{
    if (point == '\n')
        return LINE_END;
    if (point == '\r') {
        point = encoding_next(&csv->in);
        if (point == '\n')
            return LINE_END;
        mistake(csv, "import-cr", "an unusual end of line (a carriage return without a line feed): export the file again");
    }
    if (point == 0x1A) {
        point = encoding_next(&csv->in);
        if (point != ENCODING_END)
            mistake(csv, "import-control", "a control character (0x1A) before the end of the file: export the file again");
    }
    if (point == 0)
        mistake(csv, "import-control", "a zero byte: the file is damaged, or is not a text file");
    if (point == ENCODING_BAD)
        mistake(csv, "import-encoding",
                csv->in.encoding == encoding_find("utf-8")
                    ? "not UTF-8, as the mapping says (is the file Windows-1252?): correct the mapping (encoding), or export "
                      "the file as UTF-8"
                    : "a byte that does not exist in the encoding that the mapping names: check it (encoding)");
    return point == 0 || point == ENCODING_BAD ? 0xFFFD : point;
}

/* One character; the ends of lines become LINE_END; what no text may hold is told and becomes U+FFFD. */
static inline uint32_t take(struct csv *csv)
{
    uint32_t point = encoding_next(&csv->in);

    return point >= 0x20 && point < LINE_END ? point : take_special(csv, point);
}

static void put_long(struct buf *text, uint32_t point)
{
    unsigned char bytes[4] = {(unsigned char)point};
    int length = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;

    for (int i = length - 1; i > 0; i--, point >>= 6)
        bytes[i] = (unsigned char)(0x80 | (point & 0x3F));
    if (length > 1)
        bytes[0] = (unsigned char)(0xF00 >> length | point);
    buf_add(text, bytes, (size_t)length);
}

static inline void put(struct buf *text, uint32_t point)
{
    if (point < 0x80 && text->length < text->capacity)
        text->data[text->length++] = (char)point;
    else
        put_long(text, point);
}

static bool begin_field(struct csv *csv, struct tc_error *err)
{
    if (csv->count == csv->room) {
        size_t room = csv->room ? csv->room * 2 : 32;
        size_t *fields = realloc(csv->fields, room * sizeof *fields);
        if (!fields)
            return error_memory(err);
        csv->fields = fields;
        csv->room = room;
    }
    csv->fields[csv->count++] = csv->text.length;
    return true;
}

static bool is_end(const struct csv *csv, uint32_t point)
{
    return point == LINE_END || point == ENCODING_END || point == csv->separator;
}

/* What stands between quotes; the character behind the closing one. */
static uint32_t quoted(struct csv *csv)
{
    for (;;) {
        uint32_t point = take(csv);
        if (point == csv->quote && (point = take(csv)) != csv->quote)
            return point;
        if (point == ENCODING_END || csv->text.length > RECORD_MAX) {
            mistake(csv, "import-quote", "a quotation mark is opened here and never closed");
            return ENCODING_END;
        }
        csv->line += point == LINE_END;
        put(&csv->text, point == LINE_END ? '\n' : point);
    }
}

/* One field from its first character on; the character that ended it. */
static uint32_t field(struct csv *csv, uint32_t point)
{
    bool told = false;

    if (csv->quote && point == csv->quote) {
        point = quoted(csv);
        if (!is_end(csv, point)) {
            mistake(csv, "import-quote", "text after a closing quotation mark");
            told = true;
        }
    }
    for (; !is_end(csv, point); point = take(csv)) {
        if (csv->quote && point == csv->quote && !told) {
            mistake(csv, "import-quote", "a quotation mark within a field that is not in quotation marks");
            told = true;
        }
        if (csv->text.length <= RECORD_MAX)
            put(&csv->text, point);
    }
    buf_add(&csv->text, "", 1);
    return point;
}

/* A spreadsheet's own first line, sep=; , is none of the file's. */
static bool is_separator_line(struct csv *csv)
{
    const char *text = csv->text.data;

    if (csv->record_line != 1 || strncmp(text, "sep=", 4))
        return false;
    if (csv->count != 2 || csv->text.length != 6)
        mistake(csv, "import-separator", "the line sep= of the file names another separator than the mapping");
    return true;
}

static bool record(struct csv *csv, uint32_t point, struct tc_error *err)
{
    do {
        if (!begin_field(csv, err))
            return false;
        point = field(csv, csv->count == 1 ? point : take(csv));
    } while (point == csv->separator);
    csv->line += point == LINE_END;
    if (csv->text.failed)
        return error_memory(err);
    if (csv->text.length > RECORD_MAX)
        return error_set(err, TC_INPUT, NULL, NULL, "import-record", "line %ld: the row is longer than a megabyte", csv->record_line);
    return true;
}

bool csv_next(struct csv *csv, struct tc_error *err)
{
    uint32_t point;

    do {
        csv->count = csv->text.length = 0;
        csv->record_line = csv->line;
        csv->record_is_bad = false;
        point = take(csv);
        if (ferror(csv->in.file))
            return error_set(err, TC_IO, NULL, NULL, "read", "the file cannot be read");
        if (point == ENCODING_END || !record(csv, point, err))
            return false;
    } while (is_separator_line(csv));
    return true;
}

const char *csv_field(const struct csv *csv, size_t number)
{
    return number >= 1 && number <= csv->count ? csv->text.data + csv->fields[number - 1] : NULL;
}

void csv_close(struct csv *csv)
{
    if (csv->in.file)
        fclose(csv->in.file);
    buf_free(&csv->text);
    free(csv->fields);
}
