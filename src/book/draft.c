/* A certificate's row as cells and as text. The text hangs on nothing but the certificate and the form, so that any thread can make it ahead. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "book/csv.h"
#include "book/summary.h"
#include "book/state.h"

struct summary_drafter {
    const struct summary *s;
    struct arena arena; /* of the room */
    struct row_room room;
    struct xlsx_drafter *row;
    struct buf line;
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

bool draft_room(const struct summary *s, struct row_room *room, struct arena *arena)
{
    size_t columns = s->plan->column_count + 2 + PLAN_WORDS + s->plan->group_count;

    room->cells = arena_array(arena, columns, sizeof *room->cells);
    room->rooms = arena_array(arena, columns, sizeof *room->rooms);
    return room->cells && room->rooms;
}

void draft_free(struct row_room *room)
{
    arena_free(&room->texts);
    buf_free(&room->joined);
}

bool draft_cells(const struct summary *s, struct row_room *room, const struct summary_line *line)
{
    arena_reset(&room->texts);
    for (size_t i = 0; i < s->plan->column_count; i++)
        room->cells[i] = column_cell(s, room, i, line);
    return !room->texts.failed && !room->joined.failed;
}

void draft_csv(const struct summary *s, struct row_room *room, const struct summary_line *line, struct buf *out)
{
    struct cell *state = &room->cells[s->plan->column_count], kept = *state;

    *state = summary_text(ledger_state_name(line->entry->state));
    csv_row(out, room->cells, s->plan->column_count + 1);
    *state = kept;
}

struct summary_drafter *summary_drafter_new(const struct summary *s)
{
    struct summary_drafter *d = calloc(1, sizeof *d);

    if (d)
        d->s = s;
    if (d && (d->row = xlsx_drafter_new()) && draft_room(s, &d->room, &d->arena))
        return d;
    summary_drafter_free(d);
    return NULL;
}

void summary_drafter_free(struct summary_drafter *d)
{
    if (!d)
        return;
    draft_free(&d->room);
    arena_free(&d->arena);
    xlsx_drafter_free(d->row);
    buf_free(&d->line);
    free(d);
}

static const int64_t *keep_amounts(const struct summary_drafter *d, struct arena *arena)
{
    size_t count = d->s->plan->column_count;
    int64_t *amounts = arena_take(arena, (count + 1) * sizeof *amounts);

    for (size_t i = 0; amounts && i < count; i++)
        amounts[i] = d->room.cells[i].kind == CELL_MONEY ? d->room.cells[i].number : 0;
    return amounts;
}

/* What the entries behind it are, as rows of the table beside the workbook. */
static bool keep_origin(struct summary_drafter *d, const struct summary_line *line, struct summary_draft *draft, struct arena *arena)
{
    d->line.length = 0;
    if (!d->s->files.origin || !line->trail || line->trail->count == 0 || !origin_text(d->s, line, &d->line, &draft->origin_rows))
        return true;
    draft->origin_length = d->line.length;
    draft->origin = d->line.failed ? NULL : arena_copy(arena, d->line.data ? d->line.data : "", d->line.length);
    return draft->origin != NULL;
}

const struct summary_draft *summary_draft_make(struct summary_drafter *d, const struct summary_line *line, struct arena *arena)
{
    const struct summary *s = d->s;
    struct summary_draft *draft = arena_alloc(arena, sizeof *draft);

    if (!draft || !draft_cells(s, &d->room, line)
        || !xlsx_draft(s->xlsx, s->certificates.sheets[0], d->row, d->room.cells, s->plan->column_count, &draft->row))
        return NULL;
    draft->row.text = draft->row.length ? arena_copy(arena, draft->row.text, draft->row.length) : "";
    draft->amounts = keep_amounts(d, arena);
    if (s->files.csv) {
        d->line.length = 0;
        draft_csv(s, &d->room, line, &d->line);
        draft->line = d->line.failed ? NULL : arena_copy(arena, d->line.data, d->line.length);
        draft->line_length = d->line.length;
    }
    return draft->row.text && draft->amounts && (draft->line || !s->files.csv) && keep_origin(d, line, draft, arena) ? draft : NULL;
}
