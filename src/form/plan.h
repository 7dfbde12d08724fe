/* summary.json, compiled: the workbook's sheets, columns and groups, and how certificates and declarations are compared.
 * Lives in the template's arena. */
#ifndef FORM_PLAN_H
#define FORM_PLAN_H

#include "form/template.h"

enum sheet_kind {
    SHEET_OVERVIEW,
    SHEET_RECONCILIATION,
    SHEET_CERTIFICATES,
    SHEET_TOTALS,
    SHEET_ORIGIN,
    SHEET_DECLARATIONS,
    SHEET_FINDINGS,
    SHEET_HELD,
    SHEET_WITHOUT,
    SHEET_CORRECTIONS,
    SHEET_KINDS
};

enum column_kind { COLUMN_FIELD, COLUMN_ID, COLUMN_NUMBER, COLUMN_ESTABLISHMENT, COLUMN_FILE, COLUMN_CHANGE, COLUMN_ISSUED, COLUMN_KINDS };

/* Words of the sheets that are the same for every form; summary.json names their captions. */
enum label {
    LABEL_TITLE,
    LABEL_EMPLOYER,
    LABEL_FORM,
    LABEL_YEAR,
    LABEL_ISSUE_DATE,
    LABEL_DRAFT,
    LABEL_YES,
    LABEL_IDENTITY,
    LABEL_PAYROLL_HASH,
    LABEL_EMPLOYEES_HASH,
    LABEL_ALL_CHECKS,
    LABEL_CERTIFICATES,
    LABEL_ISSUED,
    LABEL_HELD,
    LABEL_WITHOUT,
    LABEL_UNEXPLAINED,
    LABEL_WARNINGS,
    LABEL_WAIVED,
    LABEL_CHECKS,
    LABEL_LIVE,
    LABEL_CONTROL,
    LABEL_CHECK,
    LABEL_PASSED,
    LABEL_FAILED,
    LABEL_UNCHECKED,
    LABEL_COUNT_CHECK,
    LABEL_HELD_CHECK,
    LABEL_ALL_COUNTED,
    LABEL_GROUPS_CHECK,
    LABEL_RECONCILED,
    LABEL_TOTALS,
    LABEL_SUBTOTAL,
    LABEL_SEVERITY,
    LABEL_RULE,
    LABEL_FILE,
    LABEL_POINTER,
    LABEL_MESSAGE,
    LABEL_REASON,
    LABEL_ERROR,
    LABEL_WARNING,
    LABEL_NO_REASON,
    LABEL_CERTIFICATE,
    LABEL_SOURCE,
    LABEL_APPROVED_BY,
    LABEL_WAIVED_ONE,
    LABEL_WAGE_TYPES,
    LABEL_MORE,
    LABEL_SIGN_PLACE,
    LABEL_SIGN,
    LABEL_GROUP_KIND,
    LABEL_GROUP_KEY,
    LABEL_GROUP_TEXT,
    LABEL_INDEX,
    LABEL_COUNT_COLUMN,
    LABEL_SUM,
    LABEL_NO_GROUP,
    LABEL_ESTABLISHMENT,
    LABEL_CALENDAR_YEAR,
    LABEL_CODE,
    LABEL_CODE_TEXT,
    LABEL_PAYROLL,
    LABEL_DECLARED,
    LABEL_DIFFERENCE,
    LABEL_ALL,
    LABEL_CAUSES,
    LABEL_PERIOD,
    LABEL_AMENDED,
    LABEL_COUNTS_ONE,
    LABEL_ORIGINAL,
    LABEL_NO_DECLARATIONS,
    LABEL_REASON_HELD,
    LABEL_REASON_UNREADABLE,
    LABEL_REASON_INCOMPLETE,
    LABEL_REASON_MISSING,
    LABEL_REASON_NONE_DECLARED,
    LABEL_REASON_OTHER,
    LABEL_REASON_SAME,
    LABEL_REASON_OTHER_YEAR,
    LABEL_REASON_CORRECTION,
    LABEL_REASON_GENERAL,
    LABEL_LINE,
    LABEL_WAGE_TYPE,
    LABEL_TEXT,
    LABEL_MONTHS,
    LABEL_ORIGIN_MORE,
    LABEL_BY_PERIOD,
    LABEL_CORRECTS,
    LABEL_CHANGE,
    LABEL_CHANGE_CORRECTION,
    LABEL_CHANGE_CANCELLATION,
    LABEL_CHANGE_LATE,
    LABEL_BEFORE,
    LABEL_AFTER,
    LABEL_OTHER_ROWS,
    LABEL_BRIDGE,
    LABEL_REPLACES,
    LABEL_REPLACED,
    LABEL_CHANGE_REPLACEMENT,
    LABEL_REFUSED,
    LABEL_BALANCE,
    LABEL_FIRST,
    LABEL_INCOMPLETE,
    LABEL_OPEN_HELD,
    LABEL_OPEN_REFUSED,
    LABEL_EXPLAINED,
    LABEL_SUMS_CHECK,
    LABEL_OPEN_SUMS,
    LABEL_OPEN_MONTHS,
    LABEL_AREA,
    LABEL_DECIMAL,
    LABEL_REASON_CHANGES,
    LABEL_REASON_CHANGES_COUNT,
    LABEL_REASON_DOUBLED,
    LABEL_REASON_TWICE,
    LABEL_REASON_NEXT,
    LABEL_REASON_NOT_GIVEN,
    LABEL_REASON_CODES,
    LABEL_REASON_SITES,
    LABEL_REASON_NO_CERTIFICATES,
    LABEL_REASON_OPEN,
    LABEL_REASON_FLAT,
    /* Forms of earlier runs lack these; plan.c says what stands in for each. */
    LABEL_REMARK,
    LABEL_DECLARATION_KIND,
    LABEL_NO_ROWS,
    LABEL_UNVERIFIED,
    LABEL_CALCULATED,
    LABEL_MISCALCULATED,
    LABEL_NOT_RECONCILED,
    LABEL_NO,
    LABEL_COUNT
};

struct plan_column {
    enum column_kind kind;
    int field;          /* of COLUMN_FIELD */
    int group;          /* that the field is of: its amounts are added up, anything else stands side by side; or -1 */
    const char *id;     /* the field's or the kind's: the column's name in summary.csv */
    const char *title;  /* with the line's number */
    const char *head;   /* the same above its column: broken where the caption says */
    int width;          /* characters */
    bool page;          /* a printed page begins here, where several lie side by side */
    const char *name;   /* the range's name in formulas, or NULL */
    const char *values; /* what the caption keys of the values' words begin with, or NULL */
};

/* Certificates of one value of a field belong together. */
struct plan_group {
    const char *title;
    int field, text; /* text: field with the value's name, or -1 */
    const char *values;
    bool chart;
};

#define PLAN_GROUPS_MAX 16
#define PLAN_SUM_MAX 4
#define PLAN_WORDS 2
#define PLAN_MARK_FIELDS (2 * PLAN_WORDS)
#define PLAN_CODES_MAX 32
#define PLAN_FLATS_MAX 4

/* Tax that is declared by itself, on lines of no certificate, and in others beside what certificates have: a share of those. */
struct plan_flat {
    int of[PLAN_SUM_MAX]; /* codes that it is a share of */
    size_t of_count;
    int unless; /* code: where it is declared there is no share; -1: none */
    struct decimal least, most;
};

/* A line of the declaration that is the sum of others. */
struct plan_total {
    int code;
    int add[PLAN_CODES_MAX], subtract[PLAN_CODES_MAX]; /* codes */
    size_t add_count, subtract_count;
};

/* A line of the declaration. */
struct plan_code {
    const char *code;         /* NULL: what the marks give to no code */
    const char *title, *note; /* note: why it is not checked; or NULL */
    const char *head;         /* the title above a column */
    int sum[PLAN_SUM_MAX];    /* fields of the certificate that it is compared with */
    size_t sum_count;         /* 0: it is by marks */
    const char **marks;
    size_t mark_count;
    bool checked;
    bool chart; /* drawn by period in the overview; where none is, the first that is checked */
    int flat;   /* index of the plan_flat, or -1 */
    bool count; /* declared only: a number of people, no amount */
};

/* A field that Korrekturen shows besides the columns; of a group: one of its rows' cells. */
struct plan_change {
    const char *title;
    int field, group; /* group -1: outside of groups */
    const char *values;
};

struct plan_shown {
    const char *title, *head;
    int field; /* of the establishment */
    int width; /* characters */
};

struct plan {
    const char *titles[SHEET_KINDS]; /* NULL: the workbook has no such sheet */
    const char *dates;               /* how cells show dates: DD, MM and YYYY with signs between; NULL: as the workbook does */
    enum sheet_kind order[SHEET_KINDS];
    size_t sheet_count;
    struct plan_column *columns;
    size_t column_count;
    bool *columned; /* by field: it has a column */
    struct plan_change *changes;
    size_t change_count;
    struct plan_group *groups;
    size_t group_count;
    struct plan_code *codes;           /* those that are compared with certificates first */
    size_t code_count, declared_count; /* compared; all that are read */
    struct plan_flat flats[PLAN_FLATS_MAX];
    size_t flat_count;
    struct plan_total *totals;
    size_t total_count;
    const char *corrected;             /* the code that marks a declaration as a correction; or NULL */
    int together;                      /* text of the establishment: those that have the same are compared together; -1: each by itself */
    int norm, norm_by;                 /* identifier that rewrites that text, and the text that says which of its variants; or -1 */
    int mark_group, mark_column;       /* whose words say which code a field belongs to; -1: no code is by marks */
    const char *mark_none;             /* the word that is no mark */
    int mark_fields[PLAN_MARK_FIELDS]; /* the words' fields by turns; -1: none */
    struct plan_shown *shown;          /* of each establishment, in the reconciliation */
    size_t shown_count;
    const char **causes;
    size_t cause_count;
    const char **declared; /* every code a declaration may have, ended by NULL; NULL: any */
    const char *labels[LABEL_COUNT];
    const char *heads[LABEL_COUNT]; /* the same above columns */
};

/* <template folder>/summary.json. Borrowed from the template; NULL with err. */
struct plan *plan_load(struct template *t, struct tc_error *err);
/* Whether a declaration's amounts hold a mark that says that it corrects another one. */
bool plan_marks_correction(const struct plan *p, const json_t *values);
/* The value's word where the column or group has words for its values, else the value. Borrowed. */
const char *plan_word(const struct template *t, const char *values, const char *value);

#endif
