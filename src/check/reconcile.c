#include "check/reconcile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MASK_YEAR 0xFFF
#define YEAR_MIN 1900
#define YEAR_MAX 2999

const char *reconcile_establishment(const struct reconcile *r, size_t establishment)
{
    return r->ids[establishment];
}

const char *reconcile_shown(const struct reconcile *r, size_t establishment, int field)
{
    const struct field *f = &r->t->fields[field];
    const json_t *json = json_array_get(r->establishments, establishment);

    for (int i = 0; i < f->step_count; i++)
        json = json_object_get(json, f->steps[i]);
    return json_is_string(json) ? json_string_value(json) : "";
}

static bool read_ids(struct reconcile *r, const char *file, struct tc_error *err)
{
    char pointer[64];

    r->establishment_count = json_array_size(r->establishments);
    r->ids = arena_array(&r->arena, r->establishment_count + 1, sizeof *r->ids);
    for (size_t i = 0; r->ids && i < r->establishment_count; i++) {
        const char *id = json_string_value(json_object_get(json_array_get(r->establishments, i), "id"));

        r->ids[i] = id ? id : "";
        for (size_t k = 0; k < i; k++) {
            if (strcmp(r->ids[k], r->ids[i]) != 0)
                continue;
            snprintf(pointer, sizeof pointer, "/establishments/%zu/id", i);
            return error_set(err, TC_INPUT, file, pointer, "establishment-duplicate", "another establishment has the same id, or none has one");
        }
    }
    return r->ids || error_memory(err);
}

/* 1-based, 0 where there is none. Neighbours in the input are often of one establishment. */
static size_t find_establishment(struct reconcile *r, const char *id)
{
    for (size_t k = 0; id && k < r->establishment_count; k++) {
        size_t i = (r->last + k) % r->establishment_count;

        if (strcmp(r->ids[i], id) != 0)
            continue;
        r->last = i;
        return i + 1;
    }
    return 0;
}

/* ---- declarations */

static bool refuse(const char *file, size_t i, const char *key, struct tc_error *err, const char *message)
{
    char pointer[128];

    snprintf(pointer, sizeof pointer, "/declarations/%zu%s", i, key);
    return error_set(err, TC_INPUT, file, pointer, "declaration", "%s", message);
}

static bool all_digits(const char *text, size_t count)
{
    return strspn(text, "0123456789") >= count;
}

/* YYYY-MM, YYYY-Qn or YYYY. */
static bool parse_period(const char *text, struct declaration *d)
{
    size_t length = text ? strlen(text) : 0;
    int quarter;

    if (length < 4 || !all_digits(text, 4))
        return false;
    d->period = text;
    d->year = (int)strtol(text, NULL, 10);
    d->first = 1;
    d->last = RECONCILE_MONTHS;
    if (length == 4)
        return true;
    if (length != 7 || text[4] != '-')
        return false;
    if (text[5] == 'Q') {
        quarter = text[6] - '0';
        d->first = 3 * quarter - 2;
        d->last = 3 * quarter;
        return quarter >= 1 && quarter <= 4;
    }
    d->first = d->last = (int)strtol(text + 5, NULL, 10);
    return all_digits(text + 5, 2) && d->first >= 1 && d->first <= RECONCILE_MONTHS;
}

static bool read_amounts(struct reconcile *r, const json_t *values, const char *file, size_t i, struct declaration *d,
                         struct tc_error *err)
{
    const struct plan *p = r->plan;

    for (size_t c = 0; c < p->code_count; c++) {
        const json_t *value = p->codes[c].code ? json_object_get(values, p->codes[c].code) : NULL;
        char key[64];

        if (!value || json_is_null(value))
            continue;
        snprintf(key, sizeof key, "/values/%.40s", p->codes[c].code);
        if (json_money(value, r->t->digits, &d->amounts[c]) != MONEY_OK)
            return refuse(file, i, key, err, "the amount must be text like \"1234.56\": no thousands mark, decimal point");
        d->given[c] = true;
    }
    return true;
}

static bool read_declaration(struct reconcile *r, const json_t *json, const char *file, size_t i, struct declaration *d,
                             struct tc_error *err)
{
    const json_t *wage_year = json_object_get(json, "wage_year"), *corrected = json_object_get(json, "corrected");
    const json_t *values = json_object_get(json, "values");
    size_t establishment = find_establishment(r, json_string_value(json_object_get(json, "establishment")));

    *d = (struct declaration){.amounts = arena_array(&r->arena, r->plan->code_count + 1, sizeof *d->amounts),
                              .given = arena_array(&r->arena, r->plan->code_count + 1, sizeof *d->given)};
    if (!d->amounts || !d->given)
        return error_memory(err);
    if (!json_is_object(json))
        return refuse(file, i, "", err, "an object is needed here");
    if (establishment == 0)
        return refuse(file, i, "/establishment", err, "the establishment is not in the list of establishments");
    if (!parse_period(json_string_value(json_object_get(json, "period")), d))
        return refuse(file, i, "/period", err, "the period must be a month, a quarter or a year: YYYY-MM, YYYY-Qn or YYYY");
    if ((wage_year && !json_is_integer(wage_year)) || (corrected && !json_is_boolean(corrected) && !json_is_null(corrected)))
        return refuse(file, i, wage_year && !json_is_integer(wage_year) ? "/wage_year" : "/corrected", err,
                      "a year without quotes, and true or false, are needed here");
    if (!json_is_object(values))
        return refuse(file, i, "/values", err, "an object of amounts is needed here");
    if (wage_year && (json_integer_value(wage_year) < YEAR_MIN || json_integer_value(wage_year) > YEAR_MAX))
        return refuse(file, i, "/wage_year", err, "this is no year");
    d->establishment = establishment - 1;
    d->wage_year = wage_year ? (int)json_integer_value(wage_year) : d->year;
    d->corrected = json_is_true(corrected);
    return read_amounts(r, values, file, i, d, err);
}

/* The last declaration of a period counts; a later one must say that it corrects. */
static bool supersede(struct reconcile *r, const char *file, struct tc_error *err)
{
    for (size_t i = 0; i < r->declaration_count; i++) {
        struct declaration *d = &r->declarations[i];

        d->counts = true;
        for (size_t k = 0; k < i; k++) {
            struct declaration *before = &r->declarations[k];

            if (!before->counts || before->establishment != d->establishment || before->wage_year != d->wage_year
                || before->year != d->year || before->first > d->last || before->last < d->first)
                continue;
            if (!d->corrected || before->first != d->first || before->last != d->last)
                return refuse(file, i, "/period", err, "this period is declared already; a correction must say \"corrected\": true and "
                                                       "be of the same period");
            before->counts = false;
        }
    }
    return true;
}

static bool read_declarations(struct reconcile *r, const json_t *list, const char *file, struct tc_error *err)
{
    if (list && !json_is_array(list) && !json_is_null(list))
        return error_set(err, TC_INPUT, file, "/declarations", "declaration", "a list of declarations is needed here");
    r->declaration_count = json_array_size(list);
    r->declarations = arena_array(&r->arena, r->declaration_count + 1, sizeof *r->declarations);
    if (!r->declarations)
        return error_memory(err);
    for (size_t i = 0; i < r->declaration_count; i++)
        if (!read_declaration(r, json_array_get(list, i), file, i, &r->declarations[i], err))
            return false;
    return supersede(r, file, err);
}

/* ---- groups */

static void start_group(struct reconcile *r, struct reconcile_group *g, size_t establishment, int wage_year)
{
    size_t codes = r->plan->code_count + 1;

    *g = (struct reconcile_group){.establishment = establishment, .wage_year = wage_year,
                                  .issued = arena_array(&r->arena, codes, sizeof *g->issued),
                                  .withheld = arena_array(&r->arena, codes, sizeof *g->withheld),
                                  .declared = arena_array(&r->arena, codes, sizeof *g->declared),
                                  .months = arena_array(&r->arena, codes, sizeof *g->months),
                                  .states = arena_array(&r->arena, codes, sizeof *g->states),
                                  .reasons = arena_array(&r->arena, codes, sizeof *g->reasons),
                                  .about = arena_array(&r->arena, codes, sizeof *g->about)};
}

static int find_group(const struct reconcile *r, size_t establishment, int wage_year)
{
    for (size_t i = 0; i < r->group_count; i++)
        if (r->groups[i].establishment == establishment && r->groups[i].wage_year == wage_year)
            return (int)i;
    return -1;
}

static void add_months(struct reconcile_group *g, const struct declaration *d, size_t code)
{
    for (int m = d->first; d->year == d->wage_year && d->given[code] && m <= d->last; m++)
        g->months[code] |= (uint16_t)(1 << (m - 1));
}

static bool declare(struct reconcile *r, struct declaration *d, struct tc_error *err)
{
    struct reconcile_group *g;

    d->group = find_group(r, d->establishment, d->wage_year);
    if (d->group < 0) {
        d->group = (int)r->group_count;
        start_group(r, &r->groups[r->group_count++], d->establishment, d->wage_year);
    }
    g = &r->groups[d->group];
    if (r->arena.failed)
        return error_memory(err);
    g->declared_count += d->counts;
    for (size_t c = 0; d->counts && c < r->plan->code_count; c++) {
        add_months(g, d, c);
        if (!money_add(&g->declared[c], d->amounts[c]) || (g->wage_year == r->t->year && !money_add(&r->all.declared[c], d->amounts[c])))
            return error_set(err, TC_INPUT, NULL, "/declarations", "amount-range", "the sum of the declarations is too large");
    }
    return true;
}

static bool make_groups(struct reconcile *r, struct tc_error *err)
{
    r->groups = arena_array(&r->arena, r->establishment_count + r->declaration_count + 1, sizeof *r->groups);
    if (!r->groups)
        return error_memory(err);
    start_group(r, &r->all, 0, r->t->year);
    for (size_t i = 0; i < r->establishment_count; i++)
        start_group(r, &r->groups[r->group_count++], i, r->t->year);
    if (r->arena.failed)
        return error_memory(err);
    for (size_t i = 0; i < r->declaration_count; i++)
        if (!declare(r, &r->declarations[i], err))
            return false;
    return !r->arena.failed || error_memory(err);
}

struct reconcile *reconcile_new(const struct template *t, const struct plan *plan, const json_t *establishments,
                                const json_t *declarations, const char *file, struct tc_error *err)
{
    struct reconcile *r = calloc(1, sizeof *r);

    if (!r) {
        error_memory(err);
        return NULL;
    }
    *r = (struct reconcile){.t = t, .plan = plan, .establishments = establishments};
    if (read_ids(r, file, err) && (plan->code_count == 0 || read_declarations(r, declarations, file, err)) && make_groups(r, err))
        return r;
    reconcile_free(r);
    return NULL;
}

void reconcile_free(struct reconcile *r)
{
    if (!r)
        return;
    arena_free(&r->arena);
    free(r);
}

/* ---- certificates */

/* The word's mark on which all rows agree that have one; length 0: there is none, or they differ. */
static const char *find_mark(const struct reconcile *r, const struct record *record, int word, size_t *length)
{
    const struct plan *p = r->plan;
    const struct group *group = &r->t->groups[p->mark_group];
    const struct rows *rows = &record->groups[p->mark_group];
    const char *mark = NULL;

    *length = 0;
    for (size_t i = 0; i < rows->count; i++) {
        const struct value *v = &rows->cells[i * group->count + ((size_t)p->mark_column - group->first)];
        const char *text = v->present ? v->text : "";
        size_t size = 0;

        for (int w = 0; w <= word; w++) {
            text += size + strspn(text + size, " ");
            size = strcspn(text, " ");
        }
        if (size == 0 || (size == strlen(p->mark_none) && !memcmp(text, p->mark_none, size)))
            continue;
        if (mark && (size != *length || memcmp(mark, text, size) != 0)) {
            *length = 0;
            return NULL;
        }
        mark = text;
        *length = size;
    }
    return mark;
}

/* 1-based index of the code that the mark belongs to, else of the one that takes the rest. */
static int find_code(const struct reconcile *r, const struct record *record, int word)
{
    size_t length;
    const char *mark = find_mark(r, record, word, &length);
    int rest = 0;

    for (size_t c = 0; c < r->plan->code_count; c++) {
        const struct plan_code *code = &r->plan->codes[c];

        if (!code->code)
            rest = (int)c + 1;
        for (size_t m = 0; length > 0 && m < code->mark_count; m++)
            if (strlen(code->marks[m]) == length && !memcmp(code->marks[m], mark, length))
                return (int)c + 1;
    }
    return rest;
}

/* One field to the sums of a code, of the group and of all. */
static bool add_field(struct reconcile *r, struct reconcile_group *g, const struct record *record, bool issued, int field, size_t code,
                      struct tc_error *err)
{
    int64_t *sums = issued ? g->issued : g->withheld, *all = issued ? r->all.issued : r->all.withheld;
    const struct value *v = &record->values[field];

    if (!v->present || (money_add(&sums[code], v->number) && money_add(&all[code], v->number)))
        return true;
    if (issued)
        return error_set(err, TC_INPUT, NULL, NULL, "amount-range", "the total of a line is too large");
    g->incomplete++; /* what is withheld stops nobody: the sum says that it is not whole */
    r->all.incomplete++;
    return true;
}

bool reconcile_add(struct reconcile *r, const char *establishment, const struct record *record, bool issued,
                   struct reconcile_place *place, struct tc_error *err)
{
    const struct plan *p = r->plan;
    struct reconcile_group *g;

    *place = (struct reconcile_place){.group = record ? (int)find_establishment(r, establishment) : 0};
    if (place->group == 0) {
        r->unreadable++;
        return true;
    }
    g = &r->groups[place->group - 1];
    *(issued ? &g->issued_count : &g->withheld_count) += 1;
    *(issued ? &r->all.issued_count : &r->all.withheld_count) += 1;
    g->incomplete += record->incomplete;
    r->all.incomplete += record->incomplete;
    for (int w = 0; p->mark_group >= 0 && w < PLAN_WORDS && p->mark_fields[w] >= 0; w++) {
        if (!record->values[p->mark_fields[w]].present)
            continue;
        place->codes[w] = find_code(r, record, w);
        if (place->codes[w] > 0 && !add_field(r, g, record, issued, p->mark_fields[w], (size_t)place->codes[w] - 1, err))
            return false;
    }
    for (size_t c = 0; c < p->code_count; c++)
        for (size_t i = 0; i < p->codes[c].sum_count; i++)
            if (!add_field(r, g, record, issued, p->codes[c].sum[i], c, err))
                return false;
    return true;
}

/* ---- differences */

int64_t reconcile_difference(const struct reconcile_group *g, size_t code)
{
    int64_t difference;

    /* At the ends of what a sum can hold the difference is as large as can be said. */
    if (__builtin_sub_overflow(g->declared[code], g->issued[code], &difference)
        || __builtin_sub_overflow(difference, g->withheld[code], &difference))
        return g->declared[code] < 0 ? INT64_MIN + 1 : INT64_MAX;
    return difference;
}

/* The group whose difference is the same the other way: the tax was declared under another number. Wages of other years are
 * in other years' certificates. */
static bool find_other(const struct reconcile *r, const struct reconcile_group *g, size_t code, size_t *other)
{
    for (size_t i = 0; i < r->group_count; i++) {
        if (&r->groups[i] == g || r->groups[i].wage_year != r->t->year
            || reconcile_difference(&r->groups[i], code) != -reconcile_difference(g, code))
            continue;
        *other = i;
        return true;
    }
    return false;
}

/* A correction without which the group would be equal: what was corrected is not in the certificates. */
static bool find_correction(const struct reconcile *r, const struct reconcile_group *g, size_t code, size_t *correction)
{
    size_t group = (size_t)(g - r->groups);

    for (size_t i = 0; i < r->declaration_count; i++) {
        const struct declaration *d = &r->declarations[i];

        for (size_t k = 0; d->counts && (size_t)d->group == group && k < i; k++) {
            const struct declaration *before = &r->declarations[k];

            if ((size_t)before->group != group || before->year != d->year || before->first != d->first
                || d->amounts[code] - before->amounts[code] != reconcile_difference(g, code))
                continue;
            *correction = i;
            return true;
        }
    }
    return false;
}

static enum reconcile_reason find_reason(const struct reconcile *r, const struct reconcile_group *g, size_t code, size_t *about)
{
    if (find_correction(r, g, code, about))
        return REASON_CORRECTION;
    if (find_other(r, g, code, about))
        return REASON_OTHER;
    if (g->months[code] != MASK_YEAR && reconcile_difference(g, code) < 0)
        return REASON_MISSING;
    return r->unreadable > 0 || g->incomplete > 0 ? REASON_NONE : REASON_GENERAL; /* what could not be read explains it, or may */
}

void reconcile_close(struct reconcile *r)
{
    for (size_t i = 0; i < r->group_count; i++) {
        struct reconcile_group *g = &r->groups[i];

        for (size_t c = 0; c < r->plan->code_count; c++) {
            bool checked = r->declaration_count > 0 && r->plan->codes[c].checked && g->wage_year == r->t->year;

            g->states[c] = !checked                           ? RECONCILE_UNCHECKED
                           : reconcile_difference(g, c) == 0 ? RECONCILE_EQUAL : RECONCILE_DIFFERENT;
            if (g->states[c] == RECONCILE_DIFFERENT)
                g->reasons[c] = find_reason(r, g, c, &g->about[c]);
        }
    }
}

enum reconcile_state reconcile_all(const struct reconcile *r, long *different)
{
    enum reconcile_state state = RECONCILE_UNCHECKED;

    *different = 0;
    for (size_t i = 0; i < r->group_count; i++)
        for (size_t c = 0; c < r->plan->code_count; c++) {
            *different += r->groups[i].states[c] == RECONCILE_DIFFERENT;
            if (r->groups[i].states[c] > state)
                state = r->groups[i].states[c];
        }
    return state;
}
