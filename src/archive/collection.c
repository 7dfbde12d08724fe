/* Runs of several years and employers in one folder. Of each only the ledger's head and the log are read. */
#include "archive/collection.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/fold.h"
#include "base/text.h"
#include "store/chain.h"
#include "store/folder.h"
#include "store/handle.h"
#include "store/manifest.h"
#include "store/purged.h"

#define DEPTH 5           /* of folders above a run: archive, year, employer, and two of whoever keeps it */
#define FOLDERS_MAX 20000 /* that are looked into: more is no archive */
#define OPEN_LEDGERS 64   /* kept open for the questions that follow */

/* ---- what is there */

static bool grow(struct tc_archive *a, struct tc_error *err)
{
    size_t capacity = a->capacity ? 2 * a->capacity : 32;
    struct collected *runs = realloc(a->runs, capacity * sizeof *runs);

    if (!runs)
        return error_memory(err);
    a->runs = runs;
    a->capacity = capacity;
    return true;
}

static bool add(struct tc_archive *a, const char *path, struct tc_error *err)
{
    struct collected *run;
    char real[FILE_PATH_MAX];

    if (a->count == a->capacity && !grow(a, err))
        return false;
    run = &a->runs[a->count++];
    *run = (struct collected){.folder = strdup(path), .real = strdup(realpath(path, real) ? real : path)};
    run->told.folder = run->folder;
    return (run->folder && run->real) || error_memory(err);
}

/* The run that is being looked at cannot be used, for this reason. Memory alone ends everything. */
static bool note_unreadable(struct tc_archive *a, size_t i, const struct tc_error *why, struct tc_error *err)
{
    if (error_is_memory(why))
        return error_memory(err);
    a->runs[i].why = *why;
    snprintf(a->runs[i].told.why, sizeof a->runs[i].told.why, "%s", why->message);
    snprintf(a->runs[i].told.unreadable, sizeof a->runs[i].told.unreadable, "%s", why->rule);
    return true;
}

static bool is_partial(const char *name)
{
    size_t length = strlen(name), end = sizeof ".partial" - 1;

    return length > end && !strcmp(name + length - end, ".partial");
}

static bool look_into(struct tc_archive *a, const char *path, int depth, struct tc_error *err);

static bool look_at(struct tc_archive *a, const char *folder, const struct dirent *entry, int depth, struct tc_error *err)
{
    char path[FILE_PATH_MAX];

    if (is_partial(entry->d_name))
        a->unfinished++;
    if (entry->d_name[0] == '.' || is_partial(entry->d_name) || (entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN))
        return true;
    if (!file_path(folder, entry->d_name, path, err))
        return false;
    return !file_is_folder(path) || look_into(a, path, depth, err);
}

static bool descend(struct tc_archive *a, const char *path, int depth, struct tc_error *err)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    bool ok = true;

    if (!dir) {
        struct tc_error why = {0};

        error_set(&why, TC_IO, path, NULL, "folder", "the folder cannot be read (%s)", error_cause(errno));
        return errno == ENOMEM ? error_memory(err) : add(a, path, err) && note_unreadable(a, a->count - 1, &why, err);
    }
    while (ok && (entry = readdir(dir)) != NULL)
        ok = look_at(a, path, entry, depth + 1, err);
    closedir(dir);
    return ok;
}

static bool look_into(struct tc_archive *a, const char *path, int depth, struct tc_error *err)
{
    struct tc_error why = {0};

    if (++a->looked > FOLDERS_MAX)
        return error_set(err, TC_USAGE, a->folder, NULL, "archive", "this is not an archive of runs: it holds more than %d folders",
                         FOLDERS_MAX);
    if (folder_is_run(path, &why) || purged_is(path))
        return add(a, path, err);
    if (why.code == TC_IO)
        return add(a, path, err) && note_unreadable(a, a->count - 1, &why, err);
    return strcmp(why.rule, "no-run") != 0 || depth >= DEPTH || descend(a, path, depth, err);
}

/* ---- what each is */

/* Year, employer and whether it is a draft, as the ledger says. */
static bool read_facts(struct collected *run, struct ledger *ledger, struct tc_error *err)
{
    int64_t year;
    char draft[8];

    if (!ledger_get_number(ledger, "year", 0, 9999, &year, err) || !ledger_get(ledger, "draft", draft, sizeof draft, err)
        || !ledger_get(ledger, "identity", run->identity, sizeof run->identity, err)
        || !(run->employer = ledger_get_text(ledger, "employer", err)))
        return false;
    run->told.year = (int)year;
    run->told.draft = !strcmp(draft, "yes");
    run->told.employer = run->employer;
    return true;
}

bool collection_add(struct tc_archive *a, const char *path, struct tc_error *err)
{
    for (size_t i = 0; i < a->count; i++)
        if (!strcmp(a->runs[i].real, path))
            return true;
    return add(a, path, err);
}

static const char *text_or_none(const json_t *facts, const char *key)
{
    const char *text = json_string_value(json_object_get(facts, key));

    return text ? text : "";
}

/* The same of a purged one; nothing of it is valid, and nobody supersedes it. */
static bool read_purged(struct tc_archive *a, size_t i, struct tc_error *err)
{
    struct collected *run = &a->runs[i];
    struct tc_error why = {0};
    json_t *facts = purged_read(run->folder, &why);

    run->told.purged = true;
    if (facts) {
        run->told.year = (int)json_integer_value(json_object_get(facts, "year"));
        run->told.draft = !strcmp(text_or_none(facts, "draft"), "yes");
        run->told.employer = run->employer = strdup(text_or_none(facts, "employer"));
        snprintf(run->identity, sizeof run->identity, "%.64s", text_or_none(facts, "identity"));
    }
    json_decref(facts);
    if (facts && !run->employer)
        return error_memory(err);
    return !why.code || note_unreadable(a, i, &why, err);
}

bool collection_read(struct tc_archive *a, size_t i, struct tc_error *err)
{
    struct collected *run = &a->runs[i];
    struct tc_error why = {0};
    struct chain_next next = {.superseded = false};
    struct ledger *ledger;

    if (*run->told.unreadable || run->read)
        return true;
    run->read = true;
    if (purged_is(run->folder))
        return read_purged(a, i, err);
    ledger = manifest_open(run->folder, &why);
    if (ledger && read_facts(run, ledger, &why) && chain_find_next(run->folder, &next, &why))
        snprintf(run->next, sizeof run->next, "%.64s", next.identity);
    if (!why.code && i < OPEN_LEDGERS)
        run->ledger = ledger;
    else
        ledger_close(ledger);
    if (why.code)
        return note_unreadable(a, i, &why, err);
    return !*next.path || collection_add(a, next.path, err);
}

/* The last of each chain: nobody here supersedes it. A draft is never what is valid. */
static void mark_last(struct tc_archive *a)
{
    for (size_t i = 0; i < a->count; i++) {
        bool superseded = false;

        for (size_t k = 0; *a->runs[i].next && !superseded && k < a->count; k++)
            superseded = !strcmp(a->runs[k].identity, a->runs[i].next);
        a->runs[i].told.last = !superseded && !a->runs[i].told.draft && !a->runs[i].told.purged && !*a->runs[i].told.unreadable;
    }
}

/* ---- which of them are asked for */

/* Whether each word of the wanted name is in the employer's, without case and accents. */
static bool has_words(const char *employer, const char *wanted, struct tc_error *err)
{
    struct buf name = {0}, words = {0};
    bool all;
    char *rest;

    fold_add(&name, employer);
    fold_add(&words, wanted);
    buf_add(&name, "", 1);
    buf_add(&words, "", 1);
    all = !name.failed && !words.failed;
    for (char *word = all ? strtok_r(words.data, " ", &rest) : NULL; all && word; word = strtok_r(NULL, " ", &rest))
        all = strstr(name.data, word) != NULL;
    if (name.failed || words.failed)
        error_memory(err);
    buf_free(&name);
    buf_free(&words);
    return all;
}

static void drop(struct collected *run)
{
    free(run->folder);
    free(run->employer);
    free(run->real);
    ledger_close(run->ledger);
}

static bool is_wanted(const struct tc_archive_run *run, const struct tc_archive_filter *filter, struct tc_error *err)
{
    return (filter->year == 0 || filter->year == run->year) && (!filter->employer || has_words(run->employer, filter->employer, err));
}

/* One that could not be read may be any of them, and stays. */
static bool keep_wanted(struct tc_archive *a, const struct tc_archive_filter *filter, struct tc_error *err)
{
    size_t kept = 0;

    for (size_t i = 0; i < a->count; i++)
        if (*a->runs[i].told.unreadable || is_wanted(&a->runs[i].told, filter, err))
            a->runs[kept++] = a->runs[i];
        else
            drop(&a->runs[i]);
    a->count = kept;
    return !err->code;
}

static bool is_filter(const struct tc_archive_filter *filter, struct tc_error *err)
{
    struct buf words = {0};
    bool ok = !filter->employer;

    if (!ok && text_is_utf8(filter->employer))
        fold_add(&words, filter->employer);
    ok = ok || words.length > 0;
    buf_free(&words);
    return ok || error_set(err, TC_USAGE, NULL, NULL, "employer", "a word of letters or digits from the employer's name is needed");
}

/* The folder given is a run itself: no other one is looked at, and it is read only where it must be of a year or employer. */
static bool open_single(struct tc_archive *a, const struct tc_archive_filter *filter, struct tc_error *err)
{
    a->single = true;
    if (!add(a, a->folder, err))
        return false;
    a->runs[0].told.last = true;
    if (filter->year == 0 && !filter->employer)
        return true;
    return collection_read(a, 0, err) && keep_wanted(a, filter, err)
           && (a->count > 0 || error_set(err, TC_USAGE, a->folder, NULL, "other-run", "this run belongs to another year or employer"));
}

static int by_folder(const void *a, const void *b)
{
    return strcmp(((const struct collected *)a)->folder, ((const struct collected *)b)->folder);
}

static bool open_all(struct tc_archive *a, const struct tc_archive_filter *filter, struct tc_error *err)
{
    qsort(a->runs, a->count, sizeof *a->runs, by_folder);
    for (size_t i = 0; i < a->count; i++) /* what supersedes one and lies elsewhere is added meanwhile */
        if (!collection_read(a, i, err))
            return false;
    mark_last(a);
    return keep_wanted(a, filter, err)
           && (a->count > 0
               || error_set(err, TC_USAGE, a->folder, NULL, "no-such-run", "no run in this folder belongs to this year and employer"));
}

/* As somebody gives it: also by a link. */
static bool is_folder(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static bool fail(struct tc_error *err, const struct tc_error *why)
{
    *err = *why;
    return false;
}

struct tc_archive *tc_archive_open(const char *folder, const struct tc_archive_filter *filter, struct tc_error *err)
{
    struct tc_archive *a = calloc(1, sizeof *a);
    struct tc_error why = {0};
    bool ok;

    error_reset(err);
    if (!a) {
        error_memory(err);
        return NULL;
    }
    a->folder = folder;
    ok = is_filter(filter, err);
    if (ok && (folder_is_run(folder, &why) || purged_is(folder)))
        ok = open_single(a, filter, err);
    else if (ok && (strcmp(why.rule, "no-run") != 0 || !is_folder(folder)))
        ok = fail(err, &why);
    else
        ok = ok && descend(a, folder, 0, err) && (a->count > 0 || fail(err, &why)) && open_all(a, filter, err);
    if (ok)
        return a;
    tc_archive_close(a);
    return NULL;
}

size_t tc_archive_count(const struct tc_archive *a)
{
    return a->count;
}

const struct tc_archive_run *tc_archive_get(const struct tc_archive *a, size_t i)
{
    return &a->runs[i].told;
}

bool tc_archive_is_run(const struct tc_archive *a)
{
    return a->single;
}

void tc_archive_close(struct tc_archive *a)
{
    for (size_t i = 0; a && i < a->count; i++)
        drop(&a->runs[i]);
    if (a)
        free(a->runs);
    free(a);
}

/* ---- whose is it */

static bool on_entry(void *ctx, const struct ledger_entry *entry, struct tc_error *err)
{
    (void)ctx;
    (void)entry;
    (void)err;
    return true;
}

/* Whether the run has certificates of that handle; one that stands for two people there is told by whoever uses the run. */
static bool look_up(struct collected *run, const char *handle, struct tc_error *err)
{
    struct ledger *ledger = run->ledger ? run->ledger : manifest_open(run->folder, err);
    struct tc_error why = {0};
    long found = 0;

    if (!ledger)
        return false;
    run->told.has = (handle_find(ledger, handle, on_entry, NULL, &found, &why) && found > 0) || !strcmp(why.rule, "id-ambiguous");
    if (!run->ledger)
        ledger_close(ledger);
    if (!why.code || run->told.has)
        return true;
    *err = why;
    return false;
}

bool collection_all_read(const struct tc_archive *a, struct tc_error *err)
{
    long unread = 0;

    for (size_t i = 0; i < a->count; i++)
        unread += *a->runs[i].told.unreadable != '\0';
    return unread == 0
           || error_set(err, TC_IO, a->folder, NULL, "runs-unread",
                        "not in the runs that can be read, but %ld of this folder cannot: what is in them is not known", unread);
}

const char *tc_archive_pick(struct tc_archive *a, const char *handle, struct tc_error *err)
{
    const struct collected *found = NULL;
    long count = 0;

    error_reset(err);
    if (a->single)
        return a->folder;
    for (size_t i = 0; i < a->count; i++) {
        struct collected *run = &a->runs[i];

        run->told.has = false;
        if (run->told.last && !look_up(run, handle, err))
            return NULL;
        count += run->told.has;
        found = run->told.has ? run : found;
    }
    if (count == 1)
        return found->folder;
    if (count > 1)
        error_set(err, TC_USAGE, a->folder, NULL, "several-runs",
                  "%ld runs in this folder have certificates of this personnel number or certificate id: choose one by "
                  "--year or --employer, or give the run",
                  count);
    else if (collection_all_read(a, err))
        error_set(err, TC_NOT_FOUND, a->folder, NULL, "certificate-unknown",
                  "no certificate of the runs in this folder has this personnel number or certificate id; try taxcert find");
    return NULL;
}
