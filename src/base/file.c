#include "base/file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Takes off what was written. */
static void advance(struct iovec **parts, int *count, size_t written)
{
    while (*count > 0 && written >= (*parts)->iov_len) {
        written -= (*parts)->iov_len;
        ++*parts;
        --*count;
    }
    if (*count > 0) {
        (*parts)->iov_base = (char *)(*parts)->iov_base + written;
        (*parts)->iov_len -= written;
    }
}

/* All of the parts. False with errno. */
static bool write_all(int fd, const struct iovec *parts, int count)
{
    struct iovec left[FILE_PARTS_MAX], *at = left;
    bool ok = true;

    assert(count <= FILE_PARTS_MAX);
    memcpy(left, parts, (size_t)count * sizeof *parts);
    advance(&at, &count, 0);
    while (ok && count > 0) {
        ssize_t n = writev(fd, at, count);

        if (n < 0 && errno == EINTR)
            continue;
        ok = n > 0;
        advance(&at, &count, ok ? (size_t)n : 0);
    }
    return ok;
}

#define PRIVATE 0600

bool file_write_mode(const char *path, const struct iovec *parts, int count, mode_t mode, struct tc_error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, PRIVATE);
    bool ok = fd >= 0 && write_all(fd, parts, count) && (mode == PRIVATE || fchmod(fd, mode) == 0);

    if (fd >= 0 && close(fd) != 0)
        ok = false;
    return ok || error_set(err, TC_IO, path, NULL, "write", "the file cannot be written (%s)", error_cause(errno));
}

bool file_write_all(int fd, const void *data, size_t length)
{
    return write_all(fd, &(struct iovec){(void *)data, length}, 1); /* which is only read */
}

bool file_write_parts(const char *path, const struct iovec *parts, int count, struct tc_error *err)
{
    return file_write_mode(path, parts, count, PRIVATE, err);
}

bool file_write(const char *path, const void *data, size_t length, struct tc_error *err)
{
    return file_write_parts(path, &(struct iovec){(void *)data, length}, 1, err); /* which is only read */
}

#define READ_ONLY (O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)

/* What is no plain file, by its mode. */
static const char *name_kind(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFDIR: return "a folder";
    case S_IFIFO: return "a pipe";
    case S_IFSOCK: return "a socket";
    case S_IFLNK: return "a link";
    default: return "a device";
    }
}

static int refuse(int fd, const char *path, const char *kind, enum tc_code code, struct tc_error *err)
{
    close(fd);
    error_set(err, code, path, NULL, "file", "this is not an ordinary file but %s", kind);
    return -1;
}

/* fd as open gave it, which is taken: it is given back where it is a plain file's. */
static int admit(int fd, const char *path, enum tc_code code, struct tc_error *err)
{
    struct stat status;

    if (fd >= 0 && fstat(fd, &status) == 0)
        return S_ISREG(status.st_mode) ? fd : refuse(fd, path, name_kind(status.st_mode), code, err);
    if (errno == ELOOP)
        error_set(err, code, path, NULL, "file", "this is not an ordinary file but a link");
    else if (errno == ENOENT)
        error_set(err, code, path, NULL, "file", "there is no such file");
    else if (errno == EACCES)
        error_set(err, code, path, NULL, "file", "there is no permission to read this file");
    else if (errno == ENXIO)
        error_set(err, code, path, NULL, "file", "this is not an ordinary file but a socket or device");
    else
        error_set(err, error_lack(code), path, NULL, "file", "the file cannot be read (%s)", error_cause(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

int file_open(const char *path, enum tc_code code, struct tc_error *err)
{
    return admit(open(path, READ_ONLY), path, code, err);
}

/* The folder of this name in an open one, which is closed; -1 with errno. */
static int enter(int at, const char *name, size_t length)
{
    char step[NAME_MAX + 1] = "..";
    int next = -1, code;

    if (length < sizeof step) {
        memcpy(step, name, length);
        step[length] = '\0';
    }
    if (strcmp(step, "..") != 0)
        next = openat(at, step, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    code = strcmp(step, "..") ? errno : ENOENT;
    close(at);
    errno = code;
    return next;
}

/* -1 with errno. */
static int open_below(const char *folder, const char *name)
{
    int at = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC), fd = -1, code;
    const char *slash;

    for (; at >= 0 && (slash = strchr(name, '/')) != NULL; name = slash + 1)
        if (slash > name) /* two slashes are one */
            at = enter(at, name, (size_t)(slash - name));
    if (at >= 0)
        fd = openat(at, name, READ_ONLY | O_NOFOLLOW);
    code = errno;
    if (at >= 0)
        close(at);
    errno = code;
    return fd;
}

int file_open_below(const char *folder, const char *name, enum tc_code code, struct tc_error *err)
{
    char path[FILE_PATH_MAX];

    return file_path(folder, name, path, err) ? admit(open_below(folder, name), path, code, err) : -1;
}

bool file_is_folder(const char *path)
{
    struct stat status;

    return lstat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static bool read_all(int fd, char *data, size_t length)
{
    while (length > 0) {
        ssize_t n = read(fd, data, length);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        data += n;
        length -= (size_t)n;
    }
    return true;
}

/* All of an open file, which is closed; fd may be -1 with err. */
static bool take(int fd, const char *path, char **data, size_t *length, struct tc_error *err)
{
    struct stat status;
    bool ok;

    *data = NULL;
    if (fd < 0)
        return false;
    ok = fstat(fd, &status) == 0 && (uint64_t)status.st_size <= FILE_READ_MAX;
    *length = ok ? (size_t)status.st_size : 0;
    *data = ok ? malloc(*length + 1) : NULL;
    if (ok && !*data)
        error_memory(err);
    ok = *data && read_all(fd, *data, *length);
    close(fd);
    if (ok) {
        (*data)[*length] = '\0';
        return true;
    }
    free(*data);
    *data = NULL;
    return error_set(err, TC_USAGE, path, NULL, "file", "the file cannot be read to its end");
}

bool file_read(const char *path, char **data, size_t *length, struct tc_error *err)
{
    return take(file_open(path, TC_USAGE, err), path, data, length, err);
}

bool file_read_below(const char *folder, const char *name, char **data, size_t *length, struct tc_error *err)
{
    char path[FILE_PATH_MAX];

    *data = NULL;
    return file_path(folder, name, path, err) && take(file_open_below(folder, name, TC_USAGE, err), path, data, length, err);
}

bool file_folder(const char *path, struct tc_error *err)
{
    struct stat status;
    bool there;

    if (mkdir(path, 0700) == 0)
        return true;
    there = errno == EEXIST;
    if (there && stat(path, &status) == 0 && S_ISDIR(status.st_mode))
        return true;
    return error_set(err, there ? TC_USAGE : TC_IO, path, NULL, "folder", "the folder cannot be created (%s)",
                     error_cause(there ? EEXIST : errno));
}

/* The device that holds it, or would. */
static bool find_device(const char *path, dev_t *device)
{
    char copy[PATH_MAX];
    struct stat status;
    bool found = lstat(path, &status) == 0;

    snprintf(copy, sizeof copy, "%s", path);
    if (!found)
        found = stat(dirname(copy), &status) == 0;
    *device = found ? status.st_dev : 0;
    return found;
}

const char *file_system(const char *path, char out[FILE_SYSTEM_MAX])
{
    int code = errno;
    unsigned major_there, minor_there;
    dev_t device;
    char *line = NULL, *type;
    size_t room = 0;
    FILE *mounts = find_device(path, &device) ? fopen("/proc/self/mountinfo", "re") : NULL;

    snprintf(out, FILE_SYSTEM_MAX, "an unknown file system");
    while (mounts && getline(&line, &room, mounts) > 0)
        if (sscanf(line, "%*d %*d %u:%u", &major_there, &minor_there) == 2 && device == makedev(major_there, minor_there)
            && (type = strstr(line, " - ")) != NULL)
            snprintf(out, FILE_SYSTEM_MAX, "%.*s", (int)strcspn(type + 3, " "), type + 3);
    free(line);
    if (mounts)
        fclose(mounts);
    errno = code;
    return out;
}

bool file_path(const char *folder, const char *name, char out[FILE_PATH_MAX], struct tc_error *err)
{
    size_t first = *name == '/' ? 0 : strlen(folder), length = strlen(name);

    if (first + 1 + length >= FILE_PATH_MAX)
        return error_set(err, TC_USAGE, folder, NULL, "path", "the path is too long");
    memcpy(out, folder, first);
    if (first > 0)
        out[first++] = '/';
    memcpy(out + first, name, length + 1);
    return true;
}

bool file_folder_of(const char *path, char out[FILE_PATH_MAX], struct tc_error *err)
{
    const char *slash = strrchr(path, '/');

    if (strlen(path) >= FILE_PATH_MAX)
        return error_set(err, TC_USAGE, path, NULL, "path", "the path is too long");
    snprintf(out, FILE_PATH_MAX, "%.*s", !slash ? 1 : slash == path ? 1 : (int)(slash - path), slash ? path : ".");
    return true;
}

bool file_target(const char *path, struct tc_error *err)
{
    char folder[FILE_PATH_MAX];
    struct stat status;
    size_t length = strlen(path);

    if (!file_folder_of(path, folder, err))
        return false;
    if (length == 0 || path[length - 1] == '/')
        return error_set(err, TC_USAGE, path, NULL, "file", "this is the name of a folder; give the name of a file");
    if (lstat(path, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISLNK(status.st_mode))
        return error_set(err, TC_USAGE, path, NULL, "file", "this is not an ordinary file but %s; give another name",
                         name_kind(status.st_mode));
    return access(folder, W_OK | X_OK) == 0
           || error_set(err, TC_IO, path, NULL, "write", "the file cannot be written (%s)", error_cause(errno));
}

#define GIVEN ".taxcert-XXXXXX" /* while it is made: a name that nobody can guess */

/* A name for a file that has none; EEXIST where one is. */
static bool link_open(int fd, const char *path)
{
    char link[40];

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    return linkat(AT_FDCWD, link, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0;
}

bool file_name(int fd, char made[FILE_PATH_MAX])
{
    char *random = made + strlen(made) - 6;
    unsigned char bytes[6];

    if (getentropy(bytes, sizeof bytes) != 0)
        return false;
    for (size_t i = 0; i < sizeof bytes; i++)
        random[i] = "abcdefghijklmnopqrstuvwxyz012345"[bytes[i] & 31];
    return link_open(fd, made);
}

int file_make(const char *folder, char made[FILE_PATH_MAX], bool *named)
{
    int fd = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
    size_t length = (size_t)snprintf(made, FILE_PATH_MAX, "%s/" GIVEN, folder);

    if (length >= FILE_PATH_MAX) {
        if (fd >= 0)
            close(fd);
        errno = ENAMETOOLONG;
        return -1;
    }

    *named = fd < 0;
    return *named ? mkostemp(made, O_CLOEXEC) : fd;
}

bool file_put(int at, const char *made, const char *path, bool replace)
{
    if (replace)
        return renameat(at, made, AT_FDCWD, path) == 0;
    if (renameat2(at, made, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
        return true;
    if (errno != EEXIST && linkat(at, made, AT_FDCWD, path, 0) == 0) /* a file system that does not know it */
        return unlinkat(at, made, 0) == 0;
    if (errno == EEXIST || access(path, F_OK) != 0)
        return errno != EEXIST
               && renameat(at, made, AT_FDCWD, path) == 0; /* nor has it links, as shares: two at once are not told apart there */
    errno = EEXIST;
    return false;
}

bool file_put_fail(const char *path, bool replace, struct tc_error *err)
{
    if (!replace && errno == EEXIST)
        return error_set(err, TC_USAGE, path, NULL, "file-exists", "the file exists already; --force replaces it, -o gives another name");
    return error_set(err, TC_IO, path, NULL, "write", "the file cannot be written (%s)", error_cause(errno));
}

static bool give(const char *path, const struct iovec *parts, int count, bool replace, struct tc_error *err)
{
    char made[FILE_PATH_MAX], folder[FILE_PATH_MAX];
    bool ok, named, straight; /* to its name without one between, which whoever is killed then would leave */
    int fd;

    if (!file_target(path, err) || !file_folder_of(path, folder, err))
        return false;
    fd = file_make(folder, made, &named);
    ok = fd >= 0 && write_all(fd, parts, count) && fsync(fd) == 0;
    straight = ok && !named && !replace;
    if (ok && !named)
        ok = straight ? link_open(fd, path) : (named = file_name(fd, made));
    if (fd >= 0 && close(fd) != 0)
        ok = false;
    ok = ok && (straight || file_put(AT_FDCWD, made, path, replace));
    if (!ok)
        file_put_fail(path, replace, err);
    if (!ok && fd >= 0 && named)
        unlink(made);
    return ok;
}

bool file_give(const char *path, const struct iovec *parts, int count, struct tc_error *err)
{
    return give(path, parts, count, true, err);
}

bool file_give_new(const char *path, const struct iovec *parts, int count, struct tc_error *err)
{
    return give(path, parts, count, false, err);
}
