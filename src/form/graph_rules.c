/* A form's rules as what breaks each of them, and what several of them need. */
#include "form/graph_nodes.h"

#include <stdlib.h>

struct taker {
    struct graph *g;
    const struct graph_trait *traits;
    struct graph_operand *out; /* NULL: they are counted only */
    int count;
};

/* What costs less goes first, among neighbours neither of which can fail: what they come to together is the same. */
void graph_sort(struct graph_operand *operands, int count, const struct graph_trait *traits)
{
    for (int i = 1; i < count; i++) {
        struct graph_operand moved = operands[i];
        int at = i;

        for (; at > 0 && traits[moved.node].sure && traits[operands[at - 1].node].sure; at--) {
            if (traits[operands[at - 1].node].cost <= traits[moved.node].cost)
                break;
            operands[at] = operands[at - 1];
        }
        operands[at] = moved;
    }
}

/* What must be so for the node to be true, or for its opposite where that is meant: of and, or, not and if, their operands. */
static void take_needs(struct taker *taker, int node, bool minus)
{
    const struct graph_node *n = &taker->g->nodes[node];
    const struct graph_operand *o = &taker->g->operands[n->first];

    if (n->op == G_NOT) {
        take_needs(taker, o->node, !minus);
    } else if (n->op == (minus ? G_OR : G_AND)) {
        for (int i = 0; i < n->count; i++)
            take_needs(taker, o[i].node, minus);
    } else if (n->op == G_IF && minus) {
        take_needs(taker, o[0].node, false);
        take_needs(taker, o[1].node, true);
    } else {
        if (taker->out)
            taker->out[taker->count] = (struct graph_operand){node, minus};
        taker->count++;
    }
}

static void take_rules(struct taker *taker, const int *whens, const int *assertions)
{
    taker->count = 0;
    for (int i = 0; i < taker->g->rule_count; i++) {
        struct graph_rule *rule = &taker->g->rules[i];

        rule->first = taker->count;
        if (whens[i] >= 0)
            take_needs(taker, whens[i], false);
        if (assertions[i] >= 0)
            take_needs(taker, assertions[i], true);
        rule->count = taker->count - rule->first;
    }
}

/* How often each node is needed, and how often its opposite. */
static void count_uses(const struct taker *taker, int *uses)
{
    for (int i = 0; i < taker->count; i++)
        uses[taker->out[i].node * 2 + taker->out[i].minus]++;
}

/* What can be told of all rows at once and cannot fail: one of these that is false is enough, whatever those behind them are. */
static bool is_guard(const struct taker *taker, const struct graph_operand *need)
{
    return taker->traits[need->node].sure && !taker->g->nodes[need->node].by_row;
}

/* Among needs of the same cost that which most rules have comes first: where it is false, it is so for all of them. */
static void sort_needs(const struct taker *taker, struct graph_rule *rule, const int *uses)
{
    struct graph_operand *needs = &taker->out[rule->first];

    graph_sort(needs, rule->count, taker->traits);
    while (rule->guards < rule->count && is_guard(taker, &needs[rule->guards]))
        rule->guards++;
    for (int i = 1; i < rule->guards; i++)
        if (taker->traits[needs[i].node].cost == taker->traits[needs[0].node].cost
            && uses[needs[i].node * 2 + needs[i].minus] > uses[needs[0].node * 2 + needs[0].minus]) {
            struct graph_operand most = needs[i];

            needs[i] = needs[0];
            needs[0] = most;
        }
}

static bool same_guard(const struct taker *taker, const struct graph_rule *a, const struct graph_rule *b)
{
    const struct graph_operand *x = &taker->out[a->first], *y = &taker->out[b->first];

    return a->guards > 0 && b->guards > 0 && x->node == y->node && x->minus == y->minus;
}

/* Rules behind each other that have the same first guard are passed together. */
static void chain_rules(const struct taker *taker)
{
    struct graph_rule *rules = taker->g->rules;

    for (int i = taker->g->rule_count - 1; i >= 0; i--)
        rules[i].next = i + 1 < taker->g->rule_count && same_guard(taker, &rules[i], &rules[i + 1]) ? rules[i + 1].next : i + 1;
}

bool graph_take_rules(struct graph *g, const struct graph_trait *traits, struct template *t, const int *whens, const int *assertions)
{
    struct taker taker = {.g = g, .traits = traits};
    int *uses = calloc((size_t)g->node_count * 2 + 1, sizeof *uses);

    g->rule_count = (int)t->rule_count;
    g->rules = arena_array(&t->arena, t->rule_count + 1, sizeof *g->rules);
    if (uses && g->rules) {
        take_rules(&taker, whens, assertions);
        taker.out = g->needs = arena_array(&t->arena, (size_t)taker.count + 1, sizeof *g->needs);
    }
    if (taker.out) {
        take_rules(&taker, whens, assertions);
        count_uses(&taker, uses);
        for (int i = 0; i < g->rule_count; i++)
            sort_needs(&taker, &g->rules[i], uses);
        chain_rules(&taker);
    }
    free(uses);
    return taker.out != NULL;
}
