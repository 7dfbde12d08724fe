#include "deliver/history.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "deliver/journal.h"
#include "store/folder.h"
#include "store/manifest.h"

/* Calls for each event of the year, the oldest run's first; version as in struct happening. */
typedef bool (*year_call)(void *ctx, const char *version, const struct event_read *event, struct tc_error *err);

struct year {
    const char *run, *version;
    bool own; /* this run's log too */
    year_call call;
    bool (*on_absent)(void *ctx, const char *path, struct tc_error *err); /* an earlier run does not lie where the ledger has it; or NULL */
    void *ctx;
};

static bool is_listed(const char *kind, const char *const *words)
{
    while (*words && strcmp(*words, kind) != 0)
        words++;
    return *words != NULL;
}

static const char *const of_lists[] = {"printed", "copied", NULL};
static const char *const of_one[] = {"reprinted", "duplicated", "letter-given", "offered", "accepted", "refused",
                                     "unknown",   "not-sent",   "resolved",     "bounced", NULL};
/* After these somebody has it, or may have it. */
static const char *const gone[] = {"printed", "copied", "reprinted", "duplicated", "accepted", "unknown", NULL};

/* ---- the logs */

static bool on_event(void *ctx, const struct event_read *event, struct tc_error *err)
{
    const struct year *y = ctx;

    return (!is_listed(event->kind, of_lists) && !is_listed(event->kind, of_one)) || y->call(y->ctx, y->version, event, err);
}

static bool on_run(void *ctx, const struct ledger_run *earlier, struct tc_error *err)
{
    struct year *y = ctx;
    char folder[FILE_PATH_MAX], log[FILE_PATH_MAX];

    y->version = earlier->path;
    if (!file_path(y->run, earlier->path, folder, err) || !file_path(folder, "events.log", log, err))
        return false;
    if (y->on_absent && access(log, F_OK) != 0 && !y->on_absent(y->ctx, earlier->path, err))
        return false;
    return events_read(folder, on_event, y, err);
}

static bool read_year(struct year *y, struct tc_error *err)
{
    struct ledger *ledger = manifest_open(y->run, err);
    bool ok = ledger && ledger_each_run(ledger, on_run, y, err);

    ledger_close(ledger);
    y->version = ".";
    return ok && (!y->own || events_read(y->run, on_event, y, err));
}

/* ---- what happened */

/* The event in hand. */
struct reading {
    struct history *history;
    const struct event_read *event;
    const char *version;
    long sheet; /* of a print job: the next one's */
    struct tc_error *err;
};

static const char *keep(struct history *h, const char *text, size_t length)
{
    return arena_copy(&h->people.arena, text, length);
}

static bool make_room(struct history *h, struct tc_error *err)
{
    size_t capacity = h->capacity ? 2 * h->capacity : 1024;
    struct happening *grown;

    if (h->count < h->capacity)
        return true;
    grown = realloc(h->list, capacity * sizeof *grown);
    if (!grown)
        return error_memory(err);
    h->list = grown;
    h->capacity = capacity;
    return true;
}

static bool add(struct reading *r, const char *id, const char *detail)
{
    struct history *h = r->history;
    size_t length = 0;
    const char *who = journal_find(r->event->reason, "by", &length);

    if (!make_room(h, r->err))
        return false;
    h->list[h->count] = (struct happening){.id = keep(h, id, strlen(id)),
                                           .time = keep(h, r->event->time, strlen(r->event->time)),
                                           .kind = keep(h, r->event->kind, strlen(r->event->kind)),
                                           .detail = keep(h, detail, strlen(detail)),
                                           .who = who ? keep(h, who, length) : "",
                                           .version = r->version,
                                           .order = h->count};
    h->count++;
    return !h->people.arena.failed || error_memory(r->err);
}

static bool on_listed(void *ctx, const char *word, long number)
{
    struct reading *r = ctx;
    char id[80], detail[80] = "";
    size_t length = strcspn(word, ":");

    r->sheet = number == 0 ? 1 : r->sheet;
    snprintf(id, sizeof id, "%.*s", (int)length, word);
    if (!strcmp(r->event->kind, "printed")) {
        snprintf(detail, sizeof detail, "%.6s sheet %ld", r->event->about, r->sheet);
        r->sheet += word[length] ? strtol(word + length + 1, NULL, 10) : 1;
    } else
        snprintf(detail, sizeof detail, "%.6s", r->event->about);
    return add(r, id, detail);
}

/* A letter that HR gave out again is told by its certificate's id. */
static bool add_one(struct reading *r, const char *detail)
{
    char id[80];

    if (strcmp(r->event->kind, "letter-given") != 0)
        return add(r, r->event->about, detail);
    snprintf(id, sizeof id, "%.60s" RECIPIENTS_LETTER, r->event->about);
    return add(r, id, detail);
}

static bool keep_happening(void *ctx, const char *version, const struct event_read *event, struct tc_error *err)
{
    struct reading *r = ctx;
    char detail[80];
    size_t length = 0;
    const char *found;

    r->event = event;
    r->err = err;
    if (!r->version || strcmp(r->version, version) != 0)
        r->version = keep(r->history, version, strlen(version));
    if (!r->version)
        return error_memory(err);
    if (is_listed(event->kind, of_lists)) {
        found = journal_find(event->reason, "ids", &length);
        return !found || journal_each(found, length, on_listed, r);
    }
    found = journal_find(event->reason, "reply", &length);
    snprintf(detail, sizeof detail, "%.*s", found && length < 40 ? (int)length : 0, found ? found : "");
    return add_one(r, detail);
}

static bool keep_absent(void *ctx, const char *path, struct tc_error *err)
{
    struct history *h = ((struct reading *)ctx)->history;
    const char **grown = realloc(h->absent, (h->absent_count + 1) * sizeof *grown);

    if (!grown)
        return error_memory(err);
    h->absent = grown;
    h->absent[h->absent_count] = keep(h, path, strlen(path));
    return h->absent[h->absent_count++] || error_memory(err);
}

static int by_id(const void *a, const void *b)
{
    const struct happening *one = a, *other = b;
    int order = strcmp(one->id, other->id);

    if (order == 0)
        order = strcmp(one->time, other->time);
    return order ? order : one->order < other->order ? -1 : 1;
}

bool history_load(struct history *h, const char *run, struct tc_error *err)
{
    struct reading reading = {.history = h};
    struct year year = {.run = run, .own = true, .call = keep_happening, .on_absent = keep_absent, .ctx = &reading};

    *h = (struct history){.count = 0};
    if (!recipients_load(&h->people, run, RECIPIENTS_YEAR, err) || !read_year(&year, err))
        return false;
    if (h->count > 0)
        qsort(h->list, h->count, sizeof *h->list, by_id);
    return true;
}

void history_free(struct history *h)
{
    free(h->list);
    free(h->absent);
    recipients_free(&h->people);
    *h = (struct history){.count = 0};
}

/* ---- what became of somebody's certificate */

static size_t first_of(const struct history *h, const char *id)
{
    size_t low = 0, high = h->count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (strcmp(h->list[middle].id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool history_is_current(const struct person *person, const struct happening *happening)
{
    size_t length = strlen(happening->version);

    if (!*person->file)
        return false;
    if (!strcmp(happening->version, "."))
        return folder_find_certificate(person->file) == person->file;
    return !strncmp(person->file, happening->version, length) && person->file[length] == '/';
}

/* Whether it was issued by a run whose log is not there. */
static bool is_untold(const struct history *h, const struct person *person)
{
    for (size_t i = 0; i < h->absent_count; i++) {
        size_t length = strlen(h->absent[i]);

        if (!strncmp(person->file, h->absent[i], length) && person->file[length] == '/')
            return true;
    }
    return false;
}

struct state {
    bool printed, accepted, copied, unknown, refused, bounced;
};

static void take(struct state *s, const struct happening *h)
{
    if (!strcmp(h->kind, "printed"))
        s->printed = true;
    else if (!strcmp(h->kind, "copied"))
        s->copied = true;
    else if (!strcmp(h->kind, "offered"))
        s->unknown = true; /* until its end is told */
    else if (!strcmp(h->kind, "accepted") || (!strcmp(h->kind, "resolved") && !strcmp(h->detail, "arrived")))
        s->accepted = true, s->unknown = s->bounced = s->refused = false;
    else if (!strcmp(h->kind, "refused") || !strcmp(h->kind, "not-sent"))
        s->refused = !strcmp(h->kind, "refused"), s->unknown = false;
    else if (!strcmp(h->kind, "resolved"))
        s->unknown = false;
    else if (!strcmp(h->kind, "bounced"))
        s->accepted = s->unknown = false, s->bounced = true;
}

static void set_word(struct fate *out, const struct state *s, const struct person *person)
{
    static const char *const words[] = {"printed", "sent", "copied", "not yet"};
    bool cancelled = !*person->file, old = out->old && !person->letter;

    out->class = cancelled     ? HISTORY_VOID
                 : s->printed  ? HISTORY_PRINTED
                 : s->accepted ? HISTORY_SENT
                 : s->copied   ? HISTORY_COPIED
                               : HISTORY_NOT_YET;
    out->untold = out->class == HISTORY_NOT_YET && out->untold;
    if (cancelled)
        out->word = out->old ? "cancelled, went out" : "cancelled";
    else if (out->class >= HISTORY_COPIED && (s->unknown || s->bounced))
        out->word = s->unknown ? "unknown" : "bounced";
    else if (out->untold)
        out->word = "run absent";
    else if (out->class == HISTORY_NOT_YET && (s->refused || old))
        out->word = s->refused ? "refused" : "only the old one";
    else
        out->word = words[out->class];
}

/* Whether the certificate that a letter says is void went out. */
static bool went_out(const struct history *h, const struct person *letter)
{
    char id[80];

    snprintf(id, sizeof id, "%.*s", (int)(strlen(letter->id) - strlen(RECIPIENTS_LETTER)), letter->id);
    for (size_t i = first_of(h, id); i < h->count && !strcmp(h->list[i].id, id); i++)
        if (is_listed(h->list[i].kind, gone))
            return true;
    return false;
}

void history_fate(const struct history *h, const struct person *person, struct fate *out)
{
    size_t first = first_of(h, person->id), end = first;
    struct state s = {.printed = false};

    *out = (struct fate){.old = person->letter && went_out(h, person)};
    for (; end < h->count && !strcmp(h->list[end].id, person->id); end++) {
        if (history_is_current(person, &h->list[end]))
            take(&s, &h->list[end]);
        else
            out->old |= is_listed(h->list[end].kind, gone);
    }
    out->first = h->list + first;
    out->count = end - first;
    out->unknown = s.unknown;
    out->refused = s.refused;
    out->bounced = s.bounced;
    out->untold = is_untold(h, person);
    set_word(out, &s, person);
}

const char *history_word(const char *kind)
{
    return !strcmp(kind, "letter-given") ? "reprinted" : kind;
}

/* ---- who had got what is void now */

struct marking {
    const struct recipients *people;
    const struct person **index;
    bool *old;
};

static void mark(struct marking *m, const char *id)
{
    char letter[80];
    const struct person *found = recipients_find(m->index, m->people->count, id);

    if (found)
        m->old[found - m->people->list] = true;
    snprintf(letter, sizeof letter, "%.60s" RECIPIENTS_LETTER, id);
    found = recipients_find(m->index, m->people->count, letter);
    if (found)
        m->old[found - m->people->list] = true;
}

static bool mark_listed(void *ctx, const char *word, long number)
{
    char id[80];

    (void)number;
    snprintf(id, sizeof id, "%.*s", (int)strcspn(word, ":"), word);
    mark(ctx, id);
    return true;
}

static bool mark_old(void *ctx, const char *version, const struct event_read *event, struct tc_error *err)
{
    size_t length;
    const char *ids = is_listed(event->kind, of_lists) ? journal_find(event->reason, "ids", &length) : NULL;

    (void)version, (void)err;
    if (ids)
        return journal_each(ids, length, mark_listed, ctx);
    if (is_listed(event->kind, gone))
        mark(ctx, event->about);
    return true;
}

bool history_old(const char *run, const struct recipients *people, bool **old, long *count, struct tc_error *err)
{
    struct marking m = {.people = people};
    struct year year = {.run = run, .call = mark_old, .ctx = &m};
    bool ok;

    *count = 0;
    *old = m.old = calloc(people->count + 1, sizeof *m.old);
    if (!m.old)
        return error_memory(err);
    if (!people->corrects)
        return true;
    ok = recipients_index(people, &m.index, err) && read_year(&year, err);
    for (size_t i = 0; ok && i < people->count; i++)
        *count += m.old[i];
    free(m.index);
    return ok;
}
