/* A run's list of hashes, proved by the event that closed the run: what its files are held against. */
#ifndef PROOF_H
#define PROOF_H

#include "base/hash.h"
#include "engine.h"

/* The text of RUN/SHA256SUMS and its hash (hexadecimal). New, or NULL with err. */
char *proof_read(const char *run, char hash[HASH_HEX + 1], struct tc_error *err);
/* Whether the file of this name and hash is the one that the run made. */
bool proof_file(const char *sums, const char *name, const unsigned char hash[HASH_SIZE], struct tc_error *err);
/* The same of the ledger, and of the form that the engine was loaded from. */
bool proof_ledger(const char *run, const char *sums, struct tc_error *err);
bool proof_form(const struct engine *e, const char *sums, struct tc_error *err);

#endif
