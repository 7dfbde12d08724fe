/* The purge of one run, in two steps: first all that remains is made beside what there is, then one rename decides, and the rest follows from that. Whoever
 * is killed, or finds the machine lacking, gives the same command again. */
#ifndef ARCHIVE_PURGE_RUN_H
#define ARCHIVE_PURGE_RUN_H

#include "archive/remains.h"
#include "base/file.h"

struct purging {
    const char *run; /* borrowed */
    int list, log;   /* locked: SHA256SUMS, events.log; -1 where not */
    char list_lock[FILE_PATH_MAX], log_lock[FILE_PATH_MAX];
    bool resumes; /* the decision was taken by an earlier command */
};

/* Keeps others out of the run, proves it by its own hashes, and makes what will remain of it. Nothing is gone yet. To be ended in any case. */
bool purge_prepare(struct purging *p, const char *run, const struct purge_terms *terms, struct tc_error *err);
/* Does it. From here on there is no way back. */
bool purge_do(struct purging *p, struct tc_error *err);
void purge_end(struct purging *p);

#endif
