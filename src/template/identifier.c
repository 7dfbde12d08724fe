#include "template/identifier.h"

#include <string.h>

static const char *const methods[] = {"digits", "iso7064-mod11-10", "digit-repetition", "weighted-sum"};

static bool load_weights(const struct node *n, struct identifier_step *step)
{
    size_t count;

    if (!node_array(n, &count))
        return false;
    if (count == 0 || count > IDENTIFIER_LENGTH_MAX)
        return node_fail(n, "template-range", "1 to %d weights are needed", IDENTIFIER_LENGTH_MAX);
    for (size_t i = 0; i < count; i++) {
        struct node weight = node_at(n, i);

        if (!node_integer(&weight, 0, 10000, &step->weights[i]))
            return false;
    }
    step->weight_count = (int)count;
    return true;
}

static bool load_step(const struct node *n, struct identifier_step *step)
{
    struct node method = node_get(n, "method"), length = node_get(n, "length"), count = node_get(n, "count");
    struct node most = node_get(n, "most"), modulus = node_get(n, "modulus"), weights = node_get(n, "weights");
    struct node remainder = node_get(n, "remainder");
    int index;

    if (!node_keys(n, "method length count most modulus weights remainder")
        || !node_choice(&method, methods, sizeof methods / sizeof *methods, &index))
        return false;
    step->method = (enum identifier_method)index;
    switch (step->method) {
    case IDENTIFIER_DIGITS:
        return node_integer(&length, 1, IDENTIFIER_LENGTH_MAX, &step->length);
    case IDENTIFIER_REPETITION:
        return node_integer(&count, 2, IDENTIFIER_LENGTH_MAX, &step->count) && node_integer(&most, 2, 9, &step->most);
    case IDENTIFIER_WEIGHTED:
        return node_integer(&modulus, 2, 1000, &step->modulus) && node_flag(&remainder, &step->remainder)
               && load_weights(&weights, step);
    default:
        return true;
    }
}

bool identifier_load(const struct node *n, const char *id, struct identifier *out)
{
    size_t count;

    *out = (struct identifier){.id = id};
    if (!node_array(n, &count))
        return false;
    if (count == 0 || count > IDENTIFIER_STEPS_MAX)
        return node_fail(n, "template-range", "1 to %d steps are needed", IDENTIFIER_STEPS_MAX);
    for (size_t i = 0; i < count; i++) {
        struct node step = node_at(n, i);

        if (!load_step(&step, &out->steps[i]))
            return false;
    }
    out->step_count = count;
    return true;
}

static bool all_digits(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] < '0' || text[i] > '9')
            return false;
    return true;
}

/* ISO 7064 hybrid system MOD 11,10. */
static bool valid_iso7064(const char *text, size_t length)
{
    int product = 10, check;

    for (size_t i = 0; i + 1 < length; i++) {
        int sum = (text[i] - '0' + product) % 10;

        product = (sum == 0 ? 10 : sum) * 2 % 11;
    }
    check = (11 - product) % 10;
    return length > 1 && check == text[length - 1] - '0';
}

static bool valid_repetition(const struct identifier_step *step, const char *text, size_t length)
{
    int times[10] = {0}, repeated = 0, row = 1;

    if (length < (size_t)step->count)
        return false;
    for (int i = 0; i < step->count; i++) {
        times[text[i] - '0']++;
        row = i > 0 && text[i] == text[i - 1] ? row + 1 : 1;
        if (step->most > 2 && row >= step->most)
            return false;
    }
    for (int digit = 0; digit < 10; digit++) {
        if (times[digit] > step->most)
            return false;
        repeated += times[digit] > 1;
    }
    return repeated == 1;
}

static bool valid_weighted(const struct identifier_step *step, const char *text, size_t length)
{
    int sum = 0, check;

    if (length != (size_t)step->weight_count + 1)
        return false;
    for (int i = 0; i < step->weight_count; i++)
        sum += (text[i] - '0') * step->weights[i];
    check = sum % step->modulus;
    if (!step->remainder)
        check = (step->modulus - check) % step->modulus;
    return check == text[length - 1] - '0';
}

static bool valid_step(const struct identifier_step *step, const char *text, size_t length)
{
    switch (step->method) {
    case IDENTIFIER_DIGITS:
        return length == (size_t)step->length;
    case IDENTIFIER_ISO7064:
        return valid_iso7064(text, length);
    case IDENTIFIER_REPETITION:
        return valid_repetition(step, text, length);
    default:
        return valid_weighted(step, text, length);
    }
}

bool identifier_valid(const struct identifier *identifier, const char *text, size_t length)
{
    if (!all_digits(text, length))
        return false;
    for (size_t i = 0; i < identifier->step_count; i++)
        if (!valid_step(&identifier->steps[i], text, length))
            return false;
    return true;
}
