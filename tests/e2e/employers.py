"""Several employers by one command: each has its own run folder, the very one that generate alone makes; nothing of one is in another's;
a fatal error of one stops nobody; the overview lists all, with sums worked out here from the JSON. Killed and interrupted commands
are taken up. Usage: employers.py TAXCERT SOURCE_DIR"""
import copy
import glob
import json
import os
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import zipfile
from decimal import Decimal

import openpyxl

program, source = sys.argv[1:3]
bank = os.path.join(source, "samples/bank")
payroll, employees = (json.load(open(os.path.join(bank, name + ".json"))) for name in ("payroll", "employees"))
OPTIONS = ["--allow-test-ids", "--templates", os.path.join(source, "templates")]
LINES = ("3", "4", "5", "6", "7")
CANARY = {"alpha": "Alfakanari", "beta": "Betakanari", "gamma": "Gammakanari"}


def taxcert(*words, **more):
    done = subprocess.run([program, *words[:1], *(OPTIONS if words[0] != "verify" else []), *words[1:]], capture_output=True, text=True, **more)
    assert "Sanitizer" not in done.stderr and "runtime error" not in done.stderr, done.stderr[-3000:]
    return done


def employer(name, site, count, first=0):
    """A payroll and its employees, from one establishment of the sample bank, with handles and names of this employer only."""
    certificates = copy.deepcopy([c for c in payroll["certificates"] if c["establishment"] == site][first:first + count])
    numbers = {c["personnel_number"] for c in certificates}
    people = copy.deepcopy([p for p in employees["employees"] if p["personnel_number"] in numbers])
    for p in people:
        p["name"]["last"] = CANARY[name]
    for entry in certificates + people:
        entry["personnel_number"] = f"{CANARY[name]}-{entry['personnel_number']}"
        if "id" in entry:
            entry["id"] = f"{CANARY[name]}.{entry['id']}"
    pay = {**payroll, "employer": {**payroll["employer"], "name": CANARY[name] + " AG"}, "declarations": [], "certificates": certificates,
           "establishments": [e for e in payroll["establishments"] if e["id"] == site]}
    return pay, {**employees, "employees": people}


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    with open(path, "w") as out:
        out.write(text)


def totals(pay, withheld=()):
    """Of the control lines, worked out from values or entries."""
    sums = dict.fromkeys(LINES, Decimal(0))
    for c in pay["certificates"]:
        lines = {line: Decimal(str(v)) for line, v in c.get("values", {}).items() if line in LINES}
        if not lines:
            for entry in c["entries"]:
                for line in pay["wage_types"][entry["wage_type"]]["adds_to"]:
                    if line.lstrip("-") in LINES:
                        sign = -1 if line.startswith("-") else 1
                        lines[line.lstrip("-")] = lines.get(line.lstrip("-"), Decimal(0)) + sign * Decimal(entry["amount"])
        for line, amount in lines.items() if c["id"] not in withheld else ():
            sums[line] += amount
    return sums


def everything(run):
    """All that a run folder says: names, bytes, the workbook unpacked, the pages' text."""
    parts = []
    for top, _, names in os.walk(run):
        for name in names:
            path = os.path.join(top, name)
            parts.append(os.path.relpath(path, run).encode() + open(path, "rb").read())
            if name.endswith(".xlsx"):
                parts += [zipfile.ZipFile(path).read(inner) for inner in zipfile.ZipFile(path).namelist()]
            if name.endswith(".pdf"):
                parts.append(subprocess.run(["pdftotext", "-raw", path, "-"], capture_output=True, check=True).stdout)
                parts.append(subprocess.run(["qpdf", "--qdf", "--object-streams=disable", path, "-"], capture_output=True, check=True).stdout)
    return b"\n".join(parts)


def same(a, b):
    done = subprocess.run(["diff", "-r", "-q", "-x", "events.log", a, b], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[:500]


def rows(out):
    def read(**how):
        sheet = openpyxl.load_workbook(os.path.join(out, "employers.xlsx"), **how).worksheets[0]
        return [[c.value for c in row] for row in sheet.iter_rows()]

    cached, live = read(data_only=True), read()
    heads = cached[2]
    return heads, dict(zip(heads, cached[1])), dict(zip(heads, live[1])), [dict(zip(heads, r)) for r in cached[3:]], \
        [dict(zip(heads, r)) for r in live[3:]]


with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as folder:
    place = lambda *names: os.path.join(folder, *names)
    made = {name: employer(name, site, 8) for name, site in (("alpha", "FFM"), ("beta", "MUC"), ("gamma", "LEJ"))}
    made["alpha"][1]["employees"].append({**copy.deepcopy(made["alpha"][1]["employees"][0]), "personnel_number": "Alfakanari-none",
                                          "tax_id": employees["employees"][-1]["tax_id"]})
    made["alpha"][0]["certificates"][0]["mystery"] = None  # a warning, of alpha and of beta
    made["beta"][0]["certificates"][0]["mystery"] = None
    broken = made["beta"][0]["certificates"][1]
    broken["values"] = {"3": "50000.00", "4": "100.00", "5": "99.00"}  # a surcharge above 5.5 % of the tax
    broken.pop("entries", None)
    whole = json.dumps(made["gamma"][0], ensure_ascii=False)
    write(place("in/alpha/payroll.json"), made["alpha"][0])
    write(place("in/alpha/employees.json"), made["alpha"][1])
    write(place("in/beta.json"), made["beta"][0])
    write(place("in/beta.employees.json"), made["beta"][1])
    write(place("in/gamma.json"), whole[:len(whole) * 2 // 3])
    write(place("in/gamma.employees.json"), made["gamma"][1])
    # Nothing of these is an employer.
    write(place("in/notes.txt"), "x")
    write(place("in/other.json"), {"name": "no payroll"})
    write(place("in/.hidden.json"), made["gamma"][0])
    write(place("in/empty/readme.txt"), "x")
    write(place("in/people.json"), made["gamma"][1])

    # ---- the whole: codes, folders, findings
    calm = taxcert("generate", place("in"), "-o", place("out"), "--lang", "en")
    assert calm.returncode == 3, (calm.returncode, calm.stderr)
    assert sorted(os.listdir(place("out"))) == ["alpha", "beta", "employers.xlsx"], os.listdir(place("out"))
    assert os.stat(place("out")).st_mode & 0o777 == 0o700 and os.stat(place("out/employers.xlsx")).st_mode & 0o777 == 0o600
    assert f"error: {broken['personnel_number']} {broken['id']}: line 5 Solidaritätszuschlag (beta/beta.json#/certificates/1/values/5) [soli-max]" in calm.stderr, calm.stderr
    assert "gamma.json: " in calm.stderr and "[json-syntax]" in calm.stderr
    said = calm.stdout.splitlines()
    assert any(s.startswith("alpha: certificates 8 = issued 8 + held back 0, ") and "without a certificate 1, of these without a stated reason 1" in s for s in said)
    assert any(s.startswith("beta: certificates 8 = issued 7 + held back 1, ") for s in said) and "gamma: failed [json-syntax]" in said
    assert any(s.startswith("employers 3 = all issued 1 + some held back 1 + failed 1; certificates 16 = issued 15 + held back 1, ") for s in said)
    for name in CANARY:  # the handles may be told, names not
        assert not re.search(CANARY[name] + r"(?![-.])", calm.stdout + calm.stderr), name

    # ---- each run folder is that of generate alone, proved, and holds nothing of another
    os.mkdir(place("one"))
    for name, files in (("alpha", ["-e", place("in/alpha/employees.json"), place("in/alpha/payroll.json")]),
                        ("beta", ["-e", place("in/beta.employees.json"), place("in/beta.json")])):
        assert taxcert("generate", *files, "-o", place("one", name)).returncode in (0, 1)
        same(place("one", name), place("out", name))
        assert taxcert("verify", "--sample", "3", place("out", name)).returncode == 0, name
        content = everything(place("out", name))
        assert CANARY[name].encode() in content
        for other in set(CANARY) - {name}:
            assert CANARY[other].encode() not in content, (name, other)

    # ---- the overview
    heads, sums, live, listed, links = rows(place("out"))
    assert [r["Ausgabeordner"] for r in listed] == ["alpha", "beta", "gamma"]
    assert [r["Ergebnis"] for r in listed] == ["alle ausgestellt", "einige zurückgehalten", "fehlgeschlagen"]
    assert [r["Exit-Code"] for r in listed] == [0, 1, 3]
    assert [r["Arbeitgeber"] for r in listed] == ["Alfakanari AG", "Betakanari AG", None]
    assert [(r["Formular"], r["Jahr"]) for r in listed] == [(payroll["form"], payroll["year"])] * 2 + [(None, None)]
    assert [r["Arbeitsmappe"] for r in links] == [f'=HYPERLINK("{n}/summary.xlsx","summary.xlsx")' for n in ("alpha", "beta")] + [None]
    assert listed[2]["Regel"] == "json-syntax" and "endet" in listed[2]["Fehler"] and listed[0]["Regel"] is None
    expected = {n: totals(made[n][0], [broken["id"]]) for n in ("alpha", "beta")}
    assert sum(expected["beta"].values()) > 0 and expected["beta"] != totals(made["beta"][0])
    for line in LINES:
        head = f"Summe der Zeile {line} (EUR)"
        assert [Decimal(str(r[head])) for r in listed[:2]] == [expected["alpha"][line], expected["beta"][line]], line
        assert listed[2][head] is None and Decimal(str(sums[head])) == expected["alpha"][line] + expected["beta"][line], line
        column = openpyxl.utils.get_column_letter(heads.index(head) + 1)
        assert live[head] == f"=ROUND(SUM({column}4:{column}6),2)", live[head]
    warnings = {n: sqlite3.connect(place("out", n, "ledger.db")).execute("SELECT count(*) FROM finding WHERE severity = 'warning'").fetchone()[0]
                for n in ("alpha", "beta")}
    for head, values in (("Bescheinigungen", [8, 8, None]), ("ausgestellt", [8, 7, None]), ("zurückgehalten", [0, 1, None]),
                         ("Personen ohne Bescheinigung", [1, 0, None]), ("davon ohne Angabe eines Grundes", [1, 0, None]),
                         ("Hinweise", [warnings["alpha"], warnings["beta"], None]), ("als Ausnahme zugelassen", [0, 0, None])):
        column = openpyxl.utils.get_column_letter(heads.index(head) + 1)
        assert [r[head] for r in listed] == values, (head, [r[head] for r in listed])
        assert sums[head] == sum(v or 0 for v in values) and live[head] == f"=SUM({column}4:{column}6)", head

    # ---- the same again: finished ones count as done and are left alone, the report is the same, also the overview's bytes
    times = {p: os.stat(p).st_mtime_ns for p in glob.glob(place("out/*/**"), recursive=True)}
    book = open(place("out/employers.xlsx"), "rb").read()
    again = taxcert("generate", place("in"), "-o", place("out"), "--lang", "en", "--jobs", "1")
    assert (again.returncode, again.stdout, again.stderr) == (calm.returncode, calm.stdout, calm.stderr)
    assert times == {p: os.stat(p).st_mtime_ns for p in glob.glob(place("out/*/**"), recursive=True)}
    assert open(place("out/employers.xlsx"), "rb").read() == book
    other = taxcert("generate", place("in/gamma.json"), place("in/beta.json"), place("in/alpha/payroll.json"), "-o", place("other"), "--lang", "de")
    assert other.returncode == 3 and open(place("other/employers.xlsx"), "rb").read() == book, "order, threads and console do not matter"
    failed = next(row for row in rows(place("other"))[3] if row["Regel"] == "json-syntax")["Fehler"]
    assert re.fullmatch(r"Textzeile \d+, Spalte \d+: Die Datei ist unvollständig[^.]*\.", failed), failed
    assert "beta: Bescheinigungen 8 = ausgestellt 7" in other.stdout and "fehlgeschlagen" in other.stdout
    same(place("out"), place("other"))
    checked = taxcert("check", place("in"), "--lang", "en")
    assert checked.returncode == 3 and checked.stderr == calm.stderr and checked.stdout.splitlines() == said[:-1]

    # ---- no room for the overview: the one that is there stays
    full = taxcert("generate", place("in"), "-o", place("out"), preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000)))
    assert full.returncode == 4 and sorted(os.listdir(place("out"))) == ["alpha", "beta", "employers.xlsx"], (full.stderr, os.listdir(place("out")))
    assert open(place("out/employers.xlsx"), "rb").read() == book

    # ---- JSON: every line says whose it is, but the one over all
    lines = [json.loads(s) for s in taxcert("check", "--json", place("in")).stdout.splitlines()]
    assert all(s["employer"] in CANARY for s in lines[:-1]) and "employer" not in lines[-1]
    results = {s["employer"]: s for s in lines if "code" in s and "employer" in s}
    assert {n: r["code"] for n, r in results.items()} == {"alpha": 0, "beta": 1, "gamma": 3}
    assert {line: Decimal(v) for line, v in results["beta"]["totals"].items()} == expected["beta"]
    assert results["beta"]["rules"]["soli-max"] == 1 and "soli-max" not in results["alpha"]["rules"] and results["gamma"]["rule"] == "json-syntax"
    found = [s for s in lines if "finding" in s]
    assert found and all(lines[-1]["rules"][f["rule"]] == sum(g["rule"] == f["rule"] for g in found) for f in found)
    for name in ("alpha", "beta"):
        own = [f["rule"] for f in found if f["employer"] == name]
        assert results[name]["rules"] == {rule: own.count(rule) for rule in own}, name
    assert (lines[-1]["employers"], lines[-1]["all_issued"], lines[-1]["some_held"], lines[-1]["failed"], lines[-1]["code"]) == (3, 1, 1, 1, 3)

    # ---- gamma mended, beta's input changed: gamma is made, beta fails alone and stays what it was; a waiver beside counts
    write(place("in/gamma.json"), whole)
    write(place("in/gamma.waivers.json"), {"format": "taxcert/waivers/1", "waivers": []})
    write(place("in/beta.json"), {**made["beta"][0], "issue_date": "2026-02-01"})
    mended = taxcert("generate", place("in"), "-o", place("out"))
    assert mended.returncode == 2 and "out/beta: " in mended.stderr and "[identity]" in mended.stderr, mended.stderr
    assert times == {p: os.stat(p).st_mtime_ns for p in times}, "what is published stays"
    assert taxcert("verify", place("out/gamma")).returncode == 0 and CANARY["beta"].encode() not in everything(place("out/gamma"))
    assert [r["Ergebnis"] for r in rows(place("out"))[3]] == ["alle ausgestellt", "fehlgeschlagen", "alle ausgestellt"]
    write(place("in/beta.json"), made["beta"][0])
    write(place("in/beta.waivers.json"), {"format": "taxcert/waivers/1", "waivers": [
        {"certificate": broken["id"], "rule": "soli-max", "reason": "Reasonkanari", "approved_by": "w"}]})
    waived = taxcert("generate", place("in"), "-o", place("waived"))
    assert waived.returncode == 0, waived.stderr
    assert [r["als Ausnahme zugelassen"] for r in rows(place("waived"))[3]] == [0, 1, 0]
    assert b"Reasonkanari" in everything(place("waived/beta")) and b"Reasonkanari" not in everything(place("waived/gamma"))

    # ---- refused before anything is written
    def refused(rule, *words):
        done = taxcert("generate", *words, "-o", place("refused"))
        assert done.returncode == 2 and rule in done.stderr and not os.path.exists(place("refused")), (words, done.returncode, done.stderr)

    write(place("case/Alpha/payroll.json"), made["alpha"][0])
    write(place("case/alpha.json"), made["alpha"][0])
    refused("[employer-name]", place("case"))
    refused("[employer-name]", place("in/alpha"), place("case/alpha.json"))
    for name in ("=x", "a b", "x" * 33, "a.partial", "employers.xlsx", "Ä", "-e\n"):
        write(place("names", name + ".json"), made["alpha"][0])
        refused("[employer-name]", place("names"))
        os.unlink(place("names", name + ".json"))
    refused("[employer-missing]", place("names"))
    refused("[employer-missing]", place("in/empty"), place("in"))
    refused("[employer-payroll]", place("in/beta.employees.json"), place("in/beta.json"))
    refused("[employer-files]", place("in"), "-e", place("in/beta.employees.json"))
    for out in ("out/alpha", "one"):  # a run folder; a folder with runs that the overview would not list
        before = sorted(os.listdir(place(out)))
        done = taxcert("generate", place("in/gamma.json"), place("case/alpha.json"), "-o", place(out))
        assert done.returncode == 2 and "[folder]" in done.stderr and before == sorted(os.listdir(place(out))), (out, done.stderr)
    os.makedirs(place("taken/gamma"))
    taken = taxcert("generate", place("in"), "-o", place("taken"))
    assert taken.returncode == 2 and "[folder]" in taken.stderr and os.listdir(place("taken/gamma")) == [], taken.stderr
    assert [r["Exit-Code"] for r in rows(place("taken"))[3]] == [0, 0, 2], "one folder in the way stops nobody else"
    lost = taxcert("generate", place("in/alpha/payroll.json"), place("nowhere.json"), "-o", place("lost"))
    assert lost.returncode == 3 and sorted(os.listdir(place("lost"))) == ["alpha", "employers.xlsx"], lost.stderr
    plain = taxcert("generate", "-e", place("in/alpha/employees.json"), place("in/alpha/payroll.json"), "-o", place("plain"))
    assert plain.returncode == 0 and os.path.exists(place("plain/ledger.db")) and "total of line 3 Bruttoarbeitslohn: " in plain.stdout, "one payroll as ever"

    # ---- another form, in another currency: its lines are columns of their own
    shutil.copytree(os.path.join(source, "templates"), place("forms"))
    form = place("forms/xx/lohnsteuerbescheinigung/2025")
    shutil.copytree(place("forms", payroll["form"], "2025"), form)
    text = open(os.path.join(form, "template.json")).read()
    assert text.count('"de/lohnsteuerbescheinigung"') == text.count('"EUR"') == 1
    write(os.path.join(form, "template.json"), text.replace('"de/lohn', '"xx/lohn').replace('"EUR"', '"CHF"'))
    write(place("forms-in/alpha.json"), {**made["alpha"][0], "employees": made["alpha"][1]["employees"]})
    write(place("forms-in/gamma.json"), {**made["gamma"][0], "form": "xx/lohnsteuerbescheinigung", "employees": made["gamma"][1]["employees"]})
    done = taxcert("generate", place("forms-in"), "-o", place("forms-out"), "--templates", place("forms"))
    assert done.returncode == 0, done.stderr
    _, sums, _, listed, _ = rows(place("forms-out"))
    for line in LINES:
        columns = [f"Summe der Zeile {line} (EUR) de/lohnsteuerbescheinigung 2025", f"Summe der Zeile {line} (CHF) xx/lohnsteuerbescheinigung 2025"]
        for i, name in enumerate(("alpha", "gamma")):
            amount = totals(made[name][0])[line]
            assert Decimal(str(listed[i][columns[i]])) == Decimal(str(sums[columns[i]])) == amount and listed[i][columns[1 - i]] is None, line

    # ---- killed in the middle, interrupted, and the same command again: what an undisturbed one makes
    synth = os.path.join(os.path.dirname(program), "tests", "synth")
    for i, name in enumerate(("a1", "a2", "a3")):
        os.makedirs(place("big", name))
        subprocess.run([synth, "600", str(i + 1), place("big", name)], check=True, stdout=subprocess.DEVNULL)
    assert taxcert("generate", place("big"), "-o", place("quiet")).returncode == 0
    out = place("stopped")
    for kind, code, there in ((signal.SIGINT, 4, ["a1.partial"]), (signal.SIGKILL, -9, ["a1", "a2.partial"]),
                              (signal.SIGTERM, 4, ["a1", "a2", "a3.partial"])):
        process = subprocess.Popen([program, "generate", *OPTIONS, place("big"), "-o", out], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        while process.poll() is None and not glob.glob(os.path.join(out, there[-1], "certificates/8*/*")):
            time.sleep(0.001)
        process.send_signal(kind)
        _, err = process.communicate()
        assert process.returncode == code, (kind, process.returncode, err)
        assert sorted(os.listdir(out)) == there, (kind, os.listdir(out))
        assert code != 4 or "[interrupted]" in err
    done = taxcert("generate", place("big"), "-o", out)
    assert done.returncode == 0, done.stderr
    same(place("quiet"), out)
    assert all(taxcert("verify", "--sample", "3", os.path.join(out, name)).returncode == 0 for name in ("a1", "a2", "a3"))
print("employers: ok")
