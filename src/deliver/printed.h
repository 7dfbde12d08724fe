/* A print file read again: page by page, against what was issued. */
#ifndef DELIVER_PRINTED_H
#define DELIVER_PRINTED_H

#include "base/error.h"
#include "deliver/seals.h"

struct printed {
    char *data; /* mapped */
    size_t size;
    const char **objects; /* by number: behind "N 0 obj" */
    long object_count;
    long *pages; /* object numbers */
    long count;
    long *resources; /* by seal and page: the object that it draws with; 0: not met yet */
};

/* False with err where it is no print file as join makes them. */
bool printed_open(struct printed *p, const char *folder, const char *name, const struct seals *seals, struct tc_error *err);
/* Whether a page has the content of a page, from 0, of the certificate, whose bytes these are, on its form's resources, and over it these
 * operators. */
bool printed_is(struct printed *p, long page, const struct seals *seals, const char *data, size_t length, int of, const char *over);
bool printed_is_blank(const struct printed *p, long page);
/* Gives back the memory of what was read so far. */
void printed_forget(const struct printed *p);
void printed_close(struct printed *p);

#endif
