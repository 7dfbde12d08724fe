/* Several employers by one command: each has a run of its own, and an overview lists them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/date.h"
#include "base/file.h"
#include "base/lock.h"
#include "base/money.h"
#include "base/text.h"
#include "book/employers_book.h"
#include "input/detect.h"
#include "run/run.h"
#include "run/shared.h"
#include "store/claim.h"
#include "store/folder.h"
#include "store/manifest.h"
#include "store/outside.h"

#define ENDING ".json"
#define PLAIN "payroll.json" /* is named like its folder */

static bool ends_with(const char *text, const char *ending)
{
    size_t length = strlen(text), tail = strlen(ending);

    return length >= tail && !strcmp(text + length - tail, ending);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* Length of the text without the ending. */
static size_t stem_length(const char *text)
{
    return strlen(text) - (ends_with(text, ENDING) ? strlen(ENDING) : 0);
}

static bool is_there(const char *path)
{
    struct stat status;

    return lstat(path, &status) == 0 || errno != ENOENT; /* what cannot be looked at, and a link to nowhere, is said by its run */
}

/* The file of this kind beside a payroll. Stays NULL where there is none; else new. */
static bool find_beside(const char *payroll, const char *kind, char **out, struct tc_error *err)
{
    bool plain = !strcmp(base_name(payroll), PLAIN);
    size_t kept = plain ? strlen(payroll) - strlen(PLAIN) : stem_length(payroll);

    if (asprintf(out, "%.*s%s%s" ENDING, (int)kept, payroll, plain ? "" : ".", kind) < 0) {
        *out = NULL;
        return error_memory(err);
    }
    if (!is_there(*out)) {
        free(*out);
        *out = NULL;
    }
    return true;
}

/* The employer's name by the payroll's path; false where it is none that a run folder can have. */
static bool make_name(const char *payroll, char *out, size_t size)
{
    const char *base = base_name(payroll), *start = base;
    size_t length = stem_length(base);

    if (!strcmp(base, PLAIN) && base > payroll) {
        const char *end = base - 1;

        while (end > payroll && end[-1] == '/')
            end--;
        start = end;
        while (start > payroll && start[-1] != '/')
            start--;
        length = (size_t)(end - start);
        if (length == 0 || !strncmp(start, "..", length)) { /* "", "." and ".." name nobody */
            start = base;
            length = stem_length(base);
        }
    }
    return snprintf(out, size, "%.*s", (int)length, start) < (int)size && text_is_handle(out) && !ends_with(out, ".partial")
           && strcasecmp(out, EMPLOYERS_FILE) != 0;
}

static bool add_payroll(struct tc_employers *all, const char *payroll, struct tc_error *err)
{
    struct tc_employer *list = realloc(all->list, (all->count + 1) * sizeof *list), *e;

    if (!list)
        return error_memory(err);
    all->list = list;
    e = &list[all->count++];
    *e = (struct tc_employer){.payroll = strdup(payroll)};
    if (!e->payroll)
        return error_memory(err);
    return (make_name(payroll, e->name, sizeof e->name)
            || error_set(err, TC_USAGE, payroll, NULL, "employer-name",
                         "the employer's run folder gets this name: it must have 1 to 32 characters from A-Z a-z 0-9 . _ -, no "
                         "full stop in front, and not end in .partial; rename the file or folder"))
           && find_beside(payroll, "employees", &e->employees, err) && find_beside(payroll, "waivers", &e->waivers, err);
}

/* A file's name says that it belongs to a payroll. */
static bool is_beside(const char *name)
{
    return !strcmp(name, "employees" ENDING) || !strcmp(name, "waivers" ENDING) || ends_with(name, ".employees" ENDING)
           || ends_with(name, ".waivers" ENDING);
}

/* An entry of a folder: a sub-folder with a payroll, a payroll, or nothing of ours. A link to nowhere, a pipe
 * and their like are payrolls that cannot be opened. */
static bool add_entry(struct tc_employers *all, const char *folder, const char *name, struct tc_error *err)
{
    size_t length = strlen(folder) + strlen(name) + strlen("//" PLAIN) + 1;
    char *path = malloc(length);
    struct stat status;
    bool ok = true;

    if (!path)
        return error_memory(err);
    snprintf(path, length, "%s/%s", folder, name);
    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
        snprintf(path, length, "%s/%s/" PLAIN, folder, name);
        if (is_there(path))
            ok = add_payroll(all, path, err);
    } else if (ends_with(name, ENDING) && !is_beside(name) && detect_payroll(path)) {
        ok = add_payroll(all, path, err);
    }
    free(path);
    return ok;
}

static DIR *open_folder(const char *path, enum tc_code code, struct tc_error *err)
{
    DIR *dir = opendir(path);

    if (!dir && errno == ENOMEM)
        error_memory(err);
    else if (!dir)
        error_set(err, code, path, NULL, "folder", "the folder cannot be read (%s)", error_cause(errno));
    return dir;
}

static bool add_folder(struct tc_employers *all, const char *folder, struct tc_error *err)
{
    DIR *dir = open_folder(folder, TC_INPUT, err);
    struct dirent *entry;
    size_t before = all->count;

    if (!dir)
        return false;
    while (!err->code && (entry = readdir(dir)) != NULL)
        if (entry->d_name[0] != '.')
            add_entry(all, folder, entry->d_name, err);
    closedir(dir);
    return !err->code
           && (all->count > before
               || error_set(err, TC_USAGE, folder, NULL, "employer-missing",
                            "there is no payroll file in this folder or the folders in it: give another folder"));
}

static bool add_path(struct tc_employers *all, const char *path, struct tc_error *err)
{
    size_t length = strlen(path);
    struct stat status;
    char *folder;
    bool ok;

    if (stat(path, &status) != 0 || !S_ISDIR(status.st_mode))
        return detect_payroll(path) ? add_payroll(all, path, err)
                                    : error_set(err, TC_USAGE, path, NULL, "employer-payroll",
                                                "this file is not a payroll file; the employee data of a payroll are given by -e FILE");
    while (length > 1 && path[length - 1] == '/')
        length--;
    folder = strndup(path, length);
    ok = folder ? add_folder(all, folder, err) : error_memory(err);
    free(folder);
    return ok;
}

static int by_name(const void *a, const void *b)
{
    return strcasecmp(((const struct tc_employer *)a)->name, ((const struct tc_employer *)b)->name);
}

enum tc_code tc_employers_find(const char *const *paths, size_t count, struct tc_employers *all, struct tc_error *err)
{
    error_reset(err);
    *all = (struct tc_employers){0};
    for (size_t i = 0; i < count && !err->code; i++)
        add_path(all, paths[i], err);
    if (!err->code)
        qsort(all->list, all->count, sizeof *all->list, by_name);
    for (size_t i = 1; i < all->count && !err->code; i++)
        if (by_name(&all->list[i - 1], &all->list[i]) == 0)
            error_set(err, TC_USAGE, all->list[i].payroll, NULL, "employer-name",
                      "two employers have this name, or names that differ in upper and lower case only: rename one");
    if (err->code)
        tc_employers_free(all);
    return err->code;
}

void tc_employers_free(struct tc_employers *all)
{
    for (size_t i = 0; i < all->count; i++) {
        free(all->list[i].payroll);
        free(all->list[i].employees);
        free(all->list[i].waivers);
    }
    free(all->list);
    *all = (struct tc_employers){0};
}

static bool is_employer(const struct tc_employers *all, const char *entry)
{
    size_t length = strlen(entry) - (ends_with(entry, ".partial") ? strlen(".partial") : 0);

    for (size_t i = 0; i < all->count; i++)
        if (strlen(all->list[i].name) == length && !memcmp(all->list[i].name, entry, length))
            return true;
    return false;
}

/* Whether the run changes an earlier one: it belongs to that one's employer. */
static bool is_correcting(const char *run)
{
    struct tc_error ignored = {0};
    struct ledger *ledger = manifest_open(run, &ignored);
    char corrects[HASH_HEX + 1] = "";
    bool ok = ledger && ledger_get(ledger, "corrects", corrects, sizeof corrects, &ignored) && *corrects;

    ledger_close(ledger);
    return ok;
}

/* An overview that does not list a run beside it would be wrong, and a run folder holds no other runs. */
static bool check_output(const struct tc_employers *all, const char *output, struct tc_error *err)
{
    DIR *dir = open_folder(output, TC_IO, err);
    struct dirent *entry;
    char path[FOLDER_PATH_MAX + 300];

    if (!dir)
        return false;
    while (!err->code && (entry = readdir(dir)) != NULL) {
        snprintf(path, sizeof path, "%s/%s/ledger.db", output, entry->d_name);
        if (access(path, F_OK) != 0 || !strcmp(entry->d_name, ".."))
            continue;
        if (!strcmp(entry->d_name, "."))
            error_set(err, TC_USAGE, output, NULL, "folder", "this is a run folder; give another -o for several employers");
        snprintf(path, sizeof path, "%s/%s", output, entry->d_name);
        if (!err->code && !is_employer(all, entry->d_name) && !is_correcting(path))
            error_set(err, TC_USAGE, output, NULL, "folder",
                      "this folder holds a run of an employer that is not among those given: give all employers, or another -o");
    }
    closedir(dir);
    return !err->code;
}

/* *lock: the folder, locked while it is open where there are locks. */
static bool lock_output(const char *output, int *lock, struct tc_error *err)
{
    *lock = open(output, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*lock < 0)
        return error_set(err, errno == ENOTDIR ? TC_USAGE : TC_IO, output, NULL, "folder", "the folder cannot be opened (%s)",
                         error_cause(errno));
    return lock_take(*lock) != LOCK_BUSY || claim_tell_holder(*lock, output, err);
}

static bool open_output(const struct tc_employers *all, const struct tc_options *options, int *lock, struct tc_error *err)
{
    const char *output = options->output;
    struct share share;

    if (strlen(output) + 200 > FOLDER_PATH_MAX)
        return error_set(err, TC_USAGE, output, NULL, "path", "the output folder's path is too long");
    return share_find(options->group, &share, err) && outside_runs(output, err) && file_folder(output, err)
           && share_folder(&share, output, SHARE_FOLDER, err) && lock_output(output, lock, err) && check_output(all, output, err);
}

/* The identity of the run that is there. */
static bool read_identity(const char *run, char out[HASH_HEX + 1], struct tc_error *err)
{
    struct tc_error ignored = {0};
    struct ledger *ledger = manifest_open(run, &ignored);
    bool ok = ledger && ledger_get(ledger, "identity", out, HASH_HEX + 1, &ignored) && *out;

    ledger_close(ledger);
    return ok || error_set(err, TC_USAGE, run, NULL, "folder", "this folder is not a finished run; move it elsewhere");
}

/* One employer's turn, as it is given to the calls of the whole. */
struct turn {
    const struct tc_options *options;
    const struct tc_employer *employer;
};

static void on_finding(void *ctx, const struct tc_finding *finding)
{
    const struct turn *turn = ctx;
    struct tc_finding named = *finding;

    named.employer = turn->employer->name;
    turn->options->on_finding(turn->options->ctx, &named);
}

static bool on_progress(void *ctx, long done, long all)
{
    const struct turn *turn = ctx;

    return turn->options->on_progress(turn->options->ctx, done, all);
}

/* The options of one employer's run. A run that an earlier command finished is checked instead, which finds the same. */
static bool choose(struct tc_employer *e, struct tc_options *o, char run[FOLDER_PATH_MAX], char identity[HASH_HEX + 1])
{
    o->payroll = e->payroll;
    o->employees = e->employees;
    o->waivers = e->waivers;
    o->identity = NULL;
    if (!o->output)
        return true;
    snprintf(run, FOLDER_PATH_MAX, "%s/%s", o->output, e->name);
    o->output = run;
    e->there = access(run, F_OK) == 0;
    if (!e->there)
        return true;
    o->output = NULL;
    o->identity = identity;
    return read_identity(run, identity, &e->err);
}

/* ---- corrections beside a run */

/* A run in the output folder that corrects another one. */
struct correction {
    char corrects[HASH_HEX + 1], identity[HASH_HEX + 1]; /* of the one before, its own */
    char *run;                                           /* its folder; owned */
};

struct corrections {
    struct correction *list;
    size_t count;
};

/* Whether the folder is a run that corrects another one and did something. */
static bool read_correction(const char *run, struct correction *c, struct tc_error *why)
{
    struct ledger *ledger = manifest_open(run, why);
    char draft[8] = "", idle[24] = "";
    bool ok = ledger && ledger_get(ledger, "corrects", c->corrects, sizeof c->corrects, why) && *c->corrects
              && ledger_get(ledger, "draft", draft, sizeof draft, why) && strcmp(draft, "yes") != 0
              && ledger_get(ledger, "idle", idle, sizeof idle, why) && !*idle
              && ledger_get(ledger, "identity", c->identity, sizeof c->identity, why);

    ledger_close(ledger);
    return ok;
}

static bool add_correction(struct corrections *all, const char *run, struct tc_error *err)
{
    struct correction found = {.run = NULL}, *list;
    struct tc_error why = {0};

    if (strlen(run) >= FOLDER_PATH_MAX || !read_correction(run, &found, &why))
        return !error_is_memory(&why) || error_memory(err);
    list = realloc(all->list, (all->count + 1) * sizeof *list);
    if (list)
        all->list = list;
    if (!list || !(found.run = strdup(run)))
        return error_memory(err);
    all->list[all->count++] = found;
    return true;
}

/* All of them, looked for once: each employer asks. */
static bool list_corrections(const char *output, struct corrections *all, struct tc_error *err)
{
    struct tc_error ignored = {0};
    DIR *dir = open_folder(output, TC_IO, &ignored);
    struct dirent *entry;
    char path[FOLDER_PATH_MAX + 300];

    while (dir && !err->code && (entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", output, entry->d_name);
        add_correction(all, path, err);
    }
    if (dir)
        closedir(dir);
    return !err->code;
}

static void free_corrections(struct corrections *all)
{
    for (size_t i = 0; i < all->count; i++)
        free(all->list[i].run);
    free(all->list);
}

/* The one of the run of this identity; NULL where there is none. */
static const struct correction *find_correction(const struct corrections *all, const char *identity)
{
    for (size_t i = 0; i < all->count; i++)
        if (!strcmp(all->list[i].corrects, identity))
            return &all->list[i];
    return NULL;
}

static bool count_entry(void *ctx, const struct ledger_entry *entry, struct tc_error *err)
{
    struct tc_result *r = ctx;

    (void)err;
    r->issued += entry->state == LEDGER_ISSUED;
    r->held += entry->state == LEDGER_HELD;
    return true;
}

static bool count_person(void *ctx, const struct ledger_person *person, struct tc_error *err)
{
    struct tc_result *r = ctx;

    (void)err;
    r->without++;
    r->unexplained += person->reason == NULL;
    return true;
}

/* The year's counts and totals as they are in that run. */
static bool read_today(const char *run, struct tc_result *r, struct tc_error *err)
{
    struct ledger *l = manifest_open(run, err);
    struct tc_result now = {0};
    int64_t people = 0, unexplained = 0, digits = 0;
    bool ok = l && ledger_each(l, count_entry, &now, err) && ledger_each_person(l, count_person, &now, err)
              && ledger_get_number(l, "digits", 0, LEDGER_DIGITS_MAX, &digits, err)
              && ledger_get_number(l, "unreadable_people", 0, LEDGER_COUNT_MAX, &people, err)
              && ledger_get_number(l, "unreadable_unexplained", 0, LEDGER_COUNT_MAX, &unexplained, err);

    for (int i = 0; ok && i < r->total_count; i++) {
        char key[64];
        int64_t units = 0;

        snprintf(key, sizeof key, "total %s", r->totals[i].line);
        ok = ledger_get_number(l, key, INT64_MIN, INT64_MAX, &units, err);
        r->totals[i].units = units;
        money_text(units, (int)digits, r->totals[i].text);
    }
    ledger_close(l);
    r->issued = now.issued;
    r->held = now.held;
    r->certificates = now.issued + now.held;
    r->without = now.without + people;
    r->unexplained = now.unexplained + unexplained;
    return ok;
}

/* A run that was corrected beside itself shows the year as it is today. A chain has no more steps than there are corrections. */
static void take_corrections(struct tc_employer *e, const struct corrections *all, const char *identity)
{
    const struct correction *last = NULL, *next = find_correction(all, identity);

    for (size_t i = 0; i < all->count && next; i++) {
        last = next;
        next = find_correction(all, last->identity);
    }
    e->corrected = last != NULL;
    if (last && !read_today(last->run, &e->result, &e->err))
        e->code = e->err.code;
}

static void generate_one(struct tc_employer *e, const struct tc_options *options, struct waiver_file *common,
                         const struct corrections *corrections)
{
    struct turn turn = {options, e};
    struct tc_options o = *options;
    char run[FOLDER_PATH_MAX] = "", identity[HASH_HEX + 1];

    e->there = false;
    e->err = (struct tc_error){0};
    e->result = (struct tc_result){0};
    o.ctx = &turn;
    o.on_finding = options->on_finding ? on_finding : NULL;
    o.on_progress = options->on_progress ? on_progress : NULL;
    e->code = choose(e, &o, run, identity) ? run_generate(&o, common, &e->result, &e->err) : e->err.code;
    if (e->there && options->output && e->code <= TC_HELD)
        take_corrections(e, corrections, identity);
    if (!strcmp(e->err.rule, "identity"))
        snprintf(e->err.file, sizeof e->err.file, "%.255s", run);
}

static bool read_facts(const char *output, struct employers_row *row, struct tc_error *err)
{
    char run[FOLDER_PATH_MAX], issued[16];
    int64_t year = 0, digits = 0;
    struct ledger *l;
    bool ok;

    if (row->employer->code > TC_HELD)
        return true;
    snprintf(run, sizeof run, "%s/%s", output, row->employer->name);
    l = manifest_open(run, err);
    ok = l && ledger_get(l, "employer", row->called, sizeof row->called, err) && ledger_get(l, "form", row->form, sizeof row->form, err)
         && ledger_get_number(l, "year", 1, 9999, &year, err) && ledger_get_number(l, "digits", 0, LEDGER_DIGITS_MAX, &digits, err)
         && ledger_get(l, "issue_date", issued, sizeof issued, err);
    ledger_close(l);
    if (!ok)
        return false;
    if (strlen(row->called) == sizeof row->called - 1)
        *row->called = '\0'; /* may be cut within a character */
    row->year = (int)year;
    row->digits = (int)digits;
    date_parse(issued, strlen(issued), &row->issued);
    return true;
}

static bool share_overview(const struct tc_options *options, struct tc_error *err)
{
    char path[FOLDER_PATH_MAX];
    struct share share;

    return share_find(options->group, &share, err) && file_path(options->output, EMPLOYERS_FILE, path, err)
           && share_file(&share, path, SHARE_FILE, err);
}

/* In the language of the first run's form, as its workbook is. */
static bool write_overview(const struct tc_employers *all, const struct tc_options *options, struct tc_error *err)
{
    struct employers_row *rows = calloc(all->count + 1, sizeof *rows);
    const char *language = NULL;
    struct tc_words *words = NULL;
    bool ok = true;

    if (!rows)
        return error_memory(err);
    for (size_t i = 0; ok && i < all->count; i++) {
        rows[i].employer = &all->list[i];
        ok = read_facts(options->output, &rows[i], err);
        if (!language && all->list[i].code <= TC_HELD)
            language = all->list[i].result.language;
    }
    ok = ok && (words = tc_words_load(options->templates, language, err)) && employers_write(options->output, rows, all->count, words, err)
         && share_overview(options, err);
    tc_words_free(words);
    free(rows);
    return ok;
}

static bool open_all(const struct tc_employers *all, const struct tc_options *options, struct waiver_file **common, int *lock,
                     struct tc_error *err)
{
    if (options->employees)
        return error_set(err, TC_USAGE, options->employees, NULL, "employer-files",
                         "with several employers each has its employee data beside its payroll file: leave --employees out");
    return (!options->waivers || (*common = waiver_file_open(options->waivers, err)) != NULL)
           && (!options->output || open_output(all, options, lock, err));
}

enum tc_code tc_generate_all(struct tc_employers *all, const struct tc_options *options, tc_employer_call call, struct tc_error *err)
{
    enum tc_code worst = TC_OK;
    int lock = -1;
    struct waiver_file *common = NULL;
    struct corrections corrections = {.count = 0};

    error_reset(err);
    if (open_all(all, options, &common, &lock, err) && options->output)
        list_corrections(options->output, &corrections, err);
    for (size_t i = 0; i < all->count && !err->code; i++) {
        struct tc_employer *e = &all->list[i];

        if (call)
            call(options->ctx, e, false);
        generate_one(e, options, common, &corrections);
        if (!strcmp(e->err.rule, "interrupted")) {
            *err = e->err;
            break;
        }
        if (call)
            call(options->ctx, e, true);
        if (e->code > worst)
            worst = e->code;
    }
    if (!err->code && common)
        shared_tell(all, options, common, err);
    if (!err->code && options->output)
        write_overview(all, options, err);
    free_corrections(&corrections);
    waiver_file_free(common);
    if (lock >= 0)
        close(lock);
    return err->code ? err->code : worst;
}
