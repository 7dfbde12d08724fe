/* rules.json: what must hold for one certificate. */
#ifndef FORM_RULES_H
#define FORM_RULES_H

#include "form/template.h"

/* Compiles the rules into t. */
bool rules_load(struct template *t, const struct node *n);

#endif
