#include "check/waivers.h"

#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/text.h"
#include "input/older.h"

struct waivers {
    struct arena arena;
    struct waiver *list;
    size_t count;
    unsigned char hashes[2][HASH_SIZE];
    int files;
    unsigned older; /* keys that have another name by now, by bit */
};

static bool fail(const struct node *n, const char *rule, const char *message)
{
    return n->arena->failed ? error_memory(n->err) : error_set(n->err, TC_INPUT, n->file, n->pointer, rule, "%s", message);
}

static bool check_text(const struct node *n)
{
    return (json_is_string(n->json) && !text_is_blank(json_string_value(n->json)) && json_string_length(n->json) <= 200)
           || fail(n, "waiver-text", "the waiver needs a text of 1 to 200 characters here");
}

/* A key that nobody knows may be "certificate" misspelt: then the line would be meant for one and lift the error of all. */
static bool check_keys(const struct node *n)
{
    static const char *const known[] = {"certificate", "rule", "reason", "approved_by"};
    const char *key;
    json_t *value;

    if (!json_is_object(n->json))
        return fail(n, "waiver-format", "A group of named fields { } must stand here.");
    json_object_foreach((json_t *)n->json, key, value)
    {
        size_t i = 0;

        while (i < 4 && strcmp(known[i], key) != 0)
            i++;
        if (i == 4 && strncmp(key, "x_", 2) != 0)
            return fail(n, "waiver-key", "a field of this waiver has an unknown name; known are certificate, rule, reason, approved_by");
    }
    return true;
}

static bool check_line(const struct node *n)
{
    struct node certificate = node_get(n, "certificate"), rule = node_get(n, "rule"), reason = node_get(n, "reason");
    struct node approved_by = node_get(n, "approved_by");

    return check_keys(n) && (!certificate.json || check_text(&certificate)) && check_text(&rule) && check_text(&reason)
           && check_text(&approved_by);
}

static bool check_file(struct waiver_file *f, struct tc_error *err)
{
    struct node n = {.json = f->root, .file = f->path, .arena = &f->arena, .err = err, .pointer = ""};
    struct node format = node_get(&n, "format"), list = node_get(&n, "waivers");
    const char *text = json_string_value(format.json);

    if (!text || strcmp(text, "taxcert/waivers/1") != 0)
        return fail(&format, "waiver-format", "this is not a file of waivers: its format must be \"taxcert/waivers/1\"");
    if (!json_is_array(list.json))
        return fail(&list, "waiver-format", "a list is needed here");
    f->count = json_array_size(list.json);
    f->lines = arena_array(&f->arena, f->count + 1, sizeof *f->lines);
    for (size_t i = 0; f->lines && i < f->count; i++) {
        struct node one = node_at(&list, i);

        if (!older_rename((json_t *)one.json, OLDER_WHO, f->path, &f->older, err) || !check_line(&one))
            return false;
        f->lines[i].named = node_get(&one, "certificate").json != NULL;
    }
    return (f->lines && !f->arena.failed) || error_memory(err);
}

struct waiver_file *waiver_file_open(const char *path, struct tc_error *err)
{
    struct waiver_file *f = calloc(1, sizeof *f);
    bool ok;

    if (!f) {
        error_memory(err);
        return NULL;
    }
    f->path = path;
    f->root = json_read(path, err);
    ok = f->root && hash_file(path, f->hash, err) && check_file(f, err);
    if (err->code == TC_USAGE)
        err->code = TC_INPUT;
    if (ok)
        return f;
    waiver_file_free(f);
    return NULL;
}

void waiver_file_free(struct waiver_file *f)
{
    if (!f)
        return;
    json_decref(f->root);
    arena_free(&f->arena);
    free(f);
}

void waiver_file_count(struct waiver_file *f, struct waivers *w)
{
    for (size_t i = 0; i < waivers_count(w); i++)
        if (w->list[i].common && w->list[i].used)
            f->lines[w->list[i].line].runs++;
}

/* ---- of one run */

static const struct rule *find_rule(const struct template *t, const char *id)
{
    for (size_t i = 0; i < t->rule_count; i++)
        if (!strcmp(t->rules[i].id, id))
            return &t->rules[i];
    return NULL;
}

/* Its own rules are the form's, of which the nearest is named. */
static bool no_rule(const struct template *t, const struct node *n, const char *id)
{
    struct nearest near = nearest_to(id ? id : "");

    for (size_t i = 0; i < t->rule_count; i++)
        nearest_consider(&near, t->rules[i].id);
    if (!near.known)
        return fail(n, "waiver-rule",
                    "the form has no rule of this name; only the form's own rules can be waived (taxcert template show lists them)");
    return error_set(n->err, TC_INPUT, n->file, n->pointer, "waiver-rule",
                     "the form has no rule of this name (nearest known name: %s); only the form's own rules can be waived", near.known);
}

static bool check_rule(const struct rule *rule, const struct node *n, bool all)
{
    if (rule->severity != SEVERITY_ERROR)
        return fail(n, "waiver-rule", "this rule is only a warning and needs no waiver; remove the waiver");
    if (!rule->waivable)
        return fail(n, "waiver-rule", "this rule cannot be waived; correct the data instead");
    return !all || rule->waivable_at_once
           || fail(n, "waiver-rule", "this rule can be waived for single certificates only; name the certificate in the waiver");
}

/* A copy that lasts as long as the waivers; NULL where there is none, or the arena has failed. */
static const char *copy(struct waivers *w, const struct node *n, const char *key)
{
    const char *text = json_string_value(node_get(n, key).json);

    return text ? arena_copy(&w->arena, text, strlen(text)) : NULL;
}

static bool add_line(struct waivers *w, const struct template *t, const struct node *n, size_t line, bool common)
{
    struct waiver one = {
        copy(w, n, "certificate"), copy(w, n, "rule"), copy(w, n, "reason"), copy(w, n, "approved_by"), line, common, false};
    struct node at = node_get(n, "rule");
    const struct rule *rule = one.rule ? find_rule(t, one.rule) : NULL;

    if (w->arena.failed)
        return error_memory(n->err);
    if (!rule)
        return common || no_rule(t, &at, one.rule);
    if (!check_rule(rule, &at, !one.certificate))
        return false;
    w->list[w->count++] = one;
    return true;
}

static bool add_file(struct waivers *w, const struct waiver_file *f, const struct template *t, bool common, struct tc_error *err)
{
    struct node n = {.json = f->root, .file = f->path, .arena = &w->arena, .err = err, .pointer = ""};
    struct node list = node_get(&n, "waivers");

    for (size_t i = 0; i < f->count; i++) {
        struct node one = node_at(&list, i);

        if (!add_line(w, t, &one, i, common))
            return false;
    }
    w->older |= f->older;
    memcpy(w->hashes[w->files++], f->hash, HASH_SIZE);
    return true;
}

struct waivers *waivers_load(const char *path, const struct waiver_file *common, const struct template *t, struct tc_error *err)
{
    struct waiver_file *own = path ? waiver_file_open(path, err) : NULL;
    struct waivers *w = calloc(1, sizeof *w);
    bool ok = w && !err->code;

    if (!w)
        error_memory(err);
    if (ok) {
        w->list = arena_array(&w->arena, (own ? own->count : 0) + (common ? common->count : 0) + 1, sizeof *w->list);
        ok = (w->list || error_memory(err)) && (!own || add_file(w, own, t, false, err)) && (!common || add_file(w, common, t, true, err));
    }
    waiver_file_free(own);
    if (ok)
        return w;
    waivers_free(w);
    return NULL;
}

void waivers_free(struct waivers *w)
{
    if (!w)
        return;
    arena_free(&w->arena);
    free(w);
}

void waivers_identify(const struct waivers *w, struct buf *text)
{
    for (int i = 0; i < w->files; i++)
        buf_add(text, w->hashes[i], HASH_SIZE);
}

unsigned waivers_older(const struct waivers *w)
{
    return w ? w->older : 0;
}

size_t waivers_count(const struct waivers *w)
{
    return w ? w->count : 0;
}

struct waiver *waivers_at(struct waivers *w, size_t i)
{
    return &w->list[i];
}

const struct waiver *waivers_find(struct waivers *w, const char *certificate, const char *rule)
{
    struct waiver *found = NULL;

    for (size_t i = 0; i < waivers_count(w); i++) {
        if (strcmp(w->list[i].rule, rule) != 0 || (w->list[i].certificate && strcmp(w->list[i].certificate, certificate) != 0))
            continue;
        if (!found || w->list[i].certificate)
            found = &w->list[i];
        if (found->certificate)
            break;
    }
    if (found)
        __atomic_store_n(&found->used, true, __ATOMIC_RELAXED);
    return found;
}
