/* The end of a run: facts into the ledger, the form beside it, the list of hashes, and the folder is published. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run/run.h"
#include "store/events.h"
#include "store/pages.h"

/* What the workbook needs from the payroll's head, so that it can be made again from the ledger. */
static bool note_head(struct run *run)
{
    const json_t *head = input_head(run->in.input);
    const struct {
        const char *key;
        const json_t *value;
    } parts[] = {{"employer data", json_object_get(head, "employer")},
                 {"establishments", json_object_get(head, "establishments")},
                 {"declarations", run->in.declarations},
                 {"wage_types", json_object_get(head, "wage_types")}};

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        char *text = parts[i].value ? json_text(parts[i].value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
        bool ok = !parts[i].value || (text ? ledger_set(run->out.ledger, parts[i].key, text, run->err) : error_memory(run->err));

        free(text);
        if (!ok)
            return false;
    }
    return true;
}

static bool note_number(struct run *run, const char *key, long long number)
{
    char text[32];

    snprintf(text, sizeof text, "%lld", number);
    return ledger_set(run->out.ledger, key, text, run->err);
}

static bool note_run(struct run *run)
{
    const struct template *t = run->in.form.template;
    struct {
        const char *key, *value;
    } facts[] = {
        {"format", "taxcert/run/1"},
        {"version", TC_VERSION},
        {"form", t->id},
        {"identity", run->in.identity},
        {"payroll_sha256", run->in.payroll_hash},
        {"employees_sha256", run->in.employees_hash},
        {"employer", run->out.facts.employer},
        {"issue_date", json_string_value(json_object_get(run->in.given, "issued"))},
        {"draft", run->options->draft ? "yes" : "no"},
    };
    char key[128], names[TC_TOTALS_MAX * 33] = "";
    size_t at = 0;

    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
        if (!ledger_set(run->out.ledger, facts[i].key, facts[i].value, run->err))
            return false;
    if (!note_number(run, "year", t->year) || !note_number(run, "digits", t->digits)
        || !note_number(run, "unreadable_people", run->result->unreadable)
        || !note_number(run, "unreadable_unexplained", run->unreadable_unexplained) || !note_head(run) || !run->kind->note(run))
        return false;
    for (int i = 0; i < run->result->total_count; i++) {
        snprintf(key, sizeof key, "total %s", run->result->totals[i].line);
        if (!note_number(run, key, run->result->totals[i].units))
            return false;
        at += (size_t)snprintf(names + at, sizeof names - at, "%s%s", i ? " " : "", run->result->totals[i].line);
    }
    return ledger_set(run->out.ledger, "totals", names, run->err);
}

/* The form's files stand in the ledger as in the list of hashes: who proves the ledger proves them. */
static bool note_file(struct run *run, const char *name, const unsigned char hash[HASH_SIZE])
{
    char hex[HASH_HEX + 1];

    hash_hex(hash, hex);
    buf_printf(&run->out.form, "%s  %s\n", hex, name);
    return !run->out.form.failed || error_memory(run->err);
}

static bool keep_file(struct run *run, const char *name, const void *data, size_t length, const unsigned char hash[HASH_SIZE])
{
    char path[128];

    snprintf(path, sizeof path, "form/%s", name);
    return folder_write(&run->out.folder, path, &(struct iovec){(void *)data, length}, 1, run->err)
           && run_add_sum(run, path, hash, run->err) && note_file(run, path, hash);
}

static bool keep_seal(void *ctx, const char *name, const void *data, size_t length)
{
    unsigned char hash[HASH_SIZE];
    char file[64];

    hash_bytes(data, length, hash);
    snprintf(file, sizeof file, "%.40s.seal", name);
    return keep_file(ctx, file, data, length, hash);
}

/* Files in RUN/form: the template as used, so that a folder in use never changes silently, and what every PDF begins with,
 * so that a later one needs none of today's libraries. */
static bool keep_form(struct run *run)
{
    for (size_t i = 0; i < run->in.form.file_count; i++) {
        const struct prepared_file *file = &run->in.form.files[i];

        if (!keep_file(run, file->name, file->data, file->length, file->hash))
            return false;
    }
    if (!pdf_each_seal(run->in.form.pdf, run, keep_seal) || !run->kind->keep(run, keep_seal))
        return false;
    buf_add(&run->out.form, "", 1);
    return run->out.form.failed ? error_memory(run->err) : ledger_set(run->out.ledger, "form files", run->out.form.data, run->err);
}

/* Hashes made beside each other; those of the lists come with writing them. */
struct own_hashes {
    unsigned char records[HASH_SIZE], workbook[HASH_SIZE], ledger[HASH_SIZE], pages[HASH_SIZE];
    char root[HASH_HEX + 1]; /* of the ledger's list of hashes */
    struct summary_made made;
};

static bool hash_own(const struct run *run, const char *name, unsigned char hash[HASH_SIZE], struct tc_error *err)
{
    char path[FOLDER_PATH_MAX];

    return folder_path(&run->out.folder, name, path, err) && hash_file(path, hash, err);
}

/* What is done beside the closing of ledger and lists: the workbook is closed, and the disk takes the certificates. */
struct beside {
    struct run *run;
    struct own_hashes *hashes;
    bool (*work)(struct beside *b);
    bool started, ok;
    struct tc_error err;
    pthread_t thread;
};

static bool close_summary(struct beside *b)
{
    struct run *run = b->run;
    struct summary *s = run->out.summary;

    summary_add_unreadable(s, run->result->unreadable, run->unreadable_unexplained);
    run->out.summary = NULL;
    return summary_close(s, &b->hashes->made, &b->err) && hash_own(run, "summary.xlsx", b->hashes->workbook, &b->err);
}

static bool sync_certificates(struct beside *b)
{
    return flush_stop(&b->run->out.flush, &b->err) && folder_sync(&b->run->out.folder, &b->err);
}

static void *work_beside(void *ctx)
{
    struct beside *b = ctx;

    b->ok = b->work(b);
    return NULL;
}

static void start(struct beside *b)
{
    b->started = pthread_create(&b->thread, NULL, work_beside, b) == 0;
    if (!b->started)
        work_beside(b);
}

static bool wait_for(struct beside *b)
{
    if (b->started)
        pthread_join(b->thread, NULL);
    if (!b->ok && !b->run->err->code)
        *b->run->err = b->err;
    return b->ok;
}

static bool close_ledger(struct run *run, struct own_hashes *hashes)
{
    char ledger[FOLDER_PATH_MAX], pages[FOLDER_PATH_MAX];

    if (!note_run(run) || !ledger_commit(run->out.ledger, run->err))
        return false;
    ledger_close(run->out.ledger);
    run->out.ledger = NULL;
    return folder_path(&run->out.folder, "ledger.db", ledger, run->err) && folder_path(&run->out.folder, PAGES_NAME, pages, run->err)
           && pages_make(ledger, pages, hashes->ledger, hashes->pages, hashes->root, run->err);
}

static bool close_parts(struct run *run, struct own_hashes *hashes)
{
    struct beside sync = {.run = run, .work = sync_certificates};
    struct beside summary = {.run = run, .hashes = hashes, .work = close_summary};
    bool ok;

    start(&sync);
    start(&summary);
    ok = stream_close(&run->out.records, hashes->records, run->err) && keep_form(run) && close_ledger(run, hashes);
    ok &= wait_for(&summary);
    return wait_for(&sync) && ok;
}

bool run_tell_seal(struct run *run, const char *folder)
{
    struct proof seal;

    if (!events_seal(folder, NULL, &seal, NULL, run->err))
        return false;
    memcpy(run->result->seal, seal.now, sizeof run->result->seal);
    return true;
}

bool run_publish(struct run *run)
{
    char hex[HASH_HEX + 1];
    unsigned char hash[HASH_SIZE];
    struct own_hashes hashes;
    struct tc_error *err = run->err;

    if (!close_parts(run, &hashes) || !folder_drop(&run->out.folder, "tmp", err))
        return false;
    if (!run_add_sum(run, "records.jsonl", hashes.records, run->err) || !run_add_sum(run, "summary.xlsx", hashes.workbook, run->err)
        || !run_add_sum(run, "summary.csv", hashes.made.csv_hash, run->err)
        || (hashes.made.origin && !run_add_sum(run, "origin.csv.gz", hashes.made.origin_hash, run->err))
        || !run_add_sum(run, "ledger.db", hashes.ledger, run->err) || !run_add_sum(run, PAGES_NAME, hashes.pages, run->err))
        return false;
    if (!stream_close(&run->out.sums, hash, err))
        return false;
    hash_hex(hash, hex);
    return events_begin(run->out.folder.partial, run->kind->event, hex, hashes.root, err) && (!run->options->draft || run_note_inputs(run))
           && run_tell_seal(run, run->out.folder.partial) && folder_sync(&run->out.folder, err) && input_is_same(run->in.input, err)
           && run->kind->announce(run) && folder_publish(&run->out.folder, err) && run->kind->tell(run);
}
