/* The graph of a form's rules, for one certificate. */
#include <string.h>

#include "form/expr_reckon.h"
#include "form/graph.h"
#include "form/graph_nodes.h"

/* Each kind of node has a frame of its own: what most need is little. */
#define NOT_INLINE __attribute__((noinline))

static bool reckon_number(struct graph_run *run, const struct graph_node *n, struct decimal *out);

static inline int told(bool truth)
{
    return NO + truth;
}

/* order: -1, 0 or 1. */
static inline int told_order(uint8_t holds, int order)
{
    return NO + (holds >> (order + 1) & 1);
}

static inline const struct graph_operand *operands_of(const struct graph_run *run, const struct graph_node *n)
{
    return &run->graph->operands[n->first];
}

static inline const struct graph_node *operand(const struct graph_run *run, const struct graph_node *n, int i)
{
    return &run->nodes[operands_of(run, n)[i].node];
}

static int (*const reckoners[G_ANY + 1])(struct graph_run *, const struct graph_node *);

static inline int truth(struct graph_run *run, int at)
{
    const struct graph_node *n = &run->nodes[at];
    int known = run->known[at];

    if (known != OPEN)
        return known;
    known = reckoners[n->op](run, n);
    if (!n->by_row)
        run->known[at] = (uint8_t)known;
    return known;
}

static inline const struct value *cell(const struct graph_run *run, const struct graph_node *n)
{
    return n->group < 0 ? &run->values[n->index] : &run->groups[n->group].cells[(size_t)run->row * (size_t)n->width + (size_t)n->index];
}

static inline bool number(struct graph_run *run, const struct graph_node *n, struct decimal *out)
{
    if (n->op == G_AMOUNT) {
        const struct value *v = cell(run, n);

        *out = v->present ? (struct decimal){v->number, n->scale} : (struct decimal){0, 0};
        return true;
    }
    if (n->op != G_CONSTANT)
        return reckon_number(run, n, out);
    *out = n->more->number;
    return true;
}

static int32_t date(const struct graph_run *run, const struct graph_node *n)
{
    const struct value *v = cell(run, n);

    return v->present ? (int32_t)v->number : 0;
}

static bool check(struct graph_run *run, const struct graph_node *n, struct expr_text *normal);

static struct expr_text text(struct graph_run *run, const struct graph_node *n)
{
    const struct value *v;
    struct expr_text normal = {"", 0};

    if (n->op == G_TEXT)
        return n->more->text;
    if (n->op == G_NORM) {
        check(run, n, &normal);
        return normal;
    }
    v = cell(run, n);
    return v->present ? (struct expr_text){v->text, strlen(v->text)} : normal;
}

/* The first of two texts, kept where it is norm's: there is one buffer for all. */
static struct expr_text first_text(struct graph_run *run, const struct graph_node *n, char kept[IDENTIFIER_LENGTH_MAX + 1])
{
    const struct graph_node *first = operand(run, n, 0);
    struct expr_text t = text(run, first);

    if (first->op == G_NORM && !expr_keep_normal(kept, &t))
        t.length = 0; /* it has at most so many characters */
    return t;
}

static bool check(struct graph_run *run, const struct graph_node *n, struct expr_text *normal)
{
    char kept[IDENTIFIER_LENGTH_MAX + 1];
    struct expr_text t = first_text(run, n, kept), variant = {NULL, 0};

    if (n->count > 1)
        variant = text(run, operand(run, n, 1));
    return run->data->valid(run->data->ctx, n->index, t, variant, normal);
}

NOT_INLINE static void reckon_atom(struct graph_run *run, int at);

/* What the sum is made of and is another for each row. */
NOT_INLINE static void refresh(struct graph_run *run, const struct graph_sum *s)
{
    for (int i = 0; i < s->fresh; i++)
        reckon_atom(run, run->graph->terms[s->first + i].number - run->graph->cell_count);
}

/* False where 64 bits do not hold it, or something that was reckoned before: no real payroll has such amounts. */
static inline bool add_narrow(const struct graph_run *run, const struct graph_sum *s, int64_t *out)
{
    const struct graph_term *t = &run->graph->terms[s->first], *end = t + s->count;
    const int64_t *narrow = run->narrow;
    int64_t sum = 0, product;

    for (; t < end; t++)
        if (__builtin_mul_overflow(narrow[t->number], t->factor, &product) || __builtin_add_overflow(sum, product, &sum))
            return false;
    *out = sum;
    return !run->large;
}

NOT_INLINE static i128 add_wide(const struct graph_run *run, const struct graph_sum *s)
{
    const struct graph_term *t = &run->graph->terms[s->first], *end = t + s->count;
    i128 sum = 0;

    for (; t < end; t++)
        sum += (run->widths[t->number] == NARROW ? run->narrow[t->number] : run->wide[t->number]) * t->factor;
    return sum;
}

static inline i128 add_up(struct graph_run *run, int at)
{
    const struct graph_sum *s = &run->graph->sums[at];
    int64_t sum;

    if (s->fresh)
        refresh(run, s);
    return add_narrow(run, s, &sum) ? sum : add_wide(run, s);
}

static inline i128 absolute(i128 number)
{
    return number < 0 ? -number : number;
}

static inline i128 find_extreme(struct graph_run *run, const struct graph_node *n, int sum)
{
    i128 best = add_up(run, sum);

    for (int i = 1; i < n->count; i++) {
        i128 next = add_up(run, sum + i);

        if (n->op == G_MIN ? next < best : next > best)
            best = next;
    }
    return best;
}

static i128 multiply_sums(struct graph_run *run, const struct graph_node *n, int sum)
{
    i128 product = 1;

    for (int i = 0; i < n->count; i++)
        product *= add_up(run, sum + i);
    return product;
}

/* Whether the row at hand is one of those that a total is of: yes, no, or failed. */
static int is_summed(struct graph_run *run, const struct graph_node *n)
{
    return n->count < 2 ? YES : truth(run, operands_of(run, n)[1].node);
}

/* What cannot fail is no or yes. */
static i128 add_rows(struct graph_run *run, const struct graph_node *n, int at)
{
    int rows = (int)run->groups[n->index].count, before = run->row;
    i128 sum = 0;

    for (run->row = 0; run->row < rows; run->row++)
        if (is_summed(run, n) == YES)
            sum += add_up(run, at);
    run->row = before;
    return sum;
}

/* A half away from 0. */
static i128 round_off(i128 number, int digits)
{
    i128 power = 1, rest;

    while (digits-- > 0)
        power *= 10;
    rest = number % power;
    return power == 1 ? number : number / power + (rest >= power / 2) - (rest <= -(power / 2));
}

static i128 amount(const struct value *v)
{
    return v->present ? v->number : 0;
}

static inline i128 reckon_number_of(struct graph_run *run, const struct graph_atom *a)
{
    const struct graph_node *n = &run->nodes[a->node];

    switch (a->op) {
    case G_ADD: return add_up(run, a->sum);
    case G_AMOUNT: return amount(cell(run, n));
    case G_MULTIPLY: return multiply_sums(run, n, a->sum);
    case G_MIN:
    case G_MAX: return find_extreme(run, n, a->sum);
    case G_ABSOLUTE: return absolute(add_up(run, a->sum));
    case G_ROUND: return round_off(add_up(run, a->sum), operand(run, n, 0)->scale - n->scale);
    case G_YEAR: return date(run, operand(run, n, 0)) / 10000;
    case G_MONTH: return date(run, operand(run, n, 0)) / 100 % 100;
    case G_DAY: return date(run, operand(run, n, 0)) % 100;
    default: return add_rows(run, n, a->sum);
    }
}

NOT_INLINE static void keep_wide(struct graph_run *run, int number, i128 value)
{
    run->wide[number] = value;
    run->widths[number] = WIDE;
    run->large = true;
}

static inline void keep(struct graph_run *run, int number, i128 value)
{
    run->narrow[number] = (int64_t)value;
    run->widths[number] = NARROW;
    if (value != (int64_t)value)
        keep_wide(run, number, value);
}

NOT_INLINE static void reckon_atom(struct graph_run *run, int at)
{
    keep(run, run->graph->cell_count + at, reckon_number_of(run, &run->graph->atoms[at]));
}

/* What most atoms are, where 64 bits do for it. */
static inline bool reckon_narrow(const struct graph_run *run, const struct graph_atom *a, int64_t *out)
{
    const struct graph_sum *s = &run->graph->sums[a->sum];
    int64_t next;

    if (a->op != G_ADD && a->op != G_ABSOLUTE && a->op != G_MIN && a->op != G_MAX)
        return false;
    if (!add_narrow(run, s, out) || (a->op == G_ABSOLUTE && *out == INT64_MIN))
        return false;
    if (a->op == G_ABSOLUTE)
        *out = *out < 0 ? -*out : *out;
    for (int i = 1; i < a->sums; i++) {
        if (!add_narrow(run, s + i, &next))
            return false;
        if (a->op == G_MIN ? next < *out : next > *out)
            *out = next;
    }
    return true;
}

/* Those that are the same for each row. */
static void reckon_atoms(struct graph_run *run)
{
    const struct graph_atom *a = run->graph->atoms, *end = a + run->graph->atom_count;

    for (int at = 0; a < end; a++, at++) {
        int number = run->graph->cell_count + at;

        run->widths[number] = NARROW;
        if (!a->by_row && !reckon_narrow(run, a, &run->narrow[number]))
            reckon_atom(run, at);
    }
}

static inline int reckon_chain(struct graph_run *run, const struct graph_node *n, int goes_on)
{
    const struct graph_operand *o = operands_of(run, n);

    for (int i = 0; i < n->count; i++) {
        int known = truth(run, o[i].node);

        if (known != goes_on)
            return known;
    }
    return goes_on;
}

static int reckon_if(struct graph_run *run, const struct graph_node *n)
{
    const struct graph_operand *o = operands_of(run, n);
    int condition = truth(run, o[0].node);

    return condition == FAILED ? FAILED : condition == NO ? YES : truth(run, o[1].node);
}

static int compare_numbers(struct graph_run *run, const struct graph_node *n)
{
    struct decimal a, b;

    if (!number(run, operand(run, n, 0), &a) || !number(run, operand(run, n, 1), &b))
        return FAILED;
    return told_order(n->holds, decimal_compare(a, b));
}

NOT_INLINE static int compare_wide(const struct graph_run *run, const struct graph_node *n)
{
    i128 sum = add_wide(run, &run->graph->sums[n->first]);

    return told_order(n->holds, (sum > 0) - (sum < 0));
}

static int compare_sum(struct graph_run *run, const struct graph_node *n)
{
    const struct graph_sum *s = &run->graph->sums[n->first];
    int64_t sum;

    if (s->fresh)
        refresh(run, s);
    return add_narrow(run, s, &sum) ? told_order(n->holds, (sum > 0) - (sum < 0)) : compare_wide(run, n);
}

/* The value is as many digits, so the two compare as they are; an absent one is 0. */
static int compare_limit(struct graph_run *run, const struct graph_node *n)
{
    const struct value *v = cell(run, n);
    int64_t m = v->present ? v->number : 0;

    return told_order(n->holds, (m > n->limit) - (m < n->limit));
}

static int compare_dates(struct graph_run *run, const struct graph_node *n)
{
    int32_t a = date(run, operand(run, n, 0)), b = date(run, operand(run, n, 1));

    return a == 0 || b == 0 ? YES : told_order(n->holds, (a > b) - (a < b));
}

static int compare_flags(struct graph_run *run, const struct graph_node *n)
{
    const struct graph_operand *o = operands_of(run, n);
    int a = truth(run, o[0].node), b = a == FAILED ? FAILED : truth(run, o[1].node);

    return b == FAILED ? FAILED : told_order(n->holds, a != b);
}

/* Of two texts. */
static int reckon_texts(struct graph_run *run, const struct graph_node *n)
{
    char kept[IDENTIFIER_LENGTH_MAX + 1];
    struct expr_text a = first_text(run, n, kept), b = text(run, operand(run, n, 1));

    switch (n->op) {
    case G_HAS: return told(expr_has_token(a, b));
    case G_CONTAINS: return told(expr_contains(a, b));
    case G_STARTS: return told(expr_starts_with(a, b));
    case G_WITHIN: return told(expr_all_tokens(a, b));
    default: return told_order(n->holds, !expr_same_text(a, b));
    }
}

static bool begins_one(const struct graph_run *run, const struct graph_node *n, struct expr_text rest)
{
    for (int i = 1; i < n->count; i++)
        if (expr_starts_with(rest, operand(run, n, i)->more->text))
            return true;
    return false;
}

static int contains_any(struct graph_run *run, const struct graph_node *n)
{
    struct expr_text t = text(run, operand(run, n, 0));
    const bool *starts = n->more->starts;

    for (size_t i = 0; i < t.length; i++)
        if (starts[(unsigned char)t.data[i]] && begins_one(run, n, (struct expr_text){t.data + i, t.length - i}))
            return YES;
    return NO;
}

static int reckon_any(struct graph_run *run, const struct graph_node *n)
{
    int rows = (int)run->groups[n->index].count, before = run->row, known = NO;

    for (run->row = 0; known == NO && run->row < rows; run->row++)
        known = truth(run, operands_of(run, n)->node);
    run->row = before;
    return known;
}

static int opposite(int known)
{
    return known == FAILED ? FAILED : told(known == NO);
}

static int always(struct graph_run *run, const struct graph_node *n)
{
    (void)run;
    (void)n;
    return YES;
}

static int reckon_present(struct graph_run *run, const struct graph_node *n)
{
    return told(cell(run, n)->present);
}

static int reckon_not(struct graph_run *run, const struct graph_node *n)
{
    return opposite(truth(run, operands_of(run, n)->node));
}

static int reckon_and(struct graph_run *run, const struct graph_node *n)
{
    return reckon_chain(run, n, YES);
}

static int reckon_or(struct graph_run *run, const struct graph_node *n)
{
    return reckon_chain(run, n, NO);
}

static int reckon_check(struct graph_run *run, const struct graph_node *n)
{
    return told(check(run, n, NULL));
}

static int (*const reckoners[G_ANY + 1])(struct graph_run *, const struct graph_node *) = {[G_TRUE] = always,
                                                                                           [G_PRESENT] = reckon_present,
                                                                                           [G_NOT] = reckon_not,
                                                                                           [G_AND] = reckon_and,
                                                                                           [G_OR] = reckon_or,
                                                                                           [G_IF] = reckon_if,
                                                                                           [G_LIMIT] = compare_limit,
                                                                                           [G_NUMBERS] = compare_numbers,
                                                                                           [G_SUM] = compare_sum,
                                                                                           [G_TEXTS] = reckon_texts,
                                                                                           [G_DATES] = compare_dates,
                                                                                           [G_FLAGS] = compare_flags,
                                                                                           [G_HAS] = reckon_texts,
                                                                                           [G_CONTAINS] = reckon_texts,
                                                                                           [G_CONTAINS_ANY] = contains_any,
                                                                                           [G_STARTS] = reckon_texts,
                                                                                           [G_WITHIN] = reckon_texts,
                                                                                           [G_VALID] = reckon_check,
                                                                                           [G_ANY] = reckon_any};

static bool reckon_sum(struct graph_run *run, const struct graph_node *n, struct decimal *out)
{
    const struct graph_operand *o = operands_of(run, n);
    bool ok = number(run, &run->nodes[o->node], out);
    struct decimal next;

    for (int i = 1; ok && i < n->count; i++) {
        if (!number(run, &run->nodes[o[i].node], &next))
            return false;
        ok = o[i].minus ? decimal_sub(*out, next, out) : decimal_add(*out, next, out);
    }
    return ok;
}

static bool reckon_product(struct graph_run *run, const struct graph_node *n, struct decimal *out)
{
    const struct graph_operand *o = operands_of(run, n);
    bool ok = number(run, &run->nodes[o->node], out);
    struct decimal next;

    for (int i = 1; ok && i < n->count; i++)
        ok = number(run, &run->nodes[o[i].node], &next) && decimal_mul(*out, next, out);
    return ok;
}

static bool reckon_extreme(struct graph_run *run, const struct graph_node *n, enum token_kind better, struct decimal *out)
{
    bool ok = number(run, operand(run, n, 0), out);
    struct decimal next;

    for (int i = 1; ok && i < n->count; i++) {
        ok = number(run, operand(run, n, i), &next);
        if (ok && expr_holds(better, decimal_compare(next, *out)))
            *out = next;
    }
    return ok;
}

static bool reckon_rounded(struct graph_run *run, const struct graph_node *n, struct decimal *out)
{
    struct decimal a, digits;

    return number(run, operand(run, n, 0), &a) && number(run, operand(run, n, 1), &digits) && expr_round(a, digits, out);
}

/* The sum over a group's rows; of none it is 0. */
static bool reckon_total(struct graph_run *run, const struct graph_node *n, struct decimal *out)
{
    int rows = (int)run->groups[n->index].count, before = run->row;
    struct decimal next;
    bool ok = true;

    *out = (struct decimal){0, 0};
    for (run->row = 0; ok && run->row < rows; run->row++) {
        int wanted = is_summed(run, n);

        if (wanted != NO)
            ok = wanted == YES && number(run, operand(run, n, 0), &next) && decimal_add(*out, next, out);
    }
    run->row = before;
    return ok;
}

static bool whole(int number, struct decimal *out)
{
    *out = (struct decimal){number, 0};
    return true;
}

static bool reckon_anew(struct graph_run *run, const struct graph_node *n, struct decimal *out)
{
    switch (n->op) {
    case G_ADD: return reckon_sum(run, n, out);
    case G_MULTIPLY: return reckon_product(run, n, out);
    case G_NEGATIVE: return number(run, operand(run, n, 0), out) && decimal_neg(*out, out);
    case G_ABSOLUTE: return number(run, operand(run, n, 0), out) && decimal_abs(*out, out);
    case G_MIN: return reckon_extreme(run, n, T_LT, out);
    case G_MAX: return reckon_extreme(run, n, T_GT, out);
    case G_ROUND: return reckon_rounded(run, n, out);
    case G_YEAR: return whole(date(run, operand(run, n, 0)) / 10000, out);
    case G_MONTH: return whole(date(run, operand(run, n, 0)) / 100 % 100, out);
    case G_DAY: return whole(date(run, operand(run, n, 0)) % 100, out);
    default: return reckon_total(run, n, out);
    }
}

static bool reckon_number(struct graph_run *run, const struct graph_node *n, struct decimal *out)
{
    uint8_t *known = &run->known[n - run->nodes];

    if (n->kept < 0)
        return reckon_anew(run, n, out);
    if (*known == OPEN) {
        *known = reckon_anew(run, n, out) ? YES : FAILED;
        run->numbers[n->kept] = *out;
    } else if (*known == YES)
        *out = run->numbers[n->kept];
    return *known == YES;
}

/* The text's number among those that the field is compared with, 0 where it is none of them. */
static int64_t number_word(const struct graph *graph, const struct graph_cell *c, const struct value *v)
{
    struct expr_text t = {v->present ? v->text : "", v->present ? strlen(v->text) : 0};
    int at = c->words;

    while (at >= 0 && !expr_same_text(graph->words[at].text, t))
        at = graph->words[at].next;
    return at + 1;
}

static void read_cell(struct graph_run *run, int at)
{
    const struct graph_cell *c = &run->graph->cells[at];
    const struct value *v = &run->values[c->slot];
    int64_t number = v->present ? v->number : 0; /* of a text of no meaning */

    switch (c->kind) {
    case CELL_NUMBER: break;
    case CELL_SIZE: keep(run, at, absolute(number)); return;
    case CELL_PRESENT: number = v->present; break;
    case CELL_WORD: number = number_word(run->graph, c, v); break;
    case CELL_YEAR: number /= 10000; break;
    case CELL_MONTH: number = number / 100 % 100; break;
    case CELL_DAY: number %= 100; break;
    default: number = 1;
    }
    run->narrow[at] = number;
}

static void tell_limits(struct graph_run *run)
{
    const struct graph_limit *l = run->graph->limits, *end = l + run->graph->limit_count;
    const int64_t *cells = run->narrow;
    uint8_t *known = run->known;

    for (; l < end; l++) {
        bool inside = (uint64_t)cells[l->cell] - (uint64_t)l->least <= l->span;

        known[l->node] = (uint8_t)told(inside != l->outside);
    }
}

/* Of a block of rules those that are about such a certificate, and that no limit rules out. */
static void find_open(struct graph_run *run, int block, bool corrects)
{
    const int *bars = run->graph->bars, *end = bars + run->graph->bar_count;
    const struct graph_bar *bar = &run->graph->barred[(size_t)block * (size_t)run->graph->bar_count];
    struct graph_block open = run->graph->about[corrects][block];
    const uint8_t *known = run->known;

    for (; bars < end; bars++, bar++)
        for (int w = 0; w < BLOCK_WORDS; w++)
            open.rules[w] &= bar->by[known[*bars] == YES].rules[w];
    run->open[block] = open;
}

bool graph_start(struct graph_run *run, const struct graph *graph, const struct value *values, const struct rows *groups,
                 const struct expr_data *data, bool corrects, struct arena *arena)
{
    size_t numbers = (size_t)graph->cell_count + (size_t)graph->atom_count + 1, nodes = (size_t)graph->node_count + 1;

    *run = (struct graph_run){.graph = graph, .nodes = graph->nodes, .values = values, .groups = groups, .data = data};
    run->known = arena_alloc(arena, nodes);
    run->widths = arena_take(arena, numbers);
    run->narrow = arena_take(arena, numbers * sizeof *run->narrow);
    run->wide = arena_take(arena, numbers * sizeof *run->wide);
    run->numbers = arena_take(arena, ((size_t)graph->kept_count + 1) * sizeof *run->numbers);
    run->open = arena_take(arena, ((size_t)graph->block_count + 1) * sizeof *run->open);
    if (!run->known || !run->widths || !run->narrow || !run->wide || !run->numbers || !run->open)
        return false;
    memset(run->widths, NARROW, (size_t)graph->cell_count);
    for (int i = 0; i < graph->cell_count; i++)
        read_cell(run, i);
    tell_limits(run);
    reckon_atoms(run);
    for (int i = 0; i < graph->block_count; i++)
        find_open(run, i, corrects);
    return true;
}

/* Whether what is the same for each row, limits aside, does not rule it out. */
static inline bool stays_open(struct graph_run *run, const struct graph_rule *r)
{
    const struct graph_need *need = run->graph->needs + r->asked, *behind = need + r->asks;

    for (; need < behind; need++)
        if (truth(run, need->node) == need->unless)
            return false;
    return true;
}

size_t graph_next(struct graph_run *run, size_t rule)
{
    size_t count = (size_t)run->graph->rule_count;

    for (; rule < count; rule = (rule | 63) + 1) {
        uint64_t open = run->open[rule / BLOCK_RULES].rules[rule % BLOCK_RULES / 64] >> rule % 64 << rule % 64;
        const struct graph_rule *rules = &run->graph->rules[rule & ~(size_t)63];

        for (; open; open &= open - 1)
            if (stays_open(run, &rules[__builtin_ctzll(open)]))
                return (rule & ~(size_t)63) + (size_t)__builtin_ctzll(open);
    }
    return count;
}

bool graph_holds(struct graph_run *run, size_t rule, int row)
{
    const struct graph_rule *r = &run->graph->rules[rule];
    const struct graph_need *need = &run->graph->needs[r->first], *behind = need + r->count;

    run->row = row;
    for (; need < behind; need++) {
        int known = truth(run, need->node);

        if (known == need->unless || known == FAILED)
            return known != FAILED;
    }
    return false;
}
