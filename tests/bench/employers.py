"""A service bureau: many employers of some people in one call under a limit of open files; memory as employers grow.
Usage: python3 tests/bench/employers.py [EMPLOYERS=1000] [PEOPLE=20] [FILES=256] [PROGRAM=build/release/taxcert]

Prints the seconds of CPU and the peak of memory at a tenth of the employers and at all; both must give every workbook."""
import json
import os
import resource
import subprocess
import sys
import tempfile

source = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
EMPLOYERS, PEOPLE, FILES = (int(sys.argv[i]) if len(sys.argv) > i else d for i, d in ((1, 1000), (2, 20), (3, 256)))
program = os.path.abspath(sys.argv[4]) if len(sys.argv) > 4 else os.path.join(source, "build/release/taxcert")
payroll, employees = (json.load(open(os.path.join(source, f"samples/bank/{name}.json"))) for name in ("payroll", "employees"))
certificates = payroll["certificates"][:PEOPLE]
numbers = {c["personnel_number"] for c in certificates}
people = {**employees, "employees": [e for e in employees["employees"] if e["personnel_number"] in numbers]}


def write(folder, count):
    for i in range(count):
        path = os.path.join(folder, f"e{i:05}")
        os.makedirs(path)
        one = {**payroll, "employer": {**payroll["employer"], "name": f"Firma {i}"}, "declarations": [], "certificates": certificates}
        json.dump(one, open(os.path.join(path, "payroll.json"), "w"))
        json.dump(people, open(os.path.join(path, "employees.json"), "w"))


def measure(work, count):
    write(os.path.join(work, f"in{count}"), count)
    child = subprocess.Popen([program, "generate", "--allow-test-ids", "--templates", os.path.join(source, "templates"), os.path.join(work, f"in{count}"), "-o",
                              os.path.join(work, f"out{count}")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                             preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES)))
    _, status, used = os.wait4(child.pid, 0)
    made = sum(os.path.exists(os.path.join(work, f"out{count}", f"e{i:05}", "summary.xlsx")) for i in range(count))
    print(f"{count} employers of {len(certificates)}: exit {os.waitstatus_to_exitcode(status)}, {made} runs, {used.ru_utime + used.ru_stime:.1f} s CPU, "
          f"{used.ru_maxrss / 1024:.0f} MB at most", flush=True)
    assert made == count


with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as work:
    measure(work, max(EMPLOYERS // 10, 1))
    measure(work, EMPLOYERS)
