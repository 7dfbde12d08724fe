#include <stdio.h>

#include "commands/options.h"

static int run(const struct command *command, int argc, char **argv);

const struct command command_send = {
    .name = "send",
    .usage = "send --mail FILE --copies FOLDER [options] RUN | send --resolve CERTIFICATE=arrived|again|bounced RUN",
    .summary = "By e-mail: the encrypted copies of all certificates that go out by mail, each to one address, at most "
               "once, over TLS.\nA message without a clear outcome is unknown and is never sent again automatically: "
               "--resolve records what somebody found out. Exit code 5: some are unknown.\n",
    .run = run,
};

static void on_told(void *ctx, const struct tc_send_told *told)
{
    const struct command *command = ctx;
    const char *state = tc_word(command->words, told->state);

    if (told->reply > 0)
        command_tell(command, stdout, "%s+%s: %s (%ld)", told->personnel_number, told->certificate, state, told->reply);
    else
        command_tell(command, stdout, "%s+%s: %s", told->personnel_number, told->certificate, state);
}

static int run(const struct command *command, int argc, char **argv)
{
    struct tc_send_options options = {.ctx = (void *)command, .on_told = on_told};
    const struct option_use uses[] = {
        {OPTION_MAIL, &options.config, NULL},   {OPTION_COPIES, &options.copies, NULL},   {OPTION_LIMIT, &options.limit, NULL},
        {OPTION_SHARED, &options.shared, NULL}, {OPTION_RESOLVE, &options.resolve, NULL},
    };
    struct tc_send_result r;
    struct tc_error err = {0};
    char run_folder[COMMAND_PATH];
    int code;

    if (!options_of_run(command, argc, argv, uses, sizeof uses / sizeof *uses, run_folder, &code))
        return code;
    command_obey(command, "the command was interrupted");
    if (!options.resolve && (!options.config || !options.copies))
        return command_misuse(command, "missing: --mail FILE and --copies FOLDER, or --resolve CERTIFICATE=arrived|again|bounced");
    command_note_superseded(command, run_folder);
    code = tc_send(run_folder, &options, &r, &err);
    if (!options.resolve && code != TC_USAGE && code != TC_INPUT) /* nothing was begun then */
        command_tell(command, stdout,
                     "%ld by mail: %ld accepted now, %ld before, %ld refused, %ld unknown, %ld not sent, %ld without a usable address",
                     r.certificates, r.accepted, r.earlier, r.refused, r.unknown, r.not_sent, r.no_address);
    if (r.had_old > 0)
        command_tell(command, stdout, "%ld of them had received the earlier version: taxcert deliveries --old lists them", r.had_old);
    if (err.code) {
        fflush(stdout);
        return command_fail(command, &err);
    }
    return code;
}
