#include <stdio.h>
#include <string.h>

#include "commands/options.h"

static int run(int argc, char **argv);

const struct command command_reprint = {
    "reprint",
    "reprint [--duplicate] [--even-void] [--letter] [--force] [-o FILE] [--reason TEXT] RUN CERTIFICATE",
    "The very bytes that were issued, proved by the ledger's hash; the reprint is logged in RUN/events.log.\n"
    "CERTIFICATE is a certificate id, a personnel number with one certificate, or both as NUMBER+ID.\n"
    "What a later run cancelled or corrected is refused (exit code 3); the message says where the valid one is.\n",
    run,
};

static int run(int argc, char **argv)
{
    struct tc_reprint_options calls = {.output = NULL};
    const struct option_use uses[] = {
        {OPTION_DUPLICATE, &calls.duplicate, NULL},
        {OPTION_OUTPUT, &calls.output, "where to; - is standard output; default: the certificate's name, here"},
        {OPTION_REASON, &calls.reason, NULL},
        {OPTION_EVEN_VOID, &calls.even_void, NULL},
        {OPTION_LETTER, &calls.letter, NULL},
        {OPTION_FORCE, &calls.force, NULL},
        {OPTION_TEMPLATES, &calls.templates, "of a duplicate: whose fonts; also by TAXCERT_TEMPLATES"},
    };
    struct tc_error err = {0};
    struct tc_reprinted result;
    int first, code;

    if (!options_parse(&command_reprint, argc, argv, uses, sizeof uses / sizeof *uses, &first, &code))
        return code;
    if (!command_words(&command_reprint, argc - first, 2, 2, "RUN CERTIFICATE", &code)
        || !command_run(&command_reprint, argv[first], argv[first + 1], &code))
        return code;
    if (tc_reprint(argv[first], argv[first + 1], &calls, &result, &err) != TC_OK)
        return command_fail(&err);
    fprintf(calls.output && !strcmp(calls.output, "-") ? stderr : stdout, "seal %s\n", result.seal);
    command_note_superseded(argv[first]);
    if (result.corrected || result.cancelled)
        fprintf(stderr, "note: this certificate is valid no more: a later run has %s it [%s]\n",
                result.cancelled ? "cancelled" : "corrected", result.cancelled ? "cancelled" : "corrected");
    if (!result.same)
        fprintf(stderr, "note: without its mark the duplicate is not byte for byte what was issued, because fonts or libraries are "
                        "others today; its values are those of the ledger, which was proved [duplicate-differs]\n");
    if (!calls.output || strcmp(calls.output, "-") != 0)
        printf("written: %s%s\n", calls.output ? calls.output : result.file,
               calls.letter                           ? " (the letter of a cancelled certificate)"
               : result.corrected || result.cancelled ? " (a copy marked as void)"
               : calls.duplicate                      ? " (a copy marked as a duplicate)"
                                                      : " (as issued, unchanged)");
    return command_end(TC_OK);
}
