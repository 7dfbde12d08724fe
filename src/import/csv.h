/* Records of a text file with separators, one in memory at a time, with the place of each. What is wrong is told and read over, so
 * that one reading tells all. */
#ifndef IMPORT_CSV_H
#define IMPORT_CSV_H

#include "base/buf.h"
#include "base/error.h"
#include "import/encoding.h"

/* line: where the record starts, from 1; column: the number of the field, from 1, or 0. message is a constant. */
typedef void csv_tell(void *ctx, long line, long column, const char *rule, const char *message);

struct csv {
    struct encoded in;
    uint32_t separator, quote; /* quote 0: none, quotes are letters */
    csv_tell *tell;
    void *ctx;
    long line, record_line, mistakes;
    bool record_is_bad; /* it had a mistake that was told */
    struct buf text;    /* the fields' texts, each with an end */
    size_t *fields;     /* where they begin */
    size_t count, room;
};

/* separator, quote, in.encoding, tell and ctx are set by the caller. */
bool csv_open(struct csv *csv, const char *path, struct tc_error *err);
/* False at the end, and with err where memory fails or the file cannot be read. */
bool csv_next(struct csv *csv, struct tc_error *err);
const char *csv_field(const struct csv *csv, size_t number);
void csv_close(struct csv *csv);

#endif
