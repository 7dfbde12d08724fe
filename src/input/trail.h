/* The trail behind a certificate's amounts: its entries by wage type and month. */
#ifndef INPUT_TRAIL_H
#define INPUT_TRAIL_H

#include "input/wages.h"

#define TRAIL_MONTHS 12

struct trail_line {
    const struct wage *wage;
    int64_t months[TRAIL_MONTHS]; /* minor units, as booked: a wage type may take from a line what is booked here */
    uint16_t booked;              /* bit by month: there is an entry */
};

/* In the order in which the wage types are first met. Empty where an entry is not as it should be: that is a finding of the
 * record. */
struct trail {
    struct trail_line *lines;
    size_t count;
};

/* An empty one with room for so many entries of these wage types. Lives in arena; false when memory ran out. */
bool trail_start(struct trail *trail, const struct wages *wages, size_t entries, struct arena *arena);
/* month: 1 to 12. False where the sum is too large. */
bool trail_book(struct trail *trail, const struct wage *wage, int64_t month, int64_t units);
/* Whether each month can be read back: no more whole digits than an amount may have. */
bool trail_in_range(const struct trail *trail, int digits);
/* Reads back what canonical_trail wrote, which may be NULL; the wages outlive it. False where it is damaged. */
bool trail_restore(const struct wages *wages, const struct datum *canon, int digits, struct arena *arena, struct trail *trail);

#endif
