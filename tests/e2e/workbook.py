"""The workbook: LibreOffice loads it without a question, calculates what is stored, and its numbers are sums worked out here from the
input. A changed amount turns the right checks red and filtering none. Usage: workbook.py TAXCERT SOURCE_DIR"""
import collections
import copy
import csv
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from decimal import Decimal
from xml.etree import ElementTree

import openpyxl

program, source = sys.argv[1:3]
sys.path.insert(0, os.path.join(source, "tests/lib"))
from office import Complaint, Office, rows, verdict  # noqa: E402

bank = os.path.join(source, "samples/bank")
PAYROLL, EMPLOYEES = (json.load(open(os.path.join(bank, n + ".json"))) for n in ("payroll", "employees"))
PASSED, FAILED = "stimmt", "WEICHT AB"
KINDS = {"full_time": "Vollzeit", "part_time": "Teilzeit", "mini_job": "Minijob", "trainee": "Berufsausbildung",
         "working_student": "Werkstudententätigkeit", "pensioner": "Versorgungsbezug"}
LANDS = {"HE": "Hessen", "BY": "Bayern", "SN": "Sachsen"}
CONTROL = ("3", "4", "5", "6", "7")


def generate(out, payroll, *more):
    made = subprocess.run([program, "generate", "--json", "--allow-test-ids", "--templates", os.path.join(source, "templates"), *more,
                           payroll, "-o", out], capture_output=True, text=True)
    assert made.returncode in (0, 1), made.stderr
    return made.stdout.splitlines()


def write(folder, name, payroll, employees):
    path = os.path.join(folder, name + ".json")
    json.dump({**payroll, "employees": employees["employees"]}, open(path, "w"), ensure_ascii=False)
    return path


# ---- the input, added up independently

def lines_of(certificate, wage_types):
    """Every money line: given, or the sum of its entries."""
    sums = collections.defaultdict(Decimal)
    for entry in certificate.get("entries") or []:
        for line in wage_types[entry["wage_type"]]["adds_to"]:
            sums[line.lstrip("-")] += Decimal(entry["amount"]) * (-1 if line[0] == "-" else 1)
    for line, value in certificate.get("values", {}).items():
        if isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value):
            sums[line] = Decimal(value)
    return sums


def add_up(payroll, employees):
    """Totals by line; by group kind and value (count and control lines)."""
    people = {e["personnel_number"]: e for e in employees["employees"]}
    places = {e["id"]: e for e in payroll["establishments"]}
    totals, groups = collections.defaultdict(Decimal), collections.defaultdict(lambda: [0] + [Decimal(0)] * len(CONTROL))
    for c in payroll["certificates"]:
        person, place, lines = people[c["personnel_number"]], places[c["establishment"]], lines_of(c, payroll["wage_types"])
        for line, amount in lines.items():
            totals[line] += amount
        for kind, key in (("Finanzamt", place["tax_office"]["number"]), ("Steuernummer", place["tax_number"]), ("Bundesland", place["land"]),
                          ("Standort", person.get("site", "")), ("Kostenstelle", person.get("cost_centre", "")),
                          ("Art der Beschäftigung", person["employment"]["kind"])):
            groups[kind, key][0] += 1
            for i, line in enumerate(CONTROL):
                groups[kind, key][i + 1] += lines[line]
    return totals, groups


def cents(value):
    return Decimal(repr(value)).quantize(Decimal("0.01"))


# ---- the sheets

def overview_checks(book):
    """Label -> (live, control, verdict) of the overview's checks."""
    return {r[0]: (r[1], r[2], r[3]) for r in rows(book.Sheets.getByName("Übersicht")) if r[3] in (PASSED, FAILED)}


def verdict_of_all(book):
    return verdict(rows(book.Sheets.getByName("Übersicht")))


def red(book):
    """Everything that is red, by sheet: the first cells of those rows."""
    found = set()
    for sheet in book.Sheets:
        for r in rows(sheet):
            if FAILED in r or "rechnerisch falsch" in r:
                found.add((sheet.Name, r[0], *[x for x in r[4:5] if sheet.Name == "Abstimmung"]))
    return found


def check_totals(book, totals):
    for label, (live, control, verdict) in overview_checks(book).items():
        line = re.match(r"(\d+[a-c]?)\.? (weitere\b)?", label)
        if line and line[2]:
            assert cents(live) == cents(control) == 0 and verdict == PASSED, label
        elif line:
            assert cents(live) == cents(control) == totals[line[1]], label
            assert verdict == PASSED, label


def check_groups(book, groups):
    found = {}
    for r in rows(book.Sheets.getByName("Summen nach Gruppen")):
        if r[3] and isinstance(r[3], float):
            found[r[0], r[1]] = [int(r[4])] + [cents(x) for x in r[5:10]]
            words = {"Bundesland": LANDS, "Art der Beschäftigung": KINDS}.get(r[0])
            assert not words or r[2] == words[r[1]], r
    assert found == {k: [v[0]] + [cents(float(x)) for x in v[1:]] for k, v in groups.items()}, (found, groups)


def check_origin(book, payroll):
    wanted = collections.defaultdict(Decimal)
    for c in payroll["certificates"]:
        for entry in c.get("entries") or []:
            for line in payroll["wage_types"][entry["wage_type"]]["adds_to"]:
                sign = -1 if line[0] == "-" else 1
                wanted[c["id"], line.lstrip("-"), entry["wage_type"], entry["month"]] += sign * Decimal(entry["amount"])
    found = {}
    for r in rows(book.Sheets.getByName("Herkunft der Beträge"))[1:]:
        line = re.match(r"(\d+[a-c]?)\.? ", r[2])[1]
        for month in range(1, 13):
            if r[4 + month] != "":
                found[r[1], line, r[3], month] = cents(r[4 + month])
        assert cents(r[17]) == sum((cents(x) for x in r[5:17] if x != ""), Decimal(0))
    assert found == {k: cents(float(v)) for k, v in wanted.items()}


def check_csv(path, payroll, states):
    raw = open(path, "rb").read()
    assert raw.count(b"\r\n") == raw.count(b"\n") and raw.decode("utf-8")
    table = list(csv.DictReader(raw.decode().splitlines()))
    assert [r["certificate"] for r in table] == [c["id"] for c in payroll["certificates"]]
    assert [r["state"] for r in table] == states
    for r, c in zip(table, payroll["certificates"]):
        for line, amount in lines_of(c, payroll["wage_types"]).items():
            assert Decimal(r[line]) == amount, (r["certificate"], line)
        assert (r["from"], r["to"]) == (c["period"]["from"], c["period"]["to"])


def link(book):
    """The path in the first row's formula."""
    return re.search(r'HYPERLINK\("([^"]*)"', book.Sheets.getByName("Bescheinigungen").getCellByPosition(4, 1).Formula)[1]


# ---- what must turn red

def column(book, sheet, start):
    return next(i for i, title in enumerate(rows(book.Sheets.getByName(sheet))[0]) if str(title).startswith(start))


def change_and_filter(office, path):
    book = office.open(path)
    book.calculateAll()
    assert not red(book) and verdict_of_all(book) == PASSED
    sheet = book.Sheets.getByName("Bescheinigungen")
    tax = column(book, "Bescheinigungen", "4. ")
    cell = sheet.getCellByPosition(tax, 1)
    before = cell.Value
    cell.Value = before + 0.01
    book.calculateAll()
    found = red(book)
    wanted = {("Übersicht", "Gesamtergebnis der Prüfungen"), ("Übersicht", "Abstimmung"), ("Übersicht", "Abweichungen von den Lohnsteuer-Anmeldungen"),
              ("Abstimmung", "alle Betriebsstätten", "42"), ("Abstimmung", "FFM", "42")}
    assert wanted <= found, found
    assert [x[1] for x in found if x[0] == "Übersicht" and re.match(r"\d", x[1])] == ["4. Lohnsteuer"], found
    assert {x[1] for x in found if x[0] == "Summen nach Gruppen"} == {"Finanzamt", "Steuernummer", "Bundesland", "Standort", "Kostenstelle", "Art der Beschäftigung"}
    cell.Value = before
    book.calculateAll()
    assert not red(book)
    # A line that no declaration has turns its own check and no other.
    other = sheet.getCellByPosition(column(book, "Bescheinigungen", "25. "), 1)
    other.Value = other.Value - 5
    book.calculateAll()
    assert red(book) == {("Übersicht", "Gesamtergebnis der Prüfungen"), ("Übersicht", "25. AN-Beiträge KV")}, red(book)
    other.Value = other.Value + 5
    # Filtering hides rows, changes the visible sum and turns nothing red.
    height = len([r for r in rows(sheet) if r[0]]) - 1
    area = sheet.getCellRangeByPosition(0, 0, tax, height - 1)
    descriptor = area.createFilterDescriptor(True)
    field = uno_filter(column(book, "Bescheinigungen", "Betriebsstätte"), "FFM")
    descriptor.ContainsHeader = True
    descriptor.setFilterFields((field,))
    area.filter(descriptor)
    book.calculateAll()
    assert not red(book)
    visible = sum(cents(r[tax]) for r in rows(sheet)[1:height] if r[7] == "FFM")
    subtotal = next(r for r in rows(sheet) if r[0] == "Summe der sichtbaren Zeilen")
    assert cents(subtotal[tax]) == visible
    # A row gone missing.
    sheet.getRows().removeByIndex(3, 1)
    book.calculateAll()
    assert ("Übersicht", "Anzahl der Bescheinigungen") in red(book)
    book.close(False)


def uno_filter(index, value):
    import uno
    field = uno.createUnoStruct("com.sun.star.sheet.TableFilterField")
    field.Field, field.IsNumeric, field.StringValue = index, False, value
    field.Operator = uno.Enum("com.sun.star.sheet.FilterOperator", "EQUAL")
    return field


# ---- the checker itself

def replaced(path, name, part, old, new):
    """A copy of the workbook with one part changed."""
    with zipfile.ZipFile(path) as book, zipfile.ZipFile(name, "w", zipfile.ZIP_DEFLATED) as copy_:
        for item in book.infolist():
            data = book.read(item)
            if item.filename == part:
                assert re.search(old, data), part
                data = re.sub(old, new, data, count=1)
            copy_.writestr(item, data)


def self_test(office, path, folder):
    spoilt = os.path.join(folder, "spoilt.xlsx")
    for part, old, new in (("xl/worksheets/sheet1.xml", rb"(</f><v>)\d+(\.\d+)?", rb"\g<1>77"),
                           ("xl/worksheets/sheet4.xml", rb"</sheetData>", rb"</sheetDat"),
                           ("xl/worksheets/sheet1.xml", rb"ROUND\(SUM\(", rb"ROUND(SUMM(")):
        replaced(path, spoilt, part, old, new)
        found_out(office, spoilt, part)
    data = bytearray(open(path, "rb").read())
    at = data.find(b"xl/worksheets/sheet3.xml") + 2000
    data[at:at + 50] = bytes(50)
    open(spoilt, "wb").write(data)
    found_out(office, spoilt, "the archive")


def found_out(office, spoilt, what):
    try:
        book = office.open(spoilt)
    except Complaint:
        return
    try:
        office.check(book, spoilt)
    except Complaint:
        return
    finally:
        book.close(False)
    raise AssertionError(f"the checker did not notice what was done to {what}")


# ---- hostile words

def hostile(folder):
    """Names and keys that a spreadsheet could take for something else."""
    payroll, employees = copy.deepcopy(PAYROLL), copy.deepcopy(EMPLOYEES)
    payroll["certificates"] = payroll["certificates"][:12]
    keys = ["47*", ">5", "0100", "100", "=1+1", "?", "<>", "TRUE", "1e3", "~*", "@x", "'0100"]
    names = ['=HYPERLINK("http://example.invalid","x")', "+49", "@x", "-1", "'x", '"x"', "=cmd|' /C calc'!A0", "x,y", "100", "{1}", "#REF!", "TRUE"]
    for c, key, name in zip(payroll["certificates"], keys, names):
        person = next(e for e in employees["employees"] if e["personnel_number"] == c["personnel_number"])
        person["cost_centre"], person["site"], person["name"]["last"] = key, key, name
    numbers = {c["personnel_number"] for c in payroll["certificates"]}
    employees["employees"] = [e for e in employees["employees"] if e["personnel_number"] in numbers]
    return payroll, employees, keys, names


def check_hostile(office, folder):
    payroll, employees, keys, names = hostile(folder)
    out = os.path.join(folder, "hostile")
    closing = json.loads(generate(out, write(folder, "hostile-in", payroll, employees))[-1])
    assert closing["issued"] == 12, closing
    path = os.path.join(out, "summary.xlsx")
    book = office.open(path)
    office.check(book, path)
    check_groups(book, add_up(payroll, employees)[1])
    sheet = book.Sheets.getByName("Bescheinigungen")
    for row, name in enumerate(names, 1):
        cell = sheet.getCellByPosition(column(book, "Bescheinigungen", "Name"), row)
        assert cell.Type.value == "TEXT" and cell.String == name, (name, cell.String)
    assert [r[1] for r in rows(book.Sheets.getByName("Summen nach Gruppen")) if r[0] == "Kostenstelle" and r[3]] == sorted(keys)
    book.close(False)


def well_formed(path):
    """Every part is XML, and no formula is longer than spreadsheets take."""
    with zipfile.ZipFile(path) as book:
        for name in book.namelist():
            root = ElementTree.fromstring(book.read(name))
            assert all(len(f.text or "") < 8192 for f in root.iter("{http://schemas.openxmlformats.org/spreadsheetml/2006/main}f")), name


def check_texts(office, folder):
    """Texts that XML or a spreadsheet's cell does not take stop nobody and spoil nothing."""
    payroll, employees = copy.deepcopy(PAYROLL), copy.deepcopy(EMPLOYEES)
    bad = "\uffff\ufffe"
    employees["employees"][0]["site"] = "A" + bad
    employees["employees"][-1]["no_certificate_reason"] = bad + "Ä" * 40_000
    payroll["wage_types"]["1000"]["text"] = "B" * 40_000 + bad
    for name, change in (("texts", {}), ("employer", {"employer": {**payroll["employer"], "name": "C" * 40_000 + bad + "&"}})):
        out = os.path.join(folder, name)
        closing = json.loads(generate(out, write(folder, name + "-in", {**payroll, **change}, employees))[-1])
        assert closing["issued"] + closing["held"] == 64
        path = os.path.join(out, "summary.xlsx")
        well_formed(path)
        book = office.open(path)
        office.check(book, path)
        longest = max(len(str(x)) for r in rows(book.Sheets.getByName("Ohne Bescheinigung")) for x in r)
        assert 30_000 < longest <= 32_767
        book.close(False)


def check_words(office, folder):
    """What people write in a waiver turns no check red."""
    payroll, employees = copy.deepcopy(PAYROLL), copy.deepcopy(EMPLOYEES)
    victim = next(c for c in payroll["certificates"] if c["values"].get("27") and len(payroll["certificates"]) == 64)
    victim["values"]["27"] = "9999.00"
    waivers = os.path.join(folder, "waivers.json")
    json.dump({"format": "taxcert/waivers/1", "waivers": [{"certificate": victim["id"], "rule": rule, "reason": FAILED, "approved_by": FAILED}
                                                          for rule in ("unemployment-max",)]}, open(waivers, "w"))
    out = os.path.join(folder, "words")
    closing = json.loads(generate(out, write(folder, "words-in", payroll, employees), "--waivers", waivers)[-1])
    assert closing["waived"] == 1, closing
    path = os.path.join(out, "summary.xlsx")
    book = office.open(path)
    office.check(book, path)
    assert verdict_of_all(book) == PASSED
    assert any(r[:4] == (victim["id"], "unemployment-max", FAILED, FAILED) for r in rows(book.Sheets.getByName("Übersicht")))
    book.close(False)


def check_digits(office, folder):
    """A currency of three digits, and a form whose first column is empty in some rows: half of the least unit is a difference."""
    forms = os.path.join(folder, "forms")
    shutil.copytree(os.path.join(source, "templates"), forms)
    form = os.path.join(forms, "de/lohnsteuerbescheinigung/2025")
    change = lambda name, edit: json.dump(edit(json.load(open(os.path.join(form, name)))), open(os.path.join(form, name), "w"))
    change("template.json", lambda t: {**t, "digits": 3})
    change("rules.json", lambda r: {**r, "rules": []})
    change("summary.json", lambda s: {**s, "columns": s["columns"][-1:] + s["columns"][:-1]})
    payroll = copy.deepcopy(PAYROLL)
    declaration = next(d for d in payroll["declarations"] if d["establishment"] == "LEJ")
    declaration["values"]["42"] += "4"
    out = os.path.join(folder, "digits")
    closing = json.loads(generate(out, write(folder, "digits-in", payroll, EMPLOYEES), "--templates", forms)[-1])
    assert closing["reconciled"] == "no" and closing["differences"] == 2, closing  # and the share of flat-rate tax, to three digits
    path = os.path.join(out, "summary.xlsx")
    book = office.open(path)
    office.check(book, path)
    assert verdict_of_all(book) == FAILED and overview_checks(book)["Anzahl der Bescheinigungen"][2] == PASSED
    cell = book.Sheets.getByName("Übersicht")
    english = f"{Decimal(closing['totals']['4']):,.3f}"
    german = english.translate(str.maketrans(",.", ".,"))
    assert len(english) > 9 and any(english in str(r) or german in str(r) for r in
               ([cell.getCellByPosition(1, i).String] for i in range(60))), "amounts are shown with three digits"
    book.close(False)


def check_many(office, folder):
    """More groups than are formulas: their sum is still checked against the rows."""
    data, out = os.path.join(folder, "many-in"), os.path.join(folder, "many")
    os.mkdir(data)
    subprocess.run([os.path.join(os.path.dirname(program), "tests/synth"), "400", "7", data], check=True, stdout=subprocess.DEVNULL)
    people = json.load(open(os.path.join(data, "employees.json")))
    for i, person in enumerate(people["employees"]):
        person["cost_centre"] = f"KST-{i}"
    json.dump(people, open(os.path.join(data, "employees.json"), "w"))
    payroll = json.load(open(os.path.join(data, "payroll.json")))
    place = payroll["establishments"][0]
    payroll["establishments"] += [{**place, "id": f"E{i}"} for i in range(220)]
    json.dump(payroll, open(os.path.join(data, "payroll.json"), "w"))
    generate(out, os.path.join(data, "payroll.json"), "-e", os.path.join(data, "employees.json"))
    path = os.path.join(out, "summary.xlsx")
    book = office.open(path)
    office.check(book, path)
    before = red(book)
    sheet = book.Sheets.getByName("Bescheinigungen")
    cell = sheet.getCellByPosition(column(book, "Bescheinigungen", "4. "), 1)
    cell.Value = cell.Value + 1000
    book.calculateAll()
    after = red(book) - before
    assert ("Summen nach Gruppen", "Kostenstelle") in after and ("Abstimmung", "alle Betriebsstätten", "42") in after, after
    assert ("Übersicht", "Abweichungen von den Lohnsteuer-Anmeldungen") in after, after
    book.close(False)


def check_employers(office, folder):
    """The overview of several employers: one agrees with its declarations, one has none, one has an error."""
    data, out = os.path.join(folder, "bureau"), os.path.join(folder, "bureau-out")
    os.mkdir(data)
    write(data, "alpha", PAYROLL, EMPLOYEES)
    write(data, "beta", {**PAYROLL, "declarations": PAYROLL["declarations"][1:]}, EMPLOYEES)
    open(os.path.join(data, "gamma.json"), "w").write('{"format": "taxcert/payroll/1", ')
    made = subprocess.run([program, "generate", "--allow-test-ids", "--templates", os.path.join(source, "templates"), data, "-o", out],
                          capture_output=True, text=True)
    assert made.returncode == 3, made.stderr
    path = os.path.join(out, "employers.xlsx")
    well_formed(path)
    book = office.open(path)
    assert office.check(book, path) > 10
    table = [r for r in rows(book.Sheets.getByIndex(0)) if r[0] in ("alpha", "beta", "gamma")]
    words = [[x for x in r if x in ("stimmen", "weichen ab", "fehlgeschlagen")] for r in table]
    assert words == [["stimmen"], ["weichen ab"], ["fehlgeschlagen"]], words
    book.close(False)


def check_look(path, closing):
    """What a reader of the file sees besides values."""
    book = openpyxl.load_workbook(path)
    assert [s.title for s in book] == ["Übersicht", "Abstimmung", "Bescheinigungen", "Summen nach Gruppen", "Herkunft der Beträge", "Lohnsteuer-Anmeldungen", "Fehler und Hinweise",
                                       "Zurückgehalten", "Ohne Bescheinigung"]
    sheet = book["Bescheinigungen"]
    assert sheet.freeze_panes == "D2" and sheet.print_title_rows == "$1:$1" and sheet.page_setup.orientation == "landscape"
    assert int(sheet.page_setup.paperSize) == 9 and 71 <= int(sheet.page_setup.scale) <= 100 and sheet.print_title_cols == "$A:$C"
    assert sheet.auto_filter.ref.endswith(str(closing["issued"] + 1))
    assert not any(s.merged_cells.ranges for s in book)
    assert len(book["Übersicht"]._charts) == 2
    assert book.defined_names["Zeile_4"].attr_text == f"'Bescheinigungen'!$T$2:$T${closing['issued'] + 1}"
    assert book.properties.title and book.properties.created.isoformat()[:10] == "2026-01-28"
    fills = {rule.dxf.fill.bgColor.rgb for area in book["Abstimmung"].conditional_formatting for rule in area.rules}
    assert fills == {"FFC62828", "FFE3F2E1", "FFFFECB3"}, fills


with tempfile.TemporaryDirectory() as folder, Office(folder) as office:
    good, bad = os.path.join(folder, "good"), os.path.join(folder, "bad")
    lines = generate(good, os.path.join(bank, "payroll.json"), "-e", os.path.join(bank, "employees.json"))
    worse = generate(bad, os.path.join(source, "samples/rejects/payroll.json"))
    for run, output in (good, lines), (bad, worse):
        path, closing = os.path.join(run, "summary.xlsx"), json.loads(output[-1])
        book = office.open(path)
        assert office.check(book, path) > 200
        for line, amount in closing["totals"].items():
            live = next(v for k, v in overview_checks(book).items() if k.startswith(line + ". "))
            assert cents(live[0]) == cents(live[1]) == Decimal(amount) and live[2] == PASSED, line
        counts = {s.Name: len([r for r in rows(s)[1:] if r[0] or (s.Name == "Zurückgehalten" and any(r))]) for s in book.Sheets}
        subtotal = lambda name: any(r[0] in ("Summe der sichtbaren Zeilen", "keine") for r in rows(book.Sheets.getByName(name)))
        assert counts["Bescheinigungen"] - subtotal("Bescheinigungen") == closing["issued"]
        assert counts["Zurückgehalten"] - subtotal("Zurückgehalten") == closing["held"], counts
        assert counts["Fehler und Hinweise"] - subtotal("Fehler und Hinweise") == len(output) - 1 and counts["Ohne Bescheinigung"] == closing["without_certificate"]
        if run == good:
            totals, groups = add_up(PAYROLL, EMPLOYEES)
            check_totals(book, totals)
            check_groups(book, groups)
            check_origin(book, PAYROLL)
            assert os.path.exists(os.path.join(good, link(book)))
            check_look(path, closing)
            check_csv(os.path.join(good, "summary.csv"), PAYROLL, ["issued"] * 64)
        book.close(False)
        # From the ledger: the same bytes, and on several sheets the same sums.
        again, table = os.path.join(folder, "again.xlsx"), os.path.join(folder, "again.csv")
        subprocess.run([program, "summary", run, "-o", again, "--csv", table], check=True)
        assert open(again, "rb").read() == open(path, "rb").read() and open(table, "rb").read() == open(os.path.join(run, "summary.csv"), "rb").read()
        assert os.stat(again).st_mode & 0o777 == 0o600 and sorted(os.listdir(folder)).count("again.xlsx.tmp") == 0
    parts = os.path.join(folder, "parts.xlsx")
    subprocess.run([program, "summary", good, "-o", parts, "--rows-per-sheet", "13"], check=True)
    book = office.open(parts)
    office.check(book, parts)
    assert [s.Name for s in book.Sheets if s.Name.startswith("Bescheinigungen")] == ["Bescheinigungen"] + [f"Bescheinigungen ({i})" for i in range(2, 8)]
    check_totals(book, totals)
    check_groups(book, groups)
    assert not red(book)
    book.close(False)
    well_formed(os.path.join(good, "summary.xlsx"))
    well_formed(os.path.join(bad, "summary.xlsx"))
    few = subprocess.run([program, "summary", good, "-o", parts, "--rows-per-sheet", "x"], capture_output=True)
    assert few.returncode == 2
    change_and_filter(office, os.path.join(good, "summary.xlsx"))
    check_texts(office, folder)
    check_words(office, folder)
    check_digits(office, folder)
    check_many(office, folder)
    check_employers(office, folder)
    check_hostile(office, folder)
    self_test(office, os.path.join(good, "summary.xlsx"), folder)
    shutil.rmtree(os.path.join(folder, "profile"), ignore_errors=True)
print("workbook: ok")
