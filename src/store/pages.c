#include "store/pages.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/stream.h"

#define BLOCK_HASHES (PAGES_SIZE / HASH_SIZE)

/* What a list is made of while the ledger is read. */
struct maker {
    struct stream list; /* open where one is written */
    struct hash whole, block;
    struct buf heads; /* the hashes of the blocks */
    uint64_t count;
};

struct pages {
    int fd;
    uint64_t count;
    unsigned char *heads;   /* the hash of each block */
    unsigned char **blocks; /* those that were read, and proved */
};

static uint64_t count_blocks(uint64_t pages)
{
    return (pages + BLOCK_HASHES - 1) / BLOCK_HASHES;
}

static void make_root(uint64_t count, const unsigned char *heads, size_t length, char root[HASH_HEX + 1])
{
    unsigned char hash[HASH_SIZE];
    struct hash h;
    char line[64];

    snprintf(line, sizeof line, "taxcert pages 1\n%llu\n", (unsigned long long)count);
    hash_start(&h);
    hash_add(&h, line, strlen(line));
    hash_add(&h, heads, length);
    hash_end(&h, hash);
    hash_hex(hash, root);
}

static void end_block(struct maker *m)
{
    unsigned char hash[HASH_SIZE];

    hash_end(&m->block, hash);
    buf_add(&m->heads, (const char *)hash, HASH_SIZE);
    hash_start(&m->block);
}

static bool take_page(struct maker *m, const void *page, size_t length, struct tc_error *err)
{
    unsigned char hash[HASH_SIZE];

    hash_add(&m->whole, page, length);
    hash_bytes(page, length, hash);
    hash_add(&m->block, hash, HASH_SIZE);
    if (++m->count % BLOCK_HASHES == 0)
        end_block(m);
    return !m->list.open || stream_add(&m->list, hash, HASH_SIZE, err);
}

/* A whole page but at the end; -1 with errno. */
static ssize_t read_page(int fd, char page[PAGES_SIZE])
{
    size_t have = 0;

    while (have < PAGES_SIZE) {
        ssize_t n = read(fd, page + have, PAGES_SIZE - have);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        have += (size_t)n;
    }
    return (ssize_t)have;
}

/* fd is closed; -1: err is set. */
static bool read_ledger(struct maker *m, int fd, const char *path, char root[HASH_HEX + 1], struct tc_error *err)
{
    char page[PAGES_SIZE];
    ssize_t n = fd < 0 ? -1 : 1;

    hash_start(&m->whole);
    hash_start(&m->block);
    while (n > 0 && (n = read_page(fd, page)) > 0)
        if (!take_page(m, page, (size_t)n, err))
            break;
    if (n < 0)
        error_set(err, TC_IO, path, NULL, "file", "the file cannot be read (%s)", error_cause(errno));
    if (fd >= 0)
        close(fd);
    if (m->count % BLOCK_HASHES != 0)
        end_block(m);
    if (m->heads.failed)
        error_memory(err);
    if (!err->code)
        make_root(m->count, (const unsigned char *)m->heads.data, m->heads.length, root);
    return !err->code;
}

bool pages_make(const char *ledger, const char *list, unsigned char whole[HASH_SIZE], unsigned char of_list[HASH_SIZE],
                char root[HASH_HEX + 1], struct tc_error *err)
{
    struct maker m = {.count = 0};
    bool ok = stream_open(&m.list, list, err) && read_ledger(&m, file_open(ledger, TC_IO, err), ledger, root, err)
              && stream_add(&m.list, m.heads.data, m.heads.length, err) && stream_close(&m.list, of_list, err);

    if (ok)
        hash_end(&m.whole, whole);
    stream_drop(&m.list);
    buf_free(&m.heads);
    return ok;
}

bool pages_root(const char *run, char root[HASH_HEX + 1], struct tc_error *err)
{
    struct maker m = {.count = 0};
    bool ok = read_ledger(&m, file_open_below(run, "ledger.db", TC_IO, err), "ledger.db", root, err);

    buf_free(&m.heads);
    return ok;
}

/* Reads so many bytes at that place; false with errno, 0 where there are fewer. */
static bool read_at(int fd, void *data, size_t length, off_t at)
{
    ssize_t n = pread(fd, data, length, at);

    while (n < 0 && errno == EINTR)
        n = pread(fd, data, length, at);
    if (n >= 0)
        errno = 0;
    return n == (ssize_t)length;
}

static bool is_other(struct tc_error *err)
{
    return error_set(err, TC_IO, PAGES_NAME, NULL, "file-changed", "the run folder's file is not what the run made");
}

static bool read_heads(struct pages *p, const char *root, struct tc_error *err)
{
    uint64_t blocks = count_blocks(p->count), size = HASH_SIZE * (p->count + blocks);
    char found[HASH_HEX + 1];
    struct stat status;

    if (fstat(p->fd, &status) != 0 || (uint64_t)status.st_size != size)
        return is_other(err);
    p->heads = malloc(blocks * HASH_SIZE + 1);
    p->blocks = calloc(blocks + 1, sizeof *p->blocks);
    if (!p->heads || !p->blocks)
        return error_memory(err);
    if (!read_at(p->fd, p->heads, blocks * HASH_SIZE, (off_t)(HASH_SIZE * p->count)))
        return error_set(err, TC_IO, PAGES_NAME, NULL, "file", "the file cannot be read (%s)", error_cause(errno));
    make_root(p->count, p->heads, blocks * HASH_SIZE, found);
    return !strcmp(found, root) || is_other(err);
}

struct pages *pages_open(const char *run, const char *root, uint64_t size, struct tc_error *err)
{
    struct pages *p = calloc(1, sizeof *p);

    if (!p) {
        error_memory(err);
        return NULL;
    }
    p->count = size / PAGES_SIZE;
    p->fd = size % PAGES_SIZE == 0 ? file_open_below(run, PAGES_NAME, TC_IO, err) : -1;
    if (size % PAGES_SIZE != 0)
        error_set(err, TC_IO, "ledger.db", NULL, "file-changed", "the run folder's file is not what the run made");
    if (p->fd >= 0 && read_heads(p, root, err))
        return p;
    pages_close(p);
    return NULL;
}

/* The hashes of a block, proved by its own. */
static enum pages_found read_block(struct pages *p, uint64_t number)
{
    uint64_t first = number * BLOCK_HASHES, count = p->count - first < BLOCK_HASHES ? p->count - first : BLOCK_HASHES;
    unsigned char hash[HASH_SIZE], *block = malloc(count * HASH_SIZE);

    if (!block)
        return PAGES_NO_MEMORY;
    if (!read_at(p->fd, block, count * HASH_SIZE, (off_t)(first * HASH_SIZE))) {
        free(block);
        return errno ? PAGES_UNREAD : PAGES_OTHER;
    }
    hash_bytes(block, count * HASH_SIZE, hash);
    if (memcmp(hash, p->heads + number * HASH_SIZE, HASH_SIZE) != 0) {
        free(block);
        return PAGES_OTHER;
    }
    p->blocks[number] = block;
    return PAGES_SAME;
}

enum pages_found pages_check(struct pages *p, uint64_t number, const void *page)
{
    uint64_t at = number / BLOCK_HASHES;
    unsigned char hash[HASH_SIZE];
    enum pages_found found;

    if (number >= p->count)
        return PAGES_OTHER;
    if (!p->blocks[at] && (found = read_block(p, at)) != PAGES_SAME)
        return found;
    hash_bytes(page, PAGES_SIZE, hash);
    return memcmp(hash, p->blocks[at] + number % BLOCK_HASHES * HASH_SIZE, HASH_SIZE) == 0 ? PAGES_SAME : PAGES_OTHER;
}

void pages_close(struct pages *p)
{
    if (!p)
        return;
    for (uint64_t i = 0; p->blocks && i < count_blocks(p->count); i++)
        free(p->blocks[i]);
    free(p->blocks);
    free(p->heads);
    if (p->fd >= 0)
        close(p->fd);
    free(p);
}
