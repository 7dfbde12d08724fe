#include "base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <string.h>
#include <unistd.h>

void hash_bytes(const void *data, size_t length, unsigned char out[HASH_SIZE])
{
    SHA256(data, length, out);
}

bool hash_file(const char *path, unsigned char out[HASH_SIZE], struct tc_error *err)
{
    unsigned char block[16384];
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    bool ok = digest && fd >= 0 && EVP_DigestInit_ex(digest, EVP_sha256(), NULL) == 1;
    ssize_t n = 1;

    while (ok && n > 0) {
        n = read(fd, block, sizeof block);
        if (n < 0 && errno == EINTR)
            n = 1;
        else if (n > 0)
            EVP_DigestUpdate(digest, block, (size_t)n);
    }
    ok = ok && n == 0 && EVP_DigestFinal_ex(digest, out, NULL) == 1;
    if (!ok)
        error_set(err, TC_IO, path, NULL, "file", "the file cannot be read (%s)", strerrorname_np(errno));
    EVP_MD_CTX_free(digest);
    if (fd >= 0)
        close(fd);
    return ok;
}

void hash_hex(const unsigned char hash[HASH_SIZE], char out[HASH_HEX + 1])
{
    for (int i = 0; i < HASH_SIZE; i++) {
        out[2 * i] = "0123456789abcdef"[hash[i] >> 4];
        out[2 * i + 1] = "0123456789abcdef"[hash[i] & 15];
    }
    out[HASH_HEX] = '\0';
}
