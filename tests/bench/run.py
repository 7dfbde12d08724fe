#!/usr/bin/python3
"""Measures a release build on this machine, as ratios against `cp -r` of the same run folder.

usage: python3 tests/bench/run.py [PEOPLE=20000] [PAIRS=5] [PROGRAM=build/release/taxcert] [--growth]

--growth: at the end PEOPLE, 5 and 20 times as many, what each costs, what memory each adds and how long somebody is looked for (25 KB of room a person).

Each pair generates a run into a fresh folder, copies that folder to another fresh one, writes the same files from memory in as many processes as there
are cores (the floor: nothing is read, checked or made), and generates once more with every sync left
out: cp does none, and on a disk that is what the ratio would mostly show. Ratios are of pairs, by turns, with the 95 % interval of their median. Nothing is deleted before the end, since files made soon
after a mass delete cost many times as much. Before each, as much memory as both need is touched and given back: a virtual machine's
host hands out memory at its first touch, which takes several times as long as writing to it, and would be most of what is measured.
Medians, with the smallest and largest beside them.
"""
import glob
import json
import math
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
GROWTH = "--growth" in sys.argv and sys.argv.pop(sys.argv.index("--growth"))
PEOPLE = int(sys.argv[1]) if len(sys.argv) > 1 else 20000
PAIRS = int(sys.argv[2]) if len(sys.argv) > 2 else 5
JUDGED = 20000
PROGRAM = sys.argv[3] if len(sys.argv) > 3 else str(ROOT / "build/release/taxcert")


# Starts the command that is measured: a child's peak begins with what its parent held when it started it, and we hold a run folder.
STARTER = """
import json, os, subprocess, sys, time
start = time.monotonic()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(os.environ, LD_PRELOAD=os.environ["BENCH_PRELOAD"]))
_, status, used = os.wait4(process.pid, 0)
print(json.dumps([os.waitstatus_to_exitcode(status), time.monotonic() - start, used.ru_utime + used.ru_stime, used.ru_maxrss]))
"""


def run(*command, preload=""):
    """Wall seconds, CPU seconds (user + system) and peak memory in KB of one command. 0 and 1 are a run that finished."""
    started = subprocess.run([sys.executable, "-I", "-S", "-c", STARTER, *command], env=dict(os.environ, BENCH_PRELOAD=preload), stdout=subprocess.PIPE, check=True)
    code, wall, cpu, memory = json.loads(started.stdout)
    if code not in (0, 1) and not preload:
        sys.exit(f"{' '.join(command)}: exit {code}")
    return wall, cpu, memory


def touch_memory(size=2):
    """Gigabytes, in which the next command's files then find room."""
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 30
    subprocess.run(["dd", "if=/dev/zero", "of=/dev/null", f"bs={max(1, min(size, free // 2))}G", "count=1"], stderr=subprocess.DEVNULL, check=True)


def synth(people, work):
    folder = work / f"input-{people}"
    folder.mkdir(exist_ok=True)
    subprocess.run([str(work / "synth"), str(people), "1", str(folder)], check=True, stdout=subprocess.DEVNULL)
    return folder


def generate(folder, out, preload=""):
    return run(PROGRAM, "generate", "--allow-test-ids", "--templates", str(ROOT / "templates"), "--employees", str(folder / "employees.json"),
               str(folder / "payroll.json"), "-o", str(out), preload=preload)


def without_sync(work):
    """A library that leaves out every sync: cp does none either."""
    (work / "nosync.c").write_text("int syncfs(int fd) { return 0; }\nint fsync(int fd) { return 0; }\nint fdatasync(int fd) { return 0; }\n")
    subprocess.run(["cc", "-O2", "-w", "-shared", "-fPIC", "-o", str(work / "nosync.so"), str(work / "nosync.c")], check=True)
    return str(work / "nosync.so")


def packing(folder, work):
    """CPU seconds that packing the workbook's rows takes of a run: those of `summary`, which writes the workbook again, less those
    of the same with ISA-L's deflate left out (it refuses the empty workbook at the end). Writing the rows is not in it."""
    (work / "deflate.c").write_text("#include <isa-l.h>\nint isal_deflate(struct isal_zstream *s) { s->avail_in = 0; return COMP_OK; }\n")
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", str(work / "deflate.so"), str(work / "deflate.c")], check=True)
    again = [run(PROGRAM, "summary", str(folder), "-o", str(work / f"again-{i}.xlsx"), preload=preload)[1]
             for i, preload in enumerate(("", str(work / "deflate.so")) * 3)]
    return statistics.median(again[::2]) - statistics.median(again[1::2])


def spread(values, form="{:.2f}"):
    return f"{form.format(statistics.median(values))} ({form.format(min(values))} to {form.format(max(values))})"


def interval(values):
    """The median and, by the binomial distribution, the narrowest pair of values that holds it in 95 of 100 cases; of few values all of them."""
    ordered, n, below = sorted(values), len(values), 0
    while below < n // 2 and 2 * sum(math.comb(n, k) for k in range(below + 1)) / 2 ** n <= 0.05:
        below += 1
    outside = max(below - 1, 0)
    sure = 100 * (1 - 2 * sum(math.comb(n, k) for k in range(outside + 1)) / 2 ** n)
    return f"{statistics.median(ordered):.2f} [{ordered[outside]:.2f} to {ordered[n - 1 - outside]:.2f}, {max(sure, 0):.0f} %]"


def processor():
    """Its name, as the kernel tells it."""
    return next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "an unnamed processor")


def file_system(path):
    """Its type and what it is mounted from, by the longest mount point above the path."""
    mounts = [line.split() for line in open("/proc/mounts")]
    found = max((m for m in mounts if os.path.realpath(path).startswith(m[1].rstrip("/") + "/")), key=lambda m: len(m[1]))
    return f"{found[2]} ({found[0]})"


def size_of(folder):
    return sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())


def write_files(folder, out):
    """The floor: wall and CPU seconds of creating and writing the folder's files, which are in memory, by a process a core."""
    names = sorted(f.relative_to(folder) for f in folder.rglob("*") if f.is_file())
    data = [(folder / name).read_bytes() for name in names]
    workers = len(os.sched_getaffinity(0))
    for place in {out / name.parent for name in names}:
        place.mkdir(parents=True, exist_ok=True)
    start, before, processes = time.monotonic(), os.times(), []
    for worker in range(workers):
        child = os.fork()
        if child == 0:
            code = 1
            try:
                for name, content in zip(names[worker::workers], data[worker::workers]):
                    fd = os.open(out / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                    code = 0 if os.write(fd, content) == len(content) else 1
                    os.close(fd)
            finally:
                os._exit(code)
        processes.append(child)
    if any(os.waitpid(child, 0)[1] for child in processes):
        sys.exit("the floor's files cannot be written")
    after = os.times()
    return time.monotonic() - start, after.children_user + after.children_system - before.children_user - before.children_system


def grow(work, sizes=(1, 5, 20)):
    """From N to 20 N (20,000 to 400,000): what each person costs, and looking for one among them. Fresh folders, the largest last."""
    before = None
    for times in sizes:
        folder, out = synth(times * PEOPLE, work), work / f"grown-{times}"
        wall, cpu, memory = generate(folder, out)
        certificate = os.path.basename(next(out.glob("certificates/*/*.pdf")))
        number = re.sub(r"^.*-2\d\d\d-(.*)\+.*\.pdf$", r"\1", certificate)
        find = [run(PROGRAM, "find", str(out), number)[1] for i in range(5)]
        reprint = [run(PROGRAM, "reprint", str(out), number, "-o", str(out.with_suffix(f".{i}.pdf")))[1] for i in range(5)]
        verify = run(PROGRAM, "verify", "--sample", "0", str(out))
        more = f", {(memory - before[1]) * 1024 / (times - before[0]) / PEOPLE:.0f} bytes a person more" if before else ""
        before = times, memory
        print(f"{times * PEOPLE} people".ljust(32), f"{wall * 1e6 / times / PEOPLE:.1f} us wall and {cpu * 1e6 / times / PEOPLE:.1f} us CPU a person, {memory / 1024:.1f} MB{more};"
              f" CPU ms of find {statistics.median(find) * 1000:.1f}, reprint {statistics.median(reprint) * 1000:.1f}; verify {verify[0]:.1f} s in {verify[2] / 1024:.0f} MB")


def read_book(path):
    """What openpyxl reads of it: rows of the sheet with most of them."""
    try:
        import openpyxl
    except ImportError:
        return "not read: there is no openpyxl for this Python (Debian's is /usr/bin/python3's)"
    start = time.monotonic()
    book = openpyxl.load_workbook(path, read_only=True)
    rows = max((sum(1 for _ in sheet.iter_rows()), sheet.title) for sheet in book)
    return f"{os.path.getsize(path) / 1e6:.1f} MB, {rows[0]} rows in {rows[1]!r}, read by openpyxl in {time.monotonic() - start:.0f} s"


def main():
    work = pathlib.Path(tempfile.mkdtemp(prefix="taxcert-bench-", dir=os.environ.get("TMPDIR", "/tmp")))
    subprocess.run(["cc", "-O2", "-D_GNU_SOURCE", "-o", str(work / "synth"), str(ROOT / "tests/bench/synth.c")], check=True)
    folder = synth(PEOPLE, work)
    made, bare, copied, synced, floor = [], [], [], [], []
    nosync = without_sync(work)
    generate(synth(200, work), work / "warm")
    for i in range(PAIRS):
        touch_memory()
        made.append(generate(folder, work / f"run-{i}"))
        touch_memory()
        copied.append(run("cp", "-r", str(work / f"run-{i}"), str(work / f"copy-{i}")))
        synced.append(run("sync", "-f", str(work / f"copy-{i}")))
        touch_memory()
        floor.append(write_files(work / f"run-{i}", work / f"floor-{i}"))
        run("sync", "-f", str(work / f"floor-{i}"))
        touch_memory()
        bare.append(generate(folder, work / f"bare-{i}", nosync))
        run("sync", "-f", str(work / f"bare-{i}"))
    files = [os.path.getsize(f) for f in glob.glob(str(work / "run-0/certificates/*/*.pdf"))]
    count = len(files)
    walls, cpus = [m[0] for m in made], [m[1] for m in made]
    print(f"{PEOPLE} people, {count} certificates, {PAIRS} pairs by turns, {len(os.sched_getaffinity(0))} cores of {processor()}, {file_system(work)}, load {os.getloadavg()[0]:.1f}")
    print(f"bytes of the run's folder        {size_of(work / 'run-0') / 1e6:.1f} MB, of certificates {sum(files) / 1e6:.1f} MB")
    print("microseconds CPU per certificate", spread([c * 1e6 / count for c in cpus], "{:.1f}"), "user+sys, workbook and ledger in it")
    print("  of them, writing the files    ", spread([f[1] * 1e6 / count for f in floor], "{:.1f}"), "the same files from memory")
    print("generate, wall seconds          ", spread(walls))
    print("cp -r of the result, wall       ", spread([c[0] for c in copied]))
    print("writing the files, wall         ", spread([f[0] for f in floor]))
    print("generate / cp -r, wall          ", interval([m[0] / c[0] for m, c in zip(made, copied)]))
    print("  both without any sync         ", interval([b[0] / c[0] for b, c in zip(bare, copied)]))
    print("generate / writing the files    ", interval([b[0] / f[0] for b, f in zip(bare, floor)]), "without any sync")
    print("generate / cp -r and its sync   ", interval([m[0] / (c[0] + s[0]) for m, c, s in zip(made, copied, synced)]), "(generate syncs too)")
    print("generate / cp -r, user+sys      ", interval([m[1] / c[1] for m, c in zip(made, copied)]))
    print("certificates per second         ", spread([count / w for w in walls], "{:.0f}"))
    print("certificates per CPU second     ", spread([count / c for c in cpus], "{:.0f}"))
    packed = packing(work / "run-0", work)
    print("  less packing the workbook     ", spread([(c - packed) * 1e6 / count for c in cpus], "{:.0f}"))
    print(f"bytes per certificate            {statistics.median(files):.0f} ({min(files)} to {max(files)})")
    # What the rules cost: the same check by a copy of the form without rules.
    shutil.copytree(ROOT / "templates", work / "templates")
    for path in (work / "templates").glob("*/*/*/rules.json"):
        path.write_text('{"format": "taxcert/rules/1", "rules": []}')
    bare = [run(PROGRAM, "check", "--allow-test-ids", "--templates", str(path), "--employees", str(folder / "employees.json"),
                str(folder / "payroll.json"))[1] for path in (ROOT / "templates", work / "templates") * 3]
    rules = statistics.median(bare[::2]) - statistics.median(bare[1::2])
    print(f"rules, part of generate's CPU    {100 * rules / statistics.median(cpus):.1f} %")
    check = run(PROGRAM, "check", "--allow-test-ids", "--templates", str(ROOT / "templates"), "--employees", str(folder / "employees.json"),
                str(folder / "payroll.json"))
    print(f"check alone, wall / CPU seconds  {check[0]:.2f} / {check[1]:.2f}")
    large = generate(synth(10 * PEOPLE, work), work / "large")
    small_memory, large_memory = made[0][2], large[2]
    growth = (large_memory - small_memory) * 1024 / (9 * PEOPLE)
    print(f"peak memory at N and 10 N, MB    {small_memory / 1024:.1f} and {large_memory / 1024:.1f}: {growth:.0f} bytes a person more")
    name = os.path.basename(sorted(glob.glob(str(work / "large/certificates/*/*.pdf")))[0])
    number = re.sub(r"^.*-2\d\d\d-(.*)\+.*\.pdf$", r"\1", name)
    reprint = [run(PROGRAM, "reprint", str(work / "large"), number, "-o", str(work / f"reprint-{i}.pdf"))[0] for i in range(5)]
    print(f"reprint of one of {10 * PEOPLE}, ms".ljust(33), spread([r * 1000 for r in reprint], "{:.1f}"))
    find = [run(PROGRAM, "find", str(work / "large"), number)[0] for i in range(5)]
    print(f"find in {10 * PEOPLE}, ms".ljust(33), spread([f * 1000 for f in find], "{:.1f}"))
    verify = run(PROGRAM, "verify", "--sample", "0", str(work / "large"))
    print(f"verify of {10 * PEOPLE}, wall seconds".ljust(33), f"{verify[0]:.2f} without reading any back by pdftotext")
    print(f"workbook of {10 * PEOPLE}".ljust(33), read_book(work / "large/summary.xlsx"))
    if GROWTH:
        grow(work)
    shutil.rmtree(work)
    if PEOPLE < JUDGED:
        print(f"memory and its growth are judged from {JUDGED} people on: fewer do not fill what every run has")
        return True
    if growth > 100:
        print("memory grows by more than 100 bytes a person")
    if large_memory >= 200 * 1024:
        print("peak memory is above 200 MB")
        return False
    return growth <= 100


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
