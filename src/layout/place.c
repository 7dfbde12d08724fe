#include "layout/place.h"

#include <stdio.h>
#include <string.h>

#include "base/date.h"

/* What stands in a free row. */
struct free_row {
    const struct free_line *line;
    int row;          /* of the group, as shown */
    const char *text; /* the part of its text that stands here, where it is too long for one row; else NULL */
    bool first, last; /* of its rows: the number is in the first, the value in the last */
};

struct placer {
    const struct template *t;
    const struct form *form;
    const struct font *regular, *bold;
    const struct record *record;
    const struct sources *sources;
    struct arena *arena;
    struct findings *findings;
    size_t **order;        /* by group: input row of the n-th shown one */
    struct free_row *free; /* by free row of the table; those from free_count on are empty */
    int free_count;
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

static bool is_told(const struct findings *findings, enum input_file file, const char *pointer, const char *rule)
{
    for (const struct finding *f = findings->first; f; f = f->next)
        if (f->file == file && !strcmp(f->rule, rule) && !strcmp(f->pointer, pointer))
            return true;
    return false;
}

/* Tells it once, on however many places and sheets the field stands. */
static void report(const struct placer *p, int field, int row, enum severity severity, const char *rule, const char *message)
{
    const struct field *f = &p->t->fields[field];
    enum input_file file;
    const char *pointer = record_pointer(p->t, p->sources, field, f->group < 0 ? -1 : (int)p->order[f->group][row], p->arena, &file);

    if (!pointer || !is_told(p->findings, file, pointer, rule))
        findings_add(p->findings, severity, file, pointer, rule, message);
}

/* Whether row a comes before row b in the form's order; both of the group. */
static bool is_before(const struct placer *p, size_t group, const struct value *a, const struct value *b)
{
    const struct form_group *fg = &p->form->groups[group];
    size_t key = (size_t)fg->order_by - p->t->groups[group].first;

    if (fg->until >= 0) {
        const struct value *end = &p->record->values[fg->until];
        bool late_a = end->present && a[key].number > end->number, late_b = end->present && b[key].number > end->number;

        if (late_a != late_b)
            return late_b;
    }
    return fg->descending ? a[key].number > b[key].number : a[key].number < b[key].number;
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

        while (at > 0 && fg->order_by >= 0 && is_before(p, group, &rows->cells[i * g->count], &rows->cells[order[at - 1] * g->count])) {
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
    size_t length = money_text(units, digits, plain), minus = plain[0] == '-';
    const char *from = plain, *point = plain + length - (digits > 0 ? digits + 1 : 0);

    at = mempcpy(at, from, minus + ((size_t)(point - plain) - minus - 1) % 3 + 1);
    for (from += at - text; from < point; from += 3)
        at = mempcpy(stpcpy(at, p->form->thousands), from, 3);
    if (!whole && digits > 0)
        at = mempcpy(stpcpy(at, p->form->decimal), point + 1, (size_t)digits);
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

static const char *format_date(const struct placer *p, int64_t date, const char *format)
{
    char text[64];

    return arena_copy(p->arena, text, date_write((int32_t)date, format, text, sizeof text));
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
    report(p, part->field, row, SEVERITY_ERROR, "country-unknown",
           "The form has no name for this country code; check the code (ISO 3166, two letters).");
    return "";
}

/* The text's digits where the format has a 9, in its other signs: those for which it has an X stay hidden. A text of another number of
 * digits, or a format without a 9, changes nothing. */
static const char *format_digits(const struct placer *p, const char *text, const char *format)
{
    char shown[64], digits[64];
    size_t count = 0, at = 0, length = strlen(format), places = 0;

    for (const char *from = text; *from && count < sizeof digits; from++)
        if (*from >= '0' && *from <= '9')
            digits[count++] = *from;
    for (size_t i = 0; i < length; i++)
        places += format[i] == '9' || format[i] == 'X';
    if (places != count || !strchr(format, '9') || length > sizeof shown)
        return text;
    for (size_t i = 0; i < length; i++) {
        bool place = format[i] == '9' || format[i] == 'X';

        shown[i] = format[i] == '9' ? digits[at] : format[i];
        at += place;
    }
    return arena_copy(p->arena, shown, length);
}

static const char *minor_text(const struct placer *p, int64_t units, int digits)
{
    char text[MONEY_TEXT];
    size_t length = money_text(units, digits, text);

    return arena_copy(p->arena, text + length - digits, (size_t)digits);
}

/* The caption's words that stand for the field's value, or for any; a value without either stands for itself, a cross for nothing. */
static const char *format_words(const struct placer *p, const struct part *part, const struct value *v)
{
    const struct field *f = &p->t->fields[part->field];
    bool cross = f->type == FIELD_CROSS, text = f->type == FIELD_TEXT || f->type == FIELD_LETTERS;
    const char *value = text ? v->text : cross ? v->number ? "true" : "false" : format_decimal(p, v->number, f->digits), *words;
    char key[120];

    if (!value)
        return "";

    snprintf(key, sizeof key, "%.60s%.50s", part->values, value);
    words = template_caption(p->t, key);
    if (!words) {
        snprintf(key, sizeof key, "%.60s*", part->values);
        words = template_caption(p->t, key);
    }
    return words ? words : cross ? "" : value;
}

static const char *format_value(const struct placer *p, const struct part *part, int row, const struct value *v)
{
    const struct field *f = &p->t->fields[part->field];
    bool grouped = part->format && !strcmp(part->format, "grouped");

    if (part->values)
        return format_words(p, part, v);
    if (part->zero && f->expr_type == EXPR_NUMBER && v->number == 0)
        return part->zero;
    switch (f->type) {
    case FIELD_MONEY:
        if (part->format && !strcmp(part->format, "minor"))
            return minor_text(p, v->number, f->digits);
        return format_grouped(p, v->number, f->digits, part->format && !strcmp(part->format, "whole"));
    case FIELD_DECIMAL: return format_decimal(p, v->number, f->digits);
    case FIELD_DATE: return format_date(p, v->number, part->format ? part->format : "YYYY-MM-DD");
    case FIELD_MONTHS: return arena_printf(p->arena, "%02d - %02d", (int)(v->number / 100), (int)(v->number % 100));
    case FIELD_CROSS: return v->number ? "X" : "";
    case FIELD_TEXT:
        if (!part->format)
            return v->text;
        return !strcmp(part->format, "country") ? format_country(p, part, row, v->text) : format_digits(p, v->text, part->format);
    case FIELD_LETTERS: return v->text;
    default: return grouped ? format_grouped(p, v->number, 0, true) : format_decimal(p, v->number, 0);
    }
}

/* The text of a show, in which texts of its own are set apart by blanks, or NULL where a field that is not optional is absent or nothing is left. */
static const char *show_text(const struct placer *p, const struct show *show, int row)
{
    const char *text = "";

    for (size_t i = 0; i < show->count && text; i++) {
        const struct part *part = &show->parts[i];
        const struct value *v;
        const char *shown;
        bool there;

        if (part->inner) {
            shown = show_text(p, part->inner, row);
            if (shown)
                text = !*text ? shown : arena_join(p->arena, (const char *const[]){text, " ", shown}, 3);
            continue;
        }
        if (part->field < 0) {
            text = !*text ? part->literal : arena_join(p->arena, (const char *const[]){text, part->literal}, 2);
            continue;
        }
        v = cell(p, part->field, row);
        there = v->present && !(part->nonzero && v->number == 0);
        if (!there && !part->absent) {
            if (!part->optional)
                return NULL;
            continue;
        }
        shown = there ? format_value(p, part, row, v) : part->absent;
        if (!*text && !*part->before && !*part->after)
            text = shown;
        else if (shown && *shown)
            text = arena_join(p->arena, (const char *const[]){text, part->before, shown, part->after}, 4);
    }
    return text && *text ? text : NULL;
}

static int first_field(const struct show *show)
{
    int field = show->count > 0 && !show->parts->inner ? show->parts->field : -1;

    if (field < 0) /* after words, or in a text in the text */
        field = form_show_field(show);

    return field < 0 ? 0 : field;
}

static const struct font *font_of(const struct placer *p, const struct slot *slot)
{
    return slot->style->bold ? p->bold : p->regular;
}

static void find_longest(const struct placer *p, const struct show *show, int row, int *longest, size_t *most)
{
    for (size_t i = 0; i < show->count; i++) {
        const struct value *v = show->parts[i].field >= 0 ? cell(p, show->parts[i].field, row) : NULL;
        enum field_type type = v ? p->t->fields[show->parts[i].field].type : FIELD_UNUSED;

        if (show->parts[i].inner)
            find_longest(p, show->parts[i].inner, row, longest, most);
        if (v && v->present && (type == FIELD_TEXT || type == FIELD_LETTERS) && strlen(v->text) > *most) {
            *most = strlen(v->text);
            *longest = show->parts[i].field;
        }
    }
}

/* Where a show's text is put together from several fields, whoever is to shorten it looks at the longest. */
static int longest_field(const struct placer *p, const struct show *show, int row)
{
    int longest = first_field(show);
    size_t most = 0;

    find_longest(p, show, row, &longest, &most);
    return longest;
}

/* Of the fields of a show the one whose text cannot be drawn, or -1. */
static int find_undrawn(const struct placer *p, const struct slot *slot, const struct show *show, int row)
{
    for (size_t i = 0; i < show->count; i++) {
        int inner = show->parts[i].inner ? find_undrawn(p, slot, show->parts[i].inner, row) : -1;
        const struct value *v = show->parts[i].field >= 0 ? cell(p, show->parts[i].field, row) : NULL;
        struct glyphs glyphs;

        if (inner >= 0)
            return inner;
        if (v && v->present && p->t->fields[show->parts[i].field].type == FIELD_TEXT
            && !font_shape(font_of(p, slot), v->text, p->arena, &glyphs))
            return show->parts[i].field;
    }
    return -1;
}

static int undrawn_field(const struct placer *p, const struct slot *slot, const struct show *show, int row)
{
    int field = find_undrawn(p, slot, show, row);

    return field < 0 ? first_field(show) : field;
}

#define LINES_MAX 20

struct lines {
    const char *texts[LINES_MAX];
    struct glyphs glyphs[LINES_MAX];
    int count;
};

/* How much of the text stands on one line: up to a blank or behind a hyphen or slash, as far as it fits. 0: not one word. */
static size_t line_length(const struct placer *p, const struct slot *slot, const char *text, int size, struct glyphs *glyphs)
{
    size_t fits = 0;

    for (size_t i = 1;; i++) {
        bool end = text[i] == '\0', hyphen = text[i - 1] == '-' || text[i - 1] == '/';
        struct glyphs wide;

        if (!end && !hyphen && text[i] != ' ')
            continue;
        if (!font_shape(font_of(p, slot), arena_copy(p->arena, text, i), p->arena, &wide) || font_width(&wide, size) > slot->width)
            return fits;
        fits = i;
        *glyphs = wide;
        if (end)
            return fits;
    }
}

/* The text in lines of this size. False where it needs more than most, or a word is too long. */
static bool break_lines(const struct placer *p, const struct slot *slot, const char *text, int size, int most, struct lines *lines)
{
    for (lines->count = 0; *text; lines->count++) {
        size_t length;

        if (lines->count == most || p->arena->failed)
            return false;
        length = line_length(p, slot, text, size, &lines->glyphs[lines->count]);
        if (length == 0)
            return false;
        lines->texts[lines->count] = arena_copy(p->arena, text, length);
        text += length + (text[length] == ' ');
    }
    return true;
}

/* The text on as few lines as it needs, two at least and no more than most, in the largest size that does; 0 where that is impossible. */
static int fit_lines(const struct placer *p, const struct slot *slot, int most, const char *text, struct lines *lines)
{
    for (int count = 2; count <= most && count <= LINES_MAX; count++)
        for (int size = slot->style->size; size >= slot->style->least; size--)
            if (break_lines(p, slot, text, size, count, lines))
                return size;
    return 0;
}

/* A text that is too long for one line of its smallest size, in the slots that follow each other. How many lines it took, 0 where it
 * does not fit on most. */
static int put_lines(const struct placer *p, const struct slot *slots, int most, const char *text, struct placed *out)
{
    struct lines lines;
    int size = fit_lines(p, slots, most, text, &lines);

    if (size == 0)
        return 0;
    for (int i = 0; i < lines.count; i++)
        out[i] = (struct placed){lines.texts[i], lines.glyphs[i], size};
    return lines.count;
}

/* Shapes the text and makes it as small as it must and may be; one that is longer still goes on in the next slots, up to most.
 * How many lines it took. */
static int put_text(const struct placer *p, const struct slot *slot, const struct show *show, int row, int most, const char *text,
                    struct placed *out)
{
    const struct style *style = slot->style;
    struct glyphs glyphs;
    int size = style->size, lines;

    if (!text)
        return 0;
    if (!font_shape(font_of(p, slot), text, p->arena, &glyphs)) {
        report(p, undrawn_field(p, slot, show, row), row, SEVERITY_ERROR, "text-character",
               "A character, or an accent on a letter, cannot be printed correctly; replace it.");
        return 1;
    }
    while (slot->width > 0 && font_width(&glyphs, size) > slot->width && size >= style->least)
        size--;
    if (size >= style->least) {
        *out = (struct placed){text, glyphs, size};
        return 1;
    }
    lines = slot->apart ? put_lines(p, slot + 1, most - 1, text, out + 1) : put_lines(p, slot, most, text, out);
    if (lines == 0)
        report(p, longest_field(p, show, row), row, SEVERITY_ERROR, "text-fit",
               "The text does not fit into its place on the form, not even in the smallest type on all its rows; shorten it.");
    return lines > 0 ? lines : 1;
}

static void put(const struct placer *p, const struct slot *slot, const char *text, struct placed *out)
{
    put_text(p, slot, &slot->show, slot->row < 0 ? 0 : slot->row, slot->lines, text, out);
}

static void put_money(const struct placer *p, const struct slot *slot, struct placed *out)
{
    int field = first_field(&slot->show), digits = p->t->fields[field].digits;
    const struct value *v = cell(p, field, slot->row);

    if (slot->wanted == WANTED_NONE ? v->present && v->number != 0 : !v->present || (slot->wanted == WANTED_SOME && v->number == 0))
        return;
    if (slot->kind == SLOT_WORDS) {
        put(p, slot, slot->words, out);
        return;
    }
    if (slot->kind == SLOT_MAJOR) {
        put(p, slot, format_grouped(p, v->number, digits, true), out);
        return;
    }
    put(p, slot, minor_text(p, v->number, digits), out);
}

/* What a line of a stack says, and which of its two shows that is; NULL: it is left out. */
static const char *stack_text(const struct placer *p, const struct stack_line *line, const struct show **show)
{
    const char *text = show_text(p, *show = &line->first, 0);

    return text || line->other.count == 0 ? text : show_text(p, *show = &line->other, 0);
}

/* The stack's texts that are not empty, in order, on its lines, whose slots follow each other: one that is long takes what the others
 * leave. More than there is room for is a finding. */
static void put_stack(const struct placer *p, const struct slot *slots, struct placed *out)
{
    const struct stack *stack = &p->form->stacks[slots->stack];
    const struct show *show;
    int line = 0, left = 0;

    for (size_t i = 0; i < stack->count; i++)
        left += stack_text(p, &stack->shows[i], &show) != NULL;
    for (size_t i = 0; i < stack->count; i++) {
        const char *text = stack_text(p, &stack->shows[i], &show);
        int most = stack->lines - line - left + 1;

        if (!text)
            continue;
        if (line == stack->lines) {
            report(p, longest_field(p, show, 0), 0, SEVERITY_ERROR, "text-fit",
                   "The form has no room for so many rows of text; shorten it.");
            return;
        }
        line += put_text(p, &slots[line], show, 0, most < 1 ? 1 : most, text, &out[line]);
        left--;
    }
}

/* A line with a number is there where it has a value. */
static bool is_there(const struct placer *p, const struct free_line *line, int row)
{
    return !line->number || show_text(p, &line->value, row) || (line->other.count > 0 && show_text(p, &line->other, row));
}

/* A line in the next free row, or rows where its text is too long for one in its smallest size. */
static void add_free(struct placer *p, const struct free_line *line, int row)
{
    const struct slot *slot = &p->form->slots[p->form->free_slot];
    const char *text = show_text(p, &line->text, row);
    struct lines parts = {.count = 1};
    struct glyphs glyphs;
    bool one = !text || !font_shape(font_of(p, slot), text, p->arena, &glyphs) || font_width(&glyphs, slot->style->least) <= slot->width
               || fit_lines(p, slot, p->form->free_rows - p->free_count, text, &parts) == 0;
    int count = one ? 1 : parts.count;

    for (int i = 0; i < count; i++)
        p->free[p->free_count++] = (struct free_row){line, row, one ? NULL : parts.texts[i], i == 0, i == count - 1};
}

/* The lines from `from` up to `to`, one after the other for each row of their group. False where there was no room for all. */
static bool fill_free(struct placer *p, size_t from, size_t to)
{
    const struct free_line *lines = p->form->free_lines;
    int rows = (int)p->record->groups[lines[from].group].count;

    for (int row = 0; row < rows; row++) {
        for (size_t k = from; k < to; k++) {
            if (!is_there(p, &lines[k], row))
                continue;
            if (p->free_count == p->form->free_rows) {
                report(p, first_field(lines[k].number ? &lines[k].value : &lines[k].text), row, SEVERITY_ERROR, "rows-overflow",
                       "The free lines of the form have no room for this entry and those after it; leave out what need not be on "
                       "the form.");
                return false;
            }
            add_free(p, &lines[k], row);
        }
    }
    return true;
}

/* What stands in the free rows, in the form's order of groups. */
static void share_free(struct placer *p)
{
    const struct free_line *lines = p->form->free_lines;

    p->free = arena_array(p->arena, (size_t)p->form->free_rows + 1, sizeof *p->free);
    for (size_t from = 0, to; p->free && from < p->form->free_count; from = to) {
        for (to = from + 1; to < p->form->free_count && lines[to].group == lines[from].group; to++)
            continue;
        if (!fill_free(p, from, to))
            return;
    }
}

/* The amount of a free row's line, or NULL where it is none or is absent. */
static const struct value *free_amount(const struct placer *p, const struct free_row *f)
{
    const struct show *show = &f->line->value;
    const struct value *v;

    if (show->count != 1 || show->parts[0].field < 0 || p->t->fields[show->parts[0].field].type != FIELD_MONEY)
        return NULL;
    v = cell(p, show->parts[0].field, f->row);
    return v->present ? v : NULL;
}

static void put_free(const struct placer *p, const struct slot *slot, struct placed *out)
{
    const struct free_row *f = &p->free[slot->row];
    const struct show *show = slot->part == FREE_TEXT ? &f->line->text : &f->line->value;
    const struct value *amount = free_amount(p, f);
    const char *text = NULL;
    int digits = p->t->fields[first_field(&f->line->value)].digits;

    if (slot->part == FREE_NUMBER ? !f->first : slot->part != FREE_TEXT && !f->last)
        return;
    switch (slot->part) {
    case FREE_NUMBER: text = f->line->number; break;
    case FREE_TEXT: text = f->text ? f->text : show_text(p, show, f->row); break;
    case FREE_MAJOR: text = amount ? format_grouped(p, amount->number, digits, true) : NULL; break;
    case FREE_MINOR: text = amount ? minor_text(p, amount->number, digits) : NULL; break;
    case FREE_VALUE:
        text = amount ? NULL : show_text(p, show, f->row);
        if (!amount && !text && f->line->other.count > 0)
            text = show_text(p, show = &f->line->other, f->row);
        break;
    }
    put_text(p, slot, show, f->row, 1, text, out);
}

static void check_rows(const struct placer *p)
{
    for (size_t g = 0; g < p->t->group_count; g++) {
        const struct form_group *fg = &p->form->groups[g];
        const char *pointer;

        if (fg->shown == 0 || fg->silent || p->record->groups[g].count <= (size_t)fg->shown)
            continue;
        pointer = p->t->groups[g].before >= 0
                      ? p->sources->pointers[PLACE_BEFORE]
                      : arena_printf(p->arena, "%s/%s", p->sources->pointers[PLACE_CERTIFICATE], p->t->groups[g].id);
        findings_add(p->findings, fg->overflow, p->sources->files[PLACE_CERTIFICATE], pointer,
                     fg->overflow == SEVERITY_ERROR ? "rows-overflow" : "rows-not-printed",
                     fg->overflow == SEVERITY_ERROR
                         ? "There are more entries than the form has room for; combine some."
                         : "Not all entries fit on the form; the first in the form's order are printed, the ledger has all of them.");
    }
}

static bool holds(const struct placer *p, const struct expr *when)
{
    struct record_scope scope = {.t = p->t, .record = p->record, .group = -1, .row = -1};
    struct expr_data data = record_data(&scope);
    struct expr_value value;

    return expr_evaluate(when, &data, &value) && value.truth;
}

/* Whether the slot is of a row that its group does not have. */
static bool is_beyond(const struct placer *p, const struct slot *slot)
{
    int group = p->t->fields[first_field(&slot->show)].group;

    return group >= 0 && (size_t)slot->row >= p->record->groups[group].count;
}

/* A form of which no page is there would be no certificate. */
static void check_sheets(const struct placer *p, const struct placed *placed)
{
    const struct page *page = &p->form->page;
    uint32_t choices = page_choices(page, placed);

    for (int i = 0; i < page->sheet_count; i++)
        if (page_has_sheet(page, i, choices))
            return;
    findings_add(p->findings, SEVERITY_ERROR, p->sources->files[PLACE_CERTIFICATE], p->sources->pointers[PLACE_CERTIFICATE], "no-page",
                 "According to the data none of the form's pages is to be printed; check the data.");
}

size_t **place_record(const struct template *t, const struct form *form, const struct font *regular, const struct font *bold,
                      const struct record *record, const struct sources *sources, struct arena *arena, struct placed *placed,
                      struct findings *findings)
{
    struct placer p = {t, form, regular, bold, record, sources, arena, findings, NULL, NULL, 0};

    p.order = arena_array(arena, t->group_count + 1, sizeof *p.order);
    for (int i = 0; i < form->page.slot_count; i++)
        placed[i].text = NULL;
    for (size_t g = 0; p.order && g < t->group_count; g++)
        p.order[g] = order_rows(&p, g);
    if (arena->failed)
        return NULL;
    check_rows(&p);
    if (form->free_count > 0)
        share_free(&p);
    if (arena->failed)
        return NULL;
    for (int i = 0; i < form->page.slot_count; i++) {
        const struct slot *slot = &form->slots[i];

        if (slot->kind == SLOT_CONDITION) {
            if (holds(&p, slot->when))
                placed[i] = (struct placed){.text = ""};
            else
                i = slot->until - 1;
            continue;
        }
        if (slot->kind == SLOT_FREE) {
            if (slot->row < p.free_count)
                put_free(&p, slot, &placed[i]);
            continue;
        }
        if (slot->kind != SLOT_LINE && slot->row >= 0 && is_beyond(&p, slot))
            continue;
        if (slot->kind == SLOT_MORE || (slot->kind == SLOT_LINE && slot->line > 0))
            continue; /* with the first one */
        if (slot->kind == SLOT_LINE)
            put_stack(&p, slot, &placed[i]);
        else if (slot->kind == SLOT_SHOW)
            put(&p, slot, show_text(&p, &slot->show, slot->row), &placed[i]);
        else
            put_money(&p, slot, &placed[i]);
    }
    if (form->page.sheet_count > 1)
        check_sheets(&p, placed);
    return arena->failed ? NULL : p.order;
}

const char *place_words(const struct template *t, const struct show *show, const struct record *record, int group, int row,
                        struct arena *arena)
{
    static const struct form plain = {.decimal = ".", .thousands = "", .home_country = "", .country_captions = ""};
    struct findings none = {0};
    size_t at = row < 0 ? 0 : (size_t)row, *of_group = &at;
    struct placer p = {.t = t, .form = &plain, .record = record, .arena = arena, .findings = &none};
    const char *text;

    p.order = arena_array(arena, t->group_count + 1, sizeof *p.order);
    if (!p.order)
        return NULL;
    if (group >= 0)
        p.order[group] = of_group;
    text = show_text(&p, show, 0);
    return arena->failed ? NULL : text ? text : "";
}
