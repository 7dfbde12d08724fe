/* The year-end run: read -> check -> layout -> write, one certificate after the other. Read this first. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/date.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "check/rules.h"
#include "layout/place.h"
#include "read/record.h"
#include "write/pdf.h"

struct run {
    const struct tc_options *options;
    json_t *payroll, *people;    /* new references; people is NULL when payroll holds both */
    json_t *by_number, *by_id;   /* new: personnel number -> employee, false where it stands twice; see index_ids */
    json_t *given;               /* new: the values of PLACE_RUN */
    struct template *template;
    struct wages *wages;
    struct font regular, bold;
    struct form form;
    struct pdf *pdf;
    char partial[512];
};

/* What one worker needs for the certificate in hand. */
struct worker {
    struct arena arena;
    struct pdf_worker pdf;
    struct buf file;
    struct placed *placed;
};

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

/* The form's folder name comes from the input: no way out of the template folder. */
static bool is_form_id(const char *id)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-_/";

    return id && *id && *id != '/' && strlen(id) < 100 && strspn(id, allowed) == strlen(id) && !strstr(id, "//");
}

static bool load_template(struct run *run, struct tc_error *err)
{
    const char *root = run->options->templates ? run->options->templates : TEMPLATE_DIR;
    const char *id = text_at(run->payroll, "form"), *title;
    int year = (int)json_integer_value(json_at(run->payroll, "year"));
    char fonts[640];

    if (!is_form_id(id) || year < 1900 || year > 2999)
        return error_set(err, TC_INPUT, run->options->payroll, "/form", "missing", "form and year must be given");
    run->template = template_load(root, id, year, err);
    if (!run->template || !path_of(fonts, sizeof fonts, err, "%s/%s", root, "fonts"))
        return false;
    run->wages = wages_load(run->template, json_at(run->payroll, "wage_types"), run->options->payroll, err);
    if (!run->wages || !font_load(fonts, "regular", &run->regular, err) || !font_load(fonts, "bold", &run->bold, err)
        || !form_load(run->template, &run->regular, &run->bold, &run->form, err))
        return false;
    title = template_caption(run->template, "title");
    run->pdf = pdf_seal(&run->form.page, &run->regular, &run->bold, title ? title : id, run->template->languages[0], err);
    return run->pdf != NULL;
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

        if (!text_is_handle(number))
            return error_set(err, TC_INPUT, run->options->employees, "/employees", "handle-format",
                             "employee %zu has no usable personnel number", i);
        if (json_object_get(run->by_number, number))
            person = json_false();
        else
            person = json_integer((json_int_t)i);
        if (json_object_set_new(run->by_number, number, person) != 0)
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

        if (!text_is_handle(id))
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

static const json_t *find_establishment(const struct run *run, const char *id, size_t *at)
{
    size_t i;
    json_t *e;

    json_array_foreach((json_t *)json_at(run->payroll, "establishments"), i, e) {
        if (id && text_at(e, "id") && !strcmp(id, text_at(e, "id"))) {
            *at = i;
            return e;
        }
    }
    return NULL;
}

static bool refuse(struct findings *findings, const char *pointer, const char *rule, const char *message)
{
    return findings_add(findings, SEVERITY_ERROR, INPUT_PAYROLL, pointer, rule, message);
}

/* Finds the person and the establishment that the certificate names. False with a finding. */
static bool find_sources(const struct run *run, size_t i, json_t *certificate, struct arena *arena, struct sources *s,
                         struct findings *findings)
{
    const char *id = text_at(certificate, "id"), *number = text_at(certificate, "personnel_number");
    const char *base = arena_printf(arena, "/certificates/%zu", i);
    const json_t *person;
    char folded[40];
    size_t at = 0;

    *s = (struct sources){.at[PLACE_CERTIFICATE] = certificate, .pointers[PLACE_CERTIFICATE] = base};
    if (!text_is_handle(id))
        return refuse(findings, arena_printf(arena, "%s/id", base), "handle-format", "it must be 1 to 32 of A-Z a-z 0-9 . _ -");
    if (!text_is_handle(number))
        return refuse(findings, arena_printf(arena, "%s/personnel_number", base), "handle-format",
                      "it must be 1 to 32 of A-Z a-z 0-9 . _ -");
    fold_case(id, folded, sizeof folded);
    if (json_is_true(json_object_get(run->by_id, folded)))
        return refuse(findings, arena_printf(arena, "%s/id", base), "handle-duplicate", "this certificate id is used more than once");
    if (json_is_false(json_object_get(run->by_id, folded)))
        return refuse(findings, arena_printf(arena, "%s/id", base), "handle-case", "two certificate ids differ only in case");
    person = json_object_get(run->by_number, number);
    if (!person)
        return refuse(findings, arena_printf(arena, "%s/personnel_number", base), "employee-missing",
                      "no employee has this personnel number");
    if (json_is_false(person))
        return refuse(findings, arena_printf(arena, "%s/personnel_number", base), "employee-duplicate",
                      "two employees have this personnel number");
    s->pointers[PLACE_EMPLOYEE] = arena_printf(arena, "/employees/%lld", (long long)json_integer_value(person));
    s->at[PLACE_EMPLOYEE] = json_array_get(json_at(run->people ? run->people : run->payroll, "employees"),
                                           (size_t)json_integer_value(person));
    s->at[PLACE_ESTABLISHMENT] = find_establishment(run, text_at(certificate, "establishment"), &at);
    if (!s->at[PLACE_ESTABLISHMENT])
        return refuse(findings, arena_printf(arena, "%s/establishment", base), "establishment-unknown",
                      "the establishment is not in the list");
    s->pointers[PLACE_ESTABLISHMENT] = arena_printf(arena, "/establishments/%zu", at);
    return true;
}

static void fill_sources(const struct run *run, struct arena *arena, struct sources *s)
{
    const json_t *person = s->at[PLACE_EMPLOYEE], *mailing = json_at(person, "mailing_address");
    enum input_file people = run->people ? INPUT_EMPLOYEES : INPUT_PAYROLL;

    s->at[PLACE_VALUES] = json_object_get(s->at[PLACE_CERTIFICATE], "values");
    s->pointers[PLACE_VALUES] = arena_printf(arena, "%s/values", s->pointers[PLACE_CERTIFICATE]);
    s->at[PLACE_FACTS] = json_object_get(s->at[PLACE_CERTIFICATE], "facts");
    s->pointers[PLACE_FACTS] = arena_printf(arena, "%s/facts", s->pointers[PLACE_CERTIFICATE]);
    s->at[PLACE_ADDRESS] = mailing ? mailing : json_object_get(person, "address");
    s->pointers[PLACE_ADDRESS] = arena_printf(arena, "%s/%s", s->pointers[PLACE_EMPLOYEE],
                                              mailing ? "mailing_address" : "address");
    s->files[PLACE_EMPLOYEE] = s->files[PLACE_ADDRESS] = people;
    s->at[PLACE_EMPLOYER] = json_object_get(run->payroll, "employer");
    s->pointers[PLACE_EMPLOYER] = "/employer";
    s->at[PLACE_RUN] = run->given;
    s->pointers[PLACE_RUN] = "";
}

/* One certificate through all stages. False: withheld, or fatal when err is set. */
static bool certify(const struct run *run, struct worker *w, size_t i, json_t *certificate, struct findings *findings,
                    struct tc_error *err)
{
    struct sources sources;
    struct record record;
    char path[1024];

    if (!find_sources(run, i, certificate, &w->arena, &sources, findings))
        return false;
    fill_sources(run, &w->arena, &sources);
    if (!record_read(run->template, &sources, run->wages, &w->arena, &record, findings))
        return error_memory(err);
    if (findings->errors == 0) {
        rules_check(run->template, &record, &sources, run->options->language, findings);
        place_record(run->template, &run->form, &run->regular, &run->bold, &record, &sources, &w->arena, w->placed, findings);
    }
    if (w->arena.failed)
        return error_memory(err);
    if (findings->errors > 0)
        return false;
    if (!pdf_render(run->pdf, &w->pdf, w->placed, &w->file))
        return error_memory(err);
    snprintf(path, sizeof path, "%s/certificates/%s-%s.pdf", run->partial, text_at(certificate, "personnel_number"),
             text_at(certificate, "id"));
    return file_write(path, w->file.data, w->file.length, err);
}

/* Who, where, which rule, what to do; never a value. */
static void print_findings(const struct run *run, size_t i, const json_t *certificate, const struct findings *findings)
{
    const char *number = text_at(certificate, "personnel_number");
    const char *payroll = run->options->payroll, *people = run->options->employees;

    for (const struct finding *f = findings->first; f; f = f->next)
        fprintf(stderr, "%s: %s %zu %s#%s [%s]: %s\n", f->severity == SEVERITY_ERROR ? "withheld" : "warning",
                text_is_handle(number) ? number : "?", i, f->file == INPUT_EMPLOYEES && people ? people : payroll, f->pointer,
                f->rule, f->message);
}

static bool certify_all(struct run *run, struct tc_result *result, struct tc_error *err)
{
    struct worker w = {0};
    size_t i;
    json_t *certificate;

    w.placed = calloc((size_t)run->form.page.slot_count + 1, sizeof *w.placed);
    if (!w.placed)
        error_memory(err);
    else
        pdf_worker_start(&w.pdf, err);
    json_array_foreach((json_t *)json_at(run->payroll, "certificates"), i, certificate) {
        struct findings findings;
        bool issued;

        if (err->code)
            break;
        findings_start(&findings, &w.arena);
        issued = certify(run, &w, i, certificate, &findings, err);
        print_findings(run, i, certificate, &findings);
        result->certificates++;
        result->issued += issued;
        result->withheld += !issued;
        result->warnings += (long)findings.warnings;
        arena_reset(&w.arena);
    }
    pdf_worker_stop(&w.pdf);
    buf_free(&w.file);
    arena_free(&w.arena);
    free(w.placed);
    return !err->code;
}

static bool open_input(struct run *run, struct tc_error *err)
{
    const struct tc_options *o = run->options;
    const char *issued;
    int32_t date;

    run->payroll = json_read(o->payroll, err);
    if (!run->payroll || (o->employees && !(run->people = json_read(o->employees, err))))
        return false;
    issued = o->issued ? o->issued : text_at(run->payroll, "issued");
    if (!issued || !date_parse(issued, strlen(issued), &date))
        return error_set(err, TC_INPUT, o->payroll, "/issued", "date-format", "the issue date must be YYYY-MM-DD");
    run->given = json_pack("{ss sO sb sb}", "issued", issued, "year", json_at(run->payroll, "year"), "allow_test_ids",
                           (int)o->allow_test_ids, "require_ticket", (int)o->require_ticket);
    return run->given || error_set(err, TC_INPUT, o->payroll, "/year", "missing", "the year must be given");
}

static bool open_folder(struct run *run, struct tc_error *err)
{
    const char *output = run->options->output;
    char folder[640];

    if (access(output, F_OK) == 0)
        return error_set(err, TC_USAGE, output, NULL, "folder", "the run folder exists already");
    if (!path_of(run->partial, sizeof run->partial, err, "%s%s", output, ".partial"))
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
    if (!open_input(&run, err) || !load_template(&run, err) || !index_people(&run, err) || !index_ids(&run, err)
        || !open_folder(&run, err) || !certify_all(&run, result, err))
        goto cleanup;
    if (rename(run.partial, options->output) != 0)
        error_set(err, TC_IO, options->output, NULL, "folder", "the finished run folder cannot be renamed");
cleanup:
    pdf_free(run.pdf);
    form_free(&run.form);
    font_free(&run.regular);
    font_free(&run.bold);
    wages_free(run.wages);
    template_free(run.template);
    json_decref(run.payroll);
    json_decref(run.people);
    json_decref(run.by_number);
    json_decref(run.by_id);
    json_decref(run.given);
    if (err->code)
        return err->code;
    return result->withheld ? TC_WITHHELD : TC_OK;
}
