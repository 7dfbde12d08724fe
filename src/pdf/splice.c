#include "pdf/splice.h"

#include <libdeflate.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "bits are written eight bytes at a time, lowest first");

#define LITERALS 286 /* 256 bytes, end of block, 29 lengths: RFC 1951, section 3.2.5 */
#define DISTANCES 30
#define END 256
#define BITS_MAX 14 /* 15 is allowed; four of 14 fit a writer */
#define WRITE_MAX 56 /* bits written at once: up to seven wait */
#define WINDOW 32768
#define MATCH_MIN 3
#define MATCH_MAX 258
#define HASH_BITS 12
#define QUICK_BITS 10

_Static_assert(4 * BITS_MAX <= WRITE_MAX, "four codes are written at once");

static const uint16_t length_base[29] = {3,  4,  5,  6,  7,  8,  9,  10, 11, 13,  15,  17,  19,  23, 27,
                                         31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
static const uint8_t length_extra[29] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
static const uint16_t distance_base[30] = {1,   2,   3,   4,   5,   7,    9,    13,   17,   25,   33,   49,   65,    97,    129,
                                           193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
static const uint8_t distance_extra[30] = {0, 0, 0, 0, 1, 1, 2, 2,  3,  3,  4,  4,  5,  5,  6,
                                           6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13};

/* A literal (distance 0) or a match. */
struct token {
    uint16_t value; /* byte or length */
    uint16_t distance;
};

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

#define RUN_MAX (1 + MATCH_MAX)

/* Several codes, one after the other. */
struct run {
    uint64_t bits;
    unsigned count; /* at most WRITE_MAX */
};

/* The coded fixed text up to a place, or to the end. */
struct part {
    size_t first_word, bit_count; /* within words */
};

struct splice {
    struct code literals[LITERALS], distances[DISTANCES];
    struct splice_place *places;
    size_t count, length;
    uint64_t *words;
    struct part *parts; /* count + 1 */
    struct run blanks[RUN_MAX + 1]; /* by length: one and its repetition, or a few */
    struct buf head;    /* zlib's and the block's; whole bytes */
    uint32_t head_rest; /* the bits behind them */
    int head_count;
    uint64_t sum, weighted; /* Adler-32's two sums over the text with blanks, not reduced */
};

static void put_bits(struct bits *b, uint64_t value, int count)
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

/* Symbols of lengths and distances go up in fours and twos from one power of two to the next. 258 has one of its own. */
static int length_symbol(size_t length)
{
    unsigned rest = (unsigned)length - MATCH_MIN;
    int power = rest < 8 ? 0 : 31 - __builtin_clz(rest);

    return length == MATCH_MAX ? 28 : power == 0 ? (int)rest : 4 * (power - 1) + (int)(rest >> (power - 2) & 3);
}

static int distance_symbol(size_t distance)
{
    unsigned rest = (unsigned)distance - 1;
    int power = rest < 4 ? 0 : 31 - __builtin_clz(rest);

    return power == 0 ? (int)rest : 2 * power + (int)(rest >> (power - 1) & 1);
}

/* Lengths of a Huffman code; counts of 0 get none. Counts are flattened until no code is longer than most. */
static void make_lengths(const uint32_t *counts, int symbols, int most, uint8_t *lengths)
{
    uint64_t weight[2 * LITERALS];
    int parent[2 * LITERALS], nodes, shift = 0, longest;

    do {
        bool open[2 * LITERALS] = {false};
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

/* Canonical codes, their bits reversed: RFC 1951, section 3.2.2. */
static void make_codes(const uint8_t *lengths, int symbols, struct code *codes)
{
    unsigned next = 0;

    for (int length = 1; length <= BITS_MAX; length++, next <<= 1) {
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

/* Lengths of all codes, each by a code of its own: section 3.2.7, without its runs. */
static void put_head(struct bits *b, const uint8_t *literals, const uint8_t *distances)
{
    static const uint8_t order[19] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    uint32_t counts[19] = {0};
    uint8_t lengths[19];
    struct code codes[19] = {{0, 0}};

    for (int i = 0; i < LITERALS; i++)
        counts[literals[i]]++;
    for (int i = 0; i < DISTANCES; i++)
        counts[distances[i]]++;
    make_lengths(counts, 19, 7, lengths);
    make_codes(lengths, 19, codes);
    put_bits(b, 0x5E78, 16); /* zlib, 32 KB window, default level */
    put_bits(b, 1 | 2 << 1, 3); /* the last block, of dynamic codes */
    put_bits(b, LITERALS - 257, 5);
    put_bits(b, DISTANCES - 1, 5);
    put_bits(b, 19 - 4, 4);
    for (int i = 0; i < 19; i++)
        put_bits(b, lengths[order[i]], 3);
    for (int i = 0; i < LITERALS; i++)
        put_bits(b, codes[literals[i]].bits, codes[literals[i]].length);
    for (int i = 0; i < DISTANCES; i++)
        put_bits(b, codes[distances[i]].bits, codes[distances[i]].length);
}

struct finder {
    const char *text;
    const uint8_t *fixed; /* by byte: bytes of fixed text from here to the next place */
    size_t length;
    int32_t heads[1 << HASH_BITS], *before;
};

static unsigned hash_of(const char *p)
{
    uint32_t three = (uint32_t)(unsigned char)p[0] | (uint32_t)(unsigned char)p[1] << 8 | (uint32_t)(unsigned char)p[2] << 16;

    return three * 2654435761u >> (32 - HASH_BITS);
}

static void learn(struct finder *f, size_t at)
{
    unsigned hash;

    if (at + MATCH_MIN > f->length)
        return;
    hash = hash_of(f->text + at);
    f->before[at] = f->heads[hash];
    f->heads[hash] = (int32_t)at;
}

/* The longest match of fixed text in fixed text, the nearest of those. */
static struct token find(const struct finder *f, size_t at, size_t most)
{
    struct token best = {0, 0};

    if (most > MATCH_MAX)
        most = MATCH_MAX;
    if (most < MATCH_MIN)
        return best;
    for (int32_t from = f->heads[hash_of(f->text + at)]; from >= 0 && at - (size_t)from < WINDOW; from = f->before[from]) {
        size_t n = 0;

        if (best.value == most || f->text[(size_t)from + best.value] != f->text[at + best.value])
            continue; /* it cannot be longer */
        while (n < most && f->fixed[(size_t)from + n] && f->text[(size_t)from + n] == f->text[at + n])
            n++;
        if (n >= MATCH_MIN && n > best.value)
            best = (struct token){(uint16_t)n, (uint16_t)(at - (size_t)from)};
    }
    return best;
}

/* The tokens of the fixed text; those of part n end at ends[n]. A match waits for a longer one a byte later. */
static size_t tokenize(struct finder *f, const struct splice *s, struct token *tokens, size_t *ends)
{
    size_t at = 0, count = 0;

    for (size_t part = 0; part <= s->count; part++) {
        size_t end = part < s->count ? s->places[part].at : s->length;

        while (at < end) {
            struct token match = find(f, at, end - at), later = {0, 0};

            learn(f, at);
            if (match.value > 0)
                later = find(f, at + 1, end - at - 1);
            if (match.value == 0 || later.value > match.value) {
                tokens[count++] = (struct token){(unsigned char)f->text[at++], 0};
                continue;
            }
            tokens[count++] = match;
            for (size_t end_of = at + match.value; ++at < end_of;)
                learn(f, at);
        }
        ends[part] = count;
        at = end + (part < s->count ? s->places[part].width : 0);
    }
    return count;
}

static void count_tokens(const struct splice *s, const struct token *tokens, size_t count, const char *likely, size_t likely_length,
                         uint32_t *literals, uint32_t *distances)
{
    for (int i = 0; i < LITERALS; i++)
        literals[i] = 1; /* whatever may come at a place */
    for (size_t i = 0; i < likely_length; i++)
        literals[(unsigned char)likely[i]] += 4;
    literals[' '] += 4 * (uint32_t)s->count;
    distances[0] = distances[1] = 1;
    for (size_t i = 0; i < s->count; i++) {
        literals[257 + length_symbol(s->places[i].width > 40 ? 35 : 10)] += 4;
        distances[0] += 4;
    }
    for (size_t i = 0; i < count; i++) {
        literals[tokens[i].distance ? 257 + length_symbol(tokens[i].value) : tokens[i].value] += 4;
        if (tokens[i].distance)
            distances[distance_symbol(tokens[i].distance)] += 4;
    }
}

static void put_token(const struct splice *s, struct bits *b, struct token t)
{
    int symbol = t.distance ? length_symbol(t.value) : 0, distance;

    if (!t.distance) {
        put_bits(b, s->literals[t.value].bits, s->literals[t.value].length);
        return;
    }
    put_bits(b, s->literals[257 + symbol].bits, s->literals[257 + symbol].length);
    put_bits(b, (uint64_t)(t.value - length_base[symbol]), length_extra[symbol]);
    distance = distance_symbol(t.distance);
    put_bits(b, s->distances[distance].bits, s->distances[distance].length);
    put_bits(b, (uint64_t)(t.distance - distance_base[distance]), distance_extra[distance]);
}

/* Each part's bits, from a whole word on. */
static bool code_parts(struct splice *s, const struct token *tokens, const size_t *ends)
{
    struct buf all = {0};
    bool ok = true;

    for (size_t part = 0; ok && part <= s->count; part++) {
        struct bits b = {0};
        size_t bits;

        for (size_t i = part ? ends[part - 1] : 0; i < ends[part]; i++)
            put_token(s, &b, tokens[i]);
        if (part == s->count)
            put_bits(&b, s->literals[END].bits, s->literals[END].length);
        bits = b.out.length * 8 + (size_t)b.count;
        s->parts[part] = (struct part){all.length / 8, bits};
        put_bits(&b, 0, 71 - b.count); /* at least a whole word behind the last bit */
        ok = !b.out.failed;
        buf_add(&all, b.out.data, (bits + 63) / 64 * 8 <= b.out.length ? (bits + 63) / 64 * 8 : b.out.length);
        while (all.length % 8)
            buf_add(&all, "", 1);
        buf_free(&b.out);
    }
    s->words = malloc(all.length + 8);
    ok = ok && !all.failed && s->words;
    if (ok)
        memcpy(s->words, all.data, all.length);
    buf_free(&all);
    return ok;
}

static void add_bits(struct run *run, uint64_t bits, unsigned count)
{
    run->bits |= bits << run->count;
    run->count += count;
}

/* One blank and its repetition; blanks that are too few for that one by one. */
static void code_blanks(struct splice *s)
{
    const struct code blank = s->literals[' '], back = s->distances[0];

    for (size_t length = 1; length <= RUN_MAX; length++) {
        struct run *run = &s->blanks[length];
        size_t single = length - 1 < MATCH_MIN ? length : 1;
        int symbol = single == length ? 0 : length_symbol(length - 1);

        for (size_t i = 0; i < single; i++)
            add_bits(run, blank.bits, blank.length);
        if (single == length)
            continue;
        add_bits(run, s->literals[257 + symbol].bits, s->literals[257 + symbol].length);
        add_bits(run, length - 1 - length_base[symbol], length_extra[symbol]);
        add_bits(run, back.bits, back.length);
    }
}

static bool code(struct splice *s, const char *text, const char *likely, size_t likely_length)
{
    struct finder f = {.text = text, .length = s->length};
    struct token *tokens = calloc(s->length + 1, sizeof *tokens);
    size_t *ends = calloc(s->count + 1, sizeof *ends), count, place = 0;
    uint8_t *fixed = calloc(s->length + MATCH_MAX + 1, 1), literal_lengths[LITERALS], distance_lengths[DISTANCES];
    uint32_t literals[LITERALS], distances[DISTANCES] = {0};
    struct bits head = {0};
    bool ok;

    f.fixed = fixed;
    f.before = calloc(s->length + 1, sizeof *f.before);
    ok = tokens && ends && fixed && f.before;
    if (!ok)
        goto cleanup;
    memset(f.heads, 0xFF, sizeof f.heads);
    memset(fixed, 1, s->length);
    for (; place < s->count; place++)
        memset(fixed + s->places[place].at, 0, s->places[place].width);
    count = tokenize(&f, s, tokens, ends);
    count_tokens(s, tokens, count, likely, likely_length, literals, distances);
    make_lengths(literals, LITERALS, BITS_MAX, literal_lengths);
    make_lengths(distances, DISTANCES, BITS_MAX, distance_lengths);
    make_codes(literal_lengths, LITERALS, s->literals);
    make_codes(distance_lengths, DISTANCES, s->distances);
    code_blanks(s);
    put_head(&head, literal_lengths, distance_lengths);
    s->head = head.out;
    s->head_rest = (uint32_t)head.waiting;
    s->head_count = head.count;
    ok = !s->head.failed && code_parts(s, tokens, ends);
cleanup:
    free(tokens);
    free(ends);
    free(fixed);
    free(f.before);
    return ok;
}

struct splice *splice_make(const char *text, size_t length, const struct splice_place *places, size_t count, const char *likely,
                           size_t likely_length)
{
    struct splice *s = calloc(1, sizeof *s);

    if (!s)
        return NULL;
    s->count = count;
    s->length = length;
    s->places = calloc(count + 1, sizeof *s->places);
    s->parts = calloc(count + 1, sizeof *s->parts);
    s->sum = 1;
    s->weighted = length;
    for (size_t i = 0; i < length; i++) {
        s->sum += (unsigned char)text[i];
        s->weighted += (uint64_t)(unsigned char)text[i] * (length - i);
    }
    if (s->places && s->parts) {
        memcpy(s->places, places, count * sizeof *places);
        if (code(s, text, likely, likely_length))
            return s;
    }
    splice_free(s);
    return NULL;
}

void splice_free(struct splice *s)
{
    if (!s)
        return;
    free(s->places);
    free(s->parts);
    free(s->words);
    buf_free(&s->head);
    free(s);
}

/* Where the stream is written: room for all of it was made before. */
struct writer {
    unsigned char *at;
    uint64_t waiting;
    unsigned count; /* below 64 */
};

/* count at most WRITE_MAX; value has no bits beyond. */
static inline void write_bits(struct writer *w, uint64_t value, unsigned count)
{
    w->waiting |= value << w->count;
    memcpy(w->at, &w->waiting, 8);
    w->count += count;
    w->at += w->count >> 3;
    w->waiting >>= w->count & ~7u;
    w->count &= 7;
}

/* Whole words, each in two steps: what is waiting and most of it, then what is left over. */
static inline void write_part(struct writer *w, const uint64_t *words, size_t bits)
{
    for (; bits >= 64; bits -= 64, words++) {
        uint64_t out = w->waiting | *words << w->count;

        memcpy(w->at, &out, 8);
        w->at += 8;
        w->waiting = *words >> 1 >> (63 - w->count);
    }
    if (bits > 32) {
        write_bits(w, *words & 0xFFFFFFFF, 32);
        write_bits(w, *words >> 32 & (((uint64_t)1 << (bits - 32)) - 1), (unsigned)bits - 32);
    } else {
        write_bits(w, *words & (((uint64_t)1 << bits) - 1), (unsigned)bits);
    }
}

static inline void write_code(struct writer *w, struct code code)
{
    write_bits(w, code.bits, code.length);
}

/* Four bytes at a time; the writer is worked on in registers. */
static inline void write_text(const struct code *literals, struct writer *to, const unsigned char *text, size_t length)
{
    struct writer w = *to;
    size_t i = 0;

    for (; i + 3 < length; i += 4) {
        struct code a = literals[text[i]], b = literals[text[i + 1]];
        struct code c = literals[text[i + 2]], d = literals[text[i + 3]];
        unsigned two = (unsigned)a.length + b.length;
        uint32_t low = a.bits | (uint32_t)b.bits << a.length, high = c.bits | (uint32_t)d.bits << c.length;

        write_bits(&w, low | (uint64_t)high << two, two + c.length + d.length);
    }
    for (; i < length; i++)
        write_code(&w, literals[text[i]]);
    *to = w;
}

/* Adler-32's two sums, where blanks become this text, behind whose end so many bytes come. */
static void add_sums(const unsigned char *text, size_t length, size_t behind, uint64_t *sum, uint64_t *weighted)
{
    uint64_t plain = 0, rising = 0;

    for (size_t i = 0; i < length; i++) {
        plain += text[i];
        rising += plain;
    }
    plain -= ' ' * length;
    rising -= ' ' * (length * (length + 1) / 2);
    *sum += plain;
    *weighted += rising + plain * behind;
}

static inline void write_blanks(const struct splice *s, struct writer *w, size_t count)
{
    for (; count > RUN_MAX; count -= RUN_MAX)
        write_bits(w, s->blanks[RUN_MAX].bits, s->blanks[RUN_MAX].count);
    write_bits(w, s->blanks[count].bits, s->blanks[count].count);
}

bool splice_write(const struct splice *s, const char *values, const size_t *ends, struct buf *out)
{
    uint64_t sum = s->sum, weighted = s->weighted;
    struct writer w = {.waiting = s->head_rest, .count = (unsigned)s->head_count};
    size_t at = 0;

    out->length = 0;
    if (!buf_reserve(out, s->head.length + 2 * s->length + 64)) /* 14 bits a byte at most */
        return false;
    memcpy(out->data, s->head.data, s->head.length);
    w.at = (unsigned char *)out->data + s->head.length;
    for (size_t i = 0; i < s->count; i++) {
        const unsigned char *text = (const unsigned char *)values + at;
        size_t length = ends[i] - at;

        write_part(&w, s->words + s->parts[i].first_word, s->parts[i].bit_count);
        write_text(s->literals, &w, text, length);
        add_sums(text, length, s->length - s->places[i].at - length, &sum, &weighted);
        write_blanks(s, &w, s->places[i].width - length);
        at = ends[i];
    }
    write_part(&w, s->words + s->parts[s->count].first_word, s->parts[s->count].bit_count);
    w.at += w.count > 0;
    sum %= 65521;
    weighted %= 65521;
    *w.at++ = (unsigned char)(weighted >> 8);
    *w.at++ = (unsigned char)weighted;
    *w.at++ = (unsigned char)(sum >> 8);
    *w.at++ = (unsigned char)sum;
    out->length = (size_t)((char *)w.at - out->data);
    return true;
}

struct quick {
    struct code literals[LITERALS + 2], distances[DISTANCES]; /* two lengths that nobody uses have codes too */
    struct run matches[MATCH_MAX + 1];                        /* by length: its code and extra bits */
};

struct quick *quick_new(void)
{
    struct quick *q = calloc(1, sizeof *q);
    uint8_t lengths[LITERALS + 2];

    if (!q)
        return NULL;
    for (int i = 0; i < LITERALS + 2; i++)
        lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    make_codes(lengths, LITERALS + 2, q->literals);
    memset(lengths, 5, DISTANCES);
    make_codes(lengths, DISTANCES, q->distances);
    for (size_t length = MATCH_MIN; length <= MATCH_MAX; length++) {
        int symbol = length_symbol(length);

        add_bits(&q->matches[length], q->literals[257 + symbol].bits, q->literals[257 + symbol].length);
        add_bits(&q->matches[length], length - length_base[symbol], length_extra[symbol]);
    }
    return q;
}

static void write_match(const struct quick *q, struct writer *w, size_t length, size_t distance)
{
    struct run run = q->matches[length];
    int symbol = distance_symbol(distance);

    add_bits(&run, q->distances[symbol].bits, q->distances[symbol].length);
    add_bits(&run, distance - distance_base[symbol], distance_extra[symbol]);
    write_bits(w, run.bits, run.count);
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
    size_t n = MATCH_MIN;

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
    write_bits(&w, 0x5E78, 16); /* zlib, 32 KB window, default level */
    write_bits(&w, 1 | 1 << 1, 3); /* the last block, of fixed codes */
    while (at + MATCH_MIN < length) {
        uint32_t three = three_at(text + at), *head = &heads[three * 2654435761u >> (32 - QUICK_BITS)];
        size_t from = *head, n;

        *head = (uint32_t)at;
        if (three_at(text + from) != three || at - from > WINDOW) {
            at++;
            continue;
        }
        n = same_length(text + from, text + at, length - at < MATCH_MAX ? length - at : MATCH_MAX);
        write_text(q->literals, &w, (const unsigned char *)text + plain, at - plain);
        write_match(q, &w, n, at - from);
        at += n;
        plain = at;
    }
    write_text(q->literals, &w, (const unsigned char *)text + plain, length - plain);
    write_code(&w, q->literals[END]);
    w.at += w.count > 0;
    for (int shift = 24; shift >= 0; shift -= 8)
        *w.at++ = (unsigned char)(sum >> shift);
    out->length = (size_t)((char *)w.at - out->data);
    return true;
}
