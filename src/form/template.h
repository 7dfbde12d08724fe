/* A form of one country and year: a folder of JSON files, compiled when it is loaded. Names become indices and
 * expressions become trees; nothing here changes afterwards, so workers share it. templates/FORMAT.md says every key. */
#ifndef FORM_TEMPLATE_H
#define FORM_TEMPLATE_H

#include "base/arena.h"
#include "base/datum.h"
#include "base/finding.h"
#include "base/json.h"
#include "form/expr.h"
#include "form/identifier.h"
#include "form/names.h"
#include "form/spelling.h"
#include "form/node.h"

enum field_type {
    FIELD_MONEY,   /* number: minor units */
    FIELD_COUNT,   /* number */
    FIELD_DECIMAL, /* number: units of 10^-digits */
    FIELD_TEXT,
    FIELD_LETTERS, /* text: the letters in input order, joined by blanks */
    FIELD_YEAR,    /* number */
    FIELD_MONTHS,  /* number: the first month times 100 plus the last */
    FIELD_DATE,    /* number: yyyymmdd */
    FIELD_CROSS,   /* number: 1 */
    FIELD_UNUSED   /* a line that the form prints without a value; a value is an error */
};

/* Where a field's value stands in the input. */
enum field_place {
    PLACE_VALUES, /* /certificates/N/values */
    PLACE_FACTS,  /* /certificates/N/facts */
    PLACE_CERTIFICATE,
    PLACE_EMPLOYEE,
    PLACE_ADDRESS, /* the employee's mailing_address, else address */
    PLACE_EMPLOYER,
    PLACE_ESTABLISHMENT,
    PLACE_RUN,        /* issued, year, allow_test_ids, draft */
    PLACE_CORRECTION, /* /certificates/N/correction */
    PLACE_LETTER,     /* of a cancellation's letter: certificate, issued, reason, other */
    PLACE_BEFORE,     /* of a correction: as it was in the certificate that it corrects. None of these four is what is certified */
    PLACE_COUNT
};

/* What a field of PLACE_BEFORE has: its value of then; or only where that is another now, that of then, or that of now. */
enum changed { CHANGED_ANY, CHANGED_THEN, CHANGED_NOW };

#define FIELD_STEPS_MAX 4
#define TEMPLATE_ENTRIES_MAX 10000 /* fields, columns of groups counted; parameters; identifiers; rules */
#define TEMPLATE_TERMS_MAX 500
#define TEMPLATE_TERM_DEPTH_MAX 16 /* terms that use terms */

struct field {
    const char *id;
    const char *key; /* "id": in JSON */
    size_t key_length;
    const char *pointer; /* in template.json */
    enum field_type type;
    enum expr_type expr_type; /* what it is to expressions */
    enum field_place place;
    const char *steps[FIELD_STEPS_MAX]; /* keys from the place down */
    uint64_t marks[FIELD_STEPS_MAX];    /* theirs, see datum_mark */
    int step_count;
    const char *title; /* the words of a field that the workbook does not name, or NULL */
    int group;         /* index of the group this is a column of, or -1 */
    int before;        /* of PLACE_BEFORE: the field whose value it was; else -1 */
    enum changed changed;
    bool pairs; /* of a group of PLACE_BEFORE: what rows of then and now belong together by */
    int digits; /* after the point, of money and decimals; else 0 */
    int64_t least, most;
    int longest;                     /* characters of a text or letter */
    const struct spellings *read_as; /* of a text: ways to write what can stand there; NULL: none */
    const char **allowed;            /* of text and letters; NULL is any */
    size_t allowed_count;
    bool required;
    bool control;          /* summed up for the closing line and the overview */
    bool find;             /* people are looked for by it, and told apart */
    bool aside;            /* no part of the certificate: what cannot be read is absent, and holds back nobody */
    struct expr *computed; /* of fields that are not read */
    struct expr *where;    /* the condition for a computed field to be there; NULL: always */
};

/* What must be known of a field to pass it by where a record does not have it, as most records have few. */
struct template_read {
    uint64_t bit; /* of its path's first key, see datum_bit */
    int field;
    enum field_place place;
    bool required;
};

/* A list of objects of a certificate, such as the deduction features. Its fields stand together. */
struct group {
    const char *id;
    size_t first, count; /* fields */
    int least, most;     /* rows */
    int before;          /* of a correction: the group whose rows of then it has, its fields are of PLACE_BEFORE; else -1 */
    bool changed;        /* only what is another now, of rows that belong together */
};

struct parameter {
    const char *name, *text; /* as it was given: 5.5% */
    struct decimal value;
};

/* A named expression that rules share: evaluated once a certificate at most. A number, a condition or a date. */
struct term {
    const char *name;
    struct expr *e;
    int depth; /* 1, and one more than the deepest term that it uses */
};

/* What is compared among the certificates of one person, where a rule is not about one record. */
enum across_kind {
    ACROSS_NOT,
    ACROSS_SAME /* period and amounts */,
    ACROSS_OVERLAP /* of periods */,
    ACROSS_NUMBERS /* personnel numbers */,
    ACROSS_PEOPLE /* what the rule's fields say of those of several personnel numbers */
};

/* What a rule is about, where it is not about every certificate. */
enum rule_about { RULE_ALL, RULE_FIRST /* not of corrections */, RULE_CORRECTION };

/* What is compared with the certificate that is corrected, or in whose place this one comes. */
enum rule_compared {
    COMPARED_NOT,
    COMPARED_CHANGED /* one of the fields at least is another: corrections only */,
    COMPARED_ONLY /* nothing but these is another, and one of them is; of no fields: nothing is. Corrections only */,
    COMPARED_KEPT /* all are there, and as they were */,
    COMPARED_AGREE /* among one person's certificates: with ACROSS_PEOPLE alone */
};

struct rule {
    const char *id, *source;
    enum rule_about about;
    enum rule_compared compared;
    int *fields; /* that are compared */
    size_t field_count;
    enum across_kind across; /* else there is an assertion */
    enum severity severity;
    bool waivable;                 /* an error that somebody may answer for */
    bool waivable_at_once;         /* for all certificates of a run by one line */
    int each;                      /* group whose rows are tested one by one, or -1 */
    int field;                     /* which the finding points at */
    struct expr *when, *assertion; /* either may be NULL; without an assertion the rule never holds where it applies */
    const char **messages;         /* one a language */
};

#define DELIVERY_NAMES 4
#define DELIVERY_NEEDED 8
#define DELIVERY_LINES 8 /* of an address */

/* Texts, outside of groups, that say how a certificate goes out, and to whom. */
struct delivery {
    bool there;                  /* else the form says nothing of it */
    int channel, mailbox;        /* how it is to go out; an address for mail */
    int postcode, country;       /* of the address */
    int postcodes;               /* identifier that an inland postcode is valid by; -1: any is */
    int cost_centre;             /* to sort by; -1 where the form has none */
    int names[DELIVERY_NAMES];   /* to sort by, the most important first */
    int needed[DELIVERY_NEEDED]; /* without one of these nothing reaches anybody by post */
    size_t name_count, needed_count;
    struct delivery_line { /* of the address as it is written; what stands in it beside each other */
        int fields[DELIVERY_NAMES];
        size_t count;
    } lines[DELIVERY_LINES];
    size_t line_count;         /* 0: the form does not say */
    const char *print, *email; /* the channel's words for paper and for mail */
    const char *home;          /* the country whose post is inland */
    int mark[2];               /* where a print file's mark stands, in hundredths of a millimetre; -1: the form does not say */
};

struct template
{
    struct arena arena;
    bool stored; /* a run's copy, by which certificates went out: what it may say was said by earlier versions */
    const char *folder, *id, *currency;
    const char *title;      /* words: the document's name */
    int year, digits;       /* of money */
    struct names names;     /* of fields, groups, parameters, identifiers, terms and rules: their indices */
    const char **languages; /* of rule messages; the first is the form's */
    size_t language_count;
    struct field *fields;
    size_t field_count;
    struct template_step *steps; /* steps.c */
    size_t step_slots;
    struct template_read *reads; /* the fields that the input has outside of groups, in their order */
    size_t read_count;
    int *computed; /* fields, in their order */
    size_t computed_count;
    struct group *groups;
    size_t group_count;
    struct parameter *parameters;
    size_t parameter_count;
    struct identifier *identifiers;
    size_t identifier_count;
    struct spellings *spellings;
    size_t spelling_count;
    struct term *terms; /* each uses those before it alone */
    size_t term_count;
    struct rule *rules;
    size_t rule_count;
    struct graph *graph; /* of the rules' conditions */
    int *fixed;          /* texts of employer and establishments that are the same all year: other ones are another employer's */
    size_t fixed_count;
    bool boxes;                              /* what is numbered are boxes, and not lines: findings and totals call them so */
    bool filing_verified, filing_unverified; /* what the form says of its filing.json; neither: it says nothing */
    bool person_changes;                     /* a correction may change who somebody is: the personnel number says that it is the same */
    int person;                              /* field that says who somebody is, among the employees; -1 where there is none */
    int period[2];                           /* fields: first and last day of a certificate */
    struct delivery delivery;
    json_t *captions; /* the form's language; owned */
    json_t *seen;     /* caption key to where its wording was seen, or null where it was not; owned, or NULL */
};

/* New template from <root>/<id>/<year>, or NULL with err: file, JSON pointer and what is wrong. */
struct template *template_load(const char *root, const char *id, int year, struct tc_error *err);
/* The same from a folder anywhere, such as a run's copy; id and year are what template.json says. */
struct template *template_load_folder(const char *folder, struct tc_error *err);
/* The same without its rules, to read what was certified: they are most of what there is to load. */
struct template *template_load_fields(const char *folder, struct tc_error *err);
void template_free(struct template *t);

/* Index of the field, or -1. group -1: fields outside of groups. */
int template_field(const struct template *t, const char *id, int group);
/* A field that goes through the member's key, so many steps below the place or a row of the group; one that is read where there is one.
 * NULL: none does. */
const struct field *template_step(const struct template *t, enum field_place place, int group, int depth, const struct datum *member);
/* False with an error where the entries of the list are more than a form may have. */
bool template_limit(const struct node *list, size_t count);
/* Makes the index for template_step, reads and computed, when all fields are known. False when memory ran out. */
bool template_index_steps(struct template *t);
/* The words of a caption key in the form's language, or NULL. Borrowed. */
const char *template_caption(const struct template *t, const char *key);
/* What a file of the form names and the form does not have: told with the name that is most like it. Each returns false. group: the one whose fields
 * count beside those outside of groups, or -1; captions: the object of them. */
bool template_no_field(const struct template *t, const struct node *n, const char *id, int group);
bool template_no_group(const struct template *t, const struct node *n, const char *id);
bool template_no_caption(const json_t *captions, const struct node *n, const char *key);
/* Compiles an expression over the template's fields (those of a group too where each is not -1), its parameters and
 * identifiers, and the terms loaded so far. Slots: field indices, then parameters, then terms. NULL with the node's error. */
struct expr *template_expr(const struct template *t, const struct node *n, int each);
/* The same, where [*] means the field `about`. */
struct expr *template_expr_about(const struct template *t, const struct node *n, int each, int about);

/* rules.c: compiles rules.json, whose root this is, into t: what must hold for one certificate. */
bool template_load_rules(struct template *t, const struct node *n);

#endif
