/* A run's list of hashes, proved by the event that closed the run: what its files are held against. */
#ifndef STORE_MANIFEST_H
#define STORE_MANIFEST_H

#include "base/hash.h"
#include "certificate/prepared.h"
#include "store/ledger.h"

/* The text of RUN/SHA256SUMS and its hash (hexadecimal). New, or NULL with err. */
char *manifest_read(const char *run, char hash[HASH_HEX + 1], struct tc_error *err);
/* The form's part of it, proved by the ledger's root: costs the same in every archive. Of a run of an earlier version, whose ledger has none: all of it. New, or
 * NULL with err. */
char *manifest_read_form(const char *run, struct tc_error *err);
/* Whether the files of the form that the engine was loaded from are those that the run made; sums may be the form's part of it alone. */
bool manifest_form(const struct prepared *e, const char *sums, struct tc_error *err);

/* The ledger of a finished run for whoever shows something of it: what is not as the run closed it is TC_IO. Each page is proved when it is read, by
 * the root in the run's first event, which costs what is read; a run of an earlier version has none, and its whole ledger is hashed. New. */
struct ledger *manifest_open(const char *run, struct tc_error *err);
/* The same of an earlier run that this ledger names by its path: it must be the one that was meant. */
struct ledger *manifest_open_earlier(const char *run, struct ledger *from, const char *path, struct tc_error *err);
/* Whether the files of the run's own form are those that it was closed with. ending: of those files alone whose names end so; NULL: of all. TC_IO. */
bool manifest_prove_form(const char *run, struct ledger *ledger, const char *ending, struct tc_error *err);

#endif
