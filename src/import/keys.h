/* The keys of a mapping as tables: what the linter asks and what the schema says come from the same. */
#ifndef IMPORT_KEYS_H
#define IMPORT_KEYS_H

#include <stdbool.h>
#include <stddef.h>

enum key_kind {
    KEY_TEXT,   /* not empty */
    KEY_NAME,   /* of a file, without folders */
    KEY_FORMAT, /* the mapping's own */
    KEY_ENCODING,
    KEY_LETTER,   /* one character */
    KEY_QUOTE,    /* one character, or null */
    KEY_POSITIVE, /* a whole number from 1 */
    KEY_DIGITS,   /* 0 to 9 */
    KEY_YEARS,    /* 0 to 99 */
    KEY_TRUTH,
    KEY_MINUS,
    KEY_BREAKS,
    KEY_TYPE,
    KEY_CHECK,
    KEY_ORDER, /* of a date */
    KEY_TEXTS, /* a list of texts */
    KEY_TEXT_OR_TEXTS,
    KEY_ANY,
    KEY_OBJECT,  /* any */
    KEY_PAYROLL, /* an object with a year */
    KEY_REF,     /* a column's name or number */
    KEY_REFS,    /* a list of them */
    KEY_COLUMN,
    KEY_COLUMNS, /* an object of columns */
    KEY_COLUMN_LIST,
    KEY_MONTHS, /* twelve columns or nulls */
    KEY_CHANGES,
    KEY_CONDITIONS,
    KEY_TOTALS,
    KEY_ENTRIES,
    KEY_TICKETS,
    KEY_SOURCES
};

struct key {
    const char *name;
    enum key_kind kind;
    bool required;
};

struct key_table {
    const char *name; /* in the schema's $defs */
    const struct key *keys;
    size_t count;
};

extern const struct key_table keys_mapping, keys_source, keys_column, keys_condition, keys_total, keys_entries, keys_tickets;

/* What is wanted there, as a constant sentence. */
const char *key_wanted(enum key_kind kind);
/* The table of an object of that kind, or of a list of such; NULL where there is none. */
const struct key_table *key_inner(enum key_kind kind);
/* The words that may stand there, ended by NULL; NULL where it is not one of a list. */
const char *const *key_words(enum key_kind kind);

#endif
