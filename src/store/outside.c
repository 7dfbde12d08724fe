#include "store/outside.h"

#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "store/folder.h"

static bool has(const char *folder, const char *name)
{
    struct tc_error ignored = {0};
    char path[FILE_PATH_MAX];

    return file_path(folder, name, path, &ignored) && access(path, F_OK) == 0;
}

static bool is_run(const char *folder)
{
    return (has(folder, "ledger.db") && has(folder, "SHA256SUMS")) || has(folder, FOLDER_IDENTITY);
}

bool outside_runs(const char *path, struct tc_error *err)
{
    char copy[FILE_PATH_MAX], at[FILE_PATH_MAX];
    char *slash;

    if (!file_path("", path, copy, err))
        return false;
    while (!realpath(dirname(copy), at)) /* what is not there yet will be made in the first folder above that is */
        if (!strcmp(copy, ".") || !strcmp(copy, "/"))
            return true;
    for (;;) {
        if (is_run(*at ? at : "/"))
            return error_set(err, TC_USAGE, path, NULL, "inside-run",
                             "this place is inside a run folder, which nothing may be added to; give another -o");
        slash = strrchr(at, '/');
        if (!slash)
            return true;
        *slash = '\0';
    }
}
