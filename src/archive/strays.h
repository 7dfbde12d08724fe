/* What lies in a run's folder and is no file of the run. */
#ifndef ARCHIVE_STRAYS_H
#define ARCHIVE_STRAYS_H

#include "base/error.h"

/* Whether the list of hashes has the file of this name. */
typedef bool (*strays_listed_call)(void *ctx, const char *name);
typedef void (*strays_call)(void *ctx, const char *name, const char *rule, const char *message);

/* Calls for each file or folder below the run that its list does not have, and, as rule "folder", for folders that cannot be read, where errno says why. Log, list and marks of the program are
 * no strays. False with err where memory fails. */
bool strays_each(const char *run, strays_listed_call listed, strays_call call, void *ctx, struct tc_error *err);

#endif
