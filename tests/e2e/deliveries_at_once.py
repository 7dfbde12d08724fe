"""Deliveries of two runs into one folder at once: one gives it, whole, the other is refused, and neither takes the other's files for those of a
delivery that was killed. Usage: deliveries_at_once.py TAXCERT SOURCE_DIR"""
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile

program, source = map(os.path.abspath, sys.argv[1:3])
bank = os.path.join(source, "samples/bank")
payroll, people = (json.load(open(f"{bank}/{name}.json")) for name in ("payroll", "employees"))
NUMBERS = {"a": ("100012",), "b": ("100013", "100014")}
ROUNDS = {"batch": 6, "copies": 2}


def taxcert(*words):
    return subprocess.Popen([program, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as work:
    os.chdir(work)
    for name, numbers in NUMBERS.items():
        json.dump({**payroll, "declarations": [], "certificates": [c for c in payroll["certificates"] if c["personnel_number"] in numbers],
                   "employees": [{**e, "delivery": "print"} for e in people["employees"] if e["personnel_number"] in numbers]}, open(name + ".json", "w"))
        made = taxcert("generate", "--allow-test-ids", "--templates", source + "/templates", name + ".json", "-o", name)
        assert (made.communicate(), made.returncode)[1] == 0, made
    ended_so = set()
    for what, rounds in ROUNDS.items():
        for i in range(rounds):
            for name in NUMBERS:
                shutil.rmtree("x" + name, True)
                shutil.copytree(name, "x" + name)
            lists = {name: ["--list", f"{name}.csv"] * (what == "copies") for name in NUMBERS}
            order = sorted(NUMBERS, reverse=i % 2)
            running = {name: taxcert(what, "x" + name, "-o", "out", *lists[name]) for name in order}
            ended = {name: (p.communicate(), p.returncode) for name, p in running.items()}
            codes = sorted(code for _, code in ended.values())
            assert codes in ([0, 2], [0, 4]), (what, i, ended)
            for name, ((_, said), code) in ended.items():
                assert code == 0 or "[folder]" in said or "[locked]" in said, said
                proof = taxcert("verify", "--sample", "0", "x" + name, "out")
                told = proof.communicate()
                assert (proof.returncode == 0) == (code == 0), (what, i, name, ended, told)
                ended_so.add((what, code))
            left = [name for name in os.listdir("out") if name.startswith(".")] + glob.glob("*.partial")
            assert not left, left
            shutil.rmtree("out")
            for name in glob.glob("?.csv"):
                os.remove(name)
print("deliveries at once: ok,", sorted(ended_so))
