/* The run folder: made as RUN.partial, published by one rename. */
#ifndef STORE_FOLDER_H
#define STORE_FOLDER_H

#include <stdio.h>
#include <sys/uio.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "store/claim.h"
#include "store/share.h"

#define FOLDER_PATH_MAX FILE_PATH_MAX

#define LEDGER_PATH_MAX 500 /* SQLite takes 512 bytes with its own ends */

struct folder {
    char run[FOLDER_PATH_MAX], partial[FOLDER_PATH_MAX];
    bool resumed; /* an interrupted run of the same identity was there */
    struct claim claim;
    struct share share;
};

/* Before anything is read: false with err where somebody is making this run now, or its path is too long. Nothing is touched. */
bool folder_look(const char *run, struct tc_error *err);
/* Makes RUN.partial, or takes up the interrupted run with the same identity (hexadecimal), and keeps others out until it is published or
 * closed. Refuses a RUN that exists and a RUN.partial of something else. It is published for the group of share. */
bool folder_open(const char *run, const char *identity, const struct share *share, struct folder *f, struct tc_error *err);
/* Path below the folder while it is being made. False where it is too long. */
bool folder_path(const struct folder *f, const char *name, char out[FOLDER_PATH_MAX], struct tc_error *err);
/* The certificate's place below the run folder: certificates/<2 hex>/<form>-<year>-<personnel number>+<id>.pdf, and +correction-<n> before
 * the end where it is its id's n-th correction (corrects), so that it is never taken for what it replaces. '+' is no character of a
 * handle, so that two people's names never meet. In arena; NULL when memory ran out. */
const char *folder_certificate(const char *form, int year, const char *personnel_number, const char *id, int corrects, struct arena *arena);
/* The place of the letter that says that a certificate is void: as above, below letters/, with +cancellation. */
const char *folder_letter(const char *form, int year, const char *personnel_number, const char *id, struct arena *arena);
/* Makes the folders that the path goes through, below the folder while it is made. */
bool folder_make_way(const struct folder *f, const char *name, struct tc_error *err);
/* Where certificates/ or letters/ begins in such a path, which in a correcting run may be below an earlier run's folder, of whatever name; NULL
 * where it is no such path. */
const char *folder_find_certificate(const char *file);
/* That the folder is a run: refused (TC_USAGE) where it holds nothing of one, is one that is being made, or was purged (store/purged.h). What is missing in it, or wrong,
 * is for others to say. */
bool folder_is_run(const char *run, struct tc_error *err);
/* Path of a finished run's own form; refused where it is a link. */
bool folder_form(const char *run, char out[FOLDER_PATH_MAX], struct tc_error *err);
/* Writes a file below the folder, unless it is there with these bytes already (a resumed run). */
bool folder_write(const struct folder *f, const char *name, const struct iovec *parts, int count, struct tc_error *err);
/* Removes what an interrupted run left besides certificates: all that is made anew. */
bool folder_clear(const struct folder *f, struct tc_error *err);
/* Removes a folder and the files in it, through no link; one that is not there is fine. */
bool folder_drop(const struct folder *f, const char *name, struct tc_error *err);
/* Brings everything written so far to the disk. */
bool folder_sync(const struct folder *f, struct tc_error *err);
/* Renames RUN.partial to RUN. */
bool folder_publish(struct folder *f, struct tc_error *err);
/* Lets others in. Fine where it was not opened. */
void folder_close(struct folder *f);

#endif
