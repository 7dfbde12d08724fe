"""The file for the authority: the SSA's EFW2 of the American sample, byte for byte by places written down here from another source than the form's own, with the
input's amounts; totals; the same bytes again; what must be refused. A layout of separated fields, with tables and what it lacks. Usage: filing.py TAXCERT SOURCE_DIR"""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
from xml.etree import ElementTree
from decimal import Decimal as D
import openpyxl

program, source = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
work = pathlib.Path(tempfile.mkdtemp())
GIVEN = {"user_id": "ABCD1234", "software_code": "99", "contact_name": "Pat Contact", "contact_phone": "5185550100", "contact_email": "pay@sample.example", "kind_of_employer": "N", "employment_code": "R"}
# From the SSA's publication, by another hand: box or code, first byte in RW (11 bytes), in RT (15 bytes).
RW = {"1": (188, 10), "2": (199, 25), "3": (210, 40), "4": (221, 55), "5": (232, 70), "6": (243, 85), "7": (254, 100), "10": (276, 130), "D": (287, 145), "W": (364, 250), "C": (408, 310),
      "V": (419, 340), "AA": (441, 370), "DD": (463, 295), "FF": (474, 400)}
RO = {"8": (12, 10), "T": (56, 70), "M": (67, 85), "N": (78, 100)}


def run(*words, codes=(0,), templates=source / "templates"):
    done = subprocess.run([program, words[0], "--templates", str(templates), *map(str, words[1:])], capture_output=True, text=True)
    assert done.returncode in codes and "Sanitizer" not in done.stderr, (words, done.returncode, done.stdout, done.stderr)
    return done.stdout + done.stderr


def made(year, **more):
    payroll = json.loads((source / f"samples/us/{year}/payroll.json").read_text())
    for key, change in more.items():
        change(payroll)
    path, place = work / f"{year}-{'-'.join(more) or 'as-it-is'}.json", work / f"{year}-{'-'.join(more) or 'as-it-is'}"
    path.write_text(json.dumps(payroll))
    run("generate", "--allow-test-ids", path, "-o", place)
    return payroll, place


def filed(place, name, *more, codes=(0,)):
    out = work / name
    return out, run("file", "--given", work / "given.json", *more, place, "-o", out, codes=codes)


def at(record, first, length):
    return record[first - 1:first - 1 + length]


def amount(c, box):
    if box.isdigit():
        return D(c["values"].get(box, "0"))
    return sum((D(i["amount"]) for i in c["box12"] if i["code"] == box), D(0))


def cents(number, width):
    return f"{int(number * 100):0{width}d}"


(work / "given.json").write_text(json.dumps(GIVEN))
payroll, place = made(2025, pending=lambda p: p["employees"][3].update(ssn="Applied For"), zip=lambda p: p["employees"][2]["address"].update(postcode="10001-4321"))
out, said = filed(place, "one.txt")
assert "14 certificates" in said and "UNVERIFIED" not in said, said
again, _ = filed(place, "two.txt")
data = out.read_bytes()
again.write_text("another file")
assert "[file-exists]" in filed(place, "two.txt", codes=(2,))[1] and again.read_text() == "another file", "not replaced unasked"
filed(place, "two.txt", "--force")
given = work / "given.json"
assert "[output-input]" in run("file", "--force", "--given", given, place, "-o", given, codes=(2,)) and json.loads(given.read_text()) == GIVEN
assert data == again.read_bytes() and data.isascii() and data.endswith(b"\r\n")
records = [r.decode() for r in data.split(b"\r\n")[:-1]]
assert {len(r) for r in records} == {512}
kinds = [r[:2] for r in records]
assert kinds[:2] == ["RA", "RE"] and kinds[-3:] == ["RT", "RU", "RF"] and kinds.count("RW") == 14 and kinds.count("RS") == sum(len(c["states"]) for c in payroll["certificates"])
assert at(records[0], 3, 9) == "001234567" and at(records[0], 12, 8) == "ABCD1234" and at(records[0], 36, 2) == "99" and at(records[0], 38, 57).rstrip() == "SAMPLE SAVINGS BANK, N.A."
assert at(records[0], 396, 27).rstrip() == "PAT CONTACT" and at(records[1], 3, 4) == "2025" and at(records[1], 8, 9) == "001234567" and at(records[1], 174, 1) == "N" and at(records[1], 219, 1) == "R"
wages, others = [r for r in records if r[:2] == "RW"], [r for r in records if r[:2] == "RO"]
for c, e, r in zip(payroll["certificates"], payroll["employees"], wages):
    assert at(r, 3, 9) == (e["ssn"].replace("-", "") if e["ssn"] != "Applied For" else "0" * 9), r
    assert at(r, 88, 22).rstrip() == e["address"]["street"].upper()[:22], r
    for box, (first, _) in RW.items():
        assert at(r, first, 11) == cents(amount(c, box), 11), (c["id"], box)
    assert at(r, 488, 1) == str(int(c["values"].get("13", {}).get("retirement", False))) and at(r, 486, 1) == str(int(c["values"].get("13", {}).get("statutory", False)))
assert at(wages[2], 12, 15).rstrip() == "LUCIA" and at(wages[2], 42, 20).rstrip() == "MORENO" and at(wages[2], 134, 9) == "100014321" and at(wages[7], 42, 20).rstrip() == "O'BRIEN"
abroad = wages[11]
assert at(abroad, 110, 22).rstrip() == "MONTREAL" and at(abroad, 132, 11).strip() == "" and at(abroad, 148, 23).rstrip() == "QC" and at(abroad, 171, 15).rstrip() == "H2Y 1H1" and at(abroad, 186, 2) == "CA"
assert at(wages[1], 66, 22).rstrip() == "APT. 4B"
total, more, last = records[-3:]
assert at(total, 3, 7) == "0000014" and at(last, 8, 9) == "000000014" and at(more, 3, 7) == f"{len(others):07d}"
for places, record in ((RW, total), (RO, more)):
    for box, (_, first) in places.items():
        assert at(record, first, 15) == cents(sum((amount(c, box) for c in payroll["certificates"]), D(0)), 15), box
with_others = [c for c in payroll["certificates"] if any(amount(c, b) for b in ("8", "A", "B", "R", "S", "T", "M", "N", "Z", "EE", "GG", "HH", "II"))]
assert len(others) == len(with_others) > 2
for c, r in zip(with_others, others):
    assert all(at(r, first, 11) == cents(amount(c, box), 11) for box, (first, _) in RO.items()), c["id"]
state = next(r for r in records if r[:2] == "RS" and at(r, 3, 2) == "34")  # New Jersey
assert at(state, 248, 20).rstrip() == "987/654/321" and at(state, 276, 11) == cents(D(12000), 11) and at(state, 287, 11) == cents(D("252.00"), 11), state

# 2026 was not seen: refused, or told.
_, later = made(2026)
assert "[filing-unverified]" in filed(later, "later.txt", codes=(2,))[1] and not (work / "later.txt").exists()
told = filed(later, "later.txt", "--unverified")[1]
for one, there in (later, True), (place, False):
    shown = [row[1] for row in openpyxl.load_workbook(one / "summary.xlsx").worksheets[0].iter_rows(max_row=12, values_only=True) if row[0] == "Layout of the filing record not verified"]
    assert shown == (["yes"] if there else []), (one, shown)
assert "UNVERIFIED" in told and "INCOMPLETE: 2 certificates" in told, told

# What it says cannot be written: an error too.
with open("/dev/full", "w") as full:
    done = subprocess.run([program, "file", "--templates", str(source / "templates"), "--given", str(work / "given.json"), str(place), "-o", str(work / "full.txt")], stdout=full, stderr=subprocess.PIPE)
assert done.returncode == 4, done

# What is missing, misspelt, too long, or a draft.
for given, rule in (({**GIVEN, "user_id": "ABCDEFGHIJ"}, "[filing]"), ({k: v for k, v in GIVEN.items() if k != "user_id"}, "[filing]"), ({**GIVEN, "usr_id": "A"}, "[filing]"), ({**GIVEN, "user_id": 7}, "[filing]")):
    (work / "given.json").write_text(json.dumps(given))
    told = filed(place, "never.txt", codes=(2, 3))[1]
    assert rule in told and not (work / "never.txt").exists() and "ABCDEFGHIJ" not in told, told
(work / "given.json").write_text(json.dumps(GIVEN))
run("generate", "--draft", "--allow-test-ids", source / "samples/us/2025/payroll.json", "-o", work / "draft")
assert "a draft" in filed(work / "draft", "never.txt", codes=(2,))[1]

# A layout of one's own: separated fields, by row and establishment; a sum that would not be the ledger's; what lies over each other.
copied = work / "templates"
shutil.copytree(source / "templates", copied)
layout = {"format": "taxcert/filing/1", "name": "list", "source": "here", "separator": ";", "end": "\n", "records": [
    {"id": "S", "for": "site", "fields": [{"value": "[ein]"}]},
    {"id": "C", "for": "certificate", "fields": [{"text": "C"}, {"value": "[last]"}, {"value": "[1]"}, {"value": "[13.retirement]"}]},
    {"id": "D", "for": "row", "group": "box12", "when": "[code] == \"D\"", "fields": [{"value": "[code]"}, {"value": "[amount] + 0"}]},
    {"id": "E", "for": "end", "fields": [{"count": "C", "digits": 0}, {"sum": "[1]"}, {"sum": "total(\"box12\", [amount], [code] == \"D\")"}]}]}


def with_layout(change=lambda l: None, codes=(0,), binary=False):
    one = json.loads(json.dumps(layout))
    change(one)
    (copied / "us/w2/2025/filing.json").write_text(json.dumps(one))
    (work / "list.txt").unlink(missing_ok=True)
    told = run("file", place, "-o", work / "list.txt", codes=codes, templates=copied)
    return told if codes != (0,) else (work / "list.txt").read_bytes() if binary else (work / "list.txt").read_text()


lines = with_layout().splitlines()
assert lines[:2] == ["00-1234567", "C;Sample;5200000;0"] and lines.count("D;600000") == 1, lines[:4]
sums = [sum((amount(c, box) for c in payroll["certificates"]), D(0)) for box in ("1", "D")]
assert lines[-1] == f"14;{int(sums[0] * 100)};{int(sums[1] * 100)}", lines[-1]
assert "differs from that of the ledger" in with_layout(lambda l: l["records"][1].update(when="[1] > 60000"), (3,)), "a certificate is left out"
assert "separates the fields" in with_layout(lambda l: l.update(separator="S"), (3,))
for change, rule in ((lambda l: l.update(length=10), "template-key"), (lambda l: l["records"][3]["fields"].append({"value": "[1]"}), "template-key"), (lambda l: l["records"][1]["fields"].append({"value": "[none]"}), "template-expression"),
                     (lambda l: l["records"][3]["fields"].append({"count": "X"}), "template-id"), (lambda l: l["records"][2].update(group="none"), "template-id"), (lambda l: l["records"][0]["fields"][0].update(table="none"), "template-id"),
                     (lambda l: (l.pop("separator"), l.update(length=9), l["records"].__setitem__(slice(None), [{"id": "A", "for": "begin", "fields": [{"text": "a", "at": 1, "length": 4}, {"text": "b", "at": 4, "length": 1}]}])), "template-range")):
    one = json.loads(json.dumps(layout))
    change(one)
    (copied / "us/w2/2025/filing.json").write_text(json.dumps(one))
    told = subprocess.run([program, "template", "lint", str(copied / "us/w2/2025")], capture_output=True, text=True)
    assert told.returncode == 2 and f"[{rule}" in told.stderr and "filing.json" in told.stderr, (rule, told.stderr)

# XML: elements in elements, attributes, texts with XML's own signs, rows and sums of two establishments; read by Python's parser, amounts those of the input.
def two_sites(p):
    p["establishments"].append({"id": "WEST", "ein": "00-7654321"})
    p["employees"][0]["name"]["last"] = "Sample & Sons <\"Ltd\">"
    for c in p["certificates"][9:]:
        c["establishment"] = "WEST"
    p["declarations"] = []


payroll, place = made(2025, sites=two_sites)
XML = {"format": "taxcert/filing/1", "name": "statements", "source": "here", "encoding": "ISO-8859-15", "point": ".", "xml": {"root": "Statements", "attributes": {"xmlns": "https://example.org/a?b=1&c=2"}}, "records": [
    {"id": "Sender", "for": "begin", "fields": [{"name": "Name", "value": "[employer_name]"}]},
    {"id": "Employer", "for": "site", "fields": [{"name": "@ein", "value": "[ein]", "figures": True}]},
    {"id": "Statement", "for": "certificate", "fields": [
        {"name": "@number", "count": "*", "digits": 0}, {"name": "Person/Name/First", "value": "[first]"}, {"name": "Person/Name/Last", "value": "[last]"}, {"name": "Person/City", "value": "[city]"},
        {"name": "Wages/@currency", "text": "USD"}, {"name": "Wages/#", "value": "[1]"}, {"name": "Tips", "value": "[7]", "empty": True}, {"name": "Plan", "value": "[13.retirement]", "when": "[13.retirement]"}]},
    {"id": "row", "element": "Item", "for": "row", "group": "box12", "when": "[code] != \"DD\"", "fields": [{"name": "@code", "value": "[code]"}, {"name": "Amount", "value": "[amount] + 0"}]},
    {"id": "Total", "for": "site_end", "fields": [{"name": "Count", "count": "Statement", "digits": 0}, {"name": "Wages", "sum": "[1]"}]},
    {"id": "End", "for": "end", "fields": [{"name": "Wages", "sum": "[1]"}]}]}
layout = XML
data = with_layout(binary=True)
assert data.startswith(b'<?xml version="1.0" encoding="ISO-8859-15"?>\n<Statements xmlns="https://example.org/a?b=1&amp;c=2">') and data.endswith(b"</Statements>\n") and "Luc\xeda".encode("latin-1") in data
tree = ElementTree.fromstring(data)
ns = "{https://example.org/a?b=1&c=2}"
name = lambda e: e.tag.removeprefix(ns)
assert [name(e) for e in tree] == ["Sender", "Employer", "Employer", "End"] and [e.get("ein") for e in tree.iter(ns + "Employer")] == ["001234567", "007654321"]
statements = list(tree.iter(ns + "Statement"))
assert len(statements) == 14 and [len(e.findall(ns + "Statement")) for e in tree.iter(ns + "Employer")] == [9, 5]
for c, e, s in zip(payroll["certificates"], payroll["employees"], statements):
    assert [name(x) for x in s][:2] == ["Person", "Wages"] and [name(x) for x in s[0]] == ["Name", "City"] and [x.text for x in s[0][0]] == [e["name"]["first"], e["name"]["last"]], e
    assert s.find(ns + "Wages").text == c["values"]["1"] and s.find(ns + "Wages").get("currency") == "USD" and (s.find(ns + "Tips") is None) == ("7" not in c["values"])
    assert (s.find(ns + "Plan") is not None) == c["values"].get("13", {}).get("retirement", False)
    assert [(x.get("code"), x[0].text) for x in s.findall(ns + "Item")] == [(i["code"], i["amount"]) for i in c["box12"] if i["code"] != "DD"]
for e, part in zip(tree.iter(ns + "Employer"), (payroll["certificates"][:9], payroll["certificates"][9:])):
    assert [name(x) for x in e] == ["Statement"] * len(part) + ["Total"] and [x.text for x in e[-1]] == [str(len(part)), f"{sum(amount(c, '1') for c in part):.2f}"]
assert tree[-1][0].text == f"{sum(amount(c, '1') for c in payroll['certificates']):.2f}"
assert with_layout(binary=True) == data, "the same bytes"
assert "differs from that of the ledger" in with_layout(lambda l: l["records"][2].update(when="[1] > 60000"), (3,)), "a certificate is left out"
for change, rule in ((lambda l: l.update(end="\n"), "template-key"), (lambda l: l.update(length=9), "template-key"), (lambda l: l.update(point=".."), "template-key"), (lambda l: l["xml"].update(root="1st"), "template-id"),
                     (lambda l: l["records"][3].update(element="an item"), "template-id"), (lambda l: l["xml"]["attributes"].update({"a b": "c"}), "template-type"), (lambda l: l["xml"].update(rot="x"), "template-key"),
                     (lambda l: l["records"][2]["fields"].append({"name": "@late", "text": "x"}), "template-path"), (lambda l: l["records"][2]["fields"][0].update(name="a//b"), "template-path"),
                     (lambda l: l["records"][2]["fields"][0].update(name="#"), "template-path"), (lambda l: l["records"][2]["fields"][0].pop("name"), "template-path"), (lambda l: l["records"][4].update(length=3), "template-key")):
    one = json.loads(json.dumps(layout))
    change(one)
    (copied / "us/w2/2025/filing.json").write_text(json.dumps(one))
    told = subprocess.run([program, "template", "lint", str(copied / "us/w2/2025")], capture_output=True, text=True)
    assert told.returncode == 2 and f"[{rule}" in told.stderr and "filing.json" in told.stderr, (rule, told.stderr)
shutil.rmtree(work)
print("filed")
