/* The numbers that a form's rules compare, as sums: fields times constants, and times what is no sum. */
#include "form/graph_nodes.h"

#include <stdlib.h>

#define SHORT 2 /* so many terms are added up again by each that asks */

struct maker {
    struct graph *g;
    int *cells; /* see graph_put_cell */
    int *atoms; /* by node, and one more; 0 is not made yet, below 0 cannot be */
};

static const struct graph_node *look_at(const struct maker *m, int node)
{
    return &m->g->nodes[node];
}

static const struct graph_operand *operands_of(const struct maker *m, const struct graph_node *n)
{
    return &m->g->operands[n->first];
}

/* The operand that is no constant, where one at most is none; below 0 where there are more. */
static int find_factor(const struct maker *m, const struct graph_node *n)
{
    int found = 0, count = 0;

    for (int i = 0; i < n->count; i++)
        if (look_at(m, operands_of(m, n)[i].node)->op != G_CONSTANT) {
            found = i;
            count++;
        }
    return count > 1 ? -1 : found;
}

static bool is_sum(const struct maker *m, const struct graph_node *n)
{
    return n->op == G_ADD || n->op == G_NEGATIVE || (n->op == G_MULTIPLY && find_factor(m, n) >= 0);
}

/* Whether a cell holds it: which. */
static bool find_cell(const struct maker *m, const struct graph_node *n, enum graph_cell_kind *kind, int *slot)
{
    bool sized = n->op == G_ABSOLUTE;

    if (!graph_find_cell(m->g, sized ? look_at(m, operands_of(m, n)->node) : n, kind, slot) || (sized && *kind != CELL_NUMBER))
        return false;
    *kind = sized ? CELL_SIZE : *kind;
    return true;
}

static bool is_leaf(const struct maker *m, const struct graph_node *n)
{
    enum graph_cell_kind kind;
    int slot;

    return n->op == G_CONSTANT || find_cell(m, n, &kind, &slot);
}

/* Of how many terms the number is, as far as SHORT tells. */
static int count_terms(const struct maker *m, const struct graph_node *n)
{
    int count = 0, factor = n->op == G_MULTIPLY ? find_factor(m, n) : -1;

    if (!is_sum(m, n))
        return 1;
    if (factor >= 0)
        return count_terms(m, look_at(m, operands_of(m, n)[factor].node));
    for (int i = 0; i < n->count && count <= SHORT; i++)
        count += count_terms(m, look_at(m, operands_of(m, n)[i].node));
    return count;
}

/* What several ask for is reckoned once, by itself, unless there is little to reckon. */
static bool is_taken_in(const struct maker *m, const struct graph_node *n)
{
    return is_sum(m, n) && (n->kept < 0 || count_terms(m, n) <= SHORT);
}

static bool add_term(struct maker *m, struct graph_sum *sum, int number, int64_t factor)
{
    struct graph_term *terms = &m->g->terms[sum->first];

    for (int i = 0; i < sum->count; i++)
        if (terms[i].number == number)
            return !__builtin_add_overflow(terms[i].factor, factor, &terms[i].factor);
    if (sum->first + sum->count == m->g->term_room)
        return false;
    terms[sum->count++] = (struct graph_term){factor, number};
    return true;
}

/* Atoms are counted down from -1 as long as it is not known how many cells there are. */
static void number_atoms(struct graph *g)
{
    for (int i = 0; i < g->term_count; i++)
        if (g->terms[i].number < 0)
            g->terms[i].number = g->cell_count + ~g->terms[i].number;
}

static int put_cell(struct maker *m, enum graph_cell_kind kind, int slot)
{
    return graph_put_cell(m->g, m->cells, kind, slot);
}

static bool multiply_up(int64_t *factor, int digits)
{
    bool fits = true;

    while (fits && digits-- > 0)
        fits = !__builtin_mul_overflow(*factor, 10, factor);
    return fits;
}

static bool collect(struct maker *m, struct graph_sum *sum, int node, int64_t factor);

static bool collect_operands(struct maker *m, struct graph_sum *sum, const struct graph_node *n, int64_t factor)
{
    for (int i = 0; i < n->count; i++) {
        const struct graph_operand *o = &operands_of(m, n)[i];
        int64_t own = o->minus || n->op == G_NEGATIVE ? -factor : factor;

        if (!multiply_up(&own, n->scale - look_at(m, o->node)->scale) || !collect(m, sum, o->node, own))
            return false;
    }
    return true;
}

static bool collect_product(struct maker *m, struct graph_sum *sum, const struct graph_node *n, int64_t factor)
{
    int found = find_factor(m, n);

    for (int i = 0; i < n->count; i++)
        if (i != found && __builtin_mul_overflow(factor, look_at(m, operands_of(m, n)[i].node)->more->small, &factor))
            return false;
    return factor != INT64_MIN && collect(m, sum, operands_of(m, n)[found].node, factor);
}

static bool collect_inner(struct maker *m, struct graph_sum *sum, const struct graph_node *n, int64_t factor)
{
    return n->op == G_MULTIPLY ? collect_product(m, sum, n, factor) : collect_operands(m, sum, n, factor);
}

/* Adds the node's number times a factor, which is not INT64_MIN, to a sum. Its atoms are made. False where a factor is too large. */
static bool collect(struct maker *m, struct graph_sum *sum, int node, int64_t factor)
{
    const struct graph_node *n = look_at(m, node);
    enum graph_cell_kind kind;
    int slot;

    if (n->op == G_CONSTANT)
        return !__builtin_mul_overflow(factor, n->more->small, &factor) && add_term(m, sum, put_cell(m, CELL_ONE, 0), factor);
    if (find_cell(m, n, &kind, &slot))
        return add_term(m, sum, put_cell(m, kind, slot), factor);
    return is_taken_in(m, n) ? collect_inner(m, sum, n, factor) : add_term(m, sum, -m->atoms[node], factor);
}

static void put_fresh_first(const struct maker *m, struct graph_term *terms, struct graph_sum *sum)
{
    for (int i = 0; i < sum->count; i++)
        if (terms[i].number < 0 && m->g->atoms[~terms[i].number].by_row) {
            struct graph_term moved = terms[i];

            terms[i] = terms[sum->fresh];
            terms[sum->fresh++] = moved;
        }
}

/* ok: what was collected is whole. */
static bool put_sum(struct maker *m, struct graph_sum *sum, bool ok)
{
    struct graph *g = m->g;

    if (!ok || g->sum_count == g->sum_room)
        return false;
    put_fresh_first(m, &g->terms[sum->first], sum);
    g->term_count += sum->count;
    g->sums[g->sum_count++] = *sum;
    return true;
}

static bool make_atom(struct maker *m, int node);

/* Makes what is no sum in a number, and what that is made of. */
static bool make_atoms(struct maker *m, int node)
{
    const struct graph_node *n = look_at(m, node);

    if (is_leaf(m, n))
        return true;
    if (!is_taken_in(m, n))
        return make_atom(m, node);
    for (int i = 0; i < n->count; i++)
        if (!make_atoms(m, operands_of(m, n)[i].node))
            return false;
    return true;
}

/* How many of its operands are numbers that it reckons with. */
static int count_numbers(const struct graph_node *n)
{
    switch (n->op) {
    case G_AMOUNT:
    case G_YEAR:
    case G_MONTH:
    case G_DAY: return 0;
    case G_ROUND:
    case G_TOTAL: return 1;
    default: return n->count;
    }
}

/* A sum of each operand: in the node's scale, where that is one for all of them. */
static bool make_sums(struct maker *m, const struct graph_node *n)
{
    bool aligned = n->op == G_MIN || n->op == G_MAX;

    for (int i = 0; i < count_numbers(n); i++) {
        struct graph_sum sum = {.first = m->g->term_count};
        int operand = operands_of(m, n)[i].node;
        int64_t factor = 1;
        bool ok = !aligned || multiply_up(&factor, n->scale - look_at(m, operand)->scale);

        if (!put_sum(m, &sum, ok && collect(m, &sum, operand, factor)))
            return false;
    }
    return true;
}

static bool make_atom_sums(struct maker *m, const struct graph_node *n)
{
    struct graph_sum sum = {.first = m->g->term_count};

    return is_sum(m, n) ? put_sum(m, &sum, collect_inner(m, &sum, n, 1)) : make_sums(m, n);
}

static bool make_atom(struct maker *m, int node)
{
    const struct graph_node *n = look_at(m, node);
    struct graph *g = m->g;
    int first;

    if (m->atoms[node] != 0)
        return m->atoms[node] > 0;
    m->atoms[node] = -1;
    for (int i = 0; i < count_numbers(n); i++)
        if (!make_atoms(m, operands_of(m, n)[i].node))
            return false;
    first = g->sum_count;
    if (!make_atom_sums(m, n))
        return false;
    g->atoms[g->atom_count] = (struct graph_atom){node, first, g->sum_count - first, is_sum(m, n) ? G_ADD : n->op, n->by_row};
    m->atoms[node] = ++g->atom_count;
    return true;
}

/* What is on the left less what is on the right. */
static void make_comparison(struct maker *m, struct graph_node *n)
{
    const struct graph_operand *o = operands_of(m, n);
    struct graph_sum sum = {0};
    int64_t left = 1, right = -1;
    bool ok = make_atoms(m, o[0].node) && make_atoms(m, o[1].node) && multiply_up(&left, n->scale - look_at(m, o[0].node)->scale)
              && multiply_up(&right, n->scale - look_at(m, o[1].node)->scale);

    sum.first = m->g->term_count;
    ok = ok && collect(m, &sum, o[0].node, left) && collect(m, &sum, o[1].node, right);
    if (!put_sum(m, &sum, ok))
        return;
    n->op = G_SUM;
    n->first = m->g->sum_count - 1;
    n->count = 0;
}

bool graph_take_numbers(struct graph *g, const struct graph_trait *traits, struct template *t, int *cells)
{
    struct maker m = {g, cells, calloc((size_t)g->node_count + 1, sizeof *m.atoms)};

    g->term_room = 2 * g->operand_count;
    g->sum_room = g->operand_count; /* a sum each at most: two operands are one when they are compared */
    g->terms = arena_array(&t->arena, (size_t)g->term_room + 1, sizeof *g->terms);
    g->sums = arena_array(&t->arena, (size_t)g->sum_room + 1, sizeof *g->sums);
    g->atoms = arena_array(&t->arena, (size_t)g->node_count + 1, sizeof *g->atoms);
    for (int i = 0; m.atoms && g->terms && g->sums && g->atoms && i < g->node_count; i++)
        if (g->nodes[i].op == G_NUMBERS && traits[i].bounded)
            make_comparison(&m, &g->nodes[i]);
    if (g->terms)
        number_atoms(g);
    free(m.atoms);
    return m.atoms && g->terms && g->sums && g->atoms;
}
