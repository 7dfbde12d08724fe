#include "deliver/stamp.h"

#include <hb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zint.h>

#define QUIET 2         /* modules around a matrix */
#define SIDE 18         /* modules of the matrix that is always used */
#define ZINT_SIDE_18 5  /* zint's number of that size */
#define TEXT_SIZE 800   /* of the digits, in hundredths of a point */
#define TEXT_WIDTH 3600 /* room for them */
#define TEXT_LONG 4300  /* the same, of long marks */
#define TEXT_GAP 100
#define WINDOW_TOP 3900 /* what a window of form A or B can show of a sheet that moves behind it, with some to spare */
#define WINDOW_END 10100

static const char signs[STAMP_SIGNS + 1] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*";

/* Hundredths of a millimetre as hundredths of a point. */
static int points(int length)
{
    return (int)(((int64_t)length * 7200 / 254 + 5) / 10);
}

static int matrix_side(const struct stamp_place *place)
{
    return place->kinds & STAMP_MATRIX ? (SIDE + 2 * QUIET) * place->module : 0;
}

static int text_width(const struct stamp_place *place)
{
    return !(place->kinds & STAMP_DIGITS) ? 0 : TEXT_GAP + (place->kinds & STAMP_LONG ? TEXT_LONG : TEXT_WIDTH);
}

void stamp_turn(struct stamp_place *place, const int page[2])
{
    int side = matrix_side(place), text = text_width(place);

    if (side > 0 && text > 0 && place->x + side + text > page[0] && place->x + side <= page[0] && place->x >= text)
        place->kinds |= STAMP_LEFT;
}

/* Width and height of the mark with its quiet zone. */
static void size_of(const struct stamp_place *place, int *width, int *height)
{
    int side = matrix_side(place);

    *width = side + (place->kinds & STAMP_LEFT ? 0 : text_width(place));
    *height = side > 400 ? side : 400;
}

static bool read_length(const char **text, int *length)
{
    const char *p = *text;
    int whole = 0, digits = 0, part = 0;

    for (; *p >= '0' && *p <= '9' && whole < 10000; p++, digits++)
        whole = whole * 10 + (*p - '0');
    if (digits == 0)
        return false;
    if (*p == '.') {
        for (p++, digits = 0; *p >= '0' && *p <= '9' && digits < 2; p++, digits++)
            part = part * 10 + (*p - '0');
        if (digits == 0)
            return false;
        part *= digits == 1 ? 10 : 1;
    }
    *length = whole * 100 + part;
    *text = p;
    return true;
}

bool stamp_parse(const char *text, int *x, int *y)
{
    return read_length(&text, x) && *text++ == ',' && read_length(&text, y) && !*text;
}

bool stamp_check(const struct stamp_place *place, const int page[2], struct tc_error *err)
{
    int width, height;

    size_of(place, &width, &height);
    if (place->x + width > page[0] || place->y + height > page[1])
        return error_set(err, TC_USAGE, NULL, NULL, "mark-place", "there is no room for the mark on the page at this place");
    if (place->y < WINDOW_END && place->y + height > WINDOW_TOP)
        return error_set(err, TC_USAGE, NULL, NULL, "mark-place",
                         "an envelope's window could show the mark at this place: keep it out of %d to %d mm from the top",
                         WINDOW_TOP / 100, WINDOW_END / 100);
    return true;
}

/* ---- the digits: outlines of the font, so that no font of the page is needed */

static void add_point(struct buf *out, float x, float y)
{
    buf_fixed(out, (long)(x < 0 ? x - 0.5F : x + 0.5F), 2);
    buf_puts(out, " ");
    buf_fixed(out, (long)(y < 0 ? y - 0.5F : y + 0.5F), 2);
    buf_puts(out, " ");
}

static void move_to(hb_draw_funcs_t *f, void *out, hb_draw_state_t *state, float x, float y, void *data)
{
    (void)f, (void)state, (void)data;
    add_point(out, x, y);
    buf_puts(out, "m ");
}

static void line_to(hb_draw_funcs_t *f, void *out, hb_draw_state_t *state, float x, float y, void *data)
{
    (void)f, (void)state, (void)data;
    add_point(out, x, y);
    buf_puts(out, "l ");
}

static void cubic_to(hb_draw_funcs_t *f, void *out, hb_draw_state_t *state, float x1, float y1, float x2, float y2, float x, float y,
                     void *data)
{
    (void)f, (void)state, (void)data;
    add_point(out, x1, y1);
    add_point(out, x2, y2);
    add_point(out, x, y);
    buf_puts(out, "c ");
}

static void close_path(hb_draw_funcs_t *f, void *out, hb_draw_state_t *state, void *data)
{
    (void)f, (void)state, (void)data;
    buf_puts(out, "h ");
}

static void draw_glyph(hb_font_t *font, hb_codepoint_t glyph, hb_draw_funcs_t *funcs, struct buf *out)
{
#if HB_VERSION_ATLEAST(7, 0, 0)
    hb_font_draw_glyph(font, glyph, funcs, out);
#else
    hb_font_get_glyph_shape(font, glyph, funcs, out);
#endif
}

static bool take_sign(struct stamp *s, int i, hb_font_t *font, hb_draw_funcs_t *funcs)
{
    struct buf path = {0};
    hb_codepoint_t glyph;

    if (!hb_font_get_nominal_glyph(font, (unsigned char)signs[i], &glyph))
        return false;
    draw_glyph(font, glyph, funcs, &path);
    buf_add(&path, "f", 2);
    s->advances[i] = hb_font_get_glyph_h_advance(font, glyph);
    s->paths[i] = path.failed ? NULL : path.data;
    if (path.failed)
        buf_free(&path);
    return s->paths[i] != NULL;
}

static bool take_signs(struct stamp *s, const struct font *from)
{
    hb_blob_t *blob = hb_blob_create(from->data, (unsigned)from->size, HB_MEMORY_MODE_READONLY, NULL, NULL);
    hb_face_t *face = hb_face_create(blob, 0);
    hb_font_t *font = hb_font_create(face);
    hb_draw_funcs_t *funcs = hb_draw_funcs_create();
    bool ok = true;

    hb_font_set_scale(font, TEXT_SIZE, TEXT_SIZE);
    hb_draw_funcs_set_move_to_func(funcs, move_to, NULL, NULL);
    hb_draw_funcs_set_line_to_func(funcs, line_to, NULL, NULL);
    hb_draw_funcs_set_cubic_to_func(funcs, cubic_to, NULL, NULL);
    hb_draw_funcs_set_close_path_func(funcs, close_path, NULL, NULL);
    for (int i = 0; ok && i < STAMP_SIGNS; i++)
        ok = take_sign(s, i, font, funcs);
    hb_draw_funcs_destroy(funcs);
    hb_font_destroy(font);
    hb_face_destroy(face);
    hb_blob_destroy(blob);
    return ok;
}

bool stamp_start(struct stamp *s, const struct stamp_place *place, int page_height, const struct font *font, struct tc_error *err)
{
    *s = (struct stamp){.place = *place, .page_height = page_height, .matrix = ZBarcode_Create()};
    if (s->matrix && take_signs(s, font))
        return true;
    stamp_stop(s);
    return error_memory(err);
}

static void add_digits(const struct stamp *s, const char *text, int left, struct buf *out)
{
    int x = points(left), y = points(s->page_height - s->place.y - 250) - TEXT_SIZE / 4; /* near the matrix' upper edge */

    for (; *text; text++) {
        int i = (int)(strchr(signs, *text) - signs);

        buf_puts(out, "q 1 0 0 1 ");
        buf_fixed(out, x, 2);
        buf_puts(out, " ");
        buf_fixed(out, y, 2);
        buf_printf(out, " cm /S%d Do Q\n", i);
        x += s->advances[i];
    }
}

static bool is_dark(const struct zint_symbol *symbol, int row, int column)
{
    return symbol->encoded_data[row][column >> 3] >> (column & 7) & 1;
}

/* A rectangle for each row's dark cells that stand together. */
static void add_cells(const struct stamp *s, const struct zint_symbol *symbol, struct buf *out)
{
    int module = s->place.module, left = s->place.x + QUIET * module, top = s->page_height - s->place.y - QUIET * module;

    for (int row = 0; row < symbol->rows; row++)
        for (int from = 0, to; from < symbol->width; from = to + 1) {
            for (to = from; to < symbol->width && is_dark(symbol, row, to); to++)
                ;
            if (to == from)
                continue;
            buf_fixed(out, points(left + from * module), 2);
            buf_puts(out, " ");
            buf_fixed(out, points(top - (row + 1) * module), 2);
            buf_puts(out, " ");
            buf_fixed(out, points((to - from) * module), 2);
            buf_puts(out, " ");
            buf_fixed(out, points(module), 2);
            buf_puts(out, " re\n");
        }
    buf_puts(out, "f\n");
}

static bool add_matrix(const struct stamp *s, const char *text, struct buf *out, struct tc_error *err)
{
    struct zint_symbol *symbol = s->matrix;

    ZBarcode_Clear(symbol);
    symbol->symbology = BARCODE_DATAMATRIX;
    symbol->option_2 = ZINT_SIDE_18; /* pinned: the same on every machine */
    symbol->input_mode = DATA_MODE;
    if (ZBarcode_Encode(symbol, (const unsigned char *)text, (int)strlen(text)) >= ZINT_ERROR || symbol->rows != SIDE
        || symbol->width != SIDE)
        return error_set(err, TC_IO, NULL, NULL, "mark", "the mark's matrix cannot be made");
    add_cells(s, symbol, out);
    return true;
}

bool stamp_each_sign(const struct stamp *s, bool (*call)(void *ctx, const char *name, int side, const char *paths), void *ctx)
{
    bool ok = true;

    for (int i = 0; ok && i < STAMP_SIGNS && s->place.kinds & STAMP_DIGITS; i++) {
        char name[16];

        snprintf(name, sizeof name, "S%d", i);
        ok = call(ctx, name, TEXT_SIZE / 50, s->paths[i]);
    }
    return ok;
}

bool stamp_draw(struct stamp *s, const struct sheet_mark *mark, struct buf *out, struct tc_error *err)
{
    char text[MARK_LONG + 1];
    bool ok;

    out->length = 0;
    if (!mark_write(mark, text))
        return error_set(err, TC_USAGE, NULL, NULL, "mark", "a job has 1 to %d sheets", MARK_SHEETS_MAX);
    buf_puts(out, "q 0 g\n");
    ok = !(s->place.kinds & STAMP_MATRIX) || add_matrix(s, text, out, err);
    if (s->place.kinds & STAMP_DIGITS)
        add_digits(s, text, s->place.x + (s->place.kinds & STAMP_LEFT ? -text_width(&s->place) : matrix_side(&s->place) + TEXT_GAP), out);
    buf_add(out, "Q", 2);
    return ok && (!out->failed || error_memory(err));
}

void stamp_stop(struct stamp *s)
{
    if (s->matrix)
        ZBarcode_Delete(s->matrix);
    for (int i = 0; i < STAMP_SIGNS; i++)
        free(s->paths[i]);
    *s = (struct stamp){.matrix = NULL};
}
