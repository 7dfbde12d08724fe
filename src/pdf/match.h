/* What of a text made ahead repeats what stands before it: deflate's literals and matches. The text is made of parts, which nothing
 * reaches across: between them something else may stand one day. */
#ifndef PDF_MATCH_H
#define PDF_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MATCH_HASH_BITS 12

/* A literal, or a match. */
struct token {
    uint32_t from;  /* of a match: where in the text stands what it repeats */
    uint16_t value; /* byte or length */
    bool match;
};

/* What was met of the text so far, by three bytes. */
struct matcher {
    const char *text;
    size_t least;                                 /* no match is shorter; 3 or more */
    uint32_t *left;                               /* by byte: how many of its part stand from here on; 0: it is in none; owned */
    int32_t heads[1 << MATCH_HASH_BITS], *before; /* owned */
};

/* False when memory ran out; stopped it is in any case. */
bool matcher_start(struct matcher *m, const char *text, size_t length, size_t least);
/* The tokens of the part from here up to end, at most one a byte; how many they are. Parts come in order. */
size_t matcher_part(struct matcher *m, size_t at, size_t end, struct token *tokens);
void matcher_stop(struct matcher *m);

/* How many bytes of text it is. */
static inline size_t token_length(struct token t)
{
    return t.match ? t.value : 1;
}

#endif
