/* What was certified against what was declared during the year: by establishment and wage year, line of the declaration
 * by line. */
#ifndef CHECK_RECONCILE_H
#define CHECK_RECONCILE_H

#include "form/plan.h"
#include "input/record.h"

#define RECONCILE_MONTHS 12

/* One declaration of the input. */
struct declaration {
    size_t establishment; /* index in the input */
    const char *period;   /* as given: YYYY-MM, YYYY-Qn or YYYY. Borrowed */
    int year, first, last; /* months of the period */
    int wage_year;        /* the year that the wages belong to */
    bool corrected;
    bool counts;          /* it is the last of its period */
    int group;            /* index of the reconcile_group */
    int64_t *amounts;     /* by the plan's code, minor units */
    bool *given;          /* by the plan's code: it is in the input */
};

enum reconcile_state { RECONCILE_UNCHECKED /* nothing was declared, or for wages of another year */, RECONCILE_EQUAL, RECONCILE_DIFFERENT };

/* Why a difference may be, where the data shows it. */
enum reconcile_reason { REASON_NONE, REASON_MISSING /* periods */, REASON_OTHER /* group with the same difference the other way */,
                        REASON_CORRECTION /* without a correction it would be equal */, REASON_GENERAL };

/* The certificates of one establishment and wage year. */
struct reconcile_group {
    size_t establishment;
    int wage_year;
    long issued_count, withheld_count, declared_count;
    long incomplete; /* of those withheld: an amount of theirs could not be read and is in no sum */
    int64_t *issued, *withheld, *declared; /* by code */
    uint16_t *months;       /* by code, bit by month of the wage year: it is declared */
    enum reconcile_state *states; /* by code; of codes that are checked */
    enum reconcile_reason *reasons; /* by code; of codes that differ */
    size_t *about;          /* by code: the other group, or the correction's index among the declarations */
};

/* Where a certificate belongs: numbers from 1, also written beside its row. 0: nowhere. */
struct reconcile_place {
    int group;
    int codes[PLAN_WORDS]; /* of the fields that go by marks; 0 too where the field is absent */
};

struct reconcile {
    const struct template *t;
    const struct plan *plan;
    const json_t *establishments; /* borrowed */
    const char **ids; /* of the establishments */
    size_t establishment_count, last; /* last: the one found last */
    struct declaration *declarations;
    size_t declaration_count;
    struct reconcile_group *groups; /* the form's year first: group i is establishment i */
    size_t group_count;
    struct reconcile_group all; /* the form's year of all establishments */
    long unreadable; /* withheld certificates that could not be read: in no group */
    struct arena arena;
};

/* New, or NULL with err: a declaration that is not as it should be, for money would be lost. establishments and declarations
 * are of the payroll's head, which file names; both are borrowed. */
struct reconcile *reconcile_new(const struct template *t, const struct plan *plan, const json_t *establishments,
                                const json_t *declarations, const char *file, struct tc_error *err);
/* A certificate; establishment and record NULL where it could not be read. False where a sum is too large. */
bool reconcile_add(struct reconcile *r, const char *establishment, const struct record *record, bool issued,
                   struct reconcile_place *place, struct tc_error *err);
/* Compares, and looks for reasons. */
void reconcile_close(struct reconcile *r);
/* declared - (issued + withheld). */
int64_t reconcile_difference(const struct reconcile_group *g, size_t code);
/* Over all groups and checked codes; *different: how many differ. */
enum reconcile_state reconcile_all(const struct reconcile *r, long *different);
/* An establishment's text, as JSON has it, or "". Borrowed. */
const char *reconcile_shown(const struct reconcile *r, size_t establishment, int field);
const char *reconcile_establishment(const struct reconcile *r, size_t establishment);
void reconcile_free(struct reconcile *r);

#endif
