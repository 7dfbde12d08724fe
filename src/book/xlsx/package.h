/* The workbook's file: the frame that libxlsxwriter made, its empty sheets filled with rows. */
#ifndef BOOK_XLSX_PACKAGE_H
#define BOOK_XLSX_PACKAGE_H

#include "book/xlsx/reopen.h"
#include "book/xlsx/rows.h"

/* Sheet n of the frame gets rows[n - 1], all flushed, and is described in written[n - 1]. What is no sheet, or has no rows, is
 * copied as it is. */
bool package_join(const char *frame, const char *path, const struct rows *const *rows, int sheets, struct packer *packer,
                  struct reopen_sheet *written, struct tc_error *err);

#endif
