/* A finished workbook read again: libxlsxwriter does not check the writes of its temporary files, so a sheet may be cut off
 * without a word. The only user of minizip. */
#ifndef WRITE_REOPEN_H
#define WRITE_REOPEN_H

#include <stdint.h>

#include "base/error.h"

/* True where every part unpacks with its checksum, sheet i+1 has rows[i] rows and each is whole. */
bool reopen_check(const char *path, const uint32_t *rows, int sheets, struct tc_error *err);

#endif
