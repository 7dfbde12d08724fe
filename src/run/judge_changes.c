/* Which changes are done and which are not, before any is made: each by itself, then against the certificates that stay valid, and all
 * that belongs together, until nothing changes any more. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/fold.h"
#include "certificate/canonical.h"
#include "run/changes.h"

/* A certificate of the year that a person of the changes has. */
struct standing {
    const char *id;
    int64_t number;
    struct across_record compared;
};

#define FEW 16 /* persons that are looked for one by one; words of one */

/* What belongs together goes by the personnel number and by who somebody is. */
struct bond {
    const char *key;
    char kind;
    size_t node; /* changes first, then cancellations */
};

struct seat {
    size_t root, node;
};

struct jury {
    struct run *run;
    struct correcting *c;
    size_t count; /* changes */
    struct standing *standing;
    size_t standing_count, standing_capacity;
    const char **persons; /* of the changes, in order */
    size_t person_count;
    const char *sought; /* one of them, where each is looked for; else NULL */
    const char **ids;   /* of corrections that are done, in order */
    size_t id_count;
    size_t *root;                  /* by node */
    struct seat *order;            /* what belongs together in a row, its changes first */
    struct across_record *revoked; /* by cancellation: who it was; .person NULL: unknown */
    struct across_record *records;
};

struct certify_judged changes_judged(const void *ctx, size_t number)
{
    const struct previous *previous = ctx;
    const struct correcting *c = (const struct correcting *)(const void *)((const char *)previous - offsetof(struct correcting, previous));
    const struct judged *j = &c->judged[number];

    if (!c->is_judged)
        return (struct certify_judged){.held = false};
    return (struct certify_judged){j->held, j->across, j->replaces ? j->replaces->record : NULL};
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_listed(const char *const *list, size_t count, const char *text)
{
    return text && count > 0 && bsearch(&text, list, count, sizeof *list, by_text);
}

/* What a certificate is compared by; nothing where the form does not say who a person is. False when memory ran out. */
static bool describe(const struct jury *y, const struct record *record, const char *personnel_number, const char *id,
                     struct across_record *out)
{
    return y->run->in.form.template->person < 0 || across_describe(y->run->across, record, personnel_number, id, out);
}

/* ---- each by itself */

static bool judge_one(struct jury *y, struct certify_worker *w, size_t i, struct arena *arena)
{
    struct run *run = y->run;
    struct correcting *c = y->c;
    struct judged *j = &c->judged[i];
    struct certify_result r;

    arena_reset(arena);
    if (!certify(&run->job, w, i, false, arena, &r, run->err))
        return false;
    *j = (struct judged){.fine = r.issued, .corrects = r.reason != NULL};
    j->id = r.id ? arena_copy(&c->arena, r.id, strlen(r.id)) : NULL;
    j->personnel_number = r.personnel_number ? arena_copy(&c->arena, r.personnel_number, strlen(r.personnel_number)) : NULL;
    j->apart = r.id && previous_is_cancelled(&c->previous, r.id);
    j->compared.number = i;
    if (c->arena.failed)
        return error_memory(run->err);
    return !r.has_record || describe(y, &r.record, r.personnel_number, r.id, &j->compared) || error_memory(run->err);
}

static bool judge_each(struct jury *y)
{
    struct certify_worker w = {0};
    struct arena arena = {0};
    bool ok = certify_start(&w, &y->run->in.form, y->run->err);

    for (size_t i = 0; ok && i < y->count; i++)
        ok = judge_one(y, &w, i, &arena);
    certify_stop(&w);
    arena_free(&arena);
    return ok;
}

/* ---- the valid ones of the same people */

static bool list_persons(struct jury *y)
{
    y->persons = calloc(y->count + 1, sizeof *y->persons);
    y->ids = calloc(y->count + 1, sizeof *y->ids);
    if (!y->persons || !y->ids)
        return error_memory(y->run->err);
    for (size_t i = 0; i < y->count; i++)
        if (y->c->judged[i].compared.person && *y->c->judged[i].compared.person)
            y->persons[y->person_count++] = y->c->judged[i].compared.person;
    if (y->person_count > 0)
        qsort(y->persons, y->person_count, sizeof *y->persons, by_text);
    return true;
}

static struct standing *add_standing(struct jury *y)
{
    if (y->standing_count == y->standing_capacity) {
        size_t capacity = y->standing_capacity ? 2 * y->standing_capacity : 64;
        struct standing *list = realloc(y->standing, capacity * sizeof *list);

        if (!list)
            return NULL;
        y->standing = list;
        y->standing_capacity = capacity;
    }
    return &y->standing[y->standing_count++];
}

static bool on_valid(void *ctx, const struct ledger_entry *entry, struct tc_error *err)
{
    struct jury *y = ctx;
    struct correcting *c = y->c;
    const struct value *person;
    const char *establishment;
    struct record record;
    struct trail trail;
    struct standing *s;

    if (entry->state != LEDGER_ISSUED)
        return true;
    arena_reset(&c->record);
    if (!stored_run_read(&c->previous.archive, entry, &c->record, &establishment, &record, &trail, err))
        return false;
    person = &record.values[y->run->in.form.template->person];
    if (!person->present || (y->sought ? strcmp(person->text, y->sought) != 0 : !is_listed(y->persons, y->person_count, person->text)))
        return true;
    s = add_standing(y);
    if (!s || !across_describe(y->run->across, &record, entry->personnel_number, entry->id, &s->compared))
        return error_memory(err);
    s->compared.number = ACROSS_NOBODY;
    s->number = entry->number;
    s->id = arena_copy(&c->arena, entry->id, strlen(entry->id));
    return s->id || error_memory(err);
}

/* One person's, by the words that people are found by. */
static bool look_for(struct jury *y, const char *person)
{
    struct ledger *before = y->c->previous.archive.ledger;
    const char *words[FEW];
    struct buf folded = {0};
    size_t count;
    bool ok;

    fold_add(&folded, person);
    buf_add(&folded, "", 1);
    if (folded.failed)
        return error_memory(y->run->err);
    y->sought = person;
    count = fold_cut(folded.data, words, FEW);
    ok = count > 0 && count <= FEW ? ledger_search(before, words, count, on_valid, NULL, y, y->run->err)
                                   : ledger_each(before, on_valid, y, y->run->err);
    buf_free(&folded);
    return ok;
}

/* Few are looked for one by one, which costs less than to read a whole year. */
static bool list_standing(struct jury *y)
{
    const struct template *t = y->run->in.form.template;

    if (y->person_count == 0 || !run_has_across_rules(y->run))
        return true;
    if (y->person_count > FEW || !t->fields[t->person].find)
        return ledger_each(y->c->previous.archive.ledger, on_valid, y, y->run->err);
    for (size_t i = 0; i < y->person_count; i++)
        if ((i == 0 || strcmp(y->persons[i], y->persons[i - 1]) != 0) && !look_for(y, y->persons[i]))
            return false;
    return true;
}

/* ---- what belongs together */

static size_t root_of(size_t *root, size_t node)
{
    while (root[node] != node)
        node = root[node] = root[root[node]];
    return node;
}

static int by_bond(const void *a, const void *b)
{
    const struct bond *x = a, *y = b;
    int found = x->kind - y->kind;

    return found ? found : strcmp(x->key, y->key);
}

/* Who the cancelled ones were. */
static bool read_revoked(struct jury *y)
{
    const struct previous *e = &y->c->previous;

    for (size_t i = 0; i < e->cancellation_count; i++) {
        const struct cancellation *k = &e->cancellations[i];
        struct record record;

        arena_reset(&y->c->record);
        if (!canonical_record(y->run->in.form.template, k->record, &y->c->record, &record, y->run->err))
            return false;
        if (!describe(y, &record, k->personnel_number, k->id, &y->revoked[i]))
            return error_memory(y->run->err);
    }
    return true;
}

static size_t add_bonds(struct bond *bonds, size_t at, const char *number, const char *person, size_t node)
{
    if (number)
        bonds[at++] = (struct bond){number, 'n', node};
    if (person && *person)
        bonds[at++] = (struct bond){person, 'p', node};
    return at;
}

static struct bond *list_bonds(const struct jury *y, size_t *count)
{
    const struct previous *e = &y->c->previous;
    struct bond *bonds = calloc(2 * (y->count + e->cancellation_count) + 1, sizeof *bonds);

    *count = 0;
    for (size_t i = 0; bonds && i < y->count; i++)
        if (!y->c->judged[i].apart)
            *count = add_bonds(bonds, *count, y->c->judged[i].personnel_number, y->c->judged[i].compared.person, i);
    for (size_t i = 0; bonds && i < e->cancellation_count; i++)
        *count = add_bonds(bonds, *count, e->cancellations[i].personnel_number, y->revoked[i].person, y->count + i);
    return bonds;
}

static int by_root(const void *a, const void *b)
{
    const struct seat *x = a, *y = b;

    return x->root != y->root ? (x->root > y->root) - (x->root < y->root) : (x->node > y->node) - (x->node < y->node);
}

/* Puts changes and cancellations of one person beside each other. */
static bool bind(struct jury *y)
{
    size_t nodes = y->count + y->c->previous.cancellation_count, count;
    struct bond *bonds;

    y->root = calloc(nodes + 1, sizeof *y->root);
    y->order = calloc(nodes + 1, sizeof *y->order);
    y->revoked = calloc(y->c->previous.cancellation_count + 1, sizeof *y->revoked);
    if (!y->root || !y->order || !y->revoked)
        return error_memory(y->run->err);
    if (y->c->previous.cancellation_count == 0)
        return true;
    if (!read_revoked(y))
        return false;
    bonds = list_bonds(y, &count);
    if (!bonds)
        return error_memory(y->run->err);
    for (size_t i = 0; i < nodes; i++)
        y->root[i] = i;
    qsort(bonds, count, sizeof *bonds, by_bond);
    for (size_t i = 1; i < count; i++)
        if (by_bond(&bonds[i - 1], &bonds[i]) == 0)
            y->root[root_of(y->root, bonds[i].node)] = root_of(y->root, bonds[i - 1].node);
    for (size_t i = 0; i < nodes; i++)
        y->order[i] = (struct seat){root_of(y->root, i), i};
    qsort(y->order, nodes, sizeof *y->order, by_root);
    free(bonds);
    return true;
}

/* The end of what belongs together with the node at first. */
static size_t end_of(const struct jury *y, size_t first)
{
    size_t nodes = y->count + y->c->previous.cancellation_count, end = first + 1;

    while (end < nodes && y->order[end].root == y->order[first].root)
        end++;
    return end;
}

/* All of them or none: true where something else is not done now. */
static bool hold(struct jury *y, size_t first, size_t end)
{
    struct previous *e = &y->c->previous;
    bool all = true, changed = false;

    if (y->order[end - 1].node < y->count) /* no cancellation: each for itself */
        return false;
    for (size_t i = first; i < end && y->order[i].node < y->count; i++)
        all &= y->c->judged[y->order[i].node].fine || y->c->judged[y->order[i].node].apart;
    for (size_t i = first; i < end; i++) /* one whose letter cannot be made */
        all &= y->order[i].node < y->count || !e->cancellations[y->order[i].node - y->count].dropped;
    for (size_t i = first; !all && i < end; i++) {
        struct judged *j = y->order[i].node < y->count ? &y->c->judged[y->order[i].node] : NULL;

        if (!j) {
            changed |= !e->cancellations[y->order[i].node - y->count].dropped;
            e->cancellations[y->order[i].node - y->count].dropped = true;
            continue;
        }
        changed |= j->fine;
        j->held |= j->fine;
        j->kept = !j->apart;
        j->fine &= j->apart;
    }
    return changed;
}

static bool hold_all(struct jury *y)
{
    size_t nodes = y->count + y->c->previous.cancellation_count;
    bool changed = false;

    for (size_t first = 0, end; y->c->previous.cancellation_count > 0 && first < nodes; first = end) {
        end = end_of(y, first);
        changed |= hold(y, first, end);
    }
    return changed;
}

/* ---- against each other and what stays valid */

static void list_corrected(struct jury *y)
{
    y->id_count = 0;
    for (size_t i = 0; i < y->count; i++)
        if (y->c->judged[i].fine && y->c->judged[i].corrects)
            y->ids[y->id_count++] = y->c->judged[i].id;
    if (y->id_count > 0)
        qsort(y->ids, y->id_count, sizeof *y->ids, by_text);
}

static size_t list_records(struct jury *y)
{
    size_t count = 0;

    list_corrected(y);
    for (size_t i = 0; i < y->standing_count; i++)
        if (!previous_cancels(&y->c->previous, y->standing[i].number) && !is_listed(y->ids, y->id_count, y->standing[i].id))
            y->records[count++] = y->standing[i].compared;
    for (size_t i = 0; i < y->count; i++)
        if (y->c->judged[i].fine && y->c->judged[i].compared.person)
            y->records[count++] = y->c->judged[i].compared;
    return count;
}

static struct across *new_round(struct jury *y)
{
    struct correcting *c = y->c;
    struct across **rounds = realloc(c->rounds, (c->round_count + 1) * sizeof *rounds);

    if (!rounds)
        return NULL;
    c->rounds = rounds;
    rounds[c->round_count] = across_new(y->run->in.form.template);
    return rounds[c->round_count] ? rounds[c->round_count++] : NULL;
}

/* One comparison of everything that is done so far; *changed where something is not, after all. */
static bool compare(struct jury *y, bool *changed)
{
    struct across *a = new_round(y);

    if (!a || !across_compare(a, y->records, list_records(y)))
        return error_memory(y->run->err);
    for (size_t i = 0; i < y->count; i++) {
        struct judged *j = &y->c->judged[i];

        if (!j->fine)
            continue;
        j->across = a;
        j->fine = !across_refuses(a, i, y->run->in.waivers, j->id);
        *changed |= !j->fine;
    }
    return true;
}

/* ---- which comes in whose place */

static bool same_period(const struct across_record *a, const struct across_record *b)
{
    return a->from == b->from && a->to == b->to;
}

/* The late one of these that is in nobody's place yet, of the same period where one is. */
static void pair(struct jury *y, size_t first, size_t end, size_t which, bool period)
{
    struct cancellation *k = &y->c->previous.cancellations[which];

    for (size_t i = first; !k->successor && i < end && y->order[i].node < y->count; i++) {
        struct judged *j = &y->c->judged[y->order[i].node];

        if (!j->fine || j->apart || j->corrects || j->replaces || (period && !same_period(&j->compared, &y->revoked[which])))
            continue;
        j->replaces = k;
        k->successor = j->id;
    }
}

static void pair_all(struct jury *y)
{
    size_t nodes = y->count + y->c->previous.cancellation_count;

    for (size_t first = 0, end; y->c->previous.cancellation_count > 0 && first < nodes; first = end) {
        end = end_of(y, first);
        for (int period = 1; period >= 0; period--)
            for (size_t i = first; i < end; i++)
                if (y->order[i].node >= y->count && !y->c->previous.cancellations[y->order[i].node - y->count].dropped)
                    pair(y, first, end, y->order[i].node - y->count, period);
    }
}

/* ---- all of it */

static bool deliberate(struct jury *y)
{
    struct correcting *c = y->c;
    bool changed = true;

    if (!letters_judge(y->run) || !judge_each(y) || !list_persons(y) || !bind(y) || !list_standing(y))
        return false;
    y->records = calloc(y->count + y->standing_count + 1, sizeof *y->records);
    if (!y->records)
        return error_memory(y->run->err);
    while (changed) {
        changed = hold_all(y);
        if (!compare(y, &changed))
            return false;
    }
    pair_all(y);
    c->is_judged = true;
    return true;
}

bool changes_judge(struct run *run)
{
    struct jury y = {.run = run, .c = run->state, .count = input_certificates(run->in.input)};
    bool ok;

    run->across = across_new(run->in.form.template);
    y.c->judged = calloc(y.count + 1, sizeof *y.c->judged);
    ok = run->across && y.c->judged ? deliberate(&y) : error_memory(run->err);
    free(y.standing);
    free(y.persons);
    free(y.ids);
    free(y.root);
    free(y.order);
    free(y.revoked);
    free(y.records);
    return ok;
}
