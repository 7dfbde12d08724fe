/* Certificates read by a program that is not ours, pdftotext: what stands on the page is what the ledger's record says, so that no two people's
 * files were exchanged, whatever the hashes say. */
#ifndef ARCHIVE_REREAD_H
#define ARCHIVE_REREAD_H

#include "base/error.h"
#include "store/ledger.h"

#define REREAD_MOST 10000 /* where the caller does not say how many */

struct reread {
    long read;           /* certificates */
    long letters;        /* of cancellations */
    bool chosen;         /* not all of the run's, but those that chance chose */
    const char *why_not; /* why nothing was read back: a sentence; or NULL */
};

/* Returns false to stop. */
typedef bool (*reread_call)(void *ctx, const char *file);

/* Reads back most of the certificates that this run issued, all where there are no more, and as many letters; calls for each whose text is another. */
bool reread_run(const char *run, struct ledger *ledger, long most, reread_call call, void *ctx, struct reread *result,
                struct tc_error *err);

#endif
