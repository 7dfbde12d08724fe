"""From draft to issued: issue makes what generate makes of the same input, and nothing where anything of it is another now.
Usage: issue.py TAXCERT SOURCE_DIR"""
import copy
import json
import os
import shutil
import subprocess
import sys
import tempfile

program, source = map(os.path.abspath, sys.argv[1:3])
TEMPLATES = os.path.join(source, "templates")
COMMON = ["--allow-test-ids", "--templates", TEMPLATES, "--lang", "en"]
NUMBERS = ("100001", "100012", "100013")
bank = os.path.join(source, "samples/bank")


def taxcert(*words, code=0, rule=None):
    done = subprocess.run([program, *words], capture_output=True, text=True, cwd=folder)
    assert done.returncode == code and (not rule or f"[{rule}]" in done.stderr), (words, done.returncode, done.stderr)
    return done


def files(run):
    """All but the log, which says when."""
    return {os.path.relpath(os.path.join(where, name), run): open(os.path.join(where, name), "rb").read()
            for where, _, names in os.walk(run) for name in names if name != "events.log"}


def write(name, value):
    json.dump(value, open(os.path.join(folder, name), "w"))


with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", "/tmp")) as folder:
    folder = os.path.realpath(folder)
    payroll = json.load(open(os.path.join(bank, "payroll.json")))
    people = json.load(open(os.path.join(bank, "employees.json")))
    payroll.update(certificates=[c for c in payroll["certificates"] if c["personnel_number"] in NUMBERS], declarations=[])
    people["employees"] = [p for p in people["employees"] if p["personnel_number"] in NUMBERS]
    write("p.json", payroll)
    write("e.json", people)
    write("w.json", {"format": "taxcert/waivers/1", "waivers": []})
    given = [*COMMON, "--issue-date", "2026-02-02", "--waivers", "w.json", "-e", "e.json", "p.json"]
    taxcert("generate", "--draft", *given, "-o", "draft")
    taxcert("generate", *given, "-o", "plain")
    # No input is named: from another folder too, the same bytes as generate of the same.
    os.mkdir(os.path.join(folder, "below"))
    done = subprocess.run([program, "issue", "--lang", "en", "../draft", "-o", "../issued"], capture_output=True, text=True, cwd=os.path.join(folder, "below"))
    assert done.returncode == 0, done.stderr
    assert files(os.path.join(folder, "issued")) == files(os.path.join(folder, "plain"))
    taxcert("verify", "issued")
    taxcert("verify", "draft")
    taxcert("issue", "draft", "-o", "issued", rule="finished")
    taxcert("issue", "issued", "-o", "other", code=2, rule="no-draft")
    taxcert("issue", "below", "-o", "other", code=2, rule="no-run")
    taxcert("issue", "draft", code=2)
    # Each thing that can be another.
    for name, change in (("p.json", lambda v: v["certificates"][0].setdefault("x_note", "1")), ("e.json", lambda v: v["employees"][0].update(x_note="1")),
                         ("w.json", lambda v: v["waivers"].append({"certificate": "LB25-100001-1", "rule": "care-max", "reason": "x", "approved_by": "y"}))):
        before = open(os.path.join(folder, name)).read()
        value = json.loads(before)
        change(value)
        write(name, value)
        taxcert("issue", "draft", "-o", "other", code=2, rule="draft-differs")
        open(os.path.join(folder, name), "w").write(before)
    forms = os.path.join(folder, "forms")
    shutil.copytree(TEMPLATES, forms)
    path = os.path.join(forms, payroll["form"], str(payroll["year"]), "captions.de.json")
    text = open(path).read()
    open(path, "w").write(text + "\n")
    taxcert("issue", "--templates", forms, "draft", "-o", "other", code=2, rule="draft-differs")
    taxcert("generate", "--draft", "--templates", TEMPLATES, "--lang", "en", "-e", "e.json", "p.json", "-o", "strict", code=1)
    taxcert("issue", "strict", "-o", "other", code=1)  # test ids are as little allowed as in the draft
    # Moved: told, and given.
    os.rename(os.path.join(folder, "p.json"), os.path.join(folder, "q.json"))
    taxcert("issue", "draft", "-o", "other2", code=3, rule="file")
    taxcert("issue", "draft", "q.json", "-o", "moved")
    assert files(os.path.join(folder, "moved")) == files(os.path.join(folder, "plain"))
    # The real order: draft, transmit, tickets, issue. Tickets put in by import --into, or by a program that writes the file anew; changed ones too.
    bare = copy.deepcopy(payroll)
    for c in bare["certificates"]:
        c.pop("transfer_ticket", None)
    write("bare.json", bare)
    late = ["--issue-date", "2026-02-02", "--waivers", "w.json", "-e", "e.json"]
    taxcert("generate", "--draft", *COMMON, *late, "bare.json", "-o", "draft3")
    taxcert("issue", "draft3", "-o", "early", code=1)  # nobody has a ticket yet: all are held back, as generate would
    open(os.path.join(folder, "t.csv"), "w").write("number;from;ticket\n" + "".join(
        f"{c['personnel_number']};{c['period']['from']};{c['transfer_ticket']}\n" for c in payroll["certificates"]))
    write("m.json", {"format": "taxcert/mapping/1", "sources": [{"encoding": "utf-8", "separator": ";", "quote": None, "header": 1, "person": "number",
                     "tickets": {"first_day": {"column": "from", "dates": "YYYY-MM-DD"}, "ticket": "ticket"}}]})
    taxcert("import", "--lang", "en", "m.json", "t.csv", "--into", "bare.json", "-o", "put.json")
    os.replace(os.path.join(folder, "put.json"), os.path.join(folder, "bare.json"))
    done = taxcert("issue", "--lang", "en", "draft3", "-o", "issued3", rule="other-tickets")
    assert "apart from transfer tickets" in done.stderr
    taxcert("generate", *COMMON, *late, "bare.json", "-o", "plain3")
    assert files(os.path.join(folder, "issued3")) == files(os.path.join(folder, "plain3"))
    taxcert("verify", "issued3")
    open(os.path.join(folder, "anew.json"), "w").write(json.dumps(payroll, indent=3))
    assert json.loads(taxcert("issue", "--json", "draft3", "anew.json", "-o", "issued4").stdout.splitlines()[-1])["other_tickets"]
    assert "other-tickets" not in taxcert("issue", "draft", "q.json", "-o", "again").stderr, "the draft's own input is not told to be another"
    # With a ticket, and one thing more: each place of a file, whatever it is.
    for change in (lambda v: v["certificates"][0]["values"].update({"28": "1.00"}), lambda v: v["certificates"][1].update(transfer_tickets="x"),
                   lambda v: v["certificates"][0]["values"].update(transfer_ticket="x"), lambda v: v.update(transfer_ticket="x"), lambda v: v["certificates"].reverse(),
                   lambda v: v["certificates"].pop(), lambda v: v["employer"].update(name="Another"), lambda v: v["certificates"].append(v["certificates"][0]),
                   lambda v: v["establishments"][0].update(city="Ulm"), lambda v: v["certificates"][0]["period"].update({"from": "2025-01-02"})):
        value = copy.deepcopy(payroll)
        change(value)
        write("other.json", value)
        taxcert("issue", "draft3", "other.json", "-o", "never3", code=2, rule="draft-differs")
    value = copy.deepcopy(people)
    value["employees"][0]["transfer_ticket"] = "x"
    write("e2.json", value)
    taxcert("issue", "draft3", "anew.json", "-e", "e2.json", "-o", "never3", code=2, rule="draft-differs")
    write("e2.json", people)
    # Employees in the same file: they are held against the draft's too.
    write("one.json", {**bare, **people, "format": payroll["format"]})
    taxcert("generate", "--draft", *COMMON, "one.json", "-o", "draft4")
    write("one.json", {**payroll, "employees": value["employees"]})
    taxcert("issue", "draft4", "-o", "never3", code=2, rule="draft-differs")
    write("one.json", {**payroll, **people, "format": payroll["format"]})
    taxcert("issue", "draft4", "-o", "issued5", rule="other-tickets")
    # Of a draft of corrections: the correcting run, and its forerunner knows.
    changed = copy.deepcopy(payroll["certificates"][0])
    changed["correction"] = {"reason": "wrong"}
    changed["values"] = {**changed.get("values", {}), "28": "11000.00"}
    write("c.json", {**payroll, **people, "format": payroll["format"], "issue_date": "2026-03-09", "certificates": [changed]})
    taxcert("correct", "--draft", *COMMON, "plain", "c.json", "-o", "draft2")
    taxcert("issue", "draft2", "-o", "plain2")
    assert '"corrected"' in open(os.path.join(folder, "plain/events.log")).read()
    taxcert("verify", "plain2")
    taxcert("issue", "draft2", "-o", "plain2b", code=2, rule="superseded")
    # A ledger that is another's makes nothing.
    os.truncate(os.path.join(folder, "draft", "ledger.db"), 5000)
    taxcert("issue", "draft", "q.json", "-o", "never", code=4)
    assert not any(os.path.exists(os.path.join(folder, name)) for name in ("never", "other2", "plain2b", "never3"))
print("issue: ok")
