/* A year's first run: nothing was there before, everybody stands in the input. */
#include <stdlib.h>

#include "base/text.h"
#include "run/run.h"

static bool open_form(struct run *run, const char *templates, int32_t issued, unsigned marks)
{
    const json_t *head = input_head(run->in.input);

    if (json_array_size(json_object_get(head, "cancellations")) > 0)
        return error_set(run->err, TC_INPUT, run->options->payroll, "/cancellations", "correction-unexpected",
                         "the first run of a year has nothing to cancel: cancellations are made by taxcert correct");
    return prepared_load(&run->in.form, templates, json_string_value(json_object_get(head, "form")),
                         (int)json_integer_value(json_object_get(head, "year")), issued, marks, run->err);
}

static void identify(const struct run *run, struct buf *text)
{
    (void)run;
    (void)text;
}

static bool nothing(struct run *run)
{
    (void)run;
    return true;
}

/* Somebody whose number cannot be used: nobody can be named, so only counted. */
static void count_unreadable(struct run *run, const char *reason)
{
    run->result->without++;
    run->result->unexplained += reason == NULL;
    run->result->unreadable++;
    run->unreadable_unexplained += reason == NULL;
}

/* Employees no certificate names. One without a readable number was named in no certificate either. */
static bool list_people(struct run *run)
{
    struct input_reader reader = {0};
    struct arena arena = {0};
    struct buf text = {0};

    for (size_t i = 0; i < input_employees(run->in.input) && !run->err->code; i++) {
        const struct datum *person;
        const char *number, *reason;

        if (input_has_certificate(run->in.input, i))
            continue;
        input_reader_reset(&reader);
        person = input_employee(run->in.input, i, &reader, run->err);
        number = datum_text(datum_get(person, "personnel_number"));
        reason = run_clean_reason(datum_text(datum_get(person, "no_certificate_reason")), &text);
        arena_reset(&arena);
        if (number && text_is_handle(number))
            run_book_person(run, &(struct ledger_person){number, reason, run_describe_person(run, person, number, &arena), NULL});
        else
            count_unreadable(run, reason);
    }
    if (text.failed || arena.failed)
        error_memory(run->err);
    arena_free(&arena);
    buf_free(&text);
    input_reader_free(&reader);
    return !run->err->code;
}

static bool keep(struct run *run, bool (*seal)(void *ctx, const char *name, const void *data, size_t length))
{
    (void)run;
    (void)seal;
    return true;
}

static void free_nothing(struct run *run)
{
    (void)run;
}

const struct run_kind run_first = {
    .event = "generated",
    .open = open_form,
    .identify = identify,
    .admit = nothing,
    .compare = run_compare,
    .complete = list_people,
    .note = nothing,
    .keep = keep,
    .announce = nothing,
    .tell = nothing,
    .free = free_nothing,
};
