#include "import/parts.h"

#include <string.h>

struct compiling {
    struct parts *p;
    struct source *s;
    struct arena *arena;
    bool failed; /* memory */
    struct tc_error *err;
};

static struct column *put(struct compiling *c, const json_t *of, const char *under, const char *key, enum column_type type,
                          struct column *out)
{
    char at[190];

    snprintf(at, sizeof at, "%.30s%.80s/%.70s", c->s->pointer, under, key);
    column_compile(c->s, json_object_get(of, key), at, type, out);
    return out;
}

/* "name" and "name.first" cannot both be columns. */
static void clash(struct compiling *c, const char *under, const char *name)
{
    char at[190];

    c->failed |= c->arena->failed; /* then it was memory */
    if (c->failed)
        return;
    snprintf(at, sizeof at, "%.30s%.80s/%.70s", c->s->pointer, under, name);
    error_set(c->err, TC_USAGE, c->s->options->mapping, at, "mapping",
              "this field is a single value in one place of the mapping and a group of fields in another");
}

static void put_pairs(struct compiling *c, struct shape *shape, const char *key, const char *in, enum column_type type, struct pairs *out)
{
    const json_t *specs = json_object_get(c->s->as, key);
    struct pair *list = arena_array(c->arena, out->count + json_object_size(specs) + 1, sizeof *list);
    char under[40];
    const char *name;
    json_t *spec;

    c->failed = c->failed || !list;
    if (!list)
        return;
    if (out->count)
        memcpy(list, out->list, out->count * sizeof *list);
    out->list = list;
    snprintf(under, sizeof under, "/%.30s", key);
    json_object_foreach((json_t *)(uintptr_t)specs, name, spec)
    {
        if (shape == NULL || ((!strcmp(name, "month") || !strcmp(name, "change")) && !strcmp(key, "features")))
            continue;
        list[out->count].slot = shape_slot(shape, in, name, !in);
        if (list[out->count].slot < 0) {
            clash(c, under, name);
            return;
        }
        put(c, specs, under, name, type, &list[out->count++].column);
    }
}

static void put_sums(struct compiling *c, const json_t *rule, const char *under, struct condition *out)
{
    const json_t *sums = json_object_get(rule, "sums"), *spec;
    char at[190];
    size_t i;

    out->sums = arena_array(c->arena, json_array_size(sums) + 1, sizeof *out->sums);
    out->totals = arena_array(c->arena, json_array_size(sums) + 1, sizeof *out->totals);
    if (!out->sums || !out->totals) {
        c->failed = true;
        return;
    }
    json_array_foreach(sums, i, spec)
    {
        snprintf(at, sizeof at, "%s%s/sums/%zu", c->s->pointer, under, i);
        column_compile(c->s, spec, at, COLUMN_AS_AMOUNT, &out->sums[out->sum_count++]);
    }
}

static void put_conditions(struct compiling *c, const char *key, struct conditions *out)
{
    const json_t *list = json_object_get(c->s->as, key), *rule;
    char under[60];
    size_t i;

    out->list = arena_array(c->arena, json_array_size(list) + 1, sizeof *out->list);
    c->failed = c->failed || !out->list;
    json_array_foreach(list, i, rule)
    {
        struct condition *one = out->list ? &out->list[out->count++] : NULL;
        if (!one)
            return;
        snprintf(under, sizeof under, "/%s/%zu", key, i);
        one->rule = rule;
        put(c, rule, under, "column", COLUMN_AS_TEXT, &one->column);
        put_sums(c, rule, under, one);
    }
}

static void put_entries(struct compiling *c, struct entries *e)
{
    const json_t *as = json_object_get(c->s->as, "entries"), *months = json_object_get(as, "months"), *month;
    char at[90];
    size_t i;

    e->given = as != NULL;
    e->turn = json_object_get(as, "turn");
    put(c, as, "/entries", "wage_type", COLUMN_AS_TEXT, &e->type);
    put(c, as, "/entries", "text", COLUMN_AS_TEXT, &e->text);
    put(c, as, "/entries", "month", COLUMN_AS_WHOLE, &e->month);
    put(c, as, "/entries", "amount", COLUMN_AS_AMOUNT, &e->amount);
    put(c, json_object_get(as, "changes"), "/entries/changes", "replace", COLUMN_AS_WHOLE, &e->change);
    e->replaces = e->change.given;
    json_array_foreach(months, i, month)
    {
        snprintf(at, sizeof at, "%s/entries/months/%zu", c->s->pointer, i);
        if (i < 12)
            column_compile(c->s, month, at, COLUMN_AS_AMOUNT, &e->months[i]);
    }
}

static void put_tickets(struct compiling *c, struct tickets *t)
{
    const json_t *as = json_object_get(c->s->as, "tickets");

    t->given = as != NULL;
    put(c, as, "/tickets", "first_day", COLUMN_AS_DATE, &t->first_day);
    put(c, as, "/tickets", "ticket", COLUMN_AS_CODE, &t->ticket);
    put(c, as, "/tickets", "sent", COLUMN_AS_DATE, &t->sent);
    put(c, as, "/tickets", "accepted", COLUMN_AS_TEXT, &t->accepted);
    put(c, as, "/tickets", "cancels", COLUMN_AS_TEXT, &t->cancels);
}

static void put_newest(struct compiling *c)
{
    const json_t *list = json_object_get(c->s->as, "newest"), *spec;
    char at[90];
    size_t i;

    json_array_foreach(list, i, spec)
    {
        snprintf(at, sizeof at, "%s/newest/%zu", c->s->pointer, i);
        if (i < PARTS_NEWEST)
            column_compile(c->s, spec, at, COLUMN_AS_WHOLE, &c->p->newest[c->p->newest_count++]);
    }
}

bool parts_compile(struct parts *p, struct source *s, struct shapes *shapes, struct arena *arena, struct tc_error *err)
{
    struct compiling c = {p, s, arena, false, err};
    const json_t *features = json_object_get(s->as, "features");

    memset(p, 0, sizeof *p);
    put(&c, s->as, "", "person", COLUMN_AS_TEXT, &p->person);
    put(&c, s->as, "", "year", COLUMN_AS_WHOLE, &p->year);
    put(&c, s->as, "", "which", COLUMN_AS_TEXT, &p->which);
    put(&c, features, "/features", "month", COLUMN_AS_WHOLE, &p->feature_month);
    put(&c, features, "/features", "change", COLUMN_AS_WHOLE, &p->feature_change);
    put_newest(&c);
    put_pairs(&c, &shapes->employee, "employee", NULL, COLUMN_AS_TEXT, &p->employee);
    put_pairs(&c, &shapes->certificate, "certificate", NULL, COLUMN_AS_TEXT, &p->certificate);
    put_pairs(&c, &shapes->certificate, "values", "values", COLUMN_AS_AMOUNT, &p->certificate);
    put_pairs(&c, &shapes->feature, "features", NULL, COLUMN_AS_TEXT, &p->features);
    put_entries(&c, &p->entries);
    put_tickets(&c, &p->tickets);
    put_conditions(&c, "skip", &p->skip);
    put_conditions(&c, "must", &p->must);
    put_conditions(&c, "totals", &p->totals);
    p->has_values = json_object_get(s->as, "values") != NULL;
    p->one_row = !p->entries.given && !p->tickets.given && !p->feature_month.given && !p->newest_count;
    return !*err->message && (!c.failed || error_memory(err));
}

enum place { WHOLE, FRONT, BACK };

static bool stands(const char *text, const char *with, enum place place)
{
    size_t length = strlen(text), wanted = strlen(with);

    if (wanted > length || (place == WHOLE && wanted != length))
        return false;
    return !memcmp(text + (place == BACK ? length - wanted : 0), with, wanted);
}

/* Whether the text stands so; of a list, whether one does. */
static bool any_stands(const char *text, const json_t *with, enum place place)
{
    const json_t *one;
    size_t i;

    json_array_foreach(with, i, one) if (stands(text, json_string_value(one), place)) return true;
    return json_is_string(with) && stands(text, json_string_value(with), place);
}

bool condition_is_met(const struct source *s, const struct condition *c)
{
    const json_t *is = json_object_get(c->rule, "is"), *begins = json_object_get(c->rule, "begins"),
                 *ends = json_object_get(c->rule, "ends");
    char text[COLUMN_TEXT];

    column_plain(s, &c->column, text, sizeof text);
    if (is || begins || ends)
        return any_stands(text, is ? is : begins ? begins : ends, is ? WHOLE : begins ? FRONT : BACK);
    return (*text == '\0') == json_is_true(json_object_get(c->rule, "empty"));
}

struct condition *parts_met(const struct source *s, const struct conditions *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (condition_is_met(s, &list->list[i]))
            return &list->list[i];
    return NULL;
}
