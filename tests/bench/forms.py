"""CPU time of a certificate and of a page of every form, by one thread: samples made so many by copying them, a run of N and one of 4 N, whose difference is what certificates cost
and nothing that is done once. Rules about one person's certificates are left out, for the people are the same ones. Usage: forms.py TAXCERT [PEOPLE] [ROUNDS]"""
import copy
import json
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile

program, source = sys.argv[1], pathlib.Path(__file__).resolve().parents[2]
people, rounds = (int(word) if word else other for word, other in zip([*sys.argv[2:], "", ""], (1500, 2)))


def load(path):
    return json.loads(path.read_text())


def samples():
    bank = load(source / "samples/bank/payroll.json")
    bank["employees"] = load(source / "samples/bank/employees.json")["employees"]
    known = {e["personnel_number"] for e in bank["employees"]}
    bank["certificates"] = [c for c in bank["certificates"] if c["personnel_number"] in known]
    yield bank["form"], bank
    for country in sorted({p.parent.parent for p in source.glob("samples/??/*/payroll.json")}):
        latest = load(max(country.glob("*/payroll.json"), key=lambda p: p.parent.name))
        yield latest["form"], latest


def many(payroll, count):
    """So many certificates, each of a person of its own."""
    known, employees, certificates = {e["personnel_number"]: e for e in payroll["employees"]}, [], []
    for i in range(count):
        one = dict(payroll["certificates"][i % len(payroll["certificates"])])
        employees.append({**known[one["personnel_number"]], "personnel_number": f"N{i}"})
        certificates.append({**one, "id": f"C{i}", "personnel_number": f"N{i}"})
    return {**{k: v for k, v in copy.deepcopy(payroll).items() if k != "declarations"}, "employees": employees, "certificates": certificates}


def used():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def run(payroll, count, work):
    (work / "payroll.json").write_text(json.dumps(many(payroll, count)))
    shutil.rmtree(work / "run", ignore_errors=True)
    began = used()
    said = subprocess.run([program, "generate", "--jobs", "1", "--templates", work / "templates", "--allow-test-ids", work / "payroll.json", "-o", work / "run"], capture_output=True, text=True)
    assert f"issued {count} " in said.stdout, said.stdout + said.stderr
    return used() - began


with tempfile.TemporaryDirectory(dir="/dev/shm") as name:
    place = pathlib.Path(name)
    shutil.copytree(source / "templates", place / "templates")
    for path in place.glob("templates/*/*/*/rules.json"):
        data = load(path)
        path.write_text(json.dumps({**data, "rules": [r for r in data["rules"] if "across" not in r]}))
    for _ in range(rounds):
        for form, sample in samples():
            each = -(run(sample, people, place) - run(sample, 4 * people, place)) / (3 * people) * 1e6
            said = subprocess.run(["pdfinfo", next((place / "run/certificates").rglob("*.pdf"))], capture_output=True, text=True).stdout
            pages = int(said.split("Pages:")[1].split()[0])
            print(f"{form}: {each:.1f} us a certificate, {pages} pages, {each / pages:.1f} us a page", flush=True)
