/* events.log: what was done with a run, by whom, where and with which version, one JSON line each; every line carries the hash of the one
 * before, and the seal that the run had until then. */
#ifndef STORE_EVENTS_H
#define STORE_EVENTS_H

#include <sys/types.h>

#include "base/file.h"
#include "store/proof.h"

/* Appends an event now. kind is a word of ours; about: a handle or hash, or NULL; reason: free text of the user, or NULL. */
bool events_add(const char *folder, const char *kind, const char *about, const char *reason, struct tc_error *err);
/* What somebody who adds many remembers of the log between two of them, that not all of it is read for each. Zeroed: nothing yet. */
struct events_tail {
    dev_t device;
    ino_t inode;
    off_t size;  /* of whole lines */
    size_t last; /* of these, the last one's */
    long count;
    char head[HASH_HEX + 1], sums[HASH_HEX + 1]; /* hash of the last line; of the list of hashes that the run was closed with */
};
/* The same as events_add. What others added meanwhile is taken; where the last event is another than it was, as where the log was cut, this is
 * told (TC_HELD). */
bool events_add_behind(struct events_tail *tail, const char *folder, const char *kind, const char *about, const char *reason,
                       struct tc_error *err);
/* The first event of a run: about: hash of its list of hashes; ledger: root of the ledger's (store/pages.h). */
bool events_begin(const char *folder, const char *kind, const char *about, const char *ledger, struct tc_error *err);
/* What the first event says of the ledger, "" where it was made before there were such roots. False with err where there is no first event, or the
 * second does not carry its hash: reading two does not grow with the log. */
bool events_root(const char *folder, char ledger[HASH_HEX + 1], struct tc_error *err);
/* Something that was done; as above. */
struct event {
    const char *kind, *about, *reason;
};

/* The same into a journal, a file elsewhere, of a run whose own log cannot be written: chained like a log, each event with the hash of the list that
 * its run was closed with, and its run's seal, which the event does not change. Refused (TC_USAGE) where the log takes it. */
bool events_add_elsewhere(const char *journal, const char *run, const struct event *event, struct tc_error *err);
/* Checks a journal's chain; own: events of this run. */
bool events_check_elsewhere(const char *journal, const char *run, long *events, long *own, struct tc_error *err);
/* Appends events together. Those at the beginning of the list that are there already, from an attempt that was interrupted, are
 * left out; all have an about. */
bool events_add_list(const char *folder, const struct event *events, size_t count, struct tc_error *err);
/* Calls for each event of the kind, oldest first: what it is about and its reason, "" where there is none. False with err where the log
 * cannot be read; one that is not there has no events. */
typedef void (*events_call)(void *ctx, const char *about, const char *reason);
bool events_each(const char *folder, const char *kind, events_call call, void *ctx, struct tc_error *err);
/* The lines of these kinds, oldest first, "" of a log that is not there: of one reading of the log, in blocks, whose cost grows with it (0.1 microseconds an
 * event). New, or NULL with err. events_each_of: the same as events_each, of such a text. */
#define EVENTS_PICKED 4 /* at most so many kinds */
char *events_pick(const char *folder, const char *const *names, size_t count, struct tc_error *err);
bool events_each_of(const char *text, const char *kind, events_call call, void *ctx, struct tc_error *err);
/* A log of this one event, now: its text. False where memory fails. */
bool events_first(const struct event *event, struct buf *out);
/* Whether there is an event of this kind about that. False without err where there is no log. */
bool events_has(const char *folder, const char *kind, const char *about, struct tc_error *err);
/* Appends events together, whatever stands there already. */
bool events_append(const char *folder, const struct event *events, size_t count, struct tc_error *err);
/* Calls for every event, oldest first; what one does not have is "". A log that is not there has none. False with err where it cannot be
 * read or the call says so. */
struct event_read {
    const char *time, *kind, *about, *reason;
};
typedef bool (*events_read_call)(void *ctx, const struct event_read *event, struct tc_error *err);
bool events_read(const char *folder, events_read_call call, void *ctx, struct tc_error *err);
/* Waits for the lock of an open file of a run. folder: what stands for it where it is not the kernel's, to be removed afterwards; "" where
 * that has it. False with errno. */
bool events_lock(int fd, const char *path, char folder[FILE_PATH_MAX]);
/* The run's seal as it is, and whether expect (hexadecimal; NULL: none) was its seal once. statement: the text that is sealed now; may be
 * NULL. */
bool events_seal(const char *folder, const char *expect, struct proof *seal, struct buf *statement, struct tc_error *err);
/* The seal of the run as it was closed, with its log as it is: what events_seal says of a run whose list of hashes is the one that its first event
 * names (sums). That list is not read, which in a large archive is most of the cost of one certificate, and proves nothing here: the first event
 * has the ledger's root, and the ledger the certificate's hash. Who changes the list alone changes nothing that is given out, and verify tells it; who
 * changes list, log and ledger together has another seal than the one that was written down. The chain between the first event and the last is
 * events_check's. TC_IO where the first event names no list. */
bool events_seal_closed(const char *folder, char sums[HASH_HEX + 1], char seal[HASH_HEX + 1], struct tc_error *err);
/* Checks the chain. *first_about: room for 80 bytes, what the first event is about. False with err where it is broken. */
bool events_check(const char *folder, long *count, char first_about[80], struct tc_error *err);

#endif
