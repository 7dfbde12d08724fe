#include <stdio.h>
#include <string.h>

#include "commands/options.h"

static int run(int argc, char **argv);

const struct command command_batch = {
    "batch",
    "batch [options] -o FOLDER RUN | batch --check LOG [--job JOB] RUN",
    "To the paper: print files of everybody whose certificate is to be printed, inland and foreign post apart, sorted, each sheet with\n"
    "a mark for the inserting machine; beside each a cover sheet with the list, and a table. The run's log keeps who is on which sheet.\n"
    "--check holds the machine's log of marks against the job: whoever's sheet is missing, twice, swapped or another job's is named.\n",
    run,
};

static void on_job(void *ctx, const struct tc_batch_job *job)
{
    printf("%s: %ld %s, %s: %s/%s.pdf\n", job->job, job->sheets, job->sheets == 1 ? "sheet" : "sheets", job->foreign ? "abroad" : "inland",
           (const char *)ctx, job->job);
}

static void on_fault(void *ctx, const struct tc_batch_fault *fault)
{
    (void)ctx;
    printf("%s", fault->fault);
    if (fault->sheet > 0)
        printf(": %s sheet %ld", fault->job, fault->sheet);
    if (fault->line > 0)
        printf(", line %ld of the log", fault->line);
    if (*fault->certificate)
        printf(": %s+%s %s", fault->personnel_number, fault->certificate, fault->name);
    putchar('\n');
}

static int check(const char *folder, const char *log, const char *job)
{
    struct tc_error err = {0};
    long sheets;
    enum tc_code code = tc_batch_check(folder, log, job, NULL, on_fault, &sheets, &err);

    if (err.code)
        return command_fail(&err);
    printf(code == TC_OK ? "all %ld sheets once and in order\n" : "NOT ALL of %ld sheets once and in order\n", sheets);
    return command_end(code);
}

static int make(const char *folder, const struct tc_batch_options *options)
{
    struct tc_batch_result r;
    struct tc_error err = {0};

    if (tc_batch(folder, options, &r, &err) != TC_OK)
        return command_fail(&err);
    printf(
        "%ld certificates: %ld inland, %ld abroad, %ld without a usable address, %ld by another way, %ld printed before, %ld no longer valid\n",
        r.certificates, r.inland, r.foreign, r.unreachable, r.other_channels, r.earlier, r.not_valid);
    if (r.letters > 0)
        printf("of these %ld are letters of cancellations\n", r.letters);
    if (r.unreachable > 0)
        printf("whom no post reaches: %s/no-address.csv\n", options->output);
    if (r.had_old > 0)
        printf("who had got the version before: %s/had-old.csv (%ld)\n", options->output, r.had_old);
    if (r.there)
        fprintf(stderr, "note: the folder was there already, with these very files [there]\n");
    return command_end(TC_OK);
}

static int run(int argc, char **argv)
{
    struct tc_batch_options batch = {.on_job = on_job};
    const char *log = NULL, *job = NULL;
    const struct option_use uses[] = {
        {OPTION_OUTPUT, &batch.output, "the folder to make"},
        {OPTION_SORT, &batch.sort, NULL},
        {OPTION_SIZE, &batch.size, NULL},
        {OPTION_DUPLEX, &batch.duplex, NULL},
        {OPTION_AGAIN, &batch.again, "whoever was printed before once more"},
        {OPTION_REST, &batch.rest, "only whoever was not printed before"},
        {OPTION_MARK_AT, &batch.mark_at, NULL},
        {OPTION_MARK_KIND, &batch.mark_kind, NULL},
        {OPTION_TEMPLATES, &batch.templates, "whose fonts; also by TAXCERT_TEMPLATES"},
        {OPTION_CHECK, &log, NULL},
        {OPTION_JOB, &job, NULL},
    };
    int first, code;

    if (!options_parse(&command_batch, argc, argv, uses, sizeof uses / sizeof *uses, &first, &code))
        return code;
    if (!command_words(&command_batch, argc - first, 1, 1, "RUN", &code) || !command_run(&command_batch, argv[first], NULL, &code))
        return code;
    if (!log == !batch.output)
        return command_misuse(&command_batch, log ? "-o and --check are two ways: give one of them" : "missing: -o FOLDER or --check LOG");
    if (job && !log)
        return command_misuse(&command_batch, "--job belongs to --check");
    command_note_superseded(argv[first]);
    batch.ctx = (void *)batch.output; /* which is only read */
    return log ? check(argv[first], log, job) : make(argv[first], &batch);
}
