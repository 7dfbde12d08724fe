/* The console's words in another language than English: data, not code. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine.h"

struct tc_words {
    json_t *words;
};

struct tc_words *tc_words_load(const char *templates, const char *language)
{
    char root[ENGINE_PATH_MAX], path[ENGINE_PATH_MAX + 64];
    struct tc_words *words = calloc(1, sizeof *words);
    struct tc_error ignored = {0};
    json_t *file = NULL;

    if (words && language
        && snprintf(path, sizeof path, "%s/messages.%.8s.json", engine_root(templates, root), language) < (int)sizeof path
        && access(path, R_OK) == 0)
        file = json_read(path, &ignored);
    if (file)
        words->words = json_incref(json_object_get(file, "words"));
    json_decref(file);
    return words;
}

const char *tc_word(const struct tc_words *words, const char *english)
{
    const char *word = words ? json_string_value(json_object_get(words->words, english)) : NULL;

    return word ? word : english;
}

void tc_words_free(struct tc_words *words)
{
    if (!words)
        return;
    json_decref(words->words);
    free(words);
}
