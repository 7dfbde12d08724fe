#include "pdf/subset.h"

#include <hb-subset.h>
#include <stdlib.h>
#include <string.h>

#define UNITS 0x10000

/* Of all tables a PDF needs the outlines and their names alone: widths and characters it has itself. */
static bool keep_outlines(hb_face_t *face, struct subset *out)
{
    hb_blob_t *blob = hb_face_reference_table(face, HB_TAG('C', 'F', 'F', ' '));
    unsigned length;
    const char *data = hb_blob_get_data(blob, &length);

    out->data = length > 0 ? malloc(length) : NULL;
    if (out->data) {
        memcpy(out->data, data, length);
        out->size = length;
    }
    hb_blob_destroy(blob);
    return out->data != NULL;
}

static bool map_glyphs(hb_subset_plan_t *plan, const uint8_t *wanted, struct subset *out)
{
    const hb_map_t *old = hb_subset_plan_unicode_to_old_glyph_mapping(plan);
    const hb_map_t *new = hb_subset_plan_old_to_new_glyph_mapping(plan);

    out->glyphs = calloc(UNITS, sizeof *out->glyphs);
    out->units = calloc(UNITS, sizeof *out->units);
    if (!out->glyphs || !out->units)
        return false;
    out->glyph_count = 1; /* .notdef */
    for (uint32_t unit = 0; unit < UNITS; unit++) {
        hb_codepoint_t glyph = wanted[unit] ? hb_map_get(old, unit) : HB_MAP_VALUE_INVALID;

        if (glyph == HB_MAP_VALUE_INVALID)
            continue;
        glyph = hb_map_get(new, glyph);
        if (glyph >= UNITS)
            return false; /* the map is cut short for want of memory */
        out->glyphs[unit] = (uint16_t)glyph;
        out->units[glyph] = (uint16_t)unit;
        if (glyph + 1 > out->glyph_count)
            out->glyph_count = glyph + 1;
    }
    return true;
}

bool subset_make(const struct font *font, const uint8_t *wanted, struct subset *out, struct tc_error *err)
{
    hb_blob_t *blob = hb_blob_create(font->data, (unsigned)font->size, HB_MEMORY_MODE_READONLY, NULL, NULL);
    hb_face_t *face = hb_face_create(blob, 0), *reduced = NULL;
    hb_subset_input_t *input = hb_subset_input_create_or_fail();
    hb_subset_plan_t *plan = NULL;
    bool ok = false;

    *out = (struct subset){0};
    if (!input)
        goto cleanup;
    for (uint32_t unit = 0; unit < UNITS; unit++)
        if (wanted[unit] && font->covered[unit])
            hb_set_add(hb_subset_input_unicode_set(input), unit);
    hb_subset_input_set_flags(input, HB_SUBSET_FLAGS_DESUBROUTINIZE); /* there is none: nothing to look for */
    plan = hb_subset_plan_create_or_fail(face, input);
    if (!plan)
        goto cleanup;
    reduced = hb_subset_plan_execute_or_fail(plan);
    ok = reduced && keep_outlines(reduced, out) && map_glyphs(plan, wanted, out);
cleanup:
    hb_face_destroy(reduced);
    hb_subset_plan_destroy(plan);
    hb_subset_input_destroy(input);
    hb_face_destroy(face);
    hb_blob_destroy(blob);
    if (!ok) {
        subset_free(out);
        if (!plan || reduced)
            error_memory(err);
        else
            error_set(err, TC_IO, NULL, NULL, "font", "the font cannot be reduced: memory is lacking, or it is damaged");
    }
    return ok;
}

void subset_free(struct subset *s)
{
    free(s->data);
    free(s->glyphs);
    free(s->units);
    *s = (struct subset){0};
}
