#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    int fd = fuzz_file(data, size, path);

    fuzz_certify(path, SOURCE_DIR "/tests/fuzz/employees.json");
    close(fd);
    return 0;
}
