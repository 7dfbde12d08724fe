/* Names of a form by kind, looked up in constant time, so that loading is linear in what the form holds. */
#ifndef FORM_NAMES_H
#define FORM_NAMES_H

#include "base/arena.h"

enum {
    NAME_FIELD = -1 /* outside of groups; a group's index for its columns */,
    NAME_GROUP = -2,
    NAME_PARAMETER = -3,
    NAME_IDENTIFIER = -4,
    NAME_RULE = -5,
    NAME_TERM = -6
};

struct name_slot {
    const char *name; /* NULL: free */
    int kind, index;
};

struct names {
    struct name_slot *slots;
    size_t slot_count, used;
};

/* Index of the name, or -1. */
int names_find(const struct names *n, int kind, const char *name);
/* Keeps the borrowed name, which must not be there yet. False when memory ran out. */
bool names_add(struct names *n, struct arena *arena, int kind, const char *name, int index);

#endif
