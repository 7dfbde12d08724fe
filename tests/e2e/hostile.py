"""Hostile and broken input: each has its outcome, nobody is lost, and no value of the input comes out anywhere.
Usage: hostile.py TAXCERT SOURCE_DIR"""
import concurrent.futures
import copy
import glob
import json
import os
import re
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import zipfile

program, source = sys.argv[1:3]
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(source, "samples"))
from make_bank import idnr_test

bank = os.path.join(source, "samples/bank")
payroll, employees = (json.load(open(os.path.join(bank, n + ".json"))) for n in ("payroll", "employees"))
CANARY = "Canary4711"
# Values of every type, as they would come out: as they stand, in German, without their point, as a total.
NEEDLES = ["Canary", "47114711", "47.114.711", "4711.47", "4711,47", "4.711,47", "1947-11-14", "14.11.1947", "19471114"]
FINDINGS = "Fehler und Hinweise"  # the workbook's only sheet whose texts are not the input's
good = payroll["certificates"][:3]
numbers = {c["personnel_number"] for c in good}
people = [e for e in employees["employees"] if e["personnel_number"] in numbers]
base = {**payroll, "certificates": good, "employees": people}
sys.path.insert(0, os.path.join(source, "tests/lib"))
from builds import release  # noqa: E402

quick = release(program, source)  # for what was tried with sanitizers before, in other words
SANITIZER = ("AddressSanitizer", "runtime error", "LeakSanitizer")
SHM = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
start = time.time()


def leaked(data):
    """The needles in the bytes."""
    return [n for n in NEEDLES if n.encode() in data]


def look_through(folder, run_folder):
    """No value in a file name, a log, or where findings are kept."""
    assert not os.listdir(os.path.join(folder, "tmp")), "a temporary file is left"
    for path in glob.glob(os.path.join(folder, "**"), recursive=True):
        assert not leaked(os.path.relpath(path, folder).encode()), path
    if not os.path.exists(run_folder):
        assert set(os.listdir(folder)) <= {"payroll.json", "tmp", os.path.basename(run_folder) + ".partial"}, os.listdir(folder)
        return
    for path in (*glob.glob(os.path.join(run_folder, "form/*.json")), *(os.path.join(run_folder, n) for n in ("events.log", "SHA256SUMS"))):
        assert not leaked(open(path, "rb").read()), (path, leaked(open(path, "rb").read()))
    with sqlite3.connect(os.path.join(run_folder, "ledger.db")) as ledger:
        for row in ledger.execute("SELECT * FROM finding"):
            assert not leaked(repr(row).encode()), row
    with zipfile.ZipFile(os.path.join(run_folder, "summary.xlsx")) as book:
        sheets = re.findall(r'<sheet name="([^"]*)"', book.read("xl/workbook.xml").decode())
        findings = f"xl/worksheets/sheet{sheets.index(FINDINGS) + 1}.xml"
        for name in book.namelist():  # the other sheets show people's values, as they should; the employer stands on every page
            text = re.sub(rb"<(headerFooter|Company)>.*?</\1>", b"", book.read(name))
            assert name != findings and name.startswith("xl/worksheets/") or not leaked(text), (name, leaked(text))


def run(data, *options, command="generate", verify=True, texts=False, interrupt=None, limit=None, by=program):
    """Code, what was said, counts by state, rules of errors, texts of the PDFs. interrupt: a path below the folder on whose
    appearance the run is interrupted; limit: of every file's size."""
    with tempfile.TemporaryDirectory(dir=SHM) as folder:
        path, run_folder = os.path.join(folder, "payroll.json"), os.path.join(folder, "run")
        open(path, "wb").write(data if isinstance(data, bytes) else json.dumps(data, ensure_ascii=False).encode("utf-8", "surrogatepass"))
        os.mkdir(os.path.join(folder, "tmp"))
        process = subprocess.Popen([by, command, "--allow-test-ids", "--templates", os.path.join(source, "templates"), path,
                                    *(["-o", run_folder] if command == "generate" else []), *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env={**os.environ, "TMPDIR": os.path.join(folder, "tmp")},
                                   preexec_fn=limit and (lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))))
        while interrupt and process.poll() is None and not glob.glob(os.path.join(folder, interrupt)):
            pass
        if interrupt:
            process.send_signal(signal.SIGINT)
        said = b"".join(process.communicate()).decode("utf-8", "replace")
        code = process.returncode
        assert not any(word in said for word in SANITIZER), said[-3000:]
        assert not leaked(said.encode()), [line for line in said.splitlines() if leaked(line.encode())]
        assert (code in (0, 1) and command == "generate") == os.path.exists(run_folder), (code, said)
        look_through(folder, run_folder)
        if not os.path.exists(run_folder):
            return code, said, None, None, None
        ledger = sqlite3.connect(os.path.join(run_folder, "ledger.db"))
        counts = dict(ledger.execute("SELECT state, count(*) FROM certificate GROUP BY state"))
        rules = [r[0] for r in ledger.execute("SELECT rule FROM finding WHERE severity = 'error'")]
        # Withheld are those with an error, nobody else.
        assert ledger.execute("SELECT count(*) FROM certificate c WHERE (state = 'held') <> EXISTS"
                              " (SELECT * FROM finding f WHERE f.number = c.number AND severity = 'error')").fetchone() == (0,)
        if verify:
            assert subprocess.run([program, "verify", "--sample", "3", run_folder], capture_output=True).returncode == 0
        printed = [subprocess.run(["pdftotext", "-raw", f, "-"], capture_output=True).stdout.decode() for f in
                   glob.glob(os.path.join(run_folder, "certificates/*/*.pdf"))] if texts else None
        return code, said, counts, rules, printed


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
    ("a top-level key twice", (whole[:-1] + ', "issue_date": "2026-01-28"}').encode()),
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
    assert (code, counts) == (1, {"issued": 2, "held": 1}) and rules, (name, code, counts, said)
code, said, *_ = run(broken(b"[" * 100_000 + b"]" * 100_000))
assert code in (1, 3), ("very deep nesting", code)

# ---- every value in turn is of another type, or a canary: nothing leaks, nobody is lost
OTHERS = [None, True, 17, -0.0, 1e300, "", CANARY, "=" + CANARY, [CANARY], {CANARY: CANARY}, CANARY * 300, "\u202e" + CANARY, "A\u0000" + CANARY]
HANDLES = ("id", "personnel_number")  # they may be told, unless they are none


def places(value, path=(), rows=1):
    """The paths of all values, the whole one's last; of lists so many items."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, path + (key,), rows)
    elif isinstance(value, list):
        for i, inner in enumerate(value[:rows]):
            yield from places(inner, path + (i,), rows)
    yield path


def at(value, path):
    for step in path:
        value = value[step]
    return value


def put(value, path, new):
    if not path:
        return new
    result = copy.copy(value)
    result[path[0]] = put(value[path[0]], path[1:], new)
    return result


def rename(value, path):
    """The key at the path's end becomes a canary."""
    parent = at(value, path[:-1])
    return put(value, path[:-1], {CANARY if key == path[-1] else key: inner for key, inner in parent.items()})


def fitting(old, key):
    """Canaries of the value's type, and one that is only nearly so."""
    if key in HANDLES:
        return [CANARY + " "]  # a blank: no handle
    if isinstance(old, bool) or not isinstance(old, (str, int, float)):
        return [CANARY]
    if not isinstance(old, str):
        return [4711.47, 47114711] if isinstance(old, float) else [47114711]
    if re.fullmatch(r"\d{4}-\d\d-\d\d", old):
        return ["1947-11-14", "14.11.1947"]
    return ["47114711.47", "4711,47"] if re.fullmatch(r"-?\d+\.\d+", old) else [CANARY]


class Batch:
    """Variants of a few people, all in one file, each with handles and tax ids of its own."""
    def __init__(self):
        self.certificates, self.employees, self.count = [], [], 0

    def add(self, group, change=lambda group: group):
        self.count += 1
        fresh, ids = copy.deepcopy(group), {}
        for c in fresh["certificates"]:
            c["id"] += f"-{self.count}"
        for record in fresh["certificates"] + fresh["employees"]:
            record["personnel_number"] += f"-{self.count}"
        for e in fresh["employees"]:
            if e.get("tax_id") in VALID:
                e["tax_id"] = ids.setdefault(e["tax_id"], idnr_test(10_000 + len(ids) + 3 * self.count))
        fresh = change(fresh)
        self.certificates += fresh["certificates"]
        self.employees += fresh["employees"]

    def run(self, head, *options, **more):
        """The rules that spoke."""
        code, said, counts, *_ = run({**head, "certificates": self.certificates, "employees": self.employees},
                                     "--max-findings", "1000000", *options, **more)
        assert code == 1 and (not counts or sum(counts.values()) == len(self.certificates)), (code, counts, len(self.certificates))
        return [a or b for a, b in re.findall(r'\[([a-z0-9-]+)\]: |"rule":"([a-z0-9-]+)"', said)]


entry = next(c for c in payroll["certificates"] if c.get("entries"))
owner = next(e for e in employees["employees"] if e["personnel_number"] == entry["personnel_number"])
rejects = json.load(open(os.path.join(source, "samples/rejects/payroll.json")))
VALID = {e["tax_id"] for e in employees["employees"]} | {idnr_test(9000 + n) for n in range(len(rejects["employees"]))}
typed = Batch()
for group in ({"certificates": [entry], "employees": [owner]}, {"certificates": good[:1], "employees": people[:1]}):
    for path in places(group):
        if len(path) < 2:
            continue
        for new in OTHERS:
            if path[-1] not in HANDLES or new != CANARY:
                typed.add(group, lambda g: put(g, path, new))
small = {**base, "certificates": [entry, good[0]], "employees": [owner, *(p for p in people if p is not owner)]}
small["wage_types"] = {name: payroll["wage_types"][name] for name in sorted({e["wage_type"] for e in entry["entries"]})}
heads = [path for path in places({k: v for k, v in small.items() if k not in ("certificates", "employees", "declarations")})
         if path and (path[0] != "wage_types" or len(path) == 1 or path[1] == entry["entries"][0]["wage_type"])]


def try_head(number):
    path = heads[number]
    for new in (CANARY, OTHERS[number % len(OTHERS)]):
        if path[-1] in HANDLES and new == CANARY:
            new = [CANARY]
        code, said, counts, rules, _ = run(put(small, path, new), *(["--json"] if number % 2 else []), verify=False, by=quick if new == CANARY else program)
        assert code in (0, 1, 2, 3), (path, code, said)
        assert not counts or sum(counts.values()) == 2, (path, counts)


# ---- every failing sample with a canary in each of its fields and keys, one after the other, those it fails by among them
def groups_of(data):
    """Certificates and employees that belong together: a handle or a tax id in common."""
    left = [{"certificates": [c], "employees": [e for e in data["employees"] if e["personnel_number"] == c["personnel_number"]]}
            for c in data["certificates"]]
    groups = {}
    tax_ids = {c["personnel_number"]: g["employees"][0].get("tax_id") for g in left for c in g["certificates"] if g["employees"]}
    for g in left:
        c = g["certificates"][0]
        keys = {c["id"].lower(), c["personnel_number"], tax_ids.get(c["personnel_number"]) or c["id"]}
        known = next((k for k in groups if k & keys), frozenset())
        merged = groups.pop(known, {"certificates": [], "employees": []})
        merged["certificates"] += g["certificates"]
        merged["employees"] += [e for e in g["employees"] if e not in merged["employees"]]
        groups[frozenset(known | keys)] = merged
    return list(groups.values())


fields, keys, wanted = Batch(), Batch(), set()
for group in groups_of(rejects):
    for c in group["certificates"]:
        also = c.pop("x_warn", None)
        wanted |= {c.pop("x_expect"), *(also if isinstance(also, list) else [also])} - {None}
        c.pop("x_why")
    for path in places(group, rows=9):
        if len(path) < 3:
            continue
        old = at(group, path)
        if not isinstance(old, (dict, list)):
            for new in fitting(old, path[-1]):
                fields.add(group, lambda g: put(g, path, new))
        if isinstance(path[-1], str):
            keys.add(group, lambda g: rename(g, path))


def try_failing(batch, *options, **more):
    told = batch.run(rejects, *options, **more)
    assert all(told.count(rule) >= 10 for rule in wanted), [rule for rule in wanted if told.count(rule) < 10]


with concurrent.futures.ThreadPoolExecutor(2) as pool:
    jobs = [pool.submit(try_failing, batch, *options, command=command, by=quick if (command == "check") == (batch is fields) else program) for batch, command, options in (
        (fields, "generate", ["--lang", "de"]), (keys, "generate", ["--lang", "en", "--json"]),
        (fields, "check", ["--lang", "en", "--json"]), (keys, "check", ["--lang", "de"]))]
    jobs += [pool.submit(typed.run, small), *(pool.submit(try_head, i) for i in range(len(heads)))]
    for job in jobs:
        job.result()

# ---- however it ends, nothing is left but the input and RUN.partial, which is the run's own
alone = {**rejects, "certificates": fields.certificates, "employees": fields.employees}
assert run(alone, "--max-findings", "0", interrupt="run.partial/certificates/*/*.pdf")[0] in (1, 4)
assert run(alone, limit=100_000)[0] == 4
assert run(json.dumps(alone).encode() + b" x")[0] == 3
assert run({**alone, "form": CANARY.lower()})[0] == 2
for folder in ("/tmp", "/var/tmp"):
    for path in glob.glob(os.path.join(folder, "*")):
        if os.path.isfile(path) and os.path.getmtime(path) >= start:
            assert CANARY.encode() not in open(path, "rb").read(), path

for key in ("certificates", "employees", "establishments"):  # keys are values too
    changed = copy.deepcopy(small)
    changed[key][0][CANARY] = CANARY
    code, said, counts, *_ = run(changed)
    assert code == 0 and "unknown-key" in said, (key, said)

# ---- names that a spreadsheet or a terminal would take for more than names
for name in ("=HYPERLINK(1)", "+49", "@x", "-1", "47*"):
    changed = copy.deepcopy(base)
    changed["employees"][0]["name"]["last"] = name
    code, said, counts, _, texts = run(changed, texts=True)
    assert code == 0 and any(name in t for t in texts), (name, said)
for name, rule in (("M\u0435ier", "text-mixed"), ("Anna\u00a0Maria", "text-blank")):
    changed = copy.deepcopy(base)
    changed["employees"][0]["name"]["last"], changed["certificates"][1]["id"], changed["certificates"][2]["id"] = name, "CON.7", "-7"
    code, said, counts, *_ = run(changed)
    assert code == 0 and f"#/employees/0/name/last) [{rule}]" in said and "/1/id) [id-reserved]" in said and "/2/id) [id-option]" in said, said
for name in ("\u202eevil", "a\u200fb", "a\u0007b", "\u2066x"):
    changed = copy.deepcopy(base)
    changed["employees"][0]["name"]["last"] = name
    code, said, counts, rules, _ = run(changed)
    assert counts == {"issued": 2, "held": 1}, (ascii(name), counts, rules)

# ---- handles that would leave the folder, or be the same file elsewhere
for handle in ("../../x", "/etc/x", ".", "..", "a/b", "a b", "x" * 33, "ü"):
    changed = copy.deepcopy(base)
    changed["certificates"][0]["id"] = handle
    code, said, counts, *_ = run(changed)
    assert code == 1 and counts == {"issued": 2, "held": 1} or handle in (".", "..") and code == 0, (handle, code, counts)

# ---- one person under two numbers is found however the tax id is written, and wherever its key stands besides
tax_id = people[0]["tax_id"]
escaped = "".join(f"\\u{ord(c):04x}" for c in tax_id)
for other in ('"tax_id": "%s"' % escaped, '"x_old": {"tax_id": "1"}, "tax_id": "%s"' % tax_id):
    same = {key: people[0][key] for key in ("birth_date", "name")} # else it would be two people, who are withheld
    twin = json.dumps({**people[1], **same, "tax_id": RAW}).replace('"tax_id": "%s"' % RAW, other)
    data = json.dumps({**base, "employees": [people[0], RAW, *people[2:]]}).replace(f'"{RAW}"', twin)
    code, said, counts, *_ = run(data.encode())
    assert code == 0 and said.count("[several-personnel-numbers]") == 2, (other, said)

# ---- ten thousand findings
many = {**base, "certificates": [{**good[0], "id": f"C{i}", "period": {"from": "2024-01-01", "to": "2024-12-31"}} for i in range(10_000)]}
code, said, counts, rules, _ = run(many, "--max-findings", "10")
assert code == 1 and counts == {"held": 10_000} and len(rules) >= 10_000 and "findings shown 10 of" in said
print("hostile:", len(FATAL) + len(RECORD) + 2 * len(heads), "runs,", typed.count + fields.count + keys.count, "people with a canary each")
