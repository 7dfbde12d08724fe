#include "check/waivers.h"

#include <stdlib.h>
#include <string.h>

struct waivers {
    struct arena arena;
    unsigned char hash[HASH_SIZE];
    struct waiver *list;
    size_t count;
};

static bool fail(const struct node *n, const char *rule, const char *message)
{
    return n->arena->failed ? error_memory(n->err) : error_set(n->err, TC_INPUT, n->file, n->pointer, rule, "%s", message);
}

/* A text that is not empty, as short as a ledger's column should be. */
static bool load_text(const struct node *n, const char **text)
{
    if (!json_is_string(n->json) || json_string_length(n->json) == 0 || json_string_length(n->json) > 200)
        return fail(n, "waiver-text", "a text of 1 to 200 characters is needed here");
    *text = arena_copy(n->arena, json_string_value(n->json), json_string_length(n->json));
    return *text || error_memory(n->err);
}

static bool check_rule(const struct template *t, const struct node *n, const char *rule)
{
    for (size_t i = 0; i < t->rule_count; i++) {
        if (strcmp(t->rules[i].id, rule) != 0)
            continue;
        if (t->rules[i].severity != SEVERITY_ERROR)
            return fail(n, "waiver-rule", "this rule is only a warning: nothing is to be waived");
        return t->rules[i].waivable || fail(n, "waiver-rule", "the form does not let this rule be waived");
    }
    return fail(n, "waiver-rule", "the form has no such rule; only its own rules can be waived");
}

static bool load_one(const struct template *t, const struct node *n, struct waiver *w)
{
    struct node certificate = node_get(n, "certificate"), rule = node_get(n, "rule"), reason = node_get(n, "reason");
    struct node who = node_get(n, "who");

    return load_text(&certificate, &w->certificate) && load_text(&rule, &w->rule) && load_text(&reason, &w->reason)
           && load_text(&who, &w->who) && check_rule(t, &rule, w->rule);
}

static bool load(struct waivers *w, const struct template *t, const struct node *n)
{
    struct node format = node_get(n, "format"), list = node_get(n, "waivers");
    const char *text = json_string_value(format.json);

    if (!text || strcmp(text, "taxcert/waivers/1") != 0)
        return fail(&format, "waiver-format", "the format must be taxcert/waivers/1");
    if (!json_is_array(list.json))
        return fail(&list, "waiver-format", "a list is needed here");
    w->list = arena_array(&w->arena, json_array_size(list.json) + 1, sizeof *w->list);
    if (!w->list)
        return error_memory(n->err);
    for (size_t i = 0; i < json_array_size(list.json); i++) {
        struct node one = node_at(&list, i);

        if (!load_one(t, &one, &w->list[i]))
            return false;
        w->count++;
    }
    return true;
}

struct waivers *waivers_load(const char *path, const struct template *t, struct tc_error *err)
{
    struct waivers *w = calloc(1, sizeof *w);
    json_t *root = w ? json_read(path, err) : NULL;
    struct node n = {.json = root, .file = path, .arena = w ? &w->arena : NULL, .err = err, .pointer = ""};
    bool ok = root && hash_file(path, w->hash, err) && load(w, t, &n);

    if (!w)
        error_memory(err);
    if (err->code == TC_USAGE)
        err->code = TC_INPUT;
    json_decref(root);
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

const unsigned char *waivers_hash(const struct waivers *w)
{
    return w->hash;
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
    for (size_t i = 0; i < waivers_count(w); i++) {
        if (strcmp(w->list[i].certificate, certificate) != 0 || strcmp(w->list[i].rule, rule) != 0)
            continue;
        __atomic_store_n(&w->list[i].used, true, __ATOMIC_RELAXED);
        return &w->list[i];
    }
    return NULL;
}
