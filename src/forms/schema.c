#include "forms/schema.h"

#include <stdio.h>
#include <string.h>

#define HANDLE "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,31}$"
#define DATE "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"

static json_t *type_of(const char *name)
{
    return json_pack("{ss}", "type", name);
}

static json_t *text(const char *pattern)
{
    return json_pack("{ssss}", "type", "string", "pattern", pattern);
}

/* Optional values may be null. */
static json_t *or_null(json_t *schema)
{
    return json_pack("{s[oo]}", "anyOf", schema, type_of("null"));
}

/* Text by the grammar, or a number; that a real is the nearest double to an amount cannot be said here. */
static json_t *amount(int digits)
{
    const json_int_t limit = 10000000000000; /* MONEY_WHOLE_DIGITS */
    char pattern[80];

    if (digits > 0)
        snprintf(pattern, sizeof pattern, "^-?(0|[1-9][0-9]{0,12})(\\.[0-9]{1,%d})?$", digits);
    else
        snprintf(pattern, sizeof pattern, "^-?(0|[1-9][0-9]{0,12})$");
    return json_pack("{s[oo]}", "anyOf", text(pattern),
                     json_pack("{sssIsI}", "type", "number", "exclusiveMinimum", -limit, "exclusiveMaximum", limit));
}

static json_t *allowed_words(const struct field *f)
{
    json_t *words = json_array();

    for (size_t i = 0; i < f->allowed_count; i++)
        json_array_append_new(words, json_string(f->allowed[i]));
    return words;
}

static json_t *text_schema(const struct field *f)
{
    json_t *schema = json_pack("{ss}", "type", "string");

    if (!f->read_as) /* else it may be spelled out */
        json_object_set_new(schema, "maxLength", json_integer(f->longest));
    if (f->allowed)
        json_object_set_new(schema, "enum", allowed_words(f));
    return schema;
}

static json_t *field_schema(const struct field *f)
{
    json_t *item;

    switch (f->type) {
    case FIELD_MONEY:
    case FIELD_DECIMAL: return amount(f->digits);
    case FIELD_COUNT:
    case FIELD_YEAR: return json_pack("{sssIsI}", "type", "integer", "minimum", (json_int_t)f->least, "maximum", (json_int_t)f->most);
    case FIELD_TEXT: return text_schema(f);
    case FIELD_LETTERS:
        item = type_of("string");
        if (f->allowed)
            json_object_set_new(item, "enum", allowed_words(f));
        return json_pack("{ssso}", "type", "array", "items", item);
    case FIELD_MONTHS:
        return json_pack("{sss{s{sssisi}s{sssisi}}s[ss]}", "type", "object", "properties", "first", "type", "integer", "minimum", 1,
                         "maximum", 12, "last", "type", "integer", "minimum", 1, "maximum", 12, "required", "first", "last");
    case FIELD_DATE: return text(DATE);
    case FIELD_CROSS: return type_of("boolean");
    default: return json_pack("{s{}}", "not"); /* nothing may stand here */
    }
}

static json_t *new_object(void)
{
    return json_pack("{sss{}s[]}", "type", "object", "properties", "required");
}

static void require(json_t *object, const char *key)
{
    json_t *list = json_object_get(object, "required");
    json_t *known;
    size_t i;

    json_array_foreach(list, i, known) if (!strcmp(json_string_value(known), key)) return;
    json_array_append_new(list, json_string(key));
}

static void put(json_t *object, const char *key, json_t *schema)
{
    json_object_set_new(json_object_get(object, "properties"), key, schema);
}

/* The schema of a field below an object, with the objects on the way to it. */
static void put_field(json_t *object, const struct field *f)
{
    for (int i = 0; i + 1 < f->step_count; i++) {
        json_t *below = json_object_get(json_object_get(object, "properties"), f->steps[i]);

        if (!below) {
            below = new_object();
            put(object, f->steps[i], below);
        }
        if (f->required)
            require(object, f->steps[i]);
        object = below;
    }
    put(object, f->steps[f->step_count - 1], f->required || f->type == FIELD_UNUSED ? field_schema(f) : or_null(field_schema(f)));
    if (f->required)
        require(object, f->steps[f->step_count - 1]);
}

static void put_place(json_t *object, const struct template *t, enum field_place place)
{
    for (size_t i = 0; i < t->field_count; i++)
        if (t->fields[i].group < 0 && t->fields[i].place == place && !t->fields[i].computed)
            put_field(object, &t->fields[i]);
}

static json_t *group_schema(const struct template *t, const struct group *g)
{
    json_t *row = new_object();

    for (size_t i = 0; i < g->count; i++)
        put_field(row, &t->fields[g->first + i]);
    return json_pack("{sssosisi}", "type", "array", "items", row, "minItems", g->least, "maxItems", g->most);
}

static json_t *values_schema(const struct template *t)
{
    json_t *values = new_object();

    put_place(values, t, PLACE_VALUES);
    /* A line that the form does not have would be lost: refused. Keys beginning x_ are nobody's business. */
    json_object_set_new(values, "patternProperties", json_pack("{s{}}", "^x_"));
    json_object_set_new(values, "additionalProperties", json_false());
    return values;
}

static json_t *entry_schema(const struct template *t)
{
    json_t *entry = new_object();

    put(entry, "month", json_pack("{sssisi}", "type", "integer", "minimum", 1, "maximum", 12));
    put(entry, "wage_type", type_of("string"));
    put(entry, "amount", amount(t->digits));
    require(entry, "month");
    require(entry, "wage_type");
    require(entry, "amount");
    return entry;
}

/* Why a certificate that was issued is corrected or cancelled. */
static json_t *reason_schema(void)
{
    json_t *r = new_object();

    put(r, "reason", json_pack("{sssi}", "type", "string", "minLength", 1));
    require(r, "reason");
    return r;
}

static json_t *cancellations_schema(void)
{
    json_t *c = reason_schema();

    put(c, "certificate", text(HANDLE));
    require(c, "certificate");
    return json_pack("{ssso}", "type", "array", "items", c);
}

static json_t *certificate_schema(const struct template *t)
{
    json_t *c = new_object(), *facts = new_object(), *correction = reason_schema();

    put_place(c, t, PLACE_CERTIFICATE);
    put(c, "id", text(HANDLE));
    put(c, "personnel_number", text(HANDLE));
    put(c, "establishment", type_of("string"));
    require(c, "id");
    require(c, "personnel_number");
    require(c, "establishment");
    put(c, "values", or_null(values_schema(t)));
    put_place(facts, t, PLACE_FACTS);
    put(c, "facts", or_null(facts));
    put(c, "entries", or_null(json_pack("{ssso}", "type", "array", "items", entry_schema(t))));
    put_place(correction, t, PLACE_CORRECTION);
    put(c, "correction", or_null(correction));
    for (size_t i = 0; i < t->group_count; i++) {
        json_t *schema;

        if (t->groups[i].before >= 0)
            continue;
        schema = group_schema(t, &t->groups[i]);

        put(c, t->groups[i].id, t->groups[i].least > 0 ? schema : or_null(schema));
        if (t->groups[i].least > 0)
            require(c, t->groups[i].id);
    }
    return c;
}

static json_t *employee_schema(const struct template *t)
{
    json_t *e = new_object(), *address = new_object();

    put_place(e, t, PLACE_EMPLOYEE);
    put_place(address, t, PLACE_ADDRESS);
    put(e, "personnel_number", text(HANDLE));
    require(e, "personnel_number");
    put(e, "mailing_address", or_null(json_deep_copy(address)));
    put(e, "address", or_null(address));
    put(e, "no_certificate_reason", or_null(type_of("string")));
    return e;
}

static json_t *employees_schema(const struct template *t)
{
    return json_pack("{ssso}", "type", "array", "items", employee_schema(t));
}

/* What was declared during the year; codes are numbers of the declaration's form. */
static json_t *declarations_schema(void)
{
    json_t *d = new_object();

    put(d, "establishment", type_of("string"));
    put(d, "period", text("^[0-9]{4}(-(0[1-9]|1[0-2]|Q[1-4]))?$"));
    put(d, "calendar_year", type_of("integer"));
    put(d, "amended", json_pack("{s[ss]}", "type", "boolean", "null"));
    put(d, "values", type_of("object"));
    require(d, "establishment");
    require(d, "period");
    require(d, "values");
    return json_pack("{ssso}", "type", "array", "items", d);
}

static json_t *payroll_schema(const struct template *t)
{
    json_t *p = new_object(), *employer = new_object(), *establishment = new_object();

    put(p, "format", json_pack("{ss}", "const", "taxcert/payroll/1"));
    put(p, "form", json_pack("{ss}", "const", t->id));
    put(p, "year", json_pack("{si}", "const", t->year));
    put(p, "issue_date", text(DATE));
    put_place(employer, t, PLACE_EMPLOYER);
    put(p, "employer", employer);
    put_place(establishment, t, PLACE_ESTABLISHMENT);
    put(establishment, "id", type_of("string"));
    require(establishment, "id");
    put(p, "establishments", json_pack("{ssso}", "type", "array", "items", establishment));
    put(p, "declarations", declarations_schema());
    put(p, "wage_types",
        json_pack("{sss{sss{s{ss}s{sss{ss}}}s[s]}}", "type", "object", "additionalProperties", "type", "object", "properties", "text",
                  "type", "string", "adds_to", "type", "array", "items", "type", "string", "required", "adds_to"));
    put(p, "certificates", json_pack("{ssso}", "type", "array", "items", certificate_schema(t)));
    put(p, "employees", employees_schema(t));
    put(p, "cancellations", or_null(cancellations_schema()));
    require(p, "form");
    require(p, "year");
    require(p, "employer");
    require(p, "establishments");
    require(p, "certificates");
    return p;
}

/* A printed value as canonical_value writes it. */
static json_t *printed_schema(const struct field *f)
{
    char pattern[64];

    switch (f->type) {
    case FIELD_MONEY:
    case FIELD_DECIMAL:
        if (f->digits == 0)
            return text("^-?(0|[1-9][0-9]*)$");
        snprintf(pattern, sizeof pattern, "^-?(0|[1-9][0-9]*)\\.[0-9]{%d}$", f->digits);
        return text(pattern);
    case FIELD_TEXT: return type_of("string");
    case FIELD_LETTERS: return json_pack("{sss{ss}}", "type", "array", "items", "type", "string");
    case FIELD_DATE: return text(DATE);
    case FIELD_MONTHS:
        return json_pack("{sss{s{ss}s{ss}}s[ss]sb}", "type", "object", "properties", "first", "type", "integer", "last", "type", "integer",
                         "required", "first", "last", "additionalProperties", 0);
    case FIELD_CROSS: return type_of("boolean");
    default: return type_of("integer");
    }
}

static json_t *printed_fields(const struct template *t, const struct form *form, size_t first, size_t count, int group)
{
    json_t *fields = new_object();

    for (size_t i = first; i < first + count; i++)
        if (form->printed[i] != PRINTED_NEVER && t->fields[i].group == group)
            put(fields, t->fields[i].id, printed_schema(&t->fields[i]));
    json_object_set_new(fields, "additionalProperties", json_false());
    return fields;
}

static json_t *mark_names(void)
{
    json_t *names = json_array();
    const char *name;

    for (int i = 0; (name = form_mark_name(i)) != NULL; i++)
        json_array_append_new(names, json_string(name));
    return names;
}

/* certificate.json and letter.json in PDFs: see certificate/attachment.h. Without marks it is the issued original. */
static json_t *attachment_schema(const struct template *t, const struct form *form)
{
    json_t *c = new_object();

    put(c, "format", json_pack("{ss}", "const", form->kind == FORM_LETTER ? "taxcert/letter/1" : "taxcert/certificate/1"));
    put(c, "form", json_pack("{ss}", "const", t->id));
    put(c, "year", json_pack("{si}", "const", t->year));
    put(c, "marks", json_pack("{sss{so}sb}", "type", "array", "items", "enum", mark_names(), "uniqueItems", 1));
    put(c, "fields", printed_fields(t, form, 0, t->field_count, -1));
    require(c, "format");
    require(c, "form");
    require(c, "year");
    require(c, "fields");
    for (size_t g = 0; g < t->group_count; g++) {
        if (form->groups[g].attached == 0)
            continue;
        put(c, t->groups[g].id,
            json_pack("{sssosi}", "type", "array", "items", printed_fields(t, form, t->groups[g].first, t->groups[g].count, (int)g),
                      "maxItems", form->groups[g].attached));
        require(c, t->groups[g].id);
    }
    json_object_set_new(c, "additionalProperties", json_false());
    return c;
}

json_t *schema_make(const struct template *t, const struct form *form, const struct form *letter)
{
    json_t *employees, *schema;
    char title[200];

    json_watch();
    employees = new_object();
    put(employees, "format", json_pack("{ss}", "const", "taxcert/employees/1"));
    put(employees, "employees", employees_schema(t));
    require(employees, "employees");
    snprintf(title, sizeof title, "taxcert input of %.100s %d", t->id, t->year);
    schema = json_pack("{sssss[{ss}{ss}]s{sososo}}", "$schema", "https://json-schema.org/draft/2020-12/schema", "title", title, "anyOf",
                       "$ref", "#/$defs/payroll", "$ref", "#/$defs/employees", "$defs", "payroll", payroll_schema(t), "employees",
                       employees, "certificate", attachment_schema(t, form));
    if (letter)
        json_object_set_new(json_object_get(schema, "$defs"), "letter", attachment_schema(t, letter));
    if (!json_starved())
        return schema;
    json_decref(schema);
    return NULL;
}
