#include "archive/purge_run.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/chain.h"
#include "store/claim.h"
#include "store/events.h"
#include "store/pages.h"
#include "store/purged.h"
#include "store/share.h"

#define FOLDER_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
#define DEPTH 2 /* of folders in a run that go: certificates, and one of its 256 */

static bool fail_folder(const char *path, struct tc_error *err)
{
    char system[FILE_SYSTEM_MAX];

    return error_set(err, TC_IO, path, NULL, "folder", "the run's folder cannot be written (%s, on %s)", error_cause(errno),
                     file_system(path, system));
}

static bool fail_remove(const char *path, struct tc_error *err)
{
    return error_set(err, TC_IO, path, NULL, "file", "the file cannot be removed (%s)", error_cause(errno));
}

static bool fail_log(const char *path, struct tc_error *err)
{
    return error_set(err, TC_IO, path, NULL, "event", "the event cannot be written (%s)%s", error_cause(errno), "");
}

static int open_folder(const char *run, const char *name)
{
    struct tc_error ignored = {0};
    char path[FILE_PATH_MAX];

    if (file_path(run, name, path, &ignored))
        return open(path, FOLDER_FLAGS);
    errno = ENAMETOOLONG;
    return -1;
}

/* ---- removing, through no link */

static bool clear(int fd, int depth);

static bool remove_entry(int fd, const char *name, int depth)
{
    int inner;
    bool ok;

    if (unlinkat(fd, name, 0) == 0 || errno == ENOENT)
        return true;
    if ((errno != EISDIR && errno != EPERM) || depth == 0)
        return false;
    inner = openat(fd, name, FOLDER_FLAGS);
    ok = inner >= 0 && clear(inner, depth - 1);
    if (inner >= 0)
        close(inner);
    return ok && unlinkat(fd, name, AT_REMOVEDIR) == 0;
}

/* Everything in an open folder, its folders too, as deep as that. Pass after pass: a file system may leave out some of what is there while others are
 * removed. */
static bool clear(int fd, int depth)
{
    int copy = openat(fd, ".", FOLDER_FLAGS);
    DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;
    bool ok = dir != NULL, found = true;

    while (ok && found) {
        struct dirent *entry;

        found = false;
        rewinddir(dir);
        while (ok && (entry = readdir(dir)) != NULL) {
            if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
                continue;
            found = true;
            ok = remove_entry(fd, entry->d_name, depth);
        }
    }
    if (dir)
        closedir(dir);
    else if (copy >= 0)
        close(copy);
    return ok;
}

/* A file or folder of the run, with all in it. One that is not there is fine. */
static bool drop(const char *run, const char *name, struct tc_error *err)
{
    int fd = open_folder(run, "");
    bool ok = fd >= 0 && remove_entry(fd, name, DEPTH);

    if (!ok)
        fail_remove(run, err);
    if (fd >= 0)
        close(fd);
    return ok;
}

/* The beginnings of the PDFs: nothing is made with them any more. */
static bool drop_seals(const char *run, struct tc_error *err)
{
    int fd = open_folder(run, "form");
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    struct dirent *entry;
    bool ok = dir != NULL || fail_remove(run, err);

    while (ok && (entry = readdir(dir)) != NULL) {
        size_t length = strlen(entry->d_name);

        if (length > 5 && !strcmp(entry->d_name + length - 5, ".seal"))
            ok = unlinkat(fd, entry->d_name, 0) == 0 || fail_remove(run, err);
    }
    if (dir)
        closedir(dir);
    else if (fd >= 0)
        close(fd);
    return ok;
}

/* ---- before the decision */

static int open_log(const char *path, struct tc_error *err)
{
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    struct stat status;

    if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
        return fd;
    if (fd < 0)
        fail_log(path, err);
    else
        close(fd);
    error_set(err, TC_IO, path, NULL, "event", "the event log is not an ordinary file");
    return -1;
}

/* As in store/chain.h: whoever corrects a run holds its list of hashes, and then the log. */
static bool take_locks(struct purging *p, struct tc_error *err)
{
    char path[FILE_PATH_MAX];

    if (!chain_lock(p->run, &p->list, p->list_lock, err) || !file_path(p->run, "events.log", path, err)
        || (p->log = open_log(path, err)) < 0)
        return false;
    return events_lock(p->log, path, p->log_lock) || fail_log(path, err);
}

static bool sync_run(const char *run, struct tc_error *err)
{
    int fd = open_folder(run, "");
    bool ok = (fd >= 0 && syncfs(fd) == 0) || fail_folder(run, err);

    if (fd >= 0)
        close(fd);
    return ok;
}

/* name: as it will be called. */
static bool write_new(const char *folder, const struct share *share, const char *name, const struct buf *bytes, struct tc_error *err)
{
    char path[FILE_PATH_MAX];

    return file_path(folder, strrchr(name, '/') + 1, path, err) && file_write(path, bytes->data ? bytes->data : "", bytes->length, err)
           && share_file(share, path, SHARE_FILE, err);
}

static bool write_remains(const char *run, const struct remains *r, struct tc_error *err)
{
    char folder[FILE_PATH_MAX];
    struct share share;

    share_of(run, &share);
    return drop(run, PURGED_NEW, err) && file_path(run, PURGED_NEW, folder, err) && file_folder(folder, err)
           && share_folder(&share, folder, SHARE_FOLDER, err) && write_new(folder, &share, PURGED_FACTS, &r->facts, err)
           && write_new(folder, &share, PURGED_FILES, &r->files, err) && write_new(folder, &share, PURGED_EVENTS, &r->events, err)
           && write_new(folder, &share, PURGED_SUMS, &r->sums, err) && write_new(folder, &share, PURGED_LOG, &r->log, err)
           && sync_run(run, err);
}

bool purge_prepare(struct purging *p, const char *run, const struct purge_terms *terms, struct tc_error *err)
{
    struct remains r = {.facts = {0}};
    bool ok;

    *p = (struct purging){.run = run, .list = -1, .log = -1};
    if (!take_locks(p, err))
        return false;
    p->resumes = purged_is(run);
    if (p->resumes)
        return true;
    ok = remains_make(&r, run, terms, err) && write_remains(run, &r, err);
    remains_free(&r);
    return ok;
}

/* ---- the decision, and behind it */

static bool decide(const char *run, struct tc_error *err)
{
    int fd = open_folder(run, "");
    bool ok = (fd >= 0 && renameat(fd, PURGED_NEW, fd, PURGED_FOLDER) == 0 && fsync(fd) == 0) || fail_folder(run, err);

    if (fd >= 0)
        close(fd);
    return ok;
}

/* The log stays the file that it is: others wait for its lock. */
static bool put_log(const struct purging *p, struct tc_error *err)
{
    char *text = NULL;
    size_t length;
    bool ok = file_read_below(p->run, PURGED_LOG, &text, &length, err);

    ok = ok
         && ((ftruncate(p->log, 0) == 0 && lseek(p->log, 0, SEEK_SET) == 0 && file_write_all(p->log, text, length)
              && fdatasync(p->log) == 0)
             || fail_log(p->run, err));
    free(text);
    return ok;
}

static bool put_list(const char *run, struct tc_error *err)
{
    int fd = open_folder(run, "");
    bool ok = (fd >= 0 && (renameat(fd, PURGED_SUMS, fd, "SHA256SUMS") == 0 || errno == ENOENT)) || fail_folder(run, err);

    if (fd >= 0)
        close(fd);
    return ok;
}

bool purge_do(struct purging *p, struct tc_error *err)
{
    static const char *const names[] = {"certificates",  "letters",   "records.jsonl", "summary.xlsx",      "summary.csv",
                                        "origin.csv.gz", "ledger.db", PAGES_NAME,      "ledger.db-journal", CLAIM_MARK};

    if (!p->resumes && !decide(p->run, err))
        return false;
    if (!purged_is_unfinished(p->run))
        return true; /* finished by somebody else meanwhile */
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!drop(p->run, names[i], err))
            return false;
    return drop_seals(p->run, err) && put_log(p, err) && put_list(p->run, err) && sync_run(p->run, err) && drop(p->run, PURGED_LOG, err)
           && sync_run(p->run, err);
}

void purge_end(struct purging *p)
{
    struct tc_error ignored = {0};

    if (p->log >= 0) {
        drop(p->run, PURGED_NEW, &ignored); /* where it was not decided on */
        close(p->log);
    }
    if (*p->log_lock)
        rmdir(p->log_lock);
    chain_unlock(p->list, p->list_lock);
    p->log = p->list = -1;
    *p->log_lock = *p->list_lock = '\0';
}
