#include "input/wages.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool load_line(const struct template *t, const char *line, struct wage *wage)
{
    bool minus = line && line[0] == '-';
    int field = line ? template_field(t, line + minus, -1) : -1;

    if (field < 0 || wage->count == WAGE_LINES_MAX)
        return false;
    if (t->fields[field].type != FIELD_MONEY || t->fields[field].place != PLACE_VALUES || t->fields[field].computed)
        return false;
    for (int i = 0; i < wage->count; i++)
        if (wage->fields[i] == field)
            return false;
    wage->fields[wage->count] = field;
    wage->signs[wage->count++] = minus ? -1 : 1;
    return true;
}

static bool load_wage(const struct template *t, const json_t *type, struct wages *wages, struct wage *wage)
{
    const json_t *lines = json_object_get(type, "adds_to");
    json_t *line;
    size_t i;

    if (!json_is_array(lines))
        return false;
    json_array_foreach((json_t *)lines, i, line) if (!load_line(t, json_string_value(line), wage)) return false;
    for (int k = 0; k < wage->count; k++)
        wages->fed[wage->fields[k]] = true;
    return true;
}

static int by_mark(const void *a, const void *b)
{
    const struct wage *x = a, *y = b;

    return (x->mark > y->mark) - (x->mark < y->mark);
}

struct wages *wages_load(const struct template *t, const json_t *wage_types, const char *file, struct tc_error *err)
{
    struct wages *wages = calloc(1, sizeof *wages);
    const char *name;
    json_t *type;

    if (wages) {
        wages->types = json_incref((json_t *)wage_types);
        wages->list = calloc(json_object_size(wage_types) + 1, sizeof *wages->list);
        wages->fed = calloc(t->field_count + 1, sizeof *wages->fed);
    }
    if (!wages || !wages->list || !wages->fed)
        goto memory;
    json_object_foreach((json_t *)wage_types, name, type)
    {
        const char *text = json_string_value(json_object_get(type, "text"));
        struct wage *wage = &wages->list[wages->count++];

        if (!text_is_utf8(name) || (text && !text_is_utf8(text))) {
            error_set(err, TC_INPUT, file, "/wage_types", "text-control",
                      "entry %zu of the wage types: its name or text has an invisible character, or one that changes the text "
                      "direction; type it again",
                      wages->count);
            goto fail;
        }
        *wage = (struct wage){.mark = datum_mark(name), .name = name, .text = text ? text : ""};
        if (!load_wage(t, type, wages, wage)) {
            error_set(err, TC_INPUT, file, "/wage_types", "wage-type-lines",
                      "entry %zu of the wage types: adds_to must list at most %d of the form's lines that are amounts, each of "
                      "them once",
                      wages->count, WAGE_LINES_MAX);
            goto fail;
        }
    }
    qsort(wages->list, wages->count, sizeof *wages->list, by_mark);
    return wages;
memory:
    error_memory(err);
fail:
    wages_free(wages);
    return NULL;
}

const struct wage *wages_find(const struct wages *wages, const char *name, size_t length)
{
    uint64_t mark = datum_mark_of(name, length);
    size_t low = 0, high = wages->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (wages->list[middle].mark < mark)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < wages->count && wages->list[low].mark == mark; low++)
        if (datum_same_key(wages->list[low].name, mark, name, mark))
            return &wages->list[low];
    return NULL;
}

static bool feeds(const struct wage *wage, int field)
{
    for (int i = 0; wage && i < wage->count; i++)
        if (wage->fields[i] == field)
            return true;
    return false;
}

const char *wages_feeding(const struct wages *wages, const struct datum *entries, int field, struct arena *arena)
{
    const char *names[12];
    const char *joined = NULL;
    size_t count = 0;

    for (const struct datum *entry = datum_first(entries); entry; entry = entry->next) {
        const char *name = datum_text(datum_get(entry, "wage_type"));
        size_t known = 0;

        if (!text_is_handle(name) || count == sizeof names / sizeof *names || !feeds(wages_find(wages, name, strlen(name)), field))
            continue;
        while (known < count && strcmp(names[known], name) != 0)
            known++;
        if (known == count)
            names[count++] = name;
    }
    for (size_t i = 0; i < count; i++)
        joined = i == 0 ? arena_copy(arena, names[0], strlen(names[0]))
                        : arena_join(arena, (const char *const[]){joined ? joined : "", ", ", names[i]}, 3);
    return joined;
}

void wages_free(struct wages *wages)
{
    if (!wages)
        return;
    json_decref(wages->types);
    free(wages->list);
    free(wages->fed);
    free(wages);
}
