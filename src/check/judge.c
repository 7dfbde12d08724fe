#include "check/judge.h"

#include "form/graph.h"

static bool is_among(const struct rule *rule, size_t field)
{
    for (size_t i = 0; i < rule->field_count; i++)
        if ((size_t)rule->fields[i] == field)
            return true;
    return false;
}

/* Whether one of the rule's fields is another now. */
static bool has_changed(const struct rules_run *run, const struct rule *rule, const struct record *before, const struct record *now)
{
    for (size_t i = 0; i < rule->field_count; i++)
        if (!record_same(run->t, rule->fields[i], before, now))
            return true;
    return false;
}

/* Whether all of the rule's fields are there, as they were. */
static bool were_kept(const struct rules_run *run, const struct rule *rule, const struct record *before, const struct record *now)
{
    for (size_t i = 0; i < rule->field_count; i++)
        if (!now->values[rule->fields[i]].present || !record_same(run->t, rule->fields[i], before, now))
            return false;
    return true;
}

/* What is said of a run or a correction is not certified. */
static bool is_certified(const struct template *t, size_t field)
{
    return t->fields[field].group < 0 && t->fields[field].place != PLACE_RUN && t->fields[field].place != PLACE_CORRECTION
           && t->fields[field].place != PLACE_LETTER && t->fields[field].place != PLACE_BEFORE;
}

/* Whether all but the rule's fields are as they were. */
static bool others_kept(const struct rules_run *run, const struct rule *rule, const struct record *before, const struct record *now)
{
    for (size_t i = 0; i < run->t->field_count; i++)
        if (is_certified(run->t, i) && !is_among(rule, i) && !record_same(run->t, (int)i, before, now))
            return false;
    for (size_t g = 0; g < run->t->group_count; g++)
        if (run->t->groups[g].before < 0 && !record_same_rows(run->t, g, before, now))
            return false;
    return true;
}

/* Whether the rule, which is about such certificates, is about this change. */
static bool applies(const struct rules_run *run, const struct rule *rule, const struct rules_before *before, const struct record *now)
{
    bool corrected = before->record && before->corrected;

    switch (rule->compared) {
    case COMPARED_CHANGED: return corrected && has_changed(run, rule, before->record, now);
    case COMPARED_ONLY:
        return corrected && (rule->field_count == 0 || has_changed(run, rule, before->record, now))
               && others_kept(run, rule, before->record, now);
    case COMPARED_KEPT: return before->record && were_kept(run, rule, before->record, now);
    default: return true;
    }
}

void rules_report(const struct rules_run *run, const char *certificate, const struct rule *rule, int row, const char *other,
                  const struct sources *sources, struct findings *findings)
{
    const struct waiver *waiver = NULL;
    enum severity severity = rule->severity;
    struct finding *f;
    enum input_file file;
    const char *pointer = record_pointer(run->t, sources, rule->field, row, findings->arena, &file);

    if (severity == SEVERITY_ERROR)
        waiver = waivers_find(run->waivers, certificate, rule->id);
    if (waiver)
        severity = SEVERITY_WAIVED;
    f = findings_put(findings, severity, file, pointer, rule->id, rule->messages[0]);
    if (!f)
        return;
    f->told = rule->messages[run->language];
    f->source = rule->source;
    f->label = other ? "the other certificate" : NULL;
    f->detail = other;
    f->named = other != NULL;
    if (run->wages && run->t->fields[rule->field].type == FIELD_MONEY)
        f->wage_types = wages_feeding(run->wages, datum_get(sources->at[PLACE_CERTIFICATE], "entries"), rule->field, findings->arena);
    if (waiver) {
        f->reason = waiver->reason;
        f->who = waiver->who;
    }
}

void rules_check(const struct rules_run *run, const char *certificate, const struct record *record, const struct rules_before *before,
                 const struct sources *sources, struct findings *findings)
{
    struct record_scope scope = {.t = run->t, .record = record};
    struct expr_data data = record_data(&scope);
    struct graph_run graph;

    if (!graph_start(&graph, run->t->graph, record->values, record->groups, &data, before->record && before->corrected, findings->arena))
        return; /* that memory failed the arena tells */
    for (size_t i = graph_next(&graph, 0); i < run->t->rule_count; i = graph_next(&graph, i + 1)) {
        const struct rule *rule = &run->t->rules[i];

        if (rule->compared != COMPARED_NOT && !applies(run, rule, before, record))
            continue;
        for (int row = 0, rows = rule->each < 0 ? 1 : (int)record->groups[rule->each].count; row < rows; row++)
            if (!graph_holds(&graph, i, row))
                rules_report(run, certificate, rule, row, NULL, sources, findings);
    }
}
