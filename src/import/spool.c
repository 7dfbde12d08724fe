#include "import/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

#define PENDING ((size_t)1 << 18)
#define BEHIND 4096 /* read before a row: the person's earlier rows are mostly there */
#define AHEAD 1024  /* read from it on */

static bool fail(struct tc_error *err, const char *what)
{
    return error_set(err, TC_IO, NULL, NULL, "spool", "the rows read cannot be %s on disk (%s)", what, error_cause(errno));
}

bool spool_open(struct spool *spool, const char *beside, struct tc_error *err)
{
    char path[FILE_PATH_MAX];
    const char *slash = strrchr(beside, '/');

    *spool = (struct spool){.fd = -1};
    if (strlen(beside) + 32 >= sizeof path)
        return error_set(err, TC_USAGE, beside, NULL, "path", "the path is too long");
    snprintf(path, sizeof path, "%.*s.taxcert-XXXXXX", slash ? (int)(slash + 1 - beside) : 0, beside);
    spool->fd = mkostemp(path, O_CLOEXEC); /* mode 0600 */
    if (spool->fd < 0 || unlink(path) != 0)
        return error_set(err, TC_IO, beside, NULL, "write", "no file can be created beside it (%s)", error_cause(errno));
    buf_add(&spool->pending, "", 1); /* no row is at 0 */
    return true;
}

static bool flush(struct spool *spool, struct tc_error *err)
{
    const char *data = spool->pending.data;
    size_t left = spool->pending.length;

    while (left > 0) {
        ssize_t n = write(spool->fd, data, left);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return fail(err, "kept");
        data += n;
        left -= (size_t)n;
        spool->written += (uint64_t)n;
    }
    spool->pending.length = 0;
    return true;
}

bool spool_put(struct spool *spool, const struct row *row, const void *rest, uint64_t *chain, struct tc_error *err)
{
    struct row put = *row;

    if (spool->pending.length > PENDING && !flush(spool, err))
        return false;
    put.before = *chain;
    *chain = spool->written + spool->pending.length;
    buf_add(&spool->pending, &put, sizeof put);
    buf_add(&spool->pending, rest, row->length);
    return !spool->pending.failed || error_memory(err);
}

/* Reads from the window so that so many bytes from `at` on are in it. */
static bool look(struct spool *spool, uint64_t at, size_t length, struct tc_error *err)
{
    size_t want = length > AHEAD ? length : AHEAD;
    struct buf *w = &spool->window;

    if (at >= spool->window_at && at + length <= spool->window_at + w->length)
        return true;
    spool->window_at = at > BEHIND ? at - BEHIND : 0;
    want += (size_t)(at - spool->window_at);
    w->length = 0;
    if (!buf_reserve(w, want))
        return error_memory(err);
    while (w->length < want) {
        ssize_t n = pread(spool->fd, w->data + w->length, want - w->length, (off_t)(spool->window_at + w->length));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail(err, "read back");
        if (n == 0)
            break;
        w->length += (size_t)n;
    }
    return at + length <= spool->window_at + w->length || fail(err, "read back");
}

/* The row there with what follows it, in the arena; NULL with err. */
static struct row *get_row(struct spool *spool, uint64_t at, struct arena *arena, struct tc_error *err)
{
    struct row head, *made;

    if ((spool->pending.length > 0 && !flush(spool, err)) || !look(spool, at, sizeof head, err))
        return NULL;
    memcpy(&head, spool->window.data + (at - spool->window_at), sizeof head);
    if (!look(spool, at, sizeof head + head.length, err))
        return NULL;
    made = arena_take(arena, sizeof head + head.length);
    if (!made)
        error_memory(err);
    else
        memcpy(made, spool->window.data + (at - spool->window_at), sizeof head + head.length);
    return made;
}

struct row **spool_chain(struct spool *spool, uint64_t last, struct arena *arena, size_t *count, struct tc_error *err)
{
    struct row **list, *row;
    struct buf found = {0};
    size_t n;

    while (last && !*err->message) {
        row = get_row(spool, last, arena, err);
        buf_add(&found, &row, sizeof row);
        last = row ? row->before : 0;
    }
    n = found.length / sizeof row;
    list = found.failed ? NULL : arena_array(arena, n + 1, sizeof row);
    for (size_t i = 0; list && i < n; i++)
        memcpy(&list[i], found.data + (n - 1 - i) * sizeof row, sizeof row);
    buf_free(&found);
    *count = n;
    if (!list)
        error_memory(err);
    return *err->message ? NULL : list;
}

void spool_close(struct spool *spool)
{
    if (spool->fd >= 0)
        close(spool->fd);
    spool->fd = -1;
    buf_free(&spool->pending);
    buf_free(&spool->window);
}

bool row_item(const struct row *row, size_t *at, struct item *item, const char **text)
{
    const char *base = (const char *)(row + 1) + row->which;

    if (row->which + *at >= row->length)
        return false;
    memcpy(item, base + *at, sizeof *item);
    *text = item->length ? base + *at + sizeof *item : "";
    *at += sizeof *item + item->length;
    return true;
}
