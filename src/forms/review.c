/* What a form's author is told besides mistakes: captions that are still missing, all at once, and what a copied folder has left over. Read
 * from the files as they are, so that it can be told of a form that does not load yet. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "taxcert.h"

#define NOTES_MAX 200

enum { FILE_TEMPLATE, FILE_SUMMARY, FILE_FORM, FILE_LETTER, FILE_COUNT };
static const char *const names[] = {"template.json", "summary.json", "form.json", "letter.json"};

struct review {
    json_t *files[FILE_COUNT]; /* NULL where there is none */
    const json_t *captions, *seen;
    json_t *used, *page, *prefixes; /* sets: texts of all files, of the pages alone; those that end in a point */
    json_t *told;                   /* missing captions */
    long year;
    int notes;
    void *ctx;
    tc_note_call call;
};

static void note(struct review *r, const char *key, const char *message)
{
    if (++r->notes <= NOTES_MAX)
        r->call(r->ctx, key, message);
}

/* Every text of the file, wherever it stands: whether a caption is used is asked of the caption. */
static void gather(struct review *r, const json_t *json, bool page)
{
    const char *text = json_string_value(json), *key;
    json_t *value;
    size_t i;

    if (text) {
        json_object_set_new(r->used, text, json_true());
        if (page)
            json_object_set_new(r->page, text, json_true());
        if (*text && text[strlen(text) - 1] == '.')
            json_object_set_new(r->prefixes, text, json_true());
    }
    json_array_foreach((json_t *)json, i, value) gather(r, value, page);
    json_object_foreach((json_t *)json, key, value) gather(r, value, page);
}

static bool begins(const struct review *r, const char *caption)
{
    const char *prefix;
    json_t *value;

    json_object_foreach(r->prefixes, prefix, value) if (!strncmp(caption, prefix, strlen(prefix))) return true;
    return false;
}

static void ask(struct review *r, const json_t *key)
{
    const char *text = json_string_value(key);

    if (!text || *text == '@' || json_object_get(r->captions, text) || json_object_get(r->told, text))
        return;
    json_object_set_new(r->told, text, json_true());
    note(r, text, "it is missing");
}

/* What the caption keys of values' words begin with: one at least is there. */
static void ask_beginning(struct review *r, const json_t *prefix)
{
    const char *text = json_string_value(prefix), *key;
    json_t *value;

    if (!text || json_object_get(r->told, text))
        return;
    json_object_foreach((json_t *)r->captions, key, value) if (!strncmp(key, text, strlen(text))) return;
    json_object_set_new(r->told, text, json_true());
    note(r, text, "no caption begins with this: values are shown as they are");
}

/* Keys of objects whose value is a caption's key, and those whose members' or elements' values are. */
static void find_missing(struct review *r, const json_t *json)
{
    static const char *const one[] = {"caption", "title", "major_caption", "minor_caption"};
    static const char *const all[] = {"labels", "words", "causes", "none"};
    const char *key;
    json_t *value, *inner;
    size_t i;

    for (size_t k = 0; k < sizeof one / sizeof *one; k++)
        ask(r, json_object_get(json, one[k]));
    ask_beginning(r, json_object_get(json, "values"));
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
        const json_t *list = json_object_get(json, all[k]);

        json_object_foreach((json_t *)list, key, inner) ask(r, inner);
        json_array_foreach((json_t *)list, i, inner) ask(r, inner);
    }
    json_array_foreach((json_t *)json, i, value) find_missing(r, value);
    json_object_foreach((json_t *)json, key, value) find_missing(r, value);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool names_year(const char *text, long year)
{
    char number[24];
    int length = snprintf(number, sizeof number, "%ld", year);
    const char *at = strstr(text, number);

    return at && (at == text || !is_digit(at[-1])) && !is_digit(at[length]);
}

static void tell_left_over(struct review *r)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)r->captions, key, value)
    {
        const char *text = json_string_value(value), *seen = json_string_value(json_object_get(r->seen, key));

        if (!json_object_get(r->used, key) && !begins(r, key))
            note(r, key, "nothing uses it");
        else if (json_object_get(r->page, key) && text && names_year(text, r->year - 1) && !(seen && names_year(seen, r->year - 1)))
            note(r, key, "it names the year before that of the form");
    }
    json_object_foreach((json_t *)r->seen, key, value) if (!json_object_get(r->page, key) && !begins(r, key))
        note(r, key, "its wording is noted as seen or not seen, but no page shows it");
}

/* Titles of fields, of lists' ones too. */
static void ask_titles(struct review *r, const json_t *fields)
{
    json_t *field;
    size_t i;

    json_array_foreach((json_t *)fields, i, field)
    {
        ask(r, json_object_get(field, "title"));
        ask_titles(r, json_object_get(field, "fields"));
    }
}

static bool read_files(struct review *r, const char *folder, json_t **captions, struct tc_error *err)
{
    char name[40];
    const char *language;

    for (int i = 0; i < FILE_COUNT; i++) {
        struct tc_error absent = {0};

        r->files[i] = json_read_below(folder, names[i], i == FILE_LETTER ? &absent : err);
        if (err->code)
            return false;
    }
    language = json_string_value(json_array_get(json_object_get(r->files[FILE_TEMPLATE], "languages"), 0));
    snprintf(name, sizeof name, "captions.%.8s.json", language ? language : "");
    *captions = json_read_below(folder, name, err);
    r->captions = json_object_get(*captions, "captions");
    r->seen = json_object_get(*captions, "seen");
    r->year = (long)json_integer_value(json_object_get(r->files[FILE_TEMPLATE], "year"));
    return *captions != NULL;
}

static void tell(struct review *r)
{
    for (int i = 0; i < FILE_COUNT; i++)
        gather(r, r->files[i], i >= FILE_FORM);
    gather(r, json_object_get(r->files[FILE_TEMPLATE], "title"), true);
    ask(r, json_object_get(r->files[FILE_TEMPLATE], "title"));
    ask_titles(r, json_object_get(r->files[FILE_TEMPLATE], "fields"));
    for (int i = FILE_SUMMARY; i < FILE_COUNT; i++)
        find_missing(r, r->files[i]);
    tell_left_over(r);
}

enum tc_code tc_form_review(const char *folder, void *ctx, tc_note_call call, struct tc_error *err)
{
    struct review r = {.ctx = ctx, .call = call};
    json_t *captions = NULL, **const sets[] = {&r.used, &r.page, &r.prefixes, &r.told};
    const size_t count = sizeof sets / sizeof *sets;
    bool ok = true;

    error_reset(err);
    for (size_t i = 0; i < count; i++)
        ok = (*sets[i] = json_object()) != NULL && ok;
    if (!ok)
        error_memory(err);
    else if (read_files(&r, folder, &captions, err))
        tell(&r);
    for (int i = 0; i < FILE_COUNT; i++)
        json_decref(r.files[i]);
    for (size_t i = 0; i < count; i++)
        json_decref(*sets[i]);
    json_decref(captions);
    return err->code;
}
