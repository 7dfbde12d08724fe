#include "store/chain.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
        return error_set(err, TC_USAGE, run, NULL, "folder",
                         "the run folder, or the folder for the new one, cannot be found: check both paths");
    return file_path(!strcmp(dirname(here), parent) ? ".." : parent, basename(name), out, err);
}

bool chain_holds(const char *folder, const char *identity)
{
    struct tc_error ignored = {0};
    char found[HASH_HEX + 1];
    struct ledger *ledger = ledger_open(folder, &ignored); /* who then shows something of it proves it: a broken one is not passed over */
    bool same = ledger && ledger_get(ledger, "identity", found, sizeof found, &ignored) && !strcmp(found, identity);

    ledger_close(ledger);
    return same;
}

struct look {
    const char *run;
    struct chain_next *next;
};

static void forget(struct chain_next *next)
{
    *next = (struct chain_next){.superseded = false};
}

static void on_fact(void *ctx, const char *about, const char *reason)
{
    struct look *look = ctx;

    (void)reason;
    look->next->superseded = true;
    snprintf(look->next->identity, sizeof look->next->identity, "%s", about);
}

/* Somebody answers for it that this one is gone. */
static void on_lost(void *ctx, const char *about, const char *reason)
{
    struct look *look = ctx;

    (void)reason;
    if (!strcmp(look->next->identity, about))
        forget(look->next);
}

/* Where a run was to be made: it counts where it is there, and is the one that superseded this one, if any did. */
static void on_intent(void *ctx, const char *about, const char *reason)
{
    struct look *look = ctx;
    struct chain_next *next = look->next;
    struct tc_error ignored = {0};
    char path[FILE_PATH_MAX];

    if ((next->superseded && strcmp(about, next->identity) != 0) || !file_path(look->run, reason, path, &ignored))
        return;
    if (next->superseded)
        memcpy(next->made, path, sizeof path);
    if (!chain_holds(path, about) || events_has(look->run, "lost", about, &ignored))
        return;
    next->superseded = true;
    snprintf(next->identity, sizeof next->identity, "%s", about);
    memcpy(next->made, path, sizeof path);
    if (!realpath(path, next->path)) /* a path of many steps back and forth would grow with the chain */
        memcpy(next->path, path, sizeof next->path);
}

/* The log is read once, for its three kinds of events that say where the chain goes on. */
bool chain_find_next(const char *run, struct chain_next *next, struct tc_error *err)
{
    static const char *const kinds[] = {"superseded", "lost", "correction-begun"};
    char *text = events_pick(run, kinds, sizeof kinds / sizeof *kinds, err);
    struct look look = {run, next};
    bool ok;

    forget(next);
    ok = text && events_each_of(text, kinds[0], on_fact, &look, err) && events_each_of(text, kinds[1], on_lost, &look, err)
         && events_each_of(text, kinds[2], on_intent, &look, err);
    free(text);
    return ok;
}

bool chain_find_end(const char *run, struct chain_end *end, struct tc_error *err)
{
    struct chain_next next;

    *end = (struct chain_end){.superseded = false};
    if (!file_path("", run, end->path, err) || !chain_find_next(run, &next, err))
        return false;
    end->superseded = next.superseded;
    for (int i = 0; i < CHAIN_RUNS_MAX && *next.path; i++) {
        memcpy(end->path, next.path, sizeof end->path);
        if (!chain_find_next(end->path, &next, err))
            return false;
    }
    end->lost = next.superseded && !*next.path;
    return true;
}

bool chain_lock(const char *run, int *fd, char folder[FILE_PATH_MAX], struct tc_error *err)
{
    char path[FILE_PATH_MAX];

    *folder = '\0';
    *fd = file_path(run, "SHA256SUMS", path, err) ? file_open_below(run, "SHA256SUMS", TC_IO, err) : -1;
    if (*fd >= 0 && events_lock(*fd, path, folder))
        return true;
    error_set(err, TC_IO, path, NULL, "lock", "the run that is corrected cannot be locked (%s)", error_cause(errno));
    chain_unlock(*fd, folder);
    *fd = -1;
    return false;
}

void chain_unlock(int fd, const char *folder)
{
    if (fd >= 0)
        close(fd);
    if (*folder)
        rmdir(folder);
}
