#include <string.h>

#include "commands/options.h"

static int run(const struct command *command, int argc, char **argv);

const struct command command_purge = {
    .name = "purge",
    .usage = "purge [OPTIONS] ARCHIVE --before YEAR [--yes]",
    .summary = "Removes the personal data of runs of years before YEAR whose retention period is over: certificates, "
               "letters, ledger, records and workbook. Counts,\ntotals, the hash of each file and the log remain, with "
               "people under random keys that lead back to nobody; verify proves them. Without --yes\nit only says what "
               "it would do. A run within its period is never touched, nor one whose chain of corrections has such a "
               "run.\nIf interrupted, the same command finishes it. ARCHIVE is a run folder, or a folder of several.\nExit "
               "code 0: all done, 1: some are kept or could not be purged, each on a line.\n",
    .run = run,
};

static void on_run(void *ctx, const struct tc_purge_run *r)
{
    const struct command *command = ctx;

    switch (r->state) {
    case TC_PURGE_DUE:
        if (r->kept_until)
            command_tell(command, stdout, "would be purged: %s, %d, kept until the end of %d", r->folder, r->year, r->kept_until);
        else
            command_tell(command, stdout, "its purge was interrupted and would be finished: %s", r->folder);
        break;
    case TC_PURGE_DONE: command_tell(command, stdout, "purged: %s, %d", r->folder, r->year); break;
    case TC_PURGE_DONE_EARLIER: command_tell(command, stdout, "purged earlier: %s, %d", r->folder, r->year); break;
    case TC_PURGE_KEPT: command_tell(command, stdout, "kept: %s, %d: its period ends with %d", r->folder, r->year, r->kept_until); break;
    case TC_PURGE_KEPT_CHAIN:
        command_tell(command, stdout, "kept: %s, %d: another run of its chain of corrections cannot be purged", r->folder, r->year);
        break;
    case TC_PURGE_FAILED: command_fail(command, r->why); break;
    }
}

static void tell_end(const struct command *command, bool yes, const struct tc_purge_result *r)
{
    command_tell(command, stdout, "purged %ld, purged earlier %ld, would be purged %ld, kept %ld, failed %ld", r->done, r->done_earlier,
                 r->due, r->kept, r->failed);
    if (!yes)
        command_tell(command, stdout, "nothing was changed: --yes purges");
    if (r->done > 0)
        command_tell(command, stdout,
                     "files outside of run folders are not found: remove print files, copies, passwords, journals, inputs and "
                     "backups yourself");
    if (r->unfinished > 0)
        command_tell(command, stderr,
                     "note: folders NAME.partial of runs that were never finished are left as they are, number: %ld [unfinished]",
                     r->unfinished);
}

static int run(const struct command *command, int argc, char **argv)
{
    struct tc_purge_options options = {.ctx = (void *)command, .on_run = on_run};
    const struct option_use uses[] = {
        {OPTION_BEFORE, &options.before, NULL},
        {OPTION_YES, &options.yes, NULL},
        {OPTION_YEARS, &options.years, NULL},
        {OPTION_TODAY, &options.today, NULL},
        {OPTION_TEMPLATES, &options.templates, "today's forms, whose retention period counts where it is longer"}};
    struct tc_purge_result result;
    struct tc_error err = {0};
    int first, code;

    if (!options_parse(command, argc, argv, uses, sizeof uses / sizeof *uses, &first, &code)
        || !command_words(command, argc - first, 1, 1, "ARCHIVE", &code))
        return code;
    if (options.before == 0)
        return command_misuse(command, "missing: --before YEAR");
    code = tc_purge(argv[first], &options, &result, &err);
    if (err.code)
        return command_fail(command, &err);
    tell_end(command, options.yes, &result);
    return code;
}
