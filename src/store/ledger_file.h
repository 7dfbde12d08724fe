/* What SQLite reads a run's ledger by: that one file, opened once and through no link, each page of it proved where the run has the hashes. It opens
 * no other file, makes none and writes nothing. */
#ifndef STORE_LEDGER_FILE_H
#define STORE_LEDGER_FILE_H

#include <stdint.h>

#include "base/error.h"

struct ledger_file;

/* root: of the run's list of hashes (store/pages.h), hexadecimal; NULL: nothing is proved. NULL with err. */
struct ledger_file *ledger_file_open(const char *run, const char *root, struct tc_error *err);
/* What SQLite knows it by: the name of a file system that holds nothing else. */
const char *ledger_file_system(const struct ledger_file *f);
uint64_t ledger_file_size(const struct ledger_file *f);
/* Whether a page that was read is not what the run made. */
bool ledger_file_is_other(const struct ledger_file *f);
/* After the connection that reads it. */
void ledger_file_close(struct ledger_file *f);

#endif
