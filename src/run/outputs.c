/* The run folder's files, and the sinks that write them. Totals come first: what they find out stands in the lines of the others. */
#include <string.h>

#include "base/file.h"
#include "run/run.h"

/* A path below the run folder that lives as long as the template. */
static const char *keep_path(struct run *run, const char *name)
{
    char path[FOLDER_PATH_MAX];
    const char *kept = folder_path(&run->out.folder, name, path, run->err) ? arena_copy(&run->in.form.template->arena, path, strlen(path))
                                                                           : NULL;

    if (!kept && !run->err->code)
        error_memory(run->err);
    return kept;
}

static bool take_totals(struct run *run, const struct record *record, struct tc_error *err)
{
    const struct template *t = run->in.form.template;
    size_t at = 0;

    for (size_t i = 0; i < t->field_count && at < TC_TOTALS_MAX; i++) {
        if (!t->fields[i].control)
            continue;
        if (record->values[i].present && !money_add(&run->result->totals[at].units, record->values[i].number))
            return error_set(err, TC_INPUT, NULL, NULL, "amount-range", "the total of a line is too large; check the amounts of the data");
        at++;
    }
    return true;
}

static bool total_certificate(void *ctx, struct summary_line *line, struct tc_error *err)
{
    struct run *run = ctx;
    bool issued = line->entry->state == LEDGER_ISSUED;

    if (line->entry->state == LEDGER_REFUSED)
        return true;
    run->result->certificates++;
    run->result->issued += issued;
    run->result->held += !issued;
    return reconcile_add(run->reconcile, line->establishment, line->record, issued, &line->place, err)
           && (!issued || take_totals(run, line->record, err));
}

static bool total_finding(void *ctx, const struct ledger_finding *finding, struct tc_error *err)
{
    struct run *run = ctx;

    (void)err;
    run->result->warnings += finding->severity == SEVERITY_WARNING;
    run->result->waived += finding->severity == SEVERITY_WAIVED;
    return true;
}

static bool total_person(void *ctx, const struct ledger_person *person, struct tc_error *err)
{
    struct run *run = ctx;

    (void)err;
    run->result->without++;
    run->result->unexplained += person->reason == NULL;
    return true;
}

static bool total_correction(void *ctx, const struct ledger_correction *c, const struct record *before, const struct record *after,
                             struct tc_error *err)
{
    struct run *run = ctx;
    bool replaces = c->change == LEDGER_LATE; /* what was there before is told by its cancellation */

    return reconcile_change(run->reconcile, c->id, c->site_before, replaces ? NULL : before, c->site_after, after, err);
}

static bool note_certificate(void *ctx, struct summary_line *line, struct tc_error *err)
{
    return ledger_add(ctx, line->entry, err);
}

static bool note_finding(void *ctx, const struct ledger_finding *finding, struct tc_error *err)
{
    return ledger_add_finding(ctx, finding, err);
}

static bool note_person(void *ctx, const struct ledger_person *person, struct tc_error *err)
{
    return ledger_add_person(ctx, person, err);
}

static bool note_correction(void *ctx, const struct ledger_correction *correction, const struct record *before, const struct record *after,
                            struct tc_error *err)
{
    (void)before;
    (void)after;
    return ledger_add_correction(ctx, correction, err);
}

static bool place_certificate(void *ctx, struct summary_line *line, struct tc_error *err)
{
    return summary_place(ctx, line, err);
}

static bool show_certificate(void *ctx, struct summary_line *line, struct tc_error *err)
{
    return summary_show(ctx, line, err);
}

static bool make_certificate(void *ctx, struct summary_line *line, struct tc_error *err)
{
    return summary_make_alone(ctx, line, err);
}

static bool show_finding(void *ctx, const struct ledger_finding *finding, struct tc_error *err)
{
    return summary_add_finding(ctx, finding, err);
}

static bool show_person(void *ctx, const struct ledger_person *person, struct tc_error *err)
{
    return summary_add_person(ctx, person, err);
}

static bool show_correction(void *ctx, const struct ledger_correction *correction, const struct record *before, const struct record *after,
                            struct tc_error *err)
{
    return summary_add_correction(ctx, correction, before, after, err);
}

static bool list_record(void *ctx, struct summary_line *line, struct tc_error *err)
{
    return run_list_record(ctx, line->entry, err);
}

/* Whom the run is for besides this account: as asked, else as the run that it corrects. */
static bool find_share(const struct run *run, struct share *share)
{
    const struct tc_options *o = run->options;

    if (o->group || !o->corrects)
        return share_find(o->group, share, run->err);
    share_of(o->corrects, share);
    return true;
}

static bool open_files(struct run *run)
{
    struct run_outputs *out = &run->out;
    struct share share;
    const char *ledger, *records, *sums;
    struct tc_error *err = run->err;

    if (!find_share(run, &share) || !folder_open(run->options->output, run->in.identity, &share, &out->folder, err))
        return false;
    out->flush.folder = &out->folder;
    ledger = keep_path(run, "ledger.db");
    records = keep_path(run, "records.jsonl");
    sums = keep_path(run, "SHA256SUMS");
    out->files = (struct summary_files){keep_path(run, "summary.xlsx"), keep_path(run, "summary.csv"), keep_path(run, "origin.csv.gz"),
                                        keep_path(run, "tmp")};
    if (err->code || !folder_clear(&out->folder, err) || !file_folder(out->files.temporary, err) || !file_write(ledger, "", 0, err)
        || !file_write(out->files.workbook, "", 0, err)) /* the libraries would make them readable for others */
        return false;
    out->ledger = ledger_create(ledger, err);
    if (!out->ledger || !stream_open(&out->records, records, err) || !stream_open(&out->sums, sums, err))
        return false;
    out->summary = summary_create(run->in.form.template, run->in.form.plan, &out->facts, &out->files, err);
    return out->summary != NULL;
}

bool run_open_outputs(struct run *run)
{
    struct sinks *s = &run->sinks;

    s->list[s->count++] = (struct sink){
        .ctx = run, .place = total_certificate, .finding = total_finding, .person = total_person, .correction = total_correction};
    if (!run->options->output)
        return true;
    if (!open_files(run))
        return false;
    s->list[s->count++] = (struct sink){.ctx = run->out.ledger,
                                        .beside = true,
                                        .certificate = note_certificate,
                                        .finding = note_finding,
                                        .person = note_person,
                                        .correction = note_correction};
    s->list[s->count++] = (struct sink){.ctx = run->out.summary,
                                        .place = place_certificate,
                                        .certificate = show_certificate,
                                        .alone = make_certificate,
                                        .finding = show_finding,
                                        .person = show_person,
                                        .correction = show_correction};
    s->list[s->count++] = (struct sink){.ctx = run, .alone = list_record};
    return true;
}

void run_close_outputs(struct run *run)
{
    flush_stop(&run->out.flush, run->err);
    summary_free(run->out.summary);
    stream_drop(&run->out.records);
    stream_drop(&run->out.sums);
    ledger_close(run->out.ledger);
    buf_free(&run->out.form);
    folder_close(&run->out.folder);
}

bool run_list_record(struct run *run, const struct ledger_entry *entry, struct tc_error *err)
{
    return entry->state != LEDGER_ISSUED || stream_add(&run->out.records, entry->record, strlen(entry->record), err);
}

bool run_add_sum(struct run *run, const char *name, const unsigned char hash[HASH_SIZE], struct tc_error *err)
{
    char hex[HASH_HEX + 2 + 1];

    hash_hex(hash, hex);
    memcpy(hex + HASH_HEX, "  ", 2);
    return stream_add(&run->out.sums, hex, HASH_HEX + 2, err) && stream_add(&run->out.sums, name, strlen(name), err)
           && stream_add(&run->out.sums, "\n", 1, err);
}
