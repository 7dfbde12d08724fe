/* A sheet as typed cells. Knows nothing of XLSX: the workbook, summary.csv and a test's dump are written from the same rows. */
#ifndef BOOK_TABLE_H
#define BOOK_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cell_kind {
    CELL_EMPTY,
    CELL_TEXT,    /* text; cached: the same for programs where text is a word of people, or NULL */
    CELL_COUNT,   /* number */
    CELL_MONEY,   /* number: minor units, digits after the point */
    CELL_DATE,    /* number: yyyymmdd */
    CELL_FORMULA, /* text: the formula, of our own making only; number and digits: its cached value */
    CELL_VERDICT, /* as CELL_FORMULA, but the value is text in cached */
    CELL_LINK     /* text: shown; cached: relative path, validated */
};

enum cell_style {
    STYLE_PLAIN /* texts are wrapped */,
    STYLE_HEAD,
    STYLE_TITLE,
    STYLE_LABEL,
    STYLE_SUM,
    STYLE_FIRST /* of several rows: a line above */,
    STYLE_NOTE /* wrapped, as plain texts are in tables */,
    STYLE_SPILL /* a text that goes on over empty cells beside it */,
    STYLE_SIGN /* a line to write on */,
    STYLE_COUNT
};

struct cell {
    enum cell_kind kind;
    enum cell_style style;
    int64_t number;
    int digits;
    const char *text, *cached;
};

struct table_column {
    const char *title;
    int width; /* characters */
    bool hidden;
    bool page; /* a printed page begins here, where the sheet has several side by side */
};

#endif
