/* The words of a rule. What stands in braces in them is put in its place once, when the form is loaded. */
#ifndef FORM_WORDING_H
#define FORM_WORDING_H

#include "form/node.h"
#include "form/template.h"

/* Text, which stands at n, with what `sources` says in place of each {name}, in n's arena; NULL with n's error. */
const char *wording_of_source(const struct node *n, const struct node *sources, const char *text);
/* Text, which stands at n and is of the language, with each {parameter} of the template as `numbers` says that the language writes it: 8983.80 as
 * 8,983.80 where it says nothing. So a message may name a limit, and next year's form names next year's. NULL with n's error. */
const char *wording_of_message(const struct template *t, const struct node *n, const struct node *numbers, const char *language,
                               const char *text);
/* Whether `numbers` names languages of the template alone, each with both its signs. */
bool wording_check_numbers(const struct template *t, const struct node *numbers);

#endif
