"""Every command with the run on a network share: a preloaded shim (tests/lib/share.c) lets removed open files keep their names, refuses their
reuse, locks, links, files without a name, permissions, and renaming what is open. The results are those of a disk, nothing is left over, and
two that log at once break no chain. Usage: share.py TAXCERT SOURCE_DIR"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

program, source = (os.path.abspath(word) for word in sys.argv[1:3])
shim = os.path.join(os.path.dirname(program), "tests", "share.so")
bank = os.path.join(source, "samples/bank")
COMMON = ["--allow-test-ids", "--templates", os.path.join(source, "templates")]


def check_tree(top):
    """Nothing hidden, temporary or half-done is left."""
    for folder, folders, names in os.walk(top):
        for name in folders + names:
            assert not re.search(r"^\.share|^\.|\.partial$|^tmp$|\.lock$|^rows", name), os.path.join(folder, name)


with tempfile.TemporaryDirectory() as work:
    work = os.path.realpath(work)
    share, disk, log = (os.path.join(work, n) for n in ("share", "disk", "log"))
    environment = {**os.environ, "LD_PRELOAD": shim, "SHARE_ROOT": share, "SHARE_LOG": log,
                   "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}
    # The shim does what it says.
    os.mkdir(share)
    probe = subprocess.run([sys.executable, "-c", f"""
import errno, fcntl, os
os.chdir({share!r})
f = open("a", "w"); os.unlink("a"); assert len(os.listdir(".")) == 1
for call, code in ((lambda: os.open("a", os.O_CREAT | os.O_EXCL), errno.EEXIST), (lambda: fcntl.flock(f, fcntl.LOCK_EX), errno.ENOLCK),
                   (lambda: fcntl.lockf(f, fcntl.LOCK_EX), errno.ENOLCK), (lambda: os.symlink("b", "c"), errno.EPERM),
                   (lambda: os.chmod(".", 0o700), errno.EPERM)):
    try: call()
    except OSError as e: assert e.errno == code, (e, code)
    else: raise SystemExit("let through: %d" % code)
"""], env={**environment, "SHARE_LOG": ""}, capture_output=True, text=True)
    assert probe.returncode == 0, probe.stderr
    shutil.rmtree(share)

    def run(folder, *words, shared):
        done = subprocess.run([program, *words], capture_output=True, text=True, cwd=folder, env=environment if shared else None)
        assert "Sanitizer" not in done.stderr and "runtime error" not in done.stderr, done.stderr[-3000:]
        return done.returncode, done.stdout, done.stderr

    def everything(folder, shared):
        """All commands, and what each of them said."""
        os.makedirs(os.path.join(folder, "many/alpha"))
        for name in ("employees", "payroll", "corrections"):
            shutil.copy(os.path.join(bank, name + ".json"), folder)
            if name != "corrections":
                shutil.copy(os.path.join(bank, name + ".json"), os.path.join(folder, "many/alpha"))
        shutil.copytree(os.path.join(folder, "many/alpha"), os.path.join(folder, "many/beta"))
        number = json.load(open(os.path.join(bank, "payroll.json")))["certificates"][0]["id"]
        told = {}
        for key, words in {
                "check": ("check", *COMMON, "-e", "employees.json", "payroll.json"),
                "generate": ("generate", *COMMON, "-e", "employees.json", "payroll.json", "-o", "2025"),
                "many": ("generate", *COMMON, "many", "-o", "runs"),
                "many again": ("generate", *COMMON, "many", "-o", "runs"),
                "find": ("find", "2025", number),
                "explain": ("explain", "2025", number),
                "reprint": ("reprint", "2025", number, "-o", "again.pdf"),
                "duplicate": ("reprint", *COMMON[1:], "2025", number, "--duplicate", "--reason", "lost", "-o", "duplicate.pdf"),
                "correct": ("correct", *COMMON, "2025", "corrections.json", "-o", "2025-03"),
                "summary": ("summary", "2025-03", "-o", "summary.xlsx"),
                "verify": ("verify", "2025-03"),
                "verify many": ("verify", "runs/alpha")}.items():
            told[key] = run(folder, *words, shared=shared)
        return told

    os.mkdir(disk)
    expected, got = everything(disk, False), everything(share, True)
    for key, (code, out, _) in expected.items():
        assert got[key][0] == code, (key, got[key])
        makes_run = key in ("generate", "many", "many again", "correct")
        assert got[key][2].count("[permissions]") == makes_run and "[permissions]" not in expected[key][2], (key, got[key][2])
        unsealed = [re.sub(r"\bseal [0-9a-f]{64}", "", text) for text in (got[key][1], out)] # a seal knows times
        assert unsealed[0] == unsealed[1], (key, *unsealed)
    assert {code for code, _, _ in expected.values()} <= {0, 1}, expected
    same = subprocess.run(["diff", "-r", "-x", "events.log", disk, share], capture_output=True, text=True)
    assert same.returncode == 0, same.stdout[:1000]
    check_tree(share)
    done = open(log).read()
    assert "rename of what is open" not in done and "name of a removed file" not in done and "chmod" not in done, done
    # Logging at once, and after somebody was killed while he held the log.
    number = json.load(open(os.path.join(bank, "payroll.json")))["certificates"][1]["id"]
    many = [subprocess.Popen([program, "reprint", "2025-03", number, "-o", f"{i}.pdf"], cwd=share, env=environment, stderr=subprocess.PIPE) for i in range(6)]
    for one in many:
        assert one.wait() == 0, one.stderr.read()
    assert run(share, "verify", "2025-03", shared=True)[0] == 0
    print("share: every command as on a disk")
