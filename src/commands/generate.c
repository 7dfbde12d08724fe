/* generate, and check: the same without anything written. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "commands/command.h"

static const struct option long_options[] = {
    {"employees", required_argument, NULL, 'e'}, {"templates", required_argument, NULL, 't'},
    {"issued", required_argument, NULL, 'i'},    {"output", required_argument, NULL, 'o'},
    {"jobs", required_argument, NULL, 'j'},      {"language", required_argument, NULL, 'l'},
    {"allow-test-ids", no_argument, NULL, 'a'},  {"require-ticket", no_argument, NULL, 'r'},
    {"draft", no_argument, NULL, 'd'},           {"json", no_argument, NULL, 'J'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

#define INPUT_HELP \
    "  -e, --employees FILE   the employees, when they are not in PAYROLL.json\n" \
    "      --issued DATE      issue date YYYY-MM-DD, instead of the payroll's\n" \
    "      --templates DIR    the forms; also by TAXCERT_TEMPLATES\n" \
    "      --allow-test-ids   let test identifiers pass, for trial runs\n" \
    "      --require-ticket   withhold certificates without a transfer ticket\n" \
    "      --language N       language of rule messages: 0 the form's first, 1 its second\n" \
    "  -j, --jobs N           threads; default: all cores\n" \
    "      --json             the result as JSON on standard output, a finding a line\n"

static int run_generate(int argc, char **argv);
static int run_check(int argc, char **argv);

const struct command command_generate = {
    "generate", "generate [OPTIONS] [-e EMPLOYEES.json] PAYROLL.json -o RUN",
    "The year-end run: makes the folder RUN with a certificate per person, the workbook and the ledger.\n"
    "Exit code 0: all issued, 1: some withheld, 2: usage or template, 3: input, 4: disk or memory.\n\n"
    "  -o, --output RUN       the run folder to make\n"
    "      --draft            mark every page as a draft\n" INPUT_HELP,
    run_generate,
};

const struct command command_check = {
    "check", "check [OPTIONS] [-e EMPLOYEES.json] PAYROLL.json",
    "Everything generate would find, layout included; nothing is written. Exit code 1 where anyone would be withheld.\n\n"
    INPUT_HELP,
    run_check,
};

struct output {
    bool json;
};

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
}

static void print_string(const char *text)
{
    putchar('"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            putchar('\\');
        putchar(*text);
    }
    putchar('"');
}

static void print_member(const char *key, const char *value)
{
    printf(",\"%s\":", key);
    if (value)
        print_string(value);
    else
        printf("null");
}

static void on_finding(void *ctx, const struct tc_finding *f)
{
    const struct output *out = ctx;

    if (!out->json) {
        fprintf(stderr, "%s: %s %s#%s [%s]: %s\n", f->error ? "withheld" : "warning",
                f->personnel_number ? f->personnel_number : "?", f->file, f->pointer, f->rule, f->message);
        return;
    }
    printf("{\"finding\":\"%s\"", f->error ? "error" : "warning");
    print_member("personnel_number", f->personnel_number);
    print_member("certificate", f->certificate);
    print_member("file", f->file);
    print_member("pointer", f->pointer);
    print_member("rule", f->rule);
    print_member("message", f->message);
    puts("}");
}

static bool on_progress(void *ctx, long done, long all)
{
    const struct output *out = ctx;

    if (!out->json)
        command_progress("certificates", done, all);
    return !interrupted;
}

static void print_json(const struct tc_result *r)
{
    printf("{\"certificates\":%ld,\"issued\":%ld,\"withheld\":%ld,\"warnings\":%ld,\"without_certificate\":%ld,"
           "\"unexplained\":%ld,\"currency\":\"%s\",\"totals\":{", r->certificates, r->issued, r->withheld, r->warnings,
           r->without, r->unexplained, r->currency);
    for (int i = 0; i < r->total_count; i++)
        printf("%s\"%s\":\"%s\"", i ? "," : "", r->totals[i].line, r->totals[i].text);
    puts("}}");
}

static void print_result(const struct tc_options *options, const struct tc_result *r)
{
    printf("certificates %ld = issued %ld + withheld %ld, warnings %ld\n", r->certificates, r->issued, r->withheld, r->warnings);
    printf("employees without a certificate %ld, of these unexplained %ld\n", r->without, r->unexplained);
    for (int i = 0; i < r->total_count; i++)
        printf("total of line %s: %s %s\n", r->totals[i].line, r->totals[i].text, r->currency);
    if (options->output)
        printf("see %s/summary.xlsx\n", options->output);
}

/* True to go on; else *code is what to leave with. */
static bool parse(const struct command *command, int argc, char **argv, struct tc_options *o, struct output *out, int *code)
{
    int c;

    while ((c = getopt_long(argc, argv, "e:o:j:h", long_options, NULL)) != -1) {
        switch (c) {
        case 'e': o->employees = optarg; break;
        case 't': o->templates = optarg; break;
        case 'i': o->issued = optarg; break;
        case 'j': o->jobs = atoi(optarg); break;
        case 'l': o->language = (unsigned)atoi(optarg); break;
        case 'd': o->draft = true; break;
        case 'a': o->allow_test_ids = true; break;
        case 'r': o->require_ticket = true; break;
        case 'J': out->json = true; break;
        case 'o': o->output = optarg; break;
        case 'h': *code = command_help(command); return false;
        default: *code = command_misuse(command); return false;
        }
    }
    if (argc - optind == 1 && o->jobs >= 0) {
        o->payroll = argv[optind];
        return true;
    }
    *code = command_misuse(command);
    return false;
}

static int run(const struct command *command, int argc, char **argv)
{
    struct output out = {.json = false};
    struct tc_options options = {.ctx = &out, .on_finding = on_finding, .on_progress = on_progress};
    struct sigaction action = {.sa_handler = on_signal};
    struct tc_result result;
    struct tc_error err = {0};
    int code;

    if (!parse(command, argc, argv, &options, &out, &code))
        return code;
    if ((command == &command_generate) != (options.output != NULL))
        return command_misuse(command);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    code = tc_generate(&options, &result, &err);
    if (err.code)
        return command_fail(&err);
    if (out.json)
        print_json(&result);
    else
        print_result(&options, &result);
    return fflush(stdout) == 0 ? code : TC_IO;
}

static int run_generate(int argc, char **argv)
{
    return run(&command_generate, argc, argv);
}

static int run_check(int argc, char **argv)
{
    return run(&command_check, argc, argv);
}
