/* generate; check: the same without anything written; correct: the same for what has changed since. */
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

#define SEVERAL_HELP \
    "\nSeveral employers: in place of PAYROLL.json a folder, or several payrolls, and OUT for RUN. In a folder every NAME.json\n" \
    "that is a payroll is an employer, and every NAME/payroll.json; beside it NAME.employees.json or NAME/employees.json,\n" \
    "and NAME.waivers.json or NAME/waivers.json.\n"

static int run_generate(int argc, char **argv);
static int run_check(int argc, char **argv);
static int run_correct(int argc, char **argv);

const struct command command_generate = {
    "generate", "generate [OPTIONS] [-e EMPLOYEES.json] PAYROLL.json -o RUN",
    "The year-end run: makes the folder RUN with a certificate per person, the workbook and the ledger.\n" SEVERAL_HELP
    "OUT gets a run folder for each and employers.xlsx, which lists them; a fatal error of one stops no other.\n\n"
    "Exit code 0: all issued, 1: some withheld, 2: usage or template, 3: input, 4: disk or memory.\n\n"
    "  -o, --output RUN       the run folder to make\n"
    "      --draft            mark every page as a draft\n" INPUT_HELP,
    run_generate,
};

const struct command command_check = {
    "check", "check [OPTIONS] [-e EMPLOYEES.json] PAYROLL.json",
    "Everything generate would find, layout included; nothing is written. Exit code 1 where anyone would be withheld.\n"
    SEVERAL_HELP "\n" INPUT_HELP,
    run_check,
};

const struct command command_correct = {
    "correct", "correct [OPTIONS] [-e EMPLOYEES.json] RUN CHANGES.json [-o RUN2]",
    "Corrections, cancellations and late certificates: CHANGES.json is the year's payroll as it is now, but with only those\n"
    "certificates that are others than in RUN, or new. One that was issued before says why: \"correction\": {\"reason\": \"...\"};\n"
    "\"cancellations\" lists those that are void: {\"certificate\": \"...\", \"reason\": \"...\"}.\n"
    "RUN2 holds the new certificates, marked as corrections, and ledger and workbook of the whole year as it is now, with\n"
    "what was changed, old and new. RUN stays as it is but for a line in its event log. Without -o nothing is written.\n\n"
    "Exit code 1: some of the changes are withheld; what was valid before stays so.\n\n"
    "  -o, --output RUN2      the run folder to make\n"
    "      --draft            mark every new page as a draft too, and leave RUN's event log alone\n" INPUT_HELP,
    run_correct,
};

#define RULES_MAX 300

/* How often a rule was broken. */
struct tally {
    char rule[64];
    long count;
};

struct tallies {
    struct tally list[RULES_MAX];
    size_t count;
};

struct output {
    bool json, corrects;
    struct tc_words *words;
    long shown, most;           /* findings told one by one */
    struct tallies one, all;    /* of the run in hand; of all employers */
    const char *employer;       /* whose run is in hand, where there are several */
    size_t turn, turns;
    long states[3];             /* employers: all issued, some withheld, failed */
    struct tc_result sums;      /* over employers */
};

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
    alarm(1);
}

/* Who asked to stop waits a second at most, in phases too that never look (loading, scanning, the last sync). A run that ends
 * anywhere is taken up again by the same command, as after a kill. */
static void on_patience_over(int number)
{
    static const char words[] = "taxcert: the run was interrupted; the same command takes it up again [interrupted]\n";

    (void)number;
    if (write(STDERR_FILENO, words, sizeof words - 1) < 0)
        _exit(TC_IO); /* nobody reads it: the code says the same */
    _exit(TC_IO);
}

static void obey_signals(void)
{
    struct sigaction stop = {.sa_handler = on_signal}, over = {.sa_handler = on_patience_over};

    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGALRM, &over, NULL);
}

static void print_string(const char *text)
{
    putchar('"');
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20) {
            printf("\\u%04x", (unsigned)*text);
            continue;
        }
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

static void count_rule(struct tallies *t, const char *rule)
{
    size_t i = 0;

    while (i < t->count && strcmp(t->list[i].rule, rule) != 0)
        i++;
    if (i == RULES_MAX)
        return;
    if (i == t->count)
        snprintf(t->list[t->count++].rule, sizeof t->list[i].rule, "%s", rule);
    t->list[i].count++;
}

static void on_finding(void *ctx, const struct tc_finding *f)
{
    struct output *out = ctx;

    count_rule(&out->one, f->rule);
    count_rule(&out->all, f->rule);
    if (out->shown++ >= out->most)
        return;
    if (!out->json) {
        fprintf(stderr, "%s: %s %s%s%s#%s [%s]: %s%s%s%s%s%s%s%s%s\n", tc_word(out->words, f->error ? "withheld" : f->waived ? "waived" : "warning"),
                f->personnel_number ? f->personnel_number : "?", f->employer ? f->employer : "", f->employer ? "/" : "", f->file, f->pointer, f->rule, f->message,
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
    if (f->employer)
        print_member("employer", f->employer);
    puts("}");
}

static bool on_progress(void *ctx, long done, long all)
{
    const struct output *out = ctx;
    char what[80] = "certificates";

    if (out->employer)
        snprintf(what, sizeof what, "%zu/%zu %s", out->turn, out->turns, out->employer);
    if (!out->json)
        command_progress(what, done, all);
    return !interrupted;
}

static int by_count(const void *a, const void *b)
{
    const struct tally *x = a, *y = b;

    return x->count != y->count ? (x->count < y->count ? 1 : -1) : strcmp(x->rule, y->rule);
}

static void print_counts_json(const struct tc_result *r)
{
    printf("\"certificates\":%ld,\"issued\":%ld,\"withheld\":%ld,\"warnings\":%ld,\"waived\":%ld,\"without_certificate\":%ld,"
           "\"unexplained\":%ld", r->certificates, r->issued, r->withheld, r->warnings, r->waived, r->without, r->unexplained);
}

static void print_rules_json(struct tallies *t)
{
    qsort(t->list, t->count, sizeof *t->list, by_count);
    printf(",\"rules\":{");
    for (size_t i = 0; i < t->count; i++)
        printf("%s\"%s\":%ld", i ? "," : "", t->list[i].rule, t->list[i].count);
    putchar('}');
}

/* Members of an object. */
static void print_json(struct output *out, const struct tc_result *r)
{
    print_counts_json(r);
    printf(",\"currency\":\"%s\",\"totals\":{", r->currency);
    for (int i = 0; i < r->total_count; i++)
        printf("%s\"%s\":\"%s\"", i ? "," : "", r->totals[i].line, r->totals[i].text);
    if (out->corrects)
        printf("},\"changes\":{\"corrected\":%ld,\"cancelled\":%ld,\"late\":%ld,\"withheld\":%ld", r->corrected, r->cancelled, r->late, r->refused);
    printf("},\"reconciled\":\"%s\",\"differences\":%ld", r->reconciled == TC_RECONCILED ? "yes"
           : r->reconciled == TC_DIFFERENT ? "no" : "not checked", r->differences);
    printf(",\"undeclared_months\":%ld,\"wrong_declarations\":%ld", r->undeclared, r->wrong_declarations);
    print_rules_json(&out->one);
}

static void print_rules(const struct output *out, struct tallies *t)
{
    if (out->shown > out->most)
        printf("%s %ld %s %ld\n", tc_word(out->words, "findings shown"), out->most, tc_word(out->words, "of"), out->shown);
    qsort(t->list, t->count, sizeof *t->list, by_count);
    for (size_t i = 0; i < t->count; i++)
        printf("%7ld %s %s\n", t->list[i].count, tc_word(out->words, "times"), t->list[i].rule);
}

/* between: what parts the two halves. */
static void print_counts(const struct tc_words *w, const struct tc_result *r, const char *between)
{
    printf("%s %ld = %s %ld + %s %ld, %s %ld, %s %ld%s", tc_word(w, "certificates"), r->certificates, tc_word(w, "issued"), r->issued,
           tc_word(w, "withheld"), r->withheld, tc_word(w, "warnings"), r->warnings, tc_word(w, "waived"), r->waived, between);
    printf("%s %ld, %s %ld", tc_word(w, "employees without a certificate"), r->without, tc_word(w, "of these unexplained"),
           r->unexplained);
}

static const char *reconciled(const struct tc_words *w, const struct tc_result *r)
{
    return tc_word(w, r->reconciled == TC_RECONCILED   ? "certificates and declarations agree"
                      : r->reconciled == TC_DIFFERENT ? "CERTIFICATES AND DECLARATIONS DIFFER"
                                                      : "no declarations in the input: not reconciled");
}

static void print_result(struct output *out, const struct tc_options *options, const struct tc_result *r)
{
    const struct tc_words *w = out->words;

    print_rules(out, &out->one);
    if (options->corrects)
        printf("%s %ld, %s %ld, %s %ld, %s %ld\n", tc_word(w, "corrected"), r->corrected, tc_word(w, "cancelled"), r->cancelled,
               tc_word(w, "late"), r->late, tc_word(w, "changes withheld"), r->refused);
    print_counts(w, r, "\n");
    printf("\n");
    for (int i = 0; i < r->total_count; i++)
        printf("%s %s: %s %s\n", tc_word(w, "total of line"), r->totals[i].line, r->totals[i].text, r->currency);
    printf("%s\n", reconciled(w, r));
    if (r->undeclared > 0)
        printf("%s %ld\n", tc_word(w, "months without a declaration"), r->undeclared);
    if (r->wrong_declarations > 0)
        printf("%s %ld\n", tc_word(w, "declarations whose totals do not add up"), r->wrong_declarations);
    if (options->output)
        printf("%s %s/summary.xlsx\n", tc_word(w, "see"), options->output);
}

static void add_result(struct tc_result *sums, const struct tc_result *r)
{
    sums->certificates += r->certificates;
    sums->issued += r->issued;
    sums->withheld += r->withheld;
    sums->warnings += r->warnings;
    sums->waived += r->waived;
    sums->without += r->without;
    sums->unexplained += r->unexplained;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static void print_employer_json(struct output *out, const struct tc_employer *e)
{
    printf("{\"code\":%d,", (int)e->code);
    if (e->code > TC_WITHHELD) {
        printf("\"state\":\"failed\"");
        print_member("file", base_name(e->err.file));
        print_member("pointer", e->err.pointer);
        print_member("rule", e->err.rule);
        print_member("message", e->err.message);
    } else {
        printf("\"state\":\"%s\",", e->code == TC_OK ? "all issued" : "some withheld");
        print_json(out, &e->result);
    }
    print_member("employer", e->name);
    puts("}");
}

static void on_employer(void *ctx, const struct tc_employer *e, bool ended)
{
    struct output *out = ctx;
    bool made = e->code <= TC_WITHHELD;

    if (!ended) {
        out->employer = e->name;
        out->turn++;
        out->one = (struct tallies){0};
        return;
    }
    out->states[made ? e->code : 2]++;
    if (made)
        add_result(&out->sums, &e->result);
    else
        command_fail(&e->err);
    if (out->json) {
        print_employer_json(out, e);
        return;
    }
    printf("%s: ", e->name);
    if (made) {
        print_counts(out->words, &e->result, ", ");
        printf(", %s\n", reconciled(out->words, &e->result));
    } else {
        printf("%s [%s]\n", tc_word(out->words, "failed"), e->err.rule);
    }
}

static void print_all(struct output *out, const struct tc_options *options, int code)
{
    const struct tc_words *w = out->words;

    if (out->json) {
        printf("{\"employers\":%zu,\"all_issued\":%ld,\"some_withheld\":%ld,\"failed\":%ld,\"code\":%d,", out->turns, out->states[0],
               out->states[1], out->states[2], code);
        print_counts_json(&out->sums);
        print_rules_json(&out->all);
        puts("}");
        return;
    }
    print_rules(out, &out->all);
    printf("%s %zu = %s %ld + %s %ld + %s %ld; ", tc_word(w, "employers"), out->turns, tc_word(w, "all issued"), out->states[0],
           tc_word(w, "some withheld"), out->states[1], tc_word(w, "failed"), out->states[2]);
    print_counts(w, &out->sums, ", ");
    printf("\n");
    if (options->output)
        printf("%s %s/employers.xlsx\n", tc_word(w, "see"), options->output);
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
    bool fine = true;
    long number = 0;
    int c;

    while ((c = getopt_long(argc, argv, "e:o:j:h", long_options, NULL)) != -1) {
        switch (c) {
        case 'e': o->employees = optarg; break;
        case 't': o->templates = optarg; break;
        case 'i': o->issued = optarg; break;
        case 'j': fine &= command_number(optarg, 0, 64, &number); o->jobs = (int)number; break;
        case 'l': o->language = optarg; break;
        case 'w': o->waivers = optarg; break;
        case 'm': fine &= command_number(optarg, 0, LONG_MAX, &out->most); break;
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
    if (fine && argc > optind)
        return true;
    *code = command_misuse(command);
    return false;
}

static int run_one(struct output *out, struct tc_options *options, const char *payroll, struct tc_error *err)
{
    struct tc_result result;
    int code;

    options->payroll = payroll;
    code = tc_generate(options, &result, err);
    if (err->code)
        return code;
    if (out->json) {
        putchar('{');
        print_json(out, &result);
        puts("}");
    } else {
        print_result(out, options, &result);
    }
    return code;
}

static int run_several(struct output *out, const struct tc_options *options, char **paths, int count, struct tc_error *err)
{
    struct tc_employers employers;
    int code = tc_employers_find((const char *const *)paths, (size_t)count, &employers, err);

    if (err->code)
        return code;
    out->turns = employers.count;
    code = tc_generate_all(&employers, options, on_employer, err);
    if (!err->code)
        print_all(out, options, code);
    tc_employers_free(&employers);
    return code;
}

static bool is_folder(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static int run(const struct command *command, int argc, char **argv)
{
    struct output out = {.most = 1000};
    struct tc_options options = {.ctx = &out, .on_finding = on_finding, .on_progress = on_progress};
    struct tc_error err = {0};
    int code;

    if (!parse(command, argc, argv, &options, &out, &code))
        return code;
    if ((command == &command_generate && !options.output) || (command == &command_check && options.output)
        || (command == &command_correct && argc - optind != 2))
        return command_misuse(command);
    if (command == &command_correct)
        options.corrects = argv[optind++];
    out.corrects = options.corrects != NULL;
    obey_signals();
    out.words = tc_words_load(options.templates, options.language);
    if (!options.corrects && (argc - optind > 1 || is_folder(argv[optind])))
        code = run_several(&out, &options, argv + optind, argc - optind, &err);
    else
        code = run_one(&out, &options, argv[optind], &err);
    tc_words_free(out.words);
    if (err.code)
        return command_fail(&err);
    return command_end(code);
}

static int run_generate(int argc, char **argv)
{
    return run(&command_generate, argc, argv);
}

static int run_check(int argc, char **argv)
{
    return run(&command_check, argc, argv);
}

static int run_correct(int argc, char **argv)
{
    return run(&command_correct, argc, argv);
}
