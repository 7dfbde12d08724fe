#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool file_write(const char *path, const void *data, size_t length, struct tc_error *err)
{
    const char *p = data;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool ok = fd >= 0;

    while (ok && length > 0) {
        ssize_t n = write(fd, p, length);

        if (n < 0 && errno == EINTR)
            continue;
        ok = n > 0;
        p += ok ? n : 0;
        length -= ok ? (size_t)n : 0;
    }
    if (fd >= 0 && close(fd) != 0)
        ok = false;
    return ok || error_set(err, TC_IO, path, NULL, "write", "the file cannot be written (%s)", strerrorname_np(errno));
}

bool file_folder(const char *path, struct tc_error *err)
{
    if (mkdir(path, 0700) == 0 || errno == EEXIST)
        return true;
    return error_set(err, TC_IO, path, NULL, "folder", "the folder cannot be made (%s)", strerrorname_np(errno));
}
