/* To the paper: print files of the certificates that are to go out so, sorted, each sheet with its mark. All files of a job are made
 * from one array, read again against it, and given their names by one rename of the folder; the event with counts and hashes follows. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "book/csv.h"
#include "deliver/history.h"
#include "deliver/job.h"
#include "deliver/journal.h"
#include "deliver/outfolder.h"
#include "deliver/workshop.h"
#include "store/outside.h"

#define KEYS_MAX 4
#define MODULE 50 /* side of a matrix' cell, in hundredths of a millimetre */

enum sort_key { SORT_ESTABLISHMENT, SORT_CENTRE, SORT_POSTCODE, SORT_NAME, SORT_KEYS };
static const char *const sort_names[SORT_KEYS] = {"establishment", "cost_centre", "postcode", "name"};

struct batch {
    const char *run;
    const struct tc_batch_options *options;
    struct tc_batch_result *result;
    struct tc_error *err;
    struct recipients people;
    struct stamp_place place;
    const char *sorted; /* the keys, as they were given */
    enum sort_key keys[KEYS_MAX];
    int key_count;
    const struct person **inland, **foreign, **lost; /* of all: in files, and on the list */
    bool *printed;                                   /* by place in people: it went out on paper before */
    bool *last;                                      /* the same, of the last batch: not in printed */
    struct begun begun;                              /* the last batch */
    bool resumed;                                    /* this is that one again, after somebody was killed */
    bool *old;                                       /* by place in people: an earlier version went out */
    struct job *jobs;
    unsigned char *pieces[2]; /* sheets of everybody in inland and foreign */
    long job_count;
    struct seals seals;
    struct outfolder folder;
};

static bool misuse(struct batch *b, const char *rule, const char *message)
{
    return error_set(b->err, TC_USAGE, NULL, NULL, rule, "%s", message);
}

/* ---- options */

static bool read_sort(struct batch *b)
{
    const char *at = b->sorted = b->options->sort ? b->options->sort : "postcode,name";

    while (*at) {
        size_t length = strcspn(at, ",");
        int key = 0;

        while (key < SORT_KEYS && (strlen(sort_names[key]) != length || strncmp(sort_names[key], at, length) != 0))
            key++;
        for (int i = 0; key < SORT_KEYS && i < b->key_count; i++)
            if (b->keys[i] == (enum sort_key)key)
                return misuse(b, "sort", "each key to sort by may be given once only");
        if (key == SORT_KEYS || b->key_count == KEYS_MAX)
            return misuse(b, "sort", "sort by establishment, cost_centre, postcode, name, separated by commas");
        b->keys[b->key_count++] = (enum sort_key)key;
        at += length + (at[length] == ',');
    }
    return true;
}

static bool read_place(struct batch *b)
{
    const char *kind = b->options->mark_kind, *at = b->options->mark_at;

    b->place = (struct stamp_place){.x = -1, .module = MODULE, .kinds = STAMP_DIGITS | STAMP_MATRIX};
    if (at && !stamp_parse(at, &b->place.x, &b->place.y))
        return misuse(b, "mark-place", "the place of the mark must be X,Y: millimetres from the top left corner of the page");
    if (kind && !strcmp(kind, "digits"))
        b->place.kinds = STAMP_DIGITS;
    else if (kind && !strcmp(kind, "matrix"))
        b->place.kinds = STAMP_MATRIX;
    else if (kind && strcmp(kind, "both") != 0)
        return misuse(b, "mark-kind", "the mark must be digits, matrix or both");
    return true;
}

static bool read_options(struct batch *b)
{
    if (b->options->again && b->options->rest)
        return misuse(b, "printed-before", "--again and --rest exclude each other: give one of them");
    return read_sort(b) && read_place(b) && outside_folder(b->options->output, b->err);
}

/* ---- who goes where */

static const char *key_of(const struct person *p, enum sort_key key)
{
    switch (key) {
    case SORT_ESTABLISHMENT: return p->establishment;
    case SORT_CENTRE: return p->cost_centre;
    case SORT_POSTCODE: return p->postcode;
    default: return p->folded;
    }
}

static int by_keys(const void *a, const void *b, void *ctx)
{
    const struct person *one = *(const struct person *const *)a, *other = *(const struct person *const *)b;
    const struct batch *batch = ctx;
    int order = one->foreign || other->foreign ? strcmp(one->country, other->country) : 0;

    for (int i = 0; order == 0 && i < batch->key_count; i++)
        order = strcmp(key_of(one, batch->keys[i]), key_of(other, batch->keys[i]));
    return order ? order : strcmp(one->id, other->id);
}

struct earlier {
    struct batch *batch;
    const struct person **index;
    bool *into;
    long number; /* of events */
};

static bool on_printed(void *ctx, const char *word, long number)
{
    const struct earlier *e = ctx;
    const struct person *person;
    char id[80];

    (void)number;
    snprintf(id, sizeof id, "%.*s", (int)strcspn(word, ":"), word); /* its sheets behind it */
    person = recipients_find(e->index, e->batch->people.count, id);
    if (person)
        e->into[person - e->batch->people.list] = true;
    return true;
}

static bool on_event(void *ctx, const struct event_read *event, struct tc_error *err)
{
    struct earlier *e = ctx;
    const struct begun *begun = &e->batch->begun;
    size_t length;
    const char *ids = !strcmp(event->kind, "printed") ? journal_find(event->reason, "ids", &length) : NULL;

    (void)err;
    e->into = ++e->number > begun->at && journal_is_of(begun, event->about) ? e->batch->last : e->batch->printed;
    return !ids || journal_each(ids, length, on_printed, e);
}

static bool find_printed(struct batch *b)
{
    struct earlier e = {.batch = b};
    bool ok = recipients_index(&b->people, &e.index, b->err) && journal_last(b->run, JOURNAL_PRINT, &b->begun, b->err)
              && events_read(b->run, on_event, &e, b->err);

    free(e.index);
    return ok;
}

/* Everybody is counted exactly once. */
static bool part_people(struct batch *b)
{
    struct tc_batch_result *r = b->result;
    long before = 0;

    *r = (struct tc_batch_result){.certificates = (long)b->people.count};
    for (size_t i = 0; i < b->people.count; i++) {
        const struct person *p = &b->people.list[i];

        r->letters += p->letter;
        before += b->printed[i] && p->validity == VALID && p->channel == CHANNEL_PRINT && p->reachable;
        if (p->validity != VALID)
            r->not_valid++;
        else if (p->channel != CHANNEL_PRINT) {
            r->other_channels++;
            r->neither += p->channel != CHANNEL_EMAIL;
        } else if (!p->reachable)
            b->lost[r->unreachable++] = p;
        else if (b->printed[i] && b->options->rest)
            r->earlier++;
        else if (p->foreign)
            b->foreign[r->foreign++] = p;
        else
            b->inland[r->inland++] = p;
    }
    if (before > 0 && !b->options->again && !b->options->rest)
        return error_set(b->err, TC_USAGE, b->run, NULL, "printed-before",
                         "%ld of these certificates were printed before: --rest leaves them out, --again prints them once more", before);
    qsort_r(b->inland, (size_t)r->inland, sizeof *b->inland, by_keys, b);
    qsort_r(b->foreign, (size_t)r->foreign, sizeof *b->foreign, by_keys, b);
    qsort_r(b->lost, (size_t)r->unreachable, sizeof *b->lost, by_keys, b);
    return true;
}

static bool load(struct batch *b)
{
    size_t room;
    long ignored;

    if (!recipients_load(&b->people, b->run, RECIPIENTS_RUN, b->err) || !seals_load(&b->seals, b->run, b->err))
        return false;
    room = b->people.count + 1;
    b->inland = calloc(room, sizeof *b->inland);
    b->foreign = calloc(room, sizeof *b->foreign);
    b->lost = calloc(room, sizeof *b->lost);
    b->printed = calloc(room, sizeof *b->printed);
    b->last = calloc(room, sizeof *b->last);
    if (!b->inland || !b->foreign || !b->lost || !b->printed || !b->last)
        return error_memory(b->err);
    return find_printed(b) && history_old(b->run, &b->people, &b->old, &ignored, b->err);
}

/* ---- the jobs */

/* As many people as there is room for on the sheets of one file; one at least. */
static long count_fitting(const unsigned char *pieces, long count, long size, long *sheets)
{
    long i = 0;

    for (*sheets = 0; i < count && (i == 0 || *sheets + pieces[i] <= size); i++)
        *sheets += pieces[i];
    return i;
}

static void cut_jobs(struct batch *b, const struct person **people, unsigned char *pieces, long count, bool foreign, long size)
{
    for (long i = 0; i < count;) {
        struct job *job = &b->jobs[b->job_count++];

        *job = (struct job){.foreign = foreign, .duplex = b->options->duplex, .people = people + i, .pieces = pieces + i};
        job->count = count_fitting(pieces + i, count - i, size, &job->total);
        job_name(job, b->people.identity, &b->place);
        i += job->count;
    }
}

/* Everybody's sheets, and the mark that has room for their number. */
static bool plan(struct batch *b)
{
    const struct person **people[2] = {b->inland, b->foreign};
    long counts[2] = {b->result->inland, b->result->foreign};

    b->place.kinds &= ~(unsigned)(STAMP_LONG | STAMP_LEFT);
    for (int i = 0; i < 2; i++) {
        free(b->pieces[i]);
        b->pieces[i] = job_plan(b->run, &b->seals, people[i], counts[i], b->options->duplex, b->err);
        for (long k = 0; b->pieces[i] && k < counts[i]; k++)
            b->place.kinds |= b->pieces[i][k] > 1 ? STAMP_LONG : 0;
    }
    if (!b->pieces[0] || !b->pieces[1])
        return false;
    if (!b->options->mark_at) {
        b->place.x = b->people.mark[0];
        b->place.y = b->people.mark[1];
    }
    stamp_turn(&b->place, b->people.page);
    return stamp_check(&b->place, b->people.page, b->err);
}

static bool make_jobs(struct batch *b)
{
    long size = b->options->size > 0 && b->options->size < MARK_SHEETS_MAX ? b->options->size : MARK_SHEETS_MAX;

    if (!plan(b))
        return false;
    free(b->jobs);
    b->job_count = 0;
    b->jobs = calloc((size_t)(b->result->inland + b->result->foreign + 2), sizeof *b->jobs);
    if (!b->jobs)
        return error_memory(b->err);
    cut_jobs(b, b->inland, b->pieces[0], b->result->inland, false, size);
    cut_jobs(b, b->foreign, b->pieces[1], b->result->foreign, true, size);
    return true;
}

/* ---- the last batch once more, after somebody was killed */

/* The jobs' names, by commas, terminated. */
static bool list_jobs(const struct batch *b, struct buf *out)
{
    for (long i = 0; i < b->job_count; i++) {
        buf_puts(out, i ? "," : "");
        buf_puts(out, b->jobs[i].id);
    }
    buf_add(out, "", 1);
    return !out->failed || error_memory(b->err);
}

static bool is_last(const struct batch *b, bool *same)
{
    struct buf list = {0};
    bool ok = list_jobs(b, &list);

    *same = ok && !strcmp(list.data, b->begun.value);
    buf_free(&list);
    return ok;
}

static long count_listed(const char *list)
{
    long count = 1;

    for (; *list; list++)
        count += *list == ',';
    return count;
}

/* Whether its files may be those that this command is to make: it has not said all that went out, or it has and they lie there. */
static bool may_be_again(const struct batch *b)
{
    char path[FILE_PATH_MAX], name[32];
    struct tc_error ignored = {0};

    if (!b->begun.value)
        return false;
    if (b->begun.ends < count_listed(b->begun.value))
        return true;
    return !b->options->again && file_path(b->options->output, job_file_name(b->begun.about, JOB_PRINT, name), path, &ignored)
           && access(path, F_OK) == 0;
}

/* Who was printed before is so by all batches but the last, whose very command this may be; else by all. */
static bool choose_jobs(struct batch *b)
{
    bool may_be = may_be_again(b), open = may_be && b->begun.ends < count_listed(b->begun.value);

    if (may_be && (!part_people(b) || !make_jobs(b) || !is_last(b, &b->resumed)))
        return false;
    if (b->resumed)
        return true;
    if (open && !b->options->again)
        return error_set(b->err, TC_USAGE, b->run, NULL, "interrupted",
                         "print job %s was interrupted, and its files may be there: the same command finishes it; --again prints "
                         "everybody once more",
                         b->begun.about);
    for (size_t i = 0; i < b->people.count; i++)
        b->printed[i] |= b->last[i];
    return part_people(b) && make_jobs(b);
}

/* ---- lists of people */

static void list_person(struct buf *out, const struct person *p)
{
    const char *const texts[] = {p->number, p->id, p->name, p->establishment};
    struct cell cells[4];

    for (int k = 0; k < 4; k++)
        cells[k] = (struct cell){.kind = CELL_TEXT, .text = texts[k]};
    csv_row(out, cells, 4);
}

/* Writes the list, of rows that follow its head, where there are any; frees them. */
static bool give_list(struct batch *b, const char *name, struct buf *rows)
{
    static char head[] = "personnel_number,certificate,name,establishment\n";
    char path[FILE_PATH_MAX];
    bool ok = !rows->failed || error_memory(b->err);

    if (ok && rows->length > 0)
        ok = file_path(b->folder.partial, name, path, b->err)
             && file_give(path, (struct iovec[]){{head, sizeof head - 1}, {rows->data, rows->length}}, 2, b->err);
    buf_free(rows);
    return ok;
}

/* Whom no post reaches. */
static bool write_lost(struct batch *b)
{
    struct buf rows = {0};

    for (long i = 0; i < b->result->unreachable; i++)
        list_person(&rows, b->lost[i]);
    return give_list(b, "no-address.csv", &rows);
}

/* Of those in the print files: who has got a version that is void now. */
static bool write_old(struct batch *b)
{
    struct buf rows = {0};

    b->result->had_old = 0;
    for (long i = 0; i < b->job_count; i++)
        for (long k = 0; k < b->jobs[i].count; k++) {
            if (!b->old[b->jobs[i].people[k] - b->people.list])
                continue;
            list_person(&rows, b->jobs[i].people[k]);
            b->result->had_old++;
        }
    return give_list(b, "had-old.csv", &rows);
}

static bool write_jobs(struct batch *b, struct job_tools *tools)
{
    for (long i = 0; i < b->job_count; i++)
        if (!job_write(&b->jobs[i], tools, b->folder.partial, b->err) || !job_prove(&b->jobs[i], tools, b->folder.partial, b->err))
            return false;
    return write_lost(b) && write_old(b);
}

static bool write_folder(struct batch *b)
{
    struct workshop w;
    bool ok = workshop_open(&w, b->run, b->options->templates, &b->people, &b->place, b->sorted, b->err);

    ok = ok && write_jobs(b, &w.tools);
    workshop_close(&w);
    return ok;
}

/* ---- the event */

/* The event's reason, new; NULL when memory ran out. */
static char *tell(const struct batch *b, const struct job *job)
{
    struct buf reason = {0};
    char text[80];

    journal_word(&reason, "post", job->foreign ? "abroad" : "inland");
    snprintf(text, sizeof text, "%ld", job->total);
    journal_word(&reason, "sheets", text);
    journal_word(&reason, "duplex", job->duplex ? "yes" : "no");
    snprintf(text, sizeof text, "%d,%d,%d,%u", b->place.x, b->place.y, b->place.module, b->place.kinds);
    journal_word(&reason, "mark", text);
    journal_word(&reason, "sort", b->sorted);
    journal_hash(&reason, "pdf", job->hashes[JOB_PRINT]);
    journal_hash(&reason, "table", job->hashes[JOB_TABLE]);
    journal_hash(&reason, "cover", job->hashes[JOB_COVER]);
    journal_who(&reason);
    for (long i = 0; i < job->count; i++) {
        buf_puts(&reason, i ? "," : " ids=");
        buf_puts(&reason, job->people[i]->id);
        if (job->pieces[i] != 1)
            buf_printf(&reason, ":%d", job->pieces[i]);
    }
    buf_add(&reason, "", 1);
    if (!reason.failed)
        return reason.data;
    buf_free(&reason);
    return NULL;
}

static bool add_events(struct batch *b)
{
    struct event *events = calloc((size_t)b->job_count + 1, sizeof *events);
    long said = b->resumed ? b->begun.ends : 0; /* the first ones */
    bool ok = events != NULL;

    if (said >= b->job_count) {
        free(events);
        return true;
    }

    for (long i = 0; ok && i < b->job_count; i++) {
        char *reason = tell(b, &b->jobs[i]);

        events[i] = (struct event){"printed", b->jobs[i].id, reason};
        ok = reason != NULL;
    }
    ok = ok ? events_append(b->run, events + said, (size_t)(b->job_count - said), b->err) : error_memory(b->err);
    for (long i = 0; events && i < b->job_count; i++)
        free((char *)events[i].reason);
    free(events);
    return ok;
}

static void tell_jobs(const struct batch *b)
{
    for (long i = 0; b->options->on_job && i < b->job_count; i++) {
        struct tc_batch_job job = {.sheets = b->jobs[i].total, .foreign = b->jobs[i].foreign};

        memcpy(job.job, b->jobs[i].id, sizeof b->jobs[i].id);
        b->options->on_job(b->options->ctx, &job);
    }
}

/* What is about to lie there is in the log before it does. */
static bool begin(struct batch *b)
{
    struct buf list = {0};
    bool ok = list_jobs(b, &list) && journal_begin(b->run, JOURNAL_PRINT, b->jobs[0].id, list.data, NULL, b->err);

    buf_free(&list);
    return ok;
}

static bool publish(struct batch *b)
{
    struct tc_error ignored = {0};

    if (!outfolder_look(&b->folder, &b->result->there, b->err) || (b->job_count > 0 && !b->resumed && !begin(b)))
        return false;
    if (outfolder_publish(&b->folder, &b->result->there, b->err))
        return true;
    if (b->job_count > 0)
        journal_withdraw(b->run, JOURNAL_PRINT, b->jobs[0].id, &ignored);
    return false;
}

/* Nothing is made where nobody is to be printed. */
static bool make(struct batch *b)
{
    if (!choose_jobs(b) || (b->job_count == 0 && b->result->unreachable == 0))
        return !b->err->code;
    return outfolder_open(&b->folder, b->options->output, b->err) && write_folder(b) && publish(b) && add_events(b);
}

enum tc_code tc_batch(const char *run, const struct tc_batch_options *options, struct tc_batch_result *result, struct tc_error *err)
{
    struct batch b = {.run = run, .options = options, .result = result, .err = err};
    int lock;

    error_reset(err);
    *result = (struct tc_batch_result){0};
    lock = read_options(&b) ? recipients_lock(run, err) : -1;
    if (lock >= 0 && load(&b) && make(&b))
        tell_jobs(&b);
    outfolder_drop(&b.folder);
    free(b.inland);
    free(b.foreign);
    free(b.lost);
    free(b.printed);
    free(b.last);
    free(b.old);
    begun_free(&b.begun);
    free(b.jobs);
    free(b.pieces[0]);
    free(b.pieces[1]);
    seals_free(&b.seals);
    recipients_free(&b.people);
    if (lock >= 0)
        close(lock);
    return err->code;
}
