#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/options.h"

static int run(const struct command *command, int argc, char **argv);

const struct command command_verify = {
    .name = "verify",
    .usage =
        "verify [--expect SEAL] [--pub FILE [--signature FILE]] [--journal FILE] [--sample N] [--year YEAR] [--employer WORDS] RUN [FOLDER...]",
    .summary =
        "Proves a run folder: every file by its hash, none missing or extra, ledger and records agreeing, control totals\n"
        "recomputed from the records, the event log unbroken, each PDF's text, as pdftotext reads it, that of the record.\n"
        "Exit code 0: proved, 1: problems, each on a line. Each FOLDER is one that batch or copies made: its files are those of the run's log, every page the issued one of the person whose sheet it is; or the list of passwords that copies made. RUN may be a folder of several runs: each is proved.\n",
    .run = run,
};

struct calls {
    const struct command *command;
    const volatile int *interrupted;
    long shown; /* of all */
};

static void on_problem(void *ctx, const char *file, const char *rule, const char *message)
{
    const struct command *command = ((const struct calls *)ctx)->command;
    char told[600];

    command_print(stdout, file);
    printf("%s%s [%s]\n", *file ? ": " : "", tc_say(command->words, message, told, sizeof told), rule);
}

static bool on_progress(void *ctx, long done, long all)
{
    struct calls *calls = ctx;

    if (done != calls->shown)
        command_progress(calls->command, tc_word(calls->command->words, "files"), done, all);
    calls->shown = done;
    return !*calls->interrupted;
}

static bool is_seal(const char *text)
{
    return strlen(text) == TC_SEAL - 1 && strspn(text, "0123456789abcdef") == TC_SEAL - 1;
}

/* What another program read in the PDFs. */
static void print_reread(const struct command *command, const struct tc_verify_result *r)
{
    if (r->reread_not)
        command_tell(command, stdout, "the texts of the PDFs were not read back: %s", tc_word(command->words, r->reread_not));
    else if (r->reread_chosen)
        command_tell(command, stdout, "in %ld certificates, chosen at random, pdftotext reads what the ledger says", r->reread);
    else if (r->reread > 0)
        command_tell(command, stdout, "in all %ld certificates of this run pdftotext reads what the ledger says", r->reread);
    if (!r->reread_not && r->reread_letters > 0)
        command_tell(command, stdout, "in %ld letters about cancellations pdftotext reads what the ledger says", r->reread_letters);
}

/* What was proved, and what was not. */
static void print_proof(const struct command *command, const struct tc_verify_options *o, const struct tc_verify_result *r)
{
    command_tell(command, stdout, "seal %s", r->seal);
    if (r->problems)
        return;
    if (r->purged)
        command_tell(command, stdout, "purged: the personal data are gone; form, totals, hashes and log are as the purge left them");
    print_reread(command, r);
    if (*r->other_version)
        command_tell(command, stdout, "made by taxcert %s: summary.xlsx and summary.csv were checked by their hashes, not made again",
                     r->other_version);
    if (r->anchored && r->former)
        command_tell(command, stdout, "the kept seal is that of this run before its purge, at its event %ld", r->sealed_events);
    else if (r->anchored)
        command_tell(command, stdout,
                     "with the kept seal: files and log are those of that time, up to event %ld of %ld; nobody can have "
                     "changed them since",
                     r->sealed_events, r->events);
    else if (!o->expect && !o->pub)
        command_tell(command, stdout,
                     "without a seal kept elsewhere: no accident and no careless change; somebody who rewrites every hash is "
                     "found only by --expect SEAL or --pub FILE");
}

/* Whether what was delivered is what the run's log has. */
static int prove_delivered(const struct command *command, const char *run_folder, const char *path, struct tc_delivered *proved)
{
    struct tc_error err = {0};

    if (tc_batch_verify(run_folder, path, proved, &err) != TC_OK)
        command_tell(command, stdout, "NOT PROVED: %s: %s [%s]", *err.file ? err.file : path, err.message, err.rule);
    else if (proved->list)
        command_tell(command, stdout, "proved: %s, the passwords of the %ld copies %s", path, proved->count, proved->set);
    else if (*proved->set)
        command_tell(command, stdout, "proved: %s, %ld copies, %s", path, proved->count, proved->set);
    else
        command_tell(command, stdout, "proved: %s, %ld sheets", path, proved->count);
    return err.code == TC_IO && strcmp(err.rule, "batch-differs") != 0 ? TC_IO : err.code ? TC_HELD : TC_OK;
}

/* A list beside folders of copies is that of one of them. */
static int match_lists(const struct command *command, char **paths, const struct tc_delivered *proved, int count)
{
    int code = TC_OK;

    for (int i = 0; i < count; i++) {
        bool copies = false, match = false;

        for (int k = 0; k < count; k++) {
            copies |= *proved[k].set && !proved[k].list;
            match |= !proved[k].list && !strcmp(proved[k].set, proved[i].set);
        }
        if (!proved[i].list || !copies || match)
            continue;
        command_tell(command, stdout, "NOT PROVED: %s: the passwords of other copies than those that were given [list-differs]", paths[i]);
        code = TC_HELD;
    }
    return code;
}

/* All of them, each whatever became of the others. */
static int prove_deliveries(const struct command *command, const char *run_folder, char **paths, int count)
{
    struct tc_delivered *proved = calloc((size_t)count + 1, sizeof *proved);
    int worst = proved ? TC_OK : TC_IO;

    for (int i = 0; proved && i < count && worst <= TC_HELD; i++) {
        int code = prove_delivered(command, run_folder, paths[i], &proved[i]);

        worst = code > worst ? code : worst;
    }
    if (worst == TC_OK)
        worst = match_lists(command, paths, proved, count);
    free(proved);
    return worst;
}

static int prove(const struct command *command, const char *folder, const struct tc_verify_options *calls)
{
    struct tc_verify_result result;
    struct tc_error err = {0};
    int code;

    command_note_superseded(command, folder);
    code = tc_verify(folder, calls, &result, &err);
    if (err.code)
        return command_fail(command, &err);
    command_tell(command, stdout, "%s: %ld files, %ld certificates (%ld issued), %ld events, %ld problems",
                 result.problems ? "NOT PROVED" : "proved", result.files, result.certificates, result.issued, result.events,
                 result.problems);
    if (calls->journal)
        command_tell(command, stdout, "journal: %ld events, %ld of this run", result.journal, result.journal_own);
    print_proof(command, calls, &result);
    return code;
}

/* Each of several, drafts and superseded ones too; the worst code. */
static int prove_all(const struct command *command, const struct tc_archive *archive, const struct tc_verify_options *calls)
{
    int worst = TC_OK;

    for (size_t i = 0; i < tc_archive_count(archive); i++) {
        int code;

        if (!tc_archive_is_run(archive)) {
            command_print(stdout, tc_archive_get(archive, i)->folder);
            puts(":");
        }
        fflush(stdout);
        code = prove(command, tc_archive_get(archive, i)->folder, calls);
        worst = code > worst ? code : worst;
    }
    return worst;
}

static int run(const struct command *command, int argc, char **argv)
{
    struct calls ctx = {.command = command, .shown = -1};
    struct tc_verify_options calls = {.ctx = &ctx, .on_problem = on_problem, .on_progress = on_progress};
    struct tc_temporary *temporary;
    struct tc_error ignored;
    struct tc_archive_filter filter = {.year = 0};
    long sample = -1; /* not given */
    const struct option_use uses[] = {{OPTION_EXPECT, &calls.expect, NULL},
                                      {OPTION_PUB, &calls.pub, NULL},
                                      {OPTION_SIGNATURE, &calls.signature, NULL},
                                      {OPTION_JOURNAL, &calls.journal, "of reprint --journal: its chain is checked too"},
                                      {OPTION_SAMPLE, &sample, NULL},
                                      {OPTION_YEAR, &filter.year, NULL},
                                      {OPTION_EMPLOYER, &filter.employer, NULL}};
    struct tc_archive *archive;
    int first, code;

    if (!options_parse(command, argc, argv, uses, sizeof uses / sizeof *uses, &first, &code))
        return code;
    if (!command_words(command, argc - first, 1, INT_MAX, "RUN FOLDER", &code))
        return code;
    calls.sample = sample == 0 ? -1 : sample > 0 ? sample : 0;
    if (calls.expect && calls.pub)
        return command_misuse(command, "--expect and --pub exclude each other: give one of them");
    if (calls.expect && !is_seal(calls.expect))
        return command_misuse(command, "--expect needs a seal as the commands print it");
    ctx.interrupted = command_obey(command, "the command was interrupted");
    archive = command_archive(command, argv[first], &filter, &code);
    if (!archive)
        return code;
    calls.temporary = temporary = tc_temporary_make(&ignored); /* or verify says why not */
    if (temporary)
        tc_write_only_below(tc_temporary_folder(temporary));
    if (!tc_archive_is_run(archive) && (calls.expect || calls.pub || argc > first + 1))
        code = command_misuse(command, "--expect, --pub and FOLDER are about one run: give its folder");
    else
        code = prove_all(command, archive, &calls);
    if (tc_archive_is_run(archive) && code <= TC_HELD) {
        int proved = prove_deliveries(command, argv[first], argv + first + 1, argc - first - 1);

        code = proved > code ? proved : code;
    }
    tc_archive_close(archive);
    tc_temporary_remove(temporary);
    return code;
}
