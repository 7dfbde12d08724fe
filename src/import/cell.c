#include "import/cell.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"

static const char not_amount[] = "not an amount of the form that the mapping describes";

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

    if (as->digits < 0)
        return "the index gives this column a number of decimals that is not read: 0 to 9 are";
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

static int run_of(const char *order)
{
    int run = 1;

    while (order[run] == *order)
        run++;
    return run;
}

bool cell_is_order(const char *order)
{
    bool any = false;

    for (int run; *order; order += run) {
        run = run_of(order);
        if (!isalpha((unsigned char)*order))
            continue;
        any = true;
        if (!strchr("DMYhms", *order) || run > (*order == 'Y' ? 4 : 2) || (*order == 'Y' && run % 2))
            return false;
    }
    return any;
}

/* So many digits as the order has letters; one or two where it has one. Moves both behind them. */
static bool number(const char **order, const char **text, int *out)
{
    int run = run_of(*order), digits = 0;

    for (*out = 0; digits < (run == 1 ? 2 : run) && digits < CELL_DIGITS_MAX && isdigit((unsigned char)**text); digits++, ++*text)
        *out = *out * 10 + (**text - '0');
    *order += run;
    return digits == run || (run == 1 && digits > 0);
}

static int century(int year, const char *order, int epoch)
{
    const char *letters = strchr(order, 'Y');

    if (!letters || run_of(letters) != 2)
        return year;
    return year + (year < epoch ? 2000 : 1900);
}

const char *cell_date(const char *order, const char *text, int year, int epoch, char out[CELL_DATE])
{
    static const char letters[] = "DMYhms", wrong[] = "not a date in the mapping's order, or a day that does not exist";
    const char *at = order, *letter;
    int parts[6] = {1, 1, year, 0, 0, 0};
    char made[80];
    int32_t date;

    while (*at) {
        letter = strchr(letters, *at);
        if (letter ? !number(&at, &text, &parts[letter - letters]) : *at++ != *text++)
            return wrong;
    }
    snprintf(made, sizeof made, "%04d-%02d-%02d", century(parts[2], order, epoch), parts[1], parts[0]);
    if (*text || !date_parse(made, strlen(made), &date) || parts[3] > 23 || parts[4] > 59 || parts[5] > 59)
        return wrong;
    memcpy(out, made, 11);
    if (strchr(order, 'h'))
        snprintf(out + 10, 10, "T%02u:%02u:%02u", (unsigned)parts[3] % 100, (unsigned)parts[4] % 100, (unsigned)parts[5] % 100);
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
        return "a spreadsheet has turned this into a rounded number: export it again as text";
    if (length > 1 && (strspn(text, "#") == length || (*text == '#' && (text[length - 1] == '!' || text[length - 1] == '?'))))
        return "a spreadsheet shows no value here: export the list again";
    if (*text == '\'')
        return "a spreadsheet has put an apostrophe before this: export it again as text";
    if (strstr(text, "\xEF\xBF\xBD"))
        return "a letter was lost when this was exported: export it again in an encoding that has it";
    for (const char *c = strchr(text, '?'); c; c = strchr(c + 1, '?'))
        if (c > text && (isalpha((unsigned char)c[-1]) || (unsigned char)c[-1] >= 0x80))
            return "a question mark within a word: a letter was lost when this was exported; export it again in an encoding "
                   "that has it";
    return NULL;
}

void cell_remove(char *text, const char *letters)
{
    char *to = text;

    while (*text) {
        size_t length = 1;
        while ((text[length] & 0xC0) == 0x80)
            length++;
        if (!memmem(letters, strlen(letters), text, length)) {
            memmove(to, text, length);
            to += length;
        }
        text += length;
    }
    *to = '\0';
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
