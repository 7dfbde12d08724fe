#include "layout/place.h"

#include <stdio.h>
#include <string.h>

struct placer {
    const struct template *t;
    const struct form *form;
    const struct font *regular, *bold;
    const struct record *record;
    const struct sources *sources;
    struct arena *arena;
    struct findings *findings;
    size_t **order; /* by group: input row of the n-th shown one */
};

static const struct value *cell(const struct placer *p, int field, int row)
{
    const struct field *f = &p->t->fields[field];
    const struct group *g;

    if (f->group < 0)
        return &p->record->values[field];
    g = &p->t->groups[f->group];
    return &p->record->groups[f->group].cells[p->order[f->group][row] * g->count + ((size_t)field - g->first)];
}

static void report(const struct placer *p, int field, int row, enum severity severity, const char *rule, const char *message)
{
    const struct field *f = &p->t->fields[field];
    enum input_file file;
    const char *pointer = record_pointer(p->t, p->sources, field, f->group < 0 ? -1 : (int)p->order[f->group][row], p->arena,
                                         &file);

    findings_add(p->findings, severity, file, pointer, rule, message);
}

/* Rows by the form's order: insertion sort, stable, for a handful of rows. */
static size_t *order_rows(const struct placer *p, size_t group)
{
    const struct form_group *fg = &p->form->groups[group];
    const struct group *g = &p->t->groups[group];
    const struct rows *rows = &p->record->groups[group];
    size_t *order = arena_array(p->arena, rows->count + 1, sizeof *order);

    for (size_t i = 0; order && i < rows->count; i++) {
        size_t at = i;

        while (at > 0 && fg->order_by >= 0) {
            int64_t a = rows->cells[order[at - 1] * g->count + ((size_t)fg->order_by - g->first)].number;
            int64_t b = rows->cells[i * g->count + ((size_t)fg->order_by - g->first)].number;

            if (fg->descending ? a >= b : a <= b)
                break;
            order[at] = order[at - 1];
            at--;
        }
        order[at] = i;
    }
    return order;
}

static const char *format_grouped(const struct placer *p, int64_t units, int digits, bool whole)
{
    char plain[MONEY_TEXT], text[FORM_SIGN_MAX * MONEY_TEXT], *at = text;
    const char *from = plain;

    money_text(units, digits, plain);
    if (*from == '-')
        *at++ = *from++;
    for (size_t length = strcspn(from, "."); length > 0; length--) {
        *at++ = *from++;
        if (length % 3 == 1 && length > 1)
            at = stpcpy(at, p->form->thousands);
    }
    if (!whole && *from == '.')
        at = stpcpy(stpcpy(at, p->form->decimal), from + 1);
    return arena_copy(p->arena, text, (size_t)(at - text));
}

static const char *format_decimal(const struct placer *p, int64_t units, int digits)
{
    char text[MONEY_TEXT], *point;

    money_text(units, digits, text);
    point = strchr(text, '.');
    if (!point)
        return arena_copy(p->arena, text, strlen(text));
    *point = '\0';
    return arena_join(p->arena, (const char *const[]){text, p->form->decimal, point + 1}, 3);
}

/* DD, MM and YYYY are replaced, the rest stands as it is. */
static const char *format_date(const struct placer *p, int64_t date, const char *format)
{
    const struct { const char *sign; int64_t value; size_t digits; } parts[] = {
        {"DD", date % 100, 2}, {"MM", date / 100 % 100, 2}, {"YYYY", date / 10000, 4},
    };
    char text[64];
    size_t at = 0;

    while (*format && at + 8 < sizeof text) {
        size_t i = 0;

        while (i < 3 && strncmp(format, parts[i].sign, parts[i].digits) != 0)
            i++;
        if (i == 3) {
            text[at++] = *format++;
            continue;
        }
        for (size_t k = parts[i].digits, rest = (size_t)parts[i].value; k-- > 0; rest /= 10)
            text[at + k] = (char)('0' + rest % 10);
        at += parts[i].digits;
        format += parts[i].digits;
    }
    return arena_copy(p->arena, text, at);
}

/* The country's name in the form's language, "" at home. */
static const char *format_country(const struct placer *p, const struct part *part, int row, const char *code)
{
    char key[80];
    const char *name;

    if (!strcmp(code, p->form->home_country))
        return "";
    snprintf(key, sizeof key, "%.60s%.8s", p->form->country_captions, code);
    name = template_caption(p->t, key);
    if (name)
        return name;
    report(p, part->field, row, SEVERITY_ERROR, "country-unknown", "the form's captions have no name for this country code");
    return "";
}

static const char *format_value(const struct placer *p, const struct part *part, int row, const struct value *v)
{
    const struct field *f = &p->t->fields[part->field];
    bool grouped = part->format && !strcmp(part->format, "grouped");

    switch (f->type) {
    case FIELD_MONEY:
        return format_grouped(p, v->number, f->digits, part->format && !strcmp(part->format, "whole"));
    case FIELD_DECIMAL:
        return format_decimal(p, v->number, f->digits);
    case FIELD_DATE:
        return format_date(p, v->number, part->format ? part->format : "YYYY-MM-DD");
    case FIELD_MONTHS:
        return arena_printf(p->arena, "%02d - %02d", (int)(v->number / 100), (int)(v->number % 100));
    case FIELD_CROSS:
        return v->number ? "X" : "";
    case FIELD_TEXT:
        return part->format && !strcmp(part->format, "country") ? format_country(p, part, row, v->text) : v->text;
    case FIELD_LETTERS:
        return v->text;
    default:
        return grouped ? format_grouped(p, v->number, 0, true) : format_decimal(p, v->number, 0);
    }
}

/* The text of a show, or NULL where a field that is not optional is absent or nothing is left. */
static const char *show_text(const struct placer *p, const struct show *show, int row)
{
    const char *text = "";

    for (size_t i = 0; i < show->count && text; i++) {
        const struct part *part = &show->parts[i];
        const struct value *v;
        const char *shown;

        if (part->field < 0) {
            text = !*text ? part->literal : arena_join(p->arena, (const char *const[]){text, part->literal}, 2);
            continue;
        }
        v = cell(p, part->field, row);
        if (!v->present) {
            if (!part->optional)
                return NULL;
            continue;
        }
        shown = format_value(p, part, row, v);
        if (!*text && !*part->before && !*part->after)
            text = shown;
        else if (shown && *shown)
            text = arena_join(p->arena, (const char *const[]){text, part->before, shown, part->after}, 4);
    }
    return text && *text ? text : NULL;
}

static int first_field(const struct show *show)
{
    for (size_t i = 0; i < show->count; i++)
        if (show->parts[i].field >= 0)
            return show->parts[i].field;
    return 0;
}

/* Shapes the text and makes it as small as it must and may be. */
static void put(const struct placer *p, const struct slot *slot, int field, int y, const char *text, struct placed *out)
{
    const struct style *style = slot->style;
    int row = slot->row < 0 ? 0 : slot->row, size = style->size;

    if (!text)
        return;
    if (!font_shape(style->bold ? p->bold : p->regular, text, p->arena, &out->glyphs)) {
        report(p, field, row, SEVERITY_ERROR, "text-character", "a character or a mark on a letter cannot be drawn right by the font");
        return;
    }
    while (slot->width > 0 && size > style->least && font_width(&out->glyphs, size) > slot->width)
        size--;
    if (slot->width > 0 && font_width(&out->glyphs, size) > slot->width) {
        report(p, field, row, SEVERITY_ERROR, "text-fit", "the text does not fit into its place on the form; shorten it");
        return;
    }
    out->text = text;
    out->size = size;
    out->y = y;
    out->x = slot->align == ALIGN_RIGHT ? slot->x - font_width(&out->glyphs, size) : slot->x;
}

static void put_money(const struct placer *p, const struct slot *slot, struct placed *out)
{
    int field = first_field(&slot->show), digits = p->t->fields[field].digits;
    const struct value *v = cell(p, field, slot->row);
    char text[MONEY_TEXT];

    if (!v->present)
        return;
    if (slot->kind == SLOT_MAJOR) {
        put(p, slot, field, slot->y, format_grouped(p, v->number, digits, true), out);
        return;
    }
    money_text(v->number, digits, text);
    put(p, slot, field, slot->y, arena_copy(p->arena, text + strlen(text) - (size_t)digits, (size_t)digits), out);
}

/* The stack's texts that are not empty, in order, on its lines, whose slots follow each other; more than there is room for is
 * a finding. */
static void put_stack(const struct placer *p, const struct slot *slots, struct placed *out)
{
    const struct stack *stack = &p->form->stacks[slots->stack];
    int line = 0;

    for (size_t i = 0; i < stack->count; i++) {
        const char *text = show_text(p, &stack->shows[i], 0);

        if (!text)
            continue;
        if (line < stack->lines)
            put(p, &slots[line], first_field(&stack->shows[i]), slots[line].y, text, &out[line]);
        if (line == stack->lines)
            report(p, first_field(&stack->shows[i]), 0, SEVERITY_ERROR, "text-fit", "there are more lines than there is room for");
        line++;
    }
}

static void check_rows(const struct placer *p)
{
    for (size_t g = 0; g < p->t->group_count; g++) {
        const struct form_group *fg = &p->form->groups[g];
        const char *pointer;

        if (fg->shown == 0 || p->record->groups[g].count <= (size_t)fg->shown)
            continue;
        pointer = arena_printf(p->arena, "%s/%s", p->sources->pointers[PLACE_CERTIFICATE], p->t->groups[g].id);
        findings_add(p->findings, fg->overflow, p->sources->files[PLACE_CERTIFICATE], pointer,
                     fg->overflow == SEVERITY_ERROR ? "rows-overflow" : "rows-hidden",
                     fg->overflow == SEVERITY_ERROR ? "there are more rows than the form has room for"
                                                    : "not all rows fit on the form; the first in the form's order are printed");
    }
}

size_t **place_record(const struct template *t, const struct form *form, const struct font *regular, const struct font *bold,
                      const struct record *record, const struct sources *sources, struct arena *arena, struct placed *placed,
                      struct findings *findings)
{
    struct placer p = {t, form, regular, bold, record, sources, arena, findings, NULL};

    p.order = arena_array(arena, t->group_count + 1, sizeof *p.order);
    memset(placed, 0, (size_t)form->page.slot_count * sizeof *placed);
    for (size_t g = 0; p.order && g < t->group_count; g++)
        p.order[g] = order_rows(&p, g);
    if (arena->failed)
        return NULL;
    check_rows(&p);
    for (int i = 0; i < form->page.slot_count; i++) {
        const struct slot *slot = &form->slots[i];
        const struct field *f = &t->fields[first_field(&slot->show)];

        if (slot->kind != SLOT_LINE && slot->row >= 0 && f->group >= 0 && (size_t)slot->row >= record->groups[f->group].count)
            continue;
        if (slot->kind == SLOT_LINE && slot->line > 0)
            continue; /* with the first one */
        if (slot->kind == SLOT_LINE)
            put_stack(&p, slot, &placed[i]);
        else if (slot->kind == SLOT_SHOW)
            put(&p, slot, first_field(&slot->show), slot->y, show_text(&p, &slot->show, slot->row), &placed[i]);
        else
            put_money(&p, slot, &placed[i]);
    }
    return arena->failed ? NULL : p.order;
}
