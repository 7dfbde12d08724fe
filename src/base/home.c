#include "base/home.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

static char *library; /* for as long as the process is there */

/* When it is loaded: where a relative path leads to is another place once the program changes its folder. */
__attribute__((constructor)) static void find_library(void)
{
    Dl_info here;

    if (dladdr(__extension__(void *) home_library, &here) != 0 && here.dli_fname)
        library = realpath(here.dli_fname, NULL);
}

__attribute__((destructor)) static void forget_library(void)
{
    free(library);
    library = NULL;
}

bool home_library(char out[FILE_PATH_MAX])
{
    return library && snprintf(out, FILE_PATH_MAX, "%s", library) < FILE_PATH_MAX;
}
