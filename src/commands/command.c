#include "commands/command.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Whether a character begins here that is no text: a control character, one that turns the line round, or a byte that is no UTF-8. *length: of the
 * character. */
static bool is_hidden(const unsigned char *at, size_t *length)
{
    size_t more = *at >= 0xF0 ? 3 : *at >= 0xE0 ? 2 : *at >= 0xC0 ? 1 : 0, have = 0;

    while (have < more && (at[have + 1] & 0xC0) == 0x80)
        have++;
    *length = have + 1;
    if (*at < 0x20 || *at == 0x7F || (*at >= 0x80 && *at < 0xC0) || have < more)
        return true;
    return (at[0] == 0xC2 && at[1] < 0xA0)                                          /* C1 */
           || (at[0] == 0xE2 && at[1] == 0x80 && (at[2] >= 0x8B && at[2] <= 0x8F))  /* without width, marks of direction */
           || (at[0] == 0xE2 && at[1] == 0x80 && (at[2] >= 0xA8 && at[2] <= 0xAE))  /* ends of lines, embeddings */
           || (at[0] == 0xE2 && at[1] == 0x81 && (at[2] >= 0xA6 && at[2] <= 0xA9)); /* isolates */
}

void command_print(FILE *to, const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    size_t length;

    for (; *at; at += length)
        if (is_hidden(at, &length))
            fputc('?', to);
        else
            fwrite(at, 1, length, to);
}

#define SENTENCE 2000

/* The sentence in the console's language, without a newline, fit for a terminal. */
static void tell(const struct command *command, FILE *to, const char *format, va_list args)
{
    char english[SENTENCE], told[SENTENCE];

    vsnprintf(english, sizeof english, format, args);
    command_print(to, tc_say(command->words, english, told, sizeof told));
}

void command_tell(const struct command *command, FILE *to, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    tell(command, to, format, args);
    va_end(args);
    fputc('\n', to);
}

int command_fail(const struct command *command, const struct tc_error *err)
{
    char told[SENTENCE];

    fputs("taxcert: ", stderr);
    command_print(stderr, err->file);
    fputs(*err->pointer ? "#" : "", stderr);
    command_print(stderr, err->pointer);
    fprintf(stderr, "%s%s [%s]\n", *err->file || *err->pointer ? ": " : "", tc_say(command->words, err->message, told, sizeof told),
            err->rule);
    return err->code;
}

/* Whether whoever read the standard output has gone, which is their choice. */
static bool reader_has_gone(void)
{
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};

    return poll(&out, 1, 0) == 1 && (out.revents & POLLERR);
}

int command_end(const struct command *command, int code)
{
    struct tc_error err = {.code = TC_IO, .file = "stdout", .rule = "write", .message = "the output cannot be written"};

    if (code >= TC_USAGE && code <= TC_IO) /* which was told */
        return code;
    return (fflush(stdout) == 0 && !ferror(stdout)) || reader_has_gone() ? code : command_fail(command, &err);
}

static volatile int interrupted;
static char farewell[300]; /* in the console's language, made before any signal can come */

static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
    alarm(1);
}

/* For phases that never look (loading, scanning, the last sync). What is not finished counts for nothing, as after a kill. */
static void on_patience_over(int number)
{
    (void)number;
    if (write(STDERR_FILENO, farewell, strlen(farewell)) < 0)
        _exit(TC_IO); /* nobody reads it: the code says the same */
    _exit(TC_IO);
}

const volatile int *command_obey(const struct command *command, const char *told)
{
    struct sigaction stop = {.sa_handler = on_signal}, over = {.sa_handler = on_patience_over};

    snprintf(farewell, sizeof farewell, "taxcert: %s [interrupted]\n", tc_word(command->words, told));
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGALRM, &over, NULL);
    return &interrupted;
}

void command_only_prints(void)
{
    signal(SIGPIPE, SIG_DFL);
}

int command_misuse(const struct command *command, const char *format, ...)
{
    va_list args;

    fputs("taxcert: ", stderr);
    va_start(args, format);
    tell(command, stderr, format, args);
    va_end(args);
    fprintf(stderr, "\n%s taxcert %s\n", tc_word(command->words, "usage:"), tc_word(command->words, command->usage));
    return TC_USAGE;
}

bool command_words(const struct command *command, int count, int least, int most, const char *names, int *code)
{
    const char *name = names;

    if (count >= least && count <= most)
        return true;
    for (int i = 0; i < count && strchr(name, ' '); i++)
        name = strchr(name, ' ') + 1;
    *code = count < least ? command_misuse(command, "missing: %.*s", (int)strcspn(name, " "), name)
                          : command_misuse(command, "too many words: %d are expected (%s), %d were given", most, names, count);
    return false;
}

static bool is_run(const char *path)
{
    char ledger[4096];

    return snprintf(ledger, sizeof ledger, "%s/ledger.db", path) < (int)sizeof ledger && access(ledger, F_OK) == 0;
}

bool command_run(const struct command *command, const char *run, const char *other, int *code)
{
    if (is_run(run) || !other || !is_run(other))
        return true; /* whether it is one, the library says */
    *code = command_misuse(command, "the run folder was given last: RUN comes first");
    return false;
}

struct tc_archive *command_archive(const struct command *command, const char *folder, const struct tc_archive_filter *filter, int *code)
{
    struct tc_error err = {0};
    struct tc_archive *archive = tc_archive_open(folder, filter, &err);

    if (!archive)
        *code = command_fail(command, &err);
    for (size_t i = 0; archive && i < tc_archive_count(archive); i++) {
        const struct tc_archive_run *run = tc_archive_get(archive, i);

        if (!*run->unreadable)
            continue;
        command_tell(command, stderr, "note: %s: this run cannot be read: %s [%s]", run->folder, run->why, run->unreadable);
    }
    return archive;
}

/* last: those that are the last of their chain; else those that tc_archive_pick found. */
static void list_candidates(const struct tc_archive *archive, bool last)
{
    for (size_t i = 0; i < tc_archive_count(archive); i++) {
        const struct tc_archive_run *run = tc_archive_get(archive, i);

        if (!(last ? run->last : run->has))
            continue;
        fprintf(stderr, "  %d  ", run->year);
        command_print(stderr, run->folder);
        fputs("  ", stderr);
        command_print(stderr, run->employer);
        fputc('\n', stderr);
    }
}

static const char *find_last(const struct tc_archive *archive, long *count)
{
    const char *found = NULL;

    for (size_t i = 0; i < tc_archive_count(archive); i++) {
        const struct tc_archive_run *run = tc_archive_get(archive, i);

        *count += run->last;
        found = run->last ? run->folder : found;
    }
    return found;
}

bool command_one(const struct command *command, const char *folder, const struct tc_archive_filter *filter, char run[COMMAND_PATH],
                 int *code)
{
    struct tc_archive *archive = command_archive(command, folder, filter, code);
    struct tc_error err = {.code = TC_USAGE};
    const char *found;
    long count = 0;

    if (!archive)
        return false;
    found = tc_archive_is_run(archive) ? folder : find_last(archive, &count);
    if (count > 1) {
        snprintf(err.rule, sizeof err.rule, "several-runs");
        snprintf(err.message, sizeof err.message,
                 "this command is about one run, but %ld in this folder are the last of their year: choose one by --year "
                 "or --employer, or give the run",
                 count);
    } else if (!found || snprintf(run, COMMAND_PATH, "%s", found) >= COMMAND_PATH) {
        snprintf(err.rule, sizeof err.rule, "no-such-run");
        snprintf(err.message, sizeof err.message, "there is no issued run in this folder, only drafts, purged or unreadable ones");
    }
    if (*err.rule) {
        *code = command_fail(command, &err);
        list_candidates(archive, true);
    } else if (!tc_archive_is_run(archive)) {
        command_tell(command, stderr, "note: the folder holds several runs; this one is used: %s [run-taken]", run);
    }
    tc_archive_close(archive);
    return !*err.rule;
}

const char *command_pick(const struct command *command, struct tc_archive *archive, const char *handle, int *code)
{
    struct tc_error err = {0};
    const char *run = tc_archive_pick(archive, handle, &err);

    if (!run) {
        *code = command_fail(command, &err);
        if (!strcmp(err.rule, "several-runs"))
            list_candidates(archive, false);
    } else if (!tc_archive_is_run(archive)) {
        command_tell(command, stderr, "note: the folder holds several runs; this one is used: %s [run-taken]", run);
    }
    return run;
}

bool command_number(const char *text, long least, long most, long *value)
{
    char *end;

    errno = 0;
    *value = *text >= '0' && *text <= '9' ? strtol(text, &end, 10) : -1;
    return *text >= '0' && *text <= '9' && !*end && errno == 0 && *value >= least && *value <= most;
}

void command_note_superseded(const struct command *command, const char *run)
{
    struct tc_error ignored = {0}; /* a run without a log is told by the command itself */
    char last[4096];
    bool superseded;

    if (tc_superseded(run, &superseded, last, sizeof last, &ignored) == TC_OK && superseded)
        command_tell(command, stderr, "note: a later run corrects this one; the latest run of the year says what is valid%s%s [superseded]",
                     *last ? ", " : "", last);
}

static bool has_terminal(void)
{
    return isatty(STDERR_FILENO);
}

void command_progress(const struct command *command, const char *what, long done, long all)
{
    static const char bar[] = "########################################";
    long shown = all > 0 ? done * 40 / all : 40;

    if (!has_terminal())
        return;
    fprintf(stderr, "\r%s [%-40.*s] %ld %s %ld", what, (int)shown, bar, done, tc_word(command->words, "of"), all);
    if (done >= all)
        fputc('\n', stderr);
}
