#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "commands/options.h"

static int run(int argc, char **argv);

const struct command command_reprint = {
    "reprint",
    "reprint [--duplicate] [--even-void] [--letter] [--force] [-o FILE] [--reason TEXT] [--year YEAR] [--employer WORDS] [--list FILE] [--merged] [--journal FILE] RUN CERTIFICATE...",
    "The very bytes that were issued, proved by the ledger's hash; the reprint is logged in RUN/events.log.\n"
    "CERTIFICATE is a certificate id, a personnel number with one certificate, or both as NUMBER+ID.\n"
    "What a later run cancelled or corrected is refused (exit code 3); the message says where the valid one is.\n"
    "RUN may be a folder of several runs: the last of the chain that has it is taken, and named.\n"
    "Of several, each gets a file in the folder -o, or a page in the one file of --merged: all of them, or none where one cannot be given.\n",
    run,
};

static int reprint(const char *from, const char *handle, const struct tc_reprint_options *calls)
{
    bool printed = calls->output && !strcmp(calls->output, "-");
    struct tc_error err = {0};
    struct tc_reprinted result;

    if (tc_reprint(from, handle, calls, &result, &err) != TC_OK)
        return command_fail(&err);
    fprintf(printed ? stderr : stdout, "seal %s\n", result.seal);
    command_note_superseded(from);
    if (result.corrected || result.cancelled)
        fprintf(stderr, "note: this certificate is valid no more: a later run has %s it [%s]\n",
                result.cancelled ? "cancelled" : "corrected", result.cancelled ? "cancelled" : "corrected");
    if (!result.same)
        fprintf(stderr, "note: without its mark the duplicate is not byte for byte what was issued, because fonts or libraries are "
                        "others today; its values are those of the ledger, which was proved [duplicate-differs]\n");
    if (!printed)
        printf("written: %s%s\n", calls->output ? calls->output : result.file,
               calls->letter                          ? " (the letter of a cancelled certificate)"
               : result.corrected || result.cancelled ? " (a copy marked as void)"
               : calls->duplicate                     ? " (a copy marked as a duplicate)"
                                                      : " (as issued, unchanged)");
    return command_end(TC_OK);
}

static void on_refused(void *ctx, const char *which, const struct tc_error *err)
{
    (void)ctx;
    fputs("taxcert: ", stderr);
    command_print(stderr, which);
    fprintf(stderr, ": %s [%s]\n", err->message, err->rule);
}

static void on_given(void *ctx, const char *run, const struct tc_reprinted *reprinted)
{
    fprintf(stdout, "seal %s ", reprinted->seal);
    command_print(stdout, run);
    fputs("\nwritten: ", stdout);
    command_print(stdout, ctx);
    printf("/%s\n", reprinted->file);
}

static int reprint_all(struct tc_archive *archive, struct tc_reprints *which, const struct tc_reprint_options *calls)
{
    struct tc_error err = {0};
    long given;

    which->ctx = (void *)calls->output;
    which->on_refused = on_refused;
    which->on_given = on_given;
    if (tc_reprint_all(archive, which, calls, &given, &err) != TC_OK)
        return command_fail(&err);
    if (which->merged)
        printf("written: %s (%ld pages, as issued)\n", calls->output, given);
    else
        printf("%ld certificates\n", given);
    return command_end(TC_OK);
}

static int reprint_one(struct tc_archive *archive, const char *handle, const struct tc_reprint_options *calls)
{
    int code;
    const char *from = command_pick(archive, handle, &code);

    return from ? reprint(from, handle, calls) : code;
}

static int run(int argc, char **argv)
{
    struct tc_reprint_options calls = {.output = NULL};
    struct tc_reprints which = {.list = NULL};
    struct tc_archive_filter filter = {.year = 0};
    const struct option_use uses[] = {
        {OPTION_DUPLICATE, &calls.duplicate, NULL},
        {OPTION_OUTPUT, &calls.output, "where to; - is standard output; default: the certificate's name, here; of several: the folder"},
        {OPTION_REASON, &calls.reason, NULL},
        {OPTION_EVEN_VOID, &calls.even_void, NULL},
        {OPTION_LETTER, &calls.letter, NULL},
        {OPTION_FORCE, &calls.force, NULL},
        {OPTION_JOURNAL, &calls.journal, NULL},
        {OPTION_LIST, &which.list, "whose: a handle a line"},
        {OPTION_MERGED, &which.merged, NULL},
        {OPTION_YEAR, &filter.year, NULL},
        {OPTION_EMPLOYER, &filter.employer, NULL},
        {OPTION_TEMPLATES, &calls.templates, "of a duplicate: whose fonts; also by TAXCERT_TEMPLATES"},
    };
    struct tc_archive *archive;
    bool several;
    int first, code;

    if (!options_parse(&command_reprint, argc, argv, uses, sizeof uses / sizeof *uses, &first, &code))
        return code;
    several = argc - first > 2 || which.list || which.merged;
    if (!command_words(&command_reprint, argc - first, which.list ? 1 : 2, INT_MAX, "RUN CERTIFICATE", &code)
        || !command_run(&command_reprint, argv[first], argc - first > 1 ? argv[argc - 1] : NULL, &code))
        return code;
    if (several && (!calls.output || !strcmp(calls.output, "-")))
        return command_misuse(&command_reprint, "several certificates need -o: a folder, or with --merged a file");
    archive = command_archive(argv[first], &filter, &code);
    if (!archive)
        return code;
    which.handles = (const char *const *)argv + first + 1;
    which.count = (size_t)(argc - first - 1);
    code = several ? reprint_all(archive, &which, &calls) : reprint_one(archive, argv[first + 1], &calls);
    tc_archive_close(archive);
    return code;
}
