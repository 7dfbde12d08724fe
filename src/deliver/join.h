/* Issued certificates as the pages of one print file: each page is the issued bytes of its content behind resources that all pages of
 * one sealed form share. The print file is for paper: no tags, no attachment, no claim to a standard, nobody's name. */
#ifndef DELIVER_JOIN_H
#define DELIVER_JOIN_H

#include "base/buf.h"
#include "base/error.h"
#include "base/hash.h"

struct join_seal;
struct sealed_page;

/* Objects of the file are numbered from 1 as they come. Threads: one. */
struct join {
    int fd;                /* the caller's; written from its beginning */
    struct buf out;        /* not yet written */
    int64_t written;       /* bytes */
    int64_t *offsets;      /* by object number; 0: not there yet */
    int numbers, capacity; /* the last number given out; room in offsets */
    int *nodes;            /* of the page tree, below its root */
    int node_count, node_capacity, in_node;
    struct buf kids;                /* of the node in hand */
    int opening, root;              /* a stream of one "q"; the page tree's root */
    const struct sealed_page *last; /* the page before */
    long pages;
    char *signs;      /* entries of the pages' XObject resources, NULL: none; owned */
    struct hash hash; /* of all that was written */
    struct join_seal *seals;
    struct tc_error *err; /* where every call reports; the first error stays */
};

/* Begins a file. err outlives the join. */
bool join_start(struct join *j, int fd, struct tc_error *err);
/* Makes a run's sealed form (form/NAME.seal) known; data, terminated as by file_read, is borrowed until join_stop. name is for
 * messages. */
bool join_add_seal(struct join *j, const char *name, const char *data, size_t length);
/* How many pages the issued certificate has; 0 where no seal known is its beginning. */
int join_pages(const struct join *j, const char *data, size_t length);
/* Adds a page, from 0, of an issued certificate, terminated, whose hash the caller has proved, as the next one; over is drawn above it, in default
 * user space (points from the lower left corner): paths only. False with err where no seal known is its beginning. */
bool join_add_page(struct join *j, const char *name, const char *data, size_t length, int page, const char *over);
/* Before any page: a drawing that every page's over may do as /NAME Do; paths only, in a box of so many points. */
bool join_add_sign(struct join *j, const char *name, int side, const char *paths);
/* An empty page as large as the one before: the back of a sheet. */
bool join_add_blank(struct join *j);
/* Writes the page tree and the tables; hash: of the whole file. The caller syncs and renames it. */
bool join_end(struct join *j, unsigned char hash[HASH_SIZE]);
/* Frees what it holds; fine after a failure. */
void join_stop(struct join *j);

#endif
