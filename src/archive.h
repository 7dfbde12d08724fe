/* A finished run, opened from its folder: the ledger, and the form as it was used. */
#ifndef ARCHIVE_H
#define ARCHIVE_H

#include "read/record.h"
#include "read/trail.h"
#include "template/plan.h"
#include "write/ledger.h"

#define ARCHIVE_PATH_MAX 1400

struct archive {
    struct ledger *ledger;
    struct template *template;
    struct plan *plan; /* the template's */
    struct wages *wages;
    json_t *establishments, *declarations, *wage_types; /* of the payroll's head; NULL where there were none */
};

bool archive_open(struct archive *a, const char *run, struct tc_error *err);
void archive_close(struct archive *a);
/* A fact of the run, "" where the ledger does not have it. In the template's arena. NULL with err. */
const char *archive_fact(struct archive *a, const char *key, struct tc_error *err);
/* The totals of the control lines before any correction, by field, in the template's arena; NULL with err. */
const int64_t *archive_first_totals(struct archive *a, struct tc_error *err);
/* What an entry holds: *establishment, record and trail are in arena. False with err where it is damaged; the entry must have
 * a record. */
bool archive_read(const struct archive *a, const struct ledger_entry *entry, struct arena *arena, const char **establishment,
                  struct record *record, struct trail *trail, struct tc_error *err);
/* The same of an entry that is on its way into a ledger. */
bool archive_restore(const struct template *t, const struct wages *wages, const struct ledger_entry *entry, struct arena *arena,
                     const char **establishment, struct record *record, struct trail *trail, struct tc_error *err);
/* A record alone. */
bool archive_record(const struct template *t, const char *text, struct arena *arena, struct record *record, struct tc_error *err);

#endif
