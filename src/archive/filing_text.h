/* Texts as a filing layout writes them: letters, case, encoding. */
#ifndef ARCHIVE_FILING_TEXT_H
#define ARCHIVE_FILING_TEXT_H

#include "archive/filing_layout.h"
#include "base/buf.h"

/* The text in out, which is emptied before. False where a character cannot be written in this file. */
bool filing_text_make(const struct filing_layout *layout, const struct filing_field *field, const char *text, size_t length,
                      struct buf *out);

#endif
