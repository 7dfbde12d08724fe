/* A folder that holds finished runs, of several years and employers: opened for commands that are about one of them, or all. */
#ifndef ARCHIVE_COLLECTION_H
#define ARCHIVE_COLLECTION_H

#include "base/hash.h"
#include "store/ledger.h"
#include "taxcert.h"

struct collected {
    struct tc_archive_run told;
    char *folder, *employer;                         /* of told; owned */
    char *real;                                      /* the folder's path without links; owned */
    char identity[HASH_HEX + 1], next[HASH_HEX + 1]; /* its own; of the run that supersedes it, "" where there is none */
    struct ledger *ledger;                           /* NULL: to be opened when it is needed */
};

struct tc_archive {
    const char *folder; /* as it was given; borrowed */
    struct collected *runs;
    size_t count, capacity;
    size_t looked; /* folders that were looked into */
    bool single;   /* the folder is a run itself */
};

#endif
