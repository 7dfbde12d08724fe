/* Runs the template's rules over one record. */
#ifndef CHECK_JUDGE_H
#define CHECK_JUDGE_H

#include "check/waivers.h"
#include "input/record.h"
#include "input/wages.h"

/* How a run checks; read-only but for the waivers' marks. */
struct rules_run {
    const struct template *t;
    struct waivers *waivers;   /* or NULL */
    const struct wages *wages; /* or NULL */
    size_t language;           /* of what is told; what is kept is in the form's own, the first */
};

/* The certificate that was there before: the one that is corrected, or the cancelled one in whose place this one comes. */
struct rules_before {
    const struct record *record; /* NULL: there was none */
    bool corrected;              /* this one corrects it */
};

/* Adds a finding for every rule that does not hold for this certificate. */
void rules_check(const struct rules_run *run, const char *certificate, const struct record *record, const struct rules_before *before,
                 const struct sources *sources, struct findings *findings);

/* Adds the finding that this rule does not hold, or that it is waived. row: of its group, or -1. other: id of another certificate that it is about, or NULL. */
void rules_report(const struct rules_run *run, const char *certificate, const struct rule *rule, int row, const char *other,
                  const struct sources *sources, struct findings *findings);

#endif
