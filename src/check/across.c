#include "check/across.h"

#include <stdlib.h>
#include <string.h>

#include "base/fold.h"

struct hit {
    size_t number;
    const struct rule *rule;
    const char *other; /* id of the certificate that it is told with; NULL: of none */
};

struct across {
    const struct template *t;
    const struct rule *people; /* the first rule about people; NULL: none */
    struct arena arena;
    struct hit *hits; /* by number once across_compare is through with all */
    size_t count, capacity;
};

struct across *across_new(const struct template *t)
{
    struct across *a = calloc(1, sizeof *a);

    for (size_t i = 0; a && i < t->rule_count; i++)
        if (t->rules[i].across == ACROSS_PEOPLE && !a->people)
            a->people = &t->rules[i];
    if (a)
        a->t = t;
    return a;
}

void across_free(struct across *a)
{
    if (!a)
        return;
    arena_free(&a->arena);
    free(a->hits);
    free(a);
}

/* A date's digits, a text's words without case and accents. */
static const char *say(struct across *a, const struct record *record, int field)
{
    const struct value *v = &record->values[field];
    struct buf words = {0};
    const char *said;

    if (!v->present)
        return "";
    if (!v->text)
        return arena_printf(&a->arena, "%lld", (long long)v->number);
    fold_add(&words, v->text);
    said = words.failed ? NULL : arena_copy(&a->arena, words.data ? words.data : "", words.length);
    buf_free(&words);
    return said;
}

/* What the fields of the rule about people say of this one. False when memory ran out. */
static bool describe_person(struct across *a, const struct record *record, struct across_record *out)
{
    size_t count = a->people ? a->people->field_count : 0;

    out->said = arena_array(&a->arena, count + 1, sizeof *out->said);
    for (size_t i = 0; out->said && i < count; i++)
        if (!(out->said[i] = say(a, record, a->people->fields[i])))
            return false;
    return out->said != NULL;
}

bool across_describe(struct across *a, const struct record *record, const char *personnel_number, const char *id, struct across_record *out)
{
    const struct template *t = a->t;
    const struct value *person = &record->values[t->person];
    int64_t *amounts = calloc(2 * t->field_count + 1, sizeof *amounts);

    if (!amounts)
        return false;
    for (size_t i = 0; i < t->field_count; i++) {
        if (t->fields[i].type != FIELD_MONEY || t->fields[i].group >= 0 || t->fields[i].place == PLACE_BEFORE)
            continue;
        amounts[2 * i] = record->values[i].present;
        amounts[2 * i + 1] = record->values[i].present ? record->values[i].number : 0;
    }
    hash_bytes(amounts, (2 * t->field_count + 1) * sizeof *amounts, out->amounts);
    free(amounts);
    out->person = person->present ? arena_copy(&a->arena, person->text, strlen(person->text)) : "";
    out->personnel_number = arena_copy(&a->arena, personnel_number, strlen(personnel_number));
    out->id = arena_copy(&a->arena, id, strlen(id));
    out->from = record->values[t->period[0]].number;
    out->to = record->values[t->period[1]].number;
    return out->person && out->personnel_number && out->id && describe_person(a, record, out);
}

static bool add(struct across *a, enum across_kind kind, size_t number, const char *other)
{
    for (size_t i = 0; number != ACROSS_NOBODY && i < a->t->rule_count; i++) {
        if (a->t->rules[i].across != kind)
            continue;
        if (a->count == a->capacity) {
            size_t capacity = a->capacity ? a->capacity * 2 : 64;
            struct hit *hits = realloc(a->hits, capacity * sizeof *hits);

            if (!hits)
                return false;
            a->hits = hits;
            a->capacity = capacity;
        }
        a->hits[a->count++] = (struct hit){number, &a->t->rules[i], other};
    }
    return true;
}

static int order(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int order_numbers(size_t a, size_t b)
{
    return (a > b) - (a < b);
}

/* Persons together, their certificates by period and amounts. */
static int by_person(const void *a, const void *b)
{
    const struct across_record *x = a, *y = b;
    int found = strcmp(x->person, y->person);

    if (!found)
        found = order(x->from, y->from);
    if (!found)
        found = order(x->to, y->to);
    if (!found)
        found = memcmp(x->amounts, y->amounts, HASH_SIZE);
    return found ? found : order_numbers(x->number, y->number);
}

static bool are_same(const struct across_record *a, const struct across_record *b)
{
    return a->from == b->from && a->to == b->to && !memcmp(a->amounts, b->amounts, HASH_SIZE);
}

static bool is_within(const char *word, size_t length, const char *words)
{
    while (*words) {
        size_t other = strcspn(words, " "), shorter = length < other ? length : other;

        if (shorter > 0 && !memcmp(word, words, shorter))
            return true;
        words += other;
        words += strspn(words, " ");
    }
    return false;
}

/* Whether both may be said of one person: nothing is said, or a word of one begins a word of the other. */
static bool may_agree(const char *a, const char *b)
{
    if (!*a || !*b)
        return true;
    while (*a) {
        size_t length = strcspn(a, " ");

        if (is_within(a, length, b))
            return true;
        a += length;
        a += strspn(a, " ");
    }
    return false;
}

/* Whether what is said of somebody cannot be one person. */
static bool contradict(const struct across *a, const struct across_record *x, const struct across_record *y)
{
    for (size_t i = 0; a->people && i < a->people->field_count; i++)
        if (!may_agree(x->said[i], y->said[i]))
            return true;
    return false;
}

/* One person's, in order, so that the same stand together. Where one is said to be somebody else nobody can tell who is right. Each certificate gets each finding once. */
static bool compare_person(struct across *a, const struct across_record *r, size_t count)
{
    bool several = false, people = false, ok = true;
    int64_t reach = INT64_MIN;   /* the last day of those before, */
    const char *farthest = NULL; /* of which this one has it */

    for (size_t i = 1; i < count; i++) {
        bool other = strcmp(r[i].personnel_number, r[0].personnel_number) != 0;

        several |= other;
        people |= other && contradict(a, &r[0], &r[i]);
    }
    for (size_t first = 0, end; ok && first < count; first = end) {
        const char *beside;

        for (end = first + 1; end < count && are_same(&r[end], &r[first]);)
            end++;
        beside = reach >= r[first].from ? farthest : end < count && r[end].from <= r[first].to ? r[end].id : NULL;
        for (size_t i = first; ok && i < end; i++)
            ok = (end - first == 1 || add(a, ACROSS_SAME, r[i].number, r[i == first ? first + 1 : first].id))
                 && (!beside || add(a, ACROSS_OVERLAP, r[i].number, beside)) && (!several || add(a, ACROSS_NUMBERS, r[i].number, NULL))
                 && (!people || add(a, ACROSS_PEOPLE, r[i].number, NULL));
        if (r[first].to > reach) {
            reach = r[first].to;
            farthest = r[first].id;
        }
    }
    return ok;
}

static int by_number(const void *a, const void *b)
{
    const struct hit *x = a, *y = b;
    int found = order_numbers(x->number, y->number);

    return found ? found : (x->rule > y->rule) - (x->rule < y->rule);
}

bool across_compare(struct across *a, struct across_record *records, size_t count)
{
    bool ok = true;

    qsort(records, count, sizeof *records, by_person);
    for (size_t first = 0, end; ok && first < count; first = end) {
        for (end = first + 1; end < count && !strcmp(records[end].person, records[first].person);)
            end++;
        if (*records[first].person && end - first > 1)
            ok = compare_person(a, records + first, end - first);
    }
    if (a->count > 0)
        qsort(a->hits, a->count, sizeof *a->hits, by_number);
    return ok;
}

/* The first of the certificate's hits, or the place where they would be. */
static size_t first_hit(const struct across *a, size_t number)
{
    size_t low = 0, high = a ? a->count : 0;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (a->hits[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool across_refuses(const struct across *a, size_t number, struct waivers *waivers, const char *certificate)
{
    for (size_t i = first_hit(a, number); i < a->count && a->hits[i].number == number; i++)
        if (a->hits[i].rule->severity == SEVERITY_ERROR && !waivers_find(waivers, certificate, a->hits[i].rule->id))
            return true;
    return false;
}

void across_report(const struct across *a, size_t number, const struct rules_run *run, const char *certificate,
                   const struct sources *sources, struct findings *findings)
{
    for (size_t i = first_hit(a, number); a && i < a->count && a->hits[i].number == number; i++)
        rules_report(run, certificate, a->hits[i].rule, -1, a->hits[i].other, sources, findings);
}
