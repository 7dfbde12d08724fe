#include <limits.h>

#include "commands/command.h"

static int run(int argc, char **argv);

const struct command command_summary = {
    "summary", "summary RUN -o FILE",
    "The workbook again, from the run's ledger and its own copy of the form: the very bytes of RUN/summary.xlsx.\n\n"
    "  -o, --output FILE      the workbook to write\n"
    "      --csv FILE         the table for programs too, as RUN/summary.csv\n"
    "      --rows-per-sheet N go on on a further sheet after so many rows; default: what a workbook can have\n",
    run,
};

static int run(int argc, char **argv)
{
    static const struct option options[] = {
        {"output", required_argument, NULL, 'o'}, {"csv", required_argument, NULL, 'c'},
        {"rows-per-sheet", required_argument, NULL, 'r'}, {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    struct tc_summary_options summary = {.output = NULL};
    struct tc_error err = {0};
    int c;

    while ((c = getopt_long(argc, argv, "o:h", options, NULL)) != -1) {
        switch (c) {
        case 'o': summary.output = optarg; break;
        case 'c': summary.csv = optarg; break;
        case 'r':
            if (!command_number(optarg, 0, LONG_MAX, &summary.rows_per_sheet))
                return command_misuse(&command_summary);
            break;
        case 'h': return command_help(&command_summary);
        default: return command_misuse(&command_summary);
        }
    }
    if (argc - optind != 1 || !summary.output || summary.rows_per_sheet < 0)
        return command_misuse(&command_summary);
    command_note_superseded(argv[optind]);
    return tc_summary(argv[optind], &summary, &err) == TC_OK ? TC_OK : command_fail(&err);
}
