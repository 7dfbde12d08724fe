#include "deliver/versions.h"

#include <stdlib.h>
#include <string.h>

#include "store/manifest.h"

static struct version *add(struct versions *v, const char *path, struct tc_error *err)
{
    struct version *grown = realloc(v->list, (v->count + 1) * sizeof *grown);
    struct tc_error missing = {0};

    if (!grown) {
        error_memory(err);
        return NULL;
    }
    v->list = grown;
    grown[v->count] = (struct version){.path = strdup(path), .ledger = manifest_open_earlier(v->run, v->own, path, &missing)};
    if (grown[v->count++].path)
        return &grown[v->count - 1];
    error_memory(err);
    return NULL;
}

static struct version *find(struct versions *v, const char *path, struct tc_error *err)
{
    for (size_t i = 0; i < v->count; i++)
        if (!strcmp(v->list[i].path, path))
            return &v->list[i];
    if (!v->own && !(v->own = manifest_open(v->run, err)))
        return NULL;
    return add(v, path, err);
}

static bool on_entry(void *ctx, const struct ledger_entry *entry, struct tc_error *err)
{
    (void)err;
    if (entry->state == LEDGER_ISSUED)
        hash_hex(entry->hash, ctx);
    return true;
}

bool versions_hash(struct versions *v, const char *path, const char *id, char hex[HASH_HEX + 1], struct tc_error *err)
{
    struct version *version = find(v, path, err);
    struct tc_error changed = {0};

    *hex = '\0';
    if (version && version->ledger && !ledger_find_id(version->ledger, id, on_entry, hex, &changed))
        *hex = '\0'; /* of a ledger that is not as it was, nothing is said */
    return version != NULL;
}

void versions_close(struct versions *v)
{
    for (size_t i = 0; i < v->count; i++) {
        ledger_close(v->list[i].ledger);
        free(v->list[i].path);
    }
    free(v->list);
    ledger_close(v->own);
    *v = (struct versions){.count = 0};
}
