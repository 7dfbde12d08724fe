#include "store/words.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define PIECES 16384
#define DIGITS 10000 /* pieces of four digits; behind them all others, by a hash */
#define STRIDE (WORDS_SEGMENT / 8)

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

int words_piece(const char *at, size_t left)
{
    uint32_t three;

    if (left < 3 || at[0] == ' ' || at[1] == ' ' || at[2] == ' ')
        return -1;
    if (is_digit(at[0]) && is_digit(at[1]) && is_digit(at[2]))
        return left > 3 && is_digit(at[3]) ? (at[0] - '0') * 1000 + (at[1] - '0') * 100 + (at[2] - '0') * 10 + (at[3] - '0') : -1;
    three = (uint32_t)(unsigned char)at[0] << 16 | (uint32_t)(unsigned char)at[1] << 8 | (unsigned char)at[2];
    return DIGITS + (int)((three * 0x9e3779b1u >> 8) % (PIECES - DIGITS));
}

bool words_start(struct words *w)
{
    *w = (struct words){.of_block = calloc(PIECES / 8, 1), .of_segment = calloc(PIECES, STRIDE), .row = malloc(WORDS_BITS)};
    return w->of_block && w->of_segment && w->row;
}

void words_free(struct words *w)
{
    buf_free(&w->text);
    free(w->of_block);
    free(w->of_segment);
    free(w->row);
    *w = (struct words){0};
}

bool words_add(struct words *w, int64_t number, const char *words)
{
    size_t length = strlen(words);

    for (size_t i = 0; i < length; i++) {
        int piece = words_piece(words + i, length - i);

        if (piece >= 0)
            w->of_block[piece / 8] |= (uint8_t)(1 << piece % 8);
    }
    buf_add(&w->text, words, length);
    buf_puts(&w->text, "\t");
    buf_fixed(&w->text, (long)number, 0);
    buf_puts(&w->text, "\n");
    w->people++;
    return !w->text.failed;
}

void words_end_block(struct words *w)
{
    for (int i = 0; i < PIECES / 8; i++)
        for (int bits = w->of_block[i]; bits; bits &= bits - 1)
            w->of_segment[(i * 8 + __builtin_ctz((unsigned)bits)) * STRIDE + w->blocks / 8] |= (uint8_t)(1 << w->blocks % 8);
    memset(w->of_block, 0, PIECES / 8);
    w->text.length = 0;
    w->people = 0;
    w->blocks++;
    w->block++;
}

void words_end_segment(struct words *w)
{
    memset(w->of_segment, 0, (size_t)PIECES * STRIDE);
    w->blocks = 0;
}

/* Bytes of a piece's bits: a power of two, so that rows are full. */
static int bytes_of(int blocks)
{
    int bytes = 1;

    while (bytes * 8 < blocks)
        bytes *= 2;
    return bytes;
}

int words_rows(int blocks)
{
    return blocks < WORDS_LEAST ? 0 : bytes_of(blocks) * PIECES / WORDS_BITS;
}

const uint8_t *words_bits(struct words *w, int row)
{
    int bytes = bytes_of(w->blocks), pieces = WORDS_BITS / bytes;
    uint8_t any = 0;

    for (int i = 0; i < pieces; i++)
        memcpy(w->row + i * bytes, w->of_segment + (size_t)(row * pieces + i) * STRIDE, (size_t)bytes);
    for (int i = 0; i < WORDS_BITS; i++)
        any |= w->row[i];
    return any ? w->row : NULL;
}

struct words_place words_place(int piece, int blocks)
{
    int bytes = bytes_of(blocks), pieces = WORDS_BITS / bytes;

    return (struct words_place){piece / pieces, piece % pieces * bytes, bytes};
}

static bool holds_all(const char *line, size_t length, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!memmem(line, length, words[i], strlen(words[i])))
            return false;
    return true;
}

static bool read_number(const char *at, const char *end, int64_t *number)
{
    bool below = at < end && *at == '-';

    *number = 0;
    at += below;
    if (at == end || end - at > 18)
        return false;
    for (; at < end && is_digit(*at); at++)
        *number = *number * 10 + (*at - '0');
    if (below)
        *number = -*number;
    return at == end;
}

bool words_look(const char *text, size_t length, const char *const *words, size_t count, bool (*call)(void *ctx, int64_t number), void *ctx)
{
    const char *end = text + length, *at = text, *hit;
    size_t first = strlen(words[0]);
    int64_t number;

    while (at < end && (hit = memmem(at, (size_t)(end - at), words[0], first)) != NULL) {
        const char *before = memrchr(at, '\n', (size_t)(hit - at)), *line = before ? before + 1 : at;
        const char *over = memchr(hit, '\n', (size_t)(end - hit)), *tab = memchr(line, '\t', (size_t)(end - line));

        if (!over || !tab || tab > over || !read_number(tab + 1, over, &number))
            return false;
        if (holds_all(line, (size_t)(tab - line), words, count) && !call(ctx, number))
            return false;
        at = over + 1;
    }
    return true;
}
