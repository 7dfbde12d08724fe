/* The run's sealed forms: what its certificates begin with. */
#ifndef DELIVER_SEALS_H
#define DELIVER_SEALS_H

#include <stddef.h>

#include "base/error.h"
#include "deliver/sealed.h"

struct seals {
    char **names, **data; /* owned */
    size_t *lengths, count;
    struct sealed *forms; /* owned */
};
bool seals_load(struct seals *s, const char *run, struct tc_error *err);
void seals_free(struct seals *s);
/* Index of the one that begins the certificate; count where none does. */
size_t seals_find(const struct seals *s, const char *data, size_t length);

#endif
