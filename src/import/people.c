#include "import/people.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

#define PERSON_MAX 200

/* The member of an object, made where there is none. */
static json_t *member(json_t *object, const char *key, json_t *(*make)(void))
{
    json_t *found = json_object_get(object, key);

    if (!found) {
        json_object_set_new(object, key, make());
        found = json_object_get(object, key);
    }
    return found;
}

/* "name.first" is first in name. */
static void set_path(json_t *object, const char *path, json_t *value)
{
    const char *dot = strchr(path, '.');
    char part[64];

    if (!dot) {
        json_object_set_new(object, path, value);
        return;
    }
    snprintf(part, sizeof part, "%.*s", (int)(dot - path), path);
    set_path(member(object, part, json_object), dot + 1, value);
}

/* Takes over what is not there yet, in objects within objects too. */
static void complete(json_t *into, const json_t *from)
{
    const char *key;
    json_t *value, *own;

    json_object_foreach((json_t *)(uintptr_t)from, key, value)
    {
        own = json_object_get(into, key);
        if (!own)
            json_object_set_new(into, key, json_deep_copy(value));
        else if (json_is_object(own) && json_is_object(value))
            complete(own, value);
    }
}

static bool fill(struct source *s, const json_t *specs, const char *kind, bool dotted, json_t *into)
{
    bool bad = false, any = false;
    const char *key;
    json_t *spec, *value;

    json_object_foreach((json_t *)(uintptr_t)specs, key, spec)
    {
        bad = false;
        value = strcmp(key, "month") && strcmp(key, "change") ? source_value(s, spec, kind, &bad) : NULL;
        any = any || bad;
        if (value && dotted)
            set_path(into, key, value);
        else if (value)
            json_object_set_new(into, key, value);
    }
    return !any;
}

static long held(const json_t *o, const char *key)
{
    return (long)json_integer_value(json_object_get(o, key));
}

/* A second row of the person in the same source is told, with the first one's line. */
static bool first_row(struct source *s, json_t *person, const char *part)
{
    char key[80];
    long line;

    snprintf(key, sizeof key, "_%s%s", part, s->pointer);
    line = held(person, key);
    if (!line) {
        json_object_set_new(person, key, json_integer(s->csv.record_line));
        return true;
    }
    if (held(person, "_told") != s->csv.record_line) {
        char ignored[8];
        source_tell(s, source_plain(s, json_object_get(s->as, "person"), ignored, sizeof ignored), line, "import-twice",
                    "this person stands here a second time");
    }
    json_object_set_new(person, "_told", json_integer(s->csv.record_line));
    return false;
}

/* How new the row is, by the numbers of the mapping's newest. */
static bool rank(struct source *s, int64_t *out)
{
    const json_t *list = json_object_get(s->as, "newest"), *spec;
    bool bad = false;
    size_t i;

    *out = 0;
    json_array_foreach(list, i, spec)
    {
        int64_t value = 0;
        source_whole(s, spec, &value, &bad);
        *out = *out * 10000 + (value < 10000 ? value : 9999);
    }
    return !bad;
}

static bool take_employee(struct source *s, json_t *person)
{
    const json_t *specs = json_object_get(s->as, "employee");
    char key[80];
    json_t *old, *made;
    int64_t newness;
    bool good;

    if (!specs)
        return true;
    snprintf(key, sizeof key, "_rank%s", s->pointer);
    old = json_object_get(person, key);
    if (!rank(s, &newness) || (!json_object_get(s->as, "newest") && !first_row(s, person, "employee")))
        return false;
    made = member(person, "employee", json_object);
    if (old && newness == json_integer_value(old)) {
        source_tell(s, 0, 0, "import-twice", "two rows of this person are equally new");
        return false;
    }
    if (old && newness < json_integer_value(old))
        made = json_object(); /* looked at, but not taken */
    else
        json_object_set_new(person, key, json_integer((json_int_t)newness)), json_incref(made);
    good = fill(s, specs, "text", true, made);
    json_decref(made);
    return good;
}

static bool take_certificate(struct source *s, json_t *person)
{
    const json_t *values = json_object_get(s->as, "values"), *rest = json_object_get(s->as, "certificate");
    json_t *certificate;
    bool good;

    if (!values && !rest)
        return true;
    certificate = member(person, "certificate", json_object);
    if (!first_row(s, person, "certificate"))
        return false;
    good = fill(s, values, "amount", false, values ? member(certificate, "values", json_object) : NULL);
    return fill(s, rest, "text", true, certificate) && good;
}

static bool take_features(struct source *s, json_t *person)
{
    const json_t *specs = json_object_get(s->as, "features"), *month = json_object_get(specs, "month"),
                 *change = json_object_get(specs, "change");
    int64_t number = 1, changes = 0;
    bool bad = false;
    json_t *one;

    if (!specs)
        return true;
    if (!month && !first_row(s, person, "features"))
        return false;
    if (month)
        source_whole(s, month, &number, &bad);
    if (change)
        source_whole(s, change, &changes, &bad);
    one = json_object();
    json_object_set_new(one, "_month", json_integer((json_int_t)number));
    json_object_set_new(one, "_change", json_integer((json_int_t)changes));
    bad = !fill(s, specs, "text", true, one) || bad;
    json_array_append_new(member(person, "features", json_array), one);
    return !bad;
}

static bool is_turned(const json_t *list, const char *type)
{
    const json_t *one;
    size_t i;

    json_array_foreach(list, i, one) if (!strcmp(type, json_string_value(one))) return true;
    return false;
}

struct entry {
    const char *type;
    int64_t month, change;
    bool turned;
};

static bool add_entry(struct source *s, json_t *person, const struct entry *e, const json_t *amount_spec)
{
    bool bad = false;
    int64_t units;
    json_t *one;

    if (!source_amount(s, amount_spec, &units, &bad))
        return !bad;
    one = json_pack("{s:I, s:I, s:I, s:s, s:o}", "_change", (json_int_t)e->change, "_source",
                    (json_int_t)atoi(s->pointer + strlen("/sources/")), "month", (json_int_t)e->month, "wage_type", e->type, "amount",
                    source_amount_text(s, amount_spec, e->turned && units ? -units : units));
    json_array_append_new(member(person, "entries", json_array), one);
    return true;
}

static bool month_of(struct source *s, const json_t *spec, int64_t *month, bool *bad)
{
    size_t column;
    char ignored[8];

    if (!source_whole(s, spec, month, bad) || (*month >= 1 && *month <= 12))
        return !*bad;
    column = source_plain(s, spec, ignored, sizeof ignored);
    source_tell(s, column, 0, "import-month", "not a month from 1 to 12");
    *bad = true;
    return false;
}

static bool known_type(const struct people *p, struct source *s, const json_t *spec, const char *type)
{
    char ignored[8];

    if (json_object_get(json_at(p->mapping, "payroll/wage_types"), type))
        return true;
    source_tell(s, source_plain(s, spec, ignored, sizeof ignored), 0, "import-wage-type", "a wage type that the mapping does not have");
    return false;
}

/* Twelve columns, or one row's month. */
static bool take_amounts(struct source *s, json_t *person, const json_t *as, struct entry *e)
{
    const json_t *months = json_object_get(as, "months"), *spec;
    bool good = true, bad = false;
    size_t i;

    json_array_foreach(months, i, spec)
    {
        e->month = (int64_t)i + 1;
        if (!json_is_null(spec))
            good = add_entry(s, person, e, spec) && good;
    }
    if (months)
        return good;
    good = month_of(s, json_object_get(as, "month"), &e->month, &bad);
    return add_entry(s, person, e, json_object_get(as, "amount")) && good;
}

static bool take_entries(const struct people *p, struct source *s, json_t *person)
{
    const json_t *as = json_object_get(s->as, "entries"), *change = json_object_get(json_object_get(as, "changes"), "replace"), *type;
    struct entry e = {0};
    bool bad = false, good;

    if (!as)
        return true;
    member(person, "certificate", json_object);
    type = json_object_get(as, "wage_type");
    json_t *name = source_value(s, type, "text", &bad);
    e.type = json_string_value(name);
    if (change)
        source_whole(s, change, &e.change, &bad);
    good = e.type && known_type(p, s, type, e.type) && !bad;
    if (e.type) {
        e.turned = is_turned(json_object_get(as, "turn"), e.type);
        good = take_amounts(s, person, as, &e) && good;
    } else if (!bad) {
        source_tell(s, 0, 0, "import-wage-type", "a row without a wage type");
    }
    json_decref(name);
    return good;
}

static bool right_year(struct source *s)
{
    const json_t *spec = json_object_get(s->as, "year");
    bool bad = false;
    char ignored[8];
    int64_t year;

    if (!spec || !source_whole(s, spec, &year, &bad) || year == s->year)
        return !bad;
    source_tell(s, source_plain(s, spec, ignored, sizeof ignored), 0, "import-year", "another year than the payroll's");
    return false;
}

/* Whose row it is; NULL after telling that it is nobody's. New reference. */
static json_t *whose(struct source *s, const json_t *spec)
{
    bool bad = false;
    json_t *number = source_value(s, spec, "text", &bad);
    char ignored[8];

    if (json_is_string(number) && text_is_handle(json_string_value(number)))
        return number;
    if (!bad)
        source_tell(s, source_plain(s, spec, ignored, sizeof ignored), 0, "import-person", "not a personnel number");
    json_decref(number);
    return NULL;
}

bool people_take(struct people *p, struct source *s)
{
    json_t *number = whose(s, json_object_get(s->as, "person")),
           *person = number ? member(p->by_number, json_string_value(number), json_object) : NULL;
    bool good = right_year(s) && person;
    char ignored[8];

    if (!person) /* the rest of the row is looked at all the same */
        person = json_object();
    else
        json_incref(person);
    if (!json_object_get(person, "_line")) {
        json_object_set_new(person, "_line", json_integer(s->csv.record_line));
        json_object_set_new(person, "_column",
                            json_integer((json_int_t)source_plain(s, json_object_get(s->as, "person"), ignored, sizeof ignored)));
        json_object_set_new(person, "_file", json_string(s->path));
    }
    good = take_employee(s, person) && good;
    good = take_certificate(s, person) && good;
    good = take_features(s, person) && good;
    good = take_entries(p, s, person) && good;
    json_decref(person);
    json_decref(number);
    return good;
}

static bool has_employees(const struct people *p)
{
    const json_t *one;
    size_t i;

    json_array_foreach(json_object_get(p->mapping, "sources"), i, one) if (json_object_get(one, "employee")) return true;
    return false;
}

long people_without(const struct people *p, const struct tc_import_options *options)
{
    const char *number;
    json_t *person;
    long count = 0;

    if (!has_employees(p))
        return 0;
    json_object_foreach(p->by_number, number, person)
    {
        struct tc_import_finding finding = {.file = json_string_value(json_object_get(person, "_file")),
                                            .line = held(person, "_line"),
                                            .column = held(person, "_column"),
                                            .rule = "import-nobody",
                                            .message = "there is no master data of this personnel number"};
        if (json_object_get(person, "employee"))
            continue;
        count++;
        if (options->on_finding)
            options->on_finding(options->ctx, &finding);
    }
    return count;
}

/* The highest change of the month among the list. */
static long newest_change(const json_t *list, const json_t *of, const char *month)
{
    const json_t *one;
    long most = 0;
    size_t i;

    json_array_foreach(list, i, one) if (held(one, month) == held(of, month) && held(one, "_source") == held(of, "_source")
                                         && held(one, "_change") > most) most = held(one, "_change");
    return most;
}

static json_t *without_hidden(const json_t *one)
{
    json_t *copy = json_deep_copy(one);

    json_object_del(copy, "_change");
    json_object_del(copy, "_source");
    json_object_del(copy, "_month");
    return copy;
}

static json_t *valid_entries(const json_t *entries)
{
    json_t *list = json_array();
    const json_t *one;
    size_t i;

    json_array_foreach(entries, i, one) if (held(one, "_change") == newest_change(entries, one, "month"))
        json_array_append_new(list, without_hidden(one));
    return list;
}

/* The features of each month in order, one row for as long as they are the same. */
static json_t *valid_features(const struct people *p, const json_t *features)
{
    const json_t *one, *constant = json_object_get(p->mapping, "features");
    json_t *list = json_array(), *last = NULL;
    char from[40];
    size_t i;

    for (int month = 1; month <= 12; month++)
        json_array_foreach(features, i, one)
        {
            if (held(one, "_month") != month || held(one, "_change") != newest_change(features, one, "_month"))
                continue;
            json_t *made = without_hidden(one);
            complete(made, constant);
            if (last && json_equal(last, made)) {
                json_decref(made);
                continue;
            }
            json_decref(last);
            last = json_deep_copy(made);
            snprintf(from, sizeof from, "%04ld-%02d-01", (long)json_integer_value(json_at(p->mapping, "payroll/year")), month);
            if (!json_object_get(made, "valid_from"))
                json_object_set_new(made, "valid_from", json_string(from));
            json_array_append_new(list, made);
        }
    json_decref(last);
    return list;
}

/* The mapping's id with the number in the place of {personnel_number}. */
static json_t *certificate_id(const struct people *p, const char *number)
{
    const char *pattern = json_string_value(json_object_get(p->mapping, "id")), *place;
    char id[300];

    pattern = pattern ? pattern : "{personnel_number}-1";
    place = strstr(pattern, "{personnel_number}");
    if (place)
        snprintf(id, sizeof id, "%.*s%s%s", (int)(place - pattern), pattern, number, place + strlen("{personnel_number}"));
    else
        snprintf(id, sizeof id, "%s%s", pattern, number);
    return json_string(id);
}

static json_t *certificate(const struct people *p, const char *number, const json_t *person)
{
    json_t *made = json_deep_copy(json_object_get(person, "certificate"));
    const json_t *constant = json_object_get(p->mapping, "certificate");

    json_object_set_new(made, "personnel_number", json_string(number));
    if (!json_object_get(made, "id"))
        json_object_set_new(made, "id", certificate_id(p, number));
    if (json_object_get(person, "entries"))
        json_object_set_new(made, "entries", valid_entries(json_object_get(person, "entries")));
    if (json_object_get(person, "features"))
        json_object_set_new(made, "deduction_features", valid_features(p, json_object_get(person, "features")));
    complete(made, constant);
    return made;
}

json_t *people_payroll(const struct people *p, long *certificates)
{
    json_t *payroll = json_deep_copy(json_object_get(p->mapping, "payroll")), *list, *person;
    const char *number;

    if (!payroll)
        return NULL;
    json_object_set_new(payroll, "format", json_string("taxcert/payroll/1"));
    list = json_array();
    json_object_foreach(p->by_number, number, person) if (json_object_get(person, "certificate"))
        json_array_append_new(list, certificate(p, number, person));
    *certificates = (long)json_array_size(list);
    json_object_set_new(payroll, "certificates", list);
    return payroll;
}

json_t *people_employees(const struct people *p)
{
    json_t *list = json_array(), *person, *made;
    const char *number;

    if (!has_employees(p)) {
        json_decref(list);
        return NULL;
    }
    json_object_foreach(p->by_number, number, person)
    {
        if (!json_object_get(person, "employee"))
            continue;
        made = json_deep_copy(json_object_get(person, "employee"));
        json_object_set_new(made, "personnel_number", json_string(number));
        complete(made, json_object_get(p->mapping, "employee"));
        json_array_append_new(list, made);
    }
    return json_pack("{s:s, s:o}", "format", "taxcert/employees/1", "employees", list);
}
