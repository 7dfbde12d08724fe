/* The graph of a form's rules, for one certificate. */
#include <string.h>

#include "form/expr_reckon.h"
#include "form/graph.h"
#include "form/graph_nodes.h"

/* Each kind of node has a frame of its own: what most need is little. */
#define NOT_INLINE __attribute__((noinline))

/* What a truth is known to be; a failed number is known as such too. */
enum { OPEN, NO, YES, FAILED };

static int reckon(struct graph_run *run, const struct graph_node *n);
static bool reckon_number(struct graph_run *run, const struct graph_node *n, struct decimal *out);

bool graph_start(struct graph_run *run, const struct graph *graph, const struct value *values, const struct rows *groups,
                 const struct expr_data *data, struct arena *arena)
{
    size_t kept = (size_t)graph->kept_count + 1;

    *run = (struct graph_run){.graph = graph, .nodes = graph->nodes, .values = values, .groups = groups, .data = data};
    run->known = arena_alloc(arena, (size_t)graph->node_count + 1 + kept);
    run->smalls = arena_take(arena, kept * sizeof *run->smalls);
    run->numbers = arena_take(arena, kept * sizeof *run->numbers);
    if (!run->known || !run->smalls || !run->numbers)
        return false;
    run->tried = run->known + graph->node_count + 1;
    return true;
}

static inline int told(bool truth)
{
    return truth ? YES : NO;
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

    return known != OPEN ? known : reckon(run, &run->nodes[at]);
}

static inline const struct value *cell(const struct graph_run *run, const struct graph_node *n)
{
    return n->group < 0 ? &run->values[n->index] : &run->groups[n->group].cells[(size_t)run->row * (size_t)n->width + (size_t)n->index];
}

static inline bool number(struct graph_run *run, const struct graph_node *n, struct decimal *out)
{
    if (n->op == G_AMOUNT) {
        const struct value *v = cell(run, n);

        *out = v->present ? (struct decimal){v->number, n->digits} : (struct decimal){0, 0};
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

static const int64_t powers[DECIMAL_SCALE_MAX + 1] = {1,
                                                      10,
                                                      100,
                                                      1000,
                                                      10000,
                                                      100000,
                                                      1000000,
                                                      10000000,
                                                      100000000,
                                                      1000000000,
                                                      10000000000,
                                                      100000000000,
                                                      1000000000000,
                                                      10000000000000,
                                                      100000000000000,
                                                      1000000000000000,
                                                      10000000000000000,
                                                      100000000000000000,
                                                      1000000000000000000};
static const struct graph_small too_large = {0, -1};

static inline bool rescale(struct graph_small *a, int scale)
{
    if (a->scale >= scale)
        return true;
    if (__builtin_mul_overflow(a->m, powers[scale - a->scale], &a->m))
        return false;
    a->scale = scale;
    return true;
}

/* See decimal_add, decimal_sub and decimal_mul: the same scales, so that what fits here is what they come to. */
static inline struct graph_small add_small(struct graph_small a, struct graph_small b, bool minus)
{
    if (a.scale < 0 || b.scale < 0)
        return too_large;
    if (b.m == 0 && !minus)
        return a;
    if (a.scale != b.scale && (!rescale(&a, b.scale) || !rescale(&b, a.scale)))
        return too_large;
    if (minus ? __builtin_sub_overflow(a.m, b.m, &a.m) : __builtin_add_overflow(a.m, b.m, &a.m))
        return too_large;
    return a;
}

static inline struct graph_small multiply_small(struct graph_small a, struct graph_small b)
{
    if (a.scale < 0 || b.scale < 0 || a.scale + b.scale > DECIMAL_SCALE_MAX || __builtin_mul_overflow(a.m, b.m, &a.m))
        return too_large;
    a.scale += b.scale;
    return a;
}

static struct graph_small round_small(struct graph_small a, struct graph_small digits)
{
    int64_t power, rest;

    if (a.scale < 0 || digits.scale != 0 || digits.m < 0 || digits.m > DECIMAL_SCALE_MAX)
        return too_large; /* or no digits: that is told there */
    if (a.scale <= digits.m)
        return a;
    power = powers[a.scale - digits.m];
    rest = a.m % power;
    return (struct graph_small){a.m / power + (rest >= power / 2) - (rest <= -(power / 2)), (int)digits.m};
}

static struct graph_small reckon_small(struct graph_run *run, const struct graph_node *n);

static inline struct graph_small small(struct graph_run *run, const struct graph_node *n)
{
    if (n->op == G_CONSTANT)
        return n->more->small;
    if (n->op == G_AMOUNT) {
        const struct value *v = cell(run, n);

        return v->present ? (struct graph_small){v->number, n->digits} : (struct graph_small){0, 0};
    }
    if (n->kept < 0)
        return reckon_small(run, n);
    if (!run->tried[n->kept]) {
        run->smalls[n->kept] = reckon_small(run, n);
        run->tried[n->kept] = 1;
    }
    return run->smalls[n->kept];
}

static struct graph_small chain_small(struct graph_run *run, const struct graph_node *n)
{
    const struct graph_operand *o = operands_of(run, n);
    struct graph_small sum = small(run, &run->nodes[o->node]);

    for (int i = 1; i < n->count && sum.scale >= 0; i++) {
        struct graph_small next = small(run, &run->nodes[o[i].node]);

        sum = n->op == G_ADD ? add_small(sum, next, o[i].minus) : multiply_small(sum, next);
    }
    return sum;
}

/* See decimal_compare. False where 64 bits are too few. */
static inline bool compare_small(struct graph_small a, struct graph_small b, int *order)
{
    if (a.scale < 0 || b.scale < 0 || (a.scale != b.scale && a.m != 0 && b.m != 0 && (!rescale(&a, b.scale) || !rescale(&b, a.scale))))
        return false;
    *order = (a.m > b.m) - (a.m < b.m);
    return true;
}

static struct graph_small extreme_small(struct graph_run *run, const struct graph_node *n)
{
    struct graph_small best = small(run, operand(run, n, 0));
    int order;

    for (int i = 1; i < n->count; i++) {
        struct graph_small next = small(run, operand(run, n, i));

        if (!compare_small(next, best, &order))
            return too_large;
        if (n->op == G_MIN ? order < 0 : order > 0)
            best = next;
    }
    return best;
}

/* Whether the row at hand is one of those that a total is of: yes, no, or failed. */
static int is_summed(struct graph_run *run, const struct graph_node *n)
{
    return n->count < 2 ? YES : truth(run, operands_of(run, n)[1].node);
}

static struct graph_small total_small(struct graph_run *run, const struct graph_node *n)
{
    int rows = (int)run->groups[n->index].count, before = run->row;
    struct graph_small sum = {0, 0};

    for (run->row = 0; run->row < rows; run->row++) {
        int wanted = is_summed(run, n);

        if (wanted != NO)
            sum = wanted == YES ? add_small(sum, small(run, operand(run, n, 0)), false) : too_large;
    }
    run->row = before;
    return sum;
}

static struct graph_small negative_small(struct graph_small a)
{
    return a.m == INT64_MIN ? too_large : (struct graph_small){-a.m, a.scale};
}

static struct graph_small reckon_small(struct graph_run *run, const struct graph_node *n)
{
    struct graph_small a;

    switch (n->op) {
    case G_ADD:
    case G_MULTIPLY: return chain_small(run, n);
    case G_NEGATIVE: return negative_small(small(run, operand(run, n, 0)));
    case G_ABSOLUTE: a = small(run, operand(run, n, 0)); return a.m < 0 ? negative_small(a) : a;
    case G_MIN:
    case G_MAX: return extreme_small(run, n);
    case G_ROUND: return round_small(small(run, operand(run, n, 0)), small(run, operand(run, n, 1)));
    case G_YEAR: return (struct graph_small){date(run, operand(run, n, 0)) / 10000, 0};
    case G_MONTH: return (struct graph_small){date(run, operand(run, n, 0)) / 100 % 100, 0};
    case G_DAY: return (struct graph_small){date(run, operand(run, n, 0)) % 100, 0};
    default: return total_small(run, n);
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

NOT_INLINE static int compare_large(struct graph_run *run, const struct graph_node *n)
{
    struct decimal a, b;

    if (!number(run, operand(run, n, 0), &a) || !number(run, operand(run, n, 1), &b))
        return FAILED;
    return told(expr_holds((enum token_kind)n->compare, decimal_compare(a, b)));
}

NOT_INLINE static int compare_numbers(struct graph_run *run, const struct graph_node *n)
{
    int order;

    if (!compare_small(small(run, operand(run, n, 0)), small(run, operand(run, n, 1)), &order))
        return compare_large(run, n);
    return told(expr_holds((enum token_kind)n->compare, order));
}

/* The value is as many digits, so the two compare as they are; an absent one is 0. */
static int compare_limit(const struct graph_run *run, const struct graph_node *n)
{
    const struct value *v = cell(run, n);
    int64_t m = v->present ? v->number : 0;

    return told(expr_holds((enum token_kind)n->compare, (m > n->limit) - (m < n->limit)));
}

static int compare_dates(const struct graph_run *run, const struct graph_node *n)
{
    int32_t a = date(run, operand(run, n, 0)), b = date(run, operand(run, n, 1));

    return told(a == 0 || b == 0 || expr_holds((enum token_kind)n->compare, (a > b) - (a < b)));
}

NOT_INLINE static int compare_flags(struct graph_run *run, const struct graph_node *n)
{
    const struct graph_operand *o = operands_of(run, n);
    int a = truth(run, o[0].node), b = a == FAILED ? FAILED : truth(run, o[1].node);

    return b == FAILED ? FAILED : told(expr_holds((enum token_kind)n->compare, a != b));
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
    default: return told(expr_holds((enum token_kind)n->compare, !expr_same_text(a, b)));
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

    for (size_t i = 0; i < t.length; i++) {
        unsigned char c = (unsigned char)t.data[i];

        if (n->more->starts[c / 64] >> c % 64 & 1 && begins_one(run, n, (struct expr_text){t.data + i, t.length - i}))
            return YES;
    }
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
    case G_FLAG: return told(cell(run, n)->present && cell(run, n)->number != 0);
    case G_NOT: return opposite(truth(run, operands_of(run, n)->node));
    case G_AND: return reckon_chain(run, n, YES);
    case G_OR: return reckon_chain(run, n, NO);
    case G_IF: return reckon_if(run, n);
    case G_NUMBERS: return compare_numbers(run, n);
    case G_DATES: return compare_dates(run, n);
    case G_FLAGS: return compare_flags(run, n);
    case G_CONTAINS_ANY: return contains_any(run, n);
    case G_VALID: return told(check(run, n, NULL));
    case G_ANY: return reckon_any(run, n);
    default: return reckon_texts(run, n);
    }
}

/* A limit, which is most of what is asked, needs no more than this. */
static int reckon(struct graph_run *run, const struct graph_node *n)
{
    int known = n->op == G_LIMIT ? compare_limit(run, n) : reckon_plain(run, n);

    if (!n->by_row)
        run->known[n - run->nodes] = (uint8_t)known;
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

bool graph_holds(struct graph_run *run, size_t rule, int row)
{
    const struct graph_rule *r = &run->graph->rules[rule];
    const struct graph_operand *o = &run->graph->operands[r->first];

    run->row = row;
    for (int i = 0; i < r->count; i++) {
        int when = truth(run, o[i].node);

        if (when != YES)
            return when == NO;
    }
    return r->assertion >= 0 && truth(run, r->assertion) == YES;
}
