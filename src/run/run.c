/* The year-end run. Read this first:
 *
 *   input (two streamed JSON files) -> certify, in workers: input -> check -> layout -> pdf
 *     -> placed in input order: totals -> rows and lists, in workers
 *       -> taken in input order: PDF files are there already; ledger and workbook are sinks that get their line
 *         -> sync, commit, publish by one rename. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "form/spot.h"
#include "run/run.h"
#include "store/chain.h"
#include "store/events.h"

bool run_book(struct run *run, struct summary_line *line)
{
    return sinks_place(&run->sinks, line, run->err) && sinks_certificate(&run->sinks, SINKS_ALL, line, run->err)
           && sinks_alone(&run->sinks, line, run->err);
}

/* What of the amounts that are compared with the declarations is held back: by their code, or by the words for what has none. */
static void tell_held(struct run *run)
{
    const struct plan *plan = run->in.form.plan;
    const struct reconcile_group *all = &run->reconcile->all;

    if (run->result->reconciled == TC_NOT_RECONCILED)
        return;
    for (size_t c = 0; c < plan->code_count && run->result->held_count < TC_TOTALS_MAX; c++) {
        struct tc_total *sum = &run->result->held_sums[run->result->held_count];
        const char *name = plan->codes[c].code ? plan->codes[c].code : plan->codes[c].title;

        if (!plan->codes[c].checked || all->held[c] == 0)
            continue;
        text_fit(sum->line, sizeof sum->line, name, strlen(name));
        sum->units = all->held[c];
        money_text(sum->units, run->in.form.template->digits, sum->text);
        run->result->held_count++;
    }
}

static void close_sums(struct run *run)
{
    static const enum tc_reconciled states[] = {TC_NOT_RECONCILED, TC_RECONCILED, TC_DIFFERENT};

    reconcile_close(run->reconcile);
    run->result->undeclared = reconcile_missing_count(run->reconcile);
    run->result->wrong_declarations = reconcile_wrong_count(run->reconcile);
    run->result->reconciled = states[reconcile_all(run->reconcile, &run->result->differences)];
    if (run->result->reconciled == TC_RECONCILED && run->result->issued == 0)
        run->result->reconciled = TC_NOTHING_ISSUED;
    tell_held(run);
}

static void name_totals(struct run *run)
{
    const struct template *t = run->in.form.template;
    int at = 0;

    for (size_t i = 0; i < t->field_count && at < TC_TOTALS_MAX; i++) {
        const char *caption = spot_caption(run->in.form.plan, (int)i);
        struct tc_total *total;

        if (!t->fields[i].control)
            continue;
        total = &run->result->totals[at++];
        snprintf(total->line, sizeof total->line, "%s", t->fields[i].id);
        total->box = t->boxes;
        text_fit(total->caption, sizeof total->caption, caption, strlen(caption));
    }
    run->result->total_count = at;
    snprintf(run->result->currency, sizeof run->result->currency, "%s", t->currency);
    snprintf(run->result->language, sizeof run->result->language, "%s", t->languages[0]);
}

static void tell_totals(struct run *run)
{
    for (int i = 0; i < run->result->total_count; i++)
        money_text(run->result->totals[i].units, run->in.form.template->digits, run->result->totals[i].text);
}

/* The run that is asked for is there: everything is told again, nothing is made. */
static void look_for_finished(struct run *run)
{
    const char *output = run->options->output;

    run->result->finished = output && chain_holds(output, run->in.identity);
    if (!run->result->finished)
        return;
    run->asked = output;
    run->as_check = *run->options;
    run->as_check.output = NULL;
    run->options = &run->as_check;
}

static bool make(struct run *run)
{
    if (!run_open(run))
        return false;
    look_for_finished(run);
    if (!run->kind->compare(run))
        return false;
    name_totals(run);
    if (!run_open_outputs(run) || !run_batches(run) || !run_give_unknown(run) || !run_give_unused_waivers(run) || !run->kind->complete(run))
        return false;
    close_sums(run);
    if (run->result->finished) /* it may have been killed before it told the run that it corrects */
        return run->kind->tell(run) && run_tell_seal(run, run->asked);
    return !run->options->output || run_publish(run);
}

void run_free_inputs(struct run_inputs *in)
{
    wages_free(in->wages);
    waivers_free(in->waivers);
    json_decref(in->given);
    json_decref(in->kept);
    json_decref(in->told);
    input_close(in->input);
    prepared_free(&in->form);
}

enum tc_code run_make(const struct run_kind *kind, const struct tc_options *options, struct waiver_file *common, struct tc_result *result,
                      struct tc_error *err)
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
    run->kind = kind;
    run->common = common;
    make(run);
    tell_totals(run);
    run_close_outputs(run);
    across_free(run->across);
    reconcile_free(run->reconcile);
    kind->free(run);
    run_free_inputs(&run->in);
    free(run);
    if (err->code)
        return err->code;
    return (options->corrects ? result->refused : result->held) ? TC_HELD : TC_OK;
}
