#include "deliver/outfolder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"

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

static bool drop_one(const char *folder, const char *name, void *ctx)
{
    struct tc_error ignored = {0};
    char path[FILE_PATH_MAX];

    (void)ctx;
    return !strcmp(name, OURS) || (file_path(folder, name, path, &ignored) && unlink(path) == 0);
}

/* The sign that it is ours goes last. */
static bool drop(const char *folder)
{
    struct tc_error ignored = {0};
    char path[FILE_PATH_MAX];

    return each(folder, drop_one, NULL) && file_path(folder, OURS, path, &ignored) && (unlink(path) == 0 || errno == ENOENT)
           && rmdir(folder) == 0;
}

static bool is_ours(const char *folder)
{
    struct tc_error ignored = {0};
    char path[FILE_PATH_MAX];

    return file_path(folder, OURS, path, &ignored) && access(path, F_OK) == 0;
}

bool outfolder_open(struct outfolder *f, const char *path, struct tc_error *err)
{
    char sign[FILE_PATH_MAX];
    size_t length = strlen(path);

    while (length > 1 && path[length - 1] == '/')
        length--;
    if (length + 40 > FILE_PATH_MAX)
        return error_set(err, TC_USAGE, path, NULL, "path", "the path is too long");
    snprintf(f->path, sizeof f->path, "%.*s", (int)length, path);
    snprintf(f->partial, sizeof f->partial, "%.*s.partial", (int)length, path);
    if (is_ours(f->partial))
        drop(f->partial);
    if (mkdir(f->partial, 0700) != 0 && (errno != EEXIST || rmdir(f->partial) != 0 || mkdir(f->partial, 0700) != 0))
        return error_set(err, errno == EEXIST || errno == ENOTEMPTY || errno == ENOTDIR ? TC_USAGE : TC_IO, f->partial, NULL, "folder",
                         "the folder cannot be made (%s)", strerrorname_np(errno));
    f->open = true;
    return file_path(f->partial, OURS, sign, err) && file_write(sign, "", 0, err);
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
    char path[FILE_PATH_MAX], there[FILE_PATH_MAX];

    c->count -= strcmp(name, OURS) != 0;
    return !strcmp(name, OURS)
           || (file_path(folder, name, path, &ignored) && file_path(c->other, name, there, &ignored) && hash_file(path, one, &ignored)
               && hash_file(there, other, &ignored) && memcmp(one, other, HASH_SIZE) == 0);
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

bool outfolder_publish(struct outfolder *f, bool *there, struct tc_error *err)
{
    char sign[FILE_PATH_MAX];
    struct stat status;

    *there = lstat(f->path, &status) == 0;
    if (*there)
        return same_folders(f)
               || error_set(err, TC_USAGE, f->path, NULL, "folder", "this folder is there and holds something else; give another -o");
    if (!file_path(f->path, OURS, sign, err))
        return false;
    if (!sync_folder(f->partial) || rename(f->partial, f->path) != 0)
        return error_set(err, TC_IO, f->path, NULL, "folder", "the folder cannot be put in its place (%s)", strerrorname_np(errno));
    f->open = false;
    unlink(sign);
    sync_parent(f->path);
    return true;
}

void outfolder_drop(struct outfolder *f)
{
    if (f->open)
        drop(f->partial);
    f->open = false;
}
