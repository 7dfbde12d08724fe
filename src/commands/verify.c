#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "commands/options.h"

static int run(int argc, char **argv);

const struct command command_verify = {
    "verify",
    "verify [--expect SEAL] [--pub FILE [--signature FILE]] [--journal FILE] [--year YEAR] [--employer WORDS] RUN [FOLDER...]",
    "Proves a run folder: every file by its hash, none missing or extra, ledger and records agreeing, control totals\n"
    "recomputed from the records, the event log unbroken. Exit code 0: proved, 1: problems, each on a line. Each FOLDER is one that batch or copies\n"
    "made: its files are those of the run's log, every page the issued one of the person whose sheet it is. RUN may be a folder of several runs: each is proved.\n",
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

static bool is_seal(const char *text)
{
    return strlen(text) == TC_SEAL - 1 && strspn(text, "0123456789abcdef") == TC_SEAL - 1;
}

/* What was proved, and what was not. */
static void print_proof(const struct tc_verify_options *o, const struct tc_verify_result *r)
{
    printf("seal %s\n", r->seal);
    if (r->problems)
        return;
    if (*r->other_version)
        printf("made by taxcert %s: summary.xlsx and summary.csv are held by their hashes, not made again\n", r->other_version);
    if (r->anchored)
        printf("with the seal that was kept: files and log are those of then, up to event %ld of %ld; nobody can have changed them since\n",
               r->sealed_events, r->events);
    else if (!o->expect && !o->pub)
        puts("without a seal that was kept elsewhere: no accident and no careless change; who rewrites every hash is found only by "
             "--expect SEAL or --pub FILE");
}

/* Whether a delivered folder is what the run's log has. */
static int prove_folder(const char *run_folder, const char *folder)
{
    struct tc_error err = {0};
    long sheets;

    if (tc_batch_verify(run_folder, folder, &sheets, &err) == TC_OK)
        printf("proved: %s, %ld sheets or copies\n", folder, sheets);
    else
        printf("NOT PROVED: %s: %s [%s]\n", *err.file ? err.file : folder, err.message, err.rule);
    return err.code == TC_IO && strcmp(err.rule, "batch-differs") != 0 ? TC_IO : err.code ? TC_HELD : TC_OK;
}

static int prove(const char *folder, const struct tc_verify_options *calls)
{
    struct tc_verify_result result;
    struct tc_error err = {0};
    int code;

    command_note_superseded(folder);
    code = tc_verify(folder, calls, &result, &err);
    if (err.code)
        return command_fail(&err);
    printf("%s: %ld files, %ld certificates (%ld issued), %ld events, %ld problems\n", result.problems ? "NOT PROVED" : "proved",
           result.files, result.certificates, result.issued, result.events, result.problems);
    if (calls->journal)
        printf("journal: %ld events, %ld of this run\n", result.journal, result.journal_own);
    print_proof(calls, &result);
    return code;
}

/* Each of several, drafts and superseded ones too; the worst code. */
static int prove_all(const struct tc_archive *archive, const struct tc_verify_options *calls)
{
    int worst = TC_OK;

    for (size_t i = 0; i < tc_archive_count(archive); i++) {
        int code;

        if (!tc_archive_is_run(archive)) {
            command_print(stdout, tc_archive_get(archive, i)->folder);
            puts(":");
        }
        fflush(stdout);
        code = prove(tc_archive_get(archive, i)->folder, calls);
        worst = code > worst ? code : worst;
    }
    return worst;
}

static int run(int argc, char **argv)
{
    struct tc_verify_options calls = {.on_problem = on_problem, .on_progress = on_progress};
    struct tc_archive_filter filter = {.year = 0};
    const struct option_use uses[] = {
        {OPTION_EXPECT, &calls.expect, NULL},       {OPTION_PUB, &calls.pub, NULL},
        {OPTION_SIGNATURE, &calls.signature, NULL}, {OPTION_JOURNAL, &calls.journal, "of reprint --journal: its chain is checked too"},
        {OPTION_YEAR, &filter.year, NULL},          {OPTION_EMPLOYER, &filter.employer, NULL}};
    struct tc_archive *archive;
    int first, code;

    if (!options_parse(&command_verify, argc, argv, uses, sizeof uses / sizeof *uses, &first, &code))
        return code;
    if (!command_words(&command_verify, argc - first, 1, INT_MAX, "RUN FOLDER", &code)
        || !command_run(&command_verify, argv[first], NULL, &code))
        return code;
    if (calls.expect && calls.pub)
        return command_misuse(&command_verify, "--expect and --pub are two ways: give one of them");
    if (calls.expect && !is_seal(calls.expect))
        return command_misuse(&command_verify, "--expect needs a seal, as the commands print it");
    archive = command_archive(argv[first], &filter, &code);
    if (!archive)
        return code;
    if (!tc_archive_is_run(archive) && (calls.expect || calls.pub || argc > first + 1))
        code = command_misuse(&command_verify, "--expect, --pub and FOLDER are about one run: give its folder");
    else
        code = prove_all(archive, &calls);
    for (int i = first + 1; i < argc && tc_archive_is_run(archive) && code <= TC_HELD; i++) {
        int proved = prove_folder(argv[first], argv[i]);

        code = proved > code ? proved : code;
    }
    tc_archive_close(archive);
    return command_end(code);
}
