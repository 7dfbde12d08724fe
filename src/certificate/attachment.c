#include "certificate/attachment.h"

#include <string.h>

#include "certificate/canonical.h"

static bool is_printed(const struct form *form, size_t field, const struct value *v)
{
    switch ((enum printed)form->printed[field]) {
    case PRINTED_ALWAYS: return v->present;
    case PRINTED_ABROAD: return v->present && strcmp(v->text, form->home_country) != 0;
    default: return false;
    }
}

static void add_fields(const struct template *t, const struct form *form, size_t first, size_t count, bool grouped,
                       const struct value *values, struct buf *out)
{
    const char *comma = "";

    buf_puts(out, "{");
    for (size_t i = 0; i < count; i++) {
        const struct field *f = &t->fields[first + i];

        if (!is_printed(form, first + i, &values[i]) || (!grouped && f->group >= 0))
            continue;
        buf_puts(out, comma);
        buf_add(out, f->key, f->key_length);
        canonical_value(out, f, &values[i]);
        comma = ",";
    }
    buf_puts(out, "}");
}

static void add_marks(unsigned marks, struct buf *out)
{
    const char *name, *comma = "";

    buf_puts(out, ",\"marks\":[");
    for (int i = 0; (name = form_mark_name(i)) != NULL; i++) {
        if (!(marks & 1U << i))
            continue;
        buf_puts(out, comma);
        buf_quote(out, name);
        comma = ",";
    }
    buf_puts(out, "]");
}

void attachment_write(const struct template *t, const struct form *form, const struct record *record, size_t *const *order, struct buf *out)
{
    out->length = 0;
    buf_puts(out,
             form->kind == FORM_LETTER ? "{\"format\":\"taxcert/letter/1\",\"form\":" : "{\"format\":\"taxcert/certificate/1\",\"form\":");
    buf_quote(out, t->id);
    buf_puts(out, ",\"year\":");
    buf_fixed(out, t->year, 0);
    if (form->marks)
        add_marks(form->marks, out);
    buf_puts(out, ",\"fields\":");
    add_fields(t, form, 0, t->field_count, false, record->values, out);
    for (size_t g = 0; g < t->group_count; g++) {
        const struct group *group = &t->groups[g];
        size_t rows = record->groups[g].count, attached = (size_t)form->groups[g].attached;

        if (attached == 0)
            continue;
        buf_puts(out, ",");
        buf_quote(out, group->id);
        buf_puts(out, ":[");
        for (size_t row = 0; row < rows && row < attached; row++) {
            buf_puts(out, row ? "," : "");
            add_fields(t, form, group->first, group->count, true, &record->groups[g].cells[order[g][row] * group->count], out);
        }
        buf_puts(out, "]");
    }
    buf_puts(out, "}\n");
}
