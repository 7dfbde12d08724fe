/* Whether a run is still the year's last one: asked by every command that reads one. */
#include <string.h>

#include "store/chain.h"
#include "taxcert.h"

enum tc_code tc_superseded(const char *run, bool *superseded, char *last, size_t size, struct tc_error *err)
{
    struct chain_end end;

    error_reset(err);
    *superseded = false;
    if (size > 0)
        *last = '\0';
    if (!chain_find_end(run, &end, err))
        return err->code;
    *superseded = end.superseded;
    if (strcmp(end.path, run) != 0 && strlen(end.path) < size)
        strcpy(last, end.path);
    return err->code;
}
