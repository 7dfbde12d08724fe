/* Runs of one year, each correcting the one before: what came after a run, by its event log. */
#ifndef STORE_CHAIN_H
#define STORE_CHAIN_H

#include "base/file.h"

/* What is known of the run that corrects this one. */
struct chain_next {
    bool superseded;
    char identity[80];        /* hexadecimal; "" where it is not superseded */
    char path[FILE_PATH_MAX]; /* of its folder; "" where it is not where it was made */
};

/* Looks for the run that corrects this one. An intent to supersede binds only where the run it speaks of was published: a run that was
 * killed before that changed nothing. */
bool chain_find_next(const char *run, struct chain_next *next, struct tc_error *err);
/* Path of a folder that need not be there yet, as seen from run: "../NAME" where they stand side by side, so that both can be moved
 * together; else absolute. */
bool chain_path(const char *run, const char *folder, char out[FILE_PATH_MAX], struct tc_error *err);

#endif
