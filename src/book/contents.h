/* What a workbook is made of: known to whoever feeds it and to its sheets. */
#ifndef BOOK_CONTENTS_H
#define BOOK_CONTENTS_H

#include "book/table.h"
#include "check/reconcile.h"
#include "input/trail.h"
#include "store/ledger.h"

/* A sheet behind all others, of the caller's own words: each row is of something that is counted once, as one of some classes. */
struct summary_extra {
    const char *title;
    const struct table_column *heads; /* texts, and in a hidden last column the class's number, from 1; 0 in rows that are not counted */
    size_t column_count;
    const char *check; /* what the overview says: the classes up to checked together are all that was issued */
    int checked;
};

/* The run. Borrowed while the summary lives. */
struct summary_run {
    const char *identity, *payroll_hash, *employees_hash; /* hexadecimal */
    const char *employer;
    int32_t issued; /* yyyymmdd */
    bool draft;
    uint32_t rows_per_sheet; /* 0: as many as a workbook can have */
    struct reconcile *reconcile;
    const char *corrects;              /* identity of the run that it corrects; NULL: it corrects none */
    int64_t first_issued;              /* of a correcting run: certificates that the year's first run issued */
    const int64_t *first_totals;       /* of a correcting run: by field, the control lines' before any correction */
    const struct summary_extra *extra; /* NULL: the workbook has no such sheet */
};

/* Where it goes. csv and origin may be NULL: they are not written then. */
struct summary_files {
    const char *workbook, *csv;
    const char *origin;    /* .csv.gz; removed again where the workbook has room for all */
    const char *temporary; /* a private folder on the same file system */
};

/* Where a certificate stands among the others: nothing else of its row hangs on them. */
struct summary_spot {
    int sheet; /* of the workbook, and the row there, where it is issued */
    uint32_t row;
    int groups[PLAN_GROUPS_MAX]; /* numbers of its groups, from 1 */
};

/* One certificate. Texts are borrowed for the call. */
struct summary_line {
    const struct ledger_entry *entry;
    const char *establishment;   /* NULL where it is unknown */
    const struct record *record; /* NULL where it could not be read */
    const struct trail *trail;
    struct reconcile_place place;
    struct summary_spot spot; /* by summary_place */
};

/* What came of the files beside the workbook. */
struct summary_made {
    bool origin; /* the file of that name is needed */
    unsigned char csv_hash[HASH_SIZE], origin_hash[HASH_SIZE];
};

#endif
