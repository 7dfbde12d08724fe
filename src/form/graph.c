/* The trees of a form's rules and terms into one graph. */
#include "form/graph.h"

#include <stdlib.h>
#include <string.h>

#include "form/graph_nodes.h"

#define ASKED_ONCE (-2)

struct builder {
    const struct template *t;
    struct graph *g;
    int *terms;   /* each one's node */
    int *made;    /* by node of the tree in hand: that of the graph */
    int *table;   /* nodes by hash, and one more; 0 is a free place */
    size_t slots; /* of the table, a power of two */
};

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
    return hash ^ hash >> 29;
}

static uint64_t hash_of(const struct builder *b, const struct graph_node *n)
{
    uint64_t hash = mix(mix(n->op, n->compare), (uint64_t)n->index);

    hash = mix(mix(hash, (uint64_t)n->group), (uint64_t)n->count);
    for (int i = 0; i < n->count; i++)
        hash = mix(hash, (uint64_t)b->g->operands[n->first + i].node * 2 + b->g->operands[n->first + i].minus);
    if (n->op == G_CONSTANT)
        hash = mix(mix(hash, (uint64_t)n->more->number.m), (uint64_t)n->more->number.scale);
    if (n->op == G_LIMIT)
        hash = mix(hash, (uint64_t)n->limit);
    for (size_t i = 0; n->op == G_TEXT && i < n->more->text.length; i++)
        hash = mix(hash, (unsigned char)n->more->text.data[i]);
    return hash;
}

static bool same_node(const struct builder *b, const struct graph_node *x, const struct graph_node *y)
{
    if (x->op != y->op || x->compare != y->compare || x->index != y->index || x->group != y->group || x->count != y->count)
        return false;
    for (int i = 0; i < x->count; i++) {
        const struct graph_operand *p = &b->g->operands[x->first + i], *q = &b->g->operands[y->first + i];

        if (p->node != q->node || p->minus != q->minus)
            return false;
    }
    if (x->op == G_CONSTANT)
        return x->more->number.m == y->more->number.m && x->more->number.scale == y->more->number.scale;
    if (x->op == G_LIMIT)
        return x->limit == y->limit;
    return x->op != G_TEXT
           || (x->more->text.length == y->more->text.length && memcmp(x->more->text.data, y->more->text.data, x->more->text.length) == 0);
}

static bool has_more(const struct graph_node *n)
{
    return n->op == G_CONSTANT || n->op == G_TEXT || n->op == G_CONTAINS_ANY;
}

/* The node that is the same as this one, or a new one. Its operands, where it has some, are the last ones, and so is what few have: a second
 * time they are given up. */
static int put(struct builder *b, struct graph_node n)
{
    struct graph *g = b->g;
    size_t at = hash_of(b, &n) & (b->slots - 1);

    for (; b->table[at]; at = (at + 1) & (b->slots - 1)) {
        if (!same_node(b, &g->nodes[b->table[at] - 1], &n))
            continue;
        g->operand_count -= n.count;
        g->more_count -= has_more(&n);
        return b->table[at] - 1;
    }
    n.kept = -1;
    for (int i = 0; i < n.count; i++)
        n.by_row |= g->nodes[g->operands[n.first + i].node].by_row;
    if (n.op == G_ANY || n.op == G_TOTAL)
        n.by_row = false;
    g->nodes[g->node_count] = n;
    b->table[at] = ++g->node_count;
    return g->node_count - 1;
}

static void add_operand(struct builder *b, struct graph_node *n, int node, bool minus)
{
    b->g->operands[b->g->operand_count++] = (struct graph_operand){node, minus};
    n->count++;
}

static struct graph_node node_of(const struct builder *b, enum graph_op op)
{
    return (struct graph_node){.op = (uint8_t)op, .group = -1, .first = b->g->operand_count};
}

/* One of the kinds that have more than the others. */
static struct graph_node large_of(struct builder *b, enum graph_op op)
{
    struct graph_node n = node_of(b, op);

    n.more = &b->g->more[b->g->more_count++];
    memset(n.more, 0, sizeof *n.more);
    return n;
}

static int put_constant(struct builder *b, struct decimal number)
{
    struct graph_node n = large_of(b, G_CONSTANT);

    n.more->number = number;
    n.more->small = (struct graph_small){(int64_t)number.m, number.m == (int64_t)number.m ? number.scale : -1};
    return put(b, n);
}

static bool is_constant(const struct builder *b, int node)
{
    return b->g->nodes[node].op == G_CONSTANT;
}

static int put_field(struct builder *b, int slot, bool presence)
{
    static const uint8_t ops[] = {[EXPR_NUMBER] = G_AMOUNT, [EXPR_TEXT] = G_FIELD_TEXT, [EXPR_DATE] = G_DATE, [EXPR_BOOL] = G_FLAG};
    const struct field *f = &b->t->fields[slot];
    struct graph_node n = node_of(b, presence ? G_PRESENT : ops[f->expr_type]);

    n.index = slot;
    n.digits = (int8_t)f->digits;
    if (f->group >= 0) {
        n.group = (int16_t)f->group;
        n.index = slot - (int)b->t->groups[f->group].first;
        n.width = (uint16_t)b->t->groups[f->group].count;
        n.by_row = true;
    }
    return put(b, n);
}

/* A field, a parameter or a term. The last two are always present. */
static int put_slot(struct builder *b, int slot, bool presence)
{
    size_t fields = b->t->field_count, parameters = b->t->parameter_count;

    if ((size_t)slot < fields)
        return put_field(b, slot, presence);
    if (presence)
        return put(b, node_of(b, G_TRUE));
    if ((size_t)slot < fields + parameters)
        return put_constant(b, b->t->parameters[(size_t)slot - fields].value);
    return b->terms[(size_t)slot - fields - parameters];
}

static bool join_constants(const struct graph_node *a, const struct graph_node *b, enum token_kind join, struct decimal *out)
{
    if (join == T_PLUS)
        return decimal_add(a->more->number, b->more->number, out);
    return join == T_MINUS ? decimal_sub(a->more->number, b->more->number, out) : decimal_mul(a->more->number, b->more->number, out);
}

/* A sum or product, from left to right: as long as all so far is constant it is reckoned here. */
static int put_numbers(struct builder *b, const struct expr *e, const struct expr_node *tree)
{
    const struct expr_node *operand = &e->nodes[tree->first];
    int first = b->made[tree->first];
    struct graph_node n;
    struct decimal folded;

    while (operand->next >= 0 && is_constant(b, first) && is_constant(b, b->made[operand->next])
           && join_constants(&b->g->nodes[first], &b->g->nodes[b->made[operand->next]], e->nodes[operand->next].join, &folded)) {
        first = put_constant(b, folded);
        operand = &e->nodes[operand->next];
    }
    if (operand->next < 0)
        return first;
    n = node_of(b, e->nodes[operand->next].join == T_TIMES ? G_MULTIPLY : G_ADD);
    add_operand(b, &n, first, false);
    for (int at = operand->next; at >= 0; at = e->nodes[at].next)
        add_operand(b, &n, b->made[at], e->nodes[at].join == T_MINUS);
    return put(b, n);
}

/* Whether the node looks for a constant in a text; which, and in which text. */
static bool looks_for(const struct builder *b, int node, int *text, int *part)
{
    const struct graph_node *n = &b->g->nodes[node];

    if (n->op != G_CONTAINS)
        return false;
    *text = b->g->operands[n->first].node;
    *part = b->g->operands[n->first + 1].node;
    return b->g->nodes[*part].op == G_TEXT && b->g->nodes[*part].more->text.length > 0;
}

/* contains of one text several times in a row, joined by or: the text is gone through once. *at: the first; moved to the last. */
static int put_contains(struct builder *b, const struct expr *e, int *at)
{
    struct graph_node n;
    int text, part, other, next;

    if (!looks_for(b, b->made[*at], &text, &part))
        return b->made[*at];
    n = large_of(b, G_CONTAINS_ANY);
    add_operand(b, &n, text, false);
    add_operand(b, &n, part, false);
    while ((next = e->nodes[*at].next) >= 0 && looks_for(b, b->made[next], &other, &part) && other == text) {
        add_operand(b, &n, part, false);
        *at = next;
    }
    for (int i = 1; i < n.count; i++) {
        unsigned char c = (unsigned char)b->g->nodes[b->g->operands[n.first + i].node].more->text.data[0];

        n.more->starts[c / 64] |= (uint64_t)1 << c % 64;
    }
    return put(b, n);
}

static int put_truths(struct builder *b, const struct expr *e, const struct expr_node *tree)
{
    bool either = e->nodes[e->nodes[tree->first].next].join == T_OR;
    struct graph_node n;

    for (int at = tree->first; either && at >= 0; at = e->nodes[at].next) {
        int first = at, joined = put_contains(b, e, &at);

        for (int i = first; i != e->nodes[at].next; i = e->nodes[i].next)
            b->made[i] = joined;
    }
    n = node_of(b, either ? G_OR : G_AND);
    for (int at = tree->first; at >= 0; at = e->nodes[at].next)
        if (n.count == 0 || b->g->operands[b->g->operand_count - 1].node != b->made[at])
            add_operand(b, &n, b->made[at], false);
    return put(b, n);
}

/* What the node is made of, in order. */
static int put_plain(struct builder *b, const struct expr *e, const struct expr_node *tree, enum graph_op op, int first)
{
    struct graph_node n = node_of(b, op);

    n.compare = op == G_NUMBERS || op == G_TEXTS || op == G_DATES || op == G_FLAGS ? (uint8_t)tree->op : 0;
    n.index = op == G_VALID || op == G_NORM || op == G_ANY || op == G_TOTAL ? tree->index : 0;
    for (int at = first; at >= 0; at = e->nodes[at].next)
        add_operand(b, &n, b->made[at], false);
    return put(b, n);
}

/* The constant in so many digits. False where it has more, or is too large. */
static bool in_digits(struct decimal number, int digits, int64_t *out)
{
    return number.scale <= digits && decimal_units(number, digits, out);
}

/* A field against a constant is what rules ask most. */
static bool put_limit(struct builder *b, const struct expr_node *tree, int left, int right, int *made)
{
    const struct graph_node *field = &b->g->nodes[left];
    struct graph_node n = *field;

    if (field->op != G_AMOUNT || !is_constant(b, right) || !in_digits(b->g->nodes[right].more->number, field->digits, &n.limit))
        return false;
    n.op = G_LIMIT;
    n.compare = (uint8_t)tree->op;
    n.first = b->g->operand_count;
    *made = put(b, n);
    return true;
}

static int put_compare(struct builder *b, const struct expr *e, const struct expr_node *tree)
{
    static const enum graph_op ops[] = {[EXPR_NUMBER] = G_NUMBERS, [EXPR_TEXT] = G_TEXTS, [EXPR_DATE] = G_DATES, [EXPR_BOOL] = G_FLAGS};

    int made;

    if (put_limit(b, tree, b->made[tree->first], b->made[e->nodes[tree->first].next], &made))
        return made;
    return put_plain(b, e, tree, ops[e->nodes[tree->first].type], tree->first);
}

/* A text, and the variant behind the check's name. */
static int put_check(struct builder *b, const struct expr *e, const struct expr_node *tree)
{
    struct graph_node n = node_of(b, tree->kind == N_VALID ? G_VALID : G_NORM);
    int variant = e->nodes[e->nodes[tree->first].next].next;

    n.index = tree->index;
    add_operand(b, &n, b->made[tree->first], false);
    if (variant >= 0)
        add_operand(b, &n, b->made[variant], false);
    return put(b, n);
}

static int put_negative(struct builder *b, const struct expr *e, const struct expr_node *tree)
{
    struct decimal number;

    if (is_constant(b, b->made[tree->first]) && decimal_neg(b->g->nodes[b->made[tree->first]].more->number, &number))
        return put_constant(b, number);
    return put_plain(b, e, tree, G_NEGATIVE, tree->first);
}

static int put_text(struct builder *b, const struct expr_node *tree)
{
    struct graph_node n = large_of(b, G_TEXT);

    n.more->text = tree->text;
    return put(b, n);
}

/* A node whose operands are made. */
static int put_tree(struct builder *b, const struct expr *e, const struct expr_node *tree)
{
    static const uint8_t ops[] = {[N_IF] = G_IF,     [N_NOT] = G_NOT,           [N_SUM] = G_ADD,       [N_MIN] = G_MIN,
                                  [N_MAX] = G_MAX,   [N_ABS] = G_ABSOLUTE,      [N_ROUND] = G_ROUND,   [N_HAS] = G_HAS,
                                  [N_YEAR] = G_YEAR, [N_CONTAINS] = G_CONTAINS, [N_STARTS] = G_STARTS, [N_MONTH] = G_MONTH,
                                  [N_DAY] = G_DAY,   [N_WITHIN] = G_WITHIN,     [N_ANY] = G_ANY,       [N_TOTAL] = G_TOTAL};

    switch (tree->kind) {
    case N_NUMBER: return put_constant(b, tree->number);
    case N_TEXT: return put_text(b, tree);
    case N_SLOT: return put_slot(b, tree->index, false);
    case N_PRESENT: return put_slot(b, e->nodes[tree->first].index, true);
    case N_CHAIN: return tree->type == EXPR_BOOL ? put_truths(b, e, tree) : put_numbers(b, e, tree);
    case N_COMPARE: return put_compare(b, e, tree);
    case N_NEG: return put_negative(b, e, tree);
    case N_VALID:
    case N_NORM: return put_check(b, e, tree);
    case N_ANY:
    case N_TOTAL: return put_plain(b, e, tree, ops[tree->kind], e->nodes[tree->first].next); /* behind the group's name */
    default: return put_plain(b, e, tree, ops[tree->kind], tree->first);
    }
}

static void build_from(struct builder *b, const struct expr *e, int at)
{
    for (int operand = e->nodes[at].first; operand >= 0; operand = e->nodes[operand].next)
        build_from(b, e, operand);
    b->made[at] = put_tree(b, e, &e->nodes[at]);
}

static int build(struct builder *b, const struct expr *e)
{
    if (!e)
        return -1;
    build_from(b, e, e->root);
    return b->made[e->root];
}

/* Conditions that are joined by and are told one by one: most rules do not apply by their first. */
static struct graph_rule build_condition(struct builder *b, const struct rule *rule)
{
    struct graph_rule made = {.assertion = -1};
    int when = build(b, rule->when);
    const struct graph_node *n = &b->g->nodes[when < 0 ? 0 : when];

    made.first = b->g->operand_count;
    if (when >= 0 && n->op == G_AND) {
        made.first = n->first;
        made.count = n->count;
    } else if (when >= 0) {
        b->g->operands[b->g->operand_count++] = (struct graph_operand){when, false};
        made.count = 1;
    }
    return made;
}

/* Numbers that several nodes ask for have a place of their own. */
static void keep_numbers(struct graph *g)
{
    for (int i = 0; i < g->operand_count; i++) {
        struct graph_node *n = &g->nodes[g->operands[i].node];

        if (n->op <= G_AMOUNT || n->op > G_TOTAL || n->by_row || n->kept >= 0)
            continue;
        n->kept = n->kept == ASKED_ONCE ? g->kept_count++ : ASKED_ONCE;
    }
}

static int count_nodes(const struct expr *e, int *most)
{
    if (!e)
        return 0;
    if (e->count > *most)
        *most = e->count;
    return e->count;
}

/* Where a cache line begins, one node further at most. */
static struct graph_node *aligned(char *room)
{
    return room ? (void *)(room + (-(uintptr_t)room & 63)) : NULL;
}

static bool find_room(struct builder *b, struct template *t)
{
    int count = 0, most = 0;

    for (size_t i = 0; i < t->term_count; i++)
        count += count_nodes(t->terms[i].e, &most);
    for (size_t i = 0; i < t->rule_count; i++)
        count += count_nodes(t->rules[i].when, &most) + count_nodes(t->rules[i].assertion, &most);
    count *= 2; /* a chain's constants, and what is found in one text, are a node more */
    for (b->slots = 64; b->slots < (size_t)count * 2;)
        b->slots *= 2;
    b->g = arena_alloc(&t->arena, sizeof *b->g);
    b->terms = calloc(t->term_count + 1, sizeof *b->terms);
    b->made = calloc((size_t)most + 1, sizeof *b->made);
    b->table = calloc(b->slots, sizeof *b->table);
    if (!b->g || !b->terms || !b->made || !b->table)
        return false;
    b->g->rules = arena_array(&t->arena, t->rule_count + 1, sizeof *b->g->rules);
    b->g->nodes = aligned(arena_array(&t->arena, (size_t)count + 3, sizeof *b->g->nodes));
    b->g->operands = arena_array(&t->arena, (size_t)count * 2 + t->rule_count + 1, sizeof *b->g->operands);
    b->g->more = arena_array(&t->arena, (size_t)count + 1, sizeof *b->g->more);
    return b->g->rules && b->g->nodes && b->g->operands && b->g->more;
}

struct graph *graph_make(struct template *t)
{
    struct builder b = {.t = t};
    bool ok = find_room(&b, t);

    for (size_t i = 0; ok && i < t->term_count; i++)
        b.terms[i] = build(&b, t->terms[i].e);
    for (size_t i = 0; ok && i < t->rule_count; i++)
        b.g->rules[i] = build_condition(&b, &t->rules[i]);
    for (size_t i = 0; ok && i < t->rule_count; i++) /* apart, since few are asked: conditions stand close together */
        b.g->rules[i].assertion = build(&b, t->rules[i].assertion);
    if (ok)
        keep_numbers(b.g);
    free(b.terms);
    free(b.made);
    free(b.table);
    return ok ? b.g : NULL;
}
