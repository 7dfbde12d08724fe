/* The year-end run. Read this first:
 *
 *   input (two streamed JSON files) -> certify, in workers: read -> check -> layout -> write
 *     -> take, in input order: PDF files are there already; ledger, records, sums and workbook get their line
 *       -> sync, commit, publish by one rename. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/date.h"
#include "base/file.h"
#include "base/pool.h"
#include "base/text.h"
#include "certificate/canonical.h"
#include "run/run.h"

#define BATCH_SIZE 32
#define FLUSH_SIZE 4096 /* certificates, 80 MB: a multiple of the batch size */

/* A certificate that a worker is done with. Texts live in the batch's arena. */
struct done {
    struct certify_result result;
    const char *file, *record; /* below the run folder; canonical JSON line */
    const char *trail;         /* canonical JSON of its entries; NULL where there are none */
    const char *words;         /* that it is found by */
    unsigned char hash[HASH_SIZE];
    size_t size;
};

struct batch {
    struct arena arena;
    struct done done[BATCH_SIZE];
    size_t count;
    struct tc_error err;
};

/* Everything that the result depends on, and nothing else: no clock, no number of threads. */
static bool make_identity(struct run *run, const char *issued)
{
    struct buf text = {0};
    unsigned char hash[HASH_SIZE];
    bool ok;

    hash_hex(input_hash(run->input, false), run->payroll_hash);
    hash_hex(input_hash(run->input, true), run->employees_hash);
    buf_printf(&text, "taxcert %s\n%s\n%s\n", TC_VERSION, run->payroll_hash, run->employees_hash);
    buf_printf(&text, "%s\n%d %d %d\n", issued, run->options->draft, run->options->allow_test_ids, run->options->require_ticket);
    if (run->options->corrects)
        buf_printf(&text, "%s\n", run->earlier.sums);
    if (run->waivers)
        buf_add(&text, waivers_hash(run->waivers), HASH_SIZE);
    buf_add(&text, run->engine.hash, HASH_SIZE);
    hash_bytes(text.data, text.length, hash);
    hash_hex(hash, run->identity);
    ok = !text.failed;
    buf_free(&text);
    if (ok && run->options->identity && strcmp(run->options->identity, run->identity) != 0)
        return error_set(run->err, TC_USAGE, NULL, NULL, "identity", "the input, form or options are not those of the run that is there");
    return ok ? !run->options->corrects || correct_check_first(run) : error_memory(run->err);
}

static size_t find_language(const struct template *t, const char *language)
{
    for (size_t i = 0; language && i < t->language_count; i++)
        if (!strcmp(t->languages[i], language))
            return i;
    return 0;
}

static bool open_input(struct run *run)
{
    const struct tc_options *o = run->options;
    const struct datum *given;
    const json_t *head;
    const char *issued, *employer;
    char root[PREPARED_PATH_MAX];
    int32_t date;

    run->input = input_open(o->payroll, o->employees, run->err);
    if (!run->input)
        return false;
    head = input_head(run->input);
    issued = o->issued ? o->issued : json_string_value(json_object_get(head, "issued"));
    employer = json_string_value(json_at(head, "employer/name"));
    if (!issued || !date_parse(issued, strlen(issued), &date))
        return error_set(run->err, o->issued ? TC_USAGE : TC_INPUT, o->payroll, "/issued", "date-format",
                         "the issue date must be given as YYYY-MM-DD, in the payroll or by --issued");
    if (!json_is_string(json_object_get(head, "form")) || !json_is_integer(json_object_get(head, "year"))
        || json_integer_value(json_object_get(head, "year")) < 1 || json_integer_value(json_object_get(head, "year")) > 9999)
        return error_set(run->err, TC_INPUT, o->payroll, "/form", "missing", "form and year must be given");
    if (!o->corrects && json_array_size(json_object_get(head, "cancellations")) > 0)
        return error_set(run->err, TC_INPUT, o->payroll, "/cancellations", "correction-unexpected",
                         "a year's first run has nothing to cancel: that is done by taxcert correct");
    prepared_root(o->templates, root);
    if (o->corrects ? !correct_open(run, date, o->draft ? MARK_DRAFT : 0)
                    : !prepared_load(&run->engine, root, json_string_value(json_object_get(head, "form")),
                                   (int)json_integer_value(json_object_get(head, "year")), date, o->draft ? MARK_DRAFT : 0, run->err))
        return false;
    if (!prepared_messages(root, run->engine.template->languages[0], "messages", &run->kept, run->err)
        || !prepared_messages(root, o->language ? o->language : run->engine.template->languages[0], "messages", &run->told, run->err))
        return false;
    run->wages = wages_load(run->engine.template, json_object_get(head, "wage_types"), o->payroll, run->err);
    run->given = json_pack("{ss sO sb sb}", "issued", issued, "year", json_object_get(head, "year"), "allow_test_ids",
                           (int)o->allow_test_ids, "require_ticket", (int)o->require_ticket);
    if (!run->wages)
        return false;
    if (!run->given || !(given = datum_of(run->given, &run->engine.template->arena)))
        return error_memory(run->err);
    run->declarations = json_object_get(head, "declarations");
    if (o->corrects && !run->declarations)
        run->declarations = run->earlier.archive.declarations;
    run->reconcile = reconcile_new(run->engine.template, run->engine.plan, json_object_get(head, "establishments"), run->declarations,
                                   o->payroll, run->err);
    if (!run->reconcile)
        return false;
    run->facts = (struct summary_run){.identity = run->identity, .payroll_hash = run->payroll_hash,
                                      .employees_hash = run->employees_hash, .employer = employer ? employer : "", .issued = date,
                                      .draft = o->draft, .reconcile = run->reconcile};
    if (o->corrects) {
        run->facts.corrects = run->earlier.identity;
        run->facts.first_totals = stored_run_first_totals(&run->earlier.archive, run->err);
        if (!run->facts.first_totals)
            return false;
    }
    if (o->waivers && !(run->waivers = waivers_load(o->waivers, run->engine.template, run->err)))
        return false;
    run->job = (struct certify_job){&run->engine, run->input, run->wages, given,
                                    {run->engine.template, run->waivers, run->wages, find_language(run->engine.template, o->language)}, NULL,
                                    o->corrects ? &run->earlier : NULL, o->corrects ? &run->correcting : NULL};
    return make_identity(run, issued);
}

static bool has_across_rules(const struct template *t)
{
    for (size_t i = 0; i < t->rule_count; i++)
        if (t->rules[i].across != ACROSS_NOT)
            return true;
    return false;
}

/* Reads the certificates whose persons may have several, and compares them. */
static bool compare_people(struct run *run)
{
    const struct template *t = run->engine.template;
    struct certify_worker worker = {0};
    struct across_record *records = NULL;
    struct arena arena = {0};
    size_t count = 0, readable = 0;
    size_t *indices = NULL;

    if (!has_across_rules(t))
        return true;
    if (run->options->corrects)
        count = input_certificates(run->input); /* whose others are in the run before */
    else
        indices = input_likely_same(run->input, t->fields[t->person].steps[0], &count, run->err);
    run->across = across_new(t);
    records = calloc(count + 1, sizeof *records);
    if ((!indices && !run->options->corrects) || !run->across || !records || !certify_start(&worker, &run->engine, run->err)) {
        error_memory(run->err);
        goto cleanup;
    }
    for (size_t i = 0; i < count && !run->err->code; i++) {
        struct certify_result result;

        arena_reset(&arena);
        if (!certify_read(&run->job, &worker, indices ? indices[i] : i, &arena, &result, run->err) || !result.has_record)
            continue;
        records[readable].number = result.number;
        if (!across_describe(run->across, &result.record, result.personnel_number, &records[readable++]))
            error_memory(run->err);
        if (run->options->corrects)
            correct_expect(run, result.id, count);
    }
    if (run->options->corrects && !run->err->code)
        correct_add_people(run, &records, &readable);
    if (!run->err->code && !across_compare(run->across, records, readable))
        error_memory(run->err);
    run->job.across = run->across;
cleanup:
    certify_stop(&worker);
    arena_free(&arena);
    free(records);
    free(indices);
    return !run->err->code;
}

/* A path below the run folder that lives as long as the template. */
static const char *keep_path(struct run *run, const char *name)
{
    char path[FOLDER_PATH_MAX];
    const char *kept = folder_path(&run->folder, name, path, run->err) ? arena_copy(&run->engine.template->arena, path, strlen(path)) : NULL;

    if (!kept && !run->err->code)
        error_memory(run->err);
    return kept;
}

static bool open_output(struct run *run)
{
    const char *ledger, *records, *sums;
    struct folder *f = &run->folder;
    struct tc_error *err = run->err;

    if (!folder_open(run->options->output, run->identity, f, err))
        return false;
    run->flush.folder = f;
    ledger = keep_path(run, "ledger.db");
    records = keep_path(run, "records.jsonl");
    sums = keep_path(run, "SHA256SUMS");
    run->files = (struct summary_files){keep_path(run, "summary.xlsx"), keep_path(run, "summary.csv"), keep_path(run, "origin.csv.gz"),
                                        keep_path(run, "tmp")};
    if (err->code || !folder_clear(f, err) || !file_folder(run->files.temporary, err) || !file_write(ledger, "", 0, err)
        || !file_write(run->files.workbook, "", 0, err)) /* the libraries would make them readable for others */
        return false;
    run->ledger = ledger_create(ledger, err);
    if (!run->ledger || !stream_open(&run->records, records, err) || !stream_open(&run->sums, sums, err))
        return false;
    run->summary = summary_create(run->engine.template, run->engine.plan, &run->facts, &run->files, err);
    return run->summary != NULL;
}

/* In a worker: the PDF is written here, everything else in input order by take. */
static bool finish(const struct run *run, struct certify_worker *w, struct arena *arena, struct done *d, struct tc_error *err)
{
    const struct template *t = run->engine.template;
    const struct certify_result *r = &d->result;
    struct canonical_head head = {r->id, r->personnel_number, r->establishment};

    if (r->has_record) {
        w->text.length = 0;
        canonical_write(t, &r->record, &head, &w->text);
        d->record = w->text.failed ? NULL : arena_copy(arena, w->text.data, w->text.length);
        if (!d->record)
            return error_memory(err);
    }
    if (r->personnel_number) {
        w->text.length = 0;
        canonical_words(t, r->has_record ? &r->record : NULL, r->personnel_number, r->id, &w->text);
        d->words = w->text.failed ? NULL : arena_copy(arena, w->text.data, w->text.length);
        if (!d->words)
            return error_memory(err);
    }
    if (r->trail.count > 0) {
        w->text.length = 0;
        canonical_trail(&r->trail, t->digits, &w->text);
        d->trail = w->text.failed ? NULL : arena_copy(arena, w->text.data, w->text.length);
        if (!d->trail)
            return error_memory(err);
    }
    if (!r->issued || !run->options->output)
        return true;
    d->file = folder_certificate(t->id, t->year, r->personnel_number, r->id, arena);
    d->size = w->pdf.file[0].iov_len + w->pdf.file[1].iov_len;
    memcpy(d->hash, w->hash, HASH_SIZE);
    if (!d->file)
        return error_memory(err);
    return folder_write(&run->folder, d->file, w->pdf.file, PDF_PARTS, err);
}

static void work(void *ctx, int worker, void *place, size_t first, size_t count)
{
    struct run *run = ctx;
    struct batch *batch = place;
    struct certify_worker *w = &run->workers[worker];

    arena_reset(&batch->arena);
    batch->count = 0;
    w->reader.ahead = BATCH_SIZE - 1;
    for (size_t i = 0; i < count && !batch->err.code; i++) {
        struct done *d = &batch->done[i];

        *d = (struct done){.file = NULL};
        if (certify(&run->job, w, first + i, run->options->output != NULL, &batch->arena, &d->result, &batch->err)
            && finish(run, w, &batch->arena, d, &batch->err))
            batch->count++;
    }
}

static bool take_totals(struct run *run, const struct record *record)
{
    const struct template *t = run->engine.template;
    size_t at = 0;

    for (size_t i = 0; i < t->field_count && at < TC_TOTALS_MAX; i++) {
        if (!t->fields[i].control)
            continue;
        if (record->values[i].present && !money_add(&run->result->totals[at].units, record->values[i].number))
            return error_set(run->err, TC_INPUT, NULL, NULL, "amount-range", "the total of a line is too large");
        at++;
    }
    return true;
}

bool run_book(struct run *run, const struct ledger_entry *entry, struct summary_line *line)
{
    bool issued = entry->state == LEDGER_ISSUED;

    run->result->certificates++;
    run->result->issued += issued;
    run->result->withheld += !issued;
    line->entry = entry;
    if (!reconcile_add(run->reconcile, line->establishment, line->record, issued, &line->place, run->err)
        || (issued && !take_totals(run, line->record)))
        return false;
    return !run->options->output
           || (ledger_add(run->ledger, entry, run->err) && summary_add(run->summary, line, run->err)
               && (!issued || stream_add(&run->records, entry->record, strlen(entry->record), run->err)));
}

static bool take(struct run *run, const struct done *d)
{
    const struct certify_result *r = &d->result;
    struct ledger_entry entry = {.number = r->place, .id = r->id, .personnel_number = r->personnel_number,
                                 .state = r->issued ? LEDGER_ISSUED : LEDGER_WITHHELD, .file = d->file,
                                 .size = (int64_t)d->size, .record = d->record, .trail = d->trail, .words = d->words};
    struct summary_line line = {.establishment = r->establishment, .record = r->has_record ? &r->record : NULL, .trail = &r->trail};

    memcpy(entry.hash, d->hash, HASH_SIZE);
    run->taken++;
    run->result->warnings += (long)r->findings.warnings;
    run->result->waived += (long)r->findings.waived;
    if (!run_give_findings(run, r)
        || !(run->options->corrects ? correct_keep(run, r, &entry) : run_book(run, &entry, &line)))
        return false;
    return !r->issued || !run->options->output || run_add_sum(run, d->file, d->hash);
}

static bool consume(void *ctx, void *place)
{
    struct run *run = ctx;
    struct batch *batch = place;

    for (size_t i = 0; i < batch->count; i++)
        if (!take(run, &batch->done[i]))
            return false;
    if (batch->err.code) {
        *run->err = batch->err;
        return false;
    }
    if (run->options->output && run->taken % FLUSH_SIZE == 0)
        flush_ask(&run->flush);
    if (run->options->on_progress)
        return run->options->on_progress(run->options->ctx, run->taken, (long)input_certificates(run->input))
               || error_set(run->err, TC_IO, NULL, NULL, "interrupted", "the run was interrupted; the same command takes it up again");
    return true;
}

static bool certify_all(struct run *run)
{
    struct pool_calls calls = {run, work, consume};
    struct batch *batches = NULL;
    void *places[JOBS_MAX * 4];
    size_t count = (size_t)run->jobs * 4;
    bool ok = true;

    batches = calloc(count, sizeof *batches);
    if (!batches)
        return error_memory(run->err);
    for (size_t i = 0; i < count; i++)
        places[i] = &batches[i];
    for (int i = 0; ok && i < run->jobs; i++)
        ok = certify_start(&run->workers[i], &run->engine, run->err);
    ok = ok && pool_run(input_certificates(run->input), BATCH_SIZE, run->jobs, places, count, &calls, run->err);
    for (int i = 0; i < run->jobs; i++)
        certify_stop(&run->workers[i]);
    for (size_t i = 0; i < count; i++)
        arena_free(&batches[i].arena);
    free(batches);
    return ok;
}

/* Employees no certificate names. One without a readable number was named in no certificate either. */
static bool list_people(struct run *run)
{
    struct input_reader reader = {0};

    for (size_t i = 0; i < input_employees(run->input) && !run->err->code; i++) {
        const struct datum *person;
        const char *number, *reason;

        if (input_has_certificate(run->input, i))
            continue;
        input_reader_reset(&reader);
        person = input_employee(run->input, i, &reader, run->err);
        number = datum_text(datum_get(person, "personnel_number"));
        reason = datum_text(datum_get(person, "no_certificate_reason"));
        run->result->without++;
        run->result->unexplained += reason == NULL;
        if (!number || !text_is_handle(number)) {
            run->result->unreadable++;
            run->unreadable_unexplained += reason == NULL;
        } else if (run->options->output && ledger_add_person(run->ledger, number, reason, run->err)) {
            summary_add_person(run->summary, number, reason, run->err);
        }
    }
    if (run->summary)
        summary_add_unreadable(run->summary, run->result->unreadable, run->unreadable_unexplained);
    input_reader_free(&reader);
    return !run->err->code;
}

static void close_sums(struct run *run)
{
    static const enum tc_reconciled states[] = {TC_NOT_RECONCILED, TC_RECONCILED, TC_DIFFERENT};

    reconcile_close(run->reconcile);
    run->result->reconciled = states[reconcile_all(run->reconcile, &run->result->differences)];
}

static void name_totals(struct run *run)
{
    const struct template *t = run->engine.template;
    int at = 0;

    for (size_t i = 0; i < t->field_count && at < TC_TOTALS_MAX; i++) {
        if (!t->fields[i].control)
            continue;
        snprintf(run->result->totals[at].line, sizeof run->result->totals[at].line, "%s", t->fields[i].id);
        at++;
    }
    run->result->total_count = at;
    snprintf(run->result->currency, sizeof run->result->currency, "%s", t->currency);
    snprintf(run->result->language, sizeof run->result->language, "%s", t->languages[0]);
}

static int count_jobs(int wanted)
{
    long cores = wanted > 0 ? wanted : sysconf(_SC_NPROCESSORS_ONLN);

    return cores < 1 ? 1 : cores > JOBS_MAX ? JOBS_MAX : (int)cores;
}

enum tc_code tc_generate(const struct tc_options *options, struct tc_result *result, struct tc_error *err)
{
    struct run *run = calloc(1, sizeof *run);

    *result = (struct tc_result){0};
    if (!run) {
        error_memory(err);
        return err->code;
    }
    run->options = options;
    run->result = result;
    run->err = err;
    run->jobs = count_jobs(options->jobs);
    if (open_input(run) && compare_people(run)) {
        name_totals(run);
        if ((!options->output || open_output(run)) && certify_all(run) && run_give_unknown(run) && run_give_unused_waivers(run)
            && (options->corrects ? correct_carry(run) : list_people(run))) {
            close_sums(run);
            if (options->output)
                run_publish(run);
        }
    }
    for (int i = 0; i < result->total_count; i++)
        money_text(result->totals[i].units, run->engine.template->digits, result->totals[i].text);
    flush_stop(&run->flush, err);
    summary_free(run->summary);
    stream_drop(&run->records);
    stream_drop(&run->sums);
    ledger_close(run->ledger);
    wages_free(run->wages);
    waivers_free(run->waivers);
    across_free(run->across);
    reconcile_free(run->reconcile);
    json_decref(run->given);
    json_decref(run->kept);
    json_decref(run->told);
    input_close(run->input);
    corrections_free(&run->corrections);
    previous_close(&run->earlier);
    prepared_free(&run->correcting);
    prepared_free(&run->engine);
    free(run);
    if (err->code)
        return err->code;
    return (options->corrects ? result->refused : result->withheld) ? TC_WITHHELD : TC_OK;
}
