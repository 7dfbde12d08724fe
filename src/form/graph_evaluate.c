/* The graph of a form's rules, for one certificate. */
#include <string.h>

#include "form/expr_reckon.h"
#include "form/graph.h"
#include "form/graph_nodes.h"

/* Each kind of node has a frame of its own: what most need is little. */
#define NOT_INLINE __attribute__((noinline))

static int reckon(struct graph_run *run, int at);
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

static inline int truth(struct graph_run *run, int at)
{
    int known = run->known[at];

    return known != OPEN ? known : reckon(run, at);
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

static i128 reckon_atom(struct graph_run *run, const struct graph_atom *a);

static inline i128 atom(struct graph_run *run, int at)
{
    const struct graph_atom *a = &run->graph->atoms[at];

    if (run->reckoned[at])
        return run->atoms[at];
    run->atoms[at] = reckon_atom(run, a);
    run->reckoned[at] = !a->by_row;
    return run->atoms[at];
}

static inline i128 absolute(i128 number)
{
    return number < 0 ? -number : number;
}

static i128 add_terms(struct graph_run *run, int first, int count)
{
    const struct graph_term *t = &run->graph->terms[first], *end = t + count;
    i128 sum = 0;

    for (; t < end; t++)
        if (t->kind == TERM_CELL)
            sum += (i128)run->cells[t->number] * t->factor;
        else
            sum += (t->kind == TERM_ATOM ? atom(run, t->number) : absolute(run->cells[t->number])) * t->factor;
    return sum;
}

static inline i128 add_up(struct graph_run *run, int at)
{
    const struct graph_sum *s = &run->graph->sums[at];

    return add_terms(run, s->first, s->count);
}

static i128 find_extreme(struct graph_run *run, const struct graph_node *n, int sum)
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

NOT_INLINE static i128 reckon_atom(struct graph_run *run, const struct graph_atom *a)
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

NOT_INLINE static int reckon_chain(struct graph_run *run, const struct graph_node *n, int goes_on)
{
    const struct graph_operand *o = operands_of(run, n);

    for (int i = 0; i < n->count; i++) {
        int known = truth(run, o[i].node);

        if (known != goes_on)
            return known;
    }
    return goes_on;
}

NOT_INLINE static int reckon_if(struct graph_run *run, const struct graph_node *n)
{
    const struct graph_operand *o = operands_of(run, n);
    int condition = truth(run, o[0].node);

    return condition == FAILED ? FAILED : condition == NO ? YES : truth(run, o[1].node);
}

NOT_INLINE static int compare_numbers(struct graph_run *run, const struct graph_node *n)
{
    struct decimal a, b;

    if (!number(run, operand(run, n, 0), &a) || !number(run, operand(run, n, 1), &b))
        return FAILED;
    return told_order(n->holds, decimal_compare(a, b));
}

static int compare_sum(struct graph_run *run, const struct graph_node *n)
{
    i128 sum = add_terms(run, n->first, n->count);

    return told_order(n->holds, (sum > 0) - (sum < 0));
}

/* The value is as many digits, so the two compare as they are; an absent one is 0. */
NOT_INLINE static int compare_limit(const struct graph_run *run, const struct graph_node *n)
{
    const struct value *v = cell(run, n);
    int64_t m = v->present ? v->number : 0;

    return told_order(n->holds, (m > n->limit) - (m < n->limit));
}

NOT_INLINE static int compare_dates(const struct graph_run *run, const struct graph_node *n)
{
    int32_t a = date(run, operand(run, n, 0)), b = date(run, operand(run, n, 1));

    return a == 0 || b == 0 ? YES : told_order(n->holds, (a > b) - (a < b));
}

NOT_INLINE static int compare_flags(struct graph_run *run, const struct graph_node *n)
{
    const struct graph_operand *o = operands_of(run, n);
    int a = truth(run, o[0].node), b = a == FAILED ? FAILED : truth(run, o[1].node);

    return b == FAILED ? FAILED : told_order(n->holds, a != b);
}

/* Of two texts. */
NOT_INLINE static int reckon_texts(struct graph_run *run, const struct graph_node *n)
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

NOT_INLINE static int contains_any(struct graph_run *run, const struct graph_node *n)
{
    struct expr_text t = text(run, operand(run, n, 0));

    for (size_t i = 0; i < t.length; i++)
        if (n->more->starts[(unsigned char)t.data[i]] && begins_one(run, n, (struct expr_text){t.data + i, t.length - i}))
            return YES;
    return NO;
}

NOT_INLINE static int reckon_any(struct graph_run *run, const struct graph_node *n)
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

static int reckon_plain(struct graph_run *run, const struct graph_node *n)
{
    switch (n->op) {
    case G_TRUE: return YES;
    case G_PRESENT: return told(cell(run, n)->present);
    case G_NOT: return opposite(truth(run, operands_of(run, n)->node));
    case G_AND: return reckon_chain(run, n, YES);
    case G_OR: return reckon_chain(run, n, NO);
    case G_IF: return reckon_if(run, n);
    case G_LIMIT: return compare_limit(run, n);
    case G_NUMBERS: return compare_numbers(run, n);
    case G_SUM: return compare_sum(run, n);
    case G_DATES: return compare_dates(run, n);
    case G_FLAGS: return compare_flags(run, n);
    case G_CONTAINS_ANY: return contains_any(run, n);
    case G_VALID: return told(check(run, n, NULL));
    case G_ANY: return reckon_any(run, n);
    default: return reckon_texts(run, n);
    }
}

NOT_INLINE static int reckon(struct graph_run *run, int at)
{
    const struct graph_node *n = &run->nodes[at];
    int known = reckon_plain(run, n);

    if (!n->by_row)
        run->known[at] = (uint8_t)known;
    return known;
}

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

static int64_t read_cell(const struct graph_run *run, const struct graph_cell *c)
{
    const struct value *v = &run->values[c->slot];

    switch (c->kind) {
    case CELL_NUMBER: return v->present ? v->number : 0;
    case CELL_PRESENT: return v->present;
    case CELL_WORD: return number_word(run->graph, c, v);
    default: return 1;
    }
}

static void tell_limits(struct graph_run *run)
{
    const struct graph *graph = run->graph;

    for (int i = 0; i < graph->limit_count; i++) {
        const struct graph_limit *l = &graph->limits[i];
        int64_t m = run->cells[l->cell];

        run->known[l->node] = (uint8_t)told_order(l->holds, (m > l->limit) - (m < l->limit));
    }
}

bool graph_start(struct graph_run *run, const struct graph *graph, const struct value *values, const struct rows *groups,
                 const struct expr_data *data, struct arena *arena)
{
    size_t atoms = (size_t)graph->atom_count + 1, nodes = (size_t)graph->node_count + 1;

    *run = (struct graph_run){.graph = graph, .nodes = graph->nodes, .values = values, .groups = groups, .data = data};
    run->cells = arena_take(arena, ((size_t)graph->cell_count + 1) * sizeof *run->cells);
    run->known = arena_alloc(arena, nodes + atoms);
    run->atoms = arena_take(arena, atoms * sizeof *run->atoms);
    run->numbers = arena_take(arena, ((size_t)graph->kept_count + 1) * sizeof *run->numbers);
    if (!run->cells || !run->known || !run->atoms || !run->numbers)
        return false;
    run->reckoned = run->known + nodes;
    for (int i = 0; i < graph->cell_count; i++)
        run->cells[i] = read_cell(run, &graph->cells[i]);
    tell_limits(run);
    return true;
}

size_t graph_next(struct graph_run *run, size_t rule)
{
    const struct graph_rule *rules = run->graph->rules, *r = rules + rule, *end = rules + run->graph->rule_count;
    const struct graph_need *need = run->graph->needs + r->first, *next;
    const uint8_t *known = run->known; /* all of a rule's time goes here */

    for (; r < end; r++, need = next) {
        const struct graph_need *behind = need + r->guards;

        next = need + r->count;
        while (need < behind && (known[need->node] ? known[need->node] : reckon(run, need->node)) != need->unless)
            need++;
        if (need == behind)
            break;
    }
    return (size_t)(r - rules);
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
