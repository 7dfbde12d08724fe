/* What the shipped fonts can draw, and how wide. Both weights cover the same characters. */
#ifndef LAYOUT_FONT_H
#define LAYOUT_FONT_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

/* What is true of a character: a set of these. */
enum letter {
    LETTER_COVERED = 1, /* the font has it */
    LETTER_USUAL = 2,   /* as in most texts */
    LETTER_WESTERN = 4, /* or of a western European name */
    LETTER_LATIN = 8,   /* or of another Latin name, without sequences */
    LETTER_PLAIN = 16,  /* ASCII, and no sign that PDF's strings write otherwise */
};

/* A text as the font's characters: code points of the Basic Multilingual Plane, where a sequence of DIN 91379 is one
 * private-use code point. */
struct glyphs {
    const uint16_t *units;
    size_t count;
    int width;      /* thousandths of the font size */
    uint8_t common; /* what is true of all of them, of enum letter; of none, everything is */
};

struct font_sequence {
    uint16_t unit; /* private use */
    uint16_t points[3];
    int count;
};

struct font {
    char *data; /* the OpenType file, with CFF outlines; owned */
    size_t size;
    uint16_t *advances;              /* by code point, thousandths; owned */
    uint8_t *covered;                /* by code point: what is true of it, of enum letter, or 0; owned */
    struct font_sequence *sequences; /* owned */
    size_t sequence_count;
};

/* Loads <folder>/taxcert-sans-<weight>.otf and sequences.tsv. */
bool font_load(const char *folder, const char *weight, struct font *font, struct tc_error *err);
void font_free(struct font *font);

/* NFC, then the longest sequences. False where a character cannot be drawn right: not covered, a combining mark that
 * belongs to no sequence, private use in the input. */
bool font_shape(const struct font *font, const char *text, struct arena *arena, struct glyphs *out);

/* Width in hundredths of a millimetre at a size in tenths of a point. */
int font_width(const struct glyphs *glyphs, int size);

#endif
