"""Full disks, file-size limits, folders that cannot be written, and allocations that fail: the right exit code, nothing published
half-done, and the same command completes the run once the fault is gone. Usage: faults.py TAXCERT SOURCE_DIR"""
import json
import os
import resource
import subprocess
import sys
import tempfile

program, source = sys.argv[1:3]
here = os.path.dirname(program)
release = os.path.join(here, "../release/taxcert")  # a preloaded allocator and ASan exclude each other
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

    # Every so-manieth allocation fails, once or from there on: in our code, jansson's and libharu's. HarfBuzz, OpenSSL and
    # libxlsxwriter do not survive it (the shim spares the first two; generate is not tried: it would end without having published anything).
    shim = os.path.join(folder, "oom.so")
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", shim, os.path.join(source, "tests/fault/oom.c")], check=True)
    count = os.path.join(folder, "count")

    def starve(arguments, at, every):
        env = dict(os.environ, LD_PRELOAD=shim, OOM_AT=str(at), OOM_COUNT=count, **({"OOM_ALL": "1"} if every else {}))
        done = subprocess.run([release, *arguments], env=env, capture_output=True, text=True, timeout=60)
        return done, int(open(count).read()) if os.path.exists(count) and os.path.getsize(count) else 0

    bank = os.path.join(source, "samples/bank")
    payroll = json.load(open(os.path.join(bank, "payroll.json")))
    payroll["certificates"] = payroll["certificates"][:2]
    json.dump(payroll, open(os.path.join(folder, "two.json"), "w"))
    check = ["check", "--jobs", "1", "--allow-test-ids", *templates, "-e", os.path.join(bank, "employees.json"), os.path.join(folder, "two.json")]
    os.mkdir(os.path.join(folder, "employers"))
    for name in ("a", "b"):
        os.symlink(os.path.join(folder, "two.json"), os.path.join(folder, "employers", name + ".json"))
        os.symlink(os.path.join(bank, "employees.json"), os.path.join(folder, "employers", name + ".employees.json"))
    several = ["check", "--jobs", "1", "--allow-test-ids", *templates, os.path.join(folder, "employers")]
    preview = ["template", "preview", *templates, "de/lohnsteuerbescheinigung", "2025", "-o", os.path.join(folder, "preview.pdf")]
    trial = os.path.join(folder, "two")
    subprocess.run([program, "generate", *check[1:], "-o", trial], check=True, capture_output=True)
    copy = ["reprint", "--duplicate", *templates, "-o", os.path.join(folder, "copy.pdf"), trial, payroll["certificates"][0]["id"]]
    _, before = starve(["--version"], 0, False)
    tried = 0
    for arguments in check, several, preview, copy:
        calm_run, total = starve(arguments, 0, False)
        assert calm_run.returncode == 0 and total > before, calm_run.stderr
        for every in False, True:
            for at in range(before + 1, total, max(1, (total - before) // 120)):
                done, _ = starve(arguments, at, every)
                tried += 1
                if done.returncode == -6 and "lex_scan_string: Assertion" in done.stderr:
                    continue  # jansson 2.14 ends itself where a string with escapes finds no room: nothing was published
                assert done.returncode in ((0, 4) if not every else (4,)), (arguments[0], at, every, done.returncode, done.stderr[-300:])
print("faults: ok,", tried, "starved runs")
