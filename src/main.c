#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "commands/command.h"

static const struct command *const commands[] = {
    &command_import, &command_generate,   &command_check,   &command_preview, &command_correct, &command_issue,    &command_reprint,
    &command_find,   &command_explain,    &command_summary, &command_verify,  &command_seal,    &command_template, &command_batch,
    &command_copies, &command_deliveries, &command_send,    &command_file,    &command_purge};

static int help(const struct command *asked, FILE *to, int code)
{
    fprintf(to, "%s taxcert %s\n\n", tc_word(asked->words, "usage:"), tc_word(asked->words, "COMMAND ..."));
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        fprintf(to, "  taxcert %s\n", tc_word(asked->words, commands[i]->usage));
    fputc('\n', to);
    command_tell(asked, to, "taxcert COMMAND --help tells more.");
    return code;
}

static int version(const struct command *asked, bool verbose)
{
    int landlock = tc_sandbox_version();

    printf("taxcert " TC_VERSION "\n");
    if (verbose && landlock)
        command_tell(asked, stdout,
                     "check, find and explain can write no file, verify only in a folder of its own; no network: Landlock %d", landlock);
    else if (verbose)
        command_tell(asked, stdout, "check, find and explain are not confined: this kernel has no Landlock");
    if (verbose && tc_sandbox_calls())
        command_tell(asked, stdout, "check, find, explain and verify have given up the system calls they do not need: seccomp");
    else if (verbose)
        command_tell(asked, stdout,
                     "no system calls are given up: this kernel has no seccomp, or this program was built without libseccomp");
    return TC_OK;
}

/* What the option is given last; NULL: it is not. least: letters that are enough, as getopt_long takes it. Looked for before anything
 * else is, for mistakes in the words are told in the language too. */
static const char *given(int argc, char **argv, const char *option, size_t least)
{
    const char *value = NULL;

    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        size_t length = strcspn(argv[i], "=");

        if (length < least || strncmp(argv[i], option, length) != 0 || length > strlen(option))
            continue;
        value = argv[i][length] ? argv[i] + length + 1 : i + 1 < argc ? argv[i + 1] : value;
    }
    return value;
}

/* Finds the console's language and its words, which are to be freed. False with err where one is asked for that there is not: then that is told in
 * the language of the surroundings. */
static bool speak(struct command *asked, int argc, char **argv, char language[TC_LANGUAGE_SIZE], struct tc_words **words,
                  struct tc_error *err)
{
    const char *templates = given(argc, argv, "--templates", 3);
    struct tc_error ignored;
    bool spoken = tc_language(templates, given(argc, argv, "--lang", 4), language, err) == TC_OK;

    if (!spoken && tc_language(templates, NULL, language, &ignored) != TC_OK)
        strcpy(language, "en");
    *words = tc_words_load(templates, language, &ignored); /* the run says what is wrong with the file */
    asked->language = language;
    asked->words = *words;
    return spoken;
}

static const struct command *find(const char *name)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (!strcmp(name, commands[i]->name))
            return commands[i];
    return NULL;
}

/* Runs a command, in the language of the one asked for. */
static int run(const struct command *asked, const struct command *command, int argc, char **argv)
{
    struct command spoken = *command;

    spoken.language = asked->language;
    spoken.words = asked->words;
    return spoken.run(&spoken, argc, argv);
}

/* The word is no value of the data, and yet only the one that was meant is said: it may be a path. */
static void tell_no_command(const struct command *asked, const char *word)
{
    const char *names[sizeof commands / sizeof *commands], *near;

    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        names[i] = commands[i]->name;
    near = tc_nearest(word, names, sizeof names / sizeof *names);
    fputs("taxcert: ", stderr);
    if (!*word)
        command_tell(asked, stderr, "missing: COMMAND");
    else if (near)
        command_tell(asked, stderr, "this command does not exist (nearest known name: %s); the commands are:", near);
    else
        command_tell(asked, stderr, "this command does not exist; the commands are:");
}

static int obey(const struct command *asked, int argc, char **argv)
{
    const char *first = argc > 1 ? argv[1] : "";
    bool helps = !strcmp(first, "help");
    const struct command *command = find(helps && argc > 2 ? argv[2] : first);

    if (command)
        return helps ? run(asked, command, 2, (char *[]){argv[2], "--help", NULL}) : run(asked, command, argc - 1, argv + 1);
    if (!strcmp(first, "--version"))
        return version(asked, argc > 2 && !strcmp(argv[2], "--verbose"));
    if (helps || !strcmp(first, "--help") || !strcmp(first, "-h"))
        return help(asked, stdout, TC_OK);
    tell_no_command(asked, first);
    return help(asked, stderr, TC_USAGE);
}

/* Memory holds names, wages, passwords: where the program crashes, none of it goes into a file. */
static void leave_no_core(void)
{
    struct rlimit none;

    if (getrlimit(RLIMIT_CORE, &none) != 0)
        return;
    none.rlim_cur = 0;
    setrlimit(RLIMIT_CORE, &none);
}

/* Where one of the three streams is closed, a file of the run would take its number and get what is told. Open for reading alone: what is told
 * there is lost, and known to be. */
static void keep_streams(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDONLY);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

int main(int argc, char **argv)
{
    struct command asked = {.name = "taxcert"};
    char language[TC_LANGUAGE_SIZE];
    struct tc_error err = {0};
    struct tc_words *words;
    int code, behind = 0;

    keep_streams();
    leave_no_core();
    signal(SIGXFSZ, SIG_IGN); /* a file too large is a failed write, not an end */
    signal(SIGPIPE, SIG_IGN);
    if (argc > 1 && !strncmp(argv[1], "--lang", 6)) /* in front of the command too */
        behind = argv[1][6] == '=' || argc < 3 ? 1 : 2;
    if (speak(&asked, argc, argv, language, &words, &err))
        code = obey(&asked, argc - behind, argv + behind);
    else
        code = command_fail(&asked, &err);
    code = command_end(&asked, code);
    tc_words_free(words);
    return code;
}
