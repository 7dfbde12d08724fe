#include "check/rules.h"

/* True where the rule holds or does not apply; an amount too large to reckon with is a finding too. */
static bool holds(const struct rule *rule, struct record_scope *scope)
{
    struct expr_data data = record_data(scope);
    struct expr_value value;

    if (rule->when) {
        if (!expr_evaluate(rule->when, &data, &value))
            return false;
        if (!value.truth)
            return true;
    }
    return expr_evaluate(rule->assertion, &data, &value) && value.truth;
}

void rules_check(const struct template *t, const struct record *record, const struct sources *sources, size_t language,
                 struct findings *findings)
{
    for (size_t i = 0; i < t->rule_count; i++) {
        const struct rule *rule = &t->rules[i];
        int rows = rule->each < 0 ? 1 : (int)record->groups[rule->each].count;

        for (int row = 0; row < rows; row++) {
            struct record_scope scope = {.t = t, .record = record, .group = rule->each, .row = row};
            enum input_file file;
            const char *pointer;

            if (holds(rule, &scope))
                continue;
            pointer = record_pointer(t, sources, rule->field, row, findings->arena, &file);
            findings_add(findings, rule->severity, file, pointer, rule->id, rule->messages[language]);
        }
    }
}
