/* What was found is told: to the caller, and to ledger and workbook. */
#include <stdio.h>
#include <string.h>

#include "base/say.h"
#include "form/spot.h"
#include "run/run.h"

#define TOLD 700

/* What a finding says in a language. A form's rules have words of their own; what the program says is in the language of texts, or English. What is
 * said behind the message is in it too. The result is borrowed, from room where need be. */
static const char *say(const json_t *texts, const char *message, const struct finding *f, char room[TOLD])
{
    char first[TOLD], label[80], detail[160];
    const char *said = f->source ? message : say_in(texts, message, first, sizeof first);

    if (said == message && !f->detail)
        return message;
    if (f->detail)
        snprintf(room, TOLD, "%s (%s: %s)", said, say_in(texts, f->label, label, sizeof label),
                 f->named ? f->detail : say_in(texts, f->detail, detail, sizeof detail));
    else
        snprintf(room, TOLD, "%s", said);
    return room;
}

static void take_unknown(struct run *run, const struct certify_result *r)
{
    for (const struct unknown_key *key = r->unknown; key; key = key->next) {
        struct unknown_place *u = run->unknown.list;

        while (u < run->unknown.list + run->unknown.count && u->hash != key->hash)
            u++;
        if (u == run->unknown.list + UNKNOWN_MAX)
            u--;
        if (u == run->unknown.list + run->unknown.count) {
            *u = (struct unknown_place){.hash = key->hash, .file = key->file, .number = r->number, .nearest = key->nearest};
            snprintf(u->pointer, sizeof u->pointer, "%s", key->pointer);
            run->unknown.count++;
        }
        u->count++;
    }
}

/* As a run keeps it; with its words in room. */
static struct ledger_finding line_of(const struct run *run, const struct certify_result *r, const struct finding *f, char room[TOLD])
{
    return (struct ledger_finding){r->place,
                                   r->id,
                                   r->personnel_number,
                                   f->severity,
                                   run->in.names[f->file],
                                   f->pointer,
                                   f->rule,
                                   say(run->in.kept, f->message, f, room),
                                   f->source,
                                   f->wage_types,
                                   f->reason,
                                   f->who};
}

/* To the caller and to so many of the sinks. */
static bool give_finding(struct run *run, enum sinks_part part, const struct certify_result *r, const struct finding *f)
{
    char kept[TOLD], told[TOLD], place[SPOT_TEXT];
    struct ledger_finding line = line_of(run, r, f, kept);
    struct tc_finding call = {
        f->severity == SEVERITY_ERROR,
        f->severity == SEVERITY_WAIVED,
        r->personnel_number,
        r->id,
        line.file,
        f->pointer,
        f->rule,
        say(run->in.told, f->told ? f->told : f->message, f, told),
        f->source,
        f->wage_types,
        NULL,
        f->file == INPUT_WAIVERS ? NULL : spot_name(run->in.form.plan, run->in.form.template, run->in.told, f->pointer, place)};

    if (run->options->on_finding)
        run->options->on_finding(run->options->ctx, &call);
    return sinks_finding(&run->sinks, part, &line, run->err);
}

bool run_give_finding(struct run *run, const struct certify_result *r, const struct finding *f)
{
    return give_finding(run, SINKS_ALL, r, f);
}

bool run_keep_findings(const struct run *run, const struct certify_result *r, struct tc_error *err)
{
    char room[TOLD];
    bool ok = true;

    for (const struct finding *f = r->findings.first; ok && f; f = f->next) {
        struct ledger_finding line = line_of(run, r, f, room);

        ok = sinks_finding(&run->sinks, SINKS_BESIDE, &line, err);
    }
    return ok;
}

bool run_give_unknown(struct run *run)
{
    struct arena arena = {0};
    struct certify_result head = {
        .unknown = unknown_find_head(run->in.form.template, run->in.form.plan->declared, input_head_tree(run->in.input), &arena)};

    take_unknown(run, &head);
    if (arena.failed)
        error_memory(run->err);
    arena_free(&arena);
    for (size_t i = 0; i < run->unknown.count; i++) {
        const struct unknown_place *u = &run->unknown.list[i];
        struct certify_result nobody = {.place = (int64_t)u->number};
        char message[160];
        struct finding f = {
            .severity = SEVERITY_WARNING, .file = u->file, .pointer = u->pointer, .rule = "unknown-key", .message = message};

        snprintf(message, sizeof message,
                 "A field here has an unknown name and was not read (occurrences: %ld); check the spelling. Names that "
                 "begin with x_ are free.",
                 u->count);
        f.label = "nearest known name";
        f.detail = u->nearest;
        if (!run_give_finding(run, &nobody, &f))
            return false;
    }
    return !run->err->code;
}

/* A waiver that was not needed may be one for the wrong certificate. Of those that several employers share this is known at their end. */
bool run_give_unused_waivers(struct run *run)
{
    for (size_t i = 0; i < waivers_count(run->in.waivers); i++) {
        struct certify_result nobody = {.place = 0};
        char pointer[40];
        struct finding f = {.severity = SEVERITY_WARNING,
                            .file = INPUT_WAIVERS,
                            .pointer = pointer,
                            .rule = "waiver-unused",
                            .message = "This waiver was not needed; check certificate id and rule."};

        if (waivers_at(run->in.waivers, i)->used || waivers_at(run->in.waivers, i)->common)
            continue;
        snprintf(pointer, sizeof pointer, "/waivers/%zu", waivers_at(run->in.waivers, i)->line);
        if (!run_give_finding(run, &nobody, &f))
            return false;
    }
    if (run->common)
        waiver_file_count(run->common, run->in.waivers);
    return true;
}

bool run_give_findings(struct run *run, enum sinks_part part, const struct certify_result *r)
{
    for (const struct finding *f = r->findings.first; f; f = f->next)
        if (!give_finding(run, part, r, f))
            return false;
    take_unknown(run, r);
    return true;
}
