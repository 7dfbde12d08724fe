#!/usr/bin/python3
"""Measures the deliveries of a release build: print files, encrypted copies (as a ratio to `qpdf --encrypt` in a loop), mail to a server on the loopback, who got what.

usage: TMPDIR=/dev/shm python3 tests/bench/deliver.py [PEOPLE=5000] [COPIES=200] [MAILS=100] [PROGRAM=build/release/taxcert]

Wall seconds, CPU seconds and peak memory of each. COPIES and MAILS are of a run of their own of so many people.
"""
import glob
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PEOPLE, COPIES, MAILS = (int(sys.argv[i]) if len(sys.argv) > i else n for i, n in ((1, 5000), (2, 200), (3, 100)))
PROGRAM = sys.argv[4] if len(sys.argv) > 4 else str(ROOT / "build/release/taxcert")
sys.path.insert(0, str(ROOT / "tests/lib"))
from mailserver import Server, certificates

os.environ["TAXCERT_TEMPLATES"] = str(ROOT / "templates")


def run(title, *command):
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        sys.exit(f"{' '.join(map(str, command))}: {status}")
    wall, cpu = time.monotonic() - start, used.ru_utime + used.ru_stime
    print(f"{title:36} {wall:8.2f} s wall {cpu:8.2f} s CPU {used.ru_maxrss / 1024:7.0f} MB", flush=True)
    return wall, cpu


def make(work, people, mail=False):
    folder = work / f"in-{people}-{mail}"
    folder.mkdir()
    subprocess.run([str(work / "synth"), str(people), "1", str(folder)], check=True, stdout=subprocess.DEVNULL)
    if mail:
        data = json.load(open(folder / "employees.json"))
        for i, e in enumerate(data["employees"]):
            e.update(delivery="email", email=f"p{i}@firma.example")
        json.dump(data, open(folder / "employees.json", "w"))
    out = work / f"run-{people}-{mail}"
    run(f"generate {people}", PROGRAM, "generate", "--allow-test-ids", "-e", str(folder / "employees.json"), str(folder / "payroll.json"), "-o", str(out))
    return str(out)


def qpdf_loop(work, files):
    start = os.times()
    for i, file in enumerate(files):
        subprocess.run(["qpdf", "--encrypt", f"password{i}", "owner", "256", "--", file, str(work / "one.pdf")], check=True)
    end = os.times()
    return end.elapsed - start.elapsed, end.children_user + end.children_system - start.children_user - start.children_system


with tempfile.TemporaryDirectory(prefix="taxcert-deliver-") as name:
    work = pathlib.Path(name)
    subprocess.run(["cc", "-O2", "-o", str(work / "synth"), str(ROOT / "tests/bench/synth.c")], check=True)
    big = make(work, PEOPLE)
    run(f"batch {PEOPLE}", PROGRAM, "batch", big, "-o", str(work / "print"))
    run(f"deliveries {PEOPLE}", PROGRAM, "deliveries", big, "--csv", str(work / "deliveries.csv"))
    run(f"summary --deliveries {PEOPLE}", PROGRAM, "summary", "--deliveries", big, "-o", str(work / "book.xlsx"))
    if COPIES:
        few = make(work, COPIES)
        wall, cpu = run(f"copies {COPIES}, one thread", PROGRAM, "copies", "--jobs", "1", few, "-o", str(work / "copies"), "--list", str(work / "list.csv"))
        run(f"copies {COPIES}, all cores", PROGRAM, "copies", few, "-o", str(work / "copies2"), "--list", str(work / "list2.csv"))
        files = sorted(glob.glob(few + "/certificates/*/*.pdf"))[:min(COPIES, 300)]
        loop_wall, loop_cpu = qpdf_loop(work, files)
        share = len(files) / len(glob.glob(few + "/certificates/*/*.pdf"))
        print(f"qpdf --encrypt in a loop, {len(files)} files: {loop_wall:.2f} s wall {loop_cpu:.2f} s CPU; one thread of copies takes "
              f"{wall * share / loop_wall:.2f} of its time, {cpu * share / loop_cpu:.2f} of its CPU, each copy opened again included")
    if MAILS:
        certificates(str(work))
        mailed = make(work, MAILS, mail=True)
        run(f"copies {MAILS}", PROGRAM, "copies", mailed, "-o", str(work / "copies3"), "--list", str(work / "list3.csv"))
        server = Server(str(work))
        json.dump({"format": "taxcert/mail/1", "server": f"smtp://localhost:{server.port}/sender.example", "ca": str(work / "ca.pem"), "from": "a@bank.example",
                   "subject": "s", "text": "t\n", "file": "Bescheinigung.pdf", "per_minute": 100000}, open(work / "mail.json", "w"))
        run(f"send {MAILS}", PROGRAM, "send", mailed, "--mail", str(work / "mail.json"), "--copies", str(work / "copies3"))
        print(f"{len(server.taken)} taken in {server.connections} connection(s)")
