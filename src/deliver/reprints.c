/* HR: several certificates again, a file each or one file for the printer. All are looked at first: nothing is logged or given out where one of them
 * cannot be. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/reprint.h"
#include "base/arena.h"
#include "base/beside.h"
#include "base/text.h"
#include "base/utf8.h"
#include "deliver/join.h"
#include "deliver/seals.h"
#include "store/outside.h"

#define MERGED "certificates.pdf" /* while it is made */
#define HANDLES_MAX 100000

/* One that is asked for. */
struct wanted {
    const char *handle, *which; /* which: how a message calls it */
    const char *run;            /* borrowed from the archive */
    const char *issuer, *id, *file, *event;
};

/* The sealed forms of a run that issued some of them. */
struct issuer {
    const char *folder;
    struct seals seals;
};

struct reprints {
    struct tc_archive *archive;
    const struct tc_reprints *asked;
    const struct tc_reprint_options *options;
    struct tc_reprint_options each; /* of every one, where each gets a file */
    struct arena arena;
    struct wanted *list;
    size_t count, capacity;
    struct issuer *issuers;
    size_t issuer_count;
    struct beside beside;
    struct join join;
    long refused;
    enum tc_code worst;
    struct tc_error *err;
};

/* ---- who is asked for */

static bool is_fit(const char *handle)
{
    return strspn(handle, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-+") == strlen(handle) && strlen(handle) < 72;
}

static bool add(struct reprints *r, const char *handle, const char *place, size_t number)
{
    struct wanted *w;
    char which[40];

    if (r->count == HANDLES_MAX)
        return error_set(r->err, TC_USAGE, r->asked->list, NULL, "list", "more than %d certificates at once", HANDLES_MAX);
    if (r->count == r->capacity) {
        size_t capacity = r->capacity ? 2 * r->capacity : 64;
        struct wanted *list = realloc(r->list, capacity * sizeof *list);

        if (!list)
            return error_memory(r->err);
        r->list = list;
        r->capacity = capacity;
    }
    snprintf(which, sizeof which, "%s %zu", place, number);
    w = &r->list[r->count++];
    *w = (struct wanted){.handle = arena_copy(&r->arena, handle, strlen(handle))};
    w->which = is_fit(handle) ? w->handle : arena_copy(&r->arena, which, strlen(which));
    return (w->handle && w->which) || error_memory(r->err);
}

/* The first word of each line; an empty one is none. */
static bool read_list(struct reprints *r)
{
    char *text = NULL, *rest = NULL;
    size_t length, number = 0;

    if (!r->asked->list)
        return true;
    if (!utf8_read(r->asked->list, &text, &length, r->err))
        return false;
    for (char *line = text; line && !r->err->code; line = rest) {
        size_t begin;

        rest = strchr(line, '\n');
        if (rest)
            *rest++ = '\0';
        number++;
        begin = strspn(line, " \t\r\"");
        line[begin + strcspn(line + begin, " \t\r\",;")] = '\0';
        if (line[begin])
            add(r, line + begin, "line", number);
    }
    free(text);
    return !r->err->code;
}

static bool collect(struct reprints *r)
{
    for (size_t i = 0; i < r->asked->count; i++)
        if (!add(r, r->asked->handles[i], "word", i + 1))
            return false;
    return read_list(r) && (r->count > 0 || error_set(r->err, TC_USAGE, r->asked->list, NULL, "list", "the list names nobody"));
}

/* ---- whether each can be given */

static bool refuse(struct reprints *r, const struct wanted *w, const struct tc_error *why)
{
    if (error_is_memory(why))
        return error_memory(r->err);
    r->refused++;
    if (why->code > r->worst)
        r->worst = why->code;
    if (r->asked->on_refused)
        r->asked->on_refused(r->asked->ctx, w->which, why);
    return true;
}

/* The run's folder as one of the issuers', whose forms are read once. */
static struct issuer *find_issuer(struct reprints *r, const char *folder)
{
    struct issuer *issuers;

    for (size_t i = 0; i < r->issuer_count; i++)
        if (!strcmp(r->issuers[i].folder, folder))
            return &r->issuers[i];
    issuers = realloc(r->issuers, (r->issuer_count + 1) * sizeof *issuers);
    if (!issuers) {
        error_memory(r->err);
        return NULL;
    }
    r->issuers = issuers;
    r->issuers[r->issuer_count] = (struct issuer){.folder = arena_copy(&r->arena, folder, strlen(folder))};
    if (r->issuers[r->issuer_count].folder)
        return &r->issuers[r->issuer_count++];
    error_memory(r->err);
    return NULL;
}

/* As the next page of the merged file. */
static bool add_page(struct reprints *r, const struct wanted *w, const struct reprint_found *found)
{
    size_t before = r->issuer_count;
    struct issuer *issuer = find_issuer(r, w->issuer);

    if (!issuer || (r->issuer_count > before && !seals_load(&issuer->seals, w->issuer, r->err)))
        return false;
    for (size_t i = 0; r->issuer_count > before && i < issuer->seals.count; i++)
        if (!join_add_seal(&r->join, issuer->seals.names[i], issuer->seals.data[i], issuer->seals.lengths[i]))
            return false;
    for (int i = 0; i == 0 || i < join_pages(&r->join, found->data.data, found->data.length); i++)
        if (!join_add_page(&r->join, w->file, found->data.data, found->data.length, i, ""))
            return false;
    return true;
}

static bool keep(struct reprints *r, struct wanted *w, const struct reprint_found *found)
{
    w->issuer = arena_copy(&r->arena, found->issuer, strlen(found->issuer));
    w->id = arena_copy(&r->arena, found->id, strlen(found->id));
    w->file = arena_copy(&r->arena, found->file, strlen(found->file));
    w->event = found->event;
    return (w->issuer && w->id && w->file) || error_memory(r->err);
}

static bool look_at(struct reprints *r, struct wanted *w)
{
    struct reprint_found found = {.event = NULL};
    struct tc_error why = {0};
    bool ok;

    w->run = tc_archive_pick(r->archive, w->handle, &why);
    if (!w->run || !reprint_look(w->run, w->handle, &r->each, &found, &why))
        return refuse(r, w, &why);
    ok = keep(r, w, &found) && (!r->asked->merged || r->refused > 0 || add_page(r, w, &found));
    buf_free(&found.data);
    return ok;
}

static int by_file(const void *a, const void *b)
{
    return strcmp((*(struct wanted *const *)a)->file, (*(struct wanted *const *)b)->file);
}

/* Each once: of two files of one name, one would be lost. */
static bool refuse_doubles(struct reprints *r)
{
    struct wanted **sorted = calloc(r->count, sizeof *sorted);
    bool ok = sorted != NULL;

    for (size_t i = 0; ok && i < r->count; i++)
        sorted[i] = &r->list[i];
    if (ok)
        qsort(sorted, r->count, sizeof(struct wanted *), by_file);
    for (size_t i = 1; ok && i < r->count; i++) {
        bool same = !strcmp(sorted[i]->issuer, sorted[i - 1]->issuer);

        if (strcmp(sorted[i]->file, sorted[i - 1]->file) != 0 || (!same && r->asked->merged))
            continue;
        ok = refuse(r, sorted[i],
                    same ? &(struct tc_error){.code = TC_USAGE, .rule = "twice", .message = "it is asked for twice: name it once"}
                         : &(struct tc_error){
                             .code = TC_USAGE, .rule = "twice", .message = "its file would have the same name as one of another employer"});
    }
    free(sorted);
    return ok || r->err->code || error_memory(r->err);
}

static bool look_at_all(struct reprints *r)
{
    for (size_t i = 0; i < r->count; i++)
        if (!look_at(r, &r->list[i]))
            return false;
    if (r->refused == 0 && !refuse_doubles(r))
        return false;
    return r->refused == 0
           || error_set(r->err, r->worst, NULL, NULL, "none-given", "%ld of %zu cannot be given out: nothing was written or logged",
                        r->refused, r->count);
}

/* ---- a file each */

static bool give_each(struct reprints *r, long *given)
{
    struct tc_reprinted result;

    for (size_t i = 0; i < r->count; i++) {
        if (tc_reprint(r->list[i].run, r->list[i].handle, &r->each, &result, r->err) != TC_OK)
            return false;
        ++*given;
        if (r->asked->on_given)
            r->asked->on_given(r->asked->ctx, r->list[i].run, &result);
    }
    return true;
}

static bool make_files(struct reprints *r, long *given)
{
    struct stat status;
    const char *folder = r->options->output;

    if (!outside_runs(folder, r->err))
        return false;
    if (stat(folder, &status) == 0 && !S_ISDIR(status.st_mode))
        return error_set(r->err, TC_USAGE, folder, NULL, "folder", "this is not a folder; several certificates need one");
    return look_at_all(r) && file_folder(folder, r->err) && give_each(r, given);
}

/* ---- one file for all */

/* What was logged and then not given out is told too. */
static void tell_failed(struct reprints *r, size_t logged)
{
    struct tc_error ignored = {0};

    for (size_t i = 0; i < logged; i++)
        reprint_log(r->list[i].issuer, "failed", r->list[i].id, "what an event before says was not given out", r->options, &ignored);
}

static bool log_all(struct reprints *r, size_t *logged)
{
    for (; *logged < r->count; ++*logged)
        if (!reprint_log(r->list[*logged].issuer, r->list[*logged].event, r->list[*logged].id, r->options->reason, r->options, r->err))
            return false;
    return true;
}

static bool write_pages(struct reprints *r)
{
    char path[FILE_PATH_MAX];
    unsigned char hash[HASH_SIZE];
    int fd = beside_path(&r->beside, MERGED, path, r->err) ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
    bool ok = fd >= 0 && join_start(&r->join, fd, r->err) && look_at_all(r) && join_end(&r->join, hash);

    if (fd >= 0 && close(fd) != 0)
        ok = false;
    return ok || error_set(r->err, TC_IO, r->options->output, NULL, "write", "the file cannot be written (%s)", error_cause(errno));
}

static bool make_merged(struct reprints *r, long *given)
{
    const struct tc_reprint_options *o = r->options;
    size_t logged = 0;

    if (o->duplicate || o->even_void || o->letter)
        return error_set(r->err, TC_USAGE, NULL, NULL, "merged",
                         "one file for the printer has certificates as they were issued: no copies, no letters");
    if (!outside_output(o->output, (const char *const[]){r->asked->list, o->journal}, 2, r->err)
        || (o->journal && !outside_output(o->journal, &r->asked->list, 1, r->err)))
        return false;
    if (!outside_vacant(o->output, o->force, r->err) || !beside_begin(&r->beside, o->output, r->err) || !write_pages(r))
        return false;
    if (!log_all(r, &logged) || !beside_put(&r->beside, MERGED, o->output, o->force, r->err)) {
        tell_failed(r, logged);
        return false;
    }
    *given = (long)r->count;
    return true;
}

enum tc_code tc_reprint_all(struct tc_archive *archive, const struct tc_reprints *which, const struct tc_reprint_options *options,
                            long *given, struct tc_error *err)
{
    struct reprints r = {.archive = archive, .asked = which, .options = options, .each = *options, .err = err};
    struct tc_error ignored = {0};

    error_reset(err);
    *given = 0;
    r.each.output = NULL;
    r.each.folder = which->merged ? NULL : options->output;
    r.each.force |= which->merged; /* no file of the certificate's own name is made */
    if (reprint_reason(options->reason, err) && collect(&r)) {
        if (which->merged)
            make_merged(&r, given);
        else
            make_files(&r, given);
    }
    if (which->merged)
        join_stop(&r.join);
    beside_end(&r.beside, err->code ? &ignored : err);
    for (size_t i = 0; i < r.issuer_count; i++)
        seals_free(&r.issuers[i].seals);
    free(r.issuers);
    free(r.list);
    arena_free(&r.arena);
    return err->code;
}
