/* At most so many messages in any minute. Times are milliseconds of a clock that nobody sets. */
#ifndef DELIVER_RATE_H
#define DELIVER_RATE_H

#include <stdbool.h>
#include <stdint.h>

struct rate {
    int64_t *times; /* of the last messages, a ring; owned */
    long limit, count;
};

/* False when memory ran out. */
bool rate_start(struct rate *r, long per_minute);
void rate_stop(struct rate *r);
/* How long the next message must wait, 0: not at all. */
int64_t rate_wait(const struct rate *r, int64_t now);
/* A message goes out now. */
void rate_take(struct rate *r, int64_t now);
/* That clock. */
int64_t rate_now(void);

#endif
