/* libharu's memory is a pool that is freed with the document: what it loses on the way to a failure is lost to nobody. */
#include "pdf/objects.h"

#include <hpdf_conf.h>
#include <hpdf_consts.h>
#include <hpdf_doc.h>
#include <hpdf_pages.h>
#include <hpdf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

/* An allocation failed: of libharu's codes the first may be that of what came of it. */
static _Thread_local bool starved;

static int number_of(const void *object)
{
    return (int)(((const HPDF_Obj_Header *)object)->obj_id & 0x00FFFFFF);
}

static HPDF_Dict new_dict(HPDF_Doc doc)
{
    HPDF_Dict dict = HPDF_Dict_New(doc->mmgr);

    return dict && HPDF_Xref_Add(doc->xref, dict) == HPDF_OK ? dict : NULL;
}

/* To libharu it is empty: it would copy the data, which outlive out, byte by byte several times. */
static HPDF_Dict new_stream(HPDF_Doc doc, const void *data, size_t length, struct objects *out)
{
    HPDF_Dict dict = HPDF_DictStream_New(doc->mmgr, doc->xref);

    if (dict)
        out->streams[out->stream_count++] = (struct object_stream){number_of(dict), data, length};
    return dict;
}

/* Written in parentheses; whatever delimits anything in a PDF is escaped in it by its octal number. */
static void add_bytes(HPDF_Doc doc, HPDF_Dict dict, const char *key, const char *bytes)
{
    HPDF_Dict_Add(dict, key, HPDF_String_New(doc->mmgr, bytes, NULL));
}

static void add_unit(struct buf *wide, unsigned unit)
{
    buf_add(wide, (const char[]){(char)(unit >> 8), (char)unit}, 2);
}

/* A text string of the document: a byte a character where PDFDocEncoding is Latin-1 and all are in it, else UTF-16BE with its mark. */
static void add_string(HPDF_Doc doc, HPDF_Dict dict, const char *key, const char *text)
{
    struct buf wide = {0}, narrow = {0};
    bool fits = true;

    buf_add(&wide, "\xFE\xFF", 2);
    while (*text) {
        unsigned point = text_next(&text);
        char byte = (char)point;

        fits &= (point >= 0x20 && point < 0x7F) || (point > 0xA0 && point <= 0xFF && point != 0xAD);
        buf_add(&narrow, &byte, 1);
        if (point > 0xFFFF)
            add_unit(&wide, 0xD7C0 + (point >> 10));
        add_unit(&wide, point > 0xFFFF ? 0xDC00 + (point & 0x3FF) : point);
    }
    buf_add(&narrow, "", 1);
    starved |= wide.failed || narrow.failed;
    if (!starved && fits)
        add_bytes(doc, dict, key, narrow.data);
    else if (!starved)
        HPDF_Dict_Add(dict, key, HPDF_Binary_New(doc->mmgr, (HPDF_BYTE *)wide.data, (HPDF_UINT)wide.length));
    buf_free(&narrow);
    buf_free(&wide);
}

/* Dates of the document: the day of issue, at midnight UTC. */
static void add_date(HPDF_Doc doc, HPDF_Dict dict, const char *key, int32_t date)
{
    char text[32];

    snprintf(text, sizeof text, "D:%08d000000Z", (int)date);
    add_bytes(doc, dict, key, text);
}

static void add_numbers(HPDF_Doc doc, HPDF_Dict dict, const char *key, const int *numbers, size_t count)
{
    HPDF_Array array = HPDF_Array_New(doc->mmgr);

    for (size_t i = 0; array && i < count; i++)
        HPDF_Array_AddNumber(array, numbers[i]);
    HPDF_Dict_Add(dict, key, array);
}

static HPDF_Dict add_descriptor(HPDF_Doc doc, const char *name, const struct face *face, bool bold, struct objects *out)
{
    const struct subset *subset = &face->subset;
    static const int box[] = {-600, -450, 2000, 1100}; /* thousandths; the ink of every glyph lies within */
    HPDF_Dict d = new_dict(doc), file = new_stream(doc, subset->data, subset->size, out);

    if (!d || !file)
        return NULL;
    HPDF_Dict_AddName(file, "Subtype", face->simple ? "Type1C" : "CIDFontType0C");
    HPDF_Dict_AddName(d, "Type", "FontDescriptor");
    HPDF_Dict_AddName(d, "FontName", name);
    HPDF_Dict_AddNumber(d, "Flags", face->simple ? 32 : 4); /* characters of a standard set; others */
    add_numbers(doc, d, "FontBBox", box, 4);
    HPDF_Dict_AddNumber(d, "ItalicAngle", 0);
    HPDF_Dict_AddNumber(d, "Ascent", 1069);
    HPDF_Dict_AddNumber(d, "Descent", -293);
    HPDF_Dict_AddNumber(d, "CapHeight", 714);
    HPDF_Dict_AddNumber(d, "StemV", bold ? 140 : 80);
    HPDF_Dict_Add(d, "FontFile3", file);
    return d;
}

static void add_widths(HPDF_Doc doc, HPDF_Dict dict, const struct font *font, const struct subset *subset)
{
    HPDF_Array all = HPDF_Array_New(doc->mmgr), widths = HPDF_Array_New(doc->mmgr);

    if (!all || !widths)
        return;
    for (size_t glyph = 1; glyph < subset->glyph_count; glyph++)
        HPDF_Array_AddNumber(widths, font->advances[subset->units[glyph]]);
    HPDF_Array_AddNumber(all, 1);
    HPDF_Array_Add(all, widths);
    HPDF_Dict_Add(dict, "W", all);
}

/* By WinAnsiEncoding's bytes, from the first to the last that the face has. */
static void add_byte_widths(HPDF_Doc doc, HPDF_Dict dict, const struct face *face)
{
    HPDF_Array list = HPDF_Array_New(doc->mmgr);
    int widths[256], first = 255, last = 0;

    memset(widths, 0, sizeof widths);
    for (size_t glyph = 1; glyph < face->subset.glyph_count; glyph++) {
        uint16_t unit = face->subset.units[glyph];
        int byte = content_byte(unit);

        widths[byte] = face->font->advances[unit];
        first = byte < first ? byte : first;
        last = byte > last ? byte : last;
    }
    for (int byte = first; list && byte <= last; byte++)
        HPDF_Array_AddNumber(list, widths[byte]);
    HPDF_Dict_AddNumber(dict, "FirstChar", first);
    HPDF_Dict_AddNumber(dict, "LastChar", last);
    HPDF_Dict_Add(dict, "Widths", list);
}

static HPDF_Dict add_simple_font(HPDF_Doc doc, const char *name, const struct face *face, bool bold, struct objects *out)
{
    HPDF_Dict font = new_dict(doc), descriptor = add_descriptor(doc, name, face, bold, out);

    if (!font || !descriptor)
        return NULL;
    HPDF_Dict_AddName(font, "Type", "Font");
    HPDF_Dict_AddName(font, "Subtype", "Type1");
    HPDF_Dict_AddName(font, "BaseFont", name);
    HPDF_Dict_AddName(font, "Encoding", "WinAnsiEncoding");
    HPDF_Dict_Add(font, "FontDescriptor", descriptor);
    add_byte_widths(doc, font, face);
    return font;
}

/* Type0 with Identity-H: the codes in the content stream are the subset's glyph numbers. */
static HPDF_Dict add_large_font(HPDF_Doc doc, const char *name, const struct face *face, bool bold, struct objects *out)
{
    const struct font *font = face->font;
    const struct subset *subset = &face->subset;
    HPDF_Dict type0 = new_dict(doc), cid = new_dict(doc), descriptor, unicode, info = HPDF_Dict_New(doc->mmgr);
    HPDF_Array descendants = HPDF_Array_New(doc->mmgr);

    descriptor = add_descriptor(doc, name, face, bold, out);
    unicode = new_stream(doc, face->meanings.data, face->meanings.length, out);
    if (!type0 || !cid || !descriptor || !unicode || !info || !descendants)
        return NULL;
    HPDF_Dict_AddName(cid, "Type", "Font");
    HPDF_Dict_AddName(cid, "Subtype", "CIDFontType0");
    HPDF_Dict_AddName(cid, "BaseFont", name);
    add_bytes(doc, info, "Registry", "Adobe");
    add_bytes(doc, info, "Ordering", "Identity");
    HPDF_Dict_AddNumber(info, "Supplement", 0);
    HPDF_Dict_Add(cid, "CIDSystemInfo", info);
    HPDF_Dict_Add(cid, "FontDescriptor", descriptor);
    add_widths(doc, cid, font, subset);
    HPDF_Dict_AddName(type0, "Type", "Font");
    HPDF_Dict_AddName(type0, "Subtype", "Type0");
    HPDF_Dict_AddName(type0, "BaseFont", name);
    HPDF_Dict_AddName(type0, "Encoding", "Identity-H");
    HPDF_Array_Add(descendants, cid);
    HPDF_Dict_Add(type0, "DescendantFonts", descendants);
    HPDF_Dict_Add(type0, "ToUnicode", unicode);
    return type0;
}

static HPDF_Dict add_font(HPDF_Doc doc, const struct face *face, bool bold, struct objects *out)
{
    const char *name = bold ? "TAXCRB+TaxcertSans-Bold" : "TAXCRR+TaxcertSans-Regular";

    return face->simple ? add_simple_font(doc, name, face, bold, out) : add_large_font(doc, name, face, bold, out);
}

static bool is_leaf(const struct element *e)
{
    return e->kind != ELEMENT_TABLE && e->kind != ELEMENT_ROW;
}

/* Leaves are numbered in a row, behind all others: the lists of them pack better. */
static bool number_elements(HPDF_Doc doc, const struct page *page, uint32_t choices, HPDF_Dict *made)
{
    bool ok = true;

    for (int leaf = 0; leaf < 2; leaf++)
        for (size_t i = 0; ok && i < page->element_count; i++)
            if (is_leaf(&page->elements[i]) == leaf && page_has(page, i, choices))
                ok = (made[i] = new_dict(doc)) != NULL;
    return ok;
}

/* What is the same for many comes first, what is its own last (end_element): the text packs better. leaf_of: the page of a leaf, else NULL. */
static bool begin_element(HPDF_Dict dict, HPDF_Dict parent, const char *name, HPDF_Page leaf_of)
{
    HPDF_Array kids = HPDF_Dict_GetItem(parent, "K", HPDF_OCLASS_ARRAY);

    if (leaf_of)
        HPDF_Dict_Add(dict, "Pg", leaf_of);
    HPDF_Dict_AddName(dict, "S", name);
    return kids && HPDF_Array_Add(kids, dict) == HPDF_OK;
}

/* number: of a leaf's marked content; else -1, and parts come into it. */
static bool end_element(HPDF_Doc doc, HPDF_Dict dict, HPDF_Dict parent, int number)
{
    HPDF_Dict_Add(dict, "P", parent);
    return (number >= 0 ? HPDF_Dict_AddNumber(dict, "K", number) : HPDF_Dict_Add(dict, "K", HPDF_Array_New(doc->mmgr))) == HPDF_OK;
}

static void add_table_attribute(HPDF_Doc doc, HPDF_Dict dict, const struct element *e)
{
    HPDF_Dict attribute;

    if (e->kind != ELEMENT_HEAD && e->span == 1)
        return;
    attribute = HPDF_Dict_New(doc->mmgr);
    if (!attribute)
        return;
    HPDF_Dict_AddName(attribute, "O", "Table");
    if (e->kind == ELEMENT_HEAD)
        HPDF_Dict_AddName(attribute, "Scope", e->column ? "Column" : "Row");
    if (e->span > 1)
        HPDF_Dict_AddNumber(attribute, "ColSpan", e->span);
    HPDF_Dict_Add(dict, "A", attribute);
}

static int count_pages(const HPDF_Page *targets)
{
    int count = 0;

    for (int i = 0; i < PAGE_SHEETS_MAX; i++)
        count += targets[i] != NULL;
    return count;
}

/* The list of a page's leaves in the tree of parents, under the page's key. */
static HPDF_Array begin_leaves(HPDF_Doc doc, const HPDF_Page *targets, int sheet, HPDF_Array numbers)
{
    HPDF_Array leaves = HPDF_Array_New(doc->mmgr);
    int key = 0;

    for (int i = 0; i < sheet; i++)
        key += targets[i] != NULL;
    HPDF_Array_AddNumber(numbers, key);
    HPDF_Array_Add(numbers, leaves);
    return leaves;
}

/* The tree of what is on the pages, and from every marked part of the content the way back to it. */
static bool add_structure(HPDF_Doc doc, const HPDF_Page *targets, const struct page *page, uint32_t choices)
{
    static const char *const names[] = {"H1", "P", "Table", "TR", "TH", "TD"};
    HPDF_Dict root = new_dict(doc), parents = HPDF_Dict_New(doc->mmgr), mark = HPDF_Dict_New(doc->mmgr), top = new_dict(doc);
    HPDF_Array numbers = HPDF_Array_New(doc->mmgr), leaves = NULL;
    HPDF_Dict *made = calloc(page->element_count + 1, sizeof *made);
    int number = 0, pages = count_pages(targets), sheet = -1;
    bool ok = root && top && parents && mark && numbers && made && number_elements(doc, page, choices, made);

    if (!ok)
        goto cleanup;
    HPDF_Dict_AddName(root, "Type", "StructTreeRoot");
    HPDF_Dict_Add(root, "K", HPDF_Array_New(doc->mmgr));
    HPDF_Dict_AddNumber(root, "ParentTreeNextKey", pages);
    ok = begin_element(top, root, "Document", NULL) && end_element(doc, top, root, -1);
    for (size_t i = 0; ok && i < page->element_count; i++) {
        const struct element *e = &page->elements[i];
        bool leaf = is_leaf(e);
        HPDF_Dict parent = e->parent >= 0 ? made[e->parent] : top;

        if (!page_has(page, i, choices))
            continue;
        ok = begin_element(made[i], parent, names[e->kind], leaf ? targets[e->sheet] : NULL);
        if (!ok)
            break;
        add_table_attribute(doc, made[i], e);
        if (!leaf) {
            ok = end_element(doc, made[i], parent, -1);
            continue;
        }
        if (e->spoken)
            add_string(doc, made[i], "ActualText", e->spoken);
        if (e->sheet != sheet) {
            sheet = e->sheet;
            number = 0;
            leaves = begin_leaves(doc, targets, sheet, numbers);
            ok = leaves != NULL;
        }
        ok = ok && end_element(doc, made[i], parent, number++) && HPDF_Array_Add(leaves, made[i]) == HPDF_OK;
    }
    HPDF_Dict_Add(parents, "Nums", numbers);
    HPDF_Dict_Add(root, "ParentTree", parents);
    HPDF_Dict_Add(doc->catalog, "StructTreeRoot", root);
    HPDF_Dict_AddBoolean(mark, "Marked", HPDF_TRUE);
    HPDF_Dict_Add(doc->catalog, "MarkInfo", mark);
    for (int i = 0, key = 0; i < PAGE_SHEETS_MAX; i++) {
        if (!targets[i])
            continue;
        HPDF_Dict_AddNumber(targets[i], "StructParents", key++);
        HPDF_Dict_AddName(targets[i], "Tabs", "S");
    }
cleanup:
    free(made);
    return ok;
}

static void add_escaped(struct buf *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '&')
            buf_puts(out, "&amp;");
        else if (*text == '<')
            buf_puts(out, "&lt;");
        else
            buf_add(out, text, 1);
    }
}

/* What the file says of itself: PDF/A-3a and PDF/UA-1, and PDF/A's description of PDF/UA's own words. */
static void write_xmp(struct buf *out, const struct pdf_document *d)
{
    static const char *const days[] = {"CreateDate", "ModifyDate"};

    buf_puts(out, "<?xpacket begin=\"\xEF\xBB\xBF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n"
                  "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n<rdf:Description rdf:about=\"\""
                  " xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\""
                  " xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\" xmlns:pdfaid=\"http://www.aiim.org/pdfa/ns/id/\""
                  " xmlns:pdfuaid=\"http://www.aiim.org/pdfua/ns/id/\" xmlns:pdfaExtension=\"http://www.aiim.org/pdfa/ns/extension/\""
                  " xmlns:pdfaSchema=\"http://www.aiim.org/pdfa/ns/schema#\""
                  " xmlns:pdfaProperty=\"http://www.aiim.org/pdfa/ns/property#\">\n"
                  "<dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">");
    add_escaped(out, d->title);
    buf_puts(out, "</rdf:li></rdf:Alt></dc:title>\n<dc:language><rdf:Bag><rdf:li>");
    add_escaped(out, d->language);
    buf_puts(out, "</rdf:li></rdf:Bag></dc:language>\n<pdf:Producer>taxcert</pdf:Producer>\n");
    for (size_t i = 0; i < sizeof days / sizeof *days; i++)
        buf_printf(out, "<xmp:%s>%04d-%02d-%02dT00:00:00Z</xmp:%s>\n", days[i], (int)(d->issued / 10000), (int)(d->issued / 100 % 100),
                   (int)(d->issued % 100), days[i]);
    buf_puts(out, "<pdfaid:part>3</pdfaid:part>\n<pdfaid:conformance>A</pdfaid:conformance>\n<pdfuaid:part>1</pdfuaid:part>\n"
                  "<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType=\"Resource\">"
                  "<pdfaSchema:schema>PDF/UA</pdfaSchema:schema>"
                  "<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>"
                  "<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>"
                  "<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType=\"Resource\"><pdfaProperty:name>part</pdfaProperty:name>"
                  "<pdfaProperty:valueType>Integer</pdfaProperty:valueType><pdfaProperty:category>internal</pdfaProperty:category>"
                  "<pdfaProperty:description>part of ISO 14289</pdfaProperty:description>"
                  "</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas>\n"
                  "</rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"r\"?>\n");
}

static bool add_metadata(HPDF_Doc doc, const struct pdf_document *document, struct objects *out)
{
    HPDF_Dict stream;

    write_xmp(&out->metadata, document);
    if (out->metadata.failed || !(stream = new_stream(doc, out->metadata.data, out->metadata.length, out)))
        return false;
    HPDF_Dict_AddName(stream, "Type", "Metadata");
    HPDF_Dict_AddName(stream, "Subtype", "XML");
    HPDF_Dict_Add(doc->catalog, "Metadata", stream);
    HPDF_SetInfoAttr(doc, HPDF_INFO_PRODUCER, "taxcert");
    if (!doc->info)
        return false;
    add_string(doc, doc->info, "Title", document->title);
    add_date(doc, doc->info, "CreationDate", document->issued);
    add_date(doc, doc->info, "ModDate", document->issued);
    return true;
}

/* The page's only colour is grey: a profile says which. */
static bool add_output_intent(HPDF_Doc doc, const struct pdf_document *document, struct objects *out)
{
    HPDF_Dict intent = HPDF_Dict_New(doc->mmgr), profile = new_stream(doc, document->profile, document->profile_size, out);
    HPDF_Array list = HPDF_Array_New(doc->mmgr);

    if (!intent || !profile || !list)
        return false;
    HPDF_Dict_AddNumber(profile, "N", 1);
    HPDF_Dict_AddName(intent, "Type", "OutputIntent");
    HPDF_Dict_AddName(intent, "S", "GTS_PDFA1");
    add_string(doc, intent, "OutputConditionIdentifier", "Gray gamma 2.2");
    add_string(doc, intent, "Info", "Gray gamma 2.2");
    HPDF_Dict_Add(intent, "DestOutputProfile", profile);
    HPDF_Array_Add(list, intent);
    return HPDF_Dict_Add(doc->catalog, "OutputIntents", list) == HPDF_OK;
}

/* The printed values for machines; the stream itself is the person's. */
static bool add_attachment(HPDF_Doc doc, const struct pdf_document *document, struct objects *out)
{
    HPDF_Dict file = new_stream(doc, "", 0, out), specification = new_dict(doc), embedded = HPDF_Dict_New(doc->mmgr);
    HPDF_Dict names = HPDF_Dict_New(doc->mmgr), tree = HPDF_Dict_New(doc->mmgr);
    HPDF_Array list = HPDF_Array_New(doc->mmgr), associated = HPDF_Array_New(doc->mmgr);

    if (!file || !specification || !embedded || !names || !tree || !list || !associated)
        return false;
    HPDF_Dict_AddName(specification, "Type", "Filespec");
    add_string(doc, specification, "F", document->attachment);
    add_string(doc, specification, "UF", document->attachment);
    add_string(doc, specification, "Desc", document->title);
    HPDF_Dict_AddName(specification, "AFRelationship", "Data");
    HPDF_Dict_Add(embedded, "F", file);
    HPDF_Dict_Add(embedded, "UF", file);
    HPDF_Dict_Add(specification, "EF", embedded);
    HPDF_Array_Add(associated, specification);
    HPDF_Dict_Add(doc->catalog, "AF", associated);
    HPDF_Array_Add(list, HPDF_String_New(doc->mmgr, document->attachment, NULL));
    HPDF_Array_Add(list, specification);
    HPDF_Dict_Add(tree, "Names", list);
    HPDF_Dict_Add(names, "EmbeddedFiles", tree);
    HPDF_Dict_Add(doc->catalog, "Names", names);
    out->attachment = number_of(file);
    return true;
}

static bool add_page(HPDF_Doc doc, HPDF_Page target, const struct page *page, HPDF_Dict regular, HPDF_Dict bold)
{
    HPDF_Dict fonts = HPDF_Dict_New(doc->mmgr), resources = HPDF_Dict_GetItem(target, "Resources", HPDF_OCLASS_DICT);

    if (!fonts || !resources)
        return false;
    HPDF_Dict_RemoveElement(resources, "ProcSet"); /* which nobody has read since PDF 1.4 */
    HPDF_Page_SetWidth(target, (HPDF_REAL)content_points(page->width) / 100);
    HPDF_Page_SetHeight(target, (HPDF_REAL)content_points(page->height) / 100);
    HPDF_Dict_Add(fonts, "R", regular);
    HPDF_Dict_Add(fonts, "B", bold);
    HPDF_Dict_Add(resources, "Font", fonts);
    return true;
}

/* The pages that there are, by sheet. */
static bool add_pages(HPDF_Doc doc, const struct page *page, uint32_t choices, const struct faces *faces, HPDF_Page *targets,
                      struct objects *out)
{
    HPDF_Dict regular, bold;

    for (int i = 0; i < page->sheet_count; i++) {
        if (!page_has_sheet(page, i, choices))
            continue;
        targets[i] = HPDF_AddPage(doc);
        if (!targets[i])
            return false;
        out->contents[i] = number_of(((HPDF_PageAttr)targets[i]->attr)->contents);
    }
    regular = add_font(doc, &faces->regular, false, out);
    bold = add_font(doc, &faces->bold, true, out);
    for (int i = 0; i < page->sheet_count; i++)
        if (targets[i] && (!regular || !bold || !add_page(doc, targets[i], page, regular, bold)))
            return false;
    return true;
}

static bool build(HPDF_Doc doc, const struct page *page, uint32_t choices, const struct faces *faces, const struct pdf_document *document,
                  struct objects *out)
{
    HPDF_Dict view = HPDF_Dict_New(doc->mmgr);
    HPDF_Page targets[PAGE_SHEETS_MAX] = {0};

    if (!view)
        return false;
    add_string(doc, doc->catalog, "Lang", document->language);
    HPDF_Dict_AddBoolean(view, "DisplayDocTitle", HPDF_TRUE);
    HPDF_Dict_Add(doc->catalog, "ViewerPreferences", view);
    return add_pages(doc, page, choices, faces, targets, out) && add_structure(doc, targets, page, choices)
           && add_metadata(doc, document, out) && add_output_intent(doc, document, out) && add_attachment(doc, document, out);
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
    buf_add(out, "", 1); /* dictionaries are searched as text */
    return !out->failed;
}

static HPDF_Dict stream_of(HPDF_Doc doc, unsigned i)
{
    HPDF_Dict dict = HPDF_Xref_GetEntry(doc->xref, i)->obj;

    return (dict->header.obj_class & 0x00FF) == HPDF_OCLASS_DICT && dict->stream ? dict : NULL;
}

/* The data that were kept from libharu. */
static bool find_data(const struct objects *objects, struct object *o)
{
    for (int i = 0; i < objects->stream_count; i++)
        if (objects->streams[i].number == o->number) {
            o->data = objects->streams[i].data;
            o->size = objects->streams[i].size;
            return true;
        }
    return false;
}

/* "<<\n...\n>>\nstream\r\n...": the length, which libharu makes an object of its own, is taken out. */
static bool list_stream(const struct objects *objects, struct object *o, HPDF_Dict dict, char *text)
{
    HPDF_Number length = HPDF_Dict_GetItem(dict, "Length", HPDF_OCLASS_NUMBER);
    char *end = strstr(text, ">>\nstream\r\n"), *skip, reference[32];
    size_t cut = (size_t)snprintf(reference, sizeof reference, "/Length %d 0 R\n", number_of(length));

    skip = strstr(text, reference);
    if (!end || !skip || skip > end)
        return false;
    memmove(skip, skip + cut, (size_t)(end - skip) - cut);
    o->text = text + strlen("<<\n");
    o->length = (size_t)(end - o->text) - cut;
    return find_data(objects, o);
}

/* libharu writes objects in the order of their numbers, each as "N 0 obj\n...\nendobj\n". */
static bool list_objects(HPDF_Doc doc, struct objects *out, struct tc_error *err)
{
    unsigned count = doc->xref->entries->count;
    bool *skip = calloc(count + 1, sizeof *skip), ok;

    out->list = calloc(count, sizeof *out->list);
    ok = (skip && out->list) || error_memory(err);
    out->numbers = (int)count;
    out->root = number_of(doc->catalog);
    out->info = number_of(doc->info);
    for (int i = 0; ok && i < PAGE_SHEETS_MAX; i++)
        skip[out->contents[i]] = true;
    for (unsigned i = 1; ok && i < count; i++)
        if (stream_of(doc, i))
            skip[number_of(HPDF_Dict_GetItem(stream_of(doc, i), "Length", HPDF_OCLASS_NUMBER))] = true;
    for (unsigned i = 1; ok && i < count; i++) {
        size_t end = i + 1 < count ? HPDF_Xref_GetEntry(doc->xref, i + 1)->byte_offset : doc->xref->addr;
        char *text = strchr(out->file.data + HPDF_Xref_GetEntry(doc->xref, i)->byte_offset, '\n') + 1;
        struct object *o = &out->list[out->count];

        if (skip[i] || (int)i == out->attachment)
            continue;
        *o = (struct object){.number = (int)i, .stream = stream_of(doc, i) != NULL, .text = text};
        o->length = (size_t)(out->file.data + end - text) - strlen("endobj\n");
        ok = !o->stream || list_stream(out, o, stream_of(doc, i), text)
             || error_set(err, TC_IO, NULL, NULL, "pdf", "a stream of libharu's looks otherwise than expected");
        out->count++;
    }
    free(skip);
    return ok;
}

/* libharu overwrites its error code by later ones: keep the first. */
static void keep_first(HPDF_STATUS code, HPDF_STATUS detail, void *first)
{
    (void)detail;
    if (*(HPDF_STATUS *)first == HPDF_OK)
        *(HPDF_STATUS *)first = code;
}

static void *allocate(HPDF_UINT size)
{
    void *memory = malloc(size);

    starved |= !memory;
    return memory;
}

bool objects_make(const struct page *page, uint32_t choices, const struct faces *faces, const struct pdf_document *document,
                  struct objects *out, struct tc_error *err)
{
    HPDF_STATUS first = HPDF_OK;
    HPDF_Doc doc;
    bool ok;

    *out = (struct objects){0};
    starved = false;
    doc = HPDF_NewEx(keep_first, allocate, free, 1, &first);
    if (!doc)
        return error_memory(err);
    ok = build(doc, page, choices, faces, document, out) && save(doc, &out->file) && first == HPDF_OK && !starved
         && list_objects(doc, out, err);
    HPDF_Free(doc);
    if (ok || starved || out->file.failed || first == HPDF_OK)
        return ok || error_memory(err);
    return error_set(err, TC_IO, NULL, NULL, "pdf", "libharu could not make the form (error 0x%04lx)", first);
}

void objects_free(struct objects *objects)
{
    buf_free(&objects->file);
    buf_free(&objects->metadata);
    free(objects->list);
}
