/* Which keys of the input some field goes through. Asked for every key of every record. */
#include <string.h>

#include "form/template.h"

struct template_step {
    const struct field *field; /* NULL: a free slot */
    int depth;
};

/* Fields of a group stand in its rows, wherever the others of their place are. */
static uint32_t hash_step(enum field_place place, int group, int depth, const char *key)
{
    int where = group < 0 ? (int)place : PLACE_COUNT + group;
    uint32_t hash = 0x811C9DC5u ^ (uint32_t)(where * FIELD_STEPS_MAX + depth);

    for (; *key; key++)
        hash = (hash ^ (unsigned char)*key) * 0x01000193u;
    return hash ^ hash >> 15;
}

/* Its slot, or the free one where it would be. */
static struct template_step *find(const struct template *t, enum field_place place, int group, int depth, const char *key)
{
    size_t slot = hash_step(place, group, depth, key) & (t->step_slots - 1);

    for (;; slot = (slot + 1) & (t->step_slots - 1)) {
        struct template_step *step = &t->steps[slot];
        const struct field *f = step->field;

        if (!f || (f->group == group && (group >= 0 || f->place == place) && step->depth == depth && !strcmp(f->steps[depth], key)))
            return step;
    }
}

bool template_index_steps(struct template *t)
{
    t->step_slots = 64;
    while (t->step_slots < 2 * FIELD_STEPS_MAX * t->field_count)
        t->step_slots *= 2;
    t->steps = arena_array(&t->arena, t->step_slots, sizeof *t->steps);
    for (size_t i = 0; t->steps && i < t->field_count; i++) {
        const struct field *f = &t->fields[i];

        for (int depth = 0; depth < f->step_count; depth++) {
            struct template_step *step = find(t, f->place, f->group, depth, f->steps[depth]);

            if (!step->field || step->field->computed)
                *step = (struct template_step){f, depth};
        }
    }
    return t->steps != NULL;
}

const struct field *template_step(const struct template *t, enum field_place place, int group, int depth, const char *key)
{
    return find(t, place, group, depth, key)->field;
}
