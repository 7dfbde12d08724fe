/* Whether a run is still the year's last one: asked by every command that reads one. */
#include <string.h>

#include "store/chain.h"
#include "taxcert.h"

#define RUNS_MAX 1000 /* of a year; more would be a circle */

enum tc_code tc_superseded(const char *run, bool *superseded, char *last, size_t size, struct tc_error *err)
{
    struct chain_next next;

    *superseded = false;
    if (size > 0)
        *last = '\0';
    if (!chain_find_next(run, &next, err))
        return err->code;
    *superseded = next.superseded;
    for (int i = 0; i < RUNS_MAX && *next.path; i++) {
        char at[FILE_PATH_MAX];

        memcpy(at, next.path, sizeof at);
        if (strlen(at) < size)
            strcpy(last, at);
        if (!chain_find_next(at, &next, err))
            break;
    }
    return err->code;
}
