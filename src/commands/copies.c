#include <stdio.h>

#include "commands/options.h"

static int run(int argc, char **argv);

const struct command command_copies = {
    "copies",
    "copies [options] -o FOLDER RUN",
    "To the file: an encrypted copy (AES-256) of each valid certificate of RUN, called by its certificate id. Passwords are made, and stand in\n"
    "--list, or are taken from --passwords. Each copy is opened again, without a password and with it, before it counts.\n",
    run,
};

static int run(int argc, char **argv)
{
    struct tc_copies_options copies = {.output = NULL};
    long jobs = 0;
    const struct option_use uses[] = {
        {OPTION_OUTPUT, &copies.output, "the folder to make"},
        {OPTION_LIST, &copies.list, NULL},
        {OPTION_PASSWORDS, &copies.passwords, NULL},
        {OPTION_LETTERS, &copies.letters, NULL},
        {OPTION_TEMPLATES, &copies.templates, "whose fonts and words the letters have; also by TAXCERT_TEMPLATES"},
        {OPTION_JOBS, &jobs, NULL},
    };
    struct tc_copies_result r;
    struct tc_error err = {0};
    int first, code;

    if (!options_parse(&command_copies, argc, argv, uses, sizeof uses / sizeof *uses, &first, &code))
        return code;
    if (!command_words(&command_copies, argc - first, 1, 1, "RUN", &code) || !command_run(&command_copies, argv[first], NULL, &code))
        return code;
    if (!copies.output)
        return command_misuse(&command_copies, "missing: -o FOLDER");
    copies.jobs = (int)jobs;
    command_note_superseded(argv[first]);
    if (tc_copies(argv[first], &copies, &r, &err) != TC_OK)
        return command_fail(&err);
    printf("%ld copies in %s, %ld certificates no longer valid\n", r.copies, copies.output, r.not_valid);
    if (r.letters > 0)
        printf("of these %ld are letters of cancellations\n", r.letters);
    if (r.had_old > 0)
        printf("%ld are for people who had got the version before: taxcert deliveries --old lists them\n", r.had_old);
    if (copies.list)
        printf("passwords: %s - give them another way than the copies\n", copies.list);
    if (copies.letters)
        printf("letters with the passwords: %s, %ld copies without, for no post reaches their people\n", copies.letters, r.no_address);
    return command_end(TC_OK);
}
