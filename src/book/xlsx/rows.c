#include "book/xlsx/rows.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <isa-l.h>
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/date.h"
#include "base/file.h"
#include "base/text.h"

#define BLOCK ((size_t)128 * 1024)
#define FIRST_DAY 19000301 /* on which all spreadsheets agree; earlier ones are written as text */
#define BEGINNING 693900   /* days from 1 March of the year 0 to the day that spreadsheets count from, with one for the 29 February 1900 */
#define CELL_ROOM 160      /* bytes of a cell beside its texts, and whole words behind them */
#define LINK_MAX 255       /* characters of a text in a formula: with more, a spreadsheet drops the whole formula */
#define ESCAPED_MAX 7      /* bytes that one may become */
#define HEAD 8 /* packed by themselves: ISA-L's fast loop depends on an address where it begins a stream (CONTRIBUTING, Decisions) */

/* ISA-L takes a sixth of zlib's time for a little less; its streams can be ended and joined at whole bytes. */
struct packer {
    struct isal_zstream stream;
    unsigned char room[ISAL_DEF_LVL1_DEFAULT];
};

/* ---- packing */

struct packer *packer_new(void)
{
    struct packer *p = malloc(sizeof *p);

    if (p)
        isal_deflate_init(&p->stream);
    return p;
}

void packer_free(struct packer *p)
{
    free(p);
}

static bool pack(struct isal_zstream *s, const char *text, size_t length, bool last)
{
    s->end_of_stream = last;
    s->flush = last ? NO_FLUSH : SYNC_FLUSH;
    s->next_in = (uint8_t *)text; /* it only reads */
    s->avail_in = (uint32_t)length;
    return isal_deflate(s) == COMP_OK && s->avail_in == 0 && s->avail_out > 0;
}

bool packer_add(struct packer *p, const char *text, size_t length, bool last, struct buf *out)
{
    struct isal_zstream *s = &p->stream;
    size_t head = length > HEAD ? HEAD : 0;
    bool packed;

    if (!buf_reserve(out, length + length / 8 + 1024)) /* more than what cannot be packed takes, with the ends of both blocks */
        return false;
    isal_deflate_reset(s);
    s->level = 1;
    s->level_buf = p->room;
    s->level_buf_size = sizeof p->room;
    s->next_out = (uint8_t *)out->data + out->length;
    s->avail_out = (uint32_t)(out->capacity - out->length);
    packed = (head == 0 || pack(s, text, head, false)) && pack(s, text + head, length - head, last);
    out->length = out->capacity - s->avail_out;
    return packed;
}

static char *name_file(const struct rows *r, char path[FILE_PATH_MAX + 24])
{
    snprintf(path, FILE_PATH_MAX + 24, "%s/rows.%d", r->folder, r->number);
    return path;
}

/* Without a name where the file system has such files, so that it goes with the program. A share has none, and keeps the
 * name of an open file that is removed: there it has a name until it is closed. */
static bool open_file(struct rows *r)
{
    char path[FILE_PATH_MAX + 24];
    int fd = open(r->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    r->named = fd < 0;
    if (r->named)
        fd = open(name_file(r, path), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0)
        r->file = fdopen(fd, "w+");
    if (fd >= 0 && !r->file)
        close(fd);
    return r->file != NULL;
}

static bool write_packed(struct rows *r, const char *packed, size_t length, struct tc_error *err)
{
    if (!r->file && !open_file(r))
        return error_set(err, TC_IO, r->folder, NULL, "file", "a file cannot be created (%s)", error_cause(errno));
    return fwrite(packed, 1, length, r->file) == length
           || error_set(err, TC_IO, r->folder, NULL, "write", "the rows of the workbook cannot be written (%s)", error_cause(errno));
}

/* What waits is packed, behind what is packed already. */
static bool pack_waiting(struct rows *r, struct packer *p, struct tc_error *err)
{
    if (r->text.failed || !packer_add(p, r->text.data, r->text.length, false, &r->packed))
        return error_memory(err);
    r->crc = libdeflate_crc32(r->crc, r->text.data, r->text.length);
    r->length += r->text.length;
    r->text.length = 0;
    return true;
}

bool rows_flush(struct rows *r, struct packer *p, struct tc_error *err)
{
    bool ok = (r->text.length == 0 && !r->text.failed) || pack_waiting(r, p, err);

    if (!r->folder || !ok || r->packed.length == 0)
        return ok;
    ok = write_packed(r, r->packed.data, r->packed.length, err);
    r->packed.length = 0;
    return ok;
}

bool rows_cut(struct rows *r, struct packer *p, struct rows_piece *piece, struct tc_error *err)
{
    if (!rows_flush(r, p, err))
        return false;
    *piece = (struct rows_piece){r->packed.data, r->packed.length, r->length, r->crc, r->last, r->columns};
    r->packed.length = 0;
    r->length = 0;
    r->crc = r->last = 0;
    r->columns = 0;
    return true;
}

bool rows_join(struct rows *r, const struct rows_piece *piece, struct tc_error *err)
{
    r->crc = (uint32_t)crc32_combine(r->crc, piece->crc, (z_off_t)piece->length);
    r->length += piece->length;
    r->last = piece->last > r->last ? piece->last : r->last;
    r->columns = piece->columns > r->columns ? piece->columns : r->columns;
    return write_packed(r, piece->packed, piece->size, err);
}

void rows_free(struct rows *r)
{
    char path[FILE_PATH_MAX + 24];

    if (r->file)
        fclose(r->file);
    if (r->file && r->named)
        unlink(name_file(r, path));
    buf_free(&r->text);
    buf_free(&r->packed);
    buf_free(&r->cleaned);
}

/* ---- texts */

const char *rows_clean(struct buf *room, const char *text)
{
    size_t units = 0, length = strlen(text);
    const char *p = text;

    if (length <= ROWS_TEXT_MAX && !memchr(text, 0xEF, length))
        return text;
    room->length = 0;
    while (*p && units < ROWS_TEXT_MAX - 2) {
        const char *start = p;
        uint32_t point = text_next(&p);

        units += point > 0xFFFF ? 2 : 1;
        if (point == 0xFFFE || point == 0xFFFF)
            buf_puts(room, "\xEF\xBF\xBD");
        else
            buf_add(room, start, (size_t)(p - start));
    }
    buf_puts(room, *p ? "\xE2\x80\xA6" : ""); /* an ellipsis */
    buf_add(room, "", 1);
    return room->failed ? NULL : room->data;
}

/* A path as a relative URL: percent-encoded where it must be. Borrowed from path or room; NULL when memory ran out. */
static const char *url_of(struct buf *room, const char *path)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/+";

    if (path[strspn(path, plain)] == '\0')
        return path;
    room->length = 0;
    for (; *path; path++) {
        unsigned char c = (unsigned char)*path;

        if (strchr(plain, c))
            buf_add(room, path, 1);
        else
            buf_printf(room, "%%%02X", c);
    }
    buf_add(room, "", 1);
    return room->failed ? NULL : room->data;
}

/* What XML or a spreadsheet would not take as it is, and the end. */
static const bool stops[256] = {true, true, true, true, true, true, true, true, true,         false,        false,        true,
                                true, true, true, true, true, true, true, true, true,         true,         true,         true,
                                true, true, true, true, true, true, true, true, ['&'] = true, ['<'] = true, ['>'] = true, ['_'] = true};

/* "_x0041_" is an A to spreadsheets. */
static bool is_code(const char *p)
{
    return p[0] == '_' && p[1] == 'x' && strspn(p + 2, "0123456789abcdefABCDEF") >= 4 && p[6] == '_';
}

static char *put(char *p, const char *text, size_t length)
{
    memcpy(p, text, length);
    return p + length;
}

#define PUT(p, constant) put(p, constant, sizeof(constant) - 1)

static char *put_special(char *p, const char *text)
{
    switch (*text) {
    case '&': return PUT(p, "&amp;");
    case '<': return PUT(p, "&lt;");
    case '>': return PUT(p, "&gt;");
    case '_': return is_code(text) ? PUT(p, "_x005F_") : PUT(p, "_");
    default:
        p = PUT(p, "_x00");
        *p++ = "01"[*text >> 4];
        *p++ = "0123456789ABCDEF"[*text & 15];
        return PUT(p, "_");
    }
}

/* Most texts are a few characters, and need nothing. */
static char *put_escaped(char *p, const char *text)
{
    for (;;) {
        while (!stops[(unsigned char)*text])
            *p++ = *text++;
        if (!*text)
            return p;
        p = put_special(p, text++);
    }
}

/* ---- cells */

size_t rows_column(size_t column, char out[4])
{
    size_t at = 0;

    if (column >= 26)
        out[at++] = (char)('A' + column / 26 - 1);
    out[at++] = (char)('A' + column % 26);
    out[at] = '\0';
    return at;
}

static char *put_number(char *p, int64_t number, int digits)
{
    char room[BUF_DIGITS], *at = buf_digits(room, number, digits);

    return put(p, at, (size_t)(room + BUF_DIGITS - at));
}

/* Years are counted from March, so that what a leap year has more is their last day. */
static int64_t days_of(int32_t date)
{
    int64_t month = date / 100 % 100, year = date / 10000 - (month <= 2), since_march = month <= 2 ? month + 9 : month - 3;

    return 365 * year + year / 4 - year / 100 + year / 400 + (153 * since_march + 2) / 5 + date % 100 - BEGINNING;
}

static char *put_value(char *p, int64_t number, int digits)
{
    p = PUT(p, "><v>");
    p = put_number(p, number, digits);
    return PUT(p, "</v></c>");
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

static char *put_text(char *p, const char *text, size_t length)
{
    bool spaces = length > 0 && (is_space(text[0]) || is_space(text[length - 1]));

    p = spaces ? PUT(p, " t=\"inlineStr\"><is><t xml:space=\"preserve\">") : PUT(p, " t=\"inlineStr\"><is><t>");
    p = put_escaped(p, text);
    return PUT(p, "</t></is></c>");
}

static char *put_day(char *p, int32_t date)
{
    char text[DATE_LENGTH + 1];

    if (date >= FIRST_DAY)
        return put_value(p, days_of(date), 0);
    date_text(date, text);
    return put_text(p, text, DATE_LENGTH);
}

static char *put_formula(char *p, const char *formula)
{
    p = PUT(p, "><f>");
    p = put_escaped(p, formula + (*formula == '=')); /* a file has it without */
    return PUT(p, "</f");
}

/* A formula and the text that it gives. */
static char *put_verdict(char *p, const char *formula, const char *value)
{
    p = PUT(p, " t=\"str\"");
    p = put_formula(p, formula);
    p = PUT(p, "><v>");
    p = put_escaped(p, value);
    return PUT(p, "</v></c>");
}

static char *put_content(char *p, const struct cell *c, const char *text, size_t length)
{
    switch (c->kind) {
    case CELL_TEXT: return put_text(p, text, length);
    case CELL_COUNT: return put_value(p, c->number, 0);
    case CELL_MONEY: return put_value(p, c->number, c->digits);
    case CELL_DATE: return put_day(p, (int32_t)c->number);
    case CELL_FORMULA: return put_value(put_formula(p, c->text), c->number, c->digits);
    case CELL_VERDICT: return put_verdict(p, c->text, c->cached);
    case CELL_LINK:
        if (length > LINK_MAX)
            return put_text(p, c->text, strlen(c->text));
        p = PUT(p, " t=\"str\"><f>HYPERLINK(\"");
        p = put_escaped(p, text);
        p = PUT(p, "\",\"");
        p = put_escaped(p, c->text);
        p = PUT(p, "\")</f><v>");
        p = put_escaped(p, c->text);
        return PUT(p, "</v></c>");
    default: return PUT(p, "/>");
    }
}

void rows_begin(struct rows *r, int height)
{
    r->count++;
    r->height = height;
    r->open = false;
}

static void open_row(struct rows *r)
{
    r->open = true;
    r->last = r->count;
    r->reference_length = (size_t)(PUT(put_number(r->reference, r->count, 0), "\"") - r->reference);
    buf_puts(&r->text, "<row r=\"");
    buf_fixed(&r->text, r->count, 0);
    if (r->height > 0) {
        buf_puts(&r->text, "\" ht=\"");
        buf_fixed(&r->text, r->height, 0);
        buf_puts(&r->text, "\" customHeight=\"1");
    }
    buf_puts(&r->text, "\">");
}

/* The beginning of a cell, with where it stands: programs that read a sheet by themselves go by that. Whole words are copied, of which some go
 * beyond the end of what is there (CELL_ROOM). */
static char *put_cell(char *p, const struct rows *r, size_t column, int style)
{
    char letters[4];
    size_t length = rows_column(column, letters);

    p = PUT(p, "<c r=\"");
    memcpy(p, letters, sizeof letters);
    p += length;
    memcpy(p, r->reference, sizeof r->reference);
    p += r->reference_length;
    p = PUT(p, " s=\"");
    if (style < 10)
        *p++ = (char)('0' + style);
    else if (style < 100)
        p = put(p, (char[2]){(char)('0' + style / 10), (char)('0' + style % 10)}, 2);
    else
        p = put_number(p, style, 0);
    return PUT(p, "\"");
}

/* What a cell shows, or leads to. NULL where it has no text, or memory ran out. */
static const char *text_of(struct rows *r, const struct cell *c)
{
    switch (c->kind) {
    case CELL_TEXT: return rows_clean(&r->cleaned, c->text);
    case CELL_LINK: return url_of(&r->cleaned, c->cached);
    case CELL_FORMULA:
    case CELL_VERDICT: return c->text;
    default: return NULL;
    }
}

void rows_cell(struct rows *r, size_t column, const struct cell *c, int style)
{
    const char *text = text_of(r, c);
    size_t length = text ? strlen(text) : 0, room = CELL_ROOM + ESCAPED_MAX * length;
    char *p;

    if (!r->open)
        open_row(r);
    if (c->kind == CELL_VERDICT)
        room += ESCAPED_MAX * strlen(c->cached);
    if (c->kind == CELL_LINK)
        room += 2 * ESCAPED_MAX * strlen(c->text); /* it stands there twice */
    if (r->cleaned.failed || (r->text.capacity - r->text.length < room && !buf_reserve(&r->text, room))) {
        r->text.failed = true;
        return;
    }
    p = put_cell(r->text.data + r->text.length, r, column, style);
    p = put_content(p, c, text, length);
    r->text.length = (size_t)(p - r->text.data);
    r->columns = column + 1 > r->columns ? column + 1 : r->columns;
}

bool rows_end(struct rows *r, struct packer *p, struct tc_error *err)
{
    if (r->open)
        buf_puts(&r->text, "</row>");
    return r->text.failed ? error_memory(err) : r->text.length < BLOCK || rows_flush(r, p, err);
}
