#include "base/beside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/lock.h"

#define PREFIX ".taxcert-"
#define RANDOM "XXXXXX"
#define MARK "mark" /* in the folder: its own inode, so that a copy is none of ours */
#define MARK_ROOM 40

bool beside_clear(int fd)
{
    int again = dup(fd);
    DIR *dir = again >= 0 ? fdopendir(again) : NULL;
    struct dirent *entry;
    int code = dir ? 0 : errno;

    if (again >= 0 && !dir)
        close(again);
    if (dir)
        rewinddir(dir); /* the descriptors share their place */
    while (dir && (entry = readdir(dir)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 && unlinkat(fd, entry->d_name, 0) != 0 && errno != ENOENT)
            code = errno;
    if (dir)
        closedir(dir);
    errno = code;
    return code == 0;
}

static void make_mark(ino_t inode, char out[MARK_ROOM])
{
    snprintf(out, MARK_ROOM, "taxcert %llu\n", (unsigned long long)inode);
}

bool beside_write_mark(int folder, const char *name)
{
    char mark[MARK_ROOM] = "";
    struct stat status;
    int fd = fstat(folder, &status) == 0 ? openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
    bool ok;

    if (fd < 0)
        return false;
    make_mark(status.st_ino, mark);
    ok = file_write_all(fd, mark, strlen(mark));
    return close(fd) == 0 && ok;
}

bool beside_has_mark(int folder, const char *name)
{
    char expected[MARK_ROOM], found[MARK_ROOM] = "";
    struct stat status;
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    bool same = fd >= 0 && fstat(folder, &status) == 0 && status.st_uid == geteuid() && (status.st_mode & 022) == 0;

    if (same) {
        make_mark(status.st_ino, expected);
        same = read(fd, found, sizeof found - 1) == (ssize_t)strlen(expected) && !strcmp(found, expected);
    }
    if (fd >= 0)
        close(fd);
    return same;
}

/* What our processes left in the folder when they were killed: their own folders, ours alone, marked, held by nobody; what was made beside a file of
 * such a folder is in it, and no deeper. fd is closed. */
static void sweep(int fd, int depth)
{
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    const struct dirent *entry;

    if (fd >= 0 && !dir)
        close(fd);
    while (dir && (entry = readdir(dir)) != NULL) {
        int left;

        if (strncmp(entry->d_name, PREFIX, sizeof PREFIX - 1) != 0 || strlen(entry->d_name) != sizeof PREFIX RANDOM - 1)
            continue;
        left = openat(dirfd(dir), entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (left < 0)
            continue;
        if (beside_has_mark(left, MARK) && lock_take(left) == LOCK_TAKEN) {
            if (depth > 0)
                sweep(openat(left, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), depth - 1);
            if (beside_clear(left))
                unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR);
        }
        close(left);
    }
    if (dir)
        closedir(dir);
}

static bool fail(const char *path, struct tc_error *err)
{
    return error_set(err, TC_IO, path, NULL, "write", "the file cannot be written (%s)", error_cause(errno));
}

bool beside_begin(struct beside *g, const char *target, struct tc_error *err)
{
    char folder[FILE_PATH_MAX];
    struct stat status;

    *g = (struct beside){.fd = -1};
    if (!file_target(target, err) || !file_folder_of(target, folder, err))
        return false;
    sweep(open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), 1);
    if (!file_path(folder, PREFIX RANDOM, g->path, err))
        return false;
    if (!mkdtemp(g->path)) {
        *g->path = '\0';
        return fail(target, err);
    }
    g->fd = open(g->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (g->fd >= 0)
        lock_take(g->fd); /* before the mark, by which others sweep it; where there are no locks, what a kill leaves stays */
    if (g->fd < 0 || fstat(g->fd, &status) != 0 || !beside_write_mark(g->fd, MARK)) {
        fail(target, err);
        return beside_end(g, err);
    }
    g->inode = status.st_ino;
    return true;
}

bool beside_path(const struct beside *g, const char *name, char out[FILE_PATH_MAX], struct tc_error *err)
{
    return file_path(g->path, name, out, err);
}

bool beside_put(const struct beside *g, const char *name, const char *target, bool replace, struct tc_error *err)
{
    int fd = openat(g->fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    bool ok = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0 && close(fd) != 0)
        ok = false;
    return (ok && file_put(g->fd, name, target, replace)) || file_put_fail(target, replace, err);
}

bool beside_end(struct beside *g, struct tc_error *err)
{
    bool ok = true;

    if (!*g->path)
        return !err->code;
    if (g->fd >= 0) {
        ok = beside_clear(g->fd);
        close(g->fd); /* a share keeps what is open */
    }
    ok = rmdir(g->path) == 0 && ok; /* which takes an empty folder only, and no link */
    if (!ok)
        error_set(err, TC_IO, g->path, NULL, "folder", "the folder cannot be removed (%s)", error_cause(errno));
    *g = (struct beside){.fd = -1};
    return !err->code;
}
