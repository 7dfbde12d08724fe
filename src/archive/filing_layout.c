#include "archive/filing_layout.h"

#include <string.h>

#include "archive/filing_path.h"

#define LENGTH_MAX 100000

static const char *const scopes[] = {"begin", "site", "certificate", "row", "site_end", "end"};

struct reader {
    struct template *t;
    struct filing_layout *layout;
    struct node root;
    size_t count, at; /* of records, and which is at hand */
};

static bool load_expr(const struct reader *r, const struct node *n, int group, bool condition, struct expr **e)
{
    *e = template_expr(r->t, n, group);
    return *e && (!condition || expr_type_of(*e) == EXPR_BOOL || node_fail(n, "template-type", "a condition is needed here"));
}

/* A date has a format, and nothing else has one. */
static bool check_format(const struct node *n, const struct filing_field *f)
{
    struct node format = node_get(n, "format");
    bool date = f->source == FILING_VALUE && expr_type_of(f->e) == EXPR_DATE;
    const char *any;

    if (date && f->format)
        return node_date_format(&format, false, &any);
    return date == (f->format != NULL)
           || node_fail(&format, "template-key", "a date has a format, such as DDMMYYYY, and nothing else has one");
}

/* The field that the expression is, where it is one and nothing else. */
static int plain_field(const struct reader *r, const struct node *n, int group)
{
    const char *text = json_string_value(n->json);
    size_t length = text ? strlen(text) : 0;
    const char *id = length > 2 && *text == '[' && strchr(text, ']') == text + length - 1 ? arena_copy(n->arena, text + 1, length - 2)
                                                                                          : NULL;
    int field = id && group >= 0 ? template_field(r->t, id, group) : -1;

    return !id || field >= 0 ? field : template_field(r->t, id, -1);
}

/* The record of this id, before the one at hand unless ahead; -1 of "*", which are all. */
static bool find_record(const struct reader *r, const struct node *n, bool ahead, int *record)
{
    const char *id;

    *record = -1;
    if (!node_string(n, &id))
        return false;
    for (size_t i = 0; i < (ahead ? r->count : r->at); i++)
        if (!strcmp(r->layout->records[i].id, id)) {
            *record = (int)i;
            return true;
        }
    return node_fail(n, "template-id", "no record before has this id");
}

static bool load_count(const struct reader *r, const struct node *n, bool ahead, struct filing_field *f)
{
    f->record = -1;
    return (json_is_string(n->json) && !strcmp(json_string_value(n->json), "*")) || find_record(r, n, ahead, &f->record);
}

/* One of text, value, show, sum, count, given. */
static bool load_source(const struct reader *r, const struct node *n, const struct filing_record *record, struct filing_field *f)
{
    struct node text = node_get(n, "text"), value = node_get(n, "value"), sum = node_get(n, "sum"), count = node_get(n, "count");
    struct node given = node_get(n, "given"), show = node_get(n, "show");
    bool ends = record->scope == FILING_SITE_END || record->scope == FILING_END;
    bool begins = r->layout->length > 0 && (record->scope == FILING_BEGIN || record->scope == FILING_SITE);
    bool all = json_is_string(count.json) && !strcmp(json_string_value(count.json), "*");

    f->plain = -1;
    if (!text.json + !value.json + !sum.json + !count.json + !given.json + !show.json != 5)
        return node_fail(n, "template-key", "one of text, value, show, sum, count, given is needed");
    if (((value.json || show.json) && ends) || ((sum.json || (count.json && !all)) && !ends && !begins))
        return node_fail(n, "template-key",
                         "sum and count stand in records that begin or end something, value and show in all but the ends");
    f->source = text.json    ? FILING_TEXT
                : value.json ? FILING_VALUE
                : sum.json   ? FILING_SUM
                : count.json ? FILING_COUNT
                : show.json  ? FILING_SHOW
                             : FILING_GIVEN;
    switch (f->source) {
    case FILING_TEXT: return node_string(&text, &f->text);
    case FILING_SHOW: return form_load_show(r->t, &show, record->group, &f->show);
    case FILING_GIVEN: return node_string(&given, &f->text);
    case FILING_COUNT: return load_count(r, &count, begins, f);
    case FILING_VALUE: f->plain = plain_field(r, &value, record->group); return load_expr(r, &value, record->group, false, &f->e);
    default: f->plain = plain_field(r, &sum, -1);
    }
    return load_expr(r, &sum, -1, false, &f->e)
           && (expr_type_of(f->e) == EXPR_NUMBER || node_fail(&sum, "template-type", "a number is needed here"));
}

static bool load_table(const struct reader *r, const struct node *n, const json_t **table)
{
    struct node tables = node_get(&r->root, "tables");
    const char *name;

    if (!n->json)
        return true;
    if (!node_string(n, &name))
        return false;
    *table = json_object_get(tables.json, name);
    return json_is_object(*table) || node_fail(n, "template-id", "there is no such table");
}

static bool load_fill(const struct node *n, char *fill)
{
    const char *text = NULL;

    if (!node_string_or(n, &text))
        return false;
    if (!text)
        return true;
    *fill = *text;
    return strlen(text) == 1 || node_fail(n, "template-range", "one character is needed here");
}

/* How numbers, dates and letters are written. */
static bool load_manner(const struct node *n, struct filing_field *f)
{
    static const char *const signs[] = {"", "+", "+-"};
    struct node exact = node_get(n, "exact"), empty = node_get(n, "empty"), sign = node_get(n, "sign"), format = node_get(n, "format");
    struct node beyond = node_get(n, "beyond_ascii");
    int index = 0;

    if (!node_flag(&exact, &f->exact) || !node_flag(&empty, &f->empty) || !node_string_or(&format, &f->format)
        || !node_string_or(&beyond, &f->beyond) || (sign.json && !node_choice(&sign, signs, 3, &index)))
        return false;
    f->sign = (enum filing_sign)index;
    return true;
}

/* Of XML a field is named by where it stands. */
static bool check_name(const struct reader *r, const struct node *n, const struct filing_field *f, const char *before)
{
    struct node name = node_get(n, "name");

    return !r->layout->xml_root || (f->name && filing_path_is_fit(f->name, before))
           || node_fail(name.json ? &name : n, "template-path",
                        "elements joined by / are needed here, at the end perhaps @attribute, before all else of its element, or #");
}

static bool load_field(const struct reader *r, const struct node *n, const struct filing_record *record, int *end, struct filing_field *f)
{
    struct node name = node_get(n, "name"), at = node_get(n, "at"), length = node_get(n, "length"), digits = node_get(n, "digits");
    struct node fill = node_get(n, "fill"), figures = node_get(n, "figures"), cut = node_get(n, "cut"), table = node_get(n, "table");
    struct node required = node_get(n, "required"), skip = node_get(n, "skip"), when = node_get(n, "when");
    int most = record->length;

    f->digits = r->t->digits;
    if (!node_keys(n, "name at length text value show sum count given required when skip digits fill figures cut table exact empty sign "
                      "format beyond_ascii note")
        || !node_string_or(&name, &f->name)
        || (most > 0 && (!node_integer(&at, 1, most, &f->at) || !node_integer(&length, 1, most, &f->length)))
        || !node_integer_or(&digits, 0, 5, &f->digits) || !load_fill(&fill, &f->fill) || !node_flag(&figures, &f->figures)
        || !node_flag(&cut, &f->cut) || !node_flag(&required, &f->required)
        || !node_integer_or(&skip, 0, most ? most : LENGTH_MAX, &f->skip) || !load_table(r, &table, &f->table) || !load_manner(n, f)
        || !load_source(r, n, record, f) || !check_format(n, f)
        || (when.json && !load_expr(r, &when, f->source == FILING_SUM ? -1 : record->group, true, &f->when)))
        return false;
    if (f->when)
        f->plain = -1; /* not all of them */
    if (most > 0 && (f->at <= *end || f->at + f->length - 1 > most))
        return node_fail(&at, "template-range", "the field lies over the one before, or behind the record's end");
    *end = f->at + f->length - 1;
    return true;
}

static bool load_record(const struct reader *r, const struct node *n, struct filing_record *record)
{
    struct node id = node_get(n, "id"), scope = node_get(n, "for"), group = node_get(n, "group"), when = node_get(n, "when");
    struct node fields = node_get(n, "fields"), needs = node_get(n, "needs"), length = node_get(n, "length");
    struct node element = node_get(n, "element");
    const char *name;
    int index = 0, end = 0;

    record->group = record->needs = -1;
    record->length = r->layout->length;
    if (!node_keys(n, r->layout->xml_root ? "id element for group when needs fields note" : "id for group when needs length fields note")
        || !node_string(&id, &record->id) || !node_string_or(&element, &record->element) || !node_choice(&scope, scopes, 6, &index)
        || !node_integer_or(&length, 1, LENGTH_MAX, &record->length))
        return false;
    if (length.json && r->layout->length == 0)
        return node_fail(&length, "template-key", "separated records have no length");
    if (!record->element)
        record->element = record->id;
    if (r->layout->xml_root && !filing_path_is_name(record->element, strlen(record->element)))
        return node_fail(element.json ? &element : &id, "template-id", "an element's name is needed here");
    record->scope = (enum filing_scope)index;
    if (record->scope == FILING_ROW) {
        if (!node_string(&group, &name))
            return false;
        record->group = names_find(&r->t->names, NAME_GROUP, name);
        if (record->group < 0)
            return node_fail(&group, "template-id", "there is no such group");
    }
    if (when.json && !load_expr(r, &when, record->group, true, &record->when))
        return false;
    if (needs.json && !find_record(r, &needs, false, &record->needs))
        return false;
    if (!node_array(&fields, &record->count))
        return false;
    record->fields = arena_array(n->arena, record->count + 1, sizeof *record->fields);
    for (size_t i = 0; record->fields && i < record->count; i++) {
        struct node field = node_at(&fields, i);

        if (!load_field(r, &field, record, &end, &record->fields[i])
            || !check_name(r, &field, &record->fields[i], i > 0 ? record->fields[i - 1].name : NULL))
            return false;
    }
    return record->fields || error_memory(n->err);
}

static bool load_records(struct reader *r)
{
    struct node list = node_get(&r->root, "records");
    size_t count;

    if (!node_array(&list, &count))
        return false;
    r->layout->records = arena_array(list.arena, count + 1, sizeof *r->layout->records);
    for (r->count = 0; r->layout->records && r->count < count; r->count++) { /* a record may count those behind it */
        struct node record = node_at(&list, r->count), id = node_get(&record, "id");

        if (!node_string(&id, &r->layout->records[r->count].id))
            return false;
    }
    for (size_t i = 0; r->layout->records && i < count; i++) {
        struct node record = node_at(&list, i);

        r->at = i;
        r->layout->count = i + 1;
        if (!load_record(r, &record, &r->layout->records[i]))
            return false;
    }
    return r->layout->records || error_memory(list.err);
}

static bool load_lacks(struct reader *r)
{
    struct node list = node_get(&r->root, "lacks");
    size_t count;

    if (!node_array(&list, &count))
        return false;
    r->layout->lacks = arena_array(r->root.arena, count + 1, sizeof *r->layout->lacks);
    for (size_t i = 0; r->layout->lacks && i < count; i++) {
        struct node lack = node_at(&list, i), when = node_get(&lack, "when"), what = node_get(&lack, "what");

        r->layout->lack_count = i + 1;
        if (!node_keys(&lack, "when what note") || !node_string(&what, &r->layout->lacks[i].what)
            || !load_expr(r, &when, -1, true, &r->layout->lacks[i].when))
            return false;
    }
    return r->layout->lacks || error_memory(r->root.err);
}

/* {"root": "Statements", "attributes": {"xmlns": "..."}} */
static bool load_xml(struct reader *r)
{
    struct node xml = node_get(&r->root, "xml"), root = node_get(&xml, "root"), attributes = node_get(&xml, "attributes");
    struct filing_layout *l = r->layout;
    const char *key;
    json_t *value;

    if (!xml.json)
        return true;
    if (!node_keys(&xml, "root attributes note") || !node_string(&root, &l->xml_root))
        return false;
    if (!filing_path_is_name(l->xml_root, strlen(l->xml_root)))
        return node_fail(&root, "template-id", "an element's name is needed here");
    l->xml_attributes = attributes.json;
    json_object_foreach((json_t *)attributes.json, key, value)
    {
        struct node one = node_get(&attributes, key);

        if (!json_is_string(value) || !filing_path_is_name(key, strlen(key)))
            return node_fail(&one, "template-type", "a text under an attribute's name is needed here");
    }
    return !attributes.json || json_is_object(attributes.json)
           || node_fail(&attributes, "template-type", "a group { } of texts must stand here");
}

/* What parts records and fields. */
static bool check_parts(const struct node *n, const struct filing_layout *l)
{
    if ((l->length > 0) + (*l->separator != '\0') + (l->xml_root != NULL) != 1)
        return node_fail(n, "template-key", "either a length, a separator or xml is needed");
    if (strlen(l->point) > 1 || (*l->point && l->length > 0))
        return node_fail(n, "template-key", "a point is one sign, and numbers of fixed length have none");
    return (*l->end != '\0') + (*l->between != '\0') == (l->xml_root ? 0 : 1)
           || node_fail(n, "template-key", "either an end of records is needed, or what stands between them; of xml neither");
}

static bool load_layout(struct reader *r)
{
    static const char *const formats[] = {"taxcert/filing/1"};
    const struct node *n = &r->root;
    struct node format = node_get(n, "format"), name = node_get(n, "name"), source = node_get(n, "source");
    struct node length = node_get(n, "length"), end = node_get(n, "end"), upper = node_get(n, "upper"),
                separator = node_get(n, "separator");
    static const char *const encodings[] = {"UTF-8", "ISO-8859-1", "ISO-8859-15"};
    struct node ascii = node_get(n, "ascii"), between = node_get(n, "between"), encoding = node_get(n, "encoding");
    struct node point = node_get(n, "point");
    struct filing_layout *l = r->layout;
    int index, kind = 0;

    l->separator = l->end = l->between = l->point = "";
    l->letters = json_object_get(n->json, "letters");
    if (!node_keys(n, "format name source length end between separator xml point encoding ascii upper letters tables records lacks note")
        || !node_choice(&format, formats, 1, &index) || !node_string(&name, &l->name) || !node_string(&source, &l->source)
        || !node_integer_or(&length, 1, LENGTH_MAX, &l->length) || !node_string_or(&end, &l->end) || !node_string_or(&between, &l->between)
        || (encoding.json && !node_choice(&encoding, encodings, 3, &kind)) || !node_string_or(&separator, &l->separator)
        || !node_flag(&upper, &l->upper) || !node_flag(&ascii, &l->ascii))
        return false;
    l->encoding = (enum filing_encoding)kind;
    return node_string_or(&point, &l->point) && load_xml(r) && check_parts(n, l) && load_records(r) && load_lacks(r);
}

/* What today's form says of its layout: that of a run may have been written before somebody looked. */
static bool read_verified(const char *folder, struct filing_layout *layout, struct tc_error *err)
{
    json_t *form = json_read_below(folder, "template.json", err);

    layout->verified = json_is_true(json_object_get(form, "filing_verified"));
    json_decref(form);
    return form != NULL;
}

bool filing_load(struct template *t, const char *folder, struct filing_layout *layout, struct tc_error *err)
{
    struct reader r = {.t = t, .layout = layout};
    const char *path = arena_printf(&t->arena, "%s/filing.json", folder);

    *layout = (struct filing_layout){.root = path ? json_read_below(folder, "filing.json", err) : NULL};
    if (!layout->root)
        return path ? false : error_memory(err);
    r.root = (struct node){.json = layout->root, .file = path, .arena = &t->arena, .err = err, .pointer = ""};
    return read_verified(folder, layout, err) && load_layout(&r);
}

void filing_free(struct filing_layout *layout)
{
    for (size_t i = 0; i < layout->lack_count; i++)
        expr_free(layout->lacks[i].when);
    for (size_t i = 0; i < layout->count; i++) {
        expr_free(layout->records[i].when);
        for (size_t k = 0; layout->records[i].fields && k < layout->records[i].count; k++) {
            expr_free(layout->records[i].fields[k].e);
            expr_free(layout->records[i].fields[k].when);
        }
    }
    json_decref(layout->root);
    *layout = (struct filing_layout){0};
}
