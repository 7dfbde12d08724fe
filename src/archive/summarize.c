/* The workbook again, from the ledger: the very bytes of the run's own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/file.h"
#include "base/beside.h"
#include "archive/summarize.h"
#include "book/summary.h"
#include "book/xlsx/xlsx.h"
#include "certificate/canonical.h"
#include "store/outside.h"
#include "store/stored_run.h"

#define BOOK "summary.xlsx"
#define TABLE "summary.csv"
#define LEAST_ROWS 5 /* of a sheet: head, data, an empty one and subtotals */

struct again {
    const struct tc_summary_options *options;
    struct stored_run archive;
    struct summary_run facts;
    struct summary *summary;
    const struct summarize_extra *extra; /* or NULL */
    struct arena arena;                  /* the record in hand */
};

static bool goes_on(const struct again *g, struct tc_error *err)
{
    return !g->options->on_progress || g->options->on_progress(g->options->ctx)
           || error_set(err, TC_IO, NULL, NULL, "interrupted", "the command was interrupted");
}

static bool on_entry(void *ctx, const struct ledger_entry *entry, struct tc_error *err)
{
    struct again *g = ctx;
    struct summary_line line = {.entry = entry};
    struct record record;
    struct trail trail;

    if (!goes_on(g, err))
        return false;
    if (entry->state == LEDGER_CANCELLED)
        return true;
    arena_reset(&g->arena);
    if (entry->record) {
        if (!stored_run_read(&g->archive, entry, &g->arena, &line.establishment, &record, &trail, err))
            return false;
        line.record = &record;
        line.trail = &trail;
    }
    if (entry->state == LEDGER_REFUSED)
        return summary_add(g->summary, &line, err);
    return reconcile_add(g->facts.reconcile, line.establishment, line.record, entry->state == LEDGER_ISSUED, &line.place, err)
           && summary_add(g->summary, &line, err);
}

static bool on_correction(void *ctx, const struct ledger_correction *c, struct tc_error *err)
{
    struct again *g = ctx;
    struct record before, after;
    struct ledger_correction told = *c;

    arena_reset(&g->arena);
    told.site_before = canonical_establishment(c->before, &g->arena);
    told.site_after = canonical_establishment(c->after, &g->arena);
    return (!c->before || canonical_record(g->archive.template, c->before, &g->arena, &before, err))
           && (!c->after || canonical_record(g->archive.template, c->after, &g->arena, &after, err))
           && reconcile_change(g->facts.reconcile, c->id, told.site_before, c->before && c->change != LEDGER_LATE ? &before : NULL,
                               told.site_after, c->after ? &after : NULL, err)
           && summary_add_correction(g->summary, &told, c->before ? &before : NULL, c->after ? &after : NULL, err);
}

static bool on_finding(void *ctx, const struct ledger_finding *finding, struct tc_error *err)
{
    return summary_add_finding(((struct again *)ctx)->summary, finding, err);
}

static bool on_person(void *ctx, const struct ledger_person *person, struct tc_error *err)
{
    return summary_add_person(((struct again *)ctx)->summary, person, err);
}

static bool read_facts(struct again *g, long rows_per_sheet, struct tc_error *err)
{
    struct stored_run *a = &g->archive;
    const char *date = stored_run_fact(a, "issue_date", err), *draft = stored_run_fact(a, "draft", err),
               *corrects = stored_run_fact(a, "corrects", err);
    const char *first = stored_run_fact(a, "first issued", err);

    g->facts = (struct summary_run){.identity = stored_run_fact(a, "identity", err),
                                    .payroll_hash = stored_run_fact(a, "payroll_sha256", err),
                                    .employees_hash = stored_run_fact(a, "employees_sha256", err),
                                    .employer = stored_run_fact(a, "employer", err),
                                    .rows_per_sheet = (uint32_t)rows_per_sheet,
                                    .extra = g->extra ? &g->extra->sheet : NULL};
    if (err->code)
        return false;
    g->facts.draft = !strcmp(draft, "yes");
    g->facts.corrects = *corrects ? corrects : NULL;
    g->facts.first_issued = strtoll(first, NULL, 10);
    if (*corrects && !(g->facts.first_totals = stored_run_first_totals(a, err)))
        return false;
    g->facts.reconcile = reconcile_new(a->template, a->plan, a->establishments, a->declarations, "ledger.db", err);
    return g->facts.reconcile
           && (date_parse(date, strlen(date), &g->facts.issued)
               || error_set(err, TC_IO, "ledger.db", NULL, "ledger", "the ledger does not say when the run was issued"));
}

static bool feed(struct again *g, struct tc_error *err)
{
    struct stored_run *a = &g->archive;
    int64_t people, unexplained;

    if (!ledger_each(a->ledger, on_entry, g, err) || !ledger_each_finding(a->ledger, on_finding, g, err)
        || !ledger_each_person(a->ledger, on_person, g, err)
        || !ledger_get_number(a->ledger, "unreadable_people", 0, LEDGER_COUNT_MAX, &people, err)
        || !ledger_get_number(a->ledger, "unreadable_unexplained", 0, LEDGER_COUNT_MAX, &unexplained, err))
        return false;
    summary_add_unreadable(g->summary, people, unexplained);
    if (!ledger_each_correction(a->ledger, on_correction, g, err))
        return false;
    reconcile_close(g->facts.reconcile);
    return true;
}

static bool write_files(struct again *g, const struct summary_files *files, struct tc_error *err)
{
    struct summary *s;
    struct summary_made made;

    if (!file_write(files->workbook, "", 0, err)) /* the library would make it readable for others */
        return false;
    g->summary = summary_create(g->archive.template, g->archive.plan, &g->facts, files, err);
    if (!g->summary || !feed(g, err) || (g->extra && !g->extra->feed(g->extra->ctx, g->summary, err)))
        return false;
    s = g->summary;
    g->summary = NULL;
    return summary_close(s, &made, err);
}

/* The files while they are made, each beside its place. */
struct places {
    struct beside book, csv;
    char workbook[FILE_PATH_MAX], table[FILE_PATH_MAX];
};

static bool make(struct again *g, const struct tc_summary_options *o, struct places *p, struct tc_error *err)
{
    struct summary_files files = {.workbook = p->workbook, .csv = o->csv ? p->table : NULL, .temporary = p->book.path};

    if (!beside_begin(&p->book, o->output, err) || !beside_path(&p->book, BOOK, p->workbook, err)
        || (o->csv && (!beside_begin(&p->csv, o->csv, err) || !beside_path(&p->csv, TABLE, p->table, err))))
        return false;
    return write_files(g, &files, err) && beside_put(&p->book, BOOK, o->output, true, err)
           && (!o->csv || beside_put(&p->csv, TABLE, o->csv, true, err));
}

static bool check_options(const struct tc_summary_options *o, struct tc_error *err)
{
    if (o->rows_per_sheet > 0 && (o->rows_per_sheet < LEAST_ROWS || o->rows_per_sheet > XLSX_ROWS_MAX))
        return error_set(err, TC_USAGE, NULL, NULL, "rows", "a sheet can have %d to %d entries", LEAST_ROWS, XLSX_ROWS_MAX);
    return outside_output(o->output, NULL, 0, err) && (!o->csv || outside_output(o->csv, &o->output, 1, err));
}

enum tc_code summarize(const char *run, const struct tc_summary_options *options, const struct summarize_extra *extra, struct tc_error *err)
{
    struct again g = {.options = options, .extra = extra};
    struct places places = {.workbook = ""};
    struct tc_error ignored = {0};

    error_reset(err);
    if (!check_options(options, err) || !stored_run_open(&g.archive, run, err))
        return err->code;
    if (read_facts(&g, options->rows_per_sheet, err))
        make(&g, options, &places, err);
    summary_free(g.summary);
    beside_end(&places.book, err->code ? &ignored : err);
    beside_end(&places.csv, err->code ? &ignored : err);
    arena_free(&g.arena);
    reconcile_free(g.facts.reconcile);
    stored_run_close(&g.archive);
    return err->code;
}
