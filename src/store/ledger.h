/* ledger.db: who was issued what, and what was found. The only user of SQLite. */
#ifndef STORE_LEDGER_H
#define STORE_LEDGER_H

#include <stdint.h>

#include "base/error.h"
#include "base/finding.h"
#include "base/hash.h"

struct ledger;

/* LEDGER_CANCELLED: it was issued once, and is void. LEDGER_REFUSED: a change that was not done, what it was to change is as it was.
 * Neither belongs to a total. */
enum ledger_state { LEDGER_ISSUED, LEDGER_HELD, LEDGER_CANCELLED, LEDGER_REFUSED };
/* "issued" and so on. */
const char *ledger_state_name(enum ledger_state state);

struct ledger_entry {
    int64_t number;                    /* place in the input, from 0 */
    const char *id, *personnel_number; /* NULL where they were no handles */
    enum ledger_state state;
    const char *file; /* seen from the run folder, in an earlier run's where it was issued there; NULL unless issued */
    unsigned char hash[HASH_SIZE];
    int64_t size;
    int corrects;       /* how often it was corrected, 0: never; else the PDF is marked so */
    bool late;          /* it was issued for the first time in a later run than the year's first */
    const char *issued; /* YYYY-MM-DD; NULL: on the day of the ledger's run */
    const char *record; /* canonical JSON line; NULL where it could not be read */
    const char *trail;  /* canonical JSON of the entries behind it; NULL where there are none */
    const char *words;  /* that it is found by, folded; to be written only */
};

/* What a correcting run changed. */
enum ledger_change { LEDGER_CORRECTION, LEDGER_CANCELLATION, LEDGER_LATE /* issued for the first time */, LEDGER_CHANGES };

struct ledger_correction {
    enum ledger_change change;
    const char *id, *personnel_number;
    const char *issued;         /* YYYY-MM-DD, the correcting run's */
    const char *reason;         /* NULL where it is late */
    const char *before, *after; /* canonical JSON lines; NULL where there was none, or is none any more */
    const char *other; /* of a cancellation: id of the one in its place; of a late one: of the one in whose place it comes. Or NULL */
    const char *site_before, *site_after; /* establishments, for the workbook: the ledger has them in the records */
};

/* An earlier run that the year's certificates stand in. */
struct ledger_run {
    const char *path;            /* of its folder, seen from this one */
    const char *identity, *sums; /* hexadecimal: its own, SHA-256 of its SHA256SUMS */
};

/* The letter that tells of a cancellation. */
struct ledger_letter {
    const char *id, *personnel_number; /* of the certificate that is void */
    const char *file;                  /* below the run, or an earlier one's that leads there */
    unsigned char hash[HASH_SIZE];
};

struct ledger_finding {
    int64_t number; /* of the certificate */
    const char *id, *personnel_number;
    enum severity severity;
    const char *file, *pointer, *rule, *message;
    const char *source, *wage_types, *reason, *who; /* NULL where there is none; the last two are a waiver's */
};

/* An employee without a certificate. */
struct ledger_person {
    const char *personnel_number, *reason; /* reason NULL: unexplained */
    const char *record; /* canonical (certificate/canonical.h): what the form tells people apart by; NULL where that is not known */
    const char *words;  /* what they are found by, folded; NULL when read, and where there are none */
};

/* New empty ledger, all in one transaction that ledger_commit ends. Without a journal: an interrupted run makes its ledger
 * anew, and the caller syncs the folder before publishing it. */
struct ledger *ledger_create(const char *path, struct tc_error *err);
/* What is added may be refused only by a later call, ledger_commit at the latest. */
bool ledger_set(struct ledger *l, const char *key, const char *value, struct tc_error *err);
bool ledger_add(struct ledger *l, const struct ledger_entry *entry, struct tc_error *err);
bool ledger_add_finding(struct ledger *l, const struct ledger_finding *finding, struct tc_error *err);
bool ledger_add_person(struct ledger *l, const struct ledger_person *person, struct tc_error *err);
bool ledger_add_correction(struct ledger *l, const struct ledger_correction *correction, struct tc_error *err);
bool ledger_add_run(struct ledger *l, const struct ledger_run *run, struct tc_error *err);
bool ledger_add_letter(struct ledger *l, const struct ledger_letter *letter, struct tc_error *err);
bool ledger_commit(struct ledger *l, struct tc_error *err);

/* A run's ledger, read-only; works on read-only media. Whoever made it: it is refused where its tables are not ours, nothing in it is run,
 * a query that finds no end is given up, texts are UTF-8 (but paths), ids and numbers are handles, files lie in the run or in one that it names. */
struct ledger *ledger_open(const char *run, struct tc_error *err);
/* The same with each page that is read proved, as far as it is read, by the root of the run's list of hashes (store/pages.h): what is not as the
 * run made it is TC_IO. store/manifest.h says whether a run has such a list. */
struct ledger *ledger_open_proved(const char *run, const char *root, struct tc_error *err);
/* New text, or NULL where the key is not there or with err. */
char *ledger_get_text(struct ledger *l, const char *key, struct tc_error *err);
/* value: room for size bytes; "" where the key is not there. */
bool ledger_get(struct ledger *l, const char *key, char *value, size_t size, struct tc_error *err);
/* A number in these bounds, 0 where the key is not there; anything else is a damaged ledger. */
bool ledger_get_number(struct ledger *l, const char *key, int64_t least, int64_t most, int64_t *number, struct tc_error *err);
#define LEDGER_DIGITS_MAX 4         /* of a currency, as the form's loader takes */
#define LEDGER_COUNT_MAX 1000000000 /* of people or certificates */

/* Callbacks return false to stop. What they are given is borrowed for the call. */
typedef bool (*ledger_entry_call)(void *ctx, const struct ledger_entry *entry, struct tc_error *err);
typedef bool (*ledger_finding_call)(void *ctx, const struct ledger_finding *finding, struct tc_error *err);
typedef bool (*ledger_correction_call)(void *ctx, const struct ledger_correction *correction, struct tc_error *err);
typedef bool (*ledger_run_call)(void *ctx, const struct ledger_run *run, struct tc_error *err);
typedef bool (*ledger_letter_call)(void *ctx, const struct ledger_letter *letter, struct tc_error *err);
typedef bool (*ledger_person_call)(void *ctx, const struct ledger_person *person, struct tc_error *err);

bool ledger_each(struct ledger *l, ledger_entry_call call, void *ctx, struct tc_error *err);
/* Those with this certificate id or personnel number, whosever: store/handle.h decides what a handle means. */
bool ledger_find(struct ledger *l, const char *handle, ledger_entry_call call, void *ctx, struct tc_error *err);
bool ledger_find_id(struct ledger *l, const char *id, ledger_entry_call call, void *ctx, struct tc_error *err);
bool ledger_find_both(struct ledger *l, const char *personnel_number, const char *id, ledger_entry_call call, void *ctx,
                      struct tc_error *err);
/* Whether somebody of this number is in the list of those without a certificate. */
bool ledger_has_person(struct ledger *l, const char *personnel_number, bool *there, struct tc_error *err);
/* Those whose words hold each of these, folded; person: for those without a certificate, whom earlier versions do not find so. NULL: not for them. */
bool ledger_search(struct ledger *l, const char *const *words, size_t count, ledger_entry_call call, ledger_person_call person, void *ctx,
                   struct tc_error *err);
bool ledger_each_finding(struct ledger *l, ledger_finding_call call, void *ctx, struct tc_error *err);
/* Those of this number in the list of people without a certificate. */
bool ledger_find_person(struct ledger *l, const char *personnel_number, ledger_person_call call, void *ctx, struct tc_error *err);
bool ledger_each_person(struct ledger *l, ledger_person_call call, void *ctx, struct tc_error *err);
bool ledger_each_correction(struct ledger *l, ledger_correction_call call, void *ctx, struct tc_error *err);
bool ledger_each_run(struct ledger *l, ledger_run_call call, void *ctx, struct tc_error *err);
/* Those of this certificate; id NULL: all. A ledger of an earlier version has none. */
bool ledger_each_letter(struct ledger *l, const char *id, ledger_letter_call call, void *ctx, struct tc_error *err);

/* Drops what was not committed. */
void ledger_close(struct ledger *l);

#endif
