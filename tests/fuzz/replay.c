/* Gives a target the files of a folder, one by one. usage: replay_<target> FOLDER */
#include <dirent.h>

#include "base/file.h"
#include "fuzz.h"

int main(int argc, char **argv)
{
    DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
    struct dirent *entry;
    int count = 0;

    while (folder && (entry = readdir(folder)) != NULL) {
        struct tc_error err = {0};
        char path[1000];
        size_t length;
        char *data;

        snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
        if (entry->d_name[0] == '.' || !file_read(path, &data, &length, &err))
            continue;
        LLVMFuzzerTestOneInput((const uint8_t *)data, length);
        free(data);
        count++;
    }
    if (folder)
        closedir(folder);
    printf("%d inputs\n", count);
    return count > 0 ? 0 : 1;
}
