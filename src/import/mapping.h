/* A mapping: read, and every key of it known before a file is opened. */
#ifndef IMPORT_MAPPING_H
#define IMPORT_MAPPING_H

#include "base/json.h"

/* New reference; NULL with err where it is wrong: each mistake is told by on_finding with its pointer, and the first is err's. */
json_t *mapping_read(const struct tc_import_options *options, struct tc_error *err);

#endif
