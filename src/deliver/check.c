/* After a batch: the inserting machine's log of marks, and the folder itself, held against what the run's log has of the jobs. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/utf8.h"
#include "deliver/journal.h"
#include "deliver/passlist.h"
#include "deliver/readback.h"
#include "deliver/workshop.h"
#include "store/manifest.h"
#include "store/outside.h"

/* A job as the run's log has it. */
struct known {
    char id[MARK_JOB + 1];
    char *reason; /* owned */
    struct job job;
    bool made;  /* job is filled, its sheets are owned */
    long marks; /* in the machine's log */
};

struct jobs {
    struct recipients people;
    const struct person **index;
    struct known *list;
    size_t count, capacity;
};

static bool on_event(void *ctx, const struct event_read *event, struct tc_error *err)
{
    struct jobs *jobs = ctx;
    struct known *known;

    if (strcmp(event->kind, "printed") != 0 || strlen(event->about) != MARK_JOB)
        return true;
    for (size_t i = 0; i < jobs->count; i++) /* printed once more, byte for byte */
        if (!strcmp(jobs->list[i].id, event->about))
            return true;
    if (jobs->count == jobs->capacity) {
        size_t capacity = jobs->capacity ? 2 * jobs->capacity : 16;
        struct known *grown = realloc(jobs->list, capacity * sizeof *grown);

        if (!grown)
            return error_memory(err);
        jobs->list = grown;
        jobs->capacity = capacity;
    }
    known = &jobs->list[jobs->count];
    *known = (struct known){.reason = strdup(event->reason)};
    memcpy(known->id, event->about, sizeof known->id);
    if (!known->reason)
        return error_memory(err);
    jobs->count++;
    return true;
}

static bool jobs_load(struct jobs *jobs, const char *run, struct tc_error *err)
{
    return recipients_load(&jobs->people, run, RECIPIENTS_RUN, err) && recipients_index(&jobs->people, &jobs->index, err)
           && events_read(run, on_event, jobs, err);
}

static void jobs_free(struct jobs *jobs)
{
    for (size_t i = 0; i < jobs->count; i++) {
        free(jobs->list[i].reason);
        free(jobs->list[i].job.people);
        free(jobs->list[i].job.pieces);
    }
    free(jobs->list);
    free(jobs->index);
    recipients_free(&jobs->people);
}

static struct known *find_job(const struct jobs *jobs, const char *id)
{
    for (size_t i = 0; i < jobs->count; i++)
        if (!strcmp(jobs->list[i].id, id))
            return &jobs->list[i];
    return NULL;
}

struct filling {
    const struct jobs *jobs;
    struct job *job;
};

static bool add_person(void *ctx, const char *word, long number)
{
    const struct filling *f = ctx;
    const char *colon = strchr(word, ':');
    long pieces = colon ? strtol(colon + 1, NULL, 10) : 1;
    const struct person *person;
    char id[80];

    snprintf(id, sizeof id, "%.*s", (int)strcspn(word, ":"), word);
    person = recipients_find(f->jobs->index, f->jobs->people.count, id);
    f->job->people[number] = person;
    f->job->pieces[number] = (unsigned char)pieces;
    f->job->count = number + 1;
    f->job->total += pieces;
    return person != NULL && pieces >= 1 && pieces <= MARK_PIECES_MAX;
}

static bool read_hash(const char *reason, const char *key, unsigned char hash[HASH_SIZE])
{
    size_t length;
    const char *hex = journal_find(reason, key, &length);

    return hex && hash_read(hex, length, hash);
}

/* The job as it was made. */
static bool fill(const struct jobs *jobs, struct known *k, struct tc_error *err)
{
    size_t length, commas = 1;
    const char *ids = journal_find(k->reason, "ids", &length);
    struct filling f = {jobs, &k->job};

    if (k->made)
        return true;
    for (size_t i = 0; ids && i < length; i++)
        commas += ids[i] == ',';
    free(k->job.people);
    free(k->job.pieces);
    k->job = (struct job){.foreign = journal_is(k->reason, "post", "abroad"), .duplex = journal_is(k->reason, "duplex", "yes")};
    memcpy(k->job.id, k->id, sizeof k->id);
    k->job.people = calloc(commas, sizeof *k->job.people);
    k->job.pieces = calloc(commas, sizeof *k->job.pieces);
    if (!k->job.people || !k->job.pieces)
        return error_memory(err);
    k->made = ids && journal_each(ids, length, add_person, &f) && read_hash(k->reason, "pdf", k->job.hashes[JOB_PRINT])
              && read_hash(k->reason, "table", k->job.hashes[JOB_TABLE]) && read_hash(k->reason, "cover", k->job.hashes[JOB_COVER]);
    return k->made || error_set(err, TC_IO, "events.log", NULL, "event", "what the run's log says about the print job cannot be read");
}

/* ---- the machine's log */

struct checking {
    struct jobs *jobs;
    const struct known *job;
    const char *log;               /* of the machine, as a text */
    unsigned char hash[HASH_SIZE]; /* of its file */
    void *ctx;
    tc_batch_fault_call call;
    long faults;
};

/* The mark of this sheet of another job in a line of the log. */
static bool mark_in_line(const struct checking *c, long line, long sheet, struct sheet_mark *mark)
{
    const char *at = c->log;

    for (long i = 1; i < line && *at; i++)
        at = readback_next_line(at);
    while (readback_find(&at, mark))
        if (mark->sheet == sheet && (strcmp(mark->job, c->job->id) != 0 || mark->total != c->job->job.total))
            return true;
    return false;
}

/* Whose sheet it is, from 1. */
static const struct person *whose(const struct job *job, long sheet)
{
    long i = 0;

    for (; sheet > job->pieces[i]; i++)
        sheet -= job->pieces[i];
    return job->people[i];
}

static bool on_fault(void *ctx, enum readback_fault fault, long sheet, long line, struct tc_error *err)
{
    static const char *const names[READBACK_FAULTS] = {"missing", "twice", "swapped", "foreign", "unreadable"};
    struct checking *c = ctx;
    struct tc_batch_fault told = {.fault = names[fault], .sheet = sheet, .line = line, .job = c->job->id, "", "", ""};
    struct known *job = (struct known *)c->job;
    struct sheet_mark mark;

    c->faults++;
    if (fault == READBACK_FOREIGN && mark_in_line(c, line, sheet, &mark)) {
        told.job = mark.job;
        job = find_job(c->jobs, mark.job);
        if (job && !fill(c->jobs, job, err))
            return false;
    }
    if (job && sheet >= 1 && sheet <= job->job.total) {
        const struct person *p = whose(&job->job, sheet);

        told.personnel_number = p->number;
        told.certificate = p->id;
        told.name = p->name;
    }
    if (c->call)
        c->call(c->ctx, &told);
    return true;
}

/* How many marks of the log are of each job of the run. */
static void count_marks(struct jobs *jobs, const char *log)
{
    struct sheet_mark mark;

    for (; *log; log = readback_next_line(log))
        while (readback_find(&log, &mark)) {
            struct known *k = find_job(jobs, mark.job);

            if (k)
                k->marks++;
        }
}

static struct known *choose_job(struct jobs *jobs, const char *log, const char *job, struct tc_error *err)
{
    struct known *most = NULL;
    char upper[MARK_JOB + 1] = "";

    for (int i = 0; job && job[i] && i < MARK_JOB; i++)
        upper[i] = (char)toupper((unsigned char)job[i]);
    if (job) {
        most = strlen(job) == MARK_JOB ? find_job(jobs, upper) : NULL;
        if (!most)
            error_set(err, TC_USAGE, NULL, NULL, "job", "this run's log has no print job of this name; the cover sheet has the right one");
        return most;
    }
    count_marks(jobs, log);
    for (size_t i = 0; i < jobs->count; i++)
        if (jobs->list[i].marks > (most ? most->marks : 0))
            most = &jobs->list[i];
    if (!most)
        error_set(err, TC_USAGE, NULL, NULL, "job", "the log has no mark of a print job of this run; name the job by --job");
    return most;
}

/* What was found, for whoever asks later. */
static bool note_check(const char *run, const struct checking *c, struct tc_error *err)
{
    struct buf reason = {0};
    char text[40];
    bool ok;

    journal_hash(&reason, "log", c->hash);
    snprintf(text, sizeof text, "%ld", c->faults);
    journal_word(&reason, "faults", text);
    journal_who(&reason);
    buf_add(&reason, "", 1);
    ok = reason.failed ? error_memory(err) : events_add(run, "print-checked", c->job->id, reason.data, err);
    buf_free(&reason);
    return ok;
}

/* A batch's own table, which has all marks in order whatever the machine did. Spreadsheets save it with other separators and quotes. */
static bool is_own_table(const char *text)
{
    const char *head = JOB_TABLE_HEAD;

    for (; *head && *text && !strchr("\r\n", *text); text++)
        if (*text == *head || (*head == ',' && strchr(";\t|", *text)))
            head++;
        else if (*text != '"')
            return false;
    return !*head && (!*text || strchr("\"\r\n", *text));
}

/* Signs that neither texts have nor readers of codes put around what they read: those of print data, workbooks, packed files. */
static bool is_binary(const char *text)
{
    static const char never[] = "\x01\x05\x06\x07\x08\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19";

    return !strncmp(text, "%PDF-", 5) || text[strcspn(text, never)];
}

static bool has_mark(const char *log)
{
    struct sheet_mark mark;

    for (; *log; log = readback_next_line(log))
        if (readback_find(&log, &mark))
            return true;
    return false;
}

/* Nobody's sheets are missing because another file was named. */
static bool check_log(const char *path, const char *log, struct tc_error *err)
{
    if (is_own_table(log))
        return error_set(err, TC_INPUT, path, NULL, "no-log",
                         "this is the table that batch made itself: give the log that the inserting machine wrote");
    return !is_binary(log) || has_mark(log)
           || error_set(err, TC_INPUT, path, NULL, "no-log",
                        "this is no text and has no mark of a print job: give the log that the inserting machine wrote");
}

/* The machine's log, hashed, as a text behind a byte order mark; *bytes: new. False with err where it is none. */
static bool read_log(const char *path, struct checking *c, char **bytes, struct tc_error *err)
{
    const char *wide;
    size_t length;

    if (!file_read(path, bytes, &length, err))
        return false;
    if ((wide = utf8_wide(*bytes, length)) != NULL)
        return error_set(err, TC_INPUT, path, NULL, "encoding", "the file is %s: save or export it as UTF-8", wide);
    hash_bytes(*bytes, length, c->hash);
    for (char *at = *bytes; (at = memchr(at, '\0', length - (size_t)(at - *bytes))) != NULL;)
        *at = ' '; /* machines fill gaps so */
    c->log = *bytes + utf8_mark(*bytes, length);
    return check_log(path, c->log, err);
}

enum tc_code tc_batch_check(const char *run, const char *log, const char *job, void *ctx, tc_batch_fault_call call, long *sheets,
                            struct tc_error *err)
{
    struct jobs jobs = {.count = 0};
    struct checking c = {.jobs = &jobs, .ctx = ctx, .call = call};
    char *bytes = NULL;
    struct known *k;

    error_reset(err);
    *sheets = 0;
    if (read_log(log, &c, &bytes, err) && jobs_load(&jobs, run, err) && (k = choose_job(&jobs, c.log, job, err)) != NULL
        && fill(&jobs, k, err)) {
        c.job = k;
        *sheets = k->job.total;
        if (readback_check(c.log, k->id, k->job.total, on_fault, &c, err))
            note_check(run, &c, err);
    }
    free(bytes);
    jobs_free(&jobs);
    return err->code ? err->code : c.faults > 0 ? TC_HELD : TC_OK;
}

/* ---- the folder */

static bool has_file(const char *folder, const char *id)
{
    struct tc_error ignored = {0};
    char path[FILE_PATH_MAX], name[32];

    job_file_name(id, JOB_PRINT, name);
    return file_path(folder, name, path, &ignored) && access(path, F_OK) == 0;
}

static bool prove_hashes(const struct job *job, const char *folder, struct tc_error *err)
{
    for (int i = 0; i < JOB_FILES; i++) {
        char path[FILE_PATH_MAX], name[32];
        unsigned char hash[HASH_SIZE];

        job_file_name(job->id, (enum job_file)i, name);
        if (!file_path(folder, name, path, err) || !hash_file_below(folder, name, hash, err))
            return false;
        if (memcmp(hash, job->hashes[i], HASH_SIZE) != 0)
            return error_set(err, TC_HELD, path, NULL, "batch-differs", "the file is not the one that the run's log has");
    }
    return true;
}

static bool read_place(const char *reason, struct stamp_place *place)
{
    size_t length;
    const char *mark = journal_find(reason, "mark", &length);

    return mark && sscanf(mark, "%d,%d,%d,%u", &place->x, &place->y, &place->module, &place->kinds) == 4;
}

static bool prove(struct jobs *jobs, struct known *k, const char *run, const char *folder, struct tc_error *err)
{
    struct stamp_place place = {0};
    struct workshop w;
    size_t length;
    const char *found = journal_find(k->reason, "sort", &length);
    char sort[80];
    bool ok;

    snprintf(sort, sizeof sort, "%.*s", found ? (int)length : 0, found ? found : "");
    if (!fill(jobs, k, err) || !prove_hashes(&k->job, folder, err) || !read_place(k->reason, &place))
        return false;
    ok = workshop_open(&w, run, NULL, &jobs->people, &place, sort, err) && job_prove(&k->job, &w.tools, folder, err);
    workshop_close(&w);
    return ok;
}

/* A set of copies held against the folder. */
struct copied {
    const char *folder;
    long right, all;
    char set[PASSLIST_SET + 1];
};

static bool on_copy(void *ctx, const char *word, long number)
{
    struct tc_error ignored = {0};
    struct copied *c = ctx;
    size_t length = strcspn(word, ":");
    char name[64], hex[HASH_HEX + 1];
    unsigned char hash[HASH_SIZE];

    (void)number;
    c->all++;
    snprintf(name, sizeof name, "%.*s.pdf", (int)(length < 50 ? length : 50), word);
    if (!hash_file_below(c->folder, name, hash, &ignored))
        return true;
    hash_hex(hash, hex);
    c->right += word[length] && !strcmp(word + length + 1, hex);
    return true;
}

/* The best of the sets that the log has: the folder is one's where the most of its copies are there. */
static bool on_copies(void *ctx, const struct event_read *event, struct tc_error *err)
{
    struct copied *best = ctx, c = {.folder = best->folder};
    size_t length;
    const char *ids = !strcmp(event->kind, "copied") ? journal_find(event->reason, "ids", &length) : NULL;

    (void)err;
    memcpy(c.set, event->about, strnlen(event->about, PASSLIST_SET));
    if (ids && journal_each(ids, length, on_copy, &c) && c.right > best->right)
        *best = c;
    return true;
}

/* Whether the folder has all copies of a set; the count is 0 where it has none of any. */
static bool prove_copies(const char *run, const char *folder, struct tc_delivered *proved, struct tc_error *err)
{
    struct copied best = {.folder = folder};

    if (!events_read(run, on_copies, &best, err))
        return false;
    proved->count = best.right;
    snprintf(proved->set, sizeof proved->set, "%s", best.set);
    return best.right == best.all
           || error_set(err, TC_HELD, folder, NULL, "batch-differs", "%ld of %ld copies are missing, or not those that the run's log has",
                        best.all - best.right, best.all);
}

static bool prove_folder(const char *run, const char *folder, struct tc_delivered *proved, struct tc_error *err)
{
    struct jobs jobs = {.count = 0};
    long found = 0;
    bool ok = jobs_load(&jobs, run, err);

    for (size_t i = 0; ok && i < jobs.count; i++) {
        if (!has_file(folder, jobs.list[i].id))
            continue;
        ok = prove(&jobs, &jobs.list[i], run, folder, err);
        proved->count += jobs.list[i].job.total;
        found++;
    }
    jobs_free(&jobs);
    if (!ok || found > 0)
        return ok;
    return prove_copies(run, folder, proved, err)
           && (proved->count > 0
               || error_set(err, TC_USAGE, folder, NULL, "job", "the folder has no print file and no copies of this run"));
}

/* A list of passwords, by what the log says of those that were made. */
static bool prove_list(const char *run, const char *path, struct tc_delivered *proved, struct tc_error *err)
{
    char *text = NULL, key[HASH_HEX + 1], identity[HASH_HEX + 1];
    struct ledger *ledger = manifest_open(run, err);
    struct passlist_known known = {.state = PASSLIST_UNKNOWN};
    size_t length;
    bool ok = ledger && ledger_get(ledger, "identity", identity, sizeof identity, err) && file_read(path, &text, &length, err);

    ledger_close(ledger);
    if (ok && strncmp(text, OUTSIDE_PASSWORDS, strlen(OUTSIDE_PASSWORDS)) != 0)
        ok = error_set(err, TC_USAGE, path, NULL, "list", "this is neither a folder of a delivery nor a list of passwords");
    ok = ok && passlist_key(identity, text, length, key, err) && passlist_look(run, key, &known, err);
    if (text)
        explicit_bzero(text, length);
    free(text);
    if (ok && known.state != PASSLIST_MADE)
        ok = error_set(
            err, TC_HELD, path, NULL, "list-differs",
            "no copies of this run were made with this list: it was changed, a line moved, or it has passwords that were given, of which "
            "the log says nothing");
    proved->list = ok;
    proved->count = known.copies;
    memcpy(proved->set, known.set, sizeof known.set);
    return ok;
}

enum tc_code tc_batch_verify(const char *run, const char *path, struct tc_delivered *proved, struct tc_error *err)
{
    struct stat status;

    error_reset(err);
    *proved = (struct tc_delivered){.count = 0};
    if (stat(path, &status) == 0 && !S_ISDIR(status.st_mode))
        prove_list(run, path, proved, err);
    else
        prove_folder(run, path, proved, err);
    return err->code;
}
