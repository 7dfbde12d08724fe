#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "commands/options.h"

static int run(const struct command *command, int argc, char **argv);

const struct command command_reprint = {
    .name = "reprint",
    .usage =
        "reprint [--duplicate] [--even-void] [--letter] [--force] [-o FILE] [--reason TEXT] [--year YEAR] [--employer WORDS] [--list FILE] [--merged] [--journal FILE] RUN CERTIFICATE...",
    .summary = "Gives out the stored PDF, unchanged; its hash is checked against the ledger, and the reprint is logged "
               "in RUN/events.log.\nCERTIFICATE is a certificate id, a personnel number with one certificate, or both as "
               "NUMBER+ID.\nWhat a later run cancelled or corrected is refused (exit code 3); the message says where the "
               "valid one is.\nRUN may be a folder of several runs: the last run of the chain that has it is used, and "
               "named.\nWith several, each gets a file in the folder -o, or a page in the one file of --merged: all of "
               "them, or none if one cannot be given out.\n",
    .run = run,
};

static void print_notes(const struct command *command, const struct tc_reprinted *result)
{
    if (result->cancelled)
        command_tell(command, stderr, "note: this certificate is no longer valid: a later run has cancelled it [cancelled]");
    else if (result->corrected)
        command_tell(command, stderr, "note: this certificate is no longer valid: a later run has corrected it [corrected]");
    if (!result->same)
        command_tell(command, stderr,
                     "note: the copy may look slightly different from what was issued, because fonts or libraries have changed "
                     "since; its values are those of the ledger, which was checked [duplicate-differs]");
}

static int reprint(const struct command *command, const char *from, const char *handle, const struct tc_reprint_options *calls)
{
    bool printed = calls->output && !strcmp(calls->output, "-");
    struct tc_error err = {0};
    struct tc_reprinted result;

    if (tc_reprint(from, handle, calls, &result, &err) != TC_OK)
        return command_fail(command, &err);
    command_tell(command, printed ? stderr : stdout, "seal %s", result.seal);
    command_note_superseded(command, from);
    print_notes(command, &result);
    if (!printed)
        command_tell(command, stdout, "written: %s (%s)", calls->output ? calls->output : result.file,
                     calls->letter                          ? "the letter of a cancelled certificate"
                     : result.corrected || result.cancelled ? "a copy marked as void"
                     : calls->duplicate                     ? "a copy marked as a duplicate"
                                                            : "as issued, unchanged");
    return TC_OK;
}

/* Who is told of several, and where they go. */
struct told {
    const struct command *command;
    const char *output;
};

static void on_refused(void *ctx, const char *which, const struct tc_error *err)
{
    const struct told *told = ctx;

    fputs("taxcert: ", stderr);
    command_tell(told->command, stderr, "%s: %s [%s]", which, err->message, err->rule);
}

static void on_given(void *ctx, const char *run, const struct tc_reprinted *reprinted)
{
    const struct told *told = ctx;

    command_tell(told->command, stdout, "seal %s %s", reprinted->seal, run);
    command_tell(told->command, stdout, "written: %s/%s", told->output, reprinted->file);
}

static int reprint_all(const struct command *command, struct tc_archive *archive, struct tc_reprints *which,
                       const struct tc_reprint_options *calls)
{
    struct told told = {command, calls->output};
    struct tc_error err = {0};
    long given;

    which->ctx = &told;
    which->on_refused = on_refused;
    which->on_given = on_given;
    if (tc_reprint_all(archive, which, calls, &given, &err) != TC_OK)
        return command_fail(command, &err);
    if (which->merged)
        command_tell(command, stdout, "written: %s (%ld pages, as issued)", calls->output, given);
    else
        command_tell(command, stdout, "%ld certificates", given);
    return TC_OK;
}

static int reprint_one(const struct command *command, struct tc_archive *archive, const char *handle,
                       const struct tc_reprint_options *calls)
{
    int code;
    const char *from = command_pick(command, archive, handle, &code);

    return from ? reprint(command, from, handle, calls) : code;
}

static int run(const struct command *command, int argc, char **argv)
{
    struct tc_reprint_options calls = {.output = NULL};
    struct tc_reprints which = {.list = NULL};
    struct tc_archive_filter filter = {.year = 0};
    const struct option_use uses[] = {
        {OPTION_DUPLICATE, &calls.duplicate, NULL},
        {OPTION_OUTPUT, &calls.output,
         "where to write; - is standard output; default: the certificate's name, here; with several: the folder"},
        {OPTION_REASON, &calls.reason, NULL},
        {OPTION_EVEN_VOID, &calls.even_void, NULL},
        {OPTION_LETTER, &calls.letter, NULL},
        {OPTION_FORCE, &calls.force, NULL},
        {OPTION_JOURNAL, &calls.journal, NULL},
        {OPTION_LIST, &which.list, "the certificates: one certificate id or personnel number per line"},
        {OPTION_MERGED, &which.merged, NULL},
        {OPTION_YEAR, &filter.year, NULL},
        {OPTION_EMPLOYER, &filter.employer, NULL},
        {OPTION_TEMPLATES, &calls.templates, "for a duplicate: the forms whose fonts are used; also by TAXCERT_TEMPLATES"},
    };
    struct tc_archive *archive;
    bool several;
    int first, code;

    if (!options_parse(command, argc, argv, uses, sizeof uses / sizeof *uses, &first, &code))
        return code;
    command_obey(command, "the command was interrupted");
    several = argc - first > 2 || which.list || which.merged;
    if (!command_words(command, argc - first, which.list ? 1 : 2, INT_MAX, "RUN CERTIFICATE", &code)
        || !command_run(command, argv[first], argc - first > 1 ? argv[argc - 1] : NULL, &code))
        return code;
    if (several && (!calls.output || !strcmp(calls.output, "-")))
        return command_misuse(command, "several certificates need -o: a folder, or with --merged a file");
    archive = command_archive(command, argv[first], &filter, &code);
    if (!archive)
        return code;
    which.handles = (const char *const *)argv + first + 1;
    which.count = (size_t)(argc - first - 1);
    code = several ? reprint_all(command, archive, &which, &calls) : reprint_one(command, archive, argv[first + 1], &calls);
    tc_archive_close(archive);
    return code;
}
