/* What remains of a run that is purged: what it was, its hashes and its log, with nobody in them. */
#ifndef ARCHIVE_REMAINS_H
#define ARCHIVE_REMAINS_H

#include "base/buf.h"
#include "base/error.h"

/* What the purge notes of itself. */
struct purge_terms {
    const char *today; /* YYYY-MM-DD */
    int until, years;  /* the data were kept until the end of that year: so many after the run's */
};

struct remains {
    struct buf facts, files, events; /* run.json, files, events of store/purged.h */
    struct buf sums, log;            /* the new SHA256SUMS and events.log */
};

/* Of a finished run, which is proved by its own hashes; a file in it that is none of the run's is refused (TC_USAGE). */
bool remains_make(struct remains *r, const char *run, const struct purge_terms *terms, struct tc_error *err);
void remains_free(struct remains *r);

#endif
