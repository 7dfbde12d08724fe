"""Several pensions with different starting years on one certificate: each with its own lines 8, 9, 29 to 32 in the free rows, by the rules
one by one and together; workbook, explain, corrections and the attached values have them. Usage: pensions.py TAXCERT SOURCE_DIR"""
import copy, csv, glob, json, os, re, subprocess, sys, tempfile

import jsonschema, openpyxl

program, source = sys.argv[1:3]
templates = os.path.join(source, "templates")
ENV = dict(os.environ, TAXCERT_TEMPLATES=templates)
PERSON = {"personnel_number": "P1", "tax_id": "08960237058", "name": {"first": "Erna", "last": "Beispiel"}, "birth_date": "1950-05-02",
          "address": {"street": "Lindenweg 7", "postcode": "60311", "city": "Frankfurt am Main", "country": "DE"},
          "employment": {"kind": "pensioner", "from": "1990-01-01"}}
VALUES = {"3": "45600.00", "4": "3000.00", "8": "24000.00", "29": "24000.00", "30": 2012}
SECOND = {"8": "18000.00", "29": "18000.00", "30": 2019}
THIRD = {"8": "3600.00", "29": "10800.00", "30": 2024, "31": {"first": 9, "last": 12}}
PAYROLL = {"format": "taxcert/payroll/1", "form": "de/lohnsteuerbescheinigung", "year": 2025, "issue_date": "2026-01-28",
           "employer": {"name": "Bank", "address": {"street": "Weg 1", "postcode": "60311", "city": "Frankfurt am Main", "country": "DE"}},
           "establishments": [{"id": "A", "tax_number": "013 815 08153", "tax_office": {"name": "Finanzamt", "number": "2613"}, "land": "HE"}],
           "employees": [PERSON]}


def certificate(further, values=VALUES, **more):
    return {"id": "C1", "personnel_number": "P1", "establishment": "A", "period": {"from": "2025-01-01", "to": "2025-12-31"}, "values": values,
            "transfer_ticket": "T1", "deduction_features": [{"valid_from": "2025-01-01", "tax_class": 1, "church_marks": "--"}],
            "further_pensions": further, **more}


def taxcert(*words, code=0):
    done = subprocess.run([program, *words], env=ENV, capture_output=True, text=True)
    assert done.returncode == code, (words, done)
    return done.stdout + done.stderr


def write(folder, name, data):
    path = os.path.join(folder, name)
    json.dump(data, open(path, "w"))
    return path


def check(folder, *args, code=0, **kw):
    """The findings: (place in the certificate, rule)."""
    said = taxcert("check", "--allow-test-ids", write(folder, "c.json", {**PAYROLL, "certificates": [certificate(*args, **kw)]}), code=code)
    return sorted(re.findall(r"#/certificates/0/(\S*?)\)? \[([a-z-]+)\]", said))


def row_texts(pdf):
    text = subprocess.run(["pdftotext", "-raw", pdf, "-"], capture_output=True, text=True, check=True).stdout
    return text[text.index("34. "):text.index("Finanzamt, an das")].split("\n")[1:-1]


with tempfile.TemporaryDirectory() as folder:
    # Right ones, and what is wrong with one or all together.
    assert check(folder, [SECOND, THIRD]) == [] == check(folder, []) == check(folder, None)
    F = "further_pensions/"
    assert check(folder, [{"8": "21600.01", "29": "21600.00", "30": 2019}]) == [("values/8", "pension-within-wage")]
    assert check(folder, [{**SECOND, "30": None}], code=1) == [(F + "0/30", "pension-begin-missing")]
    assert check(folder, [{**THIRD, "32": "3600.01"}], code=1) == [(F + "0/32", "death-grant-within-pension")]
    assert check(folder, [SECOND, {**THIRD, "29": "900.00"}]) == [(F + "1/29", "pension-base-low-months")]
    assert check(folder, [{**SECOND, "29": None}]) == [(F + "0/29", "pension-base-missing")]
    assert check(folder, [{**SECOND, "31": {"first": 1, "last": 12}}]) == [(F + "0/31", "pension-months-year")]
    assert check(folder, [{**SECOND, "8": "-1.00"}]) == [(F + "0/8", "negative-amount")]
    assert check(folder, [SECOND], {**VALUES, "8": None, "29": None, "30": None}, code=1) == [("values/8", "further-pension-alone")]
    assert check(folder, [{"9": "0.00"}], code=1) == [(F + "0/8", "further-pension-empty")]
    assert check(folder, [{**SECOND, "30": 2026}], code=1)[0] == (F + "0/30", "value-not-allowed")
    assert check(folder, [{**SECOND, "8": "1,5"}], code=1)[0] == (F + "0/8", "amount-format")
    huge = {"8": "9000000000000.00", "30": 2019}
    assert ("further_pensions", "amount-range") in check(folder, [huge, huge], code=1)
    # 9 and 32 of their own, and the fields that have no room any more are named: 7 rows.
    several = {"8": "18000.00", "9": "200.00", "29": "18000.00", "30": 2019, "32": "100.00"}
    wage = {**VALUES, "3": "70000.00"}
    assert check(folder, [several], wage, voluntary=[{"text": "a", "amount": "1"}, {"text": "b", "value": "2"}]) == []
    assert check(folder, [several, THIRD], wage, code=1) == [(F + "1/30", "rows-overflow")]
    assert check(folder, [several], wage, code=1, voluntary=[{"text": "a"}, {"text": "b"}, {"text": "c"}]) == [("voluntary/2/text", "rows-overflow")]
    assert check(folder, [several, SECOND], wage, code=1, voluntary=[{"text": "a"}]) == [(F + "1/30", "rows-overflow")]
    # The page: number, what it is, of which year; then the other free rows.
    one = certificate([SECOND, THIRD])
    two = certificate([several], wage, voluntary=[{"text": "Anzahl der Arbeitstage", "value": "12"}], internal=[{"text": "Kantine", "amount": "1234.50"}])
    two.update(id="C2", personnel_number="P2")
    other = {**PERSON, "personnel_number": "P2", "tax_id": "08237559653"}
    whole = {**PAYROLL, "employees": [PERSON, other], "certificates": [one, two]}
    run = os.path.join(folder, "run")
    taxcert("generate", "--allow-test-ids", write(folder, "p.json", whole), "-o", run)
    pdf = glob.glob(os.path.join(run, "certificates/*/*C1*.pdf"))[0]
    assert row_texts(pdf) == ["8. In 3. enthaltene Versorgungsbezüge, Beginn 2019 18.000 00", "29. Bemessungsgrundlage zu 8., Beginn 2019 18.000 00",
                              "30. Weiterer Bezug: Kalenderjahr des Versorgungsbeginns 2019", "8. In 3. enthaltene Versorgungsbezüge, Beginn 2024 3.600 00",
                              "29. Bemessungsgrundlage zu 8., Beginn 2024 10.800 00", "30. Weiterer Bezug: Kalenderjahr des Versorgungsbeginns 2024",
                              "31. Erster und letzter Monat der Zahlung, Beginn 2024 09 - 12"], row_texts(pdf)
    rows = row_texts(glob.glob(os.path.join(run, "certificates/*/*C2.pdf"))[0])
    assert [r.split(" ", 1)[0] for r in rows] == ["8.", "9.", "29.", "30.", "32.", "Anzahl", "Kantine"] and rows[-1] == "Kantine (nicht übermittelt) 1.234 50", rows
    attached = subprocess.run(["qpdf", "--show-attachment=certificate.json", pdf], capture_output=True, check=True).stdout
    assert json.loads(attached)["further_pensions"] == [SECOND, THIRD]
    # The workbook's columns, the trail, the proof.
    sheet = {r["certificate"]: r for r in csv.DictReader(open(os.path.join(run, "summary.csv"), encoding="utf-8-sig"))}
    assert [sheet["C1"]["further_pensions/" + n] for n in ("8", "9", "29", "30", "31")] == ["21600.00", "", "28800.00", "2019; 2024", "–; 09 - 12"]
    assert [sheet["C2"]["further_pensions/" + n] for n in ("8", "9", "32", "30")] == ["18000.00", "200.00", "100.00", "2019"]
    lines = {x["line"]: x["amount"] for x in json.loads(taxcert("explain", "--json", run, "C1"))["lines"]}
    assert lines["8"] == "24000.00" and lines["further_pensions/0/8"] == "18000.00" and lines["further_pensions/1/29"] == "10800.00", lines
    taxcert("verify", run)
    # Corrected: old and new side by side, also where only the year is another.
    changed = copy.deepcopy(one)
    changed["further_pensions"][0].update({"8": "18000.50", "30": 2018})
    changed.update(correction={"reason": "amount mended"}, transfer_ticket="T2")
    second = os.path.join(folder, "second")
    taxcert("correct", "--allow-test-ids", run, write(folder, "k.json", {**whole, "issue_date": "2026-02-10", "certificates": [changed]}), "-o", second)
    taxcert("verify", second)
    taxcert("summary", second, "-o", os.path.join(folder, "again.xlsx"))
    assert open(os.path.join(folder, "again.xlsx"), "rb").read() == open(os.path.join(second, "summary.xlsx"), "rb").read()
    told = {str(r[4]): r[5:7] for r in openpyxl.load_workbook(os.path.join(second, "summary.xlsx"))["Korrekturen"].iter_rows(values_only=True)}
    assert told["8. Weiterer Versorgungsbezug (1)"] == (18000, 18000.5) and told["30. Weiterer Bezug: Versorgungsbeginn (1)"] == (2019, 2018), told
    assert told["8. weitere Versorgungsbezüge"] == (21600, 21600.5)
    new = glob.glob(os.path.join(second, "certificates/*/*C1*.pdf"))[0]
    assert row_texts(new)[0] == "8. In 3. enthaltene Versorgungsbezüge, Beginn 2018 18.000 50"
    # The schema takes what is right and refuses what is not.
    schema = json.loads(taxcert("template", "schema", "de/lohnsteuerbescheinigung", "2025"))
    validator = jsonschema.Draft202012Validator({"$ref": "#/$defs/payroll", "$defs": schema["$defs"]})
    validator.validate(whole)
    assert not validator.is_valid({**whole, "certificates": [{**one, "further_pensions": [{"8": []}]}]})
print("pensions: ok")
