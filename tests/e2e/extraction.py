"""What tax software reads: pdf.js and pdftotext -raw give the certificate's table row by row, each with number, caption, EUR and Ct,
in the order of the content stream. What a row must be is worked out from the input. Of the banks of other years it is an eighth. Usage: extraction.py TAXCERT SOURCE_DIR"""
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from decimal import Decimal

program, source = sys.argv[1:3]
templates = os.path.join(source, "templates")
forms = os.path.join(templates, "de/lohnsteuerbescheinigung")
VERSION = "3.11.174"  # runs on Node 18
cache = os.path.join(os.path.dirname(program), "pdfjs")
if not os.path.exists(os.path.join(cache, "pdf.worker.js")):
    subprocess.run(["mvn", "-q", "-B", "dependency:copy", f"-Dartifact=org.webjars.npm:pdfjs-dist:{VERSION}", f"-DoutputDirectory={cache}"],
                   check=True)
    with zipfile.ZipFile(os.path.join(cache, f"pdfjs-dist-{VERSION}.jar")) as jar:
        for name in "pdf.js", "pdf.worker.js":
            with open(os.path.join(cache, name), "wb") as out:
                out.write(jar.read(f"META-INF/resources/webjars/pdfjs-dist/{VERSION}/legacy/build/{name}"))


def load(*path):
    return json.load(open(os.path.join(*path)))


def choose(year):
    """The form and bank that everything below is about."""
    global bank, table, captions, types, payroll
    bank = os.path.join(source, "samples", "" if year == "2025" else year, "bank")
    table = next(e for e in load(forms, year, "form.json")["elements"] if "table" in e)
    captions = load(forms, year, "captions.de.json")["captions"]
    types = {f["id"]: f["type"] for f in load(forms, year, "template.json")["fields"] if "type" in f}
    payroll = load(bank, "payroll.json")


def lines_of(certificate):
    """What the certificate says of each line: its values, and the sums of its entries."""
    values, sums = dict(certificate.get("values", {})), {}
    for entry in certificate.get("entries", []):
        for line in payroll["wage_types"][entry["wage_type"]]["adds_to"]:
            amount = Decimal(entry["amount"])
            sums[line.lstrip("-")] = sums.get(line.lstrip("-"), 0) + (-amount if line.startswith("-") else amount)
    values.update({line: f"{total:.2f}" for line, total in sums.items()})
    return values


def money(amount):
    whole, _, cents = str(amount).partition(".")
    sign, whole = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    return f"{sign}{int(whole):,}".replace(",", ".") + " " + cents.ljust(2, "0")


def printed(line, value):
    if types[line] == "money":
        return money(value)
    if types[line] == "letters":
        return " ".join(value)
    if types[line] == "months":
        return f"{value['first']:02} - {value['last']:02}"
    return {True: "X"}.get(value, str(value)) if types[line] == "cross" else str(value)


def rows_of(certificate):
    """The table's rows, and how many have a value."""
    values, rows, filled = lines_of(certificate), [], 0
    for row in table["table"]:
        if "free" in row:
            continue
        if "group" in row and "number" not in row:
            for extra in certificate.get(row["group"], []):
                rows.append(extra["text"] + " " + (money(extra["amount"]) if "amount" in extra else extra["value"]))
                filled += 1
            continue
        if "group" in row:
            assert row["group"] not in certificate, "page.py has such certificates"
            continue
        texts = [row.get("number", ""), captions[row["caption"]]]
        if isinstance(row.get("show"), list):  # the period
            days = [certificate["period"][end] for end in ("from", "to")]
            texts.append(" - ".join(f"{day[8:]}.{day[5:7]}." for day in days))
        elif "none" in row and not Decimal(values.get(row["show"], "0")):
            texts.append(captions[row["none"]["major"]] + " " + captions[row["none"]["minor"]])
        elif row.get("show") in values:
            texts.append(printed(row["show"], values[row["show"]]))
        filled += len(texts) > 2
        rows.append(" ".join(texts))
    return rows, filled


def words(text):
    return " ".join(text.split())


def pdfjs(files):
    node = shutil.which("nodejs") or shutil.which("node")
    said = subprocess.run([node, os.path.join(source, "tests/e2e/pdfjs.js"), cache, *files], capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
    texts = [words(json.loads(line)) for line in said.stdout.splitlines()]
    assert len(texts) == len(files), said.stdout
    return texts


def pdftotext(pdf):
    return words(subprocess.run(["pdftotext", "-raw", pdf, "-"], capture_output=True, text=True, check=True).stdout)


def read(folder, step):
    """How many values the readers find in order in every step-th certificate of the bank."""
    run, copy = os.path.join(folder, "run"), os.path.join(folder, "copy.pdf")
    subprocess.run([program, "generate", "--allow-test-ids", "--templates", templates, "-e", os.path.join(bank, "employees.json"),
                    os.path.join(bank, "payroll.json"), "-o", run], check=True, capture_output=True)
    certificates = payroll["certificates"][::step]
    files = [glob.glob(os.path.join(run, "certificates/*", f"*+{c['id']}.pdf"))[0] for c in certificates]
    subprocess.run([program, "reprint", "--duplicate", "--templates", templates, "-o", copy, run, certificates[0]["id"]], check=True)
    by_pdfjs, values = pdfjs([*files, copy]), 0
    for certificate, pdf, text in zip(certificates, files, by_pdfjs):
        rows, filled = rows_of(certificate)
        expected = words(" ".join([captions["major"], captions["minor"], *rows, captions["tax_office"]]))
        assert filled >= 2, certificate["id"]
        values += filled
        for reader, given in ("pdf.js", text), ("pdftotext", pdftotext(pdf)):
            at = given.find(f"{captions['major']} {captions['minor']} 1. ")
            same = os.path.commonprefix([given[at:], expected])
            assert same == expected, (reader, certificate["id"], "as expected up to", same[-60:], "then", given[at + len(same):][:60])
    assert by_pdfjs[-1] == captions["duplicate"] + " " + by_pdfjs[0], "a duplicate reads like its original, after the mark"
    return values


for form in sorted(os.listdir(forms)):
    choose(form)
    with tempfile.TemporaryDirectory() as work:
        print(f"extraction {form}: pdf.js and pdftotext read", read(work, 1 if form == "2025" else 8), "values in order")
