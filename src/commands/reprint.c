#include <stdio.h>

#include "commands/command.h"

static int run(int argc, char **argv);

const struct command command_reprint = {
    "reprint", "reprint [--duplicate] [-o FILE] [--reason TEXT] RUN ID",
    "The very bytes that were issued, proved by the ledger's hash; the reprint is logged in RUN/events.log.\n"
    "ID is a certificate id, or a personnel number with one certificate.\n\n"
    "      --duplicate        a visibly marked copy instead, with the same values; logged as such\n"
    "  -o, --output FILE      where to; - is standard output; default: the certificate's name, here\n"
    "      --reason TEXT      kept in the event log\n"
    "      --templates DIR    of a duplicate: whose fonts; also by TAXCERT_TEMPLATES\n",
    run,
};

static int run(int argc, char **argv)
{
    static const struct option options[] = {
        {"output", required_argument, NULL, 'o'}, {"reason", required_argument, NULL, 'r'},
        {"duplicate", no_argument, NULL, 'd'},    {"templates", required_argument, NULL, 't'},
        {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0},
    };
    struct tc_reprint_options calls = {.output = NULL};
    struct tc_error err = {0};
    struct tc_reprinted result;
    int c;

    while ((c = getopt_long(argc, argv, "o:h", options, NULL)) != -1) {
        switch (c) {
        case 'o': calls.output = optarg; break;
        case 'r': calls.reason = optarg; break;
        case 'd': calls.duplicate = true; break;
        case 't': calls.templates = optarg; break;
        case 'h': return command_help(&command_reprint);
        default: return command_misuse(&command_reprint);
        }
    }
    if (argc - optind != 2)
        return command_misuse(&command_reprint);
    if (tc_reprint(argv[optind], argv[optind + 1], &calls, &result, &err) != TC_OK)
        return command_fail(&err);
    command_note_superseded(argv[optind]);
    if (result.corrected || result.cancelled)
        fprintf(stderr, "note: this certificate is valid no more: a later run has %s it [%s]\n", result.cancelled ? "cancelled" : "corrected",
                result.cancelled ? "cancelled" : "corrected");
    if (!result.same)
        fprintf(stderr, "note: without its mark the duplicate is not byte for byte what was issued, because fonts or libraries are "
                        "others today; its values are those of the ledger, which was proved [duplicate-differs]\n");
    return TC_OK;
}
