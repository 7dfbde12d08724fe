/* generate, and check: the same without anything written. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/command.h"

static const struct option long_options[] = {
    {"employees", required_argument, NULL, 'e'}, {"templates", required_argument, NULL, 't'},
    {"issued", required_argument, NULL, 'i'},    {"output", required_argument, NULL, 'o'},
    {"jobs", required_argument, NULL, 'j'},      {"lang", required_argument, NULL, 'l'},
    {"waivers", required_argument, NULL, 'w'},     {"max-findings", required_argument, NULL, 'm'},
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
    "      --waivers FILE     errors that somebody answers for: certificate, rule, reason, who\n" \
    "      --lang LANGUAGE    of rule messages: de, en; default: the locale's\n" \
    "      --max-findings N   how many findings are shown one by one; default 1000, all are counted\n" \
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

#define RULES_MAX 300

/* How often a rule was broken. */
struct tally {
    char rule[64];
    long count;
};

struct output {
    bool json;
    struct tc_words *words;
    long shown, most; /* findings told one by one */
    struct tally tallies[RULES_MAX];
    size_t tally_count;
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

static void count_rule(struct output *out, const char *rule)
{
    size_t i = 0;

    while (i < out->tally_count && strcmp(out->tallies[i].rule, rule) != 0)
        i++;
    if (i == RULES_MAX)
        return;
    if (i == out->tally_count)
        snprintf(out->tallies[out->tally_count++].rule, sizeof out->tallies[i].rule, "%s", rule);
    out->tallies[i].count++;
}

static void on_finding(void *ctx, const struct tc_finding *f)
{
    struct output *out = ctx;

    count_rule(out, f->rule);
    if (out->shown++ >= out->most)
        return;
    if (!out->json) {
        fprintf(stderr, "%s: %s %s#%s [%s]: %s%s%s%s%s%s%s%s%s\n", tc_word(out->words, f->error ? "withheld" : f->waived ? "waived" : "warning"),
                f->personnel_number ? f->personnel_number : "?", f->file, f->pointer, f->rule, f->message,
                f->source ? " (" : "", f->source ? f->source : "", f->source ? ")" : "", f->wage_types ? " (" : "", f->wage_types ? tc_word(out->words, "wage types") : "",
                f->wage_types ? ": " : "", f->wage_types ? f->wage_types : "", f->wage_types ? ")" : "");
        return;
    }
    printf("{\"finding\":\"%s\"", f->error ? "error" : f->waived ? "waived" : "warning");
    print_member("personnel_number", f->personnel_number);
    print_member("certificate", f->certificate);
    print_member("file", f->file);
    print_member("pointer", f->pointer);
    print_member("rule", f->rule);
    print_member("message", f->message);
    print_member("source", f->source);
    print_member("wage_types", f->wage_types);
    puts("}");
}

static bool on_progress(void *ctx, long done, long all)
{
    const struct output *out = ctx;

    if (!out->json)
        command_progress("certificates", done, all);
    return !interrupted;
}

static int by_count(const void *a, const void *b)
{
    const struct tally *x = a, *y = b;

    return x->count != y->count ? (x->count < y->count ? 1 : -1) : strcmp(x->rule, y->rule);
}

static void print_json(const struct output *out, const struct tc_result *r)
{
    printf("{\"certificates\":%ld,\"issued\":%ld,\"withheld\":%ld,\"warnings\":%ld,\"waived\":%ld,\"without_certificate\":%ld,"
           "\"unexplained\":%ld,\"currency\":\"%s\",\"totals\":{", r->certificates, r->issued, r->withheld, r->warnings,
           r->waived, r->without, r->unexplained, r->currency);
    for (int i = 0; i < r->total_count; i++)
        printf("%s\"%s\":\"%s\"", i ? "," : "", r->totals[i].line, r->totals[i].text);
    printf("},\"reconciled\":\"%s\",\"differences\":%ld,\"rules\":{", r->reconciled == TC_RECONCILED ? "yes"
           : r->reconciled == TC_DIFFERENT ? "no" : "not checked", r->differences);
    for (size_t i = 0; i < out->tally_count; i++)
        printf("%s\"%s\":%ld", i ? "," : "", out->tallies[i].rule, out->tallies[i].count);
    puts("}}");
}

static void print_result(const struct output *out, const struct tc_options *options, const struct tc_result *r)
{
    const struct tc_words *w = out->words;

    if (out->shown > out->most)
        printf("%s %ld %s %ld\n", tc_word(w, "findings shown"), out->most, tc_word(w, "of"), out->shown);
    for (size_t i = 0; i < out->tally_count; i++)
        printf("%7ld %s %s\n", out->tallies[i].count, tc_word(w, "times"), out->tallies[i].rule);
    printf("%s %ld = %s %ld + %s %ld, %s %ld, %s %ld\n", tc_word(w, "certificates"), r->certificates, tc_word(w, "issued"), r->issued,
           tc_word(w, "withheld"), r->withheld, tc_word(w, "warnings"), r->warnings, tc_word(w, "waived"), r->waived);
    printf("%s %ld, %s %ld\n", tc_word(w, "employees without a certificate"), r->without, tc_word(w, "of these unexplained"),
           r->unexplained);
    for (int i = 0; i < r->total_count; i++)
        printf("%s %s: %s %s\n", tc_word(w, "total of line"), r->totals[i].line, r->totals[i].text, r->currency);
    printf("%s\n", tc_word(w, r->reconciled == TC_RECONCILED ? "certificates and declarations agree"
                               : r->reconciled == TC_DIFFERENT ? "CERTIFICATES AND DECLARATIONS DIFFER"
                                                               : "no declarations in the input: not reconciled"));
    if (options->output)
        printf("%s %s/summary.xlsx\n", tc_word(w, "see"), options->output);
}

/* "de" of LC_ALL, LC_MESSAGES or LANG, the first that is set; NULL where that is no language. */
static const char *locale_language(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    static char language[3];

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);

        if (!value || !*value)
            continue;
        if (strlen(value) < 2 || (value[2] != '_' && value[2] != '.' && value[2] != '\0'))
            return "en"; /* C, POSIX */
        memcpy(language, value, 2);
        return language;
    }
    return NULL;
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
        case 'l': o->language = optarg; break;
        case 'w': o->waivers = optarg; break;
        case 'm': out->most = atol(optarg); break;
        case 'd': o->draft = true; break;
        case 'a': o->allow_test_ids = true; break;
        case 'r': o->require_ticket = true; break;
        case 'J': out->json = true; break;
        case 'o': o->output = optarg; break;
        case 'h': *code = command_help(command); return false;
        default: *code = command_misuse(command); return false;
        }
    }
    if (!o->language)
        o->language = locale_language();
    if (argc - optind == 1 && o->jobs >= 0 && out->most >= 0) {
        o->payroll = argv[optind];
        return true;
    }
    *code = command_misuse(command);
    return false;
}

static int run(const struct command *command, int argc, char **argv)
{
    struct output out = {.most = 1000};
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
    out.words = tc_words_load(options.templates, options.language);
    code = tc_generate(&options, &result, &err);
    if (err.code) {
        tc_words_free(out.words);
        return command_fail(&err);
    }
    qsort(out.tallies, out.tally_count, sizeof *out.tallies, by_count);
    if (out.json)
        print_json(&out, &result);
    else
        print_result(&out, &options, &result);
    tc_words_free(out.words);
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
