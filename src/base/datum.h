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
    size_t length; /* of a text, in bytes; of a list or object, in elements */
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

/* The member of an object; NULL where there is none. For a key asked for again and again, with its mark. */
const struct datum *datum_find(const struct datum *object, const char *key, uint64_t mark);

static inline const struct datum *datum_get(const struct datum *object, const char *key)
{
    return datum_find(object, key, datum_mark(key));
}

/* The first element or member, or NULL; the others by next. */
const struct datum *datum_first(const struct datum *list);
/* Elements of a list; 0 of anything else. */
size_t datum_count(const struct datum *list);
bool datum_is(const struct datum *d, enum datum_type type);
/* NULL where it is no text. */
const char *datum_text(const struct datum *d);
/* 0 where it is none. */
int64_t datum_integer(const struct datum *d);
/* An amount as the input may write it: text, whole number, or a real nearest to such an amount. */
enum money_status datum_money(const struct datum *d, int digits, int64_t *out);

#endif
