/* A mapping: read, and every key of it known before a file is opened. */
#ifndef IMPORT_MAPPING_H
#define IMPORT_MAPPING_H

#include "base/json.h"

/* New reference; NULL with err, which has the pointer of the first thing that is wrong. */
json_t *mapping_read(const char *path, struct tc_error *err);

#endif
