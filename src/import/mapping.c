#include "import/mapping.h"

#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/text.h"
#include "import/cell.h"
#include "import/keys.h"
#include "import/parts.h"

#define POINTER 256

struct lint {
    const struct tc_import_options *options;
    struct tc_error *err;
    long mistakes;
};

static void object(struct lint *l, const char *pointer, const json_t *json, const struct key_table *table);

static void tell(struct lint *l, const char *pointer, const char *message)
{
    l->mistakes++;
    if (l->options->on_finding && l->mistakes > 1)
        l->options->on_finding(
            l->options->ctx,
            &(struct tc_import_finding){.file = l->options->mapping, .pointer = pointer, .rule = "mapping", .message = message});
    error_set(l->err, TC_USAGE, l->options->mapping, pointer, "mapping", "%s", message);
}

static bool one_letter(const json_t *text)
{
    const char *at = json_string_value(text);

    if (!at || !*at)
        return false;
    text_next(&at);
    return !*at;
}

static bool is_number(const json_t *json, json_int_t least, json_int_t most)
{
    return json_is_integer(json) && json_integer_value(json) >= least && json_integer_value(json) <= most;
}

static bool is_text(const json_t *json)
{
    return json_is_string(json) && *json_string_value(json);
}

/* A list of texts; they may be empty. */
static bool is_texts(const json_t *list)
{
    const json_t *one;
    size_t i;

    json_array_foreach(list, i, one) if (!json_is_string(one)) return false;
    return json_is_array(list);
}

static bool is_ref(const json_t *ref)
{
    return is_text(ref) || is_number(ref, 1, 100000);
}

static bool is_refs(const json_t *list)
{
    const json_t *one;
    size_t i;

    json_array_foreach(list, i, one) if (!is_ref(one)) return false;
    return json_array_size(list) >= 1 && json_array_size(list) <= 16;
}

static bool is_word(const json_t *json, const char *const *words)
{
    for (; *words && json_is_string(json); words++)
        if (!strcmp(*words, json_string_value(json)))
            return true;
    return false;
}

/* Whether what is no object or list of objects is of its kind. */
static bool is_plain(enum key_kind kind, const json_t *json)
{
    switch (kind) {
    case KEY_TEXT: return is_text(json);
    case KEY_NAME: return is_text(json) && !strchr(json_string_value(json), '/');
    case KEY_LETTER: return one_letter(json);
    case KEY_QUOTE: return json_is_null(json) || one_letter(json);
    case KEY_POSITIVE: return is_number(json, 1, 1000000000);
    case KEY_DIGITS: return is_number(json, 0, CELL_DIGITS_MAX);
    case KEY_YEARS: return is_number(json, 0, 99);
    case KEY_TRUTH: return json_is_boolean(json);
    case KEY_ORDER: return is_text(json) && cell_is_order(json_string_value(json));
    case KEY_TEXTS: return is_texts(json);
    case KEY_TEXT_OR_TEXTS: return json_is_string(json) || is_texts(json);
    case KEY_OBJECT: return json_is_object(json);
    case KEY_PAYROLL: return json_is_integer(json_object_get(json, "year"));
    case KEY_REF: return is_ref(json);
    case KEY_REFS: return is_refs(json);
    default: return !key_words(kind) || is_word(json, key_words(kind));
    }
}

static void column(struct lint *l, const char *pointer, const json_t *json)
{
    int ways = (json_object_get(json, "column") != NULL) + (json_object_get(json, "columns") != NULL)
               + (json_object_get(json, "constant") != NULL);

    if (!json_is_object(json) ? !is_ref(json) : ways != 1)
        tell(l, pointer, key_wanted(KEY_COLUMN));
    if (json_is_object(json))
        object(l, pointer, json, &keys_column);
}

static void below(char out[POINTER], const char *pointer, const char *key)
{
    snprintf(out, POINTER, "%.180s/%.70s", pointer, key);
}

static void columns(struct lint *l, const char *pointer, const json_t *json)
{
    char at[POINTER];
    const char *key;
    json_t *one;

    if (!json_is_object(json))
        tell(l, pointer, key_wanted(KEY_COLUMNS));
    json_object_foreach((json_t *)(uintptr_t)json, key, one)
    {
        below(at, pointer, key);
        if (*key != '_')
            column(l, at, one);
    }
}

/* One of a row's texts is asked for, in one way. */
static void condition(struct lint *l, const char *pointer, const json_t *json)
{
    static const char *const ways[] = {"is", "begins", "ends", "empty"};
    int count = 0;

    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        count += json_object_get(json, ways[i]) != NULL;
    if (count != 1)
        tell(l, pointer, "must have one of `is`, `begins`, `ends` and `empty`");
}

static void changes(struct lint *l, const char *pointer, const json_t *json)
{
    char at[POINTER];

    below(at, pointer, "replace");
    if (json_object_size(json) == 1 && json_object_get(json, "replace"))
        column(l, at, json_object_get(json, "replace"));
    else if (!json_is_string(json) || strcmp(json_string_value(json), "add") != 0)
        tell(l, pointer, key_wanted(KEY_CHANGES));
}

static void list(struct lint *l, const char *pointer, enum key_kind kind, const json_t *json)
{
    bool may_be_empty = kind == KEY_CONDITIONS || kind == KEY_TOTALS;
    char number[24], at[POINTER];
    const json_t *one;
    size_t i;

    if (!json_is_array(json) || (kind == KEY_MONTHS ? json_array_size(json) != 12 : !may_be_empty && !json_array_size(json)))
        tell(l, pointer, key_wanted(kind));
    json_array_foreach(json, i, one)
    {
        snprintf(number, sizeof number, "%zu", i);
        below(at, pointer, number);
        if (kind == KEY_MONTHS && json_is_null(one))
            continue;
        if (kind == KEY_COLUMN_LIST || kind == KEY_MONTHS)
            column(l, at, one);
        else
            object(l, at, one, key_inner(kind));
        if (may_be_empty)
            condition(l, at, one);
    }
}

static void value(struct lint *l, const char *pointer, enum key_kind kind, const json_t *json)
{
    switch (kind) {
    case KEY_COLUMN: column(l, pointer, json); break;
    case KEY_COLUMNS: columns(l, pointer, json); break;
    case KEY_COLUMN_LIST:
    case KEY_MONTHS:
    case KEY_CONDITIONS:
    case KEY_TOTALS:
    case KEY_SOURCES: list(l, pointer, kind, json); break;
    case KEY_CHANGES: changes(l, pointer, json); break;
    case KEY_ENTRIES:
    case KEY_TICKETS: object(l, pointer, json, key_inner(kind)); break;
    default:
        if (!is_plain(kind, json))
            tell(l, pointer, key_wanted(kind));
    }
}

/* The nearest known key is named. */
static void unknown(struct lint *l, const char *pointer, const char *key, const struct key_table *table)
{
    struct nearest near = nearest_to(key);
    char message[120];

    for (size_t i = 0; i < table->count; i++)
        nearest_consider(&near, table->keys[i].name);
    if (near.known)
        snprintf(message, sizeof message, "the mapping knows no field of this name here; is it `%s`?", near.known);
    tell(l, pointer, near.known ? message : "the mapping knows no field of this name here");
}

static void object(struct lint *l, const char *pointer, const json_t *json, const struct key_table *table)
{
    char at[POINTER];
    const char *key;
    json_t *inner;
    size_t i;

    if (!json_is_object(json))
        tell(l, pointer, "must be an object");
    json_object_foreach((json_t *)(uintptr_t)json, key, inner)
    {
        below(at, pointer, key);
        for (i = 0; i < table->count && strcmp(key, table->keys[i].name) != 0;)
            i++;
        if (i < table->count)
            value(l, at, table->keys[i].kind, inner);
        else if (*key != '_')
            unknown(l, at, key, table);
    }
    for (i = 0; i < table->count && json_is_object(json); i++) {
        below(at, pointer, table->keys[i].name);
        if (table->keys[i].required && !json_object_get(json, table->keys[i].name))
            tell(l, at, key_wanted(table->keys[i].kind));
    }
}

/* What tables cannot say of a source. */
static void source(struct lint *l, const char *at, const json_t *s, const json_t *mapping)
{
    const json_t *entries = json_object_get(s, "entries"), *id = json_object_get(mapping, "id");
    bool indexed = json_object_get(s, "index") != NULL, pay = entries || json_object_get(s, "values") || json_object_get(s, "certificate");
    char under[POINTER];

    below(under, at, "encoding");
    if (!indexed && !json_object_get(s, "encoding"))
        tell(l, under, key_wanted(KEY_ENCODING));
    below(under, at, "separator");
    if (!indexed && !json_object_get(s, "separator"))
        tell(l, under, key_wanted(KEY_LETTER));
    below(under, at, "quote");
    if (!indexed && !json_object_get(s, "quote"))
        tell(l, under, key_wanted(KEY_QUOTE));
    below(under, at, "newest");
    if (json_array_size(json_object_get(s, "newest")) > PARTS_NEWEST)
        tell(l, under, "more than four columns: four tell which row is the newest");
    below(under, at, "entries");
    if (entries
        && (json_object_get(entries, "months") != NULL) == (json_object_get(entries, "month") && json_object_get(entries, "amount")))
        tell(l, under, "must have `month` and `amount`, or twelve columns in `months`");
    if (pay && !json_object_get(mapping, "payroll"))
        tell(l, at, "has what a payroll is made of, and the mapping has no `payroll`");
    if (json_object_get(s, "which") && json_is_string(id) && !strstr(json_string_value(id), "{which}"))
        tell(l, "/id", "must have {which} in it: a person's certificates need different ids");
}

static void sources(struct lint *l, const json_t *mapping)
{
    const json_t *one;
    char at[40];
    size_t i;

    json_array_foreach(json_object_get(mapping, "sources"), i, one)
    {
        snprintf(at, sizeof at, "/sources/%zu", i);
        if (json_is_object(one))
            source(l, at, one, mapping);
    }
}

/* Takes remarks out of an object that becomes a part of a record, or says of each key which column makes it. */
static void drop_remarks(json_t *object)
{
    const char *key;
    json_t *value;
    void *next;

    json_object_foreach_safe(object, next, key, value)
    {
        if (json_is_object(value))
            drop_remarks(value);
        if (*key == '_')
            json_object_del(object, key);
    }
}

/* Of columns by key only: below them stand words of the file, which may begin with any sign. */
static void drop_column_remarks(json_t *columns)
{
    const char *key;
    json_t *value;
    void *next;

    json_object_foreach_safe(columns, next, key, value)
    {
        if (*key == '_')
            json_object_del(columns, key);
    }
}

static void drop_all_remarks(json_t *mapping)
{
    static const char *const parts[] = {"employee", "certificate", "features", "values"};
    json_t *one;
    size_t i;

    for (size_t part = 0; part < sizeof parts / sizeof *parts; part++) {
        drop_remarks(json_object_get(mapping, parts[part]));
        json_array_foreach(json_object_get(mapping, "sources"), i, one) drop_column_remarks(json_object_get(one, parts[part]));
    }
}

json_t *mapping_read(const struct tc_import_options *options, struct tc_error *err)
{
    struct lint l = {options, err, 0};
    json_t *mapping = json_read(options->mapping, err);

    if (!mapping)
        return NULL;
    object(&l, "", mapping, &keys_mapping);
    sources(&l, mapping);
    if (json_at(mapping, "payroll/certificates"))
        tell(&l, "/payroll/certificates", "certificates are made of the files' rows, and none can be given here");
    if (!l.mistakes) {
        drop_all_remarks(mapping);
        return mapping;
    }
    json_decref(mapping);
    return NULL;
}
