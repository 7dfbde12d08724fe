#include "base/give.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static bool fail(struct tc_error *err, const char *path)
{
    return error_set(err, TC_IO, path, NULL, "write", "the file cannot be written (%s)", strerrorname_np(errno));
}

bool give_open(struct give *give, const char *path, struct tc_error *err)
{
    const char *slash = strrchr(path, '/');
    int fd;

    if (!file_target(path, err))
        return false;
    if (strlen(path) + 32 >= sizeof give->made)
        return error_set(err, TC_USAGE, path, NULL, "path", "the path is too long");
    snprintf(give->made, sizeof give->made, "%.*s.taxcert-XXXXXX", slash ? (int)(slash + 1 - path) : 0, path);
    fd = mkostemp(give->made, O_CLOEXEC);
    if (fd < 0)
        return fail(err, path);
    give->path = path;
    return stream_take(&give->stream, fd, path, err);
}

static bool sync_file(const char *made)
{
    int fd = open(made, O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0)
        close(fd);
    return good;
}

/* What was at the path is under the made name afterwards, where the file system can do that. *swapped: whether it is. */
static bool put(const struct give *give, bool *swapped)
{
    *swapped = renameat2(AT_FDCWD, give->made, AT_FDCWD, give->path, RENAME_EXCHANGE) == 0;
    return *swapped || rename(give->made, give->path) == 0;
}

static void take_back(const struct give *give, bool swapped)
{
    if (swapped)
        renameat2(AT_FDCWD, give->made, AT_FDCWD, give->path, RENAME_EXCHANGE);
    else
        unlink(give->path);
}

bool give_all(struct give *gives, size_t count, struct tc_error *err)
{
    bool swapped[FILE_PARTS_MAX] = {false}, good = true;
    size_t done = 0;

    for (size_t i = 0; i < count && good; i++)
        if (gives[i].path) {
            good = stream_close(&gives[i].stream, NULL, err);
            if (good && !sync_file(gives[i].made))
                good = fail(err, gives[i].path);
        }
    for (; good && done < count; done++)
        if (gives[done].path && !put(&gives[done], &swapped[done])) {
            fail(err, gives[done].path);
            while (done-- > 0)
                if (gives[done].path)
                    take_back(&gives[done], swapped[done]);
            return false;
        }
    for (size_t i = 0; i < count && good; i++)
        if (gives[i].path) {
            if (swapped[i])
                unlink(gives[i].made);
            gives[i].path = NULL;
        }
    return good;
}

void give_drop(struct give *give)
{
    if (!give->path)
        return;
    stream_drop(&give->stream);
    unlink(give->made);
    give->path = NULL;
}
