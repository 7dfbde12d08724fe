#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "taxcert.h"

static const char usage[] =
    "usage: taxcert generate [--employees FILE] [--templates DIR] [--issued YYYY-MM-DD]\n"
    "                        [--allow-test-ids] [--require-ticket] PAYROLL.json -o RUN\n";

static const struct option long_options[] = {
    {"employees", required_argument, NULL, 'e'}, {"templates", required_argument, NULL, 't'},
    {"issued", required_argument, NULL, 'i'},    {"output", required_argument, NULL, 'o'},
    {"allow-test-ids", no_argument, NULL, 'a'},  {"require-ticket", no_argument, NULL, 'r'},
    {"help", no_argument, NULL, 'h'},            {"version", no_argument, NULL, 'v'},
    {NULL, 0, NULL, 0},
};

/* Fills options; true to go on, false with *code to leave with. */
static bool parse(int argc, char **argv, struct tc_options *options, enum tc_code *code)
{
    int c;

    *code = TC_USAGE;
    options->templates = getenv("TAXCERT_TEMPLATES");
    while ((c = getopt_long(argc, argv, "o:hv", long_options, NULL)) != -1) {
        switch (c) {
        case 'e': options->employees = optarg; break;
        case 't': options->templates = optarg; break;
        case 'i': options->issued = optarg; break;
        case 'a': options->allow_test_ids = true; break;
        case 'r': options->require_ticket = true; break;
        case 'o': options->output = optarg; break;
        case 'h': *code = TC_OK; fputs(usage, stdout); return false;
        case 'v': *code = TC_OK; puts("taxcert " TC_VERSION); return false;
        default: return false;
        }
    }
    if (argc - optind != 2 || strcmp(argv[optind], "generate") != 0 || !options->output) {
        fputs(usage, stderr);
        return false;
    }
    options->payroll = argv[optind + 1];
    return true;
}

int main(int argc, char **argv)
{
    struct tc_options options = {0};
    struct tc_result result;
    struct tc_error err = {0};
    enum tc_code code;

    if (!parse(argc, argv, &options, &code))
        return code;
    code = tc_generate(&options, &result, &err);
    if (err.code) {
        fprintf(stderr, "taxcert: %s%s%s: %s [%s]\n", err.file, *err.pointer ? "#" : "", err.pointer, err.message, err.rule);
        return code;
    }
    printf("certificates %ld = issued %ld + withheld %ld, warnings %ld, in %s\n", result.certificates, result.issued, result.withheld,
           result.warnings, options.output);
    return fflush(stdout) == 0 ? (int)code : TC_IO;
}
