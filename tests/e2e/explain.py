"""explain tells, for every certificate of the samples, each line and the wage types and months that add up to it, as the input has them.
Usage: explain.py TAXCERT SOURCE_DIR"""
import collections
import json
import os
import subprocess
import sys
import tempfile
from decimal import Decimal

program, source = sys.argv[1:3]
bank = os.path.join(source, "samples/bank")
payroll = json.load(open(os.path.join(bank, "payroll.json")))
TYPES = payroll["wage_types"]


def taxcert(*words):
    return subprocess.run([program, *words], capture_output=True, text=True)


def entries_of(certificate):
    """(line, wage type) -> month -> amount."""
    parts = collections.defaultdict(lambda: collections.defaultdict(Decimal))
    for entry in certificate.get("entries") or []:
        for line in TYPES[entry["wage_type"]]["adds_to"]:
            parts[line.lstrip("-"), entry["wage_type"]][str(entry["month"])] += Decimal(entry["amount"]) * (-1 if line[0] == "-" else 1)
    return parts


with tempfile.TemporaryDirectory() as folder:
    run = os.path.join(folder, "run")
    made = taxcert("generate", "--allow-test-ids", "--templates", os.path.join(source, "templates"), "-e",
                   os.path.join(bank, "employees.json"), os.path.join(bank, "payroll.json"), "-o", run)
    assert made.returncode == 0, made.stderr
    explained = 0
    for certificate in payroll["certificates"]:
        done = taxcert("explain", "--json", run, certificate["id"])
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        assert (told["certificate"], told["personnel_number"], told["state"]) == (certificate["id"], certificate["personnel_number"], "issued")
        wanted = entries_of(certificate)
        found = {(line["line"], part["wage_type"]): part for line in told["lines"] for part in line["entries"]}
        assert set(found) == set(wanted), certificate["id"]
        for key, part in found.items():
            assert {m: Decimal(a) for m, a in part["months"].items()} == wanted[key] and part["text"] == TYPES[key[1]]["text"], key
            assert Decimal(part["sum"]) == sum(wanted[key].values())
        for line in told["lines"]:
            if line["entries"]:
                assert Decimal(line["amount"]) == sum(Decimal(part["sum"]) for part in line["entries"]), line
                explained += 1
            else:
                assert Decimal(line["amount"]) == Decimal(certificate["values"][line["line"]]), line
    assert explained > 100
    # All of a person's certificates, for people to read.
    person = next(n for n, k in collections.Counter(c["personnel_number"] for c in payroll["certificates"]).items() if k == 2)
    text = taxcert("explain", run, person).stdout
    assert text.count(person + " ") == 2 and text.count("3. Bruttoarbeitslohn") == 2
    assert "9100     Lohnsteuer" in taxcert("explain", run, "100002").stdout
    assert taxcert("explain", run, "nobody").returncode == 1 and taxcert("explain", run, "../x").returncode == 2
    assert taxcert("explain", os.path.join(folder, "nowhere"), "100002").returncode == 2
print("explain:", explained, "lines")
