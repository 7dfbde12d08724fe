/* Preloaded: the allocation with the number OOM_AT, counted from the program's start, fails, and with OOM_ALL every later one too. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);

static atomic_long count;
static long at = -1;
static int all;

/* As malloc does: errno says it. */
static int fails(const void *caller)
{
    Dl_info info;

    long number = atomic_fetch_add(&count, 1);

    if (at < 0) {
        const char *text = getenv("OOM_AT");

        at = text ? atol(text) : 0;
        all = getenv("OOM_ALL") != NULL;
    }
    if (at <= 0 || number < at || (number > at && !all))
        return 0;
    /* HarfBuzz 6 and the start of OpenSSL 3.0 do not survive it themselves. */
    if (dladdr(caller, &info) != 0 && info.dli_fname && (strstr(info.dli_fname, "harfbuzz") || strstr(info.dli_fname, "libcrypto")))
        return 0;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *calloc(size_t number, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_calloc(number, size);
}

void *realloc(void *memory, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_realloc(memory, size);
}

__attribute__((destructor)) static void tell(void)
{
    const char *path = getenv("OOM_COUNT");

    if (path && !freopen(path, "w", stdout))
        return;
    if (path)
        printf("%ld\n", count);
}
