#include "store/chain.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "store/events.h"
#include "store/ledger.h"

bool chain_path(const char *run, const char *folder, char out[FILE_PATH_MAX], struct tc_error *err)
{
    char copy[FILE_PATH_MAX], parent[FILE_PATH_MAX], here[FILE_PATH_MAX], name[FILE_PATH_MAX];

    if (strlen(folder) >= sizeof copy)
        return error_set(err, TC_USAGE, folder, NULL, "path", "the path is too long");
    strcpy(copy, folder);
    strcpy(name, folder);
    if (!realpath(dirname(copy), parent) || !realpath(run, here))
        return error_set(err, TC_IO, run, NULL, "folder", "the run's folder, or the one that the new run's is to be in, cannot be found");
    return file_path(!strcmp(dirname(here), parent) ? ".." : parent, basename(name), out, err);
}

/* Whether the folder holds the run of this identity. */
static bool is_there(const char *folder, const char *identity)
{
    struct tc_error ignored = {0};
    char path[FILE_PATH_MAX], found[HASH_HEX + 1];
    struct ledger *ledger = file_path(folder, "ledger.db", path, &ignored) ? ledger_open(path, &ignored) : NULL;
    bool same = ledger && ledger_get(ledger, "identity", found, sizeof found, &ignored) && !strcmp(found, identity);

    ledger_close(ledger);
    return same;
}

bool chain_find_next(const char *run, struct chain_next *next, struct tc_error *err)
{
    char seen[FILE_PATH_MAX];
    bool fact;

    *next = (struct chain_next){.superseded = false};
    if (!events_last(run, "superseded", next->identity, seen, err))
        return false;
    fact = *next->identity != '\0';
    if (!fact && !events_last(run, "superseding", next->identity, seen, err))
        return false;
    if (*seen && (!file_path(run, seen, next->path, err) || !is_there(next->path, next->identity)))
        *next->path = '\0';
    next->superseded = fact || *next->path;
    if (!next->superseded)
        *next->identity = '\0';
    return !err->code;
}
