/* The auditor's proof: every file is the one the run made, none is missing or extra, and the totals are what the records
 * add up to. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive/summarize.h"
#include "archive/reread.h"
#include "archive/strays.h"
#include "base/buf.h"
#include "base/datum.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/pool.h"
#include "base/sign.h"
#include "book/xlsx/same.h"
#include "store/chain.h"
#include "store/events.h"
#include "store/folder.h"
#include "store/ledger.h"
#include "store/pages.h"
#include "store/purged.h"
#include "taxcert.h"

struct line {
    const char *name; /* in the text of SHA256SUMS, its hash before it */
    bool issued;      /* the ledger has it as a certificate or letter */
};

/* A list of hashes, by name. */
struct list {
    char *text; /* cut into strings */
    struct line *lines;
    size_t count;
};

/* An earlier run that certificates of the year are in. */
struct previous_run {
    char *path; /* as the ledger's entries begin; owned */
    struct list list;
};

struct total {
    char line[64];
    int64_t expected, sum;
};

struct verify {
    const char *run;
    const struct tc_verify_options *options;
    struct tc_verify_result *result;
    struct tc_error *err;
    struct list list;   /* SHA256SUMS */
    const char *anchor; /* a seal that was kept elsewhere; or NULL */
    char anchor_room[HASH_HEX + 1];
    struct previous_run *runs;
    size_t run_count, run_capacity;
    FILE *records;
    bool binds;         /* it corrected the runs before it */
    bool changed;       /* a file is not what the run made: nothing is made from it */
    struct arena arena; /* the record in hand */
    struct total totals[TC_TOTALS_MAX];
    size_t total_count;
};

/* Returns true. */
static bool report(struct verify *v, const char *name, const char *rule, const char *message)
{
    v->result->problems++;
    if (v->options->on_problem)
        v->options->on_problem(v->options->ctx, name, rule, message);
    return true;
}

static bool path_of(const struct verify *v, const char *name, char path[FILE_PATH_MAX])
{
    return file_path(v->run, name, path, v->err);
}

/* Whether a step of the path is "..". */
static bool leaves_folder(const char *path)
{
    for (const char *step = path; step; step = strchr(step, '/')) {
        step += *step == '/';
        if (step[0] == '.' && step[1] == '.' && (step[2] == '/' || step[2] == '\0'))
            return true;
    }
    return false;
}

static bool parse_line(char *text, struct line *line)
{
    size_t length = strlen(text);

    if (length < HASH_HEX + 3 || text[HASH_HEX] != ' ' || text[HASH_HEX + 1] != ' ' || text[HASH_HEX + 2] == '/'
        || leaves_folder(text + HASH_HEX + 2))
        return false;
    line->name = text + HASH_HEX + 2;
    return strspn(text, "0123456789abcdef") == HASH_HEX;
}

static bool has_hash(const struct line *line, const unsigned char hash[HASH_SIZE])
{
    char hex[HASH_HEX + 1];

    hash_hex(hash, hex);
    return !memcmp(line->name - 2 - HASH_HEX, hex, HASH_HEX);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct line *)a)->name, ((const struct line *)b)->name);
}

static struct line *find_line(const struct list *list, const char *name)
{
    struct line key = {.name = name};

    return list->count > 0 ? bsearch(&key, list->lines, list->count, sizeof *list->lines, by_name) : NULL;
}

/* list->text is read already. */
static bool cut_list(struct verify *v, struct list *list)
{
    size_t lines = 1;
    char *rest;

    for (const char *p = list->text; *p; p++)
        lines += *p == '\n';
    list->lines = calloc(lines, sizeof *list->lines);
    if (!list->lines)
        return error_memory(v->err);
    for (char *text = strtok_r(list->text, "\n", &rest); text; text = strtok_r(NULL, "\n", &rest)) {
        if (parse_line(text, &list->lines[list->count]))
            list->count++;
        else
            report(v, "SHA256SUMS", "sums-format", "a line is not a hash and a name");
    }
    qsort(list->lines, list->count, sizeof *list->lines, by_name);
    return true;
}

static bool read_sums(struct verify *v)
{
    size_t length;

    if (!file_read_below(v->run, "SHA256SUMS", &v->list.text, &length, v->err)) {
        if (v->err->code == TC_USAGE) /* else the machine lacks something */
            v->err->code = TC_INPUT;
        return false;
    }
    return cut_list(v, &v->list);
}

static void drop_list(struct list *list)
{
    free(list->lines);
    free(list->text);
}

static void drop_run(struct previous_run *run)
{
    free(run->path);
    drop_list(&run->list);
}

static void check_chain(struct verify *v)
{
    char about[80], hex[HASH_HEX + 1];
    unsigned char hash[HASH_SIZE];
    struct tc_error err = {0};

    if (!events_check(v->run, &v->result->events, about, &err)) {
        if (error_is_memory(&err))
            error_memory(v->err);
        else
            report(v, "events.log", "event-chain", err.message);
        return;
    }
    if (!hash_file_below(v->run, "SHA256SUMS", hash, v->err))
        return;
    hash_hex(hash, hex);
    if (strcmp(hex, about) != 0)
        report(v, "SHA256SUMS", "sums-changed", "the list of hashes is not the one the run was closed with");
}

static void check_journal(struct verify *v)
{
    struct tc_error err = {0};

    if (!v->options->journal || events_check_elsewhere(v->options->journal, v->run, &v->result->journal, &v->result->journal_own, &err))
        return;
    if (err.code == TC_HELD)
        report(v, v->options->journal, "event-chain", err.message);
    else
        *v->err = err;
}

/* The seal that somebody kept: given, or in a signed statement, whose hash it is. */
static const char *find_anchor(struct verify *v, char room[HASH_HEX + 1])
{
    const struct tc_verify_options *o = v->options;
    char path[FILE_PATH_MAX], *pem = NULL;
    struct tc_error err = {0};
    struct buf text = {0};
    unsigned char hash[HASH_SIZE];
    size_t length = strlen(v->run);

    if (!o->pub)
        return o->expect;
    while (length > 1 && v->run[length - 1] == '/')
        length--;
    snprintf(path, sizeof path, "%.*s.seal.pem", (int)length, v->run);
    *room = '\0';
    if (file_read(o->signature ? o->signature : path, &pem, &length, v->err) && sign_check(o->pub, pem, length, &text, &err)) {
        hash_bytes(text.data, text.length, hash);
        hash_hex(hash, room);
    }
    if (err.code && err.code != TC_HELD)
        *v->err = err;
    else if (err.code)
        report(v, "", err.rule, err.message);
    free(pem);
    buf_free(&text);
    return *room ? room : NULL;
}

/* Whether the run is the one that the seal was kept of. That of a purged one may be of before. */
static void check_seal(struct verify *v, bool purged)
{
    const char *anchor = v->anchor = find_anchor(v, v->anchor_room);
    struct proof seal;

    if (v->err->code || !events_seal(v->run, anchor, &seal, NULL, v->err))
        return;
    memcpy(v->result->seal, seal.now, sizeof seal.now);
    v->result->anchored = seal.matched > 0;
    v->result->sealed_events = seal.matched;
    if (anchor && seal.matched == 0 && !purged)
        report(v, "", "seal-differs", "the kept seal does not belong to this run: files or events were changed or cut off");
}

/* False with err where whoever asked has enough. */
static bool goes_on(const struct verify *v, long done, long all, struct tc_error *err)
{
    return !v->options->on_progress || v->options->on_progress(v->options->ctx, done, all)
           || error_set(err, TC_IO, NULL, NULL, "interrupted", "the command was interrupted");
}

#define JOBS_MAX 16
#define TOGETHER 64 /* files of the list that a worker hashes in a row */

/* Of some files of the list, in its order: what each was found to be. */
struct files {
    size_t first, count;
    enum { FILE_SAME, FILE_MISSING, FILE_CHANGED } found[TOGETHER];
    struct tc_error err; /* what lacked, when one could not be looked at: that says nothing of the file */
};

/* Whether errno is a lack of this process or machine. A disk that fails is the file's own matter. */
static bool is_lack(void)
{
    return errno != EIO && error_lack(TC_OK) == TC_IO;
}

static void hash_files(void *ctx, int worker, void *batch, size_t first, size_t count)
{
    const struct verify *v = ctx;
    struct files *files = batch;

    (void)worker;
    files->first = first;
    files->count = count;
    files->err.code = TC_OK;
    for (size_t i = 0; i < count && !files->err.code; i++) {
        const struct line *line = &v->list.lines[first + i];
        unsigned char hash[HASH_SIZE];
        struct tc_error err = {0};

        if (hash_file_below(v->run, line->name, hash, &err))
            files->found[i] = has_hash(line, hash) ? FILE_SAME : FILE_CHANGED;
        else if (is_lack())
            files->err = err;
        else
            files->found[i] = FILE_MISSING;
    }
}

static bool tell_files(void *ctx, void *batch)
{
    const struct files *files = batch;
    struct verify *v = ctx;

    if (files->err.code) {
        *v->err = files->err;
        return false;
    }
    for (size_t i = 0; i < files->count; i++) {
        const char *name = v->list.lines[files->first + i].name;

        v->result->files++;
        if (files->found[i] == FILE_MISSING)
            v->changed = report(v, name, "file-missing", "the file is missing or cannot be read");
        else if (files->found[i] == FILE_CHANGED)
            v->changed = report(v, name, "file-changed", "the file is not what the run made");
    }
    return goes_on(v, (long)files->first, (long)v->list.count, v->err);
}

static void check_files(struct verify *v)
{
    const struct pool_calls calls = {.ctx = v, .work = hash_files, .consume = tell_files};
    struct files files[4 * JOBS_MAX];
    void *batches[4 * JOBS_MAX];
    int jobs = pool_jobs(0, JOBS_MAX);

    for (int i = 0; i < 4 * jobs; i++)
        batches[i] = &files[i];
    if (!v->err->code)
        pool_run(v->list.count, TOGETHER, jobs, batches, (size_t)(4 * jobs), &calls, v->err);
}

static bool is_listed(void *ctx, const char *name)
{
    return find_line(&((const struct verify *)ctx)->list, name) != NULL;
}

static void on_stray(void *ctx, const char *name, const char *rule, const char *message)
{
    struct verify *v = ctx;

    if (!strcmp(rule, "folder") && error_lack(TC_OK) == TC_IO)
        error_set(v->err, TC_IO, name, NULL, rule, "the folder cannot be read (%s)", error_cause(errno));
    else
        report(v, name, rule, message);
}

/* A new place in the list of earlier runs; NULL when memory ran out. */
static struct previous_run *add_run(struct verify *v, const char *path)
{
    struct previous_run *run;
    struct buf text = {0};

    if (v->run_count == v->run_capacity) {
        size_t capacity = v->run_capacity ? 2 * v->run_capacity : 16;
        struct previous_run *runs = realloc(v->runs, capacity * sizeof *runs);

        if (!runs)
            return NULL;
        v->runs = runs;
        v->run_capacity = capacity;
    }
    buf_puts(&text, path);
    buf_add(&text, "/", 2);
    if (text.failed)
        return NULL;
    run = &v->runs[v->run_count++];
    *run = (struct previous_run){.path = text.data};
    return run;
}

/* Whether the run took the place of those before it: no draft does, nor one in which nothing was done. */
static bool load_binding(struct verify *v, struct ledger *ledger)
{
    char draft[8], idle[24];
    bool ok = ledger_get(ledger, "draft", draft, sizeof draft, v->err) && ledger_get(ledger, "idle", idle, sizeof idle, v->err);

    v->binds = ok && strcmp(draft, "yes") != 0 && !*idle;
    return ok;
}

/* An earlier run whose log ends before the correction, as that of an older copy does, still gives out what was corrected. */
static bool check_told(struct verify *v, const struct ledger_run *earlier, const char *path)
{
    struct tc_error broken = {0};
    struct chain_next next = {.superseded = false};

    if (!v->binds || (chain_find_next(path, &next, &broken) && next.superseded))
        return true;
    if (error_is_memory(&broken))
        return error_memory(v->err);
    return report(v, earlier->path, "earlier-older",
                  "the earlier run's event log does not say that it was corrected, as in an older copy, and it still gives out what is no "
                  "longer valid: put the folder back as it was after the correction");
}

/* The list of an earlier run, which must be the one that was corrected. What is in that run its own verify proves. */
static bool on_run(void *ctx, const struct ledger_run *earlier, struct tc_error *err)
{
    struct verify *v = ctx;
    struct previous_run *run = add_run(v, earlier->path);
    struct tc_error missing = {0};
    char path[FILE_PATH_MAX], hex[HASH_HEX + 1];
    unsigned char hash[HASH_SIZE];
    size_t length;

    if (!run)
        return error_memory(err);
    if (!file_path(v->run, earlier->path, path, err))
        return false;
    if (!file_read_below(path, "SHA256SUMS", &run->list.text, &length, &missing)) {
        if (error_is_memory(&missing))
            return error_memory(err);
        report(v, earlier->path, "earlier-missing",
               "the earlier run with certificates of the year is not there: put its folder back where it was");
        return true;
    }
    hash_bytes(run->list.text, length, hash);
    hash_hex(hash, hex);
    if (strcmp(hex, earlier->sums) != 0)
        report(v, earlier->path, "earlier-changed", "the earlier run's list of hashes is not the one it had when it was corrected");
    else if (!check_told(v, earlier, path))
        return false;
    return cut_list(v, &run->list);
}

/* The line of a certificate: of this run, or of the earlier one that its path leads to. */
static struct line *find_issued(struct verify *v, const char *file)
{
    for (size_t i = 0; i < v->run_count; i++) {
        size_t length = strlen(v->runs[i].path);

        if (!strncmp(file, v->runs[i].path, length))
            return find_line(&v->runs[i].list, file + length);
    }
    return find_line(&v->list, file);
}

static bool add_totals(struct verify *v, const struct datum *record)
{
    const struct datum *fields = datum_get(record, "fields");

    for (size_t i = 0; i < v->total_count; i++) {
        const struct datum *value = datum_get(fields, v->totals[i].line);
        int64_t amount;

        if (!value)
            continue;
        if (!datum_is(value, DATUM_TEXT) || datum_money(value, v->result->digits, &amount) != MONEY_OK
            || !money_add(&v->totals[i].sum, amount))
            return false;
    }
    return true;
}

static bool on_entry(void *ctx, const struct ledger_entry *entry, struct tc_error *err)
{
    struct verify *v = ctx;
    struct line *line;
    const struct datum *record;
    char *text = NULL;
    size_t room = 0;
    ssize_t length;

    v->result->certificates++;
    if (!goes_on(v, (long)v->list.count, (long)v->list.count, err))
        return false;
    if (entry->state != LEDGER_ISSUED)
        return true;
    v->result->issued++;
    line = find_issued(v, entry->file);
    if (!line || !has_hash(line, entry->hash))
        report(v, entry->file, "ledger-file", "the ledger has a different hash for this certificate, or does not list it");
    else
        line->issued = true;
    errno = 0;
    length = v->records ? getline(&text, &room, v->records) : -1;
    if (length < 0 && errno == ENOMEM)
        error_memory(err);
    else if (length < 0 || strcmp(text, entry->record) != 0)
        report(v, "records.jsonl", "ledger-record", "a record of the ledger is not the one in the list of records");
    free(text);
    arena_reset(&v->arena);
    record = datum_parse(entry->record, strlen(entry->record), &v->arena, err);
    if (!err->code && (!record || !add_totals(v, record)))
        report(v, "ledger.db", "ledger-record", "a record of the ledger is damaged");
    return !err->code;
}

/* A letter of a cancellation, of this run or an earlier one. */
static bool on_letter(void *ctx, const struct ledger_letter *letter, struct tc_error *err)
{
    struct verify *v = ctx;
    struct line *line = find_issued(v, letter->file);

    (void)err;
    if (!line || !has_hash(line, letter->hash))
        report(v, letter->file, "ledger-file", "the ledger has a different hash for this letter, or does not list it");
    else
        line->issued = true;
    return true;
}

static bool load_totals(struct verify *v, struct ledger *ledger)
{
    char names[1024], *rest, *name;
    int64_t digits;

    if (!ledger_get_number(ledger, "digits", 0, LEDGER_DIGITS_MAX, &digits, v->err))
        return false;
    v->result->digits = (int)digits;
    if (!ledger_get(ledger, "totals", names, sizeof names, v->err))
        return false;
    for (name = strtok_r(names, " ", &rest); name && v->total_count < TC_TOTALS_MAX; name = strtok_r(NULL, " ", &rest)) {
        struct total *t = &v->totals[v->total_count++];
        char key[80];

        snprintf(t->line, sizeof t->line, "%.60s", name);
        snprintf(key, sizeof key, "total %s", t->line);
        if (!ledger_get_number(ledger, key, INT64_MIN, INT64_MAX, &t->expected, v->err))
            return false;
    }
    return true;
}

/* That what a command proves a part of the ledger by is the ledger's own. */
static void check_pages(struct verify *v)
{
    char root[HASH_HEX + 1];
    struct tc_error err = {0};

    if (!events_root(v->run, root, &err) || !*root || !find_line(&v->list, "ledger.db"))
        return; /* a log that is broken is told already */
    if (pages_prove(v->run, root, &err))
        return;
    if (error_is_memory(&err) || (!strcmp(err.rule, "file") && is_lack()))
        *v->err = err;
    else
        report(v, "ledger.db", "ledger-pages", "the first event names a different root hash for the ledger's pages");
}

/* Another version may lay its workbook out otherwise. */
static bool load_version(struct verify *v, struct ledger *ledger)
{
    char version[TC_VERSION_SIZE];

    if (!ledger_get(ledger, "version", version, sizeof version, v->err))
        return false;
    if (!*version || version[strspn(version, "0123456789.")])
        return error_set(v->err, TC_IO, "ledger.db", NULL, "ledger", "the ledger does not say which version of taxcert made the run");
    if (strcmp(version, TC_VERSION) != 0)
        memcpy(v->result->other_version, version, sizeof version);
    return true;
}

static void check_ledger(struct verify *v)
{
    struct ledger *ledger;
    struct tc_error missing = {0}; /* which was told as a file */
    int fd = file_open_below(v->run, "records.jsonl", TC_IO, &missing);

    v->records = fd >= 0 ? fdopen(fd, "r") : NULL;
    if (fd >= 0 && !v->records) {
        close(fd);
        error_memory(v->err);
        return;
    }
    ledger = ledger_open(v->run, v->err);
    if (ledger && load_version(v, ledger) && load_totals(v, ledger) && load_binding(v, ledger) && ledger_each_run(ledger, on_run, v, v->err)
        && ledger_each(ledger, on_entry, v, v->err) && ledger_each_letter(ledger, NULL, on_letter, v, v->err)) {
        for (size_t i = 0; i < v->total_count; i++)
            if (v->totals[i].sum != v->totals[i].expected)
                report(v, "ledger.db", "total-differs", "a control total is not what the records add up to");
        if (v->records && fgetc(v->records) != EOF)
            report(v, "records.jsonl", "ledger-record", "there are more records than the ledger has");
    }
    ledger_close(ledger);
    arena_free(&v->arena);
    if (v->records)
        fclose(v->records);
}

static void check_unledgered(struct verify *v)
{
    for (size_t i = 0; i < v->list.count; i++)
        if ((!strncmp(v->list.lines[i].name, "certificates/", 13) || !strncmp(v->list.lines[i].name, "letters/", 8))
            && !v->list.lines[i].issued)
            report(v, v->list.lines[i].name, "ledger-file", "the ledger has no such certificate or letter");
}

/* The workbook and its table again, from the ledger: what is listed must be what comes out. Another release of the libraries may pack the
 * same workbook otherwise. */
static void compare_again(struct verify *v, const char *path, const char *name, bool packed)
{
    const struct line *line = find_line(&v->list, name);
    unsigned char hash[HASH_SIZE];
    char listed[FILE_PATH_MAX];
    bool same = false;

    if (!line || !hash_file(path, hash, v->err) || has_hash(line, hash))
        return;
    if (packed && (!path_of(v, name, listed) || !xlsx_same(path, listed, &same, v->err)))
        return;
    if (!same)
        report(v, name, "workbook-differs", "it is not what the ledger's records result in");
}

static bool on_again(void *ctx)
{
    const struct verify *v = ctx;
    struct tc_error ignored = {0};

    return goes_on(v, (long)v->list.count, (long)v->list.count, &ignored);
}

/* A ledger from which none can be made is told by its own problems. */
static void make_again(struct verify *v, const char *workbook, const char *table)
{
    const struct tc_summary_options again = {.output = workbook, .csv = table, .ctx = v, .on_progress = on_again};
    struct tc_error err = {0};

    if (summarize(v->run, &again, NULL, &err) == TC_OK) {
        compare_again(v, workbook, "summary.xlsx", true);
        compare_again(v, table, "summary.csv", false);
    } else if (error_is_memory(&err)) {
        error_memory(v->err);
    } else if (v->result->problems == 0 && err.code == TC_IO && strcmp(err.rule, "ledger") != 0) {
        *v->err = err; /* a lack of this machine, no fault of the run */
    } else if (v->result->problems == 0) {
        report(v, "ledger.db", err.rule, err.message);
    }
    unlink(workbook);
    unlink(table);
}

static void check_workbook(struct verify *v)
{
    struct tc_temporary *own = v->options->temporary ? NULL : tc_temporary_make(v->err);
    const struct tc_temporary *place = own ? own : v->options->temporary;
    char workbook[FILE_PATH_MAX], table[FILE_PATH_MAX];

    if (place && file_path(tc_temporary_folder(place), "x.xlsx", workbook, v->err)
        && file_path(tc_temporary_folder(place), "x.csv", table, v->err))
        make_again(v, workbook, table);
    tc_temporary_remove(own);
}

static bool on_other_text(void *ctx, const char *file)
{
    return report(ctx, file, "text-differs",
                  "what pdftotext reads in it is not what the ledger's record says: another person's, or another form");
}

/* Another version may draw the same record otherwise. */
static void check_texts(struct verify *v)
{
    long sample = v->options->sample;
    struct tc_error err = {0};
    struct reread found;
    struct ledger *ledger;

    if (sample < 0)
        return;
    if (*v->result->other_version) {
        v->result->reread_not = "the run was made by another version";
        return;
    }
    ledger = ledger_open(v->run, v->err);
    if (ledger && !reread_run(v->run, ledger, sample ? sample : REREAD_MOST, on_other_text, v, &found, &err))
        *v->err = err;
    if (ledger) {
        v->result->reread = found.read;
        v->result->reread_letters = found.letters;
        v->result->reread_chosen = found.chosen;
        v->result->reread_not = found.why_not;
    }
    ledger_close(ledger);
}

/* ---- of a purged run: what remains, and what it says of the run that it was */

/* The seal that the run had before its purge, or at an event of its former log: it proves what remains says of then. */
static void check_former_seal(struct verify *v, const char *anchor, const char *seal, const char *events, long count)
{
    char words[HASH_HEX + 16];
    const char *found;

    snprintf(words, sizeof words, "\"seal\":\"%.64s\"", anchor);
    found = strcmp(anchor, seal) != 0 ? strstr(events, words) : events + strlen(events);
    if (!found) {
        report(v, "", "seal-differs", "the kept seal does not belong to this run: files or events were changed or cut off");
        return;
    }
    v->result->anchored = v->result->former = true;
    v->result->sealed_events = found == events + strlen(events) ? count : 0;
    for (const char *at = events; v->result->sealed_events == 0 && at < found; at++)
        v->result->sealed_events += *at == '\n';
}

static const char *fact(const json_t *facts, const char *path)
{
    const char *text = json_string_value(json_at(facts, path));

    return text ? text : "";
}

/* The former seal is that of the former list and log; as many events are told as there were. */
static void check_facts(struct verify *v, const json_t *facts, const char *events)
{
    long count = (long)json_integer_value(json_at(facts, "closed/events")), lines = 0;
    char seal[HASH_HEX + 1] = "";

    for (const char *at = events; *at; at++)
        lines += *at == '\n';
    v->result->certificates = v->result->issued = (long)json_integer_value(json_at(facts, "certificates/issued"));
    v->result->certificates += (long)json_integer_value(json_at(facts, "certificates/held"))
                               + (long)json_integer_value(json_at(facts, "certificates/cancelled"))
                               + (long)json_integer_value(json_at(facts, "certificates/refused"));
    if (!proof_make(fact(facts, "closed/sums"), count, fact(facts, "closed/head"), seal))
        error_memory(v->err);
    else if (strcmp(seal, fact(facts, "closed/seal")) != 0 || lines != count)
        report(v, PURGED_FACTS, "purged", "what remains of the purged run is damaged");
    else if (v->anchor && !v->result->anchored)
        check_former_seal(v, v->anchor, seal, events, count);
}

static void check_purged(struct verify *v)
{
    json_t *facts = NULL;
    char *events = NULL;
    size_t length;

    v->result->purged = true;
    if (v->changed) /* told already, by its file */
        return;
    if ((facts = purged_read(v->run, v->err)) != NULL && file_read_below(v->run, PURGED_EVENTS, &events, &length, v->err))
        check_facts(v, facts, events);
    json_decref(facts);
    free(events);
}

/* ---- all of it */

static void check_run(struct verify *v)
{
    struct tc_error *err = v->err;

    if (!err->code && !v->changed)
        check_pages(v);
    if (!err->code)
        check_ledger(v);
    if (!err->code)
        check_unledgered(v);
    if (!err->code && !v->changed && !*v->result->other_version)
        check_workbook(v);
    if (!err->code && v->result->problems == 0)
        check_texts(v);
}

static void check(struct verify *v)
{
    struct tc_error *err = v->err;
    bool purged = purged_is(v->run);

    if (purged_is_unfinished(v->run)) {
        report(v, "", "purge-unfinished", "the purge of this run was interrupted: the same command finishes it");
        return;
    }
    if (!read_sums(v))
        return;
    check_chain(v);
    if (!err->code)
        check_seal(v, purged);
    if (!err->code)
        check_journal(v);
    check_files(v);
    strays_each(v->run, is_listed, on_stray, v, err);
    if (!err->code && purged)
        check_purged(v);
    else
        check_run(v);
}

enum tc_code tc_verify(const char *run, const struct tc_verify_options *options, struct tc_verify_result *result, struct tc_error *err)
{
    struct verify v = {.run = run, .options = options, .result = result, .err = err};

    error_reset(err);
    *result = (struct tc_verify_result){0};
    if (purged_is(run) || folder_is_run(run, err))
        check(&v);
    drop_list(&v.list);
    for (size_t i = 0; i < v.run_count; i++)
        drop_run(&v.runs[i]);
    free(v.runs);
    if (err->code)
        return err->code;
    return result->problems ? TC_HELD : TC_OK;
}
