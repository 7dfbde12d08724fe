#include "commands/command.h"

static int run(int argc, char **argv);

const struct command command_find = {
    "find", "find [--json] RUN TEXT...",
    "Who is it? The certificates of everybody whose name, personnel number, tax id or certificate id holds each word of\n"
    "TEXT; case, accents and the spelling of umlauts do not matter. Prints, separated by tabs: personnel number, certificate id,\n"
    "issued or withheld, the PDF in RUN, and what the form tells people apart by.\n\n"
    "      --json             a JSON object a certificate\n",
    run,
};

/* The words joined again; 0 where there is no room for them. */
static bool join(char **words, int count, char *text, size_t size)
{
    size_t at = 0;

    for (int i = 0; i < count && at < size; i++)
        at += (size_t)snprintf(text + at, size - at, "%s%s", i ? " " : "", words[i]);
    return at < size;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {{"json", no_argument, NULL, 'J'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    struct tc_error err = {0};
    bool json = false;
    char text[1000];
    int c;

    while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        switch (c) {
        case 'J': json = true; break;
        case 'h': return command_help(&command_find);
        default: return command_misuse(&command_find);
        }
    }
    if (argc - optind < 2 || !join(argv + optind + 1, argc - optind - 1, text, sizeof text))
        return command_misuse(&command_find);
    command_note_superseded(argv[optind]);
    return tc_find(argv[optind], text, json, stdout, &err) == TC_OK ? TC_OK : command_fail(&err);
}
