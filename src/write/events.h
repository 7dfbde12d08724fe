/* events.log: what was done with a run, one JSON line each, every line carrying the hash of the one before. */
#ifndef WRITE_EVENTS_H
#define WRITE_EVENTS_H

#include "base/error.h"

/* Appends an event now. kind is a word of ours; about: a handle or hash, or NULL; reason: free text of the user, or NULL. */
bool events_add(const char *folder, const char *kind, const char *about, const char *reason, struct tc_error *err);
/* Checks the chain. *first_about: room for 80 bytes, what the first event is about. False with err where it is broken. */
bool events_check(const char *folder, long *count, char first_about[80], struct tc_error *err);

#endif
