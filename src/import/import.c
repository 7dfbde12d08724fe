/* taxcert import: each file row by row by its source of the mapping onto a spool; then the people one after the other into the two
 * documents, or findings and nothing. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/give.h"
#include "import/into.h"
#include "import/mapping.h"
#include "import/merge.h"
#include "store/outside.h"

struct import {
    const struct tc_import_options *options;
    struct tc_import_result *result;
    struct tc_error *err;
    json_t *mapping;
    struct gather rows;
    struct origins origins;
    bool is_blind; /* a file's columns are not those of the mapping: what the files say together is not known */
    struct give gives[2];
    struct into *into; /* a payroll that gets tickets; NULL: none */
    int year;
};

/* What must be so in each row that is taken, such as the currency. */
static bool must(struct source *s, const struct parts *p)
{
    bool good = true;

    for (size_t i = 0; i < p->must.count; i++)
        if (!condition_is_met(s, &p->must.list[i])) {
            source_tell(s, column_first(&p->must.list[i].column), 0, "import-must", "not what must stand here according to the mapping");
            good = false;
        }
    return good;
}

/* Of refused rows too: a total is wrong by itself only. What cannot be read was told. */
static void add_sums(struct source *s, struct parts *p)
{
    s->silent = true;
    p->untotalled = p->totals.count ? s->csv.record_line : 0;
    for (size_t i = 0; i < p->totals.count; i++)
        for (size_t k = 0; k < p->totals.list[i].sum_count; k++) {
            int64_t units = 0;
            size_t column;
            enum column_got got = column_amount(s, &p->totals.list[i].sums[k], &units, &column);
            p->totals.list[i].totals[k] += got == COLUMN_VALUE ? units : 0;
            p->totals.list[i].unknown |= got == COLUMN_WRONG;
        }
    s->silent = false;
}

static void check_total(struct source *s, struct condition *total, bool refused)
{
    for (size_t k = 0; k < total->sum_count; k++) {
        int64_t units = 0;
        size_t column;
        if (column_amount(s, &total->sums[k], &units, &column) != COLUMN_WRONG && units != total->totals[k] && !total->unknown)
            source_tell(s, column_first(&total->sums[k]), 0, "import-total",
                        refused ? "the file's total differs from the sum of its rows, some of which were refused"
                                : "the file's total differs from the sum of its rows");
        if (json_is_true(json_object_get(total->rule, "restart")))
            total->totals[k] = 0;
    }
    if (json_is_true(json_object_get(total->rule, "restart")))
        total->unknown = false;
}

static void take_row(struct import *m, struct source *s, struct parts *p, struct tc_import_account *account)
{
    struct condition *met;

    account->read++;
    if (source_is_blank(s)) {
        account->blank++;
    } else if ((met = parts_met(s, &p->skip))) {
        met->met++;
        account->left_out++;
    } else if ((met = parts_met(s, &p->totals))) {
        account->totals++;
        p->untotalled = 0;
        check_total(s, met, account->refused > 0);
    } else if (s->csv.record_is_bad) {
        account->refused++; /* told by the reader */
    } else if (s->width && s->csv.count != s->width) {
        account->refused++;
        source_tell(s, 0, 0, "import-width", "the row has more or fewer fields than the header or the mapping says");
    } else {
        bool good = gather_take(&m->rows, s, p, !must(s, p), m->err);
        account->taken += good;
        account->refused += !good;
        add_sums(s, p);
    }
}

/* The rows left out, by the conditions' names. */
static bool name_rules(struct import *m, const struct source *s, const struct parts *p, struct tc_import_account *account)
{
    struct tc_import_rule *rules = arena_array(m->rows.shapes.employee.arena, p->skip.count + 1, sizeof *rules);

    if (!rules)
        return error_memory(m->err);
    for (size_t i = 0; i < p->skip.count; i++) {
        const char *name = json_string_value(json_object_get(p->skip.list[i].rule, "name"));
        rules[i].name = name ? name : arena_printf(m->rows.shapes.employee.arena, "%s/skip/%zu", s->pointer, i);
        rules[i].rows = p->skip.list[i].met;
        if (!rules[i].name)
            return error_memory(m->err);
    }
    account->rules = rules;
    account->rule_count = p->skip.count;
    return true;
}

static bool read_rows(struct import *m, struct source *s, struct origin *origin)
{
    struct parts parts;
    struct tc_import_account *account = &origin->account;

    account->before = s->before;
    if (!parts_compile(&parts, s, &m->rows.shapes, m->rows.shapes.employee.arena, m->err))
        return false;
    if (m->rows.shapes.certificate.slots >= ITEM_MARKER || m->rows.shapes.employee.slots >= ITEM_MARKER)
        return error_set(m->err, TC_USAGE, m->options->mapping, s->pointer, "mapping", "more than 65,534 different fields");
    if (source_tell_missing(s)) {
        m->is_blind = true;
        return true;
    }
    origin->one_row = parts.one_row;
    origin->has_newest = parts.newest_count > 0;
    origin->is_monthly = parts.feature_month.given;
    while (csv_next(&s->csv, m->err) && !*m->err->message)
        take_row(m, s, &parts, account);
    if (parts.untotalled)
        origins_tell(&m->origins, &(struct row){.source = s->number, .line = (uint32_t)parts.untotalled}, 0, NULL, "import-no-total",
                     "no total of the mapping stands behind this row, which is the last one: is the file whole?", true);
    return !*m->err->message && name_rules(m, s, &parts, account);
}

static bool read_file(struct import *m, const char *path, size_t number)
{
    struct origin *origin = &m->origins.list[number];
    struct source s = {.options = m->options,
                       .path = path,
                       .as = json_array_get(json_object_get(m->mapping, "sources"), number),
                       .number = (uint16_t)number,
                       .year = m->year};
    bool good;

    snprintf(s.pointer, sizeof s.pointer, "/sources/%zu", number);
    origin->path = origin->account.file = path;
    origin->as = s.as;
    good = source_open(&s, m->err) && read_rows(m, &s, origin);
    if (*m->err->message && !*m->err->file)
        snprintf(m->err->file, sizeof m->err->file, "%s", path);
    origin->titles = json_incref(s.titles);
    m->origins.findings += s.findings;
    source_close(&s);
    return good;
}

/* The source that a file is of: by its name, else by its place among the files. */
static bool find_source(const struct import *m, int file, size_t *number)
{
    const json_t *sources = json_object_get(m->mapping, "sources"), *one;
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
           || error_set(m->err, TC_USAGE, path, NULL, "import-file",
                        "the mapping has no source for this file: add one to it, or leave the file out");
}

static bool read_files(struct import *m)
{
    const json_t *sources = json_object_get(m->mapping, "sources");
    size_t number;

    for (int i = 0; i < m->options->file_count; i++) {
        if (!find_source(m, i, &number))
            return false;
        if (m->origins.list[number].path)
            return error_set(m->err, TC_USAGE, m->options->files[i], NULL, "import-file",
                             "two files belong to the same source: give each once");
        if (!read_file(m, m->options->files[i], number))
            return false;
    }
    for (size_t i = 0; i < m->origins.count; i++)
        if (!m->origins.list[i].path && !json_object_get(json_array_get(sources, i), "tickets"))
            return error_set(m->err, TC_USAGE, m->options->mapping, "/sources", "import-file",
                             "a source of the mapping has no file: only lists of tickets may be left out");
    return true;
}

static bool any_source_has(const struct import *m, const char *key)
{
    const json_t *one;
    size_t i;

    json_array_foreach(json_object_get(m->mapping, "sources"), i, one) if (json_object_size(json_object_get(one, key)) > 0) return true;
    return false;
}

/* The slots that are filled in here, and the constants. */
static bool prepare_shapes(struct import *m)
{
    struct shapes *shapes = &m->rows.shapes;
    const char *key;
    json_t *value;
    json_int_t place = 0;

    shapes->number = shape_slot(&shapes->employee, NULL, "personnel_number", false);
    shapes->id = shape_slot(&shapes->certificate, NULL, "id", false);
    shapes->certificate_number = shape_slot(&shapes->certificate, NULL, "personnel_number", false);
    shapes->from = shape_slot(&shapes->certificate, NULL, "period.from", true);
    shapes->valid_from = shape_slot(&shapes->feature, NULL, "valid_from", false);
    if (!shape_constants(&shapes->employee, json_object_get(m->mapping, "employee"))
        || !shape_constants(&shapes->certificate, json_object_get(m->mapping, "certificate"))
        || !shape_constants(&shapes->feature, json_object_get(m->mapping, "features")))
        return error_memory(m->err);
    shapes->since = shape_take_constant(&shapes->feature, shapes->valid_from);
    shapes->entries = shape_slot(&shapes->certificate, NULL, "entries", false);
    shapes->features = shape_slot(&shapes->certificate, NULL, "deduction_features", false);
    shapes->ticket = shape_slot(&shapes->certificate, NULL, "transfer_ticket", false);
    if (shapes->employee.arena->failed)
        return error_memory(m->err);
    if (json_object_size(json_at(m->mapping, "payroll/wage_types")) >= ITEM_MARKER)
        return error_set(m->err, TC_USAGE, m->options->mapping, "/payroll/wage_types", "mapping", "more than 65,534 wage types");
    shapes->wage_types = json_object();
    shapes->type_names = arena_array(shapes->employee.arena, json_object_size(json_at(m->mapping, "payroll/wage_types")) + 1,
                                     sizeof *shapes->type_names);
    if (!shapes->wage_types || !shapes->type_names)
        return error_memory(m->err);
    json_object_foreach((json_t *)(uintptr_t)json_at(m->mapping, "payroll/wage_types"), key, value)
    {
        shapes->type_names[place] = key;
        if (json_object_set_new(shapes->wage_types, key, json_integer(place++)))
            return error_memory(m->err);
    }
    return true;
}

static bool has_tickets(const struct import *m)
{
    for (size_t i = 0; i < m->origins.count; i++)
        if (m->origins.list[i].path && json_object_get(json_array_get(json_object_get(m->mapping, "sources"), i), "tickets"))
            return true;
    return false;
}

static bool prepare(struct import *m, struct arena *arena)
{
    const char *beside = m->options->payroll ? m->options->payroll : m->options->employees;
    size_t sources = json_array_size(json_object_get(m->mapping, "sources"));

    m->rows.mapping = m->mapping;
    m->rows.shapes.employee.arena = m->rows.shapes.certificate.arena = m->rows.shapes.feature.arena = arena;
    m->rows.shapes.employee.root.slot = m->rows.shapes.certificate.root.slot = m->rows.shapes.feature.root.slot = -1;
    m->origins = (struct origins){.options = m->options, .list = arena_array(arena, sources + 1, sizeof(struct origin)), .count = sources};
    if (!m->origins.list)
        return error_memory(m->err);
    m->year = (int)json_integer_value(json_at(m->mapping, "payroll/year"));
    if (m->options->into && !(m->into = into_open(m->options->into, &m->year, m->err)))
        return false;
    return prepare_shapes(m) && (!beside || outside_runs(beside, m->err)) && spool_open(&m->rows.spool, beside ? beside : "/tmp/x", m->err);
}

/* Who has pay and no master data, and the other way round. */
static void check_sides(struct import *m, const struct person *person)
{
    bool employees = any_source_has(m, "employee"), pay = any_source_has(m, "values") || any_source_has(m, "entries");
    struct row row = {.source = person->source, .line = person->line};

    if (person->has_pay && !person->has_employee && employees)
        origins_tell(&m->origins, &row, person->column, NULL, "import-nobody", "there are no employee data for this personnel number",
                     false);
    if (!person->has_pay && person->has_employee && pay && !m->origins.findings)
        origins_tell(&m->origins, &row, person->column, NULL, "import-no-pay",
                     "this person has employee data but no pay: there will be no certificate", true);
}

static bool write_text(struct import *m, struct give *give, const char *text)
{
    return !give->path || stream_add(&give->stream, text, strlen(text), m->err);
}

static bool write_record(struct import *m, struct give *give, const char *record, long *count)
{
    return !give->path || (write_text(m, give, (*count)++ ? ",\n  " : "\n  ") && write_text(m, give, record));
}

static bool write_people(struct import *m)
{
    struct merge merge = {.rows = &m->rows,
                          .origins = &m->origins,
                          .year = m->year,
                          .makes_payroll = json_object_get(m->mapping, "payroll") != NULL,
                          .has_tickets = has_tickets(m),
                          .id = json_string_value(json_object_get(m->mapping, "id"))};
    const struct tc_import_options *o = m->options;
    struct merged merged;
    bool good = true;

    for (size_t i = 0; i < m->rows.people.count && good; i++) {
        const struct person *person = &m->rows.people.list[i];
        if (o->explain && strcmp(o->explain, person->number) != 0)
            continue;
        check_sides(m, person);
        good = merge_person(&merge, person, &merged, m->err)
               && (!merged.employee || write_record(m, &m->gives[1], merged.employee, &m->result->employees));
        for (size_t k = 0; k < merged.count && good; k++)
            good = write_record(m, &m->gives[0], merged.certificates[k], &m->result->certificates);
    }
    arena_free(&merge.arena);
    m->result->tickets = merge.tickets;
    return good;
}

/* What payroll.json begins with. New. */
static char *head(const struct import *m)
{
    json_t *made = json_pack("{s:s}", "format", "taxcert/payroll/1");
    char *text = NULL;

    if (made && !json_object_update(made, json_object_get(m->mapping, "payroll")))
        text = json_text(made, JSON_INDENT(1));
    json_decref(made);
    if (!text)
        error_memory(m->err);
    return text;
}

static bool write_into(struct import *m)
{
    m->result->certificates = (long)into_count(m->into);
    return into_choose(m->into, &m->rows, &m->origins, &m->result->tickets, m->err)
           && (m->origins.findings > 0 || into_write(m->into, &m->gives[0].stream, m->err));
}

static bool write_documents(struct import *m)
{
    char *text = m->gives[0].path ? head(m) : NULL;
    bool good = (!m->gives[0].path || text) && write_text(m, &m->gives[1], "{\n \"format\": \"taxcert/employees/1\",\n \"employees\": [");

    if (good && text) {
        text[strlen(text) - 2] = '\0'; /* a line's end and the bracket */
        good = write_text(m, &m->gives[0], text) && write_text(m, &m->gives[0], ",\n \"certificates\": [");
    }
    free(text);
    good = good && write_people(m);
    for (size_t i = 0; i < 2; i++)
        good = good && write_text(m, &m->gives[i], "\n ]\n}\n");
    return good;
}

/* What is made is none of what is read. */
static bool check_output(struct import *m, const char *path)
{
    const char *const others[] = {m->options->mapping, m->options->into};

    return !path
           || (outside_output(path, others, 2, m->err) && outside_output(path, m->options->files, (size_t)m->options->file_count, m->err));
}

static bool check_outputs(struct import *m)
{
    const struct tc_import_options *o = m->options;
    bool payroll = json_object_get(m->mapping, "payroll") != NULL, employees = any_source_has(m, "employee");

    if (o->explain)
        return true;
    if (o->into && (payroll || employees || !any_source_has(m, "tickets")))
        return error_set(m->err, TC_USAGE, o->mapping, NULL, "usage", "--into needs a mapping that holds transfer tickets only");
    if (o->into && !o->payroll)
        return error_set(m->err, TC_USAGE, o->mapping, NULL, "usage", "give the payroll file to make too (-o)");
    if (employees && !o->employees)
        return error_set(m->err, TC_USAGE, o->mapping, NULL, "usage", "the mapping has employee data: give their file too (-e)");
    if (payroll && !o->payroll)
        return error_set(m->err, TC_USAGE, o->mapping, NULL, "usage", "the mapping has payroll data: give their file too (-o)");
    if (payroll && employees && outside_is_same(o->payroll, o->employees))
        return error_set(m->err, TC_USAGE, o->payroll, NULL, "usage", "payroll data and employee data go into two files: give two names");
    return ((!payroll && !o->into) || (check_output(m, o->payroll) && give_open(&m->gives[0], o->payroll, m->err)))
           && (!employees || (check_output(m, o->employees) && give_open(&m->gives[1], o->employees, m->err)));
}

static void tell_accounts(const struct import *m)
{
    for (size_t i = 0; i < m->origins.count; i++)
        if (m->origins.list[i].path && m->options->on_account) {
            struct tc_import_account account = m->origins.list[i].account;
            account.refused = account.read - account.taken - account.blank - account.left_out - account.totals;
            m->options->on_account(m->options->ctx, &account);
        }
}

static bool looks_like_type(const char *type)
{
    return strlen(type) <= 10 && type[strcspn(type, "0123456789")]
           && strspn(type, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ/_-.") == strlen(type);
}

static void tell_unknown(const struct import *m)
{
    char sum[MONEY_TEXT];

    for (size_t i = 0; i < m->rows.unknown_count && m->options->on_unknown; i++) {
        const struct unknown_type *u = &m->rows.unknown[i];
        struct tc_import_unknown told = {looks_like_type(u->type) ? u->type : "?", u->differs ? "" : u->text, u->rows, sum};
        money_text(u->sum, 2, sum);
        m->options->on_unknown(m->options->ctx, &told);
    }
}

static void run(struct import *m)
{
    bool good = check_outputs(m) && read_files(m) && (m->is_blind || (m->into ? write_into(m) : write_documents(m)));

    if (good && m->options->explain && !people_find(&m->rows.people, m->options->explain))
        error_set(m->err, TC_USAGE, NULL, NULL, "import-explain", "nobody in these files has this personnel number");
    if (!deliveries_tell(&m->rows.deliveries, &m->origins))
        good = error_memory(m->err);
    tell_accounts(m);
    tell_unknown(m);
    if (m->origins.findings > 0)
        error_set(m->err, TC_INPUT, NULL, NULL, "import", "nothing was written: %ld findings", m->origins.findings);
    else if (good)
        give_all(m->gives, 2, m->err);
}

enum tc_code tc_import(const struct tc_import_options *options, struct tc_import_result *result, struct tc_error *err)
{
    struct import m = {.options = options, .result = result, .err = err, .rows.spool.fd = -1};
    struct arena arena = {0};

    error_reset(err);
    *result = (struct tc_import_result){0};
    m.mapping = mapping_read(options, err);
    if (m.mapping && prepare(&m, &arena))
        run(&m);
    for (size_t i = 0; i < 2; i++)
        give_drop(&m.gives[i]);
    for (size_t i = 0; i < m.origins.count && m.origins.list; i++)
        json_decref(m.origins.list[i].titles);
    result->people = (long)m.rows.people.count;
    result->findings = m.origins.findings;
    result->warnings = m.origins.warnings;
    m.rows.shapes.employee.arena = &arena;
    gather_free(&m.rows);
    into_close(m.into);
    json_decref(m.mapping);
    return *err->message ? err->code : TC_OK;
}

enum tc_code tc_import_lint(const struct tc_import_options *options, struct tc_error *err)
{
    error_reset(err);
    json_decref(mapping_read(options, err));
    return err->code;
}
