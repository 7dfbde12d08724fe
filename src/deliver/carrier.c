#include "deliver/carrier.h"

#include <dlfcn.h>
#include <errno.h>
#include <libgen.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/home.h"

/* Whether somebody can write the one who cannot write the other. */
static bool is_laxer(const struct stat *one, const struct stat *other)
{
    mode_t more = one->st_mode & ~other->st_mode;

    if (one->st_uid != 0 && one->st_uid != geteuid() && one->st_uid != other->st_uid)
        return true;
    return (more & (S_IWGRP | S_IWOTH)) != 0 || ((one->st_mode & S_IWGRP) != 0 && one->st_gid != other->st_gid);
}

/* A linker puts the list of sections behind all else: of a file that was cut short it is missing. The system would load the rest of it, and end
 * the process where it reads on. */
static bool is_whole(int fd, off_t size)
{
    ElfW(Ehdr) head;

    return pread(fd, &head, sizeof head, 0) == (ssize_t)sizeof head && memcmp(head.e_ident, ELFMAG, SELFMAG) == 0
           && head.e_shoff <= (uint64_t)size && (size_t)head.e_shnum * head.e_shentsize <= (uint64_t)size - head.e_shoff;
}

/* Why the open file is not to be loaded, in a sentence; NULL: it may be. Its folder is told from its path. */
static const char *doubt(int fd, const char *path, const char *library)
{
    char folder[FILE_PATH_MAX], beside[FILE_PATH_MAX];
    struct stat module, of_module, other, of_other;

    snprintf(folder, sizeof folder, "%s", path);
    snprintf(beside, sizeof beside, "%s", library);
    if (fstat(fd, &module) != 0 || stat(library, &other) != 0 || stat(dirname(folder), &of_module) != 0
        || stat(dirname(beside), &of_other) != 0)
        return error_cause(errno);
    if (is_laxer(&module, &other) || is_laxer(&of_module, &of_other))
        return "another account can have written it, or can put another one in its place";
    return is_whole(fd, module.st_size) ? NULL : "it is not whole";
}

/* What the system said of the module, without its path, which is told anyway. */
static const char *said_of(const char *path)
{
    const char *said = dlerror();
    size_t length = strlen(path);

    return !strncmp(said, path, length) && !strncmp(said + length, ": ", 2) ? said + length + 2 : said;
}

/* NULL with the reason in why. All that it calls is looked up now: not in the middle of a message. */
static const struct carrier *load(const char *path, const char **why)
{
    void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    const struct carrier *loaded = module ? dlsym(module, CARRIER_NAME) : NULL;

    if (loaded && loaded->build && !strcmp(loaded->build, CARRIER_BUILD))
        return loaded;
    *why = module ? "it is not of the build that this library is of" : said_of(path);
    return NULL;
}

const struct carrier *carrier_load(struct tc_error *err)
{
    char library[FILE_PATH_MAX], home[FILE_PATH_MAX], path[FILE_PATH_MAX] = "";
    const struct carrier *loaded = NULL;
    struct tc_error missing = {.message = "where this library lies is not known"};
    const char *why = missing.message;
    int fd = -1;

    if (home_library(library) && file_path(dirname(memcpy(home, library, sizeof home)), "libtaxcert/carrier.so", path, &missing))
        fd = file_open(path, TC_IO, &missing);
    if (fd >= 0 && (why = doubt(fd, path, library)) == NULL)
        loaded = load(path, &why);
    if (fd >= 0)
        close(fd);
    if (!loaded)
        error_set(err, TC_IO, path, NULL, "installation",
                  "this part of taxcert, which encrypts and sends, cannot be used (%.120s): install taxcert again", why);
    return loaded;
}
