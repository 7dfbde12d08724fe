#include "commands/console.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNSAID_MOST 3 /* so many are told one by one */

static void print_string(const char *text)
{
    putchar('"');
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20) {
            printf("\\u%04x", (unsigned)*text);
            continue;
        }
        if (*text == '"' || *text == '\\')
            putchar('\\');
        putchar(*text);
    }
    putchar('"');
}

static void print_member(const char *key, const char *value)
{
    printf(",\"%s\":", key);
    if (value)
        print_string(value);
    else
        printf("null");
}

static void count_rule(struct tallies *t, const char *rule)
{
    size_t i = 0;

    while (i < t->count && strcmp(t->list[i].rule, rule) != 0)
        i++;
    if (i == RULES_MAX)
        return;
    if (i == t->count)
        snprintf(t->list[t->count++].rule, sizeof t->list[i].rule, "%s", rule);
    t->list[i].count++;
}

/* Who and which certificate, what stands there in the form's words, and where that is. */
static void print_finding(const struct tc_words *w, const struct tc_finding *f)
{
    fprintf(stderr, "%s: %s",
            tc_word(w, f->error    ? "error"
                       : f->waived ? "waived"
                                   : "warning"),
            f->personnel_number ? f->personnel_number : "?");
    if (f->certificate)
        fprintf(stderr, " %s", f->certificate);
    fprintf(stderr, f->place ? ": %s (" : ": %s", f->place ? f->place : "");
    fprintf(stderr, "%s%s%s#%s%s [%s]: %s", f->employer ? f->employer : "", f->employer ? "/" : "", f->file, f->pointer,
            f->place ? ")" : "", f->rule, f->message);
    if (f->source)
        fprintf(stderr, " (%s)", f->source);
    if (f->wage_types)
        fprintf(stderr, " (%s: %s)", tc_word(w, "wage types"), f->wage_types);
    fputc('\n', stderr);
}

void console_finding(void *ctx, const struct tc_finding *f)
{
    struct console *out = ctx;

    count_rule(&out->one, f->rule);
    count_rule(&out->all, f->rule);
    if (out->turns > 0 && !f->employer) /* of no employer's result: of all of them */
        out->sums.warnings++;
    if (out->shown++ >= out->most)
        return;
    if (!out->json && !strcmp(f->rule, "correction-missing") && ++out->unsaid > UNSAID_MOST)
        return; /* told once, at the end */
    if (!out->json) {
        print_finding(out->words, f);
        return;
    }
    printf("{\"finding\":\"%s\"", f->error ? "error" : f->waived ? "waived" : "warning");
    print_member("personnel_number", f->personnel_number);
    print_member("certificate", f->certificate);
    print_member("file", f->file);
    print_member("pointer", f->pointer);
    print_member("rule", f->rule);
    print_member("message", f->message);
    print_member("source", f->source);
    print_member("wage_types", f->wage_types);
    print_member("place", f->place);
    if (f->employer)
        print_member("employer", f->employer);
    puts("}");
}

bool console_progress(void *ctx, long done, long all)
{
    const struct console *out = ctx;
    char what[80];

    snprintf(what, sizeof what, "%s", tc_word(out->words, "certificates"));
    if (out->employer)
        snprintf(what, sizeof what, "%zu/%zu %s", out->turn, out->turns, out->employer);
    if (!out->json)
        command_progress(out->command, what, done, all);
    return !*out->interrupted;
}

static int by_count(const void *a, const void *b)
{
    const struct tally *x = a, *y = b;

    return x->count != y->count ? (x->count < y->count ? 1 : -1) : strcmp(x->rule, y->rule);
}

static void print_counts_json(const struct tc_result *r)
{
    printf("\"certificates\":%ld,\"issued\":%ld,\"held\":%ld,\"warnings\":%ld,\"waived\":%ld,\"without_certificate\":%ld,"
           "\"unexplained\":%ld",
           r->certificates, r->issued, r->held, r->warnings, r->waived, r->without, r->unexplained);
}

static void print_rules_json(struct tallies *t)
{
    qsort(t->list, t->count, sizeof *t->list, by_count);
    printf(",\"rules\":{");
    for (size_t i = 0; i < t->count; i++)
        printf("%s\"%s\":%ld", i ? "," : "", t->list[i].rule, t->list[i].count);
    putchar('}');
}

/* The states of a reconciliation; everybody held back is none. */
static const char *reconciliation(const struct tc_result *r)
{
    return r->reconciled == TC_RECONCILED ? "agree" : r->reconciled == TC_DIFFERENT ? "differ" : "not_reconciled";
}

static void print_older_json(const struct tc_result *r)
{
    if (r->older_count == 0)
        return;
    printf(",\"older_keys\":{");
    for (int i = 0; i < r->older_count; i++)
        printf("%s\"%s\":\"%s\"", i ? "," : "", r->older[i].before, r->older[i].now);
    putchar('}');
}

void console_older(const struct console *out, const struct tc_result *r)
{
    for (int i = 0; i < r->older_count; i++)
        command_tell(out->command, stderr, "note: \"%s\" is now called \"%s\"; the old name was accepted [older-key]", r->older[i].before,
                     r->older[i].now);
}

static void tell_tickets(const struct console *out, const struct tc_result *r)
{
    if (r->other_tickets)
        command_tell(out->command, stderr, "note: apart from transfer tickets the data are those of the draft [other-tickets]");
}

/* Members of an object. */
static void print_json(struct console *out, const struct tc_result *r)
{
    print_counts_json(r);
    printf("%s", r->finished ? ",\"finished_already\":true" : "");
    printf("%s", r->other_tickets ? ",\"other_tickets\":true" : "");
    if (*r->seal)
        printf(",\"seal\":\"%s\"", r->seal);
    printf(",\"currency\":\"%s\",\"totals\":{", r->currency);
    for (int i = 0; i < r->total_count; i++)
        printf("%s\"%s\":\"%s\"", i ? "," : "", r->totals[i].line, r->totals[i].text);
    if (out->corrects)
        printf("},\"changes\":{\"corrected\":%ld,\"cancelled\":%ld,\"late\":%ld,\"held\":%ld", r->corrected, r->cancelled, r->late,
               r->refused);
    printf("},\"reconciliation\":\"%s\",\"reconciled\":\"%s\",\"differences\":%ld", reconciliation(r),
           r->reconciled == TC_RECONCILED       ? "yes"
           : r->reconciled == TC_DIFFERENT      ? "no"
           : r->reconciled == TC_NOTHING_ISSUED ? "nothing issued"
                                                : "not checked",
           r->differences);
    printf(",\"reconciled_held\":{");
    for (int i = 0; i < r->held_count; i++) {
        fputs(i ? "," : "", stdout);
        print_string(r->held_sums[i].line);
        printf(":\"%s\"", r->held_sums[i].text);
    }
    printf("},\"undeclared_months\":%ld,\"wrong_declarations\":%ld", r->undeclared, r->wrong_declarations);
    print_older_json(r);
    print_rules_json(&out->one);
}

static void print_rules(const struct console *out, struct tallies *t)
{
    if (out->shown > out->most)
        printf("%s %ld %s %ld\n", tc_word(out->words, "findings shown"), out->most, tc_word(out->words, "of"), out->shown);
    qsort(t->list, t->count, sizeof *t->list, by_count);
    for (size_t i = 0; i < t->count; i++)
        printf("%7ld %s %s\n", t->list[i].count, tc_word(out->words, "times"), t->list[i].rule);
}

/* between: what parts the two halves. */
static void print_counts(const struct tc_words *w, const struct tc_result *r, const char *between)
{
    printf("%s %ld = %s %ld + %s %ld, %s %ld, %s %ld%s", tc_word(w, "certificates"), r->certificates, tc_word(w, "issued"), r->issued,
           tc_word(w, "held back"), r->held, tc_word(w, "warnings"), r->warnings, tc_word(w, "waived"), r->waived, between);
    printf("%s %ld, %s %ld", tc_word(w, "employees without a certificate"), r->without, tc_word(w, "of these without a stated reason"),
           r->unexplained);
}

static const char *reconciled(const struct tc_words *w, const struct tc_result *r)
{
    return tc_word(w, r->reconciled == TC_RECONCILED       ? "certificates and declarations agree"
                      : r->reconciled == TC_DIFFERENT      ? "certificates and declarations differ: see the sheet of the reconciliation"
                      : r->reconciled == TC_NOTHING_ISSUED ? "nothing was issued that could agree with the declarations"
                                                           : "no declarations in the input: not reconciled");
}

/* Behind the verdict: nobody is to read that all is well while somebody is missing. */
static void print_held(const struct tc_words *w, const struct tc_result *r)
{
    char room[80];

    if (r->reconciled == TC_NOT_RECONCILED || r->held == 0)
        return;
    printf(", %s", tc_word(w, "of which held back"));
    if (r->held_count == 0)
        printf(" %ld %s", r->held, tc_word(w, "certificates"));
    for (int i = 0; i < r->held_count; i++)
        printf("%s %s: %s %s", i ? "," : "", r->held_sums[i].line, tc_amount(w, r->held_sums[i].text, room, sizeof room), r->currency);
}

static void print_total(const struct tc_words *w, const struct tc_total *total, const char *currency)
{
    char room[80];

    printf("%s %s%s%s: %s %s\n", total->box ? tc_word(w, "total of box") : tc_word(w, "total of line"), total->line,
           *total->caption ? " " : "", total->caption, tc_amount(w, total->text, room, sizeof room), currency);
}

/* A year's payroll given in place of its corrections. */
static void tell_unsaid(const struct console *out)
{
    if (out->unsaid > UNSAID_MOST)
        command_tell(out->command, stderr,
                     "note: %ld certificates have been issued already, and the reason of their correction is missing: is this "
                     "the whole payroll? Give only those that have changed or are new [whole-payroll]",
                     out->unsaid);
}

static void print_words(struct console *out, const struct tc_options *options, const struct tc_result *r)
{
    const struct tc_words *w = out->words;

    tell_unsaid(out);
    print_rules(out, &out->one);
    if (options->corrects)
        printf("%s %ld, %s %ld, %s %ld, %s %ld\n", tc_word(w, "corrected"), r->corrected, tc_word(w, "cancelled"), r->cancelled,
               tc_word(w, "late"), r->late, tc_word(w, "changes held back"), r->refused);
    print_counts(w, r, "\n");
    printf("\n");
    for (int i = 0; i < r->total_count; i++)
        print_total(w, &r->totals[i], r->currency);
    printf("%s", reconciled(w, r));
    print_held(w, r);
    printf("\n");
    if (r->undeclared > 0)
        printf("%s %ld\n", tc_word(w, "months without a declaration"), r->undeclared);
    if (r->wrong_declarations > 0)
        printf("%s %ld\n", tc_word(w, "declarations whose totals do not add up"), r->wrong_declarations);
    if (*r->seal)
        fprintf(stderr, "%s %s\n", tc_word(w, "seal"), r->seal); /* another one every time: not among what is compared */
    if (options->output)
        command_tell(out->command, stdout, "see %s/summary.xlsx", options->output);
}

void console_result(struct console *out, const struct tc_options *options, const struct tc_result *r)
{
    tell_tickets(out, r);
    console_older(out, r);
    if (!out->json) {
        print_words(out, options, r);
        return;
    }
    putchar('{');
    print_json(out, r);
    puts("}");
}

static void add_result(struct tc_result *sums, const struct tc_result *r)
{
    sums->certificates += r->certificates;
    sums->issued += r->issued;
    sums->held += r->held;
    sums->warnings += r->warnings;
    sums->waived += r->waived;
    sums->without += r->without;
    sums->unexplained += r->unexplained;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static void print_employer_json(struct console *out, const struct tc_employer *e)
{
    printf("{\"code\":%d,", (int)e->code);
    if (e->code > TC_HELD) {
        printf("\"state\":\"failed\"");
        print_member("file", base_name(e->err.file));
        print_member("pointer", e->err.pointer);
        print_member("rule", e->err.rule);
        print_member("message", e->err.message);
    } else {
        printf("\"state\":\"%s\",", e->code == TC_OK ? "all issued" : "some held back");
        print_json(out, &e->result);
    }
    print_member("employer", e->name);
    puts("}");
}

void console_employer(void *ctx, const struct tc_employer *e, bool ended)
{
    struct console *out = ctx;
    bool made = e->code <= TC_HELD;

    if (!ended) {
        out->employer = e->name;
        out->turn++;
        out->one = (struct tallies){0};
        return;
    }
    out->states[made ? e->code : 2]++;
    if (made) {
        add_result(&out->sums, &e->result);
        console_older(out, &e->result);
    } else {
        command_fail(out->command, &e->err);
    }
    if (out->json) {
        print_employer_json(out, e);
        return;
    }
    printf("%s: ", e->name);
    if (made) {
        print_counts(out->words, &e->result, ", ");
        printf(", %s", reconciled(out->words, &e->result));
        print_held(out->words, &e->result);
        printf("\n");
    } else {
        printf("%s [%s]\n", tc_word(out->words, "failed"), e->err.rule);
    }
}

void console_all(struct console *out, const struct tc_options *options, int code)
{
    const struct tc_words *w = out->words;

    if (out->json) {
        printf("{\"employers\":%zu,\"all_issued\":%ld,\"some_held\":%ld,\"failed\":%ld,\"code\":%d,", out->turns, out->states[0],
               out->states[1], out->states[2], code);
        print_counts_json(&out->sums);
        print_rules_json(&out->all);
        puts("}");
        return;
    }
    print_rules(out, &out->all);
    printf("%s %zu = %s %ld + %s %ld + %s %ld; ", tc_word(w, "employers"), out->turns, tc_word(w, "all issued"), out->states[0],
           tc_word(w, "some held back"), out->states[1], tc_word(w, "failed"), out->states[2]);
    print_counts(w, &out->sums, ", ");
    printf("\n");
    if (options->output)
        command_tell(out->command, stdout, "see %s/employers.xlsx", options->output);
}
