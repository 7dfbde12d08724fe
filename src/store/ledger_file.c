#include "store/ledger_file.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "store/pages.h"

struct ledger_file {
    sqlite3_vfs system; /* first: SQLite hands its address back */
    char name[32];
    int fd;
    uint64_t size;
    struct pages *pages; /* NULL: nothing is proved */
    bool other;
};

/* What SQLite makes room for. */
struct handle {
    sqlite3_file file; /* first */
    struct ledger_file *ledger;
};

static int take_close(sqlite3_file *file)
{
    (void)file;
    return SQLITE_OK; /* the descriptor is the ledger's */
}

/* The bytes of one page, or some of them, from the page as it was proved. */
static int read_proved(struct ledger_file *f, void *data, int length, sqlite3_int64 at)
{
    char page[PAGES_SIZE];
    uint64_t number = (uint64_t)at / PAGES_SIZE, first = (uint64_t)at % PAGES_SIZE;
    void *to = length == PAGES_SIZE && first == 0 ? data : page;
    ssize_t n;

    if (first + (uint64_t)length > PAGES_SIZE || number * PAGES_SIZE >= f->size) {
        f->other = true; /* a ledger of ours has no other pages */
        return SQLITE_IOERR_READ;
    }
    while ((n = pread(f->fd, to, PAGES_SIZE, (off_t)(number * PAGES_SIZE))) < 0 && errno == EINTR)
        ;
    if (n < 0)
        return SQLITE_IOERR_READ;
    switch (n == PAGES_SIZE ? pages_check(f->pages, number, to) : PAGES_OTHER) {
    case PAGES_SAME: break;
    case PAGES_OTHER: f->other = true; return SQLITE_IOERR_READ;
    case PAGES_UNREAD: return SQLITE_IOERR_READ;
    case PAGES_NO_MEMORY: return SQLITE_IOERR_NOMEM;
    }
    if (to == page)
        memcpy(data, page + first, (size_t)length);
    return SQLITE_OK;
}

static int take_read(sqlite3_file *file, void *data, int length, sqlite3_int64 at)
{
    struct ledger_file *f = ((struct handle *)file)->ledger;
    ssize_t n;

    if (f->pages)
        return read_proved(f, data, length, at);
    while ((n = pread(f->fd, data, (size_t)length, at)) < 0 && errno == EINTR)
        ;
    if (n < 0)
        return SQLITE_IOERR_READ;
    memset((char *)data + n, 0, (size_t)(length - n)); /* as SQLite wants it */
    return n == length ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int take_write(sqlite3_file *file, const void *data, int length, sqlite3_int64 at)
{
    (void)file, (void)data, (void)length, (void)at;
    return SQLITE_READONLY;
}

static int take_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    (void)file, (void)size;
    return SQLITE_READONLY;
}

static int take_sync(sqlite3_file *file, int flags)
{
    (void)file, (void)flags;
    return SQLITE_OK;
}

static int take_size(sqlite3_file *file, sqlite3_int64 *size)
{
    *size = (sqlite3_int64)((struct handle *)file)->ledger->size;
    return SQLITE_OK;
}

static int take_lock(sqlite3_file *file, int kind)
{
    (void)file, (void)kind;
    return SQLITE_OK; /* a finished ledger is never changed */
}

static int take_look(sqlite3_file *file, int *held)
{
    (void)file;
    *held = 0;
    return SQLITE_OK;
}

static int take_control(sqlite3_file *file, int what, void *value)
{
    (void)file, (void)what, (void)value;
    return SQLITE_NOTFOUND;
}

static int take_sector(sqlite3_file *file)
{
    (void)file;
    return 4096;
}

static int take_device(sqlite3_file *file)
{
    (void)file;
    return SQLITE_IOCAP_IMMUTABLE;
}

static int open_ledger(sqlite3_vfs *system, const char *name, sqlite3_file *file, int flags, int *flags_out)
{
    static const sqlite3_io_methods methods = {
        .iVersion = 1,
        .xClose = take_close,
        .xRead = take_read,
        .xWrite = take_write,
        .xTruncate = take_truncate,
        .xSync = take_sync,
        .xFileSize = take_size,
        .xLock = take_lock,
        .xUnlock = take_lock,
        .xCheckReservedLock = take_look,
        .xFileControl = take_control,
        .xSectorSize = take_sector,
        .xDeviceCharacteristics = take_device,
    };

    (void)name;
    file->pMethods = NULL;
    if (!(flags & SQLITE_OPEN_MAIN_DB))
        return SQLITE_CANTOPEN;
    *(struct handle *)file = (struct handle){{&methods}, (struct ledger_file *)system};
    if (flags_out)
        *flags_out = flags;
    return SQLITE_OK;
}

static int remove_file(sqlite3_vfs *system, const char *name, int sync)
{
    (void)system, (void)name, (void)sync;
    return SQLITE_IOERR_DELETE;
}

static int look_for(sqlite3_vfs *system, const char *name, int flags, int *found)
{
    (void)system, (void)name, (void)flags;
    *found = 0;
    return SQLITE_OK;
}

static int name_whole(sqlite3_vfs *system, const char *name, int room, char *out)
{
    (void)system;
    return snprintf(out, (size_t)room, "%s", name) < room ? SQLITE_OK : SQLITE_CANTOPEN;
}

/* Makes it known to SQLite, under a name that no other has. */
static bool announce(struct ledger_file *f, struct tc_error *err)
{
    sqlite3_vfs *plain = sqlite3_initialize() == SQLITE_OK ? sqlite3_vfs_find("unix-none") : NULL;

    if (!plain)
        return error_memory(err);
    f->system = *plain; /* for the clock and the like */
    f->system.pNext = NULL;
    f->system.szOsFile = sizeof(struct handle);
    f->system.zName = f->name;
    f->system.xOpen = open_ledger;
    f->system.xDelete = remove_file;
    f->system.xAccess = look_for;
    f->system.xFullPathname = name_whole;
    snprintf(f->name, sizeof f->name, "ledger-%p", (void *)f);
    return sqlite3_vfs_register(&f->system, 0) == SQLITE_OK || error_memory(err);
}

struct ledger_file *ledger_file_open(const char *run, const char *root, struct tc_error *err)
{
    struct ledger_file *f = calloc(1, sizeof *f);
    struct stat status;

    if (!f) {
        error_memory(err);
        return NULL;
    }
    f->fd = file_open_below(run, "ledger.db", TC_IO, err);
    if (f->fd >= 0 && fstat(f->fd, &status) == 0)
        f->size = (uint64_t)status.st_size;
    if (f->fd >= 0 && (!root || (f->pages = pages_open(run, root, f->size, err)) != NULL) && announce(f, err))
        return f;
    ledger_file_close(f);
    return NULL;
}

const char *ledger_file_system(const struct ledger_file *f)
{
    return f->name;
}

uint64_t ledger_file_size(const struct ledger_file *f)
{
    return f->size;
}

bool ledger_file_is_other(const struct ledger_file *f)
{
    return f->other;
}

void ledger_file_close(struct ledger_file *f)
{
    if (!f)
        return;
    if (*f->name)
        sqlite3_vfs_unregister(&f->system);
    pages_close(f->pages);
    if (f->fd >= 0)
        close(f->fd);
    free(f);
}
