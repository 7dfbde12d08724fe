#include "pdf/splice.h"

#include <stdlib.h>

#include "pdf/deflate.h"
#include "pdf/match.h"

#define RUN_MAX (1 + DEFLATE_MATCH_MAX)

/* A place in the coded text. */
struct cut {
    size_t width, behind; /* bytes of text: its own, and from where it begins to the end */
    size_t begin, end;    /* bits: where those of its blanks are */
};

struct splice {
    struct deflate_codes codes;
    struct code_run blanks[RUN_MAX + 1]; /* by length: one and its repetition, or a few */
    struct buf coded;                    /* the text with blanks at its places, up to the end of the block; and DEFLATE_CODED_ROOM */
    size_t end;                          /* its bits */
    struct sums sums;                    /* of that text */
    struct cut *cuts;
    size_t count, length;
};

/* While it is made. */
struct making {
    struct splice *s;
    struct token *tokens;
    size_t *ends;                 /* by part, the fixed text up to a place or to the end: of its tokens */
    struct deflate_counts counts; /* times four */
};

/* Where in the text the part before a place begins. */
static size_t part_at(const struct splice *s, size_t part)
{
    return part > 0 ? s->length - s->cuts[part - 1].behind + s->cuts[part - 1].width : 0;
}

static size_t part_end(const struct splice *s, size_t part)
{
    return part < s->count ? s->length - s->cuts[part].behind : s->length;
}

static void count_tokens(struct making *m, const char *likely, size_t likely_length)
{
    const struct splice *s = m->s;

    for (int i = 0; i < DEFLATE_LITERALS; i++)
        m->counts.literals[i] = 1; /* whatever may come at a place */
    for (size_t i = 0; i < likely_length; i++)
        m->counts.literals[(unsigned char)likely[i]] += 4;
    m->counts.literals[' '] += 4 * (uint32_t)s->count;
    m->counts.distances[0] = m->counts.distances[1] = 1;
    for (size_t part = 0, i = 0; part <= s->count; part++) {
        size_t at = part_at(s, part);

        if (part > 0) {
            m->counts.literals[257 + deflate_length_symbol(s->cuts[part - 1].width > 40 ? 35 : 10)] += 4;
            m->counts.distances[0] += 4;
        }
        for (; i < m->ends[part]; at += token_length(m->tokens[i++])) {
            struct token t = m->tokens[i];

            m->counts.literals[t.match ? 257 + deflate_length_symbol(t.value) : t.value] += 4;
            if (t.match)
                m->counts.distances[deflate_distance_symbol(at - t.from)] += 4;
        }
    }
}

/* One blank and its repetition; blanks that are too few for that one by one. */
static void code_blanks(struct splice *s)
{
    const struct code blank = s->codes.literals[' '], back = s->codes.distances[0];

    for (size_t length = 1; length <= RUN_MAX; length++) {
        struct code_run *run = &s->blanks[length];
        size_t single = length - 1 < DEFLATE_MATCH_MIN ? length : 1;
        int symbol = single == length ? 0 : deflate_length_symbol(length - 1);

        for (size_t i = 0; i < single; i++)
            deflate_add_bits(run, blank.bits, blank.length);
        if (single == length)
            continue;
        deflate_add_bits(run, s->codes.literals[257 + symbol].bits, s->codes.literals[257 + symbol].length);
        deflate_add_bits(run, length - 1 - deflate_length_base[symbol], deflate_length_extra[symbol]);
        deflate_add_bits(run, back.bits, back.length);
    }
}

static void put_token(const struct splice *s, struct bits *b, struct token t, size_t distance)
{
    int symbol = t.match ? deflate_length_symbol(t.value) : 0, back;

    if (!t.match) {
        deflate_put_bits(b, s->codes.literals[t.value].bits, s->codes.literals[t.value].length);
        return;
    }
    deflate_put_bits(b, s->codes.literals[257 + symbol].bits, s->codes.literals[257 + symbol].length);
    deflate_put_bits(b, (uint64_t)(t.value - deflate_length_base[symbol]), deflate_length_extra[symbol]);
    back = deflate_distance_symbol(distance);
    deflate_put_bits(b, s->codes.distances[back].bits, s->codes.distances[back].length);
    deflate_put_bits(b, distance - deflate_distance_base[back], deflate_distance_extra[back]);
}

static size_t bits_of(const struct bits *b)
{
    return b->out.length * 8 + (size_t)b->count;
}

static void put_blanks(struct splice *s, struct bits *b, struct cut *cut)
{
    size_t count = cut->width;

    cut->begin = bits_of(b);
    for (; count > RUN_MAX; count -= RUN_MAX)
        deflate_put_bits(b, s->blanks[RUN_MAX].bits, (int)s->blanks[RUN_MAX].count);
    deflate_put_bits(b, s->blanks[count].bits, (int)s->blanks[count].count);
    cut->end = bits_of(b);
}

/* All of the text, with its blanks. */
static bool code_text(const struct making *m)
{
    struct splice *s = m->s;
    struct bits b = {0};

    for (size_t part = 0, i = 0; part <= s->count; part++) {
        size_t at = part_at(s, part);

        for (; i < m->ends[part]; at += token_length(m->tokens[i++]))
            put_token(s, &b, m->tokens[i], at - m->tokens[i].from);
        if (part < s->count)
            put_blanks(s, &b, &s->cuts[part]);
    }
    s->end = bits_of(&b);
    for (int i = 0; i <= DEFLATE_CODED_ROOM; i++)
        deflate_put_bits(&b, 0, 8);
    s->coded = b.out;
    return !b.out.failed;
}

static bool code(struct splice *s, const char *text, const char *likely, size_t likely_length)
{
    struct matcher matcher;
    struct making m = {.s = s, .tokens = calloc(s->length + 1, sizeof *m.tokens), .ends = calloc(s->count + 1, sizeof *m.ends)};
    bool ok = matcher_start(&matcher, text, s->length, DEFLATE_MATCH_MIN) && m.tokens && m.ends;

    for (size_t part = 0, count = 0; ok && part <= s->count; part++)
        m.ends[part] = count += matcher_part(&matcher, part_at(s, part), part_end(s, part), m.tokens + count);
    if (ok) {
        count_tokens(&m, likely, likely_length);
        deflate_make_block(&m.counts, &s->codes);
        code_blanks(s);
        ok = code_text(&m) && !s->codes.head.failed;
    }
    matcher_stop(&matcher);
    free(m.tokens);
    free(m.ends);
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
    s->sums = DEFLATE_SUMS;
    for (size_t i = 0; i < length; i++)
        deflate_add_byte(&s->sums, (unsigned char)text[i]);
    s->cuts = calloc(count + 1, sizeof *s->cuts);
    for (size_t i = 0; s->cuts && i < count; i++)
        s->cuts[i] = (struct cut){.width = places[i].width, .behind = length - places[i].at};
    if (s->cuts && code(s, text, likely, likely_length))
        return s;
    splice_free(s);
    return NULL;
}

void splice_free(struct splice *s)
{
    if (!s)
        return;
    free(s->cuts);
    buf_free(&s->coded);
    buf_free(&s->codes.head);
    free(s);
}

static inline void write_blanks(const struct splice *s, struct writer *w, size_t count)
{
    for (; count > RUN_MAX; count -= RUN_MAX)
        deflate_write_bits(w, s->blanks[RUN_MAX].bits, s->blanks[RUN_MAX].count);
    deflate_write_bits(w, s->blanks[count].bits, s->blanks[count].count);
}

/* The text in the place of as many blanks, from where so many bytes come to the end; the sums change with it. */
static inline void write_value(const struct splice *s, struct writer *w, const unsigned char *text, size_t length, size_t behind,
                               struct sums *sums)
{
    struct sums own = {0, 0};

    deflate_write_text(s->codes.literals, w, &own, text, length);
    own.plain -= ' ' * length;
    own.weighted -= ' ' * (length * (length + 1) / 2);
    sums->plain += own.plain;
    sums->weighted += own.weighted + own.plain * (behind - length);
}

/* The empty form's bits up to a value's place, the value, and on from behind the place. */
bool splice_write(const struct splice *s, const struct splice_values *values, struct buf *out)
{
    const unsigned char *text = (const unsigned char *)values->text.data, *coded = (const unsigned char *)s->coded.data;
    struct writer w;
    struct sums sums = s->sums;
    size_t at = 0, from = 0;

    out->length = 0;
    if (!buf_reserve(out, s->codes.head.length + 2 * s->length + 64)) /* 14 bits a byte at most */
        return false;
    w = deflate_begin(&s->codes, out->data);
    for (size_t i = 0; i < values->count; i++) {
        const struct cut *cut = &s->cuts[values->list[i].place];
        size_t length = values->list[i].end - at;

        deflate_write_coded(&w, coded, from, cut->begin);
        write_value(s, &w, text + at, length, cut->behind, &sums);
        write_blanks(s, &w, cut->width - length);
        at = values->list[i].end;
        from = cut->end;
    }
    deflate_write_coded(&w, coded, from, s->end);
    deflate_write_end(&w, s->codes.literals[DEFLATE_END], &sums);
    out->length = (size_t)((char *)w.at - out->data);
    return true;
}
