#include "input/trail.h"

#include <stdlib.h>
#include <string.h>

bool trail_start(struct trail *trail, const struct wages *wages, size_t entries, struct arena *arena)
{
    size_t most = entries < wages->count ? entries : wages->count;

    *trail = (struct trail){arena_array(arena, most + 1, sizeof *trail->lines), 0};
    return trail->lines != NULL;
}

bool trail_book(struct trail *trail, const struct wage *wage, int64_t month, int64_t units)
{
    struct trail_line *line = trail->lines;

    while (line < trail->lines + trail->count && line->wage != wage)
        line++;
    if (line == trail->lines + trail->count) {
        line->wage = wage;
        trail->count++;
    }
    line->booked |= (uint16_t)(1 << (month - 1));
    return money_add(&line->months[month - 1], units);
}

bool trail_in_range(const struct trail *trail, int digits)
{
    for (size_t i = 0; i < trail->count; i++)
        for (int m = 0; m < TRAIL_MONTHS; m++)
            if (!money_in_range(trail->lines[i].months[m], digits))
                return false;
    return true;
}

static bool restore(const struct wages *wages, const struct datum *canon, int digits, struct trail *trail)
{
    for (const struct datum *months = datum_first(canon); months; months = months->next) {
        const struct wage *wage = months->key ? wages_find(wages, months->key, strlen(months->key)) : NULL;

        for (const struct datum *amount = datum_first(months); amount; amount = amount->next) {
            long month = amount->key ? strtol(amount->key, NULL, 10) : 0;
            int64_t units;

            if (!wage || month < 1 || month > TRAIL_MONTHS || datum_money(amount, digits, &units) != MONEY_OK
                || !trail_book(trail, wage, month, units))
                return false;
        }
    }
    return true;
}

bool trail_restore(const struct wages *wages, const struct datum *canon, int digits, struct arena *arena, struct trail *trail)
{
    *trail = (struct trail){.lines = NULL};
    if (!canon)
        return true;
    if (wages && datum_is(canon, DATUM_OBJECT) && trail_start(trail, wages, canon->length, arena) && restore(wages, canon, digits, trail))
        return true;
    trail->count = 0;
    return false;
}
