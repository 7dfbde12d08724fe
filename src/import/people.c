#include "import/people.h"

#include <stdlib.h>
#include <string.h>

/* FNV-1a */
static size_t hash(const char *text)
{
    uint64_t h = 14695981039346656037u;

    for (; *text; text++)
        h = (h ^ (unsigned char)*text) * 1099511628211u;
    return (size_t)(h ^ h >> 32);
}

/* The place of the number in the table, or the free one where it belongs. */
static uint32_t *place(const struct people *p, const char *number)
{
    size_t at = hash(number) & (p->table_size - 1);

    while (p->table[at] && strcmp(p->list[p->table[at] - 1].number, number) != 0)
        at = (at + 1) & (p->table_size - 1);
    return &p->table[at];
}

static bool grow_table(struct people *p)
{
    uint32_t *old = p->table;
    size_t size = p->table_size ? p->table_size * 2 : 1024;

    p->table = calloc(size, sizeof *p->table);
    if (!p->table) {
        p->table = old;
        return false;
    }
    p->table_size = size;
    for (size_t i = 0; i < p->count; i++)
        *place(p, p->list[i].number) = (uint32_t)i + 1;
    free(old);
    return true;
}

static bool grow_list(struct people *p)
{
    size_t room = p->room ? p->room * 2 : 512;
    struct person *list = realloc(p->list, room * sizeof *list);

    if (!list)
        return false;
    p->list = list;
    p->room = room;
    return true;
}

struct person *people_find(const struct people *p, const char *number)
{
    uint32_t *at = p->table_size ? place(p, number) : NULL;

    return at && *at ? &p->list[*at - 1] : NULL;
}

struct person *people_get(struct people *p, const char *number)
{
    struct person *found;

    if (p->last < p->count && !strcmp(p->list[p->last].number, number))
        return &p->list[p->last];
    found = people_find(p, number);
    if (!found) {
        if ((p->count * 2 >= p->table_size && !grow_table(p)) || (p->count == p->room && !grow_list(p)))
            return NULL;
        found = &p->list[p->count];
        *found = (struct person){0};
        strncpy(found->number, number, sizeof found->number - 1);
        *place(p, number) = (uint32_t)++p->count;
    }
    p->last = (size_t)(found - p->list);
    return found;
}

void people_free(struct people *p)
{
    free(p->list);
    free(p->table);
}
