/* What operators and functions of expressions come to, for both ways to evaluate them: each tree by itself (expr_evaluate.c), and all of
 * a form's rules as one graph (graph_evaluate.c). */
#ifndef FORM_EXPR_RECKON_H
#define FORM_EXPR_RECKON_H

#include <string.h>

#include "form/expr_tree.h"
#include "form/identifier.h"

/* Whether one of a text's tokens is this one; whether all of them, and there is one, are the list's. */
bool expr_has_token(struct expr_text text, struct expr_text token);
bool expr_all_tokens(struct expr_text list, struct expr_text text);
bool expr_contains(struct expr_text text, struct expr_text part);
bool expr_starts_with(struct expr_text text, struct expr_text start);
/* False where the digits are not 0 to 18. */
bool expr_round(struct decimal number, struct decimal digits, struct decimal *out);
/* Keeps norm's text where another norm does not overwrite it. False where it is too long to be one. */
bool expr_keep_normal(char kept[IDENTIFIER_LENGTH_MAX + 1], struct expr_text *text);

static inline bool expr_same_text(struct expr_text a, struct expr_text b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

/* Whether a comparison holds of what is below, equal to or above. */
static inline bool expr_holds(enum token_kind op, int order)
{
    switch (op) {
    case T_EQ: return order == 0;
    case T_NE: return order != 0;
    case T_LT: return order < 0;
    case T_LE: return order <= 0;
    case T_GT: return order > 0;
    default: return order >= 0;
    }
}

#endif
