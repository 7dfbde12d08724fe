#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "commands/options.h"

static int run(int argc, char **argv);

const struct command command_verify = {
    "verify",
    "verify RUN [FOLDER...]",
    "Proves a run folder: every file by its hash, none missing or extra, ledger and records agreeing, control totals\n"
    "recomputed from the records, the event log unbroken. Exit code 0: proved, 1: problems, each on a line. Each FOLDER is one that batch\n"
    "made: its files are those of the run's log, every page the issued one of the person whose sheet it is.\n",
    run,
};

static void on_problem(void *ctx, const char *file, const char *rule, const char *message)
{
    (void)ctx;
    command_print(stdout, file);
    printf("%s%s [%s]\n", *file ? ": " : "", message, rule);
}

static void on_progress(void *ctx, long done, long all)
{
    (void)ctx;
    command_progress("files", done, all);
}

/* Whether a delivered folder is what the run's log has. */
static int prove_folder(const char *run_folder, const char *folder)
{
    struct tc_error err = {0};
    long sheets;

    if (tc_batch_verify(run_folder, folder, &sheets, &err) == TC_OK)
        printf("proved: %s, %ld sheets\n", folder, sheets);
    else
        printf("NOT PROVED: %s: %s [%s]\n", *err.file ? err.file : folder, err.message, err.rule);
    return err.code == TC_IO && strcmp(err.rule, "batch-differs") != 0 ? TC_IO : err.code ? TC_WITHHELD : TC_OK;
}

static int run(int argc, char **argv)
{
    struct tc_verify_options calls = {.on_problem = on_problem, .on_progress = on_progress};
    struct tc_verify_result result;
    struct tc_error err = {0};
    int first, code;

    if (!options_parse(&command_verify, argc, argv, NULL, 0, &first, &code))
        return code;
    if (!command_words(&command_verify, argc - first, 1, INT_MAX, "RUN FOLDER", &code)
        || !command_run(&command_verify, argv[first], NULL, &code))
        return code;
    command_note_superseded(argv[first]);
    code = tc_verify(argv[first], &calls, &result, &err);
    if (err.code)
        return command_fail(&err);
    printf("%s: %ld files, %ld certificates (%ld issued), %ld events, %ld problems\n", result.problems ? "NOT PROVED" : "proved",
           result.files, result.certificates, result.issued, result.events, result.problems);
    for (int i = first + 1; i < argc; i++) {
        int proved = prove_folder(argv[first], argv[i]);

        code = proved > code ? proved : code;
    }
    return command_end(code);
}
