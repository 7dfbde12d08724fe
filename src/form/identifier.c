#include "form/identifier.h"

#include <string.h>

static const char *const methods[] = {"digits", "iso7064-mod11-10", "digit-repetition", "weighted-sum", "pattern", "range", "shape",
                                      "drop",   "replace"};

static bool load_numbers(const struct node *n, struct identifier_weights *out)
{
    size_t count;

    if (!node_array(n, &count))
        return false;
    if (count > IDENTIFIER_LENGTH_MAX)
        return node_fail(n, "template-range", "at most %d numbers can stand here", IDENTIFIER_LENGTH_MAX);
    for (size_t i = 0; i < count; i++) {
        struct node number = node_at(n, i);

        if (!node_integer(&number, 0, 10000, &out->weights[i]))
            return false;
    }
    out->count = (int)count;
    return true;
}

static bool load_weighted(const struct node *n, struct identifier_step *step)
{
    struct node modulus = node_get(n, "modulus"), weights = node_get(n, "weights"), other = node_get(n, "or_weights");
    struct node remainder = node_get(n, "remainder"), fold = node_get(n, "fold"), summands = node_get(n, "summands");
    struct node signs = node_get(n, "signs"), equals = node_get(n, "equals");

    step->equals = -1;
    if (!node_string_or(&signs, &step->signs) || !node_integer_or(&equals, 0, 999, &step->equals))
        return false;
    if (!node_integer(&modulus, 2, 1000, &step->modulus) || !node_flag(&remainder, &step->remainder) || !node_flag(&fold, &step->fold)
        || !load_numbers(&weights, &step->weights) || !load_numbers(&other, &step->or_weights) || !load_numbers(&summands, &step->summands))
        return false;
    if (step->weights.count == 0)
        return node_fail(&weights, "template-range", "weights are needed");
    if (step->signs && (strlen(step->signs) != (size_t)step->modulus || step->equals >= 0))
        return node_fail(&signs, "template-range", "a sign for each remainder is needed, and no other check");
    if (step->summands.count > 0 && step->summands.count != step->weights.count)
        return node_fail(&summands, "template-range", "as many summands as weights are needed");
    return step->or_weights.count == 0 || step->or_weights.count == step->weights.count
           || node_fail(&other, "template-range", "as many as weights are needed");
}

/* Texts, least to as many as there is room for. */
static bool load_forms(const struct node *n, size_t least, const char **texts, size_t *count)
{
    size_t given;

    if (!node_array(n, &given))
        return false;
    if (given < least || given > IDENTIFIER_FORMS_MAX)
        return node_fail(n, "template-range", "%zu to %d forms are needed", least, IDENTIFIER_FORMS_MAX);
    for (*count = 0; *count < given; ++*count) {
        struct node text = node_at(n, *count);

        if (!node_string(&text, &texts[*count]))
            return false;
    }
    return true;
}

static bool load_pattern(const struct node *n, struct identifier_step *step)
{
    struct node forms = node_get(n, "forms"), to = node_get(n, "to");

    if (!load_forms(&forms, 1, step->forms, &step->form_count) || !node_string(&to, &step->to))
        return false;
    return strlen(step->to) <= IDENTIFIER_LENGTH_MAX
           || node_fail(&to, "template-range", "at most %d characters can stand here", IDENTIFIER_LENGTH_MAX);
}

/* One piece of a shape: a character of set, from least to most times. Returns what follows it in the form, NULL where it is none. */
static const char *read_piece(const char *form, const char **set, size_t *length, int *least, int *most)
{
    *set = form;
    *length = 1;
    *least = *most = 1;
    if (*form++ == '[') {
        *length = strcspn(*set = form, "]");
        form += *length;
        if (*length == 0 || *form++ != ']')
            return NULL;
    }
    if (*form == '?') {
        *least = 0;
        return form + 1;
    }
    if (*form != '{')
        return form;
    *least = *most = 0;
    for (form++; *form >= '0' && *form <= '9' && *least <= IDENTIFIER_LENGTH_MAX; form++)
        *most = *least = *least * 10 + (*form - '0');
    if (*form == ',')
        for (*most = 0, form++; *form >= '0' && *form <= '9' && *most <= IDENTIFIER_LENGTH_MAX; form++)
            *most = *most * 10 + (*form - '0');
    return *form == '}' && *most >= *least && *most > 0 && *most <= IDENTIFIER_LENGTH_MAX ? form + 1 : NULL;
}

static bool load_shape(const struct node *n, struct identifier_step *step)
{
    struct node forms = node_get(n, "forms"), refused = node_get(n, "refused");
    const char *set;
    size_t length;
    int least, most;

    if (!load_forms(&forms, 1, step->forms, &step->form_count) || !load_forms(&refused, 0, step->refused, &step->refused_count))
        return false;
    for (size_t i = 0; i < step->form_count; i++)
        for (const char *at = step->forms[i]; *at;)
            if (!(at = read_piece(at, &set, &length, &least, &most))) {
                struct node form = node_at(&forms, i);

                return node_fail(&form, "template-range",
                                 "a shape is made of signs and sets such as [A-Z0-9], each followed by ?, {3} or {1,3}");
            }
    return true;
}

static bool load_range(const struct node *n, struct identifier_step *step)
{
    struct node from = node_get(n, "from"), count = node_get(n, "count"), least = node_get(n, "least"), most = node_get(n, "most");
    struct node except = node_get(n, "except");

    return node_integer(&from, 1, IDENTIFIER_LENGTH_MAX, &step->from) && node_integer(&count, 1, 9, &step->count)
           && node_integer(&least, 0, 999999999, &step->least) && node_integer(&most, 0, 999999999, &step->most)
           && load_numbers(&except, &step->except);
}

static bool load_replace(const struct node *n, struct identifier_step *step)
{
    struct node at = node_get(n, "at"), characters = node_get(n, "characters"), by = node_get(n, "by");

    if (!node_integer_or(&at, 1, IDENTIFIER_LENGTH_MAX, &step->place) || !node_string(&characters, &step->replaced)
        || !node_string(&by, &step->by))
        return false;
    return strlen(step->by) == strlen(step->replaced) || node_fail(&by, "template-range", "as many characters are needed as are replaced");
}

static bool load_step(const struct node *n, struct identifier_step *step)
{
    static const char *const keys[] = {"method length",          "method",
                                       "method count most",      "method modulus weights or_weights summands fold remainder signs equals",
                                       "method forms to",        "method from count least most except",
                                       "method forms refused",   "method characters",
                                       "method at characters by"};
    struct node method = node_get(n, "method"), length = node_get(n, "length"), count = node_get(n, "count");
    struct node most = node_get(n, "most"), characters = node_get(n, "characters");
    int index;

    if (!node_choice(&method, methods, sizeof methods / sizeof *methods, &index) || !node_keys(n, keys[index]))
        return false;
    step->method = (enum identifier_method)index;
    switch (step->method) {
    case IDENTIFIER_DIGITS: return node_integer(&length, 1, IDENTIFIER_LENGTH_MAX, &step->length);
    case IDENTIFIER_REPETITION:
        return node_integer(&count, 2, IDENTIFIER_LENGTH_MAX, &step->count) && node_integer(&most, 2, 9, &step->most);
    case IDENTIFIER_WEIGHTED: return load_weighted(n, step);
    case IDENTIFIER_PATTERN: return load_pattern(n, step);
    case IDENTIFIER_RANGE: return load_range(n, step);
    case IDENTIFIER_SHAPE: return load_shape(n, step);
    case IDENTIFIER_DROP: return node_string(&characters, &step->dropped);
    case IDENTIFIER_REPLACE: return load_replace(n, step);
    default: return true;
    }
}

static bool load_variant(const struct node *n, const char *name, struct identifier_variant *out)
{
    size_t count;

    *out = (struct identifier_variant){.name = name};
    if (!node_array(n, &count))
        return false;
    if (count == 0 || count > IDENTIFIER_STEPS_MAX)
        return node_fail(n, "template-range", "1 to %d steps are needed", IDENTIFIER_STEPS_MAX);
    out->steps = arena_array(n->arena, count, sizeof *out->steps);
    if (!out->steps)
        return error_memory(n->err);
    for (size_t i = 0; i < count; i++) {
        struct node step = node_at(n, i);

        if (!load_step(&step, &out->steps[i]))
            return false;
    }
    out->step_count = count;
    return true;
}

bool identifier_load(const struct node *n, const char *id, struct identifier *out)
{
    bool several = json_is_object(n->json);
    const char *name;
    json_t *value;

    *out = (struct identifier){.id = id};
    out->variants = arena_array(n->arena, several ? json_object_size(n->json) + 1 : 1, sizeof *out->variants);
    if (!out->variants)
        return error_memory(n->err);
    if (!several) {
        out->variant_count = 1;
        return load_variant(n, NULL, out->variants);
    }
    json_object_foreach((json_t *)n->json, name, value)
    {
        struct node variant = node_get(n, name);
        const char *copy = arena_copy(n->arena, name, strlen(name));

        if (!copy || !load_variant(&variant, copy, &out->variants[out->variant_count]))
            return copy ? false : error_memory(n->err);
        out->variant_count++;
    }
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

static int cross_sum(int number)
{
    while (number > 9)
        number = number / 10 + number % 10;
    return number;
}

static bool valid_by(const struct identifier_step *step, const struct identifier_weights *w, const char *text, size_t length)
{
    int sum = 0, check;

    if (length != (size_t)w->count + (step->equals < 0))
        return false;
    for (int i = 0; i < w->count; i++) {
        int digit = text[i] - '0';
        int product = (step->summands.count > 0 ? (digit + step->summands.weights[i]) % 10 : digit) * w->weights[i];

        sum += step->fold ? cross_sum(product) : product;
    }
    check = sum % step->modulus;
    if (step->equals >= 0)
        return check == step->equals;
    if (step->signs)
        return step->signs[check] == text[length - 1];
    if (!step->remainder)
        check = (step->modulus - check) % step->modulus;
    return check == text[length - 1] - '0';
}

static bool valid_range(const struct identifier_step *step, const char *text, size_t length)
{
    int number = 0;

    if (length < (size_t)step->from - 1 + (size_t)step->count)
        return false;
    for (int i = 0; i < step->count; i++)
        number = number * 10 + (text[step->from - 1 + i] - '0');
    for (int i = 0; i < step->except.count; i++)
        if (number == step->except.weights[i])
            return false;
    return number >= step->least && number <= step->most;
}

/* Reads text by form and writes it by to: the n-th A of to is what stands at the n-th A of form. */
static bool rewrite(const char *form, const char *to, const char *text, size_t length, char *out)
{
    char digits[26][IDENTIFIER_LENGTH_MAX];
    int found[26] = {0}, used[26] = {0};
    size_t i;

    if (strlen(form) != length || length > IDENTIFIER_LENGTH_MAX)
        return false;
    for (i = 0; i < length; i++) {
        bool letter = form[i] >= 'A' && form[i] <= 'Z';

        if (letter ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
            return false;
        if (letter)
            digits[form[i] - 'A'][found[form[i] - 'A']++] = text[i];
    }
    for (i = 0; to[i]; i++) {
        int letter = to[i] - 'A';

        if (to[i] < 'A' || to[i] > 'Z')
            out[i] = to[i];
        else if (used[letter] < found[letter])
            out[i] = digits[letter][used[letter]++];
        else
            return false;
    }
    out[i] = '\0';
    return true;
}

/* Whether the set, characters and ranges such as A-Z, has this one. */
static bool in_set(const char *set, size_t length, char c)
{
    for (size_t i = 0; i < length; i++) {
        bool range = i + 2 < length && set[i + 1] == '-';

        if (range ? c >= set[i] && c <= set[i + 2] : c == set[i])
            return true;
        i += range ? 2 : 0;
    }
    return false;
}

/* Each piece takes as many characters as it can. */
static bool has_shape(const char *form, const char *text)
{
    while (*form) {
        const char *set;
        size_t length;
        int least, most, taken = 0;

        form = read_piece(form, &set, &length, &least, &most);
        while (form && taken < most && *text && in_set(set, length, *text)) {
            taken++;
            text++;
        }
        if (!form || taken < least)
            return false;
    }
    return !*text;
}

static bool valid_shape(const struct identifier_step *step, const char *text)
{
    for (size_t i = 0; i < step->refused_count; i++)
        if (!strncmp(text, step->refused[i], strlen(step->refused[i])))
            return false;
    for (size_t i = 0; i < step->form_count; i++)
        if (has_shape(step->forms[i], text))
            return true;
    return false;
}

static bool drop(const char *dropped, char *text)
{
    char *to = text;

    for (const char *from = text; *from; from++)
        if (!strchr(dropped, *from))
            *to++ = *from;
    *to = '\0';
    return true;
}

static bool replace(const struct identifier_step *step, char *text)
{
    for (size_t i = 0; text[i]; i++) {
        const char *found = step->place == 0 || i + 1 == (size_t)step->place ? strchr(step->replaced, text[i]) : NULL;

        if (found)
            text[i] = step->by[found - step->replaced];
    }
    return true;
}

static bool valid_step(const struct identifier_step *step, char *text)
{
    char written[IDENTIFIER_LENGTH_MAX + 1];
    size_t length = strlen(text);

    if (step->method == IDENTIFIER_SHAPE)
        return valid_shape(step, text);
    if (step->method == IDENTIFIER_DROP)
        return drop(step->dropped, text);
    if (step->method == IDENTIFIER_REPLACE)
        return replace(step, text);
    if (step->method == IDENTIFIER_PATTERN) {
        for (size_t i = 0; i < step->form_count; i++) {
            if (rewrite(step->forms[i], step->to, text, length, written)) {
                memcpy(text, written, sizeof written);
                return true;
            }
        }
        return false;
    }
    if (!all_digits(text, step->signs && length > 0 ? length - 1 : length))
        return false;
    switch (step->method) {
    case IDENTIFIER_DIGITS: return length == (size_t)step->length;
    case IDENTIFIER_ISO7064: return valid_iso7064(text, length);
    case IDENTIFIER_REPETITION: return valid_repetition(step, text, length);
    case IDENTIFIER_RANGE: return valid_range(step, text, length);
    default:
        return valid_by(step, &step->weights, text, length)
               || (step->or_weights.count > 0 && valid_by(step, &step->or_weights, text, length));
    }
}

static const struct identifier_variant *find_variant(const struct identifier *identifier, const char *name, size_t length)
{
    for (size_t i = 0; i < identifier->variant_count; i++) {
        const struct identifier_variant *v = &identifier->variants[i];

        if (name ? v->name && strlen(v->name) == length && !memcmp(v->name, name, length) : !v->name)
            return v;
    }
    return NULL;
}

bool identifier_valid(const struct identifier *identifier, const char *text, size_t length, const char *variant, size_t variant_length,
                      char *normal)
{
    const struct identifier_variant *v = find_variant(identifier, variant, variant_length);
    char now[IDENTIFIER_LENGTH_MAX + 1] = {0};

    if (normal)
        *normal = '\0';
    if (!v || length > IDENTIFIER_LENGTH_MAX)
        return false;
    memcpy(now, text, length);
    for (size_t i = 0; i < v->step_count; i++)
        if (!valid_step(&v->steps[i], now))
            return false;
    if (normal)
        memcpy(normal, now, sizeof now);
    return true;
}
