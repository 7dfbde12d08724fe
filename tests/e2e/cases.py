"""Right certificates pass without a word (or with one that `may` ask), and each falsified copy of one is named by its rules: tests/cases/*.json,
each file for the year in its name, and 2025's table carried over to every other year that has a form. The forms' figures follow from the rates.
Usage: cases.py TAXCERT SOURCE_DIR"""
import copy
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile

program, source = sys.argv[1:3]
sys.path.insert(0, os.path.join(source, "samples"))
from carry import BASE, carry  # noqa: E402
from make_bank import idnr_test  # noqa: E402
from rates import YEARS  # noqa: E402

FORMS = pathlib.Path(source, "templates/de/lohnsteuerbescheinigung")

# A tax number of each Land that its check digit fits, from the tax offices' published examples, and the office it begins with.
NUMBERS = {"BW": ("93815/08152", "2893"), "BY": ("181/815/08155", "9181"), "BE": ("21/815/08150", "1121"), "BB": ("048/815/08155", "3048"),
           "HB": ("75 815 08152", "2475"), "HH": ("02/815/08156", "2202"), "HE": ("013 815 08153", "2613"), "MV": ("079/815/08151", "4079"),
           "NI": ("24/815/08151", "2324"), "NW": ("133/8150/8159", "5133"), "RP": ("22/815/0815/4", "2722"), "SL": ("010/815/08182", "1010"),
           "SN": ("201/123/12340", "3201"), "ST": ("101/815/08154", "3101"), "SH": ("29 815 08158", "2129"), "TH": ("151/815/08156", "4151")}


def changed(case, change):
    new = copy.deepcopy(case)
    for key, value in change.items():
        if isinstance(value, dict):
            new[key].update(value)
        else:
            new[key] = value
    new["values"] = {k: v for k, v in new["values"].items() if v is not None}
    return new


def person(number, case):
    p = case["person"]
    return {"personnel_number": number, "tax_id": idnr_test(20000 + int(number)), "name": p.get("name", {"first": "Probe", "last": "Fall"}),
            "birth_date": p["birth_date"], "mailing_address": None, "no_certificate_reason": None,
            "address": {"street": p.get("street", "Prüfweg 3"), "postcode": p.get("postcode", "04109"), "city": "Leipzig", "country": "DE"},
            "employment": {"kind": p["kind"], "from": p["from"], "to": p["to"]}}


def certificate(number, count, year, case, person):
    first, last = (f"{year}-{day}" for day in case["period"])
    rows = case["features"] if isinstance(case["features"], list) else [case["features"]]
    rows = [{"valid_from": first, "factor": None, "annual_allowance": 0, "annual_addition": 0, **row} for row in rows]
    known = ("name", "why", "land", "person", "person_of", "period", "values", "features", "facts", "further", "may")
    return {**{k: v for k, v in case.items() if k not in known}, "id": f"case-{number}-{count}", "personnel_number": person, "establishment": case["land"],
            "period": {"from": first, "to": last}, "values": case["values"], "deduction_features": rows, "facts": case["facts"],
            "transfer_ticket": f"etcase{int(number):010d}{count:04d}"}


def certificates(number, year, case, person):
    """The case's own, and further ones of the same person: what they do not say is as in the first."""
    return [certificate(number, i + 1, year, {**case, **one}, person) for i, one in enumerate([{}] + case.get("further", []))]


def payroll(year, cases):
    """person_of names the case whose person a certificate is of."""
    named = {c["name"]: str(i) for i, c in reversed(list(enumerate(cases)))}
    address = {"street": "Werkstraße 1", "postcode": "60311", "city": "Frankfurt am Main", "country": "DE"}
    return {"format": "taxcert/payroll/1", "form": "de/lohnsteuerbescheinigung", "year": year, "issue_date": f"{year + 1}-01-30",
            "employer": {"name": "Prüfbetrieb GmbH", "address": address},
            "establishments": [{"id": land, "tax_number": n, "land": land, "tax_office": {"name": f"Finanzamt {land}", "number": office}}
                               for land, (n, office) in NUMBERS.items()],
            "declarations": [], "wage_types": {}, "employees": [person(str(i), c) for i, c in enumerate(cases) if "person_of" not in c],
            "certificates": [one for i, c in enumerate(cases) for one in certificates(str(i), year, c, named.get(c.get("person_of"), str(i)))]}


def findings(folder, year, cases):
    path = os.path.join(folder, f"{year}.json")
    json.dump(payroll(year, cases), open(path, "w"), ensure_ascii=False)
    done = subprocess.run([program, "generate", "--allow-test-ids", "--templates", os.path.join(source, "templates"), path, "-o",
                           os.path.join(folder, str(year))], capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stderr
    got, owners = {}, [i for i, c in enumerate(cases) for _ in [{}] + c.get("further", [])]
    with sqlite3.connect(os.path.join(folder, str(year), "ledger.db")) as ledger:
        for number, rule in ledger.execute("SELECT number, rule FROM finding"):
            got.setdefault(owners[number], set()).add(rule)
    return got


def tables():
    """Year, what the table is called, and the table."""
    for path in sorted(pathlib.Path(source, "tests/cases").glob("*.json")):
        table, year = json.loads(path.read_text()), int(path.stem.rsplit("-", 1)[1])
        yield year, path.stem, {"falsified": [], **table}
        for form in sorted(FORMS.glob("[0-9]*")) if year == BASE and not path.stem.startswith("hand") else ():
            if int(form.name) != BASE:
                yield int(form.name), f"{path.stem} carried over to {form.name}", carry(table, int(form.name))


def check(year, name, table):
    """How many cases are not as the table says."""
    wrong, named = 0, {c["name"]: c for c in table["right"]}
    cases = list(table["right"]) + [changed(named[f["of"]], f["change"]) for f in table["falsified"]]
    with tempfile.TemporaryDirectory() as folder:
        got = findings(folder, year, cases)
    for i, case in enumerate(cases):
        falsified = table["falsified"][i - len(named)] if i >= len(named) else None
        expected, found = set(falsified["rules"]) if falsified else set(), got.get(i, set())
        if not expected <= found or (not falsified and found - set(case.get("may", []))):
            print(name, case["name"], falsified["why"] if falsified else "right", "expected", expected, "got", found)
            wrong += 1
    print(name, len(named), "right ones and", len(table["falsified"]), "falsified")
    return wrong


def figures():
    """Parameters of the forms that are not what the rates say."""
    for form in sorted(FORMS.glob("[0-9]*")):
        given = json.loads((form / "template.json").read_text())["parameters"]
        for name, figure in YEARS[int(form.name)].parameters().items():
            if name in given and given[name] != figure:
                yield f"{form.name}: {name} is {given[name]}, by the rates {figure}"


odd = list(figures())
print("\n".join(odd))
assert sum(check(*one) for one in tables()) == 0 and not odd
