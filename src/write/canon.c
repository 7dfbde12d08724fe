#include "write/canon.h"

#include <inttypes.h>
#include <string.h>

void canon_string(struct buf *out, const char *text)
{
    const char *start = text;

    buf_add(out, "\"", 1);
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;

        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        buf_add(out, start, (size_t)(text - start));
        if (c < 0x20)
            buf_printf(out, "\\u%04x", c);
        else
            buf_printf(out, "\\%c", c);
        start = text + 1;
    }
    buf_add(out, start, (size_t)(text - start));
    buf_add(out, "\"", 1);
}

static void add_decimal(struct buf *out, int64_t units, int digits)
{
    char text[MONEY_TEXT];

    money_text(units, digits, text);
    buf_puts(out, "\"");
    buf_puts(out, text);
    buf_puts(out, "\"");
}

static void add_letters(struct buf *out, const char *text)
{
    buf_puts(out, "[");
    for (const char *p = text; *p;) {
        size_t length = strcspn(p, " ");

        buf_printf(out, "%s\"%.*s\"", p == text ? "" : ",", (int)length, p);
        p += length + (p[length] == ' ');
    }
    buf_puts(out, "]");
}

void canon_value(struct buf *out, const struct field *f, const struct value *v)
{
    switch (f->type) {
    case FIELD_MONEY:
    case FIELD_DECIMAL:
        add_decimal(out, v->number, f->digits);
        break;
    case FIELD_TEXT:
        canon_string(out, v->text);
        break;
    case FIELD_LETTERS:
        add_letters(out, v->text);
        break;
    case FIELD_DATE:
        buf_printf(out, "\"%04d-%02d-%02d\"", (int)(v->number / 10000), (int)(v->number / 100 % 100), (int)(v->number % 100));
        break;
    case FIELD_MONTHS:
        buf_printf(out, "{\"first\":%d,\"last\":%d}", (int)(v->number / 100), (int)(v->number % 100));
        break;
    case FIELD_CROSS:
        buf_puts(out, v->number ? "true" : "false");
        break;
    default:
        buf_printf(out, "%" PRId64, v->number);
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
        canon_string(out, fields[i].id);
        buf_puts(out, ":");
        canon_value(out, &fields[i], &values[i]);
        comma = ",";
    }
    buf_puts(out, "}");
}

void canon_write(const struct template *t, const struct record *record, const struct canon_head *head, struct buf *out)
{
    buf_printf(out, "{\"id\":\"%s\",\"personnel_number\":\"%s\",\"establishment\":", head->id, head->personnel_number);
    canon_string(out, head->establishment);
    if (record->incomplete)
        buf_puts(out, ",\"incomplete\":true");
    buf_puts(out, ",\"fields\":");
    add_fields(t->fields, record->values, t->field_count, false, out);
    for (size_t g = 0; g < t->group_count; g++) {
        const struct group *group = &t->groups[g];

        buf_puts(out, ",");
        canon_string(out, group->id);
        buf_puts(out, ":[");
        for (size_t row = 0; row < record->groups[g].count; row++) {
            buf_puts(out, row ? "," : "");
            add_fields(&t->fields[group->first], &record->groups[g].cells[row * group->count], group->count, true, out);
        }
        buf_puts(out, "]");
    }
    buf_puts(out, "}\n");
}

void canon_trail(const struct trail *trail, int digits, struct buf *out)
{
    buf_puts(out, "{");
    for (size_t i = 0; i < trail->count; i++) {
        const struct trail_line *line = &trail->lines[i];
        const char *comma = "";

        buf_puts(out, i ? "," : "");
        canon_string(out, line->wage->name);
        buf_puts(out, ":{");
        for (int m = 0; m < TRAIL_MONTHS; m++) {
            char amount[MONEY_TEXT];

            if (!(line->booked >> m & 1))
                continue;
            money_text(line->months[m], digits, amount);
            buf_printf(out, "%s\"%d\":\"%s\"", comma, m + 1, amount);
            comma = ",";
        }
        buf_puts(out, "}");
    }
    buf_puts(out, "}");
}
