/* The rows of a sheet as XML, packed block by block as they come. libxlsxwriter makes everything else of a workbook; a year's
 * rows through it cost as much as all certificates, most of it for printing numbers by a format and for packing them in
 * one thread at the end. */
#ifndef BOOK_XLSX_ROWS_H
#define BOOK_XLSX_ROWS_H

#include <stdio.h>

#include "base/buf.h"
#include "base/error.h"
#include "book/table.h"

/* Makes raw deflate blocks, each by itself and of whole bytes, so that they can be joined in any number. */
struct packer;

/* New, or NULL when memory ran out. */
struct packer *packer_new(void);
void packer_free(struct packer *p);
/* Appends to out; last ends the stream. False when memory ran out. */
bool packer_add(struct packer *p, const char *text, size_t length, bool last, struct buf *out);

struct rows {
    const char *folder; /* private, on the disk of the workbook; borrowed. NULL: what is packed stays in memory, for rows_cut */
    struct buf text;    /* waiting */
    struct buf packed;  /* not written yet */
    struct buf cleaned; /* one text */
    FILE *file;         /* what is packed */
    int number;         /* of the sheet: its file's name is its own */
    bool named;         /* the file has a name, which goes after it was closed */
    uint64_t length;    /* of what is packed, before */
    uint32_t crc;       /* the same */
    uint32_t count;     /* rows */
    uint32_t last;      /* with a cell, counted from 1: others are not written */
    size_t columns;     /* the most in a row */
    char reference[16]; /* the row's number and the quote behind it */
    size_t reference_length;
    int height;
    bool open; /* the row has a cell */
};

/* Rows that stand together, packed. Their text is that of other rows' neighbours: joined in order they are a sheet's. */
struct rows_piece {
    const char *packed; /* borrowed */
    size_t size;
    uint64_t length; /* of the text */
    uint32_t crc, last;
    size_t columns;
};

/* Begins the next row. height in points; 0: as its text needs. */
void rows_begin(struct rows *r, int height);
/* A cell; columns from 0, upwards. style: number of a format in the workbook. Each says where it stands: ECMA-376 lets that be left out
 * (18.3.1.4), but programs that read a sheet by themselves go by it. */
void rows_cell(struct rows *r, size_t column, const struct cell *c, int style);
bool rows_end(struct rows *r, struct packer *p, struct tc_error *err);
/* Packs what waits. */
bool rows_flush(struct rows *r, struct packer *p, struct tc_error *err);
/* Of rows without a folder: the rows since the last one, borrowed until the next row. */
bool rows_cut(struct rows *r, struct packer *p, struct rows_piece *piece, struct tc_error *err);
/* Behind what is packed: what still waits comes after the piece. */
bool rows_join(struct rows *r, const struct rows_piece *piece, struct tc_error *err);
void rows_free(struct rows *r);

#define ROWS_TEXT_MAX 32767 /* UTF-16 units of a cell: a longer text is cut */

/* A text as XML and spreadsheets take it: no U+FFFE and U+FFFF, cut where it is too long. Borrowed from text or room; NULL when
 * memory ran out. */
const char *rows_clean(struct buf *room, const char *text);

/* "A", "AB". Returns the length. */
size_t rows_column(size_t column, char out[4]);

#endif
