#include "form/plan.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"

static const char *const sheet_names[SHEET_KINDS] = {"overview",     "reconciliation", "certificates", "totals",  "origin",
                                                     "declarations", "findings",       "held",         "without", "corrections"};
static const char *const column_names[COLUMN_KINDS] = {"field", "certificate", "personnel_number", "establishment",
                                                       "file",  "change",      "issue_date"};

static const char *const label_names[LABEL_COUNT] = {
    "title",
    "employer",
    "form",
    "year",
    "issue_date",
    "draft",
    "yes",
    "identity",
    "payroll_hash",
    "employees_hash",
    "all_checks",
    "certificates",
    "issued",
    "held",
    "without",
    "unexplained",
    "warnings",
    "waived",
    "checks",
    "live",
    "control",
    "check",
    "passed",
    "failed",
    "unchecked",
    "count_check",
    "held_check",
    "all_counted",
    "groups_check",
    "reconciled",
    "totals",
    "subtotal",
    "severity",
    "rule",
    "file",
    "pointer",
    "message",
    "reason",
    "error",
    "warning",
    "no_reason",
    "certificate",
    "source",
    "approved_by",
    "waived_one",
    "wage_types",
    "more",
    "sign_place",
    "sign",
    "group_kind",
    "group_key",
    "group_text",
    "index",
    "count_column",
    "sum",
    "no_group",
    "establishment",
    "calendar_year",
    "code",
    "code_text",
    "payroll",
    "declared",
    "difference",
    "all",
    "causes",
    "period",
    "amended",
    "counts_one",
    "original",
    "no_declarations",
    "reason_held",
    "reason_unreadable",
    "reason_incomplete",
    "reason_missing",
    "reason_none_declared",
    "reason_other",
    "reason_same",
    "reason_other_year",
    "reason_correction",
    "reason_general",
    "line",
    "wage_type",
    "text",
    "months",
    "origin_more",
    "by_period",
    "corrects",
    "change",
    "change_correction",
    "change_cancellation",
    "change_late",
    "before",
    "after",
    "other_rows",
    "bridge",
    "replaces",
    "replaced",
    "change_replacement",
    "refused",
    "balance",
    "first",
    "incomplete",
    "open_held",
    "open_refused",
    "explained",
    "sums_check",
    "open_sums",
    "open_months",
    "area",
    "decimal",
    "reason_changes",
    "reason_changes_count",
    "reason_doubled",
    "reason_twice",
    "reason_next",
    "reason_not_given",
    "reason_codes",
    "reason_sites",
    "reason_no_certificates",
    "reason_open",
    "reason_flat",
    "remark",
    "declaration_kind",
    "no_rows",
    "unverified",
    "calculated",
    "miscalculated",
    "not_reconciled",
    "no",
};

/* Words that forms of earlier runs lack, and the word that such a form has instead; LABEL_COUNT: none, the text is empty. */
static const enum label instead[][2] = {
    {LABEL_REMARK, LABEL_REASON},
    {LABEL_DECLARATION_KIND, LABEL_GROUP_KIND},
    {LABEL_NO_ROWS, LABEL_COUNT},
    {LABEL_UNVERIFIED, LABEL_COUNT},
    {LABEL_CALCULATED, LABEL_PASSED},
    {LABEL_MISCALCULATED, LABEL_FAILED},
    {LABEL_NOT_RECONCILED, LABEL_UNCHECKED},
    {LABEL_NO, LABEL_COUNT},
};

/* Words that earlier forms have, copies of which stand in runs, and what they are called now. */
static const char *const earlier_words[][2] = {
    {"withheld", "held"},   {"withheld_check", "held_check"}, {"reason_withheld", "reason_held"}, {"open_withheld", "open_held"},
    {"who", "approved_by"}, {"wage_year", "calendar_year"},   {"correction", "amended"},          {"issued_on", "issue_date"},
    {"id", "certificate"},  {"corrected", "amended"},
};

#define TITLE_MAX 26
#define NAME_MAX 60
#define WORD_MAX 60 /* bytes of a word that formulas compare with */

/* While summary.json is compiled. */
struct loader {
    struct template *t;
    struct plan *plan;
};

/* The member of this name, or of the one that an earlier form has for it. */
static struct node get_either(const struct node *n, const char *name)
{
    struct node found = node_get(n, name);

    for (size_t i = 0; !found.json && i < sizeof earlier_words / sizeof *earlier_words; i++) {
        struct node earlier;

        if (strcmp(earlier_words[i][1], name) != 0)
            continue;
        earlier = node_get(n, earlier_words[i][0]);
        if (earlier.json)
            found = earlier;
    }
    return found;
}

/* One of the words, or what an earlier form has for it. */
static bool choose_either(const struct node *n, const char *const *words, size_t count, int *index)
{
    const char *word = json_string_value(n->json);

    for (size_t i = 0; word && i < sizeof earlier_words / sizeof *earlier_words; i++)
        for (size_t k = 0; !strcmp(word, earlier_words[i][0]) && k < count; k++)
            if (!strcmp(words[k], earlier_words[i][1])) {
                *index = (int)k;
                return true;
            }
    return node_choice(n, words, count, index);
}

#define SOFT "\u00ad" /* where a word may be broken */

/* The caption with something else where words may be broken. */
static const char *breaks_as(const struct node *n, const char *words, const char *with)
{
    struct buf out = {0};
    const char *made, *soft;

    if (!strstr(words, SOFT))
        return words;
    for (; (soft = strstr(words, SOFT)); words = soft + strlen(SOFT)) {
        buf_add(&out, words, (size_t)(soft - words));
        buf_puts(&out, with);
    }
    buf_puts(&out, words);
    made = out.failed ? NULL : arena_copy(n->arena, out.data, out.length);
    buf_free(&out);
    return made;
}

/* The caption as a text, and as it stands above a column. */
static bool find_head(const struct loader *l, const struct node *n, const char **words, const char **head)
{
    const char *key, *caption;

    if (!node_string(n, &key))
        return false;
    caption = template_caption(l->t, key);
    if (!caption)
        return template_no_caption(l->t->captions, n, key);
    *words = breaks_as(n, caption, "");
    *head = breaks_as(n, caption, "-\n");
    return (*words && *head) || error_memory(n->err);
}

static bool find_caption(const struct loader *l, const struct node *n, const char **words)
{
    const char *head;

    return find_head(l, n, words, &head);
}

static bool find_caption_or(const struct loader *l, const struct node *n, const char **words)
{
    return !n->json || find_caption(l, n, words);
}

/* A field of the group, where that is -1 one outside of groups; absent: -1. */
static bool find_field_of(const struct loader *l, const struct node *n, int group, int *field)
{
    const char *id = NULL;

    *field = -1;
    if (!n->json)
        return true;
    if (!node_string(n, &id))
        return false;
    *field = template_field(l->t, id, group);
    return *field >= 0 || template_no_field(l->t, n, id, group);
}

static bool find_field(const struct loader *l, const struct node *n, int *field)
{
    return find_field_of(l, n, -1, field);
}

static bool find_group(const struct loader *l, const struct node *n, int *group)
{
    const char *id;

    *group = -1;
    if (!n->json)
        return true;
    if (!node_string(n, &id))
        return false;
    *group = names_find(&l->t->names, NAME_GROUP, id);
    return *group >= 0 || template_no_group(l->t, n, id);
}

static bool find_money(const struct loader *l, const struct node *n, int *field)
{
    if (!find_field(l, n, field))
        return false;
    return (*field >= 0 && l->t->fields[*field].type == FIELD_MONEY) || node_fail(n, "template-type", "a money field is needed here");
}

/* Texts of a list, in the template's arena. */
static bool load_texts(const struct node *list, const char ***texts, size_t *count)
{
    if (!node_array(list, count))
        return false;
    *texts = arena_array(list->arena, *count + 1, sizeof **texts);
    if (!*texts)
        return error_memory(list->err);
    for (size_t i = 0; i < *count; i++) {
        struct node n = node_at(list, i);

        if (!node_string(&n, &(*texts)[i]))
            return false;
    }
    return true;
}

static bool has_sheets(const struct loader *l, const struct node *list)
{
    for (int i = 0; i < SHEET_KINDS; i++) {
        bool wanted = l->plan->code_count > 0 || (i != SHEET_RECONCILIATION && i != SHEET_DECLARATIONS);

        if (wanted != (l->plan->titles[i] != NULL))
            return node_fail(list, "template-summary", "there must be %s sheet of the kind \"%s\"", wanted ? "a" : "no", sheet_names[i]);
    }
    return true;
}

/* What spreadsheets take for a sheet's name, with room for the number of a further sheet. */
static bool is_title(const struct plan *p, const char *title)
{
    size_t length = 0;

    for (const char *c = title; *c; c++)
        length += ((unsigned char)*c & 0xC0) != 0x80;
    for (int i = 0; i < SHEET_KINDS; i++)
        if (p->titles[i] && p->titles[i] != title && !strcasecmp(p->titles[i], title))
            return false;
    return length >= 1 && length <= TITLE_MAX && !strpbrk(title, "[]:*?/\\") && title[0] != '\'' && title[strlen(title) - 1] != '\'';
}

static bool load_sheets(struct loader *l, const struct node *list)
{
    size_t count;

    if (!node_array(list, &count))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct node n = node_at(list, i), kind = node_get(&n, "kind"), title = node_get(&n, "title");
        int index = 0;

        if (!node_keys(&n, "kind title id") || !choose_either(&kind, sheet_names, SHEET_KINDS, &index))
            return false;
        if (l->plan->titles[index])
            return node_fail(&kind, "template-summary", "there is a sheet of this kind already");
        if (!find_caption(l, &title, &l->plan->titles[index]))
            return false;
        if (!is_title(l->plan, l->plan->titles[index]))
            return node_fail(&title, "template-summary",
                             "a sheet's title has 1 to %d characters, none of []:*?/\\, no ' at an end, and is no other's", TITLE_MAX);
        l->plan->order[l->plan->sheet_count++] = (enum sheet_kind)index;
    }
    return has_sheets(l, list);
}

/* Letters, digits and an underscore, which no cell's name has; no other column's. */
static bool is_name(const struct plan *p, const struct plan_column *c)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";

    for (const struct plan_column *other = p->columns; other < c; other++)
        if (other->name && !strcasecmp(other->name, c->name))
            return false;
    return strspn(c->name, letters) == strlen(c->name) && strlen(c->name) <= NAME_MAX && strchr(c->name, '_')
           && !strchr("0123456789", c->name[0]);
}

static bool load_column(struct loader *l, const struct node *n, struct plan_column *c)
{
    struct node field = node_get(n, "field"), kind = node_get(n, "kind"), title = node_get(n, "title"), name = node_get(n, "name");
    struct node width = node_get(n, "width"), number = node_get(n, "number"), values = node_get(n, "values");
    struct node group = node_get(n, "group"), page = node_get(n, "page");
    const char *line = NULL, *words = NULL, *head = NULL;
    int index = COLUMN_FIELD;

    if (!node_keys(n, "field kind title width number name values group page")
        || (kind.json && !choose_either(&kind, column_names, COLUMN_KINDS, &index)) || !node_string_or(&number, &line)
        || !find_head(l, &title, &words, &head) || !node_flag(&page, &c->page) || !node_integer(&width, 3, 100, &c->width)
        || !node_string_or(&name, &c->name) || !node_string_or(&values, &c->values) || !find_group(l, &group, &c->group)
        || !find_field_of(l, &field, c->group, &c->field))
        return false;
    if (c->name && !is_name(l->plan, c))
        return node_fail(&name, "template-summary",
                         "a name has up to %d letters and digits, an underscore among them, and is no other column's", NAME_MAX);
    c->kind = (enum column_kind)index;
    if (index == COLUMN_FIELD && c->field < 0)
        return node_fail(&field, "template-id", "a field or a kind is needed here");
    c->id = index != COLUMN_FIELD ? column_names[index]
            : c->group < 0        ? l->t->fields[c->field].id
                                  : arena_printf(n->arena, "%s/%s", l->t->groups[c->group].id, l->t->fields[c->field].id);
    c->title = line ? arena_printf(n->arena, "%s %s", line, words) : words;
    c->head = line ? arena_printf(n->arena, "%s %s", line, head) : head;
    return (c->title && c->head && c->id) || error_memory(n->err);
}

static bool load_columns(struct loader *l, const struct node *list)
{
    struct plan *p = l->plan;

    if (!node_array(list, &p->column_count))
        return false;
    p->columns = arena_array(list->arena, p->column_count + 1, sizeof *p->columns);
    p->columned = arena_array(list->arena, l->t->field_count + 1, sizeof *p->columned);
    if (!p->columns || !p->columned)
        return error_memory(list->err);
    for (size_t i = 0; i < p->column_count; i++) {
        struct node n = node_at(list, i);

        if (!load_column(l, &n, &p->columns[i]))
            return false;
        if (p->columns[i].field >= 0)
            p->columned[p->columns[i].field] = true;
    }
    for (size_t i = 0; i < l->t->field_count; i++)
        if (l->t->fields[i].type == FIELD_MONEY && l->t->fields[i].group < 0 && l->t->fields[i].place != PLACE_BEFORE && !p->columned[i])
            return node_fail(list, "template-summary", "the line \"%.40s\" has no column: its total could not be checked",
                             l->t->fields[i].id);
    return true;
}

/* [{"field", "title", "group", "values"}]: what is shown of a correction besides the columns. */
static bool load_changes(struct loader *l, const struct node *list)
{
    struct plan *p = l->plan;

    if (!node_array(list, &p->change_count) || !(p->changes = arena_array(list->arena, p->change_count + 1, sizeof *p->changes)))
        return list->err->code ? false : error_memory(list->err);
    for (size_t i = 0; i < p->change_count; i++) {
        struct plan_change *c = &p->changes[i];
        struct node n = node_at(list, i), title = node_get(&n, "title"), field = node_get(&n, "field"), group = node_get(&n, "group");
        struct node values = node_get(&n, "values");
        const char *id;

        if (!node_keys(&n, "field title group values") || !find_caption(l, &title, &c->title) || !find_group(l, &group, &c->group)
            || !node_string(&field, &id) || !node_string_or(&values, &c->values))
            return false;
        c->field = template_field(l->t, id, c->group);
        if (c->field < 0)
            return template_no_field(l->t, &field, id, c->group);
    }
    return true;
}

static bool is_text(const struct template *t, int field)
{
    return field >= 0 && t->fields[field].type == FIELD_TEXT;
}

static bool load_groups(struct loader *l, const struct node *list)
{
    struct plan *p = l->plan;

    if (!node_array(list, &p->group_count))
        return false;
    p->groups = arena_array(list->arena, p->group_count + 1, sizeof *p->groups);
    if (!p->groups)
        return error_memory(list->err);
    if (p->group_count > PLAN_GROUPS_MAX)
        return node_fail(list, "template-range", "at most %d kinds of groups are added up", PLAN_GROUPS_MAX);
    for (size_t i = 0; i < p->group_count; i++) {
        struct plan_group *g = &p->groups[i];
        struct node n = node_at(list, i), title = node_get(&n, "title"), field = node_get(&n, "field"), text = node_get(&n, "text");
        struct node values = node_get(&n, "values"), chart = node_get(&n, "chart");

        if (!node_keys(&n, "title field text values chart") || !find_caption(l, &title, &g->title) || !find_field(l, &field, &g->field)
            || !find_field(l, &text, &g->text) || !node_string_or(&values, &g->values) || !node_flag(&chart, &g->chart))
            return false;
        if (!is_text(l->t, g->field) || (g->text >= 0 && !is_text(l->t, g->text)))
            return node_fail(&field, "template-type", "a text field is needed here");
    }
    return true;
}

/* {"group", "field", "none", "sums"}: the first word of the group's column says which code the first sum belongs to, the
 * second word says it of the second; a third and a fourth sum go by the first and second word again. */
static bool load_marks(struct loader *l, const struct node *n)
{
    struct plan *p = l->plan;
    struct node group = node_get(n, "group"), field = node_get(n, "field"), none = node_get(n, "none"), sums = node_get(n, "sums");
    const char *id;
    size_t count;

    p->mark_group = -1;
    for (int i = 0; i < PLAN_MARK_FIELDS; i++)
        p->mark_fields[i] = -1;
    if (!n->json)
        return true;
    if (!node_keys(n, "group field none sums") || !node_string(&group, &id) || !node_string(&none, &p->mark_none)
        || !node_array(&sums, &count))
        return false;
    p->mark_group = names_find(&l->t->names, NAME_GROUP, id);
    if (p->mark_group < 0)
        return template_no_group(l->t, &group, id);
    if (!node_string(&field, &id))
        return false;
    p->mark_column = template_field(l->t, id, p->mark_group);
    if (!is_text(l->t, p->mark_column))
        return node_fail(&field, "template-id", "there is no such text in the group");
    if (count < 1 || count > PLAN_MARK_FIELDS)
        return node_fail(&sums, "template-range", "one to %d money fields are needed here", PLAN_MARK_FIELDS);
    for (size_t i = 0; i < count; i++) {
        struct node sum = node_at(&sums, i);

        if (!find_money(l, &sum, &p->mark_fields[i]))
            return false;
    }
    return true;
}

static int find_code(const struct plan *p, const char *code)
{
    for (size_t i = 0; code && i < p->declared_count; i++)
        if (p->codes[i].code && !strcmp(p->codes[i].code, code))
            return (int)i;
    return -1;
}

static bool read_code(const struct loader *l, const struct node *n, int *index)
{
    const char *code;

    if (!node_string(n, &code))
        return false;
    *index = find_code(l->plan, code);
    return *index >= 0 || node_fail(n, "template-id", "there is no such line of the declaration");
}

static bool read_codes(const struct loader *l, const struct node *list, int *codes, size_t most, size_t *count)
{
    if (!node_array(list, count))
        return false;
    if (*count > most)
        return node_fail(list, "template-range", "at most %zu lines are added up", most);
    for (size_t i = 0; i < *count; i++) {
        struct node one = node_at(list, i);

        if (!read_code(l, &one, &codes[i]))
            return false;
    }
    return true;
}

/* The name of a parameter, or a number. */
static bool read_share(const struct loader *l, const struct node *n, struct decimal *share)
{
    const char *text;

    if (!node_string(n, &text))
        return false;
    for (size_t i = 0; i < l->t->parameter_count; i++)
        if (!strcmp(l->t->parameters[i].name, text)) {
            *share = l->t->parameters[i].value;
            return true;
        }
    return decimal_parse(text, strlen(text), share) || node_fail(n, "template-id", "a parameter or a number is needed here");
}

static bool load_flats(struct loader *l, const struct node *list)
{
    struct plan *p = l->plan;

    if (!node_array(list, &p->flat_count))
        return false;
    if (p->flat_count > PLAN_FLATS_MAX)
        return node_fail(list, "template-range", "at most %d kinds of flat-rate tax are told apart", PLAN_FLATS_MAX);
    for (size_t i = 0; i < p->flat_count; i++) {
        struct plan_flat *f = &p->flats[i];
        struct node n = node_at(list, i), of = node_get(&n, "of"), unless = node_get(&n, "unless"), in = node_get(&n, "in");
        struct node least = node_get(&n, "least"), most = node_get(&n, "most");
        int in_codes[PLAN_CODES_MAX];
        size_t count;

        f->unless = -1;
        if (!node_keys(&n, "in of unless least most note") || !read_codes(l, &of, f->of, PLAN_SUM_MAX, &f->of_count)
            || !read_codes(l, &in, in_codes, PLAN_CODES_MAX, &count) || (unless.json && !read_code(l, &unless, &f->unless))
            || !read_share(l, &least, &f->least) || !read_share(l, &most, &f->most))
            return false;
        for (size_t k = 0; k < count; k++)
            p->codes[in_codes[k]].flat = (int)i;
    }
    return true;
}

static bool load_totals(struct loader *l, const struct node *list)
{
    struct plan *p = l->plan;

    if (!node_array(list, &p->total_count) || !(p->totals = arena_array(list->arena, p->total_count + 1, sizeof *p->totals)))
        return list->err->code ? false : error_memory(list->err);
    for (size_t i = 0; i < p->total_count; i++) {
        struct plan_total *t = &p->totals[i];
        struct node n = node_at(list, i), code = node_get(&n, "code"), add = node_get(&n, "add"), subtract = node_get(&n, "subtract");

        if (!node_keys(&n, "code add subtract") || !read_code(l, &code, &t->code)
            || !read_codes(l, &add, t->add, PLAN_CODES_MAX, &t->add_count)
            || !read_codes(l, &subtract, t->subtract, PLAN_CODES_MAX, &t->subtract_count))
            return false;
    }
    return true;
}

/* {"code", "title", "count"}: declared, and compared with no certificate. */
static bool load_declared(struct loader *l, const struct node *n, struct plan_code *c)
{
    struct node code = node_get(n, "code"), title = node_get(n, "title"), count = node_get(n, "count");

    c->flat = -1;
    return node_keys(n, "code title count") && node_string(&code, &c->code) && find_head(l, &title, &c->title, &c->head)
           && node_flag(&count, &c->count);
}

static bool load_code(struct loader *l, const struct node *n, struct plan_code *c)
{
    struct node code = node_get(n, "code"), title = node_get(n, "title"), note = node_get(n, "note"), sum = node_get(n, "sum");
    struct node marks = node_get(n, "marks"), checked = node_get(n, "checked"), chart = node_get(n, "chart");

    c->flat = -1;
    if (!node_keys(n, "code title note sum marks checked chart") || !node_string_or(&code, &c->code)
        || !find_head(l, &title, &c->title, &c->head) || !find_caption_or(l, &note, &c->note) || !node_array(&sum, &c->sum_count)
        || !load_texts(&marks, &c->marks, &c->mark_count) || !node_flag(&checked, &c->checked) || !node_flag(&chart, &c->chart))
        return false;
    if (c->sum_count > PLAN_SUM_MAX)
        return node_fail(&sum, "template-range", "at most %d fields are added up", PLAN_SUM_MAX);
    if ((c->sum_count == 0) == (c->mark_count == 0) && c->code)
        return node_fail(n, "template-key", "one of sum and marks is needed");
    if (c->sum_count == 0 && l->plan->mark_group < 0)
        return node_fail(&marks, "template-key", "there are no marks to go by");
    for (size_t i = 0; i < c->sum_count; i++) {
        struct node field = node_at(&sum, i);

        if (!find_money(l, &field, &c->sum[i]))
            return false;
    }
    return true;
}

static bool load_shown(struct loader *l, const struct node *list)
{
    struct plan *p = l->plan;

    if (!node_array(list, &p->shown_count))
        return false;
    p->shown = arena_array(list->arena, p->shown_count + 1, sizeof *p->shown);
    if (!p->shown)
        return error_memory(list->err);
    if (p->shown_count > 4)
        return node_fail(list, "template-range", "at most four are shown");
    for (size_t i = 0; i < p->shown_count; i++) {
        struct node n = node_at(list, i), title = node_get(&n, "title"), field = node_get(&n, "field"), width = node_get(&n, "width");

        if (!node_keys(&n, "field title width") || !node_integer(&width, 3, 100, &p->shown[i].width)
            || !find_head(l, &title, &p->shown[i].title, &p->shown[i].head) || !find_field(l, &field, &p->shown[i].field))
            return false;
        if (!is_text(l->t, p->shown[i].field) || l->t->fields[p->shown[i].field].place != PLACE_ESTABLISHMENT)
            return node_fail(&field, "template-type", "a text of the establishment is needed here");
    }
    return true;
}

/* The codes compared and those listed besides; any may be where none are listed. */
static bool list_declared(const struct node *n, struct plan *p, size_t others)
{
    const char **all = arena_array(n->arena, others + p->declared_count + 2, sizeof *all);
    size_t count = 0;

    if (!all)
        return error_memory(n->err);
    for (size_t i = 0; i < others; i++)
        all[count++] = p->declared[i];
    for (size_t i = 0; i < p->declared_count; i++)
        if (p->codes[i].code)
            all[count++] = p->codes[i].code;
    if (p->corrected)
        all[count++] = p->corrected;
    p->declared = others > 0 ? all : NULL;
    return true;
}

static bool find_identifier(const struct loader *l, const struct node *n, int *index)
{
    const char *id;

    *index = -1;
    if (!n->json)
        return true;
    if (!node_string(n, &id))
        return false;
    for (size_t i = 0; i < l->t->identifier_count; i++)
        if (!strcmp(l->t->identifiers[i].id, id))
            *index = (int)i;
    return *index >= 0 || node_fail(n, "template-id", "there is no such identifier");
}

static bool load_reconciliation(struct loader *l, const struct node *n)
{
    struct plan *p = l->plan;
    struct node marks = node_get(n, "marks"), codes = node_get(n, "codes"), shown = node_get(n, "shown"), causes = node_get(n, "causes");
    struct node others = node_get(n, "others"), declared = node_get(n, "declared"), flats = node_get(n, "flat"),
                totals = node_get(n, "totals");
    struct node together = node_get(n, "together"), norm = node_get(n, "together_norm"), norm_by = node_get(n, "together_by"),
                corrected = get_either(n, "amended");
    size_t rests = 0, other_count, more;

    p->mark_group = p->together = p->norm = p->norm_by = -1;
    if (!n->json)
        return true;
    if (!node_keys(n, "marks codes declared flat totals amended corrected together together_norm together_by others shown causes note")
        || !load_marks(l, &marks) || !node_array(&codes, &p->code_count) || !load_shown(l, &shown)
        || !load_texts(&causes, &p->causes, &p->cause_count) || !load_texts(&others, &p->declared, &other_count)
        || !node_array(&declared, &more) || !find_field(l, &together, &p->together) || !node_string_or(&corrected, &p->corrected))
        return false;
    if (!find_identifier(l, &norm, &p->norm) || !find_field(l, &norm_by, &p->norm_by))
        return false;
    if (p->norm_by >= 0 && (!is_text(l->t, p->norm_by) || l->t->fields[p->norm_by].place != PLACE_ESTABLISHMENT))
        return node_fail(&norm_by, "template-type", "a text of the establishment is needed here");
    if (p->together >= 0 && (!is_text(l->t, p->together) || l->t->fields[p->together].place != PLACE_ESTABLISHMENT))
        return node_fail(&together, "template-type", "a text of the establishment is needed here");
    p->declared_count = p->code_count + more;
    p->codes = arena_array(n->arena, p->declared_count + 1, sizeof *p->codes);
    if (!p->codes)
        return error_memory(n->err);
    if (p->declared_count > PLAN_CODES_MAX)
        return node_fail(&codes, "template-range", "at most %d lines of a declaration are read", PLAN_CODES_MAX);
    for (size_t i = 0; i < p->code_count; i++) {
        struct node code = node_at(&codes, i);

        if (!load_code(l, &code, &p->codes[i]))
            return false;
        rests += p->codes[i].code == NULL;
    }
    for (size_t i = 0; i < more; i++) {
        struct node one = node_at(&declared, i);

        if (!load_declared(l, &one, &p->codes[p->code_count + i]))
            return false;
    }
    if (!load_flats(l, &flats) || !load_totals(l, &totals) || !list_declared(n, p, other_count))
        return false;
    if (rests != (p->mark_group >= 0))
        return node_fail(&codes, "template-summary", "with marks, exactly one entry without a code takes what has none");
    for (size_t i = 0; i < p->cause_count; i++) {
        struct node cause = node_at(&causes, i);

        if (!find_caption(l, &cause, &p->causes[i]))
            return false;
    }
    return true;
}

/* A word that stands in formulas and is counted by them. */
static bool is_word(const char *word)
{
    return *word && strlen(word) <= WORD_MAX && !strpbrk(word, "\"*?~") && !strchr("<>=", word[0]);
}

/* Verdicts are counted by their words. */
static bool differ(const struct plan *p)
{
    static const enum label verdicts[] = {LABEL_PASSED, LABEL_FAILED, LABEL_INCOMPLETE, LABEL_UNCHECKED};

    for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++)
        for (size_t k = 0; k < i; k++)
            if (!strcasecmp(p->labels[verdicts[i]], p->labels[verdicts[k]]))
                return false;
    return true;
}

/* The word of a form that lacks one: those it goes by come first. */
static bool stand_in(struct plan *p, enum label label)
{
    for (size_t i = 0; i < sizeof instead / sizeof *instead; i++)
        if (instead[i][0] == label) {
            p->labels[label] = instead[i][1] == LABEL_COUNT ? "" : p->labels[instead[i][1]];
            p->heads[label] = instead[i][1] == LABEL_COUNT ? "" : p->heads[instead[i][1]];
            return true;
        }
    return false;
}

static bool load_all(struct loader *l, const struct node *n)
{
    static const char *const formats[] = {"taxcert/summary/1"};
    struct node format = node_get(n, "format"), sheets = node_get(n, "sheets"), columns = node_get(n, "columns");
    struct node groups = node_get(n, "groups"), reconciliation = node_get(n, "reconciliation"), labels = node_get(n, "labels"),
                changes = node_get(n, "changes"), dates = node_get(n, "dates");
    int index;

    if (!node_keys(n, "format dates sheets columns changes groups reconciliation labels note") || !node_choice(&format, formats, 1, &index)
        || (dates.json && !node_date_format(&dates, true, &l->plan->dates)) || !load_columns(l, &columns) || !load_changes(l, &changes)
        || !load_groups(l, &groups) || !load_reconciliation(l, &reconciliation) || !load_sheets(l, &sheets))
        return false;
    for (int i = 0; i < LABEL_COUNT; i++) {
        struct node label = get_either(&labels, label_names[i]);

        if (!label.json && stand_in(l->plan, (enum label)i))
            continue;
        if (!find_head(l, &label, &l->plan->labels[i], &l->plan->heads[i]))
            return false;
        if ((i == LABEL_PASSED || i == LABEL_FAILED || i == LABEL_INCOMPLETE || i == LABEL_UNCHECKED) && !is_word(l->plan->labels[i]))
            return node_fail(&label, "template-summary", "the word has up to %d bytes, none of \"*?~ and none of <>= in front", WORD_MAX);
    }
    return differ(l->plan) || node_fail(&labels, "template-summary", "passed, failed, incomplete and unchecked must be different words");
}

struct plan *plan_load(struct template *t, struct tc_error *err)
{
    const char *path = arena_printf(&t->arena, "%s/summary.json", t->folder);
    struct loader l = {.t = t, .plan = arena_alloc(&t->arena, sizeof *l.plan)};
    json_t *root;
    bool ok;

    if (!path || !l.plan) {
        error_memory(err);
        return NULL;
    }
    root = json_read_below(t->folder, "summary.json", err);
    if (!root)
        return NULL;
    ok = load_all(&l, &(struct node){.json = root, .file = path, .arena = &t->arena, .err = err, .pointer = ""});
    json_decref(root);
    return ok ? l.plan : NULL;
}

const char *plan_word(const struct template *t, const char *values, const char *value)
{
    char key[96];
    const char *word;
    size_t length;

    if (!values || !value || (length = strlen(values)) + strlen(value) >= sizeof key)
        return value;
    memcpy(key, values, length);
    strcpy(key + length, value);
    word = template_caption(t, key);
    return word ? word : value;
}

bool plan_marks_correction(const struct plan *p, const json_t *values)
{
    const json_t *mark = p->corrected ? json_object_get(values, p->corrected) : NULL;
    const char *text = json_string_value(mark);

    return json_is_true(mark) || (json_is_integer(mark) && json_integer_value(mark) == 1)
           || (text && (!strcmp(text, "1") || !strcasecmp(text, "x")));
}
