/* What a record that is made looks like: the keys that the mapping gives to columns, and those that it gives to all, as one tree. */
#ifndef IMPORT_SHAPE_H
#define IMPORT_SHAPE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"

struct shape_node {
    const char *key;
    int slot;             /* of the values that a record gives; -1: an object or a constant */
    const char *constant; /* as JSON; where the record gives nothing */
    struct shape_node *first, *next;
};

struct shape {
    struct arena *arena;
    struct shape_node root;
    const struct shape_node *keep; /* written also where it has no members */
    int slots;
};

/* The slot of a key; `dotted` "name.first" is first in name. The same key is the same slot. -1 where an object is there already or
 * memory fails. under may be NULL: the record itself. */
int shape_slot(struct shape *shape, const char *under, const char *key, bool dotted);
/* Every value of the object, and of objects in it, is there unless a record says otherwise. */
bool shape_constants(struct shape *shape, const json_t *constants);
/* Appends the members of a record, without its brackets: values are JSON by slot, NULL where there is none. comma: whether one goes
 * before the first. True where any was written. */
bool shape_write(const struct shape *shape, const char *const *values, bool comma, struct buf *out);
/* The object of that key; NULL where there is none. */
const struct shape_node *shape_object(const struct shape *shape, const char *key);
/* What the slot's key gets: the record's value, else the constant, else NULL. */
const char *shape_value(const struct shape *shape, const char *const *values, int slot);
/* Takes the constant of that slot out of the shape, for a value that is written elsewhere; NULL where there is none. */
const char *shape_take_constant(struct shape *shape, int slot);
/* The key of a slot as a mapping writes it; NULL where there is none. */
const char *shape_key(const struct shape *shape, int slot, struct buf *room);

#endif
