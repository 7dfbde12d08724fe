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

struct look {
    const char *run;
    struct chain_next *next;
};

static void on_fact(void *ctx, const char *about, const char *reason)
{
    struct chain_next *next = ctx;

    (void)reason;
    next->superseded = true;
    snprintf(next->identity, sizeof next->identity, "%s", about);
}

/* Where a run was to be made: it counts where it is there, and is the one that superseded this one, if any did. */
static void on_intent(void *ctx, const char *about, const char *reason)
{
    struct look *look = ctx;
    struct chain_next *next = look->next;
    struct tc_error ignored = {0};
    char path[FILE_PATH_MAX];

    if ((next->superseded && strcmp(about, next->identity) != 0) || !file_path(look->run, reason, path, &ignored) || !is_there(path, about))
        return;
    next->superseded = true;
    snprintf(next->identity, sizeof next->identity, "%s", about);
    if (!realpath(path, next->path)) /* a path of many steps back and forth would grow with the chain */
        memcpy(next->path, path, sizeof next->path);
}

bool chain_find_next(const char *run, struct chain_next *next, struct tc_error *err)
{
    *next = (struct chain_next){.superseded = false};
    return events_each(run, "superseded", on_fact, next, err) && events_each(run, "superseding", on_intent, &(struct look){run, next}, err);
}
