#include "import/shape.h"

#include <stdlib.h>
#include <string.h>

/* The child of that key, made where there is none. NULL where memory fails. */
static struct shape_node *child(struct shape *shape, struct shape_node *parent, const char *key, size_t length)
{
    struct shape_node **at = &parent->first, *made;

    for (; *at; at = &(*at)->next)
        if (strlen((*at)->key) == length && !memcmp((*at)->key, key, length))
            return *at;
    made = arena_alloc(shape->arena, sizeof *made);
    if (!made || !(made->key = arena_copy(shape->arena, key, length)))
        return NULL;
    made->slot = -1;
    return *at = made;
}

int shape_slot(struct shape *shape, const char *under, const char *key, bool dotted)
{
    struct shape_node *node = &shape->root;
    const char *dot;

    if (under)
        node = child(shape, node, under, strlen(under));
    if (node && node->slot >= 0)
        return -1;
    while (node && dotted && (dot = strchr(key, '.'))) {
        node = child(shape, node, key, (size_t)(dot - key));
        if (node && (node->slot >= 0 || node->constant))
            return -1;
        key = dot + 1;
    }
    node = node ? child(shape, node, key, strlen(key)) : NULL;
    if (!node || node->first)
        return -1;
    if (node->slot < 0)
        node->slot = shape->slots++;
    return node->slot;
}

static bool constants(struct shape *shape, struct shape_node *node, const json_t *object)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        struct shape_node *at = child(shape, node, key, strlen(key));
        char *text;
        if (!at)
            return false;
        if (json_is_object(value)) {
            if (at->slot < 0 && !constants(shape, at, value))
                return false;
            continue;
        }
        text = json_text(value, JSON_ENCODE_ANY | JSON_COMPACT);
        if (!at->first)
            at->constant = text ? arena_copy(shape->arena, text, strlen(text)) : NULL;
        free(text);
        if (!at->constant && !at->first)
            return false;
    }
    return true;
}

bool shape_constants(struct shape *shape, const json_t *object)
{
    return constants(shape, &shape->root, object);
}

static bool write_members(const struct shape *shape, const struct shape_node *parent, const char *const *values, bool comma,
                          struct buf *out)
{
    bool any = false;

    for (const struct shape_node *node = parent->first; node; node = node->next) {
        const char *value = node->slot >= 0 && values[node->slot] ? values[node->slot] : node->constant;
        size_t before = out->length;
        if (!node->first && !value)
            continue;
        if (comma || any)
            buf_add(out, ",", 1);
        buf_quote(out, node->key);
        buf_add(out, ":", 1);
        if (!node->first) {
            buf_puts(out, value);
        } else {
            buf_add(out, "{", 1);
            if (!write_members(shape, node, values, false, out) && node != shape->keep) {
                out->length = before;
                continue;
            }
            buf_add(out, "}", 1);
        }
        any = true;
    }
    return any;
}

bool shape_write(const struct shape *shape, const char *const *values, bool comma, struct buf *out)
{
    return write_members(shape, &shape->root, values, comma, out);
}

const struct shape_node *shape_object(const struct shape *shape, const char *key)
{
    const struct shape_node *node = shape->root.first;

    while (node && strcmp(node->key, key) != 0)
        node = node->next;
    return node && node->first ? node : NULL;
}

static const struct shape_node *find_slot(const struct shape_node *parent, int slot)
{
    const struct shape_node *found = NULL;

    for (const struct shape_node *node = parent->first; node && !found; node = node->next)
        found = node->slot == slot ? node : find_slot(node, slot);
    return found;
}

const char *shape_value(const struct shape *shape, const char *const *values, int slot)
{
    const struct shape_node *node = values[slot] ? NULL : find_slot(&shape->root, slot);

    return node ? node->constant : values[slot];
}

const char *shape_take_constant(struct shape *shape, int slot)
{
    struct shape_node *node = (struct shape_node *)(uintptr_t)find_slot(&shape->root, slot);
    const char *constant = node ? node->constant : NULL;

    if (node)
        node->constant = NULL;
    return constant;
}

static bool find_key(const struct shape_node *node, int slot, struct buf *room)
{
    size_t before = room->length;

    for (const struct shape_node *at = node->first; at; at = at->next) {
        room->length = before;
        if (before)
            buf_add(room, ".", 1);
        buf_puts(room, at->key);
        if (at->slot == slot || find_key(at, slot, room))
            return true;
    }
    return false;
}

const char *shape_key(const struct shape *shape, int slot, struct buf *room)
{
    room->length = 0;
    if (!find_key(&shape->root, slot, room))
        return NULL;
    buf_add(room, "", 1);
    return room->failed ? NULL : room->data;
}
