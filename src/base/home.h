/* Where this library lies, wherever that was moved: what was installed with it is found from there. */
#ifndef BASE_HOME_H
#define BASE_HOME_H

#include "base/file.h"

/* Path of the library's file. False where the system does not tell it. */
bool home_library(char out[FILE_PATH_MAX]);

#endif
