#include "form/names.h"

#include <stdint.h>
#include <string.h>

static size_t hash_name(int kind, const char *name)
{
    uint32_t hash = 0x811C9DC5u ^ (uint32_t)kind * 0x9E3779B1u;

    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * 0x01000193u;
    return hash ^ hash >> 15;
}

/* The name's slot, or the free one where it would be. */
static struct name_slot *find(const struct names *n, int kind, const char *name)
{
    size_t at = hash_name(kind, name) & (n->slot_count - 1);

    while (n->slots[at].name && (n->slots[at].kind != kind || strcmp(n->slots[at].name, name) != 0))
        at = (at + 1) & (n->slot_count - 1);
    return &n->slots[at];
}

int names_find(const struct names *n, int kind, const char *name)
{
    const struct name_slot *slot = n->slot_count > 0 && name ? find(n, kind, name) : NULL;

    return slot && slot->name ? slot->index : -1;
}

static bool grow(struct names *n, struct arena *arena)
{
    struct names bigger = {.slot_count = n->slot_count > 0 ? 2 * n->slot_count : 64, .used = n->used};

    bigger.slots = arena_array(arena, bigger.slot_count, sizeof *bigger.slots);
    for (size_t i = 0; bigger.slots && i < n->slot_count; i++)
        if (n->slots[i].name)
            *find(&bigger, n->slots[i].kind, n->slots[i].name) = n->slots[i];
    if (bigger.slots)
        *n = bigger;
    return bigger.slots != NULL;
}

bool names_add(struct names *n, struct arena *arena, int kind, const char *name, int index)
{
    if (2 * (n->used + 1) > n->slot_count && !grow(n, arena))
        return false;
    *find(n, kind, name) = (struct name_slot){name, kind, index};
    n->used++;
    return true;
}
