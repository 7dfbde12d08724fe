/* Certificates whose persons may have several are read and compared, before any is made. */
#include <stdlib.h>

#include "run/run.h"

bool run_has_across_rules(const struct run *run)
{
    const struct template *t = run->in.form.template;

    for (size_t i = 0; i < t->rule_count; i++)
        if (t->rules[i].across != ACROSS_NOT)
            return true;
    return false;
}

/* Reads certificate i and describes it for the comparison. */
static bool describe(struct run *run, struct certify_worker *worker, size_t i, struct arena *arena, struct across_record *records,
                     size_t *readable)
{
    struct certify_result result;

    arena_reset(arena);
    if (!certify_read(&run->job, worker, i, arena, &result, run->err))
        return false;
    if (!result.has_record)
        return true;
    records[*readable].number = result.number;
    return across_describe(run->across, &result.record, result.personnel_number, result.id, &records[(*readable)++])
           || error_memory(run->err);
}

bool run_compare(struct run *run)
{
    const struct template *t = run->in.form.template;
    struct certify_worker worker = {0};
    struct across_record *records = NULL;
    struct arena arena = {0};
    size_t count = 0, readable = 0, *indices = NULL;
    bool ok = true;

    if (!run_has_across_rules(run))
        return true;
    run->across = across_new(t);
    ok = run->across || error_memory(run->err);
    indices = ok ? input_likely_same(run->in.input, t->fields[t->person].steps[0], &count, run->err) : NULL;
    records = calloc(count + 1, sizeof *records);
    ok = indices && (records || error_memory(run->err)) && certify_start(&worker, &run->in.form, run->err);
    for (size_t i = 0; ok && i < count; i++)
        ok = describe(run, &worker, indices[i], &arena, records, &readable);
    ok = ok && (across_compare(run->across, records, readable) || error_memory(run->err));
    run->job.across = run->across;
    certify_stop(&worker);
    arena_free(&arena);
    free(records);
    free(indices);
    return ok;
}
