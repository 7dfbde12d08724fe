/* The page's drawing operators: what is the same for everyone, cut at the slots, and one person's between. */
#ifndef WRITE_PDF_CONTENT_H
#define WRITE_PDF_CONTENT_H

#include "layout/page.h"
#include "write/pdf/subset.h"

/* By a person's text alone, so that most files carry small fonts. */
enum tier { TIER_GERMAN, TIER_LATIN, TIER_ALL, TIERS };

struct face {
    const struct font *font;
    struct subset subset;
};

/* The fonts of one tier. */
struct faces {
    struct face regular, bold;
};

/* Bytes that are the same for everyone, followed by one slot. */
struct chunk {
    size_t start, length;
    const struct op *slot; /* NULL after the last */
};

struct content {
    struct buf fixed; /* the chunks' bytes */
    struct chunk *chunks;
    size_t count;
};

enum tier tier_of_unit(uint16_t unit);
/* The smallest tier that has every character placed. */
enum tier tier_of(const struct page *page, const struct placed *placed);

/* Of the page with these choices (page_choices). False when memory ran out. */
bool content_make(struct content *content, const struct page *page, uint32_t choices, const struct faces *faces);
/* Appends the whole content stream of one person. */
void content_write(const struct content *content, const struct page *page, const struct faces *faces,
                   const struct placed *placed, struct buf *out);
void content_free(struct content *content);
/* Hundredths of a millimetre as hundredths of a point. */
long content_points(int length);

#endif
