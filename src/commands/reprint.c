#include <stdio.h>

#include "commands/command.h"

static int run(int argc, char **argv);

const struct command command_reprint = {
    "reprint", "reprint [-o FILE] [--reason TEXT] RUN ID",
    "The very bytes that were issued, proved by the ledger's hash; the reprint is logged in RUN/events.log.\n"
    "ID is a certificate id, or a personnel number with one certificate.\n\n"
    "  -o, --output FILE      where to; - is standard output; default: the certificate's name, here\n"
    "      --reason TEXT      kept in the event log\n",
    run,
};

static int run(int argc, char **argv)
{
    static const struct option options[] = {
        {"output", required_argument, NULL, 'o'}, {"reason", required_argument, NULL, 'r'},
        {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0},
    };
    const char *output = NULL, *reason = NULL;
    struct tc_error err = {0};
    int c;

    while ((c = getopt_long(argc, argv, "o:h", options, NULL)) != -1) {
        switch (c) {
        case 'o': output = optarg; break;
        case 'r': reason = optarg; break;
        case 'h': return command_help(&command_reprint);
        default: return command_misuse(&command_reprint);
        }
    }
    if (argc - optind != 2)
        return command_misuse(&command_reprint);
    if (tc_reprint(argv[optind], argv[optind + 1], output, reason, &err) != TC_OK)
        return command_fail(&err);
    return TC_OK;
}
