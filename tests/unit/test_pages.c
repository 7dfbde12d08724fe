/* The list of a ledger's pages: SHA-256's states as another SHA-256 has them, and every page that is not the one of its place is found. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/file.h"
#include "base/hash.h"
#include "store/pages.h"

#define COUNT 1030 /* pages: two blocks of 512 states, and some of a third */

static char folder[] = "/tmp/test_pages.XXXXXX";
static unsigned char *ledger;
static char root[HASH_HEX + 1];
static uint64_t rng = 1;

static uint32_t next(void)
{
    rng = rng * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(rng >> 32);
}

/* ---- SHA-256 as FIPS 180-4 has it, 6.2.2. Its constants are the first bits of the fractions of roots of the first primes. */

static uint32_t round_constant(int i)
{
    static const uint32_t k[64] = {
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
        0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
        0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
        0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
        0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
        0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

    return k[i];
}

static uint32_t turn(uint32_t x, int by)
{
    return x >> by | x << (32 - by);
}

static void take_block(uint32_t h[8], const unsigned char *block)
{
    uint32_t w[64], v[8];

    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 | (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
    for (int i = 16; i < 64; i++)
        w[i] = w[i - 16] + (turn(w[i - 15], 7) ^ turn(w[i - 15], 18) ^ w[i - 15] >> 3) + w[i - 7]
               + (turn(w[i - 2], 17) ^ turn(w[i - 2], 19) ^ w[i - 2] >> 10);
    memcpy(v, h, sizeof v);
    for (int i = 0; i < 64; i++) {
        uint32_t one = v[7] + (turn(v[4], 6) ^ turn(v[4], 11) ^ turn(v[4], 25)) + ((v[4] & v[5]) ^ (~v[4] & v[6])) + round_constant(i)
                       + w[i];
        uint32_t two = (turn(v[0], 2) ^ turn(v[0], 13) ^ turn(v[0], 22)) + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));

        memmove(v + 1, v, 7 * sizeof *v);
        v[4] += one;
        v[0] = one + two;
    }
    for (int i = 0; i < 8; i++)
        h[i] += v[i];
}

static void begin(uint32_t h[8])
{
    static const uint32_t first[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

    memcpy(h, first, sizeof first);
}

static void write_words(const uint32_t h[8], unsigned char out[HASH_SIZE])
{
    for (int i = 0; i < HASH_SIZE; i++)
        out[i] = (unsigned char)(h[i / 4] >> (24 - 8 * (i % 4)));
}

/* ---- a ledger of some bytes */

static void path_of(const char *name, char path[100])
{
    snprintf(path, 100, "%s/%s", folder, name);
}

static void write_file(const char *name, const void *data, size_t length)
{
    char path[100];
    FILE *file;

    path_of(name, path);
    file = fopen(path, "wb");
    assert_true(file && fwrite(data, 1, length, file) == length && fclose(file) == 0);
}

static unsigned char *read_list(size_t *length)
{
    struct tc_error err = {0};
    char path[100], *data = NULL;

    path_of(PAGES_NAME, path);
    assert_true(file_read(path, &data, length, &err));
    return (unsigned char *)data;
}

static int make(void **state)
{
    struct tc_error err = {0};
    unsigned char whole[HASH_SIZE], of_list[HASH_SIZE], hash[HASH_SIZE];
    char at[100], list[100];

    (void)state;
    ledger = malloc((size_t)COUNT * PAGES_SIZE);
    if (!ledger || !mkdtemp(folder))
        return -1;
    for (size_t i = 0; i < (size_t)COUNT * PAGES_SIZE; i++)
        ledger[i] = (unsigned char)next();
    write_file("ledger.db", ledger, (size_t)COUNT * PAGES_SIZE);
    path_of("ledger.db", at);
    path_of(PAGES_NAME, list);
    if (!pages_make(at, list, whole, of_list, root, &err))
        return -1;
    hash_bytes(ledger, (size_t)COUNT * PAGES_SIZE, hash); /* both hashes are those of the files */
    if (memcmp(whole, hash, HASH_SIZE) != 0 || !hash_file(list, hash, &err) || memcmp(of_list, hash, HASH_SIZE) != 0)
        return -1;
    return 0;
}

static int drop(void **state)
{
    char path[100];

    (void)state;
    path_of("ledger.db", path);
    unlink(path);
    path_of(PAGES_NAME, path);
    unlink(path);
    rmdir(folder);
    free(ledger);
    return 0;
}

/* The list has the states, each block's hash behind them, and the root is that of the words in pages.c. */
static void list_of_states(void **state)
{
    unsigned char expected[HASH_SIZE], *list;
    size_t length;
    uint32_t h[8];

    (void)state;
    list = read_list(&length);
    assert_int_equal(length, HASH_SIZE * (COUNT + 3));
    begin(h);
    for (int i = 0; i < 520; i++) { /* beyond a block's border */
        for (int k = 0; k < PAGES_SIZE; k += HASH_BLOCK)
            take_block(h, ledger + (size_t)i * PAGES_SIZE + k);
        write_words(h, expected);
        assert_memory_equal(list + (size_t)i * HASH_SIZE, expected, HASH_SIZE);
    }
    hash_bytes(list + (size_t)512 * HASH_SIZE, (size_t)512 * HASH_SIZE, expected);
    assert_memory_equal(list + (COUNT + 1) * HASH_SIZE, expected, HASH_SIZE);
    hash_bytes(list + (size_t)1024 * HASH_SIZE, (COUNT - 1024) * HASH_SIZE, expected);
    assert_memory_equal(list + (COUNT + 2) * HASH_SIZE, expected, HASH_SIZE);
    free(list);
}

static struct pages *open_list(void)
{
    struct tc_error err = {0};

    return pages_open(folder, root, (uint64_t)COUNT * PAGES_SIZE, &err);
}

/* In any order, those at the borders of blocks alone too. */
static void pages_are_told_apart(void **state)
{
    static const uint64_t first[] = {512, 0, 1, 511, 513, 1023, 1024, COUNT - 1};
    unsigned char page[PAGES_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof first / sizeof *first; i++) {
        struct pages *p = open_list();

        assert_non_null(p);
        memcpy(page, ledger + first[i] * PAGES_SIZE, PAGES_SIZE);
        assert_int_equal(pages_check(p, first[i], page), PAGES_SAME);
        page[next() % PAGES_SIZE] ^= (unsigned char)(1 << next() % 8);
        assert_int_equal(pages_check(p, first[i], page), PAGES_OTHER);
        assert_int_equal(pages_check(p, first[i], ledger + (first[i] ^ 1) * PAGES_SIZE), PAGES_OTHER);
        assert_int_equal(pages_check(p, COUNT, page), PAGES_OTHER);
        pages_close(p);
    }
}

/* What is proved of all of it: whatever byte of ledger or list is another one. */
static void all_is_proved(void **state)
{
    struct tc_error err = {0};
    unsigned char *list;
    size_t length;

    (void)state;
    assert_true(pages_prove(folder, root, &err));
    list = read_list(&length);
    for (int i = 0; i < 8; i++) {
        size_t at = (size_t)(i < 4 ? i * 4000 : COUNT * HASH_SIZE + (i - 4) * 30);

        list[at] ^= 1;
        write_file(PAGES_NAME, list, length);
        error_reset(&err);
        assert_false(pages_prove(folder, root, &err));
        list[at] ^= 1;
    }
    write_file(PAGES_NAME, list, length);
    free(list);
    for (int i = 0; i < 4; i++) {
        size_t at = (size_t)next() % COUNT * PAGES_SIZE + next() % PAGES_SIZE;

        ledger[at] ^= 0x80;
        write_file("ledger.db", ledger, (size_t)COUNT * PAGES_SIZE);
        error_reset(&err);
        assert_false(pages_prove(folder, root, &err));
        ledger[at] ^= 0x80;
    }
    write_file("ledger.db", ledger, (size_t)COUNT * PAGES_SIZE);
    error_reset(&err);
    assert_true(pages_prove(folder, root, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(list_of_states), cmocka_unit_test(pages_are_told_apart),
                                       cmocka_unit_test(all_is_proved)};

    return cmocka_run_group_tests(tests, make, drop);
}
