#include "commands/options.h"

static int run(int argc, char **argv);

const struct command command_explain = {
    "explain",
    "explain [--json] RUN CERTIFICATE",
    "Where a certificate's amounts come from: each line, and the wage types and months that were added up.\n"
    "CERTIFICATE is a certificate id, both as NUMBER+ID, or a personnel number: then each of the person's certificates is explained.\n",
    run,
};

static int run(int argc, char **argv)
{
    bool json = false;
    const struct option_use uses[] = {{OPTION_JSON, &json, "a JSON object a certificate"}};
    struct tc_error err = {0};
    int first, code;

    if (!options_parse(&command_explain, argc, argv, uses, sizeof uses / sizeof *uses, &first, &code))
        return code;
    if (!command_words(&command_explain, argc - first, 2, 2, "RUN CERTIFICATE", &code)
        || !command_run(&command_explain, argv[first], argv[first + 1], &code))
        return code;
    command_only_prints();
    tc_read_only();
    command_note_superseded(argv[first]);
    return tc_explain(argv[first], argv[first + 1], json, stdout, &err) == TC_OK ? TC_OK : command_fail(&err);
}
