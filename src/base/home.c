#include "base/home.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *library; /* for as long as the process is there */

/* When it is loaded: where a relative path leads to is another place once the program changes its folder. A name alone is that of a program which
 * this is linked into and which PATH found; in the folder that is at hand it may be another file's. */
__attribute__((constructor)) static void find_library(void)
{
    Dl_info here;

    if (dladdr(__extension__(void *) home_library, &here) != 0 && here.dli_fname)
        library = realpath(strchr(here.dli_fname, '/') ? here.dli_fname : "/proc/self/exe", NULL);
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
