/* rules.json: what must hold for one certificate. */
#ifndef TEMPLATE_RULES_H
#define TEMPLATE_RULES_H

#include "template/template.h"

/* Compiles the rules into t. */
bool rules_load(struct template *t, const struct node *n);

#endif
