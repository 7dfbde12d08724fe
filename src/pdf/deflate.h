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
#define DEFLATE_CODED_ROOM 7 /* bytes behind bits made before, which are read eight at a time */
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

/* How often each symbol is expected. */
struct deflate_counts {
    uint32_t literals[DEFLATE_LITERALS], distances[DEFLATE_DISTANCES];
};

/* The codes of a stream's only block, and how the stream begins with them. */
struct deflate_codes {
    struct code literals[DEFLATE_LITERALS], distances[DEFLATE_DISTANCES];
    struct buf head;    /* zlib's and the block's; whole bytes */
    uint32_t head_rest; /* the bits behind them */
    unsigned head_count;
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

/* Adler-32's two sums (RFC 1950, section 8.2), not reduced: of 128 MB they stay below 2^62. */
struct sums {
    uint64_t plain, weighted;
};

#define DEFLATE_SUMS ((struct sums){1, 0}) /* at the beginning of a stream */

void deflate_put_bits(struct bits *b, uint64_t value, int count);
/* Lengths of a Huffman code; counts of 0 get none. Counts are flattened until no code is longer than most. */
void deflate_make_lengths(const uint32_t *counts, int symbols, int most, uint8_t *lengths);
/* The head is to be freed; it has failed where memory ran out. */
void deflate_make_block(const struct deflate_counts *counts, struct deflate_codes *out);
/* Begins a stream at `at`, where there is room for the head and what follows. */
struct writer deflate_begin(const struct deflate_codes *codes, char *at);

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

/* The bits from `from` on, 56 of them at least. */
static inline uint64_t deflate_coded_at(const unsigned char *coded, size_t from)
{
    uint64_t bits;

    memcpy(&bits, coded + from / 8, 8);
    return bits >> from % 8;
}

/* Bits made before, from one up to another. What waits is filled up to a byte; from there on seven bytes at a time lie alike in both. */
static inline void deflate_write_coded(struct writer *to, const unsigned char *coded, size_t from, size_t end)
{
    struct writer w = *to;
    unsigned first = (8 - w.count) % 8;

    if (end - from < first)
        first = (unsigned)(end - from);
    deflate_write_bits(&w, deflate_coded_at(coded, from) & ((1u << first) - 1), first);
    for (from += first; end - from > 56; from += 56, w.at += 7)
        memcpy(w.at, &(uint64_t){deflate_coded_at(coded, from)}, 8);
    first = (unsigned)(end - from);
    deflate_write_bits(&w, deflate_coded_at(coded, from) & (((uint64_t)1 << first) - 1), first);
    *to = w;
}

/* Of a text known before, whose sums alone are these. */
static inline void deflate_add_known(struct sums *sums, size_t length, const struct sums *known)
{
    sums->weighted += sums->plain * length + known->weighted;
    sums->plain += known->plain;
}

static inline void deflate_add_byte(struct sums *sums, unsigned char byte)
{
    sums->plain += byte;
    sums->weighted += sums->plain;
}

/* Four bytes at a time, and their sums with them; both are worked on in registers. */
static inline void deflate_write_text(const struct code *literals, struct writer *to, struct sums *sums, const unsigned char *text,
                                      size_t length)
{
    struct writer w = *to;
    struct sums s = *sums;
    const unsigned char *end = text + length;

    for (; end - text >= 4; text += 4) {
        struct code a = literals[text[0]], b = literals[text[1]], c = literals[text[2]], d = literals[text[3]];
        unsigned two = (unsigned)a.length + b.length;
        uint32_t low = a.bits | (uint32_t)b.bits << a.length, high = c.bits | (uint32_t)d.bits << c.length;

        for (int k = 0; k < 4; k++)
            deflate_add_byte(&s, text[k]);
        deflate_write_bits(&w, low | (uint64_t)high << two, two + c.length + d.length);
    }
    for (; text < end; text++) {
        deflate_add_byte(&s, *text);
        deflate_write_code(&w, literals[*text]);
    }
    *to = w;
    *sums = s;
}

/* The end of the block, and the sums: the end of the stream. */
void deflate_write_end(struct writer *w, struct code end, const struct sums *sums);

#endif
