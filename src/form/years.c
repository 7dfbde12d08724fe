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

static bool are_digits(const char *text, size_t count)
{
    return strspn(text, "0123456789") == count;
}

int years_of(const char *name)
{
    int year = (int)strtol(name, NULL, 10);
    bool spans = are_digits(name, 4) && name[4] == '-' && are_digits(name + 5, 2) && !name[7];

    if (spans)
        return strtol(name + 5, NULL, 10) == (year + 1) % 100 ? year : 0;
    return are_digits(name, 4) && !name[4] ? year : 0;
}

/* The years of the folders. */
static size_t list_years(const char *path, int years[YEARS_MAX])
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    size_t count = 0;

    while (dir && count < YEARS_MAX && (entry = readdir(dir)) != NULL)
        if (years_of(entry->d_name) > 0)
            years[count++] = years_of(entry->d_name);
    if (dir)
        closedir(dir);
    qsort(years, count, sizeof *years, by_number);
    return count;
}

static int has_no_point(const struct dirent *entry)
{
    return !strchr(entry->d_name, '.');
}

/* Appends country/form of each form of the country. */
static void list_forms(const char *root, const char *country, char *told, size_t size)
{
    char path[FILE_PATH_MAX], form[FILE_PATH_MAX];
    struct tc_error ignored = {0};
    struct dirent **entries = NULL;
    int years[YEARS_MAX], count = file_path(root, country, path, &ignored) ? scandir(path, &entries, has_no_point, alphasort) : 0;

    for (int i = 0; i < count; i++) {
        size_t at = strlen(told);

        if (file_path(path, entries[i]->d_name, form, &ignored) && list_years(form, years) > 0)
            snprintf(told + at, size - at, "%s%.60s/%.60s", at ? ", " : "", country, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
}

static void list_countries(const char *root, char *told, size_t size)
{
    struct dirent **entries = NULL;
    int count = scandir(root, &entries, has_no_point, alphasort);

    for (int i = 0; i < count; i++) {
        list_forms(root, entries[i]->d_name, told, size);
        free(entries[i]);
    }
    free(entries);
}

bool years_no_form(const char *root, struct tc_error *err)
{
    char told[160] = "";

    list_countries(root, told, sizeof told);
    return !*told || error_set(err, TC_USAGE, root, NULL, "form", "there is no form of this name; available: %s", told);
}

/* No form of that name: those that there are. */
static bool no_form(const char *root, const char *id, struct tc_error *err)
{
    char form[FILE_PATH_MAX];
    struct stat status;

    if (!file_path(root, id, form, err) || stat(form, &status) == 0 || errno != ENOENT)
        return !err->code;
    return years_no_form(root, err);
}

/* Whether there may be such a folder: what is wrong with it is told by who reads it. */
static bool is_there(const char *form, const char *name)
{
    char folder[FILE_PATH_MAX];
    struct tc_error ignored = {0};
    struct stat status;

    return !file_path(form, name, folder, &ignored) || stat(folder, &status) == 0 || errno != ENOENT;
}

bool years_find(const char *root, const char *id, int year, char name[YEARS_NAME], struct tc_error *err)
{
    char form[FILE_PATH_MAX], told[YEARS_MAX * 8] = "";
    int years[YEARS_MAX];
    size_t count, size = 0;
    bool possible = year >= YEARS_FIRST && year <= YEARS_LAST;

    if (!file_path(root, id, form, err))
        return false;
    snprintf(name, YEARS_NAME, "%04d-%02d", year % 10000, (year + 1) % 100);
    if (possible && is_there(form, name))
        return true;
    snprintf(name, YEARS_NAME, "%d", year % 10000);
    if (possible && is_there(form, name))
        return true;
    count = list_years(form, years);
    for (size_t i = 0; i < count; i++)
        size += (size_t)snprintf(told + size, sizeof told - size, "%s%d", i == 0 ? "" : ", ", years[i]);
    return count == 0 ? no_form(root, id, err)
                      : error_set(err, TC_USAGE, form, NULL, "form-year",
                                  "there is no form for %d, but for %s; another one is added by copying a folder and changing what the law "
                                  "has changed",
                                  year, told);
}
