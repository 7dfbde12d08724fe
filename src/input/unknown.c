#include "input/unknown.h"

#include <string.h>

#include "base/nearest.h"
#include "base/text.h"

/* What the input format has besides the form's fields (design section 3). */
static const char *const own_certificate[] = {"id",      "personnel_number", "establishment", "values", "facts",
                                              "entries", "period",           "correction",    NULL};
static const char *const own_correction[] = {"reason", NULL};
static const char *const own_employee[] = {"personnel_number", "name",   "address", "mailing_address", "employment",
                                           "cost_centre",      "site",   "email",   "delivery",        "no_certificate_reason",
                                           "birth_date",       "tax_id", NULL};
static const char *const own_address[] = {"street", "postcode", "city", "country", "additional", NULL};
static const char *const own_name[] = {"title", "first", "last", NULL};
static const char *const own_nothing[] = {NULL};
static const char *const own_top[] = {"format",       "form",       "year",         "issue_date", "employer",      "establishments",
                                      "declarations", "wage_types", "certificates", "employees",  "cancellations", NULL};
static const char *const own_establishment[] = {"id", NULL};
static const char *const own_wage_type[] = {"text", "adds_to", NULL};
static const char *const own_declaration[] = {"establishment", "period", "calendar_year", "amended", "values", NULL};

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

static bool is_group(const struct template *t, const char *key)
{
    for (size_t i = 0; i < t->group_count; i++)
        if (t->groups[i].before < 0 && !strcmp(t->groups[i].id, key))
            return true;
    return false;
}

/* What may stand there and is most like the key. */
static const char *find_nearest(const struct template *t, enum field_place place, int group, int depth, const char *const *own,
                                const char *key)
{
    struct nearest n = nearest_to(key);

    for (; *own; own++)
        nearest_consider(&n, *own);
    for (size_t i = 0; i < t->field_count; i++)
        if (t->fields[i].place == place && t->fields[i].group == group && depth < t->fields[i].step_count)
            nearest_consider(&n, t->fields[i].steps[depth]);
    for (size_t i = 0; place == PLACE_CERTIFICATE && group < 0 && i < t->group_count; i++)
        if (t->groups[i].before < 0)
            nearest_consider(&n, t->groups[i].id);
    return n.known;
}

static void look(struct finder *f, const struct datum *object, enum field_place place, int group, int depth, const char *const *own,
                 const char *where, const char *pointer)
{
    for (const struct datum *value = datum_first(object); value; value = value->next) {
        const char *key = value->key;
        struct unknown_key *unknown;

        if (!key || !strncmp(key, "x_", 2) || template_step(f->t, place, group, depth, value) || is_listed(own, key)
            || (place == PLACE_CERTIFICATE && group < 0 && is_group(f->t, key)))
            continue;
        unknown = arena_alloc(f->arena, sizeof *unknown);
        if (!unknown)
            return;
        *unknown = (struct unknown_key){f->first, hash_key(where, key), f->sources->files[place], pointer,
                                        find_nearest(f->t, place, group, depth, own, key)};
        f->first = unknown;
    }
}

static void look_in_groups(struct finder *f)
{
    const struct sources *s = f->sources;

    for (size_t g = 0; g < f->t->group_count; g++) {
        const struct datum *row = datum_first(datum_get(s->at[PLACE_CERTIFICATE], f->t->groups[g].id));

        for (; row; row = row->next)
            look(f, row, PLACE_CERTIFICATE, (int)g, 0, own_nothing, f->t->groups[g].id, s->pointers[PLACE_CERTIFICATE]);
    }
}

struct unknown_key *unknown_find(const struct template *t, const struct sources *s, struct arena *arena)
{
    struct finder f = {t, s, arena, NULL};

    look(&f, s->at[PLACE_CERTIFICATE], PLACE_CERTIFICATE, -1, 0, own_certificate, "certificate", s->pointers[PLACE_CERTIFICATE]);
    look(&f, s->at[PLACE_CORRECTION], PLACE_CORRECTION, -1, 0, own_correction, "correction", s->pointers[PLACE_CORRECTION]);
    look(&f, s->at[PLACE_FACTS], PLACE_FACTS, -1, 0, own_nothing, "facts", s->pointers[PLACE_FACTS]);
    look(&f, s->at[PLACE_EMPLOYEE], PLACE_EMPLOYEE, -1, 0, own_employee, "employee", s->pointers[PLACE_EMPLOYEE]);
    look(&f, datum_get(s->at[PLACE_EMPLOYEE], "name"), PLACE_EMPLOYEE, -1, 1, own_name, "name", s->pointers[PLACE_EMPLOYEE]);
    look(&f, s->at[PLACE_ADDRESS], PLACE_ADDRESS, -1, 0, own_address, "address", s->pointers[PLACE_ADDRESS]);
    look_in_groups(&f);
    return f.first;
}

/* An object of the payroll's head and the objects in it that fields go through. */
static void look_below(struct finder *f, const struct datum *object, enum field_place place, const char *const *own, const char *where,
                       const char *pointer)
{
    look(f, object, place, -1, 0, own, where, pointer);
    for (const struct datum *value = datum_first(object); value; value = value->next)
        if (value->key && datum_is(value, DATUM_OBJECT) && template_step(f->t, place, -1, 0, value))
            look(f, value, place, -1, 1, own_address, value->key, pointer);
}

struct unknown_key *unknown_find_head(const struct template *t, const char *const *codes, const struct datum *head, struct arena *arena)
{
    static const struct sources payroll; /* every place is in the payroll, which is file 0 */
    struct finder f = {t, &payroll, arena, NULL};
    const struct datum *value;
    size_t i;

    look(&f, head, PLACE_RUN, -1, 0, own_top, "", "");
    look_below(&f, datum_get(head, "employer"), PLACE_EMPLOYER, own_nothing, "employer", "/employer");
    for (i = 0, value = datum_first(datum_get(head, "establishments")); value; value = value->next, i++)
        look_below(&f, value, PLACE_ESTABLISHMENT, own_establishment, "establishment", arena_numbered(arena, "/establishments/", i));
    for (value = datum_first(datum_get(head, "wage_types")); value; value = value->next)
        look(&f, value, PLACE_RUN, -1, 0, own_wage_type, "wage_type", "/wage_types");
    for (i = 0, value = datum_first(datum_get(head, "declarations")); value; value = value->next, i++) {
        const char *pointer = arena_numbered(arena, "/declarations/", i);

        look(&f, value, PLACE_RUN, -1, 0, own_declaration, "declaration", pointer);
        if (codes)
            look(&f, datum_get(value, "values"), PLACE_RUN, -1, 0, codes, "declaration values",
                 arena_join(arena, (const char *const[]){pointer, "/values"}, 2));
    }
    return f.first;
}

/* Whether the top level has the member. */
static bool has_member(const struct datum *head, const char *key, bool has_certificates, bool has_employees)
{
    if (!strcmp(key, "certificates"))
        return has_certificates;
    return !strcmp(key, "employees") ? has_employees : datum_get(head, key) != NULL;
}

const char *unknown_misspelt(const struct datum *head, bool has_certificates, bool has_employees)
{
    for (const struct datum *value = datum_first(head); value; value = value->next) {
        struct nearest n = nearest_to(value->key ? value->key : "");

        if (!value->key || !strncmp(value->key, "x_", 2) || is_listed(own_top, value->key))
            continue;
        for (const char *const *known = own_top; *known; known++)
            nearest_consider(&n, *known);
        if (n.known && !has_member(head, n.known, has_certificates, has_employees))
            return n.known;
    }
    return NULL;
}
