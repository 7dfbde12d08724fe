/* A finished run of the fixed payroll, in a folder that goes at the end; for targets that put something into it or beside it. */
#ifndef BASE_RUN_H
#define BASE_RUN_H

#include <ftw.h>
#include <sys/stat.h>

#include "base/file.h"
#include "fuzz.h"
#include "taxcert.h"

static char base_root[64];

static inline int base_remove(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status;
    (void)kind;
    (void)walk;
    return remove(path);
}

static inline void base_clear(const char *folder)
{
    nftw(folder, base_remove, 8, FTW_DEPTH | FTW_PHYS);
}

static inline void base_end(void)
{
    base_clear(base_root);
}

static inline void base_path(char path[FILE_PATH_MAX], const char *name)
{
    struct tc_error err = {0};

    if (!file_path(base_root, name, path, &err))
        abort();
}

/* The run's bytes of this file: owned. */
static inline char *base_read(const char *name, size_t *length)
{
    char path[FILE_PATH_MAX], *data;
    struct tc_error err = {0};

    base_path(path, name);
    if (!file_read(path, &data, length, &err))
        abort();
    return data;
}

static inline void base_put(const char *name, const void *data, size_t length)
{
    char path[FILE_PATH_MAX];
    struct tc_error err = {0};

    base_path(path, name);
    unlink(path);
    if (!file_write(path, data, length, &err))
        abort();
}

/* In base_root/run; once. */
static inline void base_make(void)
{
    struct tc_options o = {.payroll = SOURCE_DIR "/tests/fuzz/payroll.json",
                           .employees = SOURCE_DIR "/tests/fuzz/employees.json",
                           .templates = SOURCE_DIR "/templates",
                           .allow_test_ids = true,
                           .jobs = 1};
    struct tc_result result;
    struct tc_error err = {0};
    char run[FILE_PATH_MAX];

    if (*base_root)
        return;
    snprintf(base_root, sizeof base_root, "%s/taxcert-fuzz-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (!mkdtemp(base_root))
        abort();
    atexit(base_end);
    base_path(run, "run");
    o.output = run;
    if (tc_generate(&o, &result, &err) > TC_HELD || result.issued == 0)
        abort();
}

/* The code of proving a run, without reading its texts back. */
static inline enum tc_code base_verify(const char *run)
{
    struct tc_verify_options o = {.sample = -1};
    struct tc_verify_result result;
    struct tc_error err = {0};
    enum tc_code code;

    code = tc_verify(run, &o, &result, &err);
    if (err.code && (!*err.rule || !*err.message))
        abort(); /* refused without saying why */
    return code;
}

#endif
