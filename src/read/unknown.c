#include "read/unknown.h"

#include <string.h>

#include "base/text.h"

/* What the input format has besides the form's fields (design section 3). */
static const char *const own_certificate[] = {"id", "personnel_number", "establishment", "values", "facts", "entries", "period", NULL};
static const char *const own_employee[] = {"personnel_number", "name", "address", "mailing_address", "employment", "cost_centre",
                                           "site", "email", "delivery", "no_certificate_reason", "birth_date", "tax_id", NULL};
static const char *const own_address[] = {"street", "postcode", "city", "country", "additional", NULL};
static const char *const own_name[] = {"title", "first", "last", NULL};
static const char *const own_nothing[] = {NULL};
static const char *const own_top[] = {"format", "form", "year", "issued", "employer", "establishments", "declarations", "wage_types",
                                      "certificates", "employees", NULL};
static const char *const own_establishment[] = {"id", NULL};
static const char *const own_wage_type[] = {"text", "adds_to", NULL};
static const char *const own_declaration[] = {"establishment", "period", "wage_year", "corrected", "values", NULL};

struct finder {
    const struct template *t;
    const struct sources *sources;
    struct arena *arena;
    struct unknown_key *first;
};

static uint64_t hash_key(const char *where, const char *key)
{
    uint64_t hash = 0xCBF29CE484222325u;

    for (const char *p = where; *p; p++)
        hash = (hash ^ (unsigned char)*p) * 0x100000001B3u;
    hash = (hash ^ '/') * 0x100000001B3u;
    for (const char *p = key; *p; p++)
        hash = (hash ^ (unsigned char)*p) * 0x100000001B3u;
    return hash;
}

static bool is_listed(const char *const *words, const char *key)
{
    for (; *words; words++)
        if (text_same(*words, key))
            return true;
    return false;
}

/* Whether a field of the place goes through this key at this depth. */
static bool is_step(const struct template *t, enum field_place place, int group, int depth, const char *key)
{
    for (size_t i = 0; i < t->field_count; i++) {
        const struct field *f = &t->fields[i];

        if (f->group == group && (group >= 0 || f->place == place) && depth < f->step_count && text_same(f->steps[depth], key))
            return true;
    }
    return false;
}

static bool is_group(const struct template *t, const char *key)
{
    for (size_t i = 0; i < t->group_count; i++)
        if (!strcmp(t->groups[i].id, key))
            return true;
    return false;
}

static void look(struct finder *f, const json_t *object, enum field_place place, int group, int depth,
                 const char *const *own, const char *where, const char *pointer)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)object, key, value) {
        struct unknown_key *unknown;

        if (!strncmp(key, "x_", 2) || is_listed(own, key) || is_step(f->t, place, group, depth, key)
            || (place == PLACE_CERTIFICATE && group < 0 && is_group(f->t, key)))
            continue;
        unknown = arena_alloc(f->arena, sizeof *unknown);
        if (!unknown)
            return;
        *unknown = (struct unknown_key){f->first, hash_key(where, key), f->sources->files[place], pointer};
        f->first = unknown;
    }
}

static void look_in_groups(struct finder *f)
{
    const struct sources *s = f->sources;

    for (size_t g = 0; g < f->t->group_count; g++) {
        const json_t *rows = json_object_get(s->at[PLACE_CERTIFICATE], f->t->groups[g].id);
        size_t i;
        json_t *row;

        json_array_foreach((json_t *)rows, i, row)
            look(f, row, PLACE_CERTIFICATE, (int)g, 0, own_nothing, f->t->groups[g].id, s->pointers[PLACE_CERTIFICATE]);
    }
}

struct unknown_key *unknown_find(const struct template *t, const struct sources *s, struct arena *arena)
{
    struct finder f = {t, s, arena, NULL};

    look(&f, s->at[PLACE_CERTIFICATE], PLACE_CERTIFICATE, -1, 0, own_certificate, "certificate", s->pointers[PLACE_CERTIFICATE]);
    look(&f, s->at[PLACE_FACTS], PLACE_FACTS, -1, 0, own_nothing, "facts", s->pointers[PLACE_FACTS]);
    look(&f, s->at[PLACE_EMPLOYEE], PLACE_EMPLOYEE, -1, 0, own_employee, "employee", s->pointers[PLACE_EMPLOYEE]);
    look(&f, json_object_get(s->at[PLACE_EMPLOYEE], "name"), PLACE_EMPLOYEE, -1, 1, own_name, "name", s->pointers[PLACE_EMPLOYEE]);
    look(&f, s->at[PLACE_ADDRESS], PLACE_ADDRESS, -1, 0, own_address, "address", s->pointers[PLACE_ADDRESS]);
    look_in_groups(&f);
    return f.first;
}

/* An object of the payroll's head and the objects in it that fields go through. */
static void look_below(struct finder *f, const json_t *object, enum field_place place, const char *const *own, const char *where,
                       const char *pointer)
{
    const char *key;
    json_t *value;

    look(f, object, place, -1, 0, own, where, pointer);
    json_object_foreach((json_t *)object, key, value)
        if (json_is_object(value) && is_step(f->t, place, -1, 0, key))
            look(f, value, place, -1, 1, own_address, key, pointer);
}

struct unknown_key *unknown_find_head(const struct template *t, const char *const *codes, const json_t *head, struct arena *arena)
{
    static const struct sources payroll; /* every place is in the payroll, which is file 0 */
    struct finder f = {t, &payroll, arena, NULL};
    const char *key;
    json_t *value;
    size_t i;

    look(&f, head, PLACE_RUN, -1, 0, own_top, "", "");
    look_below(&f, json_object_get(head, "employer"), PLACE_EMPLOYER, own_nothing, "employer", "/employer");
    json_array_foreach(json_object_get(head, "establishments"), i, value)
        look_below(&f, value, PLACE_ESTABLISHMENT, own_establishment, "establishment", arena_printf(arena, "/establishments/%zu", i));
    json_object_foreach(json_object_get(head, "wage_types"), key, value)
        look(&f, value, PLACE_RUN, -1, 0, own_wage_type, "wage_type", "/wage_types");
    json_array_foreach(json_object_get(head, "declarations"), i, value) {
        const char *pointer = arena_printf(arena, "/declarations/%zu", i);

        look(&f, value, PLACE_RUN, -1, 0, own_declaration, "declaration", pointer);
        if (codes)
            look(&f, json_object_get(value, "values"), PLACE_RUN, -1, 0, codes, "declaration values", arena_printf(arena, "%s/values", pointer));
    }
    return f.first;
}
