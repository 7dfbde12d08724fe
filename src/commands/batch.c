#include <stdio.h>
#include <string.h>

#include "commands/options.h"

static int run(const struct command *command, int argc, char **argv);

const struct command command_batch = {
    .name = "batch",
    .usage = "batch [options] -o FOLDER RUN | batch --check LOG [--job JOB] RUN",
    .summary = "On paper: print files of all certificates that go out by post, inland and abroad apart, sorted, each "
               "sheet with\na mark for the inserting machine; with each file a cover sheet with the list, and a table. "
               "The run's log keeps who is on which sheet.\n--check compares the machine's log of marks with the job: it "
               "names whose sheet is missing, twice, swapped or from another job.\n",
    .run = run,
};

struct making {
    const struct command *command;
    const char *output;
};

static void on_job(void *ctx, const struct tc_batch_job *job)
{
    const struct making *making = ctx;
    const struct tc_words *w = making->command->words;

    printf("%s: %ld %s, %s: %s/%s.pdf\n", job->job, job->sheets, tc_word(w, job->sheets == 1 ? "sheet" : "sheets"),
           tc_word(w, job->foreign ? "abroad" : "inland"), making->output, job->job);
}

static void on_fault(void *ctx, const struct tc_batch_fault *fault)
{
    const struct tc_words *w = ((const struct command *)ctx)->words;

    printf("%s", tc_word(w, fault->fault));
    if (fault->sheet > 0)
        printf(": %s %s %ld", fault->job, tc_word(w, "sheet"), fault->sheet);
    if (fault->line > 0)
        printf(", %s %ld", tc_word(w, "entry of the log"), fault->line);
    if (*fault->certificate)
        printf(": %s+%s %s", fault->personnel_number, fault->certificate, fault->name);
    putchar('\n');
}

static int check(const struct command *command, const char *folder, const char *log, const char *job)
{
    struct tc_error err = {0};
    long sheets;
    enum tc_code code = tc_batch_check(folder, log, job, (void *)command, on_fault, &sheets, &err);

    if (err.code)
        return command_fail(command, &err);
    if (code == TC_OK)
        command_tell(command, stdout, "all %ld sheets once and in order", sheets);
    else
        command_tell(command, stdout, "NOT all of the %ld sheets once and in order", sheets);
    return code;
}

static int make(const struct command *command, const char *folder, const struct tc_batch_options *options)
{
    struct tc_batch_result r;
    struct tc_error err = {0};

    if (tc_batch(folder, options, &r, &err) != TC_OK)
        return command_fail(command, &err);
    command_tell(
        command, stdout,
        "%ld certificates: %ld inland, %ld abroad, %ld without a usable address, %ld by another way, %ld printed before, %ld no longer valid",
        r.certificates, r.inland, r.foreign, r.unreachable, r.other_channels, r.earlier, r.not_valid);
    if (r.neither > 0)
        command_tell(
            command, stdout,
            "%ld of them go out neither on paper nor by mail, by what their data say: taxcert deliveries lists who got nothing yet",
            r.neither);
    if (r.letters > 0)
        command_tell(command, stdout, "%ld of these are letters about cancellations", r.letters);
    if (r.unreachable > 0)
        command_tell(command, stdout, "without a usable address: %s/no-address.csv", options->output);
    if (r.had_old > 0)
        command_tell(command, stdout, "people who had received the earlier version: %s/had-old.csv (%ld)", options->output, r.had_old);
    if (r.there)
        command_tell(command, stderr, "note: the folder existed already, with exactly these files [there]");
    return TC_OK;
}

static int run(const struct command *command, int argc, char **argv)
{
    struct making making = {.command = command};
    struct tc_batch_options batch = {.ctx = &making, .on_job = on_job};
    const char *log = NULL, *job = NULL;
    const struct option_use uses[] = {
        {OPTION_OUTPUT, &batch.output, "the folder to make"},
        {OPTION_SORT, &batch.sort, NULL},
        {OPTION_SIZE, &batch.size, NULL},
        {OPTION_DUPLEX, &batch.duplex, NULL},
        {OPTION_AGAIN, &batch.again, "also people whose certificate was printed before"},
        {OPTION_REST, &batch.rest, "only people whose certificate was not printed before"},
        {OPTION_MARK_AT, &batch.mark_at, NULL},
        {OPTION_MARK_KIND, &batch.mark_kind, NULL},
        {OPTION_TEMPLATES, &batch.templates, "the forms whose fonts are used; also by TAXCERT_TEMPLATES"},
        {OPTION_CHECK, &log, NULL},
        {OPTION_JOB, &job, NULL},
    };
    char run_folder[COMMAND_PATH];
    int code;

    if (!options_of_run(command, argc, argv, uses, sizeof uses / sizeof *uses, run_folder, &code))
        return code;
    command_obey(command, "the command was interrupted");
    if (!log == !batch.output)
        return command_misuse(command, log ? "-o and --check exclude each other: give one of them" : "missing: -o FOLDER or --check LOG");
    if (job && !log)
        return command_misuse(command, "--job belongs to --check");
    command_note_superseded(command, run_folder);
    making.output = batch.output;
    return log ? check(command, run_folder, log, job) : make(command, run_folder, &batch);
}
