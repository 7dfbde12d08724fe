/* The old calls of libcrypto need no memory, so that they cannot fail. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <string.h>
#include <unistd.h>

void hash_bytes(const void *data, size_t length, unsigned char out[HASH_SIZE])
{
    SHA256_CTX digest;

    SHA256_Init(&digest);
    SHA256_Update(&digest, data, length);
    SHA256_Final(out, &digest);
}

bool hash_file(const char *path, unsigned char out[HASH_SIZE], struct tc_error *err)
{
    unsigned char block[16384];
    SHA256_CTX digest;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t n = fd < 0 ? -1 : 1;

    SHA256_Init(&digest);
    while (n > 0) {
        n = read(fd, block, sizeof block);
        if (n < 0 && errno == EINTR)
            n = 1;
        else if (n > 0)
            SHA256_Update(&digest, block, (size_t)n);
    }
    SHA256_Final(out, &digest);
    if (n < 0)
        error_set(err, TC_IO, path, NULL, "file", "the file cannot be read (%s)", strerrorname_np(errno));
    if (fd >= 0)
        close(fd);
    return n == 0;
}

void hash_hex(const unsigned char hash[HASH_SIZE], char out[HASH_HEX + 1])
{
    for (int i = 0; i < HASH_SIZE; i++) {
        out[2 * i] = "0123456789abcdef"[hash[i] >> 4];
        out[2 * i + 1] = "0123456789abcdef"[hash[i] & 15];
    }
    out[HASH_HEX] = '\0';
}
