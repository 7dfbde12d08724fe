#include "commands/options.h"

static int run(const struct command *command, int argc, char **argv);

const struct command command_explain = {
    .name = "explain",
    .usage = "explain [--json] [--year YEAR] [--employer WORDS] RUN CERTIFICATE",
    .summary = "Shows where the amounts of a certificate come from: each line, and the wage types and months that were "
               "added up.\nCERTIFICATE is a certificate id, NUMBER+ID, or a personnel number: then each of the person's "
               "certificates is explained.\nRUN may be a folder of several runs: the last run of the chain that has it is "
               "used, and named.\n",
    .run = run,
};

static int run(const struct command *command, int argc, char **argv)
{
    bool json = false;
    struct tc_archive_filter filter = {.year = 0};
    const struct option_use uses[] = {{OPTION_JSON, &json, "one JSON object per certificate"},
                                      {OPTION_YEAR, &filter.year, NULL},
                                      {OPTION_EMPLOYER, &filter.employer, NULL}};
    struct tc_archive *archive;
    const char *from;
    struct tc_error err = {0};
    int first, code;

    if (!options_parse(command, argc, argv, uses, sizeof uses / sizeof *uses, &first, &code))
        return code;
    if (!command_words(command, argc - first, 2, 2, "RUN CERTIFICATE", &code) || !command_run(command, argv[first], argv[first + 1], &code))
        return code;
    command_only_prints();
    tc_read_only();
    archive = command_archive(command, argv[first], &filter, &code);
    from = archive ? command_pick(command, archive, argv[first + 1], &code) : NULL;
    if (from) {
        command_note_superseded(command, from);
        code = tc_explain(from, argv[first + 1], command->words, json, stdout, &err) == TC_OK ? TC_OK : command_fail(command, &err);
    }
    tc_archive_close(archive);
    return code;
}
