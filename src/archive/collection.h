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
    struct tc_error why;                             /* of told.unreadable */
    bool read;
    struct ledger *ledger; /* NULL: to be opened when it is needed */
};

struct tc_archive {
    const char *folder; /* as it was given; borrowed */
    struct collected *runs;
    size_t count, capacity;
    size_t looked;   /* folders that were looked into */
    long unfinished; /* NAME.partial among them, which are passed over */
    bool single;     /* the folder is a run itself */
};

/* A run that lies elsewhere and belongs to these by its chain; one that is there already is not added again. */
bool collection_add(struct tc_archive *a, const char *path, struct tc_error *err);
/* Reads what the i-th run is; its successor is added where that lies elsewhere. */
bool collection_read(struct tc_archive *a, size_t i, struct tc_error *err);
/* Where nobody was found: false with err (TC_IO) where a run cannot be read, which may hold who was looked for. */
bool collection_all_read(const struct tc_archive *a, struct tc_error *err);

#endif
