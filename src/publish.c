/* The end of a run: facts into the ledger, the form beside it, the list of hashes, and the folder is published. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"
#include "write/events.h"

/* What the workbook needs from the payroll's head, so that it can be made again from the ledger. */
static bool note_head(struct run *run)
{
    static const char *const keys[] = {"establishments", "declarations", "wage_types"};

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const json_t *value = json_object_get(input_head(run->input), keys[i]);
        char *text = value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
        bool ok = !value || (text ? ledger_set(run->ledger, keys[i], text, run->err) : error_memory(run->err));

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
    return ledger_set(run->ledger, key, text, run->err);
}

static bool note_run(struct run *run)
{
    const struct template *t = run->engine.template;
    struct { const char *key, *value; } facts[] = {
        {"format", "taxcert/run/1"}, {"version", TC_VERSION}, {"form", t->id}, {"identity", run->identity},
        {"payroll_sha256", run->payroll_hash}, {"employees_sha256", run->employees_hash}, {"employer", run->facts.employer},
        {"issued", json_string_value(json_object_get(run->given, "issued"))}, {"draft", run->options->draft ? "yes" : "no"},
    };
    char key[128], names[TC_TOTALS_MAX * 33] = "";
    size_t at = 0;

    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
        if (!ledger_set(run->ledger, facts[i].key, facts[i].value, run->err))
            return false;
    if (!note_number(run, "year", t->year) || !note_number(run, "digits", t->digits)
        || !note_number(run, "unreadable_people", run->result->unreadable)
        || !note_number(run, "unreadable_unexplained", run->unreadable_unexplained) || !note_head(run))
        return false;
    for (int i = 0; i < run->result->total_count; i++) {
        snprintf(key, sizeof key, "total %s", run->result->totals[i].line);
        if (!note_number(run, key, run->result->totals[i].units))
            return false;
        at += (size_t)snprintf(names + at, sizeof names - at, "%s%s", i ? " " : "", run->result->totals[i].line);
    }
    return ledger_set(run->ledger, "totals", names, run->err);
}

static bool keep_file(struct run *run, const char *name, const void *data, size_t length, const unsigned char hash[HASH_SIZE])
{
    char path[128], hex[HASH_HEX + 1];

    snprintf(path, sizeof path, "form/%s", name);
    hash_hex(hash, hex);
    return folder_write(&run->folder, path, data, length, run->err) && stream_printf(&run->sums, run->err, "%s  %s\n", hex, path);
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
    for (size_t i = 0; i < run->engine.file_count; i++) {
        const struct engine_file *file = &run->engine.files[i];

        if (!keep_file(run, file->name, file->data, file->length, file->hash))
            return false;
    }
    return pdf_each_seal(run->engine.pdf, run, keep_seal);
}

static bool sum_file(struct run *run, const char *name)
{
    char path[FOLDER_PATH_MAX], hex[HASH_HEX + 1];
    unsigned char hash[HASH_SIZE];

    if (!folder_path(&run->folder, name, path, run->err) || !hash_file(path, hash, run->err))
        return false;
    hash_hex(hash, hex);
    return stream_printf(&run->sums, run->err, "%s  %s\n", hex, name);
}

/* The workbook is packed while the disk takes the certificates. */
struct closing {
    struct summary *summary;
    bool origin;
    struct tc_error err;
    pthread_t thread;
};

static void *close_summary(void *ctx)
{
    struct closing *c = ctx;

    summary_close(c->summary, &c->origin, &c->err);
    return NULL;
}

static bool close_parts(struct run *run)
{
    struct closing c = {.summary = run->summary};
    bool ok, started;

    run->summary = NULL;
    started = pthread_create(&c.thread, NULL, close_summary, &c) == 0;
    if (!started)
        close_summary(&c);
    ok = stream_close(&run->records, run->err) && keep_form(run) && sum_file(run, "records.jsonl") && note_run(run) && folder_sync(&run->folder, run->err);
    if (started)
        pthread_join(c.thread, NULL);
    if (ok && c.err.code)
        *run->err = c.err;
    run->origin = c.origin;
    return ok && !c.err.code;
}

bool run_publish(struct run *run)
{
    char path[FOLDER_PATH_MAX], hex[HASH_HEX + 1];
    unsigned char hash[HASH_SIZE];
    struct tc_error *err = run->err;

    if (!close_parts(run) || !folder_drop(&run->folder, "tmp", err) || !sum_file(run, "summary.xlsx")
        || !sum_file(run, "summary.csv") || (run->origin && !sum_file(run, "origin.csv.gz"))
        || !folder_sync(&run->folder, err) || !ledger_commit(run->ledger, err))
        return false;
    ledger_close(run->ledger);
    run->ledger = NULL;
    if (!sum_file(run, "ledger.db") || !stream_close(&run->sums, err) || !folder_path(&run->folder, "SHA256SUMS", path, err)
        || !hash_file(path, hash, err))
        return false;
    hash_hex(hash, hex);
    return events_add(run->folder.partial, "generate", hex, NULL, err) && folder_sync(&run->folder, err)
           && folder_publish(&run->folder, err);
}
