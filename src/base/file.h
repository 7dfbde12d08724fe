/* Files: every short write, close and rename is checked. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "base/error.h"

#define FILE_PATH_MAX 4096 /* the kernel takes no longer path; with its end */

/* Writes a new file with mode 0600; one that is there, or a link, is refused. False with err where any byte was not taken. */
bool file_write(const char *path, const void *data, size_t length, struct tc_error *err);
/* The same of parts one after the other, at most FILE_PARTS_MAX. */
#define FILE_PARTS_MAX 4
bool file_write_parts(const char *path, const struct iovec *parts, int count, struct tc_error *err);
/* The same with other rights, whatever the umask. */
bool file_write_mode(const char *path, const struct iovec *parts, int count, mode_t mode, struct tc_error *err);

/* All of it into an open file. False with errno, also where a part was taken. */
bool file_write_all(int fd, const void *data, size_t length);

/* Gives what was made, under a name in the open folder at, its own: in the place of what is there or, unless replace, only where nothing is. False
 * with errno (EEXIST), for file_put_fail, which always returns false. */
bool file_put(int at, const char *made, const char *path, bool replace);
bool file_put_fail(const char *path, bool replace, struct tc_error *err);

/* Makes a file in the folder, without a name where the file system can (*named false), so that it goes with a process that is killed, else with one that
 * nobody can guess, in made. A descriptor, or -1 with errno. */
int file_make(const char *folder, char made[FILE_PATH_MAX], bool *named);
/* Names a file that has none. False with errno. */
bool file_name(int fd, char made[FILE_PATH_MAX]);

/* A file that is given out: made without a name or under its own beside path, with mode 0600, synced, and put in place by one rename, which
 * takes the place of a link and follows none. On a failure what was there is untouched. What is no plain file there is refused (TC_USAGE):
 * file_target says so beforehand. */
bool file_target(const char *path, struct tc_error *err);
bool file_give(const char *path, const struct iovec *parts, int count, struct tc_error *err);
/* The same, but what is there by then stays, and is told (TC_USAGE). */
bool file_give_new(const char *path, const struct iovec *parts, int count, struct tc_error *err);

/* Opens a file to be read: the one way in. Only a plain file is opened, and nothing is ever waited for: a pipe, device, socket or folder is
 * refused (no process substitution: inputs are read twice). Who gives a file may give it by a link. code is that of what is not there or no
 * plain file; what the machine lacks is TC_IO. A descriptor, or -1 with err. */
int file_open(const char *path, enum tc_code code, struct tc_error *err);
/* Of a file below a folder that somebody else may have filled, as a run's or a form's: no step of the name is a link or "..". */
int file_open_below(const char *folder, const char *name, enum tc_code code, struct tc_error *err);
/* Whether what the path names is a folder that is no link. */
bool file_is_folder(const char *path);

#define FILE_READ_MAX ((size_t)1 << 30) /* bytes: the list of hashes of a million people is a tenth of it */

/* Reads a whole small file (a font, a table), at most FILE_READ_MAX. *data is new, terminated, freed by the caller. TC_USAGE where it cannot
 * be read. */
bool file_read(const char *path, char **data, size_t *length, struct tc_error *err);
bool file_read_below(const char *folder, const char *name, char **data, size_t *length, struct tc_error *err);

/* What the file system that holds the path (or the folder that it is to be in) is called: "ext4", "nfs4", "fuse.sshfs";
 * "an unknown file system" where the kernel does not say. Returns out; errno stays. */
#define FILE_SYSTEM_MAX 64
const char *file_system(const char *path, char out[FILE_SYSTEM_MAX]);

/* folder/name in out; a name that begins with '/' is itself. False with err where it is too long to be opened. */
bool file_path(const char *folder, const char *name, char out[FILE_PATH_MAX], struct tc_error *err);

/* The folder that the path's last step is in. */
bool file_folder_of(const char *path, char out[FILE_PATH_MAX], struct tc_error *err);

/* Makes a folder with mode 0700; one that exists is fine. */
bool file_folder(const char *path, struct tc_error *err);

#endif
