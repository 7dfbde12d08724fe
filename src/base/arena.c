#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE ((size_t)64 * 1024)
#define ALIGNMENT 16

struct arena_block {
    struct arena_block *next;
    size_t size, used;
    _Alignas(ALIGNMENT) char data[];
};

static struct arena_block *add_block(struct arena *a, size_t least)
{
    size_t size = least > BLOCK_SIZE ? least : BLOCK_SIZE;
    struct arena_block *block = malloc(sizeof *block + size);

    if (!block)
        return NULL;
    *block = (struct arena_block){.size = size};
    if (a->current) {
        block->next = a->current->next;
        a->current->next = block;
    } else {
        a->first = block;
    }
    return block;
}

/* The next block with so much room, or a new one. */
static struct arena_block *find_block(struct arena *a, size_t size)
{
    struct arena_block *block = a->current;

    while (!block || block->size - block->used < size) {
        struct arena_block *next = block ? block->next : a->first;

        if (!next || next->size < size)
            next = add_block(a, size);
        if (!next)
            return NULL;
        a->current = block = next;
    }
    return block;
}

void *arena_take(struct arena *a, size_t size)
{
    struct arena_block *block = a->current;
    void *memory;

    size = size > SIZE_MAX / 2 ? SIZE_MAX / 2 : (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (!block || block->size - block->used < size)
        block = find_block(a, size);
    if (!block) {
        a->failed = true;
        return NULL;
    }
    memory = block->data + block->used;
    block->used += size;
    return memory;
}

void *arena_alloc(struct arena *a, size_t size)
{
    void *memory = arena_take(a, size);

    return memory ? memset(memory, 0, size) : NULL;
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
    size_t all;

    if (__builtin_mul_overflow(count, size, &all)) {
        a->failed = true;
        return NULL;
    }
    return arena_alloc(a, all);
}

char *arena_copy(struct arena *a, const char *text, size_t length)
{
    char *copy = arena_take(a, length + 1);

    if (!copy)
        return NULL;
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

char *arena_join(struct arena *a, const char *const *parts, size_t count)
{
    size_t length = 0;
    char *joined, *at;

    for (size_t i = 0; i < count; i++) {
        if (!parts[i])
            return NULL;
        length += strlen(parts[i]);
    }
    joined = at = arena_take(a, length + 1);
    if (joined)
        *joined = '\0';
    for (size_t i = 0; joined && i < count; i++)
        at = stpcpy(at, parts[i]);
    return joined;
}

char *arena_numbered(struct arena *a, const char *text, size_t number)
{
    char digits[24], *at = digits + sizeof digits - 1;

    *at = '\0';
    do
        *--at = (char)('0' + number % 10);
    while ((number /= 10) != 0);
    return arena_join(a, (const char *const[]){text, at}, 2);
}

char *arena_printf(struct arena *a, const char *format, ...)
{
    char text[256];
    char *copy;
    va_list args;
    int length;

    va_start(args, format);
    length = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (length < 0)
        return NULL;
    if ((size_t)length < sizeof text)
        return arena_copy(a, text, (size_t)length);
    copy = arena_alloc(a, (size_t)length + 1);
    if (!copy)
        return NULL;
    va_start(args, format);
    vsnprintf(copy, (size_t)length + 1, format, args);
    va_end(args);
    return copy;
}

void arena_reset(struct arena *a)
{
    for (struct arena_block *block = a->first; block; block = block->next)
        block->used = 0;
    a->current = a->first;
    a->failed = false;
}

void arena_free(struct arena *a)
{
    struct arena_block *block = a->first;

    while (block) {
        struct arena_block *next = block->next;

        free(block);
        block = next;
    }
    *a = (struct arena){0};
}
