/* Cells and columns that several sheets have in the same way. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "book/state.h"

struct cell summary_text(const char *text)
{
    return (struct cell){.kind = text && *text ? CELL_TEXT : CELL_EMPTY, .text = text};
}

struct cell summary_head(const char *text)
{
    return (struct cell){.kind = CELL_TEXT, .style = STYLE_HEAD, .text = text};
}

const char *summary_verdict(struct summary *s, const char *format, ...)
{
    char condition[XLSX_FORMULA_MAX];
    const char *text;
    va_list args;

    va_start(args, format);
    vsnprintf(condition, sizeof condition, format, args); /* one too long is refused when it is written */
    va_end(args);
    text = arena_printf(&s->arena, "=IF(%s,\"%s\",\"%s\")", condition, s->plan->labels[LABEL_PASSED], s->plan->labels[LABEL_FAILED]);
    return text ? text : "";
}

int summary_group_column(const struct summary *s)
{
    return (int)s->plan->column_count;
}

int summary_code_column(const struct summary *s, int word)
{
    return (int)s->plan->column_count + 1 + word;
}

int summary_tally_column(const struct summary *s, size_t group)
{
    return (int)(s->plan->column_count + 1 + PLAN_WORDS + group);
}

int summary_field_column(const struct summary *s, int field)
{
    for (size_t i = 0; i < s->plan->column_count; i++)
        if (s->plan->columns[i].field == field)
            return (int)i;
    return -1;
}

const char *summary_number_title(const struct summary *s)
{
    for (size_t i = 0; i < s->plan->column_count; i++)
        if (s->plan->columns[i].kind == COLUMN_NUMBER)
            return s->plan->columns[i].head;
    return "";
}

static void put_text(const struct field *f, const struct value *v, struct buf *out)
{
    char text[MONEY_TEXT];

    if (!v->present)
        buf_puts(out, "\u2013"); /* a hyphen would begin a formula */
    else if (f->type == FIELD_TEXT || f->type == FIELD_LETTERS)
        buf_puts(out, v->text);
    else if (f->type == FIELD_MONTHS)
        buf_printf(out, "%02d - %02d", (int)(v->number / 100), (int)(v->number % 100));
    else if (f->type == FIELD_CROSS)
        buf_puts(out, v->number ? "X" : "\u2013");
    else
        buf_add(out, text, money_text(v->number, f->digits, text));
}

/* What a group's rows have in a column, side by side in the order of the rows. */
static struct cell joined_cell(const struct summary *s, struct row_room *room, const struct plan_column *column,
                               const struct record *record)
{
    const struct group *g = &s->t->groups[column->group];
    const struct rows *rows = &record->groups[column->group];
    bool any = false;

    room->joined.length = 0;
    for (size_t row = 0; row < rows->count; row++) {
        const struct value *v = &rows->cells[row * g->count + ((size_t)column->field - g->first)];

        any |= v->present;
        buf_puts(&room->joined, row ? "; " : "");
        put_text(&s->t->fields[column->field], v, &room->joined);
    }
    return any ? summary_text(arena_copy(&room->texts, room->joined.data, room->joined.length)) : (struct cell){.kind = CELL_EMPTY};
}

struct cell summary_column(const struct summary *s, struct row_room *room, size_t column, const struct record *record)
{
    const struct plan_column *c = &s->plan->columns[column];

    if (c->group >= 0 && s->t->fields[c->field].type != FIELD_MONEY)
        return joined_cell(s, room, c, record);
    return summary_value(s, c, &record->values[c->field], room->rooms[column]);
}

struct cell summary_value(const struct summary *s, const struct plan_column *column, const struct value *v, char room[16])
{
    const struct field *f = &s->t->fields[column->field];
    struct cell c = {.kind = CELL_EMPTY};

    if (!v->present)
        return c;
    c.number = v->number;
    switch (f->type) {
    case FIELD_MONEY:
    case FIELD_DECIMAL:
        c.kind = CELL_MONEY;
        c.digits = f->digits;
        break;
    case FIELD_DATE: c.kind = CELL_DATE; break;
    case FIELD_TEXT:
    case FIELD_LETTERS:
        c = summary_text(plan_word(s->t, column->values, v->text));
        c.cached = column->values ? v->text : NULL;
        break;
    case FIELD_MONTHS: snprintf(room, 16, "%02d - %02d", (int)(v->number / 100), (int)(v->number % 100)); return summary_text(room);
    case FIELD_CROSS: return summary_text(v->number ? "X" : "");
    default: c.kind = CELL_COUNT;
    }
    return c;
}
