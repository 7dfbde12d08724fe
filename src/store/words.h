/* The words that people are found by, in blocks of people, and which blocks have which pieces of words: whoever looks for a word of three letters or
 * four digits reads few blocks. Knows no database: the ledger keeps the blocks' texts and the pieces' bits, each under a number.
 *
 * A piece is four digits, or three other bytes that are not all digits, of one word. Blocks come in segments; of a segment each piece has a bit a
 * block. A segment of few blocks has no bits: all of them are read. */
#ifndef STORE_WORDS_H
#define STORE_WORDS_H

#include <stdint.h>

#include "base/buf.h"

#define WORDS_PEOPLE 64    /* in a block */
#define WORDS_SEGMENT 1024 /* blocks in a segment */
#define WORDS_LEAST 64     /* blocks that a segment has bits from */
#define WORDS_BITS 2048    /* bytes of one row of bits */
#define WORDS_ROWS 1024    /* of bits, of a segment at most */

/* What is made while people are added. */
struct words {
    struct buf text;     /* the block in hand */
    int people, blocks;  /* in it; before it, in the segment in hand */
    int64_t block;       /* its number, over all segments */
    uint8_t *of_block;   /* a bit a piece: whether the block in hand has it */
    uint8_t *of_segment; /* by piece, a bit a block */
    uint8_t *row;        /* WORDS_BITS, see words_bits */
};

/* False when memory ran out; frees nothing. */
bool words_start(struct words *w);
void words_free(struct words *w);
/* words: folded, with single blanks between them. False when memory ran out. */
bool words_add(struct words *w, int64_t number, const char *words);
/* After the block's text was kept: begins the next one. */
void words_end_block(struct words *w);
/* After the segment's bits were kept: begins the next one. */
void words_end_segment(struct words *w);

/* How many rows of bits a segment of so many blocks has: 0, or a power of two up to WORDS_ROWS. */
int words_rows(int blocks);
/* The row of this index, of the segment in hand; NULL where no piece in it is in any block. Borrowed until the next call. */
const uint8_t *words_bits(struct words *w, int row);

/* The piece at this place of a word, or -1. left: bytes from there on. */
int words_piece(const char *at, size_t left);
/* Where a segment of so many blocks has the bits of a piece: row, first byte in it, and bytes. */
struct words_place {
    int row, at, length;
};
struct words_place words_place(int piece, int blocks);

/* Goes through a block's text: calls with the number of each whose words hold all of these. False where the call does, or the text is none. */
bool words_look(const char *text, size_t length, const char *const *words, size_t count, bool (*call)(void *ctx, int64_t number),
                void *ctx);

#endif
