#include <limits.h>

#include "commands/options.h"

static int run(const struct command *command, int argc, char **argv);

const struct command command_find = {
    .name = "find",
    .usage = "find [--json] [--year YEAR] [--employer WORDS] RUN TEXT...",
    .summary = "Finds certificates by name, birth date, personnel number, tax id or certificate id: those that contain "
               "every word of\nTEXT; upper and lower case, accents and the spelling of umlauts do not matter. Prints, "
               "separated by tabs: personnel number, certificate id,\nissued, held, corrected, cancelled or refused, the "
               "PDF in RUN, the identifying fields of the form, the first and last day of the\nperiod, establishment, "
               "issue date, and the run that corrected or cancelled it, or that holds what it corrects. People without a\n"
               "certificate are found too: none, with the reason at the end. RUN may be a folder of several runs: then "
               "the last run of each chain\nis searched, and each line ends with its run.\n",
    .run = run,
};

/* The words joined again; 0 where there is no room for them. */
static bool join(char **words, int count, char *text, size_t size)
{
    size_t at = 0;

    for (int i = 0; i < count && at < size; i++)
        at += (size_t)snprintf(text + at, size - at, "%s%s", i ? " " : "", words[i]);
    return at < size;
}

static int run(const struct command *command, int argc, char **argv)
{
    bool json = false;
    struct tc_archive_filter filter = {.year = 0};
    const struct option_use uses[] = {{OPTION_JSON, &json, "one JSON object per certificate"},
                                      {OPTION_YEAR, &filter.year, NULL},
                                      {OPTION_EMPLOYER, &filter.employer, NULL}};
    struct tc_archive *archive;
    struct tc_error err = {0};
    char text[1000];
    int first, code;

    if (!options_parse(command, argc, argv, uses, sizeof uses / sizeof *uses, &first, &code))
        return code;
    if (!command_words(command, argc - first, 2, INT_MAX, "RUN TEXT", &code) || !command_run(command, argv[first], argv[argc - 1], &code))
        return code;
    if (!join(argv + first + 1, argc - first - 1, text, sizeof text))
        return command_misuse(command, "TEXT is longer than a thousand characters");
    command_only_prints();
    tc_read_only();
    archive = command_archive(command, argv[first], &filter, &code);
    if (!archive)
        return code;
    command_note_superseded(command, argv[first]);
    code = tc_archive_find(archive, text, command->words, json, stdout, &err) == TC_OK ? TC_OK : command_fail(command, &err);
    tc_archive_close(archive);
    return code;
}
