/* A finished run, opened from its folder: the ledger, and the form as it was used. */
#ifndef STORE_STORED_RUN_H
#define STORE_STORED_RUN_H

#include "form/plan.h"
#include "input/record.h"
#include "input/trail.h"
#include "store/ledger.h"

struct stored_run {
    struct ledger *ledger;
    struct template *template;
    struct plan *plan; /* the template's */
    struct wages *wages;
    json_t *employer, *establishments, *declarations, *wage_types; /* of the payroll's head; NULL where there were none */
};

/* Both proved by the run's first event (store/manifest.h): what is not as the run made it is TC_IO. */
bool stored_run_open(struct stored_run *a, const char *run, struct tc_error *err);
/* The same for who makes no page: of the form what is loaded here is proved, its seals are not read. */
bool stored_run_open_texts(struct stored_run *a, const char *run, struct tc_error *err);
void stored_run_close(struct stored_run *a);
/* A fact of the run, "" where the ledger does not have it. In the template's arena. NULL with err. */
const char *stored_run_fact(struct stored_run *a, const char *key, struct tc_error *err);
/* The totals of the control lines before any correction, by field, in the template's arena; NULL with err. */
const int64_t *stored_run_first_totals(struct stored_run *a, struct tc_error *err);
/* What an entry holds: *establishment, record and trail are in arena. False with err where it is damaged; the entry must have
 * a record. */
bool stored_run_read(const struct stored_run *a, const struct ledger_entry *entry, struct arena *arena, const char **establishment,
                     struct record *record, struct trail *trail, struct tc_error *err);
/* The same of these fields outside of groups alone, for whoever needs little of everybody. */
bool stored_run_read_some(const struct stored_run *a, const struct ledger_entry *entry, const int *fields, size_t count,
                          struct arena *arena, const char **establishment, struct record *record, struct tc_error *err);
/* The same of an entry that is on its way into a ledger. */
bool stored_run_restore(const struct template *t, const struct wages *wages, const struct ledger_entry *entry, struct arena *arena,
                        const char **establishment, struct record *record, struct trail *trail, struct tc_error *err);

#endif
