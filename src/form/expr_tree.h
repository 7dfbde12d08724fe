/* An expression as it is compiled: a tree of nodes. Known to parser and evaluator alone. */
#ifndef FORM_EXPR_TREE_H
#define FORM_EXPR_TREE_H

#include "form/expr.h"

enum token_kind {
    T_END,
    T_BAD,
    T_NUMBER,
    T_TEXT,
    T_REFERENCE,
    T_NAME,
    T_IF,
    T_OR,
    T_AND,
    T_NOT,
    T_EQ,
    T_NE,
    T_LT,
    T_LE,
    T_GT,
    T_GE,
    T_PLUS,
    T_MINUS,
    T_TIMES,
    T_OPEN,
    T_CLOSE,
    T_COMMA
};

enum node_kind {
    N_NUMBER,
    N_TEXT,
    N_SLOT,
    N_IF,
    N_CHAIN,
    N_NOT,
    N_COMPARE,
    N_NEG,
    N_PRESENT,
    N_SUM,
    N_MIN,
    N_MAX,
    N_ABS,
    N_ROUND,
    N_HAS,
    N_CONTAINS,
    N_STARTS,
    N_YEAR,
    N_MONTH,
    N_DAY,
    N_VALID,
    N_NORM,
    N_WITHIN,
    N_ANY,
    N_TOTAL
};

/* Children are a list: first, then each one's next; -1 ends it. */
struct expr_node {
    enum node_kind kind;
    enum expr_type type;
    int position;
    int first, next;
    enum token_kind op;   /* of N_COMPARE */
    enum token_kind join; /* in an N_CHAIN, what joins this operand to those before it */
    int index;            /* slot, or the check of N_VALID */
    union {
        struct decimal number;
        struct expr_text text; /* into the expression's copy of its source */
    };
};

struct expr {
    char *source;
    int root, count;
    struct expr_node nodes[];
};

#endif
