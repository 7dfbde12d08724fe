/* What a correction shows of the certificate that it corrects: all of it, or what is another now, beside what it is now. */
#include "input/record.h"

#include <string.h>

static const struct value absent;

/* An amount that is absent is none. */
static bool is_number(const struct field *f)
{
    return f->type != FIELD_TEXT && f->type != FIELD_LETTERS && f->type != FIELD_DATE && f->type != FIELD_MONTHS;
}

static bool is_same(const struct field *f, const struct value *then, const struct value *now)
{
    return is_number(f) ? (then->present ? then->number : 0) == (now->present ? now->number : 0) : record_same_value(f, then, now);
}

static void take(const struct field *f, const struct value *then, const struct value *now, struct value *out)
{
    *out = absent;
    if (f->changed != CHANGED_ANY && is_same(f, then, now))
        return;
    *out = f->changed == CHANGED_NOW ? *now : *then;
    out->present |= f->changed != CHANGED_ANY && is_number(f);
}

/* ---- rows: those of then and now that belong together by the columns that say so */

struct side {
    const struct group *g; /* the group of which the rows are */
    const struct rows *rows;
};

struct pair {
    long then, now; /* rows; -1: there is none */
};

static const struct value *cell(const struct side *s, const struct field *f, long row)
{
    return row < 0 ? &absent : &s->rows->cells[(size_t)row * s->g->count + ((size_t)f->before - s->g->first)];
}

static bool belong(const struct template *t, const struct group *g, const struct side *then, long a, const struct side *now, long b)
{
    for (const struct field *f = &t->fields[g->first]; f < &t->fields[g->first + g->count]; f++)
        if (f->pairs && !record_same_value(f, cell(then, f, a), cell(now, f, b)))
            return false;
    return true;
}

static bool differ(const struct template *t, const struct group *g, const struct side *then, const struct side *now, struct pair p)
{
    for (const struct field *f = &t->fields[g->first]; f < &t->fields[g->first + g->count]; f++)
        if (!f->pairs && !is_same(f, cell(then, f, p.then), cell(now, f, p.now)))
            return true;
    return false;
}

static bool is_taken(const struct pair *pairs, size_t count, long now)
{
    for (size_t i = 0; i < count; i++)
        if (pairs[i].now == now)
            return true;
    return false;
}

/* In the order of then; what is only now comes last. */
static size_t pair_rows(const struct template *t, const struct group *g, const struct side *then, const struct side *now,
                        struct pair *pairs)
{
    size_t count = 0;

    for (long a = 0; a < (long)then->rows->count; a++) {
        long b = 0;

        while (b < (long)now->rows->count && (is_taken(pairs, count, b) || !belong(t, g, then, a, now, b)))
            b++;
        pairs[count++] = (struct pair){a, b < (long)now->rows->count ? b : -1};
    }
    for (long b = 0; b < (long)now->rows->count; b++)
        if (!is_taken(pairs, count, b))
            pairs[count++] = (struct pair){-1, b};
    return count;
}

static void put_row(const struct template *t, const struct group *g, const struct side *then, const struct side *now, struct pair p,
                    struct value *cells)
{
    for (size_t i = 0; i < g->count; i++) {
        const struct field *f = &t->fields[g->first + i];

        if (f->pairs)
            cells[i] = *(p.then >= 0 ? cell(then, f, p.then) : cell(now, f, p.now));
        else
            take(f, cell(then, f, p.then), cell(now, f, p.now), &cells[i]);
    }
}

static bool take_rows(const struct template *t, const struct group *g, const struct record *before, struct arena *arena,
                      const struct record *record, struct rows *out)
{
    struct side then = {&t->groups[g->before], &before->groups[g->before]}, now = {then.g, &record->groups[g->before]};
    size_t most = then.rows->count + now.rows->count, count = 0;
    struct pair *pairs = arena_array(arena, most + 1, sizeof *pairs);

    out->cells = arena_array(arena, most * g->count + 1, sizeof *out->cells);
    if (!pairs || !out->cells)
        return false;
    if (g->changed)
        count = pair_rows(t, g, &then, &now, pairs);
    else
        for (; count < then.rows->count; count++)
            pairs[count] = (struct pair){(long)count, -1};
    out->count = 0;
    for (size_t i = 0; i < count; i++)
        if (!g->changed || differ(t, g, &then, &now, pairs[i]))
            put_row(t, g, &then, &now, pairs[i], &out->cells[out->count++ * g->count]);
    return true;
}

bool record_take_before(const struct template *t, const struct record *before, struct arena *arena, struct record *record)
{
    for (size_t i = 0; i < t->field_count; i++)
        if (t->fields[i].before >= 0 && t->fields[i].group < 0)
            take(&t->fields[i], &before->values[t->fields[i].before], &record->values[t->fields[i].before], &record->values[i]);
    for (size_t i = 0; i < t->group_count; i++) {
        const struct group *g = &t->groups[i];

        if (g->before < 0)
            continue;
        if (!take_rows(t, g, before, arena, record, &record->groups[i]))
            return false;
        record_sum_rows(t, g, &record->groups[i], record->values);
    }
    return !arena->failed;
}
