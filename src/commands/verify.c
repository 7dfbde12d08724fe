#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "commands/options.h"

static int run(const struct command *command, int argc, char **argv);

const struct command command_verify = {
    .name = "verify",
    .usage = "verify [--expect SEAL] [--pub FILE [--signature FILE]] RUN [FOLDER...]",
    .summary =
        "Proves a run folder: every file by its hash, none missing or extra, ledger and records agreeing, control totals\n"
        "recomputed from the records, the event log unbroken. Exit code 0: proved, 1: problems, each on a line. Each FOLDER is one that batch or copies\n"
        "made: its files are those of the run's log, every page the issued one of the person whose sheet it is.\n",
    .run = run,
};

static void on_problem(void *ctx, const char *file, const char *rule, const char *message)
{
    const struct command *command = ctx;
    char told[600];

    command_print(stdout, file);
    printf("%s%s [%s]\n", *file ? ": " : "", tc_say(command->words, message, told, sizeof told), rule);
}

static void on_progress(void *ctx, long done, long all)
{
    const struct command *command = ctx;

    command_progress(command, tc_word(command->words, "files"), done, all);
}

static bool is_seal(const char *text)
{
    return strlen(text) == TC_SEAL - 1 && strspn(text, "0123456789abcdef") == TC_SEAL - 1;
}

/* What was proved, and what was not. */
static void print_proof(const struct command *command, const struct tc_verify_options *o, const struct tc_verify_result *r)
{
    command_tell(command, stdout, "seal %s", r->seal);
    if (r->problems)
        return;
    if (r->anchored)
        command_tell(
            command, stdout,
            "with the seal that was kept: files and log are those of then, up to event %ld of %ld; nobody can have changed them since",
            r->sealed_events, r->events);
    else if (!o->expect && !o->pub)
        command_tell(command, stdout,
                     "without a seal that was kept elsewhere: no accident and no careless change; who rewrites every hash is found only by "
                     "--expect SEAL or --pub FILE");
}

/* Whether a delivered folder is what the run's log has. */
static int prove_folder(const struct command *command, const char *run_folder, const char *folder)
{
    struct tc_error err = {0};
    long sheets;

    if (tc_batch_verify(run_folder, folder, &sheets, &err) == TC_OK)
        command_tell(command, stdout, "proved: %s, %ld sheets or copies", folder, sheets);
    else
        command_tell(command, stdout, "NOT PROVED: %s: %s [%s]", *err.file ? err.file : folder, err.message, err.rule);
    return err.code == TC_IO && strcmp(err.rule, "batch-differs") != 0 ? TC_IO : err.code ? TC_WITHHELD : TC_OK;
}

static int run(const struct command *command, int argc, char **argv)
{
    struct tc_verify_options calls = {.ctx = (void *)command, .on_problem = on_problem, .on_progress = on_progress};
    const struct option_use uses[] = {
        {OPTION_EXPECT, &calls.expect, NULL}, {OPTION_PUB, &calls.pub, NULL}, {OPTION_SIGNATURE, &calls.signature, NULL}};
    struct tc_verify_result result;
    struct tc_error err = {0};
    int first, code;

    if (!options_parse(command, argc, argv, uses, sizeof uses / sizeof *uses, &first, &code))
        return code;
    if (!command_words(command, argc - first, 1, INT_MAX, "RUN FOLDER", &code) || !command_run(command, argv[first], NULL, &code))
        return code;
    if (calls.expect && calls.pub)
        return command_misuse(command, "--expect and --pub are two ways: give one of them");
    if (calls.expect && !is_seal(calls.expect))
        return command_misuse(command, "--expect needs a seal, as the commands print it");
    command_note_superseded(command, argv[first]);
    code = tc_verify(argv[first], &calls, &result, &err);
    if (err.code)
        return command_fail(command, &err);
    command_tell(command, stdout, "%s: %ld files, %ld certificates (%ld issued), %ld events, %ld problems",
                 result.problems ? "NOT PROVED" : "proved", result.files, result.certificates, result.issued, result.events,
                 result.problems);
    print_proof(command, &calls, &result);
    for (int i = first + 1; i < argc; i++) {
        int proved = prove_folder(command, argv[first], argv[i]);

        code = proved > code ? proved : code;
    }
    return command_end(command, code);
}
