"""Every command with its run on real file systems of other kinds, mounted through FUSE; the files are those of a plain folder.
Usage, as root: shares.py TAXCERT SOURCE_DIR    Debian: bindfs ntfs-3g exfat-fuse exfatprogs sshfs openssh-sftp-server

What is not installed is said and passed over. NFS and SMB need a kernel or a machine that has them: give mounted folders as further arguments."""
import filecmp
import os
import shutil
import subprocess
import sys
import tempfile

program, source = (os.path.abspath(word) for word in sys.argv[1:3])
bank = os.path.join(source, "samples/bank")
COMMON = ["--allow-test-ids", "--templates", os.path.join(source, "templates")]


def call(*words, codes=(0,)):
    done = subprocess.run([program, *words], capture_output=True, text=True)
    assert done.returncode in codes, (words[0], done.returncode, done.stderr[-1500:])
    return done.stdout


def use(folder):
    """Everything that a year needs, in this folder; what was made."""
    inner = os.path.join(folder, "archive")
    os.mkdir(inner)
    run, second, many = (os.path.join(inner, name) for name in ("run", "second", "many"))
    call("generate", *COMMON, "-e", bank + "/employees.json", bank + "/payroll.json", "-o", run, codes=(0, 1))
    call("verify", run)
    number = min(f for _, _, files in os.walk(os.path.join(run, "certificates")) for f in files).split("+")[1][:-4]
    call("reprint", run, number, "-o", os.path.join(inner, "copy.pdf"))
    call("reprint", *COMMON[1:], "--duplicate", "--reason", "lost", run, number, "-o", os.path.join(inner, "duplicate.pdf"))
    call("find", run, number), call("explain", run, number)
    call("summary", run, "-o", os.path.join(inner, "again.xlsx"))
    call("correct", *COMMON, run, bank + "/corrections.json", "-o", second)
    call("verify", second), call("verify", run)
    call("summary", second, "-o", os.path.join(inner, "second.xlsx"))
    call("generate", *COMMON, samples(folder), "-o", many, codes=(0, 1))
    call("generate", *COMMON, "-e", bank + "/employees.json", bank + "/payroll.json", "-o", run, codes=(0, 1, 2, 4))  # it is there
    call("verify", run)
    return inner


def samples(folder):
    into = os.path.join(folder, "employers", "one")
    os.makedirs(into)
    for name in ("payroll.json", "employees.json"):
        shutil.copy(os.path.join(bank, name), into)
    return os.path.dirname(into)


def same(a, b):
    names = [{os.path.relpath(os.path.join(d, f), top) for d, _, files in os.walk(top) for f in files} for top in (a, b)]
    assert names[0] == names[1], sorted(names[0] ^ names[1])[:5]
    for name in sorted(names[0]):
        if os.path.basename(name) != "events.log" and not filecmp.cmp(os.path.join(a, name), os.path.join(b, name), shallow=False):
            yield name


def image(work, name, make):
    path = os.path.join(work, name + ".img")
    with open(path, "wb") as file:
        file.truncate(400 << 20)
    subprocess.run([*make, path], check=True, capture_output=True)
    return path


def block(path):
    """The image as a block device where the kernel has loops; else the image."""
    done = subprocess.run(["losetup", "-f", "--show", path], capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else path


def mounts(work):
    """Name, needed programs, and what mounts it at a folder."""
    back, sftp = os.path.join(work, "back"), os.path.join(work, "sftp")
    os.mkdir(back)
    with open(sftp, "w") as file:
        file.write("#!/bin/sh\nexec /usr/lib/openssh/sftp-server\n")
    os.chmod(sftp, 0o700)
    remote = os.path.join(work, "remote")
    os.mkdir(remote)
    return [("bindfs", ("bindfs",), lambda at: ["bindfs", back, at]),
            ("ntfs", ("ntfs-3g", "mkfs.ntfs"), lambda at: ["ntfs-3g", image(work, "ntfs", ["mkfs.ntfs", "-F", "-Q"]), at]),
            ("exfat", ("mount.exfat-fuse", "mkfs.exfat"), lambda at: ["mount.exfat-fuse", block(image(work, "exfat", ["mkfs.exfat"])), at]),
            ("sshfs", ("sshfs", "/usr/lib/openssh/sftp-server"), lambda at: ["sshfs", "-o", "ssh_command=" + sftp, "host:" + remote, at])]


def main():
    failed = False
    with tempfile.TemporaryDirectory() as work:
        plain = os.path.join(work, "plain")
        os.mkdir(plain)
        expected = use(plain)
        places = [(name, programs, mount) for name, programs, mount in mounts(work)] + [(folder, (), None) for folder in sys.argv[3:]]
        for name, programs, mount in places:
            missing = [p for p in programs if not shutil.which(p)]
            if missing:
                print(f"{name}: not here ({', '.join(missing)})")
                continue
            at = name if mount is None else os.path.join(work, "at-" + name)
            if mount:
                os.mkdir(at)
                mounted = subprocess.run(mount(at), capture_output=True, text=True)
                if mounted.returncode:
                    print(f"{name}: cannot be mounted here: {mounted.stderr.strip()[-200:]}")
                    continue
            try:
                # The correcting run names the first one's path, so its ledger and workbook differ; everything else is the same.
                other = [n for n in same(expected, use(at)) if not n.endswith(("ledger.db", ".xlsx", "SHA256SUMS"))]
                print(f"{name}: every command works, " + ("the files are the same" if not other else f"other bytes: {other[:5]}"))
                failed = failed or bool(other)
            except AssertionError as wrong:
                print(f"{name}: {wrong}")
                failed = True
            finally:
                if mount:
                    subprocess.run(["umount", at])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
