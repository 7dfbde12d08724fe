/* The disk takes what is written while more is made, so that the sync at the end finds little left to wait for. */
#ifndef STORE_FLUSH_H
#define STORE_FLUSH_H

#include <pthread.h>

#include "store/folder.h"

struct flush {
    const struct folder *folder;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t asked;
    bool running, wanted, stop;
    struct tc_error err; /* an error that was reported once is not reported again */
};

/* Asks for one more round, in a thread that the first call starts. {.folder} is a new one. */
void flush_ask(struct flush *f);
/* Waits for the round that is under way. False with err where the disk did not take something. Fine when nothing was asked. */
bool flush_stop(struct flush *f, struct tc_error *err);

#endif
