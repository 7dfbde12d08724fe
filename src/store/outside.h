/* Where outputs may not go: into a run, whose list of hashes says what is in it, or into one that is being made. */
#ifndef STORE_OUTSIDE_H
#define STORE_OUTSIDE_H

#include "base/error.h"

/* False with err (TC_USAGE) where the path, which need not be there, lies in a run folder or in one that is being made, at any depth. */
bool outside_runs(const char *path, struct tc_error *err);

#endif
