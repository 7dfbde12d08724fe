/* What went out, in the run's event log: written by the deliveries, read by whoever asks. A log line has handles, hashes, numbers and
 * the name of the operator's account; never a person's name or address, nor a password. */
#ifndef DELIVER_JOURNAL_H
#define DELIVER_JOURNAL_H

#include "base/buf.h"
#include "base/hash.h"
#include "store/events.h"

/* Words "key=value" of an event's reason, by blanks; a value has none. */
void journal_word(struct buf *reason, const char *key, const char *value);
void journal_hash(struct buf *reason, const char *key, const unsigned char hash[HASH_SIZE]);
/* by=ACCOUNT */
void journal_who(struct buf *reason);
/* Where the value of the key begins, and its length; NULL where there is none. */
const char *journal_find(const char *reason, const char *key, size_t *length);
bool journal_is(const char *reason, const char *key, const char *value);
/* Calls for each word of a list value, by commas. The text is copied for the call. */
bool journal_each(const char *list, size_t length, bool (*call)(void *ctx, const char *word, long number), void *ctx);

#endif
