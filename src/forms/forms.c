/* Forms as such, without payroll data: listing, checking, showing, previewing, and the schema of their input. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "archive/filing_layout.h"
#include "base/file.h"
#include "certificate/prepared.h"
#include "form/years.h"
#include "forms/schema.h"
#include "store/outside.h"
#include "taxcert.h"

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void free_list(char **names)
{
    for (size_t i = 0; names && names[i]; i++)
        free(names[i]);
    free(names);
}

/* The sorted names in a folder that are folders. New list of new strings, NULL-terminated, empty where it cannot be read; NULL
 * with err. */
static char **list_folders(const char *path, struct tc_error *err)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    char **names = dir || errno != ENOMEM ? calloc(1025, sizeof *names) : NULL;
    size_t count = 0;
    bool ok = names != NULL;

    while (dir && ok && count < 1024 && (entry = readdir(dir)) != NULL) {
        char below[FILE_PATH_MAX];
        struct stat status;
        struct tc_error ignored = {0}; /* what cannot be opened is no form */

        if (entry->d_name[0] != '.' && file_path(path, entry->d_name, below, &ignored) && stat(below, &status) == 0
            && S_ISDIR(status.st_mode))
            ok = (names[count++] = strdup(entry->d_name)) != NULL;
    }
    if (dir)
        closedir(dir);
    if (ok) {
        qsort(names, count, sizeof *names, by_text);
        return names;
    }
    error_memory(err);
    free_list(names);
    return NULL;
}

static void list_years(const char *root, const char *id, void *ctx, tc_form_call call, struct tc_error *err)
{
    char path[FILE_PATH_MAX];
    char **years;

    years = file_path(root, id, path, err) ? list_folders(path, err) : NULL;
    for (size_t i = 0; years && years[i]; i++)
        if (years_of(years[i]) > 0)
            call(ctx, id, years[i]);
    free_list(years);
}

enum tc_code tc_form_list(const char *templates, void *ctx, tc_form_call call, struct tc_error *err)
{
    char room[PREPARED_PATH_MAX];
    const char *root = prepared_root(templates, room);
    char **countries;

    error_reset(err);
    countries = list_folders(root, err);
    if (countries && !countries[0])
        prepared_no_forms(root, err);
    for (size_t i = 0; countries && countries[i]; i++) {
        char path[FILE_PATH_MAX], id[600];
        char **forms;

        forms = file_path(root, countries[i], path, err) ? list_folders(path, err) : NULL;
        for (size_t k = 0; forms && forms[k]; k++) {
            snprintf(id, sizeof id, "%.255s/%.255s", countries[i], forms[k]);
            list_years(root, id, ctx, call, err);
        }
        free_list(forms);
    }
    free_list(countries);
    return err->code;
}

/* "DIR" of country/form/year: root, id and year. */
static bool split_path(const char *folder, char root[1024], char id[256], int *year)
{
    char path[1024], *parts[3];
    size_t length = strlen(folder);

    while (length > 1 && folder[length - 1] == '/')
        length--;
    if (length < sizeof path - 2)
        snprintf(path, sizeof path, "%s%.*s", folder[0] == '/' || folder[0] == '.' ? "" : "./", (int)length, folder);
    for (int i = 2; length < sizeof path - 2 && i >= 0; i--) {
        parts[i] = strrchr(path, '/');
        if (!parts[i])
            break;
        *parts[i]++ = '\0';
        if (i == 0 && years_of(parts[2]) > 0) {
            snprintf(root, 1024, "%s", path);
            snprintf(id, 256, "%.120s/%.120s", parts[0], parts[1]);
            *year = years_of(parts[2]);
            return true;
        }
    }
    return false;
}

/* The same of a folder that may be named from within, such as ".". */
static bool split_folder(const char *folder, char root[1024], char id[256], int *year, struct tc_error *err)
{
    char whole[PATH_MAX];

    if ((!strstr(folder, "..") && split_path(folder, root, id, year)) || (realpath(folder, whole) && split_path(whole, root, id, year)))
        return true;
    return error_set(err, TC_USAGE, folder, NULL, "template-id", "the folder must be .../country/form/year");
}

static bool load(struct prepared *e, const char *templates, const char *id, int year, unsigned marks, struct tc_error *err)
{
    char root[PREPARED_PATH_MAX];

    return prepared_load(e, prepared_root(templates, root), id, year, 20000101, marks, err);
}

/* The layout of the file that an authority gets, where the form has one. */
static void lint_filing(struct template *t, struct tc_error *err)
{
    struct filing_layout layout;
    struct stat status;
    char path[FILE_PATH_MAX];

    if (!file_path(t->folder, "filing.json", path, err) || stat(path, &status) != 0)
        return;
    filing_load(t, t->folder, &layout, err);
    filing_free(&layout);
}

enum tc_code tc_form_lint(const char *folder, const char *templates, struct tc_error *err)
{
    char root[1024], id[256], fonts[PREPARED_PATH_MAX], room[PREPARED_PATH_MAX];
    struct prepared e;
    struct stat status;
    int year = 0;

    error_reset(err);
    if (!split_folder(folder, root, id, &year, err))
        return err->code;
    /* The fonts of the installation serve a folder that stands elsewhere. */
    if (file_path(root, "fonts", fonts, err) && stat(fonts, &status) != 0)
        prepared_fonts(prepared_root(templates, room), fonts, err);
    if (!err->code && prepared_load_with(&e, root, fonts, id, year, 20000101, 0, err)) {
        lint_filing(e.template, err);
        prepared_free(&e);
    }
    return err->code;
}

/* How many captions' wording was seen somewhere, and which were not. */
static void show_captions(const struct template *t, const struct tc_words *w, FILE *to)
{
    size_t seen = 0, unseen = 0;
    const char *key;
    json_t *value;
    char line[100], room[200];

    json_object_foreach(t->seen, key, value) * (json_is_string(value) ? &seen : &unseen) += 1;
    snprintf(line, sizeof line, "%zu captions checked against the authority's wording, %zu not checked", seen, unseen);
    fprintf(to, "%s\n\n", tc_say(w, line, room, sizeof room));
    json_object_foreach(t->seen, key, value)
        fprintf(to, "%s %-27s %s\n", tc_word(w, "caption"), key,
                json_is_string(value) ? json_string_value(value) : tc_word(w, "not checked against the authority's wording"));
    fprintf(to, "%s", seen + unseen > 0 ? "\n" : "");
}

enum tc_code tc_form_show(const char *templates, const char *id, int year, const struct tc_words *words, FILE *to, struct tc_error *err)
{
    static const char *const types[] = {"money", "count", "decimal", "text", "letters", "year", "months", "date", "cross", "unused"};
    struct prepared e;
    char line[120], room[240];

    error_reset(err);
    if (!load(&e, templates, id, year, 0, err))
        return err->code;
    fprintf(to, "%s %d: %s\n", e.template->id, year, e.template->title);
    snprintf(line, sizeof line, "%zu fields, %zu groups, %zu rules, %d places on the page", e.template->field_count,
             e.template->group_count, e.template->rule_count, e.form.page.slot_count);
    fprintf(to, "%s\n", tc_say(words, line, room, sizeof room));
    show_captions(e.template, words, to);
    for (size_t i = 0; i < e.template->field_count; i++) {
        const struct field *f = &e.template->fields[i];

        fprintf(to, "%s %-24s %-8s", tc_word(words, "field"), f->id, types[f->type]);
        if (f->group >= 0)
            fprintf(to, " %s %s", tc_word(words, "in"), e.template->groups[f->group].id);
        fprintf(to, "%s%s", f->required ? " " : "", f->required ? tc_word(words, "required") : "");
        fprintf(to, "%s%s\n", f->control ? " " : "", f->control ? tc_word(words, "control") : "");
    }
    fprintf(to, "\n");
    for (size_t i = 0; i < e.template->rule_count; i++) {
        const struct rule *r = &e.template->rules[i];

        fprintf(to, "%s %-28s %-8s %s\n", tc_word(words, "rule"), r->id,
                tc_word(words, r->severity == SEVERITY_ERROR ? "error" : "warning"), r->source);
    }
    prepared_free(&e);
    if (fflush(to) != 0)
        error_set(err, TC_IO, NULL, NULL, "write", "the form cannot be shown");
    return err->code;
}

/* What stands in a free row: the form's lines one after the other, as far as there are rows. NULL: nothing, or with *show the name of
 * its field. */
static const char *free_text(const struct prepared *e, const struct form *form, const struct slot *slot, const struct show **show)
{
    const struct free_line *line = &form->free_lines[slot->row];
    bool amount;

    *show = NULL;
    if ((size_t)slot->row >= form->free_count)
        return NULL;
    amount = line->value.parts[0].field >= 0 && e->template->fields[line->value.parts[0].field].type == FIELD_MONEY;
    switch (slot->part) {
    case FREE_NUMBER: return line->number;
    case FREE_TEXT:
        *show = line->text.parts[0].literal ? NULL : &line->text;
        return line->text.parts[0].literal ? line->text.parts[0].literal : "";
    case FREE_MAJOR: *show = &line->value; return amount ? "" : NULL;
    case FREE_MINOR: return amount ? "00" : NULL;
    default: *show = &line->value; return amount ? NULL : "";
    }
}

/* Every place filled with its field's name, so that a form can be looked at without data. */
static bool fill_slots(const struct prepared *e, const struct form *form, struct arena *arena, struct placed *placed)
{
    for (int i = 0; i < form->page.slot_count; i++) {
        const struct slot *slot = &form->slots[i];
        const struct stack_line *line = slot->kind == SLOT_LINE ? &form->stacks[slot->stack].shows[slot->line] : NULL;
        const struct show *show = !line ? &slot->show : line->other.count > 0 ? &line->other : &line->first;
        const char *text = "00";

        if (slot->kind == SLOT_CONDITION) { /* everything is shown that may be there */
            placed[i].text = "";
            continue;
        }
        if (slot->kind == SLOT_WORDS || slot->kind == SLOT_MORE
            || (slot->kind == SLOT_LINE && (size_t)slot->line >= form->stacks[slot->stack].count)
            || (slot->kind == SLOT_FREE && !(text = free_text(e, form, slot, &show))))
            continue;
        if (show && slot->kind != SLOT_MINOR && form_show_field(show) >= 0)
            text = e->template->fields[form_show_field(show)].id;
        if (!font_shape(slot->style->bold ? &e->bold : &e->regular, text, arena, &placed[i].glyphs))
            continue;
        placed[i].text = text;
        placed[i].size = slot->style->size;
        while (slot->width > 0 && placed[i].size > 30 && font_width(&placed[i].glyphs, placed[i].size) > slot->width)
            placed[i].size--;
    }
    return !arena->failed;
}

/* The attached file of a form that nobody has filled in. */
static bool write_empty(const struct phrases *phrases, struct phrase_writer *out)
{
    static const char text[] = "{}\n";

    phrase_start(out, phrases);
    phrase_text(out, text, sizeof text - 1);
    return phrase_end(out);
}

enum tc_code tc_form_preview(const char *templates, const char *id, int year, const char *mark, const char *output, struct tc_error *err)
{
    bool letter = mark && !strcmp(mark, "letter");
    unsigned marks = mark ? form_mark(mark) : 0;
    const struct form *form;
    struct pdf *pdf;
    struct pdf_worker worker = {0};
    struct arena arena = {0};
    struct phrase_writer attachment = {0};
    unsigned char hash[HASH_SIZE];
    struct placed *placed = NULL;
    struct prepared e;

    error_reset(err);
    if (mark && !marks && !letter)
        error_set(err, TC_USAGE, NULL, NULL, "mark", "a page can be marked as draft, duplicate, correction or void, or be the letter");
    if (err->code || !outside_output(output, NULL, 0, err) || !load(&e, templates, id, year, marks, err))
        return err->code;
    form = letter ? &e.letter : &e.form;
    pdf = letter ? e.letters : e.pdf;
    if (!pdf)
        error_set(err, TC_USAGE, NULL, NULL, "mark", "this form has no letter");
    placed = calloc((size_t)form->page.slot_count + 1, sizeof *placed);
    if (!err->code
        && (!placed || !fill_slots(&e, form, &arena, placed) || !write_empty(letter ? e.letter_phrases : e.phrases, &attachment)))
        error_memory(err);
    if (!err->code && pdf_worker_start(&worker, pdf, err) && pdf_render(pdf, &worker, placed, &attachment, hash, err))
        file_give(output, worker.file, PDF_PARTS, err);
    pdf_worker_stop(&worker);
    phrase_writer_free(&attachment);
    free(placed);
    arena_free(&arena);
    prepared_free(&e);
    return err->code;
}

enum tc_code tc_form_schema(const char *templates, const char *id, int year, FILE *to, struct tc_error *err)
{
    struct prepared e;
    json_t *schema;
    bool dumped;

    error_reset(err);
    if (!load(&e, templates, id, year, 0, err))
        return err->code;
    schema = schema_make(e.template, &e.form, e.letters ? &e.letter : NULL);
    json_watch();
    dumped = schema && json_dumpf(schema, to, JSON_INDENT(2)) == 0;
    if (json_starved() || !schema)
        error_memory(err);
    else if (!dumped || fputc('\n', to) == EOF || fflush(to) != 0)
        error_set(err, TC_IO, NULL, NULL, "write", "the schema cannot be written");
    json_decref(schema);
    prepared_free(&e);
    return err->code;
}
