/* A form's input as JSON Schema (2020-12). */
#ifndef FORMS_SCHEMA_H
#define FORMS_SCHEMA_H

#include "layout/form.h"

/* New reference: a schema with payroll and employees under $defs; the root takes either. NULL when memory ran out. */
json_t *schema_make(const struct template *t, const struct form *form, const struct form *letter);

#endif
