/* Files that are given out and made by parts: in a folder of their own beside their place, which nobody else can name or enter, and put there
 * by a rename. (One whose bytes are there at once: file_give.) What is left by a process that was killed goes with the next one's: it is known by
 * its owner, its mark and that nobody holds it. Nothing else is ever removed, and nothing through a link. */
#ifndef BASE_BESIDE_H
#define BASE_BESIDE_H

#include <sys/types.h>

#include "base/file.h"

struct beside {
    char path[FILE_PATH_MAX]; /* of the folder; "" while there is none */
    int fd;
    ino_t inode;
};

/* Makes the folder beside target. What is no plain file at target is refused (TC_USAGE). */
bool beside_begin(struct beside *g, const char *target, struct tc_error *err);
/* Path in it. */
bool beside_path(const struct beside *g, const char *name, char out[FILE_PATH_MAX], struct tc_error *err);
/* Syncs the file of this name in it and puts it in its place, which takes the place of a link and follows none; unless replace, of nothing
 * that stands there by then (TC_USAGE). */
bool beside_put(const struct beside *g, const char *name, const char *target, bool replace, struct tc_error *err);
/* Removes the folder and what is in it. False with err where it cannot be. Fine where there is none. */
bool beside_end(struct beside *g, struct tc_error *err);

/* A mark of this name in an open folder: that this program made it. It holds the folder's own inode, so that a copy is none of ours. */
bool beside_write_mark(int folder, const char *name);
/* Whether it is there, in a folder that is ours alone. */
bool beside_has_mark(int folder, const char *name);
/* Removes the files of an open folder, but no folder in it; fd stays open. False with errno where something is left. */
bool beside_clear(int fd);

#endif
