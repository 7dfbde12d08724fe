#include "form/spot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/say.h"

#define STEPS_MAX 8

/* A pointer's parts; the last one without what stands before it lives in the pointer itself. */
struct steps {
    char text[256];
    const char *at[STEPS_MAX];
    size_t count;
};

static void cut(const char *pointer, struct steps *s)
{
    char *rest;

    s->count = 0;
    snprintf(s->text, sizeof s->text, "%s", pointer);
    for (char *step = strtok_r(s->text, "/", &rest); step && s->count < STEPS_MAX; step = strtok_r(NULL, "/", &rest))
        s->at[s->count++] = step;
}

static bool is_number(const char *text)
{
    return *text && strspn(text, "0123456789") == strlen(text);
}

static bool has_steps(const struct field *f, const struct steps *s, size_t from)
{
    if (s->count - from != (size_t)f->step_count)
        return false;
    for (size_t i = from; i < s->count; i++)
        if (strcmp(f->steps[i - from], s->at[i]) != 0)
            return false;
    return true;
}

/* How the workbook calls a field; NULL where it does not. */
static const char *title_of(const struct plan *plan, int field)
{
    for (size_t i = 0; i < plan->column_count; i++)
        if (plan->columns[i].kind == COLUMN_FIELD && plan->columns[i].field == field)
            return plan->columns[i].title;
    for (size_t i = 0; i < plan->change_count; i++)
        if (plan->changes[i].field == field)
            return plan->changes[i].title;
    return NULL;
}

/* The same of a column of a list, which the changes name one by one. */
static const char *title_in_list(const struct plan *plan, int field)
{
    for (size_t i = 0; i < plan->change_count; i++)
        if (plan->changes[i].field == field)
            return plan->changes[i].title;
    return title_of(plan, field);
}

static bool found(const struct plan *plan, const struct template *t, int field, long row, struct spot *spot)
{
    const struct field *f = &t->fields[field];
    const char *title = row ? title_in_list(plan, field) : title_of(plan, field);

    title = title ? title : f->title;
    *spot = (struct spot){title ? title : f->id, f->group < 0 && f->place == PLACE_VALUES, row, f->place, f->group >= 0, false};
    if (title) /* without a number it is told by its words alone */
        spot->line = *title >= '0' && *title <= '9';
    return true;
}

static bool find_field(const struct plan *plan, const struct template *t, enum field_place place, const struct steps *s, size_t from,
                       struct spot *spot)
{
    for (size_t i = 0; i < t->field_count; i++)
        if (t->fields[i].place == place && t->fields[i].group < 0 && has_steps(&t->fields[i], s, from))
            return found(plan, t, (int)i, 0, spot);
    return false;
}

/* A row of one of the certificate's lists, or the list. */
static bool find_row(const struct plan *plan, const struct template *t, const struct steps *s, size_t from, struct spot *spot)
{
    for (size_t g = 0; g < t->group_count; g++) {
        const struct group *group = &t->groups[g];

        if (strcmp(group->id, s->at[from]) != 0)
            continue;
        if (s->count < from + 2 || !is_number(s->at[from + 1])) {
            found(plan, t, (int)group->first, 1, spot);
            spot->row = 0;
            spot->line = false;
            return true;
        }
        for (size_t i = group->first; i < group->first + group->count; i++)
            if (has_steps(&t->fields[i], s, from + 2))
                return found(plan, t, (int)i, atol(s->at[from + 1]) + 1, spot);
        found(plan, t, (int)group->first, atol(s->at[from + 1]) + 1, spot);
        return true;
    }
    return false;
}

/* What a certificate has besides fields and has a column too: its id, its establishment. */
static bool find_kind(const struct plan *plan, enum column_kind kind, struct spot *spot)
{
    for (size_t i = 0; i < plan->column_count; i++)
        if (plan->columns[i].kind == kind) {
            *spot = (struct spot){.title = plan->columns[i].title, .place = PLACE_CERTIFICATE};
            return true;
        }
    return false;
}

static bool find_in_certificate(const struct plan *plan, const struct template *t, const struct steps *s, size_t from, struct spot *spot)
{
    if (!strcmp(s->at[from], "values"))
        return s->count > from + 1 && find_field(plan, t, PLACE_VALUES, s, from + 1, spot);
    if (!strcmp(s->at[from], "facts"))
        return s->count > from + 1 && find_field(plan, t, PLACE_FACTS, s, from + 1, spot);
    if (!strcmp(s->at[from], "entries") && s->count > from + 1 && is_number(s->at[from + 1])) {
        *spot = (struct spot){"postings", false, atol(s->at[from + 1]) + 1, PLACE_CERTIFICATE, true, true};
        return true;
    }
    if (s->count == from + 1 && (!strcmp(s->at[from], "id") || !strcmp(s->at[from], "establishment")))
        return find_kind(plan, *s->at[from] == 'i' ? COLUMN_ID : COLUMN_ESTABLISHMENT, spot);
    return find_row(plan, t, s, from, spot) || find_field(plan, t, PLACE_CERTIFICATE, s, from, spot);
}

static bool find_in_employee(const struct plan *plan, const struct template *t, const struct steps *s, size_t from, struct spot *spot)
{
    if (s->count > from + 1 && (!strcmp(s->at[from], "address") || !strcmp(s->at[from], "mailing_address")))
        return find_field(plan, t, PLACE_ADDRESS, s, from + 1, spot);
    return find_field(plan, t, PLACE_EMPLOYEE, s, from, spot);
}

bool spot_find(const struct plan *plan, const struct template *t, const char *pointer, struct spot *spot)
{
    struct steps s;

    cut(pointer, &s);
    if (s.count > 2 && !strcmp(s.at[0], "certificates") && is_number(s.at[1]))
        return find_in_certificate(plan, t, &s, 2, spot);
    if (s.count > 2 && !strcmp(s.at[0], "employees") && is_number(s.at[1]))
        return find_in_employee(plan, t, &s, 2, spot);
    if (s.count > 2 && !strcmp(s.at[0], "establishments") && is_number(s.at[1]))
        return find_field(plan, t, PLACE_ESTABLISHMENT, &s, 2, spot);
    return s.count > 1 && !strcmp(s.at[0], "employer") && find_field(plan, t, PLACE_EMPLOYER, &s, 1, spot);
}

/* "4. Tax" without the point behind the number. */
static void write_line(const struct spot *spot, bool box, char *room, size_t size)
{
    const char *title = spot->title;
    size_t number = strcspn(title, " ");
    bool point = number > 1 && title[number - 1] == '.';
    int shown = (int)(point ? number - 1 : number);

    if (spot->row)
        snprintf(room, size, box ? "box %.*s%.180s, entry %ld" : "line %.*s%.180s, entry %ld", shown, title, title + number, spot->row);
    else
        snprintf(room, size, box ? "box %.*s%.180s" : "line %.*s%.180s", shown, title, title + number);
}

/* A list's title is of the list, a colon, and of the column. row 0: of the whole list. */
static void write_row(const struct spot *spot, char *room, size_t size)
{
    const char *colon = strstr(spot->title, ": ");

    if (colon && spot->row)
        snprintf(room, size, "%.*s, entry %ld: %.120s", (int)(colon - spot->title), spot->title, spot->row, colon + 2);
    else if (spot->row)
        snprintf(room, size, "%.180s, entry %ld", spot->title, spot->row);
    else
        snprintf(room, size, "%.*s", colon ? (int)(colon - spot->title) : 180, spot->title);
}

const char *spot_caption(const struct plan *plan, int field)
{
    const char *title = title_of(plan, field);

    if (title && *title >= '0' && *title <= '9') {
        title += strcspn(title, " ");
        title += strspn(title, " ");
    }
    return title ? title : "";
}

const char *spot_name(const struct plan *plan, const struct template *t, const json_t *texts, const char *pointer, char room[SPOT_TEXT])
{
    static const char *const whose[PLACE_COUNT] = {[PLACE_EMPLOYEE] = "%s (employee data)",
                                                   [PLACE_ADDRESS] = "%s (employee data)",
                                                   [PLACE_EMPLOYER] = "%s (employer)",
                                                   [PLACE_ESTABLISHMENT] = "%s (establishment)"};
    char english[SPOT_TEXT];
    const char *told;
    struct spot spot;

    if (!spot_find(plan, t, pointer, &spot))
        return NULL;
    if (spot.line)
        write_line(&spot, t->boxes, english, sizeof english);
    else if (spot.list)
        write_row(&spot, english, sizeof english);
    else if (whose[spot.place])
        snprintf(english, sizeof english, "%.180s%s", spot.title, whose[spot.place] + strlen("%s"));
    else
        snprintf(english, sizeof english, "%.180s", spot.title);
    told = say_in(texts, english, room, SPOT_TEXT);
    if (told != room)
        snprintf(room, SPOT_TEXT, "%s", told);
    return room;
}
