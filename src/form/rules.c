#include "form/template.h"

#include <string.h>

#include "form/graph.h"
#include "form/wording.h"

/* numbers: how languages write them. */
static bool load_messages(const struct template *t, const struct node *n, const struct node *numbers, struct rule *rule)
{
    rule->messages = arena_array(n->arena, t->language_count, sizeof *rule->messages);
    if (!rule->messages)
        return error_memory(n->err);
    for (size_t i = 0; i < t->language_count; i++) {
        struct node message = node_get(n, t->languages[i]);

        if (!node_string(&message, &rule->messages[i])
            || !(rule->messages[i] = wording_of_message(t, &message, numbers, t->languages[i], rule->messages[i])))
            return false;
    }
    return true;
}

/* The group that is named here, -1 where none is. */
static bool find_each(const struct template *t, const struct node *n, struct rule *rule)
{
    const char *id;

    rule->each = -1;
    if (!n->json)
        return true;
    if (!node_string(n, &id))
        return false;
    rule->each = names_find(&t->names, NAME_GROUP, id);
    return rule->each >= 0 || template_no_group(t, n, id);
}

/* The rule's field, or the one of a list that this entry is for. */
static bool find_field(const struct template *t, const struct node *n, size_t entry, struct rule *rule)
{
    struct node one = json_is_array(n->json) ? node_at(n, entry) : *n;
    const char *id;

    if (!node_string(&one, &id))
        return false;
    rule->field = template_field(t, id, rule->each);
    if (rule->field < 0)
        rule->field = template_field(t, id, -1);
    return rule->field >= 0 || template_no_field(t, &one, id, rule->each);
}

/* The fields of the list under one of the keys, none of a group. */
static bool load_fields(const struct template *t, const struct node *n, struct rule *rule)
{
    static const char *const keys[] = {NULL, "changed", "only", "kept", "agree"};
    struct node list = {.json = NULL};

    for (int i = 1; i < (int)(sizeof keys / sizeof *keys); i++) {
        struct node one = node_get(n, keys[i]);

        if (!one.json)
            continue;
        if (rule->compared != COMPARED_NOT)
            return node_fail(&one, "template-key", "a rule has one of changed, only, kept and agree");
        rule->compared = (enum rule_compared)i;
        list = one;
    }
    if (rule->compared == COMPARED_NOT)
        return true;
    if (!node_array(&list, &rule->field_count) || !(rule->fields = arena_array(n->arena, rule->field_count + 1, sizeof *rule->fields)))
        return n->err->code ? false : error_memory(n->err);
    for (size_t i = 0; i < rule->field_count; i++) {
        struct node one = node_at(&list, i);
        const char *id;

        if (!node_string(&one, &id))
            return false;
        rule->fields[i] = template_field(t, id, -1);
        if (rule->fields[i] < 0)
            return template_no_field(t, &one, id, -1);
    }
    return true;
}

static struct expr *load_condition(const struct template *t, const struct node *n, const struct rule *rule)
{
    struct expr *e = template_expr_about(t, n, rule->each, rule->field);

    if (e && expr_type_of(e) != EXPR_BOOL) {
        node_fail(n, "template-type", "a condition is needed here");
        expr_free(e);
        return NULL;
    }
    return e;
}

/* entry: which of the fields where `at` is a list; in_rows: for the rows of the group that the rule is also about. */
static bool load_rule(struct template *t, const struct node *n, size_t entry, bool in_rows)
{
    static const char *const severities[] = {"warning", "error"};
    struct node id = node_get(n, "id"), severity = node_get(n, "severity"), each = node_get(n, in_rows ? "also" : "each");
    struct node field = node_get(n, "at"), when = node_get(n, "when"), assertion = node_get(n, "assert");
    struct node source = node_get(n, "source"), waivable = node_get(n, "waivable");
    struct node at_once = node_get(n, "waivable_at_once");
    static const char *const kinds[] = {"", "same", "overlap", "numbers", "people"};
    static const char *const abouts[] = {"", "first", "correction"};
    struct node across = node_get(n, "across"), about = node_get(n, "of");
    struct rule *rule = &t->rules[t->rule_count];
    int index, kind = 0, what = RULE_ALL;
    bool first = entry == 0 && !in_rows;

    *rule = (struct rule){.waivable = true};
    if (!node_keys(
            n, "id severity group each also at when assert across of changed only kept agree message source waivable waivable_at_once note")
        || !node_flag(&waivable, &rule->waivable) || !node_flag(&at_once, &rule->waivable_at_once) || !node_string(&id, &rule->id)
        || !node_choice(&severity, severities, 2, &index) || !find_each(t, &each, rule) || !find_field(t, &field, entry, rule)
        || !node_string(&source, &rule->source))
        return false;
    if (first && names_find(&t->names, NAME_RULE, rule->id) >= 0)
        return node_fail(&id, "template-id", "the id was used before");
    if (first && !names_add(&t->names, &t->arena, NAME_RULE, rule->id, (int)t->rule_count))
        return error_memory(n->err);
    rule->severity = (enum severity)index;
    if (across.json && !node_choice(&across, kinds, 5, &kind))
        return false;
    if (about.json && !node_choice(&about, abouts, 3, &what))
        return false;
    rule->across = (enum across_kind)kind;
    rule->about = (enum rule_about)what;
    if (!load_fields(t, n, rule))
        return false;
    if ((kind == ACROSS_PEOPLE) != (rule->compared == COMPARED_AGREE))
        return node_fail(n, "template-key", "agree and across people go together");
    if (kind > 0 && ((rule->compared != COMPARED_NOT && kind != ACROSS_PEOPLE) || what != RULE_ALL))
        return node_fail(&across, "template-key", "a rule across certificates is about all of them");
    if (kind > 0 && t->person < 0)
        return node_fail(&across, "template-key", "template.json must say who a person is: person and period");
    t->rule_count++; /* from here on the template frees it */
    if (when.json && !(rule->when = load_condition(t, &when, rule)))
        return false;
    if (kind > 0)
        return !assertion.json || node_fail(&assertion, "template-key", "a rule across certificates asserts nothing itself");
    if (!assertion.json && rule->compared != COMPARED_NOT)
        return true;
    rule->assertion = load_condition(t, &assertion, rule);
    return rule->assertion != NULL;
}

/* A rule of several fields is one for each of them. */
static size_t count_fields(const struct node *n)
{
    struct node at = node_get(n, "at");

    return json_is_array(at.json) ? json_array_size(at.json) : 1;
}

/* A rule that is also about the rows of a group is tested for each of them, at those of its fields that the group has. */
static bool load_rules_of_rows(struct template *t, const struct node *n, size_t count)
{
    struct node also = node_get(n, "also"), each = node_get(n, "each"), across = node_get(n, "across"), at = node_get(n, "at");
    struct rule rows;
    size_t made = 0;

    if (!also.json)
        return true;
    if (each.json || across.json)
        return node_fail(&also, "template-key", "a rule of each row or across certificates is about nothing else");
    if (!find_each(t, &also, &rows))
        return false;
    for (size_t entry = 0; entry < count; entry++) {
        struct node one = json_is_array(at.json) ? node_at(&at, entry) : at;

        if (template_field(t, json_string_value(one.json), rows.each) < 0)
            continue;
        if (!load_rule(t, n, entry, true))
            return false;
        made++;
    }
    return made > 0 || node_fail(&also, "template-id", "the group has none of the fields that the rule is at");
}

static bool load_rules_of(struct template *t, const struct node *n)
{
    struct node at = node_get(n, "at");
    size_t count = count_fields(n);

    if (count == 0)
        return node_fail(&at, "template-type", "at least one field is needed here");
    for (size_t entry = 0; entry < count; entry++)
        if (!load_rule(t, n, entry, false))
            return false;
    return load_rules_of_rows(t, n, count);
}

/* One level deeper than the deepest term that this one uses. */
static int term_depth(const struct template *t, const struct term *term)
{
    int depth = 0;

    for (size_t i = 0; i < t->term_count; i++)
        if (t->terms[i].depth > depth && expr_uses(term->e, (int)(t->field_count + t->parameter_count + i)))
            depth = t->terms[i].depth;
    return depth + 1;
}

static bool load_term(struct template *t, const struct node *n, const char *name)
{
    struct term term = {.name = arena_copy(&t->arena, name, strlen(name))};

    if (names_find(&t->names, NAME_PARAMETER, name) >= 0)
        return node_fail(n, "template-id", "a parameter has this name");
    term.e = template_expr(t, n, -1);
    if (!term.e)
        return false;
    term.depth = term_depth(t, &term);
    if (!term.name || !names_add(&t->names, &t->arena, NAME_TERM, term.name, (int)t->term_count)) {
        expr_free(term.e);
        return error_memory(n->err);
    }
    t->terms[t->term_count++] = term; /* from here on the template frees it */
    if (expr_type_of(term.e) == EXPR_TEXT)
        return node_fail(n, "template-type", "a number, a condition or a date is needed here");
    return term.depth <= TEMPLATE_TERM_DEPTH_MAX
           || node_fail(n, "template-range", "terms may use each other %d deep", TEMPLATE_TERM_DEPTH_MAX);
}

/* In the order they stand in: a term may use those before it. */
static bool load_terms(struct template *t, const struct node *n)
{
    const char *name;
    json_t *value;
    size_t count;

    if (!n->json)
        return true;
    if (!json_is_object(n->json))
        return node_fail(n, "template-type", "A group of named fields { } must stand here.");
    count = json_object_size(n->json);
    if (count > TEMPLATE_TERMS_MAX)
        return node_fail(n, "template-range", "at most %d can stand here", TEMPLATE_TERMS_MAX);
    t->terms = arena_array(&t->arena, count + 1, sizeof *t->terms);
    if (!t->terms)
        return error_memory(n->err);
    json_object_foreach((json_t *)n->json, name, value)
    {
        struct node one = node_get(n, name);

        if (!load_term(t, &one, name))
            return false;
    }
    return true;
}

/* Source and messages of the rules from `first` on, which one entry of the list made: the same words for each. */
static bool load_words(struct template *t, const struct node *n, const struct node *sources, const struct node *numbers, size_t first)
{
    struct node source = node_get(n, "source"), message = node_get(n, "message");
    struct rule *rule = &t->rules[first];

    if (!(rule->source = wording_of_source(&source, sources, rule->source)) || !load_messages(t, &message, numbers, rule))
        return false;
    for (size_t i = first + 1; i < t->rule_count; i++) {
        t->rules[i].source = rule->source;
        t->rules[i].messages = rule->messages;
    }
    return true;
}

bool template_load_rules(struct template *t, const struct node *n)
{
    static const char *const formats[] = {"taxcert/rules/1"};
    struct node format = node_get(n, "format"), list = node_get(n, "rules"), terms = node_get(n, "terms");
    struct node sources = node_get(n, "sources"), numbers = node_get(n, "numbers");
    size_t count, total = 0;
    int index;

    if (!node_keys(n, "format sources numbers terms rules note") || !node_choice(&format, formats, 1, &index) || !node_array(&list, &count)
        || !template_limit(&list, count) || !wording_check_numbers(t, &numbers) || !load_terms(t, &terms))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct node rule = node_at(&list, i);

        total += 2 * count_fields(&rule); /* also of rows */
    }
    t->rules = arena_array(&t->arena, total + 1, sizeof *t->rules);
    if (!t->rules)
        return error_memory(n->err);
    for (size_t i = 0; i < count; i++) {
        struct node rule = node_at(&list, i);
        size_t before = t->rule_count;

        if (!load_rules_of(t, &rule) || !load_words(t, &rule, &sources, &numbers, before))
            return false;
    }
    t->graph = graph_make(t);
    return t->graph || error_memory(n->err);
}
