#include "base/give.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static bool fail(struct tc_error *err, const char *path)
{
    return error_set(err, TC_IO, path, NULL, "write", "the file cannot be written (%s)", error_cause(errno));
}

bool give_open(struct give *give, const char *path, struct tc_error *err)
{
    char folder[FILE_PATH_MAX];
    int fd;

    if (!file_target(path, err) || !file_folder_of(path, folder, err))
        return false;
    fd = file_make(folder, give->made, &give->named);
    if (fd < 0)
        return fail(err, path);
    give->path = path;
    give->kept = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (give->kept < 0)
        fail(err, path);
    return stream_take(&give->stream, fd, path, err) && give->kept >= 0;
}

/* It is on the disk, and has a name from here on. */
static bool finish(struct give *give)
{
    bool good = fsync(give->kept) == 0;

    if (good && !give->named)
        good = give->named = file_name(give->kept, give->made);
    close(give->kept);
    give->kept = -1;
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
            if (good && !finish(&gives[i]))
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
    if (give->kept >= 0)
        close(give->kept);
    if (give->named)
        unlink(give->made);
    give->path = NULL;
}
