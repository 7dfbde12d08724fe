/* A correcting run: the year again, from the ledger of the run before, with what was changed put in its place. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "certificate/canonical.h"
#include "run/changes.h"
#include "store/chain.h"
#include "store/events.h"
#include "store/manifest.h"

/* ---- opening */

static bool find_before(const void *ctx, const char *id, const char *personnel_number, struct arena *arena, struct certify_found *found,
                        struct tc_error *err)
{
    return previous_find(ctx, id, personnel_number, arena, found, err);
}

static bool is_cancelled(const void *ctx, const char *id)
{
    return previous_is_cancelled(ctx, id);
}

static bool has_case(const void *ctx, const char *id, bool *there, struct tc_error *err)
{
    return previous_has_case(ctx, id, there, err);
}

/* A correction comes after what it corrects. */
static bool check_date(const struct run *run, int32_t issued)
{
    struct correcting *c = run->state;
    const char *before = stored_run_fact(&c->previous.archive, "issue_date", run->err);
    int32_t date;

    if (!before)
        return false;
    return !date_parse(before, strlen(before), &date) || date <= issued
           || error_set(run->err, TC_INPUT, run->options->payroll, "/issue_date", "correction-date",
                        "a correction cannot be issued before what it corrects: check the issue date");
}

/* Opens the run that is corrected and the form as it was used there, once unmarked and once as a correction. */
static bool open_previous(struct run *run, const char *templates, int32_t issued, unsigned marks)
{
    const struct tc_options *o = run->options;
    struct correcting *c = calloc(1, sizeof *c);
    char fonts[PREPARED_PATH_MAX], form[FOLDER_PATH_MAX];

    run->state = c;
    if (!c)
        return error_memory(run->err);
    if (!prepared_fonts(templates, fonts, run->err))
        return false;
    if (o->lost && (!text_is_utf8(o->lost) || text_is_blank(o->lost)))
        return error_set(run->err, TC_USAGE, NULL, NULL, "reason",
                         "the reason must be text in UTF-8 without invisible characters, and must not be empty");
    if (!previous_open(&c->previous, o->corrects, o->output, run->err) || !check_date(run, issued)
        || !previous_compare(&c->previous, input_head(run->in.input), o->payroll, run->err) || !folder_form(o->corrects, form, run->err)
        || !prepared_load_folder(&run->in.form, form, fonts, issued, marks, run->err)
        || !manifest_form(&run->in.form, c->previous.list, run->err)
        || !prepared_load_folder(&c->marked, form, fonts, issued, marks | MARK_CORRECTION, run->err))
        return false;
    if (json_array_size(run->in.declarations) == 0
        && (!run->in.declarations || json_is_array(run->in.declarations) || json_is_null(run->in.declarations))) {
        run->in.declarations = c->previous.archive.declarations;
        return true;
    }
    if (!json_is_array(run->in.declarations)) /* it is refused as in a first run */
        return true;
    c->did_something = true;
    if (!previous_declarations(&c->previous, run->in.declarations, run->err))
        return false;
    run->in.declarations = c->previous.declarations;
    return true;
}

static void identify(const struct run *run, struct buf *text)
{
    const struct correcting *c = run->state;

    buf_printf(text, "%s\n", c->previous.sums);
}

/* Whether that is the run that is to be made: then all there is to do is to say so. */
static bool is_itself(const struct run *run, const struct chain_next *next)
{
    char output[FILE_PATH_MAX];

    return run->options->output && !strcmp(next->identity, run->in.identity) && realpath(run->options->output, output)
           && !strcmp(output, next->path);
}

/* Refuses a run that another one corrects already: the year would have two states. One that is lost is given up where somebody says why. */
static bool check_first(const struct run *run, const char *folder)
{
    struct chain_next next;
    const char *at;

    if (!chain_find_next(folder, &next, run->err))
        return false;
    if (is_itself(run, &next))
        return true;
    at = *next.path ? next.path : *next.made ? next.made : folder;
    if (run->options->lost && *next.path)
        return error_set(run->err, TC_USAGE, at, NULL, "not-lost",
                         "the run that corrected this one is not lost, it is here: leave --instead-of-lost out");
    if (!next.superseded || run->options->lost)
        return true;
    return error_set(run->err, TC_USAGE, at, NULL, "superseded",
                     *next.path ? "the run has been corrected already, by this one: correct the latest run of the chain"
                                : "the run has been corrected already, by a run that is no longer where it was made: put it back there; if "
                                  "it is lost for good, --instead-of-lost REASON makes another one");
}

static bool check_all(const struct run *run, const struct previous *e)
{
    for (size_t i = 0; i < e->base_count; i++)
        if (!check_first(run, e->bases[i]))
            return false;
    return check_first(run, e->folder);
}

static bool admit(struct run *run)
{
    struct correcting *c = run->state;

    c->before = (struct certify_before){&c->previous, c->previous.places, &c->marked, find_before, is_cancelled, has_case, changes_judged};
    run->job.before = &c->before;
    run->out.facts.corrects = c->previous.identity;
    run->out.facts.first_issued = c->previous.first_issued;
    run->out.facts.first_totals = stored_run_first_totals(&c->previous.archive, run->err);
    return run->out.facts.first_totals && check_all(run, &c->previous);
}

/* ---- the year */

/* Cancelled certificates stand in the ledger, and in nothing that counts what is valid. What was refused is shown, and in no total. */
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
    struct ledger_correction told = *k;

    arena_reset(&c->record);
    told.site_before = canonical_establishment(k->before, &c->record);
    told.site_after = canonical_establishment(k->after, &c->record);
    return (!k->before || canonical_record(t, k->before, &c->record, &before, run->err))
           && (!k->after || canonical_record(t, k->after, &c->record, &after, run->err))
           && sinks_correction(&run->sinks, &told, k->before ? &before : NULL, k->after ? &after : NULL, run->err);
}

/* A change in its place: issued, held back or refused. */
static bool book_change(struct run *run, struct change *change)
{
    struct correcting *c = run->state;

    if (change->entry.state == LEDGER_ISSUED) {
        *(change->reason ? &run->result->corrected : &run->result->late) += 1;
        change->entry.late |= !change->reason;
        c->did_something = true;
    }
    change->entry.issued = json_string_value(json_object_get(run->in.given, "issued"));
    changes_meet(c, change->entry.personnel_number, change->entry.state != LEDGER_REFUSED);
    arena_reset(&c->record);
    return book(run, run->in.wages, &change->entry);
}

static bool drop(struct correcting *c, int64_t number)
{
    c->dropped[c->dropped_count++] = number; /* in order, as they come from the ledger */
    return true;
}

/* Whether something of the changes has come in place of one that was held back or refused: of one id and person there is one. */
static bool is_superseded(const struct correcting *c, const struct ledger_entry *old)
{
    const struct change *change = old->id ? changes_of(c, old->id) : NULL;

    if (old->state == LEDGER_REFUSED)
        return change || (old->id && previous_is_cancelled(&c->previous, old->id));
    return old->state == LEDGER_HELD && change && change->entry.state != LEDGER_REFUSED
           && (!old->personnel_number
               || (change->entry.personnel_number && !strcmp(old->personnel_number, change->entry.personnel_number)));
}

/* What stays as it was, seen from the new run. */
static bool carry_entry(struct run *run, const struct ledger_entry *old, const struct cancellation *cancelled)
{
    struct correcting *c = run->state;
    struct ledger_entry entry = *old;

    arena_reset(&c->record);
    entry.file = old->file ? previous_path(&c->previous, old->file, &c->record) : NULL;
    if (old->file && !entry.file)
        return error_memory(run->err);
    if (!old->issued)
        entry.issued = c->issued_before;
    if (cancelled) {
        entry.state = LEDGER_CANCELLED;
        run->result->cancelled++;
        c->did_something = true;
    }
    changes_meet(c, entry.personnel_number, entry.state == LEDGER_ISSUED || entry.state == LEDGER_HELD);
    return book(run, c->previous.archive.wages, &entry);
}

static bool carry(void *ctx, const struct ledger_entry *old, struct tc_error *err)
{
    struct run *run = ctx;
    struct correcting *c = run->state;
    struct change *change = changes_at(c, old->number);
    const struct cancellation *cancelled = previous_cancels(&c->previous, old->number);

    (void)err;
    if (change) {
        change->entry.corrects = change->reason ? old->corrects + 1 : 0;
        change->entry.late = old->late;
        return drop(c, old->number) && book_change(run, change);
    }
    if (is_superseded(c, old))
        return drop(c, old->number);
    if (cancelled)
        drop(c, old->number);
    return carry_entry(run, old, cancelled);
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

        if (!k->dropped
            && !tell_change(run, &(struct ledger_correction){.change = LEDGER_CANCELLATION,
                                                             .id = k->id,
                                                             .personnel_number = k->personnel_number,
                                                             .issued = issued,
                                                             .reason = k->reason,
                                                             .before = k->record,
                                                             .other = k->successor}))
            return false;
    }
    for (size_t i = 0; i < c->count; i++) {
        const struct change *k = &c->list[i];
        const struct cancellation *place = k->replaces;

        if (k->entry.state == LEDGER_ISSUED
            && !tell_change(run, &(struct ledger_correction){.change = k->reason ? LEDGER_CORRECTION : LEDGER_LATE,
                                                             .id = k->entry.id,
                                                             .personnel_number = k->entry.personnel_number,
                                                             .issued = issued,
                                                             .reason = place ? place->reason : k->reason,
                                                             .before = place ? place->record : k->before,
                                                             .after = k->entry.record,
                                                             .other = place ? place->id : NULL}))
            return false;
    }
    return true;
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static bool is_dropped(const struct correcting *c, int64_t number)
{
    return c->dropped_count > 0 && bsearch(&number, c->dropped, c->dropped_count, sizeof number, by_number);
}

/* Findings about certificates that are still as they were. */
static bool carry_finding(void *ctx, const struct ledger_finding *f, struct tc_error *err)
{
    struct run *run = ctx;

    return (f->id && is_dropped(run->state, f->number)) || sinks_finding(&run->sinks, SINKS_ALL, f, err);
}

/* Somebody who had none: still so, perhaps with a reason by now. */
static bool carry_person(void *ctx, const struct ledger_person *person, struct tc_error *err)
{
    struct run *run = ctx;
    struct correcting *c = run->state;
    struct told_person *told = changes_person(c, person->personnel_number);
    struct ledger_person now = *person;

    (void)err;
    if (changes_have(c, person->personnel_number))
        return true;
    changes_meet(c, person->personnel_number, true);
    if (!told || !told->person.reason || (person->reason && !strcmp(told->person.reason, person->reason)))
        return run_book_person(run, person);
    c->did_something = true;
    now.reason = told->person.reason;
    return run_book_person(run, &now);
}

/* People who have none now: their only certificate is cancelled, or they were not named before. */
static bool add_persons(struct run *run)
{
    struct correcting *c = run->state;

    for (size_t i = 0; i < c->lost_count; i++) {
        struct told_person *told = changes_person(c, c->lost[i]);
        struct ledger_person lost;

        if (c->lost_seen[i])
            continue;
        lost = (struct ledger_person){c->lost[i], told && told->person.reason ? told->person.reason : c->lost_by[i]->reason,
                                      told ? told->person.record : NULL, NULL};
        if (!run_book_person(run, &lost))
            return false;
    }
    for (size_t i = 0; i < c->people_count; i++) {
        const struct ledger_person *person = &c->people[i].person;

        if (c->people[i].seen || (i > 0 && !strcmp(person->personnel_number, c->people[i - 1].person.personnel_number))
            || changes_have(c, person->personnel_number))
            continue;
        c->did_something = true;
        if (!run_book_person(run, person))
            return false;
    }
    return true;
}

/* Cancellations that are not done, since something that belongs to them is not. */
static bool tell_dropped(struct run *run)
{
    const struct correcting *c = run->state;

    for (size_t i = 0; i < c->previous.cancellation_count; i++) {
        const struct cancellation *k = &c->previous.cancellations[i];
        struct certify_result of = {.place = k->number, .id = k->id, .personnel_number = k->personnel_number};
        char pointer[40];
        struct finding f = {
            .severity = SEVERITY_ERROR,
            .file = INPUT_PAYROLL,
            .pointer = pointer,
            .rule = "cancellation-together",
            .message = "Not cancelled: another change of this person is held back; all of them are made, or none. Correct that "
                       "one first."};

        if (!k->dropped)
            continue;
        run->result->refused++;
        snprintf(pointer, sizeof pointer, "/cancellations/%zu", i);
        if (k->finding)
            f = *k->finding;
        if (!run_give_finding(run, &of, &f))
            return false;
    }
    return true;
}

static bool carry_unreadable(struct run *run)
{
    const struct correcting *c = run->state;
    struct ledger *before = c->previous.archive.ledger;
    int64_t people, unexplained;

    if (!ledger_get_number(before, "unreadable_people", 0, LEDGER_COUNT_MAX, &people, run->err)
        || !ledger_get_number(before, "unreadable_unexplained", 0, LEDGER_COUNT_MAX, &unexplained, run->err))
        return false;
    run->result->unreadable = people;
    run->unreadable_unexplained = unexplained;
    run->result->without += run->result->unreadable;
    run->result->unexplained += run->unreadable_unexplained;
    return true;
}

/* All certificates of the year, their findings and the people without one, in the order of the run before; late ones follow. */
static bool complete(struct run *run)
{
    struct correcting *c = run->state;
    struct ledger *before = c->previous.archive.ledger;

    c->issued_before = stored_run_fact(&c->previous.archive, "issue_date", run->err);
    c->dropped = calloc((size_t)c->previous.places + 1, sizeof *c->dropped);
    if (!c->issued_before || !c->dropped)
        return error_memory(run->err);
    if (!changes_index(run) || !ledger_each(before, carry, run, run->err))
        return false;
    for (size_t i = 0; i < c->count; i++)
        if (c->list[i].entry.number >= c->previous.places && !book_change(run, &c->list[i])) /* nobody's place: late */
            return false;
    return ledger_each_finding(before, carry_finding, run, run->err) && tell_dropped(run)
           && ledger_each_person(before, carry_person, run, run->err) && add_persons(run) && carry_unreadable(run) && tell_changes(run)
           && letters_write(run);
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

static bool note_number(struct run *run, const char *key, int64_t number)
{
    char text[32];

    snprintf(text, sizeof text, "%lld", (long long)number);
    return ledger_set(run->out.ledger, key, text, run->err);
}

/* The earlier runs, and what the totals were before any correction. */
static bool note(struct run *run)
{
    const struct correcting *c = run->state;
    const struct previous *e = &c->previous;

    return ledger_set(run->out.ledger, "corrects", e->identity, run->err)
           && (c->did_something || note_number(run, "idle", (int64_t)e->idle + 1)) && note_number(run, "first issued", e->first_issued)
           && note_number(run, "places", e->places + (int64_t)input_certificates(run->in.input))
           && ledger_each_run(e->archive.ledger, carry_run, run, run->err)
           && ledger_add_run(run->out.ledger, &(struct ledger_run){e->path, e->identity, e->sums}, run->err) && note_first_totals(run);
}

struct marked {
    struct run *run;
    const char *mark; /* before the seal's name */
    bool (*seal)(void *ctx, const char *name, const void *data, size_t length);
};

static bool keep_marked(void *ctx, const char *name, const void *data, size_t length)
{
    struct marked *m = ctx;
    char marked[64];

    snprintf(marked, sizeof marked, "%s-%.40s", m->mark, name);
    return m->seal(m->run, marked, data, length);
}

static bool keep_seals(struct run *run, bool (*seal)(void *ctx, const char *name, const void *data, size_t length))
{
    struct correcting *c = run->state;

    return pdf_each_seal(c->marked.pdf, &(struct marked){run, "correction", seal}, keep_marked)
           && (!run->in.form.letters || pdf_each_seal(run->in.form.letters, &(struct marked){run, "letter", seal}, keep_marked));
}

static bool give_up_lost(struct run *run, const char *folder)
{
    struct chain_next next;

    return chain_find_next(folder, &next, run->err)
           && (!next.superseded || events_add(folder, "lost", next.identity, run->options->lost, run->err));
}

/* Where the new run will be, as seen from a run that it takes the place of: in the log of that run, which is locked until it is told. */
static bool intend(struct run *run, const char *folder, struct lock *lock)
{
    char path[FILE_PATH_MAX];

    return chain_lock(folder, &lock->fd, lock->folder, run->err) && check_first(run, folder)
           && (!run->options->lost || give_up_lost(run, folder)) && chain_path(folder, run->options->output, path, run->err)
           && events_add_list(folder, &(struct event){"correction-begun", run->in.identity, path}, 1, run->err);
}

/* The run that is corrected is told what is about to be. It binds nobody before the new run is there. */
static bool announce(struct run *run)
{
    struct correcting *c = run->state;
    size_t count = c->previous.base_count;
    bool ok = true;

    if (run->options->draft || !c->did_something)
        return true;
    c->locks = calloc(count + 1, sizeof *c->locks);
    if (!c->locks)
        return error_memory(run->err);
    for (size_t i = 0; ok && i <= count; i++, c->lock_count++) {
        c->locks[i].fd = -1;
        ok = intend(run, i < count ? c->previous.bases[i] : c->previous.folder, &c->locks[i]);
    }
    return ok;
}

/* It is published: what it did stands in the log of the run that was corrected. */
static bool tell(struct run *run)
{
    const struct correcting *c = run->state;
    const struct previous *e = &c->previous;
    struct event *events;
    size_t count = 0;
    bool ok;

    if (run->options->draft || !c->did_something)
        return true;
    events = calloc(1 + c->count + e->cancellation_count, sizeof *events);
    if (!events)
        return error_memory(run->err);
    events[count++] = (struct event){"superseded", run->in.identity, NULL};
    for (size_t i = 0; i < c->count; i++)
        if (c->list[i].entry.state == LEDGER_ISSUED && c->list[i].reason)
            events[count++] = (struct event){"corrected", c->list[i].entry.id, run->in.identity};
    for (size_t i = 0; i < e->cancellation_count; i++)
        if (!e->cancellations[i].dropped)
            events[count++] = (struct event){"cancelled", e->cancellations[i].id, run->in.identity};
    ok = events_add_list(e->folder, events, count, run->err);
    for (size_t i = 0; ok && i < e->base_count; i++)
        ok = events_add_list(e->bases[i], events, count, run->err);
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
    for (size_t i = 0; i < c->round_count; i++)
        across_free(c->rounds[i]);
    free(c->rounds);
    free(c->judged);
    free(c->list);
    free(c->by_id);
    free(c->numbers);
    free(c->dropped);
    free(c->people);
    free(c->lost);
    free(c->lost_by);
    free(c->lost_seen);
    for (size_t i = 0; i < c->lock_count; i++)
        chain_unlock(c->locks[i].fd, c->locks[i].folder);
    free(c->locks);
    previous_close(&c->previous);
    prepared_free(&c->marked);
    free(c);
}

const struct run_kind run_correcting = {
    .event = "generated",
    .open = open_previous,
    .identify = identify,
    .admit = admit,
    .compare = changes_judge,
    .take = changes_take,
    .complete = complete,
    .note = note,
    .keep = keep_seals,
    .announce = announce,
    .tell = tell,
    .free = free_state,
};
