#include "input/record.h"

#include <limits.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"

struct reader {
    const struct template *t;
    const struct sources *sources;
    struct arena *arena;
    struct findings *findings;
    bool incomplete;           /* see struct record */
    bool *unread;              /* by field: a value of it is there and cannot be read; NULL where nothing is computed */
    bool skipped[PLACE_COUNT]; /* the object above the values is none */
};

/* Where a value stands, for a pointer that is made only when there is a finding. */
struct spot {
    const struct field *field;
    int row; /* of the field's group, or -1 */
};

const char *record_pointer(const struct template *t, const struct sources *sources, int field, int row, struct arena *arena,
                           enum input_file *file)
{
    const struct field *f = &t->fields[field];
    enum field_place place = f->group < 0 ? f->place : PLACE_CERTIFICATE;
    const char *pointer = sources->pointers[place];

    if (file)
        *file = sources->files[place];
    if (f->place == PLACE_BEFORE)
        return sources->pointers[PLACE_BEFORE];
    if (f->group >= 0)
        pointer = arena_printf(arena, "%s/%s/%d", pointer, t->groups[f->group].id, row);
    for (int i = 0; i < f->step_count; i++)
        pointer = arena_printf(arena, "%s/%s", pointer, f->steps[i]);
    return pointer;
}

/* Returns false. */
static bool tell(struct reader *r, const struct spot *spot, enum severity severity, const char *rule, const char *message)
{
    enum input_file file;
    const char *pointer = record_pointer(r->t, r->sources, (int)(spot->field - r->t->fields), spot->row, r->arena, &file);

    return findings_add(r->findings, severity, file, pointer, rule, message);
}

static bool wrong(struct reader *r, const struct spot *spot, const char *rule, const char *message)
{
    return tell(r, spot, SEVERITY_ERROR, rule, message);
}

static const char *kind_of(const struct datum *d)
{
    static const char *const kinds[] = {[DATUM_NULL] = "null",
                                        [DATUM_BOOL] = "true or false",
                                        [DATUM_INTEGER] = "a whole number",
                                        [DATUM_REAL] = "a decimal number",
                                        [DATUM_TEXT] = "text in quotes",
                                        [DATUM_LIST] = "a list",
                                        [DATUM_OBJECT] = "a group of fields { }"};

    return d ? kinds[d->type] : "an empty value";
}

/* d: what stands there instead. */
static bool wrong_type(struct reader *r, const struct spot *spot, const char *message, const struct datum *d)
{
    enum input_file file;
    const char *pointer = record_pointer(r->t, r->sources, (int)(spot->field - r->t->fields), spot->row, r->arena, &file);
    struct finding *f = findings_put(r->findings, SEVERITY_ERROR, file, pointer, "value-type", message);

    if (f) {
        f->label = "found";
        f->detail = kind_of(d);
    }
    return false;
}

/* Says behind the message what would be right there: of the form, never of the data. */
static bool wrong_but(struct reader *r, const struct spot *spot, const char *rule, const char *message, const char *label,
                      const char *detail)
{
    enum input_file file;
    const char *pointer = record_pointer(r->t, r->sources, (int)(spot->field - r->t->fields), spot->row, r->arena, &file);
    struct finding *f = findings_put(r->findings, SEVERITY_ERROR, file, pointer, rule, message);

    if (f && detail) {
        f->label = label;
        f->detail = detail;
    }
    return false;
}

/* A limit as a value of this field is written in the input. */
static const char *write_number(struct reader *r, const struct field *f, int64_t number)
{
    char amount[MONEY_TEXT];
    struct buf text = {0};
    const char *said;

    if (f->type == FIELD_MONEY)
        return arena_copy(r->arena, amount, money_text(number, f->digits, amount));
    buf_fixed(&text, (long)number, f->digits);
    said = text.failed ? "" : arena_copy(r->arena, text.data, text.length);
    buf_free(&text);
    return said;
}

/* An amount may have one limit alone: the other is what the amount grammar holds, which says nothing to anybody. */
static const char *say_range(struct reader *r, const struct field *f)
{
    const char *least = write_number(r, f, f->least), *most = write_number(r, f, f->most);

    if (!least || !most)
        return NULL;
    if (f->most == INT64_MAX)
        return arena_printf(r->arena, "at least %s", least);
    return f->least == INT64_MIN ? arena_printf(r->arena, "at most %s", most) : arena_printf(r->arena, "from %s to %s", least, most);
}

static bool wrong_range(struct reader *r, const struct spot *spot)
{
    return wrong_but(r, spot, "value-not-allowed", "The number is outside the allowed range; correct it.", "allowed",
                     say_range(r, spot->field));
}

/* A value that is not among the form's. */
static bool wrong_word(struct reader *r, const struct spot *spot, const char *message)
{
    const struct field *f = spot->field;
    const char *list = f->allowed_count > 0 ? f->allowed[0] : NULL;

    for (size_t i = 1; list && i < f->allowed_count; i++)
        list = arena_printf(r->arena, "%s, %s", list, f->allowed[i]);
    return wrong_but(r, spot, "value-not-allowed", message, "allowed", list);
}

static bool is_amount(const struct datum *d)
{
    return datum_is(d, DATUM_TEXT) || datum_is(d, DATUM_INTEGER) || datum_is(d, DATUM_REAL);
}

static bool read_amount(struct reader *r, const struct spot *spot, const struct datum *d, struct value *out)
{
    const struct field *f = spot->field;

    if (!is_amount(d))
        return wrong_type(r, spot, "The amount must be text like \"1234.56\", or a number.", d);
    switch (datum_money(d, f->digits, &out->number)) {
    case MONEY_RANGE: return wrong(r, spot, "amount-range", "The amount has more than 13 digits before the decimal point; check it.");
    case MONEY_FORMAT:
        if (f->type == FIELD_DECIMAL)
            return wrong(r, spot, "decimal-format",
                         "The value must be a decimal number like \"0.5\", with no more decimals than the form prints.");
        return wrong(r, spot, "amount-format",
                     "The amount is not written correctly. Correct is, for example, \"1234.56\": with a decimal point, no "
                     "thousands separator, no more decimals than the currency has.");
    default: break;
    }
    return (out->number >= f->least && out->number <= f->most) || wrong_range(r, spot);
}

static bool read_integer(struct reader *r, const struct spot *spot, const struct datum *d, struct value *out)
{
    out->number = datum_integer(d);
    if (!datum_is(d, DATUM_INTEGER))
        return wrong_type(r, spot, "The value must be a whole number without quotes.", d);
    if (out->number < spot->field->least || out->number > spot->field->most)
        return wrong_range(r, spot);
    return true;
}

static bool read_date(struct reader *r, const struct spot *spot, const struct datum *d, struct value *out)
{
    int32_t date;

    if (!datum_is(d, DATUM_TEXT))
        return wrong_type(r, spot, "The value must be a date in quotes, \"YYYY-MM-DD\".", d);
    if (!date_parse(d->text, d->length, &date))
        return wrong(r, spot, "date-format", "The date must be an existing day, written YYYY-MM-DD.");
    out->number = date;
    return true;
}

static bool is_allowed(const struct field *f, const char *word)
{
    for (size_t i = 0; i < f->allowed_count; i++)
        if (!strcmp(f->allowed[i], word))
            return true;
    return !f->allowed;
}

/* What is printed as it stands, and is likely another text than it looks. */
static void warn_of_trap(struct reader *r, const struct spot *spot, enum text_trap trap)
{
    if (trap == TEXT_MIXED)
        tell(r, spot, SEVERITY_WARNING, "text-mixed",
             "A word mixes letters of two alphabets (Latin and Cyrillic or Greek) that look alike; type it again.");
    if (trap == TEXT_BLANK)
        tell(r, spot, SEVERITY_WARNING, "text-blank",
             "The text contains a no-break space, which a search for the text does not find; replace it by an ordinary "
             "space.");
}

/* As the form writes it; NULL with nothing where it is no text. */
static const char *as_spelled(struct reader *r, const struct field *f, const char *text)
{
    bool failed = false;

    if (!text || !f->read_as)
        return text;
    text = spellings_read(f->read_as, text, &failed);
    r->arena->failed |= failed;
    return text;
}

/* Its end; NULL where it has a control character. characters: how many it has. */
static const char *measure(const char *text, int *characters)
{
    for (*characters = 0; *text; *characters += *characters < INT_MAX)
        if (text_is_control(text_next(&text)))
            return NULL;
    return text;
}

/* The same of the datum's text, whose reader has looked at most of them already. */
static const char *measure_datum(const struct datum *d, int *characters)
{
    if (!d->printable)
        return measure(d->text, characters);
    *characters = d->length < INT_MAX ? (int)d->length : INT_MAX;
    return d->text + d->length;
}

static bool read_text(struct reader *r, const struct spot *spot, const struct datum *d, struct value *out)
{
    const char *text = as_spelled(r, spot->field, datum_text(d)), *end;
    int length;

    if (!text)
        return wrong_type(r, spot, "The value must be text in quotes.", d);
    end = text == d->text ? measure_datum(d, &length) : measure(text, &length);
    if (!end)
        return wrong(r, spot, "text-control",
                     "The text contains an invisible character, or one that changes the text direction; type the text again.");
    if (length > spot->field->longest)
        return wrong_but(r, spot, "text-fit",
                         spot->field->read_as ? "this is neither a code nor a name that is known here; give the code"
                                              : "The text is too long for this field; shorten it.",
                         "characters at most", arena_printf(r->arena, "%d", spot->field->longest));
    if (!is_allowed(spot->field, text))
        return wrong_word(r, spot, "The value is not allowed here; use one of the allowed ones.");
    if (end - text > length) /* there is more than ASCII */
        warn_of_trap(r, spot, text_find_trap(text));
    out->text = arena_copy(r->arena, text, (size_t)(end - text));
    return true;
}

/* Whether the letter stands in the list before. */
static bool stands_before(const struct datum *first, const struct datum *letter)
{
    for (; first != letter; first = first->next)
        if (text_same(first->text, letter->text))
            return true;
    return false;
}

static bool read_letters(struct reader *r, const struct spot *spot, const struct datum *d, struct value *out)
{
    size_t room = 0;
    char *at;

    if (!datum_is(d, DATUM_LIST))
        return wrong_type(r, spot, "The value must be a list of letters, such as [\"S\"].", d);
    for (const struct datum *letter = datum_first(d); letter; letter = letter->next) {
        const char *text = datum_text(letter);

        if (!text)
            return wrong_type(r, spot, "Each letter must be text in quotes.", letter);
        if (!is_allowed(spot->field, text) || !*text || strchr(text, ' '))
            return wrong_word(r, spot, "A letter is not allowed here; use only allowed ones.");
        if (stands_before(datum_first(d), letter))
            return wrong(r, spot, "value-not-allowed", "A letter is listed twice; list it once.");
        room += letter->length + 1;
    }
    if (room > (size_t)spot->field->longest + 1)
        return wrong_but(r, spot, "text-fit", "There are more letters than this field can hold; leave some out.", "characters at most",
                         arena_printf(r->arena, "%d", spot->field->longest));
    out->text = at = arena_alloc(r->arena, room + 1);
    for (const struct datum *letter = datum_first(d); at && letter; letter = letter->next) {
        at = mempcpy(at, letter->text, letter->length);
        *at++ = letter->next ? ' ' : '\0';
    }
    return out->text != NULL;
}

static bool read_months(struct reader *r, const struct spot *spot, const struct datum *d, struct value *out)
{
    const struct datum *first = datum_get(d, "first"), *last = datum_get(d, "last");

    if (!datum_is(first, DATUM_INTEGER) || !datum_is(last, DATUM_INTEGER))
        return wrong_type(r, spot, "The first and the last month must be given as whole numbers: {\"first\": 1, \"last\": 12}.", d);
    if (first->integer < 1 || last->integer > 12 || first->integer > last->integer)
        return wrong(r, spot, "value-not-allowed", "Months must be 1 to 12, and the first must not be after the last; correct them.");
    out->number = first->integer * 100 + last->integer;
    return true;
}

static bool read_cross(struct reader *r, const struct spot *spot, const struct datum *d, struct value *out)
{
    if (!datum_is(d, DATUM_BOOL))
        return wrong_type(r, spot, "The value must be true or false, without quotes.", d);
    out->number = d->truth;
    return true;
}

static bool read_typed(struct reader *r, const struct spot *spot, const struct datum *d, struct value *out)
{
    switch (spot->field->type) {
    case FIELD_MONEY:
    case FIELD_DECIMAL: return read_amount(r, spot, d, out);
    case FIELD_COUNT:
    case FIELD_YEAR: return read_integer(r, spot, d, out);
    case FIELD_TEXT: return read_text(r, spot, d, out);
    case FIELD_LETTERS: return read_letters(r, spot, d, out);
    case FIELD_MONTHS: return read_months(r, spot, d, out);
    case FIELD_DATE: return read_date(r, spot, d, out);
    case FIELD_CROSS: return read_cross(r, spot, d, out);
    default: return wrong(r, spot, "unused-line", "This line is not used in this form and year; move the amount to the correct line.");
    }
}

/* Spreadsheets write a cell that has nothing in it as blanks. An amount must be left out or be null, for it would be lost. */
static bool is_blank(const struct field *f, const struct datum *d)
{
    return (f->type == FIELD_TEXT || f->type == FIELD_DATE) && datum_is(d, DATUM_TEXT) && text_is_blank(d->text);
}

/* There is a value, and nobody knows which. */
static void note_unread(struct reader *r, const struct field *f)
{
    r->incomplete |= f->type == FIELD_MONEY || f->type == FIELD_UNUSED;
    if (r->unread)
        r->unread[f - r->t->fields] = true;
}

/* A text that stands aside, and that nobody could use as it is. */
static bool is_useless(const struct field *f, const struct datum *d)
{
    int length;

    return f->aside && (!datum_is(d, DATUM_TEXT) || !measure_datum(d, &length) || length > f->longest);
}

/* JSON null and a blank text are absent. An object that is missing on the way leaves the field absent too. */
static void read_field(struct reader *r, const struct datum *from, const struct spot *spot, struct value *out)
{
    const struct field *f = spot->field;

    if (datum_is(from, DATUM_NULL))
        from = NULL;
    for (int i = 0; from && i < f->step_count; i++) {
        if (!datum_is(from, DATUM_OBJECT)) {
            note_unread(r, f);
            wrong_type(r, spot, "The part of the data that should hold this field is not a group of named fields { }; correct it.", from);
            return;
        }
        from = datum_find(from, f->steps[i], f->marks[i]);
        if (datum_is(from, DATUM_NULL))
            from = NULL;
    }
    if (from && !is_blank(f, from) && !is_useless(f, from)) {
        out->present = read_typed(r, spot, from, out);
        if (!out->present)
            note_unread(r, f);
    } else if (f->required) {
        wrong(r, spot, "missing", "This field is missing; add it.");
    }
}

static bool wrong_group(struct reader *r, const struct group *g, const char *rule, const char *message)
{
    return findings_add(r->findings, SEVERITY_ERROR, INPUT_PAYROLL,
                        arena_printf(r->arena, "%s/%s", r->sources->pointers[PLACE_CERTIFICATE], g->id), rule, message);
}

static void note_unread_group(struct reader *r, const struct group *g)
{
    for (size_t i = 0; i < g->count; i++)
        note_unread(r, &r->t->fields[g->first + i]);
}

static void read_group(struct reader *r, int index, struct rows *rows)
{
    const struct group *g = &r->t->groups[index];
    const struct datum *list = datum_get(r->sources->at[PLACE_CERTIFICATE], g->id), *row = datum_first(list);
    size_t count = datum_count(list);

    if (list && !datum_is(list, DATUM_LIST) && !datum_is(list, DATUM_NULL)) {
        note_unread_group(r, g);
        wrong_group(r, g, "value-type", "The value must be a list [ ] of entries { }.");
        return;
    }
    if (count < (size_t)g->least)
        wrong_group(r, g, "missing", "The list has too few entries; add what is missing.");
    if (count > (size_t)g->most) {
        note_unread_group(r, g);
        wrong_group(r, g, "rows-overflow", "The form has no room for so many entries; combine some.");
        return;
    }
    rows->cells = arena_array(r->arena, count * g->count + 1, sizeof *rows->cells);
    if (!rows->cells)
        return;
    rows->count = count;
    for (size_t i = 0; i < count; i++, row = row->next)
        for (size_t k = 0; k < g->count; k++) {
            struct spot spot = {&r->t->fields[g->first + k], (int)i};

            read_field(r, row, &spot, &rows->cells[i * g->count + k]);
        }
}

/* What the rows say of an amount is also known as their sum. False where it has more digits than an amount. */
bool record_sum_rows(const struct template *t, const struct group *g, const struct rows *rows, struct value *values)
{
    for (size_t k = 0; k < g->count; k++) {
        const struct field *f = &t->fields[g->first + k];
        struct value *sum = &values[g->first + k];

        for (size_t i = 0; f->type == FIELD_MONEY && i < rows->count; i++) {
            const struct value *v = &rows->cells[i * g->count + k];

            if (!v->present)
                continue;
            sum->present = true;
            if (!money_add(&sum->number, v->number) || !money_in_range(sum->number, f->digits)) {
                *sum = (struct value){.present = false};
                return false;
            }
        }
    }
    return true;
}

static void sum_group(struct reader *r, const struct group *g, const struct rows *rows, struct value *values)
{
    if (record_sum_rows(r->t, g, rows, values))
        return;
    note_unread_group(r, g);
    wrong_group(r, g, "amount-range", "The sum of the entries has more than 13 digits before the decimal point; check the amounts.");
}

/* A value whose line the form does not have would be money lost without a word. The key's text is input. */
static void find_unknown_lines(struct reader *r)
{
    for (const struct datum *value = datum_first(r->sources->at[PLACE_VALUES]); value; value = value->next) {
        const struct field *f;

        if (!value->key || (value->key[0] == 'x' && value->key[1] == '_'))
            continue;
        f = template_step(r->t, PLACE_VALUES, -1, 0, value);
        if (f && !f->computed)
            continue;
        r->incomplete = true;
        findings_add(r->findings, SEVERITY_ERROR, INPUT_PAYROLL, r->sources->pointers[PLACE_VALUES], "unknown-line",
                     "A line given here does not exist in this form and year; move the amount to the correct line, or it would "
                     "be lost.");
    }
}

static bool wrong_entry(struct reader *r, size_t i, const char *key, const char *rule, const char *message)
{
    r->incomplete = true;
    return findings_add(r->findings, SEVERITY_ERROR, INPUT_PAYROLL,
                        arena_printf(r->arena, "%s/entries/%zu/%s", r->sources->pointers[PLACE_CERTIFICATE], i, key), rule, message);
}

static bool add_entry(struct reader *r, const struct wages *wages, const struct datum *entry, size_t i, struct value *sums,
                      struct trail *trail)
{
    const struct datum *type = datum_get(entry, "wage_type");
    const struct wage *wage = wages && datum_is(type, DATUM_TEXT) ? wages_find(wages, type->text, type->length) : NULL;
    const struct datum *month = datum_get(entry, "month"), *amount = datum_get(entry, "amount");
    int64_t number;

    if (!wage)
        return wrong_entry(r, i, "wage_type", "wage-type-unknown",
                           "The wage type is not defined; add it to the payroll data (wage_types).");
    if (datum_integer(month) < 1 || datum_integer(month) > 12)
        return wrong_entry(r, i, "month", "value-not-allowed", "The month must be a whole number from 1 to 12; correct it.");
    if (!is_amount(amount))
        return wrong_entry(r, i, "amount", "value-type", "The posting must have an amount: text like \"1234.56\", or a number.");
    switch (datum_money(amount, r->t->digits, &number)) {
    case MONEY_OK: break;
    case MONEY_RANGE:
        return wrong_entry(r, i, "amount", "amount-range", "The amount has more than 13 digits before the decimal point; check it.");
    default:
        return wrong_entry(r, i, "amount", "amount-format", "The amount is not written correctly. Correct is, for example, \"1234.56\".");
    }
    for (int k = 0; k < wage->count; k++) {
        struct value *sum = &sums[wage->fields[k]];

        sum->present = true;
        if (!money_add(&sum->number, wage->signs[k] * number))
            return wrong_entry(r, i, "amount", "amount-range", "The sum of the postings is too large; check the amounts.");
    }
    return trail_book(trail, wage, month->integer, number)
           || wrong_entry(r, i, "amount", "amount-range", "The sum of the postings is too large; check the amounts.");
}

/* Pay that belongs to another time is a question; the first such entry asks it. */
static void find_outside(struct reader *r, const struct record *record, const struct datum *list)
{
    const struct value *from = &record->values[r->t->period[0]], *to = &record->values[r->t->period[1]];
    int64_t first = from->number / 100 % 100, last = to->number / 100 % 100;
    size_t i = 0;

    if (r->t->person < 0 || !from->present || !to->present || from->number / 10000 != to->number / 10000)
        return;
    for (const struct datum *entry = datum_first(list); entry; entry = entry->next, i++) {
        int64_t month = datum_integer(datum_get(entry, "month"));

        if (month >= first && month <= last)
            continue;
        findings_add(r->findings, SEVERITY_WARNING, INPUT_PAYROLL,
                     arena_printf(r->arena, "%s/entries/%zu/month", r->sources->pointers[PLACE_CERTIFICATE], i), "entry-outside",
                     "A posting is dated in a month outside the certificate period; give the month of payment within the "
                     "period, or issue a separate certificate.");
        return;
    }
}

/* What is added up must be readable again: a sum, or a month of a wage type, with more digits than an amount may have is none. */
static bool check_sums(struct reader *r, const struct value *sums, struct trail *trail)
{
    bool fine = trail_in_range(trail, r->t->digits);

    for (size_t f = 0; fine && f < r->t->field_count; f++)
        fine = !sums[f].present || money_in_range(sums[f].number, r->t->digits);
    if (fine)
        return true;
    trail->count = 0;
    r->incomplete = true;
    return findings_add(r->findings, SEVERITY_ERROR, INPUT_PAYROLL,
                        arena_printf(r->arena, "%s/entries", r->sources->pointers[PLACE_CERTIFICATE]), "amount-range",
                        "The sum of the postings has more than 13 digits before the decimal point; check the amounts.")
           && false;
}

/* The entries' sums, and each booked in the trail. */
static bool add_entries(struct reader *r, const struct wages *wages, const struct datum *list, struct value *sums, struct trail *trail)
{
    size_t i = 0;

    if (wages && !trail_start(trail, wages, list->length, r->arena))
        return false;
    for (const struct datum *entry = datum_first(list); entry; entry = entry->next)
        if (!add_entry(r, wages, entry, i++, sums, trail)) {
            trail->count = 0;
            return false;
        }
    return check_sums(r, sums, trail);
}

/* Sums become values. A line that wage types feed must agree with a value given beside the entries. */
static void read_entries(struct reader *r, const struct wages *wages, struct record *record, struct trail *trail)
{
    const struct datum *list = datum_get(r->sources->at[PLACE_CERTIFICATE], "entries");
    struct value *sums;

    if (!list || datum_is(list, DATUM_NULL))
        return;
    if (!datum_is(list, DATUM_LIST)) {
        r->incomplete = true;
        findings_add(r->findings, SEVERITY_ERROR, INPUT_PAYROLL,
                     arena_printf(r->arena, "%s/entries", r->sources->pointers[PLACE_CERTIFICATE]), "value-type",
                     "The postings must be a list [ ] of entries { }.");
        return;
    }
    sums = arena_array(r->arena, r->t->field_count + 1, sizeof *sums);
    if (!sums || !add_entries(r, wages, list, sums, trail))
        return;
    find_outside(r, record, list);
    for (size_t f = 0; f < r->t->field_count; f++) {
        struct spot spot = {&r->t->fields[f], -1};
        struct value *given = &record->values[f];

        if (given->present && wages && wages->fed[f] && given->number != sums[f].number)
            wrong(r, &spot, "entries-differ",
                  "The amount differs from the sum of its wage types; give only one of the two (values or entries), or "
                  "correct the wrong one.");
        else if (!given->present && sums[f].present)
            *given = sums[f];
    }
}

/* A term that is too large a number is handed out as of no type, so that what asks for it fails too. */
static bool scope_term(struct record_scope *s, size_t i, struct expr_value *out)
{
    struct expr_data data = record_data(s);

    if (!expr_evaluate(s->t->terms[i].e, &data, out))
        out->type = EXPR_TEXT; /* which no term is */
    return true;
}

static bool scope_value(void *ctx, int slot, struct expr_value *out)
{
    struct record_scope *s = ctx;
    const struct field *f;
    const struct value *v;

    if ((size_t)slot >= s->t->field_count) {
        size_t i = (size_t)slot - s->t->field_count;

        if (i >= s->t->parameter_count)
            return scope_term(s, i - s->t->parameter_count, out);
        out->type = EXPR_NUMBER;
        out->number = s->t->parameters[i].value;
        return true;
    }
    f = &s->t->fields[slot];
    v = &s->record->values[slot];
    if (f->group >= 0) {
        const struct group *g = &s->t->groups[f->group];

        v = &s->record->groups[f->group].cells[(size_t)s->row * g->count + ((size_t)slot - g->first)];
    }
    if (!v->present)
        return false;
    out->type = f->expr_type;
    switch (out->type) {
    case EXPR_TEXT: out->text = (struct expr_text){v->text, strlen(v->text)}; break;
    case EXPR_DATE: out->date = (int32_t)v->number; break;
    case EXPR_BOOL: out->truth = v->number != 0; break;
    default: out->number = (struct decimal){v->number, f->digits};
    }
    return true;
}

static bool scope_valid(void *ctx, int check, struct expr_text text, struct expr_text variant, struct expr_text *normal)
{
    struct record_scope *s = ctx;
    bool fixed = text.data != s->normal && variant.data != s->normal; /* not norm's, which changes */
    bool known = fixed && s->last.check == check && s->last.text == text.data && s->last.variant == variant.data;

    if (!known) {
        s->last.valid = identifier_valid(&s->t->identifiers[check], text.data, text.length, variant.data, variant.length, s->normal);
        s->last.check = check;
        s->last.text = text.data;
        s->last.variant = variant.data;
    }
    if (normal)
        *normal = (struct expr_text){s->normal, strlen(s->normal)};
    return s->last.valid;
}

static int scope_rows(void *ctx, int group)
{
    return (int)((const struct record_scope *)ctx)->record->groups[group].count;
}

static int scope_row(void *ctx, int row)
{
    struct record_scope *s = ctx;
    int before = s->row;

    s->row = row;
    return before;
}

struct expr_data record_data(struct record_scope *scope)
{
    return (struct expr_data){scope, scope_value, scope_valid, scope_rows, scope_row};
}

/* Whether the computed field needs a value that could not be read: then it is unknown too, and no sum is complete without it. */
static bool uses_unread(const struct reader *r, const struct field *f)
{
    for (size_t i = 0; i < r->t->field_count; i++)
        if (r->unread[i] && (expr_uses(f->computed, (int)i) || (f->where && expr_uses(f->where, (int)i))))
            return true;
    return false;
}

/* Whether the computed field is there at all: by a condition, where it has one. */
static bool is_there(const struct field *f, const struct expr_data *data)
{
    struct expr_value there;

    return !f->where || !expr_evaluate(f->where, data, &there) || there.truth;
}

static void compute(struct reader *r, struct record *record)
{
    struct record_scope scope = {.t = r->t, .record = record, .group = -1, .row = -1};
    struct expr_data data = record_data(&scope);

    for (size_t k = 0; k < r->t->computed_count; k++) {
        int i = r->t->computed[k];
        const struct field *f = &r->t->fields[i];
        struct spot spot = {f, -1};
        struct expr_value result;

        if (uses_unread(r, f)) {
            note_unread(r, f);
        } else if (!is_there(f, &data)) {
            continue;
        } else if (!expr_evaluate(f->computed, &data, &result) || !decimal_units(result.number, f->digits, &record->values[i].number)
                   || !money_in_range(record->values[i].number, f->digits)) {
            note_unread(r, f);
            wrong(r, &spot, "amount-range", "The computed amount is too large; check the amounts that it is computed from.");
        } else {
            record->values[i].present = true;
        }
    }
}

/* An object that is something else is told once, not for each of its fields. */
static void check_places(struct reader *r)
{
    for (int place = 0; place < PLACE_COUNT; place++) {
        const struct datum *at = r->sources->at[place];

        if (!at || datum_is(at, DATUM_OBJECT) || datum_is(at, DATUM_NULL))
            continue;
        r->skipped[place] = true;
        findings_add(r->findings, SEVERITY_ERROR, r->sources->files[place], r->sources->pointers[place], "value-type",
                     "A group of named fields { } must stand here.");
    }
}

/* All fields outside of groups. One whose key's bit its place does not have is absent. */
static void read_fields(struct reader *r, struct record *record)
{
    uint64_t keys[PLACE_COUNT];

    for (int place = 0; place < PLACE_COUNT; place++) {
        const struct datum *at = r->sources->at[place];

        keys[place] = r->skipped[place] ? UINT64_MAX : datum_is(at, DATUM_OBJECT) ? at->keys : 0;
    }
    for (size_t i = 0; i < r->t->read_count; i++) {
        const struct template_read *one = &r->t->reads[i];
        struct spot spot = {&r->t->fields[one->field], -1};

        if (!(keys[one->place] & one->bit) && !one->required)
            continue;
        if (r->skipped[one->place])
            note_unread(r, spot.field);
        else
            read_field(r, r->sources->at[one->place], &spot, &record->values[one->field]);
    }
}

bool record_read(const struct template *t, const struct sources *sources, const struct wages *wages, struct arena *arena,
                 struct record *record, struct trail *trail, struct findings *findings)
{
    struct reader r = {.t = t, .sources = sources, .arena = arena, .findings = findings};

    record->values = arena_array(arena, t->field_count + 1, sizeof *record->values);
    record->groups = arena_array(arena, t->group_count + 1, sizeof *record->groups);
    r.unread = arena_alloc(arena, t->field_count + 1);
    if (!record->values || !record->groups || !r.unread)
        return false;
    check_places(&r);
    read_fields(&r, record);
    for (size_t i = 0; i < t->group_count; i++)
        if (t->groups[i].before < 0)
            read_group(&r, (int)i, &record->groups[i]);
    for (size_t i = 0; i < t->group_count; i++)
        sum_group(&r, &t->groups[i], &record->groups[i], record->values);
    find_unknown_lines(&r);
    read_entries(&r, wages, record, trail);
    compute(&r, record);
    record->incomplete = r.incomplete;
    return !arena->failed;
}

void record_read_place(const struct template *t, enum field_place place, const struct sources *sources, struct arena *arena,
                       struct record *record, struct findings *findings)
{
    struct reader r = {.t = t, .sources = sources, .arena = arena, .findings = findings};

    for (size_t i = 0; i < t->field_count; i++) {
        struct spot spot = {&t->fields[i], -1};

        if (t->fields[i].group < 0 && t->fields[i].place == place)
            read_field(&r, sources->at[place], &spot, &record->values[i]);
    }
}

/* Canonical records hold every field under its own id. */
static void restore_field(struct reader *r, const struct datum *from, const struct spot *spot, struct value *out)
{
    const struct datum *d = datum_get(from, spot->field->id);

    if (d)
        out->present = read_typed(r, spot, d, out);
}

/* Room for a record without a value; its fields, or NULL. */
static const struct datum *restore_begin(const struct template *t, const struct datum *canon, struct arena *arena, struct record *record)
{
    const struct datum *fields = datum_get(canon, "fields"), *incomplete = datum_get(canon, "incomplete");

    record->values = arena_array(arena, t->field_count + 1, sizeof *record->values);
    record->groups = arena_array(arena, t->group_count + 1, sizeof *record->groups);
    record->incomplete = datum_is(incomplete, DATUM_BOOL) && incomplete->truth;
    return record->values && record->groups && datum_is(fields, DATUM_OBJECT) ? fields : NULL;
}

bool record_restore_some(const struct template *t, const struct datum *canon, const int *list, size_t count, struct arena *arena,
                         struct record *record)
{
    struct findings findings;
    struct sources sources = {0};
    struct reader r = {.t = t, .sources = &sources, .arena = arena, .findings = &findings};
    const struct datum *fields = restore_begin(t, canon, arena, record);

    findings_start(&findings, arena);
    for (size_t i = 0; fields && i < count; i++) {
        struct spot spot = {&t->fields[list[i]], -1};

        restore_field(&r, fields, &spot, &record->values[list[i]]);
    }
    return fields && !arena->failed && findings.errors == 0;
}

bool record_restore(const struct template *t, const struct datum *canon, struct arena *arena, struct record *record)
{
    struct findings findings;
    struct sources sources = {0};
    struct reader r = {.t = t, .sources = &sources, .arena = arena, .findings = &findings};
    const struct datum *fields = restore_begin(t, canon, arena, record);

    findings_start(&findings, arena);
    if (!fields)
        return false;
    for (size_t i = 0; i < t->field_count; i++) {
        struct spot spot = {&t->fields[i], -1};

        if (t->fields[i].group < 0)
            restore_field(&r, fields, &spot, &record->values[i]);
    }
    for (size_t g = 0; g < t->group_count; g++) {
        const struct group *group = &t->groups[g];
        const struct datum *rows = datum_get(canon, group->id), *from = datum_first(rows);
        struct rows *out = &record->groups[g];

        out->count = datum_count(rows);
        out->cells = arena_array(arena, out->count * group->count + 1, sizeof *out->cells);
        for (size_t row = 0; out->cells && row < out->count; row++, from = from->next) {
            for (size_t k = 0; k < group->count; k++) {
                struct spot spot = {&t->fields[group->first + k], (int)row};

                restore_field(&r, from, &spot, &out->cells[row * group->count + k]);
            }
        }
        if (out->cells)
            record_sum_rows(t, group, out, record->values);
    }
    return !arena->failed && findings.errors == 0;
}
