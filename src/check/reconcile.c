#include "check/reconcile.h"

#include <ctype.h>
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

/* Whether two texts are the same but for blanks and signs between letters and digits. */
static bool same_text(const char *a, const char *b)
{
    for (;; a++, b++) {
        while (*a && !isalnum((unsigned char)*a) && !(*a & 0x80))
            a++;
        while (*b && !isalnum((unsigned char)*b) && !(*b & 0x80))
            b++;
        if (*a != *b || !*a)
            return *a == *b;
    }
}

/* What establishments are compared together by: the text as its identifier rewrites it, where it is valid, else as it stands. */
static const char *alike_text(struct reconcile *r, size_t establishment)
{
    const struct plan *p = r->plan;
    const char *text = p->together >= 0 ? reconcile_shown(r, establishment, p->together) : "";
    const char *variant = p->norm_by >= 0 ? reconcile_shown(r, establishment, p->norm_by) : NULL;
    char normal[IDENTIFIER_LENGTH_MAX + 1] = "";

    if (p->norm >= 0 && identifier_valid(&r->t->identifiers[p->norm], text, strlen(text), variant, variant ? strlen(variant) : 0, normal))
        return arena_copy(&r->arena, normal, strlen(normal));
    return text;
}

/* Establishments that are compared together. */
static bool find_alike(struct reconcile *r)
{
    const char **texts = arena_array(&r->arena, r->establishment_count + 1, sizeof(*texts));

    r->alike = arena_array(&r->arena, r->establishment_count + 1, sizeof *r->alike);
    for (size_t i = 0; texts && r->alike && i < r->establishment_count; i++) {
        size_t first = 0;

        texts[i] = alike_text(r, i);
        if (!texts[i])
            return false;
        while (first < i && (!*texts[i] || r->alike[first] != first || !same_text(texts[i], texts[first])))
            first++;
        r->alike[i] = first;
    }
    return texts && r->alike;
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
            return error_set(err, TC_INPUT, file, pointer, "establishment-duplicate",
                             "two establishments have the same id, or this one has none; give each establishment an id of its own");
        }
    }
    return (r->ids && find_alike(r)) || error_memory(err);
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

static bool read_amounts(struct reconcile *r, const json_t *values, const char *file, size_t i, struct declaration *d, struct tc_error *err)
{
    const struct plan *p = r->plan;

    for (size_t c = 0; c < p->declared_count; c++) {
        const json_t *value = p->codes[c].code ? json_object_get(values, p->codes[c].code) : NULL;
        char key[64];

        if (!value || json_is_null(value))
            continue;
        snprintf(key, sizeof key, "/values/%.40s", p->codes[c].code);
        if (json_money(value, p->codes[c].count ? 0 : r->t->digits, &d->amounts[c]) != MONEY_OK)
            return refuse(file, i, key, err,
                          "the amount is not written correctly; correct is, for example, \"1234.56\": with a decimal point, no "
                          "thousands separator");
        d->given[c] = true;
    }
    return true;
}

/* A share of so many minor units, both rounded down and up. */
static bool share_of(int64_t base, struct decimal share, int64_t *down, int64_t *up)
{
    i128 of = (i128)base * share.m, unit = 1;

    if (base <= 0 || share.m <= 0) {
        *down = *up = 0;
        return true;
    }
    for (int i = 0; i < share.scale; i++)
        unit *= 10;
    if (of / unit > INT64_MAX / 4)
        return false;
    *down = (int64_t)(of / unit);
    *up = *down + (of % unit != 0);
    return true;
}

/* What of the declaration flat-rate tax explains. */
static bool explain_flat(const struct reconcile *r, struct declaration *d)
{
    for (size_t i = 0; i < r->plan->flat_count; i++) {
        const struct plan_flat *f = &r->plan->flats[i];
        int64_t base = 0, ignored;

        for (size_t k = 0; k < f->of_count; k++)
            if (!money_add(&base, d->amounts[f->of[k]]))
                return false;
        if (f->unless >= 0 && d->amounts[f->unless] != 0)
            continue;
        if (!share_of(base, f->least, &d->low[i], &ignored) || !share_of(base, f->most, &ignored, &d->high[i]))
            return false;
    }
    return true;
}

/* A total as it must be: one that is not declared itself is added up in its turn. */
static bool add_up(const struct reconcile *r, const struct declaration *d, size_t total, int64_t *sum);

static bool term_of(const struct reconcile *r, const struct declaration *d, int code, int64_t *amount)
{
    *amount = d->amounts[code];
    for (size_t i = 0; !d->given[code] && i < r->plan->total_count; i++)
        if (r->plan->totals[i].code == code)
            return add_up(r, d, i, amount);
    return true;
}

static bool add_up(const struct reconcile *r, const struct declaration *d, size_t total, int64_t *sum)
{
    const struct plan_total *t = &r->plan->totals[total];
    int64_t amount;

    *sum = 0;
    for (size_t i = 0; i < t->add_count; i++)
        if (t->add[i] == t->code || !term_of(r, d, t->add[i], &amount) || !money_add(sum, amount))
            return false;
    for (size_t i = 0; i < t->subtract_count; i++)
        if (t->subtract[i] == t->code || !term_of(r, d, t->subtract[i], &amount) || !money_add(sum, -amount))
            return false;
    return true;
}

static bool check_totals(const struct reconcile *r, struct declaration *d)
{
    for (size_t i = 0; i < r->plan->total_count; i++) {
        int64_t sum;

        if (!d->given[r->plan->totals[i].code])
            continue;
        if (!add_up(r, d, i, &sum))
            return false;
        d->wrong |= sum != d->amounts[r->plan->totals[i].code];
    }
    return true;
}

static bool read_declaration(struct reconcile *r, const json_t *json, const char *file, size_t i, struct declaration *d,
                             struct tc_error *err)
{
    const json_t *calendar_year = json_object_get(json, "calendar_year"), *amended = json_object_get(json, "amended");
    const json_t *values = json_object_get(json, "values");
    size_t establishment = find_establishment(r, json_string_value(json_object_get(json, "establishment")));

    *d = (struct declaration){.amounts = arena_array(&r->arena, r->plan->declared_count + 1, sizeof *d->amounts),
                              .given = arena_array(&r->arena, r->plan->declared_count + 1, sizeof *d->given)};
    if (!d->amounts || !d->given)
        return error_memory(err);
    if (!json_is_object(json))
        return refuse(file, i, "", err, "A group of named fields { } must stand here.");
    if (establishment == 0)
        return refuse(file, i, "/establishment", err,
                      "the establishment of this declaration is not defined in the payroll data (establishments); add it, or "
                      "correct its id");
    if (!parse_period(json_string_value(json_object_get(json, "period")), d))
        return refuse(file, i, "/period", err,
                      "the period of a declaration must be a month, a quarter or a year: YYYY-MM, YYYY-Qn or YYYY");
    if ((calendar_year && !json_is_integer(calendar_year)) || (amended && !json_is_boolean(amended) && !json_is_null(amended)))
        return refuse(file, i, calendar_year && !json_is_integer(calendar_year) ? "/calendar_year" : "/amended", err,
                      "calendar_year must be a year without quotes, amended true or false");
    if (!json_is_object(values))
        return refuse(file, i, "/values", err,
                      "the amounts of the declaration must stand here, each under its code: { \"42\": \"1234.56\" }");
    if (calendar_year && (json_integer_value(calendar_year) < YEAR_MIN || json_integer_value(calendar_year) > YEAR_MAX))
        return refuse(file, i, "/calendar_year", err, "this is not a calendar year; give four digits");
    d->establishment = establishment - 1;
    d->wage_year = calendar_year ? (int)json_integer_value(calendar_year) : d->year;
    d->corrected = json_is_true(amended) || plan_marks_correction(r->plan, values);
    if (!read_amounts(r, values, file, i, d, err))
        return false;
    return (explain_flat(r, d) && check_totals(r, d))
           || refuse(file, i, "/values", err, "the sums of this declaration's amounts are too large; check the amounts");
}

/* A place among the declarations, and where it stood in the list. */
struct rank {
    const struct declaration *d;
    size_t index;
};

/* Those of one establishment and wage year together, by their first month; of one period the original first, then as they come. */
static int by_rank(const void *a, const void *b)
{
    const struct rank *x = a, *y = b;
    const int64_t keys[][2] = {{(int64_t)x->d->establishment, (int64_t)y->d->establishment},
                               {x->d->wage_year, y->d->wage_year},
                               {x->d->year, y->d->year},
                               {x->d->first, y->d->first},
                               {x->d->last, y->d->last},
                               {x->d->corrected, y->d->corrected},
                               {(int64_t)x->index, (int64_t)y->index}};

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (keys[i][0] != keys[i][1])
            return keys[i][0] < keys[i][1] ? -1 : 1;
    return 0;
}

static bool overlap(const struct declaration *a, const struct declaration *b)
{
    return a->establishment == b->establishment && a->wage_year == b->wage_year && a->year == b->year && b->first <= a->last;
}

static bool refuse_again(const char *file, size_t i, struct tc_error *err)
{
    return refuse(file, i, "/period", err,
                  "this period has been declared already; an amended declaration must say \"amended\": true and be for the "
                  "same period");
}

/* The last correction of a period counts, whatever order they come in; of two periods none overlaps. */
static bool supersede(struct reconcile *r, const char *file, struct tc_error *err)
{
    struct rank *ranks = arena_array(&r->arena, r->declaration_count + 1, sizeof *ranks);

    if (!ranks)
        return error_memory(err);
    for (size_t i = 0; i < r->declaration_count; i++) {
        r->declarations[i].counts = true;
        ranks[i] = (struct rank){&r->declarations[i], i};
    }
    qsort(ranks, r->declaration_count, sizeof *ranks, by_rank);
    for (size_t i = 1; i < r->declaration_count; i++) {
        const struct declaration *before = ranks[i - 1].d, *d = ranks[i].d;

        if (!overlap(before, d))
            continue;
        if (before->first != d->first || before->last != d->last || !d->corrected)
            return refuse_again(file, ranks[i - 1].index > ranks[i].index ? ranks[i - 1].index : ranks[i].index, err);
        r->declarations[ranks[i - 1].index].counts = false;
    }
    return true;
}

static bool read_declarations(struct reconcile *r, const json_t *list, const char *file, struct tc_error *err)
{
    if (list && !json_is_array(list) && !json_is_null(list))
        return error_set(err, TC_INPUT, file, "/declarations", "declaration", "the declarations must be a list [ ]");
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

    *g = (struct reconcile_group){.establishment = establishment,
                                  .wage_year = wage_year,
                                  .issued = arena_array(&r->arena, codes, sizeof *g->issued),
                                  .held = arena_array(&r->arena, codes, sizeof *g->held),
                                  .declared = arena_array(&r->arena, codes, sizeof *g->declared),
                                  .low = arena_array(&r->arena, codes, sizeof *g->low),
                                  .high = arena_array(&r->arena, codes, sizeof *g->high),
                                  .changed = arena_array(&r->arena, codes, sizeof *g->changed),
                                  .changes = arena_array(&r->arena, codes, sizeof *g->changes),
                                  .changer = arena_array(&r->arena, codes, sizeof *g->changer),
                                  .months = arena_array(&r->arena, codes, sizeof *g->months),
                                  .states = arena_array(&r->arena, codes, sizeof *g->states),
                                  .causes = arena_array(&r->arena, RECONCILE_CAUSES * codes, sizeof *g->causes)};
}

static int find_group(const struct reconcile *r, size_t establishment, int wage_year)
{
    for (size_t i = 0; i < r->group_count; i++)
        if (r->groups[i].establishment == r->alike[establishment] && r->groups[i].wage_year == wage_year)
            return (int)i;
    return -1;
}

/* Months of the wage year that the declaration covers. What belongs to the year and is settled in January after it, or in December
 * before it, covers the month at that end. */
static uint16_t months_of(const struct declaration *d)
{
    uint16_t months = 0;

    if (d->year == d->wage_year + 1 && d->first == 1)
        return 1 << (RECONCILE_MONTHS - 1);
    if (d->year == d->wage_year - 1 && d->last == RECONCILE_MONTHS)
        return 1;
    for (int m = d->first; d->year == d->wage_year && m <= d->last; m++)
        months |= (uint16_t)(1 << (m - 1));
    return months;
}

static void add_months(struct reconcile_group *g, const struct declaration *d, size_t code)
{
    if (d->given[code])
        g->months[code] |= months_of(d);
}

static bool declare_code(struct reconcile *r, struct reconcile_group *g, const struct declaration *d, size_t c)
{
    int flat = r->plan->codes[c].flat;

    add_months(g, d, c);
    return money_add(&g->declared[c], d->amounts[c]) && (g->wage_year != r->t->year || money_add(&r->all.declared[c], d->amounts[c]))
           && (flat < 0 || (money_add(&g->low[c], d->low[flat]) && money_add(&g->high[c], d->high[flat])));
}

static bool declare(struct reconcile *r, struct declaration *d, struct tc_error *err)
{
    struct reconcile_group *g;

    d->group = find_group(r, d->establishment, d->wage_year);
    if (d->group < 0) {
        d->group = (int)r->group_count;
        start_group(r, &r->groups[r->group_count++], r->alike[d->establishment], d->wage_year);
    }
    g = &r->groups[d->group];
    if (r->arena.failed)
        return error_memory(err);
    if (!d->counts)
        return true;
    g->declared_count++;
    g->covered |= months_of(d);
    r->all.declared_count += g->wage_year == r->t->year;
    for (size_t c = 0; c < r->plan->code_count; c++)
        if (!declare_code(r, g, d, c))
            return error_set(err, TC_INPUT, NULL, "/declarations", "amount-range",
                             "the sum of the declarations is too large; check their amounts");
    return true;
}

static bool make_groups(struct reconcile *r, struct tc_error *err)
{
    r->groups = arena_array(&r->arena, r->establishment_count + r->declaration_count + 1, sizeof *r->groups);
    r->site_group = arena_array(&r->arena, r->establishment_count + 1, sizeof *r->site_group);
    if (!r->groups || !r->site_group)
        return error_memory(err);
    start_group(r, &r->all, 0, r->t->year);
    for (size_t i = 0; i < r->establishment_count; i++) {
        r->site_group[i] = r->alike[i] == i ? r->group_count : r->site_group[r->alike[i]];
        if (r->alike[i] == i)
            start_group(r, &r->groups[r->group_count++], i, r->t->year);
    }
    if (r->arena.failed)
        return error_memory(err);
    for (size_t i = 0; i < r->declaration_count; i++)
        if (!declare(r, &r->declarations[i], err))
            return false;
    return !r->arena.failed || error_memory(err);
}

struct reconcile *reconcile_new(const struct template *t, const struct plan *plan, const json_t *establishments, const json_t *declarations,
                                const char *file, struct tc_error *err)
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

/* What is done with each amount of a record and the code that it belongs to. */
typedef bool (*amount_call)(void *ctx, size_t code, int64_t amount);

static bool each_amount(const struct reconcile *r, const struct record *record, int codes[PLAN_WORDS], amount_call call, void *ctx)
{
    const struct plan *p = r->plan;

    for (int w = 0; w < PLAN_WORDS; w++)
        codes[w] = 0;
    for (int i = 0; p->mark_group >= 0 && i < PLAN_MARK_FIELDS && p->mark_fields[i] >= 0; i++) {
        const struct value *v = &record->values[p->mark_fields[i]];
        int *code = &codes[i % PLAN_WORDS];

        if (!v->present)
            continue;
        *code = find_code(r, record, i % PLAN_WORDS);
        if (*code > 0 && !call(ctx, (size_t)*code - 1, v->number))
            return false;
    }
    for (size_t c = 0; c < p->code_count; c++)
        for (size_t i = 0; i < p->codes[c].sum_count; i++)
            if (record->values[p->codes[c].sum[i]].present && !call(ctx, c, record->values[p->codes[c].sum[i]].number))
                return false;
    return true;
}

struct two_sums {
    int64_t *one, *all;
    bool issued, lost; /* lost: of one who is held back a sum is not whole */
};

static bool add_amount(void *ctx, size_t code, int64_t amount)
{
    struct two_sums *s = ctx;

    if (money_add(&s->one[code], amount) && money_add(&s->all[code], amount))
        return true;
    s->lost = true; /* what is held back stops nobody */
    return !s->issued;
}

/* Months that the certificate is about. */
static uint16_t months_worked(const struct reconcile *r, const struct record *record)
{
    const struct value *from, *to;
    uint16_t months = 0;

    if (r->t->person < 0)
        return 0;
    from = &record->values[r->t->period[0]];
    to = &record->values[r->t->period[1]];
    if (!from->present || !to->present || from->number / 10000 != r->t->year || to->number / 10000 != r->t->year)
        return 0;
    for (int64_t m = from->number / 100 % 100; m <= to->number / 100 % 100; m++)
        months |= (uint16_t)(1 << (m - 1));
    return months;
}

static bool too_large(struct tc_error *err)
{
    return error_set(err, TC_INPUT, NULL, NULL, "amount-range", "the total of a line is too large; check the amounts of the data");
}

bool reconcile_add(struct reconcile *r, const char *establishment, const struct record *record, bool issued, struct reconcile_place *place,
                   struct tc_error *err)
{
    struct two_sums sums;
    struct reconcile_group *g;
    size_t site = record ? find_establishment(r, establishment) : 0;

    *place = (struct reconcile_place){.group = site > 0 ? (int)r->site_group[site - 1] + 1 : 0};
    if (place->group == 0) {
        r->unreadable++;
        return true;
    }
    g = &r->groups[place->group - 1];
    *(issued ? &g->issued_count : &g->held_count) += 1;
    *(issued ? &r->all.issued_count : &r->all.held_count) += 1;
    g->incomplete += record->incomplete;
    r->all.incomplete += record->incomplete;
    g->worked |= months_worked(r, record);
    sums = issued ? (struct two_sums){g->issued, r->all.issued, true, false} : (struct two_sums){g->held, r->all.held, false, false};
    if (!each_amount(r, record, place->codes, add_amount, &sums))
        return too_large(err);
    g->incomplete += sums.lost;
    r->all.incomplete += sums.lost;
    return true;
}

/* One certificate's part in what was changed. */
struct changing {
    struct reconcile_group *g, *all;
    const char *id;
    int sign;
};

static bool change_amount(void *ctx, size_t code, int64_t amount)
{
    const struct changing *k = ctx;

    if (amount == 0)
        return true;
    if (k->g->changer[code] != k->id) {
        k->g->changer[code] = k->id;
        k->g->changes[code]++;
    }
    return money_add(&k->g->changed[code], k->sign * amount) && money_add(&k->all->changed[code], k->sign * amount);
}

static bool change_side(struct reconcile *r, const char *id, const char *site, const struct record *record, int sign)
{
    size_t establishment = record ? find_establishment(r, site) : 0;
    struct changing k = {.all = &r->all, .id = id, .sign = sign};
    int codes[PLAN_WORDS];

    if (establishment == 0)
        return true;
    k.g = &r->groups[r->site_group[establishment - 1]];
    return each_amount(r, record, codes, change_amount, &k);
}

bool reconcile_change(struct reconcile *r, const char *id, const char *site_before, const struct record *before, const char *site_after,
                      const struct record *after, struct tc_error *err)
{
    const char *kept = arena_copy(&r->arena, id, strlen(id));

    if (!kept)
        return error_memory(err);
    return (change_side(r, kept, site_before, before, -1) && change_side(r, kept, site_after, after, 1)) || too_large(err);
}

/* ---- differences */

/* Whether the code takes what the marks give to no code; what stands as declared there is what is left over at the others. */
static bool is_rest(const struct reconcile *r, size_t code)
{
    return !r->plan->codes[code].code;
}

int reconcile_rest(const struct reconcile *r)
{
    for (size_t c = 0; c < r->plan->code_count; c++)
        if (is_rest(r, c))
            return (int)c;
    return -1;
}

/* At the ends of what a sum can hold it is as large as can be said. */
static int64_t plus(int64_t a, int64_t b)
{
    int64_t sum;

    return __builtin_add_overflow(a, b, &sum) || sum == INT64_MIN ? (a < 0 ? INT64_MIN + 1 : INT64_MAX) : sum;
}

static int64_t clamp(int64_t low, int64_t high, int64_t amount)
{
    return amount < low ? low : amount > high ? high : amount;
}

static int64_t raw_difference(const struct reconcile_group *g, size_t code)
{
    int64_t difference;

    /* At the ends of what a sum can hold the difference is as large as can be said. */
    if (__builtin_sub_overflow(g->declared[code], g->issued[code], &difference)
        || __builtin_sub_overflow(difference, g->held[code], &difference))
        return g->declared[code] < 0 ? INT64_MIN + 1 : INT64_MAX;
    return difference;
}

/* Sums over groups, where it is about all of them. */
static int64_t over_groups(const struct reconcile *r, const struct reconcile_group *g, size_t code,
                           int64_t (*of)(const struct reconcile *r, const struct reconcile_group *g, size_t code))
{
    int64_t sum = 0;

    if (g != &r->all)
        return of(r, g, code);
    for (size_t i = 0; i < r->group_count; i++)
        if (r->groups[i].wage_year == r->t->year)
            sum = plus(sum, of(r, &r->groups[i], code));
    return sum;
}

static int64_t left_of(const struct reconcile *r, const struct reconcile_group *g, size_t code)
{
    int64_t d = raw_difference(g, code);

    (void)r;
    return plus(d, -clamp(g->low[code], g->high[code], d));
}

int64_t reconcile_left(const struct reconcile *r, const struct reconcile_group *g, size_t code)
{
    return over_groups(r, g, code, left_of);
}

int64_t reconcile_declared(const struct reconcile *r, const struct reconcile_group *g, size_t code)
{
    int64_t sum = 0;

    if (!is_rest(r, code))
        return g->declared[code];
    for (size_t c = 0; c < r->plan->code_count; c++)
        if (r->plan->codes[c].mark_count > 0)
            sum = plus(sum, reconcile_left(r, g, c));
    return sum;
}

static int64_t explained_of(const struct reconcile *r, const struct reconcile_group *g, size_t code)
{
    int rest = reconcile_rest(r);
    int64_t more = 0;

    if (is_rest(r, code))
        return 0;
    if (rest >= 0 && r->plan->codes[code].mark_count > 0)
        more = plus(g->issued[rest], g->held[rest]);
    return clamp(g->low[code], plus(g->high[code], more > 0 ? more : 0), raw_difference(g, code));
}

int64_t reconcile_explained(const struct reconcile *r, const struct reconcile_group *g, size_t code)
{
    return over_groups(r, g, code, explained_of);
}

int64_t reconcile_difference(const struct reconcile *r, const struct reconcile_group *g, size_t code)
{
    if (is_rest(r, code) && g->issued[code] == 0 && g->held[code] == 0)
        return 0; /* the other codes say it */
    return plus(plus(plus(reconcile_declared(r, g, code), -g->issued[code]), -g->held[code]), -reconcile_explained(r, g, code));
}

uint16_t reconcile_missing(const struct reconcile *r, const struct reconcile_group *g)
{
    return r->all.declared_count > 0 && g->wage_year == r->t->year ? g->worked & (uint16_t)~g->covered : 0;
}

long reconcile_missing_count(const struct reconcile *r)
{
    long count = 0;

    for (size_t i = 0; i < r->group_count; i++)
        count += __builtin_popcount(reconcile_missing(r, &r->groups[i]));
    return count;
}

long reconcile_wrong_count(const struct reconcile *r)
{
    long count = 0;

    for (size_t i = 0; i < r->declaration_count; i++)
        count += r->declarations[i].counts && r->declarations[i].wrong;
    return count;
}

/* ---- causes: each finds what explains the whole of an amount, which is the difference or what another left open */

struct search {
    const struct reconcile *r;
    const struct reconcile_group *g;
    size_t code, group;
    int64_t amount;
    size_t about;
};

/* The group whose difference is the same the other way: the tax was declared under another number. Wages of other years are
 * in other years' certificates. */
static bool find_other(struct search *s)
{
    for (size_t i = 0; i < s->r->group_count; i++) {
        if (i == s->group || s->r->groups[i].wage_year != s->r->t->year
            || reconcile_difference(s->r, &s->r->groups[i], s->code) != -s->amount)
            continue;
        s->about = i;
        return true;
    }
    return false;
}

/* A correction without which the group would be equal: what was corrected is not in the certificates. */
static bool find_correction(struct search *s)
{
    for (size_t i = 0; i < s->r->declaration_count; i++) {
        const struct declaration *d = &s->r->declarations[i];

        for (size_t k = 0; d->counts && (size_t)d->group == s->group && k < s->r->declaration_count; k++) {
            const struct declaration *before = &s->r->declarations[k];

            if (before->counts || (size_t)before->group != s->group || before->establishment != d->establishment || before->year != d->year
                || before->first != d->first || before->last != d->last
                || plus(d->amounts[s->code], -before->amounts[s->code]) != s->amount)
                continue;
            s->about = i;
            return true;
        }
    }
    return false;
}

/* Two establishments that are compared together declared the same. */
static bool find_doubled(struct search *s)
{
    for (size_t i = 0; i < s->r->declaration_count; i++) {
        const struct declaration *d = &s->r->declarations[i];

        if (!d->counts || (size_t)d->group != s->group || d->amounts[s->code] != s->amount)
            continue;
        for (size_t k = 0; k < i; k++) {
            const struct declaration *other = &s->r->declarations[k];

            if (!other->counts || other->group != d->group || other->year != d->year || other->first != d->first || other->last != d->last
                || other->amounts[s->code] != s->amount)
                continue;
            s->about = i;
            return true;
        }
    }
    return false;
}

/* A declaration that would be right by half, and no other is like it. */
static bool find_twice(struct search *s)
{
    size_t found = 0;

    for (size_t i = 0; i < s->r->declaration_count; i++) {
        const struct declaration *d = &s->r->declarations[i];

        if (!d->counts || (size_t)d->group != s->group || s->amount <= 0 || s->amount > INT64_MAX / 2
            || d->amounts[s->code] != 2 * s->amount)
            continue;
        s->about = i;
        found++;
    }
    return s->amount > 0 && found == 1;
}

/* The very amount, declared for the wages of a year beside this one. */
static bool find_next(struct search *s)
{
    for (size_t i = 0; i < s->r->declaration_count; i++) {
        const struct declaration *d = &s->r->declarations[i];
        int apart = d->wage_year - s->r->t->year;

        if (!d->counts || (apart != 1 && apart != -1) || s->r->alike[d->establishment] != s->g->establishment
            || d->amounts[s->code] != -s->amount)
            continue;
        s->about = i;
        return true;
    }
    return false;
}

static bool find_codes(struct search *s)
{
    for (size_t c = 0; c < s->r->plan->code_count; c++) {
        if (c == s->code || !s->r->plan->codes[c].checked || !s->r->plan->codes[c].code
            || reconcile_difference(s->r, s->g, c) != -s->amount)
            continue;
        s->about = c;
        return true;
    }
    return false;
}

static bool find_not_given(struct search *s)
{
    bool absent = false;

    for (size_t i = s->r->declaration_count; s->amount < 0 && i-- > 0;) {
        const struct declaration *d = &s->r->declarations[i];

        if (!d->counts || (size_t)d->group != s->group)
            continue;
        absent |= !d->given[s->code];
        if (!d->given[s->code])
            s->about = i;
    }
    return absent;
}

/* At least three numbers whose differences are none together. */
static bool find_sites(struct search *s)
{
    int64_t sum = 0;
    size_t count = 0;

    for (size_t i = 0; i < s->r->group_count; i++) {
        int64_t d = s->r->groups[i].wage_year == s->r->t->year ? reconcile_difference(s->r, &s->r->groups[i], s->code) : 0;

        sum = plus(sum, d);
        count += d != 0;
    }
    return sum == 0 && count > 2;
}

static bool has_no_certificates(struct search *s)
{
    return s->amount > 0 && s->g->issued_count + s->g->held_count == 0;
}

static bool is_undeclared(struct search *s)
{
    return s->amount < 0 && s->g->declared_count == 0;
}

static bool misses_months(struct search *s)
{
    return s->amount < 0 && s->g->declared_count > 0 && reconcile_missing(s->r, s->g) != 0;
}

static const struct {
    enum reconcile_reason reason;
    bool (*find)(struct search *s);
    bool whole; /* it explains all of the amount, and is not only what may be */
} finders[] = {
    {REASON_CORRECTION, find_correction, true},
    {REASON_OTHER, find_other, true},
    {REASON_DOUBLED, find_doubled, true},
    {REASON_TWICE, find_twice, true},
    {REASON_NEXT, find_next, true},
    {REASON_CODES, find_codes, true},
    {REASON_SITES, find_sites, true},
    {REASON_NO_CERTIFICATES, has_no_certificates, true},
    {REASON_NOT_GIVEN, find_not_given, false},
    {REASON_NONE_DECLARED, is_undeclared, false},
    {REASON_MISSING, misses_months, false},
};

static int64_t magnitude(int64_t amount)
{
    return amount < 0 ? -amount : amount;
}

static void find_causes(const struct reconcile *r, struct reconcile_group *g, size_t code)
{
    struct reconcile_cause *cause = &g->causes[RECONCILE_CAUSES * code];
    struct search s = {r, g, code, (size_t)(g - r->groups), reconcile_difference(r, g, code), 0};
    int64_t change = -g->changed[code];
    size_t i = 0;

    if (change != 0 && magnitude(plus(s.amount, -change)) < magnitude(s.amount)) {
        *cause++ = (struct reconcile_cause){REASON_CHANGES, 0, change};
        s.amount = plus(s.amount, -change);
    }
    if (s.amount == 0)
        return;
    while (i < sizeof finders / sizeof *finders && !finders[i].find(&s))
        i++;
    if (i < sizeof finders / sizeof *finders)
        *cause++ = (struct reconcile_cause){finders[i].reason, s.about, finders[i].whole ? s.amount : 0};
    else if (cause > &g->causes[RECONCILE_CAUSES * code])
        *cause++ = (struct reconcile_cause){REASON_OPEN, 0, s.amount};
    else if (r->unreadable == 0 && g->incomplete == 0) /* what could not be read explains it, or may */
        *cause++ = (struct reconcile_cause){REASON_GENERAL, 0, 0};
}

static bool is_checked(const struct reconcile *r, const struct reconcile_group *g, size_t code)
{
    return r->all.declared_count > 0 && r->plan->codes[code].checked && g->wage_year == r->t->year;
}

void reconcile_close(struct reconcile *r)
{
    for (size_t i = 0; i < r->group_count; i++)
        for (size_t c = 0; c < r->plan->code_count; c++) {
            struct reconcile_group *g = &r->groups[i];

            g->states[c] = !is_checked(r, g, c)                 ? RECONCILE_UNCHECKED
                           : reconcile_difference(r, g, c) == 0 ? RECONCILE_EQUAL
                                                                : RECONCILE_DIFFERENT;
            if (g->states[c] == RECONCILE_DIFFERENT)
                find_causes(r, g, c);
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
