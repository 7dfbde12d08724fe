#include "form/years.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"

#define YEARS_MAX 64 /* so many are told */

static int by_number(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* The folders of four digits. */
static size_t list_years(const char *path, int years[YEARS_MAX])
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    size_t count = 0;

    while (dir && count < YEARS_MAX && (entry = readdir(dir)) != NULL)
        if (strlen(entry->d_name) == 4 && strspn(entry->d_name, "0123456789") == 4)
            years[count++] = (int)strtol(entry->d_name, NULL, 10);
    if (dir)
        closedir(dir);
    qsort(years, count, sizeof *years, by_number);
    return count;
}

bool years_has(const char *root, const char *id, int year, struct tc_error *err)
{
    char form[FILE_PATH_MAX], folder[FILE_PATH_MAX], name[16], told[YEARS_MAX * 8] = "";
    int years[YEARS_MAX];
    size_t count, size = 0;
    struct stat status;

    snprintf(name, sizeof name, "%d", year);
    if (!file_path(root, id, form, err) || !file_path(form, name, folder, err))
        return false;
    if (stat(folder, &status) == 0 || errno != ENOENT)
        return true; /* what is wrong with it is told by who reads it */
    count = list_years(form, years);
    for (size_t i = 0; i < count; i++)
        size += (size_t)snprintf(told + size, sizeof told - size, "%s%d", i == 0 ? "" : i + 1 < count ? ", " : " and ", years[i]);
    return count == 0
           || error_set(err, TC_USAGE, form, NULL, "form-year",
                        "there is no form of %d here, but of %s; one is added by copying a folder and changing what the law did", year,
                        told);
}
