/* A run that a group of accounts uses: they read all of it and add to its log; nobody else sees it. */
#ifndef STORE_SHARE_H
#define STORE_SHARE_H

#include <sys/types.h>

#include "base/error.h"

#define SHARE_FOLDER 02750 /* what is made in it later belongs to the group too */
#define SHARE_MAKING 02700 /* while a run is made */
#define SHARE_FILE 0640
#define SHARE_LOG 0660

struct share {
    bool on;
    gid_t group;
};

/* The group of this name or number; NULL: none. TC_USAGE where there is no such group. */
bool share_find(const char *name, struct share *s, struct tc_error *err);
/* The group that a run is shared with, if it is. */
void share_of(const char *run, struct share *s);
/* Gives a folder to the group, with these rights. Nothing where nothing is shared, here and below. */
bool share_folder(const struct share *s, const char *path, mode_t mode, struct tc_error *err);
/* The same of a file. */
bool share_file(const struct share *s, const char *path, mode_t mode, struct tc_error *err);
/* The files in a folder that is being made, and the folders in it with theirs; log: the name of the one that the group adds to. */
bool share_all(const struct share *s, const char *path, const char *log, struct tc_error *err);
/* Files and log of the folder itself, and those of the folder in it that is called inner. */
bool share_files(const struct share *s, const char *path, const char *inner, const char *log, struct tc_error *err);

#endif
