#include "pdf/quick.h"

#include <libdeflate.h>
#include <stdlib.h>

#include "pdf/deflate.h"

#define QUICK_BITS 10

struct quick {
    struct code literals[DEFLATE_LITERALS + 2], distances[DEFLATE_DISTANCES]; /* two lengths that nobody uses have codes too */
    struct code_run matches[DEFLATE_MATCH_MAX + 1];                           /* by length: its code and extra bits */
};

struct quick *quick_new(void)
{
    struct quick *q = calloc(1, sizeof *q);
    uint8_t lengths[DEFLATE_LITERALS + 2];

    if (!q)
        return NULL;
    for (int i = 0; i < DEFLATE_LITERALS + 2; i++)
        lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    deflate_make_codes(lengths, DEFLATE_LITERALS + 2, q->literals);
    memset(lengths, 5, DEFLATE_DISTANCES);
    deflate_make_codes(lengths, DEFLATE_DISTANCES, q->distances);
    for (size_t length = DEFLATE_MATCH_MIN; length <= DEFLATE_MATCH_MAX; length++) {
        int symbol = deflate_length_symbol(length);

        deflate_add_bits(&q->matches[length], q->literals[257 + symbol].bits, q->literals[257 + symbol].length);
        deflate_add_bits(&q->matches[length], length - deflate_length_base[symbol], deflate_length_extra[symbol]);
    }
    return q;
}

static void write_match(const struct quick *q, struct writer *w, size_t length, size_t distance)
{
    struct code_run run = q->matches[length];
    int symbol = deflate_distance_symbol(distance);

    deflate_add_bits(&run, q->distances[symbol].bits, q->distances[symbol].length);
    deflate_add_bits(&run, distance - deflate_distance_base[symbol], deflate_distance_extra[symbol]);
    deflate_write_bits(w, run.bits, run.count);
}

/* Reads a byte more. */
static inline uint32_t three_at(const char *p)
{
    uint32_t four;

    memcpy(&four, p, 4);
    return four & 0xFFFFFF;
}

/* At least three bytes are the same. */
static inline size_t same_length(const char *a, const char *b, size_t most)
{
    size_t n = DEFLATE_MATCH_MIN;

    for (; n + 8 <= most; n += 8) {
        uint64_t x, y;

        memcpy(&x, a + n, 8);
        memcpy(&y, b + n, 8);
        if (x != y)
            return n + (size_t)__builtin_ctzll(x ^ y) / 8;
    }
    while (n < most && a[n] == b[n])
        n++;
    return n;
}

bool quick_write(const struct quick *q, const char *text, size_t length, struct buf *out)
{
    uint32_t heads[1 << QUICK_BITS] = {0}; /* where the three bytes stood last; else the text's beginning, which may be the same too */
    struct writer w = {.waiting = 0};
    size_t at = 1, plain = 0; /* from where on literals are not written yet */
    uint32_t sum = libdeflate_adler32(1, text, length);

    out->length = 0;
    if (length > UINT32_MAX / 2 || !buf_reserve(out, 2 * length + 64)) /* 9 bits a literal, 31 a match at most */
        return false;
    w.at = (unsigned char *)out->data;
    deflate_write_bits(&w, 0x5E78, 16);    /* zlib, 32 KB window, default level */
    deflate_write_bits(&w, 1 | 1 << 1, 3); /* the last block, of fixed codes */
    while (at + DEFLATE_MATCH_MIN < length) {
        uint32_t three = three_at(text + at), *head = &heads[three * 2654435761u >> (32 - QUICK_BITS)];
        size_t from = *head, n;

        *head = (uint32_t)at;
        if (three_at(text + from) != three || at - from > DEFLATE_WINDOW) {
            at++;
            continue;
        }
        n = same_length(text + from, text + at, length - at < DEFLATE_MATCH_MAX ? length - at : DEFLATE_MATCH_MAX);
        deflate_write_text(q->literals, &w, (const unsigned char *)text + plain, at - plain);
        write_match(q, &w, n, at - from);
        at += n;
        plain = at;
    }
    deflate_write_text(q->literals, &w, (const unsigned char *)text + plain, length - plain);
    deflate_write_code(&w, q->literals[DEFLATE_END]);
    w.at += w.count > 0;
    for (int shift = 24; shift >= 0; shift -= 8)
        *w.at++ = (unsigned char)(sum >> shift);
    out->length = (size_t)((char *)w.at - out->data);
    return true;
}
