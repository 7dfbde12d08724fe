/* A form's folder, damaged: each step of the input names a file and says what becomes of it. A form that loads in spite of it makes certificates. */
#include <sys/stat.h>

#include "base/file.h"
#include "fuzz.h"

static const char *const names[] = {"template.json", "rules.json", "form.json", "captions.de.json", "summary.json", "letter.json"};
#define COUNT (sizeof names / sizeof *names)
static struct {
    char *data;
    size_t length;
} shipped[COUNT];
static char root[64];

static void path_of(char path[256], const char *name)
{
    snprintf(path, 256, "%s/%s", root, name);
}

static void end(void)
{
    char path[256];

    for (size_t i = 0; i < COUNT; i++) {
        path_of(path, names[i]);
        unlink(path);
    }
    rmdir(root);
}

static void start(void)
{
    char path[256];

    for (size_t i = 0; i < COUNT; i++) {
        struct tc_error err = {0};

        snprintf(path, sizeof path, "%s/templates/de/lohnsteuerbescheinigung/2025/%s", SOURCE_DIR, names[i]);
        if (!file_read(path, &shipped[i].data, &shipped[i].length, &err))
            shipped[i].length = 0;
    }
    snprintf(root, sizeof root, "%s/taxcert-fuzz-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (!mkdtemp(root))
        abort();
    atexit(end);
}

/* A step: which file, and whether it is cut off; then what fuzz_step says. What was taken of the input. */
static size_t step(const uint8_t *data, size_t size, char **text, size_t length[COUNT])
{
    size_t i = data[0] % COUNT, taken = 1 + fuzz_step(data + 1, size - 1, text[i], &length[i]);

    if (data[0] / COUNT % 8 == 7)
        length[i] = length[i] * data[1] / 256;
    return taken;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[256], *text[COUNT];
    size_t length[COUNT];
    struct prepared engine;
    struct tc_error err = {0};

    if (!*root)
        start();
    for (size_t i = 0; i < COUNT; i++) {
        length[i] = shipped[i].length;
        text[i] = malloc(length[i] + size + 1);
        if (!text[i])
            abort();
        memcpy(text[i], shipped[i].data ? shipped[i].data : "", length[i]);
    }
    for (size_t at = 0; at + 5 <= size;)
        at += step(data + at, size - at, text, length);
    for (size_t i = 0; i < COUNT; i++) {
        struct tc_error ignored = {0};

        path_of(path, names[i]);
        unlink(path);
        if (length[i] > 0 && !file_write(path, text[i], length[i], &ignored)) /* nothing left: it is missing */
            abort();
        free(text[i]);
    }
    if (prepared_load_folder(&engine, root, SOURCE_DIR "/templates/fonts", 20260128, 0, &err)) {
        fuzz_certify_with(&engine, SOURCE_DIR "/tests/fuzz/payroll.json", SOURCE_DIR "/tests/fuzz/employees.json");
        prepared_free(&engine);
    } else if (!err.code || !*err.rule) {
        abort(); /* refused without saying why */
    }
    return 0;
}
