/* What became of a certificate after the run that is asked: the last run of the chain knows, for its ledger is the whole year's. */
#ifndef ARCHIVE_LATER_H
#define ARCHIVE_LATER_H

#include "base/hash.h"
#include "store/chain.h"
#include "store/ledger.h"

enum later_state { LATER_VALID, LATER_CORRECTED, LATER_CANCELLED };

struct later_found {
    enum later_state state;
    char where[FILE_PATH_MAX]; /* folder of the run that holds the valid one, or says that it is cancelled; "" where that is not there */
    char other[40];            /* of a cancelled one: id of the certificate in its place; "" where there is none */
};

struct later {
    struct chain_end end;
    struct ledger *ledger; /* of the last run; NULL where that is the one that was asked */
};

bool later_open(struct later *l, const char *run, struct tc_error *err);
/* What became of the certificate that this run has as valid, of this id and hash of the PDF. */
bool later_find(struct later *l, const char *id, const unsigned char hash[HASH_SIZE], struct later_found *found, struct tc_error *err);
/* Id of the certificate in the place of the cancelled one of this id, as a ledger says; "" where there is none. */
bool later_other(struct ledger *ledger, const char *id, char other[40], struct tc_error *err);
/* The folder of the run that holds what a correction replaced, from that of the run that issued the correction; "" where there is none. */
bool later_replaced(const char *issuer, const char *id, char where[FILE_PATH_MAX], struct tc_error *err);
void later_close(struct later *l);

#endif
