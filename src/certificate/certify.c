#include "certificate/certify.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "certificate/canonical.h"
#include "layout/place.h"

bool certify_start(struct certify_worker *w, const struct prepared *form, struct tc_error *err)
{
    *w = (struct certify_worker){.placed = calloc((size_t)form->form.page.slot_count + 1, sizeof *w->placed)};
    return (w->placed || error_memory(err)) && pdf_worker_start(&w->pdf, form->pdf, err);
}

void certify_stop(struct certify_worker *w)
{
    pdf_worker_stop(&w->pdf);
    input_reader_free(&w->reader);
    buf_free(&w->text);
    attachment_free(&w->attachment);
    free(w->placed);
    *w = (struct certify_worker){0};
}

static bool refuse(struct certify_result *r, enum input_file file, const char *base, const char *key, const char *rule, const char *message)
{
    return findings_add(&r->findings, SEVERITY_ERROR, file, arena_join(r->findings.arena, (const char *const[]){base, key}, 2), rule,
                        message);
}

static const char *handle_of(const struct datum *record, const char *key, struct arena *arena)
{
    const char *text = datum_text(datum_get(record, key));

    return text_is_handle(text) ? arena_copy(arena, text, strlen(text)) : NULL;
}

/* It names files, and stands on command lines. */
static void warn_of_handle(struct certify_result *r, const char *base, const char *key, const char *handle)
{
    enum text_handle_trap trap = text_find_handle_trap(handle);
    const char *pointer = trap == TEXT_HANDLE_FINE ? NULL : arena_join(r->findings.arena, (const char *const[]){base, key}, 2);

    if (trap == TEXT_HANDLE_RESERVED)
        findings_add(&r->findings, SEVERITY_WARNING, INPUT_PAYROLL, pointer, "id-reserved",
                     "Windows cannot store a file with this name (CON, NUL, COM1 and the like, or a full stop at the end); "
                     "choose another id.");
    if (trap == TEXT_HANDLE_OPTION)
        findings_add(&r->findings, SEVERITY_WARNING, INPUT_PAYROLL, pointer, "id-option",
                     "The id begins with - and looks like an option: on a command line it must follow --. Choose another one.");
}

static bool check_handles(const struct certify_job *job, struct certify_result *r, const struct datum *certificate, const char *base)
{
    static const char form[] =
        "Certificate id and personnel number must be text of 1 to 32 characters from A-Z a-z 0-9 . _ -; correct them.";

    if (!datum_is(certificate, DATUM_OBJECT))
        return refuse(r, INPUT_PAYROLL, base, "", "value-type", "A group of named fields { } must stand here.");
    r->id = handle_of(certificate, "id", r->findings.arena);
    r->personnel_number = handle_of(certificate, "personnel_number", r->findings.arena);
    if (!r->id)
        return refuse(r, INPUT_PAYROLL, base, "/id", "id-format", form);
    if (!r->personnel_number)
        return refuse(r, INPUT_PAYROLL, base, "/personnel_number", "id-format", form);
    warn_of_handle(r, base, "/id", r->id);
    warn_of_handle(r, base, "/personnel_number", r->personnel_number);
    switch (input_problem(job->input, r->number)) {
    case INPUT_ID_TWICE:
        return refuse(r, INPUT_PAYROLL, base, "/id", "certificate-duplicate",
                      "The certificate id is used more than once; choose another one.");
    case INPUT_ID_CASE:
        return refuse(r, INPUT_PAYROLL, base, "/id", "certificate-case",
                      "Another certificate id differs from this one in upper and lower case only; change one of them.");
    default: return true;
    }
}

static const char *record_mistake(enum json_error_code code)
{
    switch (code) {
    case json_error_duplicate_key: return "The record, or an object in it, names a field twice; keep one of the two.";
    case json_error_numeric_overflow: return "A number of the record is too large; check it.";
    default: return "The record is not valid JSON; correct it.";
    }
}

/* The employee's record, or NULL with a finding or err. */
static const struct datum *read_person(const struct certify_job *job, struct certify_worker *w, struct certify_result *r, const char *base,
                                       struct sources *s, struct tc_error *err)
{
    long index = input_person(job->input, r->number);
    enum input_file file = input_is_split(job->input) ? INPUT_EMPLOYEES : INPUT_PAYROLL;
    const struct datum *person;
    const char *number;

    if (index == INPUT_SEVERAL)
        refuse(r, INPUT_PAYROLL, base, "/personnel_number", "employee-duplicate",
               "Two people in the employee data have this personnel number; change one of them.");
    if (index == INPUT_NOBODY)
        refuse(r, INPUT_PAYROLL, base, "/personnel_number", "employee-missing",
               "There are no employee data for this personnel number; add them.");
    if (index < 0)
        return NULL;
    s->pointers[PLACE_EMPLOYEE] = arena_numbered(r->findings.arena, "/employees/", (size_t)index);
    s->files[PLACE_EMPLOYEE] = s->files[PLACE_ADDRESS] = file;
    person = input_employee(job->input, (size_t)index, &w->reader, err);
    number = datum_text(datum_get(person, "personnel_number"));
    if (!person && !err->code)
        refuse(r, file, s->pointers[PLACE_EMPLOYEE], "", "json-syntax", record_mistake(w->reader.mistake));
    if (person && (!number || strcmp(number, r->personnel_number) != 0)) {
        /* The index goes by hashes: what it found is confirmed here. */
        refuse(r, INPUT_PAYROLL, base, "/personnel_number", "employee-missing",
               "There are no employee data for this personnel number; add them.");
        person = NULL;
    }
    return person;
}

static bool find_establishment(const struct certify_job *job, struct certify_result *r, const struct datum *certificate, const char *base,
                               struct sources *s)
{
    const char *id = datum_text(datum_get(certificate, "establishment"));
    const struct datum *e = datum_first(datum_get(input_head_tree(job->input), "establishments"));

    for (size_t i = 0; e; e = e->next, i++) {
        const char *other = datum_text(datum_get(e, "id"));

        if (!id || !other || strcmp(id, other) != 0)
            continue;
        s->at[PLACE_ESTABLISHMENT] = e;
        s->pointers[PLACE_ESTABLISHMENT] = arena_numbered(r->findings.arena, "/establishments/", i);
        r->establishment = other;
        return true;
    }
    return refuse(r, INPUT_PAYROLL, base, "/establishment", "establishment-unknown",
                  "The establishment is not defined; add it to the payroll data (establishments).");
}

/* Who somebody is cannot be corrected: tax office and person would be left with two certificates. A personnel number says it only
 * where the form has nothing else, or says that the other may change. */
static bool is_other_person(const struct certify_job *job, const struct certify_result *r, const struct certify_found *found,
                            struct arena *arena, struct tc_error *err)
{
    const struct template *t = job->form->template;
    const struct value *now, *then;
    struct record before;

    if (t->person < 0 || t->person_changes)
        return !found->personnel_number || strcmp(found->personnel_number, r->personnel_number) != 0;
    if (!canonical_record(t, found->record, arena, &before, err))
        return true;
    now = &r->record.values[t->person];
    then = &before.values[t->person];
    return now->present && then->present && strcmp(now->text, then->text) != 0;
}

/* What was issued under this id, or one like it. False with a finding or err. */
static bool find_before(const struct certify_job *job, struct certify_result *r, const char *base, struct certify_found *found,
                        struct tc_error *err)
{
    const struct certify_before *b = job->before;
    bool like = false;

    if (!b->find(b->ctx, r->id, r->personnel_number, r->findings.arena, found, err)
        || (!found->there && !b->has_case(b->ctx, r->id, &like, err)))
        return false;
    return !like
           || refuse(r, INPUT_PAYROLL, base, "/id", "certificate-case",
                     "A certificate of this year has an id that differs from this one in upper and lower case only; choose "
                     "another id.");
}

/* A certificate of a correcting run is either the first of its id, or it says why it replaces the valid one. */
static bool check_correction(const struct certify_job *job, struct certify_result *r, const struct datum *certificate, const char *base,
                             struct tc_error *err)
{
    const struct datum *correction = datum_get(certificate, "correction");
    const char *reason = datum_text(datum_get(correction, "reason"));
    struct arena *arena = r->findings.arena;
    struct certify_found found = {0};
    bool wanted = correction && !datum_is(correction, DATUM_NULL), valid;

    if (!job->before)
        return !wanted
               || refuse(r, INPUT_PAYROLL, base, "/correction", "correction-unexpected",
                         "This certificate is said to correct another one; corrections are made by taxcert correct only.");
    if (!find_before(job, r, base, &found, err))
        return false;
    valid = found.there && found.valid;
    r->replaced = valid || wanted;
    if (found.there)
        r->place = found.number;
    if ((found.there && found.cancelled) || job->before->is_cancelled(job->before->ctx, r->id))
        return refuse(r, INPUT_PAYROLL, base, "/id", "correction-cancelled",
                      "The certificate with this id is cancelled; a new one needs another id.");
    if (wanted && (!reason || text_is_blank(reason) || !text_is_utf8(reason)))
        return refuse(r, INPUT_PAYROLL, base, "/correction", "correction-reason",
                      "The correction needs a reason, as text without invisible characters.");
    if (wanted && !valid)
        return refuse(r, INPUT_PAYROLL, base, "/correction", "correction-unknown",
                      "No certificate with this id has been issued, so there is nothing to correct; check the id.");
    if (!wanted && valid)
        return refuse(r, INPUT_PAYROLL, base, "/correction", "correction-missing",
                      "A certificate with this id has been issued already; give the reason of the correction (correction).");
    if (wanted && is_other_person(job, r, &found, arena, err))
        return refuse(r, INPUT_PAYROLL, base, "/correction", "correction-person",
                      "The certificate with this id belongs to another person; cancel it, and issue a new one with another id.");
    r->reason = wanted ? arena_copy(arena, reason, strlen(reason)) : NULL;
    r->before = wanted ? found.record : NULL;
    r->corrects = wanted ? found.corrects + 1 : 0;
    return !arena->failed || error_memory(err);
}

static void fill_sources(const struct certify_job *job, const struct datum *certificate, const struct datum *person, const char *base,
                         struct arena *arena, struct sources *s)
{
    const struct datum *mailing = datum_get(person, "mailing_address");
    bool mailed = mailing && !datum_is(mailing, DATUM_NULL);

    s->at[PLACE_CERTIFICATE] = certificate;
    s->pointers[PLACE_CERTIFICATE] = base;
    s->at[PLACE_CORRECTION] = datum_get(certificate, "correction");
    s->pointers[PLACE_CORRECTION] = s->pointers[PLACE_BEFORE] = arena_join(arena, (const char *const[]){base, "/correction"}, 2);
    s->at[PLACE_VALUES] = datum_get(certificate, "values");
    s->pointers[PLACE_VALUES] = arena_join(arena, (const char *const[]){base, "/values"}, 2);
    s->at[PLACE_FACTS] = datum_get(certificate, "facts");
    s->pointers[PLACE_FACTS] = arena_join(arena, (const char *const[]){base, "/facts"}, 2);
    s->at[PLACE_EMPLOYEE] = person;
    s->at[PLACE_ADDRESS] = mailed ? mailing : datum_get(person, "address");
    s->pointers[PLACE_ADDRESS] = arena_join(
        arena, (const char *const[]){s->pointers[PLACE_EMPLOYEE], mailed ? "/mailing_address" : "/address"}, 2);
    s->at[PLACE_EMPLOYER] = datum_get(input_head_tree(job->input), "employer");
    s->pointers[PLACE_EMPLOYER] = "/employer";
    s->at[PLACE_RUN] = job->given;
    s->pointers[PLACE_RUN] = "";
}

static void read_parts(const struct certify_job *job, struct certify_worker *w, size_t i, struct arena *arena, struct sources *s,
                       struct certify_result *r, struct tc_error *err)
{
    const char *base = arena_numbered(arena, "/certificates/", i);
    const struct datum *certificate, *person;

    *r = (struct certify_result){.number = i, .place = (int64_t)i + (job->before ? job->before->places : 0)};
    findings_start(&r->findings, arena);
    certificate = input_certificate(job->input, i, &w->reader, err);
    if (!certificate && !err->code)
        refuse(r, INPUT_PAYROLL, base, "", "json-syntax", record_mistake(w->reader.mistake));
    if (!certificate || !check_handles(job, r, certificate, base) || (person = read_person(job, w, r, base, s, err)) == NULL
        || !find_establishment(job, r, certificate, base, s))
        return;
    fill_sources(job, certificate, person, base, arena, s);
    r->unknown = unknown_find(job->form->template, s, arena);
    if (!record_read(job->form->template, s, job->wages, arena, &r->record, &r->trail, &r->findings)) {
        error_memory(err);
        return;
    }
    r->has_record = true;
    check_correction(job, r, certificate, base, err);
    if (arena->failed)
        error_memory(err);
}

/* The certificate's record, as far as it can be read; where there is none, findings or err say why. */
static void read_all(const struct certify_job *job, struct certify_worker *w, size_t i, struct arena *arena, struct sources *s,
                     struct certify_result *r, struct tc_error *err)
{
    input_reader_reset(&w->reader);
    read_parts(job, w, i, arena, s, r, err);
    if (arena->failed) /* what is missing may be so for want of memory */
        error_memory(err);
}

bool certify_read(const struct certify_job *job, struct certify_worker *w, size_t i, struct arena *arena, struct certify_result *r,
                  struct tc_error *err)
{
    struct sources sources = {0};

    read_all(job, w, i, arena, &sources, r, err);
    return !err->code;
}

/* What the certificate is compared with, read back. */
static bool read_before(const struct certify_job *job, const struct certify_result *r, const struct certify_judged *judged,
                        struct arena *arena, struct record *room, struct rules_before *before, struct tc_error *err)
{
    const char *text = r->before ? r->before : judged->record;

    *before = (struct rules_before){.record = text ? room : NULL, .corrected = r->before != NULL};
    return !text || canonical_record(job->form->template, text, arena, room, err);
}

/* Check, place; the findings decide, and with render the printed values are put together. */
static bool work_out(const struct certify_job *job, const struct prepared *e, struct certify_worker *w, const struct sources *s,
                     bool render, struct arena *arena, struct certify_result *r, struct tc_error *err)
{
    struct certify_judged judged = {.across = job->across};
    struct rules_before before;
    struct record room;
    size_t **order;
    bool written = true;

    if (job->before)
        judged = job->before->judged(job->before->ctx, r->number);
    if (!read_before(job, r, &judged, arena, &room, &before, err))
        return false;
    if (before.corrected && !record_take_before(e->template, before.record, arena, &r->record))
        return error_memory(err);
    rules_check(&job->rules, r->id, &r->record, &before, s, &r->findings);
    across_report(judged.across, r->number, &job->rules, r->id, s, &r->findings);
    if (judged.held)
        refuse(r, INPUT_PAYROLL, s->pointers[PLACE_CERTIFICATE], "", "correction-together",
               "Another change of this person, or a cancellation that belongs to it, is held back; all of them are made, "
               "or none. Correct that one first.");
    order = place_record(e->template, &e->form, &e->regular, &e->bold, &r->record, s, arena, w->placed, &r->findings);
    if (render && order && r->findings.errors == 0)
        written = attachment_write(e->phrases, e->template, &e->form, &r->record, order, &w->attachment);
    return (!arena->failed && written) || error_memory(err);
}

bool certify(const struct certify_job *job, struct certify_worker *w, size_t i, bool render, struct arena *arena, struct certify_result *r,
             struct tc_error *err)
{
    struct sources sources = {0};
    const struct prepared *e;

    read_all(job, w, i, arena, &sources, r, err);
    e = r->reason ? job->before->correcting : job->form;
    if (!err->code && r->has_record && r->findings.errors == 0)
        work_out(job, e, w, &sources, render, arena, r, err);
    r->issued = !err->code && r->findings.errors == 0;
    if (!r->issued && r->replaced) /* the one that is valid keeps its place */
        r->place = (int64_t)i + job->before->places;
    if (r->issued && render)
        pdf_render(e->pdf, &w->pdf, w->placed, &w->attachment.packed, w->hash, err);
    return !err->code;
}

bool certify_record(const struct prepared *e, struct certify_worker *w, const char *text, struct arena *arena, struct tc_error *err)
{
    const struct datum *canon = datum_parse(text, strlen(text), arena, err);
    struct sources nowhere = {0};
    struct findings findings;
    struct record record;
    size_t **order = NULL;
    bool written = true, restored = canon && record_restore(e->template, canon, arena, &record);

    findings_start(&findings, arena);
    if (restored)
        order = place_record(e->template, &e->form, &e->regular, &e->bold, &record, &nowhere, arena, w->placed, &findings);
    if (order && findings.errors == 0)
        written = attachment_write(e->phrases, e->template, &e->form, &record, order, &w->attachment);
    if (err->code || arena->failed || !written)
        return err->code ? false : error_memory(err);
    if (!restored)
        return error_set(err, TC_IO, NULL, NULL, "ledger-record", "the ledger's record does not belong to this form");
    if (findings.errors > 0)
        return error_set(err, TC_IO, NULL, NULL, findings.first->rule, "the certificate cannot be made again with these fonts");
    return pdf_render(e->pdf, &w->pdf, w->placed, &w->attachment.packed, w->hash, err);
}
