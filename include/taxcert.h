/* taxcert: certificates from payroll data. The public interface.
 * The program taxcert is a client of this header. Nothing else is exported. */
#ifndef TAXCERT_H
#define TAXCERT_H

#include <stdbool.h>

#define TC_API __attribute__((visibility("default")))
#define TC_VERSION "0.1.0"

/* Exit codes of the program as well; append-only. */
enum tc_code {
    TC_OK = 0,
    TC_WITHHELD = 1, /* finished, some certificates withheld */
    TC_USAGE = 2,    /* usage or template mistake; nothing was written */
    TC_INPUT = 3,    /* input unreadable or invalid as a whole */
    TC_IO = 4        /* input/output, memory or internal */
};

/* A fatal error. Owned by the caller, fixed size, set once: the first error wins.
 * message is one sentence that never holds an input value. */
struct tc_error {
    enum tc_code code;
    char file[256];
    char pointer[192];
    char rule[64];
    char message[256];
};

struct tc_options {
    const char *payroll;    /* path */
    const char *employees;  /* path, or NULL when payroll holds both */
    const char *output;     /* run folder to make */
    const char *templates;  /* folder of templates, or NULL for the installed one */
    const char *issued;     /* YYYY-MM-DD, or NULL for the one in payroll */
    bool allow_test_ids;    /* rules may let test identifiers pass */
    bool require_ticket;    /* rules may demand a transfer ticket */
    unsigned language;      /* of rule messages: index into the template's languages */
};

struct tc_result {
    long certificates; /* in the input */
    long issued;
    long withheld;
    long warnings;
};

/* Makes the run folder. Returns the exit code; err is filled for codes above TC_WITHHELD. */
TC_API enum tc_code tc_generate(const struct tc_options *options, struct tc_result *result,
                                struct tc_error *err);

#endif
