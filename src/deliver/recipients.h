/* Whom a run's certificates are for: everybody with the issued file, the way it is to go out, and what the post is sorted by. */
#ifndef DELIVER_RECIPIENTS_H
#define DELIVER_RECIPIENTS_H

#include "base/arena.h"
#include "base/hash.h"
#include "store/stored_run.h"

enum channel { CHANNEL_PRINT, CHANNEL_EMAIL, CHANNEL_OTHER };
/* What a later run of the chain made of a certificate. */
enum validity { VALID, CORRECTED, CANCELLED };

#define RECIPIENTS_LETTER "+letter" /* stands behind the certificate's id in that of its cancellation's letter: no handle has a '+' */

/* A certificate, or the letter that says that one is void, and whose it is. Texts are in the people's arena; "" where the record has none. */
struct person {
    const char *id, *number, *file; /* file: seen from the run; "" of what was cancelled */
    bool letter;
    unsigned char hash[HASH_SIZE];
    enum channel channel;
    enum validity validity;
    bool foreign;   /* its post leaves the country */
    bool reachable; /* by post */
    const char *establishment, *cost_centre, *postcode, *country, *name, *folded /* name, to sort by */, *mailbox;
    const char *address; /* lines, each ended by a newline; "" where it was not asked for */
};

enum recipients_what {
    RECIPIENTS_RUN,           /* what this run issued */
    RECIPIENTS_YEAR = 1,      /* also those of the year that earlier runs issued, and the cancelled ones */
    RECIPIENTS_ADDRESSES = 2, /* with addresses */
};

struct recipients {
    struct arena arena;
    struct person *list; /* issued by this run, or in the year; in the ledger's order, letters behind */
    size_t count;
    char identity[HASH_HEX + 1];
    const char *employer;
    bool corrects;     /* the run corrects another */
    int page[2];       /* of the form, in hundredths of a millimetre: width, height */
    int mark[2];       /* where the mark of a print file stands on it: from the left, from the top */
    char language[16]; /* of the form */
};

/* Reads the run, whose ledger must be the one its list of hashes was closed with. False with err; TC_USAGE where the form does not
 * say how certificates go out. what: a set of enum recipients_what. */
bool recipients_load(struct recipients *p, const char *run, unsigned what, struct tc_error *err);
void recipients_free(struct recipients *p);
/* The person of this certificate id, or NULL; after recipients_index. */
bool recipients_index(const struct recipients *p, const struct person ***by_id, struct tc_error *err);
const struct person *recipients_find(const struct person *const *by_id, size_t count, const char *id);

/* The issued bytes, terminated, proved by the ledger's hash; new. False with err where they are not what was issued. */
bool recipients_read(const char *run, const struct person *person, char **data, size_t *length, struct tc_error *err);

/* One delivery of a run at a time: a descriptor that holds the lock, to be closed; -1 with err where another one is at it. */
int recipients_lock(const char *run, struct tc_error *err);

#endif
