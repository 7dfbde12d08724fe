/* One person's texts for the slots of the form. */
#ifndef LAYOUT_PLACE_H
#define LAYOUT_PLACE_H

#include "input/record.h"
#include "layout/form.h"

/* placed: room for form->page.slot_count. What cannot be drawn or does not fit becomes a finding. Returns by group which
 * input row the form's n-th is, in the arena, or NULL when memory ran out. */
size_t **place_record(const struct template *t, const struct form *form, const struct font *regular, const struct font *bold,
                      const struct record *record, const struct sources *sources, struct arena *arena, struct placed *placed,
                      struct findings *findings);

/* A show's text that stands on no page: numbers without signs for thousands; of the group's input row, or -1. In the arena; "" where it stays
 * empty, NULL when memory ran out. */
const char *place_words(const struct template *t, const struct show *show, const struct record *record, int group, int row,
                        struct arena *arena);

#endif
