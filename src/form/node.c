#include "form/node.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/date.h"
#include "base/nearest.h"

bool node_fail(const struct node *n, const char *rule, const char *format, ...)
{
    char text[sizeof n->err->message];
    va_list args;

    if (n->arena->failed) /* what is missing may be so for want of memory */
        return error_memory(n->err);
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return error_set(n->err, TC_USAGE, n->file, n->pointer, rule, "%s", text);
}

static bool is_listed(const char *word, const char *words)
{
    size_t length = strlen(word);

    for (const char *p = words; *p; p += strcspn(p, " "), p += *p == ' ')
        if (strcspn(p, " ") == length && !memcmp(p, word, length))
            return true;
    return false;
}

static struct node child(const struct node *n, const json_t *json, const char *pointer)
{
    struct node c = *n;

    c.json = json_is_null(json) ? NULL : json;
    c.pointer = pointer ? pointer : "";
    return c;
}

struct node node_get(const struct node *n, const char *key)
{
    return child(n, json_object_get(n->json, key), arena_join(n->arena, (const char *const[]){n->pointer, "/", key}, 3));
}

/* Names the known key that this one is most like, or else as many as there is room for. */
static bool fail_key(const struct node *unknown, const char *key, const char *allowed)
{
    struct nearest n = nearest_to(key);

    for (const char *p = allowed; *p; p += strcspn(p, " "), p += *p == ' ')
        nearest_consider(&n, arena_copy(unknown->arena, p, strcspn(p, " ")));
    if (n.known)
        return node_fail(unknown, "template-key", "the key is not known here (nearest known name: %s)", n.known);
    return node_fail(unknown, "template-key", "the key is not known here; known are: %.150s", allowed);
}

bool node_keys(const struct node *n, const char *allowed)
{
    const char *key;
    json_t *value;

    if (!json_is_object(n->json))
        return node_fail(n, "template-type", "A group of named fields { } must stand here.");
    json_object_foreach((json_t *)n->json, key, value) if (!is_listed(key, allowed))
    {
        struct node unknown = node_get(n, key);

        return fail_key(&unknown, key, allowed);
    }
    return true;
}

struct node node_at(const struct node *n, size_t i)
{
    char room[BUF_DIGITS + 1] = "", *at = buf_whole(room + BUF_DIGITS, (unsigned long)i);

    return child(n, json_array_get(n->json, i), arena_join(n->arena, (const char *const[]){n->pointer, "/", at}, 3));
}

bool node_array(const struct node *n, size_t *count)
{
    *count = json_array_size(n->json);
    return !n->json || json_is_array(n->json) || node_fail(n, "template-type", "a list is needed here");
}

bool node_string(const struct node *n, const char **text)
{
    *text = NULL; /* compilers do not see that nobody uses it after a failure */
    if (!json_is_string(n->json))
        return node_fail(n, "template-type", "a text is needed here");
    *text = arena_copy(n->arena, json_string_value(n->json), json_string_length(n->json));
    return *text || error_memory(n->err);
}

bool node_string_or(const struct node *n, const char **text)
{
    return !n->json || node_string(n, text);
}

bool node_integer(const struct node *n, int least, int most, int *value)
{
    json_int_t number = json_integer_value(n->json);

    if (!json_is_integer(n->json) || number < least || number > most)
        return node_fail(n, "template-range", "a whole number from %d to %d is needed here", least, most);
    *value = (int)number;
    return true;
}

bool node_integer_or(const struct node *n, int least, int most, int *value)
{
    return !n->json || node_integer(n, least, most, value);
}

bool node_flag(const struct node *n, bool *value)
{
    if (!n->json)
        return true;
    if (!json_is_boolean(n->json))
        return node_fail(n, "template-type", "The value must be true or false, without quotes.");
    *value = json_is_true(n->json);
    return true;
}

bool node_millimetres(const struct node *n, int *hundredths)
{
    double value = json_number_value(n->json) * 100;

    if (!json_is_number(n->json) || fabs(value) > 100000 || fabs(value - round(value)) > 1e-6)
        return node_fail(n, "template-range", "millimetres with at most two decimals are needed here");
    *hundredths = (int)lround(value);
    return true;
}

bool node_date_format(const struct node *n, bool all, const char **format)
{
    unsigned parts;

    if (!node_string(n, format))
        return false;
    parts = date_format_parts(*format);
    if (parts != 0 && (!all || parts == (DATE_DAY | DATE_MONTH | DATE_YEAR)))
        return true;
    if (parts != 0 && all)
        return node_fail(n, "template-choice",
                         "the workbook's dates have DD, MM and YYYY, each once, and signs between them, such as \"DD.MM.YYYY\"");
    return node_fail(n, "template-choice",
                     "a date is written with DD, MM and YYYY, each at most once, and signs between them, such as \"DD.MM.YYYY\"");
}

static bool fail_choice(const struct node *n, const char *const *words, size_t count)
{
    struct buf list = {0};
    bool failed;

    for (size_t i = 0; i < count; i++)
        buf_printf(&list, "%s%s", i > 0 ? ", " : "", words[i]);
    buf_add(&list, "", 1);
    failed = list.failed ? error_memory(n->err) : node_fail(n, "template-choice", "one of these words must stand here: %.200s", list.data);
    buf_free(&list);
    return failed;
}

bool node_choice(const struct node *n, const char *const *words, size_t count, int *index)
{
    const char *word = json_string_value(n->json);

    *index = 0;
    for (size_t i = 0; word && i < count; i++) {
        if (!strcmp(word, words[i])) {
            *index = (int)i;
            return true;
        }
    }
    return fail_choice(n, words, count);
}
