/* RUN.partial while a run is made: whose it is, by its mark with the run's identity, and that nobody else is at work in it, by a lock on the
 * mark. */
#ifndef STORE_CLAIM_H
#define STORE_CLAIM_H

#include "base/file.h"

/* The mark's name. Removed when the run is published; one that was killed just there keeps it. */
#define CLAIM_MARK "run.id"

struct claim {
    int fd;
    bool held; /* by fd; not where the file system has no locks */
};

/* Makes the folder partial, or takes up the one of an interrupted run of this identity (hexadecimal): *resumed. TC_IO where somebody is at work
 * in it; TC_USAGE where it is something else, which is left as it is, or where run is there. */
bool claim_take(struct claim *c, const char *run, const char *partial, const char *identity, bool *resumed, struct tc_error *err);
/* False with err where somebody is at work in it now. Nothing is touched. */
bool claim_look(const char *partial, struct tc_error *err);
/* Somebody else may take it from here on. Fine where it is not held. */
void claim_drop(struct claim *c);

/* The sentence of both, of an open file or folder that somebody else has locked. False. */
bool claim_tell_holder(int fd, const char *path, struct tc_error *err);

#endif
