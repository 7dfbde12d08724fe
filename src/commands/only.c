/* Some people of the input alone: check --only, and preview, which draws one of them as a draft. */
#include <stdio.h>
#include <sys/stat.h>

#include "commands/only.h"

static int run_preview(const struct command *command, int argc, char **argv);

const struct command command_preview = {
    .name = "preview",
    .usage = "preview [OPTIONS] [-e EMPLOYEES.json] PAYROLL.json --only CERTIFICATE -o FILE",
    .summary = "Draws one certificate from the input files, marked as a draft, without making a run. CERTIFICATE is a "
               "personnel number or a certificate id.\nErrors are listed; a certificate that would be held back is not "
               "drawn. Exit code 1: held back.\n",
    .run = run_preview,
};

static bool is_file(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

/* The words behind the options: the payroll, which is a file, and further ids of --only CERTIFICATE... */
static const char *split(char **words, int count, struct option_list *only)
{
    const char *payroll = NULL;

    for (int i = 0; i < count; i++) {
        bool is_payroll = count == 1 || (!payroll && is_file(words[i]));
        if (is_payroll)
            payroll = words[i];
        else
            options_add(only, words[i]);
    }
    return payroll;
}

int only_run(const struct command *command, struct console *out, struct tc_options *options, struct option_list *only, char **words,
             int count, const char *output)
{
    struct tc_result result;
    struct tc_error err = {0};
    int code;

    options->payroll = split(words, count, only);
    if (!options->payroll)
        return command_misuse(command, "missing: PAYROLL.json, a file");
    code = tc_only(options, only->items, only->count, output, &result, &err);
    if (err.code)
        return command_fail(command, &err);
    console_older(out, &result);
    if (out->shown > out->most)
        fprintf(stderr, "%s: %ld %s %ld\n", tc_word(out->words, "findings shown"), out->most, tc_word(out->words, "of"), out->shown);
    fprintf(stderr, "%ld %s: %ld %s, %ld %s\n", result.certificates, tc_word(out->words, "certificates"), result.issued,
            tc_word(out->words, output ? "drawn as a draft" : "can be issued"), result.held, tc_word(out->words, "held back"));
    return code;
}

static int run_preview(const struct command *command, int argc, char **argv)
{
    static const volatile int never = 0;
    struct console out = {.command = command, .words = command->words, .most = 1000, .interrupted = &never};
    struct tc_options options = {.ctx = &out, .on_finding = console_finding, .language = command->language, .draft = true};
    struct option_list only = {.count = 0};
    const char *output = NULL;
    const struct option_use uses[] = {{OPTION_ONLY, &only, "whose certificate: a personnel number or a certificate id"},
                                      {OPTION_OUTPUT, &output, "the PDF to make"},
                                      {OPTION_EMPLOYEES, &options.employees, NULL},
                                      {OPTION_ISSUE_DATE, &options.issue_date, NULL},
                                      {OPTION_TEMPLATES, &options.templates, NULL},
                                      {OPTION_ALLOW_TEST_IDS, &options.allow_test_ids, NULL},
                                      {OPTION_WAIVERS, &options.waivers, NULL},
                                      {OPTION_MAX_FINDINGS, &out.most, NULL}};
    int first, code;

    if (!options_parse(command, argc, argv, uses, sizeof uses / sizeof *uses, &first, &code))
        return code;
    if (!command_words(command, argc - first, 1, 1, "PAYROLL.json", &code))
        return code;
    if (!output || only.count != 1)
        return command_misuse(command, output ? "--only CERTIFICATE must be given, exactly once" : "missing: -o FILE");
    code = only_run(command, &out, &options, &only, argv + first, 1, output);
    return code;
}
