#include <stdio.h>

#include "commands/options.h"

static int run(int argc, char **argv);

const struct command command_deliveries = {
    "deliveries",
    "deliveries [--csv FILE] [--state STATE] [--old] RUN",
    "Who got what: for everybody of the year how each version of the certificate went out, when and by whose account; nobody twice, nobody\n"
    "forgotten. Issued = printed + sent + copied only + not yet.\n",
    run,
};

static int run(int argc, char **argv)
{
    struct tc_deliveries_options deliveries = {.to = stdout};
    const struct option_use uses[] = {
        {OPTION_CSV, &deliveries.csv, "the same as a table"}, {OPTION_STATE, &deliveries.state, NULL}, {OPTION_OLD, &deliveries.old, NULL}};
    struct tc_deliveries_result r;
    struct tc_error err = {0};
    int first, code;

    if (!options_parse(&command_deliveries, argc, argv, uses, sizeof uses / sizeof *uses, &first, &code))
        return code;
    if (!command_words(&command_deliveries, argc - first, 1, 1, "RUN", &code)
        || !command_run(&command_deliveries, argv[first], NULL, &code))
        return code;
    command_note_superseded(argv[first]);
    if (tc_deliveries(argv[first], &deliveries, &r, &err) != TC_OK)
        return command_fail(&err);
    printf(
        "issued %ld = printed %ld + sent %ld + copied only %ld + not yet %ld; unknown %ld, refused %ld, only the old one went out %ld, cancelled ones that went out %ld\n",
        r.issued, r.printed, r.sent, r.copied, r.not_yet, r.unknown, r.refused, r.only_old, r.cancelled);
    if (r.letters > 0)
        printf("letters of cancellations %ld, of these not yet %ld\n", r.letters, r.letters_not_yet);
    return command_end(TC_OK);
}
