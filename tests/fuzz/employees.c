#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    int fd = fuzz_file(data, size, path);

    fuzz_certify(SOURCE_DIR "/tests/fuzz/payroll.json", path);
    close(fd);
    return 0;
}
