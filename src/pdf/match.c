#include "pdf/match.h"

#include <stdlib.h>
#include <string.h>

#include "pdf/deflate.h"

static unsigned hash_of(const char *p)
{
    uint32_t three = (uint32_t)(unsigned char)p[0] | (uint32_t)(unsigned char)p[1] << 8 | (uint32_t)(unsigned char)p[2] << 16;

    return three * 2654435761u >> (32 - MATCH_HASH_BITS);
}

bool matcher_start(struct matcher *m, const char *text, size_t length, size_t least)
{
    m->text = text;
    m->least = least;
    m->left = calloc(length + 1, sizeof *m->left);
    m->before = calloc(length + 1, sizeof *m->before);
    memset(m->heads, 0xFF, sizeof m->heads);
    return m->left && m->before;
}

void matcher_stop(struct matcher *m)
{
    free(m->left);
    free(m->before);
}

static void learn(struct matcher *m, size_t at)
{
    unsigned hash;

    if (m->left[at] < m->least)
        return;
    hash = hash_of(m->text + at);
    m->before[at] = m->heads[hash];
    m->heads[hash] = (int32_t)at;
}

/* The longest match, the nearest of those: from within a part to within a part. */
static struct token find(const struct matcher *m, size_t at)
{
    const char *text = m->text;
    size_t most = m->left[at] < DEFLATE_MATCH_MAX ? m->left[at] : DEFLATE_MATCH_MAX;
    struct token best = {0, 0, false};

    if (most < m->least)
        return best;
    for (int32_t from = m->heads[hash_of(text + at)]; from >= 0 && at - (size_t)from < DEFLATE_WINDOW; from = m->before[from]) {
        size_t n = 0, there = m->left[from] < most ? m->left[from] : most;

        if (best.value >= there || text[(size_t)from + best.value] != text[at + best.value])
            continue; /* it cannot be longer */
        while (n < there && text[(size_t)from + n] == text[at + n])
            n++;
        if (n >= m->least && n > best.value)
            best = (struct token){(uint32_t)from, (uint16_t)n, true};
    }
    return best;
}

/* A match waits for a longer one a byte later. */
size_t matcher_part(struct matcher *m, size_t at, size_t end, struct token *tokens)
{
    size_t count = 0;

    for (size_t i = at; i < end; i++)
        m->left[i] = (uint32_t)(end - i);
    while (at < end) {
        struct token match = find(m, at), later = {0, 0, false};

        learn(m, at);
        if (match.match && at + 1 < end)
            later = find(m, at + 1);
        if (!match.match || later.value > match.value)
            match = (struct token){0, (unsigned char)m->text[at], false};
        tokens[count++] = match;
        at++;
        for (size_t i = 1; match.match && i < match.value; i++)
            learn(m, at++);
    }
    return count;
}
