#include "read/wages.h"

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
    json_array_foreach((json_t *)lines, i, line)
        if (!load_line(t, json_string_value(line), wage))
            return false;
    for (int k = 0; k < wage->count; k++)
        wages->fed[wage->fields[k]] = true;
    return true;
}

struct wages *wages_load(const struct template *t, const json_t *wage_types, const char *file, struct tc_error *err)
{
    struct wages *wages = calloc(1, sizeof *wages);
    const char *name;
    json_t *type;
    size_t count = 0;

    if (wages) {
        wages->numbers = json_object();
        wages->list = calloc(json_object_size(wage_types) + 1, sizeof *wages->list);
        wages->fed = calloc(t->field_count + 1, sizeof *wages->fed);
    }
    if (!wages || !wages->numbers || !wages->list || !wages->fed)
        goto memory;
    json_object_foreach((json_t *)wage_types, name, type) {
        if (!load_wage(t, type, wages, &wages->list[count])) {
            error_set(err, TC_INPUT, file, "/wage_types", "wage-type-lines",
                      "wage type number %zu must have a list adds_to of at most %d money lines of the form", count + 1,
                      WAGE_LINES_MAX);
            goto fail;
        }
        if (json_object_set_new(wages->numbers, name, json_integer((json_int_t)count++)) != 0)
            goto memory;
    }
    return wages;
memory:
    error_memory(err);
fail:
    wages_free(wages);
    return NULL;
}

const struct wage *wages_find(const struct wages *wages, const char *name)
{
    const json_t *number = name ? json_object_get(wages->numbers, name) : NULL;

    return number ? &wages->list[json_integer_value(number)] : NULL;
}

void wages_free(struct wages *wages)
{
    if (!wages)
        return;
    json_decref(wages->numbers);
    free(wages->list);
    free(wages->fed);
    free(wages);
}
