#include "read/trail.h"

#include <stdlib.h>

static bool book(const struct wages *wages, const char *name, json_int_t month, const json_t *amount, int digits,
                 struct trail *trail)
{
    const struct wage *wage = wages_find(wages, name);
    struct trail_line *line = trail->lines;
    int64_t units;

    if (!wage || month < 1 || month > TRAIL_MONTHS || !amount || json_money(amount, digits, &units) != MONEY_OK)
        return false;
    while (line < trail->lines + trail->count && line->wage != wage)
        line++;
    if (line == trail->lines + trail->count) {
        line->wage = wage;
        trail->count++;
    }
    line->booked |= (uint16_t)(1 << (month - 1));
    return money_add(&line->months[month - 1], units);
}

static bool book_entries(const struct wages *wages, const json_t *list, int digits, struct trail *trail)
{
    size_t i;
    json_t *entry;

    json_array_foreach((json_t *)list, i, entry)
        if (!book(wages, json_string_value(json_object_get(entry, "wage_type")), json_integer_value(json_object_get(entry, "month")),
                  json_object_get(entry, "amount"), digits, trail))
            return false;
    return true;
}

static bool book_canonical(const struct wages *wages, const json_t *object, int digits, struct trail *trail)
{
    const char *name, *month;
    json_t *months, *amount;

    json_object_foreach((json_t *)object, name, months)
        json_object_foreach(months, month, amount)
            if (!book(wages, name, strtol(month, NULL, 10), amount, digits, trail))
                return false;
    return true;
}

void trail_read(const struct wages *wages, const json_t *json, int digits, struct arena *arena, struct trail *trail)
{
    size_t most = json_is_array(json) ? json_array_size(json) : json_object_size(json);

    *trail = (struct trail){.lines = NULL};
    if (!wages || most == 0)
        return;
    if (most > json_object_size(wages->numbers))
        most = json_object_size(wages->numbers);
    trail->lines = arena_array(arena, most + 1, sizeof *trail->lines);
    if (!trail->lines || !(json_is_array(json) ? book_entries(wages, json, digits, trail) : book_canonical(wages, json, digits, trail)))
        trail->count = 0;
}
