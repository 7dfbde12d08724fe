#include "deliver/address.h"

#include <stdio.h>
#include <string.h>

static const char *country_name(const struct template *t, const char *countries, const char *code)
{
    char key[80];
    const char *name;

    snprintf(key, sizeof key, "%.60s%.8s", countries, code);
    name = template_caption(t, key);
    return name ? name : code;
}

struct writer {
    const struct template *t;
    const struct record *record;
    const char *countries;
    bool foreign;
    struct buf *out;
    size_t begin; /* of the line in hand */
};

static void add_field(struct writer *w, int field)
{
    const struct value *v = &w->record->values[field];
    const char *text = v->present ? v->text : "";

    if (field == w->t->delivery.country)
        text = w->foreign ? country_name(w->t, w->countries, text) : "";
    if (!*text)
        return;
    buf_puts(w->out, w->out->length > w->begin ? " " : "");
    buf_puts(w->out, text);
}

static void end_line(struct writer *w)
{
    if (w->out->length > w->begin)
        buf_puts(w->out, "\n");
    w->begin = w->out->length;
}

static bool is_name(const struct delivery *d, int field)
{
    for (size_t i = 0; i < d->name_count; i++)
        if (d->names[i] == field)
            return true;
    return false;
}

/* Of a form that does not say: the names, whatever the post needs, the postcode before the last of it, the country. */
static void add_usual(struct writer *w)
{
    const struct delivery *d = &w->t->delivery;

    for (size_t i = d->name_count; i > 0; i--)
        add_field(w, d->names[i - 1]);
    end_line(w);
    for (size_t i = 0; i < d->needed_count; i++) {
        if (is_name(d, d->needed[i]))
            continue;
        if (i == d->needed_count - 1)
            add_field(w, d->postcode);
        add_field(w, d->needed[i]);
        end_line(w);
    }
    add_field(w, d->country);
    end_line(w);
}

void address_write(const struct template *t, const struct record *record, const char *countries, bool foreign, struct buf *out)
{
    const struct delivery *d = &t->delivery;
    struct writer w = {t, record, countries, foreign, out, 0};

    out->length = 0;
    for (size_t i = 0; i < d->line_count; i++) {
        for (size_t k = 0; k < d->lines[i].count; k++)
            add_field(&w, d->lines[i].fields[k]);
        end_line(&w);
    }
    if (d->line_count == 0)
        add_usual(&w);
    buf_add(out, "", 1);
}
