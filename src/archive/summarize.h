/* The workbook again, from the ledger; with a sheet of the caller's behind, or without. */
#ifndef ARCHIVE_SUMMARIZE_H
#define ARCHIVE_SUMMARIZE_H

#include "book/summary.h"

struct summarize_extra {
    struct summary_extra sheet;
    /* Adds its rows. */
    bool (*feed)(void *ctx, struct summary *s, struct tc_error *err);
    void *ctx;
};

/* extra NULL: the very bytes of the run's own. */
enum tc_code summarize(const char *run, const struct tc_summary_options *options, const struct summarize_extra *extra,
                       struct tc_error *err);

#endif
