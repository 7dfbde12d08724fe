#include "archive/strays.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "store/claim.h"
#include "store/purged.h"

struct strays {
    const char *run;
    strays_listed_call listed;
    strays_call call;
    void *ctx;
    struct tc_error *err;
    bool purged;
};

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* Whether a run has such a folder. */
static bool is_folder_of_run(const struct strays *s, const char *name)
{
    static const char *const parts[] = {"certificates", "letters"};

    for (size_t i = 0; i < sizeof parts / sizeof *parts && !s->purged; i++) {
        size_t length = strlen(parts[i]);

        if (!strncmp(name, parts[i], length)
            && (!name[length]
                || (name[length] == '/' && strlen(name + length) == 3 && is_hex(name[length + 1]) && is_hex(name[length + 2]))))
            return true;
    }
    return !strcmp(name, "form") || (s->purged && !strcmp(name, PURGED_FOLDER));
}

static void look_below(struct strays *s, const char *below);

/* name: of what is in a folder, from the run's on. */
static void look_at(struct strays *s, const char *name)
{
    static const char *const own[] = {"SHA256SUMS", "events.log", CLAIM_MARK};
    char path[FILE_PATH_MAX];
    struct stat status;

    if (!file_path(s->run, name, path, s->err) || lstat(path, &status) != 0)
        return;
    if (S_ISDIR(status.st_mode) && is_folder_of_run(s, name)) {
        look_below(s, name);
        return;
    }
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (!strcmp(name, own[i]))
            return;
    if (!s->listed(s->ctx, name))
        s->call(s->ctx, name, "file-extra",
                S_ISDIR(status.st_mode) ? "unexpected folder: the run did not make it" : "unexpected file: the run did not make it");
}

static void look_below(struct strays *s, const char *below)
{
    char path[FILE_PATH_MAX];
    struct dirent *entry;
    DIR *dir;

    if (!file_path(s->run, below, path, s->err))
        return;
    dir = opendir(path);
    if (!dir && errno == ENOMEM)
        error_memory(s->err);
    else if (!dir)
        s->call(s->ctx, below, "folder", "the folder cannot be read");
    while (dir && !s->err->code && (entry = readdir(dir)) != NULL) {
        char name[600];

        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        snprintf(name, sizeof name, "%.300s%s%.255s", below, *below ? "/" : "", entry->d_name);
        look_at(s, name);
    }
    if (dir)
        closedir(dir);
}

bool strays_each(const char *run, strays_listed_call listed, strays_call call, void *ctx, struct tc_error *err)
{
    struct strays s = {run, listed, call, ctx, err, purged_is(run)};

    look_below(&s, "");
    return !err->code;
}
