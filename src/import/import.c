/* taxcert import: each file row by row by its source of the mapping, then two documents, or findings and nothing. */
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "import/mapping.h"
#include "import/people.h"
#include "store/outside.h"

struct import {
    const struct tc_import_options *options;
    struct people people;
    struct tc_error *err;
    long findings;
};

/* Every column that a description names is there once. */
static bool check_ref(const struct source *s, const json_t *ref, const char *pointer, const char *mapping, struct tc_error *err)
{
    if (!json_is_string(ref) || source_column(s, ref))
        return true;
    if (json_object_get(s->names, json_string_value(ref)))
        return error_set(err, TC_INPUT, mapping, pointer, "import-columns",
                         "the file has several columns of this name: write NAME#1, NAME#2 or the number of the column");
    return error_set(err, TC_INPUT, mapping, pointer, "import-columns", "the file has no column of this name in the header's line");
}

static bool check_refs(const struct source *s, const json_t *at, const char *pointer, const char *mapping, struct tc_error *err)
{
    static const char *const plain[] = {"values", "constant", "empty", "absent", "grouping", "turn"};
    const char *key;
    json_t *value;
    char under[190];
    size_t i;

    if (json_is_array(at))
        json_array_foreach(at, i, value)
        {
            snprintf(under, sizeof under, "%.150s/%zu", pointer, i);
            if (json_is_object(value) ? !check_refs(s, value, under, mapping, err) : !check_ref(s, value, under, mapping, err))
                return false;
        }
    json_object_foreach((json_t *)(uintptr_t)at, key, value)
    {
        bool skipped = false, described = json_object_get(at, "column") || json_object_get(at, "columns");
        for (i = 0; i < sizeof plain / sizeof *plain; i++)
            skipped = skipped || (!strcmp(key, plain[i]) && (described || i > 0));
        snprintf(under, sizeof under, "%.110s/%.70s", pointer, key);
        if (skipped || (json_is_object(value) || json_is_array(value) ? !check_refs(s, value, under, mapping, err) : false))
            skipped = true;
        else if (described ? !strcmp(key, "column") : strcmp(key, "changes") != 0)
            skipped = !json_is_string(value) || check_ref(s, value, under, mapping, err);
        if (*err->message)
            return false;
    }
    return true;
}

/* All parts of the source that name columns. */
static bool check_columns(const struct source *s, const char *mapping, struct tc_error *err)
{
    static const char *const parts[] = {"person",      "year",    "newest", "employee", "values", "features",
                                        "certificate", "entries", "skip",   "must",     "totals"};
    char under[190];

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const json_t *part = json_object_get(s->as, parts[i]);
        snprintf(under, sizeof under, "%s/%s", s->pointer, parts[i]);
        if (json_is_string(part) ? !check_ref(s, part, under, mapping, err) : !check_refs(s, part, under, mapping, err))
            return false;
    }
    return true;
}

static bool is_met(const struct source *s, const json_t *rule)
{
    const char *is = json_string_value(json_object_get(rule, "is")), *begins = json_string_value(json_object_get(rule, "begins"));
    char text[300];

    source_plain(s, rule, text, sizeof text);
    if (is)
        return !strcmp(text, is);
    return begins ? !strncmp(text, begins, strlen(begins)) : *text == '\0';
}

static const json_t *met(const struct source *s, const char *list)
{
    const json_t *rule;
    size_t i;

    json_array_foreach(json_object_get(s->as, list), i, rule) if (is_met(s, rule)) return rule;
    return NULL;
}

/* What must be so in each row that is taken, such as the currency. */
static bool must(struct source *s)
{
    const json_t *rule;
    bool good = true;
    size_t i;

    json_array_foreach(json_object_get(s->as, "must"), i, rule) if (!is_met(s, rule))
    {
        source_tell(s, source_column(s, json_object_get(rule, "column")), 0, "import-must", "not what the mapping says must stand here");
        good = false;
    }
    return good;
}

static bool is_blank(const struct source *s)
{
    for (size_t i = 1; i <= s->csv.count; i++)
        if (csv_field(&s->csv, i)[strspn(csv_field(&s->csv, i), " \t")])
            return false;
    return true;
}

/* sums: of the rows so far, by the place of the column in the mapping. */
static void add_sums(struct source *s, json_t *sums)
{
    const json_t *rule, *spec;
    char key[48];
    size_t i, k;

    json_array_foreach(json_object_get(s->as, "totals"), i, rule) json_array_foreach(json_object_get(rule, "sums"), k, spec)
    {
        int64_t units = 0;
        bool bad = false;
        snprintf(key, sizeof key, "%zu/%zu", i, k);
        source_amount(s, spec, &units, &bad);
        json_object_set_new(sums, key, json_integer(json_integer_value(json_object_get(sums, key)) + (json_int_t)units));
    }
}

static void check_total(struct source *s, const json_t *rule, const json_t *sums)
{
    const json_t *spec, *all = json_object_get(s->as, "totals"), *one;
    char key[48], ignored[8];
    size_t i, k, at = 0;

    json_array_foreach(all, i, one) if (one == rule) at = i;
    json_array_foreach(json_object_get(rule, "sums"), k, spec)
    {
        int64_t units = 0;
        bool bad = false;
        snprintf(key, sizeof key, "%zu/%zu", at, k);
        source_amount(s, spec, &units, &bad);
        if (!bad && units != json_integer_value(json_object_get(sums, key)))
            source_tell(s, source_plain(s, spec, ignored, sizeof ignored), 0, "import-total",
                        "the file's total differs from the sum of its rows");
    }
}

static void take_row(struct import *m, struct source *s, struct tc_import_account *account, json_t *sums)
{
    const json_t *total;

    account->read++;
    if (is_blank(s)) {
        account->blank++;
    } else if (met(s, "skip")) {
        account->left_out++;
    } else if ((total = met(s, "totals"))) {
        account->totals++;
        check_total(s, total, sums);
    } else if (s->csv.record_is_bad) {
        return; /* told by the reader */
    } else if (s->width && s->csv.count != s->width) {
        source_tell(s, 0, 0, "import-width", "the row has another number of fields than the header or the mapping says");
    } else {
        long before = s->findings;
        bool good = must(s);
        account->taken += people_take(&m->people, s) && good;
        if (s->findings == before)
            add_sums(s, sums);
    }
}

static bool read_rows(struct import *m, struct source *s)
{
    struct tc_import_account account = {.file = s->path};
    json_t *sums = json_object();

    while (csv_next(&s->csv, m->err) && !*m->err->message)
        take_row(m, s, &account, sums);
    json_decref(sums);
    if (!*m->err->message && m->options->on_account)
        m->options->on_account(m->options->ctx, &account);
    return !*m->err->message;
}

static bool read_file(struct import *m, const char *path, size_t number, const json_t *as)
{
    struct source s = {
        .options = m->options, .path = path, .as = as, .year = (int)json_integer_value(json_at(m->people.mapping, "payroll/year"))};
    bool good;

    snprintf(s.pointer, sizeof s.pointer, "/sources/%zu", number);
    good = source_open(&s, m->err) && check_columns(&s, m->options->mapping, m->err) && read_rows(m, &s);
    m->findings += s.findings;
    source_close(&s);
    return good;
}

/* The source that a file is of: by its name, else by its place among the files. */
static bool find_source(const struct import *m, int file, size_t *number)
{
    const json_t *sources = json_object_get(m->people.mapping, "sources"), *one;
    const char *path = m->options->files[file], *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    size_t i;

    json_array_foreach(sources, i, one) if (json_is_string(json_object_get(one, "file"))
                                            && !strcasecmp(base, json_string_value(json_object_get(one, "file"))))
    {
        *number = i;
        return true;
    }
    *number = (size_t)file;
    one = json_array_get(sources, *number);
    return (one && !json_object_get(one, "file"))
           || error_set(m->err, TC_USAGE, path, NULL, "import-file", "the mapping has no source for this file");
}

static bool read_files(struct import *m)
{
    const json_t *sources = json_object_get(m->people.mapping, "sources");
    size_t number;

    if ((size_t)m->options->file_count != json_array_size(sources))
        return error_set(m->err, TC_USAGE, m->options->mapping, "/sources", "import-file",
                         "the mapping has another number of sources than there are files");
    for (int i = 0; i < m->options->file_count; i++)
        if (!find_source(m, i, &number) || !read_file(m, m->options->files[i], number, json_array_get(sources, number)))
            return false;
    return true;
}

static bool write_json(const char *path, json_t *document, struct tc_error *err)
{
    char *text = document ? json_text(document, JSON_INDENT(1)) : NULL;
    bool good = !document || (path && text && file_give(path, &(struct iovec){text, strlen(text)}, 1, err));

    if (document && !path)
        error_set(err, TC_USAGE, NULL, NULL, "usage", "the mapping has employees: name their file too");
    else if (document && !text)
        error_memory(err);
    free(text);
    return good;
}

static bool write_all(struct import *m, struct tc_import_result *result)
{
    json_t *payroll = people_payroll(&m->people, &result->certificates), *employees = people_employees(&m->people);
    bool good = (!employees || m->options->employees || write_json(NULL, employees, m->err))
                && write_json(m->options->payroll, payroll, m->err) && write_json(m->options->employees, employees, m->err);

    json_decref(payroll);
    json_decref(employees);
    return good;
}

/* Neither output is an input or the other. */
static bool check_outputs(const struct tc_import_options *o, struct tc_error *err)
{
    const char *const *files = o->files;
    const char *others[] = {o->mapping, o->payroll};

    return (!o->payroll || (outside_output(o->payroll, others, 1, err) && outside_output(o->payroll, files, (size_t)o->file_count, err)))
           && (!o->employees
               || (outside_output(o->employees, others, 2, err) && outside_output(o->employees, files, (size_t)o->file_count, err)));
}

enum tc_code tc_import(const struct tc_import_options *options, struct tc_import_result *result, struct tc_error *err)
{
    struct import m = {.options = options, .err = err};
    json_t *mapping;

    error_reset(err);
    mapping = check_outputs(options, err) ? mapping_read(options->mapping, err) : NULL;
    *result = (struct tc_import_result){0};
    m.people.mapping = mapping;
    m.people.by_number = json_object();
    if (mapping && read_files(&m)) {
        m.findings += people_without(&m.people, options);
        if (m.findings > 0)
            error_set(err, TC_INPUT, NULL, NULL, "import", "nothing was written: %ld findings", m.findings);
        else
            write_all(&m, result);
    }
    result->people = (long)json_object_size(m.people.by_number);
    result->findings = m.findings;
    json_decref(m.people.by_number);
    json_decref(mapping);
    return *err->message ? err->code : TC_OK;
}
