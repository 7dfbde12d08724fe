/* The run that a correcting one starts from: the year as it was, proved by its hashes. */
#ifndef EARLIER_H
#define EARLIER_H

#include "archive.h"
#include "base/hash.h"
#include "write/folder.h"

/* A certificate that is cancelled. */
struct cancellation {
    const char *id, *reason;
    int64_t number; /* in the year's list */
    const char *personnel_number, *record;
};

struct earlier {
    const char *folder;          /* borrowed */
    struct archive archive;
    char *list;                  /* the text of its SHA256SUMS */
    char sums[HASH_HEX + 1];     /* that text's hash */
    char path[FOLDER_PATH_MAX];  /* the folder's, seen from the new run's */
    const char *identity;
    int64_t places;              /* in the year's list so far */
    struct cancellation *cancellations;
    size_t cancellation_count;
    struct arena arena;
};

/* What is known of an id there. Texts are in the arena given. */
struct earlier_found {
    bool there;
    enum ledger_state state;
    int64_t number;
    const char *personnel_number, *record;
};

/* output: the new run's folder, or NULL. A draft is refused: nothing of it was issued. */
bool earlier_open(struct earlier *e, const char *folder, const char *output, struct tc_error *err);
void earlier_close(struct earlier *e);
/* Whether the head of the changes, which file names, is that of the whole year: form, year, establishments and wage types are there
 * as they were. Reads its cancellations. */
bool earlier_compare(struct earlier *e, const json_t *head, const char *file, struct tc_error *err);
/* The certificate that was issued under the id, valid or cancelled; else the one of this personnel number that was withheld. Any thread
 * may ask. */
bool earlier_find(const struct earlier *e, const char *id, const char *personnel_number, struct arena *arena, struct earlier_found *found,
                  struct tc_error *err);
/* Whether the certificate of this id is to be cancelled. */
bool earlier_is_cancelled(const struct earlier *e, const char *id);
/* The same of the one of this number in the year's list. */
bool earlier_cancels(const struct earlier *e, int64_t number);
/* A path that is seen from the earlier run, as it is seen from the new one. In arena; NULL when memory ran out. */
const char *earlier_path(const struct earlier *e, const char *path, struct arena *arena);

#endif
