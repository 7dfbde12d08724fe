/* How a table's columns go onto printed pages: turned how, how small, and where a page ends. */
#ifndef BOOK_XLSX_PAPER_H
#define BOOK_XLSX_PAPER_H

#include <stdbool.h>
#include <stddef.h>

#include "book/table.h"

#define PAPER_BREAKS_MAX 256

struct paper {
    bool upright;
    bool repeated; /* the columns kept in view stand on every page */
    int scale;     /* percent */
    int breaks[PAPER_BREAKS_MAX];
    size_t break_count; /* pages side by side, less one */
};

/* Cells are set in 10 points: no page is smaller than 7. kept: columns kept in view beside the others. */
void paper_choose(const struct table_column *columns, size_t count, size_t kept, struct paper *paper);

#endif
