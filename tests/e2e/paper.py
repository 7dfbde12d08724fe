"""The workbook as a printer gets it: LibreOffice's PDF of the sample bank, of a correcting run, of other
countries and of several employers.
No letter smaller than 7 points, the overview on one page, no page without a row of its own, names on every page of people, and no word of a
title broken but where its caption says. Usage: paper.py TAXCERT SOURCE_DIR [all]

All: every country and year, by hand."""
import collections
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

import openpyxl
from pdfminer.fontmetrics import FONT_METRICS
from pdfminer.high_level import extract_pages
from pdfminer.layout import LTChar

program, source = sys.argv[1:3]
fast = os.path.join(source, "build/release/taxcert")
program = fast if os.path.exists(fast) else program  # of the same source; this test is about what is in the file
OPTIONS = ("--allow-test-ids", "--templates", os.path.join(source, "templates"))
LEAST = 7.0
EDGE = 34  # points at the top and bottom that header and footer have
BOLD = FONT_METRICS["Helvetica-Bold"][1]  # as wide as Arial and Liberation Sans


def run(*words):
    done = subprocess.run([program, *words[:1], *OPTIONS, *words[1:]], capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stderr


def letters(item):
    if isinstance(item, LTChar):
        yield item
    elif hasattr(item, "__iter__"):
        for part in item:
            yield from letters(part)


def pages_of(path):
    """By sheet, in order: the letters of each page between header and footer, and the page's width and height."""
    sheets = collections.defaultdict(list)
    for page in extract_pages(path):
        found = [c for c in letters(page) if c.get_text().strip()]
        foot = sorted((c for c in found if c.y1 < EDGE and c.x0 < page.width / 2), key=lambda c: c.x0)
        title = "".join(c.get_text() for c in foot)
        sheets[title].append(([c for c in found if EDGE <= c.y0 and c.y1 <= page.height - EDGE], page.width, page.height))
    return sheets


def text_rows(found):
    """Texts of the lines from the top, blanks left out."""
    rows = collections.defaultdict(list)
    for c in found:
        rows[round(c.y0)].append(c)
    return ["".join(c.get_text() for c in sorted(rows[y], key=lambda c: c.x0)) for y in sorted(rows, reverse=True)]


def overlaps(found):
    """Two texts of one column whose lines lie closer than a letter is high: a head that its row has no room for."""
    starts = collections.defaultdict(list)
    for c in found:
        starts[round(c.x0)].append(c)
    for column in starts.values():
        column.sort(key=lambda c: c.y0)
        for below, above in zip(column, column[1:]):
            if 0.5 < above.y0 - below.y0 < 0.6 * below.size:
                return below, above
    return None


def broken(path):
    """Words of titles that are wider than their column."""
    for sheet in openpyxl.load_workbook(path).worksheets:
        head = next((row for row in sheet.iter_rows(max_row=4) if row[0].font.b and row[0].fill.fgColor.rgb == "FFD9E2EC"), ())
        for cell in head:
            column = sheet.column_dimensions[cell.column_letter]
            if column.hidden or not isinstance(cell.value, str):
                continue
            for word in re.split(r"(?<=-)|\s", cell.value):
                width = sum(BOLD.get(c, 600) for c in word) / 1000 * 10 * 4 / 3  # pixels
                if width > 7 * column.width - 3:
                    yield sheet.title, cell.value, word


def names(path):
    """Last names, without blanks and hyphens, at which they may be broken."""
    return [re.split("[ -]", e["name"]["last"])[0] for e in json.load(open(path))["employees"]]


def without_one(sample):
    """Number and last name of each who has no certificate."""
    payroll, people = (json.load(open(f"{sample}/{name}.json")) for name in ("payroll", "employees"))
    having = {c["personnel_number"] for c in payroll["certificates"]}
    return [(e["personnel_number"], re.split("[ -]", e["name"]["last"])[0]) for e in people["employees"] if e["personnel_number"] not in having]


def check(path, pdf, people, without=()):
    """without: who stands in the sheet of those without a certificate. people: sheets of people, and whose names stand on their pages, the first on each that lies beside the first."""
    sheets = pages_of(pdf)
    titles = [s.title for s in openpyxl.load_workbook(path, read_only=True)]
    assert list(sheets) == [t.replace(" ", "") for t in titles], (list(sheets), titles)
    for sheet, pages in sheets.items():
        for found, width, _ in pages:
            upright = [c for c in found if c.matrix[1] == 0]
            assert not overlaps(upright), (path, sheet)
            assert not any("###" in row for row in text_rows(found)), (path, sheet, "a number has no room, or a column that is not seen is printed")
            assert min(c.size for c in upright) >= LEAST, (path, sheet, min(c.size for c in upright))
            assert max(c.x1 for c in upright) <= width and len(text_rows(upright)) > 1, (path, sheet)
    assert len(sheets[titles[0].replace(" ", "")]) == 1, path
    unseen = "".join(text for found, _, _ in sheets.get("OhneBescheinigung", []) for text in text_rows(found))
    assert all(number in unseen and name in unseen for number, name in without), (path, without, unseen)
    for sheet, names in people.items():
        texts = ["".join(text_rows(found)) for found, _, _ in sheets[sheet]]
        for text in texts[:-1]:
            assert any(name in text for name in names), (path, sheet, text[:200])
        assert sum(names[0] in text for text in texts) > 1, (path, sheet, names[0], len(texts))
    assert not (wrong := list(broken(path))), (path, wrong[:9])
    return sum(map(len, sheets.values()))


with tempfile.TemporaryDirectory() as folder:
    place = lambda name: os.path.join(folder, name)
    bank = os.path.join(source, "samples/bank")
    people = {}
    run("generate", "-e", bank + "/employees.json", bank + "/payroll.json", "-o", place("bank"))
    run("correct", place("bank"), bank + "/corrections.json", "-o", place("corrected"))
    for name in ("bank", "corrected"):
        people[name] = {"Bescheinigungen": names(bank + "/employees.json")}
    every = sorted((p.split(os.sep)[-2], p) for p in glob.glob(os.path.join(source, "samples/??/20*")))
    for country, sample in every if len(sys.argv) > 3 else [(c, p) for c, p in every if c in ("at", "us") and "2026" in p]:
        sheet = {"us": "Statements", "uk": "Certificates", "nl": "Jaaropgaven"}.get(country, "Bescheinigungen")
        name = country + os.path.basename(sample)
        run("generate", sample + "/payroll.json", "-o", place(name))
        people[name] = {sheet: names(sample + "/payroll.json")}
    for name in people:
        os.link(place(name) + "/summary.xlsx", place(name + ".xlsx"))
    os.mkdir(place("in"))
    whole = open(bank + "/payroll.json", encoding="utf-8").read()
    for name, text in ("alpha", whole), ("gamma", whole[:len(whole) // 2]):
        open(place("in/" + name + ".json"), "w", encoding="utf-8").write(text)
        shutil.copy(bank + "/employees.json", place("in/" + name + ".employees.json"))
    subprocess.run([program, "generate", *OPTIONS, place("in"), "-o", place("out")], capture_output=True)
    books = [*(place(name + ".xlsx") for name in people), place("out/employers.xlsx")]
    subprocess.run(["soffice", "--headless", f"-env:UserInstallation=file://{folder}/profile", "--convert-to", "pdf", "--outdir", folder, *books],
                   check=True, capture_output=True, timeout=300)
    assert len(without_one(bank)) > 3
    counts = {name: check(place(name + ".xlsx"), place(name + ".pdf"), people[name], without_one(bank) if name == "bank" else ()) for name in people}
    [pages] = pages_of(place("employers.pdf")).values()
    assert len(pages) == 1, "three employers on one page"
    first = text_rows(pages[0][0])
    assert any("gamma" in row and "json-syntax" in row and "3" in row for row in first), first  # what failed and why, on the first page
    assert min(c.size for c in pages[0][0]) >= LEAST
print("paper:", ", ".join(f"{name} {count} pages" for name, count in counts.items()))
