#include "check/check.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/money.h"

static bool found(struct finding *f, const char *rule, const char *pointer, const char *message)
{
    snprintf(f->rule, sizeof f->rule, "%s", rule);
    snprintf(f->pointer, sizeof f->pointer, "%s", pointer);
    f->message = message;
    return false;
}

static bool check_money(const json_t *value, const char *pointer, struct finding *f)
{
    int64_t amount;
    enum money_status status = json_money(value, 2, &amount);

    if (status == MONEY_RANGE)
        return found(f, "amount-range", pointer, "the amount has more than 13 whole digits");
    return status == MONEY_OK || found(f, "amount-format", pointer, "the amount must be like \"1234.56\"");
}

/* The row of the form's table that shows this path, or NULL. */
static const json_t *row_of(const json_t *form, const char *path)
{
    size_t i;
    json_t *row;

    json_array_foreach((json_t *)json_at(form, "table/rows"), i, row) {
        const char *value = json_string_value(json_object_get(row, "value"));

        if (value && !strcmp(value, path))
            return row;
    }
    return NULL;
}

/* True for a line number that the form prints as unused: "11" stands there as "11.". */
static bool is_unused(const json_t *form, const char *key)
{
    size_t i, length = strlen(key);
    json_t *row;

    json_array_foreach((json_t *)json_at(form, "table/rows"), i, row) {
        const char *number = json_string_value(json_object_get(row, "number"));

        if (!json_object_get(row, "value") && !strncmp(number, key, length) && !strcmp(number + length, "."))
            return true;
    }
    return false;
}

/* Every value must have its line, or money would be lost. Keys of the form are no input content. */
static bool check_values(const json_t *form, const json_t *record, struct finding *f)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)json_at(record, "certificate/values"), key, value) {
        char path[96];
        const json_t *row;
        const char *type;

        snprintf(path, sizeof path, "certificate/values/%.60s", key);
        row = row_of(form, path);
        if (!row && is_unused(form, key))
            return found(f, "unused-line", path, "this line is not used in this year");
        if (!row)
            return found(f, "unknown-line", "certificate/values", "a line is not one of this form and year");
        type = json_string_value(json_object_get(row, "type"));
        if (!strcmp(type, "money") && !check_money(value, path, f))
            return false;
        if (!strcmp(type, "count") && !json_is_integer(value))
            return found(f, "json-type", path, "a whole number is needed");
        if (!strcmp(type, "letters") && !json_is_array(value))
            return found(f, "json-type", path, "a list of letters is needed");
        if (!strcmp(type, "months") && !json_is_object(value))
            return found(f, "json-type", path, "first and last month are needed");
    }
    return true;
}

static bool covered(const json_t *coverage, uint32_t point)
{
    size_t i;
    json_t *range;

    json_array_foreach((json_t *)json_at(coverage, "ranges"), i, range) {
        json_int_t first = json_integer_value(json_array_get(range, 0));

        if ((json_int_t)point >= first && (json_int_t)point <= json_integer_value(json_array_get(range, 1)))
            return true;
    }
    return false;
}

/* jansson delivers valid UTF-8, so the lead byte tells the length. */
static uint32_t next_point(const unsigned char **text)
{
    const unsigned char *p = *text;
    int more = p[0] < 0x80 ? 0 : p[0] < 0xE0 ? 1 : p[0] < 0xF0 ? 2 : 3;
    uint32_t point = more == 0 ? p[0] : p[0] & (0x3Fu >> more);

    for (int i = 1; i <= more; i++)
        point = point << 6 | (p[i] & 0x3Fu);
    *text = p + more + 1;
    return point;
}

static bool check_text(const json_t *coverage, const json_t *value, const char *pointer, struct finding *f)
{
    const unsigned char *text = (const unsigned char *)json_string_value(value);

    while (text && *text) {
        uint32_t point = next_point(&text);

        if (point < 32 || point == 127)
            return found(f, "text-control", pointer, "a control character stands in the text");
        if (!covered(coverage, point))
            return found(f, "text-character", pointer, "a character cannot be drawn");
    }
    if (json_string_length(value) > 80)
        return found(f, "text-fit", pointer, "the text is too long to be printed");
    return true;
}

static bool check_texts(const json_t *coverage, const json_t *object, const char *where, struct finding *f)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)object, key, value)
        if (json_is_string(value) && strcmp(key, "x_why") && !check_text(coverage, value, where, f))
            return false;
    return true;
}

static bool check_required(const json_t *form, const json_t *record, struct finding *f)
{
    size_t i;
    json_t *path;

    json_array_foreach((json_t *)json_at(form, "required"), i, path)
        if (!json_at(record, json_string_value(path)))
            return found(f, "missing", json_string_value(path), "this must be given");
    return true;
}

static bool check_date(const json_t *record, const char *path, struct finding *f)
{
    const json_t *value = json_at(record, path);
    int32_t date;

    return (json_is_string(value) && date_parse(json_string_value(value), json_string_length(value), &date))
           || found(f, "date-format", path, "the date must be a day that exists, YYYY-MM-DD");
}

/* What this version cannot print yet must not be dropped in silence. */
static bool check_unsupported(const json_t *captions, const json_t *form, const json_t *record, struct finding *f)
{
    const json_t *mailing = json_at(record, "employee/mailing_address");
    const char *country = json_string_value(json_at(record, mailing ? "employee/mailing_address/country" : "employee/address/country"));
    char key[32];

    if (json_at(record, "certificate/voluntary"))
        return found(f, "voluntary", "certificate/voluntary", "voluntary rows are not printed by this version yet");
    snprintf(key, sizeof key, "country.%.8s", country ? country : "");
    if (country && strcmp(country, json_string_value(json_at(form, "address/home"))) && !json_object_get(captions, key))
        return found(f, "country", "employee/address/country", "the captions have no name for this country");
    return true;
}

bool check_record(const json_t *form, const json_t *coverage, const json_t *captions, const json_t *record,
                  struct finding *f)
{
    static const char *const texts[] = {"certificate", "employee/name", "employee/address", "employee/mailing_address",
                                        "employee", "employer", "employer/address", "establishment", "establishment/tax_office"};

    if (!check_unsupported(captions, form, record, f) || !check_required(form, record, f) || !check_values(form, record, f))
        return false;
    if (!check_date(record, "certificate/period/from", f) || !check_date(record, "certificate/period/to", f)
        || !check_date(record, "employee/birth_date", f))
        return false;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (!check_texts(coverage, json_at(record, texts[i]), texts[i], f))
            return false;
    return true;
}
