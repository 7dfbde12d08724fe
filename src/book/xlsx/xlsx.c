#include "book/xlsx/xlsx.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "base/date.h"
#include "base/text.h"
#include "book/xlsx/package.h"
#include "book/xlsx/paper.h"

#define KINDS (CELL_LINK + 1)
#define DIGITS_MAX 6
#define HEADER_MAX 100 /* bytes of a name on printed pages */
#define DATES_MAX 128  /* bytes of a date's number format, as many as the library takes */
#define FONT "Arial"   /* there and in LibreOffice of the same width */
#define LINE_HEIGHT 13
#define LINES_MAX 30  /* that a row is high enough for */
#define ROW_HEIGHT 12 /* of rows that have no head, so that programs agree on a page */

struct sheet {
    lxw_worksheet *sheet;
    struct rows rows;
    int head_row;
    size_t columns;
    uint8_t *widths; /* of the columns, in characters */
    int first_page;  /* last column of it, where there are several side by side; or -1 */
    int last_seen;   /* column behind which all are hidden; or -1: none is */
    char name[32 * 4];
};

struct xlsx {
    lxw_workbook *book; /* the frame: everything but the rows */
    struct packer *packer;
    char path[FILE_PATH_MAX], folder[FILE_PATH_MAX], frame[FILE_PATH_MAX + 16];
    struct sheet sheets[XLSX_SHEETS_MAX];
    int sheet_count;
    lxw_format *formats[STYLE_COUNT][KINDS];
    lxw_format *amounts[STYLE_COUNT][DIGITS_MAX + 1];                             /* by digits after the point */
    int numbers[STYLE_COUNT][KINDS], amount_numbers[STYLE_COUNT][DIGITS_MAX + 1]; /* the library's, of these formats */
    lxw_format *good, *bad, *open;                                                /* of verdicts */
    char passed[72], failed[72], incomplete[72], unchecked[72];                   /* as text in a formula */
    char no_rows[72];
    char dates[DATES_MAX];
    char header[4 * HEADER_MAX + 64];
};

/* Names the sheet when the error is one of a place in it; xlsxwriter's own texts hold no values. */
static bool failed(struct xlsx *x, lxw_error code, struct tc_error *err)
{
    if (code == LXW_ERROR_MEMORY_MALLOC_FAILED)
        return error_memory(err);
    return error_set(err, TC_IO, x->path, NULL, "workbook", "the workbook cannot be written (code %d, %s)", (int)code, error_cause(errno));
}

/* As a spreadsheet writes it. Signs are marked as such: a slash alone would be whatever the reader's country has there. */
static void make_date_format(const char *format, char out[DATES_MAX])
{
    size_t length, at = 0;

    for (; *format && at + 8 < DATES_MAX; format += length, at += length) {
        enum date_part part = date_format_part(format, &length);

        if (part == DATE_OTHER && ((unsigned char)*format & 0xC0) != 0x80)
            out[at++] = '\\';
        for (size_t i = 0; i < length; i++)
            out[at + i] = (char)(part ? format[i] - 'A' + 'a' : format[i]);
    }
    strcpy(out + at, "_0");
}

static const char *number_format(const struct xlsx *x, enum cell_kind kind)
{
    switch (kind) {
    case CELL_DATE: return x->dates;
    case CELL_COUNT: return "0_0";
    case CELL_TEXT: return "@";
    default: return "General";
    }
}

static void set_style(lxw_format *f, enum cell_style style, enum cell_kind kind)
{
    format_set_font_name(f, FONT);
    format_set_font_size(f, style == STYLE_TITLE ? 14 : 10);
    if (style == STYLE_HEAD || style == STYLE_TITLE || style == STYLE_LABEL || style == STYLE_SUM)
        format_set_bold(f);
    if (style == STYLE_HEAD) {
        format_set_bg_color(f, 0xD9E2EC);
        format_set_text_wrap(f);
    }
    if (style == STYLE_NOTE || (style == STYLE_PLAIN && kind == CELL_TEXT))
        format_set_text_wrap(f);
    format_set_align(f, LXW_ALIGN_VERTICAL_TOP);
    if (style == STYLE_HEAD || style == STYLE_SIGN)
        format_set_bottom(f, LXW_BORDER_THIN);
    if (style == STYLE_SUM || style == STYLE_FIRST)
        format_set_top(f, LXW_BORDER_THIN);
}

static lxw_format *make_format(struct xlsx *x, enum cell_style style, enum cell_kind kind, const char *numbers)
{
    lxw_format *f = workbook_add_format(x->book);

    if (!f)
        return NULL;
    format_set_num_format(f, numbers);
    if (kind == CELL_VERDICT)
        format_set_align(f, LXW_ALIGN_CENTER);
    if (kind == CELL_LINK) {
        format_set_font_color(f, 0x0563C1);
        format_set_underline(f, LXW_UNDERLINE_SINGLE);
    }
    if (kind == CELL_COUNT || kind == CELL_MONEY || kind == CELL_DATE) {
        format_set_align(
            f,
            LXW_ALIGN_RIGHT); /* off the text beside it by their number format: LibreOffice takes an indent to print only of some cells */
    }
    if (kind == CELL_COUNT || kind == CELL_MONEY || kind == CELL_DATE)
        format_set_shrink(f); /* a number too wide is smaller, and no row of ### */
    set_style(f, style, kind);
    return f;
}

/* The library numbers a format when it is first asked for its number: it is asked for all here, so that numbers do not hang on which
 * row comes first. */
static void number_formats(struct xlsx *x)
{
    for (int style = 0; style < STYLE_COUNT; style++) {
        for (int kind = 0; kind < KINDS; kind++)
            x->numbers[style][kind] = lxw_format_get_xf_index(x->formats[style][kind]);
        for (int digits = 0; digits <= DIGITS_MAX; digits++)
            x->amount_numbers[style][digits] = lxw_format_get_xf_index(x->amounts[style][digits]);
    }
}

static bool make_formats(struct xlsx *x)
{
    bool ok = true;

    for (int style = 0; style < STYLE_COUNT; style++) {
        for (int kind = 0; kind < KINDS; kind++)
            ok &= (x->formats[style][kind] = make_format(x, (enum cell_style)style, (enum cell_kind)kind,
                                                         number_format(x, (enum cell_kind)kind)))
                  != NULL;
        for (int digits = 0; digits <= DIGITS_MAX; digits++) {
            char numbers[64], point[] = ".000000";

            point[digits ? digits + 1 : 0] = '\0';
            snprintf(numbers, sizeof numbers, "#,##0%s_0;[Red]-#,##0%s_0", point, point);
            ok &= (x->amounts[style][digits] = make_format(x, (enum cell_style)style, CELL_MONEY, numbers)) != NULL;
        }
    }
    x->good = workbook_add_format(x->book);
    x->bad = workbook_add_format(x->book);
    x->open = workbook_add_format(x->book);
    if (!ok || !x->good || !x->bad || !x->open)
        return false;
    format_set_font_color(x->good, 0x1B5E20);
    format_set_bg_color(x->good, 0xE3F2E1);
    format_set_font_color(x->bad, 0xFFFFFF);
    format_set_bg_color(x->bad, 0xC62828);
    number_formats(x);
    format_set_font_color(x->open, 0x5D4037);
    format_set_bg_color(x->open, 0xFFECB3);
    return true;
}

/* As a header takes it: an ampersand begins a code there, so it is doubled. Cut between characters. */
static void escape_header(const char *text, char out[2 * HEADER_MAX + 8])
{
    size_t at = 0;

    while (*text && at < HEADER_MAX) {
        const char *start = text;

        text_next(&text);
        at += (size_t)snprintf(out + at, 2 * HEADER_MAX + 8 - at, "%s%.*s", *start == '&' ? "&" : "", (int)(text - start), start);
    }
    out[at] = '\0';
}

/* A text for the library's own XML, which takes no control characters. */
static void clean_company(const struct xlsx_document *d, struct buf *out)
{
    struct buf room = {0};
    const char *text = rows_clean(&room, d->company ? d->company : "");

    text_show(out, text ? text : "");
    buf_add(out, "", 1);
    out->failed |= !text;
    buf_free(&room);
}

/* On every printed page: whose it is, what it is, of which run. */
static bool set_header(struct xlsx *x, const struct xlsx_document *d)
{
    struct buf company = {0};
    char left[2 * HEADER_MAX + 8], right[2 * HEADER_MAX + 8];

    clean_company(d, &company);
    if (company.failed) {
        buf_free(&company);
        return false;
    }
    escape_header(company.data, left);
    escape_header(d->title, right);
    snprintf(x->header, sizeof x->header, "&L%s&R%s%s%.12s", left, right, d->run ? " / " : "", d->run ? d->run : "");
    buf_free(&company);
    return true;
}

static bool set_properties(struct xlsx *x, const struct xlsx_document *d)
{
    struct buf company = {0};
    struct tm day = {
        .tm_year = d->created / 10000 - 1900, .tm_mon = d->created / 100 % 100 - 1, .tm_mday = d->created % 100, .tm_hour = 12};
    lxw_doc_properties properties = {.title = (char *)d->title, .created = timegm(&day)}; /* it only reads them */
    bool ok;

    clean_company(d, &company);
    properties.company = company.data;
    ok = !company.failed && workbook_set_properties(x->book, &properties) == LXW_NO_ERROR;
    buf_free(&company);
    return ok;
}

struct xlsx *xlsx_create(const char *path, const char *folder, const struct xlsx_document *document, struct tc_error *err)
{
    struct xlsx *x = calloc(1, sizeof *x);
    /* Not in constant memory: the frame has no cell, and the library would keep a file open for each sheet without one. */
    lxw_workbook_options options = {.tmpdir = (char *)folder}; /* it only reads it */

    if (!x) {
        error_memory(err);
        return NULL;
    }
    snprintf(x->path, sizeof x->path, "%s", path);
    snprintf(x->folder, sizeof x->folder, "%s", folder);
    snprintf(x->frame, sizeof x->frame, "%s/frame.xlsx", x->folder);
    snprintf(x->passed, sizeof x->passed, "\"%s\"", document->passed);
    snprintf(x->failed, sizeof x->failed, "\"%s\"", document->failed);
    snprintf(x->incomplete, sizeof x->incomplete, "\"%s\"", document->incomplete ? document->incomplete : "");
    snprintf(x->no_rows, sizeof x->no_rows, "%s", document->no_rows ? document->no_rows : "");
    snprintf(x->unchecked, sizeof x->unchecked, "\"%s\"", document->unchecked ? document->unchecked : "");
    make_date_format(document->dates ? document->dates : "DD.MM.YYYY", x->dates);
    x->packer = packer_new();
    x->book = workbook_new_opt(x->frame, &options);
    if (x->book) { /* widths of columns are counted in its digits */
        format_set_font_name(STAILQ_FIRST(x->book->formats), FONT);
        format_set_font_size(STAILQ_FIRST(x->book->formats), 10);
    }
    if (set_header(x, document) && x->packer && x->book && make_formats(x) && set_properties(x, document))
        return x;
    error_memory(err);
    xlsx_free(x);
    return NULL;
}

/* The pages of a table: legible, with the columns that say whose row it is on each. */
static void set_pages(struct sheet *s, const struct table_column *columns, size_t count, size_t frozen)
{
    struct paper paper;
    lxw_col_t breaks[PAPER_BREAKS_MAX + 1] = {0};

    paper_choose(columns, count, frozen, &paper);
    if (!paper.upright)
        worksheet_set_landscape(s->sheet);
    worksheet_set_print_scale(s->sheet, (uint16_t)paper.scale);
    if (paper.break_count == 0)
        return;
    for (size_t i = 0; i < paper.break_count; i++)
        breaks[i] = (lxw_col_t)paper.breaks[i];
    worksheet_set_v_pagebreaks(s->sheet, breaks);
    worksheet_print_across(s->sheet); /* what belongs to a row lies side by side in the pile */
    if (paper.repeated)
        worksheet_repeat_columns(s->sheet, 0, (lxw_col_t)(frozen - 1));
    s->first_page = paper.breaks[0] - 1;
}

int xlsx_sheet(struct xlsx *x, const char *name, const struct table_column *columns, size_t count, int head_row, int frozen,
               struct tc_error *err)
{
    struct sheet *s = &x->sheets[x->sheet_count];
    lxw_row_col_options hidden = {.hidden = LXW_TRUE};

    errno = 0;
    if (x->sheet_count == XLSX_SHEETS_MAX || snprintf(s->name, sizeof s->name, "%s", name) >= (int)sizeof s->name
        || !(s->sheet = workbook_add_worksheet(x->book, name))) {
        if (error_lack(TC_USAGE) == TC_IO) /* the library makes a temporary file for each sheet */
            error_set(err, TC_IO, x->path, NULL, "workbook", "a sheet cannot be created (%s)", error_cause(errno));
        error_set(err, TC_USAGE, x->path, NULL, "workbook", "a sheet cannot be added: are the titles distinct and at most 31 characters?");
        return -1;
    }
    s->columns = count;
    s->widths = calloc(count + 1, 1);
    if (!s->widths) {
        error_memory(err);
        return -1;
    }
    s->head_row = head_row;
    s->first_page = s->last_seen = -1;
    for (int i = (int)count - 1; i > 0 && columns[i].hidden; i--)
        s->last_seen = i - 1;
    s->rows.folder = x->folder;
    s->rows.number = x->sheet_count;
    for (size_t i = 0; i < count; i++) {
        s->widths[i] = (uint8_t)columns[i].width;
        worksheet_set_column_opt(s->sheet, (lxw_col_t)i, (lxw_col_t)i, columns[i].width, NULL, columns[i].hidden ? &hidden : NULL);
    }
    worksheet_set_paper(s->sheet, 9); /* A4 */
    worksheet_set_margins(s->sheet, head_row >= 0 ? 0.4 : 0.35, head_row >= 0 ? 0.4 : 0.35, 0.6, 0.5);
    worksheet_set_header_opt(s->sheet, x->header, &(lxw_header_footer_options){.margin = 0.25});
    worksheet_set_footer_opt(s->sheet, "&L&A&R&P / &N", &(lxw_header_footer_options){.margin = 0.25});
    if (head_row >= 0) {
        set_pages(s, columns, count, (size_t)frozen);
        worksheet_freeze_panes(s->sheet, (lxw_row_t)head_row + 1, (lxw_col_t)frozen);
        worksheet_repeat_rows(s->sheet, (lxw_row_t)head_row, (lxw_row_t)head_row);
    } else {
        worksheet_fit_to_pages(s->sheet, 1, 1);
    }
    return x->sheet_count++;
}

static int format_of(const struct xlsx *x, const struct cell *c)
{
    if (c->kind == CELL_MONEY || (c->kind == CELL_FORMULA && c->digits > 0))
        return x->amount_numbers[c->style][c->digits];
    return x->numbers[c->style][c->kind == CELL_FORMULA ? CELL_COUNT : c->kind];
}

/* What a spreadsheet would not read. */
static bool is_too_long(const struct cell *c)
{
    return (c->kind == CELL_FORMULA || c->kind == CELL_VERDICT) && strlen(c->text) >= XLSX_FORMULA_MAX;
}

/* How many lines a text takes, words wrapped, where so many characters have room: a digit's width holds a little more than one of a
 * usual text, and in tables people's names may be wide. */
static int count_lines(const char *text, int room)
{
    int used = 0, lines = 1;

    while (*text && lines < LINES_MAX) {
        int length = 0;
        const char *end = text;

        for (; *end && (end == text || !strchr(" -\n", end[-1])); end++)
            length += ((unsigned char)*end & 0xC0) != 0x80;
        if (used > 0 && (used + length > room + 1 || text[-1] == '\n')) {
            lines++;
            used = 0;
        }
        for (used += length; used > room + 1 && lines < LINES_MAX; used -= room)
            lines++;
        text = end;
    }
    return lines;
}

/* Of the next row; 0: the usual one. Programs that take a file for a spreadsheet's own do not look how high wrapped texts are. */
static int row_height(const struct sheet *s, const struct cell *cells, size_t count)
{
    int lines = 1;
    bool title = false;

    for (size_t i = 0; i < count; i++) {
        bool head = cells[i].style == STYLE_HEAD;
        bool wrapped = head || cells[i].style == STYLE_NOTE || (cells[i].style == STYLE_PLAIN && s->head_row >= 0);

        title |= cells[i].style == STYLE_TITLE;
        if (wrapped && cells[i].kind == CELL_TEXT && count > 1 && (strlen(cells[i].text) > s->widths[i] || strchr(cells[i].text, '\n'))) {
            int more = count_lines(cells[i].text, s->widths[i] + (head ? 1 : s->widths[i] / (s->head_row < 0 ? 6 : 12)));

            lines = more > lines ? more : lines;
        }
    }
    if (s->head_row < 0)
        return title ? 0 : ROW_HEIGHT * lines;
    return lines > 1 ? LINE_HEIGHT * lines + 2 : 0;
}

static bool has_room(const struct xlsx *x, const struct sheet *s, struct tc_error *err)
{
    return s->rows.count < XLSX_ROWS_MAX
           || error_set(err, TC_IO, x->path, NULL, "workbook", "a sheet has more entries than a workbook can hold");
}

static void put_cell(const struct xlsx *x, struct rows *r, size_t column, const struct cell *c)
{
    if (c->kind != CELL_EMPTY || c->style == STYLE_SIGN)
        rows_cell(r, column, c, format_of(x, c));
}

/* An empty cell beside hidden ones has a blank: else LibreOffice prints into it that a number has no room in its hidden column. */
static const struct cell *fenced(const struct sheet *s, size_t column, const struct cell *c)
{
    static const struct cell blank = {.kind = CELL_TEXT, .text = " "};

    return s->last_seen >= 0 && column == (size_t)s->last_seen && c->kind == CELL_EMPTY ? &blank : c;
}

/* Into the rows of the sheet itself, or of a block that is made for it. */
static bool put_row(const struct xlsx *x, const struct sheet *s, struct rows *r, const struct cell *cells, size_t count,
                    struct tc_error *err)
{
    rows_begin(r, row_height(s, cells, count));
    for (size_t i = 0; i < count; i++) {
        if (is_too_long(&cells[i]))
            return error_set(err, TC_USAGE, x->path, NULL, "workbook",
                             "a formula over so many sheets is too long: allow more entries per sheet (--rows-per-sheet)");
        put_cell(x, r, i, count > (size_t)s->last_seen + 1 ? fenced(s, i, &cells[i]) : &cells[i]);
    }
    return true;
}

bool xlsx_row(struct xlsx *x, int sheet, const struct cell *cells, size_t count, struct tc_error *err)
{
    struct sheet *s = &x->sheets[sheet];

    return has_room(x, s, err) && put_row(x, s, &s->rows, cells, count, err) && rows_end(&s->rows, x->packer, err);
}

uint32_t xlsx_keep_row(struct xlsx *x, int sheet, struct tc_error *err)
{
    struct sheet *s = &x->sheets[sheet];

    return has_room(x, s, err) ? ++s->rows.count : 0;
}

bool xlsx_end_block(struct xlsx *x, int sheet, struct tc_error *err)
{
    return rows_flush(&x->sheets[sheet].rows, x->packer, err);
}

struct xlsx_piece {
    int sheet;
    struct rows_piece rows;
    const struct xlsx_piece *next;
};

struct xlsx_maker {
    struct rows rows;
    struct packer *packer;
    int sheet;                      /* of the rows; -1: none is made yet */
    const struct xlsx_piece **next; /* where the next piece hangs */
    const struct xlsx_piece *pieces;
};

struct xlsx_maker *xlsx_maker_new(void)
{
    struct xlsx_maker *m = calloc(1, sizeof *m);

    if (m) {
        m->sheet = -1;
        m->next = &m->pieces;
        m->packer = packer_new();
    }
    if (m && m->packer)
        return m;
    xlsx_maker_free(m);
    return NULL;
}

void xlsx_maker_free(struct xlsx_maker *m)
{
    if (!m)
        return;
    rows_free(&m->rows);
    packer_free(m->packer);
    free(m);
}

/* Hangs what is made behind the pieces there are. */
static bool end_piece(struct xlsx_maker *m, struct arena *arena, struct tc_error *err)
{
    struct xlsx_piece *piece;

    if (m->sheet < 0)
        return true;
    piece = arena_alloc(arena, sizeof *piece);
    if (!piece)
        return error_memory(err);
    piece->sheet = m->sheet;
    if (!rows_cut(&m->rows, m->packer, &piece->rows, err))
        return false;
    piece->rows.packed = arena_copy(arena, piece->rows.packed, piece->rows.size);
    *m->next = piece;
    m->next = &piece->next;
    m->sheet = -1;
    return piece->rows.packed || error_memory(err);
}

bool xlsx_made_row(const struct xlsx *x, struct xlsx_maker *m, int sheet, uint32_t row, const struct cell *cells, size_t count,
                   struct arena *arena, struct tc_error *err)
{
    if (m->sheet != sheet && !end_piece(m, arena, err))
        return false;
    m->sheet = sheet;
    m->rows.count = row - 1;
    return put_row(x, &x->sheets[sheet], &m->rows, cells, count, err) && rows_end(&m->rows, m->packer, err);
}

bool xlsx_made(struct xlsx_maker *m, struct arena *arena, const struct xlsx_piece **pieces, struct tc_error *err)
{
    bool ok = end_piece(m, arena, err);

    *pieces = m->pieces;
    m->pieces = NULL;
    m->next = &m->pieces;
    return ok;
}

bool xlsx_join(struct xlsx *x, const struct xlsx_piece *pieces, struct tc_error *err)
{
    bool ok = true;

    for (const struct xlsx_piece *piece = pieces; ok && piece; piece = piece->next)
        ok = rows_join(&x->sheets[piece->sheet].rows, &piece->rows, err);
    return ok;
}

uint32_t xlsx_rows(const struct xlsx *x, int sheet)
{
    return x->sheets[sheet].rows.count;
}

/* A table without rows is one page, and says so. */
static bool end_empty(struct xlsx *x, int sheet, struct tc_error *err)
{
    const struct sheet *s = &x->sheets[sheet];
    const struct cell none = {.kind = CELL_TEXT, .text = x->no_rows};

    if (!x->no_rows[0])
        return true;
    if (s->first_page >= 0)
        worksheet_print_area(s->sheet, 0, 0, s->rows.count + 1, (lxw_col_t)s->first_page);
    return xlsx_row(x, sheet, NULL, 0, err) && xlsx_row(x, sheet, &none, 1, err);
}

bool xlsx_filter(struct xlsx *x, int sheet, struct tc_error *err)
{
    const struct sheet *s = &x->sheets[sheet];
    lxw_error code;

    if (s->rows.count <= (uint32_t)s->head_row + 1)
        return end_empty(x, sheet, err);
    code = worksheet_autofilter(s->sheet, (lxw_row_t)s->head_row, 0, s->rows.count - 1, (lxw_col_t)(s->columns - 1));
    return code == LXW_NO_ERROR || failed(x, code, err);
}

void xlsx_first_page(struct xlsx *x, int sheet)
{
    const struct sheet *s = &x->sheets[sheet];

    if (s->first_page >= 0 && s->rows.count > 0)
        worksheet_print_area(s->sheet, 0, 0, s->rows.count - 1, (lxw_col_t)s->first_page);
}

bool xlsx_verdicts(struct xlsx *x, int sheet, uint32_t first, uint32_t last, int column, struct tc_error *err)
{
    const struct {
        char *word;
        lxw_format *format;
    } looks[] = {{x->passed, x->good}, {x->failed, x->bad}, {x->incomplete, x->open}, {x->unchecked, x->open}};
    lxw_error code = LXW_NO_ERROR;

    for (size_t i = 0; code == LXW_NO_ERROR && i < sizeof looks / sizeof *looks; i++) {
        lxw_conditional_format look = {.type = LXW_CONDITIONAL_TYPE_CELL,
                                       .criteria = LXW_CONDITIONAL_CRITERIA_EQUAL_TO,
                                       .value_string = looks[i].word,
                                       .format = looks[i].format};

        if (strlen(looks[i].word) > 2)
            code = worksheet_conditional_format_range(x->sheets[sheet].sheet, first, (lxw_col_t)column, last, (lxw_col_t)column, &look);
    }
    return code == LXW_NO_ERROR || failed(x, code, err);
}

bool xlsx_look(struct xlsx *x, int sheet, uint32_t row, int column, const char *word, enum xlsx_look look, struct tc_error *err)
{
    char quoted[200];
    lxw_conditional_format format = {.type = LXW_CONDITIONAL_TYPE_CELL,
                                     .criteria = word ? LXW_CONDITIONAL_CRITERIA_EQUAL_TO : LXW_CONDITIONAL_CRITERIA_GREATER_THAN,
                                     .value_string = word ? quoted : NULL};
    lxw_error code;

    format.format = look == XLSX_GOOD ? x->good : look == XLSX_BAD ? x->bad : x->open;
    snprintf(quoted, sizeof quoted, "\"%s\"", word ? word : "");
    code = worksheet_conditional_format_cell(x->sheets[sheet].sheet, row, (lxw_col_t)column, &format);
    return code == LXW_NO_ERROR || failed(x, code, err);
}

void xlsx_column(int column, char out[4])
{
    rows_column((size_t)column, out);
}

void xlsx_quote(struct buf *out, const char *sheet)
{
    buf_puts(out, "'");
    for (; *sheet; sheet++)
        buf_puts(out, *sheet == '\'' ? "''" : (char[2]){*sheet, '\0'});
    buf_puts(out, "'!");
}

bool xlsx_name(struct xlsx *x, const char *name, int sheet, uint32_t first, uint32_t last, int column, struct tc_error *err)
{
    struct buf formula = {0};
    char letters[4];
    lxw_error code = LXW_ERROR_MEMORY_MALLOC_FAILED;

    xlsx_column(column, letters);
    buf_puts(&formula, "=");
    xlsx_quote(&formula, x->sheets[sheet].name);
    buf_printf(&formula, "$%s$%" PRIu32 ":$%s$%" PRIu32, letters, first + 1, letters, last + 1);
    buf_add(&formula, "", 1);
    if (!formula.failed)
        code = workbook_define_name(x->book, name, formula.data);
    buf_free(&formula);
    return code == LXW_NO_ERROR || failed(x, code, err);
}

bool xlsx_chart(struct xlsx *x, int sheet, uint32_t row, int column, const struct xlsx_chart *c, struct tc_error *err)
{
    lxw_chart *chart = workbook_add_chart(x->book, c->bars ? LXW_CHART_BAR : LXW_CHART_COLUMN);
    lxw_chart_series *series = chart ? chart_add_series(chart, NULL, NULL) : NULL;
    lxw_chart_options options = {.x_scale = 0.56, .y_scale = 0.8};
    const char *name = x->sheets[c->sheet].name;
    lxw_error code;

    if (!series)
        return error_memory(err);
    chart_series_set_categories(series, name, c->first, (lxw_col_t)c->labels, c->last, (lxw_col_t)c->labels);
    chart_series_set_values(series, name, c->first, (lxw_col_t)c->values, c->last, (lxw_col_t)c->values);
    series->categories->ignore_cache = series->values->ignore_cache = LXW_TRUE; /* the library has no cell to take them from */
    chart_title_set_name(chart, c->title);
    chart_title_set_name_font(chart, &(lxw_chart_font){.size = 12, .bold = LXW_TRUE});
    chart_legend_set_position(chart, LXW_CHART_LEGEND_NONE);
    chart_axis_set_num_format(chart->y_axis, "#,##0");
    if (c->bars)
        chart_axis_set_reverse(chart->y_axis);
    code = worksheet_insert_chart_opt(x->sheets[sheet].sheet, row, (lxw_col_t)column, chart, &options);
    return code == LXW_NO_ERROR || failed(x, code, err);
}

static bool close_frame(struct xlsx *x, struct tc_error *err)
{
    lxw_error code;

    errno = 0; /* the library tells a number of its own, and errno says why */
    code = workbook_close(x->book);
    x->book = NULL;
    return code == LXW_NO_ERROR || failed(x, code, err);
}

bool xlsx_close(struct xlsx *x, struct tc_error *err)
{
    const struct rows *rows[XLSX_SHEETS_MAX];
    struct reopen_sheet written[XLSX_SHEETS_MAX] = {{0}};
    bool ok = true;

    for (int i = 0; i < x->sheet_count; i++) {
        rows[i] = &x->sheets[i].rows;
        ok = ok && rows_flush(&x->sheets[i].rows, x->packer, err);
    }
    ok = ok && close_frame(x, err) && package_join(x->frame, x->path, rows, x->sheet_count, x->packer, written, err)
         && reopen_check(x->path, written, x->sheet_count, err);
    xlsx_free(x);
    return ok;
}

void xlsx_free(struct xlsx *x)
{
    if (!x)
        return;
    if (x->book)
        lxw_workbook_free(x->book);
    for (int i = 0; i < x->sheet_count; i++)
        rows_free(&x->sheets[i].rows);
    for (int i = 0; i < XLSX_SHEETS_MAX; i++)
        free(x->sheets[i].widths);
    unlink(x->frame);
    packer_free(x->packer);
    free(x);
}
