/* The summary workbook, as summary.json and the captions say: fed one certificate at a time, in input order, by a run or
 * from a ledger. Sheets by file:
 *
 *   overview.c   what it is, what was counted, every check       sheets.c     rows that go on on further sheets
 *   reconciliation.c  against the year's declarations                 totals.c     sums by group
 *   origin.c     wage types behind the lines                     formula.c    formulas over rows
 *   corrections.c  what was changed, old and new               extra.c      a sheet of the caller's
 *   cells.c      cells and columns that sheets share          state.h      the workbook while it is made
 *   block.c      certificates that stand together: rows and lines, made in any thread
 *   summary.c    one row for a finding, a person; summary.csv */
#ifndef BOOK_SUMMARY_H
#define BOOK_SUMMARY_H

#include "book/contents.h"

struct summary;

/* New summary. t, plan and run outlive it. */
struct summary *summary_create(const struct template *t, const struct plan *plan, const struct summary_run *run,
                               const struct summary_files *files, struct tc_error *err);
/* The next certificate, whatever its state. */
bool summary_add(struct summary *s, struct summary_line *line, struct tc_error *err);

/* The same in steps, of which the dear one is done in any thread. A block is made of the certificates whose numbers (entry->number) divided by
 * SUMMARY_BLOCK are the same, and packed by itself: so the files are the same whoever makes it. */
#define SUMMARY_BLOCK 32
struct summary_block; /* what is made of it; lives in an arena */
struct summary_maker; /* one thread's tools */

/* Counts a certificate, and gives it its place; line->place is known. In order, never beside summary_join and the other calls. */
bool summary_place(struct summary *s, struct summary_line *line, struct tc_error *err);
/* New, or NULL when memory ran out; s outlives it. */
struct summary_maker *summary_maker_new(const struct summary *s);
void summary_maker_free(struct summary_maker *m);
/* A certificate's part of the block; the arena is the block's. */
bool summary_make(struct summary_maker *m, const struct summary_line *line, struct arena *arena, struct tc_error *err);
/* The block, in the arena; what is made next belongs to another one. NULL with err. */
const struct summary_block *summary_made(struct summary_maker *m, struct arena *arena, struct tc_error *err);
/* A block's part of the tables beside the workbook. Blocks in order, in any thread. */
bool summary_write(struct summary *s, const struct summary_block *block, struct tc_error *err);
/* Its rows. Blocks in order. */
bool summary_join(struct summary *s, const struct summary_block *block, struct tc_error *err);
/* What the other sheets have of a certificate: of one who is held back, and where amounts come from. In order. */
bool summary_show(struct summary *s, const struct summary_line *line, struct tc_error *err);
/* Makes its part of a block in the caller's thread, and puts the block in its place when the next one begins. */
bool summary_make_alone(struct summary *s, const struct summary_line *line, struct tc_error *err);

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
