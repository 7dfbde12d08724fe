#include "deliver/outfolder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/beside.h"
#include "base/hash.h"
#include "base/lock.h"

#define OURS ".taxcert-delivery" /* stands in a folder that is being made */

static bool is_step(const char *name)
{
    return !strcmp(name, ".") || !strcmp(name, "..");
}

/* Calls for each name in the folder until one is false. */
static bool each(const char *folder, bool (*call)(const char *folder, const char *name, void *ctx), void *ctx)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    bool ok = dir != NULL;

    while (ok && (entry = readdir(dir)) != NULL)
        ok = is_step(entry->d_name) || call(folder, entry->d_name, ctx);
    if (dir)
        closedir(dir);
    return ok;
}

/* Of an open folder: the sign that it is ours goes last. */
static bool drop_files(int fd)
{
    int again = dup(fd);
    DIR *dir = again >= 0 ? fdopendir(again) : NULL;
    struct dirent *entry;
    bool ok = dir != NULL;

    if (again >= 0 && !dir)
        close(again);
    if (dir)
        rewinddir(dir);
    while (dir && (entry = readdir(dir)) != NULL)
        if (!is_step(entry->d_name) && strcmp(entry->d_name, OURS) != 0)
            ok = unlinkat(fd, entry->d_name, 0) == 0 && ok;
    if (dir)
        closedir(dir);
    return ok && (unlinkat(fd, OURS, 0) == 0 || errno == ENOENT);
}

static int open_folder(const char *folder)
{
    return open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Whether the name still leads to the open folder: who published it meanwhile gave it another one. */
static bool is_same_folder(int fd, const char *folder)
{
    struct stat there, here;

    return lstat(folder, &there) == 0 && fstat(fd, &here) == 0 && there.st_ino == here.st_ino && there.st_dev == here.st_dev;
}

/* What an interrupted delivery left goes; another's stays, and one that is at work now is told. */
static bool drop_left(const char *folder, struct tc_error *err)
{
    int fd = open_folder(folder);
    bool ours = fd >= 0 && beside_has_mark(fd, OURS);
    char holder[LOCK_HOLDER];

    if (ours && lock_take(fd) == LOCK_BUSY)
        error_set(err, TC_IO, folder, NULL, "locked", "%s is at work here: wait until it has ended, or give another -o",
                  lock_holder(fd, holder));
    else if (ours && is_same_folder(fd, folder) && drop_files(fd))
        rmdir(folder);
    if (fd >= 0)
        close(fd);
    return !err->code;
}

bool outfolder_open(struct outfolder *f, const char *path, struct tc_error *err)
{
    size_t length = strlen(path);

    while (length > 1 && path[length - 1] == '/')
        length--;
    if (length + 40 > FILE_PATH_MAX)
        return error_set(err, TC_USAGE, path, NULL, "path", "the path is too long");
    snprintf(f->path, sizeof f->path, "%.*s", (int)length, path);
    snprintf(f->partial, sizeof f->partial, "%.*s.partial", (int)length, path);
    if (!drop_left(f->partial, err))
        return false;
    if (mkdir(f->partial, 0700) != 0 && (errno != EEXIST || rmdir(f->partial) != 0 || mkdir(f->partial, 0700) != 0))
        return error_set(err, errno == EEXIST || errno == ENOTEMPTY || errno == ENOTDIR ? TC_USAGE : TC_IO, f->partial, NULL, "folder",
                         "the folder cannot be created (%s)", error_cause(errno));
    f->open = true;
    f->fd = open_folder(f->partial);
    if (f->fd >= 0)
        lock_take(f->fd); /* before the mark, by which others drop it; where there are no locks nobody can be kept out */
    return (f->fd >= 0 && beside_write_mark(f->fd, OURS))
           || error_set(err, TC_IO, f->partial, NULL, "folder", "the folder cannot be created (%s)", error_cause(errno));
}

struct compare {
    const char *other;
    long count;
};

static bool count_one(const char *folder, const char *name, void *ctx)
{
    (void)folder;
    ((struct compare *)ctx)->count += strcmp(name, OURS) != 0;
    return true;
}

static bool same_one(const char *folder, const char *name, void *ctx)
{
    struct tc_error ignored = {0};
    struct compare *c = ctx;
    unsigned char one[HASH_SIZE], other[HASH_SIZE];

    c->count -= strcmp(name, OURS) != 0;
    return !strcmp(name, OURS)
           || (hash_file_below(folder, name, one, &ignored) && hash_file_below(c->other, name, other, &ignored)
               && memcmp(one, other, HASH_SIZE) == 0);
}

static bool same_folders(const struct outfolder *f)
{
    struct compare c = {.other = f->path};

    return each(f->path, count_one, &c) && each(f->partial, same_one, &c) && c.count == 0;
}

static bool sync_folder(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0)
        close(fd);
    return ok;
}

/* The folder that the path is in. */
static bool sync_parent(const char *path)
{
    char copy[FILE_PATH_MAX];
    char *slash;

    snprintf(copy, sizeof copy, "%s", path);
    slash = strrchr(copy, '/');
    if (slash)
        slash[slash == copy] = '\0';
    return sync_folder(slash ? copy : ".");
}

void outfolder_settle(const char *path)
{
    int fd = open_folder(path);

    if (fd >= 0 && beside_has_mark(fd, OURS))
        unlinkat(fd, OURS, 0);
    if (fd >= 0) {
        close(fd);
        sync_parent(path);
    }
}

bool outfolder_look(const struct outfolder *f, bool *there, struct tc_error *err)
{
    struct stat status;

    *there = lstat(f->path, &status) == 0;
    return !*there || same_folders(f)
           || error_set(err, TC_USAGE, f->path, NULL, "folder", "this folder exists and holds something else; give another -o");
}

static void let_go(struct outfolder *f)
{
    if (f->fd >= 0)
        close(f->fd);
    f->fd = -1;
}

/* Locked until it has its name: else another delivery to the same place would take it for a dead one's. */
static bool rename_it(struct outfolder *f)
{
    bool done = rename(f->partial, f->path) == 0;

    if (!done && (errno == EACCES || errno == EBUSY)) { /* a share renames nothing that is open */
        let_go(f);
        done = rename(f->partial, f->path) == 0;
    }
    return done;
}

bool outfolder_publish(struct outfolder *f, bool *there, struct tc_error *err)
{
    char sign[FILE_PATH_MAX];

    if (!outfolder_look(f, there, err))
        return false;
    if (*there) {
        outfolder_settle(f->path);
        return true;
    }
    if (!file_path(f->path, OURS, sign, err))
        return false;
    if (!sync_folder(f->partial) || !rename_it(f))
        return error_set(err, TC_IO, f->path, NULL, "folder", "the folder cannot be put in its place (%s)", error_cause(errno));
    f->open = false;
    unlink(sign);
    let_go(f);
    sync_parent(f->path);
    return true;
}

void outfolder_drop(struct outfolder *f)
{
    if (f->open && f->fd < 0)
        f->fd = open_folder(f->partial);
    if (f->open && f->fd >= 0 && drop_files(f->fd))
        rmdir(f->partial);
    if (f->open)
        let_go(f);
    f->open = false;
}
