#include "base/say.h"
#include "run/shared.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "certificate/prepared.h"

/* How a finding is told. */
struct teller {
    const struct tc_options *options;
    json_t *words;   /* in the console's language; NULL: in English */
    struct buf file; /* the file's name, fit to be read */
};

static void tell(const struct teller *t, size_t line, const char *rule, const char *message)
{
    char room[300];
    char pointer[40];
    struct tc_finding finding = {
        .file = t->file.data, .pointer = pointer, .rule = rule, .message = say_in(t->words, message, room, sizeof room)};

    snprintf(pointer, sizeof pointer, "/waivers/%zu", line);
    t->options->on_finding(t->options->ctx, &finding);
}

static void tell_lines(const struct teller *t, const struct waiver_file *f)
{
    for (size_t i = 0; i < f->count; i++) {
        if (f->lines[i].runs == 0)
            tell(t, i, "waiver-unused", "This waiver was not needed; check certificate id and rule.");
        else if (f->lines[i].named && f->lines[i].runs > 1)
            tell(t, i, "waiver-several",
                 "certificates of several employers have this id and needed this waiver: is it meant for each of them?");
    }
}

static bool all_looked_at(const struct tc_employers *all)
{
    for (size_t i = 0; i < all->count; i++)
        if (all->list[i].code > TC_HELD)
            return false;
    return all->count > 0;
}

void shared_tell(const struct tc_employers *all, const struct tc_options *options, const struct waiver_file *f, struct tc_error *err)
{
    struct teller t = {.options = options};
    const char *language = options->language, *slash = strrchr(f->path, '/');
    char root[PREPARED_PATH_MAX];

    if (!options->on_finding || !all_looked_at(all))
        return;
    if (!language)
        language = all->list[0].result.language;
    prepared_root(options->templates, root);
    text_show(&t.file, slash ? slash + 1 : f->path);
    buf_add(&t.file, "", 1);
    if (t.file.failed)
        error_memory(err);
    else if (prepared_messages(root, language, "words", &t.words, err))
        tell_lines(&t, f);
    json_decref(t.words);
    buf_free(&t.file);
}
