/* Certificates are made by workers, a batch at a time, and taken by the caller's thread in input order. Where they go into the year as they are,
 * their place in it is told in between, in order, so that workers make their rows too. */
#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "certificate/canonical.h"
#include "run/run.h"

#define BATCH_SIZE SUMMARY_BLOCK
#define FLUSH_SIZE 4096 /* certificates, 80 MB: a multiple of the batch size */

/* A certificate that a worker is done with. Texts live in the batch's arena. */
struct done {
    struct certify_result result;
    const char *file, *record; /* below the run folder; canonical JSON line */
    const char *trail;         /* canonical JSON of its entries; NULL where there are none */
    const char *words;         /* that it is found by */
    unsigned char hash[HASH_SIZE];
    size_t size;
    struct ledger_entry entry;
    struct summary_line line;
};

struct batch {
    struct arena arena;
    struct done done[BATCH_SIZE];
    size_t count;
    const struct summary_block *block; /* of workbook and tables; NULL where there is none */
    struct tc_error err;               /* behind those that count */
};

/* What the workers share. */
struct batches {
    struct run *run;
    struct certify_worker workers[JOBS_MAX];
    struct summary_maker *makers[JOBS_MAX]; /* NULL: rows are not made here */
    int jobs;
    long taken; /* certificates of the input that are done */
};

/* What w->text holds, kept in arena. */
static bool keep_text(struct certify_worker *w, struct arena *arena, const char **kept, struct tc_error *err)
{
    *kept = w->text.failed ? NULL : arena_copy(arena, w->text.data, w->text.length);
    w->text.length = 0;
    return *kept || error_memory(err);
}

/* The texts that ledger and workbook get, written in the worker. */
static bool write_texts(const struct run *run, struct certify_worker *w, struct arena *arena, struct done *d, struct tc_error *err)
{
    const struct template *t = run->in.form.template;
    const struct certify_result *r = &d->result;
    struct canonical_head head = {r->id, r->personnel_number, r->establishment};

    w->text.length = 0;
    if (r->has_record) {
        canonical_write(t, &r->record, &head, &w->text);
        if (!keep_text(w, arena, &d->record, err))
            return false;
    }
    if (r->personnel_number) {
        canonical_words(t, r->has_record ? &r->record : NULL, r->personnel_number, r->id, &w->text);
        if (!keep_text(w, arena, &d->words, err))
            return false;
    }
    if (r->trail.count == 0)
        return true;
    canonical_trail(&r->trail, t->digits, &w->text);
    return keep_text(w, arena, &d->trail, err);
}

static void describe(struct done *d)
{
    const struct certify_result *r = &d->result;

    d->entry = (struct ledger_entry){.number = r->place,
                                     .id = r->id,
                                     .personnel_number = r->personnel_number,
                                     .state = r->issued ? LEDGER_ISSUED : LEDGER_HELD,
                                     .file = d->file,
                                     .size = (int64_t)d->size,
                                     .record = d->record,
                                     .trail = d->trail,
                                     .words = d->words};
    memcpy(d->entry.hash, d->hash, HASH_SIZE);
    d->line = (struct summary_line){
        .entry = &d->entry, .establishment = r->establishment, .record = r->has_record ? &r->record : NULL, .trail = &r->trail};
}

/* In a worker: the PDF is written here, and what does not hang on who came before; everything else in input order by take. */
static bool write_certificate(struct batches *b, int worker, struct arena *arena, struct done *d, struct tc_error *err)
{
    const struct run *run = b->run;
    struct certify_worker *w = &b->workers[worker];
    const struct template *t = run->in.form.template;
    const struct certify_result *r = &d->result;

    if (!write_texts(run, w, arena, d, err))
        return false;
    if (!r->issued || !run->options->output)
        return true;
    d->file = folder_certificate(t->id, t->year, r->personnel_number, r->id, r->corrects, arena);
    d->size = w->pdf.file[0].iov_len + w->pdf.file[1].iov_len;
    memcpy(d->hash, w->hash, HASH_SIZE);
    if (!d->file)
        return error_memory(err);
    return folder_write(&run->out.folder, d->file, w->pdf.file, PDF_PARTS, err);
}

static void work(void *ctx, int worker, void *place, size_t first, size_t count)
{
    struct batches *b = ctx;
    struct batch *batch = place;
    struct certify_worker *w = &b->workers[worker];

    arena_reset(&batch->arena);
    batch->count = 0;
    batch->block = NULL;
    w->reader.ahead = BATCH_SIZE - 1;
    for (size_t i = 0; i < count && !batch->err.code; i++) {
        struct done *d = &batch->done[i];

        *d = (struct done){.file = NULL};
        if (certify(&b->run->job, w, first + i, b->run->options->output != NULL, &batch->arena, &d->result, &batch->err)
            && write_certificate(b, worker, &batch->arena, d, &batch->err)) {
            describe(d);
            batch->count++;
        }
    }
}

/* Those from i on do not count: err is what happened there. */
static void cut(struct batch *batch, size_t i, const struct tc_error *err)
{
    batch->count = i;
    batch->err = *err;
}

static void order(void *ctx, void *place)
{
    const struct batches *b = ctx;
    struct batch *batch = place;
    struct tc_error err = {.code = TC_OK};

    for (size_t i = 0; i < batch->count; i++)
        if (!sinks_place(&b->run->sinks, &batch->done[i].line, &err))
            cut(batch, i, &err);
}

static void finish(void *ctx, int worker, void *place)
{
    const struct batches *b = ctx;
    struct summary_maker *maker = b->makers[worker];
    struct batch *batch = place;
    struct tc_error err = {.code = TC_OK};

    for (size_t i = 0; i < batch->count; i++)
        if (!summary_make(maker, &batch->done[i].line, &batch->arena, &err))
            cut(batch, i, &err);
    batch->block = summary_made(maker, &batch->arena, &err);
    if (!batch->block)
        cut(batch, 0, &err);
}

/* The lists that nothing else stands in. */
static bool list(struct run *run, const struct batch *batch, struct tc_error *err)
{
    for (size_t i = 0; i < batch->count; i++) {
        const struct done *d = &batch->done[i];

        if (d->result.issued && !run_add_sum(run, d->file, d->hash, err))
            return false;
        if (!run->kind->take && !run_list_record(run, &d->entry, err))
            return false;
    }
    return !batch->block || summary_write(run->out.summary, batch->block, err);
}

static void write_lists(void *ctx, void *place)
{
    const struct batches *b = ctx;
    struct batch *batch = place;
    struct tc_error err = {.code = TC_OK};

    if (!list(b->run, batch, &err))
        cut(batch, 0, &err);
}

/* Into the ledger. */
static void store(void *ctx, void *place)
{
    const struct batches *b = ctx;
    struct batch *batch = place;
    struct tc_error err = {.code = TC_OK};

    for (size_t i = 0; i < batch->count; i++) {
        struct done *d = &batch->done[i];

        if (!run_keep_findings(b->run, &d->result, &err) || !sinks_certificate(&b->run->sinks, SINKS_BESIDE, &d->line, &err))
            cut(batch, i, &err);
    }
}

static bool take(struct run *run, struct done *d)
{
    if (run->kind->take)
        return run_give_findings(run, SINKS_ALL, &d->result) && run->kind->take(run, &d->result, &d->line);
    return run_give_findings(run, SINKS_OTHERS, &d->result) && sinks_certificate(&run->sinks, SINKS_OTHERS, &d->line, run->err);
}

static bool take_all(struct batches *b, struct batch *batch)
{
    struct run *run = b->run;

    for (size_t i = 0; i < batch->count; i++, b->taken++)
        if (!take(run, &batch->done[i]))
            return false;
    if (batch->err.code) {
        *run->err = batch->err;
        return false;
    }
    return !batch->block || summary_join(run->out.summary, batch->block, run->err);
}

static bool consume(void *ctx, void *place)
{
    struct batches *b = ctx;
    struct run *run = b->run;

    if (!take_all(b, place))
        return false;
    if (run->options->output && b->taken % FLUSH_SIZE == 0)
        flush_ask(&run->out.flush);
    if (run->options->on_progress)
        return run->options->on_progress(run->options->ctx, b->taken, (long)input_certificates(run->in.input))
               || error_set(run->err, TC_IO, NULL, NULL, "interrupted", "the run was interrupted; the same command continues it");
    return true;
}

static bool start_worker(struct batches *b, int worker, struct tc_error *err)
{
    if (!certify_start(&b->workers[worker], &b->run->in.form, err))
        return false;
    if (b->run->kind->take || !b->run->out.summary)
        return true;
    b->makers[worker] = summary_maker_new(b->run->out.summary);
    return b->makers[worker] || error_memory(err);
}

static void stop_worker(struct batches *b, int worker)
{
    certify_stop(&b->workers[worker]);
    summary_maker_free(b->makers[worker]);
}

bool run_batches(struct run *run)
{
    struct pool_calls calls = {.work = work,
                               .order = run->kind->take ? NULL : order,
                               .finish = run->kind->take || !run->out.summary ? NULL : finish,
                               .write = run->options->output ? write_lists : NULL,
                               .store = run->kind->take || !run->options->output ? NULL : store,
                               .consume = consume};
    struct batches *b = calloc(1, sizeof *b);
    struct batch *batches = NULL;
    void *places[JOBS_MAX * 4];
    size_t count = 0;
    bool ok = b != NULL;

    if (ok) {
        b->run = run;
        b->jobs = pool_jobs(run->options->jobs, JOBS_MAX);
        calls.ctx = b;
        count = (size_t)b->jobs * 4;
        batches = calloc(count, sizeof *batches);
        ok = batches != NULL;
    }
    if (!ok)
        error_memory(run->err);
    for (size_t i = 0; ok && i < count; i++)
        places[i] = &batches[i];
    for (int i = 0; ok && i < b->jobs; i++)
        ok = start_worker(b, i, run->err);
    ok = ok && pool_run(input_certificates(run->in.input), BATCH_SIZE, b->jobs, places, count, &calls, run->err);
    for (int i = 0; b && i < b->jobs; i++)
        stop_worker(b, i);
    for (size_t i = 0; batches && i < count; i++)
        arena_free(&batches[i].arena);
    free(batches);
    free(b);
    return ok;
}
