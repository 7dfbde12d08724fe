#include "certificate/canonical.h"

#include <string.h>

#include "base/date.h"
#include "base/fold.h"

static void add_decimal(struct buf *out, int64_t units, int digits)
{
    char text[MONEY_TEXT + 2] = "\"";
    size_t length = 1 + money_text(units, digits, text + 1);

    text[length++] = '"';
    buf_add(out, text, length);
}

static void add_letters(struct buf *out, const char *text)
{
    buf_puts(out, "[");
    for (const char *p = text; *p;) {
        size_t length = strcspn(p, " ");

        buf_puts(out, p == text ? "\"" : ",\"");
        buf_add(out, p, length);
        buf_puts(out, "\"");
        p += length + (p[length] == ' ');
    }
    buf_puts(out, "]");
}

static void add_date(struct buf *out, int64_t date)
{
    char text[DATE_LENGTH + 1];

    date_text((int32_t)date, text);
    buf_puts(out, "\"");
    buf_add(out, text, DATE_LENGTH);
    buf_puts(out, "\"");
}

void canonical_value(struct buf *out, const struct field *f, const struct value *v)
{
    switch (f->type) {
    case FIELD_MONEY:
    case FIELD_DECIMAL: add_decimal(out, v->number, f->digits); break;
    case FIELD_TEXT: buf_quote(out, v->text); break;
    case FIELD_LETTERS: add_letters(out, v->text); break;
    case FIELD_DATE: add_date(out, v->number); break;
    case FIELD_MONTHS: buf_printf(out, "{\"first\":%d,\"last\":%d}", (int)(v->number / 100), (int)(v->number % 100)); break;
    case FIELD_CROSS: buf_puts(out, v->number ? "true" : "false"); break;
    default: buf_fixed(out, v->number, 0);
    }
}

static void add_fields(const struct field *fields, const struct value *values, size_t count, bool grouped, struct buf *out)
{
    const char *comma = "";

    buf_puts(out, "{");
    for (size_t i = 0; i < count; i++) {
        if (!values[i].present || (!grouped && fields[i].group >= 0))
            continue;
        buf_puts(out, comma);
        buf_add(out, fields[i].key, fields[i].key_length);
        canonical_value(out, &fields[i], &values[i]);
        comma = ",";
    }
    buf_puts(out, "}");
}

void canonical_write(const struct template *t, const struct record *record, const struct canonical_head *head, struct buf *out)
{
    buf_puts(out, "{\"id\":");
    buf_quote(out, head->id);
    buf_puts(out, ",\"personnel_number\":");
    buf_quote(out, head->personnel_number);
    buf_puts(out, ",\"establishment\":");
    buf_quote(out, head->establishment);
    if (record->incomplete)
        buf_puts(out, ",\"incomplete\":true");
    buf_puts(out, ",\"fields\":");
    add_fields(t->fields, record->values, t->field_count, false, out);
    for (size_t g = 0; g < t->group_count; g++) {
        const struct group *group = &t->groups[g];

        buf_puts(out, ",");
        buf_quote(out, group->id);
        buf_puts(out, ":[");
        for (size_t row = 0; row < record->groups[g].count; row++) {
            buf_puts(out, row ? "," : "");
            add_fields(&t->fields[group->first], &record->groups[g].cells[row * group->count], group->count, true, out);
        }
        buf_puts(out, "]");
    }
    buf_puts(out, "}\n");
}

void canonical_words(const struct template *t, const struct record *record, const char *personnel_number, const char *id, struct buf *out)
{
    char day[DATE_LENGTH + 1];

    fold_add(out, personnel_number);
    if (id) {
        buf_puts(out, " ");
        fold_add(out, id);
    }
    for (size_t i = 0; record && i < t->field_count; i++) {
        if (!t->fields[i].find || !record->values[i].present)
            continue;
        buf_puts(out, " ");
        if (t->fields[i].type == FIELD_DATE)
            date_text((int32_t)record->values[i].number, day);
        fold_add(out, t->fields[i].type == FIELD_DATE ? day : record->values[i].text);
    }
}

void canonical_trail(const struct trail *trail, int digits, struct buf *out)
{
    buf_puts(out, "{");
    for (size_t i = 0; i < trail->count; i++) {
        const struct trail_line *line = &trail->lines[i];
        const char *comma = "\"";

        buf_puts(out, i ? "," : "");
        buf_quote(out, line->wage->name);
        buf_puts(out, ":{");
        for (int m = 0; m < TRAIL_MONTHS; m++) {
            if (!(line->booked >> m & 1))
                continue;
            buf_puts(out, comma);
            buf_fixed(out, m + 1, 0);
            buf_puts(out, "\":");
            add_decimal(out, line->months[m], digits);
            comma = ",\"";
        }
        buf_puts(out, "}");
    }
    buf_puts(out, "}");
}

const char *canonical_establishment(const char *text, struct arena *arena)
{
    struct tc_error ignored = {0};

    return text ? datum_text(datum_get(datum_parse(text, strlen(text), arena, &ignored), "establishment")) : NULL;
}

bool canonical_record(const struct template *t, const char *text, struct arena *arena, struct record *record, struct tc_error *err)
{
    const struct datum *canon = datum_parse(text, strlen(text), arena, err);
    bool ok = canon && !err->code && record_restore(t, canon, arena, record);

    if (arena->failed)
        return error_memory(err);
    return ok || error_set(err, TC_IO, "ledger.db", NULL, "ledger", "an entry of the ledger is damaged");
}
