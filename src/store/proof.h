/* A run's seal: one hash over its list of hashes and its log so far. Written down elsewhere, it proves both. */
#ifndef STORE_PROOF_H
#define STORE_PROOF_H

#include "base/buf.h"
#include "base/hash.h"

struct proof {
    char now[HASH_HEX + 1]; /* hexadecimal */
    long events;            /* that it is about: all */
    long matched;           /* the seal that was looked for is that of so many first events; 0: of none */
};

/* What is sealed, in words that need no program: three lines. sums: hash of SHA256SUMS; head: of the last event's line; both hexadecimal. */
void proof_statement(const char *sums, long events, const char *head, struct buf *out);
/* The seal: the statement's hash. */
bool proof_make(const char *sums, long events, const char *head, char seal[HASH_HEX + 1]);

#endif
