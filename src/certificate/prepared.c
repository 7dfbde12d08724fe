#include "certificate/prepared.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/home.h"
#include "certificate/attachment.h"
#include "form/years.h"

/* Whether the library lies in the folder that it was built in: then the forms are those of the source beside it. */
static bool is_build(const char *library)
{
    char copy[PREPARED_PATH_MAX], folder[PREPARED_PATH_MAX], build[PREPARED_PATH_MAX];

    snprintf(copy, sizeof copy, "%s", library);
    return realpath(dirname(copy), folder) && realpath(BUILD_DIR, build) && !strcmp(folder, build) && access(TEMPLATE_SOURCE, R_OK) == 0;
}

/* The folder of templates that was installed beside this library, wherever that was moved. */
static const char *installed_root(char out[PREPARED_PATH_MAX])
{
    char library[PREPARED_PATH_MAX];

    snprintf(out, PREPARED_PATH_MAX, "%s", TEMPLATE_DIR);
    if (!home_library(library))
        return out;
    if (is_build(library)) {
        snprintf(out, PREPARED_PATH_MAX, "%s", TEMPLATE_SOURCE);
        return out;
    }
    if (snprintf(out, PREPARED_PATH_MAX, "%s/%s", dirname(library), TEMPLATE_RELATIVE) >= PREPARED_PATH_MAX || access(out, R_OK) != 0)
        snprintf(out, PREPARED_PATH_MAX, "%s", TEMPLATE_DIR);
    return out;
}

const char *prepared_root(const char *given, char out[PREPARED_PATH_MAX])
{
    const char *set = getenv("TAXCERT_TEMPLATES");

    if (!given)
        given = set && *set ? set : NULL;
    if (!given)
        return installed_root(out);
    snprintf(out, PREPARED_PATH_MAX, "%s", given);
    return out;
}

bool prepared_no_forms(const char *root, struct tc_error *err)
{
    return error_set(err, TC_USAGE, root, NULL, "folder",
                     "there are no forms in this folder; give their folder with --templates or TAXCERT_TEMPLATES");
}

bool prepared_fonts(const char *root, char out[PREPARED_PATH_MAX], struct tc_error *err)
{
    char room[PREPARED_PATH_MAX];
    const char *installed = installed_root(room);

    if (strcmp(root, installed) != 0 && access(root, F_OK) != 0)
        return prepared_no_forms(root, err);
    if (!file_path(root, "fonts", out, err))
        return false;
    return access(out, F_OK) == 0 || file_path(installed, "fonts", out, err);
}

bool prepared_messages(const char *root, const char *language, const char *member, json_t **out, struct tc_error *err)
{
    char path[PREPARED_PATH_MAX + 64];
    json_t *file;

    *out = NULL;
    if (!language || strspn(language, "abcdefghijklmnopqrstuvwxyz") != strlen(language)
        || snprintf(path, sizeof path, "%s/messages.%.8s.json", root, language) >= (int)sizeof path || access(path, R_OK) != 0)
        return true;
    file = json_read(path, err);
    if (!file && err->code == TC_INPUT) /* it is none of people's files */
        err->code = TC_USAGE;
    *out = json_incref(json_object_get(file, member));
    json_decref(file);
    return file != NULL;
}

static bool is_form_id(const char *id)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-_/";

    return id && *id && *id != '/' && strlen(id) < 100 && strspn(id, allowed) == strlen(id) && !strstr(id, "//");
}

static bool keep_file(struct prepared *e, const char *name, struct tc_error *err)
{
    struct prepared_file *file = &e->files[e->file_count];

    file->name = arena_copy(&e->template->arena, name, strlen(name));
    if (!file->name)
        return error_memory(err);
    if (!file_read_below(e->template->folder, name, &file->data, &file->length, err))
        return false;
    hash_bytes(file->data, file->length, file->hash);
    e->file_count++;
    return true;
}

/* Whether the template has the letter of a cancellation. */
static bool has_letter(const struct prepared *e)
{
    char path[PREPARED_PATH_MAX];
    struct tc_error ignored = {0};

    return file_path(e->template->folder, form_file(FORM_LETTER), path, &ignored) && access(path, F_OK) == 0;
}

/* Reads the template's files once more as bytes, and hashes them with the fonts. */
static bool keep_files(struct prepared *e, struct tc_error *err)
{
    const char *captions = arena_printf(&e->template->arena, "captions.%s.json", e->template->languages[0]);
    const char *names[PREPARED_FILES] = {captions, "form.json", "letter.json", "rules.json", "summary.json", "template.json"};
    unsigned char all[HASH_SIZE * (PREPARED_FILES + 3)], *at = all;

    for (size_t i = 0; i < PREPARED_FILES; i++) {
        if (names[i] && !strcmp(names[i], form_file(FORM_LETTER)) && !has_letter(e))
            continue;
        if (!names[i] || !keep_file(e, names[i], err))
            return names[i] ? false : error_memory(err);
        at = mempcpy(at, e->files[e->file_count - 1].hash, HASH_SIZE);
    }
    hash_bytes(e->regular.data, e->regular.size, at);
    hash_bytes(e->bold.data, e->bold.size, at + HASH_SIZE);
    hash_bytes(e->profile, e->profile_size, at + 2 * HASH_SIZE);
    hash_bytes(all, (size_t)(at - all) + 3 * HASH_SIZE, e->hash);
    return true;
}

static bool load_profile(struct prepared *e, const char *fonts, struct tc_error *err)
{
    const char *path = arena_printf(&e->template->arena, "%s/gray.icc", fonts);

    return path ? file_read(path, &e->profile, &e->profile_size, err) : error_memory(err);
}

static struct pdf *make_pdf(struct prepared *e, const struct form *form, int32_t issued, struct phrases **phrases, struct tc_error *err)
{
    const struct pdf_document document = {
        .title = form->title,
        .attachment = form->kind == FORM_LETTER ? form_file(FORM_LETTER) : "certificate.json",
        .language = e->template->languages[0],
        .issued = issued,
        .profile = e->profile,
        .profile_size = e->profile_size,
    };

    *phrases = attachment_phrases(e->template, form);
    if (!*phrases) {
        error_memory(err);
        return NULL;
    }
    return pdf_new(&form->page, &e->regular, &e->bold, &document, err);
}

static bool make_letter(struct prepared *e, int32_t issued, unsigned marks, struct tc_error *err)
{
    if (!has_letter(e))
        return true;
    if (form_load(e->template, FORM_LETTER, &e->regular, &e->bold, marks, &e->letter, err))
        e->letters = make_pdf(e, &e->letter, issued, &e->letter_phrases, err);
    return e->letters != NULL;
}

/* All that stands on e->template, which may be NULL with err. */
static bool make_ready(struct prepared *e, const char *fonts, int32_t issued, unsigned marks, struct tc_error *err)
{
    if (e->template && font_load(fonts, "regular", &e->regular, err) && font_load(fonts, "bold", &e->bold, err)
        && load_profile(e, fonts, err) && form_load(e->template, FORM_CERTIFICATE, &e->regular, &e->bold, marks, &e->form, err)
        && (e->plan = plan_load(e->template, err)) != NULL && make_letter(e, issued, marks, err) && keep_files(e, err))
        e->pdf = make_pdf(e, &e->form, issued, &e->phrases, err);
    if (e->pdf)
        return true;
    prepared_free(e);
    return false;
}

bool prepared_load(struct prepared *e, const char *root, const char *id, int year, int32_t issued, unsigned marks, struct tc_error *err)
{
    char fonts[PREPARED_PATH_MAX];

    return prepared_fonts(root, fonts, err) && prepared_load_with(e, root, fonts, id, year, issued, marks, err);
}

bool prepared_load_with(struct prepared *e, const char *root, const char *fonts, const char *id, int year, int32_t issued, unsigned marks,
                        struct tc_error *err)
{
    *e = (struct prepared){0};
    if (!is_form_id(id))
        return years_no_form(root, err) && prepared_no_forms(root, err);
    e->template = template_load(root, id, year, err);
    return make_ready(e, fonts, issued, marks, err);
}

bool prepared_load_folder(struct prepared *e, const char *folder, const char *fonts, int32_t issued, unsigned marks, struct tc_error *err)
{
    *e = (struct prepared){.template = template_load_folder(folder, err)};
    return make_ready(e, fonts, issued, marks, err);
}

void prepared_free(struct prepared *e)
{
    for (size_t i = 0; i < e->file_count; i++)
        free(e->files[i].data);
    pdf_free(e->pdf);
    pdf_free(e->letters);
    phrases_free(e->phrases);
    phrases_free(e->letter_phrases);
    free(e->profile);
    form_free(&e->form);
    form_free(&e->letter);
    font_free(&e->regular);
    font_free(&e->bold);
    template_free(e->template);
    *e = (struct prepared){0};
}
