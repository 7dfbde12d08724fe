/* A finished workbook read again before it is published: nothing that a disk or a library did to it stays unseen. */
#ifndef BOOK_XLSX_REOPEN_H
#define BOOK_XLSX_REOPEN_H

#include <stdint.h>

#include "base/error.h"

/* What must stand in the file for a sheet. Its rows are compared as they are packed: unpacking a year's again costs as much as
 * packing them, at the end of a run, with the other core idle. */
struct reopen_sheet {
    uint64_t packed, length;  /* bytes; packed 0: without rows, and unpacked as everything else is */
    uint32_t packed_crc, crc; /* CRC-32 of either */
};

/* True where every sheet is there as described, every other part unpacks with its checksum, and the archive is whole. */
bool reopen_check(const char *path, const struct reopen_sheet *sheets, int count, struct tc_error *err);
/* The number of the sheet whose part has this name, from 1; 0: no sheet. */
int reopen_number(const char *name);

#endif
