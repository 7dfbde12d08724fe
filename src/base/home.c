#include "base/home.h"

#include <dlfcn.h>
#include <stdio.h>

bool home_library(char out[FILE_PATH_MAX])
{
    Dl_info here;

    if (dladdr(__extension__(void *) home_library, &here) == 0 || !here.dli_fname)
        return false;
    return snprintf(out, FILE_PATH_MAX, "%s", here.dli_fname) < FILE_PATH_MAX;
}
