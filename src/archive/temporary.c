/* The folder for what verify makes to compare: everybody's amounts for a moment. */
#include <stdlib.h>

#include "base/beside.h"
#include "taxcert.h"

struct tc_temporary {
    struct beside beside;
};

struct tc_temporary *tc_temporary_make(struct tc_error *err)
{
    struct tc_temporary *t = calloc(1, sizeof *t);

    error_reset(err);
    if (!t)
        error_memory(err);
    else if (beside_begin(&t->beside, "/tmp/compared", err))
        return t;
    free(t);
    return NULL;
}

const char *tc_temporary_folder(const struct tc_temporary *t)
{
    return t->beside.path;
}

void tc_temporary_remove(struct tc_temporary *t)
{
    struct tc_error ignored = {0}; /* what stays is told by nobody: the next one takes it away */

    if (t)
        beside_end(&t->beside, &ignored);
    free(t);
}
