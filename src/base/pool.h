/* Work in parallel, results in order. */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* What each batch goes through, one after the other; NULL: nothing is done there. Whatever fails but consume is noted in the batch. */
struct pool_calls {
    void *ctx;
    /* In any thread, several batches at once: fills the batch from item first on. worker: 0 to jobs - 1, one thread each. */
    void (*work)(void *ctx, int worker, void *batch, size_t first, size_t count);
    /* In the caller's thread, batches in order, after all else. False stops. The batch may be filled anew afterwards. */
    bool (*consume)(void *ctx, void *batch);
    /* In the caller's thread, batches in order, after work: what hangs on those before. Never beside consume. */
    void (*order)(void *ctx, void *batch);
    /* In any thread, several batches at once, after order. */
    void (*finish)(void *ctx, int worker, void *batch);
    /* In any thread, batches in order, after finish: beside the others' consume, with which it shares nothing. */
    void (*write)(void *ctx, void *batch);
    /* As write, after it: another of its kind, so that either is one thread's work at a time. */
    void (*store)(void *ctx, void *batch);
};

/* So many jobs as are wanted, or as this machine has cores for where that is 0: 1 to most. */
int pool_jobs(int wanted, int most);
/* Cuts items into batches of batch_size, worked on by jobs threads; the caller's is one of them. batches: room for ready ones,
 * several a job. True when all were consumed; false when consume stopped, or with err when memory ran out. */
bool pool_run(size_t items, size_t batch_size, int jobs, void **batches, size_t batch_count, const struct pool_calls *calls,
              struct tc_error *err);

#endif
