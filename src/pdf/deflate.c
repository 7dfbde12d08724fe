#include "pdf/deflate.h"

#include <stdlib.h>

const uint16_t deflate_length_base[29] = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                          31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
const uint8_t deflate_length_extra[29] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
const uint16_t deflate_distance_base[30] = {1,   2,   3,   4,   5,   7,    9,    13,   17,   25,   33,   49,   65,    97,    129,
                                            193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
const uint8_t deflate_distance_extra[30] = {0, 0, 0, 0, 1, 1, 2, 2,  3,  3,  4,  4,  5,  5,  6,
                                            6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13};

void deflate_put_bits(struct bits *b, uint64_t value, int count)
{
    b->waiting |= value << b->count;
    b->count += count;
    while (b->count >= 8) {
        char byte = (char)b->waiting;

        buf_add(&b->out, &byte, 1);
        b->waiting >>= 8;
        b->count -= 8;
    }
}

static int by_number(const void *a, const void *b)
{
    const uint64_t *one = a, *other = b;

    return (*one > *other) - (*one < *other);
}

/* Huffman's tree of the symbols that are counted, of weights >> shift; returns the longest length. Symbols stand first, from the lightest on, and
 * nodes that are made are never lighter than those made before: so the two lightest are among the next of each, and of equals the symbol. */
static int make_tree(const uint32_t *counts, int symbols, int shift, uint8_t *lengths)
{
    uint64_t sorted[DEFLATE_LITERALS], weight[2 * DEFLATE_LITERALS]; /* sorted: weight and number of symbols */
    int parent[2 * DEFLATE_LITERALS], depth[2 * DEFLATE_LITERALS] = {0}, leaves = 0, nodes, leaf = 0, inner, longest = 0;

    for (int i = 0; i < symbols; i++)
        if (counts[i] > 0)
            sorted[leaves++] = (((uint64_t)counts[i] >> shift) + 1) << 16 | (uint64_t)i;
    qsort(sorted, (size_t)leaves, sizeof *sorted, by_number);
    for (int i = 0; i < leaves; i++)
        weight[i] = sorted[i] >> 16;
    for (nodes = inner = leaves; leaf + 1 < leaves || inner + 1 < nodes || (leaf < leaves && inner < nodes); nodes++) {
        weight[nodes] = 0;
        for (int k = 0; k < 2; k++) {
            int lightest = leaf < leaves && (inner == nodes || weight[leaf] <= weight[inner]) ? leaf++ : inner++;

            weight[nodes] += weight[lightest];
            parent[lightest] = nodes;
        }
    }
    for (int i = nodes - 2; i >= 0; i--)
        depth[i] = depth[parent[i]] + 1;
    memset(lengths, 0, (size_t)symbols);
    for (int i = 0; i < leaves; i++) {
        lengths[sorted[i] & 0xFFFF] = (uint8_t)depth[i];
        longest = depth[i] > longest ? depth[i] : longest;
    }
    return longest;
}

void deflate_make_lengths(const uint32_t *counts, int symbols, int most, uint8_t *lengths)
{
    for (int shift = 0; make_tree(counts, symbols, shift, lengths) > most;)
        shift++;
}

/* Canonical codes, their bits reversed: RFC 1951, section 3.2.2. */
static void make_codes(const uint8_t *lengths, int symbols, struct code *codes)
{
    unsigned next = 0;

    for (int length = 1; length <= DEFLATE_BITS_MAX; length++, next <<= 1) {
        for (int i = 0; i < symbols; i++) {
            unsigned code = next, reversed = 0;

            if (lengths[i] != length)
                continue;
            for (int k = 0; k < length; k++, code >>= 1)
                reversed = reversed << 1 | (code & 1);
            codes[i] = (struct code){(uint16_t)reversed, (uint8_t)length};
            next++;
        }
    }
}

/* A length of a code, or a run of lengths: section 3.2.7. */
struct run {
    uint8_t symbol, extra, bits; /* extra bits, and how many */
};

#define RUN_BEFORE 16 /* the length before, 3 to 6 times; 2 bits */
#define RUN_SHORT 17  /* none, 3 to 10 times; 3 bits */
#define RUN_LONG 18   /* none, 11 to 138 times; 7 bits */
#define RUN_SYMBOLS 19

static struct run run_of(uint8_t length, bool before, int same)
{
    if (length == 0 && same >= 11)
        return (struct run){RUN_LONG, (uint8_t)((same < 138 ? same : 138) - 11), 7};
    if (length == 0 && same >= 3)
        return (struct run){RUN_SHORT, (uint8_t)(same - 3), 3};
    if (length > 0 && before && same >= 3)
        return (struct run){RUN_BEFORE, (uint8_t)((same < 6 ? same : 6) - 3), 2};
    return (struct run){length, 0, 0};
}

/* How many lengths the run stands for. */
static int count_of(struct run run)
{
    return run.symbol < RUN_BEFORE ? 1 : run.extra + (run.symbol == RUN_LONG ? 11 : 3);
}

static int make_runs(const uint8_t *lengths, int count, struct run *runs)
{
    int made = 0, same;

    for (int i = 0; i < count; i += count_of(runs[made++])) {
        for (same = 1; i + same < count && lengths[i + same] == lengths[i];)
            same++;
        runs[made] = run_of(lengths[i], i > 0 && lengths[i - 1] == lengths[i], same);
    }
    return made;
}

/* The beginning of zlib's stream and of its only block, up to the lengths of all codes. */
static void put_head(struct bits *b, const uint8_t *literals, const uint8_t *distances)
{
    static const uint8_t order[RUN_SYMBOLS] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    uint8_t all[DEFLATE_LITERALS + DEFLATE_DISTANCES], lengths[RUN_SYMBOLS];
    struct run runs[DEFLATE_LITERALS + DEFLATE_DISTANCES];
    uint32_t counts[RUN_SYMBOLS] = {0};
    struct code codes[RUN_SYMBOLS] = {{0, 0}};
    int made;

    memcpy(all, literals, DEFLATE_LITERALS);
    memcpy(all + DEFLATE_LITERALS, distances, DEFLATE_DISTANCES);
    made = make_runs(all, DEFLATE_LITERALS + DEFLATE_DISTANCES, runs);
    for (int i = 0; i < made; i++)
        counts[runs[i].symbol]++;
    deflate_make_lengths(counts, RUN_SYMBOLS, 7, lengths);
    make_codes(lengths, RUN_SYMBOLS, codes);
    deflate_put_bits(b, 0x5E78, 16);    /* zlib, 32 KB window, default level */
    deflate_put_bits(b, 1 | 2 << 1, 3); /* the last block, of dynamic codes */
    deflate_put_bits(b, DEFLATE_LITERALS - 257, 5);
    deflate_put_bits(b, DEFLATE_DISTANCES - 1, 5);
    deflate_put_bits(b, RUN_SYMBOLS - 4, 4);
    for (int i = 0; i < RUN_SYMBOLS; i++)
        deflate_put_bits(b, lengths[order[i]], 3);
    for (int i = 0; i < made; i++) {
        deflate_put_bits(b, codes[runs[i].symbol].bits, codes[runs[i].symbol].length);
        deflate_put_bits(b, runs[i].extra, runs[i].bits);
    }
}

void deflate_make_block(const struct deflate_counts *counts, struct deflate_codes *out)
{
    uint8_t literals[DEFLATE_LITERALS], distances[DEFLATE_DISTANCES];
    struct bits head = {0};

    deflate_make_lengths(counts->literals, DEFLATE_LITERALS, DEFLATE_BITS_MAX, literals);
    deflate_make_lengths(counts->distances, DEFLATE_DISTANCES, DEFLATE_BITS_MAX, distances);
    make_codes(literals, DEFLATE_LITERALS, out->literals);
    make_codes(distances, DEFLATE_DISTANCES, out->distances);
    put_head(&head, literals, distances);
    out->head = head.out;
    out->head_rest = (uint32_t)head.waiting;
    out->head_count = (unsigned)head.count;
}

struct writer deflate_begin(const struct deflate_codes *codes, char *at)
{
    memcpy(at, codes->head.data, codes->head.length);
    return (struct writer){(unsigned char *)at + codes->head.length, codes->head_rest, codes->head_count};
}

#define ADLER 65521

void deflate_write_end(struct writer *w, struct code end, const struct sums *sums)
{
    uint32_t sum = (uint32_t)(sums->weighted % ADLER) << 16 | (uint32_t)(sums->plain % ADLER);

    deflate_write_code(w, end);
    w->at += w->count > 0;
    for (int shift = 24; shift >= 0; shift -= 8)
        *w->at++ = (unsigned char)(sum >> shift);
}
