/* The letters of cancellations: an employee must be told which certificate is void, and why. */
#include <stdio.h>
#include <string.h>

#include "certificate/letter.h"
#include "run/changes.h"

static struct letter_text text_of(const struct run *run, const struct cancellation *k, size_t number, struct arena *arena)
{
    return (struct letter_text){.record = k->record,
                                .id = k->id,
                                .reason = k->reason,
                                .issued = json_string_value(json_object_get(run->in.given, "issued")),
                                .other = k->successor,
                                .pointer = arena_numbered(arena, "/cancellations/", number)};
}

/* Where the reason is at fault, that is named; what was certified is so by the certificate's id alone. */
static bool keep_finding(struct correcting *c, struct cancellation *k, size_t number, const struct finding *f)
{
    struct finding *kept = arena_array(&c->arena, 1, sizeof *kept);
    const char *base = arena_numbered(&c->arena, "/cancellations/", number);
    size_t length = base ? strlen(base) : 0;

    if (!kept || !base)
        return false;
    *kept = *f;
    kept->pointer = arena_join(&c->arena, (const char *const[]){base, !strcmp(f->pointer + length, "/reason") ? "/reason" : "/certificate"},
                               2);
    kept->detail = f->detail ? arena_copy(&c->arena, f->detail, strlen(f->detail)) : NULL;
    k->finding = kept;
    k->dropped = true;
    return kept->pointer && (kept->detail || !f->detail);
}

static bool judge_one(struct run *run, struct letter_worker *w, size_t i, struct arena *arena)
{
    struct correcting *c = run->state;
    struct cancellation *k = &c->previous.cancellations[i];
    struct letter_text text;
    struct findings findings;

    arena_reset(arena);
    findings_start(&findings, arena);
    text = text_of(run, k, i, arena);
    if (!letter_make(w, &text, false, arena, &findings, run->err))
        return false;
    for (const struct finding *f = findings.first; f; f = f->next)
        if (f->severity == SEVERITY_ERROR && !k->finding && !keep_finding(c, k, i, f))
            return error_memory(run->err);
    return true;
}

bool letters_judge(struct run *run)
{
    const struct previous *e = &((struct correcting *)run->state)->previous;
    struct letter_worker w = {.form = NULL};
    struct arena arena = {0};
    bool ok = true;

    if (e->cancellation_count == 0 || !run->in.form.letters)
        return true;
    ok = letter_start(&w, &run->in.form, run->err);
    for (size_t i = 0; ok && i < e->cancellation_count; i++)
        ok = judge_one(run, &w, i, &arena);
    letter_stop(&w);
    arena_free(&arena);
    return ok;
}

static bool write_one(struct run *run, struct letter_worker *w, size_t i, struct arena *arena)
{
    const struct correcting *c = run->state;
    const struct cancellation *k = &c->previous.cancellations[i];
    const struct template *t = run->in.form.template;
    struct ledger_letter letter = {.id = k->id, .personnel_number = k->personnel_number};
    struct letter_text text;
    struct findings findings;

    if (k->dropped)
        return true;
    arena_reset(arena);
    findings_start(&findings, arena);
    text = text_of(run, k, i, arena);
    letter.file = folder_letter(t->id, t->year, k->personnel_number, k->id, arena);
    if (!letter.file || !letter_make(w, &text, true, arena, &findings, run->err))
        return run->err->code ? false : error_memory(run->err);
    if (findings.errors > 0) /* the id of the one in its place does not fit: the form's mistake */
        return error_set(run->err, TC_USAGE, NULL, NULL, findings.first->rule,
                         "the letter of a cancellation cannot be made with this form");
    memcpy(letter.hash, w->hash, HASH_SIZE);
    return folder_make_way(&run->out.folder, letter.file, run->err)
           && folder_write(&run->out.folder, letter.file, w->pdf.file, PDF_PARTS, run->err)
           && run_add_sum(run, letter.file, w->hash, run->err) && ledger_add_letter(run->out.ledger, &letter, run->err);
}

/* One of an earlier run, as it is seen from this one. */
static bool carry(void *ctx, const struct ledger_letter *letter, struct tc_error *err)
{
    struct run *run = ctx;
    struct correcting *c = run->state;
    struct ledger_letter carried = *letter;

    arena_reset(&c->record);
    carried.file = previous_path(&c->previous, letter->file, &c->record);
    return carried.file ? ledger_add_letter(run->out.ledger, &carried, err) : error_memory(err);
}

bool letters_write(struct run *run)
{
    const struct previous *e = &((struct correcting *)run->state)->previous;
    struct letter_worker w = {.form = NULL};
    struct arena arena = {0};
    bool ok;

    if (!run->options->output)
        return true;
    ok = ledger_each_letter(e->archive.ledger, NULL, carry, run, run->err);
    if (!ok || e->cancellation_count == 0 || !run->in.form.letters)
        return ok;
    ok = letter_start(&w, &run->in.form, run->err);
    for (size_t i = 0; ok && i < e->cancellation_count; i++)
        ok = write_one(run, &w, i, &arena);
    letter_stop(&w);
    arena_free(&arena);
    return ok;
}
