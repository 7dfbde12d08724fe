/* Certificates of the changes are kept until their place in the year is reached. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "run/changes.h"

static const char *keep(struct correcting *c, const char *text)
{
    return text ? arena_copy(&c->arena, text, strlen(text)) : NULL;
}

/* A new place in the list, or NULL when memory ran out. */
static struct change *add_change(struct correcting *c)
{
    if (c->count == c->capacity) {
        size_t capacity = c->capacity ? 2 * c->capacity : 64;
        struct change *list = realloc(c->list, capacity * sizeof *list);

        if (!list)
            return NULL;
        c->list = list;
        c->capacity = capacity;
    }
    return &c->list[c->count++];
}

/* Held back as in a first run; or refused, where what was valid before stays so. */
static bool find_state(struct run *run, const struct certify_result *r, enum ledger_state *state)
{
    struct correcting *c = run->state;
    struct certify_found found = {0};
    struct arena arena = {0};
    bool ok = true;

    *state = LEDGER_REFUSED;
    if (r->replaced || c->judged[r->number].kept || c->judged[r->number].apart)
        return true;
    if (r->id)
        ok = previous_find(&c->previous, r->id, r->personnel_number, &arena, &found, run->err);
    arena_free(&arena);
    if (!found.there || !found.valid)
        *state = LEDGER_HELD;
    return ok;
}

bool changes_take(struct run *run, const struct certify_result *r, struct summary_line *line)
{
    struct correcting *c = run->state;
    const struct ledger_entry *entry = line->entry;
    enum ledger_state state = entry->state;
    struct change *change;

    if (!r->issued) {
        run->result->refused++;
        if (!find_state(run, r, &state))
            return false;
    }
    change = add_change(c);
    if (!change)
        return error_memory(run->err);
    *change = (struct change){.entry = *entry,
                              .reason = r->issued ? keep(c, r->reason) : NULL,
                              .before = r->issued ? keep(c, r->before) : NULL,
                              .replaces = r->issued ? c->judged[r->number].replaces : NULL};
    if (state == LEDGER_REFUSED) /* its place is its own, whatever it was to change */
        change->entry.number = (int64_t)r->number + c->previous.places;
    change->entry.state = state;
    change->entry.id = keep(c, entry->id);
    change->entry.personnel_number = keep(c, entry->personnel_number);
    change->entry.file = keep(c, entry->file);
    change->entry.record = keep(c, entry->record);
    change->entry.trail = keep(c, entry->trail);
    change->entry.words = keep(c, entry->words);
    return !c->arena.failed || error_memory(run->err);
}

static int by_number(const void *a, const void *b)
{
    int64_t x = ((const struct change *)a)->entry.number, y = ((const struct change *)b)->entry.number;

    return (x > y) - (x < y);
}

static int by_id(const void *a, const void *b)
{
    const struct change *x = *(struct change *const *)a, *y = *(struct change *const *)b;
    int found = strcmp(x->entry.id, y->entry.id);

    return found ? found : by_number(x, y);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int by_person(const void *a, const void *b)
{
    return strcmp(((const struct told_person *)a)->person.personnel_number, ((const struct told_person *)b)->person.personnel_number);
}

/* People of the changes' list who have no certificate there. */
static bool list_people(struct run *run)
{
    struct correcting *c = run->state;
    struct input_reader reader = {0};
    struct buf text = {0};

    c->people = calloc(input_employees(run->in.input) + 1, sizeof *c->people);
    if (!c->people)
        return error_memory(run->err);
    for (size_t i = 0; i < input_employees(run->in.input) && !run->err->code; i++) {
        const struct datum *person;
        const char *number, *reason;

        if (input_has_certificate(run->in.input, i))
            continue;
        input_reader_reset(&reader);
        person = input_employee(run->in.input, i, &reader, run->err);
        number = datum_text(datum_get(person, "personnel_number"));
        reason = run_clean_reason(datum_text(datum_get(person, "no_certificate_reason")), &text);
        if (number && text_is_handle(number))
            c->people[c->people_count++] = (struct told_person){
                {keep(c, number), keep(c, reason), run_describe_person(run, person, number, &c->arena), NULL}, false};
    }
    input_reader_free(&reader);
    c->arena.failed |= text.failed;
    buf_free(&text);
    if (c->arena.failed)
        return error_memory(run->err);
    qsort(c->people, c->people_count, sizeof *c->people, by_person);
    return !run->err->code;
}

static int by_lost(const void *a, const void *b)
{
    return strcmp((*(const struct cancellation *const *)a)->personnel_number, (*(const struct cancellation *const *)b)->personnel_number);
}

/* Whose certificate is cancelled and has none in its place. */
static bool list_lost(struct correcting *c)
{
    const struct previous *e = &c->previous;
    const struct cancellation **by = calloc(e->cancellation_count + 1, sizeof(*by));

    c->lost_by = by;
    c->lost = calloc(e->cancellation_count + 1, sizeof *c->lost);
    c->lost_seen = calloc(e->cancellation_count + 1, sizeof *c->lost_seen);
    if (!by || !c->lost || !c->lost_seen)
        return false;
    for (size_t i = 0; i < e->cancellation_count; i++)
        if (!e->cancellations[i].dropped && !e->cancellations[i].successor && e->cancellations[i].personnel_number)
            by[c->lost_count++] = &e->cancellations[i];
    if (c->lost_count > 0)
        qsort(by, c->lost_count, sizeof(*by), by_lost);
    for (size_t i = 0; i < c->lost_count; i++) {
        c->lost[i] = by[i]->personnel_number;
        c->lost_seen[i] = i > 0 && !strcmp(c->lost[i], c->lost[i - 1]); /* once is enough */
    }
    return true;
}

bool changes_index(struct run *run)
{
    struct correcting *c = run->state;

    c->by_id = calloc(c->count + 1, sizeof(*c->by_id));
    c->numbers = calloc(c->count + 1, sizeof *c->numbers);
    if (!c->by_id || !c->numbers)
        return error_memory(run->err);
    if (c->count > 0)
        qsort(c->list, c->count, sizeof *c->list, by_number);
    for (size_t i = 0; i < c->count; i++) {
        if (c->list[i].entry.id)
            c->by_id[c->id_count++] = &c->list[i];
        if (c->list[i].entry.personnel_number && c->list[i].entry.state != LEDGER_REFUSED)
            c->numbers[c->number_count++] = c->list[i].entry.personnel_number;
    }
    if (c->id_count > 0)
        qsort(c->by_id, c->id_count, sizeof(*c->by_id), by_id);
    if (c->number_count > 0)
        qsort(c->numbers, c->number_count, sizeof *c->numbers, by_text);
    return (list_lost(c) || error_memory(run->err)) && list_people(run);
}

struct change *changes_at(const struct correcting *c, int64_t number)
{
    const struct change key = {.entry.number = number};

    return c->count > 0 ? bsearch(&key, c->list, c->count, sizeof *c->list, by_number) : NULL;
}

struct change *changes_of(const struct correcting *c, const char *id)
{
    size_t low = 0, high = c->id_count;

    while (low < high) { /* behind the last of this id */
        size_t middle = (low + high) / 2;

        if (strcmp(c->by_id[middle]->entry.id, id) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 && !strcmp(c->by_id[low - 1]->entry.id, id) ? c->by_id[low - 1] : NULL;
}

bool changes_have(const struct correcting *c, const char *personnel_number)
{
    return c->number_count > 0 && bsearch(&personnel_number, c->numbers, c->number_count, sizeof *c->numbers, by_text);
}

struct told_person *changes_person(const struct correcting *c, const char *personnel_number)
{
    const struct told_person key = {.person = {.personnel_number = personnel_number}};

    return personnel_number && c->people_count > 0 ? bsearch(&key, c->people, c->people_count, sizeof *c->people, by_person) : NULL;
}

void changes_meet(struct correcting *c, const char *personnel_number, bool counted)
{
    struct told_person *told = changes_person(c, personnel_number);
    const char **lost = personnel_number && c->lost_count > 0 ? bsearch(&personnel_number, c->lost, c->lost_count, sizeof *c->lost, by_text)
                                                              : NULL;

    if (told)
        told->seen = true;
    if (!lost || !counted)
        return;
    while (lost > c->lost && !strcmp(lost[-1], personnel_number))
        lost--;
    for (; lost < c->lost + c->lost_count && !strcmp(*lost, personnel_number); lost++)
        c->lost_seen[lost - c->lost] = true;
}
