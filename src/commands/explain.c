#include "commands/command.h"

static int run(int argc, char **argv);

const struct command command_explain = {
    "explain", "explain [--json] RUN ID",
    "Where a certificate's amounts come from: each line, and the wage types and months that were added up.\n"
    "ID is a certificate id, or a personnel number: then each of the person's certificates is explained.\n\n"
    "      --json             a JSON object a certificate\n",
    run,
};

static int run(int argc, char **argv)
{
    static const struct option options[] = {{"json", no_argument, NULL, 'J'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    struct tc_error err = {0};
    bool json = false;
    int c;

    while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        switch (c) {
        case 'J': json = true; break;
        case 'h': return command_help(&command_explain);
        default: return command_misuse(&command_explain);
        }
    }
    if (argc - optind != 2)
        return command_misuse(&command_explain);
    command_note_superseded(argv[optind]);
    return tc_explain(argv[optind], argv[optind + 1], json, stdout, &err) == TC_OK ? TC_OK : command_fail(&err);
}
