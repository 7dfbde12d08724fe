#include "base/json.h"

#include "base/arena.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct held {
    struct arena arena;
    bool holding;
};

static _Thread_local struct held held;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t at_end; /* only for its destructor, when a thread ends */

static void *allocate(size_t size)
{
    return held.holding ? arena_take(&held.arena, size) : malloc(size);
}

static void release(void *memory)
{
    if (!held.holding)
        free(memory);
}

static void free_held(void *arena)
{
    arena_free(arena);
}

static void install(void)
{
    pthread_key_create(&at_end, free_held);
    json_object_seed(0); /* before there are threads */
    json_set_alloc_funcs(allocate, release);
}

void json_hold(void)
{
    pthread_once(&once, install);
    pthread_setspecific(at_end, &held.arena);
    held.holding = true;
}

void json_drop(void)
{
    held.holding = false;
    arena_reset(&held.arena);
}

bool json_lacks_memory(const json_error_t *mistake)
{
    return json_error_code(mistake) == json_error_out_of_memory || held.arena.failed || errno == ENOMEM;
}

json_t *json_read(const char *path, struct tc_error *err)
{
    json_error_t mistake = {0};
    json_t *root;

    errno = 0;
    root = json_load_file(path, JSON_REJECT_DUPLICATES, &mistake);
    if (root)
        return root;
    if (json_lacks_memory(&mistake)) {
        error_memory(err);
        return NULL;
    }
    /* jansson's text quotes the input: only the place is passed on. */
    if (mistake.line < 0)
        error_set(err, TC_INPUT, path, NULL, "file", "the file cannot be read");
    else
        error_set(err, TC_INPUT, path, NULL, "json-syntax",
                  "not valid JSON, or a key stands twice, at line %d, column %d", mistake.line, mistake.column);
    return NULL;
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
