"""Hostile and broken input: each has its outcome, nobody is lost, and no value of the input comes out anywhere.
Usage: hostile.py TAXCERT SOURCE_DIR"""
import copy
import glob
import json
import os
import sqlite3
import subprocess
import sys
import tempfile

program, source = sys.argv[1:3]
bank = os.path.join(source, "samples/bank")
payroll, employees = (json.load(open(os.path.join(bank, n + ".json"))) for n in ("payroll", "employees"))
CANARY = "Canary4711"
good = payroll["certificates"][:3]
numbers = {c["personnel_number"] for c in good}
people = [e for e in employees["employees"] if e["personnel_number"] in numbers]
base = {**payroll, "certificates": good, "employees": people}
SANITIZER = ("AddressSanitizer", "runtime error", "LeakSanitizer")


def run(data, *options, out="run"):
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as folder:
        path = os.path.join(folder, "payroll.json")
        open(path, "wb").write(data if isinstance(data, bytes) else json.dumps(data, ensure_ascii=False).encode("utf-8", "surrogatepass"))
        done = subprocess.run([program, "generate", "--allow-test-ids", "--templates", os.path.join(source, "templates"), path, "-o",
                               os.path.join(folder, out), *options], capture_output=True)
        said = (done.stdout + done.stderr).decode("utf-8", "replace")
        assert not any(word in said for word in SANITIZER), said[-3000:]
        assert CANARY not in said, said
        names = [os.path.relpath(f, folder) for f in glob.glob(os.path.join(folder, "**"), recursive=True)]
        assert not any(CANARY in name for name in names), names
        counts = rules = texts = None
        run_folder = os.path.join(folder, out)
        assert (done.returncode in (0, 1)) == os.path.exists(run_folder), (done.returncode, said)
        if os.path.exists(run_folder):
            assert CANARY not in open(os.path.join(run_folder, "events.log")).read()
            ledger = sqlite3.connect(os.path.join(run_folder, "ledger.db"))
            counts = dict(ledger.execute("SELECT state, count(*) FROM certificate GROUP BY state"))
            rules = [r[0] for r in ledger.execute("SELECT rule FROM finding WHERE severity = 'error'")]
            assert subprocess.run([program, "verify", run_folder], capture_output=True).returncode == 0
            texts = [subprocess.run(["pdftotext", "-raw", f, "-"], capture_output=True).stdout.decode() for f in
                     glob.glob(os.path.join(run_folder, "certificates/*/*.pdf"))]
        else:
            assert os.listdir(folder) == ["payroll.json"] or "partial" in "".join(os.listdir(folder)), os.listdir(folder)
        return done.returncode, said, counts, rules, texts


def text(**change):
    return json.dumps({**base, **change}, ensure_ascii=False)


# ---- the file as a whole: a fatal error that names line and column
whole = text()
FATAL = [
    ("empty file", b""), ("blanks only", b"  \n "), ("UTF-16", whole.encode("utf-16")), ("truncated", whole[:-200].encode()),
    ("trailing garbage", whole.encode() + b" x"), ("two documents", whole.encode() + whole.encode()),
    ("an array", b"[]"), ("NUL between", whole.replace(",", ",\0", 1).encode()),
    ("head is no object", b"17"), ("certificates is an object", text(certificates={}).encode()),
    ("unclosed string", whole[:300].encode()),
    ("a top-level key twice", (whole[:-1] + ', "issued": "2026-01-28"}').encode()),
]
for name, data in FATAL:
    code, said, *_ = run(data)
    assert code == 3, (name, code, said)
    assert "payroll.json" in said, (name, said)
code, said, *_ = run(b"\xef\xbb\xbf" + whole.encode())
assert code in (0, 3), ("byte order mark", code, said)

# ---- one record: that certificate is withheld, the others are issued
RAW = "@@RAW@@"


def broken(replacement):
    """The first certificate with bytes put in as they are, in place of its establishment."""
    certificates = copy.deepcopy(good)
    certificates[0]["establishment"] = RAW
    return text(certificates=certificates).encode().replace(json.dumps(RAW).encode(), replacement)


RECORD = [
    ("duplicate key", b'"FFM", "establishment": "FFM"'), ("invalid UTF-8", b'"F\xff\xfeM"'), ("overlong UTF-8", b'"\xc0\xafFM"'),
    ("surrogate in UTF-8", b'"\xed\xa0\x80"'), ("lone surrogate escape", b'"\\ud800"'), ("NUL escape", b'"F\\u0000M"'),
    ("control character", b'"F\x01M"'), ("a number", b"1e400"), ("a huge integer", b"9" * 400), ("minus zero", b"-0"),
    ("deep nesting", b"[" * 1500 + b"]" * 1500), ("wrong type", b"{}"), ("10 MB string", b'"' + b"x" * 10_000_000 + b'"'),
]
for name, raw in RECORD:
    code, said, counts, rules, _ = run(broken(raw))
    if code == 3:  # the file cannot be divided into records: the place is said
        assert "line" in said and name in ("invalid UTF-8", "control character", "overlong UTF-8", "surrogate in UTF-8", "deep nesting"), (name, said)
        continue
    assert (code, counts) == (1, {"issued": 2, "withheld": 1}) and rules, (name, code, counts, said)
code, said, *_ = run(broken(b"[" * 100_000 + b"]" * 100_000))
assert code in (1, 3), ("very deep nesting", code)

# ---- every value in turn is of another type, or a canary: nothing leaks, nobody is lost
OTHERS = [None, True, 17, -0.0, 1e300, "", CANARY, "=" + CANARY, [CANARY], {CANARY: CANARY}, CANARY * 300, "\u202e" + CANARY, "A\u0000" + CANARY]


def places(value, path=()):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, path + (key,))
    elif isinstance(value, list):
        for i, inner in enumerate(value[:1]):
            yield from places(inner, path + (i,))
    yield path


def put(value, path, new):
    if not path:
        return new
    result = copy.copy(value)
    result[path[0]] = put(value[path[0]], path[1:], new)
    return result


entry = next(c for c in payroll["certificates"] if c.get("entries"))
owner = next(e for e in employees["employees"] if e["personnel_number"] == entry["personnel_number"])
small = {**base, "certificates": [entry, good[0]], "employees": [owner, *(p for p in people if p is not owner)]}
tried = 0
for path in places(small):
    if path[:1] == ("declarations",) or len(path) == 0:
        continue
    # The canary in every field, and one other kind of value.
    for new in (CANARY, OTHERS[tried % len(OTHERS)]):
        if path[-1] in ("id", "personnel_number") and isinstance(new, str) and new == CANARY:
            new = [CANARY]  # handles may be told
        tried += 1
        code, said, counts, rules, _ = run(put(small, path, new), *(["--json"] if tried % 2 else []))
        assert code in (0, 1, 2, 3), (path, code, said)
        if counts:
            assert sum(counts.values()) == 2, (path, counts)
            assert (counts.get("withheld", 0) > 0) == bool(rules), (path, counts, rules)
# ---- every failing sample with the canary in every text of its employee but the handle
rejects = json.load(open(os.path.join(source, "samples/rejects/payroll.json")))
for person in rejects["employees"]:
    if isinstance(person.get("name"), dict):
        person["name"] = {**person["name"], "last": (str(person["name"].get("last", "")) + CANARY)[:200], CANARY: CANARY}
    if isinstance(person.get("address"), dict):
        person["address"] = {**person["address"], "street": person["address"].get("street", "") + CANARY, "additional": CANARY}
for certificate in rejects["certificates"]:
    certificate["x_" + CANARY] = CANARY
    certificate[CANARY] = CANARY
for options in ((), ("--json",)):
    code, said, counts, rules, _ = run(rejects, *options)
    assert code == 1 and sum(counts.values()) == len(rejects["certificates"]), (code, counts)
for key in ("certificates", "employees", "establishments"):  # keys are values too
    changed = copy.deepcopy(small)
    changed[key][0][CANARY] = CANARY
    code, said, counts, *_ = run(changed)
    assert code == 0 and "unknown-key" in said, (key, said)

# ---- names that a spreadsheet or a terminal would take for more than names
for name in ("=HYPERLINK(1)", "+49", "@x", "-1", "47*"):
    changed = copy.deepcopy(base)
    changed["employees"][0]["name"]["last"] = name
    code, said, counts, _, texts = run(changed)
    assert code == 0 and any(name in t for t in texts), (name, said)
for name in ("\u202eevil", "a\u200fb", "a\u0007b", "\u2066x"):
    changed = copy.deepcopy(base)
    changed["employees"][0]["name"]["last"] = name
    code, said, counts, rules, _ = run(changed)
    assert counts == {"issued": 2, "withheld": 1}, (ascii(name), counts, rules)

# ---- handles that would leave the folder, or be the same file elsewhere
for handle in ("../../x", "/etc/x", ".", "..", "a/b", "a b", "x" * 33, "ü"):
    changed = copy.deepcopy(base)
    changed["certificates"][0]["id"] = handle
    code, said, counts, *_ = run(changed)
    assert code == 1 and counts == {"issued": 2, "withheld": 1} or handle in (".", "..") and code == 0, (handle, code, counts)

# ---- one person under two numbers is found however the tax id is written, and wherever its key stands besides
tax_id = people[0]["tax_id"]
escaped = "".join(f"\\u{ord(c):04x}" for c in tax_id)
for other in ('"tax_id": "%s"' % escaped, '"x_old": {"tax_id": "1"}, "tax_id": "%s"' % tax_id):
    twin = json.dumps({**people[1], "tax_id": RAW}).replace('"tax_id": "%s"' % RAW, other)
    data = json.dumps({**base, "employees": [people[0], RAW, *people[2:]]}).replace(f'"{RAW}"', twin)
    code, said, counts, *_ = run(data.encode())
    assert code == 0 and said.count("[several-personnel-numbers]") == 2, (other, said)

# ---- ten thousand findings
many = {**base, "certificates": [{**good[0], "id": f"C{i}", "period": {"from": "2024-01-01", "to": "2024-12-31"}} for i in range(10_000)]}
code, said, counts, rules, _ = run(many, "--max-findings", "10")
assert code == 1 and counts == {"withheld": 10_000} and len(rules) >= 10_000 and "findings shown 10 of" in said
print("hostile:", len(FATAL) + len(RECORD) + tried, "cases")
