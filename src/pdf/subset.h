/* A font reduced to some characters, for embedding. */
#ifndef PDF_SUBSET_H
#define PDF_SUBSET_H

#include "base/error.h"
#include "layout/font.h"

struct subset {
    char *data; /* CFF, glyphs named as in WinAnsiEncoding; owned */
    size_t size;
    uint16_t *glyphs; /* by unit: glyph in the subset, 0 where it is not in; 65,536 of them, owned */
    uint16_t *units;  /* by glyph; owned */
    size_t glyph_count;
};

/* wanted: by unit, 65,536 of them; what the font does not cover is left out. */
bool subset_make(const struct font *font, const uint8_t *wanted, struct subset *out, struct tc_error *err);
void subset_free(struct subset *s);

#endif
