#include "commands/command.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int command_fail(const struct tc_error *err)
{
    fprintf(stderr, "taxcert: %s%s%s%s%s [%s]\n", err->file, *err->pointer ? "#" : "", err->pointer,
            *err->file || *err->pointer ? ": " : "", err->message, err->rule);
    return err->code;
}

/* Whether whoever read the standard output has gone, which is their choice. */
static bool reader_has_gone(void)
{
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};

    return poll(&out, 1, 0) == 1 && (out.revents & POLLERR);
}

int command_end(int code)
{
    struct tc_error err = {.code = TC_IO, .file = "stdout", .rule = "write", .message = "the output cannot be written"};

    return (fflush(stdout) == 0 && !ferror(stdout)) || reader_has_gone() ? code : command_fail(&err);
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
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, "\nusage: taxcert %s\n", command->usage);
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
                          : command_misuse(command, "too many words: %d are needed (%s), %d were given", most, names, count);
    return false;
}

static bool is_run(const char *path)
{
    char ledger[4096];

    return snprintf(ledger, sizeof ledger, "%s/ledger.db", path) < (int)sizeof ledger && access(ledger, F_OK) == 0;
}

bool command_run(const struct command *command, const char *run, const char *other, int *code)
{
    if (is_run(run))
        return true;
    if (other && is_run(other)) {
        *code = command_misuse(command, "the run folder stands behind the other word: RUN comes first");
    } else {
        struct tc_error err = {.code = TC_IO, .rule = "run-missing"};

        snprintf(err.file, sizeof err.file, "%.255s", run);
        strcpy(err.message, "this is no run folder of taxcert, or it is not there");
        *code = command_fail(&err);
    }
    return false;
}

bool command_number(const char *text, long least, long most, long *value)
{
    char *end;

    errno = 0;
    *value = *text >= '0' && *text <= '9' ? strtol(text, &end, 10) : -1;
    return *text >= '0' && *text <= '9' && !*end && errno == 0 && *value >= least && *value <= most;
}

/* A path for a terminal: control characters are not sent. */
static void print_path(FILE *to, const char *path)
{
    for (; *path; path++)
        fputc((unsigned char)*path < 0x20 || *path == 0x7F ? '?' : *path, to);
}

void command_note_superseded(const char *run)
{
    struct tc_error ignored = {0}; /* a run without a log is told by the command itself */
    char last[4096];
    bool superseded;

    if (tc_superseded(run, &superseded, last, sizeof last, &ignored) != TC_OK || !superseded)
        return;
    fprintf(stderr, "note: a later run corrects this one: what is valid stands in the last run of the year");
    if (*last)
        fputs(", ", stderr);
    print_path(stderr, last);
    fputs(" [superseded]\n", stderr);
}

bool command_has_terminal(void)
{
    return isatty(STDERR_FILENO);
}

void command_progress(const char *what, long done, long all)
{
    static const char bar[] = "########################################";
    long shown = all > 0 ? done * 40 / all : 40;

    if (!command_has_terminal())
        return;
    fprintf(stderr, "\r%s [%-40.*s] %ld of %ld", what, (int)shown, bar, done, all);
    if (done >= all)
        fputc('\n', stderr);
}

bool command_language(const char *templates, const char **language, int *code)
{
    static _Thread_local char room[TC_LANGUAGE_SIZE];
    struct tc_error err = {0};

    if (tc_language(templates, *language, room, &err) == TC_OK) {
        *language = room;
        return true;
    }
    *code = command_fail(&err);
    return false;
}
