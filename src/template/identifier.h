/* Checks of identifiers by generic methods; lengths, weights and tables are template data. */
#ifndef TEMPLATE_IDENTIFIER_H
#define TEMPLATE_IDENTIFIER_H

#include <stdbool.h>
#include <stddef.h>

#include "template/node.h"

#define IDENTIFIER_STEPS_MAX 8
#define IDENTIFIER_LENGTH_MAX 32

enum identifier_method {
    IDENTIFIER_DIGITS,     /* length digits and nothing else */
    IDENTIFIER_ISO7064,    /* MOD 11,10: the last digit is the check digit */
    IDENTIFIER_REPETITION, /* of the first count digits exactly one stands more than once: twice to most times, and
                            * never most times in a row */
    IDENTIFIER_WEIGHTED    /* sum of digit times weight: modulus minus its remainder (or the remainder) is the last */
};

struct identifier_step {
    enum identifier_method method;
    int length, count, most, modulus;
    bool remainder; /* the remainder itself is the check digit */
    int weights[IDENTIFIER_LENGTH_MAX];
    int weight_count;
};

struct identifier {
    const char *id;
    struct identifier_step steps[IDENTIFIER_STEPS_MAX];
    size_t step_count;
};

/* Loads one entry of template.json's identifiers. */
bool identifier_load(const struct node *n, const char *id, struct identifier *out);
/* True when the text passes every step. */
bool identifier_valid(const struct identifier *identifier, const char *text, size_t length);

#endif
