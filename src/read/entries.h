/* Monthly wage-type entries added up to the form's lines. */
#ifndef READ_ENTRIES_H
#define READ_ENTRIES_H

#include "base/json.h"

/* New copy of the certificate whose values hold the sums of its entries (amounts with two decimals) beside its other
 * values, and no entries; or NULL with *rule and *message (both constant): wage-type-unknown, amount-format,
 * amount-range, entries-differ, or memory. */
json_t *entries_add_up(const json_t *wage_types, const json_t *certificate, const char **rule, const char **message);

#endif
