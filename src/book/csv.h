/* Tables for programs: RFC 4180, UTF-8, decimal point, dates as YYYY-MM-DD. */
#ifndef BOOK_CSV_H
#define BOOK_CSV_H

#include "base/buf.h"
#include "book/table.h"

/* Appends a row and its line end. A cell's text for programs goes before the one for people. */
void csv_row(struct buf *out, const struct cell *cells, size_t count);

#endif
