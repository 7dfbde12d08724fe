/* A run's list of hashes, proved by the event that closed the run: what its files are held against. */
#ifndef STORE_MANIFEST_H
#define STORE_MANIFEST_H

#include "base/hash.h"
#include "certificate/prepared.h"

/* The text of RUN/SHA256SUMS and its hash (hexadecimal). New, or NULL with err. */
char *manifest_read(const char *run, char hash[HASH_HEX + 1], struct tc_error *err);
/* Whether the file of this name and hash is the one that the run made. */
bool manifest_file(const char *sums, const char *name, const unsigned char hash[HASH_SIZE], struct tc_error *err);
/* The same of the ledger, and of the form that the engine was loaded from. */
bool manifest_ledger(const char *run, const char *sums, struct tc_error *err);
bool manifest_form(const struct prepared *e, const char *sums, struct tc_error *err);
/* Whether the ledger and the run's own form are those that it was closed with: before anything of them is shown. TC_IO. */
bool manifest_prove(const char *run, struct tc_error *err);

#endif
