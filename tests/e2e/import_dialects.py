"""taxcert import: a model of people and pay, written out in dialects made by chance of the three shapes, comes back as the model has it;
rows in another order give the same bytes; one thing broken is told at its place, and then nothing is written.
Usage: import_dialects.py TAXCERT SOURCE_DIR [SEEDS]"""
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

program, source = sys.argv[1:3]
seeds = int(sys.argv[3]) if len(sys.argv) > 3 else 14
os.environ["TAXCERT_TEMPLATES"] = os.path.join(source, "templates")
TYPES = {"0100": ("Gehalt", "3"), "/401": ("Lohnsteuer", "4"), "0930": ("RV Arbeitnehmer", "23a"), "4711": ("Prämie", "3")}
NAMES = [("Jörg", "Weiß"), ("Ann-Kathrin", "Öztürk"), ("Michèle", "Müller; geb. Groß"), ("Bo", "Lund"), ("Ute", "da Silva")]
ENCODINGS = {"utf-8": "utf-8", "windows-1252": "cp1252", "iso-8859-15": "iso8859-15", "cp850": "cp850", "utf-16le": "utf-16-le", "iso-8859-1": "latin-1"}


def tax_id(rng):
    digits, rest = [rng.randrange(10) for _ in range(10)], 10
    for d in digits:
        rest = (rest + d) % 10 or 10
        rest = rest * 2 % 11
    return "".join(map(str, digits)) + str((11 - rest) % 10)


def people(rng):
    width = rng.choice([0, 5, 8])
    for i, (first, last) in enumerate(rng.sample(NAMES, rng.randint(2, 5))):
        number = f"{rng.randrange(1, 999) * 10 + i:0{width}d}" if width else f"P-{i}.{rng.randrange(9)}"
        yield {"number": number, "first": first, "last": last, "birth": (rng.randint(1950, 2005), rng.randint(1, 12), rng.randint(1, 28)), "tax_id": tax_id(rng),
               "postcode": f"{rng.randrange(1000, 99999):05d}",
               "pay": {(m, t): rng.randrange(1, 900000) for m in range(1, 13) for t in TYPES if rng.random() < 0.6}}


class Dialect:
    def __init__(self, rng):
        self.encoding = rng.choice(list(ENCODINGS))
        self.separator = rng.choice([";", "\t", "|", ","])
        self.quote = rng.choice(['"', "'", None]) if self.separator == "\t" else rng.choice(['"', "'"])
        self.always = self.quote and rng.random() < 0.5
        self.decimal = rng.choice([",", "."])
        self.grouping = rng.choice([None, "." if self.decimal == "," else ",", " ", "\u00a0"])
        self.minus = rng.choice(["before", "behind"])
        self.dates = rng.choice(["DD.MM.YYYY", "YYYY-MM-DD", "MM/DD/YYYY", "DDMMYYYY", "D.M.YYYY"])
        self.before = [["Auswertung"], [""]] if rng.random() < 0.5 else []
        self.end = rng.choice(["\r\n", "\n"])
        self.last_end = rng.random() < 0.7

    def amount(self, cents):
        whole, rest = divmod(abs(cents), 100)
        text = f"{whole:,}".replace(",", self.grouping or "") + self.decimal + f"{rest:02d}"
        return text if cents >= 0 else "-" + text if self.minus == "before" else text + "-"

    def date(self, year, month, day):
        if self.dates == "D.M.YYYY":
            return f"{day}.{month}.{year}"
        return self.dates.replace("DD", f"{day:02d}").replace("MM", f"{month:02d}").replace("YYYY", str(year))

    def field(self, text):
        if not self.quote:
            return text
        if self.always or any(c in text for c in (self.separator, self.quote, "\n")):
            return self.quote + text.replace(self.quote, self.quote * 2) + self.quote
        return text

    def source(self, header=True, **more):
        made = {"encoding": self.encoding, "separator": self.separator, "quote": self.quote, "decimal": self.decimal, "minus": self.minus, "dates": self.dates, **more}
        if self.grouping:
            made["grouping"] = [self.grouping]
        if header:
            made["header"] = len(self.before) + 1
        return made

    def write(self, path, rows, header=True):
        lines = [self.separator.join(map(self.field, row)) for row in (self.before if header else []) + rows]
        path.write_bytes((self.end.join(lines) + (self.end if self.last_end else "")).encode(ENCODINGS[self.encoding]))


def master(d, persons):
    rows = [["Nr", "Vorname", "Name", "geb", "Id", "PLZ"]] + [[p["number"], p["first"], p["last"], d.date(*p["birth"]), p["tax_id"], p["postcode"]] for p in persons]
    spec = d.source(person="Nr", employee={"name.first": "Vorname", "name.last": "Name", "birth_date": {"column": "geb", "type": "date"},
                                           "tax_id": {"column": "Id", "length": 11, "check": "iso7064"}, "address.postcode": {"column": "PLZ", "length": 5}})
    return rows, spec


TURNED = ["/401", "0930"]


def long(d, persons, rng, changes):
    rows = []
    for p in persons:
        for (m, t), cents in p["pay"].items():
            sign = -1 if t in TURNED else 1
            parts = [(cents, "0")]
            if changes == "add" and rng.random() < 0.3:
                parts = [(cents + 500, "0"), (-500, "0")]
            if changes != "add" and p["again"].get(m):
                parts = [(cents, "1")]
            rows += [[p["number"], f"{m:02d}/2025", t, TYPES[t][0], d.amount(sign * c), change] for c, change in parts]
            if changes != "add" and p["again"].get(m):
                rows.append([p["number"], f"{m:02d}/2025", t, TYPES[t][0], d.amount(sign * (cents + 7)), "0"])
    entries = {"month": {"column": "Periode", "dates": "MM/YYYY"}, "wage_type": "LA", "text": "Text", "amount": "Betrag", "turn": TURNED, "changes": "add" if changes == "add" else {"replace": "Aend"}}
    return ["PNr", "Periode", "LA", "Text", "Betrag", "Aend"], rows, d.source(person="PNr", entries=entries)


def wide(d, persons):
    rows = [[p["number"], t, *[d.amount(p["pay"][m, t]) if (m, t) in p["pay"] else "" for m in range(1, 13)]] for p in persons for t in TYPES if any((m, t) in p["pay"] for m in range(1, 13))]
    months = [f"M{m}" for m in range(1, 13)]
    return ["PNr", "LA", *months], rows, d.source(person="PNr", entries={"wage_type": "LA", "months": months, "changes": "add"})


def lines(p):
    sums = {}
    for (_, t), cents in p["pay"].items():
        sums[TYPES[t][1]] = sums.get(TYPES[t][1], 0) + cents
    return sums


def one_row(d, persons):
    keys = ["3", "4", "23a"]
    rows = [[p["number"], *[d.amount(lines(p)[k]) if k in lines(p) else "-" for k in keys], "summe nein"] for p in persons]
    total = ["Summe", *[d.amount(sum(lines(p).get(k, 0) for p in persons)) for k in keys], ""]
    spec = d.source(person="PNr", absent=["-"], values={k: f"Z{k}" for k in keys}, totals=[{"column": 1, "is": "Summe", "sums": [f"Z{k}" for k in keys]}])
    return ["PNr", *[f"Z{k}" for k in keys], "Bem"], rows + [total], spec


HEAD = {"form": "de/lohnsteuerbescheinigung", "year": 2025, "wage_types": {t: {"text": text, "adds_to": [line]} for t, (text, line) in TYPES.items()}}


def run(folder, mapping, files, *more):
    (folder / "m.json").write_text(json.dumps(mapping))
    out = [folder / "p.json", folder / "e.json"]
    for path in out:
        path.unlink(missing_ok=True)
    done = subprocess.run([program, "import", folder / "m.json", *files, "-o", out[0], "-e", out[1], *more], capture_output=True, text=True)
    if done.returncode:
        assert not any(path.exists() for path in out), "nothing may be written"
        return done.returncode, done.stderr, None
    return 0, done.stderr, [path.read_bytes() for path in out]


def cents(text):
    assert re.fullmatch(r"-?\d+\.\d\d", text), text
    return int(text.replace(".", ""))


def check(folder, rng):
    persons = list(people(rng))
    for p in persons:
        p["again"] = {m: rng.random() < 0.2 for m in range(1, 13)}
    d, e = Dialect(rng), Dialect(rng)
    master_rows, master_spec = master(d, persons)
    d.write(folder / "people.csv", master_rows)
    shape = rng.choice(["add", "replace", "wide", "row"])
    header, rows, spec = one_row(e, persons) if shape == "row" else wide(e, persons) if shape == "wide" else long(e, persons, rng, shape)
    e.write(folder / "pay.csv", [header] + rows)
    mapping = {"format": "taxcert/mapping/1", "payroll": HEAD, "id": "C-{personnel_number}", "employee": {"site": "A", "address": {"country": "DE"}},
               "certificate": {"establishment": "A", "period": {"from": "2025-01-01", "to": "2025-12-31"}}, "sources": [master_spec, spec]}
    files = [folder / "people.csv", folder / "pay.csv"]
    code, told, made = run(folder, mapping, files)
    assert code == 0, (shape, told)
    employees, certificates = json.loads(made[1])["employees"], json.loads(made[0])["certificates"]
    for p, got in zip(persons, employees, strict=True):
        assert got == {"personnel_number": p["number"], "site": "A", "address": {"country": "DE", "postcode": p["postcode"]}, "name": {"first": p["first"], "last": p["last"]},
                       "birth_date": "%04d-%02d-%02d" % p["birth"], "tax_id": p["tax_id"]}, (p, got)
    assert [c["personnel_number"] for c in certificates] == [p["number"] for p in persons if p["pay"] or shape == "row"]
    by_number = {p["number"]: p for p in persons}
    for got in certificates:
        p = by_number[got["personnel_number"]]
        if shape == "row":
            assert {k: cents(v) for k, v in got["values"].items()} == lines(p)
            continue
        sums = {}
        for entry in got["entries"]:
            key = entry["month"], entry["wage_type"]
            sums[key] = sums.get(key, 0) + cents(entry["amount"])
        assert sums == p["pay"], (shape, sums, p["pay"])
    # The same bytes from the rows of each person in another order
    numbers, by = [row[0] for row in rows], {}
    for row in rows:
        by.setdefault(row[0], []).append(row)
    for own in by.values():
        rng.shuffle(own)
    if shape != "row":
        e.write(folder / "pay.csv", [header] + [by[n].pop() for n in numbers])
        assert run(folder, mapping, files)[2] == made, "another order of rows, other bytes"
    # One cell broken is told at its place
    at = rng.randrange(len(rows) - (shape == "row"))
    column = {"add": 4, "replace": 4, "wide": 2, "row": 1}[shape]
    broken = [list(row) for row in rows]
    broken[at][column] = rng.choice(["1" + e.decimal + "2", "12,3,4", "1e5", "########", "1.2.3", "x1", "--1" + e.decimal + "00", "1,23E+10"])
    e.write(folder / "pay.csv", [header] + broken)
    code, told, _ = run(folder, mapping, files)
    place = f"pay.csv:{len(e.before) + 2 + at}:{column + 1} "
    assert code == 3 and place in told, (place, told, broken[at])
    assert broken[at][column] not in told.replace(str(folder), ""), "a value in a message"


with tempfile.TemporaryDirectory() as name:
    for seed in range(seeds):
        try:
            check(pathlib.Path(name), random.Random(seed))
        except AssertionError:
            print("seed", seed)
            raise
