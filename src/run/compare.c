/* Certificates whose persons may have several are read and compared, before any is made. */
#include <stdlib.h>

#include "run/run.h"

static bool has_across_rules(const struct template *t)
{
    for (size_t i = 0; i < t->rule_count; i++)
        if (t->rules[i].across != ACROSS_NOT)
            return true;
    return false;
}

/* Reads certificate i and describes it for the comparison. */
static bool describe(struct run *run, struct certify_worker *worker, size_t i, size_t most, struct arena *arena,
                     struct across_record *records, size_t *readable)
{
    struct certify_result result;

    arena_reset(arena);
    if (!certify_read(&run->job, worker, i, arena, &result, run->err))
        return false;
    if (!result.has_record)
        return true;
    records[*readable].number = result.number;
    return (across_describe(run->across, &result.record, result.personnel_number, &records[(*readable)++]) || error_memory(run->err))
           && run->kind->meet(run, result.id, most);
}

bool run_compare(struct run *run)
{
    struct certify_worker worker = {0};
    struct across_record *records = NULL;
    struct arena arena = {0};
    size_t count = 0, readable = 0, *indices = NULL;
    bool ok = true;

    if (!has_across_rules(run->in.form.template))
        return true;
    run->across = across_new(run->in.form.template);
    ok = (run->across || error_memory(run->err)) && run->kind->choose(run, &indices, &count);
    records = calloc(count + 1, sizeof *records);
    ok = ok && (records || error_memory(run->err)) && certify_start(&worker, &run->in.form, run->err);
    for (size_t i = 0; ok && i < count; i++)
        ok = describe(run, &worker, indices ? indices[i] : i, count, &arena, records, &readable);
    ok = ok && run->kind->add_people(run, &records, &readable)
         && (across_compare(run->across, records, readable) || error_memory(run->err));
    run->job.across = run->across;
    certify_stop(&worker);
    arena_free(&arena);
    free(records);
    free(indices);
    return ok;
}
