#include "write/pdf/content.h"

#include <stdlib.h>

enum tier tier_of_unit(uint16_t unit)
{
    static const uint16_t german[] = {0xA0, 0xA7, 0xB0, 0xC4, 0xD6, 0xDC, 0xDF, 0xE4, 0xE9, 0xF6, 0xFC, 0x2013, 0x20AC};

    if (unit < 0x80)
        return TIER_GERMAN;
    for (size_t i = 0; i < sizeof german / sizeof *german; i++)
        if (german[i] == unit)
            return TIER_GERMAN;
    return unit < 0x180 ? TIER_LATIN : TIER_ALL;
}

enum tier tier_of(const struct page *page, const struct placed *placed)
{
    enum tier tier = TIER_GERMAN;

    for (int i = 0; i < page->slot_count; i++) {
        for (size_t k = 0; placed[i].text && k < placed[i].glyphs.count; k++) {
            enum tier need = tier_of_unit(placed[i].glyphs.units[k]);

            if (need > tier)
                tier = need;
        }
    }
    return tier;
}

long content_points(int length)
{
    long scaled = (long)length * 7200;

    return (scaled + (scaled < 0 ? -1270 : 1270)) / 2540;
}

static const struct face *face_of(const struct faces *faces, bool bold)
{
    return bold ? &faces->bold : &faces->regular;
}

/* A glyph's two bytes within a literal string. */
static size_t put_glyph(char *text, uint16_t glyph)
{
    char bytes[2] = {(char)(glyph >> 8), (char)(glyph & 0xFF)};
    size_t at = 0;

    for (int k = 0; k < 2; k++) {
        if (bytes[k] == '(' || bytes[k] == ')' || bytes[k] == '\\' || bytes[k] == '\r')
            text[at++] = '\\';
        text[at++] = bytes[k] == '\r' ? 'r' : bytes[k];
    }
    return at;
}

/* joined: with a blank before it, which ends where the text begins. */
static void draw_text(struct buf *out, const struct face *face, const struct op *op, int x, int y, int size, int height,
                      const struct glyphs *glyphs)
{
    const struct subset *subset = &face->subset;
    char *text;

    if (op->joined)
        x -= font_width(&(struct glyphs){.width = face->font->advances[' ']}, size);
    buf_puts(out, op->bold ? "BT /B " : "BT /R ");
    buf_fixed(out, size, 1);
    buf_puts(out, " Tf ");
    buf_fixed(out, content_points(x), 2);
    buf_puts(out, " ");
    buf_fixed(out, content_points(height - y), 2);
    buf_puts(out, " Td (");
    if (!buf_reserve(out, 4 * (glyphs->count + 1)))
        return;
    text = out->data + out->length;
    if (op->joined)
        text += put_glyph(text, subset->glyphs[' ']);
    for (size_t i = 0; i < glyphs->count; i++)
        text += put_glyph(text, subset->glyphs[glyphs->units[i]]);
    out->length = (size_t)(text - out->data);
    buf_puts(out, ") Tj ET\n");
}

/* Grey and rising by 45 degrees. */
static void draw_mark(struct buf *out, const struct face *face, const struct op *op, int height)
{
    buf_puts(out, "q 0.85 g 0.7071 0.7071 -0.7071 0.7071 ");
    buf_fixed(out, content_points(op->x), 2);
    buf_puts(out, " ");
    buf_fixed(out, content_points(height - op->y), 2);
    buf_puts(out, " cm\n");
    draw_text(out, face, op, 0, 0, op->size, 0, &op->glyphs);
    buf_puts(out, "Q\n");
}

static void draw_rule(struct buf *out, const struct op *op, int height)
{
    buf_fixed(out, content_points(op->size), 2);
    buf_puts(out, " w ");
    buf_fixed(out, content_points(op->x), 2);
    buf_puts(out, " ");
    buf_fixed(out, content_points(height - op->y), 2);
    buf_puts(out, " m ");
    buf_fixed(out, content_points(op->x2), 2);
    buf_puts(out, " ");
    buf_fixed(out, content_points(height - op->y2), 2);
    buf_puts(out, " l S\n");
}

/* Every byte of the page belongs to one leaf, numbered in order, or is an artifact. */
static void begin_part(struct buf *out, const struct element *element, int number)
{
    static const char *const names[] = {"H1", "P", "Table", "TR", "TH", "TD"};

    if (element)
        buf_printf(out, "/%s<</MCID %d>>BDC\n", names[element->kind], number);
    else
        buf_puts(out, "/Artifact BMC\n");
}

static void end_chunk(struct content *content, const struct op *slot)
{
    size_t start = 0;

    if (content->count > 0)
        start = content->chunks[content->count - 1].start + content->chunks[content->count - 1].length;
    content->chunks[content->count++] = (struct chunk){start, content->fixed.length - start, slot};
}

bool content_make(struct content *content, const struct page *page, uint32_t choices, const struct faces *faces)
{
    struct buf *out = &content->fixed;
    bool there = true, open = false, rules = false;
    int number = 0;

    content->chunks = calloc((size_t)page->slot_count + 1, sizeof *content->chunks);
    if (!content->chunks)
        return false;
    for (size_t i = 0; i < page->count; i++) {
        const struct op *op = &page->ops[i];

        if (op->kind == OP_BEGIN || (op->kind == OP_RULE && !rules)) {
            if (open)
                buf_puts(out, "EMC\n");
            rules = op->kind == OP_RULE;
            there = rules || page_has(page, (size_t)op->element, choices);
            open = there;
            if (there)
                begin_part(out, rules ? NULL : &page->elements[op->element], rules ? 0 : number++);
        }
        if (!there)
            continue;
        if (op->kind == OP_RULE)
            draw_rule(out, op, page->height);
        else if (op->kind == OP_MARK)
            draw_mark(out, face_of(faces, op->bold), op, page->height);
        else if (op->kind == OP_TEXT)
            draw_text(out, face_of(faces, op->bold), op, op->x, op->y, op->size, page->height, &op->glyphs);
        else if (op->kind == OP_SLOT)
            end_chunk(content, op);
    }
    if (open)
        buf_puts(out, "EMC\n");
    end_chunk(content, NULL);
    return !out->failed;
}

void content_write(const struct content *content, const struct page *page, const struct faces *faces,
                   const struct placed *placed, struct buf *out)
{
    for (size_t i = 0; i < content->count; i++) {
        const struct chunk *chunk = &content->chunks[i];
        const struct placed *p = chunk->slot ? &placed[chunk->slot->slot] : NULL;

        buf_add(out, content->fixed.data + chunk->start, chunk->length);
        if (p && p->text)
            draw_text(out, face_of(faces, chunk->slot->bold), chunk->slot, p->x, p->y, p->size, page->height, &p->glyphs);
    }
}

void content_free(struct content *content)
{
    buf_free(&content->fixed);
    free(content->chunks);
    *content = (struct content){0};
}
