/* The old calls of libcrypto need no memory; the new ones allocate for each copy. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/hash.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

void hash_start(struct hash *h)
{
    SHA256_Init(&h->state);
}

void hash_add(struct hash *h, const void *data, size_t length)
{
    SHA256_Update(&h->state, data, length);
}

void hash_end(struct hash *h, unsigned char out[HASH_SIZE])
{
    SHA256_Final(out, &h->state);
}

void hash_state(const struct hash *h, unsigned char out[HASH_SIZE])
{
    for (int i = 0; i < HASH_SIZE; i++)
        out[i] = (unsigned char)(h->state.h[i / 4] >> (24 - 8 * (i % 4)));
}

void hash_state_after(const unsigned char from[HASH_SIZE], const void *data, size_t length, unsigned char out[HASH_SIZE])
{
    struct hash h;

    hash_start(&h);
    for (int i = 0; i < HASH_SIZE; i += 4)
        h.state.h[i / 4] = (SHA_LONG)from[i] << 24 | (SHA_LONG)from[i + 1] << 16 | (SHA_LONG)from[i + 2] << 8 | (SHA_LONG)from[i + 3];
    hash_add(&h, data, length);
    hash_state(&h, out);
}

void hash_bytes(const void *data, size_t length, unsigned char out[HASH_SIZE])
{
    struct hash h;

    hash_start(&h);
    hash_add(&h, data, length);
    hash_end(&h, out);
}

/* fd is closed; -1: err is set. */
static bool take(int fd, const char *path, unsigned char out[HASH_SIZE], struct tc_error *err)
{
    unsigned char block[65536];
    struct hash h;
    ssize_t n = fd < 0 ? -1 : 1;

    hash_start(&h);
    while (n > 0) {
        n = read(fd, block, sizeof block);
        if (n < 0 && errno == EINTR)
            n = 1;
        else if (n > 0)
            hash_add(&h, block, (size_t)n);
    }
    hash_end(&h, out);
    if (n < 0)
        error_set(err, TC_IO, path, NULL, "file", "the file cannot be read (%s)", error_cause(errno));
    if (fd >= 0)
        close(fd);
    return n == 0;
}

bool hash_file(const char *path, unsigned char out[HASH_SIZE], struct tc_error *err)
{
    return take(file_open(path, TC_IO, err), path, out, err);
}

bool hash_file_below(const char *folder, const char *name, unsigned char out[HASH_SIZE], struct tc_error *err)
{
    return take(file_open_below(folder, name, TC_IO, err), name, out, err);
}

void hash_hex(const unsigned char hash[HASH_SIZE], char out[HASH_HEX + 1])
{
    for (int i = 0; i < HASH_SIZE; i++) {
        out[2 * i] = "0123456789abcdef"[hash[i] >> 4];
        out[2 * i + 1] = "0123456789abcdef"[hash[i] & 15];
    }
    out[HASH_HEX] = '\0';
}

static int digit_of(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool hash_read(const char *hex, size_t length, unsigned char out[HASH_SIZE])
{
    if (length != HASH_HEX)
        return false;
    for (int i = 0; i < HASH_SIZE; i++) {
        int high = digit_of(hex[2 * i]), low = digit_of(hex[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        out[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}
