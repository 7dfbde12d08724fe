/* All rules of a form as one graph: what several of them ask for (a term, a field above zero, whether somebody is insured so) is one
 * node, and is reckoned once a certificate at most. Parameters are constants here, and what is made of constants alone is one.
 *
 * A rule is a row of needs: it is broken where all of them are true. What asks for one field and a constant is told for all rules in one
 * go, and so is which rules that rules out; of each rule what costs least and what most rules need is asked first.
 *
 * Numbers that are known to fit into 128 bits, whatever 64 bits the fields hold, are sums of fields times constants: reckoned in 64 bits,
 * and in 128 from the first one on that turns out too large for that. Others are exact decimals, which tell where they are too large. It
 * comes to what each rule's own expressions come to (form/expr.h): the order of operands that may fail is kept. A test holds both against
 * each other. */
#ifndef FORM_GRAPH_H
#define FORM_GRAPH_H

#include "form/template.h"
#include "form/value.h"

struct graph;
struct graph_node;
struct graph_block;

/* Of the template's rules and terms; in its arena. It borrows the texts of their expressions. NULL: no memory. */
struct graph *graph_make(struct template *t);

/* What is known so far of one certificate. */
struct graph_run {
    const struct graph *graph;
    const struct graph_node *nodes;
    const struct value *values; /* one a field */
    const struct rows *groups;
    const struct expr_data *data; /* for identifiers alone */
    bool large;                   /* some number is WIDE */
    int row;                      /* of the group that a rule is about, or that any and total go through */
    struct graph_block *open;     /* the rules that are asked: no limit rules them out */
    uint8_t *known;               /* by node */
    uint8_t *widths;              /* by cell, and atoms behind them, as are these */
    int64_t *narrow;
    i128 *wide;              /* those that 64 bits do not hold */
    struct decimal *numbers; /* by node->kept: those that may be too large */
};

/* corrects: the certificate corrects an earlier one. False when memory ran out. What is borrowed lives as long as the run. */
bool graph_start(struct graph_run *run, const struct graph *graph, const struct value *values, const struct rows *groups,
                 const struct expr_data *data, bool corrects, struct arena *arena);
/* The first rule from this one on that is about such a certificate, and about it alone, and that what is the same for each row does not
 * rule out; as many as there are: none. */
size_t graph_next(struct graph_run *run, size_t rule);
/* Whether the rule of this index does not apply, or its assertion is true; false also where an amount is too large to reckon with. */
bool graph_holds(struct graph_run *run, size_t rule, int row);

#endif
