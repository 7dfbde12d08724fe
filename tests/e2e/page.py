"""The page by the ministry's letter: the last period's features, a third party, internal information, long names and employers.
Usage: page.py TAXCERT SOURCE_DIR"""
import copy, glob, json, os, re, shutil, subprocess, sys, tempfile

program, source = sys.argv[1:3]
bank, templates = os.path.join(source, "samples/bank"), os.path.join(source, "templates")
payroll, people = (json.load(open(os.path.join(bank, name))) for name in ("payroll.json", "employees.json"))
one = next(c for c in payroll["certificates"] if c["period"] == {"from": "2025-01-01", "to": "2025-12-31"} and "voluntary" not in c)
place = next(i for i, e in enumerate(payroll["establishments"]) if e["id"] == one["establishment"])
payroll.update(certificates=[one], declarations=[])
people["employees"] = [e for e in people["employees"] if e["personnel_number"] == one["personnel_number"]]


HUNDRED = "Gesellschaft zur Verwaltung der Beteiligungen an Wohnungsbauunternehmen in Hessen und Thüringen, mbH"
assert len(HUNDRED) == 100


def run(folder, name, change, templates=templates):
    """The text of the certificate after change(payroll, certificate, employee), and what check said."""
    p, e = copy.deepcopy(payroll), copy.deepcopy(people)
    change(p, p["certificates"][0], e["employees"][0])
    paths = [os.path.join(folder, f"{name}.{part}.json") for part in ("p", "e")]
    for path, data in zip(paths, (p, e)):
        json.dump(data, open(path, "w"))
    out = os.path.join(folder, name)
    done = subprocess.run([program, "generate", "--allow-test-ids", "--templates", templates, "-e", paths[1], paths[0], "-o", out],
                          capture_output=True, text=True)
    pdf = glob.glob(os.path.join(out, "certificates/*/*.pdf"))
    text = subprocess.run(["pdftotext", "-raw", *pdf, "-"], capture_output=True, text=True).stdout if pdf else ""
    return text, done.stderr + done.stdout


def features(p, c, e):
    row = c["deduction_features"][0]
    c["deduction_features"] = [{**row, "valid_from": "2026-01-01", "annual_allowance": 33333}, {**row, "valid_from": "2025-01-01", "annual_allowance": 11111},
                               {**row, "valid_from": "2025-09-01", "annual_allowance": 22222}]


def third(p, c, e):
    number = p["establishments"][place]["tax_number"]
    p["establishments"][place]["third_party"] = {"name": "Musterkasse", "street": "Kassenweg 1", "postcode": "65189", "city": "Wiesbaden", "tax_number": number}


def internal(p, c, e):
    c["internal"] = [{"text": "Dienstwagen", "amount": "1234.50"}]


def long(p, c, e):
    e["name"].update(first="Maximiliane Friederike Charlotte Wilhelmine", last="Freifrau von und zu Musterburg-Beispielhausen")
    p["employer"]["name"] = "Gesellschaft zur Verwaltung der Beteiligungen an Wohnungsbauunternehmen in Hessen und Thüringen mbH"


def longer(p, c, e):
    """A name of 122 characters and an employer of 100; each free row's text as long as the input may have it."""
    e["name"].update(title="Prof. Dr. Dr. h. c.", first="Maximiliane Friederike Charlotte Wilhelmine Adelheid",
                     last="Freifrau von und zu Musterburg-Beispielhausen-Hohenlohe")
    e["address"].update(additional="bei Familie Schmidt-Wallenstein")
    p["employer"]["name"] = HUNDRED
    c["voluntary"] = [{"text": HUNDRED, "amount": "12.50"}]
    c["internal"] = [{"text": HUNDRED, "value": "A 17"}]


def crowded(p, c, e):
    longer(p, c, e)
    e["address"].update(additional="bei Familie Schmidt-Wallenstein, Hinterhaus, dritte Etage links, Aufgang B hinter dem Hof")


def too_many(p, c, e):
    c["voluntary"] = [{"text": HUNDRED, "amount": "1"}] * 3 + [{"text": "last", "amount": "1"}, {"text": "too many", "amount": "1"}]


def endless(p, c, e):
    e["name"]["last"] = "W" * 100


def spoken(folder, words):
    """What is told in place of the dashes, with a form that has these words for it."""
    forms = os.path.join(folder, "forms")
    shutil.copytree(templates, forms)
    captions = os.path.join(forms, "de/lohnsteuerbescheinigung/2025/captions.de.json")
    text = open(captions, encoding="utf-8").read()
    assert text.count('"none.spoken": "keine"') == 1
    open(captions, "w", encoding="utf-8").write(text.replace('"none.spoken": "keine"', f'"none.spoken": "{words}"'))
    _, said = run(folder, "spoken", lambda p, c, e: [c["values"].pop(line, None) for line in ("4", "5", "6")], forms)
    pdf = glob.glob(os.path.join(folder, "spoken/certificates/*/*.pdf"))
    assert pdf, said
    objects = json.loads(subprocess.run(["qpdf", "--json", *pdf], capture_output=True, check=True).stdout)
    return set(re.findall(r'"/ActualText": "u:((?:[^"\\\\]|\\\\.)*)"', json.dumps(objects, ensure_ascii=False)))


with tempfile.TemporaryDirectory() as folder:
    # As long as the form has it, and beyond the characters of 16 bits too.
    words = "nichts einbehalten, Łódź \U00010400 " * 30 + "keine"
    assert spoken(folder, words) == {words}
    text, said = run(folder, "features", features)
    assert "22.222" in text and "11.111" not in text and "33.333" not in text and "01.09.2025" not in text, said
    text, said = run(folder, "third", third)
    assert "Musterkasse\nKassenweg 1\n65189 Wiesbaden\n" + payroll["establishments"][place]["tax_number"] in text, said
    assert payroll["employer"]["name"] not in text
    text, said = run(folder, "internal", internal)
    assert "Dienstwagen (nicht übermittelt) 1.234 50" in text, said
    text, said = run(folder, "long", long)
    flat = " ".join(text.split())
    assert "Maximiliane Friederike Charlotte Wilhelmine Freifrau von und zu Musterburg-Beispielhausen" in flat, said
    assert "Beteiligungen an Wohnungsbauunternehmen in Hessen und Thüringen mbH" in flat
    text, said = run(folder, "longer", longer)
    flat = " ".join(text.split())
    assert "Prof. Dr. Dr. h. c. Maximiliane Friederike Charlotte Wilhelmine Adelheid Freifrau von und zu Musterburg-Beispielhausen-Hohenlohe bei Familie" in flat, said
    assert HUNDRED + " 12 50 " in flat and HUNDRED + " (nicht übermittelt) A 17 " in flat and flat.count(HUNDRED) == 3, flat
    text, said = run(folder, "crowded", crowded)
    assert not text and "/address/additional) [text-fit]" in said, said
    text, said = run(folder, "too_many", too_many)
    assert not text and "/voluntary/4/text) [rows-overflow]" in said, said
    text, said = run(folder, "endless", endless)
    assert not text and "/name/last) [text-fit]" in said, said
print("page: ok")
