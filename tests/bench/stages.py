#!/usr/bin/python3
"""How much of a run only one thread can do: CPU time by stage of the pool (base/pool.h), in microseconds a certificate.

usage: python3 tests/bench/stages.py [PEOPLE=20000] [SOURCE=.] [JOBS=1,2,4,8]

A release build of SOURCE, of this or of an earlier version, is made aside with a clock around each call of a stage. `order` and `consume` are the
caller's alone, `write` and `store` are one thread's at a time each: however many cores there are, a certificate takes as long as the largest of the three.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PEOPLE = int(sys.argv[1]) if len(sys.argv) > 1 else 20000
SOURCE = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else ROOT).resolve()
JOBS = (sys.argv[3] if len(sys.argv) > 3 else "1,2,4,8").split(",")
NAMES = ["work", "order", "finish", "write", "store", "consume"]
CLOCK = """#include <stdio.h>
#include <time.h>
static long spent[6];
static struct timespec begun(void) { struct timespec t; clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t); return t; }
static void ended(int stage, struct timespec begin)
{
    struct timespec t = begun();
    __atomic_fetch_add(&spent[stage], (t.tv_sec - begin.tv_sec) * 1000000000L + t.tv_nsec - begin.tv_nsec, __ATOMIC_RELAXED);
}
static void tell(void) { for (int i = 0; i < 6; i++) fprintf(stderr, "stage %d %ld\\n", i, spent[i]); }
"""
# The call of a stage, now and in versions that had work and consume alone.
CALLS = [(r"(ok = call\(p, w->number, stage, batch\);)", "stage"), (r"(ok = p->calls->consume\(p->calls->ctx, p->batches\[place\]\);)", "5"),
         (r"(p->calls->work\(p->calls->ctx, worker, [^;]*;)", "0")]


def build(work):
    shutil.copytree(SOURCE, work / "source", ignore=shutil.ignore_patterns("build", ".git"))
    path = work / "source/src/base/pool.c"
    text, found = CLOCK + path.read_text(), 0
    for call, stage in CALLS:
        text, times = re.subn(call, r"{ struct timespec begin = begun(); \1 ended(" + stage + ", begin); }", text)
        found += times
    text, ends = re.subn(r"\n    return ok;\n}\n$", "\n    tell();\n    return ok;\n}\n", text)
    if not found or not ends:
        sys.exit("base/pool.c has no call that this knows: CALLS")
    path.write_text(text)
    with open(work / "log", "w") as log:
        for command in (["cmake", "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", "-DBUILD_TESTING=OFF", "-S", work / "source", "-B", work / "build"],
                        ["cmake", "--build", work / "build"]):
            if subprocess.run(command, stdout=log, stderr=log).returncode:
                sys.exit((work / "log").read_text()[-2000:])
    return work / "build/taxcert"


def run(program, people, out, jobs):
    process = subprocess.run([program, "generate", "--jobs", jobs, "--allow-test-ids", "-e", people / "employees.json", people / "payroll.json", "-o", out],
                             capture_output=True, text=True, env=dict(os.environ, TAXCERT_TEMPLATES=str(SOURCE / "templates")))
    if process.returncode not in (0, 1) or not (out / "records.jsonl").stat().st_size:
        sys.exit(f"nobody got a certificate:\n{process.stderr[-1000:]}")
    shutil.rmtree(out)
    return {NAMES[int(s)]: int(ns) / 1000 / PEOPLE for s, ns in re.findall(r"^stage (\d) (\d+)$", process.stderr, re.MULTILINE)}


with tempfile.TemporaryDirectory() as work:
    work = pathlib.Path(work)
    program = build(work)
    subprocess.run(["cc", "-O2", "-o", work / "synth", SOURCE / "tests/bench/synth.c"], check=True)
    (work / "people").mkdir()
    subprocess.run([work / "synth", str(PEOPLE), "1", work / "people"], check=True, stdout=subprocess.DEVNULL)
    print(f"{PEOPLE} people, {os.cpu_count()} cores")
    for jobs in JOBS:
        spent = run(program, work / "people", work / "run", jobs)
        alone = max(spent["order"] + spent["consume"], spent["write"], spent["store"])
        print(f"jobs {jobs}: " + ", ".join(f"{name} {us:.1f}" for name, us in spent.items()) + f"; one thread at most {alone:.1f} of {sum(spent.values()):.1f}")
