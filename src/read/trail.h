/* The trail behind a certificate's amounts: its entries by wage type and month. */
#ifndef READ_TRAIL_H
#define READ_TRAIL_H

#include "read/wages.h"

#define TRAIL_MONTHS 12

struct trail_line {
    const struct wage *wage;
    int64_t months[TRAIL_MONTHS]; /* minor units, as booked: a wage type may take from a line what is booked here */
    uint16_t booked;              /* bit by month: there is an entry */
};

/* In the order in which the wage types are first met. */
struct trail {
    struct trail_line *lines;
    size_t count;
};

/* From a certificate's list of entries, or from the object that canon_trail made. Lives in arena; the wages outlive it.
 * Empty where an entry is not as it should be: that is a finding of the record. */
void trail_read(const struct wages *wages, const struct datum *entries, int digits, struct arena *arena, struct trail *trail);

#endif
