/* Memory that is given back all at once: one arena per template, one per worker for the record in hand. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *first, *current;
    bool failed; /* an allocation failed since the last reset */
};

/* Zeroed memory aligned for any type, or NULL with failed set. Borrowed until reset or free. */
void *arena_alloc(struct arena *a, size_t size);
/* As arena_alloc, not zeroed. */
void *arena_take(struct arena *a, size_t size);
/* As arena_alloc for count items; the product is checked. */
void *arena_array(struct arena *a, size_t count, size_t size);
/* A terminated copy. */
char *arena_copy(struct arena *a, const char *text, size_t length);
/* The parts one after the other; NULL also where one is, which an earlier failure left. */
char *arena_join(struct arena *a, const char *const *parts, size_t count);
/* The text and the number behind it. */
char *arena_numbered(struct arena *a, const char *text, size_t number);
char *arena_printf(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Keeps the blocks for the next record. */
void arena_reset(struct arena *a);
void arena_free(struct arena *a);

#endif
