/* Whose retention period is over. What becomes of one run: purge_run.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "archive/collection.h"
#include "archive/purge_run.h"
#include "base/date.h"
#include "certificate/prepared.h"
#include "form/years.h"
#include "store/folder.h"
#include "store/manifest.h"
#include "store/purged.h"

/* What is known of a run of the collection, in its order. */
struct candidate {
    enum tc_purge_state state;
    bool asked;   /* of a year before the one that was given */
    int until;    /* the data are kept until that year's end; 0: not known, or purged already */
    size_t chain; /* the same number for all runs of it */
    int behind;   /* how many of the chain come after it */
    struct tc_error why;
    struct purging purging;
    bool prepared;
};

struct purge {
    const struct tc_purge_options *options;
    struct tc_purge_result *result;
    struct tc_error *err;
    struct tc_archive *archive;
    struct candidate *list;
    size_t count;
    char today[DATE_LENGTH + 1];
    int this_year;
};

/* ---- the period */

static bool read_today(struct purge *p)
{
    const char *given = p->options->today;
    time_t now = time(NULL);
    struct tm day;
    int32_t date;

    localtime_r(&now, &day);
    if (given && !date_parse(given, strlen(given), &date))
        return error_set(p->err, TC_USAGE, NULL, NULL, "today", "the day must be an existing date, YYYY-MM-DD");
    if (!given)
        date = (day.tm_year + 1900) * 10000 + (day.tm_mon + 1) * 100 + day.tm_mday;
    date_text(date, p->today);
    p->this_year = date / 10000;
    return true;
}

/* What a form says; 0: nothing, or it is not there. */
static int years_in(const char *folder, struct tc_error *err)
{
    struct tc_error ignored = {0};
    json_t *form = json_read_below(folder, "template.json", &ignored);
    json_int_t years = json_integer_value(json_object_get(form, "retention_years"));

    json_decref(form);
    if (error_is_memory(&ignored))
        error_memory(err);
    return years > 0 && years < 100 ? (int)years : 0;
}

/* What the form of the same name and year says today: a period may have become longer since. */
static int years_of_today(const struct purge *p, const char *form, int year, struct tc_error *err)
{
    char root[PREPARED_PATH_MAX], folder[FILE_PATH_MAX], name[YEARS_NAME];
    struct tc_error ignored = {0};

    prepared_root(p->options->templates, root);
    if (!years_find(root, form, year, name, &ignored)
        || snprintf(folder, sizeof folder, "%s/%s/%s", root, form, name) >= (int)sizeof folder)
        return 0;
    return years_in(folder, err);
}

/* The run's own form is proved first: it says how long. */
static bool read_own_years(const char *run, char form[100], int *years, struct tc_error *err)
{
    char path[FILE_PATH_MAX];
    struct ledger *ledger = manifest_open(run, err);
    bool ok = ledger && manifest_prove_form(run, ledger, NULL, err) && ledger_get(ledger, "form", form, 100, err)
              && file_path(run, "form", path, err);

    ledger_close(ledger);
    *years = ok ? years_in(path, err) : 0;
    return ok && !err->code;
}

/* Of the run's form, today's, and what was given the longest. */
static bool find_until(const struct purge *p, const struct collected *run, int *until, struct tc_error *err)
{
    char form[100];
    int years, today;

    if (!read_own_years(run->folder, form, &years, err))
        return false;
    today = years_of_today(p, form, run->told.year, err);
    years = today > years ? today : years;
    if (years == 0 && p->options->years == 0)
        return error_set(err, TC_USAGE, run->folder, NULL, "retention",
                         "the run's form does not say how long the data are to be kept: give --years");
    if (p->options->years > years)
        years = (int)p->options->years;
    *until = run->told.year + years;
    return !err->code;
}

static void look_at(struct purge *p, size_t i)
{
    const struct collected *run = &p->archive->runs[i];
    struct candidate *c = &p->list[i];

    c->asked = run->told.year < p->options->before;
    if (*run->told.unreadable) {
        c->state = TC_PURGE_FAILED;
        c->asked = true; /* its year is not known: it is told */
        c->why = run->why;
    } else if (run->told.purged) {
        c->state = purged_is_unfinished(run->folder) ? TC_PURGE_DUE : TC_PURGE_DONE_EARLIER;
    } else if (!find_until(p, run, &c->until, &c->why)) {
        c->state = TC_PURGE_FAILED;
    } else {
        c->state = p->this_year > c->until ? TC_PURGE_DUE : TC_PURGE_KEPT;
    }
}

/* ---- chains */

static bool on_earlier(void *ctx, const struct ledger_run *earlier, struct tc_error *err)
{
    struct buf *paths = ctx;

    buf_add(paths, earlier->path, strlen(earlier->path) + 1);
    return !paths->failed || error_memory(err);
}

/* The runs that this one corrects, wherever they lie. A draft is nobody's successor. */
static bool add_earlier(struct purge *p, size_t i)
{
    struct buf paths = {0};
    char path[FILE_PATH_MAX], real[FILE_PATH_MAX];
    struct tc_error ignored = {0};
    const char *folder = p->archive->runs[i].real; /* which stays where it is when others are added */
    const struct tc_archive_run *told = &p->archive->runs[i].told;
    struct ledger *ledger = told->purged || told->draft || *told->unreadable ? NULL : manifest_open(folder, &ignored);
    bool ok = !ledger || ledger_each_run(ledger, on_earlier, &paths, p->err);

    for (size_t at = 0; ok && at < paths.length; at += strlen(paths.data + at) + 1)
        if (file_path(folder, paths.data + at, path, &ignored) && realpath(path, real)
            && (folder_is_run(real, &ignored) || purged_is(real)))
            ok = collection_add(p->archive, real, p->err);
    ledger_close(ledger);
    buf_free(&paths);
    return ok && (!error_is_memory(&ignored) || error_memory(p->err));
}

static bool read_all(struct purge *p)
{
    for (size_t i = 0; i < p->archive->count; i++) /* others are added meanwhile */
        if (!collection_read(p->archive, i, p->err) || !add_earlier(p, i))
            return false;
    p->count = p->archive->count;
    for (size_t i = 0; i < p->count; i++) { /* some shares keep what is open */
        ledger_close(p->archive->runs[i].ledger);
        p->archive->runs[i].ledger = NULL;
    }
    p->list = calloc(p->count, sizeof *p->list);
    return p->list || error_memory(p->err);
}

static size_t find_next(const struct purge *p, size_t i)
{
    const char *next = p->archive->runs[i].next;
    size_t k = *next ? 0 : p->count;

    while (k < p->count && (k == i || strcmp(p->archive->runs[k].identity, next) != 0))
        k++;
    return k;
}

/* A chain is known by its last run. Those that were purged already have lost who came after them, and need nobody. */
static void find_chains(struct purge *p)
{
    for (size_t i = 0; i < p->count; i++) {
        size_t at = i, next;

        while ((next = find_next(p, at)) < p->count && p->list[i].behind < (int)p->count) {
            at = next;
            p->list[i].behind++;
        }
        p->list[i].chain = at;
    }
}

static bool stays(const struct candidate *c)
{
    return c->state != TC_PURGE_DUE && c->state != TC_PURGE_DONE && c->state != TC_PURGE_DONE_EARLIER;
}

/* One that stays keeps its whole chain. */
static void keep_chains(struct purge *p)
{
    for (size_t i = 0; i < p->count; i++)
        for (size_t k = 0; stays(&p->list[i]) && k < p->count; k++)
            if (p->list[k].chain == p->list[i].chain && p->list[k].state == TC_PURGE_DUE)
                p->list[k].state = p->list[i].state == TC_PURGE_FAILED ? TC_PURGE_KEPT_CHAIN : p->list[i].state;
}

/* ---- doing it */

/* The last of a chain first, as whoever corrects a run takes its locks. */
static bool prepare(struct purge *p, size_t chain, int behind)
{
    for (size_t i = 0; i < p->count; i++) {
        struct candidate *c = &p->list[i];
        struct purge_terms terms = {p->today, c->until, c->until - p->archive->runs[i].told.year};

        if (c->chain != chain || c->behind != behind || c->state != TC_PURGE_DUE || !c->asked)
            continue;
        c->prepared = true;
        if (!purge_prepare(&c->purging, p->archive->runs[i].folder, &terms, &c->why)) {
            c->state = TC_PURGE_FAILED;
            return false;
        }
    }
    return true;
}

static void end_chain(struct purge *p, size_t chain)
{
    for (size_t i = 0; i < p->count; i++)
        if (p->list[i].chain == chain && p->list[i].prepared)
            purge_end(&p->list[i].purging);
}

/* All of a chain are made ready before the first is purged. */
static void purge_chain(struct purge *p, size_t chain)
{
    bool ok = true;

    for (int behind = 0; ok && behind < (int)p->count; behind++)
        ok = prepare(p, chain, behind);
    for (size_t i = 0; i < p->count; i++) {
        struct candidate *c = &p->list[i];

        if (c->chain != chain || c->state != TC_PURGE_DUE || !c->asked)
            continue;
        if (ok)
            c->state = purge_do(&c->purging, &c->why) ? TC_PURGE_DONE : TC_PURGE_FAILED;
        else
            c->state = TC_PURGE_KEPT_CHAIN;
    }
    end_chain(p, chain);
}

static void tell(const struct purge *p, size_t i)
{
    const struct candidate *c = &p->list[i];
    const struct tc_archive_run *run = &p->archive->runs[i].told;
    struct tc_purge_run told = {run->folder, run->employer, run->year, c->until, c->state, c->state == TC_PURGE_FAILED ? &c->why : NULL};
    long *const counts[] = {&p->result->due,  &p->result->done, &p->result->done_earlier,
                            &p->result->kept, &p->result->kept, &p->result->failed};

    if (!c->asked)
        return;
    ++*counts[c->state];
    if (p->options->on_run)
        p->options->on_run(p->options->ctx, &told);
}

static bool purge_all(struct purge *p)
{
    if (!read_all(p))
        return false;
    for (size_t i = 0; i < p->count; i++)
        look_at(p, i);
    find_chains(p);
    keep_chains(p);
    for (size_t i = 0; p->options->yes && i < p->count; i++)
        if (p->list[i].state == TC_PURGE_DUE && p->list[i].asked)
            purge_chain(p, p->list[i].chain);
    for (size_t i = 0; i < p->count; i++)
        tell(p, i);
    return true;
}

enum tc_code tc_purge(const char *folder, const struct tc_purge_options *options, struct tc_purge_result *result, struct tc_error *err)
{
    static const struct tc_archive_filter all = {.year = 0};
    struct purge p = {.options = options, .result = result, .err = err};

    error_reset(err);
    *result = (struct tc_purge_result){0};
    if (read_today(&p) && (p.archive = tc_archive_open(folder, &all, err)) != NULL && purge_all(&p))
        result->unfinished = p.archive->unfinished;
    for (size_t i = 0; p.list && i < p.count && !err->code; i++)
        if (p.list[i].asked && p.list[i].why.code == TC_IO && error_is_memory(&p.list[i].why))
            error_memory(err);
    free(p.list);
    tc_archive_close(p.archive);
    if (err->code)
        return err->code;
    return result->kept || result->failed ? TC_HELD : TC_OK;
}
