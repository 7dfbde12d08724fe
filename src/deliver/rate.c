#include "deliver/rate.h"

#include <stdlib.h>
#include <time.h>

#define MINUTE 60000

bool rate_start(struct rate *r, long per_minute)
{
    *r = (struct rate){.times = calloc((size_t)per_minute, sizeof *r->times), .limit = per_minute};
    return r->times != NULL;
}

void rate_stop(struct rate *r)
{
    free(r->times);
    *r = (struct rate){.count = 0};
}

int64_t rate_wait(const struct rate *r, int64_t now)
{
    int64_t free_at = r->count < r->limit ? now : r->times[r->count % r->limit] + MINUTE;

    return free_at > now ? free_at - now : 0;
}

void rate_take(struct rate *r, int64_t now)
{
    r->times[r->count++ % r->limit] = now;
}

int64_t rate_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
