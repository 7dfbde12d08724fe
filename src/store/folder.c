#include "store/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/beside.h"
#include "store/pages.h"
#include "store/purged.h"

bool folder_path(const struct folder *f, const char *name, char out[FOLDER_PATH_MAX], struct tc_error *err)
{
    return file_path(f->partial, name, out, err);
}

static bool make_folder(const struct folder *f, const char *name, struct tc_error *err)
{
    char path[FOLDER_PATH_MAX];

    return folder_path(f, name, path, err) && file_folder(path, err) && share_folder(&f->share, path, SHARE_FOLDER, err)
           && (file_is_folder(path) || error_set(err, TC_IO, path, NULL, "folder", "this is not a folder but a link, or nothing at all"));
}

static bool make_folders(const struct folder *f, struct tc_error *err)
{
    char name[32];

    if (!make_folder(f, "certificates", err) || !make_folder(f, "form", err))
        return false;
    for (int i = 0; i < 256; i++) {
        snprintf(name, sizeof name, "certificates/%02x", i);
        if (!make_folder(f, name, err))
            return false;
    }
    return true;
}

/* With the current folder before a path that does not begin at the root. */
static size_t absolute_length(const char *run, size_t length)
{
    char here[FOLDER_PATH_MAX];

    return length + (*run != '/' && getcwd(here, sizeof here) ? strlen(here) + 1 : 0);
}

/* The names of both folders. */
static bool name_both(const char *run, struct folder *f, struct tc_error *err)
{
    size_t length = strlen(run);

    *f = (struct folder){.resumed = false};
    while (length > 1 && run[length - 1] == '/')
        length--;
    if (length + 100 >= sizeof f->run || absolute_length(run, length) + sizeof ".partial/ledger.db" > LEDGER_PATH_MAX)
        return error_set(err, TC_USAGE, run, NULL, "path",
                         "the run folder's path is too long: the ledger in it may have %d bytes, from the root on", LEDGER_PATH_MAX);
    snprintf(f->run, sizeof f->run, "%.*s", (int)length, run);
    snprintf(f->partial, sizeof f->partial, "%.*s.partial", (int)length, run);
    return true;
}

bool folder_look(const char *run, struct tc_error *err)
{
    struct folder f;

    return name_both(run, &f, err) && claim_look(f.partial, err);
}

bool folder_open(const char *run, const char *identity, const struct share *share, struct folder *f, struct tc_error *err)
{
    if (!name_both(run, f, err))
        return false;
    f->share = *share;
    return claim_take(&f->claim, f->run, f->partial, identity, &f->resumed, err) && share_folder(share, f->partial, SHARE_MAKING, err)
           && make_folders(f, err);
}

void folder_close(struct folder *f)
{
    claim_drop(&f->claim);
}

static const char certificates[] = "certificates/", letters[] = "letters/";

static const char *place_of(const char *folder, const char *form, int year, const char *personnel_number, const char *id, const char *what,
                            struct arena *arena)
{
    const char *name = strrchr(form, '/'), *number = arena_numbered(arena, "-", (size_t)year);
    unsigned char hash[HASH_SIZE];
    char hex[HASH_HEX + 1];

    hash_bytes(personnel_number, strlen(personnel_number), hash);
    hash_hex(hash, hex);
    hex[2] = '\0';
    return arena_join(
        arena, (const char *const[]){folder, hex, "/", name ? name + 1 : form, number, "-", personnel_number, "+", id, what, ".pdf"}, 11);
}

const char *folder_certificate(const char *form, int year, const char *personnel_number, const char *id, int corrects, struct arena *arena)
{
    char correction[32] = "";

    if (corrects > 0)
        snprintf(correction, sizeof correction, "+correction-%d", corrects);
    return place_of(certificates, form, year, personnel_number, id, correction, arena);
}

const char *folder_letter(const char *form, int year, const char *personnel_number, const char *id, struct arena *arena)
{
    return place_of(letters, form, year, personnel_number, id, "+cancellation", arena);
}

bool folder_make_way(const struct folder *f, const char *name, struct tc_error *err)
{
    char step[FOLDER_PATH_MAX], path[FOLDER_PATH_MAX];

    for (const char *at = strchr(name, '/'); at; at = strchr(at + 1, '/')) {
        if (snprintf(step, sizeof step, "%.*s", (int)(at - name), name) >= (int)sizeof step)
            return error_set(err, TC_USAGE, NULL, NULL, "path", "the path is too long");
        if (!folder_path(f, step, path, err) || !file_folder(path, err) || !share_folder(&f->share, path, SHARE_FOLDER, err))
            return false;
    }
    return true;
}

/* Whether the folder's name stands before what begins at end, and is a whole step of the path. */
static const char *find_before(const char *file, const char *end, const char *folder)
{
    size_t length = strlen(folder);
    const char *at = end - length;

    return (size_t)(end - file) >= length && memcmp(at, folder, length) == 0 && (at == file || at[-1] == '/') ? at : NULL;
}

const char *folder_find_certificate(const char *file)
{
    const char *at = file ? strrchr(file, '/') : NULL; /* the last one: the folders above may have any name */
    const char *found;

    if (!at || strlen(at) < 5 || strcmp(at + strlen(at) - 4, ".pdf") != 0)
        return NULL;
    if (at - file < 3 || at[-3] != '/' || at[-2] == '.')
        return NULL;
    found = find_before(file, at - 2, certificates);
    return found ? found : find_before(file, at - 2, letters);
}

bool folder_form(const char *run, char out[FOLDER_PATH_MAX], struct tc_error *err)
{
    if (!file_path(run, "form", out, err))
        return false;
    return file_is_folder(out) || error_set(err, TC_USAGE, out, NULL, "file", "the run's form is missing, or is not a folder");
}

static bool has_bytes(const struct folder *f, const char *name, const struct iovec *parts, int count)
{
    struct tc_error ignored = {0};
    size_t there, at = 0;
    char *text = NULL;
    bool same = true;

    if (!file_read_below(f->partial, name, &text, &there, &ignored))
        return false;
    for (int i = 0; same && i < count; at += parts[i++].iov_len)
        same = there - at >= parts[i].iov_len && memcmp(text + at, parts[i].iov_base, parts[i].iov_len) == 0;
    free(text);
    return same && at == there;
}

bool folder_write(const struct folder *f, const char *name, const struct iovec *parts, int count, struct tc_error *err)
{
    char path[FOLDER_PATH_MAX];

    if (!folder_path(f, name, path, err))
        return false;
    if (f->resumed && has_bytes(f, name, parts, count))
        return true;
    if (f->resumed && unlink(path) != 0 && errno != ENOENT)
        return error_set(err, TC_IO, path, NULL, "file", "the file cannot be removed (%s)", error_cause(errno));
    return file_write_mode(path, parts, count, f->share.on ? SHARE_FILE : 0600, err);
}

bool folder_drop(const struct folder *f, const char *name, struct tc_error *err)
{
    char path[FOLDER_PATH_MAX], system[FILE_SYSTEM_MAX];
    bool ok;
    int fd;

    if (!folder_path(f, name, path, err))
        return false;
    fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return true;
    ok = fd >= 0 && beside_clear(fd);
    if (fd >= 0)
        close(fd);
    return (ok && rmdir(path) == 0)
           || error_set(err, TC_IO, path, NULL, "folder", "the folder cannot be removed (%s, on %s)", error_cause(errno),
                        file_system(path, system));
}

bool folder_clear(const struct folder *f, struct tc_error *err)
{
    static const char *const names[] = {"ledger.db",   "ledger.db-journal", "records.jsonl", "SHA256SUMS", "summary.xlsx",
                                        "summary.csv", "origin.csv.gz",     "events.log",    PAGES_NAME};
    char path[FOLDER_PATH_MAX];

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!folder_path(f, names[i], path, err))
            return false;
        if (unlink(path) != 0 && errno != ENOENT)
            return error_set(err, TC_IO, path, NULL, "file", "the file cannot be removed (%s)", error_cause(errno));
    }
    return folder_drop(f, "tmp", err);
}

bool folder_sync(const struct folder *f, struct tc_error *err)
{
    char system[FILE_SYSTEM_MAX];
    int fd = open(f->partial, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && syncfs(fd) == 0;

    if (!ok)
        error_set(err, TC_IO, f->partial, NULL, "sync", "the disk did not take everything (%s, on %s)", error_cause(errno),
                  file_system(f->partial, system));
    if (fd >= 0)
        close(fd);
    return ok;
}

static void sync_parent(const char *path)
{
    char copy[FOLDER_PATH_MAX];
    int fd;

    snprintf(copy, sizeof copy, "%s", path);
    fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
}

/* Certificates have the group's rights since they were written, but those that an interrupted run left. */
static bool share_run(const struct folder *f, struct tc_error *err)
{
    return (f->resumed ? share_all(&f->share, f->partial, "events.log", err)
                       : share_files(&f->share, f->partial, "form", "events.log", err))
           && share_folder(&f->share, f->partial, SHARE_FOLDER, err);
}

/* Gives the folder its name. */
static bool rename_it(struct folder *f)
{
    bool done = rename(f->partial, f->run) == 0;

    if (!done && f->claim.held && (errno == EACCES || errno == EBUSY)) { /* a share renames no folder that holds what is open */
        claim_drop(&f->claim);
        done = rename(f->partial, f->run) == 0;
    }
    return done;
}

bool folder_publish(struct folder *f, struct tc_error *err)
{
    char path[FOLDER_PATH_MAX], system[FILE_SYSTEM_MAX];

    if (!share_run(f, err))
        return false;
    if (!rename_it(f))
        return error_set(err, TC_IO, f->run, NULL, "folder", "the finished run folder cannot be given its name (%s, on %s)",
                         error_cause(errno), file_system(f->run, system));
    if (file_path(f->run, CLAIM_MARK, path, err))
        unlink(path); /* a run killed just here keeps it, which harms nobody */
    claim_drop(&f->claim);
    sync_parent(f->run);
    return true;
}

static bool holds(const char *run, const char *name)
{
    struct tc_error ignored = {0};
    char path[FOLDER_PATH_MAX];

    return file_path(run, name, path, &ignored) && access(path, F_OK) == 0;
}

bool folder_is_run(const char *run, struct tc_error *err)
{
    struct stat status;
    bool sums = holds(run, "SHA256SUMS"), exists = stat(run, &status) == 0;

    if (!exists && errno != ENOENT && errno != ENOTDIR && errno != ELOOP && errno != ENAMETOOLONG)
        return error_set(err, TC_IO, run, NULL, "folder", "the run folder cannot be read (%s)", error_cause(errno));
    if (!sums && !holds(run, "ledger.db") && !holds(run, "events.log"))
        return error_set(err, TC_USAGE, run, NULL, "no-run",
                         exists ? "this is not a run folder; RUN comes first" : "there is no such folder; RUN comes first");
    if (!purged_refuse(run, err))
        return false;
    return sums || !holds(run, CLAIM_MARK)
           || error_set(err, TC_USAGE, run, NULL, "unfinished", "this run is not finished: the command that began it takes it up again");
}
