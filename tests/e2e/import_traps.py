"""Every trap that is known of exports, one row each: what must come out, or where it must be told. No value is in a message.
Usage: import_traps.py TAXCERT SOURCE_DIR"""
import copy
import json
import os
import pathlib
import subprocess
import sys
import tempfile

program, source = sys.argv[1:3]
os.environ["TAXCERT_TEMPLATES"] = os.path.join(source, "templates")
BASE = {"encoding": "utf-8", "separator": ";", "quote": '"', "header": 1, "decimal": ",", "grouping": ["."], "minus": "before", "person": {"column": "Nr", "length": 3},
        "employee": {"name.last": "Name", "address.postcode": {"column": "PLZ", "length": 5}, "tax_id": {"column": "Id", "length": 11}}, "values": {"3": "B"}}
HEAD = "Nr;Name;PLZ;Id;B\n"
ROW = "007;Bär;01067;01234567890;1.234,50\n"


def cell(column, text):
    """The good row with one field another one."""
    fields = ROW.rstrip("\n").split(";")
    fields[column - 1] = text
    return HEAD + ";".join(fields) + "\n"


B = "3", lambda out: out[0]["certificates"][0]["values"]["3"]
NAME = "name", lambda out: out[1]["employees"][0]["name"]["last"]
TRAPS = [  # what, changes of the source, the file, the value found or the place told
    ("1 a point is no decimal sign where a comma is", {}, cell(5, "1.000,00"), (B, "1000.00")),
    ("1 grouped without decimals in a column that has two", {}, cell(5, "1.000"), "2:5"),
    ("2 no part of a cell is taken", {}, cell(5, "1.355,90x"), "2:5"),
    ("2 point and comma exchanged", {}, cell(5, "1,355.90"), "2:5"),
    ("2 a currency behind it", {}, cell(5, "1.355,90 €"), "2:5"),
    ("2 unless the mapping takes it away", {"values": {"3": {"column": "B", "remove": " €"}}}, cell(5, "1.355,90 €"), (B, "1355.90")),
    ("3 whole euros are no cents", {"whole": True}, cell(5, "-100"), (B, "-100.00")),
    ("3 whole euros where nothing is said", {}, cell(5, "-100"), "2:5"),
    ("3 implied digits where they are said", {"implied": True}, cell(5, "10017"), (B, "100.17")),
    ("4 a personnel number without its zeros", {}, cell(1, "7"), "2:1"),
    ("4 a postcode without its zero", {}, cell(3, "1067"), "2:3"),
    ("5 a number made of a text", {}, cell(4, "1,23457E+09"), "2:4"),
    ("5 the same in a name", {}, cell(2, "1.2E-3"), "2:2"),
    ("5 a column too narrow", {}, cell(4, "###########"), "2:4"),
    ("5 a formula's error", {}, cell(2, "#WERT!"), "2:2"),
    ("5 an apostrophe", {}, cell(1, "'007"), "2:1"),
    ("5 a date made of an amount", {}, cell(5, "Jan 12"), "2:5"),
    ("6 two columns of one name", {"values": {"3": "Name"}}, (HEAD + ROW).replace("B\n", "Name\n", 1), "1:2"),
    ("6 the second one is asked for", {"values": {"3": "Name#2"}, "employee": {"name.last": "Name#1"}}, (HEAD + ROW).replace(";B\n", ";Name\n", 1), (B, "1234.50")),
    ("6 the third one is not there", {"values": {"3": "B#2"}}, HEAD + ROW, "1"),
    ("7 the euro sign of Windows-1252", {"encoding": "windows-1252"}, cell(2, "A€–„Z").encode("cp1252"), (NAME, "A€–„Z")),
    ("7 a byte that Windows-1252 has not", {"encoding": "windows-1252"}, cell(2, "A?Z").encode("cp1252").replace(b"A?Z", b"A\x8dZ"), "2:2"),
    ("7 a byte that ISO-8859-1 has only as a control", {"encoding": "iso-8859-1"}, cell(2, "A€Z").encode("cp1252"), "2:2"),
    ("7 a letter lost", {}, cell(2, "Bo?ović"), "2:2"),
    ("7 the sign for a letter lost", {}, cell(2, "Bo\ufffdovic"), "2:2"),
    ("7 Windows-1252 read as UTF-8", {}, cell(2, "Bär").encode("cp1252"), "2:2"),
    ("7 cp850", {"encoding": "cp850"}, cell(2, "Bärßı").encode("cp850"), (NAME, "Bärßı")),
    ("8 a mark before a quoted field", {}, ("\ufeff" + HEAD.replace("Nr", '"Nr"', 1) + ROW), (NAME, "Bär")),
    ("8 a mark that contradicts", {}, ("\ufeff" + HEAD + ROW).encode("utf-16-le"), "fatal"),
    ("9 a total that nobody spoke of", {}, HEAD + ROW + "Summe;;;;1.234,50\n", "3:1"),
    ("9 a total that is right", {"totals": [{"column": 1, "is": "Summe", "sums": ["B"]}]}, HEAD + ROW + "Summe;;;;1.234,50\n", (B, "1234.50")),
    ("9 a total that is not", {"totals": [{"column": 1, "is": "Summe", "sums": ["B"]}]}, HEAD + ROW + "Summe;;;;1.234,49\n", "3:5"),
    ("9 a total of many columns, the last one wrong", {"totals": [{"column": 1, "is": "Summe", "sums": [f"B{i}" for i in range(30)]}]},
     HEAD.rstrip("\n") + "".join(f";B{i}" for i in range(30)) + "\n" + ROW.rstrip("\n") + ";1,00" * 30 + "\n" + "Summe;;;;1.234,50" + ";1,00" * 29 + ";1,01\n", "3:35"),
    ("9 subtotals by person", {"totals": [{"column": 1, "begins": ["S", "Z"], "sums": ["B"], "restart": True}]}, HEAD + ROW + "S;;;;1.234,50\n" + ROW.replace("007", "008").replace("1.2", "2") + "Z;;;;234,50\n", (B, "1234.50")),
    ("9 prose that nobody spoke of", {}, HEAD + ROW + "Ende der Liste\n", "3"),
    ("10 a person twice", {}, HEAD + ROW + ROW, "3:1"),
    ("11 a line break in quotes", {}, cell(2, '"Bär\nJun."'), "2:2"),
    ("11 or a blank for it", {"breaks": "blank"}, cell(2, '"Bär\r\nJun."'), (NAME, "Bär Jun.")),
    ("11 the line after such a row", {"breaks": "blank"}, cell(2, '"Bär\nJun."') + ROW.replace("007", "8"), "4:1"),
    ("a separator in quotes", {}, cell(2, '"Bär; Jun."'), (NAME, "Bär; Jun.")),
    ("a separator without them", {}, cell(2, "Bär; Jun."), "2"),
    ("a quote in quotes", {}, cell(2, '"B""är"'), (NAME, 'B"är')),
    ("a quote never closed", {}, cell(2, '"Bär') + ROW, "2:2"),
    ("text behind a quote", {}, cell(2, '"Bär"x'), "2:2"),
    ("quotes that are letters", {"quote": None}, cell(2, '"Bär"'), (NAME, '"Bär"')),
    ("a zero byte", {}, cell(2, "B\0r"), "2:2"),
    ("a carriage return alone", {}, cell(2, "B\rr"), "2:2"),
    ("Ctrl-Z at the end", {}, HEAD + ROW + "\x1a", (NAME, "Bär")),
    ("Ctrl-Z elsewhere", {}, cell(2, "B\x1ar"), "2:2"),
    ("a spreadsheet's line", {"header": 2}, "sep=;\n" + HEAD + ROW, (NAME, "Bär")),
    ("one of another separator", {"header": 2}, "sep=,\n" + HEAD + ROW, "1:1"),
    ("no end of the last line", {}, (HEAD + ROW).rstrip("\n"), (NAME, "Bär")),
    ("blank rows", {}, HEAD + ";;;;\n\n" + ROW + " ;;;;\n", (NAME, "Bär")),
    ("a minus in front where it is behind", {"minus": "behind"}, cell(5, "-1,00"), "2:5"),
    ("a minus behind", {"minus": "behind"}, cell(5, "1,00-"), (B, "-1.00")),
    ("two of them", {"minus": "behind"}, cell(5, "1,00--"), "2:5"),
    ("no-break spaces between groups", {"grouping": ["."]}, cell(5, "1\u00a0234,50"), "2:5"),
    ("where the mapping has them", {"grouping": [".", "\u00a0"]}, cell(5, "1\u00a0234,50"), (B, "1234.50")),
    ("two signs in one cell", {"grouping": [".", "\u00a0"]}, cell(5, "1.234\u00a0567,50"), "2:5"),
    ("groups of two", {}, cell(5, "12.34,50"), "2:5"),
    ("an empty amount is none", {"absent": ["-"]}, cell(5, "-"), (("3", lambda out: out[0]["certificates"][0]["values"].get("3", "none")), "none")),
    ("a row too long", {}, HEAD + ROW.replace("\n", ";\n"), "2"),
    ("another currency", {"must": [{"column": "B", "ends": "50"}]}, cell(5, "1,51"), "2:5"),
    ("a year that is not the payroll's", {"year": "PLZ"}, HEAD + ROW, "2:3"),
    ("an import file of a payroll program", {"header": 1}, "[Allgemein]\nZiel=X\n", "1"),
    ("two letters of different width", {"separator": "|"}, (HEAD + ROW).replace(";", "|"), (NAME, "Bär")),
    ("a date of one digit", {"employee": {"birth_date": {"column": "Name", "type": "date", "dates": "D.M.YY"}}}, cell(2, "3.4.88"), (("birth", lambda out: out[1]["employees"][0]["birth_date"]), "1988-04-03")),
    ("of this century", {"employee": {"birth_date": {"column": "Name", "type": "date", "dates": "DD.MM.YY"}}}, cell(2, "03.04.29"), (("birth", lambda out: out[1]["employees"][0]["birth_date"]), "2029-04-03")),
    ("day and month exchanged", {"employee": {"birth_date": {"column": "Name", "type": "date", "dates": "DD/MM/YYYY"}}}, cell(2, "03/14/1988"), "2:2"),
    ("a day number of a spreadsheet", {"employee": {"birth_date": {"column": "Name", "type": "date"}}}, cell(2, "32236"), "2:2"),
    ("February 29 of no leap year", {"employee": {"birth_date": {"column": "Name", "type": "date"}}}, cell(2, "29.02.1900"), "2:2"),
]
def run(folder, traps):
    """All of the traps in one run, each a source and a file of its own: file, person, changes. What was made by person, and what was told."""
    sources, files = [], []
    for at, (what, changes, content, want) in enumerate(traps):
        files.append(folder / f"f{at}.csv")
        files[-1].write_bytes(content if isinstance(content, bytes) else content.encode())
        sources.append({**copy.deepcopy(BASE), **changes})
    (folder / "m.json").write_text(json.dumps({"format": "taxcert/mapping/1", "payroll": {"form": "f", "year": 2025}, "sources": sources}))
    out = [folder / "p.json", folder / "e.json"]
    for path in out:
        path.unlink(missing_ok=True)
    done = subprocess.run([program, "import", folder / "m.json", *files, "-o", out[0], "-e", out[1]], capture_output=True, text=True)
    assert not any(value in done.stderr + done.stdout for value in ("1.355", "Bär", "01067", "1234", "Ctrl", "Ende der")), done.stderr
    assert not (done.returncode and any(p.exists() for p in out)), "nothing may be written"
    return done.returncode, done.stderr, [json.loads(p.read_text()) if p.exists() else None for p in out]


def check_told(code, told, traps):
    for at, (what, _, _, want) in enumerate(traps):
        assert code == 3 and (want == "fatal" or f"f{at}.csv:{want}: " in told or f"f{at}.csv:{want} (" in told), (what, want, told)


def renumber(content, at):
    new = f"{at + 100:03d}"
    return content.replace(b"007", new.encode()).replace(b"008", b"9" + new[1:].encode()) if isinstance(content, bytes) else content.replace("007", new).replace("008", "9" + new[1:])


ALONE = ("6 ", "7 a letter", "8 ", "10 ", "an import file", "one of another separator", "an import")  # what ends the reading, or is known when all is read
with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    out = [folder / "p.json", folder / "e.json"]
    told = [t for t in TRAPS if isinstance(t[3], str)]
    together = [t for t in told if not t[0].startswith(ALONE)]
    code, messages, _ = run(folder, together)
    check_told(code, messages, together)
    for trap in told:
        if trap not in together:
            code, messages, _ = run(folder, [trap])
            check_told(code, messages, [trap])
    good = [(what, changes, renumber(content, at), want) for at, (what, changes, content, want) in enumerate(t for t in TRAPS if not isinstance(t[3], str))]
    code, messages, made = run(folder, good)
    assert code == 0, messages
    for at, (what, _, _, ((_, look), value)) in enumerate(good):
        number = f"{at + 100:03d}"
        mine = [{key: [one for one in made[side][key] if one["personnel_number"] == number]} for side, key in ((0, "certificates"), (1, "employees"))]
        assert look(mine) == value, (what, look(mine), value)
    for path in folder.iterdir():
        path.unlink()

    # A row that is wrong in two ways is refused once
    (folder / "w.csv").write_text(HEAD + ROW + ROW.replace("Bär", "Bar").replace("1.234,50", "1,00"))
    (folder / "w.json").write_text(json.dumps({"format": "taxcert/mapping/1", "payroll": {"form": "f", "year": 2025}, "sources": [{**BASE, "must": [{"column": "B", "ends": "50"}]}]}))
    done = subprocess.run([program, "import", folder / "w.json", folder / "w.csv", "-o", out[0], "-e", out[1]], capture_output=True, text=True)
    assert done.returncode == 3 and "2 rows = 1 taken" in done.stdout + done.stderr and "1 refused" in done.stdout + done.stderr, done

    # A remark is none of the data, wherever it stands; a word of the file may look like one
    remark = {"_remark": "x", "_list": [1]}
    (folder / "r.csv").write_text(HEAD + ROW.replace("Bär", "_Bär"))
    (folder / "r.json").write_text(json.dumps({"format": "taxcert/mapping/1", "payroll": {"form": "f", "year": 2025}, "employee": {**remark, "address": {**remark, "country": "DE"}}, "certificate": remark, "features": {**remark, "tax_class": 1},
        "sources": [{**BASE, **remark, "employee": {**remark, "name.last": {"column": "Name", "values": {"_Bär": "B"}, "_remark": 1}}, "values": {**remark, "3": "B"}, "certificate": remark, "features": {**remark, "factor": {"constant": "1"}}}]}))
    done = subprocess.run([program, "import", folder / "r.json", folder / "r.csv", "-o", out[0], "-e", out[1]], capture_output=True, text=True)
    assert done.returncode == 0 and not any(word in out[0].read_text() + out[1].read_text() for word in remark), done
    assert json.loads(out[1].read_text())["employees"] == [{"personnel_number": "007", "address": {"country": "DE"}, "name": {"last": "B"}}], out[1].read_text()
    for path in folder.iterdir():
        path.unlink()

    # A day that the mapping gives to all features stands once in each; of monthly ones the month's day does. A file that ends before its total is told.
    dated = [("all the year", {"features": {"tax_class": "PLZ"}}, ROW, ["2025-03-01"]),
             ("by month", {"features": {"month": "Id", "tax_class": "PLZ"}, "employee": {"name.last": "Name"}}, ROW.replace("01234567890", "2") + ROW.replace("01067", "1").replace("01234567890", "5"), ["2025-02-01", "2025-05-01"])]
    for what, changes, rows, days in dated:
        (folder / "d.csv").write_text(HEAD + rows)
        (folder / "d.json").write_text(json.dumps({"format": "taxcert/mapping/1", "payroll": {"form": "f", "year": 2025}, "features": {"valid_from": "2025-03-01", "annual_allowance": 0}, "sources": [{**BASE, **changes, "totals": [{"column": 1, "is": "S", "sums": ["B"]}]}]}))
        done = subprocess.run([program, "import", folder / "d.json", folder / "d.csv", "-o", out[0], "-e", out[1]], capture_output=True, text=True)
        assert done.returncode == 0 and f"d.csv:{1 + rows.count(chr(10))}: " in done.stderr and "[import-no-total]" in done.stderr and "1 warning" in done.stdout + done.stderr, (what, done)
        pairs = json.loads(out[0].read_text(), object_pairs_hook=lambda got: got)
        features = dict(dict(pairs)["certificates"][0])["deduction_features"]
        assert [[value for key, value in one if key == "valid_from"] for one in features] == [[day] for day in days], (what, features)
        for path in folder.iterdir():
            path.unlink()

    # Both files or neither; what was there stays where anything is refused; nothing that is read is written; findings are counted, not all shown
    def written(content, *more, payroll=folder / "p.json", employees=folder / "e.json"):
        (folder / "m.json").write_text(json.dumps({"format": "taxcert/mapping/1", "payroll": {"form": "f", "year": 2025}, "sources": [BASE]}))
        (folder / "f.csv").write_text(content)
        return subprocess.run([program, "import", folder / "m.json", folder / "f.csv", "-o", payroll, "-e", employees, *more], capture_output=True, text=True)
    for path in out:
        path.write_text("before")
    for done, code in ((written(cell(5, "x")), 3), (written(HEAD + ROW, employees=folder / "none/e.json"), 2), (written(HEAD + ROW, employees=folder), 2), (written(HEAD + ROW, payroll=folder), 2),
                       (written(HEAD + ROW, employees=folder / "f.csv"), 2), (written(HEAD + ROW, payroll=folder / "m.json"), 2), (written(HEAD + ROW, employees=folder / "p.json"), 2)):
        assert done.returncode == code and [p.read_text() for p in out] == ["before"] * 2, (code, done.stderr)
    assert (folder / "f.csv").read_text() == HEAD + ROW and sorted(p.name for p in folder.iterdir()) == ["e.json", "f.csv", "m.json", "p.json"]
    assert written(HEAD + ROW).returncode == 0 and all(json.loads(p.read_text()) and p.stat().st_mode & 0o77 == 0 for p in out)
    for most in (0, 3, 1000):
        done = written(HEAD + "".join(ROW.replace("007", f"{i:03d}").replace("1.234,50", "x") for i in range(40)), "--max-findings", str(most))
        assert done.returncode == 3 and done.stderr.count("[import-amount]") == min(most, 40) and "40 findings" in done.stderr, done.stderr
        assert (f"findings shown: {most} of 40" in done.stderr) == (most < 40), done.stderr

    # Months that there are not, in rows and in features
    mapping = {"format": "taxcert/mapping/1", "payroll": {"form": "f", "year": 2025, "wage_types": {"1": {"text": "a", "adds_to": ["3"]}}}, "sources": [
        {"encoding": "utf-8", "separator": ";", "quote": None, "columns": 4, "decimal": ",", "person": 1, "features": {"month": 2, "tax_class": 3},
         "entries": {"month": 2, "wage_type": 3, "amount": 4, "changes": "add"}}]}
    (folder / "m.json").write_text(json.dumps(mapping))
    for month in ("0", "99", "2147483647", "99999999999", "-1", ""):
        (folder / "f.csv").write_text(f"7;1;1;1,00\n7;{month};1;1,00\n7;2;1;1,00\n")
        done = subprocess.run([program, "import", folder / "m.json", folder / "f.csv", "-o", folder / "p.json"], capture_output=True, text=True)
        assert done.returncode == 3 and "f.csv:2:2: " in done.stderr and "Sanitizer" not in done.stderr, (month, done.stderr)

    # A key that is a value and an object
    for changes in ({"employee": {"name": 2, "name.first": 3}}, {"employee": {"name.first": 3, "name": 2}}, {"values": {"3": 4}, "certificate": {"values": 3}}):
        (folder / "m.json").write_text(json.dumps({**mapping, "employee": {"site": {"a": 1}}, "sources": [{"encoding": "utf-8", "separator": ";", "quote": None, "columns": 4, "decimal": ",", "person": 1, **changes}]}))
        done = subprocess.run([program, "import", folder / "m.json", folder / "f.csv", "-o", folder / "p.json", "-e", folder / "e.json"], capture_output=True, text=True)
        assert done.returncode == 2 and "a group of fields in another [mapping]" in done.stderr, (changes, done.stderr)

    # An index of the description standard: encoding, signs, columns, implied digits, the first row; nothing it names is opened
    index = """<?xml version="1.0" encoding="ISO-8859-1"?><!DOCTYPE DataSet SYSTEM "http://127.0.0.1:9/x.dtd" [<!ENTITY e SYSTEM "/etc/passwd">]>
<DataSet><Media><Table><URL>Other.txt</URL><VariableLength><VariableColumn><Name>X</Name><AlphaNumeric/></VariableColumn></VariableLength></Table>
<Table><URL>LOHN.TXT</URL><OEM/><DecimalSymbol>.</DecimalSymbol><DigitGroupingSymbol>,</DigitGroupingSymbol><Range><From>3</From></Range><Epoch>40</Epoch><VariableLength>
<ColumnDelimiter>|</ColumnDelimiter><TextEncapsulator>'</TextEncapsulator>
<VariablePrimaryKey><Name>Nr</Name><AlphaNumeric/></VariablePrimaryKey><VariableColumn><Name>Größe</Name><AlphaNumeric/></VariableColumn>
<VariableColumn><Name>Geb</Name><Date><Format>YY-MM-DD</Format></Date></VariableColumn><VariableColumn><Name>B</Name><Numeric><ImpliedAccuracy>2</ImpliedAccuracy></Numeric></VariableColumn>
<VariableColumn><Name>C</Name><Numeric><Accuracy>1</Accuracy></Numeric></VariableColumn></VariableLength></Table></Media></DataSet>"""
    (folder / "index.xml").write_bytes(index.encode("latin-1"))
    (folder / "Lohn.txt").write_bytes("title\nNr|x|x|x|x\n007|'Ö|b'|39-01-02|-12,345|1,000.5\n".encode("cp850"))
    mapping = {"format": "taxcert/mapping/1", "payroll": {"form": "f", "year": 2025}, "sources": [
        {"index": "index.xml", "person": "Nr", "employee": {"name": "Größe", "birth_date": {"column": "Geb", "type": "date"}}, "values": {"3": "B", "4": "C"}}]}
    (folder / "m.json").write_text(json.dumps(mapping))

    def indexed():
        done = subprocess.run([program, "import", folder / "m.json", folder / "Lohn.txt", "-o", folder / "p.json", "-e", folder / "e.json"], capture_output=True, text=True)
        return done.returncode, done.stderr
    assert indexed() == (0, indexed()[1]), indexed()
    assert json.loads((folder / "p.json").read_text())["certificates"][0]["values"] == {"3": "-123.45", "4": "1000.5"}
    assert json.loads((folder / "e.json").read_text())["employees"][0] == {"personnel_number": "007", "name": "Ö|b", "birth_date": "2039-01-02"}
    # Decimals that no amount has, an order of dates that no number holds: no amount and no date is good
    for old, new, rule in (*(("<ImpliedAccuracy>2", "<ImpliedAccuracy>" + n, "import-amount") for n in ("1000", "10", "-3", "2x", "", "99999999999")),
                           ("<Accuracy>1<", "<Accuracy>1000<", "import-amount"), ("YY-MM-DD", "Y" * 40, "import-date")):
        (folder / "index.xml").write_bytes(index.replace(old, new).encode("latin-1"))
        code, told = indexed()
        assert code == 3 and f"[{rule}]" in told and "Sanitizer" not in told and "runtime error" not in told, (old, new, told)
    for old, new in (("LOHN.TXT", "x.txt"), ("<OEM/>", "<Macintosh/>"), ("</DataSet>", ""), ("Other.txt", "Lohn.txt"), ("<Name>C</Name>", "")):
        (folder / "index.xml").write_bytes(index.replace(old, new).encode("latin-1"))
        code, told = indexed()
        assert code == 3 and "[import-index]" in told and "index.xml" in told, (old, told)
