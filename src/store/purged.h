/* A run whose personal data are gone (taxcert purge). What remains of it lies in its folder PURGED_FOLDER: run.json, what the run was; files, its list of
 * hashes, and events, its log, both with people and certificates by keys that nobody can lead back. SHA256SUMS and events.log are of that. */
#ifndef STORE_PURGED_H
#define STORE_PURGED_H

#include "base/json.h"

#define PURGED_FOLDER "purged"
#define PURGED_NEW "purged.new" /* the same while it is made: nothing is gone yet */
#define PURGED_FACTS PURGED_FOLDER "/run.json"
#define PURGED_FILES PURGED_FOLDER "/files"
#define PURGED_EVENTS PURGED_FOLDER "/events"
/* The new log and list until they are in their places: a purge that is under way, or was killed, has the first. */
#define PURGED_LOG PURGED_FOLDER "/events.log"
#define PURGED_SUMS PURGED_FOLDER "/SHA256SUMS"

/* Whether the run is purged, or its purge has begun: from then on there is no way back. */
bool purged_is(const char *run);
bool purged_is_unfinished(const char *run);
/* False with err (TC_USAGE) where the run is purged: for all that needs what is gone. */
bool purged_refuse(const char *run, struct tc_error *err);
/* run.json, an object. New reference, or NULL with err. */
json_t *purged_read(const char *run, struct tc_error *err);

#endif
