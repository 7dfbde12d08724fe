"""A run that an earlier taxcert (0.1.0) made on Debian 13, whose libraries pack four of its five PDFs otherwise than Debian 12's: proved,
printed again, made a workbook of and corrected as if it were of today. What is right is worked out from the input that is stored beside it.
Usage: other_release.py TAXCERT SOURCE_DIR"""
import csv
import glob
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile

program, source = sys.argv[1:3]


def taxcert(*words, code=0):
    done = subprocess.run([program, *words], capture_output=True, text=True, env=dict(os.environ, LC_ALL="C.UTF-8"))
    assert done.returncode == code, (words, done.returncode, done.stdout, done.stderr)
    return done.stdout


def text(pdf):
    return subprocess.run(["pdftotext", "-raw", pdf, "-"], capture_output=True, text=True, check=True).stdout


def lines(certificate, types):
    """Sums of a certificate's lines, in cents."""
    sums = {k: round(float(v) * 100) for k, v in certificate.get("values", {}).items() if isinstance(v, str) and re.fullmatch(r"-?\d+\.\d\d", v)}
    for e in certificate.get("entries", []):
        for line in types[e["wage_type"]]["adds_to"]:
            sign, line = (-1, line[1:]) if line.startswith("-") else (1, line)
            sums[line] = sums.get(line, 0) + sign * round(float(e["amount"]) * 100)
    return sums


def german(cents):
    return f"{cents // 100:,}".replace(",", ".") + f" {cents % 100:02}"


with tempfile.TemporaryDirectory() as folder:
    with tarfile.open(os.path.join(source, "tests/cases/debian-13.tar.xz")) as stored:
        stored.extractall(folder)
    os.chdir(os.path.join(folder, "debian-13"))
    payroll, changes = (json.load(open(n + ".json")) for n in ("payroll", "corrections"))
    said = taxcert("verify", "run")
    assert said.startswith("proved: ") and " 5 certificates (5 issued)" in said and "made by taxcert 0.1.0" in said, said
    for c in payroll["certificates"]:
        number, handle = c["personnel_number"], c["personnel_number"] + "+" + c["id"]
        [path] = glob.glob(f"run/certificates/*/*-{number}+{c['id']}.pdf")
        taxcert("reprint", "run", handle, "-o", "again.pdf", "--force")
        assert open(path, "rb").read() == open("again.pdf", "rb").read(), handle
        taxcert("reprint", "run", handle, "--duplicate", "--reason", "lost", "-o", "duplicate.pdf", "--force")
        words, sums = text("duplicate.pdf"), lines(c, payroll["wage_types"])
        assert "DUPLIKAT" in "".join(words.split()) and german(sums["3"]) in words and german(sums["4"]) in words, (handle, sums)
    assert "events" in taxcert("verify", "run")
    taxcert("summary", "run", "-o", "again.xlsx", "--csv", "again.csv")
    with open("again.csv", encoding="utf-8-sig", newline="") as rows:
        assert sum(1 for _ in csv.reader(rows)) >= 6
    taxcert("correct", "--allow-test-ids", "run", "corrections.json", "-o", "later")
    assert taxcert("verify", "later").startswith("proved: ")
    [corrected] = glob.glob("later/certificates/*/*+correction-1.pdf")
    assert german(lines(changes["certificates"][0], changes["wage_types"])["3"]) in text(corrected)
    said = subprocess.run([program, "reprint", "run", changes["certificates"][0]["personnel_number"], "-o", "void.pdf"], capture_output=True, text=True)
    assert said.returncode == 3 and "later" in said.stderr, said
    # A name that is no plain URL: the workbook's links to the run before are.
    os.rename("run", "a#1 run")
    os.rename("later", "lost")
    taxcert("correct", "--allow-test-ids", "a#1 run", "corrections.json", "-o", "later", "--instead-of-lost", "moved away")
    with zipfile.ZipFile("later/summary.xlsx") as book:
        sheets = "".join(book.read(n).decode() for n in book.namelist() if "worksheets/sheet" in n)
    assert sheets.count('HYPERLINK("../a%231%20run/certificates/') == 4, sheets.count("HYPERLINK")
    os.rename("a#1 run", "run")
    # One byte of it changed is found as it is in a run of today.
    with open("run/summary.csv", "r+b") as out:
        out.seek(-3, 2)
        out.write(b"9")
    assert "[file-changed]" in taxcert("verify", "run", code=1)
print("other_release: a run of taxcert 0.1.0 on Debian 13 is proved, printed, counted and corrected")
