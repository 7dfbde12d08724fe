/* JSON as a tree in an arena, for records: read, looked at and forgotten with the arena. A record costs a fifth of what it would
 * as jansson's reference-counted tables; what is not plain (escapes, reals, many keys) jansson reads, and is turned over. */
#ifndef BASE_DATUM_H
#define BASE_DATUM_H

#include <string.h>

#include "base/arena.h"
#include "base/json.h"

enum datum_type { DATUM_NULL, DATUM_BOOL, DATUM_INTEGER, DATUM_REAL, DATUM_TEXT, DATUM_LIST, DATUM_OBJECT };

/* Never changed once it is read, so any number of threads may look at it. Texts are terminated UTF-8. */
struct datum {
    const struct datum *next; /* in the list or object; NULL: the last one */
    const char *key;          /* in an object */
    uint64_t mark;            /* of the key */
    enum datum_type type;
    bool printable; /* of a text: all of it is printable ASCII; false: perhaps not */
    size_t length;  /* of a text, in bytes; of a list or object, in elements */
    uint64_t keys;  /* of an object: the bits of its keys' marks */
    union {
        bool truth;
        int64_t integer;
        double real;
        const char *text;
        const struct datum *first;
    };
};

/* The one value that is the whole text, no key twice in an object. NULL with err where memory fails, NULL without where
 * it is no such text. */
const struct datum *datum_parse(const char *text, size_t length, struct arena *arena, struct tc_error *err);
/* The same; where it is no such text, mistake says why. */
const struct datum *datum_read(const char *text, size_t length, struct arena *arena, enum json_error_code *mistake, struct tc_error *err);
/* A copy; NULL where memory fails, or of NULL. */
const struct datum *datum_of(const json_t *json, struct arena *arena);

/* All of these take NULL, which is no value of any type. */

/* A key's first eight bytes: keys that differ mostly do so there. */
static inline uint64_t datum_mark(const char *key)
{
    size_t length = strlen(key);
    uint64_t mark = 0;

    memcpy(&mark, key, length < sizeof mark ? length : sizeof mark);
    return mark;
}

/* The same of a text whose length is known, without a call: of four bytes and more by two pieces, which may overlap. */
static inline uint64_t datum_mark_of(const char *text, size_t length)
{
    uint64_t mark = 0;
    char *to = (char *)&mark;

    if (length >= 8) {
        memcpy(to, text, 8);
    } else if (length >= 4) {
        memcpy(to, text, 4);
        memcpy(to + length - 4, text + length - 4, 4);
    } else {
        for (size_t i = 0; i < length; i++)
            to[i] = text[i];
    }
    return mark;
}

/* Whether two keys are the same: a mark that is not full is the whole key. */
static inline bool datum_same_key(const char *a, uint64_t mark_of_a, const char *b, uint64_t mark_of_b)
{
    return mark_of_a == mark_of_b && (((const unsigned char *)&mark_of_a)[7] == 0 || !strcmp(a, b));
}

/* What a mark is hashed to, one of 64 bits: most keys that an object does not have are known by that. */
static inline uint64_t datum_bit(uint64_t mark)
{
    return (uint64_t)1 << (mark * 0x9E3779B97F4A7C15u >> 58);
}

/* datum_find among the members. */
const struct datum *datum_look(const struct datum *object, const char *key, uint64_t mark);

/* The member of an object; NULL where there is none. For a key asked for again and again, with its mark. */
static inline const struct datum *datum_find(const struct datum *object, const char *key, uint64_t mark)
{
    return object && object->type == DATUM_OBJECT && (object->keys & datum_bit(mark)) ? datum_look(object, key, mark) : NULL;
}

static inline const struct datum *datum_get(const struct datum *object, const char *key)
{
    return datum_find(object, key, datum_mark(key));
}

/* The first element or member, or NULL; the others by next. */
static inline const struct datum *datum_first(const struct datum *list)
{
    return list && (list->type == DATUM_LIST || list->type == DATUM_OBJECT) ? list->first : NULL;
}

/* Elements of a list; 0 of anything else. */
static inline size_t datum_count(const struct datum *list)
{
    return list && list->type == DATUM_LIST ? list->length : 0;
}

static inline bool datum_is(const struct datum *d, enum datum_type type)
{
    return d && d->type == type;
}

/* NULL where it is no text. */
static inline const char *datum_text(const struct datum *d)
{
    return d && d->type == DATUM_TEXT ? d->text : NULL;
}

/* 0 where it is none. */
static inline int64_t datum_integer(const struct datum *d)
{
    return d && d->type == DATUM_INTEGER ? d->integer : 0;
}

/* An amount as the input may write it: text, whole number, or a real nearest to such an amount. */
enum money_status datum_money(const struct datum *d, int digits, int64_t *out);

#endif
