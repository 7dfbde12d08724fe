#include "pdf/splice.h"

#include <stdlib.h>

#include "pdf/deflate.h"

#define HASH_BITS 12
#define RUN_MAX (1 + DEFLATE_MATCH_MAX)

/* A literal (distance 0) or a match. */
struct token {
    uint16_t value; /* byte or length */
    uint16_t distance;
};

/* The coded fixed text up to a place, or to the end. */
struct part {
    size_t first_word, bit_count; /* within words */
};

struct splice {
    struct code literals[DEFLATE_LITERALS], distances[DEFLATE_DISTANCES];
    struct splice_place *places;
    size_t count, length;
    uint64_t *words;
    struct part *parts;                  /* count + 1 */
    struct code_run blanks[RUN_MAX + 1]; /* by length: one and its repetition, or a few */
    struct buf head;                     /* zlib's and the block's; whole bytes */
    uint32_t head_rest;                  /* the bits behind them */
    int head_count;
    uint64_t sum, weighted; /* Adler-32's two sums over the text with blanks, not reduced */
};

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

    if (at + DEFLATE_MATCH_MIN > f->length)
        return;
    hash = hash_of(f->text + at);
    f->before[at] = f->heads[hash];
    f->heads[hash] = (int32_t)at;
}

/* The longest match of fixed text in fixed text, the nearest of those. */
static struct token find(const struct finder *f, size_t at, size_t most)
{
    struct token best = {0, 0};

    if (most > DEFLATE_MATCH_MAX)
        most = DEFLATE_MATCH_MAX;
    if (most < DEFLATE_MATCH_MIN)
        return best;
    for (int32_t from = f->heads[hash_of(f->text + at)]; from >= 0 && at - (size_t)from < DEFLATE_WINDOW; from = f->before[from]) {
        size_t n = 0;

        if (best.value == most || f->text[(size_t)from + best.value] != f->text[at + best.value])
            continue; /* it cannot be longer */
        while (n < most && f->fixed[(size_t)from + n] && f->text[(size_t)from + n] == f->text[at + n])
            n++;
        if (n >= DEFLATE_MATCH_MIN && n > best.value)
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
    for (int i = 0; i < DEFLATE_LITERALS; i++)
        literals[i] = 1; /* whatever may come at a place */
    for (size_t i = 0; i < likely_length; i++)
        literals[(unsigned char)likely[i]] += 4;
    literals[' '] += 4 * (uint32_t)s->count;
    distances[0] = distances[1] = 1;
    for (size_t i = 0; i < s->count; i++) {
        literals[257 + deflate_length_symbol(s->places[i].width > 40 ? 35 : 10)] += 4;
        distances[0] += 4;
    }
    for (size_t i = 0; i < count; i++) {
        literals[tokens[i].distance ? 257 + deflate_length_symbol(tokens[i].value) : tokens[i].value] += 4;
        if (tokens[i].distance)
            distances[deflate_distance_symbol(tokens[i].distance)] += 4;
    }
}

static void put_token(const struct splice *s, struct bits *b, struct token t)
{
    int symbol = t.distance ? deflate_length_symbol(t.value) : 0, distance;

    if (!t.distance) {
        deflate_put_bits(b, s->literals[t.value].bits, s->literals[t.value].length);
        return;
    }
    deflate_put_bits(b, s->literals[257 + symbol].bits, s->literals[257 + symbol].length);
    deflate_put_bits(b, (uint64_t)(t.value - deflate_length_base[symbol]), deflate_length_extra[symbol]);
    distance = deflate_distance_symbol(t.distance);
    deflate_put_bits(b, s->distances[distance].bits, s->distances[distance].length);
    deflate_put_bits(b, (uint64_t)(t.distance - deflate_distance_base[distance]), deflate_distance_extra[distance]);
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
            deflate_put_bits(&b, s->literals[DEFLATE_END].bits, s->literals[DEFLATE_END].length);
        bits = b.out.length * 8 + (size_t)b.count;
        s->parts[part] = (struct part){all.length / 8, bits};
        deflate_put_bits(&b, 0, 71 - b.count); /* at least a whole word behind the last bit */
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

/* One blank and its repetition; blanks that are too few for that one by one. */
static void code_blanks(struct splice *s)
{
    const struct code blank = s->literals[' '], back = s->distances[0];

    for (size_t length = 1; length <= RUN_MAX; length++) {
        struct code_run *run = &s->blanks[length];
        size_t single = length - 1 < DEFLATE_MATCH_MIN ? length : 1;
        int symbol = single == length ? 0 : deflate_length_symbol(length - 1);

        for (size_t i = 0; i < single; i++)
            deflate_add_bits(run, blank.bits, blank.length);
        if (single == length)
            continue;
        deflate_add_bits(run, s->literals[257 + symbol].bits, s->literals[257 + symbol].length);
        deflate_add_bits(run, length - 1 - deflate_length_base[symbol], deflate_length_extra[symbol]);
        deflate_add_bits(run, back.bits, back.length);
    }
}

static bool code(struct splice *s, const char *text, const char *likely, size_t likely_length)
{
    struct finder f = {.text = text, .length = s->length};
    struct token *tokens = calloc(s->length + 1, sizeof *tokens);
    size_t *ends = calloc(s->count + 1, sizeof *ends), count, place = 0;
    uint8_t *fixed = calloc(s->length + DEFLATE_MATCH_MAX + 1, 1), literal_lengths[DEFLATE_LITERALS], distance_lengths[DEFLATE_DISTANCES];
    uint32_t literals[DEFLATE_LITERALS], distances[DEFLATE_DISTANCES] = {0};
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
    deflate_make_lengths(literals, DEFLATE_LITERALS, DEFLATE_BITS_MAX, literal_lengths);
    deflate_make_lengths(distances, DEFLATE_DISTANCES, DEFLATE_BITS_MAX, distance_lengths);
    deflate_make_codes(literal_lengths, DEFLATE_LITERALS, s->literals);
    deflate_make_codes(distance_lengths, DEFLATE_DISTANCES, s->distances);
    code_blanks(s);
    deflate_put_head(&head, literal_lengths, distance_lengths);
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
        deflate_write_bits(w, *words & 0xFFFFFFFF, 32);
        deflate_write_bits(w, *words >> 32 & (((uint64_t)1 << (bits - 32)) - 1), (unsigned)bits - 32);
    } else {
        deflate_write_bits(w, *words & (((uint64_t)1 << bits) - 1), (unsigned)bits);
    }
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
        deflate_write_bits(w, s->blanks[RUN_MAX].bits, s->blanks[RUN_MAX].count);
    deflate_write_bits(w, s->blanks[count].bits, s->blanks[count].count);
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
        deflate_write_text(s->literals, &w, text, length);
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
