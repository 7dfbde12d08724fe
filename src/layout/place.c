#include "layout/place.h"

#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/money.h"

struct place {
    const json_t *captions, *record;
    struct page *page;
};

static int number(const json_t *node, const char *key)
{
    return (int)json_integer_value(json_at(node, key));
}

static const char *string(const json_t *node, const char *key)
{
    const char *text = json_string_value(json_at(node, key));

    return text ? text : "";
}

static const char *caption(const struct place *p, const json_t *item)
{
    return string(p->captions, string(item, "caption"));
}

/* Each line of text below the last; returns the y below the last line. */
static int put_lines(const struct place *p, int x, int y, int leading, int size, bool bold, const char *text)
{
    while (*text) {
        char line[256];
        size_t length = strcspn(text, "\n");

        snprintf(line, sizeof line, "%.*s", (int)length, text);
        page_text(p->page, OP_TEXT, x, y, size, bold, line);
        text += length + (text[length] == '\n');
        y += leading;
    }
    return y;
}

static void put_date(const char *iso, bool year, char *out, size_t size)
{
    int32_t date;

    *out = '\0';
    if (date_parse(iso, strlen(iso), &date))
        snprintf(out, size, year ? "%02d.%02d.%d" : "%02d.%02d.", date % 100, date / 100 % 100, date / 10000);
}

/* Whole units with the thousands dot; the sign stands here for -0 too. */
static void group_thousands(int64_t amount, char *out, size_t size)
{
    int64_t whole = (amount < 0 ? -amount : amount) / 100;
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%lld", (long long)whole);
    size_t at = 0;

    if (amount < 0)
        out[at++] = '-';
    for (int i = 0; i < length && at + 2 < size; i++) {
        out[at++] = digits[i];
        if ((length - i) % 3 == 1 && i + 1 < length)
            out[at++] = '.';
    }
    out[at] = '\0';
}

static void join_letters(const json_t *letters, char *out, size_t size)
{
    size_t i;
    json_t *letter;

    *out = '\0';
    json_array_foreach((json_t *)letters, i, letter) {
        size_t at = strlen(out);

        snprintf(out + at, size - at, "%s%s", at ? " " : "", json_is_string(letter) ? json_string_value(letter) : "");
    }
}

static void show_class(const json_t *row, char *out, size_t size)
{
    const char *factor = string(row, "factor");

    if (*factor)
        snprintf(out, size, "%d/%.1s,%s", number(row, "tax_class"), factor, factor + strcspn(factor, ".") + 1);
    else
        snprintf(out, size, "%d", number(row, "tax_class"));
}

static void show(const json_t *scope, const json_t *item, char *out, size_t size)
{
    const json_t *value = json_at(scope, string(item, "value"));
    const char *type = string(item, "type");
    char from[16], to[16];
    int64_t amount;

    *out = '\0';
    if (!value)
        return;
    if (!strcmp(type, "date")) {
        put_date(string(scope, string(item, "value")), true, out, size);
    } else if (!strcmp(type, "period")) {
        put_date(string(value, "from"), false, from, sizeof from);
        put_date(string(value, "to"), false, to, sizeof to);
        snprintf(out, size, "%s - %s", from, to);
    } else if (!strcmp(type, "months")) {
        snprintf(out, size, "%02d - %02d", number(value, "first"), number(value, "last"));
    } else if (!strcmp(type, "letters")) {
        join_letters(value, out, size);
    } else if (!strcmp(type, "class")) {
        show_class(scope, out, size);
    } else if (!strcmp(type, "whole") && json_money(value, 2, &amount) == MONEY_OK) {
        group_thousands(amount, out, size);
    } else if (!strcmp(type, "decimal") && json_is_string(value)) {
        snprintf(out, size, "%s", json_string_value(value));
        if (strchr(out, '.'))
            *strchr(out, '.') = ',';
    } else if (json_is_integer(value)) {
        snprintf(out, size, "%lld", (long long)json_integer_value(value));
    } else if (json_is_string(value)) {
        snprintf(out, size, "%s", json_string_value(value));
    }
}

static void put_address(const struct place *p, const json_t *form)
{
    const json_t *mailing = json_at(p->record, "employee/mailing_address");
    const json_t *address = mailing ? mailing : json_at(p->record, "employee/address");
    const json_t *name = json_at(p->record, "employee/name");
    const char *title = string(name, "title"), *country = string(address, "country");
    char text[1024], key[32];

    snprintf(key, sizeof key, "country.%.8s", country);
    snprintf(text, sizeof text, "%s%s%s %s\n%s%s%s\n%s %s\n%s", title, *title ? " " : "", string(name, "first"),
             string(name, "last"), string(address, "additional"), *string(address, "additional") ? "\n" : "",
             string(address, "street"), string(address, "postcode"), string(address, "city"),
             strcmp(country, string(form, "home")) ? string(p->captions, key) : "");
    put_lines(p, number(form, "x"), number(form, "y"), number(form, "leading"), number(form, "size"), false, text);
}

static void put_reference(const struct place *p, const json_t *block)
{
    int y = number(block, "y");
    size_t i;
    json_t *item;
    char text[256];

    json_array_foreach((json_t *)json_at(block, "items"), i, item) {
        page_text(p->page, OP_TEXT, number(block, "x"), y, number(block, "size"), false, caption(p, item));
        show(p->record, item, text, sizeof text);
        page_text(p->page, OP_TEXT, number(block, "value_x"), y, number(block, "size"), false, text);
        y += number(block, "leading");
    }
}

/* The newest row first, older ones as far as there are columns. Rows stand oldest first in the input. */
static void put_features(const struct place *p, const json_t *block)
{
    const json_t *rows = json_at(p->record, string(block, "group")), *columns = json_at(block, "value_x");
    size_t count = json_array_size(rows), shown = json_array_size(columns);
    int y = put_lines(p, number(block, "x"), number(block, "y"), 36, number(block, "size"), false, caption(p, block)) + 14;
    size_t i;
    json_t *item;
    char text[64];

    json_array_foreach((json_t *)json_at(block, "items"), i, item) {
        page_text(p->page, OP_TEXT, number(block, "x"), y, number(block, "size"), false, caption(p, item));
        for (size_t k = 0; k < shown && k < count; k++) {
            show(json_array_get(rows, count - 1 - k), item, text, sizeof text);
            page_text(p->page, OP_RIGHT, (int)json_integer_value(json_array_get(columns, k)), y,
                      number(block, "size"), false, text);
        }
        y += number(block, "leading");
    }
}

static void put_employer(const struct place *p, const json_t *block)
{
    const json_t *employer = json_at(p->record, "employer");
    char text[1024];

    snprintf(text, sizeof text, "%s\n%s\n%s\n%s %s\n%s", caption(p, block), string(employer, "name"),
             string(employer, "address/street"), string(employer, "address/postcode"),
             string(employer, "address/city"), string(p->record, "establishment/tax_number"));
    put_lines(p, number(block, "x"), number(block, "y"), number(block, "leading"), number(block, "size"), false, text);
}

static void put_value(const struct place *p, const json_t *table, const json_t *row, int y)
{
    int size = json_at(row, "size") ? number(row, "size") : number(table, "value_size");
    char text[128], cents[4];
    int64_t amount;

    if (strcmp(string(row, "type"), "money")) {
        show(p->record, row, text, sizeof text);
        page_text(p->page, OP_RIGHT, number(table, "major_x"), y, size, false, text);
        return;
    }
    if (json_money(json_at(p->record, string(row, "value")), 2, &amount) != MONEY_OK)
        return;
    group_thousands(amount, text, sizeof text);
    snprintf(cents, sizeof cents, "%02d", (int)((amount < 0 ? -amount : amount) % 100));
    page_text(p->page, OP_RIGHT, number(table, "major_x"), y, size, false, text);
    page_text(p->page, OP_RIGHT, number(table, "minor_x"), y, size, false, cents);
}

static void put_table(const struct place *p, const json_t *table)
{
    int x = number(table, "x"), right = number(table, "right"), top = number(table, "y"), y = top;
    int size = number(table, "size"), leading = number(table, "leading");
    size_t i;
    json_t *row;

    page_text(p->page, OP_RIGHT, number(table, "major_x"), y - 8, size, false, string(p->captions, "major"));
    page_text(p->page, OP_RIGHT, number(table, "minor_x"), y - 8, size, false, string(p->captions, "minor"));
    page_rule(p->page, x, y, right, y, 20);
    json_array_foreach((json_t *)json_at(table, "rows"), i, row) {
        int first = y + number(table, "padding") / 2 + 20, below;

        page_text(p->page, OP_TEXT, number(table, "number_x"), first, size, true, string(row, "number"));
        below = put_lines(p, number(table, "caption_x"), first, leading, size, false, caption(p, row));
        put_value(p, table, row, below - leading);
        y += below - first + number(table, "padding");
        page_rule(p->page, x, y, right, y, 10);
    }
    page_rule(p->page, x, top, x, y, 20);
    page_rule(p->page, number(table, "major"), top, number(table, "major"), y, 10);
    page_rule(p->page, number(table, "minor"), top, number(table, "minor"), y, 10);
    page_rule(p->page, right, top, right, y, 20);
}

static void put_fold_marks(const struct place *p, const json_t *marks)
{
    size_t i;
    json_t *y;

    json_array_foreach((json_t *)json_at(marks, "y"), i, y)
        page_rule(p->page, number(marks, "x"), (int)json_integer_value(y), number(marks, "right"),
                  (int)json_integer_value(y), number(marks, "width"));
}

bool place_record(const json_t *form, const json_t *captions, const json_t *record, struct page *page)
{
    struct place p = {.captions = captions, .record = record, .page = page};
    const json_t *title = json_at(form, "title"), *sentence = json_at(form, "sentence");
    const json_t *office = json_at(form, "tax_office");
    char text[512];

    page_clear(page);
    put_lines(&p, number(title, "x"), number(title, "y"), 50, number(title, "size"), true, caption(&p, title));
    put_lines(&p, number(sentence, "x"), number(sentence, "y"), 40, number(sentence, "size"), false, caption(&p, sentence));
    put_address(&p, json_at(form, "address"));
    put_reference(&p, json_at(form, "reference"));
    put_features(&p, json_at(form, "features"));
    put_employer(&p, json_at(form, "employer"));
    put_table(&p, json_at(form, "table"));
    snprintf(text, sizeof text, "%s\n%s, %s", caption(&p, office), string(record, "establishment/tax_office/name"),
             string(record, "establishment/tax_office/number"));
    put_lines(&p, number(office, "x"), number(office, "y"), 36, number(office, "size"), false, text);
    put_fold_marks(&p, json_at(form, "fold_marks"));
    return !page->overflow && !page->texts.failed;
}
