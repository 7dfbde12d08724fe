"""After the retention period: purge removes every person from runs, their chains together, and leaves counts, totals, hashes and the log, which verify proves. What
is within its period stays as it is, byte by byte; killed at a boundary between system calls the same command goes on. With a further argument all
boundaries are tried. Usage: purge.py TAXCERT SOURCE_DIR [all]"""
import collections
import copy
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

program, source = sys.argv[1:3]
every = len(sys.argv) > 3
TEMPLATES = os.path.join(source, "templates")
ENV = {**os.environ, "LC_ALL": "C", "TAXCERT_TEMPLATES": TEMPLATES}
COMMON = ["--allow-test-ids"]
NUMBERS = ("100001", "100012", "100013")
quick = os.path.join(os.path.dirname(program), "../release/taxcert")
quick = quick if os.path.exists(quick) else program


def taxcert(*words, code=0, run=None):
    done = subprocess.run([run or program, *words], capture_output=True, text=True, env=ENV)
    assert done.returncode == code or code is None, (words, done)
    return done


def purge(*words, **more):
    return taxcert("purge", *words, **more)


def short(bank):
    payroll = json.load(open(os.path.join(source, bank, "payroll.json")))
    people = json.load(open(os.path.join(source, bank, "employees.json")))["employees"]
    return {**payroll, "certificates": [c for c in payroll["certificates"] if c["personnel_number"] in NUMBERS], "declarations": [],
            "employees": [p for p in people if p["personnel_number"] in NUMBERS]}


def make(command, value, *words, code=0):
    path = os.path.join(folder, "input.json")
    json.dump(value, open(path, "w"))
    return taxcert(command, *COMMON, *words[:-1], path, "-o", words[-1], code=code, run=quick)


def tree(run):
    """Every byte of it."""
    return {os.path.relpath(os.path.join(at, n), run): open(os.path.join(at, n), "rb").read() for at, _, names in os.walk(run) for n in names}


def texts(value):
    """All texts of the people in an input."""
    if isinstance(value, dict):
        return {t for v in value.values() for t in texts(v)}
    if isinstance(value, list):
        return {t for v in value for t in texts(v)}
    return {value} if isinstance(value, str) else set()


def needles(payroll):
    """What names somebody: words and numbers of the employee's record, handles, reasons, tickets, amounts of five digits and more."""
    found = texts(payroll["employees"]) | {"verloren gegangen", "Zahlendreher", "Frau Mustermann"}
    for c in payroll["certificates"]:
        found |= {c["id"], c["personnel_number"], c.get("transfer_ticket", "")} | {v for v in texts(c.get("values", {})) if re.fullmatch(r"\d{5,}\.\d\d", v)}
    return {n for n in found if len(n) >= 5 and n not in ("print", "email")}


def sha(data):
    return hashlib.sha256(data).hexdigest()


def lines(run, name):
    return open(os.path.join(run, name), encoding="utf-8").read().splitlines()


def check_purged(run, before, payroll):
    """Nobody is in what is left; what is left is right, and held against what was there."""
    left = tree(run)
    assert {n for n in left if not n.startswith("form/")} == {"SHA256SUMS", "events.log", "purged/run.json", "purged/files", "purged/events"}, sorted(left)
    assert all(n.endswith(".json") and before[n] == left[n] for n in left if n.startswith("form/")) and "form/template.json" in left
    for name, data in left.items():
        if not name.startswith("form/"):
            hit = [n for n in needles(payroll) if n.encode() in data or n.encode() in json.dumps(n).encode() and json.dumps(n)[1:-1].encode() in data]
            assert not hit and not any(n in name for n in needles(payroll)), (run, name, hit)
    for at, folders, _ in os.walk(run):
        assert not {"certificates", "letters"} & set(folders), at
    # The former list: each hash, certificates and letters by two keys; no name of before but those that name nobody.
    then = [line.split("  ", 1) for line in before["SHA256SUMS"].decode().splitlines()]
    now = [line.split("  ", 1) for line in lines(run, "purged/files")]
    assert sorted(h for h, _ in then) == [h for h, _ in now], "in the order of the hashes"
    key = re.compile(r"(certificates|letters)/[0-9a-f]{16}\+[0-9a-f]{16}(\+correction-\d|\+cancellation)?\.pdf")
    persons = {h: n for h, n in now if n.startswith(("certificates/", "letters/"))}
    assert all(key.fullmatch(n) for n in persons.values()) and {h: n for h, n in now if h not in persons} == {h: n for h, n in then if not n.endswith(".pdf")}
    # One person one key, one certificate one key.
    for part in 0, 1:
        pairs = {(re.search(r"2\d{3}-(\d+)\+([A-Za-z0-9-]+)", n).group(part + 1), persons[h].split("/")[1].split(".")[0].split("+")[part]) for h, n in then if h in persons}
        assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs}), pairs
    # The former log, event by event: who of the staff, when, with which program; certificates by the keys of the list.
    log = [json.loads(line) for line in before["events.log"].splitlines()]
    kept = [json.loads(line) for line in lines(run, "purged/events")]
    assert [(e["time"], e["event"], e["user"], e["host"], e["version"], e["previous"]) for e in log] == [(e["time"], e["event"], e["user"], e["host"], e["version"], e["previous"]) for e in kept]
    assert not any({"reason", "details", "path", "given"} & set(e) for e in kept)
    keys = {n.split("+")[1].split(".")[0] for n in persons.values()}
    assert all(re.fullmatch("[0-9a-f]{16}", e["certificate"]) and (e["event"] in ("corrected", "cancelled") or e["certificate"] in keys) for e in kept if "certificate" in e)
    # The facts, and the seal of before as a stranger reckons it from them.
    facts = json.load(open(os.path.join(run, "purged/run.json")))
    closed = facts["closed"]
    assert closed["sums"] == sha(before["SHA256SUMS"]) and closed["head"] == sha(before["events.log"].splitlines(True)[-1]) and closed["events"] == len(log)
    assert closed["seal"] == sha(f"taxcert seal 1\nSHA256SUMS {closed['sums']}\nevents {closed['events']} {closed['head']}\n".encode())
    assert facts["employer"] == payroll["employer"]["name"] and facts["form"] == payroll["form"] if "form" in payroll else True
    # The new log is one event, of the new list.
    (event,) = [json.loads(line) for line in lines(run, "events.log")]
    assert event["event"] == "purged" and event["sums"] == sha(left["SHA256SUMS"]) and event["previous"] == "" and event["user"], event
    assert subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=run).returncode == 0
    return facts


def proved(run, *words):
    done = taxcert("verify", *words, run)
    assert "purged: the personal data are gone" in done.stdout, done.stdout
    return done.stdout


def check_draft(y25, run):
    """A draft of corrections is nobody's successor: purged alone it takes nobody with it, and what it corrects is purged without it."""
    one = {**copy.deepcopy(y25["certificates"][0]), "correction": {"reason": "Zahlendreher"}}
    one["values"]["20"] = "35.00"
    home = os.path.join(folder, "drafts")
    os.mkdir(home)
    base, draft = os.path.join(home, "base"), os.path.join(home, "draft")
    shutil.copytree(run, base)
    make("correct", {**y25, "issue_date": "2026-02-09", "certificates": [one]}, "--draft", base, draft)
    before = tree(base)
    assert "purged 1, purged earlier 0, would be purged 0, kept 0" in purge(draft, "--before", "2026", "--yes", "--today", "2032-01-01").stdout
    assert tree(base) == before and "purged" in proved(draft)
    assert "purged 1, purged earlier 1" in purge(home, "--before", "2026", "--yes", "--today", "2032-01-01").stdout


def check_archive():
    """Six runs: a chain of three of 2024, one of 2025 with a draft, one of 2026."""
    y24, y25, y26 = short("samples/2024/bank"), short("samples/bank"), short("samples/2026/bank")
    run = {n: os.path.join(archive, n) for n in ("a/2024", "a/2024-02", "a/2024-03", "a/2025", "a/2025-draft", "a/2026")}
    os.makedirs(os.path.join(archive, "a"))
    make("generate", y24, run["a/2024"])
    one, two = (next(c for c in y24["certificates"] if c["personnel_number"] == n) for n in NUMBERS[1:])
    one = {**copy.deepcopy(one), "correction": {"reason": "Zahlendreher bei Frau Mustermann"}}
    one["values"]["28"] = "11000.00"
    make("correct", {**y24, "issue_date": "2025-02-09", "certificates": [one]}, run["a/2024"], run["a/2024-02"])
    make("correct", {**y24, "issue_date": "2025-02-10", "certificates": [], "cancellations": [{"certificate": two["id"], "reason": "Zahlendreher"}]}, run["a/2024-02"], run["a/2024-03"])
    make("generate", y25, run["a/2025"])
    make("generate", y25, "--draft", run["a/2025-draft"])
    make("generate", y26, run["a/2026"])
    out = os.path.join(folder, "out")
    taxcert("reprint", run["a/2024-03"], "100001", "--reason", "verloren gegangen", "-o", out + ".pdf", run=quick)
    taxcert("reprint", run["a/2025"], "100001", "--duplicate", "--reason", "verloren gegangen", "-o", out + "2.pdf", run=quick)
    taxcert("batch", run["a/2025"], "-o", out, run=quick)
    before = {n: tree(r) for n, r in run.items()}
    seals = {n: re.search("seal ([0-9a-f]{64})", taxcert("seal", r, run=quick).stdout)[1] for n, r in run.items()}

    # Only told: the clock's own day, and the day before the period ends.
    assert "--before YEAR" in purge(archive, code=2).stderr
    assert "[today]" in purge(archive, "--before", "2030", "--today", "2031-02-30", code=2).stderr
    last = purge(archive, "--before", "2030", "--yes", "--today", "2030-12-31", code=1).stdout
    assert "purged 0, purged earlier 0, would be purged 0, kept 6, failed 0" in last and "its period ends with 2030" in last and "ends with 2031" in last, last
    told = purge(archive, "--before", "2026", "--today", "2032-01-01").stdout
    assert "would be purged 5, kept 0" in told and "nothing was changed: --yes purges" in told and "2026:" not in told, told
    assert before == {n: tree(r) for n, r in run.items()}
    # Longer than the form says is obeyed; shorter is not; a form of today that says longer, too.
    assert "kept 3" in purge(archive, "--before", "2025", "--yes", "--today", "2032-01-01", "--years", "8", code=1).stdout
    assert "kept 3" in purge(archive, "--before", "2025", "--yes", "--today", "2030-06-01", "--years", "1", code=1).stdout
    shutil.copytree(TEMPLATES, os.path.join(folder, "forms"))
    form = os.path.join(folder, "forms/de/lohnsteuerbescheinigung/2024/template.json")
    text = open(form).read()
    open(form, "w").write(text.replace('"retention_years": 6', '"retention_years": 10'))
    assert "kept 3" in purge(archive, "--before", "2025", "--yes", "--today", "2034-12-31", "--templates", os.path.join(folder, "forms"), code=1).stdout
    # A file that is none of the run's keeps its whole chain, and is not removed.
    stray = os.path.join(run["a/2024-02"], "letter to Frau Mustermann.txt")
    open(stray, "w").close()
    done = purge(archive, "--before", "2025", "--yes", "--today", "2031-01-01", code=1)
    assert "[file-extra]" in done.stderr and "kept 2, failed 1" in done.stdout, done
    os.remove(stray)
    assert before == {n: tree(r) for n, r in run.items()}

    # Done: the chain and nobody else.
    done = purge(archive, "--before", "2026", "--yes", "--today", "2031-01-01", code=1)
    assert "purged 3, purged earlier 0, would be purged 0, kept 2, failed 0" in done.stdout and "files outside of run folders" in done.stdout, done.stdout
    for name in ("a/2025", "a/2025-draft", "a/2026"):
        assert tree(run[name]) == before[name], name
    facts = {n: check_purged(run[n], before[n], y24) for n in ("a/2024", "a/2024-02", "a/2024-03")}
    assert [f["certificates"]["issued"] for f in facts.values()] == [3, 3, 2] and facts["a/2024-03"]["certificates"]["cancelled"] == 1
    assert {f["kept_until"] for f in facts.values()} == {2030} and [len(f["corrects"]) for f in facts.values()] == [0, 1, 2]
    assert facts["a/2024-03"]["corrects"][0] == {"identity": facts["a/2024"]["identity"], "sums": facts["a/2024"]["closed"]["sums"]}
    gross = {n: sum(round(float(c["values"]["3"]) * 100) for c in y24["certificates"] if n != "a/2024-03" or c["id"] != two["id"]) for n in facts}
    assert all(f["totals"]["3"] == f"{gross[n] / 100:.2f}" for n, f in facts.items()), (gross, [f["totals"] for f in facts.values()])
    # The same command again, and verify of each and of all.
    assert "purged earlier 3" in purge(archive, "--before", "2025", "--yes", "--today", "2031-01-01").stdout
    for name in facts:
        proved(run[name])
        now = re.search("seal ([0-9a-f]{64})", taxcert("seal", run[name]).stdout)[1]
        assert "up to event 1 of 1" in proved(run[name], "--expect", now)
        assert f"before its purge, at its event {facts[name]['closed']['events']}" in proved(run[name], "--expect", seals[name])
        assert "[seal-differs]" in taxcert("verify", "--expect", "0" * 64, run[name], code=1).stdout
    early = json.loads(before["a/2024"]["events.log"].splitlines()[1])["seal"]
    assert "before its purge, at its event 1" in proved(run["a/2024"], "--expect", early)
    assert taxcert("verify", archive).stdout.count("purged: the personal data") == 3
    # Whoever needs what is gone is told so, by every command, in both languages; the others of the archive go on.
    r = run["a/2024-03"]
    for words in (["find", r, "100001"], ["explain", r, "100001"], ["reprint", r, "100001", "-o", out + "3.pdf"], ["summary", r, "-o", out + ".xlsx"], ["batch", r, "-o", out + "b"],
                  ["copies", r, "-o", out + "c", "--list", out + "l"], ["deliveries", r], ["correct", *COMMON, r, os.path.join(folder, "input.json")], ["file", r, "-o", out + "f"],
                  ["issue", r, "-o", out + "i"]):
        done = taxcert(*words, code=2)
        assert "[purged]" in done.stderr, (words, done)
    assert "endgültig" in taxcert("find", "--lang", "de", r, "100001", code=2).stderr
    assert [json.loads(line)["run"] for line in taxcert("find", "--json", archive, "100001").stdout.splitlines()] == [run["a/2025"], run["a/2026"]]
    assert "[inside-run]" in taxcert("summary", run["a/2025"], "-o", os.path.join(r, "x.xlsx"), code=2).stderr
    # A byte changed in what is left is found; so is a file put there, and a count made to fit with every hash.
    for name in ("purged/run.json", "purged/files", "purged/events", "form/rules.json", "SHA256SUMS"):
        path = os.path.join(r, name)
        data = open(path, "rb").read()
        open(path, "wb").write(data.replace(b"2", b"3", 1))
        assert "NOT PROVED" in taxcert("verify", r, code=1).stdout, name
        open(path, "wb").write(data)
    open(os.path.join(r, "purged", "more"), "w").close()
    assert "[file-extra]" in taxcert("verify", r, code=1).stdout
    os.remove(os.path.join(r, "purged", "more"))
    forged = shutil.copytree(r, os.path.join(folder, "forged"))
    old = open(forged + "/purged/events").read()
    open(forged + "/purged/events", "w").write("".join(old.splitlines(True)[:-1]))
    sums = open(forged + "/SHA256SUMS").read().replace(sha(old.encode()), sha("".join(old.splitlines(True)[:-1]).encode()))
    event = json.loads(open(forged + "/events.log").read())
    open(forged + "/SHA256SUMS", "w").write(sums)
    open(forged + "/events.log", "w").write(json.dumps({**event, "sums": sha(sums.encode())}, separators=(",", ":")) + "\n")
    assert "[purged]" in taxcert("verify", forged, code=1).stdout
    # A paper of then is still known by its hash.
    assert [n for n, d in before["a/2024"].items() if n.endswith(".pdf") and sha(d) not in open(run["a/2024"] + "/purged/files").read()] == []
    check_draft(y25, run["a/2025"])
    # The rest of 2025, with print jobs and their lists of people in the log; the draft goes with the year.
    assert "purged 2, purged earlier 3" in purge(archive, "--before", "2026", "--yes", "--today", "2032-01-01").stdout
    check_purged(run["a/2025"], before["a/2025"], y25)
    check_purged(run["a/2025-draft"], before["a/2025-draft"], y25)
    assert tree(run["a/2026"]) == before["a/2026"]


CALLS = "fsync,fdatasync,syncfs,rename,renameat,renameat2,mkdir,mkdirat,unlink,unlinkat,rmdir,ftruncate,write,pwrite64"


def traced(words, *options):
    return subprocess.run(["strace", "-f", "-qq", "-o", folder + "/trace", *options, quick, *words], capture_output=True, text=True, env={**ENV, "ASAN_OPTIONS": "detect_leaks=0"})


def check_kills():
    """A chain of two, one of them given alone: killed at a boundary it is whole, or its purge is begun and said to be; the same command finishes it."""
    y24 = short("samples/2024/bank")
    home = os.path.join(folder, "chain")
    os.mkdir(home)
    first, second = os.path.join(home, "one"), os.path.join(home, "two")
    make("generate", y24, first)
    one = {**copy.deepcopy(y24["certificates"][1]), "correction": {"reason": "Zahlendreher"}}
    one["values"]["28"] = "11000.00"
    make("correct", {**y24, "issue_date": "2025-02-09", "certificates": [one]}, first, second)
    before = {r: tree(r) for r in (first, second)}
    shutil.copytree(home, home + ".kept")
    words = ["purge", first, "--before", "2025", "--yes", "--today", "2031-01-01"]
    traced(words, "-e", "trace=" + CALLS)
    counts = collections.Counter(m[1] for m in re.finditer(r"^\d+ +(\w+)\(", open(folder + "/trace").read(), re.M))
    assert all(n >= 2 for n in (counts["renameat"], counts["ftruncate"], counts["syncfs"])) and counts["unlinkat"] > 500, counts
    places = [(call, n + 1) for call, count in sorted(counts.items()) for n in range(count)]
    if not every:
        places = [p for p in places if p[0] in ("renameat", "ftruncate") or p[0] == "unlinkat" and p[1] in (1, 3, 300, counts["unlinkat"])]
    states = collections.Counter()
    for call, number in places:
        shutil.rmtree(home)
        shutil.copytree(home + ".kept", home)
        done = traced(words, "-e", "trace=" + CALLS, "-e", f"inject={call}:signal=KILL:when={number}")
        assert done.returncode in (-9, 137), (call, number, done)
        for r in (first, second):
            now = tree(r)
            begun = os.path.isdir(os.path.join(r, "purged"))
            unfinished = begun and os.path.exists(os.path.join(r, "purged/events.log"))
            states["begun" if unfinished else "done" if begun else "whole"] += 1
            if not begun:
                assert {n: d for n, d in now.items() if not n.startswith("purged.new/")} == before[r], (call, number)
            elif unfinished:
                said = taxcert("verify", r, code=1, run=quick).stdout
                assert "[purge-unfinished]" in said and taxcert("find", r, "100001", code=2, run=quick).stderr.count("[purged]"), said
                assert "would be finished" in purge(r, "--before", "2025", "--today", "2031-01-01", run=quick).stdout
        again = purge(home, *words[2:], run=quick)
        assert "kept 0, failed 0" in again.stdout, again
        for r in (first, second):
            assert taxcert("verify", r, run=quick).returncode == 0
            check_purged(r, before[r], y24)
        assert sorted(os.listdir(home)) == ["one", "two"]
    assert min(states["begun"], states["done"], states["whole"]) > 0, states


with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", "/tmp")) as folder:
    folder = os.path.realpath(folder)
    archive = os.path.join(folder, "archive")
    check_archive()
    check_kills()
print("purge: ok")
