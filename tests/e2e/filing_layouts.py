"""Layouts of filing that are no EFW2: records of several lengths, signs, an encoding, totals that stand in front, and separated fields. Each record of the Austrian and Swiss
samples' files is put together once more from the input, by the table of the record (tests/cases/at/record-v28.tsv) and the columns' names written down here, and compared byte
by byte; what is missing or does not add up is refused. Usage: filing_layouts.py TAXCERT SOURCE_DIR"""
import csv
import io
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
from decimal import ROUND_HALF_UP, Decimal as D

program, source = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
work = pathlib.Path(tempfile.mkdtemp())


def run(*words, codes=(0,), templates=source / "templates"):
    done = subprocess.run([program, words[0], "--templates", str(templates), *map(str, words[1:])], capture_output=True, text=True)
    assert done.returncode in codes and "Sanitizer" not in done.stderr, (words, done.returncode, done.stdout, done.stderr)
    return done.stdout + done.stderr


def made(country, year, change=lambda payroll: None):
    payroll = json.loads((source / f"samples/{country}/{year}/payroll.json").read_text())
    change(payroll)
    path, place = work / f"{country}-{year}.json", work / f"{country}-{year}"
    path.write_text(json.dumps(payroll))
    run("generate", "--allow-test-ids", path, "-o", place)
    return payroll, place


def filed(place, given, *more, codes=(0,), **keys):
    (work / "given.json").write_text(json.dumps(given))
    said = run("file", "--force", "--given", work / "given.json", *more, place, "-o", work / "file.txt", codes=codes, **keys)
    return (work / "file.txt").read_bytes() if codes == (0,) else None, said


# ---- Austria: one record for each slip, by the table
TABLE = [line.split("\t") for line in (source / "tests/cases/at/record-v28.tsv").read_text().splitlines()]
GIVEN = {"project": "TM", "serial": "0000042", "file_number": "000007", "created_date": "15022027", "created_time": "101500", "transmission_date": "20270215", "transmission_time": "101501",
         "maker": "Muster Software GmbH", "email": "lohn@musterbank.example"}
AMOUNTS = {"B210": "210", "B215": "215", "B220": "220", "B225": "225", "B226": "226", "B230": "230", "B243": "243", "B245": "245", "B260": "260", "KAKL": None}
LATIN = str.maketrans("éóŽžćčáúíÁ", "eoZzccauiA")  # what a name may not have, as the sample has it


def blocks():
    """Every field of the record: the children's block stands fifteen times."""
    child = [f for f in TABLE if f[0].endswith("_K1")]
    for name, at, length, kind in TABLE:
        if not name.endswith("_K1"):
            yield name, int(at), int(length), kind
    for k in range(15):
        for name, at, length, kind in child:
            yield f"{name}{k}", int(at) + 123 * k, int(length), kind


def slip(number, payroll, e, c):
    """The record of 3500 bytes, from the input alone."""
    facts, values = c["facts"], c["values"]
    sv = e["sv_number"].replace(" ", "")
    born, begin, end = ("".join(reversed(d.split("-"))) for d in (e["birth_date"], c["period"]["from"], c["period"]["to"]))
    own = {"IDTEIL": f"L1{number:07}ED{GIVEN['serial']}94", "FSART": "L", "DTUE": GIVEN["transmission_date"], "ZTUE": GIVEN["transmission_time"],
           "REFN": f"{e['personnel_number']}-{c['kind']}-{begin[:4]}", "ARTL": f"{c['kind']:02}", "BELZ": begin[:4], "ENLZ": end[:4], "JALZ": str(payroll["year"]), "SOZS": str(facts["social_position"]),
           "AVLN": sv[:4], "AGBD": sv[4:], "ANAM": f"{e['name']['last']} {e['name']['first']}".translate(LATIN), "AADR": e["address"]["street"].replace("ő", "o"), "ALKZ": {"AT": "A", "HU": "H"}[e["address"]["country"]],
           "APLZ": e["address"]["postcode"], "AORT": e["address"]["city"], "GESW": "J" * (e["gender"] == "w"), "GESM": "J" * (e["gender"] == "m"), "GESD": "J" * (e["gender"] == "d"),
           "VOLL": "J" * (not facts["part_time"]), "TEIL": "J" * facts["part_time"], "STNRA": payroll["establishments"][0]["tax_number"].replace("-", "").replace("/", ""), "GEBD": born,
           "BFABO": "J" * facts.get("FABOJ", False)}
    for flag in ("AVAB", "AEAB", "EPAB", "ERVAB", "SBK00", "SBK15", "SBK20", "SBKDW"):
        own[flag] = "J" * facts.get(flag, False)
    record, signs = [" "] * 3500, {}
    for name, at, length, kind in blocks():
        amount = D(values.get(AMOUNTS.get(name, name) or "", "0"))
        if kind == "n" and length == 10 and name != "KVSNR_K1":
            text = f"{abs(int(amount * 100)):010}"
            signs[name] = " " if amount == 0 else "+" if amount > 0 else "-"
            if at < 1050 and record[at - 2] == " " and signs[name] != " ":
                record[at - 2] = signs[name]
        elif kind == "n":
            text = own.get(name) or str(facts.get(name, 0))
            text = text.rjust(length, "0")
        else:
            text = own.get(name, "").ljust(length)
        assert len(text) == length, (name, text)
        record[at - 1:at - 1 + length] = text
    return "".join(record)


for year, change in ((2026, lambda p: (p["certificates"][11]["values"].update({"BSSB": "-300.00", "243": "-300.00", "245": f"{D(p['certificates'][11]['values']['245']) + 600:.2f}"}),
                                       p["certificates"][0]["facts"].update(AVAB=True))), (2025, lambda p: None)):
    payroll, place = made("at", year, change)
    assert "[filing-unverified]" in filed(place, GIVEN, codes=(2,))[1]
    data, said = filed(place, GIVEN, "--unverified")
    assert "12 certificates" in said and "UNVERIFIED" in said and "INCOMPLETE: 1 certificates" in said, said
    records = data.decode("iso-8859-15").split("\r\n")
    assert [len(r) for r in records] == [3500, 1100, *[3500] * 13] and not data.endswith(b"\n")
    for i, (e, c) in enumerate(zip(payroll["employees"], payroll["certificates"])):
        expected = slip(3 + i, payroll, e, c)
        wrong = [(name, expected[at - 2:at - 1 + length], records[2 + i][at - 2:at - 1 + length]) for name, at, length, _ in blocks() if expected[at - 2:at - 1 + length] != records[2 + i][at - 2:at - 1 + length]]
        assert expected == records[2 + i], (year, c["id"], wrong)
    first, info, last = records[0], records[1], records[-1]
    assert first[:149].rstrip() == ("000000001ED000004294TMLF000007" + "15022027" + "101500" + "Muster Software GmbH") and first[149:151] == "28", first[:160]
    assert info[:20] == "I10000002ED000004294" and info[50:59] == "911234565" and info[66:84] == "LZ2027021510150103" and info[84:121].rstrip() == "Musterbank Österreich AG" and info[178:191] == "A  1010      "
    assert info[232:236] == str(year) and info[236:250] == "0000012" * 2, info[230:252]
    assert last[:20] == "990000015ED000004294" and last[20:32] == "000015000000" and last[32:].rstrip() == GIVEN["email"]
    assert filed(place, GIVEN, "--unverified")[0] == data, "the same bytes"
assert "Österreicher Franz".encode("iso-8859-15") in data and b"Petrovic Zeljko" in data
for given, said in (({**GIVEN, "serial": "42"}, "shorter than its field"), ({**GIVEN, "serial": "00000042"}, "longer than its field"), ({k: v for k, v in GIVEN.items() if k != "transmission_date"}, "transmission_date must be given"),
                    ({**GIVEN, "seriel": "1"}, "asks for: serial project file_number created_date created_time maker maker_country maker_postcode maker_city maker_street maker_phone software vendor")):
    told = filed(place, given, "--unverified", codes=(2, 3))[1]
    assert said in told and "00000042" not in told, told

# ---- Switzerland: three kinds of rows
COLUMNS = "1 2.1 2.2 2.3t 2.3 3t 3 4t 4 5 6 7t 7 9 10.1 10.2 12 13.1.1x 13.1.1 13.1.2t 13.1.2 13.2.1 13.2.2 13.2.3t 13.2.3 13.3".split()
GIVEN = {"contact_first": "Vreni", "contact_last": "Muster", "contact_phone": "+41 44 000 00 01"}


def francs(amount):
    return str(int(D(amount).quantize(D(1), ROUND_HALF_UP))) if D(amount) else ""


def day(date):
    return ".".join(reversed(date.split("-")))


def remark(c):
    facts = c["facts"]
    words = [f"Einer von {facts['certificate_count']} Lohnausweisen." if "certificate_count" in facts else "", "Teilzeitbeschäftigung" if facts["part_time"] and c["period"]["from"] >= "2026" else "",
             f"{facts['activity_rate']}%-Stelle." if "activity_rate" in facts else "", "Spesenreglement durch Kanton {} am {} genehmigt.".format(facts["expense_regulation"]["canton"], day(facts["expense_regulation"]["date"])) if "expense_regulation" in facts else "",
             "Kurzarbeitsentschädigung in Ziffer 1 enthalten." if facts.get("short_time") else "", "Mittagessen durch Arbeitgeber bezahlt" if facts.get("meals_paid") else "", c["texts"].get("15", "")]
    return " ".join(w for w in words if w)


for year in (2025, 2026):
    payroll, place = made("ch", year, lambda p: (p["employees"][0]["address"].update(street="Bahnhofstrasse 12; 3. Stock"), p["employees"][5]["address"].update(country="DE")))
    data, said = filed(place, GIVEN, "--unverified")
    rows = list(csv.reader(io.StringIO(data.decode("iso-8859-1"), newline=""), delimiter=";", quoting=csv.QUOTE_NONE))
    assert [len(r) for r in rows] == [11, *[12, 35] * 12] and data.count(b"\r\n") == 24 and not data.endswith(b"\n")
    assert rows[0] == ["1", "Muster Bank AG", "Paradeplatz 99", "", "8001", "Zürich", "SCHWEIZ", "+41 44 000 00 00", "Vreni", "Muster", "+41 44 000 00 01"]
    for e, c, two, three in zip(payroll["employees"], payroll["certificates"], rows[1::2], rows[2::2]):
        assert two == ["2", "", e["ahv_number"], day(e["birth_date"]), "", e["name"]["first"], e["name"]["last"].replace("Š", "S").replace("ć", "c"), e["address"]["street"].replace(";", ","), "",
                       e["address"]["postcode"], e["address"]["city"], {"CH": "SCHWEIZ", "DE": "DEUTSCHLAND"}[e["address"]["country"]]], two
        cells = [c["texts"].get(k[:-1], "") if k[-1] == "t" else "x" * c["facts"].get("actual_expenses", False) if k[-1] == "x" else francs(c["values"].get(k, "0")) for k in COLUMNS]
        assert three == ["3", {"wage": "SR", "pension": "AR"}[c["kind"]], str(year), day(c["period"]["from"]), day(c["period"]["to"]), "x" * c["facts"].get("free_transport", False), "x" * c["facts"].get("canteen", False),
                         *cells, c["texts"].get("14", ""), remark(c)], (three, cells, remark(c))
run("correct", "--allow-test-ids", place, source / "samples/ch/2026/corrections.json", "-o", work / "corrected")
assert "1 of these are corrections" in filed(work / "corrected", GIVEN, "--unverified")[1]

# ---- what a layout may not be, and sums that would not be the ledger's
copied = work / "templates"
shutil.copytree(source / "templates/ch", copied / "ch")
folder = copied / "ch/lohnausweis/2026"
form = (folder / "template.json").read_text()
assert form.count('"filing_verified": false') == 1
(folder / "template.json").write_text(form.replace('"filing_verified": false', '"filing_verified": true'))
layout = {"format": "taxcert/filing/1", "name": "list", "source": "here", "length": 60, "between": "\n", "records": [
    {"id": "A", "for": "begin", "length": 40, "fields": [{"at": 1, "length": 5, "count": "C", "digits": 0}, {"at": 6, "length": 5, "count": "*", "digits": 0}, {"at": 11, "length": 12, "sum": "[1]", "sign": "+"}]},
    {"id": "C", "for": "certificate", "fields": [{"at": 1, "length": 12, "value": "[1]", "sign": "+-"}, {"at": 20, "length": 10, "value": "[birth_date]", "format": "DD/MM/YYYY"}, {"at": 31, "length": 20, "show": [{"field": "kind"}, " ", {"field": "canton"}], "cut": True}]}]}


def listed(change=lambda l: None, codes=(0,)):
    one = json.loads(json.dumps(layout))
    change(one)
    (folder / "filing.json").write_text(json.dumps(one))
    told = run("file", "--force", place, "-o", work / "list.txt", codes=codes, templates=copied)
    return (work / "list.txt").read_text() if codes == (0,) else told


total = sum((D(c["values"].get("1", "0")) for c in payroll["certificates"]), D(0))
lines = listed().split("\n")
assert lines[0] == f"0001200001+{int(total * 100):011}".ljust(40) and lines[1] == ("+00010400040" + " " * 7 + "05/03/1974" + " " + "wage ZH").ljust(60) and len(lines) == 13, lines[:2]
for change, said in ((lambda l: l["records"][1]["fields"][0].update(digits=0), "differs from that of the ledger"),
                     (lambda l: l["records"][1]["fields"][1].pop("format"), "/records/1/fields/1/format"),
                     (lambda l: l["records"][1]["fields"][0].update(format="DD"), "/records/1/fields/0/format"),
                     (lambda l: l.update(end="\n"), "stands between them"),
                     (lambda l: l["records"][1]["fields"][2].update(show=[{"field": "none"}]), "/records/1/fields/2/show/0/field"),
                     (lambda l: l["records"][1]["fields"][0].update(sign="-"), "/records/1/fields/0/sign"),
                     (lambda l: l.update(encoding="latin1"), "/encoding"),
                     (lambda l: l["records"][1]["fields"][0].update(length=8), "more digits than its field"),
                     (lambda l: l["records"][1]["fields"].append({"at": 51, "length": 5, "count": "C"}), "/records/1/fields/3"),
                     (lambda l: l["records"][0]["fields"].append({"at": 24, "length": 5, "count": "D"}), "no record before has this id")):
    told = listed(change, codes=(2, 3))
    assert said in told, (said, told)
shutil.rmtree(work)
