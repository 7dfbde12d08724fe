/* The year-end run: read -> check -> layout -> write, one certificate after the other. Read this first.
 * Slice (i) of issue 2: the input is held in memory as a whole; streaming, threads and the ledger come next. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/date.h"
#include "base/file.h"
#include "base/json.h"
#include "check/check.h"
#include "layout/place.h"
#include "read/entries.h"
#include "write/pdf.h"

struct run {
    const struct tc_options *options;
    json_t *payroll, *people;    /* new references; people is NULL when payroll holds both */
    json_t *by_number, *by_id;   /* new: personnel number -> employee, false where it stands twice; see index_ids */
    json_t *form, *captions, *coverage;
    char fonts[512], partial[512];
    const char *issued;
    struct page page;
    struct buf pdf;
};

/* Handles name files: [A-Za-z0-9._-]{1,32}, and no leading dot. */
static bool is_handle(const char *text)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    size_t length = text ? strlen(text) : 0;

    return length >= 1 && length <= 32 && text[0] != '.' && strspn(text, allowed) == length;
}

static const char *text_at(const json_t *root, const char *path)
{
    return json_string_value(json_at(root, path));
}

static bool path_of(char *out, size_t size, struct tc_error *err, const char *format, const char *a, const char *b)
{
    if (snprintf(out, size, format, a, b) < (int)size)
        return true;
    return error_set(err, TC_USAGE, NULL, NULL, "path", "a path is too long");
}

static bool load_template(struct run *run, struct tc_error *err)
{
    const char *folder = run->options->templates ? run->options->templates : TEMPLATE_DIR;
    const char *form = text_at(run->payroll, "form");
    char path[768];
    int year = (int)json_integer_value(json_at(run->payroll, "year"));

    if (!form || form[0] == '/' || strstr(form, "..") || year < 1900)
        return error_set(err, TC_INPUT, run->options->payroll, "/form", "missing", "form and year must be given");
    snprintf(run->fonts, sizeof run->fonts, "%s/fonts", folder);
    if (snprintf(path, sizeof path, "%s/%s/%d/form.json", folder, form, year) >= (int)sizeof path)
        return error_set(err, TC_USAGE, NULL, NULL, "path", "a path is too long");
    run->form = json_read(path, err);
    if (!run->form)
        return false;
    snprintf(strrchr(path, '/'), 32, "/captions.de.json");
    run->captions = json_read(path, err);
    if (!run->captions || !path_of(path, sizeof path, err, "%s/%s", run->fonts, "coverage.json"))
        return false;
    run->coverage = json_read(path, err);
    return run->coverage != NULL;
}

static bool index_people(struct run *run, struct tc_error *err)
{
    const json_t *list = json_at(run->people ? run->people : run->payroll, "employees");
    size_t i;
    json_t *person;

    run->by_number = json_object();
    if (!json_is_array(list) || !run->by_number)
        return error_set(err, TC_INPUT, run->options->payroll, "/employees", "missing", "there is no list of employees");
    json_array_foreach((json_t *)list, i, person) {
        const char *number = text_at(person, "personnel_number");

        if (!is_handle(number))
            return error_set(err, TC_INPUT, run->options->employees, "/employees", "handle-format",
                             "employee %zu has no usable personnel number", i);
        if (json_object_get(run->by_number, number))
            person = json_false();
        if (json_object_set(run->by_number, number, person) != 0)
            return error_memory(err);
    }
    return true;
}

static void fold_case(const char *text, char *out, size_t size)
{
    size_t i;

    for (i = 0; text[i] && i + 1 < size; i++)
        out[i] = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] + 32) : text[i];
    out[i] = '\0';
}

/* Certificate ids without regard to case -> the id, true where it stands again, false where it differs in case. */
static bool index_ids(struct run *run, struct tc_error *err)
{
    size_t i;
    json_t *certificate;

    run->by_id = json_object();
    json_array_foreach((json_t *)json_at(run->payroll, "certificates"), i, certificate) {
        const char *id = text_at(certificate, "id"), *before;
        json_t *known, *entry = json_object_get(certificate, "id");
        char folded[40];

        if (!is_handle(id))
            continue;
        fold_case(id, folded, sizeof folded);
        known = json_object_get(run->by_id, folded);
        before = json_string_value(known);
        if (known)
            entry = before && !strcmp(before, id) ? json_true() : before ? json_false() : known;
        if (json_object_set(run->by_id, folded, entry) != 0)
            return error_memory(err);
    }
    return run->by_id || error_memory(err);
}

static const json_t *establishment(const struct run *run, const char *id)
{
    size_t i;
    json_t *e;

    json_array_foreach((json_t *)json_at(run->payroll, "establishments"), i, e)
        if (id && text_at(e, "id") && !strcmp(id, text_at(e, "id")))
            return e;
    return NULL;
}

/* A finding goes to stderr: who, where, which rule; never a value. */
static bool withhold(size_t i, const json_t *certificate, const char *rule, const char *pointer,
                     const char *sentence)
{
    const char *number = text_at(certificate, "personnel_number");

    fprintf(stderr, "withheld: %s /certificates/%zu %s [%s]: %s\n", is_handle(number) ? number : "?", i, pointer, rule,
            sentence);
    return false;
}

/* The newest rows are printed as far as there are columns; that older ones are not is said. */
static void warn_hidden_features(const struct run *run, size_t i, const json_t *certificate)
{
    size_t columns = json_array_size(json_at(run->form, "features/value_x"));

    if (json_array_size(json_at(certificate, "deduction_features")) > columns)
        fprintf(stderr, "warning: %s /certificates/%zu certificate/deduction_features [features-overflow]: only the newest"
                " %zu rows fit on the page\n", text_at(certificate, "personnel_number"), i, columns);
}

/* False: withheld, or fatal when err is set. */
static bool issue(struct run *run, size_t i, json_t *input, struct tc_error *err)
{
    json_t *certificate = input;
    const char *id = text_at(input, "id"), *number = text_at(input, "personnel_number");
    const json_t *person, *place;
    json_t *record, *added = NULL;
    const char *rule, *message;
    const json_t *captions = json_at(run->captions, "captions");
    struct finding finding;
    char path[1024], folded[40];
    bool ok, checked;

    if (!is_handle(id) || !is_handle(number))
        return withhold(i, certificate, "handle-format", "certificate/id",
                        "id and personnel_number must be 1 to 32 of A-Z a-z 0-9 . _ -");
    fold_case(id, folded, sizeof folded);
    if (json_is_true(json_object_get(run->by_id, folded)))
        return withhold(i, certificate, "handle-duplicate", "certificate/id", "this certificate id is used more than once");
    if (json_is_false(json_object_get(run->by_id, folded)))
        return withhold(i, certificate, "handle-case", "certificate/id", "two certificate ids differ only in case");
    person = json_object_get(run->by_number, number);
    if (json_is_false(person))
        return withhold(i, certificate, "employee-duplicate", "certificate/personnel_number",
                        "two employees have this personnel number");
    if (!person)
        return withhold(i, certificate, "employee-missing", "certificate/personnel_number",
                        "no employee has this personnel number");
    place = establishment(run, text_at(certificate, "establishment"));
    if (!place)
        return withhold(i, certificate, "establishment-unknown", "certificate/establishment",
                        "the establishment is not in the list");
    if (json_at(certificate, "entries")) {
        certificate = added = entries_add_up(json_at(run->payroll, "wage_types"), certificate, &rule, &message);
        if (!added)
            return withhold(i, input, rule, "certificate/entries", message);
    }
    record = json_pack("{ss sO sO sO? sO}", "issued", run->issued, "certificate", certificate, "employee", person,
                       "employer", json_object_get(run->payroll, "employer"), "establishment", place);
    if (!record) {
        json_decref(added);
        return error_memory(err);
    }
    checked = check_record(run->form, run->coverage, captions, record, &finding);
    ok = checked && place_record(run->form, captions, record, &run->page);
    json_decref(record);
    json_decref(added);
    if (!checked)
        return withhold(i, input, finding.rule, finding.pointer, finding.message);
    if (!ok)
        return withhold(i, input, "text-fit", "certificate",
                        "the certificate does not fit on the page");
    warn_hidden_features(run, i, input);
    run->pdf.length = 0;
    if (!pdf_render(&run->page, run->fonts, &run->pdf, err))
        return false;
    snprintf(path, sizeof path, "%s/certificates/%s-%s.pdf", run->partial, number, id);
    return file_write(path, run->pdf.data, run->pdf.length, err);
}

static bool issue_all(struct run *run, struct tc_result *result, struct tc_error *err)
{
    size_t i;
    json_t *certificate;

    json_array_foreach((json_t *)json_at(run->payroll, "certificates"), i, certificate) {
        result->certificates++;
        if (issue(run, i, certificate, err))
            result->issued++;
        else if (err->code)
            return false;
        else
            result->withheld++;
    }
    return true;
}

static bool open_run(struct run *run, struct tc_error *err)
{
    const struct tc_options *o = run->options;
    char folder[640];
    int32_t date;

    run->payroll = json_read(o->payroll, err);
    if (!run->payroll || (o->employees && !(run->people = json_read(o->employees, err))))
        return false;
    run->issued = o->issued ? o->issued : text_at(run->payroll, "issued");
    if (!run->issued || !date_parse(run->issued, strlen(run->issued), &date))
        return error_set(err, TC_INPUT, o->payroll, "/issued", "date-format", "the issue date must be YYYY-MM-DD");
    if (!load_template(run, err) || !index_people(run, err) || !index_ids(run, err))
        return false;
    if (access(o->output, F_OK) == 0)
        return error_set(err, TC_USAGE, o->output, NULL, "folder", "the run folder exists already");
    if (!path_of(run->partial, sizeof run->partial, err, "%s%s", o->output, ".partial"))
        return false;
    if (access(run->partial, F_OK) == 0)
        return error_set(err, TC_USAGE, run->partial, NULL, "folder", "an interrupted run is there: remove it first");
    return file_folder(run->partial, err) && path_of(folder, sizeof folder, err, "%s%s", run->partial, "/certificates")
           && file_folder(folder, err);
}

enum tc_code tc_generate(const struct tc_options *options, struct tc_result *result, struct tc_error *err)
{
    struct run run = {.options = options};

    *result = (struct tc_result){0};
    if (!open_run(&run, err) || !issue_all(&run, result, err))
        goto cleanup;
    if (rename(run.partial, options->output) != 0)
        error_set(err, TC_IO, options->output, NULL, "folder", "the finished run folder cannot be renamed");
cleanup:
    page_free(&run.page);
    buf_free(&run.pdf);
    json_decref(run.payroll);
    json_decref(run.people);
    json_decref(run.by_number);
    json_decref(run.by_id);
    json_decref(run.form);
    json_decref(run.captions);
    json_decref(run.coverage);
    if (err->code)
        return err->code;
    return result->withheld ? TC_WITHHELD : TC_OK;
}
