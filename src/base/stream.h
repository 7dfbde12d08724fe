/* A file written from front to end through a buffer, every write checked. */
#ifndef BASE_STREAM_H
#define BASE_STREAM_H

#include "base/buf.h"
#include "base/file.h"
#include "base/hash.h"

struct stream {
    int fd; /* valid only while open */
    bool open;
    struct buf buffer;
    struct hash hash; /* of what was written */
    char path[FILE_PATH_MAX];
};

/* Makes a new file, mode 0600; one that is there, or a link, is refused. */
bool stream_open(struct stream *s, const char *path, struct tc_error *err);
/* The same of a file that is open, whose descriptor is taken; -1: err is set by errno. path is for messages. */
bool stream_take(struct stream *s, int fd, const char *path, struct tc_error *err);
bool stream_add(struct stream *s, const void *data, size_t length, struct tc_error *err);
/* Writes the rest and closes; hash, which may be NULL, becomes that of all that was written. */
bool stream_close(struct stream *s, unsigned char hash[HASH_SIZE], struct tc_error *err);
/* Closes without caring. Fine on one that is not open. */
void stream_drop(struct stream *s);

#endif
