#include "write/pdf.h"

#include <hpdf.h>
#include <stdio.h>

#define POINTS_PER_TENTH_MM (72.0f / 254.0f)
#define PAGE_HEIGHT 2970 /* A4, tenths of a millimetre */

/* libharu overwrites its error code by later ones: keep the first. */
static void keep_first(HPDF_STATUS code, HPDF_STATUS detail, void *first)
{
    (void)detail;
    if (*(HPDF_STATUS *)first == HPDF_OK)
        *(HPDF_STATUS *)first = code;
}

static float across(int x)
{
    return (float)x * POINTS_PER_TENTH_MM;
}

static float up(int y)
{
    return (float)(PAGE_HEIGHT - y) * POINTS_PER_TENTH_MM;
}

static HPDF_Font load_font(HPDF_Doc doc, const char *folder, const char *file)
{
    char path[512];
    const char *name;

    if (snprintf(path, sizeof path, "%s/%s", folder, file) >= (int)sizeof path)
        return NULL;
    name = HPDF_LoadTTFontFromFile(doc, path, HPDF_TRUE);
    return name ? HPDF_GetFont(doc, name, "UTF-8") : NULL;
}

static void draw_text(HPDF_Page target, const struct page *page, const struct op *op, HPDF_Font font)
{
    const char *text = page_string(page, op);
    float x = across(op->x);

    HPDF_Page_SetFontAndSize(target, font, (float)op->size / 10);
    if (op->kind == OP_RIGHT)
        x -= HPDF_Page_TextWidth(target, text);
    HPDF_Page_BeginText(target);
    HPDF_Page_TextOut(target, x, up(op->y), text);
    HPDF_Page_EndText(target);
}

static void draw_rule(HPDF_Page target, const struct op *op)
{
    HPDF_Page_SetLineWidth(target, across(op->size) / 10);
    HPDF_Page_MoveTo(target, across(op->x), up(op->y));
    HPDF_Page_LineTo(target, across(op->x2), up(op->y2));
    HPDF_Page_Stroke(target);
}

/* To memory: HPDF_SaveToFile reports success on a full disk. */
static void save(HPDF_Doc doc, struct buf *out)
{
    HPDF_BYTE block[4096];
    HPDF_UINT32 size;

    if (HPDF_SaveToStream(doc) != HPDF_OK)
        return;
    do {
        size = sizeof block;
        HPDF_ReadFromStream(doc, block, &size);
        buf_add(out, block, size);
    } while (size == sizeof block);
}

bool pdf_render(const struct page *page, const char *fonts, struct buf *out, struct tc_error *err)
{
    HPDF_STATUS first = HPDF_OK;
    HPDF_Doc doc = HPDF_New(keep_first, &first);
    HPDF_Font regular = NULL, bold = NULL;
    HPDF_Page target;

    if (!doc)
        return error_memory(err);
    HPDF_UseUTFEncodings(doc);
    HPDF_SetCompressionMode(doc, HPDF_COMP_ALL);
    regular = load_font(doc, fonts, "taxcert-sans-regular.ttf");
    bold = load_font(doc, fonts, "taxcert-sans-bold.ttf");
    target = HPDF_AddPage(doc);
    if (regular && bold && target) {
        HPDF_Page_SetSize(target, HPDF_PAGE_SIZE_A4, HPDF_PAGE_PORTRAIT);
        for (size_t i = 0; i < page->count; i++) {
            const struct op *op = &page->ops[i];

            if (op->kind == OP_RULE)
                draw_rule(target, op);
            else
                draw_text(target, page, op, op->bold ? bold : regular);
        }
        save(doc, out);
    }
    if (!regular || !bold || !target || first != HPDF_OK || out->failed)
        error_set(err, TC_IO, NULL, NULL, "pdf", "libharu could not make the page (error 0x%04lx)", first);
    HPDF_Free(doc);
    return !err->code;
}
