#include "run/correct.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "certificate/canonical.h"
#include "run/run.h"
#include "store/events.h"
#include "store/manifest.h"

void corrections_free(struct corrections *c)
{
    arena_free(&c->arena);
    arena_free(&c->record);
    free(c->list);
    free(c->ids);
    *c = (struct corrections){.list = NULL};
}

bool correct_open(struct run *run, int32_t issued, unsigned marks)
{
    const struct tc_options *o = run->options;
    char root[PREPARED_PATH_MAX], fonts[PREPARED_PATH_MAX + 8], form[PREPARED_PATH_MAX + 8];

    if (snprintf(fonts, sizeof fonts, "%s/fonts", prepared_root(o->templates, root)) >= (int)sizeof fonts
        || snprintf(form, sizeof form, "%s/form", o->corrects) >= (int)sizeof form)
        return error_set(run->err, TC_USAGE, NULL, NULL, "path", "the path is too long");
    return previous_open(&run->earlier, o->corrects, o->output, run->err)
           && previous_compare(&run->earlier, input_head(run->input), o->payroll, run->err)
           && prepared_load_folder(&run->engine, form, fonts, issued, marks, run->err) && manifest_form(&run->engine, run->earlier.list, run->err)
           && prepared_load_folder(&run->correcting, form, fonts, issued, marks | MARK_CORRECTION, run->err);
}

/* ---- the changes */

static int by_number(const void *a, const void *b)
{
    int64_t x = ((const struct change *)a)->entry.number, y = ((const struct change *)b)->entry.number;

    return (x > y) - (x < y);
}

/* What comes in this place of the year's list; only once all changes are there, in order. */
static struct change *find_change(const struct corrections *c, int64_t number)
{
    const struct change key = {.entry.number = number};

    return c->count > 0 ? bsearch(&key, c->list, c->count, sizeof *c->list, by_number) : NULL;
}

static const char *keep(struct corrections *c, const char *text)
{
    return text ? arena_copy(&c->arena, text, strlen(text)) : NULL;
}

bool correct_keep(struct run *run, const struct certify_result *r, const struct ledger_entry *entry)
{
    struct corrections *c = &run->corrections;
    struct change *change;

    if (!r->issued) {
        run->result->refused++;
        return true;
    }
    if (c->count == c->capacity) {
        size_t capacity = c->capacity ? 2 * c->capacity : 64;
        struct change *list = realloc(c->list, capacity * sizeof *list);

        if (!list)
            return error_memory(run->err);
        c->list = list;
        c->capacity = capacity;
    }
    change = &c->list[c->count++];
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

bool correct_expect(struct run *run, const char *id, size_t most)
{
    struct corrections *c = &run->corrections;

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
    const struct value *person = &record->values[p->run->engine.template->person];
    const struct across_record key = {.person = person->text};

    return person->present && bsearch(&key, *p->records, p->changes, sizeof key, by_person);
}

static bool add_valid(void *ctx, const struct ledger_entry *entry, struct tc_error *err)
{
    struct people *p = ctx;
    struct run *run = p->run;
    const char *establishment;
    struct record record;
    struct trail trail;
    struct across_record *records;

    if (entry->state != LEDGER_ISSUED || previous_is_cancelled(&run->earlier, entry->id)
        || bsearch(&entry->id, run->corrections.ids, run->corrections.id_count, sizeof entry->id, by_text))
        return true;
    arena_reset(&run->corrections.record);
    if (!stored_run_read(&run->earlier.archive, entry, &run->corrections.record, &establishment, &record, &trail, err))
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

bool correct_add_people(struct run *run, struct across_record **records, size_t *count)
{
    struct people p = {run, records, count, *count};

    if (*count == 0)
        return true;
    qsort(run->corrections.ids, run->corrections.id_count, sizeof *run->corrections.ids, by_text);
    qsort(*records, *count, sizeof **records, by_person);
    return ledger_each(run->earlier.archive.ledger, add_valid, &p, run->err);
}

/* ---- the year */

/* An entry of the year, its record read back from its text. */
static bool book(struct run *run, const struct wages *wages, struct ledger_entry *entry)
{
    struct arena *arena = &run->corrections.record;
    struct summary_line line = {.entry = entry};
    struct record record;
    struct trail trail;
    struct buf words = {0};
    bool ok;

    if (entry->record) {
        if (!stored_run_restore(run->engine.template, wages, entry, arena, &line.establishment, &record, &trail, run->err))
            return false;
        line.record = &record;
        line.trail = &trail;
    }
    if (entry->personnel_number) {
        canonical_words(run->engine.template, line.record, entry->personnel_number, entry->id, &words);
        buf_add(&words, "", 1);
        entry->words = words.data;
    }
    ok = words.failed ? error_memory(run->err)
         : entry->state != LEDGER_CANCELLED ? run_book(run, entry, &line)
                                            : !run->options->output || ledger_add(run->ledger, entry, run->err);
    buf_free(&words);
    return ok;
}

/* What was changed stands in ledger and workbook, old and new side by side. */
static bool tell_change(struct run *run, const struct ledger_correction *c)
{
    struct record before, after;

    arena_reset(&run->corrections.record);
    return (!c->before || stored_run_record(run->engine.template, c->before, &run->corrections.record, &before, run->err))
           && (!c->after || stored_run_record(run->engine.template, c->after, &run->corrections.record, &after, run->err))
           && ledger_add_correction(run->ledger, c, run->err)
           && summary_add_correction(run->summary, c, c->before ? &before : NULL, c->after ? &after : NULL, run->err);
}

static bool issue(struct run *run, struct change *change)
{
    *(change->reason ? &run->result->corrected : &run->result->late) += 1;
    arena_reset(&run->corrections.record);
    return book(run, run->wages, &change->entry);
}

static bool carry(void *ctx, const struct ledger_entry *old, struct tc_error *err)
{
    struct run *run = ctx;
    struct ledger_entry entry = *old;
    struct change *change = find_change(&run->corrections, old->number);

    if (change)
        return issue(run, change);
    arena_reset(&run->corrections.record);
    entry.file = old->file ? previous_path(&run->earlier, old->file, &run->corrections.record) : NULL;
    if (old->file && !entry.file)
        return error_memory(err);
    if (previous_cancels(&run->earlier, old->number)) {
        entry.state = LEDGER_CANCELLED;
        run->result->cancelled++;
    }
    return book(run, run->earlier.archive.wages, &entry);
}

/* What earlier runs changed, and what this one does. */
static bool carry_change(void *ctx, const struct ledger_correction *c, struct tc_error *err)
{
    (void)err;
    return tell_change(ctx, c);
}

static bool tell_changes(struct run *run)
{
    const struct previous *e = &run->earlier;
    const char *issued = json_string_value(json_object_get(run->given, "issued"));

    if (!run->options->output)
        return true;
    if (!ledger_each_correction(e->archive.ledger, carry_change, run, run->err))
        return false;
    for (size_t i = 0; i < e->cancellation_count; i++) {
        const struct cancellation *k = &e->cancellations[i];

        if (!tell_change(run, &(struct ledger_correction){.change = LEDGER_CANCELLATION, .id = k->id, .personnel_number = k->personnel_number,
                                                          .issued = issued, .reason = k->reason, .before = k->record}))
            return false;
    }
    for (size_t i = 0; i < run->corrections.count; i++) {
        const struct change *k = &run->corrections.list[i];

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

    if (f->id && (find_change(&run->corrections, f->number) || previous_cancels(&run->earlier, f->number)))
        return true;
    run->result->warnings += f->severity == SEVERITY_WARNING;
    run->result->waived += f->severity == SEVERITY_WAIVED;
    return !run->options->output || (ledger_add_finding(run->ledger, f, err) && summary_add_finding(run->summary, f, err));
}

static bool carry_person(void *ctx, const char *personnel_number, const char *reason, struct tc_error *err)
{
    struct run *run = ctx;
    const struct corrections *c = &run->corrections;

    for (size_t i = 0; i < c->count; i++)
        if (!strcmp(c->list[i].entry.personnel_number, personnel_number))
            return true;
    run->result->without++;
    run->result->unexplained += reason == NULL;
    return !run->options->output || (ledger_add_person(run->ledger, personnel_number, reason, err)
                                     && summary_add_person(run->summary, personnel_number, reason, err));
}

static bool carry_unreadable(struct run *run)
{
    char people[32], unexplained[32];

    if (!ledger_get(run->earlier.archive.ledger, "unreadable_people", people, sizeof people, run->err)
        || !ledger_get(run->earlier.archive.ledger, "unreadable_unexplained", unexplained, sizeof unexplained, run->err))
        return false;
    run->result->unreadable = strtol(people, NULL, 10);
    run->unreadable_unexplained = strtol(unexplained, NULL, 10);
    run->result->without += run->result->unreadable;
    run->result->unexplained += run->unreadable_unexplained;
    if (run->summary)
        summary_add_unreadable(run->summary, run->result->unreadable, run->unreadable_unexplained);
    return true;
}

bool correct_carry(struct run *run)
{
    struct ledger *before = run->earlier.archive.ledger;
    struct corrections *c = &run->corrections;

    if (c->count > 0)
        qsort(c->list, c->count, sizeof *c->list, by_number);
    if (!ledger_each(before, carry, run, run->err))
        return false;
    for (size_t i = 0; i < c->count; i++)
        if (c->list[i].entry.number >= run->earlier.places && !issue(run, &c->list[i])) /* nobody's place: late */
            return false;
    return ledger_each_finding(before, carry_finding, run, run->err) && ledger_each_person(before, carry_person, run, run->err)
           && carry_unreadable(run) && tell_changes(run);
}

/* ---- the end */

static bool carry_run(void *ctx, const struct ledger_run *earlier, struct tc_error *err)
{
    struct run *run = ctx;
    const char *path;

    arena_reset(&run->corrections.record);
    path = previous_path(&run->earlier, earlier->path, &run->corrections.record);
    return path ? ledger_add_run(run->ledger, &(struct ledger_run){path, earlier->identity, earlier->sums}, err) : error_memory(err);
}

bool correct_note(struct run *run)
{
    const struct previous *e = &run->earlier;

    return ledger_each_run(e->archive.ledger, carry_run, run, run->err)
           && ledger_add_run(run->ledger, &(struct ledger_run){e->path, e->identity, e->sums}, run->err);
}

bool correct_check_first(struct run *run)
{
    char about[80];

    if (!events_last(run->earlier.folder, "superseded", about, run->err))
        return false;
    return !*about || !strcmp(about, run->identity)
           || error_set(run->err, TC_USAGE, run->earlier.folder, NULL, "superseded",
                        "this run was corrected already: what is to be corrected now is the run that did so");
}

bool correct_tell(struct run *run)
{
    const struct corrections *c = &run->corrections;
    const struct previous *e = &run->earlier;
    struct event *events;
    size_t count = 0;
    bool ok;

    if (run->options->draft)
        return true;
    events = calloc(1 + c->count + e->cancellation_count, sizeof *events);
    if (!events)
        return error_memory(run->err);
    events[count++] = (struct event){"superseded", run->identity, NULL};
    for (size_t i = 0; i < c->count; i++)
        if (c->list[i].reason)
            events[count++] = (struct event){"corrected", c->list[i].entry.id, run->identity};
    for (size_t i = 0; i < e->cancellation_count; i++)
        events[count++] = (struct event){"cancelled", e->cancellations[i].id, run->identity};
    ok = events_add_list(e->folder, events, count, run->err);
    free(events);
    return ok;
}
