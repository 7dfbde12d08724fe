/* The workbook. The only user of libxlsxwriter. Constant memory: rows go out in order, sheets may alternate. */
#ifndef WRITE_XLSX_H
#define WRITE_XLSX_H

#include "base/error.h"
#include "write/table.h"

struct xlsx;

#define XLSX_SHEETS_MAX 16

/* New workbook at path. folder: a private one for temporary files, on the same file system. created: yyyymmdd, the only
 * date in the file. */
struct xlsx *xlsx_create(const char *path, const char *folder, const char *title, int32_t created, struct tc_error *err);
/* Adds a sheet; its number, or -1 with err. head_row: the row with the columns' titles, kept in view with the first
 * frozen columns and filtered; -1 for none. */
int xlsx_sheet(struct xlsx *x, const char *name, const struct table_column *columns, size_t count, int head_row, int frozen,
               struct tc_error *err);
/* The next row of a sheet. */
bool xlsx_row(struct xlsx *x, int sheet, const struct cell *cells, size_t count, struct tc_error *err);
/* Rows written to a sheet so far. */
uint32_t xlsx_rows(const struct xlsx *x, int sheet);
/* Finishes the file and frees x in every case. */
bool xlsx_close(struct xlsx *x, struct tc_error *err);
/* Drops an unfinished workbook. */
void xlsx_free(struct xlsx *x);

#endif
