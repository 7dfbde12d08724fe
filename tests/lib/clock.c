/* A preloaded shim in which nobody sleeps: whoever wants to gets the time that has passed then, at once. The monotonic clock is ahead by all that was
 * slept; by how many milliseconds stands in the file CLOCK_AHEAD, eight bytes of this machine. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static int64_t ahead; /* nanoseconds */

int nanosleep(const struct timespec *time, struct timespec *left)
{
    const char *path = getenv("CLOCK_AHEAD");
    int fd = path ? open(path, O_WRONLY | O_CREAT, 0600) : -1;
    int64_t told;

    (void)left;
    ahead += time->tv_sec * INT64_C(1000000000) + time->tv_nsec;
    told = ahead / 1000000;
    if (fd < 0 || pwrite(fd, &told, sizeof told, 0) != sizeof told)
        abort();
    close(fd);
    return 0;
}

int clock_gettime(clockid_t clock, struct timespec *time)
{
    static int (*real)(clockid_t, struct timespec *);
    int result;

    if (!real)
        real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    result = real(clock, time);
    if (clock == CLOCK_MONOTONIC && result == 0) {
        int64_t now = time->tv_sec * INT64_C(1000000000) + time->tv_nsec + ahead;

        time->tv_sec = now / 1000000000;
        time->tv_nsec = now % 1000000000;
    }
    return result;
}
