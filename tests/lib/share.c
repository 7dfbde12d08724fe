/* A preloaded shim that makes a folder, SHARE_ROOT, behave like a network share at its least:
 * - a name stays while the removed file is open (NFS's .nfs..., FUSE's .fuse_hidden...), so that its folder is not empty;
 * - that name cannot be made again meanwhile (SMB: EEXIST);
 * - nothing open or mapped is renamed, nor a folder that holds such a file (SMB: EACCES);
 * - there are no locks (ENOLCK), no links, no files without a name, and no permissions (everybody's; chmod is refused).
 * What it refused and a program must do without goes to the file SHARE_LOG, a line each. */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define PENDING_MAX 256

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
    char name[PATH_MAX], hidden[PATH_MAX];
} pending[PENDING_MAX];
static int pending_count, hidden_count;

static void note(const char *what)
{
    const char *log = getenv("SHARE_LOG");
    int fd = log ? (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND, 0600) : -1;

    if (fd < 0)
        return;
    if (write(fd, what, strlen(what)) < 0 || write(fd, "\n", 1) < 0)
        abort();
    syscall(SYS_close, fd);
}

/* The absolute path, its last part unresolved; false where it is not in the share. */
static bool in_share(int folder, const char *path, char out[PATH_MAX])
{
    const char *root = getenv("SHARE_ROOT");
    char whole[2 * PATH_MAX], link[64], parent[PATH_MAX], *slash;
    ssize_t n;

    if (!root || !path)
        return false;
    if (*path == '/') {
        snprintf(whole, sizeof whole, "%s", path);
    } else {
        snprintf(link, sizeof link, folder == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", folder);
        if ((n = readlink(link, parent, sizeof parent - 1)) < 0)
            return false;
        parent[n] = '\0';
        snprintf(whole, sizeof whole, "%s/%s", parent, path);
    }
    while (strlen(whole) > 1 && whole[strlen(whole) - 1] == '/')
        whole[strlen(whole) - 1] = '\0';
    slash = strrchr(whole, '/');
    *slash = '\0';
    if (!realpath(*whole ? whole : "/", parent))
        return false;
    snprintf(out, PATH_MAX, "%.3000s/%.1000s", parent, slash + 1);
    return strncmp(out, root, strlen(root)) == 0;
}

static bool is_below(const char *path, const char *folder)
{
    size_t length = strlen(folder);

    return strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

/* Of this process. */
static bool is_open(const char *path)
{
    char link[64], target[PATH_MAX], line[PATH_MAX + 200], *at;
    bool found = false;
    FILE *maps;

    for (int fd = 0; !found && fd < 1024; fd++) {
        ssize_t n;

        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        n = readlink(link, target, sizeof target - 1);
        target[n > 0 ? n : 0] = '\0';
        found = n > 0 && is_below(target, path);
    }
    maps = found ? NULL : REAL(fopen)("/proc/self/maps", "r");
    while (maps && fgets(line, sizeof line, maps)) {
        line[strcspn(line, "\n")] = '\0';
        at = strchr(line, '/');
        found |= at && is_below(at, path);
    }
    if (maps)
        fclose(maps);
    return found;
}

/* Removed files that were closed meanwhile go. */
static void sweep(void)
{
    for (int i = 0; i < pending_count; i++)
        if (!is_open(pending[i].hidden)) {
            REAL(unlink)(pending[i].hidden);
            pending[i--] = pending[--pending_count];
        }
}

static bool is_pending(const char *path)
{
    for (int i = 0; i < pending_count; i++)
        if (!strcmp(pending[i].name, path))
            return true;
    return false;
}

static int refuse(int code, const char *what)
{
    note(what);
    errno = code;
    return -1;
}

static int remove_file(int folder, const char *path, int flags)
{
    char whole[PATH_MAX];
    int result = -2;

    pthread_mutex_lock(&lock);
    sweep();
    if (in_share(folder, path, whole) && !(flags & AT_REMOVEDIR) && is_open(whole) && pending_count < PENDING_MAX) {
        char *hidden = pending[pending_count].hidden, *slash;

        strcpy(pending[pending_count].name, whole);
        strcpy(hidden, whole);
        slash = strrchr(hidden, '/');
        sprintf(slash + 1, ".share%04d", hidden_count++);
        result = REAL(rename)(whole, hidden);
        pending_count += result == 0;
    }
    pthread_mutex_unlock(&lock);
    return result == -2 ? REAL(unlinkat)(folder, path, flags) : result;
}

int unlink(const char *path)
{
    return remove_file(AT_FDCWD, path, 0);
}

int unlinkat(int folder, const char *path, int flags)
{
    return remove_file(folder, path, flags);
}

int rmdir(const char *path)
{
    return remove_file(AT_FDCWD, path, AT_REMOVEDIR);
}

int remove(const char *path)
{
    struct stat status;

    return REAL(lstat)(path, &status) == 0 && S_ISDIR(status.st_mode) ? rmdir(path) : unlink(path);
}

int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
    char a[PATH_MAX], b[PATH_MAX];
    bool open;

    pthread_mutex_lock(&lock);
    sweep();
    open = (in_share(from_folder, from, a) && is_open(a)) || (in_share(to_folder, to, b) && (is_open(b) || is_pending(b)));
    pthread_mutex_unlock(&lock);
    return open ? refuse(EACCES, "rename of what is open") : REAL(renameat)(from_folder, from, to_folder, to);
}

int rename(const char *from, const char *to)
{
    return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags)
{
    char a[PATH_MAX];

    if (flags && in_share(from_folder, from, a))
        return refuse(EINVAL, "rename with flags");
    return flags ? REAL(renameat2)(from_folder, from, to_folder, to, flags) : renameat(from_folder, from, to_folder, to);
}

static int check_open(int folder, const char *path, int flags)
{
    char whole[PATH_MAX];
    int result = 0;

    pthread_mutex_lock(&lock);
    if (in_share(folder, path, whole)) {
        sweep();
        if ((flags & O_TMPFILE) == O_TMPFILE)
            result = refuse(EOPNOTSUPP, "file without a name");
        else if (is_pending(whole))
            result = flags & O_CREAT ? refuse(flags & O_EXCL ? EEXIST : EACCES, "name of a removed file") : refuse(ENOENT, "removed file");
    }
    pthread_mutex_unlock(&lock);
    return result;
}

int openat(int folder, const char *path, int flags, ...)
{
    va_list more;
    mode_t mode;

    va_start(more, flags);
    mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;
    va_end(more);
    return check_open(folder, path, flags) != 0 ? -1 : REAL(openat)(folder, path, flags, mode);
}

int open(const char *path, int flags, ...)
{
    va_list more;
    mode_t mode;

    va_start(more, flags);
    mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;
    va_end(more);
    return check_open(AT_FDCWD, path, flags) != 0 ? -1 : REAL(open)(path, flags, mode);
}

int open64(const char *path, int flags, ...) __attribute__((alias("open")));
int openat64(int folder, const char *path, int flags, ...) __attribute__((alias("openat")));

FILE *fopen(const char *path, const char *mode)
{
    return check_open(AT_FDCWD, path, *mode == 'r' ? 0 : O_CREAT) != 0 ? NULL : REAL(fopen)(path, mode);
}

FILE *fopen64(const char *path, const char *mode) __attribute__((alias("fopen")));

DIR *opendir(const char *path)
{
    pthread_mutex_lock(&lock);
    sweep();
    pthread_mutex_unlock(&lock);
    return REAL(opendir)(path);
}

static bool is_ours(int fd)
{
    char link[64], target[PATH_MAX];
    const char *root = getenv("SHARE_ROOT");
    ssize_t n;

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    n = readlink(link, target, sizeof target - 1);
    target[n > 0 ? n : 0] = '\0';
    return root && n > 0 && strncmp(target, root, strlen(root)) == 0;
}

int fcntl(int fd, int command, ...)
{
    va_list more;
    void *value;

    va_start(more, command);
    value = va_arg(more, void *);
    va_end(more);
    switch (command) {
    case F_SETLK:
    case F_SETLKW:
    case F_GETLK:
    case F_OFD_SETLK:
    case F_OFD_SETLKW:
    case F_OFD_GETLK:
        if (is_ours(fd))
            return refuse(ENOLCK, "fcntl lock");
    }
    return REAL(fcntl)(fd, command, value);
}

int fcntl64(int fd, int command, ...) __attribute__((alias("fcntl")));

int flock(int fd, int operation)
{
    int (*real)(int, int) = (int (*)(int, int))dlsym(RTLD_NEXT, "flock");

    return is_ours(fd) ? refuse(ENOLCK, "flock") : real(fd, operation);
}

static int no_permission(const char *path, mode_t mode)
{
    char whole[PATH_MAX];

    return in_share(AT_FDCWD, path, whole) ? refuse(EPERM, "chmod") : REAL(chmod)(path, mode);
}

int chmod(const char *path, mode_t mode)
{
    return no_permission(path, mode);
}

int fchmod(int fd, mode_t mode)
{
    return is_ours(fd) ? refuse(EPERM, "chmod") : REAL(fchmod)(fd, mode);
}

int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags)
{
    char whole[PATH_MAX];

    return in_share(to_folder, to, whole) ? refuse(EPERM, "link") : REAL(linkat)(from_folder, from, to_folder, to, flags);
}

int link(const char *from, const char *to)
{
    return linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int symlink(const char *from, const char *to)
{
    char whole[PATH_MAX];

    return in_share(AT_FDCWD, to, whole) ? refuse(EPERM, "link") : REAL(symlink)(from, to);
}

/* Everybody's. */
static int everybody(int result, struct stat *status, bool ours)
{
    if (result == 0 && ours)
        status->st_mode |= 0777;
    return result;
}

int stat(const char *restrict path, struct stat *restrict status)
{
    char whole[PATH_MAX];

    return everybody(REAL(stat)(path, status), status, in_share(AT_FDCWD, path, whole));
}

int lstat(const char *restrict path, struct stat *restrict status)
{
    char whole[PATH_MAX];

    return everybody(REAL(lstat)(path, status), status, in_share(AT_FDCWD, path, whole));
}

int fstat(int fd, struct stat *status)
{
    return everybody(REAL(fstat)(fd, status), status, is_ours(fd));
}
