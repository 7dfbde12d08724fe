#include "store/outside.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "store/folder.h"
#include "store/purged.h"

static bool has(const char *folder, const char *name)
{
    struct tc_error ignored = {0};
    char path[FILE_PATH_MAX];

    return file_path(folder, name, path, &ignored) && access(path, F_OK) == 0;
}

static bool is_form(const char *folder)
{
    return has(folder, "template.json") && has(folder, "form.json");
}

static bool is_run(const char *folder)
{
    return (has(folder, "ledger.db") && has(folder, "SHA256SUMS")) || has(folder, CLAIM_MARK) || has(folder, PURGED_FACTS);
}

enum inside { INSIDE_NOTHING, INSIDE_FORM, INSIDE_RUN };

/* What the folder is in at any depth; a run's own form is the run's. at has no links and is cut off. */
static enum inside look_up(char *at)
{
    enum inside in = INSIDE_NOTHING;
    char *slash;

    do {
        const char *folder = *at ? at : "/";

        if (is_run(folder))
            return INSIDE_RUN;
        if (is_form(folder))
            in = INSIDE_FORM;
        slash = strrchr(at, '/');
        if (slash)
            *slash = '\0';
    } while (slash);
    return in;
}

/* Whether a file or folder of this name can be made there, as the file system sees it: it is asked for the name, which need not be there. */
static bool is_possible(const char *name, struct tc_error *err)
{
    static const int impossible[] = {ENOTDIR, ENAMETOOLONG, ELOOP};
    struct stat status;
    int code = lstat(name, &status) == 0 ? 0 : errno;

    for (size_t i = 0; i < sizeof impossible / sizeof *impossible; i++)
        if (code == impossible[i])
            return error_set(err, TC_USAGE, name, NULL, "folder", "this cannot be created (%s); give another name", error_cause(code));
    return true;
}

/* Whether the folder that the path is to be made in is there, and can have something of this name. */
static bool has_folder(const char *path, struct tc_error *err)
{
    char copy[FILE_PATH_MAX];

    if (!file_path("", path, copy, err) || !is_possible(path, err))
        return false;
    return access(dirname(copy), F_OK) == 0 || errno != ENOENT
           || error_set(err, TC_USAGE, path, NULL, "folder",
                        "the folder in which this is to be created does not exist: create it first, or give another place");
}

bool outside_runs(const char *path, struct tc_error *err)
{
    char copy[FILE_PATH_MAX], at[FILE_PATH_MAX];

    if (!*path) /* of a shell's variable that is not set: ".partial" would be made of it */
        return error_set(err, TC_USAGE, NULL, NULL, "path", "the name of what is to be written is empty; give one");
    if (!file_path("", path, copy, err))
        return false;
    while (!realpath(dirname(copy), at)) /* what is not there yet will be made in the first folder above that is */
        if (!strcmp(copy, ".") || !strcmp(copy, "/"))
            return has_folder(path, err);
    switch (look_up(at)) {
    case INSIDE_RUN:
        return error_set(err, TC_USAGE, path, NULL, "inside-run",
                         "this place is inside a run folder, to which nothing may be added; give another -o");
    case INSIDE_FORM:
        return error_set(err, TC_USAGE, path, NULL, "inside-form",
                         "this place is inside a form's folder, to which nothing may be added; give another -o");
    default: return has_folder(path, err);
    }
}

bool outside_folder(const char *path, struct tc_error *err)
{
    char made[FILE_PATH_MAX];
    size_t length = strlen(path);

    if (!outside_runs(path, err))
        return false;
    while (length > 1 && path[length - 1] == '/')
        length--;
    return (size_t)snprintf(made, sizeof made, "%.*s" OUTSIDE_MADE, (int)length, path) >= sizeof made || is_possible(made, err);
}

bool outside_is_same(const char *a, const char *b)
{
    struct stat one, other;
    char folders[2][FILE_PATH_MAX];
    struct tc_error ignored = {0};
    const char *names[] = {strrchr(a, '/'), strrchr(b, '/')};

    if (stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev && one.st_ino == other.st_ino)
        return true;
    return !strcmp(names[0] ? names[0] + 1 : a, names[1] ? names[1] + 1 : b) && file_folder_of(a, folders[0], &ignored)
           && file_folder_of(b, folders[1], &ignored) && stat(folders[0], &one) == 0 && stat(folders[1], &other) == 0
           && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

bool outside_vacant(const char *path, bool replace, struct tc_error *err)
{
    struct stat there;

    return replace || lstat(path, &there) != 0
           || error_set(err, TC_USAGE, path, NULL, "file-exists", "the file exists already; --force replaces it, -o gives another name");
}

bool outside_place(const char *path, const char *const *others, size_t count, struct tc_error *err)
{
    if (!outside_runs(path, err) || !file_target(path, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (others[i] && outside_is_same(path, others[i]))
            return error_set(err, TC_USAGE, path, NULL, "output-input", "this file is an input, or another output; give another name");
    return true;
}

/* A link is replaced, not what it leads to. */
static bool is_passwords(const char *path)
{
    char head[sizeof OUTSIDE_PASSWORDS];
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    ssize_t length = fd >= 0 ? read(fd, head, sizeof head - 1) : -1;

    if (fd >= 0)
        close(fd);
    return length == (ssize_t)sizeof head - 1 && memcmp(head, OUTSIDE_PASSWORDS, sizeof head - 1) == 0;
}

bool outside_output(const char *path, const char *const *others, size_t count, struct tc_error *err)
{
    return outside_place(path, others, count, err)
           && (!is_passwords(path)
               || error_set(err, TC_USAGE, path, NULL, "list-exists",
                            "a list of passwords stands there, which is never replaced; give another name"));
}
