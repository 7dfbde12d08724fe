#include "read/trail.h"

#include <stdlib.h>

static bool book(const struct wages *wages, const char *name, int64_t month, const struct datum *amount, int digits, struct trail *trail)
{
    const struct wage *wage = wages_find(wages, name);
    struct trail_line *line = trail->lines;
    int64_t units;

    if (!wage || month < 1 || month > TRAIL_MONTHS || datum_money(amount, digits, &units) != MONEY_OK)
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

static bool book_entries(const struct wages *wages, const struct datum *list, int digits, struct trail *trail)
{
    for (const struct datum *entry = datum_first(list); entry; entry = entry->next)
        if (!book(wages, datum_text(datum_get(entry, "wage_type")), datum_integer(datum_get(entry, "month")), datum_get(entry, "amount"),
                  digits, trail))
            return false;
    return true;
}

static bool book_canonical(const struct wages *wages, const struct datum *object, int digits, struct trail *trail)
{
    for (const struct datum *months = datum_first(object); months; months = months->next)
        for (const struct datum *amount = datum_first(months); amount; amount = amount->next)
            if (!amount->key || !book(wages, months->key, strtol(amount->key, NULL, 10), amount, digits, trail))
                return false;
    return true;
}

void trail_read(const struct wages *wages, const struct datum *entries, int digits, struct arena *arena, struct trail *trail)
{
    size_t most = entries && (entries->type == DATUM_LIST || entries->type == DATUM_OBJECT) ? entries->length : 0;

    *trail = (struct trail){.lines = NULL};
    if (!wages || most == 0)
        return;
    if (most > json_object_size(wages->numbers))
        most = json_object_size(wages->numbers);
    trail->lines = arena_array(arena, most + 1, sizeof *trail->lines);
    if (!trail->lines
        || !(entries->type == DATUM_LIST ? book_entries(wages, entries, digits, trail) : book_canonical(wages, entries, digits, trail)))
        trail->count = 0;
}
