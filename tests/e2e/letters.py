"""The letter of a cancellation: plain, from the form's letter.json; it names the certificate and the reason, stands in ledger and list of
hashes, is proved by verify and given by reprint --letter; what cannot be printed is not cancelled. Usage: letters.py TAXCERT SOURCE_DIR"""
import copy, glob, json, os, re, shutil, sqlite3, subprocess, sys, tempfile

import jsonschema

program, source = sys.argv[1:3]
ENV = dict(os.environ, TAXCERT_TEMPLATES=os.path.join(source, "templates"))
FORM = "de/lohnsteuerbescheinigung/2025"
ADDRESS = {"postcode": "60311", "city": "Frankfurt am Main", "country": "DE"}
IDS = ["08960237058", "08237559653", "08512436299"]
PEOPLE = [{"personnel_number": f"P{i}", "tax_id": tax, "name": {"first": "Erna", "last": f"Beispiel-{'ABC'[i]}"}, "birth_date": "1980-05-02",
           "address": {"street": f"Lindenweg {i + 1}", **ADDRESS}, "employment": {"kind": "full_time"}} for i, tax in enumerate(IDS)]
PAYROLL = {"format": "taxcert/payroll/1", "form": "de/lohnsteuerbescheinigung", "year": 2025, "issue_date": "2026-01-28",
           "employer": {"name": "Bank", "address": {"street": "Weg 1", **ADDRESS}},
           "establishments": [{"id": "A", "tax_number": "013 815 08153", "tax_office": {"name": "Finanzamt", "number": "2613"}, "land": "HE"},
                              {"id": "B", "tax_number": "013 815 08153", "tax_office": {"name": "Finanzamt", "number": "2613"}, "land": "HE",
                               "third_party": {"name": "Kasse", "street": "Kassenweg 2", "postcode": "65189", "city": "Wiesbaden", "tax_number": "013 815 08153"}}],
           "employees": PEOPLE}


def certificate(i, name=None, **more):
    return {"id": name or f"C{i}", "personnel_number": f"P{i}", "establishment": "B" if i == 2 else "A", "period": {"from": "2025-01-01", "to": "2025-09-30"},
            "values": {"3": "30000.00", "4": "2700.00", "22a": "2790.00", "23a": "2790.00", "25": "2600.00", "26": "700.00", "27": "390.00"},
            "facts": {"insurance": "statutory"}, "transfer_ticket": f"ticket-{name or i}",
            "deduction_features": [{"valid_from": "2025-01-01", "tax_class": 1, "church_marks": "--"}], } | more


def taxcert(*words, code=0):
    done = subprocess.run([program, *words], env=ENV, capture_output=True, text=True)
    assert done.returncode == code, (words, done)
    return done.stdout + done.stderr


def write(folder, name, data):
    path = os.path.join(folder, name)
    json.dump(data, open(path, "w"))
    return path


def correct(folder, run, name, cancellations, certificates=(), code=0, *more):
    changes = {**PAYROLL, "issue_date": "2026-02-10", "certificates": list(certificates),
               "cancellations": [{"certificate": c, "reason": reason} for c, reason in cancellations]}
    changes["employees"] = [p for p in PEOPLE if p["personnel_number"] in {c["personnel_number"] for c in certificates}]
    out = os.path.join(folder, name)
    return out, taxcert("correct", "--allow-test-ids", run, write(folder, name + ".json", changes), "-o", out, *more, code=code)


def text_of(pdf):
    return subprocess.run(["pdftotext", "-raw", pdf, "-"], capture_output=True, text=True, check=True).stdout.strip("\n\f").split("\n")


def letters(run):
    return {os.path.basename(p).split("+")[1]: p for p in glob.glob(os.path.join(run, "letters/*/*.pdf"))}


def read(path):
    return open(path, "rb").read()


def check_page(run):
    """All of it, in reading order."""
    made = letters(run)
    assert sorted(made) == ["C0", "C1", "C2"]
    expected = ["Bank", "Weg 1", "60311 Frankfurt am Main", "Erna Beispiel-B", "Lindenweg 2", "60311 Frankfurt am Main", "Datum: 10.02.2026", "Personalnummer: P1",
                "Stornierung Ihrer elektronischen Lohnsteuerbescheinigung", "Guten Tag,",
                "die folgende Lohnsteuerbescheinigung haben wir bei der Finanzverwaltung storniert. Ihr Ausdruck davon",
                "gilt nicht mehr; bitte verwenden Sie ihn nicht für Ihre Steuererklärung.", "Bescheinigung: C1", "Datum des Ausdrucks: 28.01.2026",
                "Kalenderjahr: 2025", "Bescheinigungszeitraum: 01.01.2025 - 30.09.2025", "Identifikationsnummer: 08237559653", "Geburtsdatum: 02.05.1980",
                "Transferticket: ticket-1", "Grund der Stornierung:", "Der Vorname war falsch.", "An ihre Stelle tritt die Bescheinigung N1, die Sie gesondert erhalten.",
                "Mit freundlichen Grüßen", "Dieses Schreiben wurde maschinell erstellt und ist ohne Unterschrift gültig.", "Arbeitgeber und Steuernummer:",
                "Bank, 013 815 08153"]
    assert text_of(made["C1"]) == expected, text_of(made["C1"])
    assert not any("An ihre Stelle" in line for line in text_of(made["C0"]))
    third = text_of(made["C2"])
    assert third[:3] == ["Kasse", "Kassenweg 2", "65189 Wiesbaden"] and third[-1] == "Kasse, 013 815 08153" and "Bank" not in " ".join(third), third
    long = " ".join(text_of(made["C0"]))
    assert " ".join(["Zwei Bescheinigungen desselben Dienstverhältnisses."] * 12) in long
    schema = json.loads(taxcert("template", "schema", "de/lohnsteuerbescheinigung", "2025"))
    attached = subprocess.run(["qpdf", "--show-attachment=letter.json", made["C1"]], capture_output=True, check=True).stdout
    data = json.loads(attached)
    jsonschema.Draft202012Validator({"$ref": "#/$defs/letter", "$defs": schema["$defs"]}).validate(data)
    assert data["fields"]["letter_certificate"] == "C1" and data["fields"]["letter_reason"] == "Der Vorname war falsch." and "3" not in data["fields"]
    for pdf in made.values():
        subprocess.run(["qpdf", "--check", pdf], check=True, stdout=subprocess.DEVNULL)
    # Nothing but the address in the envelope's window or near it: x 15 to 110, y 40 to 95 mm.
    boxes = subprocess.run(["pdftotext", "-bbox", made["C1"], "-"], capture_output=True, text=True, check=True).stdout
    words = re.findall(r'xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">([^<]*)<', boxes)
    near = [w[4] for w in words if float(w[0]) < 110 / 25.4 * 72 and float(w[1]) < 95 / 25.4 * 72 and float(w[3]) > 40 / 25.4 * 72]
    assert " ".join(near) == "Erna Beispiel-B Lindenweg 2 60311 Frankfurt am Main", near


def check_proof(folder, run):
    """verify finds a letter that was changed, taken away, put there, or that the ledger does not know."""
    taxcert("verify", run)
    sums = open(os.path.join(run, "SHA256SUMS")).read()
    assert all(os.path.relpath(p, run) in sums for p in letters(run).values())
    subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=run, check=True)
    again = os.path.join(folder, "again.xlsx")
    taxcert("summary", run, "-o", again)
    assert read(again) == read(os.path.join(run, "summary.xlsx"))
    one = os.path.relpath(letters(run)["C1"], run)

    def broken(change, rule):
        copy_ = os.path.join(folder, "two-broken")
        shutil.copytree(run, copy_)
        change(copy_)
        said = taxcert("verify", copy_, code=1)
        assert f"[{rule}]" in said, said
        shutil.rmtree(copy_)

    def change(copy_):
        with open(os.path.join(copy_, one), "ab") as file:
            file.write(b"\n")

    broken(change, "file-changed")
    broken(lambda c: os.remove(os.path.join(c, one)), "file-missing")
    broken(lambda c: shutil.copy(os.path.join(c, one), os.path.join(c, "letters/x.pdf")), "file-extra")

    def forget(copy_):
        with sqlite3.connect(os.path.join(copy_, "ledger.db")) as ledger:
            ledger.execute("DELETE FROM letter WHERE id = 'C1'")
    broken(forget, "ledger-file")


def check_reprint(folder, first, run):
    """From every run of the chain, the very bytes; and nothing of what is valid."""
    out = os.path.join(folder, "out.pdf")
    changed = certificate(1, "N1", correction={"reason": "amount"}, transfer_ticket="t9")
    changed["values"]["4"] = "2701.00"
    later, _ = correct(folder, run, "three", [], [changed])
    taxcert("verify", later)
    assert not letters(later)
    for place in (first, run, later):
        for handle in ("C1", "P1+C1"):
            taxcert("reprint", "--force", "--letter", place, handle, "-o", out)
            assert read(out) == read(letters(run)["C1"]), (place, handle)
        assert "[not-cancelled]" in taxcert("reprint", "--force", "--letter", later, "N1", "-o", out, code=3)
        assert "[certificate-unknown]" in taxcert("reprint", "--force", "--letter", place, "nobody", "-o", out, code=1)
    assert '"letter-given"' in open(os.path.join(run, "events.log")).read()
    assert "--letter" in taxcert("reprint", "--force", run, "C1", "-o", out, code=3)
    assert taxcert("reprint", "--force", "--letter", "--duplicate", run, "C1", "-o", out, code=2)
    with open(letters(run)["C2"], "ab") as file:
        file.write(b"\n")
    assert "[changed]" in taxcert("reprint", "--force", "--letter", run, "C2", "-o", out, code=4)


def check_refused(folder, first):
    """A reason that cannot be printed: nothing is cancelled, and the place is named; what belongs to it is not done either."""
    for i, (reason, rule) in enumerate((("W" * 200, "text-fit"), (("Grund " * 170)[:1001], "text-fit"), ("weil \u5c71", "text-character"))):
        out, said = correct(folder, first, f"refused{i}", [("C0", reason), ("C1", "right")], [certificate(0, "N0", transfer_ticket="t3")], 1)
        assert f"#/cancellations/0/reason [{rule}]" in said and "[correction-together]" in said, said
        assert sorted(letters(out)) == ["C1"]
        with sqlite3.connect(os.path.join(out, "ledger.db")) as ledger:
            assert dict(ledger.execute("SELECT id, state FROM certificate")) == {"C0": "issued", "C1": "cancelled", "C2": "issued", "N0": "refused"}
        taxcert("verify", out)
        shutil.rmtree(out)
        changes = os.path.join(folder, f"refused{i}.json")
        fresh = os.path.join(folder, f"fresh{i}")
        shutil.copytree(os.path.join(folder, "kept"), fresh)
        first = fresh
        assert os.path.exists(changes)


def check_forms(folder):
    """The linter reads the letter; a form may have none."""
    forms = os.path.join(folder, "forms")
    shutil.copytree(os.path.join(source, "templates"), forms)
    place = os.path.join(forms, FORM)
    whole = json.load(open(os.path.join(place, "letter.json")))

    def lint(change):
        letter = copy.deepcopy(whole)
        change(letter)
        write(place, "letter.json", letter)
        return subprocess.run([program, "template", "lint", place], env=ENV, capture_output=True, text=True)

    by = lambda letter, key: next(e for e in letter["elements"] if key in e)
    assert lint(lambda x: None).returncode == 0
    for change, where in ((lambda x: x.update(format="taxcert/form/1"), "letter.json#/format"), (lambda x: x.pop("title"), "letter.json#/title"),
                          (lambda x: x["elements"].pop(0), "[template-mark]"), (lambda x: by(x, "heading").pop("heading"), "[template-heading]"),
                          (lambda x: by(x, "show").update(show="no_such"), "[template-id]"), (lambda x: by(x, "heading").update(at=[205, 20]), "[text-fit]"),
                          (lambda x: by(x, "stack").update(more=1), "[template-key]"), (lambda x: by(x, "pairs")["pairs"][0].update(caption="no"), "[template-caption]")):
        done = lint(change)
        assert done.returncode == 2 and "letter.json#" in done.stderr and where in done.stderr, done
    os.remove(os.path.join(place, "letter.json"))
    ENV["TAXCERT_TEMPLATES"], before = forms, ENV["TAXCERT_TEMPLATES"]
    run, out = os.path.join(folder, "plain"), os.path.join(folder, "out.pdf")
    taxcert("generate", "--allow-test-ids", write(folder, "plain.json", {**PAYROLL, "certificates": [certificate(i) for i in range(3)]}), "-o", run)
    second, _ = correct(folder, run, "plain2", [("C1", "x")])
    assert not letters(second) and "[no-letter]" in taxcert("reprint", "--force", "--letter", second, "C1", "-o", out, code=3)
    assert "no letter" in taxcert("template", "preview", "--mark", "letter", "de/lohnsteuerbescheinigung", "2025", "-o", out, code=2)
    ENV["TAXCERT_TEMPLATES"] = before
    taxcert("template", "preview", "--mark", "letter", "de/lohnsteuerbescheinigung", "2025", "-o", out)
    assert "letter_reason" in text_of(out)


with tempfile.TemporaryDirectory() as folder:
    first = os.path.join(folder, "one")
    taxcert("generate", "--allow-test-ids", write(folder, "p.json", {**PAYROLL, "certificates": [certificate(i) for i in range(3)]}), "-o", first)
    shutil.copytree(first, os.path.join(folder, "kept"))
    cancelled = [("C0", " ".join(["Zwei Bescheinigungen desselben Dienstverhältnisses."] * 12)), ("C1", "Der Vorname war falsch."), ("C2", "Storno")]
    run, _ = correct(folder, first, "two", cancelled, [certificate(1, "N1")])
    check_page(run)
    check_proof(folder, run)
    os.makedirs(os.path.join(folder, "other"))
    shutil.copytree(os.path.join(folder, "kept"), os.path.join(folder, "other/one"))
    same, _ = correct(os.path.join(folder, "other"), os.path.join(folder, "other/one"), "two", cancelled, [certificate(1, "N1")], 0, "-j1")
    assert {k: read(p) for k, p in letters(same).items()} == {k: read(p) for k, p in letters(run).items()}
    os.makedirs(os.path.join(folder, "draft"))
    shutil.copytree(os.path.join(folder, "kept"), os.path.join(folder, "draft/one"))
    draft, _ = correct(os.path.join(folder, "draft"), os.path.join(folder, "draft/one"), "two", cancelled[:1], (), 0, "--draft")
    assert "ENTWURF" in "".join(text_of(letters(draft)["C0"])), text_of(letters(draft)["C0"])
    check_refused(folder, os.path.join(folder, "draft/one"))
    check_reprint(folder, first, run)
    check_forms(folder)
print("letters: ok")
