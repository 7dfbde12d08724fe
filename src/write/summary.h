/* The summary workbook, as summary.json and the captions say: fed one certificate at a time, in input order, by a run or
 * from a ledger. */
#ifndef WRITE_SUMMARY_H
#define WRITE_SUMMARY_H

#include "read/record.h"
#include "write/ledger.h"

struct summary;

/* Facts about the run for the overview. Borrowed while the summary lives. */
struct summary_run {
    const char *identity, *payroll_hash, *employees_hash; /* hexadecimal */
    const char *employer;
    int32_t issued; /* yyyymmdd */
};

/* New summary at path with temporary files in folder. */
struct summary *summary_create(struct template *t, const struct summary_run *run, const char *path, const char *folder,
                               struct tc_error *err);
/* A certificate; record NULL where it could not be read. */
bool summary_add(struct summary *s, const struct ledger_entry *entry, const char *establishment, const struct record *record,
                 struct tc_error *err);
bool summary_add_finding(struct summary *s, const struct ledger_finding *finding, struct tc_error *err);
bool summary_add_person(struct summary *s, const char *personnel_number, const char *reason, struct tc_error *err);
/* Writes the overview and closes the file. s is freed in every case. */
bool summary_close(struct summary *s, struct tc_error *err);
void summary_free(struct summary *s);

#endif
