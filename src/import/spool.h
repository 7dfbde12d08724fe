/* What the rows gave, kept on disk until every file is read: a person's rows are a chain from the last one back to the first, so that
 * memory holds one person's at a time, whatever the order of the rows. The file has no name: nobody finds it, and nothing is left. */
#ifndef IMPORT_SPOOL_H
#define IMPORT_SPOOL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

enum item_kind { ITEM_EMPLOYEE, ITEM_CERTIFICATE, ITEM_FEATURE, ITEM_ENTRY, ITEM_TICKET };

#define ITEM_MARKER UINT16_MAX /* in place of a slot: there is a row of the kind */

/* One value of a row. Its text, of `length` bytes with an end, follows it. */
struct item {
    uint8_t kind, digits; /* digits: of an entry's units */
    uint16_t slot;        /* of the shape; of an entry its wage type */
    uint32_t column;      /* that it was read from; 0: a constant */
    uint32_t length;
    int32_t month, change; /* change: of a month's entries or features, how new they are */
    int64_t units;
};

struct row {
    uint64_t before; /* where the person's row before this one is; 0: none */
    uint32_t line, column, length;
    uint16_t source, which; /* which: length of the text that tells certificates apart, with its end; 0: none */
    int64_t rank;           /* how new the row is, of its source */
    bool refused;           /* told to be wrong: that it is there counts, what it says does not */
    /* which's text and the items follow */
};

struct spool {
    int fd;
    uint64_t written; /* bytes in the file; behind them those of pending */
    struct buf pending, window;
    uint64_t window_at;
};

/* A file of no name in the folder that `beside` is in. */
bool spool_open(struct spool *spool, const char *beside, struct tc_error *err);
/* Puts the row with what follows it (row.length bytes); *chain, where the person's last row was, becomes this one. */
bool spool_put(struct spool *spool, const struct row *row, const void *rest, uint64_t *chain, struct tc_error *err);
/* A person's rows as they were read, from the last one's place on; in the arena. NULL with err. */
struct row **spool_chain(struct spool *spool, uint64_t last, struct arena *arena, size_t *count, struct tc_error *err);
void spool_close(struct spool *spool);

static inline const char *row_which(const struct row *row)
{
    return row->which ? (const char *)(row + 1) : NULL;
}

/* Items are copied out: nothing is aligned in the file. False behind the last; *at is 0 before the first. */
bool row_item(const struct row *row, size_t *at, struct item *item, const char **text);

#endif
