#include "book/summary.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "book/state.h"
#include "certificate/canonical.h"
#include "form/spot.h"

#define PLACE_TITLE 180 /* bytes */
#define PLACE_TEXT 600
#define FROZEN 3 /* columns kept in view beside people's rows, and repeated on each printed page */

/* ---- sheets */

static const struct table_column *make_heads(struct summary *s)
{
    const struct plan *p = s->plan;
    size_t count = p->column_count + 1 + PLAN_WORDS + p->group_count;

    s->heads = arena_array(&s->arena, count + 1, sizeof *s->heads);
    for (size_t i = 0; s->heads && i < p->column_count; i++)
        s->heads[i] = (struct table_column){p->columns[i].head, p->columns[i].width, false, p->columns[i].page};
    for (size_t i = p->column_count; s->heads && i < count; i++)
        s->heads[i] = (struct table_column){p->heads[LABEL_INDEX], 8, true, false};
    return s->heads;
}

/* A sheet that cannot go on on another one. */
static bool open_single(struct summary *s, enum sheet_kind kind, const struct table_column *heads, size_t count, int frozen,
                        struct tc_error *err)
{
    s->single[kind] = xlsx_sheet(s->xlsx, s->plan->titles[kind], heads, count, kind == SHEET_OVERVIEW ? -1 : 0, frozen, err);
    return s->single[kind] >= 0 && (kind == SHEET_OVERVIEW || sheets_heads(s, s->single[kind], heads, count, err));
}

/* A column of the program's own words; one that nobody sees; one that a printed page begins with. */
static struct table_column own(const struct summary *s, enum label title, int width)
{
    return (struct table_column){s->plan->heads[title], width, false, false};
}

static struct table_column own_hidden(const struct summary *s, enum label title, int width)
{
    return (struct table_column){s->plan->heads[title], width, true, false};
}

static struct table_column own_page(const struct summary *s, enum label title, int width)
{
    return (struct table_column){s->plan->heads[title], width, false, true};
}

static bool open_overview(struct summary *s, struct tc_error *err)
{
    const struct table_column heads[] = {{.width = 44}, {.width = 17}, {.width = 15}, {.width = 16},
                                         {.width = 2},  {.width = 14}, {.width = 23}};

    return open_single(s, SHEET_OVERVIEW, heads, sizeof heads / sizeof *heads, 0, err);
}

static bool open_reconciliation(struct summary *s, struct tc_error *err)
{
    const struct table_column rest[] = {own(s, LABEL_CALENDAR_YEAR, 9),
                                        own(s, LABEL_CODE, 9),
                                        own(s, LABEL_CODE_TEXT, 35),
                                        own(s, LABEL_ISSUED, 14),
                                        own(s, LABEL_HELD, 14),
                                        own(s, LABEL_PAYROLL, 14),
                                        own(s, LABEL_DECLARED, 15),
                                        own(s, LABEL_DIFFERENCE, 15),
                                        own(s, LABEL_CHECK, 12),
                                        own_page(s, LABEL_REMARK, 48),
                                        own(s, LABEL_EXPLAINED, 18),
                                        own_hidden(s, LABEL_INDEX, 8),
                                        own_hidden(s, LABEL_INDEX, 8),
                                        own_hidden(s, LABEL_INDEX, 12),
                                        own_hidden(s, LABEL_INDEX, 12),
                                        own_hidden(s, LABEL_INDEX, 12),
                                        own_hidden(s, LABEL_HELD, 12),
                                        own_hidden(s, LABEL_DECLARED, 12),
                                        own_hidden(s, LABEL_OPEN_MONTHS, 12)};
    struct table_column heads[5 + sizeof rest / sizeof *rest];
    size_t count = 0;

    heads[count++] = own(s, LABEL_ESTABLISHMENT, 11);
    for (size_t i = 0; i < s->plan->shown_count; i++)
        heads[count++] = (struct table_column){s->plan->shown[i].head, s->plan->shown[i].width, false, false};
    memcpy(heads + count, rest, sizeof rest);
    return open_single(s, SHEET_RECONCILIATION, heads, count + sizeof rest / sizeof *rest, (int)count + 2, err);
}

static bool open_totals(struct summary *s, struct tc_error *err)
{
    struct table_column *heads = arena_array(&s->arena, 6 + s->control_count, sizeof *heads);

    if (!heads)
        return error_memory(err);
    heads[0] = own(s, LABEL_GROUP_KIND, 20);
    heads[1] = own(s, LABEL_GROUP_KEY, 16);
    heads[2] = own(s, LABEL_GROUP_TEXT, 28);
    heads[3] = own(s, LABEL_INDEX, 6);
    heads[4] = own(s, LABEL_COUNT_COLUMN, 9);
    for (size_t i = 0; i < s->control_count; i++)
        heads[5 + i] = (struct table_column){s->plan->columns[s->control[i]].head, 18, false, false};
    heads[5 + s->control_count] = own(s, LABEL_CHECK, 12);
    return open_single(s, SHEET_TOTALS, heads, 6 + s->control_count, 3, err);
}

static bool open_origin(struct summary *s, struct tc_error *err)
{
    struct table_column heads[5 + TRAIL_MONTHS + 1] = {{summary_number_title(s), 13, false, false},
                                                       own(s, LABEL_CERTIFICATE, 18),
                                                       own(s, LABEL_LINE, 34),
                                                       own(s, LABEL_WAGE_TYPE, 10),
                                                       own(s, LABEL_TEXT, 30)};

    for (int m = 0; m < TRAIL_MONTHS; m++) {
        const char *month = arena_printf(&s->arena, "%s %02d", s->plan->labels[LABEL_MONTHS], m + 1);

        if (!month)
            return error_memory(err);
        heads[5 + m] = (struct table_column){month, 12, false, false};
    }
    heads[5 + TRAIL_MONTHS] = own(s, LABEL_SUM, 14);
    return open_single(s, SHEET_ORIGIN, heads, 5 + TRAIL_MONTHS + 1, 4, err);
}

static bool open_declarations(struct summary *s, struct tc_error *err)
{
    const struct table_column first[] = {own(s, LABEL_ESTABLISHMENT, 13), own(s, LABEL_PERIOD, 10), own(s, LABEL_CALENDAR_YEAR, 9),
                                         own(s, LABEL_DECLARATION_KIND, 14), own(s, LABEL_COUNTS_ONE, 11)};
    struct table_column *heads = arena_array(&s->arena, DECLARATION_COLUMNS + s->plan->declared_count + 4 + 2 * PLAN_FLATS_MAX,
                                             sizeof *heads);
    size_t count = DECLARATION_COLUMNS;

    if (!heads)
        return error_memory(err);
    memcpy(heads, first, sizeof first);
    for (size_t c = 0; c < s->plan->declared_count; c++) {
        const struct plan_code *code = &s->plan->codes[c];

        if (code->code) {
            int longest = (int)strlen(code->code) + 3; /* it is not broken */

            heads[count++] = (struct table_column){arena_printf(&s->arena, "%s %s", code->code, code->head), longest > 15 ? longest : 15,
                                                   false, false};
        }
    }
    heads[count++] = own(s, LABEL_SUMS_CHECK, 15);
    for (size_t i = 0; i < 2 + 2 * s->plan->flat_count; i++)
        heads[count++] = own_hidden(s, LABEL_INDEX, 10);
    return !s->arena.failed ? open_single(s, SHEET_DECLARATIONS, heads, count, 2, err) : error_memory(err);
}

static bool open_people(struct summary *s, struct sheet_rows *r, enum sheet_kind kind, size_t numbers, struct tc_error *err)
{
    *r = (struct sheet_rows){.title = s->plan->titles[kind],
                             .heads = s->heads,
                             .column_count = s->plan->column_count + numbers,
                             .frozen = FROZEN,
                             .open_sums = r == &s->held,
                             .sums = arena_array(&s->arena, s->plan->column_count + numbers + 1, sizeof *r->sums)};
    return r->sums ? sheets_open(s, r, err) : error_memory(err);
}

static bool open_findings(struct summary *s, struct tc_error *err)
{
    const struct table_column heads[] = {{summary_number_title(s), 13, false, false},
                                         own(s, LABEL_CERTIFICATE, 18),
                                         own(s, LABEL_SEVERITY, 14),
                                         own(s, LABEL_RULE, 25),
                                         own(s, LABEL_FILE, 14),
                                         own(s, LABEL_POINTER, 38),
                                         own(s, LABEL_MESSAGE, 60),
                                         own_page(s, LABEL_SOURCE, 50),
                                         own(s, LABEL_WAGE_TYPES, 20),
                                         own(s, LABEL_REASON, 40),
                                         own(s, LABEL_APPROVED_BY, 24)};
    struct table_column *kept = arena_alloc(&s->arena, sizeof heads);

    if (!kept)
        return error_memory(err);
    memcpy(kept, heads, sizeof heads);
    s->findings = (struct sheet_rows){
        .title = s->plan->titles[SHEET_FINDINGS], .heads = kept, .column_count = sizeof heads / sizeof *heads, .frozen = 2};
    return sheets_open(s, &s->findings, err);
}

/* Whether it is one of the columns kept in view that say who somebody is. */
static bool is_name(const struct summary *s, size_t column)
{
    return column < s->plan->column_count && s->plan->columns[column].kind == COLUMN_FIELD && s->plan->columns[column].group < 0;
}

static bool open_without(struct summary *s, struct tc_error *err)
{
    struct table_column *heads = arena_array(&s->arena, FROZEN + 1, sizeof *heads);
    size_t count = 0;

    if (!heads)
        return error_memory(err);
    heads[count++] = (struct table_column){summary_number_title(s), 18, false, false};
    for (size_t i = 0; i < FROZEN; i++)
        if (is_name(s, i))
            heads[count++] = (struct table_column){s->plan->columns[i].head, 26, false, false};
    heads[count++] = own(s, LABEL_REASON, 60);
    s->without = (struct sheet_rows){
        .title = s->plan->titles[SHEET_WITHOUT], .heads = heads, .column_count = count, .frozen = (int)count - 1};
    return sheets_open(s, &s->without, err);
}

static bool open_sheet(struct summary *s, enum sheet_kind kind, struct tc_error *err)
{
    switch (kind) {
    case SHEET_OVERVIEW: return open_overview(s, err);
    case SHEET_RECONCILIATION: return open_reconciliation(s, err);
    case SHEET_CERTIFICATES: return open_people(s, &s->certificates, kind, 1 + PLAN_WORDS + s->plan->group_count, err);
    case SHEET_TOTALS: return open_totals(s, err);
    case SHEET_ORIGIN: return open_origin(s, err);
    case SHEET_DECLARATIONS: return open_declarations(s, err);
    case SHEET_FINDINGS: return open_findings(s, err);
    case SHEET_HELD: return open_people(s, &s->held, kind, 1 + PLAN_WORDS, err);
    case SHEET_CORRECTIONS: return !s->run->corrects || corrections_open(s, err);
    default: return open_without(s, err);
    }
}

static bool open_csv(struct summary *s, struct tc_error *err)
{
    if (!s->files.csv)
        return true;
    for (size_t i = 0; i < s->plan->column_count; i++)
        buf_printf(&s->line, "%s,", s->plan->columns[i].id);
    buf_puts(&s->line, "state\r\n");
    return (!s->line.failed || error_memory(err)) && stream_open(&s->csv, s->files.csv, err)
           && stream_add(&s->csv, s->line.data, s->line.length, err);
}

/* ---- creation */

static bool find_amounts(struct summary *s)
{
    s->money = arena_array(&s->arena, s->plan->column_count + 1, sizeof *s->money);
    s->amounts = arena_array(&s->arena, s->t->field_count + 1, sizeof *s->amounts);
    for (size_t i = 0; s->money && i < s->plan->column_count; i++)
        if (s->plan->columns[i].field >= 0 && s->t->fields[s->plan->columns[i].field].type == FIELD_MONEY)
            s->money[s->money_count++] = i;
    for (size_t i = 0; s->amounts && i < s->t->field_count; i++)
        if (s->t->fields[i].type == FIELD_MONEY && s->plan->columned[i])
            s->amounts[s->amount_count++] = i;
    return s->money && s->amounts;
}

static bool find_control(struct summary *s)
{
    s->control = arena_array(&s->arena, s->plan->column_count + 1, sizeof *s->control);
    for (size_t i = 0; s->control && i < s->plan->column_count; i++) {
        const struct plan_column *c = &s->plan->columns[i];

        if (c->field >= 0 && s->t->fields[c->field].control && s->t->fields[c->field].type == FIELD_MONEY)
            s->control[s->control_count++] = (int)i;
    }
    return s->control != NULL;
}

static bool make_room(struct summary *s)
{
    s->tallies = arena_array(&s->arena, s->plan->group_count + 1, sizeof *s->tallies);
    s->group_checks = arena_array(&s->arena, s->plan->group_count + 1, sizeof *s->group_checks);
    s->totals = arena_array(&s->arena, s->t->field_count + 1, sizeof *s->totals);
    s->waived = arena_array(&s->arena, WAIVERS_SHOWN, sizeof *s->waived);
    s->changed = arena_array(&s->arena, s->t->field_count + 1, sizeof *s->changed);
    s->unit = 1;
    for (int i = 0; i < s->t->digits; i++)
        s->unit *= 10;
    if (!find_amounts(s))
        return false;
    s->money_first = s->money_count > 0 ? (int)s->money[0] : 0;
    s->money_last = s->money_count > 0 ? (int)s->money[s->money_count - 1] : -1;
    snprintf(s->tolerance, sizeof s->tolerance, "0.%.*s5", s->t->digits, "0000000");
    return find_control(s) && make_heads(s) && block_room(s, &s->room, &s->arena) && !s->arena.failed;
}

struct summary *summary_create(const struct template *t, const struct plan *plan, const struct summary_run *run,
                               const struct summary_files *files, struct tc_error *err)
{
    struct xlsx_document document = {.title = plan->labels[LABEL_TITLE],
                                     .company = run->employer,
                                     .run = run->identity,
                                     .created = run->issued,
                                     .digits = t->digits,
                                     .passed = plan->labels[LABEL_PASSED],
                                     .failed = plan->labels[LABEL_FAILED],
                                     .incomplete = plan->labels[LABEL_INCOMPLETE],
                                     .unchecked = plan->labels[LABEL_UNCHECKED],
                                     .no_rows = plan->labels[LABEL_NO_ROWS],
                                     .dates = plan->dates};
    struct summary *s = calloc(1, sizeof *s);
    bool ok;

    if (!s) {
        error_memory(err);
        return NULL;
    }
    *s = (struct summary){.t = t, .plan = plan, .run = run, .files = *files, .block = -1};
    ok = ((s->maker = summary_maker_new(s)) && make_room(s)) || error_memory(err);
    s->xlsx = ok ? xlsx_create(files->workbook, files->temporary, &document, err) : NULL;
    ok = s->xlsx && open_csv(s, err) && origin_open(s, err);
    for (size_t i = 0; ok && i < plan->sheet_count; i++)
        ok = open_sheet(s, plan->order[i], err);
    ok = ok && extra_open(s, err);
    if (ok)
        return s;
    summary_free(s);
    return NULL;
}

void summary_free(struct summary *s)
{
    if (!s)
        return;
    xlsx_free(s->xlsx);
    tally_free(s);
    stream_drop(&s->csv);
    stream_drop(&s->origin);
    buf_free(&s->line);
    buf_free(&s->formula);
    block_free(&s->room);
    summary_maker_free(s->maker);
    arena_free(&s->made);
    arena_free(&s->arena);
    free(s);
}

/* ---- rows */

static bool add_totals(struct summary *s, const struct record *record)
{
    for (size_t i = 0; i < s->amount_count; i++) {
        const struct value *v = &record->values[s->amounts[i]];

        if (v->present && !money_add(&s->totals[s->amounts[i]], v->number))
            return false;
    }
    return true;
}

bool summary_place(struct summary *s, struct summary_line *line, struct tc_error *err)
{
    bool issued = line->entry->state == LEDGER_ISSUED, refused = line->entry->state == LEDGER_REFUSED;

    s->certificate_count += !refused;
    *(issued ? &s->issued : refused ? &s->refused : &s->held_count) += 1;
    if (!issued)
        return true;
    if (!add_totals(s, line->record))
        return error_set(err, TC_INPUT, NULL, NULL, "amount-range", "the total of a line is too large; check the amounts of the data");
    return tally_add(s, line->record, line->spot.groups, err) && sheets_keep_row(s, &s->certificates, line->record, &line->spot, err);
}

/* All numbers between the first and the last column of amounts, of one who is held back or refused. */
static void add_to_area(struct summary *s)
{
    for (int i = s->money_first; i <= s->money_last; i++) {
        const struct cell *c = &s->room.cells[i];
        bool count = c->kind == CELL_COUNT, amount = c->kind == CELL_MONEY && c->digits == s->t->digits;

        if ((count && !money_add(&s->areas[SHEET_HELD], c->number * s->unit)) || (amount && !money_add(&s->areas[SHEET_HELD], c->number))
            || c->kind == CELL_DATE || (c->kind == CELL_MONEY && !amount))
            s->area_lost[SHEET_HELD] = true;
    }
}

bool summary_show(struct summary *s, const struct summary_line *line, struct tc_error *err)
{
    if (line->entry->state == LEDGER_ISSUED)
        return origin_add(s, line, err);
    if (!block_cells(s, &s->room, line))
        return error_memory(err);
    add_to_area(s);
    return sheets_row(s, &s->held, s->room.cells, err);
}

/* Of what summary_add was given. */
static bool end_block(struct summary *s, struct tc_error *err)
{
    const struct summary_block *block = s->block >= 0 ? summary_made(s->maker, &s->made, err) : NULL;
    bool ok = s->block < 0 || (block && summary_write(s, block, err) && summary_join(s, block, err));

    s->block = -1;
    arena_reset(&s->made);
    return ok;
}

bool summary_make_alone(struct summary *s, const struct summary_line *line, struct tc_error *err)
{
    int64_t block = line->entry->number / SUMMARY_BLOCK;

    if (s->block != block && !end_block(s, err))
        return false;
    s->block = block;
    return summary_make(s->maker, line, &s->made, err);
}

bool summary_add(struct summary *s, struct summary_line *line, struct tc_error *err)
{
    return summary_place(s, line, err) && summary_show(s, line, err) && summary_make_alone(s, line, err);
}

/* Waived by the same words: one answer for many certificates. */
static bool is_like(const struct waived *w, const struct ledger_finding *f)
{
    return w->rule && w->reason && w->who && f->rule && f->reason && f->who && !strcmp(w->rule, f->rule) && !strcmp(w->reason, f->reason)
           && !strcmp(w->who, f->who);
}

static void keep_waived(struct summary *s, const struct ledger_finding *f)
{
    const char *texts[] = {f->id, f->rule, f->reason, f->who}, *kept[4];

    s->waived_count++;
    for (long i = 0; i < s->waived_shown; i++)
        if (is_like(&s->waived[i], f)) {
            s->waived[i].count++;
            return;
        }
    if (s->waived_shown == WAIVERS_SHOWN) {
        s->waived_more = true;
        return;
    }
    for (int i = 0; i < 4; i++)
        kept[i] = texts[i] ? arena_copy(&s->arena, texts[i], strlen(texts[i])) : NULL;
    s->waived[s->waived_shown++] = (struct waived){kept[0], kept[1], kept[2], kept[3], 1};
}

/* The field as the sheets call it, and where it stands in the file. In room, or the pointer itself where the form has no name for it. */
static const char *name_place(const struct summary *s, const char *pointer, char room[PLACE_TEXT])
{
    struct spot spot;
    size_t length;

    if (!pointer || !spot_find(s->plan, s->t, pointer, &spot) || spot.english)
        return pointer;
    length = spot.list && !spot.row ? strcspn(spot.title, ":") : strlen(spot.title); /* a list's name ends at the colon */
    length = length < PLACE_TITLE ? length : PLACE_TITLE;
    if (spot.row > 0)
        snprintf(room, PLACE_TEXT, "%.*s (%ld), %s", (int)length, spot.title, spot.row, pointer);
    else
        snprintf(room, PLACE_TEXT, "%.*s, %s", (int)length, spot.title, pointer);
    return room;
}

bool summary_add_finding(struct summary *s, const struct ledger_finding *f, struct tc_error *err)
{
    char place[PLACE_TEXT];
    static const enum label severities[] = {LABEL_WARNING, LABEL_ERROR, LABEL_WAIVED_ONE};
    const struct cell cells[] = {summary_text(f->personnel_number),
                                 summary_text(f->id),
                                 summary_text(s->plan->labels[severities[f->severity]]),
                                 summary_text(f->rule),
                                 summary_text(f->file),
                                 summary_text(name_place(s, f->pointer, place)),
                                 summary_text(f->message),
                                 summary_text(f->source),
                                 summary_text(f->wage_types),
                                 summary_text(f->reason),
                                 summary_text(f->who)};

    s->warnings += f->severity == SEVERITY_WARNING;
    if (f->severity == SEVERITY_WAIVED)
        keep_waived(s, f);
    return sheets_row(s, &s->findings, cells, err);
}

bool summary_add_person(struct summary *s, const struct ledger_person *person, struct tc_error *err)
{
    struct cell cells[FROZEN + 1] = {summary_text(person->personnel_number)};
    struct record record = {0};
    char rooms[FROZEN][16];
    size_t count = 1;

    arena_reset(&s->room.texts);
    if (person->record && !canonical_record(s->t, person->record, &s->room.texts, &record, err))
        return false;
    for (size_t i = 0; i < FROZEN; i++)
        if (is_name(s, i))
            cells[count++] = person->record ? summary_value(s, &s->plan->columns[i], &record.values[s->plan->columns[i].field], rooms[i])
                                            : (struct cell){.kind = CELL_EMPTY};
    cells[count] = summary_text(person->reason ? person->reason : s->plan->labels[LABEL_NO_REASON]);
    s->without_count++;
    s->unexplained += person->reason == NULL;
    return sheets_row(s, &s->without, cells, err);
}

void summary_add_unreadable(struct summary *s, long people, long unexplained)
{
    s->without_count += people;
    s->unexplained += unexplained;
}

/* ---- the end */

static bool name_columns(struct summary *s, struct tc_error *err)
{
    for (size_t i = 0; i < s->plan->column_count && s->certificates.sheet_count == 1 && s->issued > 0; i++)
        if (s->plan->columns[i].name
            && !xlsx_name(s->xlsx, s->plan->columns[i].name, s->certificates.sheets[0], 1, s->certificates.counts[0], (int)i, err))
            return false;
    return true;
}

static bool write_rest(struct summary *s, struct summary_made *made, struct tc_error *err)
{
    return sheets_end(s, &s->certificates, err) && sheets_end(s, &s->held, err) && sheets_end(s, &s->findings, err)
           && sheets_end(s, &s->without, err) && (s->corrections.sheet_count == 0 || sheets_end(s, &s->corrections, err))
           && extra_end(s, err) && name_columns(s, err) && totals_write(s, err)
           && (s->plan->code_count == 0 || (declarations_write(s, err) && reconciliation_write(s, err))) && origin_close(s, made, err)
           && overview_write(s, err);
}

bool summary_close(struct summary *s, struct summary_made *made, struct tc_error *err)
{
    bool ok = end_block(s, err) && write_rest(s, made, err) && (!s->files.csv || stream_close(&s->csv, made->csv_hash, err));

    if (ok) {
        struct xlsx *x = s->xlsx;

        s->xlsx = NULL;
        ok = xlsx_close(x, err);
    }
    summary_free(s);
    return ok;
}
