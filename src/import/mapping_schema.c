/* The JSON Schema of mappings, from the linter's tables. */
#include <stdlib.h>

#include "base/json.h"
#include "import/cell.h"
#include "import/keys.h"

/* New references, all of them; NULL where memory fails, which json_pack and json_object_set_new pass on. */
static json_t *words(const char *const *list)
{
    json_t *made = json_array();

    for (; *list; list++)
        json_array_append_new(made, json_string(*list));
    return json_pack("{s:o}", "enum", made);
}

static json_t *to(const struct key_table *table)
{
    return json_pack("{s:o}", "$ref", json_sprintf("#/$defs/%s", table->name));
}

static json_t *ref(void)
{
    return json_pack("[{s:s, s:i}, {s:s, s:i}]", "type", "string", "minLength", 1, "type", "integer", "minimum", 1);
}

/* A column: a name, a number or an object. */
static json_t *column(void)
{
    json_t *ways = ref();

    json_array_append_new(ways, to(&keys_column));
    return json_pack("{s:o}", "oneOf", ways);
}

static json_t *number(int least, int most)
{
    return json_pack("{s:s, s:i, s:i}", "type", "integer", "minimum", least, "maximum", most);
}

static json_t *texts(void)
{
    return json_pack("{s:s, s:{s:s}}", "type", "array", "items", "type", "string");
}

static json_t *plain(enum key_kind kind)
{
    switch (kind) {
    case KEY_TEXT: return json_pack("{s:s, s:i}", "type", "string", "minLength", 1);
    case KEY_NAME: return json_pack("{s:s, s:s}", "type", "string", "pattern", "^[^/]+$");
    case KEY_ORDER: return json_pack("{s:s, s:s}", "type", "string", "pattern", "[DMYhms]");
    case KEY_LETTER: return json_pack("{s:s, s:i, s:i}", "type", "string", "minLength", 1, "maxLength", 1);
    case KEY_QUOTE: return json_pack("{s:[s, s], s:i, s:i}", "type", "string", "null", "minLength", 1, "maxLength", 1);
    case KEY_POSITIVE: return number(1, 1000000000);
    case KEY_DIGITS: return number(0, CELL_DIGITS_MAX);
    case KEY_YEARS: return number(0, 99);
    case KEY_TRUTH: return json_pack("{s:s}", "type", "boolean");
    case KEY_TEXTS: return texts();
    case KEY_TEXT_OR_TEXTS: return json_pack("{s:[{s:s}, o]}", "oneOf", "type", "string", texts());
    case KEY_OBJECT: return json_pack("{s:s}", "type", "object");
    case KEY_PAYROLL: return json_pack("{s:s, s:[s], s:{s:b}}", "type", "object", "required", "year", "properties", "certificates", 0);
    default: return json_object();
    }
}

static json_t *list_of(json_t *items, int least)
{
    return json_pack("{s:s, s:o, s:i}", "type", "array", "items", items, "minItems", least);
}

static json_t *month_list(void)
{
    json_t *items = json_pack("{s:[o, {s:s}]}", "oneOf", column(), "type", "null");

    return json_pack("{s:s, s:o, s:i, s:i}", "type", "array", "items", items, "minItems", 12, "maxItems", 12);
}

static json_t *kind_schema(enum key_kind kind)
{
    if (key_words(kind))
        return words(key_words(kind));
    switch (kind) {
    case KEY_REF: return json_pack("{s:o}", "oneOf", ref());
    case KEY_REFS: return list_of(json_pack("{s:o}", "oneOf", ref()), 1);
    case KEY_COLUMN: return column();
    case KEY_COLUMNS:
        return json_pack("{s:s, s:{s:{}}, s:o}", "type", "object", "patternProperties", "^_", "additionalProperties", column());
    case KEY_COLUMN_LIST: return list_of(column(), 1);
    case KEY_MONTHS: return month_list();
    case KEY_CHANGES:
        return json_pack("{s:[{s:s}, {s:s, s:{s:o}, s:[s], s:b}]}", "oneOf", "const", "add", "type", "object", "properties", "replace",
                         column(), "required", "replace", "additionalProperties", 0);
    case KEY_CONDITIONS:
    case KEY_TOTALS: return list_of(to(key_inner(kind)), 0);
    case KEY_SOURCES: return list_of(to(key_inner(kind)), 1);
    case KEY_ENTRIES:
    case KEY_TICKETS: return to(key_inner(kind));
    default: return plain(kind);
    }
}

/* An object: its keys, and those that begin with _, which are remarks. */
static json_t *table_schema(const struct key_table *table)
{
    json_t *properties = json_object(), *required = json_array();

    for (size_t i = 0; i < table->count; i++) {
        json_t *one = kind_schema(table->keys[i].kind);
        json_object_set_new(one, "description", json_string(key_wanted(table->keys[i].kind)));
        json_object_set_new(properties, table->keys[i].name, one);
        if (table->keys[i].required)
            json_array_append_new(required, json_string(table->keys[i].name));
    }
    return json_pack("{s:s, s:o, s:{s:{}}, s:o, s:b}", "type", "object", "properties", properties, "patternProperties", "^_", "required",
                     required, "additionalProperties", 0);
}

static json_t *one_of_keys(const char *const *names)
{
    json_t *ways = json_array();

    for (; *names; names++)
        json_array_append_new(ways, json_pack("{s:[s]}", "required", *names));
    return ways;
}

enum tc_code tc_import_schema(FILE *file, struct tc_error *err)
{
    static const struct key_table *const tables[] = {&keys_source, &keys_column,  &keys_condition,
                                                     &keys_total,  &keys_entries, &keys_tickets};
    static const char *const column_ways[] = {"column", "columns", "constant", NULL}, *const condition_ways[] = {"is", "begins", "ends",
                                                                                                                 "empty", NULL};
    json_t *schema, *defs;
    char *text;

    error_reset(err);
    json_watch();
    schema = table_schema(&keys_mapping);
    defs = json_object();
    json_object_set_new(schema, "$schema", json_string("https://json-schema.org/draft/2020-12/schema"));
    json_object_set_new(schema, "title", json_string("taxcert mapping"));
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        json_object_set_new(defs, tables[i]->name, table_schema(tables[i]));
    json_object_set_new(json_object_get(defs, "column"), "oneOf", one_of_keys(column_ways));
    json_object_set_new(json_object_get(defs, "condition"), "oneOf", one_of_keys(condition_ways));
    json_object_set_new(json_object_get(defs, "total"), "oneOf", one_of_keys(condition_ways));
    json_object_set_new(schema, "$defs", defs);
    text = json_starved() ? NULL : json_text(schema, JSON_INDENT(1));
    json_decref(schema);
    if (!text)
        error_memory(err);
    else if (fprintf(file, "%s\n", text) < 0)
        error_set(err, TC_IO, NULL, NULL, "write", "the schema cannot be written");
    free(text);
    return err->code;
}
