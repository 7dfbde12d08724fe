/* A finished run that was opened once for several questions. */
#ifndef ARCHIVE_OPENED_H
#define ARCHIVE_OPENED_H

#include "base/file.h"
#include "store/stored_run.h"
#include "taxcert.h"

struct tc_run {
    char folder[FILE_PATH_MAX];
    struct stored_run archive;
};

#endif
