/* A correcting run: the year again, from the ledger of the run before, with what was changed put in its place. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "certificate/canonical.h"
#include "run/previous.h"
#include "run/run.h"
#include "store/chain.h"
#include "store/events.h"
#include "store/manifest.h"

/* A certificate of the changes that was issued. Texts live as long as the run. */
struct change {
    struct ledger_entry entry;
    const char *reason, *before; /* of the one it corrects; NULL: it is late */
};

/* What is kept until the year is gone through. */
struct correcting {
    struct previous previous;
    struct prepared marked; /* the form with the correction's mark */
    struct certify_before before;
    struct arena arena;
    struct change *list;
    size_t count, capacity;
    const struct change **by_id, **by_person; /* the same list in those orders, once it is complete */
    const char **ids; /* of all certificates of the changes that could be read, in order once they are compared */
    size_t id_count;
    struct arena record; /* the one in hand */
};

/* ---- opening */

static bool find_before(const void *ctx, const char *id, const char *personnel_number, struct arena *arena, struct certify_found *found,
                        struct tc_error *err)
{
    return previous_find(ctx, id, personnel_number, arena, found, err);
}

static bool differs_in_case(const void *ctx, const char *id, bool *differs, struct tc_error *err)
{
    return previous_differs_in_case(ctx, id, differs, err);
}

static bool is_cancelled(const void *ctx, const char *id)
{
    return previous_is_cancelled(ctx, id);
}

/* Opens the run that is corrected and the form as it was used there, once unmarked and once as a correction. */
static bool open_previous(struct run *run, const char *templates, int32_t issued, unsigned marks)
{
    const struct tc_options *o = run->options;
    struct correcting *c = calloc(1, sizeof *c);
    char fonts[PREPARED_PATH_MAX + 8], form[PREPARED_PATH_MAX + 8];

    run->state = c;
    if (!c)
        return error_memory(run->err);
    if (snprintf(fonts, sizeof fonts, "%s/fonts", templates) >= (int)sizeof fonts
        || snprintf(form, sizeof form, "%s/form", o->corrects) >= (int)sizeof form)
        return error_set(run->err, TC_USAGE, NULL, NULL, "path", "the path is too long");
    if (!previous_open(&c->previous, o->corrects, o->output, run->err)
        || !previous_compare(&c->previous, input_head(run->in.input), o->payroll, run->err)
        || !prepared_load_folder(&run->in.form, form, fonts, issued, marks, run->err)
        || !manifest_form(&run->in.form, c->previous.list, run->err)
        || !prepared_load_folder(&c->marked, form, fonts, issued, marks | MARK_CORRECTION, run->err))
        return false;
    if (!run->in.declarations)
        run->in.declarations = c->previous.archive.declarations;
    return true;
}

static void identify(const struct run *run, struct buf *text)
{
    const struct correcting *c = run->state;

    buf_printf(text, "%s\n", c->previous.sums);
}

/* Refuses a run that another one corrects already: the year would have two states. */
static bool check_first(const struct run *run, const struct previous *previous)
{
    struct chain_next next;

    if (!chain_find_next(previous->folder, &next, run->err))
        return false;
    return !next.superseded || !strcmp(next.identity, run->in.identity)
           || error_set(run->err, TC_USAGE, previous->folder, NULL, "superseded",
                        "this run was corrected already: what is to be corrected now is the run that did so");
}

static bool admit(struct run *run)
{
    struct correcting *c = run->state;

    c->before = (struct certify_before){&c->previous, c->previous.places, &c->marked, find_before, differs_in_case, is_cancelled};
    run->job.before = &c->before;
    run->out.facts.corrects = c->previous.identity;
    run->out.facts.first_totals = stored_run_first_totals(&c->previous.archive, run->err);
    return run->out.facts.first_totals && check_first(run, &c->previous);
}

/* ---- the changes */

static int by_number(const void *a, const void *b)
{
    int64_t x = ((const struct change *)a)->entry.number, y = ((const struct change *)b)->entry.number;

    return (x > y) - (x < y);
}

/* What comes in this place of the year's list; only once all changes are there, in order. */
static struct change *find_change(const struct correcting *c, int64_t number)
{
    const struct change key = {.entry.number = number};

    return c->count > 0 ? bsearch(&key, c->list, c->count, sizeof *c->list, by_number) : NULL;
}

static int by_change_id(const void *a, const void *b)
{
    return strcmp((*(const struct change *const *)a)->entry.id, (*(const struct change *const *)b)->entry.id);
}

static int by_change_person(const void *a, const void *b)
{
    return strcmp((*(const struct change *const *)a)->entry.personnel_number, (*(const struct change *const *)b)->entry.personnel_number);
}

/* Brings the changes into the orders that they are looked for in. False when memory ran out. */
static bool sort_changes(struct correcting *c)
{
    c->by_id = calloc(c->count + 1, sizeof *c->by_id);
    c->by_person = calloc(c->count + 1, sizeof *c->by_person);
    if (!c->by_id || !c->by_person)
        return false;
    if (c->count == 0)
        return true;
    qsort(c->list, c->count, sizeof *c->list, by_number);
    for (size_t i = 0; i < c->count; i++)
        c->by_id[i] = c->by_person[i] = &c->list[i];
    qsort(c->by_id, c->count, sizeof *c->by_id, by_change_id);
    qsort(c->by_person, c->count, sizeof *c->by_person, by_change_person);
    return true;
}

/* The change that was issued under this id for this person; handles may be NULL. */
static const struct change *find_replacing(const struct correcting *c, const char *id, const char *personnel_number)
{
    const struct change key = {.entry.id = id}, *wanted = &key, *const *found;

    if (!id || !personnel_number || c->count == 0)
        return NULL;
    found = bsearch(&wanted, c->by_id, c->count, sizeof wanted, by_change_id);
    return found && !strcmp((*found)->entry.personnel_number, personnel_number) ? *found : NULL;
}

static const char *keep(struct correcting *c, const char *text)
{
    return text ? arena_copy(&c->arena, text, strlen(text)) : NULL;
}

/* A new place in the list, or NULL when memory ran out. */
static struct change *add_change(struct correcting *c)
{
    if (c->count == c->capacity) {
        size_t capacity = c->capacity ? 2 * c->capacity : 64;
        struct change *list = realloc(c->list, capacity * sizeof *list);

        if (!list)
            return NULL;
        c->list = list;
        c->capacity = capacity;
    }
    return &c->list[c->count++];
}

/* Keeps a certificate that was worked out, until its place in the year is reached. */
static bool take(struct run *run, const struct certify_result *r, struct summary_line *line)
{
    struct correcting *c = run->state;
    const struct ledger_entry *entry = line->entry;
    struct change *change;

    if (!r->issued) {
        run->result->refused++;
        return true;
    }
    change = add_change(c);
    if (!change)
        return error_memory(run->err);
    *change = (struct change){.entry = *entry, .reason = keep(c, r->reason), .before = keep(c, r->before)};
    change->entry.corrects = r->reason != NULL;
    change->entry.id = keep(c, entry->id);
    change->entry.personnel_number = keep(c, entry->personnel_number);
    change->entry.file = keep(c, entry->file);
    change->entry.record = keep(c, entry->record);
    change->entry.trail = keep(c, entry->trail);
    change->entry.words = keep(c, entry->words);
    return !c->arena.failed || error_memory(run->err);
}

/* ---- rules among one person's certificates */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int by_person(const void *a, const void *b)
{
    return strcmp(((const struct across_record *)a)->person, ((const struct across_record *)b)->person);
}

/* All of the changes: those that they are compared with are in the run before. */
static bool choose(struct run *run, size_t **indices, size_t *count)
{
    *indices = NULL;
    *count = input_certificates(run->in.input);
    return true;
}

static bool meet(struct run *run, const char *id, size_t most)
{
    struct correcting *c = run->state;

    if (!c->ids && !(c->ids = calloc(most + 1, sizeof *c->ids)))
        return error_memory(run->err);
    c->ids[c->id_count++] = keep(c, id);
    return !c->arena.failed || error_memory(run->err);
}

struct people {
    struct run *run;
    struct across_record **records;
    size_t *count;
    size_t changes; /* the first so many records are those of the changes */
};

static bool is_concerned(const struct people *p, const struct record *record)
{
    const struct value *person = &record->values[p->run->in.form.template->person];
    const struct across_record key = {.person = person->text};

    return person->present && bsearch(&key, *p->records, p->changes, sizeof key, by_person);
}

static bool add_valid(void *ctx, const struct ledger_entry *entry, struct tc_error *err)
{
    struct people *p = ctx;
    struct run *run = p->run;
    struct correcting *c = run->state;
    const char *establishment;
    struct record record;
    struct trail trail;
    struct across_record *records;

    if (entry->state != LEDGER_ISSUED || previous_is_cancelled(&c->previous, entry->id)
        || bsearch(&entry->id, c->ids, c->id_count, sizeof entry->id, by_text))
        return true;
    arena_reset(&c->record);
    if (!stored_run_read(&c->previous.archive, entry, &c->record, &establishment, &record, &trail, err))
        return false;
    if (!is_concerned(p, &record))
        return true;
    records = realloc(*p->records, (*p->count + 1) * sizeof *records);
    if (!records)
        return error_memory(err);
    *p->records = records;
    records[*p->count].number = SIZE_MAX; /* nothing is reported of it */
    return across_describe(run->across, &record, entry->personnel_number, &records[(*p->count)++]) || error_memory(err);
}

/* Adds the valid certificates of the people that the changes are about. */
static bool add_people(struct run *run, struct across_record **records, size_t *count)
{
    struct correcting *c = run->state;
    struct people p = {run, records, count, *count};

    if (*count == 0)
        return true;
    qsort(c->ids, c->id_count, sizeof *c->ids, by_text);
    qsort(*records, *count, sizeof **records, by_person);
    return ledger_each(c->previous.archive.ledger, add_valid, &p, run->err);
}

/* ---- the year */

/* Cancelled certificates stand in the ledger, and in nothing that counts what is valid. */
static bool book_entry(struct run *run, const struct ledger_entry *entry, struct summary_line *line)
{
    if (entry->state == LEDGER_CANCELLED)
        return !run->options->output || ledger_add(run->out.ledger, entry, run->err);
    return run_book(run, line);
}

/* An entry of the year, its record read back from its text. */
static bool book(struct run *run, const struct wages *wages, struct ledger_entry *entry)
{
    struct correcting *c = run->state;
    struct summary_line line = {.entry = entry};
    struct record record;
    struct trail trail;
    struct buf words = {0};
    bool ok;

    if (entry->record) {
        if (!stored_run_restore(run->in.form.template, wages, entry, &c->record, &line.establishment, &record, &trail, run->err))
            return false;
        line.record = &record;
        line.trail = &trail;
    }
    if (entry->personnel_number) {
        canonical_words(run->in.form.template, line.record, entry->personnel_number, entry->id, &words);
        buf_add(&words, "", 1);
        entry->words = words.data;
    }
    ok = words.failed ? error_memory(run->err) : book_entry(run, entry, &line);
    buf_free(&words);
    return ok;
}

/* What was changed stands in ledger and workbook, old and new side by side. */
static bool tell_change(struct run *run, const struct ledger_correction *k)
{
    struct correcting *c = run->state;
    const struct template *t = run->in.form.template;
    struct record before, after;

    arena_reset(&c->record);
    return (!k->before || canonical_record(t, k->before, &c->record, &before, run->err))
           && (!k->after || canonical_record(t, k->after, &c->record, &after, run->err))
           && sinks_correction(&run->sinks, k, k->before ? &before : NULL, k->after ? &after : NULL, run->err);
}

static bool issue(struct run *run, struct change *change)
{
    struct correcting *c = run->state;

    *(change->reason ? &run->result->corrected : &run->result->late) += 1;
    arena_reset(&c->record);
    return book(run, run->in.wages, &change->entry);
}

static bool carry(void *ctx, const struct ledger_entry *old, struct tc_error *err)
{
    struct run *run = ctx;
    struct correcting *c = run->state;
    struct ledger_entry entry = *old;
    struct change *change = find_change(c, old->number);

    if (change)
        return issue(run, change);
    if (old->state == LEDGER_WITHHELD && find_replacing(c, old->id, old->personnel_number))
        return true; /* it was sent more than once, and is issued now */
    arena_reset(&c->record);
    entry.file = old->file ? previous_path(&c->previous, old->file, &c->record) : NULL;
    if (old->file && !entry.file)
        return error_memory(err);
    if (previous_cancels(&c->previous, old->number)) {
        entry.state = LEDGER_CANCELLED;
        run->result->cancelled++;
    }
    return book(run, c->previous.archive.wages, &entry);
}

/* What earlier runs changed, and what this one does. */
static bool carry_change(void *ctx, const struct ledger_correction *c, struct tc_error *err)
{
    (void)err;
    return tell_change(ctx, c);
}

static bool tell_changes(struct run *run)
{
    const struct correcting *c = run->state;
    const struct previous *e = &c->previous;
    const char *issued = json_string_value(json_object_get(run->in.given, "issued"));

    if (!ledger_each_correction(e->archive.ledger, carry_change, run, run->err))
        return false;
    for (size_t i = 0; i < e->cancellation_count; i++) {
        const struct cancellation *k = &e->cancellations[i];

        if (!tell_change(run, &(struct ledger_correction){.change = LEDGER_CANCELLATION, .id = k->id, .personnel_number = k->personnel_number,
                                                          .issued = issued, .reason = k->reason, .before = k->record}))
            return false;
    }
    for (size_t i = 0; i < c->count; i++) {
        const struct change *k = &c->list[i];

        if (!tell_change(run, &(struct ledger_correction){.change = k->reason ? LEDGER_CORRECTION : LEDGER_LATE, .id = k->entry.id,
                                                          .personnel_number = k->entry.personnel_number, .issued = issued,
                                                          .reason = k->reason, .before = k->before, .after = k->entry.record}))
            return false;
    }
    return true;
}

/* Findings about certificates that are still as they were. */
static bool carry_finding(void *ctx, const struct ledger_finding *f, struct tc_error *err)
{
    struct run *run = ctx;
    struct correcting *c = run->state;

    return (f->id && (find_replacing(c, f->id, f->personnel_number) || previous_cancels(&c->previous, f->number)))
           || sinks_finding(&run->sinks, f, err);
}

static bool carry_person(void *ctx, const char *personnel_number, const char *reason, struct tc_error *err)
{
    struct run *run = ctx;
    const struct correcting *c = run->state;

    (void)err;
    const struct change key = {.entry.personnel_number = personnel_number}, *wanted = &key;

    if (c->count > 0 && bsearch(&wanted, c->by_person, c->count, sizeof wanted, by_change_person))
        return true;
    return run_book_person(run, personnel_number, reason);
}

static bool carry_unreadable(struct run *run)
{
    const struct correcting *c = run->state;
    struct ledger *before = c->previous.archive.ledger;
    char people[32], unexplained[32];

    if (!ledger_get(before, "unreadable_people", people, sizeof people, run->err)
        || !ledger_get(before, "unreadable_unexplained", unexplained, sizeof unexplained, run->err))
        return false;
    run->result->unreadable = strtol(people, NULL, 10);
    run->unreadable_unexplained = strtol(unexplained, NULL, 10);
    run->result->without += run->result->unreadable;
    run->result->unexplained += run->unreadable_unexplained;
    return true;
}

/* All certificates of the year, their findings and the people without one, in the order of the run before; late ones follow. */
static bool complete(struct run *run)
{
    struct correcting *c = run->state;
    struct ledger *before = c->previous.archive.ledger;

    if (!sort_changes(c))
        return error_memory(run->err);
    if (!ledger_each(before, carry, run, run->err))
        return false;
    for (size_t i = 0; i < c->count; i++)
        if (c->list[i].entry.number >= c->previous.places && !issue(run, &c->list[i])) /* nobody's place: late */
            return false;
    return ledger_each_finding(before, carry_finding, run, run->err) && ledger_each_person(before, carry_person, run, run->err)
           && carry_unreadable(run) && tell_changes(run);
}

/* ---- the end */

static bool carry_run(void *ctx, const struct ledger_run *earlier, struct tc_error *err)
{
    struct run *run = ctx;
    struct correcting *c = run->state;
    const char *path;

    arena_reset(&c->record);
    path = previous_path(&c->previous, earlier->path, &c->record);
    return path ? ledger_add_run(run->out.ledger, &(struct ledger_run){path, earlier->identity, earlier->sums}, err) : error_memory(err);
}

static bool note_first_totals(struct run *run)
{
    const struct template *t = run->in.form.template;

    for (size_t i = 0; i < t->field_count; i++) {
        char key[128], number[32];

        snprintf(key, sizeof key, "first total %s", t->fields[i].id);
        snprintf(number, sizeof number, "%lld", (long long)run->out.facts.first_totals[i]);
        if (t->fields[i].control && !ledger_set(run->out.ledger, key, number, run->err))
            return false;
    }
    return true;
}

/* The earlier runs, and what the totals were before any correction. */
static bool note(struct run *run)
{
    const struct correcting *c = run->state;
    const struct previous *e = &c->previous;

    char places[32];

    snprintf(places, sizeof places, "%lld", (long long)e->places + (long long)input_certificates(run->in.input));
    return ledger_set(run->out.ledger, "corrects", e->identity, run->err) && ledger_set(run->out.ledger, "places", places, run->err)
           && ledger_each_run(e->archive.ledger, carry_run, run, run->err)
           && ledger_add_run(run->out.ledger, &(struct ledger_run){e->path, e->identity, e->sums}, run->err) && note_first_totals(run);
}

struct marked {
    struct run *run;
    bool (*seal)(void *ctx, const char *name, const void *data, size_t length);
};

static bool keep_marked(void *ctx, const char *name, const void *data, size_t length)
{
    struct marked *m = ctx;
    char marked[64];

    snprintf(marked, sizeof marked, "correction-%.40s", name);
    return m->seal(m->run, marked, data, length);
}

static bool keep_seals(struct run *run, bool (*seal)(void *ctx, const char *name, const void *data, size_t length))
{
    struct correcting *c = run->state;

    return pdf_each_seal(c->marked.pdf, &(struct marked){run, seal}, keep_marked);
}

/* The run that is corrected is told what is about to be: where the new run will be. It binds nobody before that is there. */
static bool announce(struct run *run)
{
    const struct correcting *c = run->state;
    struct event intent = {"superseding", run->in.identity, NULL};
    char path[FILE_PATH_MAX];

    if (run->options->draft)
        return true;
    if (!chain_path(c->previous.folder, run->options->output, path, run->err))
        return false;
    intent.reason = path;
    return events_add_list(c->previous.folder, &intent, 1, run->err);
}

/* It is published: what it did stands in the log of the run that was corrected. */
static bool tell(struct run *run)
{
    const struct correcting *c = run->state;
    const struct previous *e = &c->previous;
    struct event *events;
    size_t count = 0;
    bool ok;

    if (run->options->draft)
        return true;
    events = calloc(1 + c->count + e->cancellation_count, sizeof *events);
    if (!events)
        return error_memory(run->err);
    events[count++] = (struct event){"superseded", run->in.identity, NULL};
    for (size_t i = 0; i < c->count; i++)
        if (c->list[i].reason)
            events[count++] = (struct event){"corrected", c->list[i].entry.id, run->in.identity};
    for (size_t i = 0; i < e->cancellation_count; i++)
        events[count++] = (struct event){"cancelled", e->cancellations[i].id, run->in.identity};
    ok = events_add_list(e->folder, events, count, run->err);
    free(events);
    return ok;
}

static void free_state(struct run *run)
{
    struct correcting *c = run->state;

    if (!c)
        return;
    arena_free(&c->arena);
    arena_free(&c->record);
    free(c->list);
    free(c->by_id);
    free(c->by_person);
    free(c->ids);
    previous_close(&c->previous);
    prepared_free(&c->marked);
    free(c);
}

const struct run_kind run_correcting = {
    .event = "correct", .open = open_previous, .identify = identify, .admit = admit, .choose = choose, .meet = meet,
    .add_people = add_people, .take = take, .complete = complete, .note = note, .keep = keep_seals, .announce = announce, .tell = tell,
    .free = free_state,
};
