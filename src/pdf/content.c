#include "pdf/content.h"

#include <stdlib.h>
#include <string.h>

/* ISO 32000-1, annex D.2. A no-break space is a space there, a soft hyphen a hyphen. */
unsigned char content_byte(uint16_t unit)
{
    static const uint16_t from_80[32] = {0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
                                         0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
                                         0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

    if ((unit >= 0x20 && unit < 0x7F) || (unit > 0xA0 && unit <= 0xFF && unit != 0xAD))
        return (unsigned char)unit;
    for (unsigned i = 0; i < 32; i++)
        if (unit > 0 && from_80[i] == unit)
            return (unsigned char)(0x80 + i);
    return 0;
}

enum tier tier_of_letter(unsigned letter)
{
    if (letter & LETTER_USUAL)
        return TIER_USUAL;
    if (letter & LETTER_WESTERN)
        return TIER_WESTERN;
    return letter & LETTER_LATIN ? TIER_LATIN : TIER_ALL;
}

enum tier tier_of(const struct page *page, const struct placed *placed)
{
    unsigned common = UINT8_MAX;

    for (int i = 0; i < page->slot_count; i++)
        if (placed[i].text && placed[i].glyphs.count > 0)
            common &= placed[i].glyphs.common;
    return tier_of_letter(common);
}

long content_points(int length)
{
    long scaled = (long)length * 7200;

    return (scaled + (scaled < 0 ? -1270 : 1270)) / 2540;
}

static bool make_codes(struct face *face)
{
    face->codes = calloc(face->subset.glyph_count, sizeof *face->codes);
    for (size_t glyph = 0; face->codes && glyph < face->subset.glyph_count; glyph++) {
        unsigned number = face->simple ? content_byte(face->subset.units[glyph]) : (unsigned)glyph;
        const char bytes[2] = {(char)(number >> 8), (char)(number & 0xFF)};
        struct glyph_code *code = &face->codes[glyph];

        for (int k = face->simple; k < 2; k++) {
            if (bytes[k] == '(' || bytes[k] == ')' || bytes[k] == '\\' || bytes[k] == '\r')
                code->bytes[code->length++] = '\\';
            code->bytes[code->length++] = bytes[k] == '\r' ? 'r' : bytes[k];
        }
    }
    return face->codes != NULL;
}

/* The sequence that a code point stands for, or NULL. */
static const struct font_sequence *find_sequence(const struct font *font, uint16_t unit)
{
    for (size_t i = 0; i < font->sequence_count; i++)
        if (font->sequences[i].unit == unit)
            return &font->sequences[i];
    return NULL;
}

/* A code point of its own, or a sequence, as UTF-16BE in hexadecimal. */
static void put_meaning(struct buf *out, const struct font *font, uint16_t unit)
{
    const struct font_sequence *s = find_sequence(font, unit);

    if (!s)
        buf_printf(out, "%04X", unit);
    for (int k = 0; s && k < s->count; k++)
        buf_printf(out, "%04X", s->points[k]);
}

/* How many glyphs from this one on are code points in a row. Only the last byte of both may change within a range (ISO 32000-1, 9.10.3). */
static size_t count_row(const struct face *face, size_t glyph)
{
    const uint16_t *units = face->subset.units;
    size_t count = 1;

    while (glyph + count < face->subset.glyph_count && (glyph + count) % 256 != 0 && (units[glyph] + count) % 256 != 0
           && units[glyph + count] == units[glyph] + count && !find_sequence(face->font, units[glyph + count]))
        count++;
    return find_sequence(face->font, units[glyph]) ? 1 : count;
}

static void put_meanings(struct face *face)
{
    struct buf *out = &face->meanings, ranges = {0};
    size_t glyph = 1, count = 0;

    buf_puts(out, "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
                  "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
                  "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
                  "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n");
    while (glyph < face->subset.glyph_count) {
        size_t row = count_row(face, glyph);

        buf_printf(&ranges, "<%04zX> <%04zX> <", glyph, glyph + row - 1);
        put_meaning(&ranges, face->font, face->subset.units[glyph]);
        buf_puts(&ranges, ">\n");
        glyph += row;
        if (++count % 100 != 0 && glyph < face->subset.glyph_count)
            continue;
        buf_printf(out, "%zu beginbfrange\n", count);
        buf_add(out, ranges.data, ranges.length);
        buf_puts(out, "endbfrange\n");
        ranges.length = count = 0;
    }
    buf_puts(out, "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
    out->failed |= ranges.failed;
    buf_free(&ranges);
}

bool face_code(struct face *face)
{
    face->meanings.length = 0;
    if (!make_codes(face))
        return false;
    if (!face->simple)
        put_meanings(face);
    return !face->meanings.failed;
}

/* There is room for four bytes. */
static inline char *put_glyph(char *text, const struct face *face, uint16_t unit)
{
    const struct glyph_code *code = &face->codes[face->subset.glyphs[unit]];

    memcpy(text, code->bytes, sizeof code->bytes);
    return text + code->length;
}

/* A text, of which these are the glyphs, as a string; joined: with a blank before it. A plain one in bytes stands as it is. */
static void put_string(struct buf *out, const struct face *face, bool joined, const struct glyphs *glyphs, const char *text)
{
    char *at;

    if (!buf_reserve(out, 4 * (glyphs->count + 1) + 2))
        return;
    at = out->data + out->length;
    *at++ = '(';
    if (joined)
        at = put_glyph(at, face, ' ');
    if (face->simple && (glyphs->common & LETTER_PLAIN))
        at = mempcpy(at, text, glyphs->count);
    else
        for (size_t i = 0; i < glyphs->count; i++)
            at = put_glyph(at, face, glyphs->units[i]);
    *at++ = ')';
    out->length = (size_t)(at - out->data);
}

static void put_font(struct buf *out, bool bold, int size)
{
    buf_puts(out, bold ? "/B " : "/R ");
    buf_fixed(out, size, 1);
    buf_puts(out, " Tf ");
}

/* One text object goes on over many parts: steps from text to text are alike from row to row and pack well. */
struct pen {
    struct buf *out;
    const struct faces *faces;
    int height; /* of the page */
    bool open;  /* within BT and ET */
    long x, y;  /* where the last text began, hundredths of a point */
    int size;   /* of the font in use, 0 is none */
    bool bold;
};

static const struct face *face_of(const struct pen *pen, const struct op *op)
{
    return op->bold ? &pen->faces->bold : &pen->faces->regular;
}

static void open_text(struct pen *pen)
{
    if (!pen->open)
        buf_puts(pen->out, "BT\n");
    if (!pen->open)
        pen->x = pen->y = 0;
    pen->open = true;
}

static void close_text(struct pen *pen)
{
    if (pen->open)
        buf_puts(pen->out, "ET\n");
    pen->open = false;
}

/* To where a text begins, in its font; a joined one begins with a blank ahead of its x. */
static void move(struct pen *pen, const struct op *op, int left, int baseline)
{
    long x, y = content_points(baseline);

    if (op->joined)
        left -= font_width(&(struct glyphs){.width = face_of(pen, op)->font->advances[' ']}, op->size);
    x = content_points(left);
    if (pen->size != op->size || pen->bold != op->bold)
        put_font(pen->out, op->bold, op->size);
    pen->size = op->size;
    pen->bold = op->bold;
    buf_fixed(pen->out, x - pen->x, 2);
    buf_puts(pen->out, " ");
    buf_fixed(pen->out, y - pen->y, 2);
    buf_puts(pen->out, " Td ");
    pen->x = x;
    pen->y = y;
}

static void draw_text(struct pen *pen, const struct op *op)
{
    move(pen, op, op->x, pen->height - op->y);
    put_string(pen->out, face_of(pen, op), op->joined, &op->glyphs, op->text);
    buf_puts(pen->out, "Tj\n");
}

/* Grey and rising by 45 degrees. */
static void draw_mark(struct pen *pen, const struct op *op)
{
    buf_puts(pen->out, "q 0.85 g 0.7071 0.7071 -0.7071 0.7071 ");
    buf_fixed(pen->out, content_points(op->x), 2);
    buf_puts(pen->out, " ");
    buf_fixed(pen->out, content_points(pen->height - op->y), 2);
    buf_puts(pen->out, " cm\n");
    open_text(pen);
    move(pen, op, 0, 0);
    put_string(pen->out, face_of(pen, op), false, &op->glyphs, op->text);
    buf_puts(pen->out, "Tj\n");
    close_text(pen);
    buf_puts(pen->out, "Q\n");
    pen->size = 0;
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
static void begin_part(struct pen *pen, const struct page *page, size_t i, int number)
{
    static const char *const names[] = {"H1", "P", "Table", "TR", "TH", "TD"};
    const struct op *op = &page->ops[i];
    bool text = op->kind == OP_BEGIN && !(i + 1 < page->count && page->ops[i + 1].kind == OP_MARK);

    if (text)
        open_text(pen);
    else
        close_text(pen);
    if (op->kind == OP_BEGIN)
        buf_printf(pen->out, "/%s<</MCID %d>>BDC\n", names[page->elements[op->element].kind], number);
    else
        buf_puts(pen->out, "/Artifact BMC\n");
}

static void add_place(struct content *content, const struct op *op, size_t width)
{
    struct buf *out = &content->text;

    content->places[content->count] = (struct splice_place){out->length, width};
    content->ops[content->count++] = op;
    for (size_t i = 0; i < width; i++)
        buf_puts(out, " ");
}

/* What a slot's places will hold most often: digits in those for amounts, letters too in longer ones. */
static void add_likely(struct content *content, const struct face *face, const struct op *op)
{
    static const char usual[] = "0123456789 Musterstraen";
    size_t count = op->room > 13 ? sizeof usual - 1 : 10;

    buf_puts(&content->likely, op->moves ? "[1234()]TJ" : "()Tj");
    for (size_t i = 0; i < count && i < (size_t)op->room; i++) {
        const struct glyph_code *code = &face->codes[face->subset.glyphs[(unsigned char)usual[(i + content->count) % count]]];

        if (i % 3 == 0) /* most places are not full, and many empty */
            buf_add(&content->likely, code->bytes, code->length);
    }
}

static void draw_slot(struct content *content, struct pen *pen, const struct op *op)
{
    move(pen, op, op->x, pen->height - op->y);
    /* With room for escapes; where a text may shrink, for its size; where its end is fixed, for its width. */
    add_place(content, op, (size_t)op->room * (face_of(pen, op)->simple ? 3 : 5) / 2 + (op->room > 13 ? 34 : 12));
    buf_puts(pen->out, "\n");
    add_likely(content, face_of(pen, op), op);
}

bool content_make(struct content *content, const struct page *page, int sheet, uint32_t choices, const struct faces *faces)
{
    size_t end = page_sheet_end(page, sheet);
    struct buf *out = &content->text;
    struct pen pen = {.out = out, .faces = faces, .height = page->height};
    bool there = true, open = false, rules = false;
    int number = 0;

    content->places = calloc((size_t)page->slot_count + 1, sizeof *content->places);
    content->ops = calloc((size_t)page->slot_count + 1, sizeof *content->ops);
    if (!content->places || !content->ops)
        return false;
    for (size_t i = page->sheets[sheet].first; i < end; i++) {
        const struct op *op = &page->ops[i];

        if (op->kind == OP_RULE && !page_has_rule(page, op, choices))
            continue;
        if (op->kind == OP_BEGIN || (op->kind == OP_RULE && !rules)) {
            if (open)
                buf_puts(out, "EMC\n");
            rules = op->kind == OP_RULE;
            there = rules || page_has(page, (size_t)op->element, choices);
            open = there;
            if (there)
                begin_part(&pen, page, i, rules ? 0 : number++);
        }
        if (!there)
            continue;
        if (op->kind == OP_RULE)
            draw_rule(out, op, page->height);
        else if (op->kind == OP_MARK)
            draw_mark(&pen, op);
        else if (op->kind == OP_TEXT)
            draw_text(&pen, op);
        else if (op->kind == OP_SLOT)
            draw_slot(content, &pen, op);
    }
    if (open)
        buf_puts(out, "EMC\n");
    close_text(&pen);
    return !out->failed && !content->likely.failed;
}

/* A text whose end is fixed begins as many thousandths of its size further left as it is wide. */
static void put_value(const struct op *op, const struct face *face, const struct placed *p, struct buf *values)
{
    if (p->size != op->size)
        put_font(values, op->bold, p->size);
    if (op->moves) {
        buf_puts(values, "[");
        buf_fixed(values, p->glyphs.width, 0);
    }
    put_string(values, face, op->joined, &p->glyphs, p->text);
    buf_puts(values, op->moves ? "]TJ" : "Tj");
    if (p->size != op->size) {
        buf_puts(values, " ");
        put_font(values, op->bold, op->size);
    }
}

bool content_fill(const struct content *content, const struct faces *faces, const struct placed *placed, struct splice_values *values)
{
    bool fits = true;

    values->text.length = values->count = 0;
    for (size_t i = 0; i < content->count; i++) {
        const struct op *op = content->ops[i];
        const struct placed *p = &placed[op->slot];
        size_t start = values->text.length;

        if (!p->text)
            continue;
        put_value(op, op->bold ? &faces->bold : &faces->regular, p, &values->text);
        values->list[values->count++] = (struct splice_value){i, values->text.length};
        fits &= values->text.length - start <= content->places[i].width;
    }
    return fits;
}

void content_join(const struct content *content, const struct splice_values *values, struct buf *out)
{
    size_t at = 0, from = 0;

    out->length = 0;
    for (size_t i = 0; i < values->count; i++) {
        const struct splice_value *v = &values->list[i];
        const struct splice_place *place = &content->places[v->place];

        buf_add(out, content->text.data + at, place->at - at);
        buf_add(out, values->text.data + from, v->end - from);
        at = place->at + place->width;
        from = v->end;
    }
    buf_add(out, content->text.data + at, content->text.length - at);
}

void content_free(struct content *content)
{
    buf_free(&content->text);
    buf_free(&content->likely);
    free(content->places);
    free(content->ops);
    *content = (struct content){0};
}
