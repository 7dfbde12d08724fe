/* form.json, compiled: the page everyone has and, by slot, what is put there for one person. */
#ifndef LAYOUT_FORM_H
#define LAYOUT_FORM_H

#include "form/template.h"
#include "layout/page.h"

enum align { ALIGN_LEFT, ALIGN_RIGHT };

struct style {
    const char *name;
    int size, least; /* tenths of a point; least is how far a text may shrink to fit */
    int leading;     /* hundredths of a millimetre */
    bool bold;
};

struct show;

/* A piece of a shown text: words as they are, a field with what stands before and after it, or a text in the text. */
struct part {
    const char *literal;
    int field;          /* or -1 for a literal */
    const char *format; /* NULL is the type's usual one */
    const char *before, *after;
    const char *values; /* what the keys of the captions begin with that stand for the field's values, or NULL */
    bool nonzero;       /* a number that is zero is as absent */
    const char *zero;   /* what stands here for a number that is zero; NULL: the number */
    const char *absent; /* what stands here where the field is absent; NULL: as optional says */
    bool optional;      /* an absent field leaves only this part out, not the whole text */
    struct show *inner; /* a text of its own, of which an absent field leaves only this part out; or NULL */
};

struct show {
    struct part *parts;
    size_t count;
};

/* What a line of a stack shows: the first, or where that stays empty, the other, which may have no parts. */
struct stack_line {
    struct show first, other;
};

/* SLOT_WORDS: the same words for everyone, there or not. SLOT_MORE: a further line of the slot before. SLOT_FREE: of a free row.
 * SLOT_CONDITION: never drawn; the slots after it, up to `until`, are filled only where it holds. */
enum slot_kind { SLOT_SHOW, SLOT_MAJOR, SLOT_MINOR, SLOT_LINE, SLOT_WORDS, SLOT_MORE, SLOT_FREE, SLOT_CONDITION };

/* What of a free row's line stands in a slot. */
enum free_part { FREE_NUMBER, FREE_TEXT, FREE_MAJOR, FREE_MINOR, FREE_VALUE };

/* What a slot asks of its amount. */
enum wanted { WANTED_ANY, WANTED_SOME /* there and not zero */, WANTED_NONE /* absent or zero */ };

struct slot {
    enum slot_kind kind;
    struct show show;    /* of SLOT_SHOW; SLOT_MAJOR, SLOT_MINOR and SLOT_WORDS use its first part's field */
    const char *words;   /* of SLOT_WORDS */
    enum wanted wanted;  /* of amounts and SLOT_WORDS */
    int lines;           /* of SLOT_SHOW: how many slots from this one on its text may fill, where it is longer than one line; 0 is 1 */
    bool apart;          /* a text of several lines stands in the slots after this one */
    int row;             /* which row of the field's group, in the order of struct form_group; -1 outside of groups */
    int stack, line;     /* of SLOT_LINE */
    enum free_part part; /* of SLOT_FREE; row is then that of the table's free rows */
    int x, y, width;     /* width 0: as long as the text is */
    enum align align;
    const struct style *style; /* NULL of SLOT_CONDITION */
    struct expr *when;         /* of SLOT_CONDITION */
    int until;
};

/* Lines of which empty ones are left out, such as an address. */
struct stack {
    struct stack_line *shows;
    size_t count;
    int lines; /* room */
};

/* What may stand in a free row for each row of a group: the lines of a group follow each other. One with a number is left out where it
 * has no value. */
struct free_line {
    int group;
    const char *number;             /* with a blank after it; or NULL */
    struct show text, value, other; /* other may have no parts: shown where the value stays empty */
};

/* How a group's rows are shown. */
struct form_group {
    int order_by; /* field to order by, or -1 for the input's order */
    bool descending;
    int until;              /* date field of the form: rows of a later date in order_by come last; or -1 */
    int shown;              /* rows that fit; 0: the group is not on the form */
    int attached;           /* rows that are attached for machines: those shown, or all */
    enum severity overflow; /* of more rows */
    bool silent;            /* more rows are meant not to be shown: no finding */
};

/* Whether a field's value stands on the form. */
enum printed { PRINTED_NEVER, PRINTED_ABROAD /* where it is not the home country */, PRINTED_ALWAYS };

/* What a page may be marked as, across everything else. Sets of them are added up. */
enum mark { MARK_DRAFT = 1, MARK_DUPLICATE = 2, MARK_CORRECTION = 4, MARK_VOID = 8 /* that a form need not have */ };

#define FORM_SIGN_MAX 5 /* bytes of a sign in numbers, with its end */

/* form.json is a certificate's page, letter.json that of the letter of a cancellation. */
enum form_kind { FORM_CERTIFICATE, FORM_LETTER };

struct form {
    enum form_kind kind;
    struct page page;
    unsigned char *printed; /* by field: enum printed */
    struct slot *slots;     /* by slot number */
    size_t slot_capacity;
    struct stack *stacks;
    size_t stack_count, stack_capacity;
    struct form_group *groups; /* by the template's group index */
    struct free_line *free_lines;
    size_t free_count;
    int free_rows; /* that all of them share */
    int free_slot; /* the first one's text */
    struct style *styles;
    size_t style_count;
    const char *decimal, *thousands, *home_country;
    const char *country_captions; /* what the keys of countries' names begin with */
    unsigned marks;               /* that the page carries: a set of enum mark */
    const char *title;            /* of the document: the template's or the letter's, and the words of its marks */
};

/* Compiles <template folder>/form.json or letter.json. The form borrows from t and must be freed before it.
 * marks: a set of enum mark, which the page then carries. */
bool form_load(struct template *t, enum form_kind kind, const struct font *regular, const struct font *bold, unsigned marks,
               struct form *form, struct tc_error *err);
/* Compiles a show that stands on no page, such as a text of a file; of this group, or -1. It lives in the node's arena. */
bool form_load_show(struct template *t, const struct node *n, int group, struct show *show);
/* The first field that the show has, in a text of its own too; -1: none. */
int form_show_field(const struct show *show);
/* The name of the kind's file. */
const char *form_file(enum form_kind kind);
/* The mark of this name, as form.json has it, or 0. */
unsigned form_mark(const char *name);
/* The name of a mark, as form.json has it; NULL behind the last one. */
const char *form_mark_name(int index);
void form_free(struct form *form);

#endif
