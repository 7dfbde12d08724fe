/* Checks of identifiers by generic methods; lengths, weights and tables are template data. */
#ifndef FORM_IDENTIFIER_H
#define FORM_IDENTIFIER_H

#include <stdbool.h>
#include <stddef.h>

#include "form/node.h"

#define IDENTIFIER_STEPS_MAX 8
#define IDENTIFIER_LENGTH_MAX 32
#define IDENTIFIER_FORMS_MAX 24

enum identifier_method {
    IDENTIFIER_DIGITS,     /* length digits and nothing else */
    IDENTIFIER_ISO7064,    /* MOD 11,10: the last digit is the check digit */
    IDENTIFIER_REPETITION, /* of the first count digits exactly one stands more than once: twice to most times, and
                            * never most times in a row */
    IDENTIFIER_WEIGHTED,   /* sum of (digit plus summand) times weight: modulus minus its remainder (or the remainder) is
                            * the last digit; with fold each product's cross sum counts */
    IDENTIFIER_PATTERN,    /* the text has one of the forms: digits and signs stand for themselves, each capital letter for a
                            * digit; later steps see it rewritten by to */
    IDENTIFIER_RANGE,      /* count digits from position from on (the first is 1) are a number from least to most but none
                            * of except */
    IDENTIFIER_SHAPE,      /* the text has one of the forms: a character of a set in brackets, as often as the form says,
                            * anything else for itself; and begins with none of refused */
    IDENTIFIER_DROP,       /* these characters are left out for later steps */
    IDENTIFIER_REPLACE     /* for later steps one of these characters is the one of by at the same place */
};

struct identifier_weights {
    int weights[IDENTIFIER_LENGTH_MAX];
    int count;
};

struct identifier_step {
    enum identifier_method method;
    int length, count, most, modulus, from, least;
    bool remainder; /* the remainder itself is the check digit */
    bool fold;
    const char *signs; /* what the last character is by the remainder, from 0 on; NULL: a digit */
    int equals;        /* the remainder that all digits together have; -1: the last one is the check digit */
    struct identifier_weights weights, or_weights, summands; /* or_weights: valid by either */
    struct identifier_weights except;
    const char *forms[IDENTIFIER_FORMS_MAX], *to;
    size_t form_count;
    const char *refused[IDENTIFIER_FORMS_MAX]; /* beginnings */
    size_t refused_count;
    const char *dropped;
    int place; /* where a character is replaced, from 1; 0: everywhere */
    const char *replaced, *by;
};

/* A list of steps that must all pass. */
struct identifier_variant {
    const char *name; /* NULL where there are no variants */
    struct identifier_step *steps;
    size_t step_count;
};

struct identifier {
    const char *id;
    struct identifier_variant *variants;
    size_t variant_count;
};

/* Loads one entry of template.json's identifiers: a list of steps, or an object of such lists. */
bool identifier_load(const struct node *n, const char *id, struct identifier *out);
/* True when the text passes every step of the variant (NULL: there is only one). normal, room for
 * IDENTIFIER_LENGTH_MAX + 1 or NULL, gets the text as the last pattern rewrote it, "" where the text is not valid. */
bool identifier_valid(const struct identifier *identifier, const char *text, size_t length, const char *variant, size_t variant_length,
                      char *normal);

#endif
