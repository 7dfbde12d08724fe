#include "store/manifest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "store/events.h"
#include "store/folder.h"

char *manifest_read(const char *run, char hash[HASH_HEX + 1], struct tc_error *err)
{
    char path[FILE_PATH_MAX], about[80], *sums = NULL;
    unsigned char bytes[HASH_SIZE];
    size_t length;
    long events;

    if (!folder_is_run(run, err))
        return NULL;
    if (!file_path(run, "SHA256SUMS", path, err) || !events_check(run, &events, about, err)
        || !file_read_below(run, "SHA256SUMS", &sums, &length, err)) {
        err->code = TC_IO;
        return NULL;
    }
    hash_bytes(sums, length, bytes);
    hash_hex(bytes, hash);
    if (!strcmp(hash, about))
        return sums;
    error_set(err, TC_IO, path, NULL, "sums-changed", "the list of hashes is not the one the run was closed with");
    free(sums);
    return NULL;
}

/* Whether the file of this name and hash is the one that the run made. */
static bool file_is_listed(const char *sums, const char *name, const unsigned char hash[HASH_SIZE], struct tc_error *err)
{
    char line[HASH_HEX + 100], hex[HASH_HEX + 1];
    const char *at;

    hash_hex(hash, hex);
    snprintf(line, sizeof line, "%s  %.90s\n", hex, name);
    at = strstr(sums, line);
    return (at && (at == sums || at[-1] == '\n'))
           || error_set(err, TC_IO, name, NULL, "file-changed", "the run folder's file is not what the run made");
}

static bool prove_ledger(const char *run, const char *sums, struct tc_error *err)
{
    unsigned char hash[HASH_SIZE];

    return hash_file_below(run, "ledger.db", hash, err) && file_is_listed(sums, "ledger.db", hash, err);
}

bool manifest_form(const struct prepared *e, const char *sums, struct tc_error *err)
{
    for (size_t i = 0; i < e->file_count; i++) {
        char name[80];

        snprintf(name, sizeof name, "form/%.60s", e->files[i].name);
        if (!file_is_listed(sums, name, e->files[i].hash, err))
            return false;
    }
    return true;
}

/* The form's file of a line of the list. */
static bool prove_line(const char *run, const char *line, size_t length, struct tc_error *err)
{
    unsigned char hash[HASH_SIZE];
    char name[100], hex[HASH_HEX + 1];

    snprintf(name, sizeof name, "%.*s", (int)(length - HASH_HEX - 2), line + HASH_HEX + 2);
    if (!hash_file_below(run, name, hash, err))
        return false;
    hash_hex(hash, hex);
    return !memcmp(line, hex, HASH_HEX)
           || error_set(err, TC_IO, name, NULL, "file-changed", "the run folder's file is not what the run made");
}

/* Of a run that has no list of the ledger's pages. */
static struct ledger *open_whole(const char *run, struct tc_error *err)
{
    char hash[HASH_HEX + 1], *sums = manifest_read(run, hash, err);
    bool ok = sums && prove_ledger(run, sums, err);

    free(sums);
    return ok ? ledger_open(run, err) : NULL;
}

struct ledger *manifest_open(const char *run, struct tc_error *err)
{
    char root[HASH_HEX + 1];

    if (!folder_is_run(run, err))
        return NULL;
    if (!events_root(run, root, err)) {
        err->code = TC_IO;
        return NULL;
    }
    return *root ? ledger_open_proved(run, root, err) : open_whole(run, err);
}

struct named {
    const char *path;
    char identity[HASH_HEX + 1];
};

static bool on_run(void *ctx, const struct ledger_run *earlier, struct tc_error *err)
{
    struct named *n = ctx;

    (void)err;
    if (!strcmp(earlier->path, n->path))
        snprintf(n->identity, sizeof n->identity, "%s", earlier->identity);
    return true;
}

/* An earlier run that this one names, by its identity. */
static struct ledger *open_named(const char *folder, const char *named, struct tc_error *err)
{
    char identity[HASH_HEX + 1] = "";
    struct tc_error missing = {0};
    struct ledger *ledger;

    if (!folder_is_run(folder, &missing) && missing.code == TC_USAGE && strcmp(missing.rule, "purged") != 0) {
        error_set(err, TC_IO, folder, NULL, "earlier-missing",
                  "the earlier run with certificates of the year is not there: put its folder back where it was");
        return NULL;
    }
    ledger = manifest_open(folder, err);
    if (ledger && ledger_get(ledger, "identity", identity, sizeof identity, err) && strcmp(identity, named) != 0)
        error_set(err, TC_IO, folder, NULL, "changed", "this is not the run that the later one was made from");
    if (!err->code)
        return ledger;
    ledger_close(ledger);
    return NULL;
}

struct ledger *manifest_open_earlier(const char *run, struct ledger *from, const char *path, struct tc_error *err)
{
    struct named n = {.path = path};
    char folder[FILE_PATH_MAX];

    return ledger_each_run(from, on_run, &n, err) && file_path(run, path, folder, err) ? open_named(folder, n.identity, err) : NULL;
}

/* The form's part of the list of hashes, as the ledger has it. New, or NULL with err. */
static char *form_list(const char *run, struct ledger *ledger, struct tc_error *err)
{
    char hash[HASH_HEX + 1], *list = ledger_get_text(ledger, "form files", err);

    return list || err->code ? list : manifest_read(run, hash, err);
}

char *manifest_read_form(const char *run, struct tc_error *err)
{
    struct ledger *ledger = manifest_open(run, err);
    char *list = ledger ? form_list(run, ledger, err) : NULL;

    ledger_close(ledger);
    return list;
}

static bool ends_in(const char *line, size_t length, const char *ending)
{
    size_t size = ending ? strlen(ending) : 0;

    return length >= size && !memcmp(line + length - size, ending ? ending : "", size);
}

bool manifest_prove_form(const char *run, struct ledger *ledger, const char *ending, struct tc_error *err)
{
    char *sums = form_list(run, ledger, err);
    bool ok = sums != NULL;

    for (const char *line = sums; ok && line && *line; line += strcspn(line, "\n"), line += *line == '\n') {
        size_t length = strcspn(line, "\n");

        if (length > HASH_HEX + 2 + sizeof "form/" - 1 && length < HASH_HEX + 90 && !strncmp(line + HASH_HEX + 2, "form/", 5)
            && ends_in(line, length, ending))
            ok = prove_line(run, line, length, err);
    }
    free(sums);
    return ok;
}
