/* The program is a client of the library: one file per command, each with its options and its help. */
#ifndef COMMANDS_COMMAND_H
#define COMMANDS_COMMAND_H

#include <getopt.h>
#include <stdio.h>

#include "taxcert.h"

struct command {
    const char *name, *usage, *summary;
    /* argv[0] is the command's name. Returns the exit code. */
    int (*run)(const struct command *command, int argc, char **argv);
    /* Of the command in hand, which main copies: the console's language, and its words; NULL: English. */
    const char *language;
    const struct tc_words *words;
};

extern const struct command command_import, command_generate, command_check, command_preview, command_correct, command_issue,
    command_reprint, command_find, command_explain, command_summary, command_verify, command_seal, command_template, command_batch,
    command_copies, command_deliveries, command_send, command_file, command_purge;

/* Prints bytes of unknown origin, such as a path, fit for a terminal: what is no text becomes '?'. */
void command_print(FILE *to, const char *text);
/* Prints a line, a sentence with its values, in the console's language. The format is English, and has its translation in messages.LANGUAGE.json. */
void command_tell(const struct command *command, FILE *to, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Prints a fatal error to stderr; its code. */
int command_fail(const struct command *command, const struct tc_error *err);
/* The code, or TC_IO with a message where standard output did not take what was said. For main, behind every command. */
int command_end(const struct command *command, int code);
/* Says on stderr what is wrong, and prints the usage; TC_USAGE. */
int command_misuse(const struct command *command, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Whether there are from least to most words behind the options; else says which of them is missing or that there are too many (*code). names:
 * what the words are, separated by blanks. */
bool command_words(const struct command *command, int count, int least, int most, const char *names, int *code);
/* False, said in *code, where run is no run folder but other (NULL: nothing) is: the words are exchanged. The library says whether it is one. */
bool command_run(const struct command *command, const char *run, const char *other, int *code);
/* Opens a run's folder, or one that holds several, and says on stderr which of them cannot be read; NULL with *code. */
struct tc_archive *command_archive(const struct command *command, const char *folder, const struct tc_archive_filter *filter, int *code);
/* The one run of them that has certificates of this handle, named on stderr where there was a choice; NULL with *code. Borrowed. */
const char *command_pick(const struct command *command, struct tc_archive *archive, const char *handle, int *code);
#define COMMAND_PATH 4096
/* For what is about one run as a whole: the folder itself where it is a run, else the one last run in it that the filter leaves, named on stderr. False with
 * *code, and a list, where there are several or none. */
bool command_one(const struct command *command, const char *folder, const struct tc_archive_filter *filter, char run[COMMAND_PATH],
                 int *code);
/* From here on SIGINT and SIGTERM end the command within a second: whoever looks finds what they set, and else it says told (a sentence with its
 * translation) and ends with exit code 4. */
const volatile int *command_obey(const struct command *command, const char *told);
/* A reader that ends, as head does, ends this program too, and that is no error. For commands that only print. */
void command_only_prints(void);
/* Says on stderr where the run is the year's last state no more. For every command that reads a run. */
void command_note_superseded(const struct command *command, const char *run);
/* A whole number in decimal digits, from least to most; false for anything else. */
bool command_number(const char *text, long least, long most, long *value);
/* A counter on stderr for long work; nothing unless stderr is a terminal. */
void command_progress(const struct command *command, const char *what, long done, long all);

#endif
