/* Two records of one form, compared. */
#include <string.h>

#include "input/record.h"

bool record_same_value(const struct field *f, const struct value *a, const struct value *b)
{
    if (!a->present || !b->present)
        return a->present == b->present;
    return f->type == FIELD_TEXT || f->type == FIELD_LETTERS ? !strcmp(a->text, b->text) : a->number == b->number;
}

bool record_same(const struct template *t, int field, const struct record *a, const struct record *b)
{
    return record_same_value(&t->fields[field], &a->values[field], &b->values[field]);
}

bool record_same_rows(const struct template *t, size_t group, const struct record *a, const struct record *b)
{
    const struct group *g = &t->groups[group];

    if (a->groups[group].count != b->groups[group].count)
        return false;
    for (size_t i = 0; i < a->groups[group].count * g->count; i++)
        if (!record_same_value(&t->fields[g->first + i % g->count], &a->groups[group].cells[i], &b->groups[group].cells[i]))
            return false;
    return true;
}
