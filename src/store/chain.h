/* Runs of one year, each correcting the one before: what came after a run, by its event log. */
#ifndef STORE_CHAIN_H
#define STORE_CHAIN_H

#include "base/file.h"

#define CHAIN_RUNS_MAX 1000 /* of a year; more would be a circle */

/* What is known of the run that corrects this one. */
struct chain_next {
    bool superseded;
    char identity[80];        /* hexadecimal; "" where it is not superseded */
    char path[FILE_PATH_MAX]; /* of its folder; "" where it is not where it was made */
    char made[FILE_PATH_MAX]; /* where it was made, there or not; "" where that is not known */
};

/* The end of a chain, as far as it can be followed. */
struct chain_end {
    bool superseded;          /* the run that was asked for is not the last one */
    bool lost;                /* the last one that is there is corrected by one that is not */
    char path[FILE_PATH_MAX]; /* of the last run that is there: the one asked for where there is none later */
};

/* Looks for the run that corrects this one. An intent to supersede binds only where the run it speaks of was published: a run that was
 * killed before that changed nothing. One that was given up as lost is none. */
bool chain_find_next(const char *run, struct chain_next *next, struct tc_error *err);
/* Follows the chain from this run on. */
bool chain_find_end(const char *run, struct chain_end *end, struct tc_error *err);
/* Whoever is about to supersede the run holds this lock, from looking whether somebody did to saying so. *fd and *folder (room for
 * FILE_PATH_MAX) are for chain_unlock. */
bool chain_lock(const char *run, int *fd, char folder[FILE_PATH_MAX], struct tc_error *err);
void chain_unlock(int fd, const char *folder);
/* Whether the folder is the finished run of this identity. */
bool chain_holds(const char *folder, const char *identity);
/* Path of a folder that need not be there yet, as seen from run: "../NAME" where they stand side by side, so that both can be moved
 * together; else absolute. */
bool chain_path(const char *run, const char *folder, char out[FILE_PATH_MAX], struct tc_error *err);

#endif
