#include "base/calls.h"

#ifdef HAS_SECCOMP
#include <errno.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A build that looks for leaks at its end does so by a process of its own, which reads this one. */
#ifndef __has_feature
#define __has_feature(name) false
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define LOOKS_FOR_LEAKS true
#else
#define LOOKS_FOR_LEAKS false
#endif

/* What is refused, not what is allowed: the C library, the allocator and threads ask for other calls with each release. */
static const int refused[] = {
    /* the network, sockets of this machine too */
    SCMP_SYS(socket), SCMP_SYS(socketpair), SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(listen), SCMP_SYS(accept), SCMP_SYS(accept4),
    SCMP_SYS(socketcall),
    /* other processes */
    SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev), SCMP_SYS(kcmp), SCMP_SYS(kill), SCMP_SYS(tkill), SCMP_SYS(rt_sigqueueinfo),
    SCMP_SYS(rt_tgsigqueueinfo), SCMP_SYS(pidfd_open), SCMP_SYS(pidfd_getfd), SCMP_SYS(pidfd_send_signal),
    /* what can be seen, and by whom */
    SCMP_SYS(mount), SCMP_SYS(umount2), SCMP_SYS(pivot_root), SCMP_SYS(chroot), SCMP_SYS(move_mount), SCMP_SYS(open_tree), SCMP_SYS(fsopen),
    SCMP_SYS(fsconfig), SCMP_SYS(fsmount), SCMP_SYS(fspick), SCMP_SYS(unshare), SCMP_SYS(setns), SCMP_SYS(name_to_handle_at),
    SCMP_SYS(open_by_handle_at), SCMP_SYS(add_key), SCMP_SYS(request_key), SCMP_SYS(keyctl), SCMP_SYS(setuid), SCMP_SYS(setgid),
    SCMP_SYS(setreuid), SCMP_SYS(setregid), SCMP_SYS(setresuid), SCMP_SYS(setresgid), SCMP_SYS(setgroups), SCMP_SYS(capset),
    /* the kernel's wide doors, and the machine */
    SCMP_SYS(bpf), SCMP_SYS(perf_event_open), SCMP_SYS(userfaultfd), SCMP_SYS(io_uring_setup), SCMP_SYS(io_uring_enter),
    SCMP_SYS(io_uring_register), SCMP_SYS(init_module), SCMP_SYS(finit_module), SCMP_SYS(delete_module), SCMP_SYS(kexec_load),
    SCMP_SYS(kexec_file_load), SCMP_SYS(reboot), SCMP_SYS(swapon), SCMP_SYS(swapoff), SCMP_SYS(acct), SCMP_SYS(quotactl), SCMP_SYS(syslog),
    SCMP_SYS(personality), SCMP_SYS(settimeofday), SCMP_SYS(clock_settime), SCMP_SYS(adjtimex), SCMP_SYS(clock_adjtime),
    SCMP_SYS(sethostname), SCMP_SYS(setdomainname), SCMP_SYS(iopl), SCMP_SYS(ioperm), SCMP_SYS(modify_ldt)};

static bool refuse(scmp_filter_ctx filter, int call)
{
    return seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), call, 0) == 0;
}

/* Threads stay: where clone3, whose flags no filter sees, is unknown, the C library asks for clone. */
static bool refuse_processes(scmp_filter_ctx filter)
{
    return refuse(filter, SCMP_SYS(fork)) && refuse(filter, SCMP_SYS(vfork))
           && seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0
           && seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1, SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0)) == 0;
}

static bool refuse_programs(scmp_filter_ctx filter)
{
    return refuse(filter, SCMP_SYS(execve)) && refuse(filter, SCMP_SYS(execveat)) && (LOOKS_FOR_LEAKS || refuse_processes(filter));
}

bool calls_can_go(void)
{
    uint32_t action = SECCOMP_RET_ERRNO;

    return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

void calls_give_up(bool programs)
{
    scmp_filter_ctx filter = calls_can_go() ? seccomp_init(SCMP_ACT_ALLOW) : NULL;
    bool ok = filter && (LOOKS_FOR_LEAKS || refuse(filter, SCMP_SYS(ptrace))) && (programs || refuse_programs(filter));

    for (size_t i = 0; i < sizeof refused / sizeof *refused && ok; i++)
        ok = refuse(filter, refused[i]);
    /* Letters put into the terminal, as if they had been typed. */
    if (ok && seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 1, SCMP_A1(SCMP_CMP_MASKED_EQ, 0xFFFFFFFF, TIOCSTI)) == 0)
        seccomp_load(filter);
    seccomp_release(filter);
}

#else

bool calls_can_go(void)
{
    return false;
}

void calls_give_up(bool programs)
{
    (void)programs;
}
#endif
