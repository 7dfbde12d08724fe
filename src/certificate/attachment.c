#include "certificate/attachment.h"

#include <stdlib.h>
#include <string.h>

#include "certificate/canonical.h"

/* Phrases by number: the beginning, then each field's key, then what stands before each group's rows. */
static size_t key_phrase(size_t field)
{
    return 1 + field;
}

static size_t group_phrase(const struct template *t, size_t group)
{
    return 1 + t->field_count + group;
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

static void add_beginning(const struct template *t, const struct form *form, struct buf *out)
{
    buf_puts(out,
             form->kind == FORM_LETTER ? "{\"format\":\"taxcert/letter/1\",\"form\":" : "{\"format\":\"taxcert/certificate/1\",\"form\":");
    buf_quote(out, t->id);
    buf_puts(out, ",\"year\":");
    buf_fixed(out, t->year, 0);
    if (form->marks)
        add_marks(form->marks, out);
    buf_puts(out, ",\"fields\":{");
}

static bool is_attached(const struct form *form, const struct field *f, size_t number)
{
    return form->printed[number] != PRINTED_NEVER && (f->group < 0 || form->groups[f->group].attached > 0);
}

/* What a value may look like, by the signs that such values have most. */
static const char *likely_value(const struct field *f)
{
    switch (f->type) {
    case FIELD_MONEY: return "\"12345.67890\",";
    case FIELD_DECIMAL: return "\"0.5\",";
    case FIELD_DATE: return "\"0012-03-01\",";
    case FIELD_TEXT: return "\"ernstliadgou  0123\",";
    default: return "0,";
    }
}

struct phrases *attachment_phrases(const struct template *t, const struct form *form)
{
    struct buf text = {0}, likely = {0};
    size_t *ends = calloc(group_phrase(t, t->group_count), sizeof *ends), count = 0;
    struct phrases *phrases = NULL;
    const char *close = "}";

    if (!ends)
        return NULL;
    add_beginning(t, form, &text);
    ends[count++] = text.length;
    for (size_t i = 0; i < t->field_count; i++) {
        if (is_attached(form, &t->fields[i], i)) {
            buf_add(&text, t->fields[i].key, t->fields[i].key_length);
            buf_puts(&likely, likely_value(&t->fields[i]));
        }
        ends[count++] = text.length;
    }
    for (size_t g = 0; g < t->group_count; g++) {
        if (form->groups[g].attached > 0) {
            buf_puts(&text, close);
            buf_puts(&text, ",");
            buf_quote(&text, t->groups[g].id);
            buf_puts(&text, ":[");
            close = "]";
        }
        ends[count++] = text.length;
    }
    buf_puts(&likely, "{}[]:/ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
    if (!text.failed && !likely.failed)
        phrases = phrases_make(text.data, ends, count, likely.data, likely.length);
    buf_free(&text);
    buf_free(&likely);
    free(ends);
    return phrases;
}

static bool is_printed(const struct form *form, size_t field, const struct value *v)
{
    switch ((enum printed)form->printed[field]) {
    case PRINTED_ALWAYS: return v->present;
    case PRINTED_ABROAD: return v->present && strcmp(v->text, form->home_country) != 0;
    default: return false;
    }
}

static void put_phrase(struct attachment *out, size_t number)
{
    phrase_text(&out->packed, out->between.data, out->between.length);
    out->between.length = 0;
    phrase_part(&out->packed, number);
}

static void put_fields(const struct template *t, const struct form *form, size_t first, size_t count, bool grouped,
                       const struct value *values, struct attachment *out)
{
    const char *comma = "";

    for (size_t i = 0; i < count; i++) {
        const struct field *f = &t->fields[first + i];

        if (!is_printed(form, first + i, &values[i]) || (!grouped && f->group >= 0))
            continue;
        buf_puts(&out->between, comma);
        put_phrase(out, key_phrase(first + i));
        canonical_value(&out->between, f, &values[i]);
        comma = ",";
    }
}

bool attachment_write(const struct phrases *phrases, const struct template *t, const struct form *form, const struct record *record,
                      size_t *const *order, struct attachment *out)
{
    struct buf *between = &out->between;
    const char *close = "}}\n";

    between->length = 0;
    phrase_start(&out->packed, phrases);
    put_phrase(out, 0);
    put_fields(t, form, 0, t->field_count, false, record->values, out);
    for (size_t g = 0; g < t->group_count; g++) {
        const struct group *group = &t->groups[g];
        size_t rows = record->groups[g].count, attached = (size_t)form->groups[g].attached;

        if (attached == 0)
            continue;
        put_phrase(out, group_phrase(t, g));
        for (size_t row = 0; row < rows && row < attached; row++) {
            buf_puts(between, row ? ",{" : "{");
            put_fields(t, form, group->first, group->count, true, &record->groups[g].cells[order[g][row] * group->count], out);
            buf_puts(between, "}");
        }
        close = "]}\n";
    }
    buf_puts(between, close);
    phrase_text(&out->packed, between->data, between->length);
    return !between->failed && phrase_end(&out->packed);
}

void attachment_free(struct attachment *a)
{
    phrase_writer_free(&a->packed);
    buf_free(&a->between);
}
