/* An event log and a list of hashes of any bytes, in a run's folder: read, added to, and proved against. */
#include "fuzz.h"

#include "base/file.h"
#include "store/events.h"
#include "store/manifest.h"

static void on_event(void *ctx, const char *about, const char *reason)
{
    *(size_t *)ctx += strlen(about) + strlen(reason);
}

static void put(const char *folder, const char *name, const uint8_t *data, size_t size)
{
    struct tc_error err = {0};
    char path[FILE_PATH_MAX];

    if (!file_path(folder, name, path, &err))
        abort();
    unlink(path);
    if (size != (size_t)-1 && !file_write(path, data, size, &err))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char folder[] = "/tmp/fuzz_events_XXXXXX", about[80], hash[HASH_HEX + 1];
    struct tc_error errors[6] = {{0}};
    unsigned char bytes[HASH_SIZE];
    size_t seen = 0;
    long count;

    if (!mkdtemp(folder))
        abort();
    put(folder, "events.log", data, size);
    put(folder, "SHA256SUMS", data, size);
    put(folder, "ledger.db", data, size);
    events_check(folder, &count, about, &errors[0]);
    events_each(folder, "superseding", on_event, &seen, &errors[1]);
    events_has(folder, "corrected", "A1", &errors[2]);
    if (events_add(folder, "reprint", "A1", "lost", &errors[3]) && !errors[0].code && !events_check(folder, &count, about, &errors[4]))
        abort(); /* a chain that was unbroken stays so */
    /* The list of hashes behind a log that names it. */
    hash_bytes(data, size, bytes);
    hash_hex(bytes, hash);
    put(folder, "events.log", data, (size_t)-1);
    if (!events_add(folder, "generate", hash, NULL, &errors[5]))
        abort();
    ledger_close(manifest_open(folder, &errors[5]));
    put(folder, "events.log", data, (size_t)-1);
    put(folder, "SHA256SUMS", data, (size_t)-1);
    put(folder, "ledger.db", data, (size_t)-1);
    rmdir(folder);
    return 0;
}
