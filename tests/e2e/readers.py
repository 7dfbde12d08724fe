"""Names and texts of certificates as the readers have them that Debian or the registries ship: poppler, MuPDF, pypdf, pdfminer, pdf.js,
PDFBox; title and attachment by pikepdf. Every sequence of DIN 91379 begins a word, ends one and stands within one. pdf.js alone puts a blank
behind a first letter that is a sequence (its issue 21890): there, and nowhere else, names are compared without blanks.
Usage: readers.py TAXCERT SOURCE_DIR"""
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unicodedata

program, source = sys.argv[1:3]
sys.path[:0] = [os.path.join(source, "samples"), os.path.join(source, "tests/lib")]
from make_bank import idnr_test  # noqa: E402
from latin import all_letters  # noqa: E402

WORDS = 18  # sequences of a certificate
sequences = [s for s in all_letters(source) if len(s) > 1]
names = {}
for at in range(0, len(sequences), WORDS):
    part = sequences[at:at + WORDS]
    names[str(500000 + at)] = (" ".join(f"{s}o{s}" for s in part[:WORDS // 2]), " ".join(f"{s}a{s}e" for s in part[WORDS // 2:]) or "Ōzols")


def make(folder, *words):
    bank = os.path.join(source, "samples/bank")
    payroll, employees = (json.load(open(os.path.join(bank, n + ".json"))) for n in ("payroll", "employees"))
    original = payroll["certificates"][0]
    person = next(e for e in employees["employees"] if e["personnel_number"] == original["personnel_number"])
    payroll.pop("declarations", None)
    payroll["certificates"] = [{**original, "id": "L" + n, "personnel_number": n, "values": {**original["values"], "20": f"{int(n) % 1000 + 1}.00"}} for n in names]
    employees["employees"] = [{**person, "personnel_number": n, "tax_id": idnr_test(int(n)), "name": {"first": first, "last": last}}
                              for n, (first, last) in names.items()]
    for name, data in (("payroll", payroll), ("employees", employees)):
        json.dump(data, open(os.path.join(folder, name + ".json"), "w"))
    done = subprocess.run([program, "generate", "--allow-test-ids", "--templates", os.path.join(source, "templates"), *words, "-e",
                           os.path.join(folder, "employees.json"), os.path.join(folder, "payroll.json"), "-o", os.path.join(folder, "run")], capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stderr
    pdfs = {re.search(r"-2025-(\d+)\+", p)[1]: p for p in glob.glob(os.path.join(folder, "run/certificates/*/*.pdf"))}
    assert set(pdfs) == set(names), (set(names) - set(pdfs), done.stdout)
    return pdfs


def run(*command):
    done = subprocess.run(command, capture_output=True)
    assert done.returncode == 0, (command[:3], done.stderr[-500:])
    return done.stdout.decode()


def pypdf(path):
    import pypdf
    return pypdf.PdfReader(path).pages[0].extract_text()


def pdfminer(path):
    from pdfminer.high_level import extract_text
    return extract_text(path)


def pdfbox(paths):
    """All of them as one document, since Java begins slowly."""
    jars = ":".join(f"/usr/share/java/{n}.jar" for n in ("pdfbox2-tools", "pdfbox2", "fontbox2", "commons-logging"))
    with tempfile.TemporaryDirectory() as folder:
        whole, text = os.path.join(folder, "all.pdf"), os.path.join(folder, "all.txt")
        run("qpdf", "--empty", "--pages", *paths, "--", whole)
        run("java", "-cp", jars, "org.apache.pdfbox.tools.ExtractText", "-encoding", "UTF-8", whole, text)
        return open(text, encoding="utf-8").read()


def pdfjs(paths):
    cache = os.path.join(os.path.dirname(program), "pdfjs")  # extraction.py brings it
    node = shutil.which("nodejs") or shutil.which("node")
    if not os.path.exists(os.path.join(cache, "pdf.worker.js")) or not node:
        return None
    return " ".join(json.loads(line) for line in run(node, os.path.join(source, "tests/e2e/pdfjs.js"), cache, *paths).splitlines())


def plain(text):
    return " ".join(unicodedata.normalize("NFC", text.replace("\xa0", " ")).split())


def has(reader, text, word, blanks=True):
    text, word = plain(text), plain(word)
    if not blanks:
        text, word = text.replace(" ", ""), word.replace(" ", "")
    assert word in text, (reader, ascii(word), ascii(text[:400]))


with tempfile.TemporaryDirectory() as folder:
    pdfs = make(folder)
    paths = list(pdfs.values())
    each = {"poppler": lambda p: run("pdftotext", p, "-"), "mupdf": lambda p: run("mutool", "draw", "-q", "-F", "txt", p), "pypdf": pypdf, "pdfminer": pdfminer}
    texts = {name: " ".join(read(p) for p in paths) for name, read in each.items()}
    texts["PDFBox"], texts["pdf.js"] = pdfbox(paths), pdfjs(paths)
    for reader, text in texts.items():
        for first, last in names.values() if text else ():
            for word in first.split() + last.split():
                has(reader, text, word, blanks=reader != "pdf.js")
            has(reader, text, first + last, blanks=False)
    import pikepdf
    os.makedirs(os.path.join(folder, "d"))
    drafts = make(os.path.join(folder, "d"), "--draft")
    for marked, path in (False, paths[0]), (True, next(iter(drafts.values()))):
        with pikepdf.open(path) as pdf:
            with pdf.open_metadata() as xmp:
                titles = {str(pdf.docinfo["/Title"]), xmp["dc:title"]}
            attached = json.loads(pdf.attachments["certificate.json"].get_file().read_bytes())
        assert len(titles) == 1 and ("ENTWURF" in titles.pop()) == marked, path
        assert attached.get("marks", []) == (["draft"] if marked else []), attached.get("marks")
    # A title of everything that a PDF's syntax is made of comes back as it is, with letters of a byte and without.
    shutil.copytree(os.path.join(source, "templates"), os.path.join(folder, "t"))
    captions = os.path.join(folder, "t/de/lohnsteuerbescheinigung/2025/captions.de.json")
    words = json.load(open(captions, encoding="utf-8"))
    for letter in "é", "ż":
        words["captions"]["title"] = title = f"(f) \\ 12 0 R  {letter} )#<g>[h]{{i}}%/j 3 0 R"
        json.dump(words, open(captions, "w"))
        path = os.path.join(folder, "titled.pdf")
        subprocess.run([program, "template", "--templates", os.path.join(folder, "t"), "preview", "de/lohnsteuerbescheinigung", "2025", "-o", path], check=True, capture_output=True)
        with pikepdf.open(path) as pdf:
            with pdf.open_metadata() as xmp:
                assert str(pdf.docinfo["/Title"]) == xmp["dc:title"] == title == pdf.attachments["certificate.json"].description, (str(pdf.docinfo["/Title"]), title)
print("readers:", ", ".join(k for k, v in texts.items() if v), "and pikepdf:", len(names), "certificates,", len(sequences), "sequences")
