/* The trees of a form's rules and terms into one graph. */
#include "form/graph.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "form/graph_nodes.h"

#define ASKED_ONCE (-2)
#define AMOUNT_BITS 63  /* of a field: at most 2^63, as all bits here are meant */
#define NUMBER_BITS 127 /* what has fewer cannot be too large for a decimal */
#define ROWS_BITS 32
#define DATE_BITS 32
#define COST_MAX 10000

/* Bits that so many more decimals take at most: 10 of them for 3 digits. */
static int bits_of_digits(int digits)
{
    return (digits * 10 + 2) / 3;
}

static int bits_of(int64_t number)
{
    uint64_t size = number < 0 ? -(uint64_t)number : (uint64_t)number;

    return size ? 64 - __builtin_clzll(size) : 0;
}

struct builder {
    struct template *t;
    struct graph *g;
    int *terms; /* each one's node */
    int *made;  /* by node of the tree in hand: that of the graph */
    int *cells; /* by field and kind, and one more; 0 is none yet */
    struct graph_trait *traits;
    int *whens, *assertions; /* each rule's node */
    int *table;              /* nodes by hash, and one more; 0 is a free place */
    size_t slots;            /* of the table, a power of two */
    bool failed;             /* memory ran out */
};

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
    return hash ^ hash >> 29;
}

static uint64_t hash_of(const struct builder *b, const struct graph_node *n)
{
    uint64_t hash = mix(mix(n->op, n->holds), (uint64_t)n->index);

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
    if (x->op != y->op || x->holds != y->holds || x->index != y->index || x->group != y->group || x->count != y->count)
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

/* The operands of one scale: that of the one with the most digits. */
static void align(const struct builder *b, struct graph_node *n, struct graph_trait *trait)
{
    const struct graph_operand *o = &b->g->operands[n->first];
    int least = INT8_MAX, most = 0;

    for (int i = 0; i < n->count; i++) {
        int scale = b->g->nodes[o[i].node].scale;

        least = scale < least ? scale : least;
        most = scale > most ? scale : most;
    }
    n->scale = (int8_t)(least < 0 ? -1 : most);
    for (int i = 0; n->scale >= 0 && i < n->count; i++) {
        int bits = b->traits[o[i].node].bits + bits_of_digits(most - b->g->nodes[o[i].node].scale);

        trait->bits = bits > trait->bits ? bits : trait->bits;
    }
    trait->bits += n->count;
}

static void weigh_product(const struct builder *b, struct graph_node *n, struct graph_trait *trait)
{
    int scale = 0;

    for (int i = 0; i < n->count; i++) {
        int node = b->g->operands[n->first + i].node, more = b->g->nodes[node].scale;

        scale = scale < 0 || more < 0 || scale + more > DECIMAL_SCALE_MAX ? -1 : scale + more;
        trait->bits += b->traits[node].bits;
    }
    n->scale = (int8_t)scale;
}

/* Rounded to a constant number of digits, where it has more. */
static void weigh_rounded(const struct builder *b, struct graph_node *n, struct graph_trait *trait)
{
    const struct graph_operand *o = &b->g->operands[n->first];
    const struct graph_node *a = &b->g->nodes[o[0].node], *digits = &b->g->nodes[o[1].node];
    bool known = digits->op == G_CONSTANT && digits->scale == 0 && digits->more->small >= 0 && digits->more->small <= DECIMAL_SCALE_MAX;

    n->scale = (int8_t)(!known || a->scale < 0 ? -1 : a->scale < digits->more->small ? a->scale : digits->more->small);
    trait->bits = b->traits[o[0].node].bits + 1;
}

static void weigh_number(const struct builder *b, struct graph_node *n, struct graph_trait *trait)
{
    switch (n->op) {
    case G_CONSTANT:
        n->scale = (int8_t)(n->more->number.m == n->more->small ? n->more->number.scale : -1);
        trait->bits = bits_of(n->more->small);
        break;
    case G_AMOUNT: trait->bits = AMOUNT_BITS; break;
    case G_MULTIPLY: weigh_product(b, n, trait); break;
    case G_ROUND: weigh_rounded(b, n, trait); break;
    case G_YEAR:
    case G_MONTH:
    case G_DAY: trait->bits = DATE_BITS; break;
    case G_TOTAL:
        n->scale = b->g->nodes[b->g->operands[n->first].node].scale;
        trait->bits = b->traits[b->g->operands[n->first].node].bits + ROWS_BITS;
        break;
    default: align(b, n, trait);
    }
    trait->sure = trait->sure && n->scale >= 0 && trait->bits < NUMBER_BITS;
}

static void weigh(const struct builder *b, struct graph_node *n, struct graph_trait *trait)
{
    static const uint8_t costs[] = {
        [G_DATES] = 2,    [G_TEXTS] = 5,  [G_HAS] = 5,       [G_STARTS] = 5,  [G_NUMBERS] = 5,       [G_ADD] = 5,
        [G_MULTIPLY] = 5, [G_ANY] = 10,   [G_TOTAL] = 10,    [G_MIN] = 5,     [G_MAX] = 5,           [G_ROUND] = 10,
        [G_NORM] = 50,    [G_VALID] = 50, [G_CONTAINS] = 50, [G_WITHIN] = 50, [G_CONTAINS_ANY] = 50, [G_DATE] = 0};

    *trait = (struct graph_trait){.sure = true, .cost = costs[n->op] * (n->count > 1 ? n->count : 1) + n->by_row};
    for (int i = 0; i < n->count; i++) {
        const struct graph_trait *operand = &b->traits[b->g->operands[n->first + i].node];

        trait->sure = trait->sure && operand->sure;
        trait->cost = trait->cost + operand->cost < COST_MAX ? trait->cost + operand->cost : COST_MAX;
    }
    if (n->op == G_NUMBERS) {
        align(b, n, trait);
        trait->bounded = trait->sure && n->scale >= 0 && trait->bits < NUMBER_BITS;
    } else if (n->op >= G_CONSTANT && n->op <= G_TOTAL) {
        weigh_number(b, n, trait);
    }
}

/* What holds of the cell as a range, or what is outside of one. */
static void put_range(struct graph *g, const struct graph_node *n)
{
    struct graph_limit *l = &g->limits[g->limit_count++];
    bool below = n->holds & 1, equal = n->holds & 2, above = n->holds & 4;

    *l = (struct graph_limit){n->limit, 0, g->node_count, (uint16_t)n->index, !equal};
    if (below == above) /* equal, or not */
        return;
    if (below == equal)
        l->least = INT64_MIN; /* up to it; or what is above that */
    l->span = below == equal ? (uint64_t)n->limit - (uint64_t)INT64_MIN : (uint64_t)INT64_MAX - (uint64_t)n->limit;
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
    weigh(b, &n, &b->traits[g->node_count]);
    if (n.op == G_LIMIT && n.group < 0)
        put_range(g, &n);
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
    n.more->small = (int64_t)number.m;
    return put(b, n);
}

static bool is_constant(const struct builder *b, int node)
{
    return b->g->nodes[node].op == G_CONSTANT;
}

int graph_put_cell(struct graph *g, int *cells, enum graph_cell_kind kind, int slot)
{
    int *cell = &cells[(size_t)slot * CELL_KINDS + kind];

    if (*cell == 0) {
        g->cells[g->cell_count] = (struct graph_cell){kind, slot, -1};
        *cell = ++g->cell_count;
    }
    return *cell - 1;
}

bool graph_find_cell(const struct graph *g, const struct graph_node *n, enum graph_cell_kind *kind, int *slot)
{
    static const enum graph_cell_kind kinds[] = {
        [G_AMOUNT] = CELL_NUMBER, [G_YEAR] = CELL_YEAR, [G_MONTH] = CELL_MONTH, [G_DAY] = CELL_DAY};
    bool part = n->op == G_YEAR || n->op == G_MONTH || n->op == G_DAY;
    const struct graph_node *field = part ? &g->nodes[g->operands[n->first].node] : n;

    if ((!part && n->op != G_AMOUNT) || field->group >= 0)
        return false;
    *kind = kinds[n->op];
    *slot = field->index;
    return true;
}

/* A field outside of groups against a constant. */
static int put_limit(struct builder *b, enum graph_cell_kind kind, int slot, uint8_t holds, int64_t limit)
{
    struct graph_node n = node_of(b, G_LIMIT);

    n.index = graph_put_cell(b->g, b->cells, kind, slot);
    n.holds = holds;
    n.limit = limit;
    return put(b, n);
}

static int put_value(struct builder *b, int slot, bool presence)
{
    static const uint8_t ops[] = {[EXPR_NUMBER] = G_AMOUNT, [EXPR_TEXT] = G_FIELD_TEXT, [EXPR_DATE] = G_DATE, [EXPR_BOOL] = G_LIMIT};
    const struct field *f = &b->t->fields[slot];
    struct graph_node n = node_of(b, presence ? G_PRESENT : ops[f->expr_type]);

    n.scale = (int8_t)(n.op == G_AMOUNT ? f->digits : 0);
    n.index = slot;
    if (n.op == G_LIMIT)
        n.holds = graph_holds_of(T_NE);
    if (f->group >= 0) {
        n.group = (int16_t)f->group;
        n.index = slot - (int)b->t->groups[f->group].first;
        n.width = (uint16_t)b->t->groups[f->group].count;
        n.by_row = true;
    }
    return put(b, n);
}

static int put_field(struct builder *b, int slot, bool presence)
{
    const struct field *f = &b->t->fields[slot];

    if (f->group < 0 && (presence || f->expr_type == EXPR_BOOL))
        return put_limit(b, presence ? CELL_PRESENT : CELL_NUMBER, slot, graph_holds_of(T_NE), 0);
    return put_value(b, slot, presence);
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
    n.more->starts = arena_alloc(&b->t->arena, UCHAR_MAX + 1);
    b->failed |= !n.more->starts;
    while ((next = e->nodes[*at].next) >= 0 && looks_for(b, b->made[next], &other, &part) && other == text) {
        add_operand(b, &n, part, false);
        *at = next;
    }
    for (int i = 1; n.more->starts && i < n.count; i++)
        n.more->starts[(unsigned char)b->g->nodes[b->g->operands[n.first + i].node].more->text.data[0]] = true;
    return put(b, n);
}

/* What costs less goes first, among neighbours neither of which can fail: what they come to together is the same. */
static void sort_operands(const struct builder *b, const struct graph_node *n)
{
    struct graph_operand *o = &b->g->operands[n->first];

    for (int i = 1; i < n->count; i++) {
        struct graph_operand moved = o[i];
        int at = i;

        for (; at > 0 && b->traits[moved.node].sure && b->traits[o[at - 1].node].sure; at--) {
            if (b->traits[o[at - 1].node].cost <= b->traits[moved.node].cost)
                break;
            o[at] = o[at - 1];
        }
        o[at] = moved;
    }
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
    sort_operands(b, &n);
    return put(b, n);
}

/* What the node is made of, in order. */
static int put_plain(struct builder *b, const struct expr *e, const struct expr_node *tree, enum graph_op op, int first)
{
    struct graph_node n = node_of(b, op);

    n.holds = op == G_NUMBERS || op == G_TEXTS || op == G_DATES || op == G_FLAGS ? graph_holds_of(tree->op) : 0;
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

/* A number against a constant that has no more digits. */
static bool put_number_limit(struct builder *b, const struct graph_node *number, const struct graph_node *constant, uint8_t holds,
                             int *made)
{
    struct graph_node n = *number;
    enum graph_cell_kind kind;
    int slot;

    if (constant->op != G_CONSTANT || !in_digits(constant->more->number, number->scale, &n.limit))
        return false;
    if (graph_find_cell(b->g, number, &kind, &slot)) {
        *made = put_limit(b, kind, slot, holds, n.limit);
        return true;
    }
    if (number->op != G_AMOUNT)
        return false;
    n.op = G_LIMIT;
    n.holds = holds;
    n.scale = 0;
    n.first = b->g->operand_count;
    *made = put(b, n);
    return true;
}

/* The number of a text that a cell is compared with. */
static int put_word(struct builder *b, struct graph_cell *cell, struct expr_text text)
{
    for (int i = cell->words; i >= 0; i = b->g->words[i].next)
        if (expr_same_text(b->g->words[i].text, text))
            return i + 1;
    b->g->words[b->g->word_count] = (struct graph_word){text, cell->words};
    cell->words = b->g->word_count++;
    return b->g->word_count;
}

/* A field against a constant is what rules ask most. */
static bool put_field_limit(struct builder *b, int left, int right, uint8_t holds, int *made)
{
    const struct graph_node *field = &b->g->nodes[left], *constant = &b->g->nodes[right];
    int cell;

    if (field->op == G_AMOUNT || field->op == G_YEAR || field->op == G_MONTH || field->op == G_DAY)
        return put_number_limit(b, field, constant, holds, made);
    if (field->op != G_FIELD_TEXT || field->group >= 0 || constant->op != G_TEXT)
        return false;
    cell = graph_put_cell(b->g, b->cells, CELL_WORD, field->index);
    *made = put_limit(b, CELL_WORD, field->index, holds, put_word(b, &b->g->cells[cell], constant->more->text));
    return true;
}

static int put_compare(struct builder *b, const struct expr *e, const struct expr_node *tree)
{
    static const enum graph_op ops[] = {[EXPR_NUMBER] = G_NUMBERS, [EXPR_TEXT] = G_TEXTS, [EXPR_DATE] = G_DATES, [EXPR_BOOL] = G_FLAGS};
    int made;

    if (put_field_limit(b, b->made[tree->first], b->made[e->nodes[tree->first].next], graph_holds_of(tree->op), &made))
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

static bool find_builder_room(struct builder *b, size_t count, size_t most)
{
    const struct template *t = b->t;

    for (b->slots = 64; b->slots < count * 2;)
        b->slots *= 2;
    b->terms = calloc(t->term_count + 1, sizeof *b->terms);
    b->made = calloc(most + 1, sizeof *b->made);
    b->cells = calloc(t->field_count * CELL_KINDS + 1, sizeof *b->cells);
    b->traits = calloc(count + 1, sizeof *b->traits);
    b->whens = calloc(t->rule_count + 1, sizeof *b->whens);
    b->assertions = calloc(t->rule_count + 1, sizeof *b->assertions);
    b->table = calloc(b->slots, sizeof *b->table);
    return b->terms && b->made && b->cells && b->traits && b->whens && b->assertions && b->table;
}

static bool find_room(struct builder *b, struct template *t)
{
    int nodes = 0, most = 0;
    size_t count;

    for (size_t i = 0; i < t->term_count; i++)
        nodes += count_nodes(t->terms[i].e, &most);
    for (size_t i = 0; i < t->rule_count; i++)
        nodes += count_nodes(t->rules[i].when, &most) + count_nodes(t->rules[i].assertion, &most);
    count = (size_t)nodes * 2; /* a chain's constants, and what is found in one text, are a node more */
    b->g = arena_alloc(&t->arena, sizeof *b->g);
    if (!b->g || !find_builder_room(b, count, (size_t)most))
        return false;
    b->g->nodes = aligned(arena_array(&t->arena, count + 3, sizeof *b->g->nodes));
    b->g->operands = arena_array(&t->arena, count * 2 + 1, sizeof *b->g->operands);
    b->g->more = arena_array(&t->arena, count + 1, sizeof *b->g->more);
    b->g->cells = arena_array(&t->arena, (size_t)nodes + 2, sizeof *b->g->cells);
    b->g->words = arena_array(&t->arena, (size_t)nodes + 1, sizeof *b->g->words);
    b->g->limits = arena_array(&t->arena, (size_t)nodes + 1, sizeof *b->g->limits);
    return b->g->nodes && b->g->operands && b->g->more && b->g->cells && b->g->words && b->g->limits;
}

static void free_builder(struct builder *b)
{
    free(b->terms);
    free(b->made);
    free(b->cells);
    free(b->traits);
    free(b->whens);
    free(b->assertions);
    free(b->table);
}

struct graph *graph_make(struct template *t)
{
    struct builder b = {.t = t};
    bool ok = find_room(&b, t);

    for (size_t i = 0; ok && i < t->term_count; i++)
        b.terms[i] = build(&b, t->terms[i].e);
    for (size_t i = 0; ok && i < t->rule_count; i++)
        b.whens[i] = build(&b, t->rules[i].when);
    for (size_t i = 0; ok && i < t->rule_count; i++) /* apart, since few are asked: conditions stand close together */
        b.assertions[i] = build(&b, t->rules[i].assertion);
    if (ok)
        keep_numbers(b.g);
    ok = ok && !b.failed && graph_take_numbers(b.g, b.traits, t, b.cells) && graph_take_rules(b.g, b.traits, t, b.whens, b.assertions);
    free_builder(&b);
    return ok ? b.g : NULL;
}
