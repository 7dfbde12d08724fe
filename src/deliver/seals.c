#include "deliver/seals.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

#define SEALS_MAX 4096

static bool add_seal(struct seals *s, const char *folder, const char *name, struct tc_error *err)
{
    if (s->count == SEALS_MAX)
        return error_set(err, TC_IO, folder, NULL, "form", "there are too many sealed forms");
    s->names[s->count] = strdup(name);
    if (!s->names[s->count] || !file_read_below(folder, name, &s->data[s->count], &s->lengths[s->count], err)) {
        free(s->names[s->count]);
        return error_memory(err);
    }
    s->count++;
    return sealed_read(&s->forms[s->count - 1], name, s->data[s->count - 1], s->lengths[s->count - 1], err);
}

bool seals_load(struct seals *s, const char *run, struct tc_error *err)
{
    char folder[FILE_PATH_MAX];
    struct dirent **found = NULL;
    int count = file_path(run, "form", folder, err) ? scandir(folder, &found, NULL, alphasort) : -1;

    *s = (struct seals){.names = calloc(SEALS_MAX, sizeof *s->names),
                        .data = calloc(SEALS_MAX, sizeof *s->data),
                        .lengths = calloc(SEALS_MAX, sizeof *s->lengths),
                        .forms = calloc(SEALS_MAX, sizeof *s->forms)};
    if (!s->names || !s->data || !s->lengths || !s->forms)
        error_memory(err);
    if (count < 0)
        error_set(err, TC_IO, folder, NULL, "folder", "the folder cannot be read (%s)", error_cause(errno));
    for (int i = 0; i < count; i++) {
        size_t length = strlen(found[i]->d_name);

        if (!err->code && length > 5 && !strcmp(found[i]->d_name + length - 5, ".seal"))
            add_seal(s, folder, found[i]->d_name, err);
        free(found[i]);
    }
    free(found);
    if (err->code)
        seals_free(s);
    return !err->code;
}

void seals_free(struct seals *s)
{
    for (size_t i = 0; i < s->count; i++) {
        free(s->names[i]);
        free(s->data[i]);
        sealed_free(&s->forms[i]);
    }
    free(s->forms);
    free(s->names);
    free(s->data);
    free(s->lengths);
    *s = (struct seals){.count = 0};
}

size_t seals_find(const struct seals *s, const char *data, size_t length)
{
    size_t i = 0;

    while (i < s->count && (s->lengths[i] >= length || memcmp(s->data[i], data, s->lengths[i]) != 0))
        i++;
    return i;
}
