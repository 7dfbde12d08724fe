#include "base/json.h"

#include "base/file.h"
#include "base/utf8.h"

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

const char *json_mistake(const json_error_t *mistake)
{
    switch (json_error_code(mistake)) {
    case json_error_premature_end_of_input: return "the file is incomplete: it ends too early; export it again";
    case json_error_duplicate_key: return "a field is named twice here; keep one of the two";
    case json_error_numeric_overflow: return "a number here is too large; check it";
    default: return "this is not valid JSON";
    }
}

/* text is taken. A byte order mark may stand in front. encoding: the code where it is no UTF-8. */
static json_t *take(char *text, size_t length, const char *path, enum tc_code encoding, struct tc_error *err)
{
    json_error_t mistake = {0};
    size_t mark = utf8_mark(text, length);
    bool empty = strspn(text + mark, " \t\r\n") == length - mark;
    json_t *root = !empty && utf8_check(text, length, path, encoding, err) ? json_parse(text + mark, length - mark, &mistake, err) : NULL;

    free(text);
    if (empty)
        error_set(err, TC_USAGE, path, NULL, "json-syntax", "the file is empty; export it again");
    else if (!root && !err->code)
        error_set(err, TC_USAGE, path, NULL, "json-syntax", "line %llu, column %llu: %s", (unsigned long long)mistake.line,
                  (unsigned long long)mistake.column + (mistake.column < 1), json_mistake(&mistake));
    return root;
}

json_t *json_read(const char *path, struct tc_error *err)
{
    char *text;
    size_t length;

    return file_read(path, &text, &length, err) ? take(text, length, path, TC_INPUT, err) : NULL;
}

json_t *json_read_below(const char *folder, const char *name, struct tc_error *err)
{
    char path[FILE_PATH_MAX], *text;
    size_t length;

    return file_path(folder, name, path, err) && file_read_below(folder, name, &text, &length, err)
               ? take(text, length, path, TC_USAGE, err)
               : NULL;
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

const char *json_kind(const json_t *value)
{
    static const char *const kinds[] = {[JSON_OBJECT] = "a group of fields { }", [JSON_ARRAY] = "a list",
                                        [JSON_STRING] = "text in quotes",        [JSON_INTEGER] = "a whole number",
                                        [JSON_REAL] = "a decimal number",        [JSON_TRUE] = "true or false",
                                        [JSON_FALSE] = "true or false",          [JSON_NULL] = "null"};

    return value ? kinds[json_typeof(value)] : "nothing";
}

enum money_status json_money(const json_t *value, int digits, int64_t *out)
{
    if (json_is_string(value))
        return money_parse(json_string_value(value), json_string_length(value), digits, out);
    if (json_is_integer(value))
        return money_whole(json_integer_value(value), digits, out);
    return json_is_real(value) ? money_real(json_real_value(value), digits, out) : MONEY_FORMAT;
}
