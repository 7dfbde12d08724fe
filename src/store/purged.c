#include "store/purged.h"

#include <sys/stat.h>

#include "base/file.h"

bool purged_is(const char *run)
{
    struct tc_error ignored = {0};
    char path[FILE_PATH_MAX];

    return file_path(run, PURGED_FOLDER, path, &ignored) && file_is_folder(path);
}

bool purged_is_unfinished(const char *run)
{
    struct tc_error ignored = {0};
    char path[FILE_PATH_MAX];
    struct stat status;

    return purged_is(run) && file_path(run, PURGED_LOG, path, &ignored) && lstat(path, &status) == 0;
}

bool purged_refuse(const char *run, struct tc_error *err)
{
    return !purged_is(run)
           || error_set(err, TC_USAGE, run, NULL, "purged",
                        "this run was purged: its retention period is over, and the personal data are gone");
}

json_t *purged_read(const char *run, struct tc_error *err)
{
    json_t *facts = json_read_below(run, PURGED_FACTS, err);

    if (!facts || json_is_object(facts))
        return facts;
    json_decref(facts);
    error_set(err, TC_IO, PURGED_FACTS, NULL, "purged", "what remains of the purged run is damaged");
    return NULL;
}
