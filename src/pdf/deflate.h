/* Deflate's codes (RFC 1951): how lengths and distances become symbols, symbols become bits, and bits are written. */
#ifndef PDF_DEFLATE_H
#define PDF_DEFLATE_H

#include <stdint.h>
#include <string.h>

#include "base/buf.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "bits are written eight bytes at a time, lowest first");

#define DEFLATE_LITERALS 286 /* 256 bytes, end of block, 29 lengths: RFC 1951, section 3.2.5 */
#define DEFLATE_DISTANCES 30
#define DEFLATE_END 256
#define DEFLATE_BITS_MAX 14  /* 15 is allowed; four of 14 fit a writer */
#define DEFLATE_WRITE_MAX 56 /* bits written at once: up to seven wait */
#define DEFLATE_WINDOW 32768
#define DEFLATE_MATCH_MIN 3
#define DEFLATE_MATCH_MAX 258

_Static_assert(4 * DEFLATE_BITS_MAX <= DEFLATE_WRITE_MAX, "four codes are written at once");

/* By symbol: the least length or distance, and how many bits tell which of the following it is. */
extern const uint16_t deflate_length_base[29];
extern const uint8_t deflate_length_extra[29];
extern const uint16_t deflate_distance_base[30];
extern const uint8_t deflate_distance_extra[30];

struct code {
    uint16_t bits;
    uint8_t length;
};

/* Bits, lowest first. */
struct bits {
    struct buf out;
    uint64_t waiting;
    int count; /* of waiting, below 8 between calls */
};

/* Several codes, one after the other. */
struct code_run {
    uint64_t bits;
    unsigned count; /* at most DEFLATE_WRITE_MAX */
};

/* Where the stream is written: room for all of it was made before. */
struct writer {
    unsigned char *at;
    uint64_t waiting;
    unsigned count; /* below 64 */
};

void deflate_put_bits(struct bits *b, uint64_t value, int count);
/* Lengths of a Huffman code; counts of 0 get none. Counts are flattened until no code is longer than most. */
void deflate_make_lengths(const uint32_t *counts, int symbols, int most, uint8_t *lengths);
/* Canonical codes, their bits reversed: RFC 1951, section 3.2.2. */
void deflate_make_codes(const uint8_t *lengths, int symbols, struct code *codes);
/* The beginning of zlib's stream and of its only block, up to the lengths of all codes. */
void deflate_put_head(struct bits *b, const uint8_t *literals, const uint8_t *distances);

/* Symbols of lengths and distances go up in fours and twos from one power of two to the next. 258 has one of its own. */
static inline int deflate_length_symbol(size_t length)
{
    unsigned rest = (unsigned)length - DEFLATE_MATCH_MIN;
    int power = rest < 8 ? 0 : 31 - __builtin_clz(rest);

    return length == DEFLATE_MATCH_MAX ? 28 : power == 0 ? (int)rest : 4 * (power - 1) + (int)(rest >> (power - 2) & 3);
}

static inline int deflate_distance_symbol(size_t distance)
{
    unsigned rest = (unsigned)distance - 1;
    int power = rest < 4 ? 0 : 31 - __builtin_clz(rest);

    return power == 0 ? (int)rest : 2 * power + (int)(rest >> (power - 1) & 1);
}

static inline void deflate_add_bits(struct code_run *run, uint64_t bits, unsigned count)
{
    run->bits |= bits << run->count;
    run->count += count;
}

/* count at most DEFLATE_WRITE_MAX; value has no bits beyond. */
static inline void deflate_write_bits(struct writer *w, uint64_t value, unsigned count)
{
    w->waiting |= value << w->count;
    memcpy(w->at, &w->waiting, 8);
    w->count += count;
    w->at += w->count >> 3;
    w->waiting >>= w->count & ~7u;
    w->count &= 7;
}

static inline void deflate_write_code(struct writer *w, struct code code)
{
    deflate_write_bits(w, code.bits, code.length);
}

/* Four bytes at a time; the writer is worked on in registers. */
static inline void deflate_write_text(const struct code *literals, struct writer *to, const unsigned char *text, size_t length)
{
    struct writer w = *to;
    size_t i = 0;

    for (; i + 3 < length; i += 4) {
        struct code a = literals[text[i]], b = literals[text[i + 1]];
        struct code c = literals[text[i + 2]], d = literals[text[i + 3]];
        unsigned two = (unsigned)a.length + b.length;
        uint32_t low = a.bits | (uint32_t)b.bits << a.length, high = c.bits | (uint32_t)d.bits << c.length;

        deflate_write_bits(&w, low | (uint64_t)high << two, two + c.length + d.length);
    }
    for (; i < length; i++)
        deflate_write_code(&w, literals[text[i]]);
    *to = w;
}

#endif
