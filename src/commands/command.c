#include "commands/command.h"

#include <errno.h>
#include <getopt.h>
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

int command_end(int code)
{
    struct tc_error err = {.code = TC_IO, .file = "stdout", .rule = "write", .message = "the output cannot be written"};

    return fflush(stdout) == 0 && !ferror(stdout) ? code : command_fail(&err);
}

int command_misuse(const struct command *command)
{
    fprintf(stderr, "usage: taxcert %s\n", command->usage);
    if (optopt != 0)
        fputs("a name or number that begins with - stands behind --, as in: taxcert reprint -- RUN -7\n", stderr);
    return TC_USAGE;
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

const char *command_language(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    static char language[3];

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);

        if (!value || !*value)
            continue;
        if (strlen(value) < 2 || (value[2] != '_' && value[2] != '.' && value[2] != '\0'))
            return "en"; /* C, POSIX */
        memcpy(language, value, 2);
        return language;
    }
    return NULL;
}
