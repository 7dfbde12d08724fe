/* SHA-256. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <openssl/sha.h>
#include <stddef.h>

#include "base/error.h"

#define HASH_SIZE 32
#define HASH_HEX (2 * HASH_SIZE)

/* One in the making; a copy goes on by itself. Needs no memory, so that nothing can fail. */
struct hash {
    SHA256_CTX state;
};

void hash_start(struct hash *h);
void hash_add(struct hash *h, const void *data, size_t length);
void hash_end(struct hash *h, unsigned char out[HASH_SIZE]);

void hash_bytes(const void *data, size_t length, unsigned char out[HASH_SIZE]);
/* Of a whole plain file, read by blocks; TC_IO where it cannot be. The second: of one below a folder, as file_open_below. */
bool hash_file(const char *path, unsigned char out[HASH_SIZE], struct tc_error *err);
bool hash_file_below(const char *folder, const char *name, unsigned char out[HASH_SIZE], struct tc_error *err);
/* Lower-case hexadecimal, terminated. */
void hash_hex(const unsigned char hash[HASH_SIZE], char out[HASH_HEX + 1]);

#endif
