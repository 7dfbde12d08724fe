#include "base/plain.h"

#include <string.h>

/* The text being read. */
struct plain {
    const char *at, *end;
    int depth;
};

static json_t *plain_value(struct plain *p);

static bool plain_end(struct plain *p)
{
    while (p->at < p->end && (*p->at == ' ' || *p->at == '\n' || *p->at == '\r' || *p->at == '\t'))
        p->at++;
    return p->at == p->end;
}

/* Whether the next sign is this one, which is then behind. */
static bool plain_sign(struct plain *p, char sign)
{
    if (plain_end(p) || *p->at != sign)
        return false;
    p->at++;
    return true;
}

/* Behind an opening quote: the text up to the closing one, which is then behind. NULL where it has escapes. */
static const char *plain_text(struct plain *p, size_t *length, bool *ascii)
{
    const char *start = p->at, *at = start;
    unsigned char all = 0;

    for (; at < p->end && *at != '"' && *at != '\\' && (unsigned char)*at >= 0x20; at++)
        all |= (unsigned char)*at;
    if (at == p->end || *at != '"')
        return NULL;
    p->at = at + 1;
    *length = (size_t)(at - start);
    *ascii = all < 0x80;
    return start;
}

/* Whole numbers that cannot overflow. What ends otherwise, as 1.5, is found by what must follow the value. */
static json_t *plain_number(struct plain *p)
{
    bool minus = *p->at == '-';
    const char *start = p->at + minus, *at = start;
    json_int_t number = 0;

    for (; at < p->end && at - start < 18 && *at >= '0' && *at <= '9'; at++)
        number = number * 10 + (*at - '0');
    if (at == start || (*start == '0' && at - start > 1))
        return NULL;
    p->at = at;
    return json_integer(minus ? -number : number);
}

static bool plain_members(struct plain *p, json_t *object)
{
    size_t count = 0, length;
    bool ascii;

    do {
        const char *key = plain_sign(p, '"') ? plain_text(p, &length, &ascii) : NULL;
        json_t *value = key && plain_sign(p, ':') ? plain_value(p) : NULL;

        if (!value
            || (ascii ? json_object_setn_new_nocheck(object, key, length, value) : json_object_setn_new(object, key, length, value)) != 0
            || json_object_size(object) != ++count) /* a key stands twice */
            return false;
    } while (plain_sign(p, ','));
    return plain_sign(p, '}');
}

static bool plain_elements(struct plain *p, json_t *array)
{
    do {
        json_t *value = plain_value(p);

        if (!value || json_array_append_new(array, value) != 0)
            return false;
    } while (plain_sign(p, ','));
    return plain_sign(p, ']');
}

static json_t *plain_list(struct plain *p, bool object)
{
    json_t *list = object ? json_object() : json_array();
    bool ok = list && p->depth++ < 64 && (plain_sign(p, object ? '}' : ']') || (object ? plain_members(p, list) : plain_elements(p, list)));

    p->depth--;
    if (ok)
        return list;
    json_decref(list);
    return NULL;
}

static json_t *plain_word(struct plain *p)
{
    static const struct { const char *word; size_t length; } words[] = {{"null", 4}, {"true", 4}, {"false", 5}};

    for (size_t i = 0; i < 3; i++) {
        if ((size_t)(p->end - p->at) < words[i].length || memcmp(p->at, words[i].word, words[i].length) != 0)
            continue;
        p->at += words[i].length;
        return i == 0 ? json_null() : json_boolean(i == 1);
    }
    return NULL;
}

/* New, or NULL: something is not plain. */
static json_t *plain_value(struct plain *p)
{
    const char *text;
    size_t length;
    bool ascii;

    if (plain_sign(p, '"')) {
        text = plain_text(p, &length, &ascii);
        return !text ? NULL : ascii ? json_stringn_nocheck(text, length) : json_stringn(text, length);
    }
    if (plain_sign(p, '{'))
        return plain_list(p, true);
    if (plain_sign(p, '['))
        return plain_list(p, false);
    if (p->at < p->end && (*p->at == '-' || (*p->at >= '0' && *p->at <= '9')))
        return plain_number(p);
    return plain_word(p);
}

json_t *plain_parse(const char *text, size_t length)
{
    struct plain p = {text, text + length, 0};
    json_t *json = plain_value(&p);

    if (json && plain_end(&p))
        return json;
    json_decref(json);
    return NULL;
}
