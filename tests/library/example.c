/* A client of the library: a year-end run, and one certificate of it again. Compiled as C and as C++, run in the tests.
 * usage: example PAYROLL.json EMPLOYEES.json RUN ID */
#include <taxcert.h>

static int fail(const struct tc_error *err)
{
    fprintf(stderr, "%s%s%s: %s\n", err->file, *err->pointer ? "#" : "", err->pointer, err->message);
    return err->code;
}

static void on_finding(void *ctx, const struct tc_finding *finding)
{
    (void)finding;
    ++*(long *)ctx;
}

int main(int argc, char **argv)
{
    struct tc_options options = {0};
    struct tc_reprint_options again = {0};
    struct tc_result result;
    struct tc_reprinted reprinted;
    struct tc_error err;
    long findings = 0;

    if (argc != 5)
        return TC_USAGE;
    options.payroll = argv[1];
    options.employees = argv[2];
    options.output = argv[3];
    options.allow_test_ids = true;
    options.ctx = &findings;
    options.on_finding = on_finding;
    if (tc_generate(&options, &result, &err) > TC_WITHHELD)
        return fail(&err);
    printf("%ld issued, %ld withheld, %ld findings\n", result.issued, result.withheld, findings);
    again.output = "example.pdf";
    again.force = true;
    if (tc_reprint(argv[3], "no-such-id", &again, &reprinted, &err) != TC_INPUT)
        return TC_IO;
    return tc_reprint(argv[3], argv[4], &again, &reprinted, &err) == TC_OK ? TC_OK : fail(&err); /* the error before is reset */
}
