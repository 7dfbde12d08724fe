/* System calls that a process gives up. Alone includes seccomp, which a build may lack. */
#ifndef BASE_CALLS_H
#define BASE_CALLS_H

#include <stdbool.h>

/* Whether this build and this kernel can. */
bool calls_can_go(void);
/* From here on the calling thread, and those it starts, are refused (EPERM) what this program never asks for: sockets, other processes, mounts, keys,
 * the machine. programs: it still starts others, which are refused the same. Silently nothing where that cannot be. After no_new_privs. */
void calls_give_up(bool programs);

#endif
