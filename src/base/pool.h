/* Work in parallel, results in order. */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct pool_calls {
    void *ctx;
    /* In any thread, batches in any order: fills the batch from item first on. worker: 0 to jobs - 1, one thread each. */
    void (*work)(void *ctx, int worker, void *batch, size_t first, size_t count);
    /* In the caller's thread, batches in order. False stops. The batch may be filled anew afterwards. */
    bool (*consume)(void *ctx, void *batch);
};

/* How many jobs this machine has cores for, 1 to most. */
int pool_jobs(int most);
/* Cuts items into batches of batch_size, worked on by jobs threads; the caller's is one of them. batches: room for ready ones,
 * several a job. True when all were consumed; false when consume stopped, or with err when memory ran out. */
bool pool_run(size_t items, size_t batch_size, int jobs, void **batches, size_t batch_count, const struct pool_calls *calls,
              struct tc_error *err);

#endif
