/* One at a time: a lock that goes with the process that holds it, however that ends. */
#ifndef BASE_LOCK_H
#define BASE_LOCK_H

/* LOCK_NONE: the file system has no locks, and nobody can be kept out. */
enum lock { LOCK_TAKEN, LOCK_BUSY, LOCK_NONE };

/* Takes the lock of an open file or folder, for as long as it is open; never waits. errno is what stood against it. */
enum lock lock_take(int fd);
/* Whether somebody else holds it: LOCK_BUSY; it is not kept. */
enum lock lock_look(int fd);

#define LOCK_HOLDER 64
/* Who holds the lock of an open file, for a sentence: "process 4711", "another process" where the kernel does not say. Returns out. */
const char *lock_holder(int fd, char out[LOCK_HOLDER]);

#endif
