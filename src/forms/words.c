/* The console's words in another language than English: data, not code. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/nearest.h"
#include "base/say.h"
#include "certificate/prepared.h"

struct tc_words {
    json_t *words;
};

struct tc_words *tc_words_load(const char *templates, const char *language, struct tc_error *err)
{
    struct tc_words *words = calloc(1, sizeof *words);
    char root[PREPARED_PATH_MAX];

    error_reset(err);
    if (!words)
        error_memory(err);
    else if (prepared_messages(prepared_root(templates, root), language, "words", &words->words, err))
        return words;
    tc_words_free(words);
    return NULL;
}

const char *tc_word(const struct tc_words *words, const char *english)
{
    const char *word = words ? json_string_value(json_object_get(words->words, english)) : NULL;

    return word ? word : english;
}

const char *tc_say(const struct tc_words *words, const char *english, char *room, size_t size)
{
    return say_in(words ? words->words : NULL, english, room, size);
}

const char *tc_amount(const struct tc_words *words, const char *amount, char *room, size_t size)
{
    return say_amount(words ? words->words : NULL, amount, room, size);
}

void tc_words_free(struct tc_words *words)
{
    if (!words)
        return;
    json_decref(words->words);
    free(words);
}

/* Whether the console can speak it: English always. */
static bool is_spoken(const char *root, const char *language)
{
    char path[PREPARED_PATH_MAX + 64];

    if (!strcmp(language, "en"))
        return true;
    return *language && strlen(language) < TC_LANGUAGE_SIZE && strspn(language, "abcdefghijklmnopqrstuvwxyz") == strlen(language)
           && snprintf(path, sizeof path, "%s/messages.%s.json", root, language) < (int)sizeof path && access(path, R_OK) == 0;
}

/* Appends the languages that there are messages in. */
static void list_languages(const char *root, char *list, size_t size)
{
    DIR *folder = opendir(root);
    const struct dirent *entry;
    char language[TC_LANGUAGE_SIZE];

    while (folder && (entry = readdir(folder))) {
        int end = 0;

        if (sscanf(entry->d_name, "messages.%8[a-z].json%n", language, &end) == 1 && end > 0 && !entry->d_name[end])
            snprintf(list + strlen(list), size - strlen(list), ", %s", language);
    }
    if (folder)
        closedir(folder);
}

/* "de" of "de_DE.UTF-8"; "" of what is no language, such as C. */
static void language_of_locale(char language[TC_LANGUAGE_SIZE])
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    const char *value = NULL;

    for (size_t i = 0; i < sizeof names / sizeof *names && !(value && *value); i++)
        value = getenv(names[i]);
    snprintf(language, TC_LANGUAGE_SIZE, "%.*s", value ? (int)strcspn(value, "_.@") : 0, value ? value : "");
}

enum tc_code tc_language(const char *templates, const char *given, char language[TC_LANGUAGE_SIZE], struct tc_error *err)
{
    char root[PREPARED_PATH_MAX], list[80] = "en";
    const char *wanted = given ? given : getenv("TAXCERT_LANG");

    error_reset(err);
    prepared_root(templates, root);
    if (given || (wanted && *wanted)) {
        snprintf(language, TC_LANGUAGE_SIZE, "%s", wanted);
        if (is_spoken(root, wanted))
            return TC_OK;
        list_languages(root, list, sizeof list);
        error_set(err, TC_USAGE, NULL, NULL, "language", "%s names a language that does not exist; available: %s",
                  given ? "--lang" : "TAXCERT_LANG", list);
        return err->code;
    }
    language_of_locale(language);
    if (!is_spoken(root, language))
        strcpy(language, "en");
    return TC_OK;
}

const char *tc_nearest(const char *word, const char *const *known, size_t count)
{
    struct nearest n = nearest_to(word);

    for (size_t i = 0; i < count; i++)
        nearest_consider(&n, known[i]);
    return n.known;
}
