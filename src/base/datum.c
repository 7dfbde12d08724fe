#include "base/datum.h"

#include <string.h>

#include "base/plain.h"
#include "base/text.h"

#define DEPTH_MAX 64
#define KEYS_MAX 64 /* that are compared with each other one by one */

/* ---- plain text: strings without escapes, whole numbers, words */

struct reader {
    const char *at, *end;
    struct arena *arena;
    int depth;
};

/* A piece of the text. */
struct span {
    const char *data; /* NULL: none */
    size_t length;
};

static struct datum *read_value(struct reader *r, struct span key);

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

/* Behind an opening quote: the text up to the closing one, which is then behind. None where it is not plain. */
static struct span read_text(struct reader *r)
{
    unsigned high = 0;
    const char *start = r->at, *at = plain_end(start, r->end, &high);

    if (at == r->end || *at != '"')
        return (struct span){NULL, 0};
    r->at = at + 1;
    return !high || text_is_utf8_part(start, (size_t)(at - start)) ? (struct span){start, (size_t)(at - start)} : (struct span){NULL, 0};
}

static char *copy_span(char *to, struct span span)
{
    memcpy(to, span.data, span.length);
    to[span.length] = '\0';
    return to + span.length + 1;
}

/* One with its key and, if it is a text, that behind it. */
static struct datum *make(struct arena *arena, enum datum_type type, struct span key, struct span text)
{
    struct datum *d = arena_take(arena, sizeof *d + sizeof d->mark + (key.data ? key.length + 1 : 0) + (text.data ? text.length + 1 : 0));
    char *room = (char *)(d + 1);

    if (!d)
        return NULL;
    *d = (struct datum){.type = type};
    if (key.data) {
        d->key = room;
        memset(room, 0, sizeof d->mark); /* for keys that are shorter */
        room = copy_span(room, key);
        memcpy(&d->mark, d->key, sizeof d->mark);
    }
    if (!text.data)
        return d;
    copy_span(room, text);
    d->text = room;
    d->length = text.length;
    return d;
}

static const struct span no_text;

/* Whole numbers that cannot overflow. What ends otherwise, as 1.5, is found by what must follow the value. */
static struct datum *read_number(struct reader *r, struct span key)
{
    bool minus = *r->at == '-';
    const char *start = r->at + minus, *at = start;
    int64_t number = 0;
    struct datum *d;

    for (; at < r->end && at - start < 18 && *at >= '0' && *at <= '9'; at++)
        number = number * 10 + (*at - '0');
    if (at == start || (*start == '0' && at - start > 1))
        return NULL;
    r->at = at;
    d = make(r->arena, DATUM_INTEGER, key, no_text);
    if (d)
        d->integer = minus ? -number : number;
    return d;
}

/* A mark that is not full is the whole key. */
static bool same_key(const struct datum *d, uint64_t mark, const char *key)
{
    return d->mark == mark && (((const unsigned char *)&mark)[7] == 0 || !strcmp(d->key, key));
}

static bool has_key(const struct datum *object, const struct datum *member)
{
    for (const struct datum *d = object->first; d; d = d->next)
        if (same_key(d, member->mark, member->key))
            return true;
    return false;
}

static bool read_elements(struct reader *r, struct datum *list)
{
    bool object = list->type == DATUM_OBJECT;
    const struct datum **link = &list->first;
    uint64_t seen = 0; /* a bit for what a mark is hashed to: most keys are known to be new by it */

    do {
        struct span key = {NULL, 0};
        struct datum *d;
        uint64_t bit;

        if (object && (!read_sign(r, '"') || !(key = read_text(r)).data || !read_sign(r, ':')))
            return false;
        d = read_value(r, key);
        if (!d)
            return false;
        bit = (uint64_t)1 << (d->mark * 0x9E3779B97F4A7C15u >> 58);
        if (object && (list->length == KEYS_MAX || ((seen & bit) && has_key(list, d))))
            return false;
        seen |= bit;
        *link = d;
        link = &d->next;
        list->length++;
    } while (read_sign(r, ','));
    return read_sign(r, object ? '}' : ']');
}

static struct datum *read_list(struct reader *r, enum datum_type type, struct span key)
{
    struct datum *list = make(r->arena, type, key, no_text);
    bool ok = list && r->depth++ < DEPTH_MAX;

    if (list)
        list->first = NULL;
    ok = ok && (read_sign(r, type == DATUM_OBJECT ? '}' : ']') || read_elements(r, list));
    r->depth--;
    return ok ? list : NULL;
}

static struct datum *read_word(struct reader *r, struct span key)
{
    static const struct {
        const char *word;
        size_t length;
    } words[] = {{"null", 4}, {"true", 4}, {"false", 5}};

    for (size_t i = 0; i < 3; i++) {
        struct datum *d;

        if ((size_t)(r->end - r->at) < words[i].length || memcmp(r->at, words[i].word, words[i].length) != 0)
            continue;
        r->at += words[i].length;
        d = make(r->arena, i == 0 ? DATUM_NULL : DATUM_BOOL, key, no_text);
        if (d)
            d->truth = i == 1;
        return d;
    }
    return NULL;
}

/* NULL: something is not plain, or memory ran out. */
static struct datum *read_value(struct reader *r, struct span key)
{
    if (read_sign(r, '"')) {
        struct span text = read_text(r);

        return text.data ? make(r->arena, DATUM_TEXT, key, text) : NULL;
    }
    if (read_sign(r, '{'))
        return read_list(r, DATUM_OBJECT, key);
    if (read_sign(r, '['))
        return read_list(r, DATUM_LIST, key);
    if (r->at < r->end && (*r->at == '-' || (*r->at >= '0' && *r->at <= '9')))
        return read_number(r, key);
    return read_word(r, key);
}

/* ---- by jansson */

static struct datum *turn(const json_t *json, struct arena *arena, const char *name);

static bool turn_elements(const json_t *json, struct arena *arena, struct datum *list)
{
    const struct datum **link = &list->first;
    const char *name;
    json_t *element;
    size_t i;

    json_array_foreach((json_t *)json, i, element)
    {
        struct datum *d = turn(element, arena, NULL);

        if (!d)
            return false;
        *link = d;
        link = &d->next;
    }
    json_object_foreach((json_t *)json, name, element)
    {
        struct datum *d = turn(element, arena, name);

        if (!d)
            return false;
        *link = d;
        link = &d->next;
    }
    list->length = json_array_size(json) + json_object_size(json);
    return true;
}

/* In jansson's order, which is that of the text. */
static struct datum *turn(const json_t *json, struct arena *arena, const char *name)
{
    static const enum datum_type types[] = {
        [JSON_OBJECT] = DATUM_OBJECT, [JSON_ARRAY] = DATUM_LIST, [JSON_STRING] = DATUM_TEXT, [JSON_INTEGER] = DATUM_INTEGER,
        [JSON_REAL] = DATUM_REAL,     [JSON_TRUE] = DATUM_BOOL,  [JSON_FALSE] = DATUM_BOOL,  [JSON_NULL] = DATUM_NULL};
    struct span key = {name, name ? strlen(name) : 0}, text = {json_string_value(json), json_string_length(json)};
    struct datum *d = make(arena, types[json_typeof(json)], key, text);

    if (!d)
        return NULL;
    if (d->type == DATUM_LIST || d->type == DATUM_OBJECT) {
        d->first = NULL;
        return turn_elements(json, arena, d) ? d : NULL;
    }
    if (d->type == DATUM_BOOL)
        d->truth = json_is_true(json);
    if (d->type == DATUM_INTEGER)
        d->integer = json_integer_value(json);
    if (d->type == DATUM_REAL)
        d->real = json_real_value(json);
    return d;
}

const struct datum *datum_of(const json_t *json, struct arena *arena)
{
    return json ? turn(json, arena, NULL) : NULL;
}

const struct datum *datum_parse(const char *text, size_t length, struct arena *arena, struct tc_error *err)
{
    struct reader r = {text, text + length, arena, 0};
    const struct datum *d = read_value(&r, no_text);
    json_error_t mistake;
    json_t *json;

    if (d && at_end(&r))
        return d;
    if (arena->failed) {
        error_memory(err);
        return NULL;
    }
    json = json_parse(text, length, &mistake, err);
    d = datum_of(json, arena);
    if (json && !d)
        error_memory(err);
    json_decref(json);
    return d;
}

/* ---- looking */

const struct datum *datum_first(const struct datum *list)
{
    return list && (list->type == DATUM_LIST || list->type == DATUM_OBJECT) ? list->first : NULL;
}

const struct datum *datum_find(const struct datum *object, const char *key, uint64_t mark)
{
    if (!object || object->type != DATUM_OBJECT)
        return NULL;
    for (const struct datum *d = object->first; d; d = d->next)
        if (same_key(d, mark, key))
            return d;
    return NULL;
}

size_t datum_count(const struct datum *list)
{
    return list && list->type == DATUM_LIST ? list->length : 0;
}

bool datum_is(const struct datum *d, enum datum_type type)
{
    return d && d->type == type;
}

const char *datum_text(const struct datum *d)
{
    return d && d->type == DATUM_TEXT ? d->text : NULL;
}

int64_t datum_integer(const struct datum *d)
{
    return d && d->type == DATUM_INTEGER ? d->integer : 0;
}

enum money_status datum_money(const struct datum *d, int digits, int64_t *out)
{
    if (!d)
        return MONEY_FORMAT;
    if (d->type == DATUM_TEXT)
        return money_parse(d->text, d->length, digits, out);
    if (d->type == DATUM_INTEGER)
        return money_whole(d->integer, digits, out);
    return d->type == DATUM_REAL ? money_real(d->real, digits, out) : MONEY_FORMAT;
}
