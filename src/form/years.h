/* Which years of a form there are, and what their folders are called. */
#ifndef FORM_YEARS_H
#define FORM_YEARS_H

#include <stdbool.h>

#include "base/error.h"

#define YEARS_NAME 12 /* bytes of a folder's name, with its end */
#define YEARS_FIRST 1900
#define YEARS_LAST 2999

/* The year of a folder of this name: YYYY, or YYYY-YY, which begins in one calendar year and ends in the next and counts as the first.
 * 0: the name is no year's. */
int years_of(const char *name);
/* The name of the year's folder below <root>/<id>. False with an error where there are forms of other years, but no folder of this one:
 * it names those that are there. */
bool years_find(const char *root, const char *id, int year, char name[YEARS_NAME], struct tc_error *err);
/* No form has the name that was asked for: false with an error that names those that are there; true where there is none. */
bool years_no_form(const char *root, struct tc_error *err);

#endif
