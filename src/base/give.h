/* Files that are given out together: each made under a name of its own beside its place, and put there at the end, all or none. */
#ifndef BASE_GIVE_H
#define BASE_GIVE_H

#include "base/stream.h"

struct give {
    struct stream stream;
    const char *path; /* borrowed; NULL: not open */
    char made[FILE_PATH_MAX];
    int kept; /* the same file: it has no name before the end, where the file system can do that */
    bool named;
};

/* What is no plain file at the path is refused (TC_USAGE). */
bool give_open(struct give *give, const char *path, struct tc_error *err);
/* Closes and syncs them, and puts each in its place; where one cannot be, none is. Those not open are left out. */
bool give_all(struct give *gives, size_t count, struct tc_error *err);
/* Takes away what was not given. Fine on one that is not open. */
void give_drop(struct give *give);

#endif
