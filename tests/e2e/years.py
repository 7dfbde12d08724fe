"""The year-end run of every other year that has a form: its own bank is issued whole, the same bytes with any number of threads, verified, corrected;
what agrees with the declarations does so by that year's lines, in the workbook as LibreOffice calculates it too. Of 2026 the page shows the monthly
private contributions of the last wage-payment period. Expected numbers come from the input. Usage: years.py TAXCERT SOURCE_DIR"""
import copy
import glob
import json
import os
import re
import subprocess
import sys
import tempfile
from decimal import Decimal as D

program, source = sys.argv[1:3]
sys.path.insert(0, os.path.join(source, "tests/lib"))
from office import Office, rows, verdict as verdict_of  # noqa: E402

templates = os.path.join(source, "templates")
FORMS = os.path.join(templates, "de/lohnsteuerbescheinigung")
PASSED, FAILED = "stimmt", "WEICHT AB"


def load(*path):
    return json.load(open(os.path.join(*path)))


def run(command, *words, codes=(0,)):
    done = subprocess.run([program, command, *words], capture_output=True, text=True)
    assert done.returncode in codes, (command, done.returncode, done.stderr[-2000:])
    return done


def generate(out, payroll, employees, *more):
    done = run("generate", "--json", "--allow-test-ids", "--templates", templates, "-e", employees, payroll, "-o", out, *more, codes=(0, 1))
    return json.loads(done.stdout.splitlines()[-1])


def amounts(payroll, line):
    """Every certificate's amount of the line, given or the sum of its entries."""
    for c in payroll["certificates"]:
        if line in c.get("values", {}):
            yield D(c["values"][line])
        elif "values" not in c:
            yield sum((D(e["amount"]) * (-1 if to[0] == "-" else 1) for e in c["entries"] for to in payroll["wage_types"][e["wage_type"]]["adds_to"]
                       if to.lstrip("-") == line), D(0))


def text(pdf):
    return " ".join(subprocess.run(["pdftotext", "-raw", pdf, "-"], capture_output=True, text=True, check=True).stdout.split())


def pdf_of(place, personnel_number):
    return glob.glob(os.path.join(place, "certificates/*", f"*-{personnel_number}+*.pdf"))[0]


def whole_bank(year, folder, bank):
    """Returns the run's folder."""
    payroll, controls = load(bank, "payroll.json"), [f["id"] for f in load(FORMS, year, "template.json")["fields"] if f.get("control")]
    names = os.path.join(bank, "payroll.json"), os.path.join(bank, "employees.json")
    first, second = os.path.join(folder, year), os.path.join(folder, year + "-again")
    done = run("generate", "--allow-test-ids", "--jobs", "1", "--templates", templates, "-e", names[1], names[0], "-o", first)
    assert f"issued {len(payroll['certificates'])} + held back 0, warnings 0" in done.stdout and "certificates and declarations agree" in done.stdout, done.stdout
    for line in controls:
        assert re.search(rf"^total of line {line} [^:\n]+: {sum(amounts(payroll, line), D(0)):.2f} EUR$", done.stdout, re.M), (year, line, done.stdout)
    generate(second, *names, "--jobs", "4")
    assert subprocess.run(["diff", "-r", "-x", "events.log", first, second]).returncode == 0, "same input, same bytes"
    run("verify", "--sample", "8", first)
    run("correct", "--allow-test-ids", "--templates", templates, first, os.path.join(bank, "corrections.json"), "-o", first + "-03", codes=(0, 1))
    run("verify", "--sample", "8", first + "-03")
    return first


def declared_too(year, folder, bank):
    """A tax of the year's lines that nobody declared is a difference: each of the fields that the reconciliation sums up."""
    payroll, plan = load(bank, "payroll.json"), load(FORMS, year, "summary.json")["reconciliation"]
    fields = [f for code in plan["codes"] for f in code.get("sum", [])] + plan["marks"]["sums"]
    for line in fields:
        changed = copy.deepcopy(payroll)
        one = next((c for c in changed["certificates"] if D(str(c.get("values", {}).get(line, 0))) > 20 and "entries" not in c), None)
        if not one:
            continue        # nobody's values have it (line 14: one with entries)
        one["values"][line] = f"{D(one['values'][line]) - 10:.2f}"
        path = os.path.join(folder, f"less-{line}.json")
        json.dump(changed, open(path, "w"))
        closing = json.loads(run("check", "--json", "--allow-test-ids", "--templates", templates, "-e", os.path.join(bank, "employees.json"), path,
                                 codes=(0, 1)).stdout.splitlines()[-1])
        assert closing["reconciled"] == "no", (year, line, closing)
    return fields


def workbook(year, place, office, fields):
    path = os.path.join(place, "summary.xlsx")
    book = office.open(path)
    formulas = office.check(book, path)
    verdict = lambda: verdict_of(rows(book.Sheets.getByName("Übersicht")))
    assert formulas > 500 and verdict() == PASSED, (year, formulas, verdict())
    sheet, titles = book.Sheets.getByName("Bescheinigungen"), rows(book.Sheets.getByName("Bescheinigungen"))[0]
    for line in fields:
        at = next(i for i, title in enumerate(titles) if title.startswith(line + ". "))
        row = next(i for i in range(1, 60) if sheet.getCellByPosition(at, i).Value)
        cell = sheet.getCellByPosition(at, row)
        cell.Value += 100
        book.calculateAll()
        wrong = [r for r in rows(book.Sheets.getByName("Abstimmung")) if FAILED in r]
        assert verdict() == FAILED and wrong, (year, line)
        cell.Value -= 100
    book.calculateAll()
    assert verdict() == PASSED
    book.close(False)


def last_period(place, bank):
    """Four monthly amounts, each with a validity of its own: the page has those of the last wage-payment period, the attachment all."""
    captions, payroll = load(FORMS, "2026/captions.de.json")["captions"], load(bank, "payroll.json")
    groups = [k for k in captions if k.startswith("private_")]
    assert len(groups) == 4
    money = lambda amount: f"{int(D(amount)):,}".replace(",", ".") + "," + amount[-2:]
    several = 0
    for c in payroll["certificates"]:
        if not any(g in c for g in groups) and c["personnel_number"] != "100001":
            continue
        pdf = pdf_of(place, c["personnel_number"])
        said, attached = text(pdf), json.loads(subprocess.run(["qpdf", "--show-attachment=certificate.json", pdf], capture_output=True, check=True).stdout)
        for group in groups:
            words, given = " ".join(captions[group].split()), c.get(group, [])
            last = max(given, key=lambda r: r["valid_from"])["amount"] if given else ""
            assert words in said, (pdf, words)
            assert not given or money(last) in said, (c["id"], group, last)
    
            several += len(given) > 1
            for earlier in given[:-1]:
                assert money(earlier["amount"]) not in said, (c["id"], group)
    assert several, "somebody's amount changed in the year"


with tempfile.TemporaryDirectory() as work, Office(work) as libre:
    for form in sorted(os.listdir(FORMS)):
        if form == "2025":
            continue        # every other test is about that one
        files = os.path.join(source, "samples", form, "bank")
        made = whole_bank(form, work, files)
        workbook(form, made, libre, declared_too(form, work, files))
        if form == "2026":
            last_period(made, files)
        print(form, "is issued, verified, corrected and agrees")
