/* Runs the template's rules over one record. */
#ifndef CHECK_RULES_H
#define CHECK_RULES_H

#include "read/record.h"

/* Adds a finding for every rule that does not hold. language: index into the template's. */
void rules_check(const struct template *t, const struct record *record, const struct sources *sources, size_t language,
                 struct findings *findings);

#endif
