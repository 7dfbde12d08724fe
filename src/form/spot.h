/* A place of the input as people name it who fill it in: by the words of the form. */
#ifndef FORM_SPOT_H
#define FORM_SPOT_H

#include "form/plan.h"

struct spot {
    const char *title; /* as the workbook calls it, else the field's id or the key; of a line of the form its number first */
    bool line;         /* of the form */
    long row;          /* of a list, from 1; 0: of none */
    enum field_place place;
    bool list;    /* of a list or one of its rows */
    bool english; /* the title is the program's own, not the form's */
};

#define SPOT_TEXT 300

/* What stands at a JSON pointer of payroll or employees. False where it is about nothing that somebody fills in, such as a whole certificate. */
bool spot_find(const struct plan *plan, const struct template *t, const char *pointer, struct spot *spot);
/* The same in a sentence of the language of texts (base/say.h), in room. NULL where there is nothing to name. */
const char *spot_name(const struct plan *plan, const struct template *t, const json_t *texts, const char *pointer, char room[SPOT_TEXT]);
/* A field's words without the line's number in front of them; "" where the plan has none. Borrowed. */
const char *spot_caption(const struct plan *plan, int field);

#endif
