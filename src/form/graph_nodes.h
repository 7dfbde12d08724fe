/* The nodes of a graph. Known to graph.c and graph_evaluate.c alone. */
#ifndef FORM_GRAPH_NODES_H
#define FORM_GRAPH_NODES_H

#include "form/expr_tree.h"

enum graph_op {
    /* truths */
    G_TRUE,
    G_PRESENT,
    G_FLAG, /* a field's value */
    G_NOT,
    G_AND,
    G_OR,
    G_IF,    /* condition, claim */
    G_LIMIT, /* compares a field's value with a constant, in the field's own digits */
    G_NUMBERS,
    G_TEXTS,
    G_DATES,
    G_FLAGS, /* these four compare two values */
    G_HAS,
    G_CONTAINS,
    G_CONTAINS_ANY, /* a text, and constant texts that are not empty */
    G_STARTS,
    G_WITHIN,
    G_VALID, /* a text, and the variant where there is one */
    G_ANY,
    /* numbers */
    G_CONSTANT,
    G_AMOUNT, /* a field's value */
    G_ADD,
    G_MULTIPLY,
    G_NEGATIVE,
    G_MIN,
    G_MAX,
    G_ABSOLUTE,
    G_ROUND,
    G_YEAR,
    G_MONTH,
    G_DAY,
    G_TOTAL,
    /* texts */
    G_TEXT,
    G_FIELD_TEXT,
    G_NORM,
    /* dates */
    G_DATE /* a field's value */
};

/* A number of 64 bits: m / 10^scale. A scale below 0 says that it needs more. */
struct graph_small {
    int64_t m;
    int scale;
};

/* An operand: a node, and whether it is subtracted. */
struct graph_operand {
    int node;
    bool minus;
};

/* What few nodes have: a constant, or of G_CONTAINS_ANY a bit for each byte that one of its texts starts with. */
struct graph_more {
    union {
        struct {
            struct decimal number;
            struct graph_small small;
        };
        struct expr_text text;
        uint64_t starts[4];
    };
};

/* Half a cache line: for each person some hundreds of nodes are visited, and waiting for them is most of what a rule costs. */
struct graph_node {
    uint8_t op, compare; /* an enum graph_op; an enum token_kind */
    bool by_row;         /* it is another for each row: not kept */
    int8_t digits;       /* of an amount */
    int index;           /* a field's cell, a check, or a group */
    int16_t group;       /* of a cell in rows: the group, else below 0 */
    uint16_t width;      /* and how many fields it has */
    int kept;            /* where the number is kept, or below 0 */
    int first, count;    /* operands */
    union {
        int64_t limit;
        struct graph_more *more; /* of G_CONSTANT, G_TEXT and G_CONTAINS_ANY */
    };
};

_Static_assert(sizeof(struct graph_node) == 32, "two in a cache line");

/* A rule's conditions: it applies where so many operands from `first` are all true; the assertion is a node, or -1. */
struct graph_rule {
    int first, count, assertion;
};

struct graph {
    struct graph_node *nodes;
    struct graph_more *more;
    struct graph_operand *operands;
    struct graph_rule *rules;
    int node_count, operand_count, kept_count, more_count;
};

#endif
