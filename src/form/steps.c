/* Which keys of the input some field goes through, asked for every key of every record; and what is read of every record. */
#include <string.h>

#include "form/template.h"

struct template_step {
    const struct field *field; /* NULL: a free slot */
    int depth;
};

/* Fields of a group stand in its rows, wherever the others of their place are. */
static size_t hash_step(enum field_place place, int group, int depth, uint64_t mark)
{
    int where = group < 0 ? (int)place : PLACE_COUNT + group;

    return (size_t)((mark ^ (uint64_t)(where * FIELD_STEPS_MAX + depth) << 48) * 0x9E3779B97F4A7C15u >> 32);
}

/* Its slot, or the free one where it would be. */
static struct template_step *find(const struct template *t, enum field_place place, int group, int depth, const char *key, uint64_t mark)
{
    size_t slot = hash_step(place, group, depth, mark) & (t->step_slots - 1);

    for (;; slot = (slot + 1) & (t->step_slots - 1)) {
        struct template_step *step = &t->steps[slot];
        const struct field *f = step->field;

        if (!f
            || (f->group == group && (group >= 0 || f->place == place) && step->depth == depth
                && datum_same_key(f->steps[depth], f->marks[depth], key, mark)))
            return step;
    }
}

/* Which fields are read, which are computed. */
static void list_fields(struct template *t)
{
    for (size_t i = 0; i < t->field_count; i++) {
        const struct field *f = &t->fields[i];

        if (f->computed)
            t->computed[t->computed_count++] = (int)i;
        else if (f->group < 0 && f->place != PLACE_LETTER && f->place != PLACE_BEFORE) /* those are not the input's */
            t->reads[t->read_count++] = (struct template_read){datum_bit(f->marks[0]), (int)i, f->place, f->required};
    }
}

bool template_index_steps(struct template *t)
{
    t->reads = arena_array(&t->arena, t->field_count + 1, sizeof *t->reads);
    t->computed = arena_array(&t->arena, t->field_count + 1, sizeof *t->computed);
    if (!t->reads || !t->computed)
        return false;
    list_fields(t);
    t->step_slots = 64;
    while (t->step_slots < 2 * FIELD_STEPS_MAX * t->field_count)
        t->step_slots *= 2;
    t->steps = arena_array(&t->arena, t->step_slots, sizeof *t->steps);
    for (size_t i = 0; t->steps && i < t->field_count; i++) {
        const struct field *f = &t->fields[i];

        for (int depth = 0; depth < f->step_count; depth++) {
            struct template_step *step = find(t, f->place, f->group, depth, f->steps[depth], f->marks[depth]);

            if (!step->field || step->field->computed)
                *step = (struct template_step){f, depth};
        }
    }
    return t->steps != NULL;
}

const struct field *template_step(const struct template *t, enum field_place place, int group, int depth, const struct datum *member)
{
    return find(t, place, group, depth, member->key, member->mark)->field;
}
