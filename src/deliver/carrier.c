#include "deliver/carrier.h"

#include <dlfcn.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>

#include "base/home.h"

const struct carrier *carrier_load(struct tc_error *err)
{
    char library[FILE_PATH_MAX], path[FILE_PATH_MAX] = "";
    const struct carrier *loaded = NULL;
    void *module = NULL;

    if (home_library(library) && file_path(dirname(library), "libtaxcert/carrier.so", path, err))
        module = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
    if (module)
        loaded = dlsym(module, CARRIER_NAME);
    if (loaded && !strcmp(loaded->version, TC_VERSION))
        return loaded;
    error_set(
        err, TC_IO, path, NULL, "installation",
        "this part of taxcert, which encrypts and sends, is missing, is another version's, or lacks a library: install taxcert again");
    return NULL;
}
