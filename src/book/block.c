/* What the workbook and the tables beside it have of certificates that stand together, made in any thread: rows, packed, and lines. Of each
 * only its place hangs on those before (summary_place). */
#include <libdeflate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "book/csv.h"
#include "book/summary.h"
#include "book/state.h"

struct summary_maker {
    const struct summary *s;
    struct arena arena; /* of the room */
    struct row_room room;
    struct xlsx_maker *rows;
    struct buf lines, origin, packed;
    struct libdeflate_compressor *compressor; /* of origin; NULL where there is no such table */
};

/* What the certificate is: as it was issued first, corrected so many times, late; or what became of a change that was not done. */
static struct cell change_cell(const struct summary *s, struct row_room *room, const struct ledger_entry *e)
{
    const char *const *l = s->plan->labels;
    struct cell c = {.kind = CELL_EMPTY};

    if (e->state == LEDGER_HELD)
        return c;
    c.kind = CELL_TEXT;
    c.text = e->state == LEDGER_REFUSED ? l[LABEL_REFUSED] : e->late ? l[LABEL_CHANGE_LATE] : l[LABEL_FIRST];
    c.cached = e->state == LEDGER_REFUSED ? "refused" : e->late ? "late" : "original";
    if (e->state == LEDGER_ISSUED && e->corrects > 0) {
        snprintf(room->change[0], sizeof room->change[0], "%.60s %d", l[LABEL_CHANGE_CORRECTION], e->corrects);
        snprintf(room->change[1], sizeof room->change[1], "correction %d", e->corrects);
        c.text = room->change[0];
        c.cached = room->change[1];
    }
    return c;
}

static struct cell issued_cell(const struct summary *s, const struct ledger_entry *e)
{
    struct cell c = {.kind = CELL_DATE, .number = s->run->issued};
    int32_t date;

    if (e->state != LEDGER_ISSUED)
        c.kind = CELL_EMPTY;
    else if (e->issued && date_parse(e->issued, strlen(e->issued), &date))
        c.number = date;
    return c;
}

static struct cell column_cell(const struct summary *s, struct row_room *room, size_t i, const struct summary_line *line)
{
    const struct plan_column *c = &s->plan->columns[i];

    switch (c->kind) {
    case COLUMN_ID: return summary_text(line->entry->id);
    case COLUMN_NUMBER: return summary_text(line->entry->personnel_number);
    case COLUMN_ESTABLISHMENT: return summary_text(line->establishment);
    case COLUMN_CHANGE: return change_cell(s, room, line->entry);
    case COLUMN_ISSUED: return issued_cell(s, line->entry);
    case COLUMN_FILE:
        return line->entry->state == LEDGER_ISSUED ? (struct cell){.kind = CELL_LINK, .text = "PDF", .cached = line->entry->file}
                                                   : (struct cell){.kind = CELL_EMPTY};
    default: return line->record ? summary_column(s, room, i, line->record) : (struct cell){.kind = CELL_EMPTY};
    }
}

bool block_room(const struct summary *s, struct row_room *room, struct arena *arena)
{
    size_t columns = s->plan->column_count + 2 + PLAN_WORDS + s->plan->group_count;

    room->cells = arena_array(arena, columns, sizeof *room->cells);
    room->rooms = arena_array(arena, columns, sizeof *room->rooms);
    return room->cells && room->rooms;
}

void block_free(struct row_room *room)
{
    arena_free(&room->texts);
    buf_free(&room->joined);
}

/* The numbers for formulas behind the plan's columns. */
static void put_numbers(const struct summary *s, struct row_room *room, const struct summary_line *line)
{
    bool issued = line->entry->state == LEDGER_ISSUED, refused = line->entry->state == LEDGER_REFUSED;
    struct cell *cells = room->cells + s->plan->column_count;

    *cells++ = (struct cell){.kind = refused ? CELL_EMPTY : CELL_COUNT, .number = line->place.group};
    for (int w = 0; w < PLAN_WORDS; w++)
        *cells++ = (struct cell){.kind = line->place.codes[w] ? CELL_COUNT : CELL_EMPTY, .number = line->place.codes[w]};
    for (size_t g = 0; issued && g < s->plan->group_count; g++)
        *cells++ = (struct cell){.kind = CELL_COUNT, .number = line->spot.groups[g]};
}

bool block_cells(const struct summary *s, struct row_room *room, const struct summary_line *line)
{
    arena_reset(&room->texts);
    for (size_t i = 0; i < s->plan->column_count; i++)
        room->cells[i] = column_cell(s, room, i, line);
    put_numbers(s, room, line);
    return !room->texts.failed && !room->joined.failed;
}

struct summary_maker *summary_maker_new(const struct summary *s)
{
    struct summary_maker *m = calloc(1, sizeof *m);

    if (!m)
        return NULL;
    m->s = s;
    m->rows = xlsx_maker_new();
    m->compressor = s->files.origin ? libdeflate_alloc_compressor(1) : NULL;
    if (m->rows && (m->compressor || !s->files.origin) && block_room(s, &m->room, &m->arena))
        return m;
    summary_maker_free(m);
    return NULL;
}

void summary_maker_free(struct summary_maker *m)
{
    if (!m)
        return;
    block_free(&m->room);
    arena_free(&m->arena);
    xlsx_maker_free(m->rows);
    buf_free(&m->lines);
    buf_free(&m->origin);
    buf_free(&m->packed);
    if (m->compressor)
        libdeflate_free_compressor(m->compressor);
    free(m);
}

/* The line of summary.csv of cells that are filled. */
static void add_line(struct summary_maker *m, const struct summary_line *line)
{
    struct cell *state = &m->room.cells[m->s->plan->column_count], kept = *state;

    *state = summary_text(ledger_state_name(line->entry->state));
    csv_row(&m->lines, m->room.cells, m->s->plan->column_count + 1);
    *state = kept;
}

bool summary_make(struct summary_maker *m, const struct summary_line *line, struct arena *arena, struct tc_error *err)
{
    const struct summary *s = m->s;
    bool issued = line->entry->state == LEDGER_ISSUED;

    if (!issued && !s->files.csv)
        return true;
    if (!block_cells(s, &m->room, line))
        return error_memory(err);
    if (s->files.csv)
        add_line(m, line);
    return !issued
           || ((!s->files.origin || origin_text(s, line, &m->origin, err))
               && xlsx_made_row(s->xlsx, m->rows, line->spot.sheet, line->spot.row, m->room.cells, s->certificates.column_count, arena,
                                err));
}

/* A text in the arena; the buffer is emptied. */
static const char *take(struct buf *text, struct arena *arena, size_t *length)
{
    const char *kept = text->failed ? NULL : arena_copy(arena, text->length ? text->data : "", text->length);

    *length = text->length;
    text->length = 0;
    return kept;
}

const struct summary_block *summary_made(struct summary_maker *m, struct arena *arena, struct tc_error *err)
{
    struct summary_block *b = arena_alloc(arena, sizeof *b);

    if (!b || !(b->lines = take(&m->lines, arena, &b->lines_length))
        || ((m->origin.length > 0 || m->origin.failed)
            && (!origin_pack(m->compressor, &m->origin, &m->packed) || !(b->origin = take(&m->packed, arena, &b->origin_length)))))
        error_memory(err);
    else if (xlsx_made(m->rows, arena, &b->rows, err))
        return b;
    return NULL;
}

bool summary_write(struct summary *s, const struct summary_block *b, struct tc_error *err)
{
    return (!s->files.csv || stream_add(&s->csv, b->lines, b->lines_length, err))
           && (b->origin_length == 0 || stream_add(&s->origin, b->origin, b->origin_length, err));
}

bool summary_join(struct summary *s, const struct summary_block *b, struct tc_error *err)
{
    return xlsx_join(s->xlsx, b->rows, err);
}
