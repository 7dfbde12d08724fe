/* Finds the records of a huge JSON file without holding it: reads by blocks, checks brackets and strings, and says
 * where each element of the named arrays stands. The records themselves are parsed later, one at a time. */
#ifndef INPUT_SCAN_H
#define INPUT_SCAN_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define SCAN_HANDLE_MAX 64

struct scan_range {
    uint64_t offset, length; /* bytes in the file */
};

struct scan_element {
    struct scan_range range;
    /* The strings under the two keys at the element's top level; "" where absent, longer than fits, not a string, or
     * written with escapes. */
    char id[SCAN_HANDLE_MAX + 1], personnel_number[SCAN_HANDLE_MAX + 1];
};

/* Callbacks return false to stop, with err set by them. */
struct scan_calls {
    void *ctx;
    /* A top-level member that is no array of records. key is borrowed; "" for one that is empty, longer than fits or has escapes beyond
     * ASCII, and so none that anybody knows; "x_" where such a one begins so. */
    bool (*member)(void *ctx, const char *key, struct scan_range value, struct tc_error *err);
    /* An element of "certificates" (array 0) or "employees" (array 1), in file order. */
    bool (*element)(void *ctx, int array, const struct scan_element *element, struct tc_error *err);
    /* Every byte of the file in order, for a hash. */
    void (*bytes)(void *ctx, const void *data, size_t length);
};

/* block: bytes read at a time. Mistakes name line and column, never text. */
bool scan_file(int fd, const char *file, size_t block, const struct scan_calls *calls, struct tc_error *err);

#endif
