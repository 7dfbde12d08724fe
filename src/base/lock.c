#include "base/lock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

/* Who only looks has it for a moment: that is waited for, a holder is not. */
#define TRIES 5

static enum lock try_lock(int fd, int kind)
{
    const struct timespec moment = {.tv_nsec = 5 * 1000 * 1000};
    int done = -1;

    for (int tries = 0; done != 0 && tries < TRIES; tries++) {
        if (tries > 0)
            nanosleep(&moment, NULL);
        done = flock(fd, kind | LOCK_NB);
        if (done != 0 && errno != EWOULDBLOCK && errno != EINTR)
            return LOCK_NONE;
    }
    return done == 0 ? LOCK_TAKEN : LOCK_BUSY;
}

enum lock lock_take(int fd)
{
    return try_lock(fd, LOCK_EX);
}

enum lock lock_look(int fd)
{
    enum lock state = try_lock(fd, LOCK_SH);

    if (state == LOCK_TAKEN)
        flock(fd, LOCK_UN);
    return state;
}

/* A line of /proc/locks is "1: FLOCK  ADVISORY  WRITE 4711 fe:01:1234 0 EOF". */
static long find_process(FILE *locks, unsigned long long inode)
{
    unsigned long long there;
    long process, found = 0;
    char line[256];

    while (found == 0 && fgets(line, sizeof line, locks))
        if (sscanf(line, "%*d: FLOCK %*s WRITE %ld %*x:%*x:%llu", &process, &there) == 2 && there == inode)
            found = process;
    return found;
}

const char *lock_holder(int fd, char out[LOCK_HOLDER])
{
    FILE *locks = fopen("/proc/locks", "re");
    struct stat status;
    long process = locks && fstat(fd, &status) == 0 ? find_process(locks, status.st_ino) : 0;

    snprintf(out, LOCK_HOLDER, "another process");
    if (process > 0)
        snprintf(out, LOCK_HOLDER, "process %ld", process);
    if (locks)
        fclose(locks);
    return out;
}
