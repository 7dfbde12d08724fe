/* One-line expressions of a template: compiled and type-checked before any data is touched, then evaluated.
 *
 *   A if B (true where B is false), or, and, not, == != < <= > >= (do not chain), + -, *, unary -, ( )
 *   0.01   5.5% (0.055)   "text" (no escapes)   [id] (any characters but ])   name (a parameter)
 *   present([x])   sum(..) min(..) max(..)   abs(x)   round(x, digits), a half away from zero
 *   has(letters, "S"), a token of a blank-separated text   within("a b c", text), all of a text's tokens, and there is one
 *   starts(text, "0")   valid(text, "check-name")   valid(text, "check-name", variant)   norm(..) as valid: the text rewritten
 *   any("group", condition): whether it is true of a row of the group; total("group", number): its sum over the rows, 0 of none
 *   total("group", number, condition): over those for which it is true
 *   year(d) month(d) day(d)
 *
 * Text and truth values know == and != only. An absent number is 0, an absent text "", an absent truth value
 * false. A comparison with an absent date is true, whichever it is; year, month and day of an absent date are 0. */
#ifndef FORM_EXPR_H
#define FORM_EXPR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/decimal.h"

#define EXPR_LENGTH_MAX 4096
#define EXPR_NAME_MAX 255
#define EXPR_DEPTH_MAX 64

enum expr_type { EXPR_NUMBER, EXPR_TEXT, EXPR_DATE, EXPR_BOOL };

struct expr_text {
    const char *data; /* not terminated */
    size_t length;
};

/* A text is borrowed: from the data, or from the expression. */
struct expr_value {
    enum expr_type type;
    union {
        struct decimal number;
        struct expr_text text;
        int32_t date; /* yyyymmdd, 0 is absent */
        bool truth;
    };
};

/* What names mean, asked while compiling. Both return false for a name they do not know. */
struct expr_env {
    void *ctx;
    bool (*resolve)(void *ctx, const char *name, bool bracketed, enum expr_type *type, int *slot);
    bool (*check)(void *ctx, const char *name, int *index);
    /* What follows is about the rows of this group; name NULL: no longer. */
    bool (*group)(void *ctx, const char *name, int *index);
};

/* value returns false for an absent value; what it hands out lives until the result is no longer used. */
struct expr_data {
    void *ctx;
    bool (*value)(void *ctx, int slot, struct expr_value *out);
    /* variant.data NULL: none. normal, which may be NULL, gets the text as the check rewrites it. */
    bool (*valid)(void *ctx, int check, struct expr_text text, struct expr_text variant, struct expr_text *normal);
    int (*rows)(void *ctx, int group);
    int (*row)(void *ctx, int row); /* values are from now on those of this row; returns the one before */
};

struct expr_mistake {
    int position; /* bytes from the start */
    char sentence[96];
};

struct expr;

/* Returns NULL and fills *mistake if source does not compile. Keeps no pointer to source or env. */
struct expr *expr_compile(const char *source, size_t length, const struct expr_env *env, struct expr_mistake *mistake);
enum expr_type expr_type_of(const struct expr *e);
/* Any number of threads may evaluate one expression. False on overflow, on round's digits not being 0 to 18, and on
 * data handing out a value of another type than the one the name was resolved to. */
bool expr_evaluate(const struct expr *e, const struct expr_data *data, struct expr_value *out);
/* Whether the expression asks for the value of this slot. */
bool expr_uses(const struct expr *e, int slot);
void expr_free(struct expr *e);

#endif
