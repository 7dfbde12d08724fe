#include "pdf/phrase.h"

#include <stdlib.h>

#include "pdf/match.h"

#define MATCH_LEAST 4                                        /* one of three bytes takes as many bits as they do */
#define LONGEST ((size_t)1 << 27)                            /* of a text: its sums are not reduced */
#define UNWRITTEN 0x80000000u                                /* a place from which every distance is too long */
#define STEP_BITS (DEFLATE_WRITE_MAX - DEFLATE_BITS_MAX - 5) /* behind them a match's length fits */

/* Bits that are always the same, and a match in another part or none. */
struct step {
    uint64_t bits;        /* what lies within the part; then the length of the match */
    int32_t back;         /* the match's place in this part less the other's in its part */
    uint32_t part, from;  /* the other part; where in the text of all parts it stands */
    uint16_t length;      /* 0: there is no match */
    uint8_t plain, count; /* of bits: without the match's length, and with it */
};

struct part {
    size_t at, length;     /* within the text of all parts */
    size_t first, end;     /* of its steps */
    struct sums sums;      /* of it alone */
    struct code_run again; /* the length of a match of all of it; empty where there is none so long */
};

struct phrases {
    struct deflate_codes codes;
    char *text; /* of all parts */
    size_t length, count;
    struct part *parts;
    struct step *steps;
};

/* While they are made. */
struct making {
    struct phrases *phrases;
    uint32_t *owners; /* by byte: its part */
    struct token *tokens;
    size_t *ends; /* by part: of its tokens */
    const char *likely;
    size_t likely_length;
    struct deflate_counts counts; /* times four */
};

/* With what stands between the parts on an average. */
static size_t expected_distance(const struct making *m, size_t at, struct token t)
{
    size_t parts = m->owners[at] - m->owners[t.from], distance = at - t.from + parts * m->likely_length / m->phrases->count;

    return distance < DEFLATE_WINDOW ? distance : DEFLATE_WINDOW;
}

/* Whether it can be one match when it comes again. */
static bool is_matchable(const struct part *part)
{
    return part->length >= DEFLATE_MATCH_MIN && part->length <= DEFLATE_MATCH_MAX;
}

static void count_tokens(struct making *m)
{
    size_t at = 0;

    for (int i = 0; i <= DEFLATE_END; i++)
        m->counts.literals[i] = 1; /* whatever may come between the parts */
    for (size_t i = 0; i < m->phrases->count; i++)
        if (is_matchable(&m->phrases->parts[i]))
            m->counts.literals[257 + deflate_length_symbol(m->phrases->parts[i].length)] += 1;
    for (int i = 0; i < DEFLATE_DISTANCES; i++)
        m->counts.distances[i] = 1;
    for (size_t i = 0; i < m->likely_length; i++)
        m->counts.literals[(unsigned char)m->likely[i]] += 4;
    for (size_t i = 0; m->phrases->count > 0 && i < m->ends[m->phrases->count - 1]; i++) {
        struct token t = m->tokens[i];

        m->counts.literals[t.match ? 257 + deflate_length_symbol(t.value) : t.value] += 4;
        if (t.match)
            m->counts.distances[deflate_distance_symbol(expected_distance(m, at, t))] += 4;
        at += token_length(t);
    }
}

static struct code_run length_run(const struct phrases *s, size_t length)
{
    int symbol = deflate_length_symbol(length);
    struct code_run run = {s->codes.literals[257 + symbol].bits, s->codes.literals[257 + symbol].length};

    deflate_add_bits(&run, length - deflate_length_base[symbol], deflate_length_extra[symbol]);
    return run;
}

static inline struct code_run distance_run(const struct phrases *s, uint32_t distance)
{
    int symbol = deflate_distance_symbol(distance);
    struct code_run run = {s->codes.distances[symbol].bits, s->codes.distances[symbol].length};

    deflate_add_bits(&run, distance - deflate_distance_base[symbol], deflate_distance_extra[symbol]);
    return run;
}

/* Appends to the step, or to the next one where it is full. */
static struct step *add_plain(struct step *step, struct code_run run)
{
    if (step->plain + run.count > STEP_BITS)
        step++;
    step->bits |= run.bits << step->plain;
    step->plain = step->count = (uint8_t)(step->plain + run.count);
    return step;
}

/* A match in another part ends the step. */
static struct step *add_match(const struct making *m, const struct part *part, struct step *step, size_t at, struct token t)
{
    const struct phrases *s = m->phrases;
    struct code_run run = length_run(s, t.value);

    step->part = m->owners[t.from];
    step->from = t.from;
    step->back = (int32_t)(at - part->at) - (int32_t)(t.from - s->parts[step->part].at);
    step->length = t.value;
    step->bits |= run.bits << step->plain;
    step->count = (uint8_t)(step->plain + run.count);
    return step + 1;
}

/* Returns the step behind the part's. */
static struct step *make_steps(const struct making *m, const struct part *part, const struct token *t, const struct token *end,
                               struct step *step)
{
    const struct phrases *s = m->phrases;
    size_t at = part->at;

    for (; t < end; t++) {
        if (!t->match) {
            step = add_plain(step, (struct code_run){s->codes.literals[t->value].bits, s->codes.literals[t->value].length});
        } else if (t->from >= part->at) {
            step = add_plain(step, length_run(s, t->value));
            step = add_plain(step, distance_run(s, (uint32_t)(at - t->from)));
        } else {
            step = add_match(m, part, step, at, *t);
        }
        at += token_length(*t);
    }
    return step->count > 0 ? step + 1 : step;
}

/* The room for steps that there are none of. */
static void give_back(struct phrases *s, size_t count)
{
    struct step *steps = realloc(s->steps, (count + 1) * sizeof *steps);

    if (steps)
        s->steps = steps;
}

static void code(struct making *m, struct matcher *matcher)
{
    struct phrases *s = m->phrases;
    struct step *step = s->steps;

    for (size_t i = 0, count = 0; i < s->count; i++)
        m->ends[i] = count += matcher_part(matcher, s->parts[i].at, s->parts[i].at + s->parts[i].length, m->tokens + count);
    count_tokens(m);
    deflate_make_block(&m->counts, &m->phrases->codes);
    for (size_t i = 0; i < s->count; i++) {
        struct part *part = &s->parts[i];

        part->first = (size_t)(step - s->steps);
        step = make_steps(m, part, m->tokens + (i > 0 ? m->ends[i - 1] : 0), m->tokens + m->ends[i], step);
        part->end = (size_t)(step - s->steps);
        if (is_matchable(part))
            part->again = length_run(s, part->length);
    }
    give_back(s, (size_t)(step - s->steps));
}

static void set_parts(struct phrases *s, const size_t *ends, uint32_t *owners)
{
    for (size_t i = 0; i < s->count; i++) {
        struct part *part = &s->parts[i];

        part->at = i > 0 ? ends[i - 1] : 0;
        part->length = ends[i] - part->at;
        for (size_t at = part->at; at < ends[i]; at++) {
            deflate_add_byte(&part->sums, (unsigned char)s->text[at]);
            owners[at] = (uint32_t)i;
        }
    }
}

struct phrases *phrases_make(const char *text, const size_t *ends, size_t count, const char *likely, size_t likely_length)
{
    struct phrases *s = calloc(1, sizeof *s);
    size_t length = count > 0 ? ends[count - 1] : 0;
    struct making m = {.phrases = s, .likely = likely, .likely_length = likely_length};
    struct matcher matcher;
    bool ok;

    m.owners = calloc(length + 1, sizeof *m.owners);
    m.tokens = calloc(length + 1, sizeof *m.tokens);
    m.ends = calloc(count + 1, sizeof *m.ends);
    if (s) {
        s->count = count;
        s->length = length;
        s->text = malloc(length + 1);
        s->parts = calloc(count + 1, sizeof *s->parts);
        s->steps = calloc(length + count + 1, sizeof *s->steps);
    }
    ok = matcher_start(&matcher, s ? s->text : NULL, length, MATCH_LEAST) && m.owners && m.tokens && m.ends;
    if (ok && s && s->text && s->parts && s->steps && length < LONGEST) {
        memcpy(s->text, text, length);
        set_parts(s, ends, m.owners);
        code(&m, &matcher);
    }
    if (s && s->codes.head.length == 0) {
        phrases_free(s);
        s = NULL;
    }
    matcher_stop(&matcher);
    free(m.owners);
    free(m.tokens);
    free(m.ends);
    return s;
}

void phrases_free(struct phrases *s)
{
    if (!s)
        return;
    free(s->text);
    free(s->parts);
    free(s->steps);
    buf_free(&s->codes.head);
    free(s);
}

/* Of so many bytes of text: 14 bits each at most, as literals or matched. */
static bool reserve(struct phrase_writer *w, size_t length)
{
    size_t used;

    w->out.failed |= w->length + length > LONGEST;
    if (w->out.failed)
        return false;
    used = (size_t)((char *)w->bits.at - w->out.data);
    if (w->out.capacity - used >= 2 * length + 32)
        return true;
    w->out.length = used;
    if (!buf_reserve(&w->out, 2 * length + 32))
        return false;
    w->bits.at = (unsigned char *)w->out.data + used;
    return true;
}

void phrase_start(struct phrase_writer *w, const struct phrases *s)
{
    w->phrases = s;
    w->length = 0;
    w->sums = DEFLATE_SUMS;
    w->out.length = 0;
    if (w->room < s->count) {
        free(w->places);
        w->places = malloc(s->count * sizeof *w->places);
        w->room = w->places ? s->count : 0;
        w->out.failed |= !w->places;
    }
    if (!buf_reserve(&w->out, s->codes.head.length + 32))
        return;
    for (size_t i = 0; i < s->count; i++)
        w->places[i] = UNWRITTEN;
    w->bits = deflate_begin(&s->codes, w->out.data);
}

static inline bool is_distance(uint32_t distance)
{
    return distance - 1 < DEFLATE_WINDOW;
}

static inline void write_run(struct writer *w, struct code_run run)
{
    deflate_write_bits(w, run.bits, run.count);
}

static void write_steps(struct phrase_writer *to, const struct part *part)
{
    const struct phrases *s = to->phrases;
    struct writer w = to->bits;
    struct sums ignored = {0}; /* those of the part are known */

    for (const struct step *step = s->steps + part->first; step < s->steps + part->end; step++) {
        uint32_t distance;

        if (step->length == 0) {
            deflate_write_bits(&w, step->bits, step->count);
            continue;
        }
        distance = (uint32_t)to->length + (uint32_t)step->back - to->places[step->part];
        if (is_distance(distance)) {
            deflate_write_bits(&w, step->bits, step->count);
            write_run(&w, distance_run(s, distance));
        } else {
            deflate_write_bits(&w, step->bits & (((uint64_t)1 << step->plain) - 1), step->plain);
            deflate_write_text(s->codes.literals, &w, &ignored, (const unsigned char *)s->text + step->from, step->length);
        }
    }
    to->bits = w;
}

void phrase_part(struct phrase_writer *w, size_t n)
{
    const struct part *part = &w->phrases->parts[n];
    uint32_t distance;

    if (!reserve(w, part->length))
        return;
    distance = (uint32_t)w->length - w->places[n];
    if (part->again.count > 0 && is_distance(distance)) {
        write_run(&w->bits, part->again);
        write_run(&w->bits, distance_run(w->phrases, distance));
    } else {
        write_steps(w, part);
    }
    w->places[n] = (uint32_t)w->length;
    deflate_add_known(&w->sums, part->length, &part->sums);
    w->length += part->length;
}

void phrase_text(struct phrase_writer *w, const char *text, size_t length)
{
    if (!reserve(w, length))
        return;
    deflate_write_text(w->phrases->codes.literals, &w->bits, &w->sums, (const unsigned char *)text, length);
    w->length += length;
}

bool phrase_end(struct phrase_writer *w)
{
    if (!reserve(w, 1))
        return false;
    deflate_write_end(&w->bits, w->phrases->codes.literals[DEFLATE_END], &w->sums);
    w->out.length = (size_t)((char *)w->bits.at - w->out.data);
    return true;
}

void phrase_writer_free(struct phrase_writer *w)
{
    free(w->places);
    buf_free(&w->out);
    *w = (struct phrase_writer){0};
}
