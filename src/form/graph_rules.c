/* A form's rules as what breaks each of them, and what several of them need. */
#include "form/graph_nodes.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define SHARE 16 /* of a step that costs are told in */

struct taker {
    struct graph *g;
    const struct graph_trait *traits;
    int *uses;              /* by node: how many needs are of it */
    struct graph_need *out; /* NULL: they are counted only */
    int count;
    bool claim;
};

/* What must be so for the node to be true, or false: of and, or, not and if, their operands. */
static void take_needs(struct taker *taker, int node, bool truth)
{
    const struct graph_node *n = &taker->g->nodes[node];
    const struct graph_operand *o = &taker->g->operands[n->first];

    if (n->op == G_NOT) {
        take_needs(taker, o->node, !truth);
    } else if (n->op == (truth ? G_AND : G_OR)) {
        for (int i = 0; i < n->count; i++)
            take_needs(taker, o[i].node, truth);
    } else if (n->op == G_IF && !truth) {
        take_needs(taker, o[0].node, true);
        take_needs(taker, o[1].node, false);
    } else {
        if (taker->out)
            taker->out[taker->count] = (struct graph_need){node, truth ? NO : YES, taker->claim};
        taker->uses[node] += taker->out != NULL;
        taker->count++;
    }
}

static void take_rules(struct taker *taker, const int *whens, const int *assertions)
{
    taker->count = 0;
    for (int i = 0; i < taker->g->rule_count; i++) {
        struct graph_rule *rule = &taker->g->rules[i];

        rule->first = taker->count;
        taker->claim = false;
        if (whens[i] >= 0)
            take_needs(taker, whens[i], true);
        taker->claim = true;
        if (assertions[i] >= 0)
            take_needs(taker, assertions[i], false);
        rule->count = taker->count - rule->first;
    }
}

/* What can be told of all rows at once and cannot fail: one of these that is not so is enough, whatever those behind it are. */
static bool is_guard(const struct taker *taker, const struct graph_need *need)
{
    return taker->traits[need->node].sure && !taker->g->nodes[need->node].by_row;
}

/* Whether it is known before rules are asked. */
static bool is_limit(const struct taker *taker, const struct graph_need *need)
{
    const struct graph_node *n = &taker->g->nodes[need->node];

    return n->op == G_LIMIT && n->group < 0;
}

/* The less, the sooner to be asked: limits, then what costs little, shared among those that ask. */
static int rank(const struct taker *taker, const struct graph_need *need)
{
    if (is_limit(taker, need))
        return -1;
    return 2 * (is_guard(taker, need) ? SHARE * taker->traits[need->node].cost / taker->uses[need->node] : INT_MAX / 4) + !need->claim;
}

/* Among neighbours neither of which can fail: what they come to together is the same. */
static void sort_needs(const struct taker *taker, struct graph_rule *rule)
{
    struct graph_need *needs = &taker->out[rule->first];
    int end = rule->first + rule->count;

    for (int i = 1; i < rule->count; i++) {
        struct graph_need moved = needs[i];
        int at = i;

        for (; at > 0 && taker->traits[moved.node].sure && taker->traits[needs[at - 1].node].sure; at--) {
            if (rank(taker, &needs[at - 1]) <= rank(taker, &moved))
                break;
            needs[at] = needs[at - 1];
        }
        needs[at] = moved;
    }
    for (rule->asked = rule->first; rule->asked < end && is_guard(taker, needs) && is_limit(taker, needs); needs++)
        rule->asked++;
    for (; rule->asked + rule->asks < end && is_guard(taker, needs); needs++)
        rule->asks++;
}

/* The bar of each limit that a rule begins with. bars: by node, and one more; 0 is none. */
static void count_bars(struct graph *g, int *bars)
{
    for (int i = 0; i < g->rule_count; i++)
        for (int k = g->rules[i].first; k < g->rules[i].asked; k++) {
            int node = g->needs[k].node;

            if (bars[node] == 0) {
                g->bars[g->bar_count] = node;
                bars[node] = ++g->bar_count;
            }
        }
}

/* Whether the rule is asked of a certificate by itself that is a correction, or none. */
static bool is_about(const struct rule *rule, bool corrects)
{
    if (rule->across != ACROSS_NOT)
        return false;
    if (rule->about != RULE_ALL)
        return (rule->about == RULE_CORRECTION) == corrects;
    return corrects || (rule->compared != COMPARED_CHANGED && rule->compared != COMPARED_ONLY);
}

static void set_bars(struct graph *g, const struct template *t, const int *bars)
{
    memset(g->barred, 0xff, (size_t)g->block_count * (size_t)g->bar_count * sizeof *g->barred);
    for (int i = 0; i < g->rule_count; i++) {
        struct graph_bar *barred = &g->barred[(size_t)(i / BLOCK_RULES) * (size_t)g->bar_count];
        int word = i % BLOCK_RULES / 64;

        for (int corrects = 0; corrects < 2; corrects++)
            if (is_about(&t->rules[i], corrects))
                g->about[corrects][i / BLOCK_RULES].rules[word] |= (uint64_t)1 << i % 64;
        for (int k = g->rules[i].first; k < g->rules[i].asked; k++)
            barred[bars[g->needs[k].node] - 1].by[g->needs[k].unless == YES].rules[word] &= ~((uint64_t)1 << i % 64);
    }
}

/* What rules which limits rule out. False when memory ran out. */
static bool take_bars(struct graph *g, struct template *t)
{
    int *bars = calloc((size_t)g->node_count + 1, sizeof *bars);

    g->bars = arena_array(&t->arena, (size_t)g->limit_count + 1, sizeof *g->bars);
    if (bars && g->bars) {
        count_bars(g, bars);
        g->block_count = (g->rule_count + BLOCK_RULES - 1) / BLOCK_RULES;
        g->barred = arena_array(&t->arena, (size_t)g->block_count * (size_t)g->bar_count + 1, sizeof *g->barred);
        g->about[0] = arena_array(&t->arena, (size_t)g->block_count * 2 + 1, sizeof *g->about[0]);
        g->about[1] = g->about[0] ? g->about[0] + g->block_count : NULL;
    }
    if (g->barred && g->about[0])
        set_bars(g, t, bars);
    free(bars);
    return g->barred && g->about[0];
}

bool graph_take_rules(struct graph *g, const struct graph_trait *traits, struct template *t, const int *whens, const int *assertions)
{
    struct taker taker = {.g = g, .traits = traits, .uses = calloc((size_t)g->node_count + 1, sizeof *taker.uses)};

    g->rule_count = (int)t->rule_count;
    g->rules = arena_array(&t->arena, t->rule_count + 1, sizeof *g->rules);
    if (taker.uses && g->rules) {
        take_rules(&taker, whens, assertions);
        taker.out = g->needs = arena_array(&t->arena, (size_t)taker.count + 1, sizeof *g->needs);
    }
    if (taker.out) {
        take_rules(&taker, whens, assertions);
        for (int i = 0; i < g->rule_count; i++)
            sort_needs(&taker, &g->rules[i]);
    }
    free(taker.uses);
    return taker.out && take_bars(g, t);
}
