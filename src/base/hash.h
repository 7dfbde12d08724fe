/* SHA-256. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <openssl/sha.h>
#include <stddef.h>

#include "base/error.h"

#define HASH_SIZE 32
#define HASH_HEX (2 * HASH_SIZE)
#define HASH_BLOCK 64 /* bytes that SHA-256 takes at a time */

/* One in the making; a copy goes on by itself. Needs no memory, so that nothing can fail. */
struct hash {
    SHA256_CTX state;
};

void hash_start(struct hash *h);
void hash_add(struct hash *h, const void *data, size_t length);
void hash_end(struct hash *h, unsigned char out[HASH_SIZE]);

/* Where the making stands after a whole number of blocks: SHA-256's eight words, high bytes first, as in the hash itself. */
void hash_state(const struct hash *h, unsigned char out[HASH_SIZE]);
/* Where it would stand after length bytes more, a whole number of blocks. Two texts of one length that lead from one state to another are two
 * of one hash, whatever comes before and behind them: whoever finds a second one has broken SHA-256. */
void hash_state_after(const unsigned char from[HASH_SIZE], const void *data, size_t length, unsigned char out[HASH_SIZE]);

void hash_bytes(const void *data, size_t length, unsigned char out[HASH_SIZE]);
/* Of a whole plain file, read by blocks; TC_IO where it cannot be. The second: of one below a folder, as file_open_below. */
bool hash_file(const char *path, unsigned char out[HASH_SIZE], struct tc_error *err);
bool hash_file_below(const char *folder, const char *name, unsigned char out[HASH_SIZE], struct tc_error *err);
/* Lower-case hexadecimal, terminated. */
void hash_hex(const unsigned char hash[HASH_SIZE], char out[HASH_HEX + 1]);
/* What that wrote, of so many signs; false where it is anything else. out may be changed even so. */
bool hash_read(const char *hex, size_t length, unsigned char out[HASH_SIZE]);

#endif
