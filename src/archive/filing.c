/* The file that an authority gets, from the ledger: records as filing.json declares them. What is written is read again from the bytes, and
 * its sums are held against the ledger's. */
#include <stdlib.h>
#include <string.h>

#include "archive/filing_text.h"
#include "archive/filing_xml.h"
#include "base/date.h"
#include "base/file.h"
#include "certificate/canonical.h"
#include "certificate/prepared.h"
#include "form/years.h"
#include "layout/place.h"
#include "store/outside.h"
#include "store/stored_run.h"
#include "taxcert.h"

struct filing {
    struct stored_run archive;
    struct filing_layout layout;
    struct tc_filed *result;
    json_t *given; /* or NULL */
    struct buf out, text;
    size_t value_at; /* in out: where the field written last begins */
    struct filing_xml xml;
    struct arena arena; /* the certificate at hand */
    const char *id;     /* its id */
    const char *site;   /* the establishment at hand */
    bool begun, site_begun;
    long *counts;         /* by record: since the site's beginning, and of the file */
    long lines;           /* records written */
    size_t *starts;       /* by record: where the last one begins in out, plus one */
    struct decimal *sums; /* by field of all records */
    int64_t *written;     /* the same: what was read again from the bytes */
    int64_t *ledger;      /* by the form's field: the sum over the certificates filed */
    struct tc_error *err;
};

static size_t index_of(const struct filing *f, const struct filing_record *r, const struct filing_field *field)
{
    size_t index = 0;

    for (const struct filing_record *before = f->layout.records; before < r; before++)
        index += before->count;
    return index + (size_t)(field - r->fields);
}

static size_t field_count(const struct filing *f)
{
    size_t count = 0;

    for (size_t i = 0; i < f->layout.count; i++)
        count += f->layout.records[i].count;
    return count;
}

#define TOO_LARGE "the number is below zero or too large"

/* Names the certificate, record and place, never a value. */
static bool refuse(struct filing *f, const struct filing_record *r, const struct filing_field *field, const char *message)
{
    char place[120];

    snprintf(place, sizeof place, "/%.20s/%.40s", r->id, field->name ? field->name : field->text ? field->text : "");
    return error_set(f->err, TC_INPUT, f->id, place, "filing", "%s", message);
}

/* ---- a field's text */

static bool put(struct filing *f, const struct filing_record *r, const struct filing_field *field, bool number)
{
    char fill = field->fill ? field->fill : number ? '0' : ' ';
    size_t width = (size_t)field->length, skip = (size_t)field->skip < f->text.length ? (size_t)field->skip : f->text.length;
    size_t length = f->text.length - skip;
    const char *text = f->text.data + skip;

    if (f->layout.xml_root) {
        if (length > 0) /* what is empty is left out */
            f->value_at = filing_xml_field(&f->xml, field->name, text, length, &f->out);
        return true;
    }
    if (width == 0) {
        if (memmem(text, length, f->layout.separator, strlen(f->layout.separator)))
            return refuse(f, r, field, "the text contains the character that separates the fields");
        buf_add(&f->out, text, length);
        return true;
    }
    if (length < width && field->exact)
        return refuse(f, r, field, "the text is shorter than its field");
    if (length > width && !field->cut)
        return refuse(f, r, field, number ? "the number has more digits than its field" : "the text is longer than its field");
    if (length > width)
        length = width;
    for (size_t i = length; number && i < width; i++)
        buf_add(&f->out, &fill, 1);
    buf_add(&f->out, text, length);
    for (size_t i = length; !number && i < width; i++)
        buf_add(&f->out, &fill, 1);
    return true;
}

static void add_digits(struct filing *f, const struct filing_field *field, int64_t units)
{
    char text[MONEY_TEXT];
    size_t length = money_text(units, *f->layout.point ? field->digits : 0, text);

    for (size_t i = 0; i < length; i++)
        buf_add(&f->text, text[i] == '.' ? f->layout.point : &text[i], 1);
}

/* What stands at the place, in units of its last digit: fills are zeros or blanks. */
static int64_t read_back(const struct filing *f, size_t at)
{
    const char *text = f->out.data + at + strspn(f->out.data + at, " ");
    bool below = *text == '-';
    int64_t units = 0;

    for (text += below || *text == '+'; (*text >= '0' && *text <= '9') || (*text && *text == *f->layout.point); text++)
        units = *text == *f->layout.point ? units : 10 * units + (*text - '0');
    return below ? -units : units;
}

/* The number with its sign in front of the zeros, where the field has one; of separated fields a minus alone. */
static bool put_units(struct filing *f, const struct filing_record *r, const struct filing_field *field, int64_t units)
{
    struct filing_field rest = *field;
    bool signs = field->sign != FILING_NO_SIGN && field->length > 0;
    const char *sign = units < 0 ? "-" : !signs ? "" : units > 0 ? "+" : " ";

    f->text.length = 0;
    if (f->layout.xml_root)
        buf_puts(&f->text, sign);
    if (units != 0 || !field->empty)
        add_digits(f, field, units < 0 ? -units : units);
    if (f->layout.xml_root)
        return put(f, r, &rest, true);
    if (units != 0 || !field->empty)
        buf_puts(&f->out, sign);
    else if (field->length > 0)
        rest.fill = ' ';
    rest.length -= signs && (units != 0 || !field->empty);
    return put(f, r, &rest, true);
}

static bool put_number(struct filing *f, const struct filing_record *r, const struct filing_field *field, struct decimal number)
{
    size_t index = index_of(f, r, field);
    int64_t units;

    f->value_at = f->out.length;
    if (!decimal_units(number, field->digits, &units) || (units < 0 && field->sign != FILING_MINUS) || units < -INT64_MAX)
        return refuse(f, r, field, TOO_LARGE);
    if (!put_units(f, r, field, units) || f->out.failed)
        return false;
    if (f->value_at == f->out.length) /* left out */
        return true;
    buf_add(&f->out, "", 1);
    f->out.length--;
    if (!f->out.failed && !money_add(&f->written[index], read_back(f, f->value_at)))
        return refuse(f, r, field, TOO_LARGE);
    return !f->out.failed;
}

static bool put_words(struct filing *f, const struct filing_record *r, const struct filing_field *field, const char *text, size_t length)
{
    if (field->table) {
        const char *found = json_string_value(json_object_getn(field->table, text, length));

        if (!found && length > 0)
            return refuse(f, r, field, "the layout's table has no entry for this text");
        text = found ? found : "";
        length = strlen(text);
    }
    if (!filing_text_make(&f->layout, field, text, length, &f->text))
        return refuse(f, r, field, "a character cannot be written in this file");
    return put(f, r, field, false);
}

static bool put_date(struct filing *f, const struct filing_record *r, const struct filing_field *field, int32_t date)
{
    char text[80] = "";

    return put_words(f, r, field, text, date > 0 ? date_write(date, field->format, text, sizeof text) : 0);
}

static bool put_value(struct filing *f, const struct filing_record *r, const struct filing_field *field, const struct expr_data *data)
{
    struct expr_value v, wanted = {.truth = true};

    if ((field->when && !expr_evaluate(field->when, data, &wanted)) || !expr_evaluate(field->e, data, &v))
        return refuse(f, r, field, TOO_LARGE);
    if (f->layout.xml_root && !wanted.truth)
        return true;
    if (v.type == EXPR_DATE)
        return put_date(f, r, field, wanted.truth ? v.date : 0);
    if (!wanted.truth)
        v = v.type == EXPR_NUMBER ? (struct expr_value){.type = EXPR_NUMBER} : (struct expr_value){.type = EXPR_TEXT, .text = {"", 0}};
    switch (v.type) {
    case EXPR_NUMBER: return put_number(f, r, field, v.number);
    case EXPR_BOOL: return put_words(f, r, field, v.truth ? "1" : "0", 1);
    default: return put_words(f, r, field, v.text.data, v.text.length);
    }
}

static bool put_given(struct filing *f, const struct filing_record *r, const struct filing_field *field)
{
    const char *text = json_string_value(json_object_get(f->given, field->text));
    char message[160];

    snprintf(message, sizeof message, "%.80s must be given, in the file of --given", field->text);
    if (!text && field->required)
        return refuse(f, r, field, message);
    return put_words(f, r, field, text ? text : "", text ? strlen(text) : 0);
}

/* A sum or a count; of what is still to come it is zero, and put again when it is known. */
static bool put_total(struct filing *f, const struct filing_record *r, const struct filing_field *field)
{
    bool whole = r->scope == FILING_END || r->scope == FILING_BEGIN;
    long count = field->source == FILING_SUM ? 0 : field->record < 0 ? f->lines + 1 : f->counts[2 * field->record + whole];

    if (field->source == FILING_SUM)
        return put_number(f, r, field, f->sums[index_of(f, r, field)]);
    return put_number(f, r, field, (struct decimal){count, 0});
}

/* Words as a page shows them; what the condition of the field says against it is left out. */
static bool put_show(struct filing *f, const struct filing_record *r, const struct filing_field *field, const struct expr_data *data)
{
    const struct record_scope *scope = data->ctx;
    struct expr_value wanted = {.truth = true};
    const char *text;

    if (field->when && !expr_evaluate(field->when, data, &wanted))
        return refuse(f, r, field, "it cannot be determined whether this field is there");
    text = wanted.truth ? place_words(scope->t, &field->show, scope->record, scope->group, scope->row, &f->arena) : "";
    return text ? put_words(f, r, field, text, strlen(text)) : error_memory(f->err);
}

static bool put_field(struct filing *f, const struct filing_record *r, const struct filing_field *field, const struct expr_data *data)
{
    switch (field->source) {
    case FILING_TEXT: return put_words(f, r, field, field->text, strlen(field->text));
    case FILING_GIVEN: return put_given(f, r, field);
    case FILING_SHOW: return put_show(f, r, field, data);
    case FILING_COUNT:
    case FILING_SUM: return put_total(f, r, field);
    default: return put_value(f, r, field, data);
    }
}

/* Sums and counts in what began the establishment, or the file, now that all is written that they are about. */
static bool complete(struct filing *f, enum filing_scope scope)
{
    for (size_t i = 0; i < f->layout.count; i++) {
        const struct filing_record *r = &f->layout.records[i];

        if (r->scope != scope || f->starts[i] == 0)
            continue;
        for (const struct filing_field *field = r->fields; field < r->fields + r->count; field++) {
            size_t end = f->out.length;

            if ((field->source != FILING_COUNT || field->record < 0) && field->source != FILING_SUM)
                continue;
            if (!put_total(f, r, field) || f->out.failed)
                return f->err->code ? false : error_memory(f->err);
            memcpy(f->out.data + f->starts[i] - 1 + field->at - 1, f->out.data + end, (size_t)field->length);
            f->out.length = end;
        }
        f->starts[i] = 0;
    }
    return true;
}

/* ---- records */

static bool put_record(struct filing *f, const struct filing_record *r, const struct expr_data *data)
{
    size_t start;
    struct expr_value v = {.truth = true};

    if (r->needs >= 0 && f->counts[2 * r->needs + (r->scope == FILING_END)] == 0)
        return true;
    if (r->when && (!data || !expr_evaluate(r->when, data, &v)))
        return refuse(f, r, r->fields, "it cannot be determined whether this record is there");
    if (!v.truth)
        return true;
    if (f->layout.xml_root) {
        if (f->out.length == 0)
            filing_xml_begin(&f->layout, &f->out);
        filing_xml_record(&f->xml, r, &f->out);
    }
    buf_puts(&f->out, f->out.length > 0 ? f->layout.between : "");
    start = f->out.length;
    f->starts[r - f->layout.records] = start + 1;
    for (size_t i = 0; i < r->count; i++) {
        const struct filing_field *field = &r->fields[i];

        if (i > 0)
            buf_puts(&f->out, f->layout.separator);
        while (r->length > 0 && f->out.length < start + (size_t)field->at - 1)
            buf_puts(&f->out, " ");
        if (!put_field(f, r, field, data))
            return f->err->code ? false : error_memory(f->err);
    }
    while (f->out.length < start + (size_t)r->length)
        buf_puts(&f->out, " ");
    buf_puts(&f->out, f->layout.end);
    if (f->layout.xml_root)
        filing_xml_fields_end(&f->xml, r, &f->out);
    f->lines++;
    f->counts[2 * (r - f->layout.records)]++;
    f->counts[2 * (r - f->layout.records) + 1]++;
    return !f->out.failed || error_memory(f->err);
}

static bool put_scope(struct filing *f, enum filing_scope scope, const struct expr_data *data)
{
    for (size_t i = 0; i < f->layout.count; i++)
        if (f->layout.records[i].scope == scope && !put_record(f, &f->layout.records[i], data))
            return false;
    return true;
}

/* Records of the certificate, and after it those of its rows, in the layout's order. */
static bool put_certificate(struct filing *f, struct record_scope *scope, const struct expr_data *data)
{
    for (size_t i = 0; i < f->layout.count; i++) {
        const struct filing_record *r = &f->layout.records[i];
        int rows = r->scope == FILING_ROW ? (int)scope->record->groups[r->group].count : r->scope == FILING_CERTIFICATE;

        scope->group = r->group;
        for (int row = 0; row < rows; row++) {
            scope->row = r->scope == FILING_ROW ? row : -1;
            if (!put_record(f, r, data))
                return false;
        }
    }
    scope->group = scope->row = -1;
    return true;
}

static bool add_sums(struct filing *f, const struct record *record, const struct expr_data *data)
{
    const struct template *t = f->archive.template;

    for (size_t i = 0; i < t->field_count; i++)
        if (t->fields[i].type == FIELD_MONEY && !money_add(&f->ledger[i], record->values[i].number))
            return error_set(f->err, TC_INPUT, f->id, NULL, "filing", "%s", TOO_LARGE);
    for (size_t i = 0; i < f->layout.count; i++) {
        const struct filing_record *r = &f->layout.records[i];

        for (const struct filing_field *field = r->fields; field < r->fields + r->count; field++) {
            struct decimal *sum = &f->sums[index_of(f, r, field)];
            struct expr_value v, wanted = {.truth = true};

            if (field->source != FILING_SUM)
                continue;
            if (field->when && (!expr_evaluate(field->when, data, &wanted) || !wanted.truth))
                continue;
            if (!expr_evaluate(field->e, data, &v) || !decimal_add(*sum, v.number, sum))
                return refuse(f, r, field, TOO_LARGE);
        }
    }
    return true;
}

static bool find_lacks(struct filing *f, const struct expr_data *data)
{
    struct expr_value v;
    bool lacks = false;

    for (size_t i = 0; i < f->layout.lack_count; i++)
        lacks |= expr_evaluate(f->layout.lacks[i].when, data, &v) && v.truth;
    f->result->lacking += lacks;
    return true;
}

static bool on_entry(void *ctx, const struct ledger_entry *entry, struct tc_error *err)
{
    struct filing *f = ctx;
    struct record_scope scope = {.t = f->archive.template, .group = -1, .row = -1};
    struct expr_data data = record_data(&scope);
    const char *site;
    struct record record;
    struct trail trail;

    f->result->held += entry->state == LEDGER_HELD
                       && f->site == json_string_value(json_object_get(json_array_get(f->archive.establishments, 0), "id"));
    if (entry->state != LEDGER_ISSUED)
        return true;
    arena_reset(&f->arena);
    if (!stored_run_read(&f->archive, entry, &f->arena, &site, &record, &trail, err))
        return false;
    if (!site || strcmp(site, f->site) != 0)
        return true;
    f->id = entry->id;
    scope.record = &record;
    if ((!f->begun && !put_scope(f, FILING_BEGIN, &data)) || (!f->site_begun && !put_scope(f, FILING_SITE, &data)))
        return false;
    f->begun = f->site_begun = true;
    f->result->certificates++;
    f->result->corrected += entry->corrects > 0;
    return find_lacks(f, &data) && put_certificate(f, &scope, &data) && add_sums(f, &record, &data);
}

/* What belongs to a site begins anew with the next one. */
static void reset_site(struct filing *f)
{
    for (size_t i = 0; i < f->layout.count; i++) {
        const struct filing_record *r = &f->layout.records[i];

        f->counts[2 * i] = 0;
        for (const struct filing_field *field = r->fields;
             (r->scope == FILING_SITE_END || r->scope == FILING_SITE) && field < r->fields + r->count; field++)
            f->sums[index_of(f, r, field)] = (struct decimal){0, 0};
    }
    f->site_begun = false;
}

static bool put_sites(struct filing *f)
{
    for (size_t i = 0; i < json_array_size(f->archive.establishments); i++) {
        f->site = json_string_value(json_object_get(json_array_get(f->archive.establishments, i), "id"));
        if (f->site && !ledger_each(f->archive.ledger, on_entry, f, f->err))
            return false;
        f->id = f->site;
        if (f->site_begun && (!put_scope(f, FILING_SITE_END, NULL) || !complete(f, FILING_SITE)))
            return false;
        reset_site(f);
    }
    f->id = NULL;
    if (f->begun && (!put_scope(f, FILING_END, NULL) || !complete(f, FILING_BEGIN)))
        return false;
    if (f->begun && f->layout.xml_root)
        filing_xml_end(&f->xml, &f->layout, &f->out);
    return f->begun ? !f->out.failed || error_memory(f->err)
                    : error_set(f->err, TC_USAGE, NULL, NULL, "filing", "no certificate was issued in this run: there is nothing to file");
}

/* Whether what was written of the form's field is the ledger's sum, in units of which the field may have fewer digits than the form. */
static bool agrees(const struct filing *f, const struct filing_record *r, const struct filing_field *field)
{
    const struct template *t = f->archive.template;
    int64_t written = f->written[index_of(f, r, field)];

    for (int digits = field->digits; digits < t->digits; digits++)
        if (__builtin_mul_overflow(written, (int64_t)10, &written))
            return false;
    return written == f->ledger[field->plain];
}

/* Every amount of the form that stands in records of one scope must add up there to the ledger's. */
static bool prove(struct filing *f)
{
    for (size_t i = 0; i < f->layout.count; i++) {
        const struct filing_record *r = &f->layout.records[i];
        bool summed = r->scope != FILING_BEGIN && r->scope != FILING_SITE;

        for (const struct filing_field *field = r->fields; summed && field < r->fields + r->count; field++)
            if (field->plain >= 0 && f->archive.template->fields[field->plain].type == FIELD_MONEY
                && field->digits <= f->archive.template->digits && !agrees(f, r, field))
                return refuse(f, r, field, "the sum of the file differs from that of the ledger: nothing was written");
    }
    return true;
}

/* ---- before and after */

static void add_key(struct buf *keys, const char *key)
{
    size_t length = strlen(key);

    for (size_t at = 0; at + length < keys->length; at++) /* each stands between blanks */
        if (keys->data[at] == ' ' && !memcmp(keys->data + at + 1, key, length) && keys->data[at + 1 + length] == ' ')
            return;
    buf_printf(keys, "%s%s ", keys->length > 0 ? "" : " ", key);
}

/* Whether the layout asks for the key; and the keys that it asks for, each once, in f->text. */
static bool uses_given(struct filing *f, const char *key)
{
    bool uses = false;

    f->text.length = 0;
    for (size_t i = 0; i < f->layout.count; i++)
        for (size_t k = 0; k < f->layout.records[i].count; k++) {
            const struct filing_field *field = &f->layout.records[i].fields[k];

            if (field->source != FILING_GIVEN)
                continue;
            uses = uses || !strcmp(field->text, key);
            add_key(&f->text, field->text);
        }
    return uses;
}

static bool read_given(struct filing *f, const char *path)
{
    const char *key;
    json_t *value;

    if (!path)
        return true;
    f->given = json_read(path, f->err);
    if (!f->given)
        return false;
    json_object_foreach(f->given, key, value)
    {
        if (!uses_given(f, key) || !json_is_string(value))
            return error_set(f->err, TC_USAGE, path, NULL, "filing",
                             "each value must be text in quotes, each name one that the layout asks for: %.*s",
                             f->text.length > 1 ? (int)f->text.length - 2 : 0, f->text.length > 1 ? f->text.data + 1 : "");
    }
    return json_is_object(f->given) || error_set(f->err, TC_USAGE, path, NULL, "filing", "a group { } of texts must stand here");
}

static bool load(struct filing *f, const struct tc_filing_options *o)
{
    const struct template *t = f->archive.template;
    char room[PREPARED_PATH_MAX], folder[FILE_PATH_MAX], year[YEARS_NAME];
    const char *root = prepared_root(o->templates, room);
    int length;

    if (!root || !years_find(root, t->id, t->year, year, f->err))
        return f->err->code ? false : error_memory(f->err);
    length = snprintf(folder, sizeof folder, "%s/%s/%s", root, t->id, year);
    if (length < 0 || (size_t)length >= sizeof folder)
        return error_set(f->err, TC_USAGE, root, NULL, "filing", "the path is too long");
    if (!filing_load(f->archive.template, folder, &f->layout, f->err) || !read_given(f, o->given))
        return false;
    f->counts = calloc(2 * f->layout.count + 1, sizeof *f->counts);
    f->sums = calloc(field_count(f) + 1, sizeof *f->sums);
    f->written = calloc(field_count(f) + 1, sizeof *f->written);
    f->ledger = calloc(t->field_count + 1, sizeof *f->ledger);
    f->starts = calloc(f->layout.count + 1, sizeof *f->starts);
    return (f->counts && f->starts && f->sums && f->written && f->ledger) || error_memory(f->err);
}

/* Whether it may be written at all. */
static bool allowed(struct filing *f, const struct tc_filing_options *o)
{
    const char *draft = stored_run_fact(&f->archive, "draft", f->err);

    if (!draft)
        return false;
    if (!strcmp(draft, "yes"))
        return error_set(f->err, TC_USAGE, NULL, NULL, "filing", "the run is a draft: there is nothing to file from it");
    return f->layout.verified || o->unverified
           || error_set(f->err, TC_USAGE, NULL, NULL, "filing-unverified",
                        "the places of this year's fields were not compared with the authority's text: --unverified writes the "
                        "file all the same");
}

static void stop(struct filing *f)
{
    filing_free(&f->layout);
    json_decref(f->given);
    buf_free(&f->out);
    buf_free(&f->text);
    arena_free(&f->arena);
    free(f->counts);
    free(f->starts);
    free(f->sums);
    free(f->written);
    free(f->ledger);
    stored_run_close(&f->archive);
}

enum tc_code tc_file(const char *run, const struct tc_filing_options *o, struct tc_filed *result, struct tc_error *err)
{
    struct filing f = {.result = result, .err = err};
    unsigned char hash[HASH_SIZE];

    error_reset(err);
    *result = (struct tc_filed){0};
    if (!outside_output(o->output, (const char *const[]){o->given}, 1, err) || !outside_vacant(o->output, o->force, err)
        || !stored_run_open(&f.archive, run, err))
        return err->code;
    if (load(&f, o) && allowed(&f, o) && put_sites(&f) && prove(&f)
        && (result->lacking == 0 || o->unverified
            || error_set(err, TC_INPUT, NULL, NULL, "filing-lacks",
                         "certificates have amounts that this layout has no place for: --unverified writes the file without them"))
        && (o->force ? file_give : file_give_new)(o->output, &(struct iovec){f.out.data, f.out.length}, 1, err)) {
        hash_bytes(f.out.data, f.out.length, hash);
        hash_hex(hash, result->hash);
        result->verified = f.layout.verified;
        result->bytes = (long)f.out.length;
        snprintf(result->name, sizeof result->name, "%s", f.layout.name);
    }
    stop(&f);
    return err->code;
}
