#include <stdio.h>

#include "commands/options.h"

static int run(const struct command *command, int argc, char **argv);

const struct command command_deliveries = {
    .name = "deliveries",
    .usage = "deliveries [--csv FILE] [--state STATE] [--old] RUN",
    .summary = "Who got what: for each certificate of the year how each version went out, when and from whose account; "
               "nobody twice, nobody\nforgotten. Issued = printed + sent + copied only + not yet.\n",
    .run = run,
};

static int run(const struct command *command, int argc, char **argv)
{
    struct tc_deliveries_options deliveries = {.words = command->words, .to = stdout};
    const struct option_use uses[] = {
        {OPTION_CSV, &deliveries.csv, "the same as a table"}, {OPTION_STATE, &deliveries.state, NULL}, {OPTION_OLD, &deliveries.old, NULL}};
    struct tc_deliveries_result r;
    struct tc_error err = {0};
    char run_folder[COMMAND_PATH];
    int code;

    if (!options_of_run(command, argc, argv, uses, sizeof uses / sizeof *uses, run_folder, &code))
        return code;
    command_note_superseded(command, run_folder);
    if (tc_deliveries(run_folder, &deliveries, &r, &err) != TC_OK)
        return command_fail(command, &err);
    command_tell(
        command, stdout,
        "issued %ld = printed %ld + sent %ld + copied only %ld + not yet %ld; unknown %ld, refused %ld, only the old one went out %ld, cancelled ones that went out %ld",
        r.issued, r.printed, r.sent, r.copied, r.not_yet, r.unknown, r.refused, r.only_old, r.cancelled);
    if (r.absent > 0)
        command_tell(
            command, stderr,
            "note: %ld earlier runs of the year are not beside this one: of %ld certificates and letters among not yet it cannot be told whether they went out [run-absent]",
            r.absent, r.untold);
    if (r.bounced > 0)
        command_tell(command, stdout, "came back %ld", r.bounced);
    if (r.letters > 0)
        command_tell(command, stdout, "letters about cancellations %ld, of these not yet %ld", r.letters, r.letters_not_yet);
    return TC_OK;
}
