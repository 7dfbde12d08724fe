#include "base/datum.h"

#include <string.h>

#include "base/plain.h"
#include "base/text.h"

#define DEPTH_MAX 64
#define KEYS_MAX 64 /* that are compared with each other one by one */

/* ---- plain text: strings without escapes, whole numbers, words */

#define BEHIND 16   /* zeros behind the copy: what plain_end may look at, and no sign of JSON, so that nothing else asks for the end */
#define ROOM_MAX 64 /* nodes made room for at once */

/* Reads a copy of the text in the arena, which the tree's keys and texts stay in: a closing quote becomes the text's end. */
struct reader {
    char *at, *end;
    struct arena *arena;
    struct datum *room, *room_end; /* for nodes */
    unsigned high;                 /* not 0: there is more than printable ASCII */
    int depth;
};

static inline struct datum *read_value(struct reader *r);

/* The next sign, which stays. */
static inline char peek_sign(struct reader *r)
{
    while ((unsigned char)*r->at <= ' ' && (*r->at == ' ' || *r->at == '\n' || *r->at == '\r' || *r->at == '\t'))
        r->at++;
    return *r->at;
}

/* Whether the next sign is this one, which is then behind. */
static inline bool read_sign(struct reader *r, char sign)
{
    bool is = peek_sign(r) == sign;

    r->at += is;
    return is;
}

/* At an opening quote: the text up to the closing one, which is then behind. NULL where it is not plain. */
static inline const char *read_text(struct reader *r, size_t *length, unsigned *high)
{
    char *start = r->at + 1, *at = (char *)plain_end(start, r->end + BEHIND, high);

    if (*at != '"')
        return NULL;
    *at = '\0';
    *length = (size_t)(at - start);
    r->at = at + 1;
    r->high |= *high;
    return start;
}

/* As many nodes as the rest of a payroll's text has: one in sixteen bytes. */
static bool find_room(struct reader *r)
{
    size_t count = (size_t)(r->end - r->at) / 16 + 1;

    count = count < ROOM_MAX ? count : ROOM_MAX;
    r->room = arena_take(r->arena, count * sizeof *r->room);
    r->room_end = r->room ? r->room + count : NULL;
    return r->room != NULL;
}

static inline struct datum *make(struct reader *r, enum datum_type type)
{
    if (r->room == r->room_end && !find_room(r))
        return NULL;
    *r->room = (struct datum){.type = type};
    return r->room++;
}

static inline struct datum *read_string(struct reader *r)
{
    unsigned high = 0;
    size_t length;
    const char *text = read_text(r, &length, &high);
    struct datum *d = text ? make(r, DATUM_TEXT) : NULL;

    if (!d)
        return NULL;
    d->text = text;
    d->length = length;
    d->printable = !high;
    return d;
}

/* Whole numbers that cannot overflow. What ends otherwise, as 1.5, is found by what must follow the value. */
static struct datum *read_number(struct reader *r)
{
    bool minus = *r->at == '-';
    char *start = r->at + minus, *at = start;
    int64_t number = 0;
    struct datum *d;

    for (; at - start < 18 && *at >= '0' && *at <= '9'; at++)
        number = number * 10 + (*at - '0');
    if (at == start || (*start == '0' && at - start > 1))
        return NULL;
    r->at = at;
    d = make(r, DATUM_INTEGER);
    if (d)
        d->integer = minus ? -number : number;
    return d;
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

static bool read_members(struct reader *r, struct datum *object)
{
    const struct datum **link = &object->first;

    do {
        unsigned high = 0;
        size_t length;
        const char *key = peek_sign(r) == '"' ? read_text(r, &length, &high) : NULL;
        struct datum *d = key && read_sign(r, ':') ? read_value(r) : NULL;

        if (!d)
            return false;
        d->key = key;
        d->mark = datum_mark_of(key, length);
        if (!add_member(object, d, &link))
            return false;
    } while (read_sign(r, ','));
    return read_sign(r, '}');
}

static bool read_elements(struct reader *r, struct datum *list)
{
    const struct datum **link = &list->first;

    do {
        struct datum *d = read_value(r);

        if (!d)
            return false;
        *link = d;
        link = &d->next;
        list->length++;
    } while (read_sign(r, ','));
    return read_sign(r, ']');
}

/* Behind its opening bracket. Never inline, so that a text or number costs no frame for what only lists need. */
static __attribute__((noinline)) struct datum *read_list(struct reader *r, enum datum_type type)
{
    struct datum *list = make(r, type);
    bool ok = list && r->depth++ < DEPTH_MAX;

    if (list)
        list->first = NULL;
    if (type == DATUM_OBJECT)
        ok = ok && (read_sign(r, '}') || read_members(r, list));
    else
        ok = ok && (read_sign(r, ']') || read_elements(r, list));
    r->depth--;
    return ok ? list : NULL;
}

static struct datum *read_word(struct reader *r)
{
    static const struct {
        const char *word;
        size_t length;
    } words[] = {{"null", 4}, {"true", 4}, {"false", 5}};

    for (size_t i = 0; i < 3; i++) {
        struct datum *d;

        if (strncmp(r->at, words[i].word, words[i].length) != 0)
            continue;
        r->at += words[i].length;
        d = make(r, i == 0 ? DATUM_NULL : DATUM_BOOL);
        if (d)
            d->truth = i == 1;
        return d;
    }
    return NULL;
}

/* NULL: something is not plain, or memory ran out. */
static inline struct datum *read_value(struct reader *r)
{
    char sign = peek_sign(r);

    if (sign == '"')
        return read_string(r);
    if (sign == '-' || (sign >= '0' && sign <= '9'))
        return read_number(r);
    if (sign != '{' && sign != '[')
        return read_word(r);
    r->at++;
    return read_list(r, sign == '{' ? DATUM_OBJECT : DATUM_LIST);
}

/* NULL where it is not plain as a whole, or memory ran out. */
static const struct datum *read_plain(const char *text, size_t length, struct arena *arena)
{
    struct reader r = {.at = arena_take(arena, length + BEHIND), .arena = arena};
    const struct datum *d;

    if (!r.at)
        return NULL;
    memcpy(r.at, text, length);
    r.end = r.at + length;
    memset(r.end, 0, BEHIND);
    d = read_value(&r);
    if (!d || peek_sign(&r) != '\0' || r.at != r.end)
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

const struct datum *datum_parse(const char *text, size_t length, struct arena *arena, struct tc_error *err)
{
    const struct datum *d = read_plain(text, length, arena);
    json_error_t mistake;
    json_t *json;

    if (d)
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
