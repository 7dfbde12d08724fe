#include "form/template.h"

#define CONTROL_ID_MAX 31 /* as in struct tc_total */
#define PERSON_KEY_MAX 60 /* bytes that are searched for in records */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/nearest.h"
#include "form/years.h"

static const char *const types[] = {"money", "count", "decimal", "text", "letters", "year", "months", "date", "cross", "unused"};
/* PLACE_BEFORE, which is no object of the input, has none. */
static const char *const places[] = {"values",   "facts",         "certificate", "employee",   "address",
                                     "employer", "establishment", "run",         "correction", "letter"};

int template_field(const struct template *t, const char *id, int group)
{
    return names_find(&t->names, group, id);
}

bool template_limit(const struct node *list, size_t count)
{
    return count <= TEMPLATE_ENTRIES_MAX || node_fail(list, "template-range", "at most %d can stand here", TEMPLATE_ENTRIES_MAX);
}

const char *template_caption(const struct template *t, const char *key)
{
    return json_string_value(json_object_get(t->captions, key));
}

bool template_no_field(const struct template *t, const struct node *n, const char *id, int group)
{
    struct nearest near = nearest_to(id);

    for (size_t i = 0; i < t->field_count; i++)
        if (t->fields[i].group == group || t->fields[i].group < 0)
            nearest_consider(&near, t->fields[i].id);
    if (near.known)
        return node_fail(n, "template-id", "there is no such field (nearest known name: %s)", near.known);
    return node_fail(n, "template-id", "there is no such field");
}

bool template_no_group(const struct template *t, const struct node *n, const char *id)
{
    struct nearest near = nearest_to(id);

    for (size_t i = 0; i < t->group_count; i++)
        nearest_consider(&near, t->groups[i].id);
    if (near.known)
        return node_fail(n, "template-id", "there is no such group (nearest known name: %s)", near.known);
    return node_fail(n, "template-id", "there is no such group");
}

bool template_no_caption(const json_t *captions, const struct node *n, const char *key)
{
    struct nearest near = nearest_to(key);
    const char *known;
    json_t *words;

    json_object_foreach((json_t *)captions, known, words) nearest_consider(&near, known);
    if (near.known)
        return node_fail(n, "template-caption", "there is no such caption (nearest known name: %s)", near.known);
    return node_fail(n, "template-caption", "there is no such caption");
}

static enum expr_type type_in_expressions(enum field_type type)
{
    switch (type) {
    case FIELD_TEXT:
    case FIELD_LETTERS: return EXPR_TEXT;
    case FIELD_DATE: return EXPR_DATE;
    case FIELD_CROSS: return EXPR_BOOL;
    default: return EXPR_NUMBER;
    }
}

struct scope {
    const struct template *t;
    int each;  /* the group whose fields are meant first, or -1 */
    int outer; /* what each was before */
    int about; /* the field that [*] means, or -1 */
};

static bool resolve(void *ctx, const char *name, bool bracketed, enum expr_type *type, int *slot)
{
    const struct scope *scope = ctx;
    const struct template *t = scope->t;
    int parameter, term;

    if (bracketed) {
        int field = scope->each >= 0 ? template_field(t, name, scope->each) : -1;

        if (field < 0)
            field = strcmp(name, "*") != 0 ? template_field(t, name, -1) : scope->about;
        if (field < 0)
            return false;
        *type = t->fields[field].expr_type;
        *slot = field;
        return true;
    }
    parameter = names_find(&t->names, NAME_PARAMETER, name);
    if (parameter >= 0) {
        *type = EXPR_NUMBER;
        *slot = (int)t->field_count + parameter;
        return true;
    }
    term = names_find(&t->names, NAME_TERM, name);
    if (term < 0)
        return false;
    *type = expr_type_of(t->terms[term].e);
    *slot = (int)(t->field_count + t->parameter_count) + term;
    return true;
}

static bool find_identifier(void *ctx, const char *name, int *index)
{
    const struct scope *scope = ctx;

    *index = names_find(&scope->t->names, NAME_IDENTIFIER, name);
    return *index >= 0;
}

static bool enter_group(void *ctx, const char *name, int *index)
{
    struct scope *scope = ctx;

    scope->each = scope->outer;
    if (!name)
        return true;
    *index = names_find(&scope->t->names, NAME_GROUP, name);
    if (*index < 0)
        return false;
    scope->each = *index;
    return true;
}

struct expr *template_expr(const struct template *t, const struct node *n, int each)
{
    return template_expr_about(t, n, each, -1);
}

struct expr *template_expr_about(const struct template *t, const struct node *n, int each, int about)
{
    struct scope scope = {t, each, each, about};
    struct expr_env env = {&scope, resolve, find_identifier, enter_group};
    struct expr_mistake mistake;
    struct expr *e;
    const char *text;

    if (!node_string(n, &text))
        return NULL;
    errno = 0;
    e = expr_compile(text, strlen(text), &env, &mistake);
    if (!e && errno == ENOMEM)
        error_memory(n->err);
    else if (!e)
        node_fail(n, "template-expression", "at character %d: %s", mistake.position + 1, mistake.sentence);
    return e;
}

static bool load_steps(const struct node *n, struct field *f)
{
    struct node path = node_get(n, "path");
    const char *text = f->id;
    char *p;

    if (!node_string_or(&path, &text))
        return false;
    p = arena_copy(n->arena, text, strlen(text));
    while (p && *p) {
        size_t length = path.json ? strcspn(p, "/") : strlen(p);
        bool more = p[length] == '/';

        if (f->step_count == FIELD_STEPS_MAX || length == 0)
            return node_fail(&path, "template-path", "1 to %d keys joined by / are needed here", FIELD_STEPS_MAX);
        p[length] = '\0';
        f->marks[f->step_count] = datum_mark(p);
        f->steps[f->step_count++] = p;
        p += length + more;
    }
    return p || error_memory(n->err);
}

static bool load_allowed(const struct node *n, struct field *f)
{
    if (!n->json)
        return true;
    if (!node_array(n, &f->allowed_count))
        return false;
    f->allowed = arena_array(n->arena, f->allowed_count, sizeof *f->allowed);
    if (!f->allowed)
        return error_memory(n->err);
    for (size_t i = 0; i < f->allowed_count; i++) {
        struct node word = node_at(n, i);

        if (!node_string(&word, &f->allowed[i]))
            return false;
    }
    return true;
}

static bool load_range(const struct node *n, struct field *f)
{
    struct node least = node_get(n, "least"), most = node_get(n, "most"), digits = node_get(n, "digits");
    struct node longest = node_get(n, "longest");
    int low = 0, high = f->type == FIELD_YEAR ? 2999 : 1000000000;

    if (f->type == FIELD_MONEY) {
        low = -1000000000;
        f->least = INT64_MIN; /* what the amount grammar allows */
        f->most = INT64_MAX;
    }
    if (digits.json && f->type != FIELD_DECIMAL)
        return node_fail(&digits, "template-key", "only a decimal has digits of its own: amounts have those of the currency");
    if (!node_integer_or(&digits, 0, 5, &f->digits) || !node_integer_or(&longest, 1, 1000, &f->longest)
        || !node_integer_or(&least, -1000000000, 1000000000, &low) || !node_integer_or(&most, -1000000000, 1000000000, &high))
        return false;
    if (f->type != FIELD_MONEY || least.json)
        f->least = low;
    if (f->type != FIELD_MONEY || most.json)
        f->most = high;
    return true;
}

static bool make_key(struct template *t, struct field *f, struct tc_error *err)
{
    struct buf key = {0};

    buf_quote(&key, f->id);
    buf_puts(&key, ":");
    f->key_length = key.length;
    f->key = key.failed ? NULL : arena_copy(&t->arena, key.data, key.length);
    buf_free(&key);
    return f->key || error_memory(err);
}

static bool load_spellings(struct template *t, const struct node *n)
{
    const char *name;
    json_t *value;

    if (!n->json)
        return true;
    if (!json_is_object(n->json))
        return node_fail(n, "template-type", "A group of named fields { } must stand here.");
    t->spellings = arena_array(&t->arena, json_object_size(n->json) + 1, sizeof *t->spellings);
    if (!t->spellings)
        return error_memory(n->err);
    json_object_foreach((json_t *)n->json, name, value)
    {
        struct node one = node_get(n, name);
        struct spellings *s = &t->spellings[t->spelling_count++];

        *s = (struct spellings){.name = arena_copy(&t->arena, name, strlen(name))};
        if (!s->name || !spellings_load(s, &one))
            return s->name ? false : error_memory(n->err);
    }
    return true;
}

static bool find_spellings(const struct template *t, const struct node *n, struct field *f)
{
    const char *name = NULL;

    if (!n->json)
        return true;
    if (!node_string(n, &name))
        return false;
    for (size_t i = 0; i < t->spelling_count; i++)
        if (!strcmp(t->spellings[i].name, name))
            f->read_as = &t->spellings[i];
    return f->type == FIELD_TEXT ? f->read_as || node_fail(n, "template-id", "there are no spellings of this name")
                                 : node_fail(n, "template-type", "only a text has spellings");
}

static bool load_field(struct template *t, const struct node *n, int group, struct field *f)
{
    struct node id = node_get(n, "id"), type = node_get(n, "type"), place = node_get(n, "in");
    struct node required = node_get(n, "required"), control = node_get(n, "control"), allowed = node_get(n, "allowed");
    struct node find = node_get(n, "find"), aside = node_get(n, "aside"), before = node_get(n, "before"), read_as = node_get(n, "read_as");
    struct node title = node_get(n, "title");
    int index, where = before.json ? PLACE_BEFORE : PLACE_VALUES;

    *f = (struct field){.group = group, .before = -1, .longest = 100, .pointer = n->pointer};
    if (!node_keys(n,
                   before.json
                       ? "id type before changed digits longest note"
                       : "id type in path required control find aside allowed least most digits longest read_as compute where title note")
        || !node_string(&id, &f->id) || !node_choice(&type, types, sizeof types / sizeof *types, &index))
        return false;
    if (place.json && !node_choice(&place, places, sizeof places / sizeof *places, &where))
        return false;
    f->type = (enum field_type)index;
    f->expr_type = type_in_expressions(f->type);
    f->digits = f->type == FIELD_MONEY ? t->digits : 0;
    f->place = (enum field_place)where;
    if (!*f->id || template_field(t, f->id, group) >= 0)
        return node_fail(&id, "template-id", "the id is empty or was used before");
    if (!names_add(&t->names, &t->arena, group, f->id, (int)t->field_count))
        return error_memory(n->err);
    return make_key(t, f, n->err) && load_steps(n, f) && load_range(n, f) && load_allowed(&allowed, f) && node_flag(&required, &f->required)
           && node_flag(&control, &f->control) && node_flag(&find, &f->find) && node_flag(&aside, &f->aside)
           && (!f->aside || (f->type == FIELD_TEXT && group < 0 && !f->required)
               || node_fail(&aside, "template-type", "only a text outside of groups that is not required can stand aside"))
           && find_spellings(t, &read_as, f) && node_string_or(&title, &f->title)
           && (!f->find || ((f->type == FIELD_TEXT || f->type == FIELD_DATE) && group < 0)
               || node_fail(&find, "template-type", "only a text or date outside of groups can be looked for"));
}

static bool is_group(const struct node *n)
{
    return json_object_get(n->json, "fields") != NULL;
}

/* Counts fields and groups, so that both arrays are made once. */
static bool count_fields(const struct node *list, size_t *fields, size_t *groups)
{
    size_t count, columns;

    if (!node_array(list, &count))
        return false;
    *fields = *groups = 0;
    for (size_t i = 0; i < count; i++) {
        struct node n = node_at(list, i), inner = node_get(&n, "fields");

        if (!node_array(&inner, &columns))
            return false;
        *fields += is_group(&n) ? columns : 1;
        *groups += is_group(&n);
    }
    return template_limit(list, *fields);
}

static bool load_group(struct template *t, const struct node *n)
{
    struct node id = node_get(n, "id"), columns = node_get(n, "fields"), least = node_get(n, "least");
    struct node most = node_get(n, "most");
    struct group *g = &t->groups[t->group_count];
    size_t count;

    *g = (struct group){.first = t->field_count, .most = 100, .before = -1};
    if (!node_keys(n, node_get(n, "before").json ? "id fields before changed by note" : "id fields least most note")
        || !node_string(&id, &g->id) || !node_array(&columns, &count) || !node_integer_or(&least, 0, 100, &g->least)
        || !node_integer_or(&most, 1, 1000, &g->most))
        return false;
    if (names_find(&t->names, NAME_GROUP, g->id) >= 0)
        return node_fail(&id, "template-id", "the id was used before");
    if (!names_add(&t->names, &t->arena, NAME_GROUP, g->id, (int)t->group_count))
        return error_memory(n->err);
    for (size_t i = 0; i < count; i++) {
        struct node column = node_at(&columns, i);

        if (!load_field(t, &column, (int)t->group_count, &t->fields[t->field_count]))
            return false;
        t->field_count++;
    }
    g->count = count;
    t->group_count++;
    return true;
}

static bool load_fields(struct template *t, const struct node *list)
{
    size_t fields, groups, count = json_array_size(list->json);

    if (!count_fields(list, &fields, &groups))
        return false;
    t->fields = arena_array(&t->arena, fields + 1, sizeof *t->fields);
    t->groups = arena_array(&t->arena, groups + 1, sizeof *t->groups);
    if (!t->fields || !t->groups)
        return error_memory(list->err);
    for (size_t i = 0; i < count; i++) {
        struct node n = node_at(list, i);

        if (is_group(&n)) {
            if (!load_group(t, &n))
                return false;
        } else {
            if (!load_field(t, &n, -1, &t->fields[t->field_count]))
                return false;
            t->field_count++;
        }
    }
    return true;
}

/* The field that one of PLACE_BEFORE is the value of then: of the same type. */
static bool find_before(struct template *t, const struct node *n, const char *id, int group, struct field *f)
{
    f->place = PLACE_BEFORE;
    f->step_count = 0;
    f->before = template_field(t, id, group);
    if (f->before < 0 || t->fields[f->before].place == PLACE_BEFORE)
        return template_no_field(t, n, id, group);
    return (f->type == t->fields[f->before].type && f->digits == t->fields[f->before].digits)
           || node_fail(n, "template-type", "a field of the same type is needed here");
}

/* Whether all of it is shown, or what has changed: as it was, or as it is. */
static bool load_changed(const struct node *n, enum changed *changed)
{
    static const char *const words[] = {"then", "now"};
    struct node node = node_get(n, "changed");
    int index = 0;

    if (node.json && !node_choice(&node, words, 2, &index))
        return false;
    *changed = !node.json ? CHANGED_ANY : index == 0 ? CHANGED_THEN : CHANGED_NOW;
    return true;
}

/* "by": the fields of the group by which a row of then is the same as one of now. */
static bool load_pairs(struct template *t, const struct node *n, const struct group *g)
{
    struct node by = node_get(n, "by");
    size_t count;

    if (!g->changed)
        return !by.json || node_fail(&by, "template-key", "only of what has changed rows are compared");
    if (!node_array(&by, &count))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct node one = node_at(&by, i);
        const char *id;
        int field;

        if (!node_string(&one, &id))
            return false;
        field = template_field(t, id, (int)(g - t->groups));
        if (field < 0)
            return template_no_field(t, &one, id, (int)(g - t->groups));
        t->fields[field].pairs = true;
    }
    return count > 0 || node_fail(&by, "template-range", "a field is needed here at least");
}

/* The group whose rows of then this one has, and for each of its fields the one of the same id. */
static bool load_group_before(struct template *t, const struct node *n, struct group *g)
{
    struct node before = node_get(n, "before"), columns = node_get(n, "fields");
    enum changed changed;
    const char *id;

    if (!before.json)
        return true;
    if (!node_string(&before, &id) || !load_changed(n, &changed))
        return false;
    g->before = names_find(&t->names, NAME_GROUP, id);
    if (g->before < 0 || t->groups[g->before].before >= 0 || &t->groups[g->before] == g)
        return template_no_group(t, &before, id);
    g->most = 2 * t->groups[g->before].most; /* rows of then that are gone, and others now */
    g->changed = changed != CHANGED_ANY;
    for (size_t i = 0; i < g->count; i++) {
        struct node column = node_at(&columns, i);

        t->fields[g->first + i].changed = changed;
        if (!find_before(t, &column, t->fields[g->first + i].id, g->before, &t->fields[g->first + i]))
            return false;
    }
    return load_pairs(t, n, g);
}

/* What was certified before a correction, now that every name is known. */
static bool load_before(struct template *t, const struct node *list)
{
    size_t count = json_array_size(list->json), group = 0, field = 0;

    for (size_t i = 0; i < count; i++) {
        struct node n = node_at(list, i), before = node_get(&n, "before");
        const char *id;

        if (is_group(&n)) {
            field += t->groups[group].count;
            if (!load_group_before(t, &n, &t->groups[group++]))
                return false;
            continue;
        }
        field++;
        if (before.json
            && (!node_string(&before, &id) || !load_changed(&n, &t->fields[field - 1].changed)
                || !find_before(t, &before, id, -1, &t->fields[field - 1])))
            return false;
    }
    return true;
}

static bool load_parameter(struct template *t, const struct node *n, const char *name)
{
    struct parameter *p = &t->parameters[t->parameter_count];
    const char *text;
    size_t length;

    if (!node_string(n, &text))
        return false;
    p->text = text;
    length = strlen(text);
    if (length > 0 && text[length - 1] == '%') {
        if (!decimal_parse(text, length - 1, &p->value) || p->value.scale > 16)
            return node_fail(n, "template-number", "a decimal number or percentage is needed here");
        p->value.scale += 2;
    } else if (!decimal_parse(text, length, &p->value)) {
        return node_fail(n, "template-number", "a decimal number or percentage is needed here");
    }
    p->name = arena_copy(&t->arena, name, strlen(name));
    return (p->name && names_add(&t->names, &t->arena, NAME_PARAMETER, p->name, (int)t->parameter_count++)) || error_memory(n->err);
}

static bool load_named(struct template *t, const struct node *parameters, const struct node *identifiers)
{
    const char *name;
    json_t *value;

    if (!template_limit(parameters, json_object_size(parameters->json))
        || !template_limit(identifiers, json_object_size(identifiers->json)))
        return false;
    t->parameters = arena_array(&t->arena, json_object_size(parameters->json) + 1, sizeof *t->parameters);
    t->identifiers = arena_array(&t->arena, json_object_size(identifiers->json) + 1, sizeof *t->identifiers);
    if (!t->parameters || !t->identifiers)
        return error_memory(parameters->err);
    json_object_foreach((json_t *)parameters->json, name, value)
    {
        struct node n = node_get(parameters, name);

        if (!load_parameter(t, &n, name))
            return false;
    }
    json_object_foreach((json_t *)identifiers->json, name, value)
    {
        struct node n = node_get(identifiers, name);
        const char *id = arena_copy(&t->arena, name, strlen(name));

        if (!id || !names_add(&t->names, &t->arena, NAME_IDENTIFIER, id, (int)t->identifier_count))
            return error_memory(n.err);
        if (!identifier_load(&n, id, &t->identifiers[t->identifier_count]))
            return false;
        t->identifier_count++;
    }
    return true;
}

static bool find_date(const struct template *t, const struct node *n, int *field)
{
    const char *id;

    if (!node_string(n, &id))
        return false;
    *field = template_field(t, id, -1);
    return (*field >= 0 && t->fields[*field].type == FIELD_DATE) || node_fail(n, "template-id", "there is no such date");
}

/* Who somebody is, for rules across certificates. */
/* What sums of control lines are called, and how many there can be. */
static bool check_control(const struct template *t, const struct node *list)
{
    int count = 0;

    for (size_t i = 0; i < t->field_count; i++) {
        const struct field *f = &t->fields[i];

        count += f->control;
        if (f->control && (f->type != FIELD_MONEY || f->group >= 0))
            return node_fail(list, "template-type", "the control line \"%.40s\" must be an amount outside of groups", f->id);
        if (f->control && (strlen(f->id) > CONTROL_ID_MAX || strchr(f->id, ' ')))
            return node_fail(list, "template-range", "the id of the control line \"%.40s\" must have up to %d bytes and no blanks", f->id,
                             CONTROL_ID_MAX);
    }
    return count <= TC_TOTALS_MAX || node_fail(list, "template-range", "at most %d lines can be control lines", TC_TOTALS_MAX);
}

static bool load_person(struct template *t, const struct node *n)
{
    struct node person = node_get(n, "person"), period = node_get(n, "period"), changes = node_get(n, "person_changes");
    struct node from = node_at(&period, 0), to = node_at(&period, 1);
    const char *id;

    t->person = -1;
    if (!node_flag(&changes, &t->person_changes))
        return false;
    if (!person.json)
        return true;
    if (!node_string(&person, &id))
        return false;
    t->person = template_field(t, id, -1);
    if (t->person < 0 || t->fields[t->person].type != FIELD_TEXT || t->fields[t->person].place != PLACE_EMPLOYEE
        || t->fields[t->person].step_count != 1 || strlen(t->fields[t->person].steps[0]) > PERSON_KEY_MAX)
        return node_fail(&person, "template-id", "a text directly of the employee, with a key of up to %d bytes, is needed here",
                         PERSON_KEY_MAX);
    return find_date(t, &from, &t->period[0]) && find_date(t, &to, &t->period[1]);
}

/* Texts of employer and establishments that stay the same. */
static bool load_fixed(struct template *t, const struct node *n)
{
    struct node list = node_get(n, "fixed");

    if (!node_array(&list, &t->fixed_count) || !(t->fixed = arena_array(n->arena, t->fixed_count + 1, sizeof *t->fixed)))
        return n->err->code ? false : error_memory(n->err);
    for (size_t i = 0; i < t->fixed_count; i++) {
        struct node one = node_at(&list, i);
        const struct field *f;
        const char *id;

        if (!node_string(&one, &id))
            return false;
        t->fixed[i] = template_field(t, id, -1);
        f = &t->fields[t->fixed[i] < 0 ? 0 : t->fixed[i]];
        if (t->fixed[i] < 0 || f->type != FIELD_TEXT || (f->place != PLACE_EMPLOYER && f->place != PLACE_ESTABLISHMENT))
            return node_fail(&one, "template-id", "a text of employer or establishment is needed here");
    }
    return true;
}

static bool find_text(const struct template *t, const struct node *n, int *field)
{
    const char *id;

    if (!node_string(n, &id))
        return false;
    *field = template_field(t, id, -1);
    return (*field >= 0 && t->fields[*field].type == FIELD_TEXT) || node_fail(n, "template-id", "there is no such text");
}

static bool find_texts(const struct template *t, const struct node *list, int *fields, size_t most, size_t *count)
{
    if (!node_array(list, count))
        return false;
    if (*count == 0 || *count > most)
        return node_fail(list, "template-range", "1 to %zu texts are needed here", most);
    for (size_t i = 0; i < *count; i++) {
        struct node one = node_at(list, i);

        if (!find_text(t, &one, &fields[i]))
            return false;
    }
    return true;
}

/* The check of inland postcodes, which has no variants. */
static bool find_check(const struct template *t, const struct node *n, int *index)
{
    const char *id;

    *index = -1;
    if (!n->json)
        return true;
    if (!node_string(n, &id))
        return false;
    *index = names_find(&t->names, NAME_IDENTIFIER, id);
    return (*index >= 0 && t->identifiers[*index].variant_count == 1 && !t->identifiers[*index].variants[0].name)
           || node_fail(n, "template-id", "there is no such identifier without variants");
}

/* How certificates go out. */
/* [["first", "last"], ["street"], ...]: the address as it is written. */
static bool find_lines(const struct template *t, const struct node *list, struct delivery *to)
{
    if (!list->json)
        return true;
    if (!node_array(list, &to->line_count))
        return false;
    if (to->line_count > DELIVERY_LINES)
        return node_fail(list, "template-range", "an address has %d lines at most", DELIVERY_LINES);
    for (size_t i = 0; i < to->line_count; i++) {
        struct node line = node_at(list, i);

        if (!find_texts(t, &line, to->lines[i].fields, DELIVERY_NAMES, &to->lines[i].count))
            return false;
    }
    return true;
}

/* [X, Y], from the page's top left corner. */
static bool find_mark(const struct node *n, struct delivery *to)
{
    to->mark[0] = to->mark[1] = -1;
    for (size_t i = 0, count = 2; n->json && i < 2; i++) {
        struct node one = node_at(n, i);

        if ((i == 0 && !node_array(n, &count)) || !node_millimetres(&one, &to->mark[i]))
            return false;
        if (count != 2)
            return node_fail(n, "template-range", "two lengths are needed: from the left and from the top");
    }
    return true;
}

static bool load_delivery(struct template *t, const struct node *n)
{
    struct node d = node_get(n, "delivery"), channel = node_get(&d, "channel"), mailbox = node_get(&d, "mailbox");
    struct node postcode = node_get(&d, "postcode"), country = node_get(&d, "country"), centre = node_get(&d, "cost_centre");
    struct node names = node_get(&d, "names"), needed = node_get(&d, "needed"), print = node_get(&d, "print");
    struct node email = node_get(&d, "email"), home = node_get(&d, "home"), check = node_get(&d, "postcodes");
    struct node address = node_get(&d, "address"), mark = node_get(&d, "mark");
    struct delivery *to = &t->delivery;

    to->there = d.json != NULL;
    to->cost_centre = -1;
    return !to->there
           || (node_keys(&d, "channel mailbox postcode postcodes country cost_centre names needed address mark print email home note")
               && find_text(t, &channel, &to->channel) && find_text(t, &mailbox, &to->mailbox) && find_text(t, &postcode, &to->postcode)
               && find_text(t, &country, &to->country) && (!centre.json || find_text(t, &centre, &to->cost_centre))
               && find_texts(t, &names, to->names, DELIVERY_NAMES, &to->name_count)
               && find_texts(t, &needed, to->needed, DELIVERY_NEEDED, &to->needed_count) && node_string(&print, &to->print)
               && node_string(&email, &to->email) && node_string(&home, &to->home) && find_lines(t, &address, to) && find_mark(&mark, to)
               && find_check(t, &check, &to->postcodes));
}

static bool uses_before(const struct template *t, const struct expr *e)
{
    for (size_t i = 0; i < t->field_count; i++)
        if (t->fields[i].place == PLACE_BEFORE && expr_uses(e, (int)i))
            return true;
    return false;
}

/* Computed fields may use every field, so they are compiled when all are known. */
static bool load_computed(struct template *t, const struct node *list)
{
    size_t count = json_array_size(list->json);

    for (size_t i = 0; i < count; i++) {
        struct node n = node_at(list, i), compute = node_get(&n, "compute"), where = node_get(&n, "where");
        struct field *f;

        if (!compute.json && where.json)
            return node_fail(&where, "template-key", "only a computed field has a condition");
        if (!compute.json || is_group(&n))
            continue;
        f = &t->fields[template_field(t, json_string_value(json_object_get(n.json, "id")), -1)];
        f->computed = template_expr(t, &compute, -1);
        if (!f->computed)
            return false;
        if (expr_type_of(f->computed) != EXPR_NUMBER || f->expr_type != EXPR_NUMBER)
            return node_fail(&compute, "template-type", "only numbers can be computed");
        if (uses_before(t, f->computed))
            return node_fail(&compute, "template-type", "what is computed is certified, so it cannot be so of what was before");
        if (where.json && !(f->where = template_expr(t, &where, -1)))
            return false;
        if (where.json && expr_type_of(f->where) != EXPR_BOOL)
            return node_fail(&where, "template-type", "a condition is needed here");
    }
    return true;
}

static bool load_languages(struct template *t, const struct node *n)
{
    if (!node_array(n, &t->language_count))
        return false;
    if (t->language_count == 0)
        return node_fail(n, "template-type", "at least one language is needed");
    t->languages = arena_array(&t->arena, t->language_count, sizeof *t->languages);
    if (!t->languages)
        return error_memory(n->err);
    for (size_t i = 0; i < t->language_count; i++) {
        struct node language = node_at(n, i);

        if (!node_string(&language, &t->languages[i]))
            return false;
    }
    return true;
}

static bool load_main(struct template *t, const struct node *n)
{
    struct node format = node_get(n, "format"), id = node_get(n, "id"), year = node_get(n, "year");
    struct node currency = node_get(n, "currency"), digits = node_get(n, "digits"), languages = node_get(n, "languages");
    struct node fields = node_get(n, "fields"), parameters = node_get(n, "parameters");
    struct node spellings = node_get(n, "spellings"), identifiers = node_get(n, "identifiers"), retention = node_get(n, "retention_years"),
                verified = node_get(n, "filing_verified"), boxes = node_get(n, "boxes");
    static const char *const formats[] = {"taxcert/template/1"};
    const char *named = NULL;
    int index, stated = 0, years; /* years: asked for by store and archive, in the file */

    if (!node_keys(
            n, "format id year title currency digits languages fields parameters identifiers person person_changes period fixed delivery "
               "retention_years filing_verified spellings boxes note")
        || !node_choice(&format, formats, 1, &index) || !node_string(&id, &named) || !node_integer(&year, 1900, 2999, &stated)
        || !node_string(&currency, &t->currency) || !node_integer(&digits, 0, 4, &t->digits) || !load_languages(t, &languages)
        || !node_integer_or(&retention, 1, 99, &years) || !node_flag(&verified, &t->filing_verified) || !node_flag(&boxes, &t->boxes))
        return false;
    t->filing_unverified = verified.json && !t->filing_verified;
    if (t->id && strcmp(named, t->id) != 0)
        return node_fail(&id, "template-id", "the id must be the folder's path: country/form");
    if (t->id && stated != t->year)
        return node_fail(&year, "template-id", "the year must be the folder's name");
    t->id = named;
    t->year = stated;
    return load_spellings(t, &spellings) && load_fields(t, &fields) && load_before(t, &fields) && check_control(t, &fields)
           && load_named(t, &parameters, &identifiers) && load_computed(t, &fields) && load_person(t, n) && load_fixed(t, n)
           && load_delivery(t, n);
}

/* Root node of one of the template's files. New reference in *root. */
static bool open_file(struct template *t, const char *name, json_t **root, struct node *n, struct tc_error *err)
{
    const char *path = arena_printf(&t->arena, "%s/%s", t->folder, name);

    if (!path)
        return error_memory(err);
    *root = json_read_below(t->folder, name, err);
    if (!*root)
        return false;
    *n = (struct node){.json = *root, .file = path, .arena = &t->arena, .err = err, .pointer = ""};
    return true;
}

/* Where the wording of captions was seen: a text, or null, for keys that are captions. */
static bool check_seen(const struct node *seen, const struct node *captions)
{
    const char *key;
    json_t *value;

    if (!seen->json)
        return true;
    if (!json_is_object(seen->json))
        return node_fail(seen, "template-type", "a group { } of texts must stand here");
    json_object_foreach((json_t *)seen->json, key, value)
    {
        struct node one = node_get(seen, key);

        if (!json_object_get(captions->json, key))
            return template_no_caption(captions->json, &one, key);
        if (!json_is_string(value) && !json_is_null(value))
            return node_fail(&one, "template-type", "a text, or null, is needed here");
    }
    return true;
}

/* The words of the fields' titles, which were caption keys until the captions were read. */
static bool load_titles(struct template *t, const struct node *main)
{
    for (size_t i = 0; i < t->field_count; i++) {
        struct field *f = &t->fields[i];
        struct node n = *main;

        if (!f->title)
            continue;
        n.pointer = arena_join(main->arena, (const char *const[]){f->pointer, "/title"}, 2);
        if (!template_caption(t, f->title))
            return template_no_caption(t->captions, &n, f->title);
        f->title = template_caption(t, f->title);
    }
    return true;
}

static bool load_captions(struct template *t, const struct node *main, struct tc_error *err)
{
    const char *name = arena_printf(&t->arena, "captions.%s.json", t->languages[0]), *key;
    struct node n = *main, captions, seen, title = node_get(main, "title");
    json_t *root = NULL, *value;

    if (!name || !open_file(t, name, &root, &n, err))
        return name ? false : error_memory(err);
    captions = node_get(&n, "captions");
    seen = node_get(&n, "seen");
    json_object_foreach((json_t *)captions.json, key, value)
    {
        if (!json_is_string(value)) {
            struct node caption = node_get(&captions, key);

            node_fail(&caption, "template-type", "a text is needed here");
        }
    }
    if (!json_is_object(captions.json))
        node_fail(&captions, "template-type", "an object of captions is needed here");
    if (node_keys(&n, "format language seen captions note") && check_seen(&seen, &captions) && !err->code) {
        t->captions = json_incref((json_t *)captions.json);
        t->seen = json_incref((json_t *)seen.json);
    }
    json_decref(root);
    if (!t->captions || !node_string(&title, &key))
        return false;
    t->title = template_caption(t, key);
    return t->title ? load_titles(t, main) : template_no_caption(t->captions, &title, key);
}

/* Takes t, with its folder and, where they must be those, id and year. Returns it, or NULL with err. */
static struct template *load_files(struct template *t, bool rules, struct tc_error *err)
{
    json_t *json = NULL;
    struct node n = {.json = NULL};
    bool ok = !t->arena.failed || error_memory(err);

    ok = ok && open_file(t, "template.json", &json, &n, err) && load_main(t, &n) && load_captions(t, &n, err);
    json_decref(json);
    json = NULL;
    if (ok && rules)
        ok = open_file(t, "rules.json", &json, &n, err) && template_load_rules(t, &n);
    json_decref(json);
    ok = ok && (template_index_steps(t) || error_memory(err));
    if (ok)
        return t;
    template_free(t);
    return NULL;
}

struct template *template_load(const char *root, const char *id, int year, struct tc_error *err)
{
    struct template *t = calloc(1, sizeof *t);
    char name[YEARS_NAME];

    if (!t) {
        error_memory(err);
        return NULL;
    }
    t->year = year;
    t->id = arena_copy(&t->arena, id, strlen(id));
    if (!years_find(root, id, year, name, err)) {
        template_free(t);
        return NULL;
    }
    t->folder = arena_printf(&t->arena, "%s/%s/%s", root, id, name);
    return load_files(t, true, err);
}

static struct template *load_folder(const char *folder, bool rules, struct tc_error *err)
{
    struct template *t = calloc(1, sizeof *t);

    if (!t) {
        error_memory(err);
        return NULL;
    }
    t->stored = true;
    t->folder = arena_copy(&t->arena, folder, strlen(folder));
    return load_files(t, rules, err);
}

struct template *template_load_folder(const char *folder, struct tc_error *err)
{
    return load_folder(folder, true, err);
}

struct template *template_load_fields(const char *folder, struct tc_error *err)
{
    return load_folder(folder, false, err);
}

void template_free(struct template *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < t->field_count; i++)
        expr_free(t->fields[i].computed);
    for (size_t i = 0; i < t->field_count; i++)
        expr_free(t->fields[i].where);
    for (size_t i = 0; i < t->term_count; i++)
        expr_free(t->terms[i].e);
    for (size_t i = 0; i < t->rule_count; i++) {
        expr_free(t->rules[i].when);
        expr_free(t->rules[i].assertion);
    }
    json_decref(t->captions);
    json_decref(t->seen);
    arena_free(&t->arena);
    free(t);
}
