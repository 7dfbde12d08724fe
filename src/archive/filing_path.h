/* Where a field of XML stands below its record: names of elements joined by /. */
#ifndef ARCHIVE_FILING_PATH_H
#define ARCHIVE_FILING_PATH_H

#include <stdbool.h>
#include <stddef.h>

/* Whether a text is an element's name. */
bool filing_path_is_name(const char *text, size_t length);
/* Whether a field may have this name behind the one before, which is NULL for the first: names joined by /, the last of them an element's, # for the text of the one
 * before it, or @ and an attribute's, which comes before all else of its element. */
bool filing_path_is_fit(const char *name, const char *before);
/* Bytes of the elements above what is named last; and what is. */
size_t filing_path_parents(const char *name);
const char *filing_path_last(const char *name);

#endif
