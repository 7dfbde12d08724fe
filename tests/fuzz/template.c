/* The first byte says which of the form's files the others are; the rest of the folder is the shipped one. */
#include <sys/stat.h>

#include "base/file.h"
#include "fuzz.h"

static const char *const names[] = {"template.json", "rules.json", "form.json", "captions.de.json", "summary.json"};
static char root[64];

static void in_folder(char path[256], const char *name)
{
    snprintf(path, 256, "%s/de/lohnsteuerbescheinigung/2025/%s", root, name);
}

static void put(const char *name, const void *data, size_t size)
{
    struct tc_error err = {0};
    char path[256];

    in_folder(path, name);
    unlink(path);
    if (!file_write(path, data, size, &err))
        abort();
}

static void restore(const char *name)
{
    struct tc_error err = {0};
    char path[256];
    size_t length;
    char *data;

    snprintf(path, sizeof path, "%s/templates/de/lohnsteuerbescheinigung/2025/%s", SOURCE_DIR, name);
    if (!file_read(path, &data, &length, &err))
        abort();
    put(name, data, length);
    free(data);
}

static void remove_root(void)
{
    char path[256];

    for (size_t i = 0; i < 5; i++) {
        in_folder(path, names[i]);
        unlink(path);
    }
    in_folder(path, "");
    rmdir(path);
    snprintf(path, sizeof path, "%s/de/lohnsteuerbescheinigung", root);
    rmdir(path);
    snprintf(path, sizeof path, "%s/de", root);
    rmdir(path);
    rmdir(root);
}

static void prepare(void)
{
    char path[256];

    snprintf(root, sizeof root, "%s/taxcert-fuzz-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (!mkdtemp(root))
        abort();
    atexit(remove_root);
    snprintf(path, sizeof path, "%s/de", root);
    mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/de/lohnsteuerbescheinigung", root);
    mkdir(path, 0700);
    in_folder(path, "");
    mkdir(path, 0700);
    for (size_t i = 0; i < 5; i++)
        restore(names[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tc_error err = {0};
    struct prepared engine;
    const char *name;

    if (size == 0)
        return 0;
    if (!*root)
        prepare();
    name = names[data[0] % 5];
    put(name, data + 1, size - 1);
    if (prepared_load_with(&engine, root, SOURCE_DIR "/templates/fonts", "de/lohnsteuerbescheinigung", 2025, 20260128, 0, &err))
        prepared_free(&engine);
    else if (!err.code || !*err.rule)
        abort(); /* refused without saying why */
    restore(name);
    return 0;
}
