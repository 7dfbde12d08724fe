/* A folder that is given out whole: made beside its place under another name, with nobody else's rights, and put there by one rename. */
#ifndef DELIVER_OUTFOLDER_H
#define DELIVER_OUTFOLDER_H

#include "base/file.h"

struct outfolder {
    char path[FILE_PATH_MAX], partial[FILE_PATH_MAX];
    bool open;
    int fd; /* of PATH.partial, locked; -1 while it is not open */
};

/* Makes PATH.partial; one that an interrupted delivery left goes first, anything else there is refused. */
bool outfolder_open(struct outfolder *f, const char *path, struct tc_error *err);
/* *there: a folder of that name is there already, with the same files; one with others is refused. */
bool outfolder_look(const struct outfolder *f, bool *there, struct tc_error *err);
/* A folder that was given its name by somebody who was killed then is whole: the sign that it was being made goes. */
void outfolder_settle(const char *path);
/* Syncs it and gives it its name. Where that folder is there with the same files, byte for byte, it stays and *there is true; another one is
 * refused. */
bool outfolder_publish(struct outfolder *f, bool *there, struct tc_error *err);
/* Removes what was not published. Fine after everything. */
void outfolder_drop(struct outfolder *f);

#endif
