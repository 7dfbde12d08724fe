/* The console's words in another language than English: data, not code. */
#include <stdlib.h>

#include "certificate/prepared.h"

struct tc_words {
    json_t *words;
};

struct tc_words *tc_words_load(const char *templates, const char *language)
{
    struct tc_words *words = calloc(1, sizeof *words);
    char root[PREPARED_PATH_MAX];
    struct tc_error ignored = {0}; /* the run says what is wrong with the file */

    if (words)
        prepared_messages(prepared_root(templates, root), language, "words", &words->words, &ignored);
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
