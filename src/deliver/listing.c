#include "deliver/listing.h"

#include <libdeflate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pdf/subset.h"

#define UNITS 0x10000
#define TOP 1800 /* above the first line, in hundredths of a millimetre */
#define BOTTOM 1500
#define TITLE_SIZE 80
#define LEVEL 6

enum fixed_object {
    OBJECT_CATALOG = 1,
    OBJECT_PAGES,
    OBJECT_FONT,
    OBJECT_CID,
    OBJECT_DESCRIPTOR,
    OBJECT_FILE,
    OBJECT_UNICODE,
    OBJECT_FIRST
};

struct writer {
    const struct listing *listing;
    struct subset subset;
    uint8_t *wanted; /* by unit */
    struct arena arena;
    struct buf *out, content;
    size_t *offsets; /* by object */
    size_t count, capacity, pages;
    int y; /* of the next line, from the top */
    struct libdeflate_compressor *compressor;
    struct tc_error *err;
};

/* Hundredths of a millimetre as hundredths of a point. */
static long points(int length)
{
    return (long)(((int64_t)length * 7200 / 254 + 5) / 10);
}

/* What the font can draw of a text; a character it lacks does not hide the rest. */
static void shape(struct writer *w, const char *text, struct glyphs *glyphs)
{
    bool starved = w->arena.failed;
    char *copy;

    arena_reset(&w->arena);
    w->arena.failed = starved; /* a text that found no room is told when the listing is whole */
    *glyphs = (struct glyphs){.count = 0};
    if (font_shape(w->listing->font, text, &w->arena, glyphs) || w->arena.failed)
        return;
    copy = arena_copy(&w->arena, text, strlen(text));
    for (char *p = copy; p && *p; p++)
        *p = (unsigned char)*p < 0x20 || (unsigned char)*p > 0x7E ? '?' : *p;
    if (!copy || !font_shape(w->listing->font, copy, &w->arena, glyphs))
        glyphs->count = 0;
}

static void want(struct writer *w, const char *text)
{
    struct glyphs glyphs;

    shape(w, text, &glyphs);
    for (size_t i = 0; i < glyphs.count; i++)
        w->wanted[glyphs.units[i]] = 1;
}

/* As much of the text as the room has; 0: all of it. */
static void put_text(struct writer *w, int x, int y, int size, int room, const char *text)
{
    struct glyphs glyphs;

    shape(w, text, &glyphs);
    while (room > 0 && glyphs.count > 0 && font_width(&glyphs, size) > room)
        glyphs.width -= w->listing->font->advances[glyphs.units[--glyphs.count]];
    if (glyphs.count == 0)
        return;
    buf_puts(&w->content, "BT /F ");
    buf_fixed(&w->content, size, 1);
    buf_puts(&w->content, " Tf ");
    buf_fixed(&w->content, points(x), 2);
    buf_puts(&w->content, " ");
    buf_fixed(&w->content, points(w->listing->page[1] - y), 2);
    buf_puts(&w->content, " Td <");
    for (size_t i = 0; i < glyphs.count; i++)
        buf_printf(&w->content, "%04X", w->subset.glyphs[glyphs.units[i]]);
    buf_puts(&w->content, "> Tj ET\n");
}

static bool begin(struct writer *w, size_t number)
{
    if (number >= w->capacity) {
        size_t capacity = 2 * number + 64;
        size_t *grown = realloc(w->offsets, capacity * sizeof *grown);

        if (!grown)
            return error_memory(w->err);
        memset(grown + w->capacity, 0, (capacity - w->capacity) * sizeof *grown);
        w->offsets = grown;
        w->capacity = capacity;
    }
    if (number > w->count)
        w->count = number;
    w->offsets[number] = w->out->length;
    buf_printf(w->out, "%zu 0 obj\n", number);
    return true;
}

static bool put_stream(struct writer *w, size_t number, const char *more, const void *data, size_t size)
{
    size_t room = libdeflate_zlib_compress_bound(w->compressor, size), length;
    char *packed = malloc(room);
    bool ok = packed && begin(w, number);

    length = ok ? libdeflate_zlib_compress(w->compressor, data, size, packed, room) : 0;
    if (ok) {
        buf_printf(w->out, "<<%s/Filter/FlateDecode/Length %zu>>stream\n", more, length);
        buf_add(w->out, packed, length);
        buf_puts(w->out, "\nendstream\nendobj\n");
    }
    free(packed);
    return ok || error_memory(w->err);
}

/* The page so far, with its number; pages have two objects each. */
static bool end_page(struct writer *w)
{
    char title[200];
    size_t page = OBJECT_FIRST + 2 * w->pages;
    bool ok;

    snprintf(title, sizeof title, "%.150s   %zu", w->listing->title, w->pages + 1);
    put_text(w, w->listing->columns[0], 1000, TITLE_SIZE, 0, title);
    ok = !w->content.failed && put_stream(w, page + 1, "", w->content.data, w->content.length) && begin(w, page);
    if (ok)
        buf_printf(w->out, "<</Type/Page/Parent %d 0 R/Resources<</Font<</F %d 0 R>>>>/Contents %zu 0 R>>\nendobj\n", OBJECT_PAGES,
                   OBJECT_FONT, page + 1);
    w->pages++;
    w->content.length = 0;
    w->y = TOP;
    return ok || error_memory(w->err);
}

/* Up to the next cell that has something. */
static int room_of(const struct writer *w, const struct listing_line *line, int i)
{
    int next = i + 1;

    while (next < LISTING_CELLS && !line->cells[next])
        next++;
    return next < LISTING_CELLS ? w->listing->columns[next] - w->listing->columns[i] - 100 : 0;
}

static bool put_line(struct writer *w, const struct listing_line *line)
{
    int leading = line->size * 5; /* hundredths of a millimetre: 1.4 times the size */

    if ((line->new_page && w->y > TOP) || w->y + leading > w->listing->page[1] - BOTTOM)
        if (!end_page(w))
            return false;
    w->y += leading;
    for (int i = 0; i < LISTING_CELLS; i++)
        if (line->cells[i])
            put_text(w, w->listing->columns[i], w->y, line->size, room_of(w, line, i), line->cells[i]);
    return true;
}

static bool put_pages(struct writer *w)
{
    struct listing_line line = {.size = 0};

    w->y = TOP;
    while (w->listing->next(w->listing->ctx, &line)) {
        if (!put_line(w, &line))
            return false;
        line = (struct listing_line){.size = 0};
    }
    return end_page(w) && (w->pages % 2 == 0 || !w->listing->whole_sheets || end_page(w));
}

static bool put_tree(struct writer *w)
{
    if (!begin(w, OBJECT_PAGES))
        return false;
    buf_printf(w->out, "<</Type/Pages/Count %zu/MediaBox[0 0 ", w->pages);
    buf_fixed(w->out, points(w->listing->page[0]), 2);
    buf_puts(w->out, " ");
    buf_fixed(w->out, points(w->listing->page[1]), 2);
    buf_puts(w->out, "]/Kids[");
    for (size_t i = 0; i < w->pages; i++)
        buf_printf(w->out, "%zu 0 R ", OBJECT_FIRST + 2 * i);
    buf_puts(w->out, "]>>\nendobj\n");
    if (!begin(w, OBJECT_CATALOG))
        return false;
    buf_printf(w->out, "<</Type/Catalog/Pages %d 0 R>>\nendobj\n", OBJECT_PAGES);
    return true;
}

/* The characters behind the glyphs, so that the text can be searched. */
static bool put_unicode(struct writer *w)
{
    const struct font *font = w->listing->font;
    struct buf map = {0};
    bool ok;

    buf_puts(&map, "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapName /Taxcert-List def\n/CMapType 2 def\n"
                   "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n");
    for (size_t glyph = 1; glyph < w->subset.glyph_count; glyph++) {
        const struct font_sequence *s = font->sequences, *end = s + font->sequence_count;

        while (s < end && s->unit != w->subset.units[glyph])
            s++;
        buf_printf(&map, "1 beginbfchar\n<%04zX> <", glyph);
        for (int k = 0; s < end && k < s->count; k++)
            buf_printf(&map, "%04X", s->points[k]);
        if (s == end)
            buf_printf(&map, "%04X", w->subset.units[glyph]);
        buf_puts(&map, ">\nendbfchar\n");
    }
    buf_puts(&map, "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
    ok = map.failed ? error_memory(w->err) : put_stream(w, OBJECT_UNICODE, "", map.data, map.length);
    buf_free(&map);
    return ok;
}

static bool put_font(struct writer *w)
{
    if (!begin(w, OBJECT_FONT))
        return false;
    buf_printf(
        w->out,
        "<</Type/Font/Subtype/Type0/BaseFont/TAXCRL+TaxcertSans/Encoding/Identity-H/DescendantFonts[%d 0 R]/ToUnicode %d 0 R>>\nendobj\n",
        OBJECT_CID, OBJECT_UNICODE);
    if (!begin(w, OBJECT_CID))
        return false;
    buf_printf(w->out,
               "<</Type/Font/Subtype/CIDFontType0/BaseFont/TAXCRL+TaxcertSans/CIDSystemInfo<</Registry(Adobe)"
               "/Ordering(Identity)/Supplement 0>>/FontDescriptor %d 0 R/W[1[",
               OBJECT_DESCRIPTOR);
    for (size_t glyph = 1; glyph < w->subset.glyph_count; glyph++)
        buf_printf(w->out, "%d ", w->listing->font->advances[w->subset.units[glyph]]);
    buf_puts(w->out, "]]>>\nendobj\n");
    if (!begin(w, OBJECT_DESCRIPTOR))
        return false;
    buf_printf(w->out,
               "<</Type/FontDescriptor/FontName/TAXCRL+TaxcertSans/Flags 4/FontBBox[-600 -450 2000 1100]/ItalicAngle 0/Ascent 1069"
               "/Descent -293/CapHeight 714/StemV 80/FontFile3 %d 0 R>>\nendobj\n",
               OBJECT_FILE);
    return put_stream(w, OBJECT_FILE, "/Subtype/CIDFontType0C", w->subset.data, w->subset.size) && put_unicode(w);
}

static bool put_table(struct writer *w)
{
    size_t place = w->out->length;

    buf_printf(w->out, "xref\n0 %zu\n0000000000 65535 f \n", w->count + 1);
    for (size_t i = 1; i <= w->count; i++)
        buf_printf(w->out, "%010zu 00000 n \n", w->offsets[i]);
    buf_printf(w->out, "trailer\n<</Size %zu/Root %d 0 R>>\nstartxref\n%zu\n%%%%EOF\n", w->count + 1, OBJECT_CATALOG, place);
    return !w->out->failed || error_memory(w->err);
}

static void want_all(struct writer *w)
{
    struct listing_line line = {.size = 0};

    want(w, w->listing->title);
    want(w, "0123456789?");
    while (w->listing->next(w->listing->ctx, &line)) {
        for (int i = 0; i < LISTING_CELLS; i++)
            if (line.cells[i])
                want(w, line.cells[i]);
        line = (struct listing_line){.size = 0};
    }
    w->listing->rewind(w->listing->ctx);
}

bool listing_make(const struct listing *listing, struct buf *out, struct tc_error *err)
{
    struct writer w = {.listing = listing, .out = out, .err = err};
    bool ok;

    out->length = 0;
    w.wanted = calloc(UNITS, 1);
    w.compressor = libdeflate_alloc_compressor(LEVEL);
    ok = (w.wanted && w.compressor) || error_memory(err);
    if (ok) {
        want_all(&w);
        ok = subset_make(listing->font, w.wanted, &w.subset, err);
    }
    buf_puts(out, "%PDF-1.7\n%\xB7\xBE\xAD\xAA\n");
    ok = ok && put_pages(&w) && put_tree(&w) && put_font(&w) && (!w.arena.failed || error_memory(err)) && put_table(&w);
    subset_free(&w.subset);
    free(w.wanted);
    libdeflate_free_compressor(w.compressor);
    arena_free(&w.arena);
    buf_free(&w.content);
    free(w.offsets);
    return ok;
}
