"""What verify says of every kind of manipulation, without and with a seal that was kept elsewhere. Without one it finds whatever does not fit
together; who makes all hashes fit is found by the seal alone: the table says so of each. Usage: manipulations.py TAXCERT SOURCE_DIR"""
import glob
import hashlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import zipfile

program, source = sys.argv[1:3]
sys.path.insert(0, os.path.join(source, "tests/lib"))
import pages
from builds import release  # noqa: E402

quick = release(program, source)  # for the anchored half, of runs that were proved without an anchor just before
COMMON = ["--allow-test-ids", "--templates", os.path.join(source, "templates"), "--lang", "en"]
bank = os.path.join(source, "samples/bank")
PAYROLL = json.load(open(os.path.join(bank, "payroll.json")))
PEOPLE = json.load(open(os.path.join(bank, "employees.json")))["employees"]
NUMBERS = ("100012", "100013", "100014")
SHORT = {**PAYROLL, "certificates": [c for c in PAYROLL["certificates"] if c["personnel_number"] in NUMBERS],
         "employees": [p for p in PEOPLE if p["personnel_number"] in NUMBERS], "declarations": []}


def taxcert(*words):
    return subprocess.run([quick if "--expect" in words else program, *words], capture_output=True, text=True)


def read(run, name):
    return open(os.path.join(run, name), "rb").read()


def write(run, name, data):
    with open(os.path.join(run, name), "wb") as file:
        file.write(data)


def sha(data):
    return hashlib.sha256(data).hexdigest()


def pdf(run, number):
    return os.path.relpath(glob.glob(os.path.join(run, f"certificates/*/*-{number}+*.pdf"))[0], run)


def flip(name, at=0.5):
    """One bit of a file."""
    def act(run):
        path = name(run) if callable(name) else name
        data = bytearray(read(run, path))
        data[int(len(data) * at)] ^= 1
        write(run, path, bytes(data))
    return act


def events(run):
    return [json.loads(line) for line in read(run, "events.log").splitlines()]


def chain(run, log, root=None):
    """The log again with every hash made to fit; root: of the ledger that is there."""
    sums, lines = sha(read(run, "SHA256SUMS")), []
    for event in log:
        if not lines:
            event = {**event, "sums": sums}
            if "ledger" in event:
                event["ledger"] = root or event["ledger"]
        if lines and "seal" in event:
            event = {**event, "seal": sha(f"taxcert seal 1\nSHA256SUMS {sums}\nevents {len(lines)} {sha(lines[-1])}\n".encode())}
        event = {**event, "previous": sha(lines[-1]) if lines else ""}
        lines.append(json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode() + b"\n")
    write(run, "events.log", b"".join(lines))


def fit(run):
    """Every hash of the run made to fit what is there: what a forger with write access does."""
    pages.fit_form(run)
    root = pages.make(run)
    names = [line[66:] for line in read(run, "SHA256SUMS").decode().splitlines()]
    write(run, "SHA256SUMS", "".join(f"{sha(read(run, n))}  {n}\n" for n in names if os.path.exists(os.path.join(run, n))).encode())
    chain(run, events(run), root)


def both(*acts):
    def act(run):
        for one in acts:
            one(run)
    return act


def sql(*statements):
    def act(run):
        with sqlite3.connect(os.path.join(run, "ledger.db")) as ledger:
            for s in statements:
                ledger.execute(s)
        ledger.close()
    return act


def ledger_hashes(run):
    """The ledger has the hashes of the PDFs that are there."""
    with sqlite3.connect(os.path.join(run, "ledger.db")) as ledger:
        for number, file in ledger.execute("SELECT number, file FROM certificate WHERE state = 'issued' AND file NOT LIKE '../%'").fetchall():
            data = read(run, file)
            ledger.execute("UPDATE certificate SET sha256 = ?, size = ? WHERE number = ?", (hashlib.sha256(data).digest(), len(data), number))
    ledger.close()


def swap(run):
    a, b = pdf(run, "100012"), pdf(run, "100014")
    one, other = read(run, a), read(run, b)
    write(run, a, other), write(run, b, one)


def amount(records=True, totals=True):
    """A cent more of line 3, in ledger, records and totals alike."""
    def act(run):
        old = next(c for c in SHORT["certificates"] if c["personnel_number"] == "100012")["values"]["3"]
        new = f"{float(old) + 0.01:.2f}"
        with sqlite3.connect(os.path.join(run, "ledger.db")) as ledger:
            ledger.execute("UPDATE certificate SET record = replace(record, ?, ?) WHERE personnel_number = '100012'", (f'"3":"{old}"', f'"3":"{new}"'))
            if totals:
                ledger.execute("UPDATE run SET value = CAST(value AS INTEGER) + 1 WHERE key = 'total 3'")
            assert ledger.execute("SELECT count(*) FROM certificate WHERE record LIKE ?", (f'%"3":"{new}"%',)).fetchone() == (1,)
        ledger.close()
        if records:
            write(run, "records.jsonl", read(run, "records.jsonl").replace(f'"3":"{old}"'.encode(), f'"3":"{new}"'.encode()))
    return act


def repack(run, changed=0):
    """A cell of the workbook edited, and the package made again. changed=1: only made again, packed otherwise."""
    path = os.path.join(run, "summary.xlsx")
    with zipfile.ZipFile(path) as old:
        parts = [(i, old.read(i)) for i in old.namelist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in parts:
            if not changed and "worksheets/sheet" in name and b"71240" in data:
                data, changed = data.replace(b"71240", b"71241"), 1
            new.writestr(name, data)
    assert changed


def summarized(folder):
    """Workbook and table as the ledger that is there gives them."""
    def act(run):
        book, csv = os.path.join(folder, "book.xlsx"), os.path.join(folder, "book.csv")
        made = taxcert("summary", run, "-o", book, "--csv", csv)
        assert made.returncode == 0, made.stderr
        shutil.copy(book, os.path.join(run, "summary.xlsx")), shutil.copy(csv, os.path.join(run, "summary.csv"))
        os.remove(book), os.remove(csv)
    return act


def drop(*places):
    def act(run):
        lines = read(run, "events.log").splitlines(True)
        write(run, "events.log", b"".join(line for i, line in enumerate(lines) if i not in [p % len(lines) for p in places]))
    return act


def edit_log(change):
    return lambda run: chain(run, change(events(run)))


def add(name, data=b"x", fold=None):
    def act(run):
        os.makedirs(os.path.dirname(os.path.join(run, name)), exist_ok=True)
        write(run, name, data)
    return act


def remove(name):
    return lambda run: os.remove(os.path.join(run, name(run) if callable(name) else name))


def rename(old, new):
    return lambda run: os.rename(os.path.join(run, old(run) if callable(old) else old), os.path.join(run, new))


def lines_of_sums(change):
    return lambda run: write(run, "SHA256SUMS", b"".join(change(read(run, "SHA256SUMS").splitlines(True))))


def other_run(folder):
    """The whole run made again of another input: everything fits."""
    def act(run):
        shutil.rmtree(run)
        path = os.path.join(folder, "other.json")
        value = json.loads(json.dumps(SHORT))
        value["certificates"][0]["values"]["27"] = "900.00"
        json.dump(value, open(path, "w"))
        made = taxcert("generate", *COMMON, path, "-o", run)
        assert made.returncode == 0, made.stderr
    return act


def table(folder):
    twelve = lambda run: pdf(run, "100012")
    form = "form/form.json"
    return [
        # what is done                                     what verify says without an anchor     and with one
        ("nothing", lambda run: None, "", ""),
        ("the folder is moved", None, "", ""),
        ("a bit of a certificate", flip(twelve), "file-changed", "file-changed"),
        ("the first byte of a certificate", flip(twelve, 0), "file-changed", "file-changed"),
        ("the last bytes of a certificate cut off", lambda run: write(run, twelve(run), read(run, twelve(run))[:-9]), "file-changed", "file-changed"),
        ("a byte after a certificate's end", lambda run: write(run, twelve(run), read(run, twelve(run)) + b"\n"), "file-changed", "file-changed"),
        ("two certificates swapped", swap, "file-changed", "file-changed"),
        ("two swapped, ledger and all hashes made to fit", both(swap, ledger_hashes, fit), "text-differs", "seal-differs"),
        ("two swapped, hashes made to fit", both(swap, fit), "ledger-file", "ledger-file seal-differs"),
        ("a certificate removed", remove(twelve), "file-missing", "file-missing"),
        ("a certificate removed, hashes made to fit", both(remove(twelve), fit), "ledger-file", "ledger-file seal-differs"),
        ("a certificate renamed", rename(twelve, "certificates/00/x.pdf"), "file-missing file-extra", "file-missing file-extra"),
        ("a certificate emptied", lambda run: write(run, twelve(run), b""), "file-changed", "file-changed"),
        ("a bit of the workbook", flip("summary.xlsx"), "file-changed", "file-changed"),
        ("a cell of the workbook", repack, "file-changed", "file-changed"),
        ("a cell of the workbook, hashes made to fit", both(repack, fit), "workbook-differs", "workbook-differs seal-differs"),
        ("the workbook packed as another release of the libraries may, hashes made to fit", both(lambda run: repack(run, 1), fit), "", "seal-differs"),
        ("a bit of summary.csv", flip("summary.csv"), "file-changed", "file-changed"),
        ("a line of summary.csv, hashes made to fit", both(lambda run: write(run, "summary.csv", read(run, "summary.csv").replace(b"71240", b"71241")), fit), "workbook-differs", "workbook-differs seal-differs"),
        ("a bit of the ledger's last page", flip("ledger.db", 0.999), "file-changed", "file-changed"),
        ("an amount in the ledger", amount(False, False), "file-changed ledger-record total-differs", "file-changed ledger-record total-differs"),
        ("an amount in the ledger, hashes made to fit", both(amount(False, False), fit), "ledger-record total-differs workbook-differs", "ledger-record total-differs workbook-differs seal-differs"),
        ("an amount in ledger and records, hashes made to fit", both(amount(True, False), fit), "total-differs workbook-differs", "total-differs workbook-differs seal-differs"),
        ("an amount in ledger, records and totals, hashes made to fit", both(amount(), fit), "workbook-differs", "workbook-differs seal-differs"),
        ("an amount in ledger, records, totals, workbook and table, hashes made to fit", both(amount(), fit, summarized(folder), fit), "text-differs", "seal-differs"),
        ("a control total", both(sql("UPDATE run SET value = CAST(value AS INTEGER) + 1 WHERE key = 'total 4'"), fit), "total-differs", "total-differs seal-differs"),
        ("a name in the ledger's run data, hashes made to fit", both(sql("UPDATE run SET value = value || ' AG' WHERE key = 'employer'"), fit), "workbook-differs", "workbook-differs seal-differs"),
        ("a certificate's state in the ledger, hashes made to fit", both(sql("UPDATE certificate SET state = 'held' WHERE personnel_number = '100012'"), fit), "ledger-record ledger-file total-differs workbook-differs", "ledger-file ledger-record total-differs workbook-differs seal-differs"),
        ("a personnel number in the ledger, hashes made to fit", both(sql("UPDATE certificate SET personnel_number = '999999' WHERE personnel_number = '100012'"), fit), "workbook-differs", "workbook-differs seal-differs"),
        ("a line of the list of records", lambda run: write(run, "records.jsonl", b"".join(read(run, "records.jsonl").splitlines(True)[1:])), "file-changed ledger-record", "file-changed ledger-record"),
        ("a record appended, hashes made to fit", both(lambda run: write(run, "records.jsonl", read(run, "records.jsonl") + b"{}\n"), fit), "ledger-record", "ledger-record seal-differs"),
        ("the form changed", lambda run: write(run, form, read(run, form).replace(b'"size": 110', b'"size": 111')), "file-changed", "file-changed"),
        ("the form changed, hashes made to fit", both(lambda run: write(run, form, read(run, form).replace(b'"size": 110', b'"size": 111')), fit), "", "seal-differs"),
        ("a rule of the form changed, hashes made to fit", both(lambda run: write(run, "form/rules.json", read(run, "form/rules.json").replace(b'"error"', b'"warning"', 1)), fit), "", "seal-differs"),
        ("a seal of the form removed", remove(lambda run: os.path.relpath(glob.glob(run + "/form/*.seal")[0], run)), "file-missing", "file-missing"),
        ("a file added", add("note.txt"), "file-extra", "file-extra"),
        ("a file added below certificates", add("certificates/00/extra.pdf"), "file-extra", "file-extra"),
        ("a hidden file added below form", add("form/.x"), "file-extra", "file-extra"),
        ("a folder with a file added", add("more/x"), "file-extra", "file-extra"),
        ("a file added and listed, hashes made to fit", both(add("certificates/00/extra.pdf"), lines_of_sums(lambda l: l + [b"0" * 64 + b"  certificates/00/extra.pdf\n"]), fit), "ledger-file", "ledger-file seal-differs"),
        ("the list of hashes: a line removed", lines_of_sums(lambda l: l[1:]), "sums-changed file-extra ledger-file", "sums-changed file-extra ledger-file seal-differs"),
        ("the list of hashes: two lines in another order", lines_of_sums(lambda l: [l[1], l[0]] + l[2:]), "sums-changed", "sums-changed seal-differs"),
        ("the list of hashes: a comment", lines_of_sums(lambda l: l + [b"# fine\n"]), "sums-changed sums-format", "sums-changed sums-format seal-differs"),
        ("the list of hashes: a hash", lines_of_sums(lambda l: [b"0" * 64 + l[0][64:]] + l[1:]), "sums-changed file-changed ledger-file", "sums-changed file-changed ledger-file seal-differs"),
        ("the last event removed", drop(-1), "", "seal-differs"),
        ("the last two events removed", drop(-1, -2), "", "seal-differs"),
        ("an event in the middle removed", drop(1), "event-chain", "event-chain seal-differs"),
        ("an event in the middle removed, chain made anew", edit_log(lambda log: log[:1] + log[2:]), "", "seal-differs"),
        ("the first event removed", drop(0), "event-chain", "event-chain seal-differs"),
        ("all events but the first removed", drop(1, 2), "", "seal-differs"),
        ("two events swapped, chain made anew", edit_log(lambda log: [log[0], log[2], log[1]]), "", "seal-differs"),
        ("an event's user, chain made anew", edit_log(lambda log: [{**e, "user": "nobody"} for e in log]), "", "seal-differs"),
        ("an event's reason", lambda run: write(run, "events.log", read(run, "events.log").replace(b"copy 0", b"copy 7")), "event-chain", "event-chain"),
        ("an event's time, chain made anew", edit_log(lambda log: [{**e, "time": "2026-01-01T00:00:00Z"} for e in log]), "", "seal-differs"),
        ("an event added, chain made anew", edit_log(lambda log: log[:2] + [{**log[1], "reason": "never asked"}] + log[2:]), "", "seal-differs"),
        ("an event added at the end by hand", lambda run: chain(run, events(run) + [events(run)[-1]]), "", ""),
        ("the log emptied", lambda run: write(run, "events.log", b""), "sums-changed", "sums-changed seal-differs"),
        ("the log's end cut within a line", lambda run: write(run, "events.log", read(run, "events.log")[:-20]), "event-chain", "event-chain seal-differs"),
        ("another run in its place, all of it made by the program", other_run(folder), "", "seal-differs"),
    ]


def rules(done):
    return set(re.findall(r"\[([a-z-]+)\]$", done.stdout, re.M))


with tempfile.TemporaryDirectory() as folder:
    path, run = os.path.join(folder, "payroll.json"), os.path.join(folder, "2025")
    json.dump(SHORT, open(path, "w"))
    made = taxcert("generate", *COMMON, path, "-o", run)
    assert made.returncode == 0, made.stderr
    for i in range(2):
        kept = re.search("^seal (.*)$", taxcert("reprint", run, "100012", "--force", "-o", os.path.join(folder, "out.pdf"), "--reason", f"copy {i}").stdout, re.M).group(1)
    rows, wrong = table(folder), []
    for number, (name, act, plain, anchored) in enumerate(rows):
        copy = os.path.join(folder, f"copy{number}")
        shutil.copytree(run, copy)
        if act:
            act(copy)
        for options, expected in ((), plain), (("--expect", kept), anchored):
            done = taxcert("verify", *options, copy)
            if (rules(done), done.returncode) != (set(expected.split()), 1 if expected else 0):
                wrong.append((name, options != (), expected, sorted(rules(done)), done.returncode, done.stderr[-300:]))
        shutil.rmtree(copy)
    # More files than one worker hashes in a row: each one that is missing or changed is told, in the list's order.
    copy, names = os.path.join(folder, "many"), [f"form/x{i:03}" for i in range(300)]
    shutil.copytree(run, copy)
    for name in names:
        write(copy, name, name.encode())
    lines_of_sums(lambda l: l + [hashlib.sha256(name.encode()).hexdigest().encode() + b"  " + name.encode() + b"\n" for name in reversed(names)])(copy)
    fit(copy)
    if rules(taxcert("verify", copy)):
        wrong.append(("many files", "fine", taxcert("verify", copy).stdout))
    for i, name in enumerate(names):
        os.remove(os.path.join(copy, name)) if i % 3 == 0 else write(copy, name, b"x") if i % 3 == 1 else None
    told = re.findall(r"(form/x\d+)\b.*\[file-(missing|changed)\]$", taxcert("verify", copy).stdout, re.M)
    if told != [(name, ("missing", "changed")[i % 3]) for i, name in enumerate(names) if i % 3 < 2]:
        wrong.append(("many files", told))
    shutil.rmtree(copy)
    # The runs of a chain: an earlier one changed, replaced, renamed.
    changes = os.path.join(folder, "changes.json")
    one = json.loads(json.dumps(SHORT["certificates"][1]))
    one["values"]["28"], one["correction"] = "11000.00", {"reason": "wrong"}
    json.dump({**SHORT, "issue_date": "2026-03-09", "certificates": [one]}, open(changes, "w"))
    for name, act, expected in (("earlier as it was", lambda run: None, ""), ("earlier renamed", lambda run: os.rename(run, run + "-old"), "earlier-missing"),
                                ("earlier changed, its hashes made to fit", both(lambda run: write(run, "records.jsonl", read(run, "records.jsonl") + b"\n"), fit), "earlier-changed"),
                                ("earlier of before the correction, as from a copy", lambda earlier: (shutil.rmtree(earlier), shutil.copytree(run, earlier)), "earlier-older"),
                                ("earlier without its log", lambda run: os.remove(os.path.join(run, "events.log")), "earlier-older"),
                                ("earlier replaced by another", other_run(folder), "earlier-changed")):
        place = os.path.join(folder, "chain")
        os.mkdir(place)
        shutil.copytree(run, os.path.join(place, "2025"))
        done = taxcert("correct", *COMMON, os.path.join(place, "2025"), changes, "-o", os.path.join(place, "2025-03"))
        assert done.returncode == 0, (done.stdout, done.stderr)
        act(os.path.join(place, "2025"))
        done = taxcert("verify", os.path.join(place, "2025-03"))
        if not set(expected.split()) <= rules(done) or done.returncode != (1 if expected else 0):
            wrong.append((name, expected, rules(done), done.returncode, done.stderr))
        shutil.rmtree(place)
    for row in wrong:
        print(*row, sep=" | ")
    assert not wrong
    assert len(rows) >= 40
print(f"manipulations: {len(rows) + 4}, without and with an anchor")
