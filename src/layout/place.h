/* Puts one record on the page, as a form's form.json and captions say. */
#ifndef LAYOUT_PLACE_H
#define LAYOUT_PLACE_H

#include "base/json.h"
#include "layout/page.h"

/* record: {"issued", "certificate", "employee", "employer", "establishment"}. The page is cleared first.
 * False where the page has more items or text than it can hold, or memory ran out. */
bool place_record(const json_t *form, const json_t *captions, const json_t *record, struct page *page);

#endif
