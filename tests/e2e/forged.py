"""A ledger made by an enemy, who has sealed the run again so that list of hashes and event log agree with it: no command hangs, follows it out of
the run, sends its control characters to a terminal, or shows what is not proved. Usage: forged.py TAXCERT SOURCE_DIR"""
import hashlib
import json
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

program, source = (os.path.abspath(word) for word in sys.argv[1:3])
sys.path.insert(0, os.path.join(source, "tests/lib"))
import pages
bank = os.path.join(source, "samples/bank")
TEMPLATES = ["--templates", os.path.join(source, "templates")]
payroll, employees = (json.load(open(os.path.join(bank, name + ".json"))) for name in ("payroll", "employees"))
few = {**payroll, "declarations": [], "certificates": payroll["certificates"][:3]}
number, handle = (few["certificates"][0][key] for key in ("personnel_number", "id"))
people = {**employees, "employees": [e for e in employees["employees"] if e["personnel_number"] in {c["personnel_number"] for c in few["certificates"]}]}
LIMIT = 4  # seconds, of a machine that does other things
random.seed(16)


def seal(run, all_hashes=True, kind=2):
    """The list of hashes and the event log as the run would have had them with the ledger that is there; the list of its pages too, unless the
    enemy knows nothing of it."""
    root = pages.make(run, kind) if all_hashes else None
    path, log = os.path.join(run, "SHA256SUMS"), os.path.join(run, "events.log")
    text = open(path).read()
    for name in ("ledger.db", "ledger.hashes"):
        text = re.sub(r"(?m)^[0-9a-f]{64}(?=  " + re.escape(name) + "$)", hashlib.sha256(open(os.path.join(run, name), "rb").read()).hexdigest(), text)
    open(path, "w").write(text)
    event = json.loads(open(log).readline())
    event["sums"] = hashlib.sha256(text.encode()).hexdigest()
    event["ledger"] = root or event["ledger"]
    open(log, "w").write(json.dumps(event, separators=(",", ":")) + "\n")


with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as work:
    at = lambda *names: os.path.join(work, *names)
    json.dump(few, open(at("payroll.json"), "w"))
    json.dump(people, open(at("employees.json"), "w"))
    secret = at("certificates")  # beside the run, where a ledger must not lead
    os.makedirs(os.path.join(secret, "ab"))
    open(os.path.join(secret, "ab/x.pdf"), "w").write("secret")
    made = subprocess.run([program, "generate", "--allow-test-ids", *TEMPLATES, "-e", at("employees.json"), at("payroll.json"), "-o", at("run")], capture_output=True)
    assert made.returncode == 0, made.stderr
    original = {name: open(at("run", name), "rb").read() for name in ("ledger.db", "ledger.hashes", "SHA256SUMS", "events.log")}

    def restore():
        for name, data in original.items():
            open(at("run", name), "wb").write(data)

    COMMANDS = {"verify": ["verify", at("run")], "reprint": ["reprint", at("run"), handle, "-o", at("out.pdf")], "explain": ["explain", at("run"), handle],
                "explain --json": ["explain", "--json", at("run"), handle], "find": ["find", at("run"), number], "find --json": ["find", "--json", at("run"), number],
                "summary": ["summary", at("run"), "-o", at("out.xlsx")], "correct": ["correct", "--allow-test-ids", *TEMPLATES, "-e", at("employees.json"), at("run"), at("payroll.json")]}

    def call(what, name):
        began = time.monotonic()
        done = subprocess.run([program, *COMMANDS[name]], capture_output=True, timeout=60)
        assert time.monotonic() - began < LIMIT, (what, name, time.monotonic() - began)
        assert b"Sanitizer" not in done.stderr and b"runtime error" not in done.stderr, (what, name, done.stderr[-3000:])
        assert done.returncode in range(5), (what, name, done.returncode)
        for text in (done.stdout, done.stderr):
            assert not re.search(rb"[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|secret", text), (what, name, text)
        return done

    # ---- what is not proved is not shown: the ledger or the form changed, the seal as it was
    for file, change in (("ledger.db", b"UPDATE"), ("form/summary.json", b" "), ("form/rules.json", b" ")):
        data = open(at("run", file), "rb").read()
        if file == "ledger.db":
            with sqlite3.connect(at("run", file)) as ledger:
                ledger.execute("UPDATE certificate SET record = replace(record, '\"3\":\"', '\"3\":\"1')")
            ledger.close()
        else:
            open(at("run", file), "ab").write(change)
        for name in ("explain", "explain --json", "find", "find --json", "summary", "correct"):
            done = call(file, name)
            assert done.returncode == 4 and not done.stdout, (file, name, done)
        open(at("run", file), "wb").write(data)
    # The same of a row alone, with hashes and log made to fit but for the pages'; of the pages' hashes; of pages less and more.
    def change_row():
        with sqlite3.connect(at("run/ledger.db")) as ledger:
            ledger.execute("UPDATE certificate SET record = replace(record, '\"3\":\"', '\"3\":\"1') WHERE id = ?", (handle,))
        ledger.close()
        seal(at("run"), all_hashes=False)

    def change(file, act):
        data = open(at("run", file), "rb").read()
        open(at("run", file), "wb").write(act(data))

    for what, act in (("a row", change_row), ("a page's hash", lambda: change("ledger.hashes", lambda d: bytes([d[0] ^ 1]) + d[1:])),
                      ("a block's hash", lambda: change("ledger.hashes", lambda d: d[:-1] + bytes([d[-1] ^ 1]))),
                      ("a hash less", lambda: change("ledger.hashes", lambda d: d[32:])), ("no hashes", lambda: os.remove(at("run/ledger.hashes"))),
                      ("a page less", lambda: change("ledger.db", lambda d: d[:-16384])), ("a page more", lambda: change("ledger.db", lambda d: d + bytes(16384))),
                      ("a byte more", lambda: change("ledger.db", lambda d: d + b"x"))):
        act()
        for name in ("reprint", "explain", "find", "summary", "correct"):
            done = call(what, name)
            assert done.returncode == 4 and not done.stdout and not os.path.exists(at("out.pdf")), (what, name, done)
        assert call(what, "verify").returncode in (1, 4), what
        restore()
    change("ledger.hashes", lambda d: bytes([d[0] ^ 1]) + d[1:])
    seal(at("run"), all_hashes=False)
    assert b"ledger-pages" in call("a list made to fit, but for its root", "verify").stdout
    restore()
    # The first lists had a hash of each page alone: they prove as much.
    seal(at("run"), kind=1)
    for name in COMMANDS:
        assert call("first list", name).returncode in (0, 1, 3), name
    os.remove(at("out.pdf"))
    change_row()
    for name in ("reprint", "explain", "find", "summary", "correct"):
        assert call("first list, a row", name).returncode == 4, name
    assert b"ledger-pages" in call("first list, a row", "verify").stdout
    restore()
    # A run of an earlier version has no such hashes: its whole ledger is hashed.
    event = json.loads(open(at("run/events.log")).readline())
    del event["ledger"]
    open(at("run/events.log"), "w").write(json.dumps(event, separators=(",", ":")) + "\n")
    assert all(call("earlier version", name).returncode in (0, 1, 3) for name in COMMANDS if name != "verify")
    os.remove(at("out.pdf"))
    with sqlite3.connect(at("run/ledger.db")) as ledger:
        ledger.execute("UPDATE certificate SET late = 1 WHERE id = ?", (handle,))
    ledger.close()
    assert all(call("earlier version", name).returncode == 4 for name in COMMANDS if name != "verify")
    restore()
    for name in COMMANDS:
        if os.path.exists(at("out.pdf")):
            os.remove(at("out.pdf"))
        assert call("nothing", name).returncode in (0, 1, 3), name
    restore()

    # ---- sealed again: SQL, and the commands that must refuse it ("*": all that read it)
    ESC = "char(27)||'[2J'"
    WITH = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT"
    FORGERIES = [
        ("digits", "UPDATE run SET value = '99999999999' WHERE key = 'digits'", ["verify"]),
        ("digits are no number", "UPDATE run SET value = '2x' WHERE key = 'digits'", ["verify"]),
        ("negative digits", "UPDATE run SET value = '-1' WHERE key = 'digits'", ["verify"]),
        ("a total", "UPDATE run SET value = '99999999999999999999' WHERE key LIKE 'total %'", ["verify"]),
        ("people", "UPDATE run SET value = '9223372036854775807' WHERE key LIKE 'unreadable%'", ["summary"]),
        ("a view", f"DROP TABLE words; CREATE VIEW words AS {WITH} i AS place, '{number}' AS words FROM n", "*"),
        ("a view without end", f"DROP TABLE person; CREATE VIEW person AS {WITH} i AS place, 'x' AS personnel_number, '' AS reason FROM n", "*"),
        ("a trigger", "CREATE TRIGGER t AFTER INSERT ON run BEGIN DELETE FROM run; END", "*"),
        ("another table", "CREATE TABLE more (x)", "*"),
        ("another index", "CREATE INDEX more ON certificate (record)", "*"),
        ("a generated column", "ALTER TABLE person ADD COLUMN x GENERATED ALWAYS AS (reason || reason)", "*"),
        ("a table less", "DROP TABLE certificate", "*"),
        ("an id", f"UPDATE certificate SET id = id || {ESC}", "*"),
        ("a number", f"UPDATE certificate SET personnel_number = {ESC}", "*"),
        ("a number of nobody", f"INSERT INTO person VALUES (99, {ESC}, 'x', NULL)", ["summary"]),
        ("a reason of nobody", f"INSERT INTO person VALUES (99, '4711', {ESC}, NULL)", []),
        ("a file", f"UPDATE certificate SET file = {ESC}", ["reprint"]),
        ("a file with an end", "UPDATE certificate SET file = {0} || file".format(ESC), ["reprint"]),
        ("a file above", "UPDATE certificate SET file = '../certificates/ab/x.pdf'", ["reprint"]),
        ("a file from the root", f"UPDATE certificate SET file = '{secret}/ab/x.pdf', sha256 = x'{hashlib.sha256(b'secret').hexdigest()}'", ["reprint"]),
        ("a file by steps", f"UPDATE certificate SET file = 'certificates/../../certificates/ab/x.pdf', sha256 = x'{hashlib.sha256(b'secret').hexdigest()}'", ["reprint"]),
        ("no UTF-8", "UPDATE certificate SET record = cast(x'7b22ff227d0a' AS TEXT)", "*"),
        ("half a character", "UPDATE certificate SET record = cast(x'e2' AS TEXT)", "*"),
        ("a zero", "UPDATE certificate SET record = record || char(0) || 'x'", "*"),
        ("bytes", "UPDATE certificate SET record = cast(record AS BLOB)", "*"),
        ("a number for a record", "UPDATE certificate SET record = 7", ["explain", "summary"]),
        ("no JSON", "UPDATE certificate SET record = '{'", ["explain", "summary"]),
        ("deep JSON", "UPDATE certificate SET record = replace(hex(zeroblob(100000)), '0', '[')", ["explain", "summary"]),
        ("control characters in a record", "UPDATE certificate SET record = replace(record, '\"fields\":{', '\"fields\":{\"name\":\"\\u001b[2J\",')", []),
        ("a large record", "UPDATE certificate SET record = hex(zeroblob(20000000)) WHERE number = 0", []),
        ("a hash", "UPDATE certificate SET sha256 = x'00'", "*"),
        ("a state", "UPDATE certificate SET state = 'nonsense'", []),
        ("numbers", "UPDATE certificate SET size = -1, corrects = 9223372036854775807, late = -5", []),
        ("an earlier run", f"INSERT INTO earlier VALUES (1, '.', 'x', 'y'), (2, '..', 'x', 'y'), (3, '/', {ESC}, 'y')", []),
        ("findings", f"INSERT INTO finding VALUES (99, 0, NULL, NULL, {ESC}, {ESC}, {ESC}, {ESC}, {ESC}, {ESC}, {ESC}, {ESC}, {ESC})", []),
        ("corrections", f"INSERT INTO correction VALUES (99, {ESC}, 'a', 'b', {ESC}, {ESC}, '{{', '{{', NULL)", []),
    ]
    READS = ["reprint", "explain", "find", "summary"]
    for what, sql, refuse in FORGERIES:
        with sqlite3.connect(at("run/ledger.db")) as ledger:
            ledger.executescript(sql)
        ledger.close()
        seal(at("run"))
        some = {"verify", random.choice(list(COMMANDS)), *(READS if refuse == "*" else refuse)}
        for name in COMMANDS:
            if name not in some:
                continue
            for left in ("out.pdf", "out.xlsx"):
                if os.path.exists(at(left)):
                    os.remove(at(left))
            code = call(what, name).returncode
            if name == "verify":
                assert code in (1, 4) or what in ("a reason of nobody", "findings", "corrections", "people", "a number of nobody", "numbers"), (what, code)
            elif name in refuse or (refuse == "*" and name in READS):
                assert code in (1, 2, 3, 4), (what, name, code)
            assert not os.path.exists(at("out.pdf")) or b"secret" not in open(at("out.pdf"), "rb").read(), what
        restore()

    # ---- bytes at random places, pages that lead in circles
    count = len(original["ledger.db"]) // 16384
    for i in range(60):
        data = bytearray(original["ledger.db"])
        for _ in range(random.choice((1, 8, 64))):
            place = random.choice((random.randrange(len(data)), random.randrange(100), 16384 * random.randrange(count) + random.randrange(40)))
            data[place] = random.randrange(count + 1) if i % 2 else random.randrange(256)
        open(at("run/ledger.db"), "wb").write(data)
        seal(at("run"))
        for name in random.sample(list(COMMANDS), 2):
            call(f"bytes {i}", name)
        restore()

    # ---- planted files and folders are named
    os.makedirs(at("run/certificates/empty"))
    os.makedirs(at("run/more/deep"))
    open(at("run/form/planted\x1b.json"), "w").close()
    said = call("planted", "verify")
    for name in (b"certificates/empty", b"more: ", b"form/planted?.json"):
        assert name in said.stdout, (name, said)
    assert said.returncode == 1
print(f"forged: {len(FORGERIES)} forgeries and 60 broken files, {len(COMMANDS)} commands")
