/* RUN/ledger.hashes: where the making of the ledger's SHA-256 stands behind each of its pages (base/hash.h: hash_state), so that one reading gives
 * the list and the file's own hash, and whoever reads a few pages proves those few: a page that leads from the state before it to the state behind
 * it is the one that was there, or a second ledger of the same hash is found. The run's first event has the list's root. A list is the states in
 * order, then the hashes of each full or last block of PAGES_SIZE bytes of those. The first lists had a hash of each page alone in their place; the
 * root says which of both a list is. */
#ifndef STORE_PAGES_H
#define STORE_PAGES_H

#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"

#define PAGES_SIZE 16384 /* bytes of a ledger's page, and of a block of hashes */
#define PAGES_NAME "ledger.hashes"

/* Of a finished ledger: writes its list to a new file. whole: hash of the ledger's bytes; of_list: of the list's; root: hexadecimal. */
bool pages_make(const char *ledger, const char *list, unsigned char whole[HASH_SIZE], unsigned char of_list[HASH_SIZE],
                char root[HASH_HEX + 1], struct tc_error *err);

struct pages;

/* The list of a run's ledger of so many bytes. NULL with err (TC_IO) where it is not that of the root. */
struct pages *pages_open(const char *run, const char *root, uint64_t size, struct tc_error *err);
enum pages_found { PAGES_SAME, PAGES_OTHER, PAGES_UNREAD, PAGES_NO_MEMORY };
/* Whether the page of this number, from 0, is the one that the run made. */
enum pages_found pages_check(struct pages *p, uint64_t number, const void *page);
void pages_close(struct pages *p);
/* That all of the ledger that is there is what the root proves; TC_IO where it is not. */
bool pages_prove(const char *run, const char *root, struct tc_error *err);

#endif
