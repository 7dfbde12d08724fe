#include "store/share.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

bool share_find(const char *name, struct share *s, struct tc_error *err)
{
    struct group entry, *found = NULL;
    char room[16384], *end;
    unsigned long number;

    *s = (struct share){.on = false};
    if (!name)
        return true;
    errno = 0;
    number = strtoul(name, &end, 10);
    if (getgrnam_r(name, &entry, room, sizeof room, &found) == 0 && found)
        s->group = found->gr_gid;
    else if (*name >= '0' && *name <= '9' && !*end && errno == 0 && number < (gid_t)-1)
        s->group = (gid_t)number;
    else
        return error_set(err, TC_USAGE, NULL, NULL, "group",
                         "this machine has no group of this name; create it first, or name another one");
    s->on = true;
    return true;
}

void share_of(const char *run, struct share *s)
{
    struct stat status;
    const mode_t wanted = S_ISGID | S_IRGRP | S_IXGRP;

    *s = (struct share){.on = stat(run, &status) == 0 && (status.st_mode & wanted) == wanted};
    if (s->on)
        s->group = status.st_gid;
}

static bool fail(const char *path, struct tc_error *err)
{
    char system[FILE_SYSTEM_MAX];

    if (errno == EPERM)
        return error_set(err, TC_USAGE, path, NULL, "group",
                         "this account cannot give files to this group: it must belong to the group, and the disk must support "
                         "groups (on %s)",
                         file_system(path, system));
    return error_set(err, TC_IO, path, NULL, "group", "the rights of the group cannot be set (%s, on %s)", error_cause(errno),
                     file_system(path, system));
}

/* Of an open file or folder. chown first: it takes the mark of the group's folders away. */
static bool give(const struct share *s, int fd, mode_t mode)
{
    struct stat status;

    return fstat(fd, &status) == 0 && (status.st_gid == s->group || fchown(fd, (uid_t)-1, s->group) == 0)
           && ((status.st_mode & 07777) == mode || fchmod(fd, mode) == 0);
}

static bool share_path(const struct share *s, const char *path, int flags, mode_t mode, struct tc_error *err)
{
    int fd = s->on ? open(path, flags | O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) : -1;
    bool ok = !s->on || (fd >= 0 && give(s, fd, mode)) || fail(path, err);

    if (fd >= 0)
        close(fd);
    return ok;
}

bool share_folder(const struct share *s, const char *path, mode_t mode, struct tc_error *err)
{
    return share_path(s, path, O_DIRECTORY, mode, err);
}

bool share_file(const struct share *s, const char *path, mode_t mode, struct tc_error *err)
{
    return share_path(s, path, 0, mode, err);
}

/* deep: the folders in it too. */
static bool share_entry(const struct share *s, int at, const struct dirent *entry, const char *log, bool deep, const char *path,
                        struct tc_error *err);

/* fd is taken. */
static bool share_open(const struct share *s, int fd, const char *log, bool deep, const char *path, struct tc_error *err)
{
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    struct dirent *entry;
    bool ok = dir != NULL || fail(path, err);

    while (ok && (entry = readdir(dir)) != NULL)
        ok = !strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") || share_entry(s, dirfd(dir), entry, log, deep, path, err);
    if (dir)
        closedir(dir);
    else if (fd >= 0)
        close(fd);
    return ok;
}

static bool share_entry(const struct share *s, int at, const struct dirent *entry, const char *log, bool deep, const char *path,
                        struct tc_error *err)
{
    int fd = openat(at, entry->d_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat status;
    bool ok = fd >= 0 && fstat(fd, &status) == 0;
    bool folder = ok && S_ISDIR(status.st_mode);

    ok = ok && ((folder && !deep) || give(s, fd, folder ? SHARE_FOLDER : strcmp(entry->d_name, log) ? SHARE_FILE : SHARE_LOG));
    if (!ok)
        fail(path, err);
    if (ok && folder && deep)
        return share_open(s, fd, log, deep, path, err);
    if (fd >= 0)
        close(fd);
    return ok;
}

static bool share_below(const struct share *s, const char *path, const char *log, bool deep, struct tc_error *err)
{
    return !s->on || share_open(s, open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), log, deep, path, err);
}

bool share_all(const struct share *s, const char *path, const char *log, struct tc_error *err)
{
    return share_below(s, path, log, true, err);
}

bool share_files(const struct share *s, const char *path, const char *inner, const char *log, struct tc_error *err)
{
    char below[FILE_PATH_MAX];

    return file_path(path, inner, below, err) && share_below(s, path, log, false, err) && share_below(s, below, log, false, err);
}
