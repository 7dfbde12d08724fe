#include "archive/later.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/events.h"
#include "store/folder.h"
#include "store/manifest.h"

bool later_open(struct later *l, const char *run, struct tc_error *err)
{
    *l = (struct later){.ledger = NULL};
    if (!chain_find_end(run, &l->end, err))
        return false;
    if (!strcmp(l->end.path, run) || !l->end.superseded)
        return true;
    l->ledger = manifest_open(l->end.path, err);
    return l->ledger != NULL;
}

struct search {
    const struct later *later;
    const unsigned char *hash;
    struct later_found *found;
};

/* The run's folder that a certificate's path, as this run has it, leads to. */
static bool find_where(const char *run, const char *file, char where[FILE_PATH_MAX], struct tc_error *err)
{
    const char *at = folder_find_certificate(file);
    char path[FILE_PATH_MAX], folder[FILE_PATH_MAX];

    if (!at)
        return error_set(err, TC_IO, "ledger.db", NULL, "ledger", "an entry of the ledger is damaged");
    snprintf(folder, sizeof folder, "%.*s", at > file ? (int)(at - file) - 1 : 0, file);
    if (!file_path(run, folder, path, err))
        return false;
    if (!realpath(path, where))
        memcpy(where, path, sizeof path);
    return true;
}

static bool on_entry(void *ctx, const struct ledger_entry *entry, struct tc_error *err)
{
    struct search *s = ctx;

    if (entry->state == LEDGER_CANCELLED) {
        s->found->state = LATER_CANCELLED;
        memcpy(s->found->where, s->later->end.path, sizeof s->found->where);
    }
    if (entry->state != LEDGER_ISSUED || !memcmp(entry->hash, s->hash, HASH_SIZE))
        return true;
    s->found->state = LATER_CORRECTED;
    return find_where(s->later->end.path, entry->file, s->found->where, err);
}

struct replaced {
    const char *issuer;
    char *where;
    char path[FILE_PATH_MAX],
        last[FILE_PATH_MAX]; /* of the last of the runs that the issuer stands on: as it is named there, and from here */
};

struct other {
    const char *id;
    char *found;
};

static bool on_correction(void *ctx, const struct ledger_correction *c, struct tc_error *err)
{
    struct other *o = ctx;

    (void)err;
    if (c->change == LEDGER_CANCELLATION && !strcmp(c->id, o->id))
        snprintf(o->found, 40, "%s", c->other ? c->other : "");
    return true;
}

bool later_other(struct ledger *ledger, const char *id, char other[40], struct tc_error *err)
{
    *other = '\0';
    return ledger_each_correction(ledger, on_correction, &(struct other){id, other}, err);
}

/* The last run that is there is corrected by one that is not: its log says whose certificates that one changed. */
static bool ask_log(const struct later *l, const char *id, struct later_found *found, struct tc_error *err)
{
    if (events_has(l->end.path, "cancelled", id, err))
        found->state = LATER_CANCELLED;
    else if (events_has(l->end.path, "corrected", id, err))
        found->state = LATER_CORRECTED;
    return !err->code;
}

bool later_find(struct later *l, const char *id, const unsigned char hash[HASH_SIZE], struct later_found *found, struct tc_error *err)
{
    *found = (struct later_found){.state = LATER_VALID};
    if (l->ledger && !ledger_find_id(l->ledger, id, on_entry, &(struct search){l, hash, found}, err))
        return false;
    if (found->state == LATER_CANCELLED && !later_other(l->ledger, id, found->other, err))
        return false;
    return found->state != LATER_VALID || !l->end.lost || ask_log(l, id, found, err);
}

static bool on_run(void *ctx, const struct ledger_run *earlier, struct tc_error *err)
{
    struct replaced *r = ctx;

    return file_path("", earlier->path, r->path, err) && file_path(r->issuer, earlier->path, r->last, err);
}

static bool on_replaced(void *ctx, const struct ledger_entry *entry, struct tc_error *err)
{
    struct replaced *r = ctx;

    return entry->state != LEDGER_ISSUED || find_where(r->last, entry->file, r->where, err);
}

/* Whether the earlier run is there and could not be opened. */
static bool is_wrong(const struct tc_error *opening, struct tc_error *err)
{
    if (!opening->code || !strcmp(opening->rule, "earlier-missing"))
        return false;
    *err = *opening;
    return true;
}

/* An earlier run that is not there says nothing. */
bool later_replaced(const char *issuer, const char *id, char where[FILE_PATH_MAX], struct tc_error *err)
{
    struct replaced r = {issuer, where, "", ""};
    struct ledger *ledger = manifest_open(issuer, err), *before = NULL;
    struct tc_error missing = {0};
    bool ok = ledger && ledger_each_run(ledger, on_run, &r, err);

    *where = '\0';
    if (ok && *r.path)
        before = manifest_open_earlier(issuer, ledger, r.path, &missing);
    ledger_close(ledger);
    if (before)
        ok = ledger_find_id(before, id, on_replaced, &r, err);
    ledger_close(before);
    return ok && !is_wrong(&missing, err);
}

void later_close(struct later *l)
{
    ledger_close(l->ledger);
    l->ledger = NULL;
}
