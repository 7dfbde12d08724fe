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

/* Before a delivery gives its folder a name the log says so: whoever was killed before he could say what went out finds it by that. What it is
 * about: a first job or a set; value: "key=VALUE" of what is to be found there, by which it is known again; list: the same of the list of passwords
 * (passlist_key), or NULL. */
#define JOURNAL_PRINT "print"
#define JOURNAL_COPIES "copies"
bool journal_begin(const char *run, const char *what, const char *about, const char *value, const char *list, struct tc_error *err);
/* Nothing came of it. */
bool journal_withdraw(const char *run, const char *what, const char *about, struct tc_error *err);

/* The last delivery of its kind that was begun. */
struct begun {
    char *value; /* NULL where there is none, or it was withdrawn; owned */
    char about[8];
    long at, ends; /* its place among the events, from 1; how many of its ends, which are "printed" and "copied", stand behind */
};
bool journal_last(const char *run, const char *what, struct begun *begun, struct tc_error *err);
/* Whether this job is one of the list, or the set itself. */
bool journal_is_of(const struct begun *begun, const char *about);
void begun_free(struct begun *begun);

#endif
