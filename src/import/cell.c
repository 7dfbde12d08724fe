#include "import/cell.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"

static const char not_amount[] = "not an amount as the mapping describes it";

static bool starts(const char *text, const char *with)
{
    return *with && !strncmp(text, with, strlen(with));
}

static const char *grouping_at(const struct cell_amount *as, const char *text)
{
    for (size_t i = 0; i < as->grouping_count; i++)
        if (starts(text, as->groupings[i]))
            return as->groupings[i];
    return NULL;
}

static bool add_digit(int64_t *units, char c)
{
    *units = *units * 10 + (c - '0');
    return *units <= CELL_UNITS_MAX;
}

/* Digits up to the decimal sign, in groups of three where they are grouped. NULL where they are wrong. */
static const char *whole(const struct cell_amount *as, const char *text, int64_t *units)
{
    const char *sign = NULL, *next;
    int run = 0;

    if (!isdigit((unsigned char)*text))
        return NULL;
    for (;; text += next ? strlen(next) : 1) {
        next = NULL;
        if (isdigit((unsigned char)*text)) {
            run++;
            if (!add_digit(units, *text))
                return NULL;
            continue;
        }
        next = grouping_at(as, text);
        if (!next)
            return sign && run != 3 ? NULL : text;
        if ((sign && (strcmp(sign, next) != 0 || run != 3)) || run > 3 || !isdigit((unsigned char)text[strlen(next)]))
            return NULL;
        sign = next;
        run = 0;
    }
}

/* The digits behind the sign; text behind them, or NULL. */
static const char *fraction(const struct cell_amount *as, const char *text, int64_t *units)
{
    int digits = 0;

    if (as->implied)
        return text;
    if (starts(text, as->decimal)) {
        for (text += strlen(as->decimal); isdigit((unsigned char)*text); text++, digits++)
            if (!add_digit(units, *text))
                return NULL;
        if (digits != as->digits || digits == 0)
            return NULL;
    } else if (as->digits > 0 && !as->free) {
        return NULL;
    }
    for (; digits < as->digits; digits++)
        if (!add_digit(units, '0'))
            return NULL;
    return text;
}

const char *cell_amount(const struct cell_amount *as, const char *text, int64_t *units)
{
    bool minus = as->minus == CELL_BEFORE && *text == '-';
    int64_t found = 0;

    text = whole(as, text + minus, &found);
    text = text ? fraction(as, text, &found) : NULL;
    if (text && as->minus == CELL_BEHIND && *text == '-') {
        minus = true;
        text++;
    }
    if (!text || *text)
        return not_amount;
    *units = minus ? -found : found;
    return NULL;
}

/* So many digits as the order has letters. */
static bool number(const char **order, const char **text, int *out)
{
    char letter = **order;

    for (*out = 0; **order == letter; ++*order, ++*text) {
        if (!isdigit((unsigned char)**text))
            return false;
        *out = *out * 10 + (**text - '0');
    }
    return true;
}

const char *cell_date(const char *order, const char *text, int year, char out[11])
{
    static const char wrong[] = "not a date in the mapping's order, or a day that does not exist";
    int day = 1, month = 1;
    char made[40];
    int32_t date;

    while (*order) {
        int *part = *order == 'D' ? &day : *order == 'M' ? &month : *order == 'Y' ? &year : NULL;
        if (part ? !number(&order, &text, part) : *order++ != *text++)
            return wrong;
    }
    snprintf(made, sizeof made, "%04d-%02d-%02d", year, month, day);
    if (*text || !date_parse(made, strlen(made), &date))
        return wrong;
    memcpy(out, made, 11);
    return NULL;
}

/* 1,23E+10 and 1.23E-5 */
static bool is_scientific(const char *text)
{
    const char *e = strpbrk(text, "Ee");

    return e && (e[1] == '+' || e[1] == '-') && e > text && strspn(text, "0123456789.,") == (size_t)(e - text)
           && isdigit((unsigned char)e[2]);
}

const char *cell_damage(const char *text)
{
    size_t length = strlen(text);

    if (is_scientific(text))
        return "a spreadsheet made a rounded number of this: export it again as text";
    if (length > 1 && (strspn(text, "#") == length || (*text == '#' && (text[length - 1] == '!' || text[length - 1] == '?'))))
        return "a spreadsheet shows no value here: export the list again";
    if (*text == '\'')
        return "an apostrophe of a spreadsheet stands before this: export it again as text";
    if (strstr(text, "\xEF\xBF\xBD"))
        return "a letter was lost when this was exported: export it again in an encoding that has it";
    for (const char *c = strchr(text, '?'); c; c = strchr(c + 1, '?'))
        if (c > text && (isalpha((unsigned char)c[-1]) || (unsigned char)c[-1] >= 0x80))
            return "a question mark within a word: a letter was lost when this was exported";
    return NULL;
}

char *cell_trim(char *text)
{
    size_t length;

    text += strspn(text, " \t");
    length = strlen(text);
    while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t'))
        text[--length] = '\0';
    return text;
}
