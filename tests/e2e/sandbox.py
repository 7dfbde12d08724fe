"""What only looks can write nothing and is refused the system calls it does not need: a preloaded library tries them from inside, at the end of the process,
and is refused where the kernel has Landlock and seccomp. So is the program that verify starts. Usage: sandbox.py TAXCERT SOURCE_DIR"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

program, source = (os.path.abspath(word) for word in sys.argv[1:3])
beside = os.path.join(os.path.dirname(program), "../release/taxcert")  # without sanitizers, whose search for leaks needs another process
bank = os.path.join(source, "samples/bank")
has_reader = shutil.which("pdftotext") is not None
COMMON = ["--allow-test-ids", "--templates", os.path.join(source, "templates")]
# Each sets errno; what is refused says EPERM, and what is let through anything else, for its arguments are wrong.
TRIES = {"socket": "socket(AF_UNIX, SOCK_STREAM, 0)", "net": "socket(AF_INET, SOCK_STREAM, 0)", "kill": "kill(getppid(), 0)", "mount": 'mount(0, "/", 0, 0, 0)',
         "chroot": 'chroot("/")', "unshare": "unshare(CLONE_NEWUSER)", "bpf": "syscall(SYS_bpf, -1, 0, 0)", "io_uring": "syscall(SYS_io_uring_setup, 0, 0)",
         "reboot": "syscall(SYS_reboot, 0, 0, 0, 0)", "tiocsti": 'ioctl(0, TIOCSTI, "x")', "setuid": "syscall(SYS_setuid, getuid())", "keyctl": "syscall(SYS_keyctl, 99, 0, 0, 0, 0)",
         "exec": 'execl("/bin/true", "true", (char *)0)', "execveat": 'syscall(SYS_execveat, -1, "", 0, 0, 0)',
         "ptrace": "ptrace(PTRACE_PEEKDATA, -1, 0, 0)", "fork": "fork() == 0 ? (_exit(0), 0) : 0"}
STARTS = {"exec", "execveat", "fork"}  # what verify needs
LEAKS = {"ptrace", "fork"}             # what a build under ASan needs at its end
SOURCE = """#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
static void *nothing(void *ctx) { return ctx; }
__attribute__((destructor)) static void attempt(void)
{
    const char *path = getenv("TRY"), *what = getenv("WHAT");
    pthread_t thread;
    int told = what ? dup(2) : -1;
    if (path) open(path, O_WRONLY | O_CREAT, 0600);
    if (!what) return;
#define TAKE(name, call) errno = 0; call; dprintf(told, "%s %s=%s\\n", what, name, errno == EPERM || errno == ENOSYS ? "refused" : "free");
EVERY
    dprintf(told, "%s thread=%s\\n", what, pthread_create(&thread, NULL, nothing, NULL) ? "refused" : "free");
    if (getenv("EXEC") && !strcmp(program_invocation_short_name, "taxcert")) { unsetenv("LD_PRELOAD"); TAKE("exec", LAST) }
}
"""


def tried(words, environment):
    done = subprocess.run(words, capture_output=True, text=True, env=environment, stdin=subprocess.DEVNULL, timeout=60)
    assert done.returncode in (0, 1) and "Sanitizer" not in done.stderr, (words, done)
    return done.stderr


def look(program, at, sanitized):
    told = subprocess.run([program, "--version", "--verbose"], capture_output=True, text=True)
    assert told.returncode == 0 and "Landlock" in told.stdout and "seccomp" in told.stdout, told
    confined = re.search(r"Landlock \d", told.stdout) is not None
    refused = re.search(r"given up.*: seccomp$", told.stdout, re.M) is not None
    files = ["-e", os.path.join(bank, "employees.json"), os.path.join(bank, "payroll.json")]
    run = at("run")
    usual = None  # what nobody is refused here: by the kernel, for want of rights, or around this machine
    for words, free in ((["template", "list", *COMMON[1:]], True), (["verify", "--sample", "1", run], False), (["find", run, "100001"], False), (["explain", run, "100001"], False),
                        (["check", *COMMON, *files], False)):
        target = at("written." + words[0])
        environment = {**os.environ, "LD_PRELOAD": at("try.so"), "TRY": target, "WHAT": "inside",
                       "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}
        # What verify starts tries the same.
        answers = [line.split()[1].split("=") for line in tried([program, *words], environment).splitlines() if line.startswith("inside ")]
        assert os.path.exists(target) == (free or not confined), words
        usual = usual or {name for name, answer in answers if answer == "free"}
        assert len(answers) >= len(TRIES) and (words[0] != "verify" or not has_reader or len(answers) >= 2 * len(TRIES)), (words, answers)
        for name, answer in answers:
            right = refused and not free and name != "thread" and not (sanitized and name in LEAKS) and not (words[0] == "verify" and name in STARTS)
            assert name not in usual or (answer == "refused") == right, (words[0], name, answer)
        # Last, for whoever is let through comes back no more.
        came = "exec=" not in tried([program, *words], {**environment, "EXEC": "1"})
        assert came == (not refused or free or words[0] == "verify"), words[0]
        if os.path.exists(target):
            os.remove(target)
    assert {"socket", "net", "kill", "execveat", "ptrace", "fork", "thread"} <= usual, usual
    return confined, refused


with tempfile.TemporaryDirectory() as work:
    at = lambda *names: os.path.join(work, *names)
    with open(at("try.c"), "w") as file:
        calls = {name: call for name, call in TRIES.items() if name != "exec"}
        file.write(SOURCE.replace("EVERY", "\n".join(f'    TAKE("{name}", {call})' for name, call in calls.items())).replace("LAST", TRIES["exec"]))
    subprocess.run(["cc", "-shared", "-fPIC", "-o", at("try.so"), at("try.c")], check=True)
    files = ["-e", os.path.join(bank, "employees.json"), os.path.join(bank, "payroll.json")]
    assert subprocess.run([program, "generate", *COMMON, *files, "-o", at("run")], capture_output=True).returncode in (0, 1)
    found = look(program, at, True)
    if os.path.exists(beside):
        found = look(beside, at, False)
print("sandbox: " + ", ".join(name if there else f"this kernel or build has no {name}" for name, there in zip(("Landlock", "seccomp"), found)))
