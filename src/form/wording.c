#include "form/wording.h"

#include <string.h>

#define DIGITS "0123456789"
#define SIGN_MAX 4 /* bytes of a sign in numbers */

/* How a language writes numbers; percent stands behind a rate. */
struct signs {
    const char *decimal, *thousands, *percent;
};

/* What stands for the name, in the arena or longer-lived; NULL where there is no such name, or memory failed. */
typedef const char *lookup(const void *of, struct arena *arena, const char *name);

/* Text with what `find` gives in place of each {name}. What is put in is not looked through again. */
static const char *expand(const struct node *n, const char *text, lookup *find, const void *of, const char *missing)
{
    const char *said = "", *open;

    while (said && (open = strchr(text, '{')) != NULL) {
        const char *end = strchr(open, '}'), *name = end ? arena_copy(n->arena, open + 1, (size_t)(end - open) - 1) : "";
        const char *words = name ? find(of, n->arena, name) : NULL;

        if (!words) {
            if (n->arena->failed)
                error_memory(n->err);
            else
                node_fail(n, "template-id", "%s", missing);
            return NULL;
        }
        said = arena_printf(n->arena, "%s%.*s%s", said, (int)(open - text), text, words);
        text = end + 1;
    }
    if (said && !*said)
        return text;
    said = said ? arena_printf(n->arena, "%s%s", said, text) : NULL;
    if (!said)
        error_memory(n->err);
    return said;
}

static const char *find_source(const void *of, struct arena *arena, const char *name)
{
    const struct node *sources = of;
    const char *words = json_string_value(json_object_get(sources->json, name));

    (void)arena;
    return words && !strchr(words, '{') ? words : NULL;
}

const char *wording_of_source(const struct node *n, const struct node *sources, const char *text)
{
    return expand(n, text, find_source, sources, "sources has no text of this name");
}

/* A parameter such as -12500.5 or 5.5%, which was read as a number before. */
static const char *write_number(struct arena *arena, const char *text, const struct signs *signs)
{
    size_t minus = text[0] == '-', length = strlen(text), whole = strspn(text + minus, DIGITS);
    size_t percent = length > 0 && text[length - 1] == '%';
    const char *point = text + minus + whole, *said = minus ? "-" : "";

    for (size_t i = 0, next; said && i < whole; i = next) {
        next = whole - (whole - i - 1) / 3 * 3;
        said = arena_printf(arena, "%s%s%.*s", said, i > 0 ? signs->thousands : "", (int)(next - i), text + minus + i);
    }
    if (said && *point == '.')
        said = arena_printf(arena, "%s%s%.*s", said, signs->decimal, (int)strspn(point + 1, DIGITS), point + 1);
    return said && percent ? arena_printf(arena, "%s%s", said, signs->percent) : said;
}

struct numbers_of {
    const struct template *t;
    struct signs signs;
};

static const char *find_parameter(const void *of, struct arena *arena, const char *name)
{
    const struct numbers_of *numbers = of;

    for (size_t i = 0; i < numbers->t->parameter_count; i++)
        if (!strcmp(numbers->t->parameters[i].name, name))
            return write_number(arena, numbers->t->parameters[i].text, &numbers->signs);
    return NULL;
}

const char *wording_of_message(const struct template *t, const struct node *n, const struct node *numbers, const char *language,
                               const char *text)
{
    const json_t *own = json_object_get(numbers->json, language);
    const char *percent = json_string_value(json_object_get(own, "percent"));
    struct numbers_of of = {t, {".", ",", "%"}};

    if (!strchr(text, '{'))
        return text;
    if (own)
        of.signs = (struct signs){json_string_value(json_object_get(own, "decimal")), json_string_value(json_object_get(own, "thousands")),
                                  percent ? percent : " %"};
    return expand(n, text, find_parameter, &of, "there is no parameter of this name");
}

static bool check_sign(const struct node *n)
{
    const char *sign;

    if (!node_string(n, &sign))
        return false;
    return strlen(sign) <= SIGN_MAX || node_fail(n, "template-range", "one character is needed here");
}

bool wording_check_numbers(const struct template *t, const struct node *numbers)
{
    char allowed[200] = "";

    if (!numbers->json)
        return true;
    for (size_t i = 0; i < t->language_count && strlen(allowed) + strlen(t->languages[i]) + 2 < sizeof allowed; i++)
        strcat(strcat(allowed, i > 0 ? " " : ""), t->languages[i]);
    if (!node_keys(numbers, allowed))
        return false;
    for (size_t i = 0; i < t->language_count; i++) {
        struct node one = node_get(numbers, t->languages[i]), decimal = node_get(&one, "decimal"), thousands = node_get(&one, "thousands"),
                    percent = node_get(&one, "percent");

        if (one.json
            && (!node_keys(&one, "decimal thousands percent") || !check_sign(&decimal) || !check_sign(&thousands)
                || (percent.json && !check_sign(&percent))))
            return false;
    }
    return true;
}
