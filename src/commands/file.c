#include "commands/options.h"

static int run(const struct command *command, int argc, char **argv);

const struct command command_file = {
    .name = "file",
    .usage = "file [--force] [--given FILE] [--unverified] RUN -o FILE",
    .summary = "The file for the authority: records as the form's filing.json describes them, from the run's ledger, the "
               "same bytes each time.\nIts sums are read back from the written file and compared with the ledger. It "
               "holds issued certificates only.\n",
    .run = run,
};

static void tell(const struct command *command, const struct tc_filed *filed)
{
    command_tell(command, stdout, "%s: %ld certificates, %ld bytes", filed->name, filed->certificates, filed->bytes);
    command_tell(command, stdout, "SHA-256 %s", filed->hash);
    if (filed->held > 0)
        command_tell(command, stdout, "not in it: %ld held certificates", filed->held);
    if (filed->corrected > 0)
        command_tell(command, stdout, "%ld of these are corrections: the file is the whole year as it is now, not only the changes",
                     filed->corrected);
    if (!filed->verified)
        command_tell(command, stdout, "UNVERIFIED: the places of this year's fields were not compared with the authority's text");
    if (filed->lacking > 0)
        command_tell(command, stdout, "INCOMPLETE: %ld certificates have amounts that this layout has no place for", filed->lacking);
}

static int run(const struct command *command, int argc, char **argv)
{
    struct tc_filing_options options = {.output = NULL};
    const struct option_use uses[] = {
        {OPTION_OUTPUT, &options.output, "the file to write"},
        {OPTION_GIVEN, &options.given, NULL},
        {OPTION_FORCE, &options.force, NULL},
        {OPTION_UNVERIFIED, &options.unverified, NULL},
        {OPTION_TEMPLATES, &options.templates, "the forms whose filing.json is used; also by TAXCERT_TEMPLATES"}};
    struct tc_filed filed;
    struct tc_error err = {0};
    char run_folder[COMMAND_PATH];
    int code;

    if (!options_of_run(command, argc, argv, uses, sizeof uses / sizeof *uses, run_folder, &code))
        return code;
    if (!options.output)
        return command_misuse(command, "missing: -o FILE");
    command_note_superseded(command, run_folder);
    if (tc_file(run_folder, &options, &filed, &err) != TC_OK)
        return command_fail(command, &err);
    tell(command, &filed);
    return TC_OK;
}
