#include "store/claim.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/lock.h"

#define TRIES 50 /* of a millisecond: others may come and go meanwhile */
#define OPEN_MARK (O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

/* What the calls below share. They are false without err where somebody else was quicker: then all is tried again. */
struct taking {
    struct claim *claim;
    const char *run, *partial, *identity;
    char mark[FILE_PATH_MAX]; /* its path */
    bool resumed, lockless;
    struct tc_error *err;
};

static bool is_there(const char *path)
{
    struct stat status;

    return lstat(path, &status) == 0; /* also a link to nowhere */
}

static bool refuse(const struct taking *t)
{
    return error_set(t->err, TC_USAGE, t->partial, NULL, "folder",
                     "this folder is not an interrupted run of the same data, form and options; move it elsewhere");
}

bool claim_tell_holder(int fd, const char *path, struct tc_error *err)
{
    char holder[LOCK_HOLDER];

    return error_set(err, TC_IO, path, NULL, "locked", "%s is making a run here: wait until it has ended, or give another -o",
                     lock_holder(fd, holder));
}

/* Whether the open mark is still the one in the folder: who published or dropped it meanwhile took it along. */
static bool is_same_mark(const struct taking *t)
{
    struct stat there, here;

    return lstat(t->mark, &there) == 0 && fstat(t->claim->fd, &here) == 0 && there.st_ino == here.st_ino && there.st_dev == here.st_dev;
}

static bool take_lock(struct taking *t)
{
    enum lock lock = lock_take(t->claim->fd);

    t->lockless = lock == LOCK_NONE;
    return lock == LOCK_BUSY ? claim_tell_holder(t->claim->fd, t->partial, t->err) : is_same_mark(t);
}

static bool open_mark(struct taking *t, int more)
{
    t->claim->fd = open(t->mark, OPEN_MARK | more, 0600);
    t->claim->held = t->claim->fd >= 0;
    return t->claim->held;
}

/* In a folder that was made for it. */
static bool make_mark(struct taking *t)
{
    char text[HASH_HEX + 2];

    if (!open_mark(t, O_CREAT | O_EXCL)) {
        if (errno != ENOENT && errno != EEXIST)
            error_set(t->err, TC_IO, t->mark, NULL, "file", "the file cannot be created (%s)", error_cause(errno));
        return false;
    }
    snprintf(text, sizeof text, "%.*s\n", HASH_HEX, t->identity);
    return take_lock(t)
           && (file_write_all(t->claim->fd, text, HASH_HEX + 1)
               || error_set(t->err, TC_IO, t->mark, NULL, "file", "the file cannot be created (%s)", error_cause(errno)));
}

static long count_entries(const char *path)
{
    DIR *dir = opendir(path);
    long count = 0;

    while (dir && readdir(dir))
        count++;
    if (dir)
        closedir(dir);
    return count - 2; /* without itself and the one above */
}

/* A folder that a run was killed in before it said whose it is, is none. */
static bool drop_begun(struct taking *t)
{
    if (count_entries(t->partial) > 1)
        return refuse(t);
    unlink(t->mark);
    rmdir(t->partial);
    return false;
}

static bool check_mark(struct taking *t)
{
    char text[HASH_HEX + 2];
    struct stat status;
    ssize_t length = fstat(t->claim->fd, &status) == 0 && S_ISREG(status.st_mode) ? pread(t->claim->fd, text, sizeof text, 0) : -1;

    if (length >= 0 && length <= HASH_HEX)
        return drop_begun(t);
    return (length == HASH_HEX + 1 && text[HASH_HEX] == '\n' && memcmp(text, t->identity, HASH_HEX) == 0) || refuse(t);
}

/* The folder that is there. */
static bool take_up(struct taking *t)
{
    t->resumed = true;
    if (!file_is_folder(t->partial))
        return is_there(t->partial) ? refuse(t) : false;
    if (open_mark(t, 0))
        return take_lock(t) && check_mark(t);
    if (errno == ENOENT)
        rmdir(t->partial); /* where it is empty: it is made anew, so that it is nobody else's */
    else if (error_lack(TC_USAGE) == TC_IO)
        error_set(t->err, TC_IO, t->mark, NULL, "file", "the file cannot be opened (%s)", error_cause(errno));
    else
        refuse(t);
    return false;
}

static bool try_once(struct taking *t)
{
    t->resumed = false;
    if (is_there(t->run))
        return error_set(t->err, TC_USAGE, t->run, NULL, "folder",
                         "the run folder exists already, made of other data, another form or other options; it is never "
                         "overwritten, give another -o");
    if (mkdir(t->partial, 0700) == 0)
        return make_mark(t);
    if (errno == EEXIST)
        return take_up(t);
    if (errno == ENOENT)
        return error_set(t->err, TC_USAGE, t->run, NULL, "folder",
                         "the folder in which this is to be created does not exist: create it first, or give another place");
    return error_set(t->err, TC_IO, t->partial, NULL, "folder", "the folder cannot be created (%s)", error_cause(errno));
}

bool claim_take(struct claim *c, const char *run, const char *partial, const char *identity, bool *resumed, struct tc_error *err)
{
    const struct timespec moment = {.tv_nsec = 1000 * 1000};
    struct taking t = {.claim = c, .run = run, .partial = partial, .identity = identity, .err = err};

    *c = (struct claim){.held = false};
    if (!file_path(partial, CLAIM_MARK, t.mark, err))
        return false;
    for (int tries = 0; tries < TRIES; tries++) {
        if (try_once(&t)) {
            *resumed = t.resumed;
            if (t.lockless)
                claim_drop(c); /* a share without locks keeps the names of open files, and does not rename their folder */
            return true;
        }
        claim_drop(c);
        if (err->code)
            return false;
        nanosleep(&moment, NULL);
    }
    return refuse(&t);
}

bool claim_look(const char *partial, struct tc_error *err)
{
    char path[FILE_PATH_MAX];
    struct tc_error ignored = {0}; /* nothing is there, or what is wrong is told by claim_take */
    int fd = file_path(partial, CLAIM_MARK, path, &ignored) ? open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) : -1;
    bool free = fd < 0 || lock_look(fd) != LOCK_BUSY || claim_tell_holder(fd, partial, err);

    if (fd >= 0)
        close(fd);
    return free;
}

void claim_drop(struct claim *c)
{
    if (c->held)
        close(c->fd);
    c->held = false;
}
