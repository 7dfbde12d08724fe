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

/* What a list has for a page, as its root says it. */
enum pages_kind { ALONE = 1, CHAINED };

/* What a list is made of while the ledger is read. */
struct maker {
    struct stream list;       /* open where one is written */
    struct hash whole, block; /* of the ledger, of the block of states in hand */
    struct buf heads;         /* the hashes of the blocks */
    uint64_t count;
};

struct pages {
    int fd;
    uint64_t count;
    enum pages_kind kind;
    unsigned char *heads;   /* the hash of each block */
    unsigned char **blocks; /* those that were read, and proved */
};

static bool is_other(const char *name, struct tc_error *err)
{
    return error_set(err, TC_IO, name, NULL, "file-changed", "the run folder's file is not what the run made");
}

static uint64_t count_blocks(uint64_t pages)
{
    return (pages + BLOCK_HASHES - 1) / BLOCK_HASHES;
}

static void make_root(enum pages_kind kind, uint64_t count, const unsigned char *heads, size_t length, char root[HASH_HEX + 1])
{
    unsigned char hash[HASH_SIZE];
    struct hash h;
    char line[64];

    snprintf(line, sizeof line, "taxcert pages %d\n%llu\n", (int)kind, (unsigned long long)count);
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

static bool take_page(struct maker *m, const void *page, struct tc_error *err)
{
    unsigned char state[HASH_SIZE];

    hash_add(&m->whole, page, PAGES_SIZE);
    hash_state(&m->whole, state);
    hash_add(&m->block, state, HASH_SIZE);
    if (++m->count % BLOCK_HASHES == 0)
        end_block(m);
    return stream_add(&m->list, state, HASH_SIZE, err);
}

/* As much as there is, a whole page but at the end; -1 with errno. */
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
    ssize_t n = -1;

    hash_start(&m->whole);
    hash_start(&m->block);
    while (fd >= 0 && (n = read_page(fd, page)) == PAGES_SIZE)
        if (!take_page(m, page, err))
            break;
    if (n < 0)
        error_set(err, TC_IO, path, NULL, "file", "the file cannot be read (%s)", error_cause(errno));
    else if (n > 0 && n < PAGES_SIZE)
        is_other(path, err); /* a ledger of ours has whole pages */
    if (fd >= 0)
        close(fd);
    if (m->count % BLOCK_HASHES != 0)
        end_block(m);
    if (m->heads.failed)
        error_memory(err);
    if (!err->code)
        make_root(CHAINED, m->count, (const unsigned char *)m->heads.data, m->heads.length, root);
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

/* Whether the list is one of this kind. */
static bool is_root(struct pages *p, enum pages_kind kind, const char *root)
{
    char found[HASH_HEX + 1];

    p->kind = kind;
    make_root(kind, p->count, p->heads, count_blocks(p->count) * HASH_SIZE, found);
    return !strcmp(found, root);
}

static bool read_heads(struct pages *p, const char *root, struct tc_error *err)
{
    uint64_t blocks = count_blocks(p->count), size = HASH_SIZE * (p->count + blocks);
    struct stat status;

    if (fstat(p->fd, &status) != 0 || (uint64_t)status.st_size != size)
        return is_other(PAGES_NAME, err);
    p->heads = malloc(blocks * HASH_SIZE + 1);
    p->blocks = calloc(blocks + 1, sizeof *p->blocks);
    if (!p->heads || !p->blocks)
        return error_memory(err);
    if (!read_at(p->fd, p->heads, blocks * HASH_SIZE, (off_t)(HASH_SIZE * p->count)))
        return error_set(err, TC_IO, PAGES_NAME, NULL, "file", "the file cannot be read (%s)", error_cause(errno));
    return is_root(p, CHAINED, root) || is_root(p, ALONE, root) || is_other(PAGES_NAME, err);
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
        is_other("ledger.db", err);
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

/* What the list has for the page of this number, borrowed. */
static enum pages_found find_hash(struct pages *p, uint64_t number, const unsigned char **hash)
{
    uint64_t at = number / BLOCK_HASHES;
    enum pages_found found = p->blocks[at] ? PAGES_SAME : read_block(p, at);

    if (found == PAGES_SAME)
        *hash = p->blocks[at] + number % BLOCK_HASHES * HASH_SIZE;
    return found;
}

/* The state before the page of this number. */
static enum pages_found find_before(struct pages *p, uint64_t number, unsigned char before[HASH_SIZE])
{
    const unsigned char *hash;
    enum pages_found found;
    struct hash h;

    if (number == 0) {
        hash_start(&h);
        hash_state(&h, before);
        return PAGES_SAME;
    }
    found = find_hash(p, number - 1, &hash);
    if (found == PAGES_SAME)
        memcpy(before, hash, HASH_SIZE);
    return found;
}

enum pages_found pages_check(struct pages *p, uint64_t number, const void *page)
{
    unsigned char before[HASH_SIZE], made[HASH_SIZE];
    const unsigned char *hash;
    enum pages_found found;

    if (number >= p->count)
        return PAGES_OTHER;
    if ((found = find_hash(p, number, &hash)) != PAGES_SAME
        || (p->kind == CHAINED && (found = find_before(p, number, before)) != PAGES_SAME))
        return found;
    if (p->kind == CHAINED)
        hash_state_after(before, page, PAGES_SIZE, made);
    else
        hash_bytes(page, PAGES_SIZE, made);
    return memcmp(made, hash, HASH_SIZE) == 0 ? PAGES_SAME : PAGES_OTHER;
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

static bool prove_pages(struct pages *p, int fd, struct tc_error *err)
{
    char page[PAGES_SIZE];
    ssize_t n = PAGES_SIZE;

    for (uint64_t i = 0; i < p->count && n == PAGES_SIZE; i++) {
        n = read_page(fd, page);
        switch (n == PAGES_SIZE ? pages_check(p, i, page) : n < 0 ? PAGES_UNREAD : PAGES_OTHER) {
        case PAGES_SAME: break;
        case PAGES_OTHER: return is_other("ledger.db", err);
        case PAGES_UNREAD: return error_set(err, TC_IO, "ledger.db", NULL, "file", "the file cannot be read (%s)", error_cause(errno));
        case PAGES_NO_MEMORY: return error_memory(err);
        }
    }
    return true;
}

bool pages_prove(const char *run, const char *root, struct tc_error *err)
{
    int fd = file_open_below(run, "ledger.db", TC_IO, err);
    struct pages *p = NULL;
    struct stat status;
    bool ok;

    if (fd >= 0 && fstat(fd, &status) == 0)
        p = pages_open(run, root, (uint64_t)status.st_size, err);
    ok = p && prove_pages(p, fd, err);
    pages_close(p);
    if (fd >= 0)
        close(fd);
    return ok;
}
