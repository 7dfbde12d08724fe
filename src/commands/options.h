/* The options of all commands, in one table: names, letters, arguments, what help says. A command lists those that it takes. */
#ifndef COMMANDS_OPTIONS_H
#define COMMANDS_OPTIONS_H

#include "commands/command.h"

enum option_id {
    OPTION_EMPLOYEES,
    OPTION_OUTPUT,
    OPTION_ISSUE_DATE,
    OPTION_TEMPLATES,
    OPTION_ALLOW_TEST_IDS,
    OPTION_WAIVERS,
    OPTION_LANG,
    OPTION_MAX_FINDINGS,
    OPTION_JOBS,
    OPTION_DRAFT,
    OPTION_JSON,
    OPTION_DUPLICATE,
    OPTION_REASON,
    OPTION_EVEN_VOID,
    OPTION_KEY,
    OPTION_EXPECT,
    OPTION_PUB,
    OPTION_SIGNATURE,
    OPTION_LETTER,
    OPTION_INSTEAD_OF_LOST,
    OPTION_FORCE,
    OPTION_CSV,
    OPTION_ROWS_PER_SHEET,
    OPTION_MARK,
    OPTION_SORT,
    OPTION_SIZE,
    OPTION_DUPLEX,
    OPTION_AGAIN,
    OPTION_REST,
    OPTION_MARK_AT,
    OPTION_MARK_KIND,
    OPTION_CHECK,
    OPTION_JOB,
    OPTION_PASSWORDS,
    OPTION_LIST,
    OPTION_LETTERS,
    OPTION_STATE,
    OPTION_OLD,
    OPTION_DELIVERIES,
    OPTION_MAIL,
    OPTION_COPIES,
    OPTION_LIMIT,
    OPTION_SHARED,
    OPTION_RESOLVE,
    OPTION_INTO,
    OPTION_EXPLAIN,
    OPTION_SUGGEST,
    OPTION_SCHEMA,
    OPTION_ONLY,
    OPTION_MERGED,
    OPTION_SAMPLE,
    OPTION_GROUP,
    OPTION_JOURNAL,
    OPTION_YEAR,
    OPTION_EMPLOYER,
    OPTION_GIVEN,
    OPTION_UNVERIFIED,
    OPTION_BEFORE,
    OPTION_YES,
    OPTION_YEARS,
    OPTION_TODAY,
    OPTION_COUNT
};

#define OPTION_LIST_MAX (TC_ONLY_MAX + 1) /* one more than may be: who takes them refuses so many */

/* What an option that may be given several times was given. Borrowed. */
struct option_list {
    const char *items[OPTION_LIST_MAX];
    size_t count;
};

/* An option that a command takes. */
struct option_use {
    enum option_id id;
    void *target;     /* bool, const char *, long or struct option_list, as the table says; borrowed */
    const char *help; /* what this command says of it; NULL: the table's words */
};

/* One more; those beyond OPTION_LIST_MAX are not kept. */
void options_add(struct option_list *list, const char *text);
/* Fills the targets from the arguments; *first is the index of the first word that is no option. False with *code where the command is to
 * end: help was asked for and printed, or something is wrong and was said. Every command takes --lang besides, which main obeys. */
bool options_parse(const struct command *command, int argc, char **argv, const struct option_use *uses, size_t count, int *first,
                   int *code);
/* The same of a command that takes one word, a run folder, or a folder of several with --year and --employer (command_one). At most 16 uses. */
bool options_of_run(const struct command *command, int argc, char **argv, const struct option_use *uses, size_t count,
                    char run[COMMAND_PATH], int *code);

#endif
