/* Whether two workbooks hold the same, however their libraries packed it. */
#ifndef BOOK_XLSX_SAME_H
#define BOOK_XLSX_SAME_H

#include "base/error.h"

/* *same: both have the same parts, by name and in order, each with the same bytes. theirs may be damaged, which is not the same; it is read
 * no further than it equals ours. False with err where memory fails or ours cannot be read. */
bool xlsx_same(const char *ours, const char *theirs, bool *same, struct tc_error *err);

#endif
