#include <stdio.h>

#include "commands/options.h"

static int run(const struct command *command, int argc, char **argv);

const struct command command_seal = {
    .name = "seal",
    .usage = "seal [--key FILE [-o FILE]] RUN",
    .summary = "Prints the run's seal: one hash over its list of hashes and its event log so far. Kept elsewhere, it is "
               "what verify --expect needs.\nWith --key (PEM: a private key and its certificate) it is also signed, into "
               "RUN.seal.pem: CMS, for verify --pub or\nopenssl cms -verify -inform PEM -in RUN.seal.pem -CAfile "
               "CERTIFICATE -purpose any\n",
    .run = run,
};

static int run(const struct command *command, int argc, char **argv)
{
    struct tc_seal_options calls = {.key = NULL};
    const struct option_use uses[] = {{OPTION_KEY, &calls.key, NULL},
                                      {OPTION_OUTPUT, &calls.output, "where to write; default: RUN.seal.pem"}};
    struct tc_error err = {0};
    char seal[TC_SEAL];
    char run_folder[COMMAND_PATH];
    int code;

    if (!options_of_run(command, argc, argv, uses, sizeof uses / sizeof *uses, run_folder, &code))
        return code;
    if (calls.output && !calls.key)
        return command_misuse(command, "-o belongs to --key");
    if (tc_seal(run_folder, &calls, seal, &err) != TC_OK)
        return command_fail(command, &err);
    command_tell(command, stdout, "seal %s", seal);
    return TC_OK;
}
