
#include "commands/options.h"

static int run(const struct command *command, int argc, char **argv);

const struct command command_summary = {
    .name = "summary",
    .usage = "summary [--deliveries] RUN -o FILE",
    .summary = "Makes the workbook again, from the run's ledger and its own copy of the form: the bytes of "
               "RUN/summary.xlsx if that was made by this\nversion and these libraries. --deliveries adds a sheet from "
               "the logs: how each certificate went out, and that nobody is missing.\n",
    .run = run,
};

static bool on_progress(void *ctx)
{
    return !*(const volatile int *)ctx;
}

static int run(const struct command *command, int argc, char **argv)
{
    struct tc_summary_options summary = {.output = NULL};
    const struct option_use uses[] = {
        {OPTION_OUTPUT, &summary.output, "the workbook to write"},
        {OPTION_CSV, &summary.csv, NULL},
        {OPTION_ROWS_PER_SHEET, &summary.rows_per_sheet, NULL},
        {OPTION_DELIVERIES, &summary.deliveries, NULL},
        {OPTION_TEMPLATES, &summary.templates, "the forms whose words the sheet of deliveries has; also by TAXCERT_TEMPLATES"}};
    struct tc_error err = {0};
    char run_folder[COMMAND_PATH];
    int code;

    if (!options_of_run(command, argc, argv, uses, sizeof uses / sizeof *uses, run_folder, &code))
        return code;
    if (!summary.output)
        return command_misuse(command, "missing: -o FILE");
    summary.ctx = (void *)command_obey(command, "the command was interrupted");
    summary.on_progress = on_progress;
    command_note_superseded(command, run_folder);
    return tc_summary(run_folder, &summary, &err) == TC_OK ? TC_OK : command_fail(command, &err);
}
