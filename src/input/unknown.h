/* Keys of the input that nobody knows: most likely misspelt. Reported once per key and file with a count, by the place of
 * the first, never by their text. Keys beginning x_ are the sender's own. */
#ifndef INPUT_UNKNOWN_H
#define INPUT_UNKNOWN_H

#include "input/record.h"

struct unknown_key {
    struct unknown_key *next;
    uint64_t hash; /* of place and text */
    enum input_file file;
    const char *pointer; /* of the object it stands in */
    const char *nearest; /* known key that it is most like; NULL: none is like it */
};

/* New list in arena of the keys of one certificate and its employee that no field and no part of the input format has. */
struct unknown_key *unknown_find(const struct template *t, const struct sources *sources, struct arena *arena);

/* The same for what stands beside the records. */
struct unknown_key *unknown_find_head(const struct template *t, const char *const *codes, const struct datum *head, struct arena *arena);

/* A list or member of the payroll's top level that is not there while a key most like it is: what it holds would be lost. NULL: none.
 * has: whether there are certificates, employees. */
const char *unknown_misspelt(const struct datum *head, bool has_certificates, bool has_employees);

#endif
