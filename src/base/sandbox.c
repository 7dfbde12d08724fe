/* What a process gives up by itself, so that a fault of ours or of a library does less. */
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

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

void tc_read_only(void)
{
    int version = tc_sandbox_version(), fd;
    /* What is named here and allowed by no rule is forbidden everywhere. */
    struct landlock_ruleset_attr rules = {.handled_access_fs = SINCE_1 | (version >= 2 ? SINCE_2 : 0) | (version >= 3 ? SINCE_3 : 0)};

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || version == 0)
        return;
    fd = (int)syscall(SYS_landlock_create_ruleset, &rules, sizeof rules.handled_access_fs, 0);
    if (fd < 0)
        return;
    syscall(SYS_landlock_restrict_self, fd, 0); /* which a container may refuse: then there is less */
    close(fd);
}
