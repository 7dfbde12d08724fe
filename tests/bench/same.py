#!/usr/bin/python3
"""Holds two builds of the program against each other: the same commands, whose outputs must be the same bytes, and, by turns, their time.

usage: python3 tests/bench/same.py BEFORE AFTER [PEOPLE=20000] [TURNS=5] [TEMPLATES_BEFORE TEMPLATES_AFTER]

BEFORE and AFTER are taxcert programs. The sample bank, its corrections, a duplicate, several employers, the workbook again and so many
synthetic people are compared; event logs are left out, since they hold the time. Exit code 1 where anything differs.
"""
import filecmp
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
BANK = ROOT / "samples/bank"
PROGRAMS = [os.path.abspath(p) for p in sys.argv[1:3]]
PEOPLE = int(sys.argv[3]) if len(sys.argv) > 3 else 20000
TURNS = int(sys.argv[4]) if len(sys.argv) > 4 else 5
TEMPLATES = sys.argv[5:7] or [str(ROOT / "templates")] * 2


def run(which, folder, *arguments, codes=(0, 1)):
    """Runs a command in the build's folder; standard output and the messages count as outputs."""
    env = dict(os.environ, TAXCERT_TEMPLATES=TEMPLATES[which], LC_ALL="C.UTF-8")
    start = time.monotonic()
    process = subprocess.Popen([PROGRAMS[which], *map(str, arguments)], cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    out = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    code = process.returncode = os.waitstatus_to_exitcode(status)
    if code not in codes:
        sys.exit(f"{PROGRAMS[which]} {' '.join(map(str, arguments))}: exit {code}\n{out.decode(errors='replace')}")
    return out, time.monotonic() - start, used.ru_utime + used.ru_stime, used.ru_maxrss


def everything(which, folder, synthetic):
    shutil.copytree(BANK, folder / "bank")
    several = folder / "several"
    for name in ("alpha", "beta"):
        shutil.copytree(BANK, several / name, ignore=shutil.ignore_patterns("corrections.json"))
    commands = [
        ("generate", "--allow-test-ids", "-e", "bank/employees.json", "bank/payroll.json", "-o", "run"),
        ("check", "--allow-test-ids", "--json", "-e", "bank/employees.json", "bank/payroll.json"),
        ("correct", "--allow-test-ids", "run", "bank/corrections.json", "-o", "run2"),
        ("summary", "run2", "-o", "again.xlsx"),
        ("generate", "--allow-test-ids", "several", "-o", "bureau"),
        ("generate", "--allow-test-ids", "--draft", "-e", "bank/employees.json", "bank/payroll.json", "-o", "draft"),
        ("generate", "--allow-test-ids", "-e", synthetic / "employees.json", synthetic / "payroll.json", "-o", "many"),
    ]
    told = [run(which, folder, *c)[0] for c in commands]
    person = next(p.name.split("-2025-", 1)[1].split("+")[1][:-4] for p in sorted((folder / "run/certificates").rglob("*.pdf")))
    told.append(run(which, folder, "reprint", "--duplicate", "run", person, "-o", "duplicate.pdf")[0])
    told.append(run(which, folder, "explain", "run", person)[0])
    told.append(run(which, folder, "find", "run", person)[0])
    text = re.sub(rb"\d+[.,]\d+ s\b|^seal .*$", b"", b"".join(told), flags=re.MULTILINE)  # what it took, and when, is another each time
    (folder / "told.txt").write_bytes(text.replace(bytes(folder), b"."))


def differences(a, b):
    names = [{str(p.relative_to(f)) for p in f.rglob("*") if p.is_file() and p.name != "events.log"} for f in (a, b)]
    yield from sorted(names[0] ^ names[1])
    for name in sorted(names[0] & names[1]):
        if not filecmp.cmp(a / name, b / name, shallow=False):
            yield name


def by_turns(folder, synthetic):
    walls, cpus, peaks = ([], []), ([], []), ([], [])
    for turn in range(TURNS):
        for which in (0, 1):
            out = folder / f"turn-{turn}-{which}"
            _, wall, cpu, peak = run(which, folder, "generate", "--allow-test-ids", "-e", synthetic / "employees.json", synthetic / "payroll.json", "-o", out)
            if not (out / "records.jsonl").stat().st_size:
                sys.exit(f"{PROGRAMS[which]}: nobody got a certificate, so there is nothing to measure")
            for values, value in zip((walls, cpus, peaks), (wall, cpu, peak)):
                values[which].append(value)
            shutil.rmtree(out)
    for name, values, unit in (("wall s", walls, 1), ("CPU us each", cpus, 1e6 / PEOPLE), ("memory MB", peaks, 1 / 1024)):
        before, after = (statistics.median(v) * unit for v in values)
        print(f"{name}: before {before:.2f}, after {after:.2f}, ratio {after / before:.3f}")


with tempfile.TemporaryDirectory() as work:
    work = pathlib.Path(work)
    subprocess.run(["cc", "-O2", "-o", work / "synth", ROOT / "tests/bench/synth.c"], check=True)
    synthetic = work / "synthetic"
    synthetic.mkdir()
    subprocess.run([work / "synth", str(PEOPLE), "1", synthetic], check=True, stdout=subprocess.DEVNULL)
    folders = work / "before", work / "after"
    for which, folder in enumerate(folders):
        folder.mkdir()
        everything(which, folder, synthetic)
    found = list(differences(*folders))
    print(f"{sum(1 for p in folders[0].rglob('*') if p.is_file())} files compared, {len(found)} differ")
    for name in found[:20]:
        print(" ", name)
    by_turns(work, synthetic)
    sys.exit(1 if found else 0)
