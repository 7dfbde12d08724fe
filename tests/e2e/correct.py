"""Corrections, cancellations and late certificates: the year after them is what it should be, in ledger, workbook and reprints; the run before
stays as it was; what cannot be a correction is refused by rule. Usage: correct.py TAXCERT SOURCE_DIR"""
import copy
import glob
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from decimal import Decimal

import openpyxl

program, source = sys.argv[1:3]
sys.path.insert(0, os.path.join(source, "tests/lib"))
from office import Office  # noqa: E402

bank = os.path.join(source, "samples/bank")
PAYROLL = json.load(open(os.path.join(bank, "payroll.json")))
PEOPLE = json.load(open(os.path.join(bank, "employees.json")))
CHANGES = json.load(open(os.path.join(bank, "corrections.json")))
COMMON = ["--allow-test-ids", "--templates", os.path.join(source, "templates"), "--lang", "en"]
LINES = ("3", "4", "5", "6", "7")
CANARY = "Kanarienvogel"


def taxcert(*words):
    return subprocess.run([program, *words], capture_output=True, text=True)


def told(done):
    """The closing line of --json, and the findings' rules by certificate."""
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return lines[-1], {(f["certificate"], f["rule"]) for f in lines[:-1] if f["finding"] == "error"}


def write(folder, name, value):
    path = os.path.join(folder, name)
    with open(path, "w") as file:
        json.dump(value, file, ensure_ascii=False)
    return path


def generate(folder, name, payroll, people=PEOPLE, code=0, *more):
    run = os.path.join(folder, name)
    done = taxcert("generate", "--json", *COMMON, *more, "-e", write(folder, name + ".employees.json", people),
                   write(folder, name + ".json", payroll), "-o", run)
    assert done.returncode == code, done.stderr
    return run, told(done)[0]


def correct(run, changes, out, *more, code=0):
    """changes: a path, or what is to be in the file."""
    path = changes if isinstance(changes, str) else write(os.path.dirname(run), "changes.json", changes)
    done = taxcert("correct", "--json", *COMMON, *more, run, path, *(["-o", out] if out else []))
    assert done.returncode == code, (done.returncode, done.stderr)
    assert CANARY not in done.stdout + done.stderr
    return told(done)


def refused(run, changes, rule, code):
    """A fatal error, by its rule; nothing is left behind."""
    folder = os.path.dirname(run)
    path = write(folder, "changes.json", changes)
    done = taxcert("correct", *COMMON, run, path, "-o", os.path.join(folder, "never"))
    assert done.returncode == code and f"[{rule}]" in done.stderr and CANARY not in done.stderr, (rule, done)
    assert not glob.glob(os.path.join(folder, "never*"))


def changed(**more):
    return {**{k: v for k, v in PAYROLL.items() if k not in ("certificates", "declarations")}, "issue_date": "2026-03-09", "certificates": [],
            "employees": PEOPLE["employees"], **more}


def certificate(number, **more):
    return {**copy.deepcopy(next(c for c in PAYROLL["certificates"] if c["personnel_number"] == number)), **more}


def why(text=CANARY):
    return {"reason": text}


def amounts(c):
    """Line -> amount: as given, or added up from the entries."""
    sums = {}
    for entry in c.get("entries") or []:
        for line in PAYROLL["wage_types"][entry["wage_type"]]["adds_to"]:
            sums[line.lstrip("-")] = sums.get(line.lstrip("-"), 0) + Decimal(entry["amount"]) * (-1 if line[0] == "-" else 1)
    for line, value in (c.get("values") or {}).items():
        if isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value):
            sums[line] = Decimal(value)
    return {line: value for line, value in sums.items() if line not in ("2.U", "30")}


def year(certificates):
    return {line: sum((amounts(c).get(line, Decimal(0)) for c in certificates), Decimal(0)) for line in LINES}


def ids(run):
    return dict(sqlite3.connect(os.path.join(run, "ledger.db")).execute("SELECT id, state FROM certificate"))


def corrections_of(run):
    """(certificate, change, start of the line) -> (before, after, difference)."""
    sheet = openpyxl.load_workbook(os.path.join(run, "summary.xlsx"), data_only=True)["Korrekturen"]
    number = lambda v: Decimal(str(v)).quantize(Decimal("0.01")) if isinstance(v, (int, float)) else v
    return {(r[1], r[2], r[4].split()[0].rstrip(".")): tuple(number(v) for v in r[5:8]) for r in sheet.iter_rows(min_row=2, values_only=True) if r[1]}


def text_of(path):
    """In content order, without blanks: letters of a mark are taken for lines."""
    return "".join(subprocess.run(["pdftotext", "-raw", path, "-"], capture_output=True, text=True, check=True).stdout.split())


def file_of(run, handle):
    """Where find says that the certificate is."""
    lines = [line.split("\t") for line in taxcert("find", run, handle).stdout.splitlines()]
    return os.path.normpath(os.path.join(run, next(line[3] for line in lines if handle in line[:2])))


def check_sample(folder, office):
    first, closing = generate(folder, "2025", PAYROLL)
    before = {f: open(f, "rb").read() for f in glob.glob(first + "/**", recursive=True) if os.path.isfile(f) and not f.endswith("events.log")}
    second = os.path.join(folder, "2025-03")
    only, _ = correct(first, os.path.join(bank, "corrections.json"), None)
    result, errors = correct(first, os.path.join(bank, "corrections.json"), second)
    assert not errors and result["changes"] == {"corrected": 1, "cancelled": 1, "late": 1, "held": 0} and only["changes"] == result["changes"]
    assert (result["certificates"], result["issued"], result["held"], result["reconciled"]) == (64, 64, 0, "yes") and only["totals"] == result["totals"]
    valid = [c for c in PAYROLL["certificates"] if c["id"] not in ("LB25-100007-1", "LB25-100009-1")] + CHANGES["certificates"]
    assert {line: Decimal(v) for line, v in result["totals"].items()} == year(valid)
    # The run before: every byte as it was, and what happened in its log.
    assert all(open(f, "rb").read() == data for f, data in before.items())
    events = [json.loads(line) for line in open(os.path.join(first, "events.log"))]
    assert [(e["event"], e["certificate"]) for e in events[3:]] == [("corrected", "LB25-100007-1"), ("cancelled", "LB25-100009-1")]
    # Who is in the year, and where.
    states = ids(second)
    assert states == {**{c["id"]: "issued" for c in valid}, "LB25-100009-1": "cancelled"}
    pdfs = {os.path.basename(f).split("+", 1)[1][:-4] for f in glob.glob(second + "/certificates/*/*.pdf")}
    assert pdfs == {"LB25-100007-1+correction-1", "LB25-100009-2"}
    new, late = text_of(file_of(second, "100007")), text_of(file_of(second, "LB25-100009-2"))
    assert "KORREKTUR" in new and "336" in new and "09.03.2026" in new
    assert "KORREKTUR" not in late and CHANGES["employees"][1]["tax_id"] in late
    for c in valid[:5]:
        assert file_of(second, c["id"]) == file_of(first, c["id"]) and file_of(first, c["id"]).startswith(first + "/")
    # The sheet, from the input by arithmetic.
    old, new = certificate("100009"), CHANGES["certificates"][1]
    assert amounts(old) == amounts(new)
    tax_id = next(e["tax_id"] for e in PEOPLE["employees"] if e["personnel_number"] == "100009")
    expected = {("LB25-100009-1", "Stornierung", "Bescheinigung,"): ("LB25-100009-1", "LB25-100009-2", None),
                ("LB25-100009-2", "Nachtrag", "Bescheinigung,"): ("LB25-100009-1", "LB25-100009-2", None),
                ("LB25-100009-2", "Nachtrag", "Identifikationsnummer"): (tax_id, CHANGES["employees"][1]["tax_id"], None),
                ("LB25-100009-2", "Nachtrag", "Transferticket"): (old["transfer_ticket"], new["transfer_ticket"], None)}
    expected["LB25-100007-1", "Korrektur", "20"] = (None, Decimal("336.00"), Decimal("336.00"))
    assert corrections_of(second) == expected, corrections_of(second)
    # The workbook recalculated: no error, nothing red, and a change of an amount turns the bridge red.
    path = os.path.join(second, "summary.xlsx")
    book = office.open(path)
    assert office.check(book, path) > 200
    overview = book.Sheets.getByName("Übersicht")
    verdicts = {r[0]: r[3] for r in (overview.getCellRangeByPosition(0, 0, 3, 120)).getDataArray() if r[3] in ("stimmt", "WEICHT AB")}
    bridges = [label for label in verdicts if label.startswith("Original + Änderungen")]
    assert len(bridges) == 5 and set(verdicts.values()) == {"stimmt"}
    book.close(False)
    again, table = os.path.join(folder, "again.xlsx"), os.path.join(folder, "again.csv")
    assert taxcert("summary", second, "-o", again, "--csv", table).returncode == 0
    assert open(again, "rb").read() == open(path, "rb").read() and open(table, "rb").read() == open(os.path.join(second, "summary.csv"), "rb").read()
    assert taxcert("summary", second, "-o", again, "--rows-per-sheet", "6").returncode == 0
    sheets = [openpyxl.load_workbook(again)[name] for name in ("Korrekturen", "Korrekturen (2)")]
    assert [c.value for sheet in sheets for c in sheet["H"][1:] if c.value] in ([f"=ROUND(G{row}-F{row},2)"] for row in (2, 3, 4))
    # Reprints: from the run that issued; what is void is none.
    out = os.path.join(folder, "out.pdf")
    for run, handle, rule in (first, "100007", "[corrected]"), (first, "LB25-100009-1", "[cancelled]"):
        done = taxcert("reprint", "--force", "-o", out, run, handle)
        assert done.returncode == 3 and rule in done.stderr and not os.path.exists(out), done.stderr
    for run, handle in (second, "100001"), (second, "100007"):
        done = taxcert("reprint", "--force", "-o", out, run, handle)
        assert done.returncode == 0 and done.stderr == "", done.stderr
        assert open(out, "rb").read() == open(file_of(run, handle), "rb").read()
    done = taxcert("reprint", "--force", "-o", out, second, "LB25-100009-1")
    assert done.returncode == 3 and "[cancelled]" in done.stderr
    for handle, marks in ("100007", ["DUPLIKAT", "KORREKTUR"]), ("100001", ["DUPLIKAT"]):
        done = taxcert("reprint", "--force", "--duplicate", "--templates", os.path.join(source, "templates"), "-o", out, second, handle)
        assert done.returncode == 0 and done.stderr == "", done.stderr
        assert sorted(re.findall("DUPLIKAT|KORREKTUR", text_of(out))) == marks
    assert "cancelled" in taxcert("explain", second, "LB25-100009-1").stdout
    for f in glob.glob(second + "/certificates/*/*.pdf"):
        assert subprocess.run(["qpdf", "--check", f], capture_output=True).returncode == 0
    return first, second


def check_proof(folder, first, second):
    for run in first, second:
        assert taxcert("verify", "--sample", "4", run).returncode == 0
    moved = os.path.join(folder, "moved")
    os.mkdir(moved)
    for run in first, second:
        shutil.copytree(run, os.path.join(moved, os.path.basename(run)))
    here = os.path.join(moved, "2025-03")
    assert taxcert("verify", here).returncode == 0, "side by side they can be moved"
    with open(os.path.join(moved, "2025/SHA256SUMS"), "a") as sums:
        sums.write("0" * 64 + "  certificates/00/x.pdf\n")
    assert "[earlier-changed]" in taxcert("verify", "--sample", "4", here).stdout
    os.rename(os.path.join(moved, "2025"), os.path.join(moved, "elsewhere"))
    done = taxcert("verify", here)
    assert done.returncode == 1 and "[earlier-missing]" in done.stdout
    assert taxcert("reprint", "--force", here, "100001", "-o", os.path.join(folder, "out.pdf")).returncode == 4
    shutil.rmtree(moved)
    # The same for any number of threads.
    copies = [os.path.join(folder, f"jobs-{jobs}", "2025-03") for jobs in "14"]
    for jobs, copy_ in zip("14", copies):
        generate(os.path.dirname(shutil.copytree(bank, os.path.dirname(copy_) + "/in")), "2025", PAYROLL)
        correct(os.path.join(os.path.dirname(copy_), "2025"), os.path.join(bank, "corrections.json"), copy_, "--jobs", jobs)
    sums = [open(os.path.join(run, "SHA256SUMS")).read() for run in (second, *copies)]
    assert sums[0] == sums[1] == sums[2]
    assert open(os.path.join(first, "events.log")).read().count('"event":"superseded"') == 1
    log = open(os.path.join(first, "events.log")).read()
    done = taxcert("correct", *COMMON, first, os.path.join(bank, "corrections.json"), "-o", second)
    assert done.returncode == 0 and "[finished]" in done.stderr and open(os.path.join(first, "events.log")).read() == log


def check_chain(folder, second):
    """A correction of the correction: the year's third state, with all that was changed."""
    third = os.path.join(folder, "2025-04")
    again = {**CHANGES["certificates"][0], "correction": why("noch eine Reise")}
    again["values"] = {**again["values"], "20": "400.00"}
    result, errors = correct(second, changed(issue_date="2026-04-01", certificates=[again], employees=CHANGES["employees"],
                                             cancellations=[{"certificate": "LB25-100009-2", "reason": "doch nicht"}]), third)
    assert not errors and result["changes"] == {"corrected": 1, "cancelled": 1, "late": 0, "held": 0}
    valid = [c for c in PAYROLL["certificates"] if not c["id"].startswith("LB25-100009")]
    assert {line: Decimal(v) for line, v in result["totals"].items()} == year(valid) and result["certificates"] == 63
    rows = corrections_of(third)
    assert rows["LB25-100007-1", "Korrektur", "20"] == (Decimal("336.00"), Decimal("400.00"), Decimal("64.00"))
    gone = amounts(CHANGES["certificates"][1])
    assert {k[2]: v for k, v in rows.items() if k[:2] == ("LB25-100009-2", "Stornierung")} == {line: (v, None, -v) for line, v in gone.items() if v}
    assert taxcert("verify", "--sample", "4", third).returncode == 0
    assert [s for s in ids(third).values()].count("cancelled") == 2
    out = os.path.join(folder, "out.pdf")
    for handle, run in ("100001", "2025"), ("100007", "2025-04"):
        assert file_of(third, handle).startswith(os.path.join(folder, run) + "/")
        assert taxcert("reprint", "--force", "-o", out, third, handle).returncode == 0 and open(out, "rb").read() == open(file_of(third, handle), "rb").read()
    assert "[corrected]" in taxcert("reprint", "--force", "-o", out, second, "100007").stderr
    refused(second, changed(cancellations=[{"certificate": "LB25-100001-1", "reason": "x"}]), "superseded", 2)
    refused(third, changed(issue_date="2026-04-01", cancellations=[{"certificate": "LB25-100009-1", "reason": "x"}]), "cancellation-unknown", 3)


def check_refusals(folder):
    run, closing = generate(folder, "r", PAYROLL)
    other = copy.deepcopy(PEOPLE["employees"])
    next(e for e in other if e["personnel_number"] == "100003")["tax_id"] = CHANGES["employees"][1]["tax_id"]
    cases = [
        (certificate("100001"), "correction-missing"),
        (certificate("100002", correction=why("")), "correction-reason"),
        (certificate("100004", correction={"reason": CANARY + "\n"}), "correction-reason"),
        (certificate("100005", correction=CANARY), "correction-reason"),
        (certificate("100003", correction=why()), "correction-person"),            # another tax id
        (certificate("100006", id="LB25-100011-1", correction=why()), "correction-person"),
        (certificate("100007", id="LB25-new", correction=why()), "correction-unknown"),
        (certificate("100008", correction=why()), "correction-cancelled"),
        (certificate("100010", id="LB25-again"), "same-certificate"),              # beside the one that is valid
        (certificate("100012", correction=why(), values={**certificate("100012")["values"], "8": "1"}), None),  # a rule of the form
        (certificate("100014", correction=why()), "correction-same"),
        (certificate("100015", correction=why("\t \u00a0")), "correction-reason"),
        (certificate("100013", correction=why(), values={**certificate("100013")["values"], "28": "11836.79"}), "fine"),
    ]
    result, errors = correct(run, changed(certificates=[c for c, _ in cases], employees=other,
                                          cancellations=[{"certificate": "LB25-100008-1", "reason": CANARY}]), os.path.join(folder, "r2"), code=1)
    for c, rule in cases:
        found = {r for i, r in errors if i == c["id"]}
        assert (found == set()) == (rule == "fine") and (rule in (None, "fine") or rule in found), (c["id"], found)
    assert result["changes"] == {"corrected": 1, "cancelled": 1, "late": 0, "held": len(cases) - 1}
    # What was valid stays so.
    assert (result["certificates"], result["issued"], result["held"]) == (64, 63, 1)  # the one that was never there
    states = sqlite3.connect(os.path.join(folder, "r2/ledger.db")).execute("SELECT id, state FROM certificate WHERE state != 'issued'").fetchall()
    assert sorted(states) == sorted([("LB25-again", "held"), ("LB25-100008-1", "cancelled")]
                                    + [(c["id"], "refused") for c, rule in cases if rule != "fine" and c["id"] != "LB25-again"])
    assert {line: Decimal(v) for line, v in result["totals"].items()} == year([c for c in PAYROLL["certificates"] if c["id"] != "LB25-100008-1"])
    assert taxcert("verify", os.path.join(folder, "r2")).returncode == 0
    done = taxcert("generate", *COMMON, "-e", os.path.join(bank, "employees.json"),
                   write(folder, "x.json", {**PAYROLL, "certificates": [certificate("100001", correction=why())]}), "-o", os.path.join(folder, "x"))
    assert done.returncode == 1 and "[correction-unexpected]" in done.stderr

    run, _ = generate(folder, "f", PAYROLL)
    one = [{"certificate": "LB25-100001-1", "reason": CANARY}]
    refused(run, changed(cancellations=[{"certificate": "nobody", "reason": CANARY}]), "cancellation-unknown", 3)
    refused(run, changed(cancellations=one * 2), "cancellation-twice", 3)
    refused(run, changed(cancellations=[{"certificate": "LB25-100001-1"}]), "cancellation-format", 3)
    refused(run, changed(cancellations=[CANARY]), "cancellation-format", 3)
    refused(run, changed(cancellations={}), "value-type", 3)
    refused(run, changed(establishments=PAYROLL["establishments"][1:]), "correction-head", 3)
    refused(run, changed(wage_types={k: v for k, v in PAYROLL["wage_types"].items() if k != "1000"}), "correction-head", 3)
    refused(run, changed(year=2024), "correction-head", 3)
    draft, _ = generate(folder, "d", PAYROLL, PEOPLE, 0, "--draft")
    refused(draft, changed(cancellations=one), "draft", 2)
    done = taxcert("generate", *COMMON, write(folder, "x.json", changed(cancellations=one)), "-o", os.path.join(folder, "y"))
    assert done.returncode == 3 and "[correction-unexpected]" in done.stderr
    # Another ledger, another form than the run was closed with: nothing is built on it.
    for name in "ledger.db", "form/form.json":
        spoilt = os.path.join(folder, "spoilt")
        shutil.copytree(run, spoilt)
        with open(os.path.join(spoilt, name), "ab") as file:
            file.write(b" ")
        refused(spoilt, changed(cancellations=one), "file-changed", 4)
        shutil.rmtree(spoilt)


def check_late(folder):
    """Withheld in January for a tax id that is none, issued in March: in its place; and somebody who was forgotten."""
    people = copy.deepcopy(PEOPLE)
    next(e for e in people["employees"] if e["personnel_number"] == "100002")["tax_id"] = "12345678901"
    run, closing = generate(folder, "l", {**PAYROLL, "certificates": [c for c in PAYROLL["certificates"] if c["personnel_number"] != "100004"]}, people, 1)
    assert (closing["certificates"], closing["held"]) == (63, 1)
    # A trial: marked so, and the run does not hear of it.
    log, trial = open(os.path.join(run, "events.log")).read(), os.path.join(folder, "trial")
    correct(run, changed(certificates=[certificate("100004"), certificate("100012", correction=why(), values={**certificate("100012")["values"], "27": "926.11"})]),
            trial, "--draft")
    assert open(os.path.join(run, "events.log")).read() == log
    marks = {n: re.findall("ENTWURF|KORREKTUR", text_of(file_of(trial, n))) for n in ("100004", "100012")}
    assert marks == {"100004": ["ENTWURF"], "100012": ["ENTWURF", "KORREKTUR"]}, marks
    result, errors = correct(run, changed(certificates=[certificate("100004"), certificate("100002")]), os.path.join(folder, "l2"))
    assert not errors and result["changes"] == {"corrected": 0, "cancelled": 0, "late": 2, "held": 0}
    assert (result["certificates"], result["issued"], result["held"]) == (64, 64, 0) and result["without_certificate"] == closing["without_certificate"] - 1
    assert {line: Decimal(v) for line, v in result["totals"].items()} == year(PAYROLL["certificates"]) and result["reconciled"] == "yes"
    order = [r[0] for r in sqlite3.connect(os.path.join(folder, "l2/ledger.db")).execute("SELECT personnel_number FROM certificate ORDER BY number")]
    assert order.index("100002") == 1 and order[-1] == "100004"
    book = openpyxl.load_workbook(os.path.join(folder, "l2/summary.xlsx"))
    assert not any("12345678901" in str(v) for sheet in book for r in sheet.iter_rows(values_only=True) for v in r)
    assert taxcert("verify", os.path.join(folder, "l2")).returncode == 0


def check_twice(folder):
    """An id that was given twice, so that both were error: one certificate comes in one's place, nobody is counted twice or lost."""
    twice = certificate("100003", id="LB25-100004-1")
    run, closing = generate(folder, "t", {**PAYROLL, "certificates": [twice if c["personnel_number"] == "100003" else c for c in PAYROLL["certificates"]]},
                            PEOPLE, 1)
    assert (closing["certificates"], closing["issued"], closing["held"]) == (64, 62, 2)
    for number, other in ("100004", "100003"), ("100003", "100004"):
        out = os.path.join(folder, "t-" + number)
        shutil.copytree(run, out + "-run")
        result, errors = correct(out + "-run", changed(certificates=[certificate(number, id="LB25-100004-1")]), out)
        assert not errors and (result["certificates"], result["issued"], result["held"]) == (64, 63, 1) and result["changes"]["late"] == 1
        ledger = sqlite3.connect(os.path.join(out, "ledger.db"))
        rows = ledger.execute("SELECT personnel_number, state FROM certificate WHERE id = 'LB25-100004-1'").fetchall()
        assert sorted(rows) == sorted([(other, "held"), (number, "issued")]), rows
        assert ledger.execute("SELECT personnel_number, rule FROM finding WHERE severity = 'error'").fetchall() == [(other, "certificate-duplicate")]
    again = os.path.join(folder, "again.xlsx")
    assert taxcert("summary", out, "-o", again).returncode == 0 and open(again, "rb").read() == open(os.path.join(out, "summary.xlsx"), "rb").read()
    assert taxcert("verify", out).returncode == 0


with tempfile.TemporaryDirectory() as folder, Office(folder) as office:
    first, second = check_sample(folder, office)
    check_proof(folder, first, second)
    check_chain(folder, second)
    check_refusals(folder)
    check_late(folder)
    check_twice(folder)
print("correct: corrections, cancellations and late certificates")
