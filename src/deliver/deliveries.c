/* Who got what: for everybody of the year how each version of the certificate went out, by the logs of the runs that issued it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "book/csv.h"
#include "deliver/journal.h"
#include "deliver/recipients.h"
#include "store/outside.h"

#define COLUMNS 10

/* Something that went out, or was tried to. */
struct sent {
    const char *id, *time, *kind, *detail, *who;
    const char *version; /* the run that issued it, as seen from this one; ".": this one */
    bool current;        /* that version is the one of this run's ledger */
    size_t order;
};

struct deliveries {
    const char *run;
    const struct tc_deliveries_options *options;
    struct tc_deliveries_result *result;
    struct tc_error *err;
    struct recipients people;
    const struct person **index;
    struct sent *list;
    size_t count, capacity;
    /* of the event in hand */
    const struct event_read *event;
    const char *version;
};

static const char *keep(struct deliveries *d, const char *text, size_t length)
{
    return arena_copy(&d->people.arena, text, length);
}

/* The run that issued somebody's certificate, as its path begins. */
static bool is_of(const struct person *person, const char *version)
{
    size_t length = strlen(version);

    if (!*person->file)
        return false;
    if (!strcmp(version, "."))
        return !strncmp(person->file, "certificates/", 13);
    return !strncmp(person->file, version, length) && person->file[length] == '/';
}

static bool add(struct deliveries *d, const char *id, const char *detail)
{
    const struct person *person = recipients_find(d->index, d->people.count, id);
    size_t length = 0;
    const char *who = journal_find(d->event->reason, "by", &length);

    if (d->count == d->capacity) {
        size_t capacity = d->capacity ? 2 * d->capacity : 1024;
        struct sent *grown = realloc(d->list, capacity * sizeof *grown);

        if (!grown)
            return error_memory(d->err);
        d->list = grown;
        d->capacity = capacity;
    }
    d->list[d->count] = (struct sent){.id = keep(d, id, strlen(id)),
                                      .time = keep(d, d->event->time, strlen(d->event->time)),
                                      .kind = keep(d, d->event->kind, strlen(d->event->kind)),
                                      .detail = keep(d, detail, strlen(detail)),
                                      .who = who ? keep(d, who, length) : "",
                                      .version = d->version,
                                      .current = person && is_of(person, d->version),
                                      .order = d->count};
    d->count++;
    return !d->people.arena.failed || error_memory(d->err);
}

static bool on_listed(void *ctx, const char *word, long number)
{
    struct deliveries *d = ctx;
    char id[80], detail[80] = "";
    size_t length = strcspn(word, ":");

    snprintf(id, sizeof id, "%.*s", (int)length, word);
    if (!strcmp(d->event->kind, "printed"))
        snprintf(detail, sizeof detail, "%.6s sheet %ld", d->event->about, number + 1);
    else
        snprintf(detail, sizeof detail, "%.6s", d->event->about);
    return add(d, id, detail);
}

static bool is_listed(const char *kind, const char *const *words)
{
    while (*words && strcmp(*words, kind) != 0)
        words++;
    return *words != NULL;
}

static bool on_event(void *ctx, const struct event_read *event, struct tc_error *err)
{
    static const char *const of_lists[] = {"printed", "copied", NULL};
    static const char *const of_one[] = {"reprinted", "duplicated", "offered",  "accepted", "refused",
                                         "unknown",   "not-sent",   "resolved", "bounced",  NULL};
    struct deliveries *d = ctx;
    char detail[80];
    size_t length = 0;
    const char *found;

    (void)err;
    d->event = event;
    if (is_listed(event->kind, of_lists)) {
        found = journal_find(event->reason, "ids", &length);
        return !found || journal_each(found, length, on_listed, d);
    }
    if (!is_listed(event->kind, of_one))
        return true;
    found = journal_find(event->reason, "reply", &length);
    snprintf(detail, sizeof detail, "%.*s", found && length < 40 ? (int)length : 0, found ? found : "");
    return add(d, event->about, detail);
}

static bool on_run(void *ctx, const struct ledger_run *earlier, struct tc_error *err)
{
    struct deliveries *d = ctx;
    char folder[FILE_PATH_MAX];

    d->version = keep(d, earlier->path, strlen(earlier->path));
    return d->version && file_path(d->run, earlier->path, folder, err) && events_read(folder, on_event, d, err);
}

static bool read_logs(struct deliveries *d)
{
    char path[FILE_PATH_MAX];
    struct ledger *ledger = file_path(d->run, "ledger.db", path, d->err) ? ledger_open(path, d->err) : NULL;
    bool ok = ledger && ledger_each_run(ledger, on_run, d, d->err);

    ledger_close(ledger);
    d->version = ".";
    return ok && events_read(d->run, on_event, d, d->err);
}

static int by_person(const void *a, const void *b)
{
    const struct sent *one = a, *other = b;
    int order = strcmp(one->id, other->id);

    if (order == 0)
        order = strcmp(one->time, other->time);
    return order ? order : one->order < other->order ? -1 : 1;
}

/* ---- what became of somebody's certificate */

struct state {
    bool printed, accepted, copied, unknown, refused;
    bool old; /* an earlier version went out */
};

static void take(struct state *s, const struct sent *sent)
{
    if (!sent->current) {
        s->old |= !strcmp(sent->kind, "printed") || !strcmp(sent->kind, "accepted") || !strcmp(sent->kind, "unknown")
                  || !strcmp(sent->kind, "copied");
        return;
    }
    if (!strcmp(sent->kind, "printed"))
        s->printed = true;
    else if (!strcmp(sent->kind, "copied"))
        s->copied = true;
    else if (!strcmp(sent->kind, "offered"))
        s->unknown = true; /* until its end is told */
    else if (!strcmp(sent->kind, "accepted") || (!strcmp(sent->kind, "resolved") && !strcmp(sent->detail, "arrived")))
        s->accepted = true, s->unknown = false;
    else if (!strcmp(sent->kind, "refused") || !strcmp(sent->kind, "not-sent"))
        s->refused = !strcmp(sent->kind, "refused"), s->unknown = false;
    else if (!strcmp(sent->kind, "resolved"))
        s->unknown = false;
    else if (!strcmp(sent->kind, "bounced"))
        s->accepted = false, s->refused = true;
}

/* Each certificate is counted once. */
static const char *count_state(struct deliveries *d, const struct state *s, bool cancelled)
{
    struct tc_deliveries_result *r = d->result;

    if (cancelled) {
        r->cancelled += s->old;
        return s->old ? "cancelled, went out" : "cancelled";
    }
    r->issued++;
    r->unknown += s->unknown;
    r->refused += s->refused;
    r->only_old += s->old && !s->printed && !s->accepted && !s->copied;
    if (s->printed)
        return r->printed++, "printed";
    if (s->accepted)
        return r->sent++, "sent";
    if (s->copied)
        return r->copied++, s->unknown ? "unknown" : "copied";
    r->not_yet++;
    return s->unknown ? "unknown" : s->refused ? "refused" : s->old ? "only the old one" : "not yet";
}

/* ---- telling it */

static bool wanted(const struct deliveries *d, const char *state)
{
    return !d->options->state || !strcmp(d->options->state, state);
}

static void tell_text(struct deliveries *d, const struct person *p, const char *state, const struct sent *sent, size_t count,
                      struct buf *out)
{
    buf_puts(out, p->number);
    buf_puts(out, "+");
    buf_puts(out, p->id);
    buf_puts(out, "\t");
    buf_puts(out, p->name);
    buf_puts(out, "\t");
    buf_puts(out, p->validity == VALID || !*p->file ? state : p->validity == CORRECTED ? "corrected since" : "cancelled since");
    buf_puts(out, "\n");
    for (size_t i = 0; i < count; i++) {
        const char *const words[] = {"\t",
                                     sent[i].time,
                                     " ",
                                     sent[i].kind,
                                     " ",
                                     sent[i].detail,
                                     sent[i].current ? "" : " (the version of ",
                                     sent[i].current ? "" : sent[i].version,
                                     sent[i].current ? "" : ")",
                                     *sent[i].who ? " by " : "",
                                     sent[i].who,
                                     "\n"};

        for (size_t k = 0; k < sizeof words / sizeof *words; k++)
            buf_puts(out, words[k]);
    }
    (void)d;
}

static void add_row(const struct person *p, const char *state, const struct sent *sent, struct buf *out)
{
    static const char *const validities[] = {"valid", "corrected", "cancelled"};
    char hash[HASH_HEX + 1];
    const char *const texts[COLUMNS] = {p->number,
                                        p->id,
                                        p->name,
                                        validities[p->validity],
                                        state,
                                        sent ? sent->time : "",
                                        sent ? sent->kind : "",
                                        sent ? sent->detail : "",
                                        sent ? sent->version : "",
                                        sent ? sent->who : ""};
    struct cell cells[COLUMNS + 1];

    hash_hex(p->hash, hash);
    for (int i = 0; i <= COLUMNS; i++)
        cells[i] = (struct cell){.kind = CELL_TEXT, .text = i < COLUMNS ? texts[i] : hash};
    csv_row(out, cells, COLUMNS + 1);
}

static size_t first_of(const struct deliveries *d, const char *id)
{
    size_t low = 0, high = d->count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (strcmp(d->list[middle].id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void tell_person(struct deliveries *d, const struct person *p, struct buf *text, struct buf *csv)
{
    size_t first = first_of(d, p->id), end = first;
    struct state s = {0};
    const char *state;

    while (end < d->count && !strcmp(d->list[end].id, p->id))
        take(&s, &d->list[end++]);
    state = count_state(d, &s, !*p->file);
    if (!wanted(d, state))
        return;
    tell_text(d, p, state, &d->list[first], end - first, text);
    for (size_t i = first; i < end; i++)
        add_row(p, state, &d->list[i], csv);
    if (end == first)
        add_row(p, state, NULL, csv);
}

static bool tell(struct deliveries *d)
{
    struct buf text = {0}, csv = {0};
    bool ok;

    buf_puts(&csv, "personnel_number,certificate,name,valid,state,time,event,detail,version,by,sha256\n");
    for (size_t i = 0; i < d->people.count; i++)
        tell_person(d, &d->people.list[i], &text, &csv);
    ok = text.failed || csv.failed ? error_memory(d->err)
                                   : !d->options->csv || file_give(d->options->csv, &(struct iovec){csv.data, csv.length}, 1, d->err);
    if (ok && d->options->to)
        fwrite(text.data ? text.data : "", 1, text.length, d->options->to);
    buf_free(&text);
    buf_free(&csv);
    return ok;
}

enum tc_code tc_deliveries(const char *run, const struct tc_deliveries_options *options, struct tc_deliveries_result *result,
                           struct tc_error *err)
{
    struct deliveries d = {.run = run, .options = options, .result = result, .err = err};

    error_reset(err);
    *result = (struct tc_deliveries_result){0};
    if ((!options->csv || outside_runs(options->csv, err)) && recipients_load(&d.people, run, true, err)
        && recipients_index(&d.people, &d.index, err) && read_logs(&d)) {
        if (d.count > 0)
            qsort(d.list, d.count, sizeof *d.list, by_person);
        tell(&d);
    }
    free(d.index);
    free(d.list);
    recipients_free(&d.people);
    return err->code;
}
