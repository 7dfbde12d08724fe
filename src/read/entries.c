#include "read/entries.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/money.h"

#define MAX_LINES 128

struct sums {
    struct { const char *line; int64_t cents; } line[MAX_LINES]; /* names borrowed from wage_types */
    size_t count;
    const char **rule, **message;
};

static bool fail(struct sums *s, const char *rule, const char *message)
{
    *s->rule = rule;
    *s->message = message;
    return false;
}

static bool add_to(struct sums *s, const char *line, int64_t cents)
{
    size_t i = 0;

    if (line[0] == '-') {
        line++;
        cents = -cents;
    }
    while (i < s->count && strcmp(s->line[i].line, line) != 0)
        i++;
    if (i == MAX_LINES)
        return fail(s, "amount-range", "the wage types feed too many lines");
    if (i == s->count) {
        s->line[i].line = line;
        s->line[i].cents = 0;
        s->count++;
    }
    return money_add(&s->line[i].cents, cents) || fail(s, "amount-range", "a sum of entries is too large");
}

static bool add_entry(struct sums *s, const json_t *wage_types, const json_t *entry)
{
    const char *name = json_string_value(json_object_get(entry, "wage_type"));
    const json_t *lines = json_object_get(name ? json_object_get(wage_types, name) : NULL, "adds_to");
    int64_t cents;
    size_t i;
    json_t *line;

    if (!json_is_array(lines))
        return fail(s, "wage-type-unknown", "a wage type of the entries is not in wage_types");
    if (json_money(json_object_get(entry, "amount"), 2, &cents) != MONEY_OK)
        return fail(s, "amount-format", "the amount of an entry must be like \"1234.56\"");
    json_array_foreach((json_t *)lines, i, line)
        if (!json_is_string(line) || !add_to(s, json_string_value(line), cents))
            return *s->rule ? false : fail(s, "wage-type-unknown", "a wage type names no line");
    return true;
}

/* Sums become values; where the input gave the same line, both must agree. */
static bool store(struct sums *s, json_t *values)
{
    for (size_t i = 0; i < s->count; i++) {
        const json_t *given = json_object_get(values, s->line[i].line);
        int64_t cents = s->line[i].cents, other;
        uint64_t size = cents < 0 ? -(uint64_t)cents : (uint64_t)cents;
        char text[32];

        if (given && (json_money(given, 2, &other) != MONEY_OK || other != cents))
            return fail(s, "entries-differ", "the value of a line differs from the sum of its entries");
        snprintf(text, sizeof text, "%s%" PRIu64 ".%02" PRIu64, cents < 0 ? "-" : "", size / 100, size % 100);
        if (!given && json_object_set_new(values, s->line[i].line, json_string(text)) != 0)
            return fail(s, "memory", "not enough memory");
    }
    return true;
}

json_t *entries_add_up(const json_t *wage_types, const json_t *certificate, const char **rule, const char **message)
{
    struct sums sums = {.rule = rule, .message = message};
    json_t *copy = json_copy((json_t *)certificate), *values = json_copy(json_object_get(certificate, "values"));
    bool ok = copy != NULL;
    size_t i;
    json_t *entry;

    *rule = *message = NULL;
    if (!values)
        values = json_object();
    json_array_foreach((json_t *)json_object_get(certificate, "entries"), i, entry)
        ok = ok && add_entry(&sums, wage_types, entry);
    ok = ok && store(&sums, values);
    if (ok && (json_object_set(copy, "values", values) != 0 || json_object_del(copy, "entries") != 0))
        ok = fail(&sums, "memory", "not enough memory");
    json_decref(values);
    if (!ok) {
        if (!*rule)
            fail(&sums, "memory", "not enough memory");
        json_decref(copy);
        return NULL;
    }
    return copy;
}
