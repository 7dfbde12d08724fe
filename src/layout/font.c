#include "layout/font.h"

#include <hb-ot.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/file.h"
#include "base/text.h"

#define POINTS 0x10000

static bool is_private(uint32_t point)
{
    return point >= 0xE000 && point <= 0xF8FF;
}

static bool is_mark(uint32_t point)
{
    return point >= 0x0300 && point <= 0x036F;
}

/* Letters, digits and the signs of addresses; dash and euro. */
static bool is_usual(uint32_t point)
{
    static const bool usual[0x100] = {
        [' '] = true,  ['"'] = true,  ['&' ... ')'] = true, ['+' ... ':'] = true, ['A' ... 'Z'] = true, ['a' ... 'z'] = true,
        [0xA7] = true, [0xB0] = true, [0xC4] = true,        [0xD6] = true,        [0xDC] = true,        [0xDF] = true,
        [0xE4] = true, [0xE9] = true, [0xF6] = true,        [0xFC] = true,
    };

    return point < 0x100 ? usual[point] : point == 0x2013 || point == 0x20AC;
}

/* Letters beyond ASCII that WinAnsiEncoding has (ISO 32000-1, annex D.2), and the apostrophe of names. */
static bool is_western(uint32_t point)
{
    static const uint16_t others[] = {0x0152, 0x0153, 0x0160, 0x0161, 0x0178, 0x017D, 0x017E, 0x2019};

    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (others[i] == point)
            return true;
    return point >= 0xC0 && point <= 0xFF && point != 0xD7 && point != 0xF7;
}

/* Of a character that the font has. */
static uint8_t letter_of(uint32_t point)
{
    bool usual = is_usual(point), western = usual || is_western(point);
    bool plain = point >= 0x20 && point < 0x7F && point != '(' && point != ')' && point != '\\';

    return (uint8_t)(LETTER_COVERED | (usual ? LETTER_USUAL : 0) | (western ? LETTER_WESTERN : 0)
                     | (western || point < 0x180 ? LETTER_LATIN : 0) | (plain ? LETTER_PLAIN : 0));
}

static bool load_metrics(struct font *font)
{
    hb_blob_t *blob = hb_blob_create(font->data, (unsigned)font->size, HB_MEMORY_MODE_READONLY, NULL, NULL);
    hb_face_t *face = hb_face_create(blob, 0);
    hb_blob_t *outlines = hb_face_reference_table(face, HB_TAG('C', 'F', 'F', ' '));
    bool drawn = hb_blob_get_length(outlines) > 0;
    hb_font_t *shaper = hb_font_create(face);
    hb_set_t *points = hb_set_create(); /* that the font has: asking for all there are takes twenty times as long */
    hb_codepoint_t point = HB_SET_VALUE_INVALID;
    unsigned em = hb_face_get_upem(face), found = 0;

    hb_font_set_scale(shaper, (int)em, (int)em);
    hb_face_collect_unicodes(face, points);
    while (hb_set_next(points, &point) && point < POINTS) {
        hb_codepoint_t glyph;

        if (!hb_font_get_nominal_glyph(shaper, point, &glyph))
            continue;
        font->covered[point] = letter_of(point);
        font->advances[point] = (uint16_t)(((unsigned)hb_font_get_glyph_h_advance(shaper, glyph) * 1000 + em / 2) / em);
        found++;
    }
    hb_set_destroy(points);
    hb_font_destroy(shaper);
    hb_face_destroy(face);
    hb_blob_destroy(outlines);
    hb_blob_destroy(blob);
    return drawn && found > 0;
}

/* A line "E000<tab>0041 030B". */
static bool load_sequence(const char *line, struct font_sequence *s)
{
    unsigned unit, a, b, c;
    char one[32]; /* sscanf would go on into the next line */

    snprintf(one, sizeof one, "%.*s", (int)strcspn(line, "\r\n"), line);
    s->count = sscanf(one, "%4x\t%4x %4x %4x", &unit, &a, &b, &c) - 1;
    if (s->count < 2)
        return false;
    s->unit = (uint16_t)unit;
    s->points[0] = (uint16_t)a;
    s->points[1] = (uint16_t)b;
    s->points[2] = s->count > 2 ? (uint16_t)c : 0;
    return true;
}

static bool load_sequences(const char *path, struct font *font, struct tc_error *err)
{
    char *text = NULL;
    size_t length, lines = 1;

    if (!file_read(path, &text, &length, err))
        return false;
    for (size_t i = 0; i < length; i++)
        lines += text[i] == '\n';
    font->sequences = calloc(lines, sizeof *font->sequences);
    if (!font->sequences) {
        free(text);
        return error_memory(err);
    }
    for (char *line = text; line && *line; line = strchr(line, '\n'), line += line != NULL)
        if (*line != '#' && load_sequence(line, &font->sequences[font->sequence_count]))
            font->sequence_count++;
    free(text);
    return font->sequence_count > 0 || error_set(err, TC_USAGE, path, NULL, "font", "no sequence is listed");
}

/* Every OpenType file is made so that its words, big end first, add up to this (specification, table "head"): one that was cut or changed does
 * not, and HarfBuzz would draw what is left of it. */
#define FONT_SUM 0xB1B0AFBAU

static bool is_whole(const struct font *font)
{
    const unsigned char *data = (const unsigned char *)font->data;
    uint32_t sum = 0;

    for (size_t i = 0; i < font->size; i++)
        sum += (uint32_t)data[i] << (24 - 8 * (i % 4));
    return sum == FONT_SUM;
}

bool font_load(const char *folder, const char *weight, struct font *font, struct tc_error *err)
{
    char path[FILE_PATH_MAX], name[64];

    *font = (struct font){0};
    snprintf(name, sizeof name, "taxcert-sans-%.40s.otf", weight);
    if (!file_path(folder, name, path, err) || !file_read(path, &font->data, &font->size, err))
        return false;
    font->advances = calloc(POINTS, sizeof *font->advances);
    font->covered = calloc(POINTS, 1);
    if (!font->advances || !font->covered) {
        font_free(font);
        return error_memory(err);
    }
    if (!is_whole(font) || !load_metrics(font)) {
        font_free(font);
        return error_set(err, TC_USAGE, path, NULL, "font", "this is no usable OpenType font with CFF outlines, or it is damaged");
    }
    if (file_path(folder, "sequences.tsv", path, err) && load_sequences(path, font, err))
        return true;
    font_free(font);
    return false;
}

void font_free(struct font *font)
{
    free(font->data);
    free(font->advances);
    free(font->covered);
    free(font->sequences);
    *font = (struct font){0};
}

/* The unit of the longest sequence that the text begins with; its length in code points, or 0. */
static int find_sequence(const struct font *font, const char *text, uint16_t *unit)
{
    int best = 0;

    for (size_t i = 0; i < font->sequence_count; i++) {
        const struct font_sequence *s = &font->sequences[i];
        const char *p = text;
        int same = 0;

        while (same < s->count && *p && text_next(&p) == s->points[same])
            same++;
        if (same == s->count && same > best) {
            best = same;
            *unit = s->unit;
        }
    }
    return best;
}

/* Text without combining marks and letters that NFC would compose, which mostly is all of it; returns what is behind that. */
static const char *map_plain(const struct font *font, const char *text, uint16_t *units, struct glyphs *out)
{
    size_t count = 0;
    unsigned width = 0;
    uint8_t common = UINT8_MAX;

    for (unsigned char first; (first = (unsigned char)*text) != '\0' && first < 0xCC;) {
        uint32_t point = first;

        if (first < 0x80)
            text++;
        else
            point = text_next(&text);
        units[count++] = (uint16_t)point;
        width += font->advances[point];
        common &= font->covered[point];
    }
    *out = (struct glyphs){units, count, (int)width, common};
    return text;
}

/* A text that NFC has changed, which is plain by no means: its bytes are not its characters, though those may all be plain. */
static bool map_units(const struct font *font, const char *text, uint16_t *units, struct glyphs *out)
{
    *out = (struct glyphs){.units = units, .common = UINT8_MAX & ~LETTER_PLAIN};
    while (*text) {
        uint16_t unit = 0;
        int length = find_sequence(font, text, &unit);
        uint32_t point = text_next(&text);

        if (length == 0) {
            if (point >= POINTS || !font->covered[point] || is_private(point) || is_mark(point))
                return false;
            unit = (uint16_t)point;
        }
        for (int i = 1; i < length; i++)
            text_next(&text);
        units[out->count++] = unit;
        out->width += font->advances[unit];
        out->common &= font->covered[unit];
    }
    return true;
}

bool font_shape(const struct font *font, const char *text, struct arena *arena, struct glyphs *out)
{
    uint16_t *units = arena_take(arena, (strlen(text) + 1) * sizeof *units);
    char *composed;
    bool ok;

    *out = (struct glyphs){0};
    if (!units)
        return false;
    if (!*map_plain(font, text, units, out))
        return (out->common & LETTER_COVERED) != 0;
    composed = (char *)utf8proc_NFC((const utf8proc_uint8_t *)text);
    arena->failed |= !composed;
    ok = composed && map_units(font, composed, units, out);
    free(composed);
    return ok;
}

int font_width(const struct glyphs *glyphs, int size)
{
    return (int)((int64_t)glyphs->width * size * 127 / 36000);
}
