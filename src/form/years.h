/* Which years of a form there are: for who asks for one that is not there. */
#ifndef FORM_YEARS_H
#define FORM_YEARS_H

#include <stdbool.h>

#include "base/error.h"

/* False with an error where <root>/<id> has forms of other years, but no folder of this one: it names those that are there. */
bool years_has(const char *root, const char *id, int year, struct tc_error *err);

#endif
