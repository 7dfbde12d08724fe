#include <stdio.h>

#include "commands/options.h"

static int run(const struct command *command, int argc, char **argv);

const struct command command_copies = {
    .name = "copies",
    .usage = "copies [options] -o FOLDER RUN",
    .summary = "As files: an encrypted copy (AES-256) of each valid certificate of RUN, named by its certificate id. "
               "Passwords are generated and written to\n--list, or taken from --passwords. Each copy is opened again, "
               "without its password and with it, before it counts.\nIf the command was interrupted, the same command "
               "finishes it; if all copies are there, it checks that the passwords fit.\n",
    .run = run,
};

static int run(const struct command *command, int argc, char **argv)
{
    struct tc_copies_options copies = {.output = NULL};
    long jobs = 0;
    const struct option_use uses[] = {
        {OPTION_OUTPUT, &copies.output, "the folder to make"},
        {OPTION_LIST, &copies.list, NULL},
        {OPTION_PASSWORDS, &copies.passwords, NULL},
        {OPTION_LETTERS, &copies.letters, NULL},
        {OPTION_TEMPLATES, &copies.templates, "the forms whose fonts and words the letters have; also by TAXCERT_TEMPLATES"},
        {OPTION_JOBS, &jobs, NULL},
    };
    struct tc_copies_result r;
    struct tc_error err = {0};
    char run_folder[COMMAND_PATH];
    int code;

    if (!options_of_run(command, argc, argv, uses, sizeof uses / sizeof *uses, run_folder, &code))
        return code;
    command_obey(command, "the command was interrupted");
    if (!copies.output)
        return command_misuse(command, "missing: -o FOLDER");
    copies.jobs = (int)jobs;
    command_note_superseded(command, run_folder);
    if (tc_copies(run_folder, &copies, &r, &err) != TC_OK)
        return command_fail(command, &err);
    command_tell(command, stdout, "%ld copies in %s, %ld certificates no longer valid", r.copies, copies.output, r.not_valid);
    if (r.letters > 0)
        command_tell(command, stdout, "%ld of these are letters about cancellations", r.letters);
    if (r.had_old > 0)
        command_tell(command, stdout, "%ld are for people who had received the earlier version: taxcert deliveries --old lists them",
                     r.had_old);
    if (copies.list)
        command_tell(command, stdout, "passwords: %s - pass them on another way than the copies", copies.list);
    if (copies.letters)
        command_tell(command, stdout, "letters with the passwords: %s; %ld copies without, because their people have no usable address",
                     copies.letters, r.no_address);
    if (r.there)
        command_tell(command, stderr, "note: the folder existed already, with exactly these files [there]");
    return TC_OK;
}
