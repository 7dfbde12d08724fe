/* filing.json: the file that an authority gets, as records of fields. templates/FORMAT.md says every key. */
#ifndef ARCHIVE_FILING_LAYOUT_H
#define ARCHIVE_FILING_LAYOUT_H

#include "layout/form.h"

/* What a record is there for, once each. */
enum filing_scope { FILING_BEGIN, FILING_SITE, FILING_CERTIFICATE, FILING_ROW, FILING_SITE_END, FILING_END };

/* Where a field's text comes from. FILING_SUM: over the certificates since the site's, or the file's, beginning. */
enum filing_source { FILING_TEXT, FILING_VALUE, FILING_SUM, FILING_COUNT, FILING_GIVEN, FILING_SHOW };

enum filing_encoding { FILING_UTF8, FILING_LATIN1, FILING_LATIN9 };
/* Of a number: it is never below zero; its sign stands first (a blank of zero), and it is never below zero; or may be. */
enum filing_sign { FILING_NO_SIGN, FILING_PLUS, FILING_MINUS };

struct filing_field {
    const char *name;
    int at, length; /* bytes, from 1; of separated records both 0 */
    enum filing_source source;
    const char *text;  /* of FILING_TEXT; of FILING_GIVEN the key */
    struct show show;  /* of FILING_SHOW */
    struct expr *e;    /* of FILING_VALUE and FILING_SUM */
    int plain;         /* the field of the form that the expression is, and nothing else; or -1 */
    int record;        /* of FILING_COUNT: index; -1: all records, the one at hand too */
    int skip;          /* bytes of the text that are left out before what is written */
    struct expr *when; /* where it is false, the field is as of an empty text or of zero; or NULL */
    int digits;        /* of numbers: after the point, which is not written */
    char fill;         /* 0: the type's usual one */
    bool figures;      /* of a text only its digits */
    bool cut;          /* a longer text is cut; else it is a mistake */
    bool required;     /* of FILING_GIVEN */
    bool exact;        /* a text shorter than the field is a mistake too */
    bool empty;        /* zero is written as nothing */
    enum filing_sign sign;
    const char *format;  /* of a date: DD, MM and YYYY, the rest as it stands */
    const char *beyond;  /* the letters beyond ASCII that stay, others become their ASCII letters; NULL: all that the encoding has */
    const json_t *table; /* the text is a key of it; borrowed; or NULL */
};

struct filing_record {
    const char *id, *element; /* of XML: its name, or another */
    enum filing_scope scope;
    int group;         /* of FILING_ROW */
    struct expr *when; /* or NULL */
    int needs;         /* it is there only where this record was, since the site's beginning or in the file; or -1 */
    int length;        /* the layout's, or its own */
    struct filing_field *fields;
    size_t count;
};

/* What certificates may have and the layout has no place for. */
struct filing_lack {
    struct expr *when;
    const char *what;
};

struct filing_layout {
    json_t *root; /* owned */
    const char *name, *source, *end, *between, *separator;
    const char *xml_root;         /* of XML: the root's name, and its attributes, borrowed; else NULL */
    const json_t *xml_attributes; /* or NULL */
    const char *point;            /* what stands in numbers before their last digits; "": nothing */
    const json_t *letters;        /* what is written in place of a letter; or NULL */
    bool verified, upper, ascii;
    enum filing_encoding encoding;
    int length; /* of each record; 0: they are separated, or XML */
    struct filing_record *records;
    size_t count;
    struct filing_lack *lacks;
    size_t lack_count;
};

/* Compiles <folder>/filing.json for the form t, in its arena; whether it is verified, template.json beside it says. False with err; the layout is
 * to be freed then too. */
bool filing_load(struct template *t, const char *folder, struct filing_layout *layout, struct tc_error *err);
void filing_free(struct filing_layout *layout);

#endif
