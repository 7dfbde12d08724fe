"""taxcert import: the three shapes with figures worked out by hand, the traps at their places, and no value in any message.
Usage: import_files.py TAXCERT SOURCE_DIR"""
import copy
import json
import os
import random
import subprocess
import sys
import tempfile

program, source = sys.argv[1:3]
os.environ["TAXCERT_TEMPLATES"] = os.path.join(source, "templates")
HEAD = {"form": "de/lohnsteuerbescheinigung", "year": 2025, "wage_types": {"100": {"text": "a", "adds_to": ["3"]}, "/4": {"text": "b", "adds_to": ["4"]}}}
LINES = {"format": "taxcert/mapping/1", "payroll": HEAD, "id": "X-{personnel_number}", "certificate": {"establishment": "A"}, "sources": [{
    "encoding": "windows-1252", "separator": ";", "quote": '"', "header": 1, "decimal": ",", "grouping": ["."], "minus": "before", "dates": "DD.MM.YYYY",
    "person": {"column": "Nr", "length": 4}, "breaks": "blank", "must": [{"column": "W", "is": "EUR"}], "skip": [{"column": "Nr", "begins": "Ende"}],
    "totals": [{"column": "Nr", "is": "Summe", "sums": ["B#2"]}],
    "employee": {"name.last": "Name", "birth_date": {"column": "Geb", "type": "date"}, "tax_id": {"column": "Id", "length": 11, "check": "iso7064"}},
    "values": {"3": "B#2"}}]}
ROWS = "Nr;Name;Geb;Id;B;B;W\r\n0041;\"Grün; €\";29.02.1988;02684319546;1,00;-1.234,56;EUR\r\n;;;;;;\r\n0042;\"O\"\"N\n2\";01.01.1990;03875691469;;;EUR\r\n" \
       "Summe;;;;;-1.234,56;\r\nEnde\r\n"


def run(folder, mapping, *texts, encoding="cp1252", more=()):
    names = [os.path.join(folder, f"f{i}.csv") for i in range(len(texts))]
    for name, text in zip(names, texts):
        with open(name, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode(encoding))
    with open(os.path.join(folder, "m.json"), "w") as file:
        json.dump(mapping, file)
    out = [os.path.join(folder, name) for name in ("p.json", "e.json")]
    for path in out:
        if os.path.exists(path):
            os.remove(path)
    done = subprocess.run([program, "import", os.path.join(folder, "m.json"), *names, "-o", out[0], "-e", out[1], *more], capture_output=True, text=True)
    if done.returncode:
        assert not any(os.path.exists(path) for path in out), "nothing may be written"
        return done.returncode, done.stderr
    return 0, *[json.load(open(path)) if os.path.exists(path) else None for path in out]


def refused(folder, old, new, place, mapping=LINES):
    """The rows with one text changed are refused at the place, and the new text is in no message."""
    assert old in ROWS
    code, told = run(folder, mapping, ROWS.replace(old, new, 1))
    assert code == 3 and f"f0.csv:{place}" in told, (new, place, told)
    assert not new.strip('";') or new.strip('";\n') not in told.replace(folder, ""), new


with tempfile.TemporaryDirectory() as folder:
    code, payroll, employees = run(folder, LINES, ROWS)
    assert code == 0 and [c["values"] for c in payroll["certificates"]] == [{"3": "-1234.56"}, {}]
    assert [e["name"]["last"] for e in employees["employees"]] == ["Grün; €", "O\"N 2"] and employees["employees"][0]["birth_date"] == "1988-02-29"
    for encoding, name in (("utf-8-sig", "utf-8"), ("utf-8", "utf-8"), ("utf-16", "utf-16le"), ("iso8859-15", "iso-8859-15")):
        mapping = copy.deepcopy(LINES)
        mapping["sources"][0]["encoding"] = name
        assert run(folder, mapping, ROWS, encoding=encoding)[1:] == (payroll, employees), encoding
    for old, new, place in (("0041", "41", "2:1 "), ("29.02.1988", "29.02.1989", "2:3 "), ("29.02.1988", "32202", "2:3 "), ("02684319546", "02684319547", "2:4 "),
                            ("02684319546", "2,68432E+09", "2:4 "), ("-1.234,56", "-1,234.56", "2:6 "), ("-1.234,56", "-1.23,56", "2:6 "),
                            ("-1.234,56", "-1234,5", "2:6 "), ("-1.234,56", "--1234,56", "2:6 "), ("-1.234,56", "########", "2:6 "), ("EUR", "USD", "2:7 "),
                            ("Grün", "Gr?n", "2:2 "), ("0041", "'0041", "2:1 "), ("0042", "0041", "4:1 (Nr): this person is listed a second time; see line 2"),
                            ("EUR\r\n;", "EUR;\r\n;", "2:"), ("\"Grün; €\"", "\"Grün\"x", "2:2 "), ("O\"\"N\n2\"", "O", "4:2 "),
                            ("\r\n;;", "\r;;", "2:7 "), ("Grün", "Gr\0n", "2:2 "), ("Summe;;;;;-1.234,56", "Summe;;;;;-1.234,57", "6:6 ")):
        refused(folder, old, new, place)
    code, told = run(folder, LINES, ROWS.encode("cp1252").replace(b"\xfc", b"\x81"))
    assert code == 3 and "f0.csv:2:2 " in told
    code, told = run(folder, LINES, ROWS.replace("0041", "41"), more=("--lang", "de"))
    assert "führende Nullen" in told and "übernommen" in told
    for change, pointer in ((("values", {"3": "B"}), "/sources/0/values/3"), (("values", {"3": "C"}), "/sources/0/values/3"), (("header", 0), "/sources/0/header"),
                            (("encoding", "latin"), "/sources/0/encoding"), (("colums", 3), "/sources/0/colums"), (("values", {"3": {"column": 1, "typ": "x"}}), "/sources/0/values/3/typ")):
        mapping = copy.deepcopy(LINES)
        mapping["sources"][0].update([change])
        code, told = run(folder, mapping, ROWS)
        assert code in (2, 3) and f"#{pointer}:" in told, (change, told)

    # Long rows: replaced by a higher change or added; whatever the order of the rows
    long = {"format": "taxcert/mapping/1", "payroll": HEAD, "sources": [{"encoding": "utf-8", "separator": "\t", "quote": None, "columns": 5, "decimal": ",",
            "minus": "behind", "person": 1, "entries": {"month": {"column": 2, "dates": "MM.YYYY"}, "wage_type": 3, "amount": 4, "changes": {"replace": 5}, "turn": ["/4"]}}]}
    rows = ["07\t01.2025\t100\t100,00\t0", "07\t02.2025\t100\t100,00\t0", "07\t02.2025\t100\t90,00\t1", "07\t02.2025\t/4\t9,50-\t1", "07\t02.2025\t/4\t8,00-\t0"]
    for changes, months in (({"replace": 5}, {(1, "100"): 10000, (2, "100"): 9000, (2, "/4"): 950}), ("add", {(1, "100"): 10000, (2, "100"): 19000, (2, "/4"): 1750})):
        long["sources"][0]["entries"]["changes"] = changes
        for _ in range(6):
            random.Random(_).shuffle(rows)
            code, payroll, employees = run(folder, long, "\r\n".join(rows))
            sums = {}
            for entry in payroll["certificates"][0]["entries"]:
                key = entry["month"], entry["wage_type"]
                sums[key] = sums.get(key, 0) + round(float(entry["amount"]) * 100)
            assert code == 0 and sums == months and employees is None, sums
    for old, new, place in (("02.2025", "02.2024", "2:2"), ("02.2025", "13.2025", "2:2"), ("\t100\t", "\t101\t", "1:3")):
        code, told = run(folder, long, "\n".join(sorted(rows)).replace(old, new, 1))
        assert code == 3 and f"f0.csv:{place}:" in told, (new, told)
    del long["sources"][0]["entries"]["changes"]
    code, told = run(folder, long, "\n".join(rows))
    assert code == 2 and "`changes` must say" in told

    # Months as columns
    wide = {"format": "taxcert/mapping/1", "payroll": HEAD, "sources": [{"encoding": "cp850", "separator": ",", "quote": "'", "header": 2, "decimal": ".",
            "person": "Nr", "entries": {"wage_type": "LA", "months": ["Jan", "Feb", *[None] * 9, "Dez"], "changes": "add"}}]}
    code, payroll, _ = run(folder, wide, "Löhne\nNr,LA,Jan,Feb,Dez\n7,'100',1.00,,3.05\n", encoding="cp850")
    assert [(e["month"], e["amount"]) for e in payroll["certificates"][0]["entries"]] == [(1, "1.00"), (12, "3.05")]
    # Without decimals it is euros; implied ones are counted; a mapping of the wrong kinds is refused, never followed
    for digits, cell, amount in (({"digits": 0}, "12", "12"), ({"implied": True}, "1234", "12.34"), ({"whole": True}, "12", "12.00"), ({"digits": 1}, "1.5", "1.5")):
        mapping = copy.deepcopy(wide)
        mapping["sources"][0].update(digits)
        code, payroll, *_ = run(folder, mapping, f"x\nNr,LA,Jan,Feb,Dez\n7,100,{cell},,\n", encoding="cp850")
        assert code == 0 and payroll["certificates"][0]["entries"][0]["amount"] == amount, (digits, payroll)
    for key, value in (("absent", [1]), ("grouping", [None]), ("person", None), ("person", {"constant": 7}), ("quote", "\"\""), ("entries", [])):
        mapping = copy.deepcopy(wide)
        mapping["sources"][0][key] = value
        code, told = run(folder, mapping, "x\nNr,LA,Jan,Feb,Dez\n7,100,1.00,,\n", encoding="cp850")
        assert code in (2, 3), (key, told)

# The samples: the same two people in three shapes; their lines by hand, twelve equal months each
SAMPLES = {"lines": "bescheinigungen.csv", "months": "lohnkonto.csv", "long": "lohnarten.txt"}
with tempfile.TemporaryDirectory() as folder:
    for kind, name in SAMPLES.items():
        sample, out = os.path.join(source, "samples/import", kind), os.path.join(folder, kind)
        subprocess.run([program, "import", f"{sample}/mapping.json", f"{sample}/personen.csv", f"{sample}/{name}", "-o", out + "-p.json", "-e", out + "-e.json"],
                       check=True, capture_output=True)
        done = subprocess.run([program, "generate", "--allow-test-ids", "-e", out + "-e.json", out + "-p.json", "-o", out], capture_output=True, text=True)
        assert done.returncode == 0, (kind, done.stderr)
        told = subprocess.run([program, "explain", "--json", out, "0101"], capture_output=True, text=True).stdout
        for amount in ("36000.00", "3789.96", "3348.00", "3078.00", "864.00", "468.00"):
            assert amount in told, (kind, amount, told)
