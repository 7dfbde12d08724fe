#include "base/json.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/plain.h"
#include "base/text.h"
#include "base/utf8.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 64

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

/* ---- a text of the usual kind: a fifth of what jansson's lexer takes, which looks at each character several times */

struct reader {
    const char *at, *end;
    int depth;
    struct buf text; /* of a string with escapes */
};

struct span {
    const char *data;
    size_t length;
};

static json_t *read_value(struct reader *r);

static bool at_end(struct reader *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\n' || *r->at == '\r' || *r->at == '\t'))
        r->at++;
    return r->at == r->end;
}

/* Whether the next sign is this one, which is then behind. */
static bool read_sign(struct reader *r, char sign)
{
    if (at_end(r) || *r->at != sign)
        return false;
    r->at++;
    return true;
}

/* Behind \u: a character of four digits, none of a pair and not zero, as UTF-8. */
static bool read_point(struct reader *r)
{
    unsigned point = 0;

    if (r->end - r->at < 4)
        return false;
    for (int i = 0; i < 4; i++) {
        char c = *r->at++;
        int digit = c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;

        if (digit < 0)
            return false;
        point = point << 4 | (unsigned)digit;
    }
    if (point == 0 || (point >= 0xD800 && point < 0xE000))
        return false;
    if (point < 0x80)
        buf_add(&r->text, &(char){(char)point}, 1);
    else if (point < 0x800)
        buf_add(&r->text, (char[]){(char)(0xC0 | point >> 6), (char)(0x80 | (point & 0x3F))}, 2);
    else
        buf_add(&r->text, (char[]){(char)(0xE0 | point >> 12), (char)(0x80 | (point >> 6 & 0x3F)), (char)(0x80 | (point & 0x3F))}, 3);
    return true;
}

/* Behind a backslash. */
static bool read_escape(struct reader *r)
{
    static const char names[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    const char *name = r->at < r->end && *r->at ? strchr(names, *r->at) : NULL;

    if (r->at < r->end && *r->at++ == 'u')
        return read_point(r);
    if (name)
        buf_add(&r->text, meant + (name - names), 1);
    return name != NULL;
}

/* Behind an opening quote: the text up to the closing one, which is then behind. It stands where it was read or, where it has escapes, in r->text. */
static bool read_text(struct reader *r, struct span *text)
{
    unsigned high = 0;
    const char *start = r->at;

    r->text.length = 0;
    while ((r->at = plain_end(r->at, r->end, &high)) < r->end && *r->at == '\\') {
        buf_add(&r->text, start, (size_t)(r->at++ - start));
        if (!read_escape(r))
            return false;
        start = r->at;
    }
    if (r->at == r->end || *r->at != '"')
        return false;
    *text = (struct span){start, (size_t)(r->at++ - start)};
    if (r->text.length > 0) {
        buf_add(&r->text, text->data, text->length);
        *text = (struct span){r->text.data, r->text.length};
    }
    return !r->text.failed && (!high || text_is_utf8_part(text->data, text->length));
}

/* Whole numbers that cannot overflow. What ends otherwise, as 1.5, is found by what must follow the value. */
static json_t *read_number(struct reader *r)
{
    bool minus = *r->at == '-';
    const char *start = r->at + minus, *at = start;
    int64_t number = 0;

    for (; at < r->end && at - start < 18 && *at >= '0' && *at <= '9'; at++)
        number = number * 10 + (*at - '0');
    if (at == start || (*start == '0' && at - start > 1))
        return NULL;
    r->at = at;
    return json_integer(minus ? -number : number);
}

static json_t *read_word(struct reader *r)
{
    static const struct span words[] = {{"null", 4}, {"true", 4}, {"false", 5}};

    for (size_t i = 0; i < 3; i++)
        if ((size_t)(r->end - r->at) >= words[i].length && memcmp(r->at, words[i].data, words[i].length) == 0) {
            r->at += words[i].length;
            return i == 0 ? json_null() : json_boolean(i == 1);
        }
    return NULL;
}

/* A name that is there already is none of the usual kind. */
static bool read_member(struct reader *r, json_t *object)
{
    struct span key = {NULL, 0};
    struct buf kept;
    bool ok = read_sign(r, '"') && read_text(r, &key);
    json_t *value;

    kept = r->text; /* the key may stand in it while the value is read */
    r->text = (struct buf){0};
    value = ok && read_sign(r, ':') && !json_object_getn(object, key.data, key.length) ? read_value(r) : NULL;
    ok = value && json_object_setn_new_nocheck(object, key.data, key.length, value) == 0;
    buf_free(&kept);
    return ok;
}

static bool read_element(struct reader *r, json_t *list)
{
    json_t *value = read_value(r);

    return value && json_array_append_new(list, value) == 0;
}

static json_t *read_list(struct reader *r, json_t *list, char end, bool (*read)(struct reader *r, json_t *list))
{
    bool ok = list && r->depth++ < DEPTH_MAX;

    if (ok && !read_sign(r, end)) {
        do
            ok = read(r, list);
        while (ok && read_sign(r, ','));
        ok = ok && read_sign(r, end);
    }
    r->depth--;
    if (ok)
        return list;
    json_decref(list);
    return NULL;
}

static json_t *read_value(struct reader *r)
{
    struct span text;

    if (read_sign(r, '"'))
        return read_text(r, &text) ? json_stringn_nocheck(text.data, text.length) : NULL;
    if (read_sign(r, '{'))
        return read_list(r, json_object(), '}', read_member);
    if (read_sign(r, '['))
        return read_list(r, json_array(), ']', read_element);
    if (r->at < r->end && (*r->at == '-' || (*r->at >= '0' && *r->at <= '9')))
        return read_number(r);
    return read_word(r);
}

/* NULL: there is something else in it, which jansson reads or says what is wrong with it; or memory ran out. */
static json_t *read_usual(const char *text, size_t length)
{
    struct reader r = {.at = text, .end = text + length};
    json_t *root = read_value(&r);

    buf_free(&r.text);
    if (root && at_end(&r))
        return root;
    json_decref(root);
    return NULL;
}

/* ---- any text */

/* jansson's lexer goes on without a character that found no room, or ends the program if that was one of an escape. Watched, it
 * comes to neither: the text whose character it was finds no room either. */
json_t *json_parse(const char *text, size_t length, json_error_t *mistake, struct tc_error *err)
{
    json_t *root;

    json_watch();
    root = read_usual(text, length);
    if (!root && !watch.starved)
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
