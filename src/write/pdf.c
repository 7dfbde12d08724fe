#include "write/pdf.h"

#include <hpdf_conf.h>
#include <hpdf_consts.h>
#include <hpdf_doc.h>
#include <hpdf_pages.h>
#include <hpdf.h>
#include <libdeflate.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "write/subset.h"

#define UNITS 0x10000

/* Bytes of the content stream that are the same for everyone, followed by one slot. */
struct chunk {
    size_t start, length;
    int slot; /* -1 after the last */
};

struct tier {
    struct subset regular, bold;
    struct buf prefix;   /* header and every object but the content stream */
    struct buf offsets;  /* the cross-reference table's lines, the content's left open */
    size_t content_line; /* where in offsets */
    struct buf trailer;  /* up to /ID */
    int content_id;
    struct buf fixed;    /* the chunks' bytes */
    struct chunk *chunks;
    size_t chunk_count;
};

struct pdf {
    int page_width, page_height; /* hundredths of a millimetre */
    bool *bold;                  /* by slot */
    int slot_count;
    struct tier tiers[PDF_TIERS];
};

/* libharu overwrites its error code by later ones: keep the first. */
static void keep_first(HPDF_STATUS code, HPDF_STATUS detail, void *first)
{
    (void)detail;
    if (*(HPDF_STATUS *)first == HPDF_OK)
        *(HPDF_STATUS *)first = code;
}

/* Hundredths of a millimetre as hundredths of a point. */
static long points(int length)
{
    long scaled = (long)length * 7200;

    return (scaled + (scaled < 0 ? -1270 : 1270)) / 2540;
}

static enum pdf_tier tier_of_unit(uint16_t unit)
{
    static const uint16_t german[] = {0xA0, 0xA7, 0xB0, 0xC4, 0xD6, 0xDC, 0xDF, 0xE4, 0xE9, 0xF6, 0xFC, 0x2013, 0x20AC};

    if (unit < 0x80)
        return PDF_GERMAN;
    for (size_t i = 0; i < sizeof german / sizeof *german; i++)
        if (german[i] == unit)
            return PDF_GERMAN;
    return unit < 0x180 ? PDF_LATIN : PDF_ALL;
}

static void draw_text(struct buf *out, const struct tier *tier, bool bold, int x, int y, int size, int height,
                      const struct glyphs *glyphs)
{
    const struct subset *subset = bold ? &tier->bold : &tier->regular;
    char text[1024];
    size_t at = 0;

    buf_puts(out, bold ? "BT /B " : "BT /R ");
    buf_fixed(out, size, 1);
    buf_puts(out, " Tf ");
    buf_fixed(out, points(x), 2);
    buf_puts(out, " ");
    buf_fixed(out, points(height - y), 2);
    buf_puts(out, " Td (");
    for (size_t i = 0; i < glyphs->count; i++) {
        uint16_t glyph = subset->glyphs[glyphs->units[i]];
        char bytes[2] = {(char)(glyph >> 8), (char)(glyph & 0xFF)};

        for (int k = 0; k < 2; k++) {
            if (bytes[k] == '(' || bytes[k] == ')' || bytes[k] == '\\')
                text[at++] = '\\';
            if (bytes[k] == '\r') {
                text[at++] = '\\';
                text[at++] = 'r';
            } else {
                text[at++] = bytes[k];
            }
        }
        if (at > sizeof text - 8 || i + 1 == glyphs->count) {
            buf_add(out, text, at);
            at = 0;
        }
    }
    buf_puts(out, ") Tj ET\n");
}

/* Grey and rising by 45 degrees. */
static void draw_mark(struct buf *out, const struct tier *tier, const struct op *op, int height)
{
    buf_puts(out, "q 0.85 g 0.7071 0.7071 -0.7071 0.7071 ");
    buf_fixed(out, points(op->x), 2);
    buf_puts(out, " ");
    buf_fixed(out, points(height - op->y), 2);
    buf_puts(out, " cm\n");
    draw_text(out, tier, op->bold, 0, 0, op->size, 0, &op->glyphs);
    buf_puts(out, "Q\n");
}

static void draw_rule(struct buf *out, const struct op *op, int height)
{
    buf_fixed(out, points(op->size), 2);
    buf_puts(out, " w ");
    buf_fixed(out, points(op->x), 2);
    buf_puts(out, " ");
    buf_fixed(out, points(height - op->y), 2);
    buf_puts(out, " m ");
    buf_fixed(out, points(op->x2), 2);
    buf_puts(out, " ");
    buf_fixed(out, points(height - op->y2), 2);
    buf_puts(out, " l S\n");
}

/* The page's static operators, cut at the slots. */
static bool make_chunks(struct tier *tier, const struct page *page)
{
    size_t start = 0;

    tier->chunks = calloc((size_t)page->slot_count + 1, sizeof *tier->chunks);
    if (!tier->chunks)
        return false;
    for (size_t i = 0; i <= page->count; i++) {
        const struct op *op = i < page->count ? &page->ops[i] : NULL;

        if (op && op->kind == OP_TEXT)
            draw_text(&tier->fixed, tier, op->bold, op->x, op->y, op->size, page->height, &op->glyphs);
        else if (op && op->kind == OP_MARK)
            draw_mark(&tier->fixed, tier, op, page->height);
        else if (op && op->kind == OP_RULE)
            draw_rule(&tier->fixed, op, page->height);
        if (op && op->kind != OP_SLOT)
            continue;
        tier->chunks[tier->chunk_count++] = (struct chunk){start, tier->fixed.length - start, op ? op->slot : -1};
        start = tier->fixed.length;
    }
    return !tier->fixed.failed;
}

/* The characters of one weight: those of the static text, and those a person of this tier may have. */
static bool make_subset(const struct page *page, const struct font *font, bool bold, enum pdf_tier tier, struct subset *out,
                        struct tc_error *err)
{
    uint8_t *wanted = calloc(UNITS, 1);
    bool personal = false, ok;

    if (!wanted)
        return error_memory(err);
    for (size_t i = 0; i < page->count; i++) {
        const struct op *op = &page->ops[i];

        personal |= op->kind == OP_SLOT && op->bold == bold;
        if ((op->kind != OP_TEXT && op->kind != OP_MARK) || op->bold != bold)
            continue;
        for (size_t k = 0; k < op->glyphs.count; k++)
            wanted[op->glyphs.units[k]] = 1;
    }
    for (uint32_t unit = 0x20; personal && unit < UNITS; unit++)
        wanted[unit] |= font->covered[unit] && tier_of_unit((uint16_t)unit) <= tier;
    ok = subset_make(font, wanted, out, err);
    free(wanted);
    return ok;
}

static HPDF_Dict new_dict(HPDF_Doc doc)
{
    HPDF_Dict dict = HPDF_Dict_New(doc->mmgr);

    if (dict)
        HPDF_Xref_Add(doc->xref, dict);
    return dict;
}

static HPDF_Dict new_stream(HPDF_Doc doc, const void *data, size_t length)
{
    HPDF_Dict dict = HPDF_DictStream_New(doc->mmgr, doc->xref);

    if (!dict)
        return NULL;
    dict->filter = HPDF_STREAM_FILTER_FLATE_DECODE;
    HPDF_Stream_Write(dict->stream, data, (HPDF_UINT)length);
    return dict;
}

static void add_numbers(HPDF_Doc doc, HPDF_Dict dict, const char *key, const int *numbers, size_t count)
{
    HPDF_Array array = HPDF_Array_New(doc->mmgr);

    HPDF_Dict_Add(dict, key, array);
    for (size_t i = 0; i < count; i++)
        HPDF_Array_AddNumber(array, numbers[i]);
}

/* One code point or surrogate-free sequence as UTF-16BE hexadecimal. */
static void add_unicode(struct buf *out, const struct font *font, uint16_t unit)
{
    for (size_t i = 0; i < font->sequence_count; i++) {
        const struct font_sequence *s = &font->sequences[i];

        if (s->unit != unit)
            continue;
        for (int k = 0; k < s->count; k++)
            buf_printf(out, "%04X", s->points[k]);
        return;
    }
    buf_printf(out, "%04X", unit);
}

static HPDF_Dict add_to_unicode(HPDF_Doc doc, const struct font *font, const struct subset *subset)
{
    struct buf map = {0};
    HPDF_Dict stream = NULL;

    buf_puts(&map, "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
                   "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
                   "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
                   "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n");
    for (size_t glyph = 1; glyph < subset->glyph_count; glyph++) {
        if (glyph % 100 == 1) {
            size_t rest = subset->glyph_count - glyph;

            buf_printf(&map, "%zu beginbfchar\n", rest < 100 ? rest : (size_t)100);
        }
        buf_printf(&map, "<%04zX> <", glyph);
        add_unicode(&map, font, subset->units[glyph]);
        buf_puts(&map, ">\n");
        if (glyph % 100 == 0 || glyph + 1 == subset->glyph_count)
            buf_puts(&map, "endbfchar\n");
    }
    buf_puts(&map, "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
    if (!map.failed)
        stream = new_stream(doc, map.data, map.length);
    buf_free(&map);
    return stream;
}

static HPDF_Dict add_descriptor(HPDF_Doc doc, const char *name, const struct subset *subset, bool bold)
{
    static const int box[] = {-600, -450, 2000, 1100}; /* thousandths; the ink of every glyph lies within */
    HPDF_Dict d = new_dict(doc), file = new_stream(doc, subset->data, subset->size);

    if (!d || !file)
        return NULL;
    HPDF_Dict_AddNumber(file, "Length1", (HPDF_INT32)subset->size);
    HPDF_Dict_AddName(d, "Type", "FontDescriptor");
    HPDF_Dict_AddName(d, "FontName", name);
    HPDF_Dict_AddNumber(d, "Flags", 4);
    add_numbers(doc, d, "FontBBox", box, 4);
    HPDF_Dict_AddNumber(d, "ItalicAngle", 0);
    HPDF_Dict_AddNumber(d, "Ascent", 1069);
    HPDF_Dict_AddNumber(d, "Descent", -293);
    HPDF_Dict_AddNumber(d, "CapHeight", 714);
    HPDF_Dict_AddNumber(d, "StemV", bold ? 140 : 80);
    HPDF_Dict_Add(d, "FontFile2", file);
    return d;
}

static void add_widths(HPDF_Doc doc, HPDF_Dict dict, const struct font *font, const struct subset *subset)
{
    HPDF_Array all = HPDF_Array_New(doc->mmgr), widths = HPDF_Array_New(doc->mmgr);

    HPDF_Dict_Add(dict, "W", all);
    HPDF_Array_AddNumber(all, 1);
    HPDF_Array_Add(all, widths);
    for (size_t glyph = 1; glyph < subset->glyph_count; glyph++)
        HPDF_Array_AddNumber(widths, font->advances[subset->units[glyph]]);
}

/* Type0 with Identity-H: the codes in the content stream are the subset's glyph numbers. */
static HPDF_Dict add_font(HPDF_Doc doc, const struct font *font, const struct subset *subset, bool bold)
{
    const char *name = bold ? "TAXCRB+TaxcertSans-Bold" : "TAXCRR+TaxcertSans-Regular";
    HPDF_Dict type0 = new_dict(doc), cid = new_dict(doc), descriptor, unicode, info = HPDF_Dict_New(doc->mmgr);
    HPDF_Array descendants = HPDF_Array_New(doc->mmgr);

    descriptor = add_descriptor(doc, name, subset, bold);
    unicode = add_to_unicode(doc, font, subset);
    if (!type0 || !cid || !descriptor || !unicode || !info || !descendants)
        return NULL;
    HPDF_Dict_AddName(cid, "Type", "Font");
    HPDF_Dict_AddName(cid, "Subtype", "CIDFontType2");
    HPDF_Dict_AddName(cid, "BaseFont", name);
    HPDF_Dict_Add(cid, "CIDSystemInfo", info);
    HPDF_Dict_Add(info, "Registry", HPDF_Binary_New(doc->mmgr, (HPDF_BYTE *)"Adobe", 5));
    HPDF_Dict_Add(info, "Ordering", HPDF_Binary_New(doc->mmgr, (HPDF_BYTE *)"Identity", 8));
    HPDF_Dict_AddNumber(info, "Supplement", 0);
    HPDF_Dict_Add(cid, "FontDescriptor", descriptor);
    HPDF_Dict_AddName(cid, "CIDToGIDMap", "Identity");
    add_widths(doc, cid, font, subset);
    HPDF_Dict_AddName(type0, "Type", "Font");
    HPDF_Dict_AddName(type0, "Subtype", "Type0");
    HPDF_Dict_AddName(type0, "BaseFont", name);
    HPDF_Dict_AddName(type0, "Encoding", "Identity-H");
    HPDF_Dict_Add(type0, "DescendantFonts", descendants);
    HPDF_Array_Add(descendants, cid);
    HPDF_Dict_Add(type0, "ToUnicode", unicode);
    return type0;
}

/* UTF-16BE with its mark, for text strings of the document. */
static void add_string(HPDF_Doc doc, HPDF_Dict dict, const char *key, const char *text)
{
    HPDF_BYTE bytes[512] = {0xFE, 0xFF};
    HPDF_UINT at = 2;

    while (*text && at + 2 < sizeof bytes) {
        unsigned point = (unsigned char)*text++;

        if (point >= 0xE0) {
            point = (point & 0x0F) << 12 | ((unsigned char)text[0] & 0x3F) << 6 | ((unsigned char)text[1] & 0x3F);
            text += 2;
        } else if (point >= 0xC0) {
            point = (point & 0x1F) << 6 | ((unsigned char)*text++ & 0x3F);
        }
        bytes[at++] = (HPDF_BYTE)(point >> 8);
        bytes[at++] = (HPDF_BYTE)point;
    }
    HPDF_Dict_Add(dict, key, HPDF_Binary_New(doc->mmgr, bytes, at));
}

static bool build(HPDF_Doc doc, const struct page *page, const struct font *regular, const struct font *bold,
                  const struct tier *tier, const char *title, const char *language, HPDF_Page *target)
{
    HPDF_Dict fonts = HPDF_Dict_New(doc->mmgr), resources, view = HPDF_Dict_New(doc->mmgr);
    HPDF_Dict font_regular, font_bold;

    *target = HPDF_AddPage(doc);
    if (!*target || !fonts || !view)
        return false;
    HPDF_Page_SetWidth(*target, (HPDF_REAL)points(page->width) / 100);
    HPDF_Page_SetHeight(*target, (HPDF_REAL)points(page->height) / 100);
    resources = HPDF_Dict_GetItem(*target, "Resources", HPDF_OCLASS_DICT);
    font_regular = add_font(doc, regular, &tier->regular, false);
    font_bold = add_font(doc, bold, &tier->bold, true);
    if (!resources || !font_regular || !font_bold)
        return false;
    HPDF_Dict_Add(resources, "Font", fonts);
    HPDF_Dict_Add(fonts, "R", font_regular);
    HPDF_Dict_Add(fonts, "B", font_bold);
    add_string(doc, doc->catalog, "Lang", language);
    HPDF_Dict_Add(doc->catalog, "ViewerPreferences", view);
    HPDF_Dict_AddBoolean(view, "DisplayDocTitle", HPDF_TRUE);
    HPDF_SetInfoAttr(doc, HPDF_INFO_PRODUCER, "taxcert");
    if (doc->info)
        add_string(doc, doc->info, "Title", title);
    return doc->info != NULL;
}

static int object_id(const void *object)
{
    return (int)(((const HPDF_Obj_Header *)object)->obj_id & 0x00FFFFFF);
}

/* libharu writes objects in the order of their numbers; the content stream is cut out, to be put behind the others. */
static void cut_objects(struct tier *tier, HPDF_Doc doc, const char *file, int content)
{
    unsigned count = doc->xref->entries->count;

    buf_add(&tier->prefix, file, HPDF_Xref_GetEntry(doc->xref, 1)->byte_offset);
    memcpy(tier->prefix.data, "%PDF-1.7", 8);
    buf_printf(&tier->offsets, "xref\n0 %u\n0000000000 65535 f \n", count);
    for (unsigned i = 1; i < count; i++) {
        size_t start = HPDF_Xref_GetEntry(doc->xref, i)->byte_offset;
        size_t end = i + 1 < count ? HPDF_Xref_GetEntry(doc->xref, i + 1)->byte_offset : doc->xref->addr;

        if ((int)i == content) {
            tier->content_line = tier->offsets.length;
            buf_puts(&tier->offsets, "0000000000 00000 n \n");
            continue;
        }
        buf_printf(&tier->offsets, "%010zu 00000 n \n", tier->prefix.length);
        buf_add(&tier->prefix, file + start, end - start);
    }
    tier->content_id = content;
    buf_printf(&tier->trailer, "trailer\n<</Size %u/Root %d 0 R/Info %d 0 R/ID[<", count, object_id(doc->catalog),
               object_id(doc->info));
}

static bool save(HPDF_Doc doc, struct buf *out)
{
    HPDF_BYTE block[4096];
    HPDF_UINT32 size;

    if (HPDF_SaveToStream(doc) != HPDF_OK)
        return false;
    do {
        size = sizeof block;
        HPDF_ReadFromStream(doc, block, &size);
        buf_add(out, block, size);
    } while (size == sizeof block);
    return !out->failed;
}

static bool seal_tier(struct tier *tier, const struct page *page, const struct font *regular, const struct font *bold,
                      const char *title, const char *language, struct tc_error *err)
{
    HPDF_STATUS first = HPDF_OK;
    HPDF_Doc doc = HPDF_New(keep_first, &first);
    HPDF_Page target = NULL;
    struct buf file = {0};
    bool ok;

    if (!doc)
        return error_memory(err);
    ok = build(doc, page, regular, bold, tier, title, language, &target) && save(doc, &file) && first == HPDF_OK;
    if (ok)
        cut_objects(tier, doc, file.data, object_id(((HPDF_PageAttr)target->attr)->contents));
    buf_free(&file);
    HPDF_Free(doc);
    if (!ok || tier->prefix.failed || tier->offsets.failed || tier->trailer.failed)
        return error_set(err, TC_IO, NULL, NULL, "pdf", "libharu could not make the form (error 0x%04lx)", first);
    return make_chunks(tier, page) || error_memory(err);
}

struct pdf *pdf_seal(const struct page *page, const struct font *regular, const struct font *bold, const char *title,
                     const char *language, struct tc_error *err)
{
    struct pdf *pdf = calloc(1, sizeof *pdf);

    if (!pdf || !(pdf->bold = calloc((size_t)page->slot_count + 1, sizeof *pdf->bold))) {
        free(pdf);
        error_memory(err);
        return NULL;
    }
    pdf->page_width = page->width;
    pdf->page_height = page->height;
    pdf->slot_count = page->slot_count;
    for (size_t i = 0; i < page->count; i++)
        if (page->ops[i].kind == OP_SLOT)
            pdf->bold[page->ops[i].slot] = page->ops[i].bold;
    for (int i = 0; i < PDF_TIERS; i++) {
        struct tier *tier = &pdf->tiers[i];

        if (!make_subset(page, regular, false, (enum pdf_tier)i, &tier->regular, err)
            || !make_subset(page, bold, true, (enum pdf_tier)i, &tier->bold, err)
            || !seal_tier(tier, page, regular, bold, title, language, err)) {
            pdf_free(pdf);
            return NULL;
        }
    }
    return pdf;
}

void pdf_free(struct pdf *pdf)
{
    if (!pdf)
        return;
    for (int i = 0; i < PDF_TIERS; i++) {
        struct tier *tier = &pdf->tiers[i];

        subset_free(&tier->regular);
        subset_free(&tier->bold);
        buf_free(&tier->prefix);
        buf_free(&tier->offsets);
        buf_free(&tier->trailer);
        buf_free(&tier->fixed);
        free(tier->chunks);
    }
    free(pdf->bold);
    free(pdf);
}

bool pdf_worker_start(struct pdf_worker *w, struct tc_error *err)
{
    *w = (struct pdf_worker){.compressor = libdeflate_alloc_compressor(1)};
    return w->compressor || error_memory(err);
}

void pdf_worker_stop(struct pdf_worker *w)
{
    libdeflate_free_compressor(w->compressor);
    buf_free(&w->content);
    buf_free(&w->packed);
}

static enum pdf_tier tier_of(const struct pdf *pdf, const struct placed *placed)
{
    enum pdf_tier tier = PDF_GERMAN;

    for (int i = 0; i < pdf->slot_count; i++) {
        for (size_t k = 0; placed[i].text && k < placed[i].glyphs.count; k++) {
            enum pdf_tier need = tier_of_unit(placed[i].glyphs.units[k]);

            if (need > tier)
                tier = need;
        }
    }
    return tier;
}

static bool pack(struct pdf_worker *w)
{
    size_t bound = libdeflate_zlib_compress_bound(w->compressor, w->content.length);

    w->packed.length = 0;
    if (!buf_reserve(&w->packed, bound))
        return false;
    w->packed.length = libdeflate_zlib_compress(w->compressor, w->content.data, w->content.length, w->packed.data, bound);
    return w->packed.length > 0;
}

/* The content's SHA-256, shortened: the same certificate has the same ID, another one another. */
static void add_id(struct buf *out, const struct buf *content)
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    char hex[33];

    SHA256((const unsigned char *)content->data, content->length, digest);
    for (int i = 0; i < 16; i++) {
        hex[2 * i] = "0123456789ABCDEF"[digest[i] >> 4];
        hex[2 * i + 1] = "0123456789ABCDEF"[digest[i] & 15];
    }
    hex[32] = '\0';
    buf_puts(out, hex);
    buf_puts(out, "><");
    buf_puts(out, hex);
}

bool pdf_render(const struct pdf *pdf, struct pdf_worker *w, const struct placed *placed, struct buf *out)
{
    const struct tier *tier = &pdf->tiers[tier_of(pdf, placed)];
    size_t content_at, table_at;
    char line[16];

    w->content.length = 0;
    for (size_t i = 0; i < tier->chunk_count; i++) {
        const struct chunk *chunk = &tier->chunks[i];
        const struct placed *p = chunk->slot >= 0 ? &placed[chunk->slot] : NULL;

        buf_add(&w->content, tier->fixed.data + chunk->start, chunk->length);
        if (p && p->text)
            draw_text(&w->content, tier, pdf->bold[chunk->slot], p->x, p->y, p->size, pdf->page_height, &p->glyphs);
    }
    if (w->content.failed || !pack(w))
        return false;
    out->length = 0;
    buf_add(out, tier->prefix.data, tier->prefix.length);
    content_at = out->length;
    buf_printf(out, "%d 0 obj\n<</Length %zu/Filter/FlateDecode>>\nstream\n", tier->content_id, w->packed.length);
    buf_add(out, w->packed.data, w->packed.length);
    buf_puts(out, "\nendstream\nendobj\n");
    table_at = out->length;
    buf_add(out, tier->offsets.data, tier->offsets.length);
    snprintf(line, sizeof line, "%010zu", content_at);
    if (!out->failed)
        memcpy(out->data + table_at + tier->content_line, line, 10);
    buf_add(out, tier->trailer.data, tier->trailer.length);
    add_id(out, &w->content);
    buf_printf(out, ">]>>\nstartxref\n%zu\n%%%%EOF\n", table_at);
    return !out->failed;
}
