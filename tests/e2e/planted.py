"""Command by file by what the file was replaced with: pipe, link, nothing in it. Whatever somebody planted, each command
ends within a second with the right exit code, waits for nothing and follows no link out of a run or a form. What the user names may be a link.
Usage: planted.py TAXCERT SOURCE_DIR"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

program, source = (os.path.abspath(word) for word in sys.argv[1:3])
sys.path.insert(0, os.path.join(source, "tests/lib"))
from planting import plant, unplant  # noqa: E402

bank = os.path.join(source, "samples/bank")
TEMPLATES = ["--templates", os.path.join(source, "templates")]
FORM = "de/lohnsteuerbescheinigung/2025"
ENDLESS = 20  # seconds: what waits for a FIFO or reads an endless file, on the slowest machine
payroll, employees, changes = (json.load(open(os.path.join(bank, name + ".json"))) for name in ("payroll", "employees", "corrections"))
number = payroll["certificates"][0]["personnel_number"]
handle = payroll["certificates"][0]["id"]
keep = {number, *(c["personnel_number"] for c in changes["certificates"])}
few = {**payroll, "declarations": [], "certificates": [c for c in payroll["certificates"] if c["personnel_number"] in keep][:3]}
people = {**employees, "employees": [e for e in employees["employees"] if e["personnel_number"] in keep]}


def taxcert(*words):
    began = time.monotonic()
    done = subprocess.run([program, *words], capture_output=True, timeout=60, stdin=subprocess.DEVNULL)
    assert b"Sanitizer" not in done.stderr and b"runtime error" not in done.stderr, done.stderr[-3000:]
    return done.returncode, time.monotonic() - began, done.stderr.decode()


def write(path, value):
    with open(path, "w") as file:
        json.dump(value, file)
    return path


LISTS = ("personen.csv", "bescheinigungen.csv")
KINDS = ("pipe", "link", "empty")  # under sanitizers; every kind by every command: every_command.py
# Files of a run, and of them what each command reads. PDF stands for the certificate's path.
READS = {"verify": "SHA256SUMS events.log records.jsonl ledger.db form/template.json summary.xlsx PDF certificates form",
         "find": "ledger.db form/template.json form/captions.de.json form/summary.json form", "explain": "ledger.db form/summary.json form",
         "summary": "ledger.db form/template.json form/rules.json form/summary.json form", "reprint": "ledger.db events.log PDF certificates",
         "duplicate": "ledger.db events.log form/form.json form/template.json form PDF", "correct": "ledger.db SHA256SUMS events.log form/form.json form"}
INPUTS = {"check": "payroll.json employees.json waivers.json", "correct": "changes.json", "import": "mapping.json personen.csv",
          "lint": f"{FORM}/template.json {FORM}/form.json {FORM}/rules.json {FORM}/summary.json {FORM}/captions.de.json", "several": "many/one.json"}


def expected(command, file, kind):
    """The exit codes that are right."""
    if file in INPUTS.get(command, "").split() and command != "lint":
        if kind == "link":
            return {0}
        return {2} if file == "mapping.json" else {2, 3} if file == "personen.csv" else {3}
    if command == "lint" or file.startswith("form"):
        return {1} if command == "verify" else {2, 4} # what is proved first is damaged, else it is no form
    if command == "verify":
        return {3} if file == "SHA256SUMS" and kind != "empty" else {4} if file == "ledger.db" and kind != "link" else {1, 4}
    return {0, 4} if (file, kind) == ("events.log", "empty") else {4}


with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as work:
    at = lambda *names: os.path.join(work, *names)
    given = at("given")
    os.makedirs(os.path.join(given, "many"))
    write(at("given/payroll.json"), few), write(at("given/employees.json"), people), write(at("given/changes.json"), changes)
    write(at("given/waivers.json"), {"format": "taxcert/waivers/1", "waivers": []})
    write(at("given/many/one.json"), few), write(at("given/many/one.employees.json"), people)
    shutil.copytree(os.path.join(source, "templates", FORM), os.path.join(given, FORM))
    months = os.path.join(source, "samples/import/lines")
    shutil.copy(os.path.join(months, "mapping.json"), given)
    for name in LISTS:
        shutil.copy(os.path.join(months, name), given)
    common = ["--allow-test-ids", *TEMPLATES]
    code, _, told = taxcert("generate", *common, "-e", at("given/employees.json"), at("given/payroll.json"), "-o", at("run"))
    assert code == 0, told
    pdf = subprocess.run(["find", "certificates", "-name", f"*+{handle}.pdf"], cwd=at("run"), capture_output=True, text=True).stdout.strip()

    def words(command, run, given, out):
        inputs = lambda name: os.path.join(given, name)
        return {"verify": ["verify", run], "find": ["find", run, number], "explain": ["explain", run, handle], "summary": ["summary", run, "-o", out],
                "reprint": ["reprint", run, handle, "-o", out], "duplicate": ["reprint", *TEMPLATES, "--duplicate", run, handle, "-o", out],
                "correct": ["correct", *common, run, inputs("changes.json")],
                "check": ["check", *common, "-e", inputs("employees.json"), "--waivers", inputs("waivers.json"), inputs("payroll.json")],
                "several": ["check", *common, inputs("many")], "lint": ["template", "lint", *TEMPLATES, inputs(FORM)],
                "import": ["import", inputs("mapping.json"), *map(inputs, LISTS), "-o", out, "-e", out + ".e"]}[command]

    def tree():
        found = []
        for folder, folders, files in os.walk(work):
            found += [os.path.join(folder, name) for name in folders + files]
            if folder.endswith("/certificates"):
                folders[:] = [name for name in folders if name == pdf.split("/")[1]]  # the others are empty
        return sorted(found)

    def one(command, file, kind):
        place = at("given" if file in INPUTS.get(command, "").split() else "run", pdf if file == "PDF" else file or "")
        if kind:
            plant(place, kind)
        before = tree()
        code, seconds, told = taxcert(*words(command, at("run"), given, at("out")))
        assert seconds < ENDLESS, (command, file, kind, seconds)
        assert code <= 1 or tree() == before, (command, file, kind, "something was written")
        for left in (at("out"), at("out.e")):
            if os.path.exists(left):
                os.remove(left)
        if kind:
            unplant(place)
        right = expected(command, file, kind) if kind else {0, 1}
        if code not in right:
            wrong.append(f"{command} with {file} as {kind}: exit {code} instead of {right}: {told.strip()}")

    wrong = []
    cases = [(command, None, None) for command in {**READS, **INPUTS}]
    cases += [(command, file, kind) for table in (READS, INPUTS) for command, files in table.items() for file in files.split()
              for kind in KINDS if kind != "empty" or file not in ("form", "certificates")]
    for case in cases:
        one(*case)
    assert not wrong, "\n".join(wrong)
    print(f"planted: {len(cases)} cases")
