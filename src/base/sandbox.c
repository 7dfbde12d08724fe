/* What a process gives up by itself, so that a fault of ours or of a library does less. */
#include <fcntl.h>
#include <linux/landlock.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/calls.h"
#include "base/file.h"
#include "taxcert.h"

/* By the version that brought them: the headers may be older than the kernel. */
#define SINCE_1                                                                                                                    \
    (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR \
     | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO     \
     | LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_EXECUTE)
#define SINCE_2 (1ULL << 13) /* to another folder */
#define SINCE_3 (1ULL << 14) /* to cut off */

int tc_sandbox_version(void)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

    return version > 0 ? (int)version : 0;
}

bool tc_sandbox_calls(void)
{
    return calls_can_go();
}

/* As the kernel has it. */
struct rules {
    uint64_t files;
    uint64_t net;    /* since 4: TCP, to listen and to connect */
    uint64_t scoped; /* since 6: abstract sockets and signals to processes outside */
};

/* The rights on what is below a folder. */
static void allow(int rules, const char *folder, uint64_t rights)
{
    struct landlock_path_beneath_attr below = {.allowed_access = rights, .parent_fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC)};

    if (below.parent_fd < 0)
        return;
    syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &below, 0);
    close(below.parent_fd);
}

/* folder: NULL: nowhere. */
static void confine(const char *folder)
{
    int version = tc_sandbox_version(), fd;
    /* What is named here and allowed by no rule is forbidden everywhere. */
    const struct rules rules = {.files = SINCE_1 | (version >= 2 ? SINCE_2 : 0) | (version >= 3 ? SINCE_3 : 0), .net = 3, .scoped = 3};
    size_t size = version >= 6 ? sizeof rules : version >= 4 ? offsetof(struct rules, scoped) : offsetof(struct rules, net);

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || version == 0)
        return;
    fd = (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
    if (fd < 0)
        return;
    if (folder) {
        char above[FILE_PATH_MAX];

        snprintf(above, sizeof above, "%s/..", folder);
        allow(fd, folder, rules.files & ~(uint64_t)LANDLOCK_ACCESS_FS_EXECUTE);
        allow(fd, above, LANDLOCK_ACCESS_FS_REMOVE_DIR); /* which takes empty ones only */
        allow(fd, "/", LANDLOCK_ACCESS_FS_EXECUTE); /* verify starts the program that reads PDFs back, which may write no more than it */
    }
    syscall(SYS_landlock_restrict_self, fd, 0); /* which a container may refuse: then there is less */
    close(fd);
}

void tc_read_only(void)
{
    confine(NULL);
    calls_give_up(false);
}

void tc_write_only_below(const char *folder)
{
    confine(folder);
    calls_give_up(true);
}
