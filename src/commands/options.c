#include "commands/options.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

enum kind { FLAG, TEXT, NUMBER, LIST };

static const struct {
    const char *name, *argument, *help;
    char letter;
    enum kind kind;
    long most; /* of a number; the least is 0 */
} table[OPTION_COUNT] = {
    [OPTION_EMPLOYEES] = {"employees", "FILE", "the employee data, if they are not in PAYROLL.json", 'e', TEXT, 0},
    [OPTION_OUTPUT] = {"output", "FILE", "where to write", 'o', TEXT, 0},
    [OPTION_ISSUE_DATE] = {"issue-date", "DATE", "issue date YYYY-MM-DD, instead of that of the payroll file", 0, TEXT, 0},
    [OPTION_TEMPLATES] = {"templates", "DIR", "the forms; also by TAXCERT_TEMPLATES", 0, TEXT, 0},
    [OPTION_ALLOW_TEST_IDS] = {"allow-test-ids", NULL, "accept test identifiers, for trial runs", 0, FLAG, 0},
    [OPTION_WAIVERS] = {"waivers", "FILE", "waivers, errors accepted by a named person: certificate (or none), rule, reason, approved_by",
                        0, TEXT, 0},
    [OPTION_LANG] = {"lang", "LANGUAGE", "language of the console: de, en; default: TAXCERT_LANG, else the locale's, else en", 0, TEXT, 0},
    [OPTION_MAX_FINDINGS] = {"max-findings", "N", "show at most this many findings, default 1000; all are counted", 0, NUMBER, LONG_MAX},
    [OPTION_JOBS] = {"jobs", "N", "threads; default: all cores", 'j', NUMBER, 64},
    [OPTION_DRAFT] = {"draft", NULL, "mark every page as a draft", 0, FLAG, 0},
    [OPTION_JSON] = {"json", NULL, "the result as JSON on standard output", 0, FLAG, 0},
    [OPTION_DUPLICATE] = {"duplicate", NULL, "a visibly marked copy instead, with the same values; logged as such", 0, FLAG, 0},
    [OPTION_REASON] = {"reason", "TEXT", "kept in the event log", 0, TEXT, 0},
    [OPTION_EVEN_VOID] = {"even-void", NULL, "also a certificate that is no longer valid, as a copy marked as void", 0, FLAG, 0},
    [OPTION_LETTER] = {"letter", NULL, "for a cancelled certificate, the letter about its cancellation", 0, FLAG, 0},
    [OPTION_KEY] = {"key", "FILE", "a private key and its certificate, in PEM", 0, TEXT, 0},
    [OPTION_EXPECT] = {"expect", "SEAL", "an earlier seal of the run, kept elsewhere", 0, TEXT, 0},
    [OPTION_PUB] = {"pub", "FILE", "the certificate that RUN.seal.pem must be signed with, in PEM", 0, TEXT, 0},
    [OPTION_SIGNATURE] = {"signature", "FILE", "the file that seal --key made, if it is not RUN.seal.pem", 0, TEXT, 0},
    [OPTION_INSTEAD_OF_LOST] = {"instead-of-lost", "REASON", "RUN was corrected by a run that is lost: this run takes its place", 0, TEXT,
                                0},
    [OPTION_FORCE] = {"force", NULL, "replace an existing file", 0, FLAG, 0},
    [OPTION_CSV] = {"csv", "FILE", "the table for programs too, as RUN/summary.csv", 0, TEXT, 0},
    [OPTION_ROWS_PER_SHEET] = {"rows-per-sheet", "N", "start a new sheet after this many entries; default: the maximum of .xlsx", 0, NUMBER,
                               LONG_MAX},
    [OPTION_GIVEN] = {"given", "FILE", "a JSON file with what the layout asks for and no payroll file has, such as the submitter", 0, TEXT,
                      0},
    [OPTION_UNVERIFIED] = {"unverified", NULL, "write the file although its places were not verified, or amounts have no place in it", 0,
                           FLAG, 0},
    [OPTION_SORT] = {"sort", "KEYS", "establishment, cost_centre, postcode, name, by commas; default: postcode,name", 0, TEXT, 0},
    [OPTION_SIZE] = {"size", "N", "at most this many sheets per print file", 0, NUMBER, 999999},
    [OPTION_DUPLEX] = {"duplex", NULL,
                       "for printing on both sides: each person begins on a new sheet; its back is empty if there is no page for it", 0,
                       FLAG, 0},
    [OPTION_AGAIN] = {"again", NULL, "also people who have received it before", 0, FLAG, 0},
    [OPTION_REST] = {"rest", NULL, "only people who have not received it before", 0, FLAG, 0},
    [OPTION_MARK_AT] = {"mark-at", "X,Y", "the mark's place, millimetres from the top left corner; default: 20,278", 0, TEXT, 0},
    [OPTION_MARK_KIND] = {"mark-kind", "KIND", "digits, matrix or both", 0, TEXT, 0},
    [OPTION_CHECK] = {"check", "LOG", "the marks that the inserting machine read, one per line", 0, TEXT, 0},
    [OPTION_JOB] = {"job", "JOB", "for --check; default: the job to which most lines of LOG belong", 0, TEXT, 0},
    [OPTION_INTO] = {"into", "PAYROLL.json", "a payroll file whose certificates get the transfer tickets listed in FILE", 0, TEXT, 0},
    [OPTION_EXPLAIN] = {"explain", "NUMBER", "show where each value of this person comes from; nothing is written", 0, TEXT, 0},
    [OPTION_PASSWORDS] = {"passwords", "FILE",
                          "certificate id or personnel number, comma, password, one per line; default: passwords are generated", 0, TEXT,
                          0},
    [OPTION_LIST] = {"list", "FILE", "the list of passwords, outside of run and folder", 0, TEXT, 0},
    [OPTION_LETTERS] = {"letters", "FILE", "a print file of letters with the passwords, outside of run and folder", 0, TEXT, 0},
    [OPTION_STATE] = {"state", "STATE",
                      "only printed, sent, copied, unknown, refused, bounced, 'only the old one', 'not yet' or 'cancelled, went out'", 0,
                      TEXT, 0},
    [OPTION_OLD] = {"old", NULL, "only people who received an earlier version, or a certificate that is now void", 0, FLAG, 0},
    [OPTION_DELIVERIES] = {"deliveries", NULL, "with an additional sheet, from the logs: how each certificate went out", 0, FLAG, 0},
    [OPTION_MAIL] = {"mail", "FILE", "server, sender, words and limits", 0, TEXT, 0},
    [OPTION_COPIES] = {"copies", "FOLDER", "the encrypted copies that taxcert copies made", 0, TEXT, 0},
    [OPTION_LIMIT] = {"limit", "N", "send at most this many messages, for a first try", 0, NUMBER, LONG_MAX},
    [OPTION_SHARED] = {"shared", NULL, "two people may have the same e-mail address", 0, FLAG, 0},
    [OPTION_RESOLVE] = {"resolve", "ID=WORD", "what somebody found out: arrived or bounced; or the decision: again", 0, TEXT, 0},
    [OPTION_SUGGEST] = {"suggest", "FILE", "a mapping to begin with, guessed from FILE, on standard output", 0, TEXT, 0},
    [OPTION_SCHEMA] = {"schema", NULL, "the JSON Schema of mappings, on standard output", 0, FLAG, 0},
    [OPTION_ONLY] = {"only", "ID", "only these people (personnel numbers) or certificates (certificate ids)", 0, LIST, 0},
    [OPTION_MERGED] = {"merged", NULL, "one PDF of all of them, for the printer; -o is its name", 0, FLAG, 0},
    [OPTION_GROUP] = {"group", "GROUP", "this group of accounts may read the run and add to its log; default: nobody else", 0, TEXT, 0},
    [OPTION_JOURNAL] = {"journal", "FILE", "where to log events of a run on a medium that cannot be written to", 0, TEXT, 0},
    [OPTION_SAMPLE] = {"sample", "N",
                       "read back this many certificates, chosen at random, with pdftotext; 0: none; default: all, at most 10000", 0,
                       NUMBER, LONG_MAX},
    [OPTION_YEAR] = {"year", "YEAR", "from a folder of several runs: only those of this year", 0, NUMBER, 9999},
    [OPTION_EMPLOYER] = {"employer", "WORDS", "from a folder of several runs: only those whose employer's name has these words", 0, TEXT,
                         0},
    [OPTION_BEFORE] = {"before", "YEAR", "only runs of years before this one", 0, NUMBER, 9999},
    [OPTION_YES] = {"yes", NULL, "really purge; this cannot be undone", 0, FLAG, 0},
    [OPTION_YEARS] = {"years", "N", "keep the data for this many years after that of the run, if that is longer than the form says", 0,
                      NUMBER, 99},
    [OPTION_TODAY] = {"today", "DATE", "the day for which periods are calculated, YYYY-MM-DD; default: today", 0, TEXT, 0},
    [OPTION_MARK] = {"mark", "KIND", "mark the preview as draft, duplicate, correction or void; or letter, to show the letter", 0, TEXT, 0},
};

#define SHORT_MAX (2 * OPTION_COUNT + 5)

static void print_option(const struct command *command, const struct option_use *use)
{
    const char *argument = table[use->id].argument, *help = use->help ? use->help : table[use->id].help;
    char name[64], letter[8] = "   ";

    if (table[use->id].letter)
        snprintf(letter, sizeof letter, "-%c,", table[use->id].letter);
    snprintf(name, sizeof name, "--%s%s%s", table[use->id].name, argument ? " " : "", argument ? tc_word(command->words, argument) : "");
    printf("  %s %-18s %s\n", letter, name, tc_word(command->words, help));
}

static void print_help(const struct command *command, const struct option_use *uses, size_t count)
{
    printf("%s taxcert %s\n\n%s\n", tc_word(command->words, "usage:"), tc_word(command->words, command->usage),
           tc_word(command->words, command->summary));
    for (size_t i = 0; i < count; i++)
        print_option(command, &uses[i]);
}

/* For getopt_long: each use, and help behind them. */
static void list_options(const struct option_use *uses, size_t count, struct option *longs, char shorts[SHORT_MAX])
{
    char *at = shorts;

    *at++ = ':'; /* an argument that is missing is told from an option that is none */
    for (size_t i = 0; i < count; i++) {
        enum option_id id = uses[i].id;
        int argument = table[id].kind == FLAG ? no_argument : required_argument;

        longs[i] = (struct option){table[id].name, argument, NULL, 256 + (int)i};
        if (!table[id].letter)
            continue;
        *at++ = table[id].letter;
        if (argument)
            *at++ = ':';
    }
    strcpy(at, "h");
    longs[count] = (struct option){"help", no_argument, NULL, 'h'};
    longs[count + 1] = (struct option){0};
}

/* The use that getopt_long found, by its own number or its letter; count where there is none. */
static size_t find_use(int found, const struct option_use *uses, size_t count)
{
    size_t i = 0;

    if (found >= 256)
        return (size_t)found - 256;
    while (i < count && table[uses[i].id].letter != found)
        i++;
    return i;
}

void options_add(struct option_list *list, const char *text)
{
    if (list->count < OPTION_LIST_MAX)
        list->items[list->count++] = text;
}

static bool take(const struct option_use *use, const char *text)
{
    switch (table[use->id].kind) {
    case FLAG: *(bool *)use->target = true; return true;
    case TEXT: *(const char **)use->target = text; return true;
    case LIST: options_add(use->target, text); return *text != '\0';
    default: return command_number(text, 0, table[use->id].most, use->target);
    }
}

/* The option of the command that the word is most like; NULL: none. */
static const char *nearest_option(const char *word, const struct option_use *uses, size_t count)
{
    const char *names[OPTION_COUNT];
    char name[40];

    for (size_t i = 0; i < count; i++)
        names[i] = table[uses[i].id].name;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word + 2, "="), word + 2);
    return tc_nearest(name, names, count);
}

/* The word that getopt_long stopped at, without what stands behind =: that may be a value. */
static int misuse_option(const struct command *command, int found, char **argv, const struct option_use *uses, size_t count)
{
    const char *word = argv[optind - 1], letter[3] = {'-', (char)optopt, '\0'}, *near;

    if (strncmp(word, "--", 2) != 0)
        word = letter;
    if (found == ':')
        return command_misuse(command, "%s needs a value after it", word);
    if (!strncmp(word, "--issued", 8))
        return command_misuse(command, "--issued is now called --issue-date");
    if (word == letter)
        return command_misuse(
            command,
            "%s is not an option of this command; a name or number that begins with - must follow --, as in: taxcert reprint -- RUN -7",
            word);
    near = nearest_option(word, uses, count);
    if (near)
        return command_misuse(command, "%.*s is not an option of this command (nearest known name: --%s); taxcert %s --help lists them",
                              (int)strcspn(word, "="), word, near, command->name);
    return command_misuse(command, "%.*s is not an option of this command, or is ambiguous; taxcert %s --help lists them",
                          (int)strcspn(word, "="), word, command->name);
}

static int misuse_value(const struct command *command, enum option_id id)
{
    char word[40];

    snprintf(word, sizeof word, "--%s", table[id].name);
    if (table[id].kind == LIST)
        return command_misuse(command, "%s needs a value after it", word);
    if (table[id].most == LONG_MAX)
        return command_misuse(command, "--%s needs a whole number in digits", table[id].name);
    return command_misuse(command, "--%s needs a whole number from 0 to %ld", table[id].name, table[id].most);
}

/* The options of one call: false with *code where it is to end. */
static bool read_options(const struct command *command, int argc, char **argv, const struct option_use *uses, size_t count, int *code)
{
    struct option longs[OPTION_COUNT + 2];
    char shorts[SHORT_MAX];
    int found;

    list_options(uses, count, longs, shorts);
    opterr = 0;
    while ((found = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
        size_t i = found == 'h' || found == '?' || found == ':' ? count : find_use(found, uses, count);

        if (found == 'h') {
            print_help(command, uses, count);
            *code = TC_OK;
            return false;
        }
        if (i == count || !take(&uses[i], optarg)) {
            *code = i == count ? misuse_option(command, found, argv, uses, count) : misuse_value(command, uses[i].id);
            return false;
        }
    }
    return true;
}

bool options_parse(const struct command *command, int argc, char **argv, const struct option_use *uses, size_t count, int *first, int *code)
{
    struct option_use all[OPTION_COUNT];
    const char *heard; /* by main, before any word was looked at */
    bool go_on;

    memcpy(all, uses, count * sizeof *uses);
    all[count] = (struct option_use){OPTION_LANG, &heard, NULL};
    go_on = read_options(command, argc, argv, all, count + 1, code);
    *first = optind;
    return go_on;
}

#define OF_RUN_MAX 16 /* options of one command about a run */

bool options_of_run(const struct command *command, int argc, char **argv, const struct option_use *uses, size_t count,
                    char run[COMMAND_PATH], int *code)
{
    struct tc_archive_filter filter = {.year = 0};
    struct option_use all[OF_RUN_MAX + 2];
    int first;

    for (size_t i = 0; i < count && i < OF_RUN_MAX; i++)
        all[i] = uses[i];
    all[count] = (struct option_use){OPTION_YEAR, &filter.year, NULL};
    all[count + 1] = (struct option_use){OPTION_EMPLOYER, &filter.employer, NULL};
    return options_parse(command, argc, argv, all, count + 2, &first, code) && command_words(command, argc - first, 1, 1, "RUN", code)
           && command_one(command, argv[first], &filter, run, code);
}
