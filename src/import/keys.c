#include "import/keys.h"

#define TABLE(name, list)                         \
    {                                             \
        name, list, sizeof(list) / sizeof *(list) \
    }

static const struct key mapping[] = {
    {"format", KEY_FORMAT, true},    {"payroll", KEY_PAYROLL, false}, {"employee", KEY_OBJECT, false}, {"certificate", KEY_OBJECT, false},
    {"features", KEY_OBJECT, false}, {"id", KEY_TEXT, false},         {"sources", KEY_SOURCES, true},
};

static const struct key source[] = {
    {"file", KEY_NAME, false},           {"index", KEY_NAME, false},      {"encoding", KEY_ENCODING, false},
    {"separator", KEY_LETTER, false},    {"quote", KEY_QUOTE, false},     {"header", KEY_POSITIVE, false},
    {"columns", KEY_POSITIVE, false},    {"person", KEY_COLUMN, true},    {"which", KEY_COLUMN, false},
    {"year", KEY_COLUMN, false},         {"decimal", KEY_TEXT, false},    {"grouping", KEY_TEXTS, false},
    {"minus", KEY_MINUS, false},         {"digits", KEY_DIGITS, false},   {"whole", KEY_TRUTH, false},
    {"implied", KEY_TRUTH, false},       {"dates", KEY_ORDER, false},     {"epoch", KEY_YEARS, false},
    {"absent", KEY_TEXTS, false},        {"breaks", KEY_BREAKS, false},   {"skip", KEY_CONDITIONS, false},
    {"must", KEY_CONDITIONS, false},     {"totals", KEY_TOTALS, false},   {"newest", KEY_COLUMN_LIST, false},
    {"employee", KEY_COLUMNS, false},    {"values", KEY_COLUMNS, false},  {"features", KEY_COLUMNS, false},
    {"certificate", KEY_COLUMNS, false}, {"entries", KEY_ENTRIES, false}, {"tickets", KEY_TICKETS, false},
};

static const struct key column[] = {
    {"column", KEY_REF, false},      {"columns", KEY_REFS, false},  {"constant", KEY_ANY, false},   {"join", KEY_ANY, false},
    {"type", KEY_TYPE, false},       {"values", KEY_OBJECT, false}, {"empty", KEY_ANY, false},      {"required", KEY_TRUTH, false},
    {"length", KEY_POSITIVE, false}, {"check", KEY_CHECK, false},   {"remove", KEY_TEXT, false},    {"turn", KEY_TRUTH, false},
    {"absent", KEY_TEXTS, false},    {"decimal", KEY_TEXT, false},  {"grouping", KEY_TEXTS, false}, {"minus", KEY_MINUS, false},
    {"digits", KEY_DIGITS, false},   {"whole", KEY_TRUTH, false},   {"implied", KEY_TRUTH, false},  {"dates", KEY_ORDER, false},
    {"epoch", KEY_YEARS, false},     {"breaks", KEY_BREAKS, false},
};

static const struct key condition[] = {
    {"name", KEY_TEXT, false},          {"column", KEY_REF, true},   {"is", KEY_TEXT_OR_TEXTS, false}, {"begins", KEY_TEXT_OR_TEXTS, false},
    {"ends", KEY_TEXT_OR_TEXTS, false}, {"empty", KEY_TRUTH, false},
};

static const struct key total[] = {
    {"name", KEY_TEXT, false},          {"column", KEY_REF, true},   {"is", KEY_TEXT_OR_TEXTS, false}, {"begins", KEY_TEXT_OR_TEXTS, false},
    {"ends", KEY_TEXT_OR_TEXTS, false}, {"empty", KEY_TRUTH, false}, {"sums", KEY_COLUMN_LIST, true},  {"restart", KEY_TRUTH, false},
};

static const struct key entries[] = {
    {"wage_type", KEY_COLUMN, true}, {"text", KEY_COLUMN, false},    {"month", KEY_COLUMN, false}, {"months", KEY_MONTHS, false},
    {"amount", KEY_COLUMN, false},   {"changes", KEY_CHANGES, true}, {"turn", KEY_TEXTS, false},
};

static const struct key tickets[] = {
    {"first_day", KEY_COLUMN, true}, {"ticket", KEY_COLUMN, true},   {"sent", KEY_COLUMN, false},
    {"accepted", KEY_COLUMN, false}, {"cancels", KEY_COLUMN, false},
};

const struct key_table keys_mapping = TABLE("mapping", mapping), keys_source = TABLE("source", source),
                       keys_column = TABLE("column", column), keys_condition = TABLE("condition", condition),
                       keys_total = TABLE("total", total), keys_entries = TABLE("entries", entries),
                       keys_tickets = TABLE("tickets", tickets);

const char *key_wanted(enum key_kind kind)
{
    static const char *const wanted[] = {
        [KEY_TEXT] = "must be a text that is not empty",
        [KEY_NAME] = "must be the name of a file, without folders",
        [KEY_FORMAT] = "must be \"taxcert/mapping/1\"",
        [KEY_ENCODING] = "must be one of utf-8, utf-16le, utf-16be, windows-1252, iso-8859-1, iso-8859-15, cp850",
        [KEY_LETTER] = "must be one character, such as \";\" or \"\\t\"",
        [KEY_QUOTE] = "must be one character, or null where quotes are letters",
        [KEY_POSITIVE] = "must be a whole number from 1",
        [KEY_DIGITS] = "must be a whole number from 0 to 9",
        [KEY_YEARS] = "must be a whole number from 0 to 99",
        [KEY_TRUTH] = "must be true or false",
        [KEY_MINUS] = "must be \"before\", \"behind\" or \"none\"",
        [KEY_BREAKS] = "can only be \"blank\"",
        [KEY_TYPE] = "must be \"text\", \"date\", \"amount\", \"whole\", \"words\" or \"code\"",
        [KEY_CHECK] = "can only be \"iso7064\"",
        [KEY_ORDER] = "must be an order of DD, MM, YYYY or YY (hh, mm, ss) and signs, such as \"DD.MM.YYYY\"",
        [KEY_TEXTS] = "must be a list of texts",
        [KEY_TEXT_OR_TEXTS] = "must be a text or a list of texts",
        [KEY_ANY] = "can be anything",
        [KEY_OBJECT] = "must be an object",
        [KEY_PAYROLL] = "must be an object with the payroll's `year`",
        [KEY_REF] = "must be a column's name or its number from 1",
        [KEY_REFS] = "must be a list of names or numbers of columns, at most 16",
        [KEY_COLUMN] = "must be a column: its name, its number from 1, or an object with one of `column`, `columns` and `constant`",
        [KEY_COLUMNS] = "must be an object of columns",
        [KEY_COLUMN_LIST] = "must be a list of columns, at least one",
        [KEY_MONTHS] = "must be a list of twelve columns, null where there is none",
        [KEY_CHANGES] = "`changes` must say whether later rows of a month are added (\"add\") or replace it ({\"replace\": COLUMN})",
        [KEY_CONDITIONS] = "must be a list of conditions",
        [KEY_TOTALS] = "must be a list of conditions with `sums`",
        [KEY_ENTRIES] = "must be an object",
        [KEY_TICKETS] = "must be an object",
        [KEY_SOURCES] = "must be a list of sources, one for each file",
    };

    return wanted[kind];
}

const struct key_table *key_inner(enum key_kind kind)
{
    switch (kind) {
    case KEY_COLUMN:
    case KEY_COLUMNS:
    case KEY_COLUMN_LIST:
    case KEY_MONTHS: return &keys_column;
    case KEY_CONDITIONS: return &keys_condition;
    case KEY_TOTALS: return &keys_total;
    case KEY_ENTRIES: return &keys_entries;
    case KEY_TICKETS: return &keys_tickets;
    case KEY_SOURCES: return &keys_source;
    default: return NULL;
    }
}

const char *const *key_words(enum key_kind kind)
{
    static const char *const format[] = {"taxcert/mapping/1", NULL}, *const minus[] = {"before", "behind", "none", NULL},
                             *const breaks[] = {"blank", NULL}, *const check[] = {"iso7064", NULL}, *const type[] = {"text",   "date",
                                                                                                                     "amount", "whole",
                                                                                                                     "words",  "code",
                                                                                                                     NULL},
                             *const encoding[] = {"utf-8",      "utf-16le",    "utf-16be", "windows-1252",
                                                  "iso-8859-1", "iso-8859-15", "cp850",    NULL};

    switch (kind) {
    case KEY_FORMAT: return format;
    case KEY_MINUS: return minus;
    case KEY_BREAKS: return breaks;
    case KEY_CHECK: return check;
    case KEY_TYPE: return type;
    case KEY_ENCODING: return encoding;
    default: return NULL;
    }
}
