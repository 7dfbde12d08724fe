#include "base/json.h"

#include "base/file.h"
#include "base/text.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static _Thread_local struct {
    bool on, starved;
} watch;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void *allocate(size_t size)
{
    void *memory = watch.on && watch.starved ? NULL : malloc(size);

    watch.starved |= !memory;
    return memory;
}

static void install(void)
{
    json_object_seed(0); /* before there are threads */
    json_set_alloc_funcs(allocate, free);
}

void json_watch(void)
{
    pthread_once(&once, install);
    watch.on = true;
    watch.starved = false;
}

bool json_starved(void)
{
    watch.on = false;
    return watch.starved;
}

char *json_text(const json_t *value, size_t flags)
{
    char *text;

    json_watch();
    text = json_dumps(value, flags);
    if (!json_starved())
        return text;
    free(text);
    return NULL;
}

/* jansson's lexer goes on without a character that found no room, or ends the program if that was one of an escape. Watched, it
 * comes to neither: the text whose character it was finds no room either. */
json_t *json_parse(const char *text, size_t length, json_error_t *mistake, struct tc_error *err)
{
    json_t *root;

    json_watch();
    root = json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, mistake);
    if (!json_starved())
        return root;
    error_memory(err);
    json_decref(root);
    return NULL;
}

/* Whether the text is UTF-8 and not UTF-16; else says where it is not. */
static bool is_utf8(const char *text, size_t length, const char *path, struct tc_error *err)
{
    struct text_check check = {0};
    size_t bad = text_check(&check, text, length), line = 1, column = 1;

    if (length >= 2 && (!text[0] || !text[1] || !memcmp(text, "\xFF\xFE", 2) || !memcmp(text, "\xFE\xFF", 2)))
        return error_set(err, TC_USAGE, path, NULL, "encoding", "the file is UTF-16: save or export it as UTF-8");
    if (bad == length && check.more == 0)
        return true;
    for (size_t i = 0; i < bad; i++, column++)
        if (text[i] == '\n') {
            line++;
            column = 0;
        }
    return error_set(err, TC_USAGE, path, NULL, "encoding",
                     "line %zu, column %zu: not UTF-8 (is the file Windows-1252?): save or export it as UTF-8", line, column);
}

/* text is taken. A byte order mark may stand in front. */
static json_t *take(char *text, size_t length, const char *path, struct tc_error *err)
{
    json_error_t mistake = {0};
    size_t mark = length >= 3 && !memcmp(text, "\xEF\xBB\xBF", 3) ? 3 : 0;
    json_t *root = is_utf8(text, length, path, err) ? json_parse(text + mark, length - mark, &mistake, err) : NULL;

    free(text);
    /* jansson's text quotes the input: only the place is passed on. */
    if (!root)
        error_set(err, TC_USAGE, path, NULL, "json-syntax", "not valid JSON, or a field is named twice, at line %d, column %d",
                  mistake.line, mistake.column);
    return root;
}

json_t *json_read(const char *path, struct tc_error *err)
{
    char *text;
    size_t length;

    return file_read(path, &text, &length, err) ? take(text, length, path, err) : NULL;
}

json_t *json_read_below(const char *folder, const char *name, struct tc_error *err)
{
    char path[FILE_PATH_MAX], *text;
    size_t length;

    return file_path(folder, name, path, err) && file_read_below(folder, name, &text, &length, err) ? take(text, length, path, err) : NULL;
}

static const json_t *step(const json_t *node, const char *name, size_t length)
{
    char key[64];

    if (length >= sizeof key)
        return NULL;
    memcpy(key, name, length);
    key[length] = '\0';
    if (json_is_array(node))
        return json_array_get(node, (size_t)strtoul(key, NULL, 10));
    return json_object_get(node, key);
}

const json_t *json_at(const json_t *root, const char *path)
{
    const json_t *node = root;

    while (node && *path) {
        size_t length = strcspn(path, "/");

        node = step(node, path, length);
        path += length + (path[length] == '/');
    }
    return json_is_null(node) ? NULL : node;
}

enum money_status json_money(const json_t *value, int digits, int64_t *out)
{
    if (json_is_string(value))
        return money_parse(json_string_value(value), json_string_length(value), digits, out);
    if (json_is_integer(value))
        return money_whole(json_integer_value(value), digits, out);
    return json_is_real(value) ? money_real(json_real_value(value), digits, out) : MONEY_FORMAT;
}
