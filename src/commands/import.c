#include <limits.h>

#include "commands/options.h"

static int run(const struct command *command, int argc, char **argv);

const struct command command_import = {
    .name = "import",
    .usage = "import MAPPING.json FILE... -o PAYROLL.json [-e EMPLOYEES.json]",
    .summary =
        "Makes the input of generate from the files of other programs, as MAPPING describes them (templates/IMPORT.md). Every row is\n"
        "accounted for; what is wrong is told with file, line and column, never a value, and then nothing is written (exit 3).\n\n"
        "With MAPPING.json alone it is checked. --suggest FILE prints a mapping to begin with, --schema the JSON Schema of mappings.\n",
    .run = run,
};

struct shown {
    long count, most;
    const struct tc_words *words;
    const char *mapping;
};

/* A place as compilers write it: file, line and column where there are some. */
static void print_place(const char *file, long line, long column)
{
    fprintf(stderr, "%s", file);
    if (line)
        fprintf(stderr, ":%ld", line);
    if (column)
        fprintf(stderr, ":%ld", column);
}

static void on_finding(void *ctx, const struct tc_import_finding *f)
{
    struct shown *shown = ctx;
    char told[600];

    if (shown->count++ >= shown->most)
        return;
    if (f->line)
        print_place(f->file, f->line, f->column);
    else
        fprintf(stderr, "%s%s%s", f->file, f->pointer ? "#" : "", f->pointer ? f->pointer : "");
    if (f->name && *f->name)
        fprintf(stderr, " (%s)", f->name);
    fprintf(stderr, ": ");
    if (f->person)
        fprintf(stderr, "%s: ", f->person);
    if (f->warning)
        fprintf(stderr, "%s: ", tc_word(shown->words, "warning"));
    if (f->pointer && f->line)
        fprintf(stderr, "%s#%s: ", shown->mapping, f->pointer);
    fputs(tc_say(shown->words, f->message, told, sizeof told), stderr);
    if (f->other_line) {
        fprintf(stderr, "; %s ", tc_word(shown->words, f->other_file || f->other_column ? "see" : "see line"));
        if (f->other_file || f->other_column)
            print_place(f->other_file ? f->other_file : f->file, f->other_line, f->other_column);
        else
            fprintf(stderr, "%ld", f->other_line);
    }
    fprintf(stderr, " [%s]\n", f->rule);
}

static void on_account(void *ctx, const struct tc_import_account *a)
{
    struct shown *shown = ctx;
    const char *sign = " (";

    fprintf(stderr, "%s: %ld %s = %ld %s + %ld %s", a->file, a->read, tc_word(shown->words, "rows"), a->taken,
            tc_word(shown->words, "taken"), a->left_out, tc_word(shown->words, "left out"));
    for (size_t i = 0; i < a->rule_count; i++)
        if (a->rules[i].rows) {
            fprintf(stderr, "%s%s: %ld", sign, a->rules[i].name, a->rules[i].rows);
            sign = ", ";
        }
    fprintf(stderr, "%s + %ld %s + %ld %s + %ld %s", *sign == ',' ? ")" : "", a->totals, tc_word(shown->words, "totals"), a->blank,
            tc_word(shown->words, "blank"), a->refused, tc_word(shown->words, "refused"));
    if (a->before)
        fprintf(stderr, "; %ld %s", a->before, tc_word(shown->words, "up to the header"));
    fprintf(stderr, "\n");
}

/* On standard output: it is what the accountant asks for, and no message. */
static void on_unknown(void *ctx, const struct tc_import_unknown *u)
{
    struct shown *shown = ctx;

    printf("%s %s%s%s: %ld %s, %s %s\n", tc_word(shown->words, "unknown wage type"), u->type, *u->text ? " " : "", u->text, u->rows,
           tc_word(shown->words, "rows"), tc_word(shown->words, "sum"), u->sum);
}

/* On standard output as well. */
static void on_origin(void *ctx, const struct tc_import_origin *o)
{
    struct shown *shown = ctx;

    printf("%s", o->part);
    if (o->month)
        printf(" %d", o->month);
    printf(" %s = %s", o->key, o->value ? o->value : "-");
    if (o->file)
        printf("  <- %s:%ld", o->file, o->line);
    if (o->file && o->column)
        printf(":%ld", o->column);
    else
        printf("  <- %s", tc_word(shown->words, "the mapping"));
    printf("\n");
}

static int finish(const struct command *command, struct tc_import_options *options, struct shown *shown)
{
    struct tc_import_result result;
    struct tc_error err = {0};
    enum tc_code code;

    options->ctx = shown;
    options->on_finding = on_finding;
    options->on_account = on_account;
    options->on_unknown = on_unknown;
    options->on_origin = options->explain ? on_origin : NULL;
    shown->mapping = options->mapping;
    code = tc_import(options, &result, &err);
    if (shown->count > shown->most)
        fprintf(stderr, "%s: %ld %s %ld\n", tc_word(shown->words, "findings shown"), shown->most, tc_word(shown->words, "of"),
                shown->count);
    if (code == TC_OK && !options->explain) {
        fprintf(stderr, "%ld %s", result.certificates, tc_word(shown->words, "certificates"));
        if (result.tickets || options->into)
            fprintf(stderr, ", %ld %s", result.tickets, tc_word(shown->words, "transfer tickets"));
        fprintf(stderr, ", %ld %s\n", result.warnings, tc_word(shown->words, "warnings"));
    }
    return code == TC_OK ? TC_OK : command_fail(command, &err);
}

/* Words about mappings, with no payroll made. */
static int about(const struct command *command, const char *suggest, bool schema)
{
    struct tc_error err = {0};

    if (schema)
        tc_import_schema(stdout, &err);
    else if (tc_import_suggest(suggest, stdout, &err) == TC_OK)
        command_tell(command, stderr, "this is a guess from the content of the file: check every line of it (templates/IMPORT.md)");
    return err.code ? command_fail(command, &err) : TC_OK;
}

static int lint(const struct command *command, struct tc_import_options *options, struct shown *shown)
{
    struct tc_error err = {0};

    options->ctx = shown;
    options->on_finding = on_finding;
    tc_import_lint(options, &err);
    return err.code ? command_fail(command, &err) : TC_OK;
}

static int run(const struct command *command, int argc, char **argv)
{
    struct tc_import_options options = {0};
    struct shown shown = {.most = 1000, .words = command->words};
    const char *suggest = NULL;
    bool schema = false;
    const struct option_use uses[] = {{OPTION_OUTPUT, &options.payroll, "the payroll file to make"},
                                      {OPTION_EMPLOYEES, &options.employees, "the file of employee data to make"},
                                      {OPTION_MAX_FINDINGS, &shown.most, "show at most this many findings; default 1000"},
                                      {OPTION_SUGGEST, &suggest, NULL},
                                      {OPTION_SCHEMA, &schema, NULL},
                                      {OPTION_INTO, &options.into, NULL},
                                      {OPTION_EXPLAIN, &options.explain, NULL}};
    int first, code;

    if (!options_parse(command, argc, argv, uses, sizeof uses / sizeof *uses, &first, &code))
        return code;
    command_obey(command, "the command was interrupted");
    if ((suggest || schema) && first == argc)
        return about(command, suggest, schema);
    if (argc - first == 1 && !options.payroll && !options.employees && !options.explain) {
        options.mapping = argv[first];
        return lint(command, &options, &shown);
    }
    if (!command_words(command, argc - first, 2, INT_MAX, "MAPPING.json FILE", &code))
        return code;
    if (!options.payroll && !options.employees && !options.explain)
        return command_misuse(command, "missing: -o PAYROLL.json");
    options.mapping = argv[first];
    options.files = (const char *const *)(argv + first + 1);
    options.file_count = argc - first - 1;
    return finish(command, &options, &shown);
}
