/* People without a certificate: what is kept of them, so that they are found by name. */
#include "base/text.h"
#include "certificate/canonical.h"
#include "run/run.h"

/* Words are made of what is known of the person. */
bool run_book_person(struct run *run, const struct ledger_person *person)
{
    const struct template *t = run->in.form.template;
    struct ledger_person found = *person;
    struct buf words = {0};
    struct arena arena = {0};
    struct record record;
    bool ok;

    if (!person->record || canonical_record(t, person->record, &arena, &record, run->err)) {
        canonical_words(t, person->record ? &record : NULL, person->personnel_number, NULL, &words);
        buf_add(&words, "", 1);
        found.words = words.data;
    }
    ok = !run->err->code && !words.failed && sinks_person(&run->sinks, &found, run->err);
    if (words.failed)
        error_memory(run->err);
    buf_free(&words);
    arena_free(&arena);
    return ok;
}

const char *run_describe_person(struct run *run, const struct datum *person, const char *personnel_number, struct arena *arena)
{
    const struct template *t = run->in.form.template;
    const struct sources sources = {.at = {[PLACE_EMPLOYEE] = person}, .pointers = {[PLACE_EMPLOYEE] = ""}};
    struct canonical_head head = {"", personnel_number, ""};
    struct record record = {.values = arena_array(arena, t->field_count + 1, sizeof *record.values),
                            .groups = arena_array(arena, t->group_count + 1, sizeof *record.groups)};
    struct findings nobodys;
    struct buf text = {0};
    const char *said = NULL;

    if (!record.values || !record.groups)
        return NULL;
    findings_start(&nobodys, arena);
    record_read_place(t, PLACE_EMPLOYEE, &sources, arena, &record, &nobodys);
    for (size_t i = 0; i < t->field_count; i++)
        record.values[i].present &= t->fields[i].find;
    if (!arena->failed)
        canonical_write(t, &record, &head, &text);
    if (!arena->failed && !text.failed)
        said = arena_copy(arena, text.data, text.length);
    else
        arena->failed = true;
    buf_free(&text);
    return said;
}

const char *run_clean_reason(const char *reason, struct buf *text)
{
    if (text_is_blank(reason))
        return NULL;
    text->length = 0;
    text_show(text, reason);
    buf_add(text, "", 1);
    return text->failed ? NULL : text->data;
}
