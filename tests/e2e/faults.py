"""Full disks, file-size limits, folders that cannot be written: the right exit code, nothing published half-done, and the same
command completes the run once the fault is gone. For memory: tests/fault/starve.c. Usage: faults.py TAXCERT SOURCE_DIR"""
import os
import resource
import subprocess
import sys
import tempfile

program, source = sys.argv[1:3]
here = os.path.dirname(program)
synth = os.path.join(here, "tests", "synth")
templates = ["--templates", os.path.join(source, "templates")]


def command(binary, data, out, *more):
    return [binary, "generate", "--allow-test-ids", *templates, "-e", os.path.join(data, "employees.json"),
            os.path.join(data, "payroll.json"), "-o", out, *more]


def same(a, b):
    return subprocess.run(["diff", "-r", "-q", "-x", "events.log", a, b], capture_output=True).returncode == 0


def failed(done, out, what):
    assert done.returncode == 4, (what, done.returncode, done.stderr[-300:])
    assert not os.path.exists(out), what


with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as folder:
    data, calm = os.path.join(folder, "data"), os.path.join(folder, "calm")
    os.mkdir(data)
    subprocess.run([synth, "200", "3", data], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(command(program, data, calm), check=True, capture_output=True)

    # No file may grow beyond a limit: a PDF, the workbook's parts, the records, the ledger meet it one after the other.
    biggest = max(os.path.getsize(os.path.join(calm, name)) for name in os.listdir(calm))
    for limit in (10_000, 60_000, 150_000, 200_000, biggest // 2, biggest - 5000):
        out = os.path.join(folder, f"limit-{limit}")
        done = subprocess.run(command(program, data, out), capture_output=True, text=True,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
        failed(done, out, f"limit {limit}")
        assert subprocess.run(command(program, data, out), capture_output=True).returncode == 0
        assert same(calm, out) and not os.path.exists(out + ".partial"), limit

    # A full disk, which only root can make.
    disk = os.path.join(folder, "disk")
    os.mkdir(disk)
    if os.getuid() == 0 and subprocess.run(["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", disk], capture_output=True).returncode == 0:
        try:
            out = os.path.join(disk, "run")
            total = int(subprocess.run(["du", "-sk", calm], capture_output=True, text=True).stdout.split()[0])
            for size in (100, total // 10, total // 2, total * 8 // 10, total * 19 // 20):
                subprocess.run(["mount", "-o", f"remount,size={size}k", disk], check=True)
                failed(subprocess.run(command(program, data, out), capture_output=True, text=True), out, f"{size} KB of disk")
            subprocess.run(["mount", "-o", f"remount,size={3 * total}k", disk], check=True)
            assert subprocess.run(command(program, data, out), capture_output=True).returncode == 0
            assert same(calm, out) and os.listdir(disk) == ["run"]
        finally:
            subprocess.run(["umount", disk], check=True)
    else:
        print("faults: no tmpfs can be mounted here: full disks are not tried")

    # Places where nothing can be written.
    for out in (os.path.join(folder, "no/such/folder"), os.path.join(data, "payroll.json", "x"), "/proc/run"):
        done = subprocess.run(command(program, data, out), capture_output=True, text=True)
        assert done.returncode in (2, 4) and not os.path.exists(out) and out.split("/")[-1] in done.stderr, (out, done.returncode, done.stderr)

    # The folder vanishes under the run.
    out = os.path.join(folder, "gone")
    process = subprocess.Popen(command(program, data, out), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while process.poll() is None and not os.path.exists(out + ".partial/certificates"):
        pass
    subprocess.run(["rm", "-rf", out + ".partial"], capture_output=True)
    said = process.communicate()
    assert process.returncode in (0, 4) and "Sanitizer" not in said[1], said
print("faults: ok")
