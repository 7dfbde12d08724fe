/* Allocations of ours, jansson's, libharu's, SQLite's and libcrypto's fail, one alone and from one on: the code says memory,
 * nothing is published, told wrongly or leaked, and the same call makes the same bytes once there is memory again. One from every
 * place in the code, as far as the time goes. Usage: starve [SECONDS [SCENE [ALLOCATION]]]
 * Linked with --wrap (CMakeLists.txt): what HarfBuzz, libxlsxwriter and libc allocate by themselves is left alone. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <execinfo.h>
#include <ftw.h>
#include <libdeflate.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

#include "base/arena.h"
#include "base/file.h"
#include "base/json.h"
#include "deliver/carrier.h"
#include "taxcert.h"

#define TEMPLATES SOURCE_DIR "/templates"
#define FORM "de/lohnsteuerbescheinigung"
#define DEPTH 8
#define PLACES (1 << 16)

/* ---- allocations that fail */

static atomic_long number; /* of allocations since arm */
static long fail_at;       /* the one that fails; 0: none */
static bool fail_after;    /* every later one too */
static atomic_bool armed;
static void *stack[DEPTH + 2]; /* of the allocation that failed */
static int stack_depth;
static uint64_t *seen;      /* while counting: hashes of call stacks, open addressing */
static long *first, firsts; /* while counting: the first allocation of each stack */
static bool sparse;
#define DENSE \
    20000 /* so many are all looked at, then every SPARSE-th: one password's proof makes libcrypto take memory a hundred thousand times */
#define SPARSE 251

static void note(long at)
{
    void *frames[DEPTH + 2];
    int count = backtrace(frames, DEPTH + 2);
    uint64_t hash = 0xCBF29CE484222325u;
    size_t slot;

    for (int i = 2; i < count; i++)
        hash = (hash ^ (uintptr_t)frames[i]) * 0x100000001B3u;
    for (slot = hash % PLACES; seen[slot] && seen[slot] != hash;)
        slot = (slot + 1) % PLACES;
    if (seen[slot] || firsts == PLACES / 2)
        return;
    seen[slot] = hash;
    first[firsts++] = at;
}

static bool fails(void)
{
    long at;

    if (!armed)
        return false;
    at = atomic_fetch_add(&number, 1) + 1;
    if (seen && (!sparse || at < DENSE || at % SPARSE == 0))
        note(at);
    if (fail_at == 0 || at < fail_at || (at > fail_at && !fail_after))
        return false;
    if (at == fail_at)
        stack_depth = backtrace(stack, DEPTH + 2);
    errno = ENOMEM;
    return true;
}

#define WRAP(type, name, parameters, arguments)          \
    type __real_##name parameters;                       \
    type __wrap_##name parameters;                       \
    type __wrap_##name parameters                        \
    {                                                    \
        return fails() ? NULL : __real_##name arguments; \
    }
#define WRAP_ARENA(type, name, parameters, arguments) \
    type __real_##name parameters;                    \
    type __wrap_##name parameters;                    \
    type __wrap_##name parameters                     \
    {                                                 \
        if (!fails())                                 \
            return __real_##name arguments;           \
        a->failed = true;                             \
        return NULL;                                  \
    }

WRAP(void *, malloc, (size_t size), (size))
WRAP(void *, calloc, (size_t count, size_t size), (count, size))
WRAP(void *, realloc, (void *memory, size_t size), (memory, size))
WRAP(char *, strdup, (const char *text), (text))
WRAP(FILE *, fopen, (const char *path, const char *mode), (path, mode))
WRAP(FILE *, fdopen, (int fd, const char *mode), (fd, mode))
WRAP(DIR *, opendir, (const char *path), (path))
WRAP(EVP_MD_CTX *, EVP_MD_CTX_new, (void), ())
WRAP(struct libdeflate_compressor *, libdeflate_alloc_compressor, (int level), (level))
WRAP_ARENA(void *, arena_take, (struct arena * a, size_t size), (a, size))
WRAP_ARENA(void *, arena_alloc, (struct arena * a, size_t size), (a, size))
WRAP_ARENA(void *, arena_array, (struct arena * a, size_t count, size_t size), (a, count, size))
WRAP_ARENA(char *, arena_copy, (struct arena * a, const char *text, size_t length), (a, text, length))
WRAP_ARENA(char *, arena_join, (struct arena * a, const char *const *parts, size_t count), (a, parts, count))

char *__wrap_arena_printf(struct arena *a, const char *format, ...);
char *__wrap_arena_printf(struct arena *a, const char *format, ...)
{
    char text[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return __wrap_arena_copy(a, text, strlen(text));
}

ssize_t __real_getline(char **line, size_t *room, FILE *file);
/* The module is in this program, so that its allocations fail too. */
const struct carrier *__wrap_carrier_load(struct tc_error *err);
const struct carrier *__wrap_carrier_load(struct tc_error *err)
{
    (void)err;
    return &carrier_table;
}

ssize_t __wrap_getline(char **line, size_t *room, FILE *file);
ssize_t __wrap_getline(char **line, size_t *room, FILE *file)
{
    return fails() ? -1 : __real_getline(line, room, file);
}

/* SQLite and libcrypto take what they allocate with. */
static sqlite3_mem_methods sqlite;

static void *sqlite_malloc(int size)
{
    return fails() ? NULL : sqlite.xMalloc(size);
}

static void *sqlite_realloc(void *memory, int size)
{
    return fails() ? NULL : sqlite.xRealloc(memory, size);
}

static void *crypto_malloc(size_t size, const char *file, int line)
{
    (void)file, (void)line;
    return malloc(size);
}

static void *crypto_realloc(void *memory, size_t size, const char *file, int line)
{
    (void)file, (void)line;
    return realloc(memory, size);
}

static void crypto_free(void *memory, const char *file, int line)
{
    (void)file, (void)line;
    free(memory);
}

static bool install(void)
{
    sqlite3_mem_methods methods;

    if (CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free) != 1 || sqlite3_config(SQLITE_CONFIG_GETMALLOC, &sqlite) != 0)
        return false;
    methods = sqlite;
    methods.xMalloc = sqlite_malloc;
    methods.xRealloc = sqlite_realloc;
    return sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) == 0;
}

/* ---- what is called */

static char folder[64], run[128], partial[160], calm[128], payroll[160], employees[160], waivers[160], copy[128], temporary[128],
    employers[128], changes[160], second[128], second_calm[128], second_partial[160];
/* What goes out: a folder, as it is undisturbed, the list of passwords; of what is mailed its copies and a server that nobody is at. */
static char out[128], out_calm[128], passwords[128], mailed[128], mail[128];
/* Files that an import makes beside the payroll, and takes. */
static char imported[128], ticketless[128];
/* A copy of the undisturbed run, made for each call, of which a purge leaves nobody's data. */
static char old[128];

/* What a call told besides its code: a hash of all findings and counts. */
struct told {
    uint64_t hash;
};

static void tell(struct told *told, const char *text)
{
    for (; text && *text; text++)
        told->hash = (told->hash ^ (unsigned char)*text) * 0x100000001B3u;
}

static void on_finding(void *ctx, const struct tc_finding *f)
{
    tell(ctx, f->personnel_number);
    tell(ctx, f->pointer);
    tell(ctx, f->rule);
    tell(ctx, f->message);
}

/* Of the options, what a year and its corrections have in common is added. */
static enum tc_code make(struct tc_options options, struct told *told, struct tc_error *err)
{
    struct tc_result result;
    enum tc_code code;

    options.templates = TEMPLATES;
    options.jobs = 1;
    options.allow_test_ids = true;
    options.language = "en";
    options.ctx = told;
    options.on_finding = on_finding;
    code = tc_generate(&options, &result, err);
    for (int i = 0; i < result.total_count; i++)
        tell(told, result.totals[i].text);
    return code;
}

static enum tc_code call_generate(const char *output, struct told *told, struct tc_error *err)
{
    return make((struct tc_options){.payroll = payroll, .employees = employees, .output = output, .waivers = waivers}, told, err);
}

/* The year again, with the sample's corrections; calm is corrected anew each time. */
static enum tc_code correct(struct told *told, struct tc_error *err)
{
    return make((struct tc_options){.payroll = changes, .corrects = calm, .output = second}, told, err);
}

static enum tc_code find(struct told *told, struct tc_error *err)
{
    char text[1 << 16] = "";
    FILE *to = fmemopen(text, sizeof text, "w");
    enum tc_code code = tc_find(calm, "100042", NULL, true, to, err);

    fclose(to);
    if (code == TC_OK)
        tell(told, text);
    return code;
}

static enum tc_code generate(struct told *told, struct tc_error *err)
{
    return call_generate(run, told, err);
}

static enum tc_code check(struct told *told, struct tc_error *err)
{
    return call_generate(NULL, told, err);
}

static enum tc_code call_reprint(bool duplicate, struct tc_error *err)
{
    struct tc_reprint_options options = {
        .output = copy, .reason = "for the test", .duplicate = duplicate, .force = true, .templates = TEMPLATES};
    struct tc_reprinted reprinted;

    return tc_reprint(calm, "100046", &options, &reprinted, err);
}

static enum tc_code reprint(struct told *told, struct tc_error *err)
{
    (void)told;
    return call_reprint(false, err);
}

static enum tc_code duplicate(struct told *told, struct tc_error *err)
{
    (void)told;
    return call_reprint(true, err);
}

static enum tc_code summary(struct told *told, struct tc_error *err)
{
    struct tc_summary_options options = {.output = copy};

    (void)told;
    return tc_summary(calm, &options, err);
}

static enum tc_code explain(struct told *told, struct tc_error *err)
{
    char text[1 << 16] = "";
    FILE *to = fmemopen(text, sizeof text, "w");
    enum tc_code code = tc_explain(calm, "100042", NULL, true, to, err);

    fclose(to);
    if (code == TC_OK)
        tell(told, text);
    return code;
}

/* The employers of a folder, one; its folder is told by name. */
static enum tc_code several(struct told *told, struct tc_error *err)
{
    const char *paths[] = {employers};
    struct tc_options options = {.templates = TEMPLATES,
                                 .jobs = 1,
                                 .allow_test_ids = true,
                                 .language = "en",
                                 .waivers = waivers,
                                 .ctx = told,
                                 .on_finding = on_finding};
    struct tc_employers all = {0};
    enum tc_code code = tc_employers_find(paths, 1, &all, err);

    if (code == TC_OK)
        code = tc_generate_all(&all, &options, NULL, err);
    if (code > TC_HELD && !err->code)
        *err = all.list[0].err;
    tc_employers_free(&all);
    return code;
}

static void on_problem(void *ctx, const char *file, const char *rule, const char *message)
{
    tell(ctx, file);
    tell(ctx, rule);
    tell(ctx, message);
}

static enum tc_code verify(struct told *told, struct tc_error *err)
{
    struct tc_verify_options options = {.ctx = told, .on_problem = on_problem};
    struct tc_verify_result result;

    return tc_verify(calm, &options, &result, err);
}

static enum tc_code lint(struct told *told, struct tc_error *err)
{
    (void)told;
    return tc_form_lint(TEMPLATES "/" FORM "/2025", NULL, err);
}

static enum tc_code preview(struct told *told, struct tc_error *err)
{
    (void)told;
    return tc_form_preview(TEMPLATES, FORM, 2025, "draft", copy, err);
}

static enum tc_code print(enum tc_code (*call)(const char *, const char *, int, FILE *, struct tc_error *), struct told *told,
                          struct tc_error *err)
{
    char text[1 << 18] = "";
    FILE *to = fmemopen(text, sizeof text, "w");
    enum tc_code code = call(TEMPLATES, FORM, 2025, to, err);

    fclose(to);
    if (code == TC_OK)
        tell(told, text);
    return code;
}

static enum tc_code show_in_english(const char *templates, const char *id, int year, FILE *to, struct tc_error *err)
{
    return tc_form_show(templates, id, year, NULL, to, err);
}

static enum tc_code show(struct told *told, struct tc_error *err)
{
    return print(show_in_english, told, err);
}

static enum tc_code schema(struct told *told, struct tc_error *err)
{
    return print(tc_form_schema, told, err);
}

static void on_form(void *ctx, const char *id, const char *year)
{
    (void)year;
    tell(ctx, id);
}

static enum tc_code list(struct told *told, struct tc_error *err)
{
    return tc_form_list(TEMPLATES, told, on_form, err);
}

static enum tc_code call_batch(const char *to, struct tc_error *err)
{
    struct tc_batch_options options = {.output = to, .again = true, .templates = TEMPLATES};
    struct tc_batch_result result;

    return tc_batch(calm, &options, &result, err);
}

static enum tc_code batch(struct told *told, struct tc_error *err)
{
    (void)told;
    return call_batch(out, err);
}

static enum tc_code call_copies(const char *to, const char *list, const char *letters, struct tc_error *err)
{
    struct tc_copies_options options = {.output = to, .list = list, .letters = letters, .templates = TEMPLATES, .jobs = 1};
    struct tc_copies_result result;

    return tc_copies(calm, &options, &result, err);
}

static enum tc_code copies(struct told *told, struct tc_error *err)
{
    (void)told;
    return call_copies(out, passwords, NULL, err);
}

static enum tc_code send_mail(struct told *told, struct tc_error *err)
{
    struct tc_send_options options = {.config = mail, .copies = mailed};
    struct tc_send_result result;

    (void)told;
    return tc_send(calm, &options, &result, err);
}

static enum tc_code deliveries(struct told *told, struct tc_error *err)
{
    struct tc_deliveries_options options = {.csv = copy};
    struct tc_deliveries_result result;

    (void)told;
    return tc_deliveries(calm, &options, &result, err);
}

static enum tc_code purge(struct told *told, struct tc_error *err)
{
    struct tc_purge_options options = {.before = 2026, .yes = true, .today = "2040-01-01", .templates = TEMPLATES};
    struct tc_purge_result result;

    (void)told;
    return tc_purge(old, &options, &result, err);
}

#define IMPORTS SOURCE_DIR "/samples/import/"

static void on_import(void *ctx, const struct tc_import_finding *f)
{
    tell(ctx, f->rule);
    tell(ctx, f->message);
}

static enum tc_code call_import(const char *mapping, const char *const *lists, int count, const char *into, struct told *told,
                                struct tc_error *err)
{
    struct tc_import_options options = {.mapping = mapping,
                                        .files = lists,
                                        .file_count = count,
                                        .payroll = copy,
                                        .employees = into ? NULL : imported,
                                        .into = into,
                                        .ctx = told,
                                        .on_finding = on_import};
    struct tc_import_result result;

    return tc_import(&options, &result, err);
}

static enum tc_code import(struct told *told, struct tc_error *err)
{
    static const char *const lists[] = {IMPORTS "months/personen.csv", IMPORTS "months/lohnkonto.csv"};

    return call_import(IMPORTS "months/mapping.json", lists, 2, NULL, told, err);
}

/* The transfer tickets into what was imported before. */
static enum tc_code tickets(struct told *told, struct tc_error *err)
{
    static const char *const lists[] = {IMPORTS "tickets/uebermittlung.csv"};

    return call_import(IMPORTS "tickets/mapping.json", lists, 1, ticketless, told, err);
}

static enum tc_code suggest(struct told *told, struct tc_error *err)
{
    char text[1 << 16] = "";
    FILE *to = fmemopen(text, sizeof text, "w");
    enum tc_code code = tc_import_suggest(IMPORTS "lines/bescheinigungen.csv", to, err);

    fclose(to);
    if (code == TC_OK)
        tell(told, text);
    return code;
}

static const struct scene {
    const char *name;
    enum tc_code (*call)(struct told *told, struct tc_error *err);
    enum tc_code code;  /* where nothing fails */
    const char *output; /* a file that is there after a success only, with the same bytes */
} scenes[] = {
    {"generate", generate, TC_HELD, NULL}, {"correct", correct, TC_OK, NULL},
    {"find", find, TC_OK, NULL},           {"check", check, TC_HELD, NULL},
    {"reprint", reprint, TC_OK, copy},     {"duplicate", duplicate, TC_OK, copy},
    {"summary", summary, TC_OK, copy},     {"explain", explain, TC_OK, NULL},
    {"several", several, TC_HELD, NULL},   {"verify", verify, TC_OK, NULL},
    {"lint", lint, TC_OK, NULL},           {"preview", preview, TC_OK, copy},
    {"show", show, TC_OK, NULL},           {"schema", schema, TC_OK, NULL},
    {"list", list, TC_OK, NULL},           {"import", import, TC_OK, copy},
    {"tickets", tickets, TC_OK, copy},     {"suggest", suggest, TC_OK, NULL},
    {"batch", batch, TC_OK, NULL},         {"copies", copies, TC_OK, NULL},
    {"send", send_mail, TC_IO, NULL},      {"deliveries", deliveries, TC_OK, copy},
    {"purge", purge, TC_OK, NULL},
};

/* ---- what must be the case afterwards */

#define NOW 200
static char *now;   /* what is tried; shared with the parent, who tells it where the program ends */
static char *worst; /* what was tried when it first failed; shared too */
static long failures;

static void expect(bool ok, const char *what, const struct tc_error *err)
{
    if (ok)
        return;
    failures++;
    if (!*worst)
        strcpy(worst, now);
    printf("%s: %s (code %d, rule %s, file %s: %s)\n", now, what, (int)err->code, err->rule, err->file, err->message);
    backtrace_symbols_fd(stack, stack_depth, STDOUT_FILENO); /* for addr2line */
}

static int files;
static bool same;
static const char *this_side, *that_side;

static int compare_file(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    struct tc_error err = {0};
    char other[400], *a = NULL, *b = NULL;
    size_t length_a, length_b;

    (void)status;
    if (kind == FTW_F)
        files++;
    if (kind != FTW_F || !strcmp(path + place->base, "events.log"))
        return 0;
    snprintf(other, sizeof other, "%s%s", that_side, path + strlen(this_side));
    same &= file_read(path, &a, &length_a, &err) && file_read(other, &b, &length_b, &err) && length_a == length_b
            && memcmp(a, b, length_a) == 0;
    free(a);
    free(b);
    return 0;
}

/* Both folders hold the same files with the same bytes, the event log aside. */
static bool same_folders(const char *one, const char *other)
{
    int before;

    same = true;
    files = 0;
    this_side = one;
    that_side = other;
    nftw(one, compare_file, 16, FTW_PHYS);
    before = files;
    files = 0;
    this_side = other;
    that_side = one;
    nftw(other, compare_file, 16, FTW_PHYS);
    return same && before == files && files > 0;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status, (void)kind, (void)place;
    return remove(path);
}

static void remove_all(const char *path)
{
    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

#ifdef __SANITIZE_ADDRESS__
/* What was freed long ago would only be looked through for leaks. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "quarantine_size_mb=8";
}
#endif

static void check_leaks(void)
{
#ifdef __SANITIZE_ADDRESS__
    struct tc_error none = {0};

    expect(__lsan_do_recoverable_leak_check() == 0, "memory leaks", &none);
#endif
}

static char *calm_log;
static size_t calm_log_length;

/* The undisturbed run's log as it was at first: by calls that are not wrapped, for a run is corrected once, and here it is often. */
static void restore_log(void)
{
    char path[FILE_PATH_MAX];
    int fd;

    snprintf(path, sizeof path, "%s/events.log", calm);
    fd = open(path, O_WRONLY | O_TRUNC);
    if (fd < 0 || write(fd, calm_log, calm_log_length) != (ssize_t)calm_log_length)
        failures++;
    close(fd);
}

/* Whether a run folder was made as it should be, and whole. */
static void check_run(const struct scene *s, bool done, const struct tc_error *err)
{
    const char *made = s->call == generate ? run : second, *expected = s->call == generate ? calm : second_calm;
    char unfinished[200];

    snprintf(unfinished, sizeof unfinished, "%s.partial", made);
    expect((access(made, F_OK) == 0) == done, "published or not, against the code", err);
    if (done) {
        expect(same_folders(expected, made), "the folder differs from the undisturbed one", err);
        expect(access(unfinished, F_OK) != 0, "RUN.partial is left", err);
        remove_all(made);
    }
}

static bool is_whole(const char *path, const char *bytes, size_t length)
{
    struct tc_error err = {0};
    char *text = NULL;
    size_t size;
    bool ok = file_read(path, &text, &size, &err) && size == length && memcmp(text, bytes, length) == 0;

    free(text);
    return ok;
}

static bool goes_out(const struct scene *s)
{
    return s->call == batch || s->call == copies;
}

/* A folder of a delivery has its name only when it is whole, and no sooner than the list of its passwords; where it has it, or not, the same command
 * ends what was begun, and takes the passwords that are there. */
static void check_out(const struct scene *s, enum tc_code code, const struct tc_error *err)
{
    struct tc_error again = {0};
    struct told told = {0};
    char *before = NULL;
    size_t length = 0;

    expect(code != TC_OK || access(out, F_OK) == 0, "nothing is there, against the code", err);
    if (access(passwords, F_OK) == 0)
        expect(file_read(passwords, &before, &length, &again), "a list that cannot be read", &again);
    expect(s->call != copies || access(out, F_OK) != 0 || before, "copies without passwords", err);
    expect(s->call(&told, &again) == TC_OK, "the same command does not end it", &again);
    expect(s->call != batch || same_folders(out_calm, out), "the folder differs from the undisturbed one", err);
    expect(!before || is_whole(passwords, before, length), "passwords are gone", err);
    free(before);
    remove_all(out);
    unlink(passwords);
    unlink(copy);
}

static void renew_old(void)
{
    char line[400];

    snprintf(line, sizeof line, "rm -rf %s && cp -r %s %s", old, calm, old);
    failures += system(line) != 0;
}

/* Whatever failed, the same command ends it, and nobody's data are left. */
static void check_purge(void)
{
    static const char *const gone[] = {"certificates", "ledger.db", "records.jsonl", "summary.xlsx", "summary.csv"};
    struct tc_error again = {0};
    struct told told = {0};
    char path[200];

    expect(purge(&told, &again) == TC_OK, "the same command does not end the purge", &again);
    for (size_t i = 0; i < sizeof gone / sizeof *gone; i++) {
        snprintf(path, sizeof path, "%s/%s", old, gone[i]);
        expect(access(path, F_OK) != 0, "somebody's data are left", &again);
    }
    snprintf(path, sizeof path, "%s/purged/run.json", old);
    expect(access(path, F_OK) == 0, "nothing says what was purged", &again);
}

static bool makes_run(const struct scene *s)
{
    return s->call == generate || s->call == correct;
}

/* The same command after the fault: with the log of the run that is corrected as it was, or as the fault left it where the new run is there. */
static void resume(const struct scene *s)
{
    struct tc_error err = {0};
    struct told told = {0};

    if (access(second, F_OK) != 0)
        restore_log();
    expect(s->call(&told, &err) == s->code, "the run is not taken up again", &err);
    check_run(s, true, &err);
}

static bool is_empty(const char *path)
{
    return rmdir(path) == 0 && mkdir(path, 0700) == 0;
}

/* What an undisturbed call gives. */
struct calm {
    struct told told;
    char *bytes; /* of its output */
    size_t length;
};

static void try(const struct scene *s, const struct calm *expected, long at, bool after, bool then_resume)
{
    struct tc_error err = {0};
    struct told told = {0};
    enum tc_code code;

    snprintf(now, NOW, "%s, allocation %ld%s fails", s->name, at, after ? " and every later one" : "");
    if (s->output)
        unlink(s->output);
    restore_log();
    if (s->call == purge)
        renew_old();
    fail_at = at;
    fail_after = after;
    number = 0;
    armed = true;
    code = s->call(&told, &err);
    armed = false;
    expect(code == s->code || (code == TC_IO && (!strcmp(err.rule, "memory") || strstr(err.message, "ENOMEM"))),
           "the code or rule is wrong", &err);
    if (code == s->code)
        expect(told.hash == expected->told.hash, "what is told differs", &err);
    if (s->output)
        expect(code == s->code ? is_whole(s->output, expected->bytes, expected->length) : access(s->output, F_OK) != 0,
               "the output is not whole, or there in spite of the code", &err);
    if (s->call == correct && code != s->code && access(second, F_OK) == 0) { /* but what it corrects was not told */
        resume(s);
    } else if (makes_run(s)) {
        check_run(s, code == s->code, &err);
        if (code != s->code && then_resume)
            resume(s);
    }
    if (goes_out(s))
        check_out(s, code, &err);
    if (s->call == purge)
        check_purge();
    expect(is_empty(temporary), "a temporary file is left", &err);
}

/* Numbers of the allocations that are the first from their place in the code, and what an undisturbed call gives. */
static void count(const struct scene *s, struct calm *expected)
{
    struct tc_error err = {0};

    snprintf(now, NOW, "%s, undisturbed", s->name);
    *expected = (struct calm){.bytes = NULL};
    sparse = s->call == copies;
    memset(seen, 0, PLACES * sizeof *seen);
    firsts = 0;
    restore_log();
    if (s->call == purge)
        renew_old();
    fail_at = 0;
    number = 0;
    armed = true;
    expect(s->call(&expected->told, &err) == s->code, "it fails", &err);
    armed = false;
    if (s->output)
        expect(file_read(s->output, &expected->bytes, &expected->length, &err), "no output", &err);
    if (makes_run(s))
        check_run(s, true, &err);
    if (goes_out(s))
        check_out(s, TC_OK, &err);
}

static double clock_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* As many places as the time allows, spread over the whole call; or the one. */
static void sweep(const struct scene *s, double seconds, long at)
{
    struct calm expected;
    uint64_t *places = seen;
    double start = clock_now();
    long tried = 0;

    count(s, &expected);
    seen = NULL;
    if (at > 0) {
        first[0] = at;
        firsts = 1;
    }
    /* Every 4096th, then those half way between, and so on. */
    for (long stride = 4096; stride > 0; stride /= 2) {
        for (long i = stride == 4096 ? 0 : stride; i < firsts && clock_now() - start < seconds; i += stride == 4096 ? stride : 2 * stride) {
            try(s, &expected, first[i], tried % 2, tried % 4 < 2);
            try(s, &expected, first[i], !(tried % 2), tried % 4 < 2);
            check_leaks();
            tried++;
        }
    }
    seen = places;
    if (makes_run(s))
        remove_all(s->call == generate ? partial : second_partial);
    free(expected.bytes);
    printf("%s: %ld of %ld places, %ld allocations, %.1f s\n", s->name, tried, firsts, (long)number, clock_now() - start);
}

/* ---- the input: a few of the bank's people */

static json_t *pick(const json_t *all, const char *const *numbers)
{
    json_t *list = json_array(), *one;
    size_t i;

    json_array_foreach((json_t *)all, i, one) for (const char *const *n = numbers; *n;
                                                   n++) if (!strcmp(*n, json_string_value(json_object_get(one, "personnel_number"))))
        json_array_append(list, one);
    return list;
}

/* Of the payroll: one that was held back and is not any more, one that is corrected, one that is cancelled. */
static bool make_changes(const json_t *p, const json_t *e)
{
    static const char *const numbers[] = {"100009", "100042", NULL};
    json_t *c = json_copy((json_t *)p), *picked = pick(json_object_get(p, "certificates"), numbers), *certificates = json_deep_copy(picked);
    bool ok;

    json_decref(picked);
    json_object_set_new(json_array_get(certificates, 0), "establishment", json_string("FFM"));
    json_object_set_new(json_array_get(json_object_get(json_array_get(certificates, 1), "entries"), 0), "amount", json_string("4331.00"));
    json_object_set_new(json_array_get(certificates, 1), "correction", json_pack("{ss}", "reason", "for the test"));
    json_object_set_new(c, "certificates", certificates);
    json_object_set_new(c, "employees", pick(json_object_get(e, "employees"), numbers));
    json_object_set_new(c, "cancellations", json_pack("[{ssss}]", "certificate", "LB25-100046-1", "reason", "for the test"));
    ok = json_dump_file(c, changes, 0) == 0;
    json_decref(c);
    return ok;
}

static bool make_input(struct tc_error *err)
{
    /* sequences; voluntary rows; two certificates; one that is held back; entries; nobody's */
    static const char *const numbers[] = {"100054", "100046", "100041", "100009", "100042", "100090", NULL};
    json_t *p = json_read(SOURCE_DIR "/samples/bank/payroll.json", err), *e = json_read(SOURCE_DIR "/samples/bank/employees.json", err);
    json_t *w = json_pack("{sss[{ssssssss}]}", "format", "taxcert/waivers/1", "waivers", "certificate", "LB25-100046-1", "rule", "care-max",
                          "reason", "for the test", "who", "the test");
    json_t *certificates = pick(json_object_get(p, "certificates"), numbers), *held = json_array_get(certificates, 0);
    bool ok;

    json_object_set_new(held, "establishment", json_string("nowhere"));
    json_object_set_new(held, "surprise", json_string("an unknown key"));
    json_object_set_new(p, "certificates", certificates);
    if (!make_changes(p, e))
        return false;
    json_object_set_new(e, "employees", pick(json_object_get(e, "employees"), numbers));
    json_object_set_new(json_array_get(json_object_get(e, "employees"), 4), "delivery", json_string("email"));
    ok = json_dump_file(p, payroll, 0) == 0 && json_dump_file(e, employees, 0) == 0 && json_dump_file(w, waivers, 0) == 0;
    json_decref(p);
    json_decref(e);
    json_decref(w);
    return ok;
}

/* Of the undisturbed run: what was printed and copied, which the others find in its log. */
static bool deliver(struct tc_error *err)
{
    static const char text[] = "{\"format\":\"taxcert/mail/1\",\"server\":\"smtp://127.0.0.1:1/x.example\",\"from\":\"a@bank.example\","
                               "\"subject\":\"s\",\"text\":\"t\",\"file\":\"c.pdf\"}";
    char list[160];

    snprintf(list, sizeof list, "%s.csv", mailed);
    return file_write(mail, text, sizeof text - 1, err) && call_batch(out_calm, err) == TC_OK
           && call_copies(mailed, list, NULL, err) == TC_OK;
}

static bool keep_log(struct tc_error *err)
{
    char path[FILE_PATH_MAX];

    return file_path(calm, "events.log", path, err) && file_read(path, &calm_log, &calm_log_length, err);
}

static bool prepare(struct tc_error *err)
{
    struct told told = {0};

    snprintf(folder, sizeof folder, "%s/starve-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (!mkdtemp(folder))
        return false;
    snprintf(run, sizeof run, "%s/run", folder);
    snprintf(partial, sizeof partial, "%s.partial", run);
    snprintf(calm, sizeof calm, "%s/calm", folder);
    snprintf(employers, sizeof employers, "%s/in", folder);
    snprintf(payroll, sizeof payroll, "%s/one.json", employers);
    snprintf(employees, sizeof employees, "%s/one.employees.json", employers);
    snprintf(waivers, sizeof waivers, "%s/one.waivers.json", employers);
    snprintf(changes, sizeof changes, "%s/changes.json", folder);
    snprintf(second, sizeof second, "%s/second", folder);
    snprintf(second_partial, sizeof second_partial, "%s.partial", second);
    snprintf(second_calm, sizeof second_calm, "%s/second-calm", folder);
    snprintf(copy, sizeof copy, "%s/copy.pdf", folder);
    snprintf(out, sizeof out, "%s/out", folder);
    snprintf(out_calm, sizeof out_calm, "%s/out-calm", folder);
    snprintf(passwords, sizeof passwords, "%s/passwords.csv", folder);
    snprintf(old, sizeof old, "%s/old", folder);
    snprintf(mailed, sizeof mailed, "%s/mailed", folder);
    snprintf(mail, sizeof mail, "%s/mail.json", folder);
    snprintf(imported, sizeof imported, "%s/imported.json", folder);
    snprintf(ticketless, sizeof ticketless, "%s/ticketless.json", folder);
    snprintf(temporary, sizeof temporary, "%s/tmp", folder);
    seen = NULL;
    return mkdir(temporary, 0700) == 0 && mkdir(employers, 0700) == 0 && setenv("TMPDIR", temporary, 1) == 0 && make_input(err)
           && call_generate(calm, &told, err) == TC_HELD && deliver(err) && keep_log(err) && correct(&told, err) == TC_OK
           && rename(second, second_calm) == 0 && import(&told, err) == TC_OK && rename(copy, ticketless) == 0;
}

static int sweep_all(double seconds, const char *name, long at)
{
    size_t scene_count = sizeof scenes / sizeof *scenes;
    struct tc_error err = {0};

    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!install() || !prepare(&err)) {
        printf("starve: no undisturbed run: %s %s\n", err.file, err.message);
        return 1;
    }
    seen = calloc(PLACES, sizeof *seen);
    first = calloc(PLACES, sizeof *first);
    for (size_t i = 0; i < scene_count; i++)
        if (name ? !strcmp(name, scenes[i].name) : scenes[i].call != copies) /* which takes too long for every day: by hand */
            sweep(&scenes[i], name ? seconds : i == 0 ? seconds / 2 : seconds / 2 / (double)(scene_count - 1), at);
    free(seen);
    free(first);
    free(calm_log);
    remove_all(folder);
    return failures > 0;
}

int main(int argc, char **argv)
{
    pid_t child;
    int status = -1;

    now = mmap(NULL, 2 * NOW, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    worst = now + NOW;
    child = fork();
    if (child == 0)
        return sweep_all(argc > 1 ? strtod(argv[1], NULL) : 50, argc > 2 ? argv[2] : NULL, argc > 3 ? strtol(argv[3], NULL, 10) : 0);
    waitpid(child, &status, 0);
    printf("starve: %s%s\n", status == 0 ? "ok" : "FAILED at ", status == 0 ? "" : *worst ? worst : now);
    return status != 0;
}
