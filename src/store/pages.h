/* RUN/ledger.hashes: the hash of each page of the ledger, so that whoever reads a few pages proves those few. The run's first event has the list's
 * root. A list is the pages' hashes in order, then the hashes of each full or last block of PAGES_SIZE bytes of those. */
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
/* The root that the list of the ledger that is there would have. */
bool pages_root(const char *run, char root[HASH_HEX + 1], struct tc_error *err);

struct pages;

/* The list of a run's ledger of so many bytes. NULL with err (TC_IO) where it is not that of the root. */
struct pages *pages_open(const char *run, const char *root, uint64_t size, struct tc_error *err);
enum pages_found { PAGES_SAME, PAGES_OTHER, PAGES_UNREAD, PAGES_NO_MEMORY };
/* Whether the page of this number, from 0, is the one that the run made. */
enum pages_found pages_check(struct pages *p, uint64_t number, const void *page);
void pages_close(struct pages *p);

#endif
