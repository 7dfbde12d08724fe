#include "import/mapping.h"

#include <string.h>

#include "import/encoding.h"

struct lint {
    const char *path;
    struct tc_error *err;
};

static bool fail(const struct lint *l, const char *pointer, const char *message)
{
    return error_set(l->err, TC_USAGE, l->path, pointer, "mapping", "%s", message);
}

/* Whether the object has no keys but those of the list, which are between blanks. */
static bool keys(const struct lint *l, const char *pointer, const json_t *object, const char *known)
{
    const char *key;
    json_t *value;
    char word[80], at[190];

    if (!json_is_object(object))
        return fail(l, pointer, "must be an object");
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        snprintf(word, sizeof word, " %.70s ", key);
        snprintf(at, sizeof at, "%.110s/%.70s", pointer, key);
        if (!strstr(known, word) && *key != '_')
            return fail(l, at, "the mapping has no such key here");
    }
    return true;
}

static bool is_ref(const json_t *ref)
{
    return (json_is_string(ref) && *json_string_value(ref)) || json_integer_value(ref) > 0;
}

static bool one_of(const json_t *value, const char *list)
{
    char word[40];

    snprintf(word, sizeof word, " %.30s ", json_is_string(value) ? json_string_value(value) : "?");
    return !value || strstr(list, word);
}

/* Absent, or a list of texts. */
static bool texts(const json_t *list)
{
    const json_t *one;
    size_t i;

    json_array_foreach(list, i, one) if (!json_is_string(one)) return false;
    return !list || json_is_array(list);
}

static bool options(const struct lint *l, const char *pointer, const json_t *o)
{
    const json_t *digits = json_object_get(o, "digits"), *grouping = json_object_get(o, "grouping");

    if (digits && (!json_is_integer(digits) || json_integer_value(digits) < 0 || json_integer_value(digits) > 9))
        return fail(l, pointer, "`digits` must be a whole number from 0 to 9");
    if (!texts(grouping))
        return fail(l, pointer, "`grouping` must be a list of signs");
    if (!one_of(json_object_get(o, "minus"), " before behind none "))
        return fail(l, pointer, "`minus` must be \"before\", \"behind\" or \"none\"");
    if (!one_of(json_object_get(o, "breaks"), " blank "))
        return fail(l, pointer, "`breaks` can only be \"blank\"");
    if (!texts(json_object_get(o, "absent")))
        return fail(l, pointer, "`absent` must be a list of texts");
    return true;
}

/* A description of columns: a name, a number, or an object. */
static bool column(const struct lint *l, const char *pointer, const json_t *c)
{
    const json_t *refs = json_object_get(c, "columns"), *ref;
    size_t i;

    if (!json_is_object(c))
        return is_ref(c) || fail(l, pointer, "must be a column: its name, its number from 1, or an object");
    if (!keys(l, pointer, c,
              " column columns join type values constant absent remove length digits decimal grouping minus dates turn required"
              " breaks implied whole empty check ")
        || !options(l, pointer, c))
        return false;
    if ((json_object_get(c, "column") != NULL) + (refs != NULL) + (json_object_get(c, "constant") != NULL) != 1)
        return fail(l, pointer, "must have one of `column`, `columns` and `constant`");
    if (json_object_get(c, "column") && !is_ref(json_object_get(c, "column")))
        return fail(l, pointer, "`column` must be a name or a number from 1");
    if (refs && !json_array_size(refs))
        return fail(l, pointer, "`columns` must be a list of names or numbers");
    json_array_foreach(refs, i, ref) if (!is_ref(ref)) return fail(l, pointer, "`columns` must be a list of names or numbers");
    if (json_object_get(c, "values") && !json_is_object(json_object_get(c, "values")))
        return fail(l, pointer, "`values` must be an object: from the file's text to the value");
    if (!one_of(json_object_get(c, "check"), " iso7064 "))
        return fail(l, pointer, "`check` can only be \"iso7064\"");
    return one_of(json_object_get(c, "type"), " text date amount whole words code ")
           || fail(l, pointer, "`type` must be \"text\", \"date\", \"amount\", \"whole\", \"words\" or \"code\"");
}

/* An object whose members are all columns. */
static bool columns(const struct lint *l, const char *pointer, const json_t *object)
{
    const char *key;
    json_t *value;
    char at[190];

    if (object && !json_is_object(object))
        return fail(l, pointer, "must be an object of columns");
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        snprintf(at, sizeof at, "%.110s/%.70s", pointer, key);
        if (!column(l, at, value))
            return false;
    }
    return true;
}

static bool condition(const struct lint *l, const char *pointer, const json_t *rule, const char *known)
{
    static const char *const tests[] = {"is", "begins", "ends", "empty"};
    int count = 0;

    if (!keys(l, pointer, rule, known))
        return false;
    for (size_t i = 0; i < 4; i++)
        count += json_object_get(rule, tests[i]) != NULL;
    if (!is_ref(json_object_get(rule, "column")))
        return fail(l, pointer, "`column` must be a name or a number from 1");
    return count == 1 || fail(l, pointer, "must have one of `is`, `begins`, `ends` and `empty`");
}

static bool conditions(const struct lint *l, const char *pointer, const json_t *list, bool sums)
{
    const json_t *rule;
    char at[190];
    size_t i;

    if (list && !json_is_array(list))
        return fail(l, pointer, "must be a list of conditions");
    json_array_foreach(list, i, rule)
    {
        snprintf(at, sizeof at, "%.150s/%zu", pointer, i);
        if (!condition(l, at, rule, sums ? " column is begins ends empty sums restart name " : " column is begins ends empty name "))
            return false;
        if (sums && !json_array_size(json_object_get(rule, "sums")))
            return fail(l, at, "`sums` must be a list of columns");
    }
    return true;
}

static bool entries(const struct lint *l, const char *pointer, const json_t *e)
{
    const json_t *months = json_object_get(e, "months"), *changes = json_object_get(e, "changes"), *month;
    size_t i;

    if (!e)
        return true;
    if (!keys(l, pointer, e, " wage_type text month months amount changes turn ") || !column(l, pointer, json_object_get(e, "wage_type")))
        return false;
    if (months ? json_array_size(months) != 12 : !json_object_get(e, "month") || !json_object_get(e, "amount"))
        return fail(l, pointer, "must have `month` and `amount`, or twelve columns in `months`");
    if (!texts(json_object_get(e, "turn")))
        return fail(l, pointer, "`turn` must be a list of wage types");
    json_array_foreach(months, i, month) if (!json_is_null(month) && !column(l, pointer, month)) return false;
    if (!months && (!column(l, pointer, json_object_get(e, "month")) || !column(l, pointer, json_object_get(e, "amount"))))
        return false;
    if (json_is_object(changes) && json_object_get(changes, "replace"))
        return column(l, pointer, json_object_get(changes, "replace"));
    return (changes && one_of(changes, " add "))
           || fail(l, pointer,
                   "`changes` must say whether later rows of a month are added (\"add\") or replace it ({\"replace\": COLUMN})");
}

static bool one_letter(const json_t *text)
{
    const char *t = json_string_value(text);

    return t && *t && !t[1];
}

static bool dialect(const struct lint *l, const char *at, const json_t *s)
{
    const json_t *quote = json_object_get(s, "quote");
    const char *encoding = json_string_value(json_object_get(s, "encoding"));
    bool indexed = json_is_string(json_object_get(s, "index"));

    if ((encoding || !indexed) && (!encoding || !encoding_find(encoding)))
        return fail(l, at, "`encoding` must be one of utf-8, utf-16le, utf-16be, windows-1252, iso-8859-1, iso-8859-15, cp850");
    if ((json_object_get(s, "separator") || !indexed) && !one_letter(json_object_get(s, "separator")))
        return fail(l, at, "`separator` must be one character, such as \";\" or \"\\t\"");
    if ((quote || !indexed) && !json_is_null(quote) && !one_letter(quote))
        return fail(l, at, "`quote` must be one character, or null where quotes are letters");
    if (json_object_get(s, "header") && json_integer_value(json_object_get(s, "header")) < 1)
        return fail(l, at, "`header` must be the line, from 1, that has the names of the columns");
    return options(l, at, s);
}

static bool source(const struct lint *l, const char *at, const json_t *s)
{
    static const char *const parts[] = {"employee", "values", "features", "certificate"};
    char under[190];

    if (!keys(
            l, at, s,
            " file index encoding separator quote header columns decimal grouping minus digits whole implied dates epoch absent breaks skip must totals"
            " person which year newest employee values features certificate entries tickets ")
        || !dialect(l, at, s))
        return false;
    for (size_t i = 0; i < 4; i++) {
        snprintf(under, sizeof under, "%s/%s", at, parts[i]);
        if (!columns(l, under, json_object_get(s, parts[i])))
            return false;
    }
    snprintf(under, sizeof under, "%s/person", at);
    if (!column(l, under, json_object_get(s, "person")))
        return false;
    snprintf(under, sizeof under, "%s/entries", at);
    if (!entries(l, under, json_object_get(s, "entries")))
        return false;
    snprintf(under, sizeof under, "%s/skip", at);
    if (!conditions(l, under, json_object_get(s, "skip"), false))
        return false;
    snprintf(under, sizeof under, "%s/must", at);
    if (!conditions(l, under, json_object_get(s, "must"), false))
        return false;
    snprintf(under, sizeof under, "%s/totals", at);
    return conditions(l, under, json_object_get(s, "totals"), true);
}

static bool lint(const struct lint *l, const json_t *mapping)
{
    const json_t *sources = json_object_get(mapping, "sources"), *format = json_object_get(mapping, "format"), *one;
    char at[32];
    size_t i;

    if (!keys(l, "", mapping, " format payroll employee certificate features id sources "))
        return false;
    if (!format || !one_of(format, " taxcert/mapping/1 "))
        return fail(l, "/format", "must be \"taxcert/mapping/1\"");
    if (!json_array_size(sources))
        return fail(l, "/sources", "must be a list of sources, one for each kind of file");
    if (json_object_get(mapping, "payroll") && !json_is_integer(json_at(mapping, "payroll/year")))
        return fail(l, "/payroll/year", "must be the payroll's year");
    json_array_foreach(sources, i, one)
    {
        snprintf(at, sizeof at, "/sources/%zu", i);
        if (!source(l, at, one))
            return false;
    }
    return true;
}

json_t *mapping_read(const char *path, struct tc_error *err)
{
    struct lint l = {path, err};
    json_t *mapping = json_read(path, err);

    if (mapping && !lint(&l, mapping)) {
        json_decref(mapping);
        return NULL;
    }
    return mapping;
}
