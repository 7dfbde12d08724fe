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
    bool dropped;                  /* it does not happen: what goes together with it is held back */
    const char *successor;         /* id of the certificate that comes in its place; NULL: none */
    const struct finding *finding; /* why its letter cannot be made, so that it does not happen; or NULL */
};

struct previous {
    const char *folder; /* borrowed */
    size_t idle;        /* so many runs up to this one changed nothing: what they corrected is corrected by the new run too */
    const char **bases; /* those runs' folders */
    size_t base_count;
    struct stored_run archive;
    char *list;                 /* the text of its SHA256SUMS */
    char sums[HASH_HEX + 1];    /* that text's hash */
    char path[FOLDER_PATH_MAX]; /* the folder's, seen from the new run's */
    const char *identity;
    int64_t places;       /* in the year's list so far; a number stands for one thing for ever */
    int64_t issued;       /* certificates that are valid in it */
    int64_t first_issued; /* that were valid in the year's first run */
    struct cancellation *cancellations;
    struct cancellation **by_id, **by_number; /* in these orders */
    size_t cancellation_count;
    uint64_t *ids; /* hashes of all ids without regard to case, in order */
    size_t id_count, id_capacity;
    json_t *declarations; /* the year's with those of the changes; owned */
    struct arena arena;
};

/* output: the new run's folder, or NULL. A draft is refused: nothing of it was issued. */
bool previous_open(struct previous *e, const char *folder, const char *output, struct tc_error *err);
void previous_close(struct previous *e);
/* Whether the head of the changes, which file names, is that of the whole year: form, year, establishments and wage types are there
 * as they were. Reads its cancellations. */
bool previous_compare(struct previous *e, const json_t *head, const char *file, struct tc_error *err);
/* The certificate that was issued under the id, valid or cancelled; else the one of this personnel number that was held back. Any thread
 * may ask. */
bool previous_find(const struct previous *e, const char *id, const char *personnel_number, struct arena *arena, struct certify_found *found,
                   struct tc_error *err);
/* Whether another id of the year differs from this one only in case. */
bool previous_has_case(const struct previous *e, const char *id, bool *there, struct tc_error *err);
/* Whether the certificate of this id is to be cancelled. */
bool previous_is_cancelled(const struct previous *e, const char *id);
/* The cancellation that is done of the one of this number in the year's list, or NULL. */
const struct cancellation *previous_cancels(const struct previous *e, int64_t number);
/* The year's declarations, those of the changes in place of those of the same period. Borrowed; false with err. */
bool previous_declarations(struct previous *e, const json_t *changes, struct tc_error *err);
/* A path that is seen from the earlier run, as it is seen from the new one. In arena; NULL when memory ran out. */
const char *previous_path(const struct previous *e, const char *path, struct arena *arena);

#endif
