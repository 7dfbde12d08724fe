/* A run's list of hashes, any bytes (the first is 0) or its own with steps (fuzz_step): verify ends, and proves none but the run's own. */
#include "base_run.h"

static size_t change(const uint8_t *data, size_t size, char *text, size_t length)
{
    for (size_t at = 0; at + 4 <= size;)
        at += fuzz_step(data + at, size - at, text, &length);
    return length;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char *own;
    static size_t length;
    char run[FILE_PATH_MAX], *text;
    size_t made;
    bool same;

    if (size == 0)
        return 0;
    base_make();
    own = own ? own : base_read("run/SHA256SUMS", &length);
    text = malloc(length + size);
    if (!text)
        abort();
    memcpy(text, *data ? (const void *)own : data + 1, *data ? length : size - 1);
    made = *data ? change(data + 1, size - 1, text, length) : size - 1;
    base_path(run, "run");
    base_put("run/SHA256SUMS", text, made);
    same = made == length && memcmp(text, own, made) == 0;
    if ((base_verify(run) == TC_OK) != same)
        abort();
    free(text);
    return 0;
}
