/* The run that a correcting one starts from: the year as it was, proved by its hashes. */
#ifndef RUN_PREVIOUS_H
#define RUN_PREVIOUS_H

#include "base/hash.h"
#include "certificate/certify.h"
#include "store/folder.h"
#include "store/stored_run.h"

/* A certificate that is cancelled. */
struct cancellation {
    const char *id, *reason;
    int64_t number; /* in the year's list */
    const char *personnel_number, *record;
};

struct previous {
    const char *folder;          /* borrowed */
    struct stored_run archive;
    char *list;                  /* the text of its SHA256SUMS */
    char sums[HASH_HEX + 1];     /* that text's hash */
    char path[FOLDER_PATH_MAX];  /* the folder's, seen from the new run's */
    const char *identity;
    int64_t places;              /* numbers of the year's list that were given so far, to refused certificates too */
    uint64_t *ids;               /* hashes of all ids there without regard to case, in order */
    size_t id_count, id_capacity;
    struct cancellation *cancellations; /* by id, once they are read */
    size_t cancellation_count;
    int64_t *cancelled;          /* their numbers, in order */
    struct arena arena;
};

/* output: the new run's folder, or NULL. A draft is refused: nothing of it was issued. */
bool previous_open(struct previous *e, const char *folder, const char *output, struct tc_error *err);
void previous_close(struct previous *e);
/* Whether the head of the changes, which file names, is that of the whole year: form, year, establishments and wage types are there
 * as they were. Reads its cancellations. */
bool previous_compare(struct previous *e, const json_t *head, const char *file, struct tc_error *err);
/* The certificate that was issued under the id, valid or cancelled; else the one of this personnel number that was withheld. Any thread
 * may ask. */
bool previous_find(const struct previous *e, const char *id, const char *personnel_number, struct arena *arena, struct certify_found *found,
                  struct tc_error *err);
/* Whether an id that was issued or withheld there differs from this one in nothing but case. Any thread may ask. */
bool previous_differs_in_case(const struct previous *e, const char *id, bool *differs, struct tc_error *err);
/* Whether the certificate of this id is to be cancelled. */
bool previous_is_cancelled(const struct previous *e, const char *id);
/* The same of the one of this number in the year's list. */
bool previous_cancels(const struct previous *e, int64_t number);
/* A path that is seen from the earlier run, as it is seen from the new one. In arena; NULL when memory ran out. */
const char *previous_path(const struct previous *e, const char *path, struct arena *arena);

#endif
