#include "certificate/letter.h"

#include <stdlib.h>
#include <string.h>

#include "certificate/canonical.h"
#include "layout/place.h"

bool letter_start(struct letter_worker *w, const struct prepared *form, struct tc_error *err)
{
    *w = (struct letter_worker){.form = form, .placed = calloc((size_t)form->letter.page.slot_count + 1, sizeof *w->placed)};
    return (w->placed || error_memory(err)) && pdf_worker_start(&w->pdf, form->letters, err);
}

void letter_stop(struct letter_worker *w)
{
    pdf_worker_stop(&w->pdf);
    attachment_free(&w->attachment);
    buf_free(&w->details);
    free(w->placed);
    *w = (struct letter_worker){.form = NULL};
}

static void add_detail(struct buf *out, const char *key, const char *text)
{
    if (!text)
        return;
    buf_puts(out, out->length > 1 ? "," : "");
    buf_quote(out, key);
    buf_puts(out, ":");
    buf_quote(out, text);
}

/* What a letter says besides what was certified, as the form's fields find it. */
static const struct datum *details(struct letter_worker *w, const struct letter_text *text, struct arena *arena, struct tc_error *err)
{
    struct buf *out = &w->details;

    out->length = 0;
    buf_puts(out, "{");
    add_detail(out, "certificate", text->id);
    add_detail(out, "issued", text->issued);
    add_detail(out, "reason", text->reason);
    add_detail(out, "other", text->other);
    buf_puts(out, "}");
    if (out->failed) {
        error_memory(err);
        return NULL;
    }
    return datum_parse(out->data, out->length, arena, err);
}

bool letter_make(struct letter_worker *w, const struct letter_text *text, bool render, struct arena *arena, struct findings *findings,
                 struct tc_error *err)
{
    const struct prepared *e = w->form;
    struct sources sources = {.at[PLACE_LETTER] = details(w, text, arena, err)};
    struct record record;
    size_t **order;

    if (err->code || !canonical_record(e->template, text->record, arena, &record, err))
        return false;
    for (int place = 0; place < PLACE_COUNT; place++)
        sources.pointers[place] = text->pointer;
    record_read_place(e->template, PLACE_LETTER, &sources, arena, &record, findings);
    order = place_record(e->template, &e->letter, &e->regular, &e->bold, &record, &sources, arena, w->placed, findings);
    if (!order || arena->failed)
        return error_memory(err);
    if (!render || findings->errors > 0)
        return true;
    return (attachment_write(e->letter_phrases, e->template, &e->letter, &record, order, &w->attachment) || error_memory(err))
           && pdf_render(e->letters, &w->pdf, w->placed, &w->attachment.packed, w->hash, err);
}
