"""Every normative letter and sequence of DIN 91379 in names: drawn, and read back by pdftotext as the same code points. Fonts that go by the names of glyphs draw what
those draw that go by their numbers.
That marks stand where they should is checked on the fonts, by geometry: templates/fonts/check.py.
Usage: din91379.py TAXCERT SOURCE_DIR"""
import glob
import json
import os
import re
import subprocess
import sys
import tempfile
import unicodedata

program, source = sys.argv[1:3]
sys.path[:0] = [os.path.join(source, "samples"), os.path.join(source, "tests/lib")]
from make_bank import idnr_test  # noqa: E402
from latin import all_letters  # noqa: E402
letters = all_letters(source)

bank = os.path.join(source, "samples/bank")
payroll, employees = (json.load(open(os.path.join(bank, n + ".json"))) for n in ("payroll", "employees"))
original = payroll["certificates"][0]
person = next(e for e in employees["employees"] if e["personnel_number"] == original["personnel_number"])
payroll["certificates"], employees["employees"] = [], []
names, small = {}, set()


def is_byte(text):
    """Whether all of it has bytes in Windows' code page 1252: such a certificate has the smaller fonts, with a byte each."""
    try:
        return bool(text.encode("cp1252"))
    except UnicodeEncodeError:
        return False


letters.sort(key=lambda l: not is_byte(l))
edge = sum(map(is_byte, letters))
for at in [*range(0, edge, 12), *range(edge, len(letters), 12)]:
    end = min(at + 12, edge) if at < edge else at + 12
    number = str(500000 + at)
    if at < edge:
        small.add(number)
    # Between two z of its own, so that no letter joins its neighbour's marks; NFD in, as some systems write.
    names[number] = " ".join("z" + l + "z" for l in letters[at:end])
    payroll["certificates"].append({**original, "id": "L" + number, "personnel_number": number,
                                    "values": {**original["values"], "20": f"{at + 1}.00"}})
    employees["employees"].append({**person, "personnel_number": number, "tax_id": idnr_test(int(number)), "name": {
        "first": unicodedata.normalize("NFD", names[number]), "last": "von Muster"}})


def generate(folder, run):
    for name, data in (("payroll", payroll), ("employees", employees)):
        json.dump(data, open(os.path.join(folder, name + ".json"), "w"))
    return subprocess.run([program, "generate", "--allow-test-ids", "--templates", os.path.join(source, "templates"), "-e",
                           os.path.join(folder, "employees.json"), os.path.join(folder, "payroll.json"), "-o",
                           os.path.join(folder, run)], capture_output=True, text=True)


def drawn(folder, run, number):
    """The page as pixels, and whether its fonts are addressed by bytes."""
    [pdf] = glob.glob(os.path.join(folder, run, f"certificates/*/*-2025-{number}+*.pdf"))
    image = subprocess.run(["pdftoppm", "-gray", "-r", "100", pdf], capture_output=True, check=True).stdout
    return image, "Identity-H" not in subprocess.run(["pdffonts", pdf], capture_output=True, text=True, check=True).stdout


with tempfile.TemporaryDirectory() as folder:
    made = generate(folder, "run")
    proved = subprocess.run([program, "verify", os.path.join(folder, "run")], capture_output=True, text=True)
    assert proved.returncode == 0, proved.stdout  # which reads each text back too
    found = {}
    for pdf in glob.glob(os.path.join(folder, "run/certificates/*/*.pdf")):
        text = subprocess.run(["pdftotext", "-raw", pdf, "-"], capture_output=True, check=True).stdout.decode()
        assert not any(0xE000 <= ord(c) <= 0xF8FF for c in text), "a private code point comes out of the PDF"
        found[re.search(r"-2025-(\d+)\+", pdf)[1]] = unicodedata.normalize("NFC", "".join(text.split()))
    assert len(small) > 8
    for number in names:
        [pdf] = glob.glob(os.path.join(folder, f"run/certificates/*/*-2025-{number}+*.pdf"))
        fonts = subprocess.run(["pdffonts", pdf], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
        assert len(fonts) == 2 and all("WinAnsi" in f for f in fonts if number in small or "Bold" in f), (number, fonts)
        assert any("Identity-H" in f for f in fonts) == (number not in small), (number, fonts)
    for number, name in names.items():
        assert unicodedata.normalize("NFC", "".join(name.split())) in found.get(number, ""), (number, ascii(name), made.stdout[-500:])
    # A no-break space is as wide as a blank and as white, but has no byte: all letters are drawn by number then.
    for e in employees["employees"]:
        e["name"]["last"] = "von\u00A0Muster"
    generate(folder, "by-number")
    for number in small:
        (by_name, has_bytes), (by_number, has_none) = drawn(folder, "run", number), drawn(folder, "by-number", number)
        assert has_bytes and not has_none and by_name == by_number, number
print("din91379:", len(letters), "letters and sequences")
