/* A waivers file of any bytes. */
#include "fuzz.h"

#include "check/waivers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tc_error err = {0};
    char path[64];
    int fd = fuzz_file(data, size, path);

    waivers_free(waivers_load(path, NULL, fuzz_engine()->template, &err));
    close(fd);
    return 0;
}
