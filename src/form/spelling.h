/* Ways to write a text that stand for one: a country's names for its code. They are the form's. */
#ifndef FORM_SPELLING_H
#define FORM_SPELLING_H

#include "form/node.h"

struct spelling {
    const char *folded; /* as fold_add has it */
    const char *text;   /* what it is read as */
};

struct spellings {
    const char *name;
    const char **texts; /* that stand for themselves */
    size_t text_count;
    struct spelling *list; /* by folded */
    size_t count;
};

/* Loads an object of lists by the text that each is read as: {"DE": ["Deutschland", "Germany"]}. Two texts have no spelling in common. */
bool spellings_load(struct spellings *s, const struct node *n);
/* What the text is read as: itself where it is not among them. Borrowed. *failed: memory ran out. */
const char *spellings_read(const struct spellings *s, const char *text, bool *failed);

#endif
