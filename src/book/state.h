/* The workbook while it is made: what its sheets share, and what each of them does for the others. */
#ifndef BOOK_STATE_H
#define BOOK_STATE_H

#include "base/buf.h"
#include "base/stream.h"
#include "book/contents.h"
#include "book/xlsx/xlsx.h"

#define SHEETS_MAX 64     /* that one table goes on on */
#define LIVE_GROUPS 200   /* groups of a kind whose sums are formulas */
#define WAIVERS_SHOWN 100 /* in the overview */
#define ORIGIN_ROWS 50000 /* in the workbook */
#define ORIGIN_COLUMNS 5  /* before the months */

/* One table: data rows below a head row, going on on further sheets where one is full. */
struct sheet_rows {
    const char *title;
    const struct table_column *heads;
    size_t column_count;
    int frozen;
    int sheets[SHEETS_MAX];
    uint32_t counts[SHEETS_MAX]; /* data rows */
    int sheet_count;
    int64_t *sums;  /* by column, of the last sheet; NULL: it has no subtotals */
    bool open_sums; /* what no sum can hold is left out of it: of rows that must stop nobody */
};

/* Certificates of one kind of group. */
struct tally_entry {
    const char *key, *text;
    int number; /* from 1, in the order in which they were met: what stands beside the rows */
    long count;
    int64_t *sums; /* by control line */
};

struct tally {
    struct tally_entry *entries;
    size_t count, capacity;
    uint32_t *table; /* open addressing: index + 1 */
    size_t table_size;
};

struct waived {
    const char *id; /* of the first certificate */
    const char *rule, *reason, *who;
    long count; /* of certificates */
};

/* What a certificate's row is made in. */
struct row_room {
    struct cell *cells; /* of the plan's columns, and the numbers for formulas behind them */
    char (*rooms)[16];  /* texts of cells */
    struct arena texts; /* of the row at hand */
    struct buf joined;  /* one cell */
    char change[2][96];
};

struct summary_block {
    const struct xlsx_piece *rows;
    const char *lines; /* of summary.csv */
    size_t lines_length;
    const char *origin; /* packed; NULL where there is none */
    size_t origin_length;
};

struct summary {
    const struct template *t;
    const struct plan *plan;
    const struct summary_run *run;
    struct summary_files files;
    struct arena arena;
    struct xlsx *xlsx;
    int single[SHEET_KINDS]; /* number of the sheets that are one */
    struct sheet_rows certificates, held, findings, without, corrections, extra;
    long extra_checked;         /* of the classes that the overview checks */
    struct table_column *heads; /* of certificates, the numbers for formulas behind the columns */
    struct row_room room;
    struct summary_maker *maker; /* of what summary_add is given */
    struct arena made;           /* its block */
    int64_t block;               /* what summary_add makes: certificates with these numbers by SUMMARY_BLOCK; -1: none */
    size_t *money;               /* columns of amounts */
    size_t money_count;
    size_t *amounts; /* fields that have such a column */
    size_t amount_count;
    int *control; /* columns of the control lines */
    size_t control_count;
    struct tally *tallies; /* by the plan's group */
    int64_t *totals;       /* by field, of what was issued */
    struct stream csv;
    struct buf line;
    struct buf formula; /* of one row */
    struct stream origin;
    long origin_rows; /* on the sheet; one more: there are more */
    long changes[LEDGER_CHANGES];
    int64_t *changed; /* by field: what corrections have added */
    long certificate_count, issued, held_count, refused, warnings, waived_count, without_count, unexplained;
    struct waived *waived; /* by rule, reason and who, as far as there is room */
    long waived_shown;
    bool waived_more;
    /* Where checks stand, for the overview: rows counted from 1. */
    uint32_t *group_checks;         /* by the plan's group: row in totals */
    char tolerance[16];             /* half of the currency's least unit */
    uint32_t code_first, code_last; /* rows in the reconciliation whose verdicts are counted */
    /* Columns there: verdict, months that are missing, amounts held back; of these row 2 is the first code's over all establishments. */
    int code_verdict, code_months, code_held;
    int64_t areas[SHEET_KINDS];  /* the sum of all amounts of a sheet */
    bool area_lost[SHEET_KINDS]; /* too large to be added up */
    int money_first, money_last; /* columns of the sheets of people between which all amounts stand */
    int64_t unit;                /* minor units of 1 */
    long different;
};

/* sheets.c */
bool sheets_open(struct summary *s, struct sheet_rows *r, struct tc_error *err);
/* Makes room for a row: on a new sheet where the last one is full. */
bool sheets_room(struct summary *s, struct sheet_rows *r, struct tc_error *err);
/* Continues on a new sheet where the last one is full. */
bool sheets_row(struct summary *s, struct sheet_rows *r, const struct cell *cells, struct tc_error *err);
/* The place of a row of certificates, which is made in a block. */
bool sheets_keep_row(struct summary *s, struct sheet_rows *r, const struct record *record, struct summary_spot *spot, struct tc_error *err);
/* Ends the last sheet: filter, subtotals. */
bool sheets_end(struct summary *s, struct sheet_rows *r, struct tc_error *err);
bool sheets_heads(struct summary *s, int sheet, const struct table_column *heads, size_t count, struct tc_error *err);

/* formula.c: over the data rows of a table, all sheets. Everything but the texts of the plan is of our own making. */
void formula_sum(struct buf *out, const struct sheet_rows *r, int column);
/* SUM of all numbers in the columns from first to last. */
void formula_area(struct buf *out, const struct sheet_rows *r, int first, int last);
void formula_count(struct buf *out, const struct sheet_rows *r, int column);
/* Rows whose column has the number that stands in a cell such as "$D5". */
void formula_count_if(struct buf *out, const struct sheet_rows *r, int column, const char *number);
struct formula_if {
    int column;
    const char *number;
};
void formula_sum_if(struct buf *out, const struct sheet_rows *r, int column, const struct formula_if *conditions, size_t count);
/* "=ROUND(SUM(A5:F5),2)", terminated: what stands in a row's columns. */
void formula_row(struct buf *out, int first, int last, uint32_t row, int digits);
/* A formula's text, in the summary's arena: the buffer is emptied. */
const char *formula_take(struct summary *s, struct buf *formula);

/* totals.c */
bool tally_add(struct summary *s, const struct record *record, int *numbers, struct tc_error *err);
void tally_free(struct summary *s);
bool totals_write(struct summary *s, struct tc_error *err);
int totals_first_row(const struct summary *s, size_t group);

/* reconciliation.c */
bool declarations_write(struct summary *s, struct tc_error *err);
bool reconciliation_write(struct summary *s, struct tc_error *err);
/* The declarations as a table for formulas. */
void declarations_rows(const struct summary *s, struct sheet_rows *rows);
#define DECLARATION_COLUMNS 5 /* before the codes */
/* Columns there: of a code, and the first behind them all, the group's number; the period's number follows. */
int declarations_column(const struct summary *s, size_t code);
int declarations_check_column(const struct summary *s);
int declarations_group_column(const struct summary *s);
/* What the column before the codes has where a declaration counts, as a condition; in the summary's arena. */
const char *declarations_counts(struct summary *s);

/* origin.c: the sheet, and the text of the table */
bool origin_open(struct summary *s, struct tc_error *err);
bool origin_add(struct summary *s, const struct summary_line *line, struct tc_error *err);
/* A certificate's rows of the table of origins; in any thread. False where a sum is too large. */
bool origin_text(const struct summary *s, const struct summary_line *line, struct buf *out, struct tc_error *err);
/* The text as one more member of the file; it is emptied. False when memory ran out. */
struct libdeflate_compressor;
bool origin_pack(struct libdeflate_compressor *compressor, struct buf *text, struct buf *packed);
bool origin_close(struct summary *s, struct summary_made *made, struct tc_error *err);

/* corrections.c */
bool corrections_open(struct summary *s, struct tc_error *err);
/* "SUM of the differences" of a column of the plan, for formulas. */
void corrections_sum(struct summary *s, struct buf *out, size_t column);
/* The sum of all amounts, old and new. */
void corrections_area(struct summary *s, struct buf *out);

/* extra.c */
bool extra_open(struct summary *s, struct tc_error *err);
bool extra_end(struct summary *s, struct tc_error *err);
/* How many rows are of the classes that the check is about. */
void extra_count(struct summary *s, struct buf *out);

/* overview.c */
bool overview_write(struct summary *s, struct tc_error *err);

/* block.c */
bool block_room(const struct summary *s, struct row_room *room, struct arena *arena);
void block_free(struct row_room *room);
/* Fills the cells of the plan's columns, and the numbers behind them. False when memory ran out. */
bool block_cells(const struct summary *s, struct row_room *room, const struct summary_line *line);

/* cells.c */
struct cell summary_text(const char *text);
struct cell summary_head(const char *text);
/* IF condition, else: the check's words. In the summary's arena. */
const char *summary_verdict(struct summary *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Columns behind those of the plan: the number of the reconciliation's group, of the codes by marks, of the groups. */
int summary_group_column(const struct summary *s);
int summary_code_column(const struct summary *s, int word);
int summary_tally_column(const struct summary *s, size_t group);
int summary_field_column(const struct summary *s, int field);
/* What the personnel number is called. */
const char *summary_number_title(const struct summary *s);
/* A value in the sheets, words for it where the column has them. room: for a text of it. */
struct cell summary_value(const struct summary *s, const struct plan_column *column, const struct value *v, char room[16]);
/* What a record has in a column; of a group's, its rows together. */
struct cell summary_column(const struct summary *s, struct row_room *room, size_t column, const struct record *record);

#endif
