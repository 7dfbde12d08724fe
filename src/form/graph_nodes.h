/* The nodes of a graph. Known to graph.c and graph_evaluate.c alone. */
#ifndef FORM_GRAPH_NODES_H
#define FORM_GRAPH_NODES_H

#include "form/expr_reckon.h"
#include "form/template.h"

enum graph_op {
    /* truths */
    G_TRUE,
    G_PRESENT, /* of a row's field */
    G_NOT,
    G_AND,
    G_OR,
    G_IF,    /* condition, claim */
    G_LIMIT, /* compares a cell, or the number in a row's field, with a constant in its digits */
    G_NUMBERS,
    G_SUM, /* compares a sum of terms with 0: what bounded numbers that are compared come to */
    G_TEXTS,
    G_DATES,
    G_FLAGS, /* these compare two values */
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

/* An operand of a node. */
struct graph_operand {
    int node;
    bool minus; /* it is subtracted */
};

/* What few nodes have: a constant, or of G_CONTAINS_ANY for each byte whether one of its texts starts with it. */
struct graph_more {
    union {
        struct {
            struct decimal number;
            int64_t small;
        };
        struct expr_text text;
        bool *starts;
    };
};

/* Half a cache line: for each person some hundreds of nodes are visited, and waiting for them is most of what a rule costs. */
struct graph_node {
    uint8_t op, holds; /* an enum graph_op; of a comparison: see graph_holds_of */
    bool by_row;       /* it is another for each row: not kept */
    int8_t scale;      /* how many decimals the number has at most; below 0: unknown */
    int index;         /* a field, a cell, a check, or a group */
    int16_t group;     /* of a field in rows: the group, else below 0 */
    uint16_t width;    /* and how many fields it has */
    int kept;          /* where the number is kept, or below 0 */
    int first, count;  /* operands; of G_SUM, which has none, first is the sum */
    union {
        int64_t limit;
        struct graph_more *more; /* of G_CONSTANT, G_TEXT and G_CONTAINS_ANY */
    };
};

_Static_assert(sizeof(struct graph_node) == 32, "two in a cache line");

/* What conditions ask of a field outside of groups, as a whole number; 0 where the field is absent. */
enum graph_cell_kind {
    CELL_NUMBER,
    CELL_SIZE, /* without its sign */
    CELL_PRESENT,
    CELL_WORD,
    CELL_ONE, /* 1, whatever the field is */
    CELL_YEAR,
    CELL_MONTH,
    CELL_DAY,
    CELL_KINDS
};

struct graph_cell {
    enum graph_cell_kind kind;
    int slot;
    int words; /* of CELL_WORD: the first of the texts that the field is compared with, or -1. Its index and one is the cell's number */
};

struct graph_word {
    struct expr_text text;
    int next; /* of the same cell, or -1 */
};

/* A node of G_LIMIT outside of groups, as a range. They are most of what is asked, and told one behind the other before anything else. */
struct graph_limit {
    int64_t least;
    uint64_t span; /* the cell is in the range where it is at least this, and this much more at most */
    int node;
    uint16_t cell; /* a field has four at most, and a form 10,000 fields */
    bool outside;  /* it is true outside of the range, else inside */
};

/* Numbers that are known to fit into 128 bits, whatever the fields hold, are sums of cells and atoms times constants. An atom is what is no
 * sum, or a sum that several ask for. Cells and behind them atoms are numbered together. What atoms are made of, conditions of totals
 * counted, needs atoms before them alone: they are reckoned one behind the other before any rule is asked. */
struct graph_term {
    int64_t factor;
    int number;
};

struct graph_sum {
    int first, count; /* terms */
    int fresh;        /* so many of them, the first, are of atoms that are another for each row */
};

struct graph_atom {
    int node, sum, sums; /* what it is; the sum of its first operand, and how many: those of the others follow */
    uint8_t op;          /* of the node; G_ADD: the sum itself */
    bool by_row;
};

/* What must be so for a rule to be broken. */
struct graph_need {
    int node;
    uint8_t unless; /* what the node is known to be where it is not so, see graph_known */
    bool claim;     /* it is the opposite of what the rule asserts, which mostly holds */
};

/* A rule is broken where all that it needs is so. What cannot be told breaks it too, unless a need before it is not so. */
struct graph_rule {
    int first, count; /* needs: the next rule's are behind them */
    int asked, asks;  /* of the guards, which are the same for each row and cannot fail: those behind the limits, which bars stand for */
};

/* Rules by their index, a bit each: as many as two registers hold. */
#define BLOCK_WORDS 4
#define BLOCK_RULES (64 * BLOCK_WORDS)

struct graph_block {
    uint64_t rules[BLOCK_WORDS];
};

/* The rules that a limit does not rule out, where it is known as no, and as yes. */
struct graph_bar {
    struct graph_block by[2];
};

struct graph {
    struct graph_node *nodes;
    struct graph_more *more;
    struct graph_operand *operands;
    struct graph_rule *rules;
    struct graph_need *needs; /* of the rules */
    struct graph_cell *cells;
    struct graph_word *words;
    struct graph_limit *limits;
    struct graph_term *terms;
    struct graph_sum *sums;
    struct graph_atom *atoms;
    int *bars;                    /* nodes: the limits that rule something out */
    struct graph_bar *barred;     /* by block of rules, in each by bar */
    struct graph_block *about[2]; /* the rules that are asked of a first certificate, and of one that corrects another */
    int bar_count, block_count;
    int node_count, operand_count, kept_count, more_count, cell_count, word_count, limit_count, rule_count;
    int term_count, term_room, sum_count, sum_room, atom_count;
};

/* What is known of a node while the graph is made. */
struct graph_trait {
    bool sure;    /* it cannot fail */
    bool bounded; /* of G_NUMBERS: so cannot the difference of the two */
    int cost;     /* about how many steps it is */
    int bits;     /* of a number in the node's scale, at most */
};

/* The cell's index. cells: by field and kind each one's index and one more; 0 is none yet. */
int graph_put_cell(struct graph *g, int *cells, enum graph_cell_kind kind, int slot);
/* Whether the node is a number that a cell can hold: which. */
bool graph_find_cell(const struct graph *g, const struct graph_node *n, enum graph_cell_kind *kind, int *slot);
/* graph_numbers.c: sums for what is compared, when all nodes are made. False when memory ran out. */
bool graph_take_numbers(struct graph *g, const struct graph_trait *traits, struct template *t, int *cells);

/* graph_rules.c: what breaks each rule, and what several rules need. whens and assertions are nodes, or -1, by rule. False when memory ran
 * out. */
bool graph_take_rules(struct graph *g, const struct graph_trait *traits, struct template *t, const int *whens, const int *assertions);

/* What a truth is known to be; a failed number is known as such too. */
enum graph_known { OPEN, NO, YES, FAILED };

/* Whether 64 bits hold a cell or atom. */
enum graph_width { NARROW, WIDE };

/* A bit each for what a comparison holds of: below, equal, above. */
static inline uint8_t graph_holds_of(enum token_kind compare)
{
    return (uint8_t)(expr_holds(compare, -1) | expr_holds(compare, 0) << 1 | expr_holds(compare, 1) << 2);
}

#endif
