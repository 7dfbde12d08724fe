/* The page's drawing operators: what is the same for everyone, cut at the slots, and one person's between. */
#ifndef PDF_CONTENT_H
#define PDF_CONTENT_H

#include "layout/page.h"
#include "pdf/splice.h"
#include "pdf/subset.h"

/* By a person's text alone, so that most files carry small fonts. */
enum tier { TIER_USUAL, TIER_WESTERN, TIER_LATIN, TIER_ALL, TIERS };

/* A glyph's one or two bytes as they stand within a literal string: escaped, one to four. */
struct glyph_code {
    char bytes[4];
    uint32_t length;
};

struct face {
    const struct font *font;
    bool simple; /* every character is one of WinAnsiEncoding: a byte each, and no map of meanings */
    struct subset subset;
    struct glyph_code *codes; /* by glyph of the subset; owned */
    struct buf meanings;      /* what each glyph is as text: a ToUnicode map */
};

/* The fonts of one tier. */
struct faces {
    struct face regular, bold;
};

/* A page's whole stream of everyone, with blanks at the places where a person's texts go. */
struct content {
    struct buf text;
    struct splice_place *places;
    const struct op **ops; /* by place: its slot */
    size_t count;
    struct buf likely; /* what may stand at the places */
};

/* The character's byte in WinAnsiEncoding; 0: it has none that is read back as the same character. */
unsigned char content_byte(uint16_t unit);
/* Makes face->codes and face->meanings. False when memory ran out. */
bool face_code(struct face *face);
/* The smallest tier that has the characters of which all this is true (enum letter). */
enum tier tier_of_letter(unsigned letter);
/* The smallest tier that has every character placed. */
enum tier tier_of(const struct page *page, const struct placed *placed);

/* Of the page's sheet with these choices (page_choices). False when memory ran out. */
bool content_make(struct content *content, const struct page *page, int sheet, uint32_t choices, const struct faces *faces);
/* Replaces values by one person's. Whether each fits its place. */
bool content_fill(const struct content *content, const struct faces *faces, const struct placed *placed, struct splice_values *values);
/* The stream with values of any length. */
void content_join(const struct content *content, const struct splice_values *values, struct buf *out);
void content_free(struct content *content);
/* Hundredths of a millimetre as hundredths of a point. */
long content_points(int length);

#endif
