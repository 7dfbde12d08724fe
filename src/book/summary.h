/* The summary workbook, as summary.json and the captions say: fed one certificate at a time, in input order, by a run or
 * from a ledger. Sheets by file:
 *
 *   overview.c   what it is, what was counted, every check       sheets.c     rows that go on on further sheets
 *   reconciliation.c  against the year's declarations                 totals.c     sums by group
 *   origin.c     wage types behind the lines                     formula.c    formulas over rows
 *   corrections.c  what was changed, old and new               extra.c      a sheet of the caller's
 *   cells.c      cells and columns that sheets share          state.h      the workbook while it is made
 *   draft.c      one row for a certificate, as cells and as text
 *   summary.c    one row for a finding, a person; summary.csv */
#ifndef BOOK_SUMMARY_H
#define BOOK_SUMMARY_H

#include "book/contents.h"

struct summary;

/* New summary. t, plan and run outlive it. */
struct summary *summary_create(const struct template *t, const struct plan *plan, const struct summary_run *run,
                               const struct summary_files *files, struct tc_error *err);
bool summary_add(struct summary *s, const struct summary_line *line, struct tc_error *err);
/* Rows of certificates as text, made ahead in other threads, each with a drafter of its own. New, or NULL when memory ran out; s outlives it. */
struct summary_drafter;
struct summary_drafter *summary_drafter_new(const struct summary *s);
void summary_drafter_free(struct summary_drafter *d);
/* The row of a certificate that is issued; line->place may be unknown. Lives in the arena; NULL when memory ran out. */
const struct summary_draft *summary_draft_make(struct summary_drafter *d, const struct summary_line *line, struct arena *arena);
bool summary_add_finding(struct summary *s, const struct ledger_finding *finding, struct tc_error *err);
/* What was changed; records NULL where there was none or is none any more. */
bool summary_add_correction(struct summary *s, const struct ledger_correction *correction, const struct record *before,
                            const struct record *after, struct tc_error *err);
bool summary_add_person(struct summary *s, const struct ledger_person *person, struct tc_error *err);
/* The next row of run->extra, so many texts; class: 1 to so many, or 0. */
bool summary_add_extra(struct summary *s, const char *const *texts, int class, struct tc_error *err);
/* Employees without a certificate and without a usable personnel number: only counted. */
void summary_add_unreadable(struct summary *s, long people, long unexplained);
/* Writes what stands on sums and closes the files; run->reconcile must be closed. s is freed in every case. */
bool summary_close(struct summary *s, struct summary_made *made, struct tc_error *err);
void summary_free(struct summary *s);

#endif
