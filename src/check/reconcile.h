/* What was certified against what was declared during the year: by establishment and wage year, line of the declaration
 * by line. */
#ifndef CHECK_RECONCILE_H
#define CHECK_RECONCILE_H

#include "form/plan.h"
#include "input/record.h"

#define RECONCILE_MONTHS 12

/* One declaration of the input. */
struct declaration {
    size_t establishment;  /* index in the input */
    const char *period;    /* as given: YYYY-MM, YYYY-Qn or YYYY. Borrowed */
    int year, first, last; /* months of the period */
    int wage_year;         /* the year that the wages belong to */
    bool corrected;
    bool counts;                                       /* it is the last of its period */
    int group;                                         /* index of the reconcile_group */
    int64_t *amounts;                                  /* by the plan's declared code, minor units or a count */
    bool *given;                                       /* by the plan's declared code: it is in the input */
    int64_t low[PLAN_FLATS_MAX], high[PLAN_FLATS_MAX]; /* what flat-rate tax explains, by the plan's flat: at least and at most */
    bool wrong;                                        /* a total that is declared is not what its lines add up to */
};

enum reconcile_state { RECONCILE_UNCHECKED /* nothing was declared, or for wages of another year */, RECONCILE_EQUAL, RECONCILE_DIFFERENT };

/* Why a difference may be, where the data shows it. */
enum reconcile_reason {
    REASON_NONE,
    REASON_CHANGES /* what was corrected, cancelled or late after the first run */,
    REASON_CORRECTION /* without a corrected declaration it would be equal; about: it */,
    REASON_OTHER /* about: group with the same difference the other way */,
    REASON_DOUBLED /* about: a declaration that is there twice */,
    REASON_TWICE /* about: one with twice the amount */,
    REASON_NEXT /* about: one for another year's wages */,
    REASON_CODES /* about: code with the same difference the other way */,
    REASON_NO_CERTIFICATES,
    REASON_NOT_GIVEN /* declarations without the code; about: the first */,
    REASON_SITES /* groups that cancel out together */,
    REASON_NONE_DECLARED,
    REASON_MISSING /* periods */,
    REASON_OPEN /* what no other explains */,
    REASON_GENERAL
};

struct reconcile_cause {
    enum reconcile_reason reason;
    size_t about;
    int64_t amount; /* that it explains */
};

#define RECONCILE_CAUSES 3

/* The certificates of one wage year, and of establishments that are compared together. */
struct reconcile_group {
    size_t establishment; /* the first of them */
    int wage_year;
    long issued_count, held_count, declared_count;
    long incomplete;                   /* of those held back: an amount of theirs could not be read and is in no sum */
    int64_t *issued, *held, *declared; /* by code */
    int64_t *low, *high;               /* by code: what flat-rate tax explains of it */
    int64_t *changed;                  /* by code: what was added to it after the first run */
    long *changes;                     /* by code: how many changes did so */
    const char **changer;              /* by code: the id of the last of them */
    uint16_t *months;                  /* by code, bit by month of the wage year: it is declared */
    uint16_t worked, covered;          /* months that certificates are about; that are declared */
    enum reconcile_state *states;      /* by code; of codes that are checked */
    struct reconcile_cause *causes;    /* by code, RECONCILE_CAUSES each; of codes that differ */
};

/* Where a certificate belongs: numbers from 1, also written beside its row. 0: nowhere. */
struct reconcile_place {
    int group;
    int codes[PLAN_WORDS]; /* of the fields that go by marks; 0 too where the field is absent */
};

struct reconcile {
    const struct template *t;
    const struct plan *plan;
    const json_t *establishments;     /* borrowed */
    const char **ids;                 /* of the establishments */
    size_t establishment_count, last; /* last: the one found last */
    size_t *alike;                    /* by establishment: the first that it is compared together with */
    size_t *site_group;               /* by establishment: its group of the form's year */
    struct declaration *declarations;
    size_t declaration_count;
    struct reconcile_group *groups; /* the form's year first */
    size_t group_count;
    struct reconcile_group all; /* the form's year of all establishments */
    long unreadable;            /* held back certificates that could not be read: in no group */
    struct arena arena;
};

/* New, or NULL with err: a declaration that is not as it should be, for money would be lost. establishments and declarations
 * are of the payroll's head, which file names; both are borrowed. */
struct reconcile *reconcile_new(const struct template *t, const struct plan *plan, const json_t *establishments, const json_t *declarations,
                                const char *file, struct tc_error *err);
/* A certificate; establishment and record NULL where it could not be read. False where a sum is too large. */
bool reconcile_add(struct reconcile *r, const char *establishment, const struct record *record, bool issued, struct reconcile_place *place,
                   struct tc_error *err);
/* What was changed after the first run: a certificate's record before and after; either NULL. All texts outlive the call. */
bool reconcile_change(struct reconcile *r, const char *id, const char *site_before, const struct record *before, const char *site_after,
                      const struct record *after, struct tc_error *err);
/* Compares, and looks for reasons. */
void reconcile_close(struct reconcile *r);
/* Index of that code; -1: there is none. */
int reconcile_rest(const struct reconcile *r);
/* Of declared - (issued + held back): what is left over after flat-rate tax; what flat-rate tax and certificates without a code explain; and the
 * rest: the difference. */
int64_t reconcile_left(const struct reconcile *r, const struct reconcile_group *g, size_t code);
int64_t reconcile_declared(const struct reconcile *r, const struct reconcile_group *g, size_t code);
int64_t reconcile_explained(const struct reconcile *r, const struct reconcile_group *g, size_t code);
int64_t reconcile_difference(const struct reconcile *r, const struct reconcile_group *g, size_t code);
/* Months that certificates are about and no declaration. */
uint16_t reconcile_missing(const struct reconcile *r, const struct reconcile_group *g);
long reconcile_missing_count(const struct reconcile *r);
/* Declarations that count and whose totals do not add up. */
long reconcile_wrong_count(const struct reconcile *r);
/* Over all groups and checked codes; *different: how many differ. */
enum reconcile_state reconcile_all(const struct reconcile *r, long *different);
/* An establishment's text, as JSON has it, or "". Borrowed. */
const char *reconcile_shown(const struct reconcile *r, size_t establishment, int field);
const char *reconcile_establishment(const struct reconcile *r, size_t establishment);
void reconcile_free(struct reconcile *r);

#endif
