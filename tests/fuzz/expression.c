#include "form/expr.h"
#include "fuzz.h"

static bool resolve(void *ctx, const char *name, bool bracketed, enum expr_type *type, int *slot)
{
    static const char kinds[] = "ntdb"; /* a field's first letter is its type */
    const char *kind = strchr(kinds, name[0]);

    (void)ctx;
    if (!kind || !*name)
        return false;
    *type = bracketed ? (enum expr_type)(kind - kinds) : EXPR_NUMBER;
    *slot = bracketed ? (int)*type + 4 * (name[1] == '0') : 0;
    return true;
}

static bool check(void *ctx, const char *name, int *index)
{
    (void)ctx;
    *index = 1;
    return name[0] == 'c';
}

static bool group(void *ctx, const char *name, int *index)
{
    (void)ctx;
    if (name)
        *index = 1;
    return !name || name[0] == 'g';
}

static bool value(void *ctx, int slot, struct expr_value *out)
{
    (void)ctx;
    if (slot >= 4)
        return false; /* absent */
    out->type = (enum expr_type)slot;
    switch (out->type) {
    case EXPR_NUMBER: out->number = (struct decimal){123456789012345, 2}; break;
    case EXPR_TEXT: out->text = (struct expr_text){"ev rk", 5}; break;
    case EXPR_DATE: out->date = 20250228; break;
    default: out->truth = true;
    }
    return true;
}

static bool valid(void *ctx, int index, struct expr_text text, struct expr_text variant, struct expr_text *normal)
{
    (void)ctx;
    if (normal)
        *normal = variant.data ? variant : text;
    return index == 1 && text.length % 2 == 0;
}

static int rows(void *ctx, int index)
{
    (void)ctx;
    return index + 2;
}

static int row(void *ctx, int to)
{
    (void)ctx;
    (void)to;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct expr_env env = {NULL, resolve, check, group};
    static const struct expr_data values = {NULL, value, valid, rows, row};
    struct expr_mistake mistake = {.position = -1};
    struct expr *e = expr_compile((const char *)data, size, &env, &mistake);
    struct expr_value out;

    if (!e && (mistake.position < 0 || (size_t)mistake.position > size || !*mistake.sentence))
        abort(); /* refused without saying where and why */
    if (e)
        expr_evaluate(e, &values, &out);
    expr_free(e);
    return 0;
}
