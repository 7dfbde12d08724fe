/* Some people of the input alone: judged as in a run, and one of them drawn, with nothing of a run made. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "run/run.h"
#include "store/outside.h"

struct only {
    struct run run;
    const char *const *ids;
    size_t count;
    bool found[TC_ONLY_MAX];
    const char *output; /* the PDF of the one; NULL: none */
    size_t met, drawn;  /* how many certificates are asked for so far; which is drawn, in the input */
    struct certify_worker worker;
    struct input_reader reader;
    struct arena arena;
};

/* Whether the certificate is asked for, by whichever of the ids: a person's number, its own id, or both. */
static bool is_asked(struct only *o, const struct datum *certificate)
{
    const char *id = datum_text(datum_get(certificate, "id")), *number = datum_text(datum_get(certificate, "personnel_number"));
    bool asked = false;

    for (size_t i = 0; i < o->count; i++)
        if ((id && !strcmp(id, o->ids[i])) || (number && !strcmp(number, o->ids[i])))
            asked = o->found[i] = true;
    return asked;
}

static bool take(struct only *o, size_t i)
{
    struct run *run = &o->run;
    struct certify_result r;

    arena_reset(&o->arena);
    if (!certify(&run->job, &o->worker, i, o->output != NULL, &o->arena, &r, run->err) || !run_give_findings(run, SINKS_ALL, &r))
        return false;
    run->result->certificates++;
    run->result->issued += r.issued;
    run->result->held += !r.issued;
    return !o->output || !r.issued || file_give(o->output, o->worker.pdf.file, PDF_PARTS, run->err);
}

/* One that was asked for. What is drawn is looked at in the end, when it is known to be the only one. */
static bool meet(struct only *o, size_t i)
{
    if (!o->output)
        return take(o, i);
    if (o->met++ > 0)
        return error_set(o->run.err, TC_USAGE, o->run.options->payroll, NULL, "only",
                         "this person has several certificates: give the id of one");
    o->drawn = i;
    return true;
}

static bool look(struct only *o)
{
    const struct input *input = o->run.in.input;
    bool good = true;

    o->reader.ahead = 31;
    for (size_t i = 0; good && i < input_certificates(input); i++) {
        const struct datum *certificate;

        input_reader_reset(&o->reader);
        certificate = input_certificate(input, i, &o->reader, o->run.err);
        good = !o->run.err->code && (!is_asked(o, certificate) || meet(o, i));
    }
    for (size_t i = 0; good && i < o->count; i++)
        if (!o->found[i])
            return error_set(o->run.err, TC_USAGE, o->run.options->payroll, NULL, "only",
                             "entry %zu of those asked for is neither a certificate id nor a personnel number of this payroll; check it",
                             i + 1);
    return good && (!o->output || take(o, o->drawn));
}

static void close_all(struct only *o)
{
    struct run *run = &o->run;

    certify_stop(&o->worker);
    input_reader_free(&o->reader);
    arena_free(&o->arena);
    across_free(run->across);
    reconcile_free(run->reconcile);
    run->kind->free(run);
    run_free_inputs(&run->in);
}

enum tc_code tc_only(const struct tc_options *options, const char *const *ids, size_t count, const char *output, struct tc_result *result,
                     struct tc_error *err)
{
    struct tc_options checks = *options;
    struct only *o = calloc(1, sizeof *o);

    error_reset(err);
    *result = (struct tc_result){0};
    checks.output = NULL;
    if (!o) {
        error_memory(err);
        return err->code;
    }
    o->run = (struct run){.options = &checks, .result = result, .err = err, .kind = &run_first};
    o->ids = ids;
    o->count = count;
    o->output = output;
    if (count == 0 || count > TC_ONLY_MAX)
        error_set(err, TC_USAGE, NULL, NULL, "only", "nobody is named, or too many to be checked one by one: check the whole payroll");
    else if ((!output || outside_output(output, (const char *const[]){options->payroll, options->employees, options->waivers}, 3, err))
             && run_open(&o->run) && run_compare(&o->run) && certify_start(&o->worker, &o->run.in.form, err))
        look(o);
    close_all(o);
    free(o);
    return err->code ? err->code : result->held ? TC_HELD : TC_OK;
}
