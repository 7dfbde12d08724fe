/* Which bytes an earlier version of a certificate had: by the ledger of the run that issued it. */
#ifndef DELIVER_VERSIONS_H
#define DELIVER_VERSIONS_H

#include "base/hash.h"
#include "store/ledger.h"

struct versions {
    const char *run;
    struct ledger *own; /* of the run: which earlier ones are meant */
    struct version {
        char *path;            /* as the run's ledger has it */
        struct ledger *ledger; /* NULL: not there, or another one */
    } * list;
    size_t count;
};

/* Its hash (hexadecimal); "" where the run of this path cannot be asked any more. False where memory ran out or the run's own ledger is no ledger. */
bool versions_hash(struct versions *v, const char *path, const char *id, char hex[HASH_HEX + 1], struct tc_error *err);
void versions_close(struct versions *v);

#endif
