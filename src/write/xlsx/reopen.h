/* A finished workbook read again before it is published: nothing that a disk or a library did to it stays unseen. */
#ifndef WRITE_XLSX_REOPEN_H
#define WRITE_XLSX_REOPEN_H

#include <stdint.h>

#include "base/error.h"

/* True where every part unpacks with its checksum, sheet i+1 has rows[i] rows and each is whole. */
bool reopen_check(const char *path, const uint32_t *rows, int sheets, struct tc_error *err);
/* The number of the sheet whose part has this name; 0: no sheet. */
int reopen_sheet(const char *name);

#endif
