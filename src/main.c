#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "commands/command.h"

static const struct command *const commands[] = {
    &command_import,   &command_generate, &command_check,   &command_preview,    &command_correct, &command_issue,
    &command_reprint,  &command_find,     &command_explain, &command_summary,    &command_verify,  &command_seal,
    &command_template, &command_batch,    &command_copies,  &command_deliveries, &command_send};

static int help(FILE *to, int code)
{
    fprintf(to, "usage: taxcert COMMAND ...\n\n");
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        fprintf(to, "  taxcert %s\n", commands[i]->usage);
    fprintf(to, "\ntaxcert COMMAND --help tells more.\n");
    return code;
}

static int version(bool verbose)
{
    int landlock = tc_sandbox_version();

    printf("taxcert " TC_VERSION "\n");
    if (verbose && landlock)
        printf("check, find and explain can write no file: Landlock %d\n", landlock);
    else if (verbose)
        printf("check, find and explain are not confined: this kernel has no Landlock\n");
    return command_end(TC_OK);
}

int main(int argc, char **argv)
{
    signal(SIGXFSZ, SIG_IGN); /* a file too large is a failed write, not an end */
    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; argc > 1 && i < sizeof commands / sizeof *commands; i++)
        if (!strcmp(argv[1], commands[i]->name))
            return commands[i]->run(argc - 1, argv + 1);
    if (argc > 2 && !strcmp(argv[1], "help"))
        for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
            if (!strcmp(argv[2], commands[i]->name))
                return commands[i]->run(2, (char *[]){argv[2], "--help", NULL});
    if (argc > 1 && !strcmp(argv[1], "--version"))
        return version(argc > 2 && !strcmp(argv[2], "--verbose"));
    if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")))
        return command_end(help(stdout, TC_OK));
    fprintf(stderr, "taxcert: %s\n", argc > 1 ? "there is no such command" : "missing: COMMAND");
    return help(stderr, TC_USAGE);
}
