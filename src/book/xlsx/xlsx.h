/* The workbook. Constant memory: rows go out in order, sheets may alternate.
 *
 *   xlsx.c      sheets, formats, filters, charts: the frame, by libxlsxwriter
 *   paper.c     columns onto printed pages
 *   rows.c      rows as XML, packed as they come, by ISA-L
 *   package.c   the file: rows put into the frame, by minizip
 *   reopen.c    the finished file read again */
#ifndef BOOK_XLSX_XLSX_H
#define BOOK_XLSX_XLSX_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/error.h"
#include "book/table.h"

struct xlsx;

#define XLSX_ROWS_MAX 1048576
#define XLSX_SHEETS_MAX 256
#define XLSX_FORMULA_MAX 8192 /* bytes */

/* What is said of the file. Borrowed for the call. */
struct xlsx_document {
    const char *title, *company;
    const char *run;                    /* identity, of which the first characters stand on printed pages; or NULL */
    int32_t created;                    /* yyyymmdd: the only date in the file */
    int digits;                         /* of amounts whose cells do not say */
    const char *passed, *failed;        /* words that are shown green and red in verdicts */
    const char *incomplete, *unchecked; /* amber; or NULL */
    const char *no_rows;                /* what a table without rows says; or NULL */
    const char *dates;                  /* a format of base/date.h that has all parts; NULL: DD.MM.YYYY */
};

/* New workbook at path. folder: a private one for temporary files, on the same file system. */
struct xlsx *xlsx_create(const char *path, const char *folder, const struct xlsx_document *document, struct tc_error *err);
/* Adds a sheet; its number, or -1 with err. head_row: the row with the columns' titles, kept in view with the first
 * frozen columns; -1 for none. */
int xlsx_sheet(struct xlsx *x, const char *name, const struct table_column *columns, size_t count, int head_row, int frozen,
               struct tc_error *err);
/* The next row of a sheet. */
bool xlsx_row(struct xlsx *x, int sheet, const struct cell *cells, size_t count, struct tc_error *err);
/* Keeps the place of the next row for xlsx_made_row; its number, counted from 1. 0 with err: the sheet is full. */
uint32_t xlsx_keep_row(struct xlsx *x, int sheet, struct tc_error *err);
/* Ends a block: what follows in the sheet is packed by itself. */
bool xlsx_end_block(struct xlsx *x, int sheet, struct tc_error *err);

/* Makes rows of blocks, in any thread, each with a maker of its own. */
struct xlsx_maker;
struct xlsx_maker *xlsx_maker_new(void);
void xlsx_maker_free(struct xlsx_maker *m);
/* The rows of a block, packed: one piece a sheet. Lives in an arena. */
struct xlsx_piece;
/* A row whose place is kept, in order within the block. */
bool xlsx_made_row(const struct xlsx *x, struct xlsx_maker *m, int sheet, uint32_t row, const struct cell *cells, size_t count,
                   struct arena *arena, struct tc_error *err);
/* The block's pieces, in the arena; the next row begins another one. */
bool xlsx_made(struct xlsx_maker *m, struct arena *arena, const struct xlsx_piece **pieces, struct tc_error *err);
/* Puts a block's rows in their place: blocks in order, all of a sheet's before the rows that were written behind them are packed. */
bool xlsx_join(struct xlsx *x, const struct xlsx_piece *pieces, struct tc_error *err);
/* Rows written to a sheet so far. */
uint32_t xlsx_rows(const struct xlsx *x, int sheet);
/* The rows so far below the head row can be filtered; what follows cannot. Where there is none, a row says so. */
bool xlsx_filter(struct xlsx *x, int sheet, struct tc_error *err);
/* Of pages side by side only the first are printed: the others have nothing but heads. After the last row. */
void xlsx_first_page(struct xlsx *x, int sheet);
/* Colours verdicts in a column, rows from first to last. */
bool xlsx_verdicts(struct xlsx *x, int sheet, uint32_t first, uint32_t last, int column, struct tc_error *err);
/* Colours one cell where its text is the word; word NULL: where its number is above 0. */
enum xlsx_look { XLSX_GOOD, XLSX_BAD, XLSX_OPEN };
bool xlsx_look(struct xlsx *x, int sheet, uint32_t row, int column, const char *word, enum xlsx_look look, struct tc_error *err);
/* A name for rows first to last of a column. */
bool xlsx_name(struct xlsx *x, const char *name, int sheet, uint32_t first, uint32_t last, int column, struct tc_error *err);

struct xlsx_chart {
    const char *title;
    int sheet, labels, values; /* the data: sheet and columns */
    uint32_t first, last;      /* rows */
    bool bars;                 /* across, for long labels */
};

/* A chart of one series on a sheet, its corner at row and column. */
bool xlsx_chart(struct xlsx *x, int sheet, uint32_t row, int column, const struct xlsx_chart *chart, struct tc_error *err);

/* Finishes the file and reads it again. Frees x in every case. */
bool xlsx_close(struct xlsx *x, struct tc_error *err);
/* Drops an unfinished workbook. */
void xlsx_free(struct xlsx *x);

/* "A", "AB": a column in a formula. */
void xlsx_column(int column, char out[4]);
/* 'Sheet'! in a formula. */
void xlsx_quote(struct buf *out, const char *sheet);

#endif
