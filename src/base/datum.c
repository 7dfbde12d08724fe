#include "base/datum.h"

#include <string.h>

#include "base/plain.h"
#include "base/text.h"

#define DEPTH_MAX 64
#define KEYS_MAX 64 /* that are compared with each other one by one */

/* ---- plain text: strings without escapes, whole numbers, words */

#define BEHIND 16   /* zeros behind the copy: what plain_end may look at, and no sign of JSON, so that nothing else asks for the end */
#define ROOM_MAX 64 /* nodes made room for at once */

/* Reads a copy of the text in the arena, which the tree's keys and texts stay in: a closing quote becomes the text's end. Where the reading
 * has come to is handed on and back, NULL where something is not plain or memory ran out, so that it stays in a register. */
struct reader {
    const char *end;
    struct arena *arena;
    struct datum *room, *room_end; /* for nodes */
    unsigned high;                 /* not 0: there is more than printable ASCII */
    int depth;
};

static inline char *read_value(struct reader *r, char *at, struct datum **out);

/* The next sign. */
static inline char *pass_blanks(char *at)
{
    while ((unsigned char)*at <= ' ' && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
        at++;
    return at;
}

/* Ends the text at its closing quote, which is returned. */
static inline char *read_text(const struct reader *r, char *text, unsigned *high)
{
    char *quote = (char *)plain_end(text, r->end + BEHIND, high);

    if (*quote != '"')
        return NULL;
    *quote = '\0';
    return quote;
}

/* As many nodes as the rest of a payroll's text has: one in sixteen bytes. */
static bool find_room(struct reader *r, const char *at)
{
    size_t count = (size_t)(r->end - at) / 16 + 1;

    count = count < ROOM_MAX ? count : ROOM_MAX;
    r->room = arena_take(r->arena, count * sizeof *r->room);
    r->room_end = r->room ? r->room + count : NULL;
    return r->room != NULL;
}

static inline struct datum *make(struct reader *r, const char *at, enum datum_type type)
{
    if (r->room == r->room_end && !find_room(r, at))
        return NULL;
    *r->room = (struct datum){.type = type};
    return r->room++;
}

/* Behind the opening quote. */
static inline char *read_string(struct reader *r, char *text, struct datum **out)
{
    unsigned high = 0;
    char *quote = read_text(r, text, &high);
    struct datum *d = quote ? make(r, quote, DATUM_TEXT) : NULL;

    if (!d)
        return NULL;
    d->text = text;
    d->length = (size_t)(quote - text);
    d->printable = !high;
    r->high |= high;
    *out = d;
    return quote + 1;
}

/* Whole numbers that cannot overflow. What ends otherwise, as 1.5, is found by what must follow the value. */
static char *read_number(struct reader *r, char *at, struct datum **out)
{
    bool minus = *at == '-';
    const char *start = at += minus;
    int64_t number = 0;

    for (; at - start < 18 && *at >= '0' && *at <= '9'; at++)
        number = number * 10 + (*at - '0');
    if (at == start || (*start == '0' && at - start > 1) || !(*out = make(r, at, DATUM_INTEGER)))
        return NULL;
    (*out)->integer = minus ? -number : number;
    return at;
}

/* Gives the object one more member, unless it has the key. */
static bool add_member(struct datum *object, struct datum *member, const struct datum ***link)
{
    uint64_t bit = datum_bit(member->mark);

    if (object->length == KEYS_MAX || ((object->keys & bit) && datum_look(object, member->key, member->mark)))
        return false;
    object->keys |= bit;
    object->length++;
    **link = member;
    *link = &member->next;
    return true;
}

static char *read_members(struct reader *r, char *at, struct datum *object)
{
    const struct datum **link = &object->first;

    do {
        char *key = pass_blanks(at) + 1, *quote = key[-1] == '"' ? read_text(r, key, &r->high) : NULL;
        struct datum *d;

        at = quote ? pass_blanks(quote + 1) : NULL;
        at = at && *at == ':' ? read_value(r, at + 1, &d) : NULL;
        if (!at)
            return NULL;
        d->key = key;
        d->mark = datum_mark_of(key, (size_t)(quote - key));
        if (!add_member(object, d, &link))
            return NULL;
        at = pass_blanks(at);
    } while (*at++ == ',');
    return at[-1] == '}' ? at : NULL;
}

static char *read_elements(struct reader *r, char *at, struct datum *list)
{
    const struct datum **link = &list->first;

    do {
        struct datum *d;

        at = read_value(r, at, &d);
        if (!at)
            return NULL;
        *link = d;
        link = &d->next;
        list->length++;
        at = pass_blanks(at);
    } while (*at++ == ',');
    return at[-1] == ']' ? at : NULL;
}

/* Behind its opening bracket. Never inline, so that a text or number costs no frame for what only lists need. */
static __attribute__((noinline)) char *read_list(struct reader *r, char *at, enum datum_type type, struct datum **out)
{
    struct datum *list = *out = make(r, at, type);

    if (!list || r->depth == DEPTH_MAX)
        return NULL;
    list->first = NULL;
    at = pass_blanks(at);
    if (*at == (type == DATUM_OBJECT ? '}' : ']'))
        return at + 1;
    r->depth++;
    at = type == DATUM_OBJECT ? read_members(r, at, list) : read_elements(r, at, list);
    r->depth--;
    return at;
}

static char *read_word(struct reader *r, char *at, struct datum **out)
{
    static const struct {
        const char *word;
        size_t length;
    } words[] = {{"null", 4}, {"true", 4}, {"false", 5}};

    for (size_t i = 0; i < 3; i++) {
        if (strncmp(at, words[i].word, words[i].length) != 0)
            continue;
        *out = make(r, at, i == 0 ? DATUM_NULL : DATUM_BOOL);
        if (*out)
            (*out)->truth = i == 1;
        return *out ? at + words[i].length : NULL;
    }
    return NULL;
}

static inline char *read_value(struct reader *r, char *at, struct datum **out)
{
    at = pass_blanks(at);
    if (*at == '"')
        return read_string(r, at + 1, out);
    if (*at == '-' || (*at >= '0' && *at <= '9'))
        return read_number(r, at, out);
    if (*at != '{' && *at != '[')
        return read_word(r, at, out);
    return read_list(r, at + 1, *at == '{' ? DATUM_OBJECT : DATUM_LIST, out);
}

/* NULL where it is not plain as a whole, or memory ran out. */
static const struct datum *read_plain(const char *text, size_t length, struct arena *arena)
{
    char *copy = arena_take(arena, length + BEHIND), *at;
    struct reader r = {.arena = arena};
    struct datum *d;

    if (!copy)
        return NULL;
    r.end = copy + length;
    memcpy(copy, text, length);
    memset(copy + length, 0, BEHIND);
    at = read_value(&r, copy, &d);
    if (!at || pass_blanks(at) != r.end)
        return NULL;
    return !r.high || text_is_utf8_part(text, length) ? d : NULL;
}

/* ---- by jansson */

static struct datum *turn(const json_t *json, struct arena *arena);

static bool turn_elements(const json_t *json, struct arena *arena, struct datum *list)
{
    const struct datum **link = &list->first;
    const char *name;
    json_t *element;
    size_t i;

    json_array_foreach((json_t *)json, i, element)
    {
        struct datum *d = turn(element, arena);

        if (!d)
            return false;
        *link = d;
        link = &d->next;
    }
    json_object_foreach((json_t *)json, name, element)
    {
        struct datum *d = turn(element, arena);

        if (!d || !(d->key = arena_copy(arena, name, strlen(name))))
            return false;
        d->mark = datum_mark(name);
        list->keys |= datum_bit(d->mark);
        *link = d;
        link = &d->next;
    }
    list->length = json_array_size(json) + json_object_size(json);
    return true;
}

static bool is_printable(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] < ' ' || text[i] > '~')
            return false;
    return true;
}

/* In jansson's order, which is that of the text. */
static struct datum *turn(const json_t *json, struct arena *arena)
{
    static const enum datum_type types[] = {
        [JSON_OBJECT] = DATUM_OBJECT, [JSON_ARRAY] = DATUM_LIST, [JSON_STRING] = DATUM_TEXT, [JSON_INTEGER] = DATUM_INTEGER,
        [JSON_REAL] = DATUM_REAL,     [JSON_TRUE] = DATUM_BOOL,  [JSON_FALSE] = DATUM_BOOL,  [JSON_NULL] = DATUM_NULL};
    struct datum *d = arena_alloc(arena, sizeof *d);

    if (!d)
        return NULL;
    d->type = types[json_typeof(json)];
    switch (d->type) {
    case DATUM_LIST:
    case DATUM_OBJECT: d->first = NULL; return turn_elements(json, arena, d) ? d : NULL;
    case DATUM_TEXT:
        d->length = json_string_length(json);
        d->text = arena_copy(arena, json_string_value(json), d->length);
        d->printable = d->text && is_printable(d->text, d->length);
        return d->text ? d : NULL;
    case DATUM_BOOL: d->truth = json_is_true(json); break;
    case DATUM_INTEGER: d->integer = json_integer_value(json); break;
    case DATUM_REAL: d->real = json_real_value(json); break;
    default: break;
    }
    return d;
}

const struct datum *datum_of(const json_t *json, struct arena *arena)
{
    return json ? turn(json, arena) : NULL;
}

const struct datum *datum_read(const char *text, size_t length, struct arena *arena, enum json_error_code *mistake, struct tc_error *err)
{
    const struct datum *d = read_plain(text, length, arena);
    json_error_t told;
    json_t *json;

    if (d)
        return d;
    if (arena->failed) {
        error_memory(err);
        return NULL;
    }
    json = json_parse(text, length, &told, err);
    d = datum_of(json, arena);
    if (json && !d)
        error_memory(err);
    if (!json && !err->code)
        *mistake = json_error_code(&told);
    json_decref(json);
    return d;
}

const struct datum *datum_parse(const char *text, size_t length, struct arena *arena, struct tc_error *err)
{
    enum json_error_code ignored;

    return datum_read(text, length, arena, &ignored, err);
}

/* ---- looking */

const struct datum *datum_look(const struct datum *object, const char *key, uint64_t mark)
{
    for (const struct datum *d = object->first; d; d = d->next)
        if (datum_same_key(d->key, d->mark, key, mark))
            return d;
    return NULL;
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
