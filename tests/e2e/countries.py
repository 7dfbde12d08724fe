"""Every form but the German one, whose tests are all others: its folder and samples/<country>/<folder> are enough to be tested. The sample is issued whole, the same
bytes with any number of threads, proved, reprinted, corrected; totals are those of the input; the workbook (of a form's latest year) is calculated again by LibreOffice; each
reject breaks its rule alone, and each rule has a reject; what corrections may not change is refused; the worked examples of tests/cases/<country> are
certified and printed as they should; with every name of a form's latest year changed the same certificates come out. Usage: countries.py TAXCERT SOURCE_DIR [COUNTRY]"""
import copy
import glob
import html
import json
import os
import pathlib
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
import zipfile
from decimal import Decimal as D

import jsonschema

sanitized, source = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
sys.path.insert(0, str(source / "tests/lib"))
from builds import release  # noqa: E402
from office import Office, rows, verdicts  # noqa: E402
from renaming import Names  # noqa: E402

program, quick = sanitized, release(sanitized, source)  # for the earlier years of a form: other data, the same code
templates = source / "templates"
FORMS = sorted(p.parent for p in templates.glob("*/*/*/template.json") if p.parts[-4] != "de" and p.parts[-4] in (sys.argv[3:] or p.parts))


def load(path):
    return json.loads(pathlib.Path(path).read_text())


def run(command, *words, codes=(0,)):
    more = ["--templates", str(templates)] if command in ("generate", "correct", "check", "reprint") else []
    done = subprocess.run([program, command, *more, *map(str, words)], capture_output=True, text=True)
    assert done.returncode in codes and "Sanitizer" not in done.stderr, (command, words, done.returncode, done.stdout[-1500:], done.stderr[-3000:])
    return done


# How a day is written there; Austria's boxes of one digit each have no signs.
DAYS = {"at": "DD.MM.YYYY", "ch": "DD.MM.YYYY", "nl": "DD-MM-YYYY", "uk": "DD/MM/YYYY", "us": "MM/DD/YYYY"}


def days(folder, place):
    """Pages, letters and the workbook's cells write days as the country does."""
    habit, styles = DAYS[folder.parts[-3]], zipfile.ZipFile(place / "summary.xlsx").read("xl/styles.xml").decode()
    shown = {f for name in ("form", "letter") for f in re.findall('"format": "([^"]*YYYY[^"]*)"', (folder / f"{name}.json").read_text())}
    assert shown - {"DDMMYYYY"} <= {habit}, (folder, shown)
    assert set(re.findall('formatCode="([^"]*yy[^"]*)"', styles)) == {re.sub(r"([-./])", r"\\\1", habit.lower()) + "_0"}, (folder, styles)


def text(pdf):
    return " ".join(subprocess.run(["pdftotext", "-raw", pdf, "-"], capture_output=True, text=True, check=True).stdout.split())


def pdf_of(place, certificate):
    return glob.glob(f"{place}/certificates/*/*-{certificate['personnel_number']}+{certificate['id']}.pdf")[0]


def findings(place):
    got = {"error": {}, "warning": {}}
    with sqlite3.connect(f"{place}/ledger.db") as ledger:
        for number, severity, rule in ledger.execute("SELECT number, severity, rule FROM finding"):
            got[severity].setdefault(number, set()).add(rule)
    return got


def amounts(payroll, line):
    """Every certificate's amount of the line, given or the sum of its entries."""
    for c in payroll["certificates"]:
        if line in c.get("values", {}):
            yield D(str(c["values"][line]))
        for e in c.get("entries", []):
            for to in payroll["wage_types"][e["wage_type"]]["adds_to"]:
                if to.lstrip("-") == line:
                    yield D(e["amount"]) * (-1 if to[0] == "-" else 1)


def whole_sample(folder, sample, work):
    """Issued by one thread and by four; the run's folder."""
    payroll, template = load(sample / "payroll.json"), load(folder / "template.json")
    first, second = work / "one", work / "four"
    said = run("generate", "--allow-test-ids", "--jobs", "1", sample / "payroll.json", "-o", first).stdout
    run("generate", "--allow-test-ids", "--jobs", "4", sample / "payroll.json", "-o", second)
    assert subprocess.run(["diff", "-r", "-x", "events.log", first, second]).returncode == 0, "same input, same bytes"
    assert 10 <= len(payroll["certificates"]) <= 20 and f"certificates {len(payroll['certificates'])} = issued {len(payroll['certificates'])} + " in said and "warnings 0" in said, said
    place = "box" if template.get("boxes") else "line"
    for field in template["fields"]:
        if field.get("control"):
            assert f"total of {place} {field['id']} " in said, field
            if "compute" not in field:
                assert re.search(rf"^total of {place} {re.escape(field['id'])} [^\n]+: {sum(amounts(payroll, field['id']), D(0)):.2f} {template['currency']}$", said, re.M), (field, said)
    run("verify", "--sample", 4, first)
    return first, payroll


def copies(place, payroll, work):
    one = payroll["certificates"][0]
    run("reprint", place, one["id"], "-o", work / "again.pdf")
    assert (work / "again.pdf").read_bytes() == pathlib.Path(pdf_of(place, one)).read_bytes()
    run("reprint", place, one["id"], "--duplicate", "-o", work / "duplicate.pdf")
    assert text(pdf_of(place, one)).split()[-8:] == text(work / "duplicate.pdf").split()[-8:]
    assert all(name["name"]["last"].split()[-1] in text(pdf_of(place, c)) for name, c in list(zip(payroll["employees"], payroll["certificates"]))[::4])


TAX_DECLARED = {"uk": "tax", "us": "3"}  # the code whose amounts stand by period beside the overview's caption, which says tax


def drawn_by_period(book, payroll, country, caption):
    """The tax of each period, and what its bars are called."""
    if country not in TAX_DECLARED:
        return
    table = rows(book.Sheets.getByIndex(0))
    head = next(i for i, row in enumerate(table) if caption in row)
    at = table[head].index(caption)
    there = {row[at - 1]: row[at] for row in table[head + 1:head + 1 + len(payroll["declarations"])]}
    assert {str(k): round(D(v), 2) for k, v in there.items()} == {d["period"]: D(d["values"][TAX_DECLARED[country]]) for d in payroll["declarations"]}, there


def workbook(place, office, payroll, country):
    path = str(place / "summary.xlsx")
    book = office.open(path)
    labels, words = load(place / "form/summary.json")["labels"], load(glob.glob(f"{place}/form/captions.*.json")[0])["captions"]
    assert office.check(book, path) > 50
    told = verdicts(rows(book.Sheets.getByIndex(0)), words[labels["all_checks"]])
    assert told in [(words[labels["calculated"]], 0, agreed) for agreed in (words[labels["passed"]], None)], told
    drawn_by_period(book, payroll, country, words[labels["by_period"]])
    book.close(False)


def shows(pdf, given):
    """What the sample says of the page: words that stand there, and others that do not."""
    page = text(pdf) if {"x_prints", "x_never"} & set(given) else ""
    for words in given.get("x_prints", []):
        assert words in page, (pdf, words, page)
    for words in given.get("x_never", []):
        assert words not in page, (pdf, words, page)


def reconciled(payroll, work):
    """Declarations, where the sample has them, agree; any amount of one that is another does not."""
    declared = payroll.get("declarations")
    if not declared:
        return
    assert "certificates and declarations agree" in run("check", "--allow-test-ids", dumped(payroll, work)).stdout
    told = 0
    for code in [k for k, v in declared[0]["values"].items() if isinstance(v, str)]:
        other = copy.deepcopy(payroll)
        other["declarations"][0]["values"][code] = f"{D(declared[0]['values'][code]) + 5:.2f}"
        told += "certificates and declarations differ: see the sheet of the reconciliation" in run("check", "--allow-test-ids", dumped(other, work)).stdout
    assert told >= 4, told


def dumped(payroll, work):
    (work / "declared.json").write_text(json.dumps(payroll))
    return work / "declared.json"


def corrected(place, sample, work):
    """The sample's corrections: every change is made."""
    changes = load(sample / "corrections.json")
    said = run("correct", "--allow-test-ids", place, sample / "corrections.json", "-o", work / "corrected").stdout
    made = [c for c in changes["certificates"] if "correction" in c]
    assert f"corrected {len(made)}, cancelled {len(changes['cancellations'])}, late {len(changes['certificates']) - len(made)}, changes held back 0" in said, said
    run("verify", work / "corrected")
    letters = sorted(glob.glob(f"{work}/corrected/letters/*/*.pdf"))
    assert len(letters) == len(changes["cancellations"]) and all(c["reason"] in text(p) for c, p in zip(changes["cancellations"], letters)), letters
    for c, letter in zip(changes["cancellations"], letters):
        shows(letter, c)
    for c in made:
        pdf = glob.glob(f"{work}/corrected/certificates/*/*-{c['personnel_number']}+{c['id']}+correction-1.pdf")[0]
        shows(pdf, c)
        assert "correction" in json.loads(subprocess.run(["qpdf", "--show-attachment=certificate.json", pdf], capture_output=True, check=True).stdout)["marks"]


def change(payroll, c, field):
    """Another value of the field for the certificate c."""
    person = next(e for e in payroll["employees"] if e["personnel_number"] == c["personnel_number"])
    at = {"employee": person, "address": person["address"], "certificate": c}.get(field.get("in", "values"), c["values"])
    *way, last = field.get("path", field["id"]).split("/")
    for key in way:
        at = at.setdefault(key, {})
    if field["id"] == "personnel_number":
        person["personnel_number"] = "777" + person["personnel_number"]
    was = str(at.get(last) or "0")
    at[last] = {"date": "1971-03-03", "text": "Z" + was[1:], "cross": was == "0", "money": "1.00"}[field["type"]]
    if field["id"] == "personnel_number":
        at[last] = person["personnel_number"]


def refused(folder, sample, place, payroll, work):
    """Each rule about corrections, by a correction of a certificate of its own that it is about."""
    ground = next(c["correction"] for c in load(sample / "corrections.json")["certificates"] if "correction" in c)
    fields = {f["id"]: f for f in load(folder / "template.json")["fields"]}
    rules = [(r, next(k for k in ("changed", "only") if k in r)) for r in load(folder / "rules.json")["rules"] if {"changed", "only"} & set(r) and "when" not in r]
    one = copy.deepcopy(payroll)
    one["certificates"] = one["certificates"][:len(rules)]
    for c, (rule, way) in zip(one["certificates"], rules):
        c["correction"] = ground
        if rule[way]:
            change(one, c, fields[rule["at"] if rule["at"] in rule[way] else rule[way][0]])
    (work / "change.json").write_text(json.dumps({**one, "issue_date": f"{payroll['year'] + 1}-12-01"}))
    said = run("correct", "--allow-test-ids", place, work / "change.json", codes=(0, 1)).stderr
    for c, (rule, _) in zip(one["certificates"], rules):
        told = [line for line in said.splitlines() if f" {c['personnel_number']} " in line and f"[{rule['id']}]" in line]
        assert told and told[0].startswith("warning") == (rule["severity"] == "warning"), (rule["id"], said)
    shown = {rule["id"] for rule, _ in rules}
    if (sample / "rejects/corrections.json").exists():
        done = run("correct", "--allow-test-ids", place, sample / "rejects/corrections.json", codes=(1,))
        for c in load(sample / "rejects/corrections.json")["certificates"]:
            assert f" {c['personnel_number']} " in done.stderr and f"[{c['x_expect']}]" in done.stderr, (c["x_why"], done.stderr)
            shown.add(c["x_expect"])
    return shown


def test_ids(path):
    """Where every number that the rules let pass could be somebody's."""
    return ["--allow-test-ids"] if load(path).get("x_allow_test_ids") else []


def rejected(folder, path, work):
    """The rules that the file's records break, each record its own alone."""
    said = run("generate", *test_ids(path), path, "-o", work / path.stem, codes=(1,))
    boxes = load(folder / "template.json").get("boxes")
    named = set(re.findall(r"^(?:error|warning): \S+ \S+: (line|box) [0-9]", said.stdout + said.stderr, re.M))
    assert named <= {"box" if boxes else "line"} and (named or not boxes or path.stem != "payroll"), (folder, named)
    got, wrong, shown = findings(work / path.stem), 0, set()
    for i, c in enumerate(load(path)["certificates"]):
        expected = [{rules} if isinstance(rules, str) else set(rules or ()) for rules in (c["x_expect"], c.get("x_warn"))]
        if got["error"].get(i, set()) != expected[0] or (not expected[0] and got["warning"].get(i, set()) != expected[1]):
            print(folder, path.stem, i, c["x_why"], "expected", expected, "got", got["error"].get(i), got["warning"].get(i))
            wrong += 1
        shown |= expected[0] | expected[1]
    assert not wrong
    return shown


def rejects(folder, sample, work):
    shown, path = set(), sample / "rejects/payroll.json"
    for one in sorted((sample / "rejects").glob("*.json")):
        shown |= rejected(folder, one, work) if one.stem != "corrections" else set()
    rules = {r["id"] for r in load(folder / "rules.json")["rules"]}
    for rule, day in (("period-issued", f"{load(path)['year']}-04-30"), ("issued-late", f"{load(path)['year'] + 1}-12-31")):
        said = run("check", "--max-findings", "0", *test_ids(path), "--issue-date", day, path, codes=(1,)) if rule in rules else None
        shown |= {rule} if said and f"times {rule}" in said.stdout + said.stderr else set()
    return shown


def worked_examples(folder, sample, work):
    """What must be certified without an error, and what then stands on the page; or which rule must refuse it."""
    path = source / f"tests/cases/{folder.parts[-3]}/{folder.name}.json"
    if not path.exists():
        return
    payroll, table = load(sample / "payroll.json"), load(path)
    people, certificates = [], []
    for i, case in enumerate(table["cases"]):
        e, c = copy.deepcopy(payroll["employees"][0]), copy.deepcopy(payroll["certificates"][0])
        e["personnel_number"] = c["personnel_number"] = str(5001 + i)
        e["name"]["last"] = "Example-" + "".join(chr(65 + int(d)) for d in str(i))
        table.get("ids") and e.update({table["ids"]["key"]: table["ids"]["of"][i]})
        e.update(case.get("employee", {}))
        c.update(id=f"EX-{i}", **{k: v for k, v in case.items() if k in ("period", "values", "facts", "entries", *table.get("groups", []))})
        people.append(e)
        certificates.append(c)
    (work / "cases.json").write_text(json.dumps({**payroll, "employees": people, "certificates": certificates}))
    run("generate", "--allow-test-ids", work / "cases.json", "-o", work / "cases", codes=(0, 1))
    got = findings(work / "cases")
    for i, (case, c) in enumerate(zip(table["cases"], certificates)):
        assert got["error"].get(i, set()) == set(case.get("refused", [])), (folder, case["name"], got["error"].get(i))
        assert got["warning"].get(i, set()) == set(case.get("warned", [])), (folder, case["name"], got["warning"].get(i))
        page = "" if case.get("refused") else text(pdf_of(work / "cases", c))
        for words in case.get("prints", []):
            assert words in page, (folder, case["name"], words, page)
        if "stands" in case:
            stands(pdf_of(work / "cases", c), case["stands"])
        for words in case.get("never", []):
            assert words not in page, (folder, case["name"], words, page)
    worked_corrections(payroll, table["cases"], people, certificates, work)
    print(folder.parts[-3], folder.name, len(table["cases"]), "worked examples")


def reported(folder, tried):
    """Each problem report of the reference has a case, a rule that a reject breaks, or a test that says what is looked at."""
    path = source / f"tests/cases/{folder.parts[-3]}/{folder.name}.json"
    table = load(path) if path.exists() else {}
    cases = {case["name"] for case in table.get("cases", [])}
    for row in table.get("reports", []):
        shown = [k for k in ("case", "rule", "test") if k in row]
        assert len(shown) == 1, row
        assert row.get("case", None) in {None, *cases} and row.get("rule", None) in {None, *tried}, (folder, row)
        assert "test" not in row or row["says"] in (source / "tests/e2e" / row["test"]).read_text(), row


def drawn(pdf):
    """The page is drawn: no form to fill (AcroForm), which other viewers show empty, and no picture that scaling spoils."""
    assert not {b"/AcroForm", b"/Image", b"/Widget"} & set(re.findall(rb"/\w+", subprocess.run(["qpdf", "--qdf", "--object-streams=disable", pdf, "-"], capture_output=True, check=True).stdout)), pdf


def worked_corrections(payroll, cases, people, certificates, work):
    """Examples of a correction: what was certified, what is right, and what then stands on the page."""
    which = [i for i, case in enumerate(cases) if "corrected" in case]
    if not which:
        return
    made = [{**certificates[i], **cases[i]["corrected"], "values": {**certificates[i]["values"], **cases[i]["corrected"]["values"]}, "correction": {"reason": "an example", "filed": True}} for i in which]
    for c in made:
        c.pop("prints"), c.pop("never", None)
    (work / "corrected.json").write_text(json.dumps({**payroll, "employees": [people[i] for i in which], "certificates": made}))
    run("correct", "--allow-test-ids", work / "cases", work / "corrected.json", "-o", work / "cases-corrected")
    for i, c in zip(which, made):
        shows(glob.glob(f"{work}/cases-corrected/certificates/*/*+{c['id']}+correction-1.pdf")[0], {f"x_{k}": cases[i]["corrected"].get(k, []) for k in ("prints", "never")})


def printed(folder, place, work):
    """A print file of everybody; batch_abroad.py looks into it."""
    done = run("batch", place, "-o", work / "print")
    assert glob.glob(f"{work}/print/*.pdf"), done.stdout


def described(folder, sample, place, payroll):
    """The input and what is attached are as the form's schema says."""
    done = subprocess.run([program, "template", "schema", "--templates", str(templates), "/".join(folder.parts[-3:-1]), folder.name], capture_output=True, check=True)
    schema = json.loads(done.stdout)
    for name in ("payroll", "corrections"):
        jsonschema.Draft202012Validator(schema).validate(load(sample / f"{name}.json"))
    attached = jsonschema.Draft202012Validator({"$ref": "#/$defs/certificate", "$defs": schema["$defs"]})
    for c in payroll["certificates"][::4]:
        attached.validate(json.loads(subprocess.run(["qpdf", "--show-attachment=certificate.json", pdf_of(place, c)], capture_output=True, check=True).stdout))


def stands(pdf, places):
    """Each word stands within its box of the official print: [word, x, y, width, height] in millimetres."""
    said = subprocess.run(["pdftotext", "-bbox", pdf, "-"], capture_output=True, text=True, check=True).stdout
    found = [([float(v) * 25.4 / 72 for v in m[:4]], html.unescape(m[4])) for m in re.findall(r'xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">([^<]+)<', said)]
    for word, x, y, width, height in places:
        assert any(w == word and x <= b[0] and b[2] <= x + width and y < (b[1] + b[3]) / 2 < y + height for b, w in found), (pdf, word, [b for b, w in found if w == word])


def renamed(folder, place, payroll, work):
    """With every name of the form and its input changed the same certificates and totals come out."""
    names = Names(folder)
    names.write(work / "templates", "xx/other", names.template["year"])
    os.symlink(templates / "fonts", work / "templates/fonts")
    (work / "renamed.json").write_text(json.dumps(names.payroll(payroll, "xx/other")))
    said = subprocess.run([program, "generate", "--allow-test-ids", "--templates", work / "templates", work / "renamed.json", "-o", work / "other"],
                          capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
    for c in payroll["certificates"][::3]:
        assert text(pdf_of(place, c)) == text(pdf_of(work / "other", c)), (folder, c["id"])
    records = [[json.loads(row[0])["fields"] for row in sqlite3.connect(f"{run_}/ledger.db").execute("SELECT record FROM certificate ORDER BY number")]
               for run_ in (place, work / "other")]
    assert [{names.names["field"][k]: v for k, v in one.items()} for one in records[0]] == records[1], folder


began = time.time()
with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as name, Office(name) as libre:
    for number, form in enumerate(FORMS):
        latest = form == max(f for f in FORMS if f.parent == form.parent)
        program = sanitized if latest else quick
        place = pathlib.Path(name, str(number))
        place.mkdir()
        sampled = source / "samples" / form.parts[-3] / form.name
        linted = run("template", "lint", form)
        left = [line for line in linted.stderr.splitlines() if not line.endswith("it names the year before that of the form")]  # a form's revision may
        assert "no errors found" in linted.stdout and not left, left
        issued, given = whole_sample(form, sampled, place)
        copies(issued, given, place)
        days(form, issued)
        if latest:
            workbook(issued, libre, given, form.parts[-3])
            renamed(form, issued, given, place)
            reconciled(given, place)
            described(form, sampled, issued, given)
            printed(form, issued, place)
        tried = refused(form, sampled, issued, given, place) | rejects(form, sampled, place)
        corrected(issued, sampled, place)
        drawn(pdf_of(issued, given["certificates"][0]))
        reported(form, tried)
        idle = {r["id"] for r in load(form / "rules.json")["rules"]} - tried
        assert not idle, (form, "rules without a sample", idle)
        worked_examples(form, sampled, place)
        print(*form.parts[-3:], f"is issued, proved, corrected, refused; {time.time() - began:.1f} s")
