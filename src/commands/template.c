#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/options.h"

static int run(const struct command *command, int argc, char **argv);

const struct command command_template = {
    .name = "template",
    .usage = "template [--templates DIR] list | show FORM YEAR | lint FOLDER | preview FORM YEAR -o FILE | schema FORM YEAR",
    .summary = "Shows and checks forms. FORM is country/form, FOLDER a form's folder .../country/form/year.\n\n  list      "
               "the available forms\n  show      a form's fields and rules\n  lint      checks a whole folder; names file, "
               "place and what is wrong\n  preview   a PDF with every field filled in with its name\n  schema    the "
               "form's input as JSON Schema (2020-12)\n",
    .run = run,
};

static void print_form(void *ctx, const char *id, const char *year)
{
    (void)ctx;
    printf("%s %s\n", id, year);
}

static void print_note(void *ctx, const char *caption, const char *message)
{
    const struct command *const *command = ctx;

    command_tell(*command, stderr, "note: caption %s: %s", caption, tc_word((*command)->words, message));
}

struct arguments {
    const struct tc_words *spoken;
    const char *templates, *mark, *output;
    char **words;
    int count;
};

/* YYYY, or YYYY-YY, a year that ends in the next and counts as the first; 0 is none. */
static int year_of(const char *word)
{
    char first[5] = "";
    long number = 0, second = 0;

    if (strlen(word) == 7 && word[4] == '-' && command_number(word + 5, 0, 99, &second))
        memcpy(first, word, 4);
    if (!command_number(*first ? first : word, 1, 9999, &number))
        return 0;
    return !*first || second == (number + 1) % 100 ? (int)number : 0;
}

/* True with *code set when the words were one of the calls. */
static bool call(const struct arguments *a, int *code, struct tc_error *err)
{
    const char *verb = a->words[0];
    int year = a->count == 3 ? year_of(a->words[2]) : 0;
    bool named = year > 0;

    if (!strcmp(verb, "list") && a->count == 1)
        *code = tc_form_list(a->templates, NULL, print_form, err);
    else if (!strcmp(verb, "lint") && a->count == 2)
        *code = tc_form_lint(a->words[1], a->templates, err);
    else if (!strcmp(verb, "show") && named)
        *code = tc_form_show(a->templates, a->words[1], year, a->spoken, stdout, err);
    else if (!strcmp(verb, "schema") && named)
        *code = tc_form_schema(a->templates, a->words[1], year, stdout, err);
    else if (!strcmp(verb, "preview") && named && a->output)
        *code = tc_form_preview(a->templates, a->words[1], year, a->mark, a->output, err);
    else
        return false;
    return true;
}

/* What is wrong with words that are no call. */
static int misuse(const struct command *command, const struct arguments *a)
{
    static const char *const verbs[] = {"list", "lint", "show", "schema", "preview"};
    static const char *const words[] = {"list", "lint FOLDER", "show FORM YEAR", "schema FORM YEAR", "preview FORM YEAR -o FILE"};

    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (!strcmp(a->words[0], verbs[i]))
            return command_misuse(command, "the command must be: taxcert template %s", words[i]);
    return command_misuse(command, "the first word must be list, show, lint, preview or schema");
}

static int run(const struct command *command, int argc, char **argv)
{
    struct arguments a = {.spoken = command->words};
    const struct option_use uses[] = {
        {OPTION_OUTPUT, &a.output, "for preview"}, {OPTION_MARK, &a.mark, NULL}, {OPTION_TEMPLATES, &a.templates, NULL}};
    struct tc_error err = {0};
    int first, code;

    if (!options_parse(command, argc, argv, uses, sizeof uses / sizeof *uses, &first, &code))
        return code;
    a.words = argv + first;
    a.count = argc - first;
    command_only_prints();
    if (a.count == 0)
        return command_misuse(command, "missing: list, show, lint, preview or schema");
    if (!call(&a, &code, &err))
        return misuse(command, &a);
    if (!strcmp(a.words[0], "lint") && (!err.code || !strcmp(err.rule, "template-caption")))
        tc_form_review(a.words[1], &command, print_note, &(struct tc_error){0});
    if (err.code)
        return command_fail(command, &err);
    if (!strcmp(a.words[0], "lint"))
        command_tell(command, stdout, "no errors found in the form");
    return code;
}
