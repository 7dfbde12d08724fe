"""A folder that holds runs of several years and employers is taken wherever a run is: the last run of the chain that has the certificate, named;
what several have, or none, is refused. Usage: archive.py TAXCERT SOURCE_DIR"""
import copy
import json
import os
import shutil
import subprocess
import sys
import tempfile

program, source = sys.argv[1:3]
TEMPLATES = os.path.join(source, "templates")
COMMON = ["--allow-test-ids", "--templates", TEMPLATES, "--lang", "en"]
NUMBERS = ("100001", "100012", "100013")


def taxcert(*words):
    return subprocess.run([program, *words], capture_output=True, text=True)


def short(bank, employer=None, numbers=NUMBERS):
    """A bank's payroll of a few people, with the employees in it, maybe of another employer."""
    payroll = json.load(open(os.path.join(source, bank, "payroll.json")))
    people = json.load(open(os.path.join(source, bank, "employees.json")))["employees"]
    out = {**payroll, "certificates": [c for c in payroll["certificates"] if c["personnel_number"] in numbers], "declarations": [],
           "employees": [p for p in people if p["personnel_number"] in numbers]}
    if employer:
        out["employer"] = {**out["employer"], "name": employer}
    return out


def make(command, value, out, *more, code=0):
    path = os.path.join(folder, "input.json")
    json.dump(value, open(path, "w"))
    done = taxcert(command, *COMMON, *more, path, "-o", out)
    assert done.returncode == code, done.stderr


def find(*words, code=0):
    done = taxcert("find", "--json", *words)
    assert done.returncode == code, (done.returncode, done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


def refused(code, rule, *words):
    done = taxcert(*words)
    assert done.returncode == code and f"[{rule}]" in done.stderr, (words, done.returncode, done.stderr)
    return done.stderr


def pages(path):
    text = subprocess.run(["pdftotext", "-raw", path, "-"], capture_output=True, text=True, check=True).stdout
    return text.rstrip("\f").split("\f")


def events(run):
    return [json.loads(line)["event"] for line in open(os.path.join(run, "events.log"))]


def check_one(archive, place):
    """Commands about one run: what year and employer leave, named; nothing where that is several or none."""
    bank, out = ["--year", "2025", "--employer", "bank"], os.path.join(folder, "one")
    changes = os.path.join(folder, "changes.json")
    value = short("samples/bank")
    one = {**value["certificates"][0], "correction": {"reason": "wrong"}, "values": {**value["certificates"][0]["values"], "20": "35.00"}}
    json.dump({**value, "issue_date": "2026-03-10", "certificates": [one]}, open(changes, "w"))
    last = place["bank/2025-03"]
    commands = {"summary": ["-o", out + ".xlsx"], "seal": [], "batch": ["-o", out + "b"], "copies": ["-o", out + "c", "--list", out + "l"], "deliveries": [],
                "send": ["--resolve", "LB25-1=arrived"], "file": ["-o", out + "f", "--templates", TEMPLATES], "correct": [*COMMON, changes]}
    for command, more in commands.items():
        before = set(os.listdir(folder))
        words = ([*more[:-1], archive, more[-1]] if command == "correct" else [archive, *more])
        said = refused(2, "several-runs", command, *words)
        assert all(place[n] in said for n in ("bank/2024", "bank/2025-03", "other/2025")) and "draft" not in said, (command, said)
        refused(2, "several-runs", command, *words, "--year", "2025")
        refused(2, "no-such-run", command, *words, "--year", "2023")
        assert set(os.listdir(folder)) == before, command
        done = taxcert(command, *words, *bank)
        alone = taxcert(command, *[last if w == archive else w for w in words], *([] if command != "summary" else ["--csv", out + ".csv"])) if command in ("seal", "deliveries", "correct") else None
        assert f"this one is used: {last} [run-taken]" in done.stderr and "[superseded]" not in done.stderr, (command, done.stderr)
        assert command in ("send", "file") or done.returncode in (0, 1), (command, done)
        assert not alone or (alone.stdout, alone.returncode) == (done.stdout, done.returncode), (command, alone, done)
    assert "[other-run]" in taxcert("seal", last, "--year", "2024").stderr
    only = os.path.join(folder, "drafts")
    os.mkdir(only)
    os.symlink(place["bank/2025-draft"], os.path.join(folder, "link"))
    shutil.copytree(place["bank/2025-draft"], os.path.join(only, "2025"))
    refused(2, "no-such-run", "summary", only, "-o", out + "2.xlsx")
    refused(2, "no-run", "issue", archive, "-o", out + "i")
    for name in [n for n in os.listdir(folder) if n.startswith("one")]:
        path = os.path.join(folder, name)
        shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)


def check_several(archive, place, last):
    """All or none: a file each in a folder, or a page each in one file, as issued; logged by the run that issued each."""
    issuers = [place[n] for n in ("bank/2025", "bank/2025-03", "other/2025", "bank/2024")]
    before = {run: len(events(run)) for run in issuers}
    out, one, list_file = (os.path.join(folder, n) for n in ("several", "one.pdf", "who.csv"))
    files = {n: os.path.join(f["run"], f["file"]) for n, run in (("100001", "bank/2025-03"), ("100013", "bank/2025-03"), ("100014", "other/2025"),
                                                                 ("100012", "bank/2024")) for f in find(place[run], n) for f in [{**f, "run": place[run]}]}
    bank = ["--year", "2025", "--employer", "bank"]
    # One that cannot be given: told by its handle or line, nothing written, nothing logged.
    open(list_file, "w").write("\ufeff100001;Groß\r\n\r\n100013\n%%%\n")
    for words, says in ((["100001", "100099"], "100099: no certificate"), (["100001", "--list", list_file], "line 4: no"),
                        (["100001", "100001"], "[twice]"), (["100001", "LB25-100001-1"], "[twice]")):
        for more in ["-o", out], ["--merged", "-o", one]:
            said = refused(1 if "twice" not in says and "line" not in says else 2, "none-given", "reprint", archive, *words, *bank, *more)
            assert says.replace("line 4: no", "line 4: ") in said and "%%%" not in said, said
            assert not os.path.exists(out) and not os.path.exists(one)
    refused(2, "several-runs", "reprint", archive, "100013", "100012", "-o", out)
    assert before == {run: len(events(run)) for run in issuers}
    assert taxcert("reprint", archive, "100001", "100013").returncode == 2, "-o is needed"
    refused(2, "inside-run", "reprint", archive, "100001", "100012", *bank, "-o", os.path.join(place["bank/2024"], "x"))
    open(list_file, "w").write("\ufeff100001;Groß\r\n\r\n100013\n")
    done = taxcert("reprint", archive, "--list", list_file, *bank, "-o", out, "--reason", "audit")
    assert done.returncode == 0 and "2 certificates" in done.stdout, done.stderr
    for number in "100001", "100013":
        path = os.path.join(out, os.path.basename(files[number]))
        assert open(path, "rb").read() == open(files[number], "rb").read()
    assert len(os.listdir(out)) == 2
    refused(2, "none-given", "reprint", archive, "--list", list_file, *bank, "-o", out)  # they are there
    # Of two employers, a correction among them, in one file: page by page what was issued.
    done = taxcert("reprint", archive, "LB25-100013-1+", "100014", "--merged", "-o", one)
    assert done.returncode == 2
    open(list_file, "w").write("100014\n")
    done = taxcert("reprint", archive, "--list", list_file, "100001", "--year", "2025", "--merged", "-o", one)
    assert done.returncode == 0 and "2 pages" in done.stdout, done.stderr
    assert pages(one) == [pages(files[n])[0] for n in ("100001", "100014")]
    assert subprocess.run(["qpdf", "--check", one], capture_output=True).returncode == 0
    done = taxcert("reprint", place["bank/2025-03"], "100013", "100012", "--merged", "-o", one)
    assert done.returncode == 2 and "[file-exists]" in done.stderr
    done = taxcert("reprint", place["bank/2025-03"], "100013", "100001", "--merged", "--force", "-o", one)
    assert done.returncode == 0 and pages(one) == [pages(files[n])[0] for n in ("100013", "100001")]
    refused(2, "merged", "reprint", place["bank/2025-03"], "100013", "100001", "--duplicate", "--merged", "--force", "-o", one)
    assert {run: len(events(run)) - before[run] for run in issuers} == {issuers[0]: 3, issuers[1]: 2, issuers[2]: 1, issuers[3]: 0}
    done = taxcert("reprint", place["bank/2025-03"], "100013", "100001", "--duplicate", "--templates", TEMPLATES, "-o", out)
    assert done.returncode == 0, done.stderr
    assert all("DUPLIKAT" in "".join(pages(p)[0].split()) for p in map(os.path.join, [out] * 4, os.listdir(out)) if ".duplicate." in p)
    assert len(os.listdir(out)) == 4 and all(taxcert("verify", run).returncode == 0 for run in issuers)


with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", "/tmp")) as folder:
    folder = os.path.realpath(folder)
    archive = os.path.join(folder, "archive")
    place = {name: os.path.join(archive, *name.split("/")) for name in
             ("bank/2024", "bank/2025", "bank/2025-03", "bank/2025-draft", "other/2025")}
    for name in ("bank", "other"):
        os.makedirs(os.path.join(archive, name))
    now = short("samples/bank")
    make("generate", short("samples/2024/bank"), place["bank/2024"])
    make("generate", now, place["bank/2025"])
    make("generate", now, place["bank/2025-draft"], "--draft")
    make("generate", short("samples/bank", "Münchner Fuhrpark GmbH", ("100013", "100014")), place["other/2025"])
    changed = copy.deepcopy(next(c for c in now["certificates"] if c["personnel_number"] == "100013"))
    changed["values"] = {**changed.get("values", {}), "28": "11000.00"}
    make("correct", {**now, "issue_date": "2026-03-09", "certificates": [{**changed, "correction": {"reason": "wrong"}}]}, place["bank/2025-03"],
         place["bank/2025"])
    # What is no run is looked through, or past.
    os.makedirs(os.path.join(archive, "other", "letters", "2025"))
    open(os.path.join(archive, "read.me"), "w").close()
    os.symlink(place["bank/2024"], os.path.join(archive, "latest"))
    os.mkdir(os.path.join(archive, "2026.partial"))
    # find: each of the last runs, no draft, nothing superseded; each line ends with its run.
    last = {place[n] for n in ("bank/2024", "bank/2025-03", "other/2025")}
    found = find(archive, "100013")
    assert {f["run"] for f in found} == last and len(found) == 3, found
    assert [f["run"] for f in find(archive, "100014")] == [place["other/2025"]]
    assert {f["run"] for f in find(archive, "100013", "--year", "2025")} == last - {place["bank/2024"]}
    for words in ("MUENCHNER", "fuhrpark gmbh", "munch"):
        assert [f["run"] for f in find(archive, "100013", "--employer", words)] == [place["other/2025"]], words
    assert all(os.path.exists(os.path.join(f["run"], f["file"])) for f in found)
    check_one(archive, place)
    lines = taxcert("find", archive, "100013").stdout.splitlines()
    assert {line.split("\t")[-1] for line in lines} == last, lines
    assert "run" not in find(place["bank/2024"], "100013")[0], "a run is asked as ever"
    refused(1, "nobody", "find", archive, "nobodyatall")
    # One of them: reprint and explain, in the run that they name; what several have is refused, with all of them listed.
    out = os.path.join(folder, "out.pdf")
    for command in (["reprint", "-o", out, "--force"], ["explain"]):
        said = refused(2, "several-runs", *command, archive, "100013")
        assert all(f"  {run}  " in said for run in last) and "2025-draft" not in said, said
        refused(2, "several-runs", *command, archive, "100013", "--year", "2025")
        refused(1, "certificate-unknown", *command, archive, "100014", "--employer", "bank")
        refused(2, "no-such-run", *command, archive, "100013", "--year", "2019")
        refused(2, "id-format", *command, archive, "10 0")
        refused(2, "employer", *command, archive, "100013", "--employer", "--", )
        for more, run in ((["--year", "2024"], "bank/2024"), (["--year", "2025", "--employer", "fuhrpark"], "other/2025")):
            done = taxcert(*command, archive, "100013", *more)
            assert done.returncode == 0 and f"{place[run]} [run-taken]" in done.stderr, done.stderr
        done = taxcert(*command, archive, "100012", "--year", "2025")
        assert done.returncode == 0 and f"{place['bank/2025-03']} [run-taken]" in done.stderr, done.stderr
        assert "run-taken" not in taxcert(*command, place["bank/2025"], "100012").stderr
        refused(2, "other-run", *command, place["bank/2025"], "100012", "--year", "2024")
    bank = os.path.join(archive, "bank")
    assert taxcert("reprint", "--force", "-o", out, bank, "100013", "--year", "2025").returncode == 0
    assert open(out, "rb").read() == open(os.path.join(place["bank/2025-03"], find(place["bank/2025-03"], "100013")[0]["file"]), "rb").read()
    assert "reprint" in open(os.path.join(place["bank/2025-03"], "events.log")).read() and taxcert("verify", place["bank/2025-03"]).returncode == 0
    check_several(archive, place, last)
    # verify: each of them, drafts and superseded ones too; one seal is of one run.
    done = taxcert("verify", archive)
    assert done.returncode == 0 and all(run + ":\n" in done.stdout for run in place.values()), done.stdout
    assert done.stdout.count("\nproved: ") == 5
    assert taxcert("verify", archive, "--year", "2024").stdout.count("\nproved: ") == 1
    assert taxcert("verify", archive, "--expect", "0" * 64).returncode == 2
    # A chain that goes on outside of the folder is followed there.
    make("correct", {**short("samples/2024/bank"), "issue_date": "2025-06-02", "certificates": [],
                     "cancellations": [{"certificate": find(place["bank/2024"], "100001")[0]["certificate"], "reason": "wrong person"}]},
         os.path.join(folder, "2024-06"), place["bank/2024"])
    assert [(f["run"], f["state"]) for f in find(archive, "100001", "--year", "2024")[:1]] == [(os.path.join(folder, "2024-06"), "cancelled")]
    # One whose next run is gone is the last that is there, and knows what became of it.
    os.rename(os.path.join(folder, "2024-06"), os.path.join(folder, "gone"))
    assert [(f["run"], f["state"]) for f in find(archive, "100001", "--year", "2024")] == [(place["bank/2024"], "cancelled")]
    refused(3, "cancelled", "reprint", "--force", "-o", out, archive, "100001", "--year", "2024")
    alone = os.path.join(archive, "alone")
    os.makedirs(alone)
    shutil.copytree(place["other/2025"], os.path.join(alone, "2025"))
    # One that cannot be read is told by every command, and proved by none.
    os.truncate(os.path.join(alone, "2025", "ledger.db"), 100)
    done = taxcert("find", archive, "100014")
    assert done.returncode == 0 and os.path.join(alone, "2025") + ": this run cannot be read: " in done.stderr, done.stderr
    # It may hold whoever is not found elsewhere: that is no answer, and not the exit code of "there is none".
    refused(4, "runs-unread", "find", archive, "nobodyatall")
    refused(4, "runs-unread", "reprint", "-o", out, archive, "nobodyatall")
    refused(4, "runs-unread", "explain", archive, "nobodyatall")
    refused(4, "runs-unread", "find", archive, "nobodyatall", "--year", "2024")  # of which year it is, is not known either
    done = taxcert("verify", archive)
    assert done.returncode in (1, 4) and done.stdout.count("\nproved: ") == 5, (done.returncode, done.stdout)
    # No runs at all.
    os.makedirs(os.path.join(folder, "empty", "below"))
    for command in ("find", "reprint", "explain", "verify"):
        refused(2, "no-run", command, os.path.join(folder, "empty"), *(["1"] if command != "verify" else []))
        refused(2, "no-run", command, os.path.join(folder, "nowhere"), *(["1"] if command != "verify" else []))
print("archive: ok")
