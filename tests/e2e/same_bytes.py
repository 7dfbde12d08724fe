"""A person's certificate has the same bytes whoever else is in the run, in whatever order, with any number of threads.
Usage: same_bytes.py TAXCERT SOURCE_DIR"""
import glob
import json
import os
import random
import subprocess
import sys
import tempfile

program, source = sys.argv[1:3]
bank = os.path.join(source, "samples/bank")
payroll, employees = (json.load(open(os.path.join(bank, n + ".json"))) for n in ("payroll", "employees"))


def files(folder, name, certificates, people, jobs):
    for what, data in (("payroll", {**payroll, "certificates": certificates}), ("employees", {**employees, "employees": people})):
        json.dump(data, open(os.path.join(folder, f"{name}-{what}.json"), "w"))
    subprocess.run([program, "generate", "--allow-test-ids", "--jobs", str(jobs), "--templates", os.path.join(source, "templates"),
                    "-e", os.path.join(folder, name + "-employees.json"), os.path.join(folder, name + "-payroll.json"),
                    "-o", os.path.join(folder, name)], check=True, capture_output=True)
    assert subprocess.run([program, "verify", os.path.join(folder, name)], capture_output=True).returncode == 0
    return {os.path.basename(f): open(f, "rb").read() for f in glob.glob(os.path.join(folder, name, "certificates/*/*.pdf"))}


with tempfile.TemporaryDirectory() as folder:
    everyone = files(folder, "all", payroll["certificates"], employees["employees"], 2)
    random.seed(5)
    certificates, people = payroll["certificates"][:], employees["employees"][:]
    random.shuffle(certificates)
    random.shuffle(people)
    assert files(folder, "shuffled", certificates, people, 3) == everyone
    few = files(folder, "few", certificates[:7], people, 1)
    assert len(few) == 7 and all(everyone[name] == data for name, data in few.items())
    # What a file begins with is kept in RUN/form.
    seals = [open(f, "rb").read() for f in glob.glob(os.path.join(folder, "all/form/*.seal"))]
    assert seals and all(any(data.startswith(seal) for seal in seals) for data in everyone.values())
print("same bytes:", len(everyone), "certificates")
