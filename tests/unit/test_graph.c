/* The rules of every form as one graph come to what each rule's own expressions come to, whatever the record holds: absent, zero, large,
 * texts that the rules name, and amounts that no 64 bits can reckon with. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "form/expr_tree.h"
#include "form/graph.h"
#include "input/record.h"

#define RECORDS 400
#define ROWS 3

/* What the forms have too little of: every function, constants that fold, 64 bits that are too few, conditions that fail. */
static const char rules_json[] =
    "{\"format\": \"taxcert/rules/1\", \"terms\": {"
    "  \"square\": \"[a] * [a]\", \"fourth\": \"square * square\", \"eighth\": \"fourth * fourth\", \"days\": \"[d]\", \"late\": \"[d] > [e]\", \"months\": \"month([e]) - month([d]) + 1\","
    "  \"all\": \"[a] + total(\\\"g\\\", [a] * [n])\"}, \"rules\": [%s]}";
static const char *const conditions[] = {
    "eighth * eighth >= 0",
    "abs([a] - 0.01) > 3 or -abs([a] - 0.01) > -[b]", /* among the first: what is too large for 64 bits before it would have all else reckoned in 128 */
    "square - fourth != [b] if eighth * [a] < 0 or [a] > 0",
    "[a] + 0.1 + 0.2 == 0.3 or 0.1 + 0.2 + 0.3 - 0.6 == [a]",
    "2 * 3 * 0.001 * [b] == 0.006 * [b] and -(2 - 5) == three and three * three > 8.99",
    "[a] * 0.000000000000000001 * 10 < 1",
    "[a] * 0.0000000001 * 0.0000000001 * 0.0000000001 < 1",
    "round([a] * 0.0005, 2) == round([b], digits) or round([a], [n]) > 7",
    "round([a], limit * 0.05) > 0",
    "abs(-[a]) >= min([a], [b], -[a], 17.005) and max([a], [b]) >= [b]",
    "sum([a], [b], -[a]) == [b]",
    "sum(1, 2, 3) == 6",
    "year([d]) == 2025 or month([e]) < 3 or day(days) > 15",
    "[d] <= [e] and days != [d] if late",
    "[y] == [z] if [y] != late",
    "not [y] or not ([z] and late)",
    "has([t], \"ev\") or has([t], [u])",
    "contains([t], \"x\") or contains([t], \"ev\") or contains([u], \"e\") or contains([t], [u]) or contains([t], \"\")",
    "contains([t], \"v r\") or contains([t], \"rk\")",
    "contains(norm([t], \"c\"), \"1\") or contains(norm([t], \"c\"), \"2\")",
    "starts([t], \"ev\") and within(\"ev rk\", [t])",
    "valid([t], \"c\") or valid([t], \"c\", [u]) or valid(norm([t], \"c\"), \"c\", \"w\")",
    "norm([t], \"c\") == norm([u], \"c\") or starts(norm([t], \"c\", [u]), norm([u], \"c\", \"w\"))",
    "any(\"g\", [a] > limit) or any(\"g\", [x] == [t]) or any(\"g\", fourth > [n])",
    "any(\"g\", [a] * [a] * [a] * [a] * [a] * [a] > 0) if total(\"g\", [a] * [a]) > 5",
    "total(\"g\", [a], [a] > 0 and [n] != 2) > total(\"g\", [n] * [a], [n] == 2)",
    "total(\"g\", 1, [a] * [a] * [a] * [a] * [a] * [a] > 0) > 1",
    "all > 100 or present([a]) and present(limit) and present(all) and present([t])",
    "any(\"g\", total_of_all > 3 and [n] > 1)",
    "[a] < 7.001",
    "[n] > 1.5",
    "[a] < 7 and [a] < 7.00 and [a] < 7.001 and [b] < 100000000000000000000",
    "[n] > 1.5 or [n] == 2.0 or three == [n]",
    "[y] == ([a] > 0)",
    "month([d]) == 3 or year([e]) > 2025 or day([d]) <= 15.5 or month([e]) < 2.0",
    "year([e]) - year([d]) >= [n] and abs(month([e]) - 6) > abs(day([d])) - 12",
    "abs([a]) + abs([b]) > 9223372036854775807 or abs([a]) == [a] or 7 * abs([a]) < abs(7 * [b])",
};
static const char template_json[] =
    "{\"format\": \"taxcert/template/1\", \"id\": \"x/y\", \"year\": 2030, \"title\": \"words\", \"currency\": \"EUR\", \"digits\": 2,"
    " \"languages\": [\"en\"], \"fields\": [{\"id\": \"a\", \"type\": \"money\"}, {\"id\": \"b\", \"type\": \"money\"},"
    "  {\"id\": \"n\", \"type\": \"count\"}, {\"id\": \"t\", \"type\": \"text\"}, {\"id\": \"u\", \"type\": \"text\"}, {\"id\": \"d\", \"type\": \"date\"},"
    "  {\"id\": \"e\", \"type\": \"date\"}, {\"id\": \"y\", \"type\": \"cross\"}, {\"id\": \"z\", \"type\": \"cross\"},"
    "  {\"id\": \"g\", \"most\": 9, \"fields\": [{\"id\": \"a\", \"type\": \"money\"}, {\"id\": \"n\", \"type\": \"count\"}, {\"id\": \"x\", \"type\": \"text\"}]}],"
    " \"parameters\": {\"limit\": \"10\", \"three\": \"3\", \"digits\": \"1\", \"total_of_all\": \"4\"},"
    " \"identifiers\": {\"c\": {\"v\": [{\"method\": \"pattern\", \"forms\": [\"AA\"], \"to\": \"1AA\"}], \"w\": [{\"method\": \"digits\", \"length\": 3}]}}}";
static const char captions_json[] = "{\"format\": \"taxcert/captions/1\", \"language\": \"en\", \"captions\": {\"words\": \"Words\"}}";

static uint32_t rng = 1;

static uint32_t next(uint32_t below)
{
    rng = rng * 1664525 + 1013904223;
    return (rng >> 8) % below;
}

static int64_t any_number(const struct field *f)
{
    static const int64_t numbers[] = {0,
                                      1,
                                      -1,
                                      2,
                                      3,
                                      7,
                                      700,
                                      1000,
                                      45,
                                      12345678,
                                      -250000,
                                      999999999999999,
                                      -999999999999999,
                                      5000000,
                                      INT64_MAX,
                                      INT64_MIN,
                                      INT64_MIN + 1,
                                      (int64_t)1 << 62};

    if (f->expr_type == EXPR_DATE)
        return 20240100 + 10000 * (int64_t)next(4) + 100 * (int64_t)next(12) + 1 + (int64_t)next(28);
    return next(3) ? numbers[next(sizeof numbers / sizeof *numbers)] : (int64_t)next(20000000);
}

/* Also a text that some rule of the form compares with. */
static const char *any_text(const struct template *t, struct arena *arena)
{
    static const char *const texts[] = {
        "", "ev", "rk", "ev rk", "12", "77", "DE", "SN", "S", "12345678911", "x v r", "A & B?", "M\xc3\x83\xc2\xbcller", "FR1 S"};
    const struct expr *e = t->rules[next((uint32_t)t->rule_count)].when;

    for (int i = 0; e && i < e->count; i++)
        if (e->nodes[i].kind == N_TEXT && next(2))
            return arena_copy(arena, e->nodes[i].text.data, e->nodes[i].text.length);
    return texts[next(sizeof texts / sizeof *texts)];
}

static struct value any_value(const struct template *t, const struct field *f, struct arena *arena)
{
    struct value v = {.present = next(4) > 0};

    if (v.present && f->expr_type == EXPR_TEXT)
        v.text = any_text(t, arena);
    else if (v.present)
        v.number = any_number(f);
    return v;
}

static struct record any_record(const struct template *t, struct arena *arena)
{
    struct record r = {arena_array(arena, t->field_count + 1, sizeof *r.values), arena_array(arena, t->group_count + 1, sizeof *r.groups),
                       false};

    for (size_t i = 0; i < t->field_count; i++)
        r.values[i] = any_value(t, &t->fields[i], arena);
    for (size_t g = 0; g < t->group_count; g++) {
        const struct group *group = &t->groups[g];

        r.groups[g].count = next(ROWS + 1);
        r.groups[g].cells = arena_array(arena, ROWS * group->count + 1, sizeof(struct value));
        for (size_t i = 0; i < r.groups[g].count * group->count; i++)
            r.groups[g].cells[i] = any_value(t, &t->fields[group->first + i % group->count], arena);
    }
    return r;
}

/* A rule by its own two expressions. */
static bool holds(const struct rule *rule, const struct expr_data *data)
{
    struct expr_value value;

    if (rule->when) {
        if (!expr_evaluate(rule->when, data, &value))
            return false;
        if (!value.truth)
            return true;
    }
    return rule->assertion && expr_evaluate(rule->assertion, data, &value) && value.truth;
}

/* Whether the rule is asked of a certificate by itself. */
static bool is_asked(const struct rule *rule, bool corrects)
{
    bool compares = rule->compared == COMPARED_CHANGED || rule->compared == COMPARED_ONLY;

    return rule->across == ACROSS_NOT && (rule->about == RULE_ALL || (rule->about == RULE_CORRECTION) == corrects)
           && (corrects || rule->about == RULE_CORRECTION || !compares);
}

static size_t compare_rule(const struct template *t, size_t i, const struct record *r, bool corrects, struct graph_run *run)
{
    const struct rule *rule = &t->rules[i];
    int rows = rule->each < 0 ? 1 : (int)r->groups[rule->each].count;
    size_t broken = 0;

    for (int row = 0; row < rows; row++) {
        struct record_scope scope = {.t = t, .record = r, .group = rule->each, .row = row};
        struct expr_data data = record_data(&scope);
        bool expected = holds(rule, &data);

        if (graph_holds(run, i, row) != expected)
            fail_msg("rule %s: its expressions say %s", rule->id, expected ? "holds" : "broken");
        if (!expected && (graph_next(run, i) == i) != is_asked(rule, corrects))
            fail_msg("rule %s is broken, and %s", rule->id, is_asked(rule, corrects) ? "ruled out" : "asked");
        broken += !expected;
    }
    return broken;
}

/* Both results must have come up, or nothing was compared. */
static void compare(const struct template *t)
{
    size_t broken = 0, all = 0;

    for (int n = 0; n < RECORDS; n++) {
        struct arena arena = {0};
        struct record r = any_record(t, &arena);
        struct record_scope scope = {.t = t, .record = &r};
        struct expr_data data = record_data(&scope);
        struct graph_run run;

        assert_true(graph_start(&run, t->graph, r.values, r.groups, &data, n % 2, &arena));
        for (size_t i = 0; i < t->rule_count; i++, all++)
            broken += compare_rule(t, i, &r, n % 2, &run);
        arena_free(&arena);
    }
    assert_true(broken > all / 50 && broken < all);
}

static void forms(void **state)
{
    (void)state;
    for (int year = 2024; year <= 2026; year++) {
        struct tc_error err = {0};
        struct template *t = template_load(SOURCE_DIR "/templates", "de/lohnsteuerbescheinigung", year, &err);

        assert_non_null(t);
        compare(t);
        template_free(t);
    }
}

static void put(const char *folder, const char *name, const char *text)
{
    char path[200];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "w");
    assert_true(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

/* Any expression of a few levels: numbers whose products, sums and decimals are about what 64 and 128 bits can hold, and beyond. */
static bool in_rows; /* any and total do not stand within each other */

static void write_number(FILE *out, int depth);

static void write_condition(FILE *out, int depth)
{
    static const char *const compare[] = {"==", "!=", "<", "<=", ">", ">="}, *const join[] = {"and", "or", "if"};
    static const char *const plain[] = {"[y]", "present([b])", "[t] == \\\"ev\\\"", "[d] < [e]", "late", "[n] > 2"};
    uint32_t kind = depth > 0 ? next(8) : next(2);

    kind = kind == 5 && in_rows ? 4 : kind;
    if (kind == 0) {
        fputs(plain[next(6)], out);
    } else if (kind < 4) {
        fputc('(', out);
        write_number(out, depth);
        fprintf(out, " %s ", compare[next(6)]);
        write_number(out, depth);
        fputc(')', out);
    } else if (kind == 4) {
        fputs("not (", out);
        write_condition(out, depth - 1);
        fputc(')', out);
    } else if (kind == 5) {
        fputs("any(\\\"g\\\", ", out);
        in_rows = true;
        write_condition(out, depth - 1);
        in_rows = false;
        fputc(')', out);
    } else {
        const char *joined = join[next(3)];

        fputc('(', out);
        write_condition(out, depth - 1);
        fprintf(out, " %s ", joined);
        write_condition(out, depth - 1);
        fputc(')', out);
    }
}

static void write_list(FILE *out, const char *before, const char *between, int count, int depth)
{
    fputs(before, out);
    for (int i = 0; i < count; i++) {
        fputs(i ? between : "", out);
        write_number(out, depth);
    }
    fputc(')', out);
}

static void write_number(FILE *out, int depth)
{
    static const char *const leaves[] = {
        "[a]",    "[b]",    "[n]",       "7", "0.5",   "1.075", "2000000000", "0.000000001", "9223372036854775807",
        "square", "months", "year([d])", "0", "three", "all" /* a total: the last */};

    switch (depth > 0 ? next(10) : 9) {
    case 0: write_list(out, "(", " + ", 3, depth - 1); break;
    case 1: write_list(out, "(", " - ", 2, depth - 1); break;
    case 2: write_list(out, "(", " * ", 2, depth - 1); break;
    case 3: write_list(out, "min(", ", ", 2, depth - 1); break;
    case 4: write_list(out, "max(", ", ", 3, depth - 1); break;
    case 5: write_list(out, "abs(", "", 1, depth - 1); break;
    case 6:
        fputs("round(", out);
        write_number(out, depth - 1);
        fprintf(out, ", %u)", next(4));
        break;
    case 7:
        if (in_rows) {
            write_list(out, "-(", "", 1, depth - 1);
            break;
        }
        in_rows = true;
        write_list(out, "total(\\\"g\\\", ", "", 1, depth - 1);
        in_rows = false;
        break;
    case 8: write_list(out, "-(", "", 1, depth - 1); break;
    default: fputs(leaves[next(sizeof leaves / sizeof *leaves - in_rows)], out);
    }
}

/* Rules with two such conditions each, a third of them of each row. */
static void write_any_rules(FILE *out, int count)
{
    for (int i = 0; i < count; i++) {
        fprintf(out, "%s{\"id\": \"r%d\", \"severity\": \"error\", \"at\": \"a\", %s\"when\": \"", i ? "," : "", i,
                i % 3 == 0 ? "\"each\": \"g\", " : "");
        write_condition(out, 2);
        fputs("\", \"assert\": \"", out);
        write_condition(out, 3);
        fputs("\", \"message\": {\"en\": \"m\"}, \"source\": \"s\"}", out);
    }
}

/* Each condition as a rule by itself, as a rule's assertion with the next one as its condition, and of each row. */
static void write_rules(char *out, size_t room)
{
    size_t count = sizeof conditions / sizeof *conditions, at = 0;

    for (size_t i = 0; i < 3 * count; i++) {
        char escaped[2][400] = {"", ""};

        for (int k = 0; k < 2; k++)
            for (const char *c = conditions[(i + (size_t)k) % count]; *c; c++)
                snprintf(escaped[k] + strlen(escaped[k]), 3, *c == '"' ? "\\%c" : "%c", *c);
        at += (size_t)snprintf(out + at, room - at,
                               "%s{\"id\": \"r%zu\", \"severity\": \"error\", \"at\": \"%s\", %s\"assert\": \"%s\", \"when\": \"%s\","
                               " \"message\": {\"en\": \"m\"}, \"source\": \"s\"}",
                               i ? "," : "", i, "a", i / count == 2 ? "\"each\": \"g\", " : "", escaped[0],
                               i / count == 0 ? "0 == 0" : escaped[1]);
    }
}

/* The rules of a form that has nothing else. */
static void compare_with(const char *rules)
{
    static char all[400000];
    char folder[] = "/tmp/test_graph.XXXXXX", path[200];
    static const char *const names[] = {"template.json", "rules.json", "captions.en.json"};
    struct tc_error err = {0};
    struct template *t;

    assert_non_null(mkdtemp(folder));
    assert_true(snprintf(all, sizeof all, rules_json, rules) < (int)sizeof all);
    put(folder, names[0], template_json);
    put(folder, names[1], all);
    put(folder, names[2], captions_json);
    t = template_load_folder(folder, &err);
    if (!t)
        fail_msg("%s %s %s", err.file, err.pointer, err.message);
    compare(t);
    template_free(t);
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
}

static void functions(void **state)
{
    static char rules[100000];

    (void)state;
    write_rules(rules, sizeof rules);
    compare_with(rules);
}

static void any_expressions(void **state)
{
    static char rules[390000];

    (void)state;
    for (int round = 0; round < 4; round++) {
        FILE *out = fmemopen(rules, sizeof rules, "w");

        assert_non_null(out);
        write_any_rules(out, 300);
        assert_int_equal(fclose(out), 0);
        compare_with(rules);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(forms), cmocka_unit_test(functions), cmocka_unit_test(any_expressions)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
