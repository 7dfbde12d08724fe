#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "taxcert.h"

static const char usage[] =
    "usage: taxcert generate [--employees FILE] [--templates DIR] [--issued YYYY-MM-DD] [--jobs N]\n"
    "                        [--allow-test-ids] [--require-ticket] PAYROLL.json -o RUN\n";

static const struct option long_options[] = {
    {"employees", required_argument, NULL, 'e'}, {"templates", required_argument, NULL, 't'},
    {"issued", required_argument, NULL, 'i'},    {"output", required_argument, NULL, 'o'},
    {"jobs", required_argument, NULL, 'j'},
    {"allow-test-ids", no_argument, NULL, 'a'},  {"require-ticket", no_argument, NULL, 'r'},
    {"help", no_argument, NULL, 'h'},            {"version", no_argument, NULL, 'v'},
    {NULL, 0, NULL, 0},
};

/* Fills options; true to go on, false with *code to leave with. */
static bool parse(int argc, char **argv, struct tc_options *options, enum tc_code *code)
{
    int c;

    *code = TC_USAGE;
    while ((c = getopt_long(argc, argv, "o:j:hv", long_options, NULL)) != -1) {
        switch (c) {
        case 'e': options->employees = optarg; break;
        case 't': options->templates = optarg; break;
        case 'i': options->issued = optarg; break;
        case 'j': options->jobs = atoi(optarg); break;
        case 'a': options->allow_test_ids = true; break;
        case 'r': options->require_ticket = true; break;
        case 'o': options->output = optarg; break;
        case 'h': *code = TC_OK; fputs(usage, stdout); return false;
        case 'v': *code = TC_OK; puts("taxcert " TC_VERSION); return false;
        default: return false;
        }
    }
    if (argc - optind != 2 || strcmp(argv[optind], "generate") != 0 || !options->output || options->jobs < 0) {
        fputs(usage, stderr);
        return false;
    }
    options->payroll = argv[optind + 1];
    return true;
}

static void print_finding(void *ctx, const struct tc_finding *f)
{
    (void)ctx;
    fprintf(stderr, "%s: %s %s#%s [%s]: %s\n", f->error ? "withheld" : "warning",
            f->personnel_number ? f->personnel_number : "?", f->file, f->pointer, f->rule, f->message);
}

static bool show_progress(void *ctx, long done, long all)
{
    (void)ctx;
    fprintf(stderr, "\r%ld of %ld certificates", done, all);
    if (done == all)
        fprintf(stderr, "\n");
    return true;
}

static void print_result(const struct tc_options *options, const struct tc_result *result)
{
    printf("certificates %ld = issued %ld + withheld %ld, warnings %ld\n", result->certificates, result->issued,
           result->withheld, result->warnings);
    printf("employees without a certificate %ld, of these unexplained %ld\n", result->without, result->unexplained);
    for (int i = 0; i < result->total_count; i++) {
        const struct tc_total *t = &result->totals[i];
        uint64_t units = t->units < 0 ? -(uint64_t)t->units : (uint64_t)t->units, power = 1;

        for (int d = 0; d < t->digits; d++)
            power *= 10;
        printf("total of line %s: %s%" PRIu64 ".%0*" PRIu64 " %s\n", t->line, t->units < 0 ? "-" : "", units / power, t->digits,
               units % power, result->currency);
    }
    printf("see %s/summary.xlsx\n", options->output);
}

int main(int argc, char **argv)
{
    struct tc_options options = {.on_finding = print_finding};
    struct tc_result result;
    struct tc_error err = {0};
    enum tc_code code;

    if (!parse(argc, argv, &options, &code))
        return code;
    if (isatty(STDERR_FILENO))
        options.on_progress = show_progress;
    code = tc_generate(&options, &result, &err);
    if (err.code) {
        fprintf(stderr, "taxcert: %s%s%s: %s [%s]\n", err.file, *err.pointer ? "#" : "", err.pointer, err.message, err.rule);
        return code;
    }
    print_result(&options, &result);
    return fflush(stdout) == 0 ? (int)code : TC_IO;
}
