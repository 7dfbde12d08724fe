/* generate; check: the same without anything written; correct: the same for what has changed since. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands/only.h"

#define SEVERAL_HELP                                                                                                             \
    " In a folder each NAME.json\n"                                                                                              \
    "that is a payroll file is an employer, and each NAME/payroll.json; beside it NAME.employees.json or NAME/employees.json,\n" \
    "and NAME.waivers.json or NAME/waivers.json; --waivers applies to all of them as well.\n"

static int run_generate(const struct command *command, int argc, char **argv);
static int run_check(const struct command *command, int argc, char **argv);
static int run_correct(const struct command *command, int argc, char **argv);
static int run_issue(const struct command *command, int argc, char **argv);

const struct command command_generate = {
    .name = "generate",
    .usage = "generate [OPTIONS] [-e EMPLOYEES.json] PAYROLL.json -o RUN",
    .summary = "The year-end run: creates the folder RUN with the certificates, the workbook and the ledger.\n\n"
               "Several employers: in place of PAYROLL.json give a folder, or several payroll files, and OUT for RUN." SEVERAL_HELP
               "OUT gets a run folder for each and employers.xlsx, which lists them; a fatal error of one does not stop the others.\n\n"
               "Exit code 0: all issued, 1: some held back, 2: wrong options or form, 3: wrong input, 4: disk or memory.\n",
    .run = run_generate,
};

const struct command command_check = {
    .name = "check",
    .usage = "check [OPTIONS] [-e EMPLOYEES.json] PAYROLL.json",
    .summary = "Runs all checks of generate, including page layout; writes nothing. Exit code 1: some would be held back.\n"
               "--only CERTIFICATE... checks only these people or certificates.\n\n"
               "Several employers: in place of PAYROLL.json give a folder, or several payroll files." SEVERAL_HELP,
    .run = run_check,
};

const struct command command_correct = {
    .name = "correct",
    .usage = "correct [OPTIONS] [-e EMPLOYEES.json] RUN CORRECTIONS.json [-o NEW_RUN]",
    .summary = "Corrections, cancellations and late certificates: CORRECTIONS.json is the year's payroll file as it is "
               "now, but holds only the\nchanged and new certificates. One that was issued before gives its reason: "
               "\"correction\": {\"reason\": \"...\"};\n\"cancellations\" lists those that are void: {\"certificate\": \"...\", "
               "\"reason\": \"...\"}.\nNEW_RUN holds the new certificates, marked as corrections, and ledger and workbook of "
               "the whole year as it is now, with\nthe changes, old and new. RUN stays as it is, except for an entry in "
               "its event log. Without -o nothing is written.\n\nExit code 1: some of the changes are held back; what was "
               "valid before stays valid.\n",
    .run = run_correct,
};

const struct command command_issue = {
    .name = "issue",
    .usage = "issue [OPTIONS] DRAFT [PAYROLL.json [-e EMPLOYEES.json]] -o RUN",
    .summary = "Issues a draft: creates the issued run from exactly the data that the run DRAFT was made from (generate "
               "--draft, correct --draft): payroll, waivers, form, date and options.\nOnly transfer tickets may have been "
               "added since; that is noted. If anything else has changed, the command refuses and writes nothing.\nDRAFT "
               "knows where its files were; give files only if they were moved.\n",
    .run = run_issue,
};

/* True to go on; else *code is what to leave with. */
static bool parse(const struct command *command, int argc, char **argv, struct tc_options *o, struct console *out, struct option_list *only,
                  struct tc_archive_filter *filter, int *first, int *code)
{
    bool checks = command->run == run_check, corrects = command->run == run_correct;
    const struct option_use all[] = {
        {OPTION_OUTPUT, &o->output, corrects ? "the run folder NEW_RUN to make" : "the run folder to make"},
        {OPTION_GROUP, &o->group, corrects ? "this group may read NEW_RUN and add to its log; default: the group of RUN" : NULL},
        {OPTION_DRAFT, &o->draft,
         checks     ? "check as a draft, before transmission: no transfer ticket needed"
         : corrects ? "mark every new page as a draft too, and leave RUN's event log unchanged"
                    : NULL},
        {OPTION_EMPLOYEES, &o->employees, NULL},
        {OPTION_ISSUE_DATE, &o->issue_date, NULL},
        {OPTION_TEMPLATES, &o->templates, NULL},
        {OPTION_ALLOW_TEST_IDS, &o->allow_test_ids, NULL},
        {OPTION_WAIVERS, &o->waivers, NULL},
        {OPTION_MAX_FINDINGS, &out->most, NULL},
        {OPTION_JOBS, &out->jobs, NULL},
        {OPTION_JSON, &out->json, "the result as JSON on standard output, one finding per line"},
        /* these are no options of generate, and all but one none of check */
        {checks ? OPTION_ONLY : OPTION_INSTEAD_OF_LOST, checks ? (void *)only : (void *)&o->lost, NULL},
        {OPTION_YEAR, &filter->year, NULL},
        {OPTION_EMPLOYER, &filter->employer, NULL},
    };
    size_t from = checks ? 2 : 0; /* a check writes nothing */
    size_t count = sizeof all / sizeof *all - from - (corrects ? 0 : checks ? 2 : 3);

    if (!options_parse(command, argc, argv, all + from, count, first, code))
        return false;
    o->jobs = (int)out->jobs;
    if (!command_words(command, argc - *first, corrects ? 2 : 1, corrects ? 2 : INT_MAX, corrects ? "RUN CORRECTIONS.json" : "PAYROLL.json",
                       code)
        || (corrects && !command_run(command, argv[*first], argv[*first + 1], code)))
        return false;
    if (command->run != run_generate || o->output)
        return true;
    *code = command_misuse(command, "missing: -o RUN, the folder to create");
    return false;
}

static int run_one(struct console *out, struct tc_options *options, const char *payroll, struct tc_error *err)
{
    struct tc_result result;
    int code;

    options->payroll = payroll;
    code = tc_generate(options, &result, err);
    if (!err->code)
        console_result(out, options, &result);
    if (!err->code && options->corrects && !options->output)
        command_tell(out->command, stderr, "note: only checked, nothing was written; -o NEW_RUN makes the run [only-checked]");
    if (!err->code && result.finished)
        command_tell(out->command, stderr, "note: this run is finished already, nothing to do [finished]");
    return code;
}

static int run_several(struct console *out, const struct tc_options *options, char **paths, int count, struct tc_error *err)
{
    struct tc_employers employers;
    int code = tc_employers_find((const char *const *)paths, (size_t)count, &employers, err);

    if (err->code)
        return code;
    out->turns = employers.count;
    code = tc_generate_all(&employers, options, console_employer, err);
    if (!err->code)
        console_all(out, options, code);
    tc_employers_free(&employers);
    return code;
}

static bool is_folder(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* Where the file system has no permissions (FAT, many shares), 0700 is asked for in vain. */
static void warn_open(const struct command *command, const char *folder)
{
    struct stat status;

    if (stat(folder, &status) == 0 && (status.st_mode & S_IRWXO) != 0)
        command_tell(command, stderr,
                     "warning: this file system does not support permissions: everybody who can reach the folder can read the "
                     "run [permissions]");
}

static int run(const struct command *command, int argc, char **argv)
{
    struct console out = {.command = command,
                          .words = command->words,
                          .most = 1000,
                          .interrupted = command_obey(command, "the run was interrupted; the same command continues it")};
    struct tc_options options = {
        .ctx = &out, .language = command->language, .on_finding = console_finding, .on_progress = console_progress};
    struct option_list only = {.count = 0};
    struct tc_archive_filter filter = {.year = 0};
    struct tc_error err = {0};
    char corrected[COMMAND_PATH];
    int first, code;

    if (!parse(command, argc, argv, &options, &out, &only, &filter, &first, &code)
        || (command->run == run_correct && !command_one(command, argv[first++], &filter, corrected, &code)))
        return code;
    if (command->run == run_correct)
        options.corrects = corrected;
    out.corrects = options.corrects != NULL;
    if (command->run == run_check)
        tc_read_only();
    if (only.count)
        code = only_run(command, &out, &options, &only, argv + first, argc - first, NULL);
    else if (!options.corrects && (argc - first > 1 || is_folder(argv[first])))
        code = run_several(&out, &options, argv + first, argc - first, &err);
    else
        code = run_one(&out, &options, argv[first], &err);
    if (!err.code && options.output)
        warn_open(command, options.output);
    return err.code ? command_fail(command, &err) : code;
}

static int run_generate(const struct command *command, int argc, char **argv)
{
    return run(command, argc, argv);
}

static int run_check(const struct command *command, int argc, char **argv)
{
    return run(command, argc, argv);
}

static int run_correct(const struct command *command, int argc, char **argv)
{
    return run(command, argc, argv);
}

static int run_issue(const struct command *command, int argc, char **argv)
{
    struct console out = {.command = command,
                          .words = command->words,
                          .most = 1000,
                          .interrupted = command_obey(command, "the run was interrupted; the same command continues it")};
    struct tc_options o = {.ctx = &out, .language = command->language, .on_finding = console_finding, .on_progress = console_progress};
    const struct option_use uses[] = {{OPTION_OUTPUT, &o.output, "the run folder to make"},
                                      {OPTION_GROUP, &o.group, NULL},
                                      {OPTION_EMPLOYEES, &o.employees, "the employee data, if they were moved"},
                                      {OPTION_WAIVERS, &o.waivers, "the waivers, if they were moved"},
                                      {OPTION_TEMPLATES, &o.templates, NULL},
                                      {OPTION_MAX_FINDINGS, &out.most, NULL},
                                      {OPTION_JOBS, &out.jobs, NULL},
                                      {OPTION_JSON, &out.json, "the result as JSON on standard output, one finding per line"}};
    struct tc_error err = {0};
    struct tc_result result;
    int first, code;

    if (!options_parse(command, argc, argv, uses, sizeof uses / sizeof *uses, &first, &code)
        || !command_words(command, argc - first, 1, 2, "DRAFT PAYROLL.json", &code))
        return code;
    if (!o.output)
        return command_misuse(command, "missing: -o RUN, the folder to create");
    o.jobs = (int)out.jobs;
    o.payroll = argc - first > 1 ? argv[first + 1] : NULL;
    code = tc_issue(argv[first], &o, &result, &err);
    if (err.code)
        return command_fail(command, &err);
    console_result(&out, &o, &result);
    if (result.finished)
        command_tell(command, stderr, "note: this run is finished already, nothing to do [finished]");
    warn_open(command, o.output);
    return code;
}
