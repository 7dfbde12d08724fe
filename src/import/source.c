#include "import/source.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define CELL_MAX 2000 /* bytes of a value that is taken */

/* Whether the mapping speaks of this text anywhere: then it is a name, and no value of a row that was taken for the header. */
static bool is_spoken_of(const json_t *json, const char *text)
{
    const char *own = json_string_value(json), *key;
    json_t *value;
    size_t i;

    if (own)
        return !strncmp(own, text, strlen(text)) && (!own[strlen(text)] || own[strlen(text)] == '#');
    json_object_foreach((json_t *)json, key, value) if (is_spoken_of(value, text)) return true;
    json_array_foreach((json_t *)json, i, value) if (is_spoken_of(value, text)) return true;
    return false;
}

/* The column's name, where it can be told. */
static const char *name_of(const struct source *s, size_t column)
{
    const char *name = column ? json_string_value(json_array_get(s->titles, column - 1)) : NULL;

    return name && *name && is_spoken_of(s->as, name) ? name : NULL;
}

void source_tell(struct source *s, size_t column, long other, const char *rule, const char *message)
{
    struct tc_import_finding finding = {.file = s->path,
                                        .line = s->csv.record_line,
                                        .column = (long)column,
                                        .other_line = other,
                                        .name = name_of(s, column),
                                        .rule = rule,
                                        .message = message};

    s->findings++;
    if (s->options->on_finding)
        s->options->on_finding(s->options->ctx, &finding);
}

static void tell_csv(void *ctx, long line, long column, const char *rule, const char *message)
{
    struct source *s = ctx;

    (void)line;
    source_tell(s, (size_t)column, 0, rule, message);
}

static uint32_t letter(const json_t *text)
{
    const char *at = json_string_value(text);

    return at && *at ? text_next(&at) : 0;
}

/* Names the columns of the row that was read; the second one of a name is name#2 as well. */
static bool take_header(struct source *s, struct tc_error *err)
{
    s->width = s->csv.count;
    for (size_t i = 1; i <= s->width; i++) {
        char *name = cell_trim((char *)(uintptr_t)csv_field(&s->csv, i)), numbered[300];
        int times = 1;
        if (json_array_append_new(s->titles, json_string(name)))
            return error_memory(err);
        for (size_t k = 0; k + 1 < i; k++)
            times += !strcmp(json_string_value(json_array_get(s->titles, k)), name);
        snprintf(numbered, sizeof numbered, "%s#%d", name, times);
        json_object_set_new(s->names, numbered, json_integer((json_int_t)i));
        json_object_set_new(s->names, name, json_integer(times == 1 ? (json_int_t)i : 0));
    }
    return true;
}

static bool read_header(struct source *s, struct tc_error *err)
{
    json_int_t header = json_integer_value(json_object_get(s->as, "header"));

    s->width = (size_t)json_integer_value(json_object_get(s->as, "columns"));
    while (header > 0 && csv_next(&s->csv, err))
        if (s->csv.record_line >= header)
            return s->csv.record_line == header
                       ? take_header(s, err)
                       : error_set(err, TC_INPUT, s->path, NULL, "import-header", "no row begins in the header's line");
    return *err->message || header == 0 ? !*err->message
                                        : error_set(err, TC_INPUT, s->path, NULL, "import-header", "the file ends before the header");
}

bool source_open(struct source *s, struct tc_error *err)
{
    s->csv.encoding = encoding_find(json_string_value(json_object_get(s->as, "encoding")));
    s->csv.separator = letter(json_object_get(s->as, "separator"));
    s->csv.quote = letter(json_object_get(s->as, "quote"));
    s->csv.tell = tell_csv;
    s->csv.ctx = s;
    s->names = json_object();
    s->titles = json_array();
    return s->names && s->titles ? csv_open(&s->csv, s->path, err) && read_header(s, err) : error_memory(err);
}

void source_close(struct source *s)
{
    csv_close(&s->csv);
    json_decref(s->names);
    json_decref(s->titles);
}

size_t source_column(const struct source *s, const json_t *ref)
{
    const json_t *number = json_is_string(ref) ? json_object_get(s->names, json_string_value(ref)) : ref;

    return json_integer_value(number) > 0 ? (size_t)json_integer_value(number) : 0;
}

static const json_t *option(const struct source *s, const json_t *spec, const char *key)
{
    const json_t *own = json_is_object(spec) ? json_object_get(spec, key) : NULL;

    return own ? own : json_object_get(s->as, key);
}

/* The n-th column that a description names; NULL behind the last. */
static const json_t *nth(const json_t *spec, size_t n)
{
    const json_t *refs = json_object_get(spec, "columns");

    if (refs)
        return json_array_get(refs, n);
    if (n > 0)
        return NULL;
    return json_is_object(spec) ? json_object_get(spec, "column") : spec;
}

size_t source_plain(const struct source *s, const json_t *spec, char *out, size_t room)
{
    size_t column = source_column(s, nth(spec, 0));
    const char *text = csv_field(&s->csv, column);
    char *trimmed;

    snprintf(out, room, "%s", text ? text : "");
    trimmed = cell_trim(out);
    memmove(out, trimmed, strlen(trimmed) + 1);
    return column;
}

static void without(char *text, const char *letters)
{
    char *to = text;

    for (; *text; text++)
        if (!strchr(letters, *text))
            *to++ = *text;
    *to = '\0';
}

static bool is_absent(const struct source *s, const json_t *spec, const char *text)
{
    const json_t *absent = option(s, spec, "absent"), *one;
    size_t i;

    json_array_foreach(absent, i, one) if (!strcmp(text, json_string_value(one))) return true;
    return *text == '\0';
}

static bool wrong(struct source *s, size_t column, const char *rule, const char *message, bool *bad)
{
    *bad = true;
    source_tell(s, column, 0, rule, message);
    return false;
}

/* One cell trimmed, without line breaks and without what the mapping takes away. */
static bool cell(struct source *s, const json_t *spec, size_t column, char *out, bool *bad)
{
    const json_t *remove = json_is_object(spec) ? json_object_get(spec, "remove") : NULL, *breaks = option(s, spec, "breaks");
    const char *text = csv_field(&s->csv, column);
    char *at;

    if (!text || strlen(text) >= CELL_MAX)
        return wrong(s, column, "import-cell", text ? "the field is too long" : "the row has no such column", bad);
    strcpy(out, text);
    while ((at = strchr(out, '\n'))) {
        if (!json_is_string(breaks))
            return wrong(s, column, "import-break", "a line break within a field", bad);
        *at = ' ';
    }
    at = cell_trim(out);
    memmove(out, at, strlen(at) + 1);
    if (json_is_string(remove))
        without(out, json_string_value(remove));
    return true;
}

/* The cells of the description joined. column: the first that has a text. False where nothing is there or it is wrong. */
static bool joined(struct source *s, const json_t *spec, char *out, size_t *column, bool *bad)
{
    const char *join = json_string_value(json_object_get(spec, "join"));
    char part[CELL_MAX];
    const json_t *ref;

    *out = '\0';
    *column = 0;
    for (size_t i = 0; (ref = nth(spec, i)); i++) {
        size_t number = source_column(s, ref);
        if (!cell(s, spec, number, part, bad))
            return false;
        if (is_absent(s, spec, part))
            continue;
        if (strlen(out) + strlen(part) + 10 >= CELL_MAX)
            return wrong(s, number, "import-cell", "the field is too long", bad);
        if (*out)
            strncat(out, join ? join : " ", 8);
        strcat(out, part);
        *column = *column ? *column : number;
    }
    if (!*out && json_is_true(json_object_get(spec, "required")))
        return wrong(s, source_column(s, nth(spec, 0)), "import-required", "the field is empty", bad);
    return *out != '\0';
}

static void amount_rules(const struct source *s, const json_t *spec, bool whole, struct cell_amount *as)
{
    const json_t *groupings = option(s, spec, "grouping"), *digits = option(s, spec, "digits");
    const char *decimal = json_string_value(option(s, spec, "decimal")), *minus = json_string_value(option(s, spec, "minus"));

    memset(as, 0, sizeof *as);
    as->decimal = decimal && !whole ? decimal : "";
    for (size_t i = 0; i < json_array_size(groupings) && i < 4; i++)
        as->groupings[as->grouping_count++] = json_string_value(json_array_get(groupings, i));
    as->minus = !minus ? CELL_NO_MINUS : !strcmp(minus, "behind") ? CELL_BEHIND : !strcmp(minus, "before") ? CELL_BEFORE : CELL_NO_MINUS;
    as->digits = whole ? 0 : digits ? (int)json_integer_value(digits) : 2;
    as->implied = json_is_true(option(s, spec, "implied"));
    as->free = json_is_true(option(s, spec, "whole"));
}

static bool parsed(struct source *s, const json_t *spec, bool whole, const char *text, size_t column, int64_t *units, bool *bad)
{
    struct cell_amount as;
    const char *message;

    amount_rules(s, spec, whole, &as);
    message = cell_amount(&as, text, units);
    if (message)
        return wrong(s, column, "import-amount", message, bad);
    if (json_is_object(spec) && json_is_true(json_object_get(spec, "turn")))
        *units = -*units;
    return true;
}

bool source_amount(struct source *s, const json_t *spec, int64_t *units, bool *bad)
{
    char text[CELL_MAX];
    size_t column;

    return joined(s, spec, text, &column, bad) && parsed(s, spec, false, text, column, units, bad);
}

bool source_whole(struct source *s, const json_t *spec, int64_t *value, bool *bad)
{
    const char *order = json_is_object(spec) ? json_string_value(json_object_get(spec, "dates")) : NULL, *message;
    char text[CELL_MAX], date[11];
    size_t column;

    if (!joined(s, spec, text, &column, bad))
        return false;
    if (!order)
        return parsed(s, spec, true, text, column, value, bad);
    message = cell_date(order, text, s->year, date);
    if (message)
        return wrong(s, column, "import-date", message, bad);
    if (atoi(date) != s->year)
        return wrong(s, column, "import-year", "another year than the payroll's", bad);
    *value = atoi(date + 5);
    return true;
}

json_t *source_amount_text(const struct source *s, const json_t *spec, int64_t units)
{
    char text[MONEY_TEXT];
    const json_t *digits = option(s, spec, "digits");

    money_text(units, digits ? (int)json_integer_value(digits) : 2, text);
    return json_string(text);
}

static json_t *date_value(struct source *s, const json_t *spec, const char *text, size_t column, bool *bad)
{
    const char *order = json_string_value(option(s, spec, "dates"));
    char date[11];
    const char *message = cell_date(order ? order : "DD.MM.YYYY", text, s->year, date);

    if (!message)
        return json_string(date);
    wrong(s, column, "import-date", message, bad);
    return NULL;
}

/* Words between blanks, as letters of a certificate are written. */
static json_t *words_value(char *text)
{
    json_t *list = json_array();
    char *at;

    for (char *word = strtok_r(text, " ,", &at); word; word = strtok_r(NULL, " ,", &at))
        json_array_append_new(list, json_string(word));
    return list;
}

/* ISO 7064 MOD 11,10 over digits: the last one is the check digit. */
static bool checks_iso7064(const char *text)
{
    int rest = 10;

    for (; *text && text[1]; text++) {
        rest = (rest + (*text - '0')) % 10;
        rest = (rest ? rest : 10) * 2 % 11;
    }
    return *text && (11 - rest) % 10 == *text - '0';
}

static json_t *text_value(struct source *s, const json_t *spec, const char *text, size_t column, bool *bad)
{
    json_int_t digits = json_integer_value(json_object_get(spec, "length"));
    const char *damage = cell_damage(text);

    if (damage)
        return wrong(s, column, "import-damage", damage, bad), NULL;
    if (digits && (strlen(text) != (size_t)digits || strspn(text, "0123456789") != (size_t)digits))
        return wrong(s, column, "import-length", "not the number of digits that the mapping names: leading zeros may have been lost", bad),
               NULL;
    if (json_object_get(spec, "check") && (strspn(text, "0123456789") != strlen(text) || !checks_iso7064(text)))
        return wrong(s, column, "import-check", "the check digit is wrong", bad), NULL;
    return json_string(text);
}

static json_t *translated(struct source *s, const json_t *values, const char *text, size_t column, bool *bad)
{
    json_t *value = json_object_get(values, text);

    if (!value)
        wrong(s, column, "import-value", "the mapping has no translation for this", bad);
    return json_is_null(value) ? NULL : json_incref(value);
}

json_t *source_value(struct source *s, const json_t *spec, const char *kind, bool *bad)
{
    const char *type = json_is_object(spec) ? json_string_value(json_object_get(spec, "type")) : NULL;
    const json_t *values = json_object_get(spec, "values"), *fixed = json_object_get(spec, "constant");
    char text[CELL_MAX];
    int64_t units;
    size_t column;

    type = type ? type : kind;
    if (fixed)
        return json_deep_copy(fixed);
    if (!joined(s, spec, text, &column, bad))
        return *bad ? NULL : json_incref(json_object_get(spec, "empty"));
    if (values)
        return translated(s, values, text, column, bad);
    if (!strcmp(type, "date"))
        return date_value(s, spec, text, column, bad);
    if (!strcmp(type, "words"))
        return words_value(text);
    if (!strcmp(type, "text"))
        return text_value(s, spec, text, column, bad);
    if (!parsed(s, spec, !strcmp(type, "whole"), text, column, &units, bad))
        return NULL;
    return strcmp(type, "whole") ? source_amount_text(s, spec, units) : json_integer(units);
}
