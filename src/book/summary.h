/* The summary workbook, as summary.json and the captions say: fed one certificate at a time, in input order, by a run or
 * from a ledger. Sheets by file:
 *
 *   overview.c   what it is, what was counted, every check       sheets.c     rows that go on on further sheets
 *   reconcile.c  against the year's declarations                 totals.c     sums by group
 *   origin.c     wage types behind the lines                     formula.c    formulas over rows
 *   corrections.c  what was changed, old and new
 *   summary.c    one row for a certificate, finding, person; summary.csv */
#ifndef BOOK_SUMMARY_H
#define BOOK_SUMMARY_H

#include "check/reconcile.h"
#include "input/trail.h"
#include "store/ledger.h"

struct summary;

/* The run. Borrowed while the summary lives. */
struct summary_run {
    const char *identity, *payroll_hash, *employees_hash; /* hexadecimal */
    const char *employer;
    int32_t issued; /* yyyymmdd */
    bool draft;
    uint32_t rows_per_sheet; /* 0: as many as a workbook can have */
    struct reconcile *reconcile;
    const char *corrects;        /* identity of the run that it corrects; NULL: it corrects none */
    int64_t first_issued;        /* of a correcting run: certificates that the year's first run issued */
    const int64_t *first_totals; /* of a correcting run: by field, the control lines' before any correction */
};

/* Where it goes. csv and origin may be NULL: they are not written then. */
struct summary_files {
    const char *workbook, *csv;
    const char *origin;    /* .csv.gz; removed again where the workbook has room for all */
    const char *temporary; /* a private folder on the same file system */
};

/* One certificate. Texts are borrowed for the call. */
struct summary_line {
    const struct ledger_entry *entry;
    const char *establishment;   /* NULL where it is unknown */
    const struct record *record; /* NULL where it could not be read */
    const struct trail *trail;
    struct reconcile_place place;
};

/* New summary. t, plan and run outlive it. */
struct summary *summary_create(const struct template *t, const struct plan *plan, const struct summary_run *run,
                               const struct summary_files *files, struct tc_error *err);
bool summary_add(struct summary *s, const struct summary_line *line, struct tc_error *err);
bool summary_add_finding(struct summary *s, const struct ledger_finding *finding, struct tc_error *err);
/* What was changed; records NULL where there was none or is none any more. */
bool summary_add_correction(struct summary *s, const struct ledger_correction *correction, const struct record *before,
                            const struct record *after, struct tc_error *err);
bool summary_add_person(struct summary *s, const char *personnel_number, const char *reason, struct tc_error *err);
/* Employees without a certificate and without a usable personnel number: only counted. */
void summary_add_unreadable(struct summary *s, long people, long unexplained);
/* What came of the files beside the workbook. */
struct summary_made {
    bool origin; /* the file of that name is needed */
    unsigned char csv_hash[HASH_SIZE], origin_hash[HASH_SIZE];
};

/* Writes what stands on sums and closes the files; run->reconcile must be closed. s is freed in every case. */
bool summary_close(struct summary *s, struct summary_made *made, struct tc_error *err);
void summary_free(struct summary *s);

#endif
