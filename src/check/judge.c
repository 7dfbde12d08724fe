#include "check/judge.h"

/* True where the rule holds or does not apply; an amount too large to reckon with is a finding too. */
static bool holds(const struct rule *rule, const struct expr_data *data)
{
    struct expr_value value;

    if (rule->when) {
        if (!expr_evaluate(rule->when, data, &value))
            return false;
        if (!value.truth)
            return true;
    }
    return expr_evaluate(rule->assertion, data, &value) && value.truth;
}

void rules_report(const struct rules_run *run, const char *certificate, const struct rule *rule, int row,
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
    if (run->wages && run->t->fields[rule->field].type == FIELD_MONEY)
        f->wage_types = wages_feeding(run->wages, datum_get(sources->at[PLACE_CERTIFICATE], "entries"), rule->field,
                                      findings->arena);
    if (waiver) {
        f->reason = waiver->reason;
        f->who = waiver->who;
    }
}

void rules_check(const struct rules_run *run, const char *certificate, const struct record *record,
                 const struct sources *sources, struct findings *findings)
{
    struct record_scope scope = {.t = run->t, .record = record};
    struct expr_data data = record_data(&scope);

    for (size_t i = 0; i < run->t->rule_count; i++) {
        const struct rule *rule = &run->t->rules[i];
        int rows = rule->across != ACROSS_NOT ? 0 : rule->each < 0 ? 1 : (int)record->groups[rule->each].count;

        for (int row = 0; row < rows; row++) {
            scope.group = rule->each;
            scope.row = row;
            if (!holds(rule, &data))
                rules_report(run, certificate, rule, row, sources, findings);
        }
    }
}
