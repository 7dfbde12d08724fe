/* Lengths of Huffman's codes, held against the plain way: the two lightest of all, again and again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "pdf/deflate.h"

static void make_slowly(const uint32_t *counts, int symbols, int most, uint8_t *lengths)
{
    uint64_t weight[2 * DEFLATE_LITERALS];
    int parent[2 * DEFLATE_LITERALS], nodes, shift = 0, longest;

    do {
        bool open[2 * DEFLATE_LITERALS] = {false};
        int left = 0;

        nodes = symbols;
        for (int i = 0; i < symbols; i++) {
            weight[i] = counts[i] ? ((uint64_t)counts[i] >> shift) + 1 : 0;
            open[i] = counts[i] > 0;
            left += open[i];
            parent[i] = -1;
        }
        while (left > 1) {
            int low[2] = {-1, -1};

            for (int i = 0; i < nodes; i++) {
                if (!open[i])
                    continue;
                if (low[0] < 0 || weight[i] < weight[low[0]]) {
                    low[1] = low[0];
                    low[0] = i;
                } else if (low[1] < 0 || weight[i] < weight[low[1]]) {
                    low[1] = i;
                }
            }
            weight[nodes] = weight[low[0]] + weight[low[1]];
            open[nodes] = true;
            open[low[0]] = open[low[1]] = false;
            parent[nodes] = -1;
            parent[low[0]] = parent[low[1]] = nodes++;
            left--;
        }
        longest = 0;
        for (int i = 0; i < symbols; i++) {
            lengths[i] = 0;
            for (int at = i; counts[i] && parent[at] >= 0; at = parent[at])
                lengths[i]++;
            longest = lengths[i] > longest ? lengths[i] : longest;
        }
        shift++;
    } while (longest > most);
}

static uint32_t next(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

static void check(const uint32_t *counts, int symbols, int most)
{
    uint8_t lengths[DEFLATE_LITERALS], expected[DEFLATE_LITERALS];
    uint64_t room = 0; /* Kraft's sum, of 2^-most */

    memset(lengths, 0xFF, sizeof lengths);
    deflate_make_lengths(counts, symbols, most, lengths);
    make_slowly(counts, symbols, most, expected);
    assert_memory_equal(lengths, expected, (size_t)symbols);
    for (int i = 0; i < symbols; i++)
        room += lengths[i] > 0 ? (uint64_t)1 << (most - lengths[i]) : 0;
    assert_true(room == 0 || room == (uint64_t)1 << most);
}

/* Few and many symbols, of counts that are equal, of all sizes, or growing so that the codes would be too long. */
static void test_lengths(void **state)
{
    uint64_t seed = 1;

    (void)state;
    for (int round = 0; round < 400; round++) {
        uint32_t counts[DEFLATE_LITERALS] = {0}, grown = 1;
        int symbols = round % 3 == 0 ? 19 : round % 3 == 1 ? DEFLATE_DISTANCES : DEFLATE_LITERALS;

        for (int i = 0; i < symbols; i++) {
            if (next(&seed) % 4 < (uint32_t)round % 5)
                counts[i] = round % 7 < 3   ? next(&seed) % 4
                            : round % 7 < 6 ? next(&seed) >> next(&seed) % 31
                                            : (grown = grown > 1000000000 ? 1 : grown * 2);
        }
        check(counts, symbols, symbols == 19 ? 7 : DEFLATE_BITS_MAX);
    }
}

static void test_few(void **state)
{
    (void)state;
    check((const uint32_t[]){0, 0, 0}, 3, 7);
    check((const uint32_t[]){0, 9, 0}, 3, 7);
    check((const uint32_t[]){1, 0, UINT32_MAX}, 3, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lengths), cmocka_unit_test(test_few)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
