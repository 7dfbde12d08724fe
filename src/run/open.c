/* Inputs are opened, the form made ready for them, and the run named by all that its result depends on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "input/older.h"
#include "run/run.h"
#include "store/outside.h"

/* Everything that the result depends on, and nothing else: no clock, no number of threads. payroll, employees: their hashes. */
static bool hash_identity(struct run *run, const char *issued, bool draft, const char *payroll, const char *employees,
                          char identity[HASH_HEX + 1])
{
    struct run_inputs *in = &run->in;
    struct buf text = {0};
    unsigned char hash[HASH_SIZE];
    bool ok;

    buf_printf(&text, "taxcert %s\n%s\n%s\n", TC_VERSION, payroll, employees);
    buf_printf(&text, "%s\n%d %d\n", issued, draft, run->options->allow_test_ids);
    run->kind->identify(run, &text);
    if (in->waivers)
        waivers_identify(in->waivers, &text);
    buf_add(&text, in->form.hash, HASH_SIZE);
    hash_bytes(text.data, text.length, hash);
    hash_hex(hash, identity);
    ok = !text.failed;
    buf_free(&text);
    return ok || error_memory(run->err);
}

bool run_identify_without(struct run *run, const char *issued, char identity[HASH_HEX + 1])
{
    unsigned char hash[HASH_SIZE];
    char hex[HASH_HEX + 1];

    if (!input_hash_without(run->in.input, "transfer_ticket", hash, run->err))
        return false;
    hash_hex(hash, hex);
    return hash_identity(run, issued, true, hex, input_is_split(run->in.input) ? run->in.employees_hash : hex, identity);
}

/* Whether the draft was of this: but for transfer tickets, which come after it, as a whole. */
static bool is_draft(struct run *run, const char *issued, const char *of_draft)
{
    const struct tc_options *o = run->options;
    char without[HASH_HEX + 1];

    if (!o->issues || !strcmp(o->issues, of_draft))
        return true;
    if (o->issues_without && *o->issues_without) {
        if (!run_identify_without(run, issued, without))
            return false;
        run->result->other_tickets = !strcmp(o->issues_without, without);
    }
    return run->result->other_tickets
           || error_set(run->err, TC_USAGE, NULL, NULL, "draft-differs",
                        "more has changed since the draft than transfer tickets: data, waivers, form, options or program; make a "
                        "new draft and look at it");
}

static bool make_identity(struct run *run, const char *issued)
{
    const struct tc_options *o = run->options;
    struct run_inputs *in = &run->in;
    char of_draft[HASH_HEX + 1];

    hash_hex(input_hash(in->input, false), in->payroll_hash);
    hash_hex(input_hash(in->input, true), in->employees_hash);
    if (!hash_identity(run, issued, o->draft, in->payroll_hash, in->employees_hash, in->identity)
        || !hash_identity(run, issued, true, in->payroll_hash, in->employees_hash, of_draft))
        return false;
    if (o->identity && strcmp(o->identity, in->identity) != 0)
        return error_set(run->err, TC_USAGE, NULL, NULL, "identity", "data, form or options are not those of the existing run");
    return is_draft(run, issued, of_draft);
}

static size_t find_language(const struct template *t, const char *language)
{
    for (size_t i = 0; language && i < t->language_count; i++)
        if (!strcmp(t->languages[i], language))
            return i;
    return 0;
}

/* Why form and year do not say which form it is. */
static bool wrong_form(struct run *run, const json_t *head, const json_t *year)
{
    const char *path = run->options->payroll;

    const json_t *form = json_object_get(head, "form");

    if (!json_is_string(form))
        return error_set(run->err, TC_INPUT, path, "/form", form ? "value-type" : "missing",
                         "the form must be given as text in quotes (form; found: %s); taxcert template list names those there are",
                         json_kind(form));
    if (json_is_string(year))
        return error_set(run->err, TC_INPUT, path, "/year", "value-type",
                         "the year must be a whole number without quotes (year), but text was found");
    if (json_is_integer(year))
        return error_set(run->err, TC_INPUT, path, "/year", "value-type", "the year must be a whole number of four digits");
    return error_set(run->err, TC_INPUT, path, "/year", year ? "value-type" : "missing",
                     "the year must be given as a whole number of four digits (found: %s)", json_kind(year));
}

/* The issue date and which form it is, from the head or the options. */
static bool read_head(struct run *run, const char **issued, int32_t *date)
{
    const struct tc_options *o = run->options;
    const json_t *head = input_head(run->in.input), *year = json_object_get(head, "year");

    *issued = o->issue_date ? o->issue_date : json_string_value(json_object_get(head, "issue_date"));
    if (!*issued || !date_parse(*issued, strlen(*issued), date))
        return json_object_size(head) == 0 || (!json_object_get(head, "format") && !json_object_get(head, "form"))
                   ? error_set(run->err, TC_INPUT, o->payroll, "", "format",
                               "this is not a payroll file: it has neither \"format\" nor \"form\"")
                   : error_set(run->err, o->issue_date ? TC_USAGE : TC_INPUT, o->payroll, "/issue_date", "date-format",
                               "the issue date must be given as YYYY-MM-DD, in the payroll file (issue_date) or by --issue-date");
    return (json_is_string(json_object_get(head, "form")) && json_is_integer(year) && json_integer_value(year) >= 1
            && json_integer_value(year) <= 9999)
           || wrong_form(run, head, year);
}

static bool open_messages(struct run *run, const char *root)
{
    const char *own = run->in.form.template->languages[0], *wanted = run->options->language;

    if (!prepared_messages(root, own, "words", &run->in.kept, run->err))
        return false;
    if (wanted && strcmp(wanted, own) != 0)
        return prepared_messages(root, wanted, "words", &run->in.told, run->err);
    run->in.told = json_incref(run->in.kept);
    return true;
}

/* What stands in the head besides people and certificates. */
static bool open_head(struct run *run, const char *issued)
{
    const struct tc_options *o = run->options;
    const json_t *head = input_head(run->in.input);
    struct prepared *form = &run->in.form;

    run->in.wages = wages_load(form->template, json_object_get(head, "wage_types"), o->payroll, run->err);
    run->in.given = json_pack("{ss ss sO sb sb}", "issued", issued, "issue_date", issued, "year", json_object_get(head, "year"),
                              "allow_test_ids", (int)o->allow_test_ids, "draft", (int)o->draft);
    if (!run->in.wages)
        return false;
    if (!run->in.given)
        return error_memory(run->err);
    run->reconcile = reconcile_new(form->template, form->plan, json_object_get(head, "establishments"), run->in.declarations, o->payroll,
                                   run->err);
    if (run->reconcile && (o->waivers || run->common))
        run->in.waivers = waivers_load(o->waivers, run->common, form->template, run->err);
    return !run->err->code;
}

static bool make_job(struct run *run)
{
    struct prepared *form = &run->in.form;
    const struct datum *given = datum_of(run->in.given, &form->template->arena);

    run->job = (struct certify_job){
        .form = form,
        .input = run->in.input,
        .wages = run->in.wages,
        .given = given,
        .rules = {form->template, run->in.waivers, run->in.wages, find_language(form->template, run->options->language)},
    };
    return given || error_memory(run->err);
}

static void make_facts(struct run *run, int32_t issued)
{
    const char *employer = json_string_value(json_at(input_head(run->in.input), "employer/name"));

    run->out.facts = (struct summary_run){
        .identity = run->in.identity,
        .payroll_hash = run->in.payroll_hash,
        .employees_hash = run->in.employees_hash,
        .employer = employer ? employer : "",
        .issued = issued,
        .draft = run->options->draft,
        .reconcile = run->reconcile,
    };
}

/* A file's name for findings: whoever named it may have used any bytes. */
static const char *name_file(struct run *run, const char *path)
{
    const char *slash = strrchr(path, '/'), *name;
    struct buf text = {0};

    text_show(&text, slash ? slash + 1 : path);
    name = text.failed ? NULL : arena_copy(&run->in.form.template->arena, text.data ? text.data : "", text.length);
    buf_free(&text);
    return name;
}

static bool name_files(struct run *run)
{
    const struct tc_options *o = run->options;
    const char *paths[INPUT_FILES] = {[INPUT_PAYROLL] = o->payroll, [INPUT_EMPLOYEES] = o->employees, [INPUT_WAIVERS] = o->waivers};

    for (int i = 0; i < INPUT_FILES; i++)
        if (!(run->in.names[i] = name_file(run, paths[i] ? paths[i] : o->payroll)))
            return error_memory(run->err);
    return true;
}

/* What would be lost as a whole: nobody known, or a list whose name is misspelt. */
static bool is_whole(const struct run *run)
{
    const struct tc_options *o = run->options;
    const struct input *input = run->in.input;
    const char *lost = unknown_misspelt(input_head_tree(input), input_certificates(input) > 0, input_employees(input) > 0);

    if (lost)
        return error_set(run->err, TC_INPUT, o->payroll, "", "unknown-key",
                         "a field of the top level has an unknown name, and the one with the nearest known name is missing: %s; "
                         "write it so, or begin the name with x_",
                         lost);
    if (input_certificates(input) > 0 && input_employees(input) == 0)
        return error_set(run->err, TC_INPUT, o->employees ? o->employees : o->payroll, "/employees", "employees-missing",
                         o->employees ? "this file has no employee data: is it the right one?"
                                      : "no employee data were given: give their file, --employees FILE");
    return true;
}

/* Keys that have another name by now, for whoever wrote them. */
static void tell_older(struct run *run)
{
    unsigned seen = input_older(run->in.input) | waivers_older(run->in.waivers);
    struct tc_result *result = run->result;

    for (int i = 0; i < OLDER_COUNT && result->older_count < TC_OLDER_MAX; i++)
        if (seen >> i & 1)
            result->older[result->older_count++] = (struct tc_older){older_before((enum older)i), older_now((enum older)i)};
}

bool run_open(struct run *run)
{
    const struct tc_options *o = run->options;
    const char *issued;
    char root[PREPARED_PATH_MAX];
    int32_t date;

    if (o->corrects && !folder_is_run(o->corrects, run->err))
        return false;
    if (o->output && (!outside_folder(o->output, run->err) || !folder_look(o->output, run->err)))
        return false;
    run->in.input = input_open(o->payroll, o->employees, run->err);
    if (!run->in.input || !is_whole(run) || !read_head(run, &issued, &date))
        return false;
    run->in.declarations = json_object_get(input_head(run->in.input), "declarations");
    prepared_root(o->templates, root);
    if (!run->kind->open(run, root, date, o->draft ? MARK_DRAFT : 0) || !open_messages(run, root) || !open_head(run, issued)
        || !name_files(run) || !make_job(run))
        return false;
    make_facts(run, date);
    tell_older(run);
    return make_identity(run, issued) && run->kind->admit(run);
}
