"""Faults that were found by reading the code, each of its kind with inputs of its own: handles that are two people's, ids around broken
records, amounts that cannot be read back, folders of any name and length, texts that no reader has checked, state that tells the truth.
Usage: reading.py TAXCERT SOURCE_DIR"""
import copy
import csv
import itertools
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import xml.dom.minidom
import zipfile
from decimal import Decimal

program, source = sys.argv[1:3]
sys.path.insert(0, os.path.join(source, "tests/lib"))
from builds import release  # noqa: E402

sanitized, quick = program, release(program, source)
bank = os.path.join(source, "samples/bank")
PAYROLL, EMPLOYEES = (json.load(open(os.path.join(bank, n + ".json"))) for n in ("payroll", "employees"))
ENV = dict(os.environ, TAXCERT_TEMPLATES=os.path.join(source, "templates"))
_numbers = [c["personnel_number"] for c in PAYROLL["certificates"]]
ALONE = [c for c in PAYROLL["certificates"] if _numbers.count(c["personnel_number"]) == 1 and "values" in c and "entries" not in c][:6]
PEOPLE = {e["personnel_number"]: e for e in EMPLOYEES["employees"]}


def taxcert(*words, **more):
    done = subprocess.run([program, *words], capture_output=True, env=ENV, **more)
    assert b"Sanitizer" not in done.stderr and b"runtime error" not in done.stderr, done.stderr[-3000:]
    assert done.returncode >= 0, done
    return done


def payroll(certificates, people=None, **change):
    """One file with both lists; people: those of the certificates."""
    numbers = {c["personnel_number"] for c in certificates if isinstance(c, dict)}
    given = people if people is not None else [PEOPLE[n] for n in sorted(numbers) if n in PEOPLE]
    head = {k: v for k, v in PAYROLL.items() if k not in ("certificates", "declarations")}
    return {**head, "certificates": certificates, "employees": given, **change}


def write(folder, name, value):
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode())
    return path


def generate(folder, value, name="run", code=None, file="payroll.json", *more):
    out = os.path.join(folder, name)
    done = taxcert("generate", "--allow-test-ids", *more, write(folder, file, value), "-o", out)
    assert done.returncode in ((0, 1) if code is None else (code,)), (done.returncode, done.stderr, done.stdout)
    return out, done


def correct(folder, run, value, name, code=None, *more):
    out = os.path.join(folder, name)
    done = taxcert("correct", "--allow-test-ids", *more, run, write(folder, "changes.json", value), "-o", out)
    assert done.returncode in ((0, 1) if code is None else (code,)), (done.returncode, done.stderr, done.stdout)
    return out, done


def rename(certificate, number, certificate_id):
    """The same certificate with other handles, and its person."""
    return {**certificate, "personnel_number": number, "id": certificate_id}, {**PEOPLE[certificate["personnel_number"]], "personnel_number": number}


def proved(run):
    done = taxcert("verify", run)
    assert done.returncode == 0, (done.stdout, done.stderr)


def query(run, sql):
    with sqlite3.connect(os.path.join(run, "ledger.db")) as db:
        return db.execute(sql).fetchall()


def well_formed(path):
    with zipfile.ZipFile(path) as book:
        for name in book.namelist():
            if name.endswith((".xml", ".rels")):
                xml.dom.minidom.parseString(book.read(name))
        return {n: book.read(n).decode() for n in book.namelist() if n.startswith("xl/worksheets/sheet")}


TIMES = itertools.count(1)


def corrected(certificate, **change):
    """Something changes each time, by some cents: a correction of nothing is refused."""
    values = certificate.get("values", {})
    if "3" in values:
        values = {**values, "3": str(Decimal(values["3"]) + next(TIMES) * Decimal("0.01"))}
    return {**certificate, "values": values, "correction": {"reason": "wrong"}, **change}


# ---- handles

def check_handles(folder):
    """Running numbers in both columns: 11's id is 12, and so on; 14's certificate is withheld, 15 has none, and its number is 13's id."""
    pairs = [("11", "12"), ("12", "11"), ("13", "15"), ("14", "99")]
    renamed = [rename(c, *pair) for c, pair in zip(ALONE, pairs)]
    certificates = [c for c, _ in renamed]
    certificates[3] = {**certificates[3], "values": {**certificates[3]["values"], "3": "1,00"}}
    people = [p for _, p in renamed] + [{**PEOPLE[ALONE[4]["personnel_number"]], "personnel_number": "15", "no_certificate_reason": "flat"}]
    run, _ = generate(folder, payroll(certificates, people), code=1)
    for command in (["reprint", "--force", run], ["explain", run]):
        for handle, named in (("12", "11+12"), ("11", "12+11"), ("15", "13+15")):
            done = taxcert(*command, handle, *(["-o", os.path.join(folder, "x.pdf")] if command[0] == "reprint" else []))
            assert done.returncode == 2 and b"[id-ambiguous]" in done.stderr and named.encode() in done.stderr, (command, handle, done)
    for number, certificate_id in pairs[:3]:
        out = os.path.join(folder, "y.pdf")
        assert taxcert("reprint", "--force", run, f"{number}+{certificate_id}", "-o", out).returncode == 0
        text = subprocess.run(["pdftotext", "-raw", out, "-"], capture_output=True, text=True).stdout
        assert re.search(rf"Personalnummer:? {number}\b", text), text
        assert f"{number} {certificate_id}, issued".encode() in taxcert("explain", run, f"{number}+{certificate_id}").stdout
    assert b"[held]" in taxcert("reprint", "--force", run, "14").stderr and taxcert("reprint", "--force", run, "13", "-o", out).returncode == 0
    for handle in ("13+99", "13+", "+15", "13+15+1", "a b", "x" * 33):
        assert taxcert("reprint", "--force", run, handle, "-o", out).returncode in (1, 2), handle
    # In a correcting run everybody else's certificate is looked up by both.
    changes = payroll([corrected(certificates[0])], people)
    second, _ = correct(folder, run, changes, "run2")
    assert taxcert("reprint", "--force", second, "12+11", "-o", out).returncode == 0
    assert b"[id-ambiguous]" in taxcert("reprint", "--force", second, "12", "-o", out).stderr


def check_double_ids(folder):
    """The same id three times, two of them no JSON; and ids that differ in case around one that is equal."""
    texts = [json.dumps({**c, "id": i}) for c, i in zip(ALONE, ["A-1", "A-1", "A-1", "B-1", "b-1", "B-1"])]
    texts[1] = texts[1][:-1] + ',"facts":{"x_":1,"x_":2}}' if '"facts"' not in texts[1] else texts[1].replace('"id"', '"id": "A-1", "id"', 1)
    head = payroll([], [PEOPLE[c["personnel_number"]] for c in ALONE])
    whole = json.dumps(head).replace('"certificates": []', '"certificates": [' + ", ".join(texts) + "]")
    run, done = generate(folder, whole.encode(), code=1)
    assert query(run, "SELECT count(*) FROM certificate WHERE state = 'issued'") == [(0,)], done.stderr
    assert done.stderr.count(b"[certificate-duplicate]") == 4 and done.stderr.count(b"[certificate-case]") == 1, done.stderr
    proved(run)
    good, _ = generate(folder, payroll(ALONE[:2]), "good", 0)
    with sqlite3.connect(os.path.join(good, "ledger.db")) as db:  # the second line of defence
        try:
            db.execute("UPDATE certificate SET id = (SELECT min(id) FROM certificate)")
            raise AssertionError("two issued certificates of one id")
        except sqlite3.IntegrityError:
            db.rollback()


def check_late(folder):
    """Late certificates: one that was sent twice before, ids in another case, numbers of refused ones."""
    twice = ALONE[0]
    run, _ = generate(folder, payroll([twice, ALONE[1], twice], [PEOPLE[c["personnel_number"]] for c in ALONE]), code=1)
    second, done = correct(folder, run, payroll([twice], [PEOPLE[c["personnel_number"]] for c in ALONE]), "late", 0)
    assert query(second, "SELECT state, count(*) FROM certificate GROUP BY state") == [("issued", 2)], done.stdout
    assert query(second, "SELECT count(*) FROM finding WHERE severity = 'error'") == [(0,)]
    other = {**ALONE[2], "id": ALONE[1]["id"].lower()}
    _, done = correct(folder, second, payroll([other]), "case", 1)
    assert b"[certificate-case]" in done.stderr
    refused = {**ALONE[3], "values": {**ALONE[3]["values"], "4": "12,5"}}
    base, _ = generate(folder, payroll(ALONE[:2], [PEOPLE[c["personnel_number"]] for c in ALONE]), "base", 0)
    one, _ = correct(folder, base, payroll([refused], [PEOPLE[ALONE[3]["personnel_number"]]]), "one", 1)
    two, _ = correct(folder, one, payroll([ALONE[4]]), "two", 0)
    found = query(two, "SELECT number, id FROM finding WHERE severity = 'error'")
    assert [i for _, i in found] == [refused["id"]], found
    assert all(i == refused["id"] for n, i in query(two, "SELECT number, id FROM certificate") if n == found[0][0])
    three, _ = correct(folder, two, payroll([ALONE[3]]), "three", 0)
    assert query(three, "SELECT count(*) FROM finding WHERE severity = 'error'") == [(0,)]


# ---- what is written can be read back

def check_amounts(folder):
    entry = lambda month, amount, kind="1000": {"month": month, "wage_type": kind, "amount": amount}
    fed = next(c for c in PAYROLL["certificates"] if "entries" in c)
    kinds = sorted({e["wage_type"] for e in fed["entries"]})
    absurd = [{**fed, "id": "X-1", "entries": fed["entries"] + [entry(m, "9999999999999.99", kinds[0]) for m in (2, 2)]},
              {**ALONE[0], "id": "X-2", "entries": [entry(1, "-9999999999999.99", kinds[0])] * 9000}]
    people = [PEOPLE[c["personnel_number"]] for c in (fed, *ALONE)]
    run, done = generate(folder, payroll([*absurd, ALONE[1]], people), code=1)
    assert done.stderr.count(b"[amount-range]") >= 2 and query(run, "SELECT count(*) FROM certificate WHERE state = 'issued'") == [(1,)]
    proved(run)
    again = os.path.join(folder, "again.xlsx")
    assert taxcert("summary", run, "-o", again).returncode == 0
    assert open(again, "rb").read() == open(os.path.join(run, "summary.xlsx"), "rb").read()
    correct(folder, run, payroll([corrected(ALONE[1])]), "run2", 0)
    # So many withheld amounts at the end of the grammar that no sum of them fits: nobody else is stopped.
    many = [{**ALONE[0], "id": f"M-{i}", "values": {**ALONE[0]["values"], "3": "9999999999999.99"}} for i in range(9400)]
    many_run, _ = generate(folder, payroll([*many, ALONE[1]]), "many", 1)
    assert query(many_run, "SELECT count(*) FROM certificate WHERE state = 'issued'") == [(1,)]
    for wrong in ([], "none", 7, False):
        out, done = generate(folder, payroll([{**ALONE[0], "values": wrong}, ALONE[1]]), f"wrong-{str(wrong)[:4]}", 1)
        assert done.stderr.count(b"[value-type]") == 1 and b"/certificates/0/values" in done.stderr, done.stderr
        assert query(out, "SELECT record FROM certificate WHERE state = 'held'")[0][0].find('"incomplete":true') > 0
    nothing, done = generate(folder, payroll([{**ALONE[0], "values": None}]), "null")
    assert b"[value-type]" not in done.stderr


def check_letters(folder):
    values = lambda letters: {**ALONE[0]["values"], "2.letters": letters}
    limit = lambda: __import__("resource").setrlimit(__import__("resource").RLIMIT_CPU, (20, 20))
    value = payroll([{**ALONE[0], "values": values(["S"] * 200000)}, ALONE[1]])
    path = write(folder, "letters.json", value)
    start = time.process_time()
    done = taxcert("check", "--allow-test-ids", path, preexec_fn=limit)
    assert done.returncode == 1 and b"/2.letters" in done.stderr


# ---- paths

def check_paths(folder):
    names = ["certificates", "2025-certificates", 'a "b" \\ c', "x" * 200, "tab\there", "new\nline", "50% #1 ?", "M\u00fcnchen"]
    for i, name in enumerate(names):
        place = os.path.join(folder, f"p{i}")
        os.mkdir(place)
        run, _ = generate(place, payroll(ALONE[:3]), name, 0)
        second, _ = correct(place, run, payroll([corrected(ALONE[0])]), "then", 0)
        proved(second)
        for certificate in ALONE[:3]:
            done = taxcert("reprint", "--force", second, certificate["personnel_number"], "-o", os.path.join(place, "x.pdf"))
            assert done.returncode == 0, (name, done.stderr)
        done = taxcert("reprint", "--force", "--duplicate", second, ALONE[1]["personnel_number"], "-o", os.path.join(place, "d.pdf"))
        assert done.returncode == 0, (name, done.stderr)
        for line in taxcert("find", "--json", second, ALONE[1]["personnel_number"]).stdout.decode().splitlines():
            assert os.path.exists(os.path.join(second, json.loads(line)["file"])), (name, line)
        assert taxcert("find", second, ALONE[1]["personnel_number"]).stdout.count(b"\n") == 1
        for sheet in well_formed(os.path.join(second, "summary.xlsx")).values():
            for formula in re.findall(r"<f>HYPERLINK\((.*?)\)</f>", sheet):
                strings = formula.split('"')
                assert len(strings) == 5 and len(strings[1]) <= 255 and "\n" not in formula and "#" not in strings[1], formula
    deep = os.path.join(folder, *["d" * 120] * 3)
    os.makedirs(deep)
    os.makedirs(os.path.join(folder, "far"))
    run, _ = generate(deep, payroll(ALONE[:2]), "run", 0)
    second, _ = correct(os.path.join(folder, "far"), run, payroll([corrected(ALONE[0])]), "then", 0)
    assert taxcert("reprint", "--force", second, ALONE[1]["personnel_number"], "-o", os.path.join(folder, "x.pdf")).returncode == 0
    assert taxcert("find", "--json", second, ALONE[1]["personnel_number"]).returncode == 0
    latin = os.path.join(os.fsencode(folder), b"M\xfcller")
    os.mkdir(latin)
    place = os.fsdecode(latin)
    run, _ = generate(place, payroll(ALONE[:2]), os.fsdecode(b"L\xf6hne"), 0)
    second, _ = correct(place, run, payroll([corrected(ALONE[0])]), "then", 0)
    well_formed(os.path.join(second, "summary.xlsx"))
    json.loads(taxcert("find", "--json", second, ALONE[1]["personnel_number"]).stdout.decode())
    assert taxcert("reprint", "--force", second, ALONE[1]["personnel_number"], "-o", os.path.join(folder, "x.pdf")).returncode == 0


def check_inside(folder):
    """Nothing is ever put into a run, by any command."""
    run, _ = generate(folder, payroll(ALONE[:2]), "run", 0)
    several = os.path.join(folder, "several")
    os.mkdir(several)
    write(several, "alpha.json", payroll(ALONE[:2]))
    changes = write(folder, "changes.json", payroll([corrected(ALONE[0])]))
    link = os.path.join(folder, "link")
    os.symlink(run, link)
    for into in (run, link, os.path.join(run, "form"), os.path.join(run, "new/deeper")):
        for words in (["generate", "--allow-test-ids", os.path.join(folder, "payroll.json"), "-o", os.path.join(into, "x")],
                      ["generate", "--allow-test-ids", several, "-o", os.path.join(into, "x")],
                      ["correct", "--allow-test-ids", run, changes, "-o", os.path.join(into, "x")],
                      ["summary", run, "-o", os.path.join(into, "x.xlsx")],
                      ["summary", run, "-o", os.path.join(folder, "x.xlsx"), "--csv", os.path.join(into, "x.csv")],
                      ["reprint", "--force", run, ALONE[0]["id"], "-o", os.path.join(into, "x.pdf")],
                      ["template", "preview", "de/lohnsteuerbescheinigung", "2025", "-o", os.path.join(into, "x.pdf")]):
            done = taxcert(*words)
            assert done.returncode == 2 and b"[inside-run]" in done.stderr, (words, done)
    proved(run)


def check_given_out(folder):
    """A file that is given out takes the place of a link and follows none, is nobody else's to read, and leaves nothing half-written."""
    run, _ = generate(folder, payroll(ALONE[:2]), "run", 0)
    target, link, out = (os.path.join(folder, n) for n in ("target", "link.pdf", "plain.pdf"))
    for words in (["reprint", "--force", run, ALONE[0]["id"], "-o"], ["template", "preview", "de/lohnsteuerbescheinigung", "2025", "-o"]):
        open(target, "w").write("somebody's")
        os.chmod(target, 0o644)
        if os.path.lexists(link):
            os.remove(link)
        os.symlink(target, link)
        assert taxcert(*words, link).returncode == 0
        assert open(target).read() == "somebody's" and not os.path.islink(link) and os.stat(link).st_mode & 0o777 == 0o600
        open(out, "w").write("old")
        os.chmod(out, 0o644)
        assert taxcert(*words, out).returncode == 0 and os.stat(out).st_mode & 0o777 == 0o600
        for wrong in (folder, "/dev/null", "/dev/full"):
            assert taxcert(*words, wrong).returncode == 2, (words, wrong)
        assert taxcert(*words, os.path.join(folder, "no/such/x.pdf")).returncode in (2, 4)
    assert not [n for n in os.listdir(folder) if n.startswith(".taxcert-")]


def check_long_chain(folder):
    run, _ = generate(folder, payroll(ALONE[:2]), "c0", 0)
    for i in range(1, 68):
        run, _ = correct(folder, run, payroll([corrected(ALONE[0])]), f"c{i}", 0)
    proved(run)
    assert b"c67" in taxcert("reprint", "--force", os.path.join(folder, "c0"), ALONE[1]["id"], "-o", os.path.join(folder, "x.pdf")).stderr


# ---- state

def check_state(folder):
    run, _ = generate(folder, payroll(ALONE[:3]), "r0", 0)
    one, _ = correct(folder, run, payroll([corrected(ALONE[0])]), "r1", 0)
    two, _ = correct(folder, one, payroll([corrected(ALONE[1])]), "r2", 0)
    three, _ = correct(folder, two, payroll([], cancellations=[{"certificate": ALONE[2]["id"], "reason": "void"}]), "r3", 0)
    out = os.path.join(folder, "x.pdf")
    for certificate, what, where in zip(ALONE, (b"[corrected]", b"[corrected]", b"[cancelled]"), (b"/r1:", b"/r2:", b"/r3:")):
        refused = taxcert("reprint", run, certificate["id"], "-o", out)
        assert refused.returncode == 3 and what in refused.stderr and where in refused.stderr, refused.stderr
    assert b"no longer valid" not in taxcert("reprint", "--force", one, ALONE[0]["id"], "-o", out).stderr
    for words in (["find", run, ALONE[0]["personnel_number"]], ["explain", run, ALONE[0]["id"]], ["verify", run], ["summary", run, "-o", os.path.join(folder, "a.xlsx")]):
        assert b"[superseded]" in taxcert(*words).stderr, words
    assert b"[superseded]" not in taxcert("find", three, ALONE[0]["personnel_number"]).stderr
    # A kill between telling the run before and publishing the new one: nothing happened.
    base, _ = generate(folder, payroll(ALONE[:3]), "k0", 0)
    shim = write(folder, "shim.c", b"#include <fcntl.h>\n#include <stdio.h>\n#include <string.h>\n#include <unistd.h>\nint rename(const char *a, const char *b)\n"
                 b"{ size_t n = strlen(a); if (n > 8 && !strcmp(a + n - 8, \".partial\")) _exit(9); return renameat(AT_FDCWD, a, AT_FDCWD, b); }\n")
    library = os.path.join(folder, "shim.so")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, shim], check=True)
    changes = write(folder, "c.json", payroll([corrected(ALONE[0])]))
    preload = ENV.get("LD_PRELOAD", "") or subprocess.run(["cc", "-print-file-name=libasan.so"], capture_output=True, text=True).stdout.strip()
    killed = subprocess.run([program, "correct", "--allow-test-ids", base, changes, "-o", os.path.join(folder, "k1")], capture_output=True,
                            env=dict(ENV, LD_PRELOAD=f"{preload} {library}", ASAN_OPTIONS="detect_leaks=0"))
    assert killed.returncode == 9, killed
    assert b"[superseded]" not in taxcert("reprint", "--force", base, ALONE[0]["id"], "-o", out).stderr
    mended = payroll([corrected(ALONE[1])])
    correct(folder, base, mended, "k2", 0)
    assert b"[superseded]" in taxcert("reprint", "--force", base, ALONE[0]["id"], "-o", out).stderr


def check_changed_input(folder):
    """An input that is changed while it is read is noticed before anything is published."""
    many = payroll([{**ALONE[i % 6], "id": f"C-{i}", "x_room": "-" * 500} for i in range(3000)])
    path = write(folder, "many.json", many)
    out = os.path.join(folder, "many")
    process = subprocess.Popen([program, "generate", "--allow-test-ids", "-j1", path, "-o", out], env=ENV, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    while not os.path.isdir(out + ".partial/certificates") and process.poll() is None:
        time.sleep(0.001)
    with open(path, "r+b") as file:
        file.write(b"{")
    told = process.communicate()[1]
    assert process.returncode == 3 and b"[file-changed]" in told and not os.path.exists(out), (process.returncode, told[-300:])


# ---- texts that no reader has checked

def check_texts(folder):
    name = {**PAYROLL["employer"], "name": "Bank\u0001 & S\u00f6hne\u007f"}
    run, _ = generate(folder, payroll(ALONE[:2], employer=name), "run", 1)
    well_formed(os.path.join(run, "summary.xlsx"))
    for i, file in enumerate((b"l\xf6hne.json", b"end\xef", b"a\nb.json", b"\xe2\x82")):
        wrong = payroll([{**ALONE[0], "values": {**ALONE[0]["values"], "3": "1,5"}}, ALONE[1]])
        out, _ = generate(folder, wrong, f"f{i}", 1, os.fsdecode(file))
        well_formed(os.path.join(out, "summary.xlsx"))
        assert taxcert("summary", out, "-o", os.path.join(folder, f"f{i}.xlsx")).returncode == 0
        for (text,) in query(out, "SELECT file FROM finding"):
            assert text and not re.search("[\x00-\x1f]", text)
        for line in taxcert("check", "--json", "--allow-test-ids", os.path.join(folder, os.fsdecode(file))).stdout.decode().splitlines():
            json.loads(line)
    blanks = ["", "   ", "\u00a0\t", None, "flat-taxed"]
    people = [PEOPLE[ALONE[0]["personnel_number"]]] + [{**PEOPLE[c["personnel_number"]], "no_certificate_reason": b} for c, b in zip(ALONE[1:], blanks)]
    out, done = generate(folder, payroll(ALONE[:1], people), "blank", 0)
    assert b"without a certificate 5, of these without a stated reason 4" in done.stdout, done.stdout
    out, done = correct(folder, out, payroll([corrected(ALONE[0])], people[:1]), "blank2", 0)
    assert b"without a certificate 5, of these without a stated reason 4" in done.stdout, done.stdout
    # A reason that is told with changes goes through the same check.
    told = people[:1] + [{**PEOPLE[ALONE[1]["personnel_number"]], "no_certificate_reason": "un\u0001paid\u202e"}]
    later, done = correct(folder, out, payroll([corrected(ALONE[0])], told), "blank3", 0)
    assert [r for n, r in query(later, "SELECT personnel_number, reason FROM person") if n == ALONE[1]["personnel_number"]] == ["un\ufffdpaid\ufffd"]
    well_formed(os.path.join(later, "summary.xlsx"))
    formula = {**PEOPLE[ALONE[0]["personnel_number"]], "name": {"first": "+1", "last": "=1+2"}}
    out, _ = generate(folder, payroll(ALONE[:1], [formula]), "formula")
    for row in csv.reader(open(os.path.join(out, "summary.csv"), encoding="utf-8-sig")):
        assert not any(cell.startswith(("=", "+", "@", "\t", "\r")) for cell in row), row
    assert b"'=1+2" in open(os.path.join(out, "summary.csv"), "rb").read()


def check_keys(folder):
    text = json.dumps(payroll(ALONE[:2]))
    for key in ("x_" + "long" * 30, "x_\\u00e4\\u4e2d", "x_"):
        done = taxcert("check", "--allow-test-ids", write(folder, "k.json", (f'{{"{key}": {{"a": [1, 2]}}, ' + text[1:]).encode()))
        assert done.returncode == 0 and b"[unknown-key]" not in done.stderr, (key, done)
    for key in ("long" * 30, "\\u00e4mter"):
        done = taxcert("check", "--allow-test-ids", write(folder, "k.json", (f'{{"{key}": 1, ' + text[1:]).encode()))
        assert done.returncode == 0 and b"[unknown-key]" in done.stderr, (key, done)


def check_command_line(folder):
    run, _ = generate(folder, payroll(ALONE[:2]), "run", 0)
    file = os.path.join(folder, "payroll.json")
    for words in (["check", "-j", "abc", file], ["check", "-j", "1x", file], ["check", "-j", "-1", file], ["check", "--max-findings", "many", file],
                  ["check", "--max-findings", "", file], ["template", "show", "de/lohnsteuerbescheinigung", "2025abc"],
                  ["template", "show", "de/lohnsteuerbescheinigung", "0x7E9"], ["summary", run, "-o", os.path.join(folder, "s.xlsx"), "--rows-per-sheet", "9e3"]):
        assert taxcert(*words).returncode == 2, words
    commands = re.findall(r"^  taxcert ([a-z]+)", taxcert("--help").stdout.decode(), re.M)
    assert len(commands) >= 18, commands
    for words in [["--help"], ["--version"], *([c, "--help"] for c in commands), ["find", run, ALONE[0]["id"]], ["explain", run, ALONE[0]["id"]], ["verify", run], ["seal", run], ["deliveries", run],
                  ["copies", run, "-o", os.path.join(folder, "copies"), "--list", os.path.join(folder, "list.csv")], ["batch", run, "-o", os.path.join(folder, "print")],
                  ["check", "--allow-test-ids", file], ["template", "list"], ["template", "show", "de/lohnsteuerbescheinigung", "2025"],
                  ["reprint", "--force", run, ALONE[0]["id"], "-o", "-"]]:
        with open("/dev/full", "w") as full:
            done = subprocess.run([program, *words], stdout=full, stderr=subprocess.PIPE, env=ENV)
        assert done.returncode == 4, (words, done)


def check_same_workbook(folder):
    """Whatever comes first: a certificate without handles, a cancelled one, one that is no object."""
    for i, first in enumerate(([], {"id": "", "personnel_number": ""}, {**ALONE[0], "id": "a b"}, 5)):
        run, _ = generate(folder, payroll([first, *ALONE[1:3]], [PEOPLE[c["personnel_number"]] for c in ALONE[:3]]), f"w{i}", 1)
        again = os.path.join(folder, "again.xlsx")
        assert taxcert("summary", run, "-o", again).returncode == 0
        assert open(again, "rb").read() == open(os.path.join(run, "summary.xlsx"), "rb").read(), first
    run, _ = generate(folder, payroll(ALONE[:3]), "whole", 0)
    second, _ = correct(folder, run, payroll([], cancellations=[{"certificate": ALONE[0]["id"], "reason": "x"}]), "first-cancelled", 0)
    assert taxcert("summary", second, "-o", again).returncode == 0
    assert open(again, "rb").read() == open(os.path.join(second, "summary.xlsx"), "rb").read()


# ---- forms by data

def check_forms(folder):
    """What FORMAT.md allows works, what does not work is refused by the linter."""
    forms = os.path.join(folder, "forms")
    shutil.copytree(os.path.join(source, "templates"), forms)
    place = os.path.join(forms, "de/lohnsteuerbescheinigung/2025")
    whole = json.load(open(os.path.join(place, "template.json")))

    def lint(change):
        template = copy.deepcopy(whole)
        change(template, {f["id"]: f for f in template["fields"]})
        write(place, "template.json", template)
        return taxcert("template", "lint", place)

    assert lint(lambda t, f: None).returncode == 0
    for change in (lambda t, f: f["20"].update(digits=0), lambda t, f: f["2.U"].update(control=True), lambda t, f: t["fields"].append({"id": "z", "type": "decimal", "digits": 6})):
        done = lint(change)
        assert done.returncode == 2 and b"/fields" in done.stderr, done.stderr
    ENV["TAXCERT_TEMPLATES"], before = forms, ENV["TAXCERT_TEMPLATES"]
    # One limit, the other or both, in cents; a message never tells one that the form does not have.
    for limits, amount, said in (({"most": 4000}, "40.00", None), ({"most": 4000}, "40.01", b"at most 40.00"), ({"least": 0}, "0.00", None),
                                 ({"least": 100}, "0.99", b"at least 1.00"), ({"least": 100, "most": 4000}, "40.01", b"from 1.00 to 40.00")):
        assert lint(lambda t, f: f["20"].update(limits)).returncode == 0
        done = taxcert("check", "--allow-test-ids", write(folder, "m.json", payroll([{**ALONE[0], "values": {**ALONE[0]["values"], "20": amount}}])))
        assert b"92233720" not in done.stderr and (b"/values/20) [value-not-allowed]" in done.stderr) == (said is not None), done.stderr
        assert said is None or any(said in line for line in done.stderr.splitlines() if b"[value-not-allowed]" in line), (said, done.stderr)
    ENV["TAXCERT_TEMPLATES"] = before


CHECKS = [check_handles, check_double_ids, check_late, check_amounts, check_letters, check_paths, check_inside, check_given_out, check_long_chain, check_state,
          check_changed_input, check_texts, check_keys, check_command_line, check_same_workbook, check_forms]
MANY_STARTS = (check_paths, check_inside, check_given_out, check_long_chain)  # about names and places
only = sys.argv[3:]
failed = []
for check in CHECKS:
    if only and check.__name__ not in only:
        continue
    with tempfile.TemporaryDirectory() as work:
        start = time.time()
        program = quick if check in MANY_STARTS else sanitized
        try:
            check(work)
        except Exception as error:
            if not only and not os.environ.get("KEEP_GOING"):
                raise
            failed.append(check.__name__)
            print(f"{check.__name__}: {type(error).__name__}: {str(error)[:300]}")
        if os.environ.get("KEEP_GOING"):
            print(f"{check.__name__}: {time.time() - start:.1f} s")
print(f"reading: {len(CHECKS)} kinds, {len(failed)} failed")
sys.exit(1 if failed else 0)
