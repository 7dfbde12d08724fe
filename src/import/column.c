#include "import/column.h"

#include <stdlib.h>
#include <string.h>

/* An option of the column, else of the source. */
static const json_t *option(const struct source *s, const json_t *spec, const char *key)
{
    const json_t *own = json_is_object(spec) ? json_object_get(spec, key) : NULL;

    return own ? own : json_object_get(s->as, key);
}

static const char *text_option(const struct source *s, const json_t *spec, const char *key, const char *otherwise)
{
    const json_t *found = option(s, spec, key);

    return found ? json_string_value(found) : otherwise;
}

static void add_groupings(const json_t *list, struct cell_amount *as)
{
    for (size_t i = 0; i < json_array_size(list) && i < 4; i++)
        as->groupings[as->grouping_count++] = json_string_value(json_array_get(list, i));
}

/* Of amounts, or of whole numbers. */
static void amount_rules(const struct source *s, const json_t *spec, const struct index_column *indexed, bool whole, struct cell_amount *as)
{
    const json_t *groupings = option(s, spec, "grouping"), *digits = option(s, spec, "digits");
    const char *decimal = text_option(s, spec, "decimal", s->table.decimal),
               *minus = text_option(s, spec, "minus", indexed ? "before" : "none");
    bool is_number = indexed && indexed->type == INDEX_NUMBER;

    memset(as, 0, sizeof *as);
    as->decimal = decimal && !whole ? decimal : "";
    add_groupings(groupings, as);
    if (!groupings && s->table.grouping && *s->table.grouping)
        as->groupings[as->grouping_count++] = s->table.grouping;
    as->minus = !strcmp(minus, "behind") ? CELL_BEHIND : !strcmp(minus, "before") ? CELL_BEFORE : CELL_NO_MINUS;
    as->digits = whole ? 0 : digits ? (int)json_integer_value(digits) : is_number ? indexed->digits : 2;
    as->implied = !whole && (option(s, spec, "implied") ? json_is_true(option(s, spec, "implied")) : is_number && indexed->implied);
    as->free = json_is_true(option(s, spec, "whole"));
}

static enum column_type type_of(const json_t *spec, enum column_type otherwise)
{
    static const char *const names[] = {"text", "date", "amount", "whole", "words", "code"};
    const char *name = json_is_object(spec) ? json_string_value(json_object_get(spec, "type")) : NULL;

    for (size_t i = 0; name && i < sizeof names / sizeof *names; i++)
        if (!strcmp(name, names[i]))
            return (enum column_type)i;
    return otherwise;
}

/* The columns that the description names. */
static bool find_refs(struct source *s, const json_t *spec, const char *pointer, struct column *out)
{
    const json_t *refs = json_object_get(spec, "columns"), *ref;
    char at[190];
    bool good = true;
    size_t i;

    if (!refs) {
        bool bare = !json_is_object(spec);
        ref = bare ? spec : json_object_get(spec, "column");
        snprintf(at, sizeof at, "%.180s%s", pointer, bare ? "" : "/column");
        if (ref)
            out->refs[out->ref_count++] = source_column(s, ref, at);
        return !ref || out->refs[0];
    }
    json_array_foreach(refs, i, ref)
    {
        snprintf(at, sizeof at, "%.150s/columns/%zu", pointer, i);
        if (out->ref_count < COLUMN_REFS)
            out->refs[out->ref_count++] = source_column(s, ref, at);
        good = good && out->refs[out->ref_count - 1];
    }
    return good;
}

bool column_compile(struct source *s, const json_t *spec, const char *pointer, enum column_type type, struct column *out)
{
    const json_t *described = json_is_object(spec) ? spec : NULL;
    const struct index_column *indexed;

    *out = (struct column){.given = spec != NULL, .type = type_of(spec, type)};
    if (!spec || json_is_null(spec)) {
        out->given = false;
        return true;
    }
    if (!find_refs(s, spec, pointer, out))
        return false;
    indexed = source_described(s, column_first(out));
    out->join = described && json_object_get(described, "join") ? json_string_value(json_object_get(described, "join")) : " ";
    out->remove = json_string_value(json_object_get(described, "remove"));
    out->values = json_object_get(described, "values");
    out->constant = json_object_get(described, "constant");
    out->empty = json_object_get(described, "empty");
    out->absent = option(s, spec, "absent");
    out->length = (size_t)json_integer_value(json_object_get(described, "length"));
    out->required = json_is_true(json_object_get(described, "required"));
    out->turn = json_is_true(json_object_get(described, "turn"));
    out->check = json_object_get(described, "check") != NULL;
    out->breaks = option(s, spec, "breaks") != NULL;
    out->epoch = option(s, spec, "epoch") ? (int)json_integer_value(option(s, spec, "epoch")) : s->table.epoch ? s->table.epoch : 30;
    out->dates = json_string_value(json_object_get(described, "dates"));
    if (!out->dates && out->type == COLUMN_AS_DATE)
        out->dates = text_option(s, NULL, "dates", indexed && indexed->type == INDEX_DATE ? indexed->dates : "DD.MM.YYYY");
    amount_rules(s, spec, indexed, false, &out->amount);
    amount_rules(s, spec, indexed, true, &out->whole);
    return true;
}

static enum column_got wrong(struct source *s, size_t column, const char *rule, const char *message)
{
    source_tell(s, column, 0, rule, message);
    return COLUMN_WRONG;
}

static bool is_absent(const json_t *absent, const char *text)
{
    const json_t *one;
    size_t i;

    json_array_foreach(absent, i, one) if (!strcmp(text, json_string_value(one))) return true;
    return *text == '\0';
}

/* One cell, trimmed and without what the mapping takes away. */
static enum column_got cell(struct source *s, const struct column *c, size_t column, char out[COLUMN_TEXT])
{
    const char *text = csv_field(&s->csv, column);
    char *at;

    if (!text || strlen(text) >= COLUMN_TEXT)
        return wrong(s, column, "import-cell", text ? "the field is too long" : "the row does not have this column");
    strcpy(out, text);
    while ((at = strchr(out, '\n'))) {
        if (!c->breaks)
            return wrong(s, column, "import-break", "a line break within a field: remove it");
        *at = ' ';
    }
    if (c->remove)
        cell_remove(out, c->remove);
    if (c->type != COLUMN_AS_CODE) {
        at = cell_trim(out);
        memmove(out, at, strlen(at) + 1);
    }
    return is_absent(c->absent, out) ? COLUMN_NOTHING : COLUMN_VALUE;
}

/* The cells of the row that was read, joined and cleaned; *column: the first that has a text. */
static enum column_got read_text(struct source *s, const struct column *c, char out[COLUMN_TEXT], size_t *column)
{
    char part[COLUMN_TEXT];
    size_t length = 0;

    *out = '\0';
    *column = 0;
    for (size_t i = 0; i < c->ref_count; i++) {
        char *to = i == 0 ? out : part;
        enum column_got got = cell(s, c, c->refs[i], to);
        if (got == COLUMN_WRONG)
            return got;
        if (got == COLUMN_NOTHING) {
            *to = '\0';
            continue;
        }
        if (i > 0) {
            if (length + strlen(part) + strlen(c->join) >= COLUMN_TEXT)
                return wrong(s, c->refs[i], "import-cell", "the field is too long");
            length += (size_t)sprintf(out + length, "%s%s", length ? c->join : "", part);
        } else {
            length = strlen(out);
        }
        *column = *column ? *column : c->refs[i];
    }
    if (!length && c->required)
        return wrong(s, column_first(c), "import-required", "the field is empty");
    return length ? COLUMN_VALUE : COLUMN_NOTHING;
}

void column_plain(const struct source *s, const struct column *c, char *out, size_t room)
{
    const char *text = csv_field(&s->csv, column_first(c));
    char *trimmed;

    snprintf(out, room, "%s", text ? text : "");
    trimmed = cell_trim(out);
    memmove(out, trimmed, strlen(trimmed) + 1);
}

static enum column_got parse(struct source *s, const struct column *c, bool whole, const char *text, size_t column, int64_t *units)
{
    const char *message = cell_amount(whole ? &c->whole : &c->amount, text, units);

    if (message)
        return wrong(s, column, "import-amount", message);
    if (c->turn)
        *units = -*units;
    return COLUMN_VALUE;
}

enum column_got column_amount(struct source *s, const struct column *c, int64_t *units, size_t *column)
{
    char text[COLUMN_TEXT];
    enum column_got got = read_text(s, c, text, column);

    return got == COLUMN_VALUE ? parse(s, c, false, text, *column, units) : got;
}

/* What the mapping has for the text; NULL after telling that it has nothing. */
static const json_t *translate(struct source *s, const struct column *c, const char *text, size_t column)
{
    const json_t *value = json_object_get(c->values, text);

    if (!value)
        wrong(s, column, "import-value", "the mapping does not say what becomes of this value: add it");
    return value;
}

static enum column_got fixed_whole(const json_t *value, int64_t *out)
{
    *out = json_integer_value(value);
    return json_is_integer(value) ? COLUMN_VALUE : COLUMN_NOTHING;
}

enum column_got column_whole(struct source *s, const struct column *c, int64_t *value)
{
    char text[COLUMN_TEXT], date[CELL_DATE];
    size_t column;
    enum column_got got;
    const char *message;
    const json_t *translated;

    *value = 0;
    if (c->constant)
        return fixed_whole(c->constant, value);
    got = read_text(s, c, text, &column);
    if (got == COLUMN_NOTHING)
        return fixed_whole(c->empty, value);
    if (got == COLUMN_WRONG)
        return got;
    if (c->values) {
        translated = translate(s, c, text, column);
        return translated ? fixed_whole(translated, value) : COLUMN_WRONG;
    }
    if (!c->dates)
        return parse(s, c, true, text, column, value);
    message = cell_date(c->dates, text, s->year, c->epoch, date);
    if (message)
        return wrong(s, column, "import-date", message);
    if (atoi(date) != s->year)
        return wrong(s, column, "import-year", "not the year of the payroll");
    *value = atoi(date + 5);
    return COLUMN_VALUE;
}

/* ISO 7064 MOD 11,10 over digits: the last one is the check digit. */
static bool checks_iso7064(const char *text)
{
    int rest = 10;

    if (strspn(text, "0123456789") != strlen(text))
        return false;
    for (; *text && text[1]; text++) {
        rest = (rest + (*text - '0')) % 10;
        rest = (rest ? rest : 10) * 2 % 11;
    }
    return *text && (11 - rest) % 10 == *text - '0';
}

static const char code_letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* What is wrong with a text; NULL where it is good. */
static const char *check_text(const struct column *c, const char *text, const char **rule)
{
    const char *damage = cell_damage(text);

    *rule = "import-damage";
    if (damage)
        return damage;
    *rule = "import-length";
    if (c->length && (strlen(text) != c->length || strspn(text, "0123456789") != c->length))
        return "not the number of digits that the mapping requires: leading zeros may have been lost";
    *rule = "import-code";
    if (c->type == COLUMN_AS_CODE && strspn(text, code_letters) != strlen(text))
        return "a code has letters and digits only: a space or another character got into it";
    *rule = "import-check";
    return c->check && !checks_iso7064(text) ? "the check digit is wrong" : NULL;
}

enum column_got column_word(struct source *s, const struct column *c, char out[COLUMN_TEXT], size_t *column)
{
    const char *rule = "import-value", *message;
    const json_t *value;
    enum column_got got;

    if (c->constant) {
        *column = 0;
        snprintf(out, COLUMN_TEXT, "%s", json_is_string(c->constant) ? json_string_value(c->constant) : "");
        return *out ? COLUMN_VALUE : COLUMN_NOTHING;
    }
    got = read_text(s, c, out, column);
    if (got != COLUMN_VALUE)
        return got;
    value = c->values ? translate(s, c, out, *column) : NULL;
    if (c->values) {
        if (value)
            snprintf(out, COLUMN_TEXT, "%s", json_is_string(value) ? json_string_value(value) : "");
        return !value ? COLUMN_WRONG : *out ? COLUMN_VALUE : COLUMN_NOTHING;
    }
    message = check_text(c, out, &rule);
    return message ? wrong(s, *column, rule, message) : COLUMN_VALUE;
}

static void put_words(char *text, struct buf *out)
{
    const char *sign = "[";
    char *at;

    for (char *word = strtok_r(text, " ,", &at); word; word = strtok_r(NULL, " ,", &at)) {
        buf_puts(out, sign);
        buf_quote(out, word);
        sign = ",";
    }
    buf_puts(out, *sign == '[' ? "[]" : "]");
}

static enum column_got put_text(struct source *s, const struct column *c, char *text, size_t column, struct buf *out)
{
    char date[CELL_DATE];
    const char *rule = "import-date", *message;

    if (c->type == COLUMN_AS_DATE)
        message = cell_date(c->dates, text, s->year, c->epoch, date);
    else
        message = check_text(c, text, &rule);
    if (message)
        return wrong(s, column, rule, message);
    if (c->type == COLUMN_AS_WORDS)
        put_words(text, out);
    else
        buf_quote(out, c->type == COLUMN_AS_DATE ? date : text);
    return COLUMN_VALUE;
}

static enum column_got put_number(struct source *s, const struct column *c, const char *text, size_t column, struct buf *out)
{
    char made[MONEY_TEXT];
    int64_t units;

    if (parse(s, c, c->type == COLUMN_AS_WHOLE, text, column, &units) == COLUMN_WRONG)
        return COLUMN_WRONG;
    if (c->type == COLUMN_AS_WHOLE) {
        buf_printf(out, "%lld", (long long)units);
    } else {
        money_text(units, c->amount.digits, made);
        buf_quote(out, made);
    }
    return COLUMN_VALUE;
}

static enum column_got put_json(const json_t *value, struct buf *out)
{
    char *text = value ? json_text(value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;

    if (text)
        buf_puts(out, text);
    else
        out->failed = out->failed || value;
    free(text);
    return value ? COLUMN_VALUE : COLUMN_NOTHING;
}

enum column_got column_json(struct source *s, const struct column *c, struct buf *out, size_t *column)
{
    char text[COLUMN_TEXT];
    enum column_got got;

    *column = 0;
    if (c->constant)
        return put_json(c->constant, out);
    got = read_text(s, c, text, column);
    if (got == COLUMN_NOTHING) {
        *column = column_first(c);
        return put_json(c->empty, out);
    }
    if (got == COLUMN_WRONG)
        return got;
    if (c->values) {
        const json_t *value = translate(s, c, text, *column);
        return value ? put_json(json_is_null(value) ? NULL : value, out) : COLUMN_WRONG;
    }
    return c->type == COLUMN_AS_AMOUNT || c->type == COLUMN_AS_WHOLE ? put_number(s, c, text, *column, out)
                                                                     : put_text(s, c, text, *column, out);
}
