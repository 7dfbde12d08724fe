/* The tree and one certificate's values into a result. */
#include "form/expr.h"

#include <stdlib.h>
#include <string.h>

#include "form/expr_tree.h"
#include "form/expr_reckon.h"

enum expr_type expr_type_of(const struct expr *e)
{
    return e->nodes[e->root].type;
}

bool expr_uses(const struct expr *e, int slot)
{
    for (int i = 0; i < e->count; i++)
        if (e->nodes[i].kind == N_SLOT && e->nodes[i].index == slot)
            return true;
    return false;
}

void expr_free(struct expr *e)
{
    free(e);
}

/* Evaluation: n is a node of e. Leaves, most of them, are evaluated where they are needed. */
static bool evaluate_inner(const struct expr *e, const struct expr_node *n, const struct expr_data *data, struct expr_value *out);

static bool evaluate_slot(const struct expr_node *n, const struct expr_data *data, struct expr_value *out)
{
    if (data->value(data->ctx, n->index, out))
        return out->type == n->type;
    out->type = n->type;
    if (n->type == EXPR_NUMBER)
        out->number = (struct decimal){0, 0};
    else if (n->type == EXPR_TEXT)
        out->text = (struct expr_text){"", 0};
    else if (n->type == EXPR_DATE)
        out->date = 0;
    else
        out->truth = false;
    return true;
}

static inline bool evaluate(const struct expr *e, const struct expr_node *n, const struct expr_data *data, struct expr_value *out)
{
    if (n->kind == N_SLOT)
        return evaluate_slot(n, data, out);
    if (n->kind != N_NUMBER && n->kind != N_TEXT)
        return evaluate_inner(e, n, data, out);
    out->type = n->type;
    if (n->kind == N_NUMBER)
        out->number = n->number;
    else
        out->text = n->text;
    return true;
}

static bool evaluate_if(const struct expr *e, const struct expr_node *n, const struct expr_data *data, struct expr_value *out)
{
    const struct expr_node *condition = &e->nodes[n->first];

    if (!evaluate(e, condition, data, out))
        return false;
    if (out->truth)
        return evaluate(e, &e->nodes[condition->next], data, out);
    out->truth = true;
    return true;
}

/* or and and stop at the operand that decides, so an overflow behind it does not matter. */
static bool evaluate_chain(const struct expr *e, const struct expr_node *n, const struct expr_data *data, struct expr_value *out)
{
    const struct expr_node *operand = &e->nodes[n->first];
    struct expr_value value;
    bool ok = evaluate(e, operand, data, out);

    while (ok && operand->next >= 0) {
        operand = &e->nodes[operand->next];
        if (n->type == EXPR_BOOL) {
            if (out->truth == (operand->join == T_OR))
                return true;
            ok = evaluate(e, operand, data, out);
            continue;
        }
        if (!evaluate(e, operand, data, &value))
            return false;
        if (operand->join == T_PLUS)
            ok = decimal_add(out->number, value.number, &out->number);
        else if (operand->join == T_MINUS)
            ok = decimal_sub(out->number, value.number, &out->number);
        else
            ok = decimal_mul(out->number, value.number, &out->number);
    }
    return ok;
}

static bool compare(enum token_kind op, const struct expr_value *a, const struct expr_value *b)
{
    switch (a->type) {
    case EXPR_NUMBER: return expr_holds(op, decimal_compare(a->number, b->number));
    case EXPR_TEXT: return expr_holds(op, !expr_same_text(a->text, b->text));
    case EXPR_DATE: return a->date == 0 || b->date == 0 || expr_holds(op, (a->date > b->date) - (a->date < b->date));
    default: return expr_holds(op, a->truth != b->truth);
    }
}

/* sum, min and max */
static bool evaluate_many(const struct expr *e, const struct expr_node *n, const struct expr_data *data, struct expr_value *out)
{
    const struct expr_node *argument = &e->nodes[n->first];
    struct expr_value value;

    if (!evaluate(e, argument, data, out))
        return false;
    while (argument->next >= 0) {
        argument = &e->nodes[argument->next];
        if (!evaluate(e, argument, data, &value))
            return false;
        if (n->kind == N_SUM) {
            if (!decimal_add(out->number, value.number, &out->number))
                return false;
        } else if (expr_holds(n->kind == N_MIN ? T_LT : T_GT, decimal_compare(value.number, out->number)))
            *out = value;
    }
    return true;
}

static bool truth(struct expr_value *out, bool value)
{
    out->type = EXPR_BOOL;
    out->truth = value;
    return true;
}

static bool whole(struct expr_value *out, int value)
{
    *out = (struct expr_value){.type = EXPR_NUMBER, .number = {value, 0}};
    return true;
}

static bool evaluate_check(const struct expr *e, const struct expr_node *n, const struct expr_data *data, struct expr_text text,
                           struct expr_value *out)
{
    const struct expr_node *name = &e->nodes[e->nodes[n->first].next];
    struct expr_value variant = {.type = EXPR_TEXT};
    struct expr_text normal = {"", 0};
    bool valid;

    if (name->next >= 0 && !evaluate(e, &e->nodes[name->next], data, &variant))
        return false;
    if (name->next >= 0 && !variant.text.data)
        variant.text.data = ""; /* an absent text names no variant */
    valid = data->valid(data->ctx, n->index, text, variant.text, n->kind == N_NORM ? &normal : NULL);
    if (n->kind == N_VALID)
        return truth(out, valid);
    *out = (struct expr_value){.type = EXPR_TEXT, .text = normal};
    return true;
}

static bool evaluate_any(const struct expr *e, const struct expr_node *n, const struct expr_data *data, struct expr_value *out)
{
    const struct expr_node *condition = &e->nodes[e->nodes[n->first].next];
    int rows = data->rows(data->ctx, n->index), before = data->row(data->ctx, 0);
    struct expr_value v = {.type = EXPR_BOOL};
    bool ok = true;

    for (int row = 0; ok && !v.truth && row < rows; row++) {
        data->row(data->ctx, row);
        ok = evaluate(e, condition, data, &v);
    }
    data->row(data->ctx, before);
    return ok && truth(out, v.truth);
}

/* The sum over a group's rows, or those for which a condition holds; of none it is 0. */
static bool evaluate_total(const struct expr *e, const struct expr_node *n, const struct expr_data *data, struct expr_value *out)
{
    const struct expr_node *summand = &e->nodes[e->nodes[n->first].next];
    const struct expr_node *condition = summand->next >= 0 ? &e->nodes[summand->next] : NULL;
    int rows = data->rows(data->ctx, n->index), before;
    struct expr_value v, wanted = {.truth = true};
    bool ok = true;

    *out = (struct expr_value){.type = EXPR_NUMBER, .number = {0, 0}};
    if (rows == 0)
        return true;
    before = data->row(data->ctx, 0);
    for (int row = 0; ok && row < rows; row++) {
        data->row(data->ctx, row);
        ok = !condition || evaluate(e, condition, data, &wanted);
        if (!ok || !wanted.truth)
            continue;
        ok = evaluate(e, summand, data, &v) && decimal_add(out->number, v.number, &out->number);
    }
    data->row(data->ctx, before);
    return ok;
}

/* Functions and operators that want all of their one or two operands. */
static bool evaluate_fixed(const struct expr *e, const struct expr_node *n, const struct expr_data *data, struct expr_value *out)
{
    const struct expr_node *first = &e->nodes[n->first];
    struct expr_value a, b = {.type = EXPR_BOOL};
    char kept[IDENTIFIER_LENGTH_MAX + 1];

    if (!evaluate(e, first, data, &a))
        return false;
    if (first->kind == N_NORM && !expr_keep_normal(kept, &a.text)) /* there is one buffer for all: the second operand may need it */
        return false;
    if (first->next >= 0 && !evaluate(e, &e->nodes[first->next], data, &b))
        return false;
    out->type = n->type;
    switch (n->kind) {
    case N_NOT: return truth(out, !a.truth);
    case N_COMPARE: return truth(out, compare(n->op, &a, &b));
    case N_NEG: return decimal_neg(a.number, &out->number);
    case N_ABS: return decimal_abs(a.number, &out->number);
    case N_ROUND: return expr_round(a.number, b.number, &out->number);
    case N_HAS: return truth(out, expr_has_token(a.text, b.text));
    case N_CONTAINS: return truth(out, expr_contains(a.text, b.text));
    case N_STARTS: return truth(out, expr_starts_with(a.text, b.text));
    case N_YEAR: return whole(out, a.date / 10000);
    case N_MONTH: return whole(out, a.date / 100 % 100);
    case N_DAY: return whole(out, a.date % 100);
    case N_WITHIN: return truth(out, expr_all_tokens(a.text, b.text));
    default: /* N_VALID, N_NORM */ return evaluate_check(e, n, data, a.text, out);
    }
}

static bool evaluate_inner(const struct expr *e, const struct expr_node *n, const struct expr_data *data, struct expr_value *out)
{
    switch (n->kind) {
    case N_PRESENT: {
        struct expr_value ignored;

        return truth(out, data->value(data->ctx, e->nodes[n->first].index, &ignored));
    }
    case N_IF: return evaluate_if(e, n, data, out);
    case N_CHAIN: return evaluate_chain(e, n, data, out);
    case N_ANY: return evaluate_any(e, n, data, out);
    case N_TOTAL: return evaluate_total(e, n, data, out);
    case N_SUM:
    case N_MIN:
    case N_MAX: return evaluate_many(e, n, data, out);
    default: return evaluate_fixed(e, n, data, out);
    }
}

bool expr_evaluate(const struct expr *e, const struct expr_data *data, struct expr_value *out)
{
    return evaluate(e, &e->nodes[e->root], data, out);
}
