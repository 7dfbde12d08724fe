/* Some people of the input alone. */
#ifndef COMMANDS_ONLY_H
#define COMMANDS_ONLY_H

#include "commands/console.h"
#include "commands/options.h"

/* The exit code, everything told. words: the payroll, a file, and further ids; output: the PDF of the one, or NULL. */
int only_run(const struct command *command, struct console *out, struct tc_options *options, struct option_list *only, char **words,
             int count, const char *output);

#endif
