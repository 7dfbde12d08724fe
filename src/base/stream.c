#include "base/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FULL ((size_t)256 * 1024)

static bool failed(const struct stream *s, struct tc_error *err)
{
    return error_set(err, TC_IO, s->path, NULL, "write", "the file cannot be written (%s)", error_cause(errno));
}

bool stream_open(struct stream *s, const char *path, struct tc_error *err)
{
    return stream_take(s, open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), path, err);
}

bool stream_take(struct stream *s, int fd, const char *path, struct tc_error *err)
{
    *s = (struct stream){.fd = fd};
    snprintf(s->path, sizeof s->path, "%s", path);
    s->open = s->fd >= 0;
    hash_start(&s->hash);
    return s->open || failed(s, err);
}

static bool flush(struct stream *s, struct tc_error *err)
{
    size_t at = 0;

    if (s->buffer.failed)
        return error_memory(err);
    while (at < s->buffer.length) {
        ssize_t n = write(s->fd, s->buffer.data + at, s->buffer.length - at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return failed(s, err);
        at += (size_t)n;
    }
    hash_add(&s->hash, s->buffer.data, s->buffer.length);
    s->buffer.length = 0;
    return true;
}

bool stream_add(struct stream *s, const void *data, size_t length, struct tc_error *err)
{
    buf_add(&s->buffer, data, length);
    return s->buffer.length < FULL || flush(s, err);
}

bool stream_close(struct stream *s, unsigned char hash[HASH_SIZE], struct tc_error *err)
{
    bool ok = flush(s, err);

    if (hash)
        hash_end(&s->hash, hash);
    s->open = false;
    buf_free(&s->buffer);
    return (close(s->fd) == 0 || failed(s, err)) && ok;
}

void stream_drop(struct stream *s)
{
    if (s->open)
        close(s->fd);
    s->open = false;
    buf_free(&s->buffer);
}
