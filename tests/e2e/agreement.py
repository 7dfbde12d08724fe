"""The year agrees, and every change is judged: reconciliations and corrections worked out by hand, a scenario a function. What is right stands in
the scenario; sums are made here from the input. Every workbook is recalculated by LibreOffice. Usage: agreement.py TAXCERT SOURCE_DIR"""
import copy
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from decimal import Decimal

program, source = sys.argv[1:3]
sys.path.insert(0, os.path.join(source, "tests/lib"))
import openpyxl  # noqa: E402
from builds import release  # noqa: E402
from office import Office, rows, verdict, whole  # noqa: E402

sanitized, quick = program, release(program, source)  # every fifth scene by the one with sanitizers
bank = os.path.join(source, "samples/bank")
PAYROLL, PEOPLE = (json.load(open(os.path.join(bank, n + ".json"))) for n in ("payroll", "employees"))
GREEN, RED, AMBER, UNCHECKED = "stimmt", "WEICHT AB", "UNVOLLSTÄNDIG", "nicht geprüft"
TYPES, TEMPLATES = PAYROLL["wage_types"], os.path.join(source, "templates")
IDS = [e["tax_id"] for e in PEOPLE["employees"]]
OFFICE = {"HE": ("013 815 08153", "2613"), "FFM": ("045 815 08158", "2645")}
told_rules = set()  # of rules about corrections, seen in a scenario


class Scene:
    """A folder, an employer with some people, and the runs made of them."""
    made = 0
    quick = False  # the workbook as it is stored: for variants of a scene that was recalculated

    def __init__(self, folder, office, people=2, sites=("HE",)):
        Scene.made += 1
        self.folder, self.office = os.path.join(folder, f"scene{Scene.made}"), office
        os.mkdir(self.folder)
        self.sites = [dict(site) if isinstance(site, dict) else self.site(site) for site in sites]
        self.people = {str(500 + i): self.person(500 + i) for i in range(people)}
        self.certificates = [self.certificate(number, site=self.sites[0]["id"]) for number in self.people]
        self.declarations = []
        self.employer = copy.deepcopy(PAYROLL["employer"])

    @staticmethod
    def site(id, tax_number="013 815 08153", office="2613", land="HE"):
        return {"id": id, "tax_number": tax_number, "land": land, "tax_office": {"name": "Finanzamt Muster", "number": office}}

    @staticmethod
    def person(number, **more):
        return {"personnel_number": str(number), "tax_id": IDS[number - 500], "name": {"first": "Ina", "last": f"Probe{chr(number - 435)}"},
                "birth_date": "1980-02-03", "address": {"street": "Weg 1", "postcode": "60311", "city": "Frankfurt", "country": "DE"},
                "employment": {"kind": "full_time"}, **more}

    @staticmethod
    def certificate(number, suffix=1, site="HE", months=(1, 12), marks="ev", **values):
        amounts = {"3": "36000.00", "4": "3600.00", "6": "324.00", **{k.lstrip("z"): v for k, v in values.items() if v is not None}}
        for key in [k for k, v in values.items() if v is None]:
            amounts.pop(key.lstrip("z"), None)
        last = {2: 28, 4: 30, 6: 30, 9: 30, 11: 30}.get(months[1], 31)
        return {"id": f"C-{number}-{suffix}", "personnel_number": str(number), "establishment": site, "values": amounts,
                "period": {"from": f"2025-{months[0]:02}-01", "to": f"2025-{months[1]:02}-{last}"}, "facts": {"insurance": "none"},
                "deduction_features": [{"valid_from": "2025-01-01", "tax_class": 1, "child_allowances": "0.0", "church_marks": marks}],
                "transfer_ticket": f"et{number}x{suffix}"}

    def declare(self, site="HE", months=range(1, 13), year=2025, calendar_year=2025, corrected=False, **values):
        for m in months:
            self.declarations.append({"establishment": site, "period": f"{year}-{m:02}" if isinstance(m, int) else m, "calendar_year": calendar_year,
                                      "amended": corrected, "values": {k.lstrip("z"): v for k, v in values.items()}})

    def declare_all(self, **more):
        """What the certificates hold, in twelve equal months."""
        sums = {code: sum((Decimal(c["values"].get(line, 0)) for c in self.certificates), Decimal(0)) / 12 for code, line in (("z42", "4"), ("z49", "5"), ("z61", "6"))}
        self.declare(**{code: f"{v:.2f}" for code, v in sums.items()}, **more)

    def head(self, issued, **more):
        return {"format": "taxcert/payroll/1", "form": "de/lohnsteuerbescheinigung", "year": 2025, "issue_date": issued, "employer": self.employer,
                "establishments": self.sites, "wage_types": TYPES, "employees": list(self.people.values()), **more}

    def write(self, name, data):
        path = os.path.join(self.folder, name)
        json.dump(data, open(path, "w"), ensure_ascii=False)
        return path

    def run(self, words, out):
        done = subprocess.run([program, *words, "--json", "--allow-test-ids", "--lang", "en", "--templates", TEMPLATES, "-o", out], capture_output=True, text=True)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        result = lines[-1] if lines and "finding" not in lines[-1] else {}
        told_rules.update(f["rule"] for f in lines if f.get("rule"))
        return Run(self, out, done, result, [(f["finding"], f["certificate"], f["rule"]) for f in lines if "finding" in f])

    def generate(self, code=0, **more):
        declarations = {"declarations": self.declarations} if self.declarations else {}
        path = self.write("payroll.json", self.head("2026-01-28", certificates=self.certificates, **{**declarations, **more}))
        run = self.run(["generate", path], os.path.join(self.folder, "0"))
        assert run.done.returncode == code, run.done
        return run

    def correct(self, run, certificates=(), code=0, issued="2026-02-10", cancel=(), options=(), **more):
        cancellations = [{"certificate": c, "reason": "falsch"} for c in cancel]
        path = self.write("changes.json", self.head(issued, certificates=list(certificates), **({"cancellations": cancellations} if cancel else {}), **more))
        out = f"{run.folder}-{sum(n.startswith(os.path.basename(run.folder)) for n in os.listdir(self.folder))}"
        new = self.run(["correct", run.folder, path, *options], out)
        assert new.done.returncode == code, (new.done.returncode, new.done.stderr, new.done.stdout)
        return new


def changed(certificate, reason="Einfache Berichtigung", **values):
    """A correction of it, under a ticket of its own."""
    new = copy.deepcopy(certificate)
    new["values"].update({k.lstrip("z"): v for k, v in values.items()})
    return {**new, "transfer_ticket": certificate["transfer_ticket"] + "k", "correction": {"reason": reason}}


class Run:
    def __init__(self, scene, folder, done, result, findings):
        self.scene, self.folder, self.done, self.result, self.findings = scene, folder, done, result, findings
        self.sheets = {}

    def rules(self, kind=None):
        return {rule for k, _, rule in self.findings if kind in (None, k)}

    def book(self):
        """Sheet name -> rows, recalculated; stored values agree; the summary command makes the same bytes; the run is proved."""
        if self.sheets:
            return self.sheets
        if self.scene.quick:
            stored = openpyxl.load_workbook(os.path.join(self.folder, "summary.xlsx"), data_only=True)
            self.sheets = {sheet.title: [tuple("" if v is None else v for v in row) for row in sheet.iter_rows(values_only=True)] for sheet in stored}
            return self.sheets
        path = os.path.join(self.folder, "summary.xlsx")
        book = self.scene.office.open(path)
        self.scene.office.check(book, path)
        self.sheets = {sheet.Name: rows(sheet) for sheet in book.Sheets}
        book.close(False)
        again = os.path.join(self.scene.folder, "again.xlsx")
        subprocess.run([program, "summary", self.folder, "-o", again], check=True)
        assert open(again, "rb").read() == open(path, "rb").read(), self.folder
        proof = subprocess.run([program, "verify", "--sample", "2", self.folder], capture_output=True, text=True)
        assert proof.returncode == 0, proof.stdout
        return self.sheets

    def head(self):
        return verdict(self.book()["Übersicht"])

    def overview(self, start):
        return next(r for r in self.book()["Übersicht"] if str(r[0]).startswith(start))

    def line(self, code, site=None):
        """The row of the code in Abstimmung, as a dictionary; site None: all."""
        heads, *body = self.book()["Abstimmung"]
        at = {whole(title): i for i, title in enumerate(heads)}
        row = next(r for r in body if r[at["Kennzahl"]] == code and r[at["Kalenderjahr des Arbeitslohns"]] == 2025 and (str(r[0]).split(",")[0] == site if site else str(r[0]).startswith("alle ")))
        return {title: row[i] for title, i in at.items()}

    def table(self, name):
        heads, *body = self.book()[name]
        return [dict(zip(map(whole, heads), r)) for r in body if r[0] not in ("", "keine") and not str(r[0]).startswith("Summe ")]

    def changes(self):
        return [(r["Bescheinigung"], r["Änderung"], r["Zeile"], r["vorher"], r["nachher"]) for r in self.table("Korrekturen")]

    def states(self):
        return {(i, s) for i, s in sqlite3.connect(os.path.join(self.folder, "ledger.db")).execute("SELECT id, state FROM certificate")}

    def counts(self):
        return tuple(self.result[k] for k in ("certificates", "issued", "held", "without_certificate"))


# ---- 1: changes against what stays valid

def doubles(new):
    s = new(people=2)
    one = s.certificates[0]
    run = s.generate()
    late = s.certificate(500, 2)
    found = s.correct(run, [late], code=1)
    assert found.rules("error") == {"same-certificate"} and ("C-500-2", "held") in found.states() and found.counts() == (3, 2, 1, 0)
    run = s.correct(run, [s.certificate(500, 2, months=(6, 7), z3="1000.00", z4="10.00", z6="0.90")])
    assert run.rules() == {"periods-overlap"}
    s.people["502"] = {**s.person(502), "tax_id": s.people["501"]["tax_id"]}
    found = s.correct(run, [s.certificate(502, z3="7.00", z4="0.00", z6="0.00", months=(1, 1))])
    assert {"several-personnel-numbers", "periods-overlap"} <= found.rules() and (one["id"], "issued") in found.states()


def many_doubles(new):
    """Each of several changes finds its own, whatever its place."""
    s = new(people=6)
    run = s.generate()
    found = s.correct(run, [s.certificate(500 + i, 2) for i in range(6)], code=1)
    assert [r for _, _, r in found.findings].count("same-certificate") == 6 and found.counts() == (12, 6, 6, 0)


def corrected_into_a_double(new):
    s = new(people=1)
    s.certificates = [s.certificate(500, 1, months=(1, 6)), s.certificate(500, 2, months=(7, 12))]
    run = s.generate()
    double = {**changed(s.certificates[1]), "period": s.certificates[0]["period"]}
    found = s.correct(run, [double], code=1)
    assert found.rules("error") == {"same-certificate"} and found.counts() == (2, 2, 0, 0) and found.states() == {("C-500-1", "issued"), ("C-500-2", "issued"), ("C-500-2", "refused")}
    # Exchanged in one go they are no doubles.
    both = [{**changed(s.certificates[0]), "period": s.certificates[1]["period"]}, {**changed(s.certificates[1]), "period": s.certificates[0]["period"]}]
    assert not s.correct(run, both).rules("error")


def refused_correction_leaves_the_old_one(new):
    """What is refused is not compared with; what stays because of that is."""
    s = new(people=1)
    run = s.generate()
    bad = changed(s.certificates[0], z5="9000.00")  # far above 5.5 % of line 4
    found = s.correct(run, [bad, s.certificate(500, 2)], code=1)
    assert ("error", "C-500-2", "same-certificate") in found.findings and found.counts()[:3] == (2, 1, 1)


def case_of_an_id(new):
    s = new(people=2)
    run = s.generate()
    found = s.correct(run, [{**s.certificate(500, 2, months=(1, 1)), "id": "c-500-1"}], code=1)
    assert found.rules("error") == {"certificate-case"}


# ---- 2: the head, and who somebody is

def another_employer(new):
    for change in ("employer", "tax_number", "office", "land"):
        s = new(people=1)
        run = s.generate()
        if change == "employer":
            s.employer["name"] = "Andere AG"
        else:
            s.sites[0] = {"tax_number": s.site("HE", "045 815 08158"), "office": s.site("HE", office="2645"), "land": s.site("HE", land="BY")}[change]
        s.correct(run, [changed(s.certificates[0], z20="5.00")], code=3)
        assert not os.path.exists(run.folder + "-1")
    s = new(people=1)
    run = s.generate()
    s.sites = [s.site("HE", "013-815-08153"), s.site("NEU", "045 815 08158", "2645")]  # written otherwise, and one more
    s.people["501"] = s.person(501)
    assert s.correct(run, [s.certificate(501, site="NEU")]).counts() == (2, 2, 0, 0)


def identity(new):
    for key, value, rule in (("last", "Probst", "correction-identity"), ("first", "Ines", "correction-identity"), ("birth", "1981-02-03", "correction-identity")):
        s = new(people=1)
        run = s.generate()
        p = s.people["500"]
        p.update({"birth_date": value} if key == "birth" else {"name": {**p["name"], key: value}})
        found = s.correct(run, [changed(s.certificates[0], z20="5.00")], code=1)
        assert rule in found.rules("error") and found.states() == {("C-500-1", "issued"), ("C-500-1", "refused")} and found.counts() == (1, 1, 0, 0)
        later = changed(s.certificates[0], z20="5.00")
        later["correction"]["changed_later"] = True
        found = s.correct(run, [later], code=1 if key == "birth" else 0)
        assert found.rules("error") == ({"correction-birth-date"} if key == "birth" else set())
    s = new(people=1)
    run = s.generate()
    s.people = {"900": {**s.people["500"], "personnel_number": "900"}}
    found = s.correct(run, [{**changed(s.certificates[0], z20="5.00"), "personnel_number": "900"}])
    assert found.rules() == {"correction-number"} and found.counts() == (1, 1, 0, 0)
    assert ("C-500-1", "Korrektur", "Personalnummer", "500", "900") in found.changes()


# ---- 3: both or neither, everybody counted

def successor_withheld(new):
    s = new(people=2)
    s.declare_all()
    run = s.generate()
    s.people["500"]["tax_id"] = "12345678901"
    found = s.correct(run, [s.certificate(500, 2)], code=1, cancel=["C-500-1"])
    assert found.result["changes"] == {"corrected": 0, "cancelled": 0, "late": 0, "held": 2} and found.counts() == (2, 2, 0, 0)
    assert found.states() == {("C-500-1", "issued"), ("C-501-1", "issued"), ("C-500-2", "refused")} and found.head() == AMBER
    assert found.result["reconciled"] == "yes" and [r["Kennung der Bescheinigung"] for r in found.table("Zurückgehalten")] == ["C-500-2"]
    # Nothing was done, so nothing is superseded: the mended changes go to either run, and then to neither again.
    s.people["500"]["tax_id"] = IDS[40]
    done = s.correct(found, [s.certificate(500, 2)], cancel=["C-500-1"])
    assert done.counts() == (2, 2, 0, 0) and done.head() == GREEN and done.states() == {("C-500-1", "cancelled"), ("C-501-1", "issued"), ("C-500-2", "issued")}
    for old in run, found:
        assert "[superseded]" in s.correct(old, [s.certificate(500, 3)], code=2).done.stderr
    assert {("C-500-1", "Stornierung", "C-500-2"), ("C-500-2", "Nachtrag", "C-500-2")} <= {(c[0], c[1], c[4]) for c in done.changes()}
    assert ("C-500-2", "Nachtrag", "Identifikationsnummer", IDS[0], IDS[40]) in done.changes()
    assert not any("Bruttoarbeitslohn" in c[2] for c in done.changes())


def merged(new):
    """Two certificates of one employment become one: corrected and cancelled together, or not at all."""
    s = new(people=1)
    s.certificates = [s.certificate(500, 1, months=(1, 6)), s.certificate(500, 2, months=(7, 12))]
    s.declare_all()
    run = s.generate()
    whole = {**changed(s.certificates[0], z3="72000.00", z4="7200.00", z6="648.00"), "period": {"from": "2025-01-01", "to": "2025-12-31"}}
    bad = copy.deepcopy(whole)
    bad["values"]["5"] = "9000.00"
    found = s.correct(run, [bad], code=1, cancel=["C-500-2"])
    assert "cancellation-together" in found.rules() and found.counts() == (2, 2, 0, 0) and found.result["reconciled"] == "yes"
    done = s.correct(found, [whole], cancel=["C-500-2"])
    assert done.counts() == (1, 1, 0, 0) and done.result["reconciled"] == "yes" and done.head() == GREEN
    assert done.overview("Original + Nachträge")[1:4] == (1.0, 1.0, GREEN)


def without_anything(new):
    s = new(people=2)
    s.people["502"] = s.person(502)
    run = s.generate()
    assert run.counts() == (2, 2, 0, 1) and run.result["unexplained"] == 1
    s.people["502"]["no_certificate_reason"] = "unbezahlter Urlaub"
    s.people["503"] = s.person(503)
    found = s.correct(run, cancel=["C-500-1"])
    assert found.counts() == (1, 1, 0, 3) and found.result["unexplained"] == 1
    assert {(r["Personalnummer"], r["Grund"]) for r in found.table("Ohne Bescheinigung")} == {("502", "unbezahlter Urlaub"), ("500", "falsch"), ("503", "ohne Angabe eines Grundes")}
    back = s.correct(found, [s.certificate(500, 2)])
    assert back.counts() == (2, 2, 0, 2) and back.overview("Original + Nachträge")[1:4] == (2.0, 2.0, GREEN)


def late_withheld_then_mended(new):
    s = new(people=1)
    run = s.generate()
    s.people["501"] = {**s.person(501), "tax_id": "1"}
    found = s.correct(run, [s.certificate(501)], code=1)
    assert found.counts() == (2, 1, 1, 0) and found.head() == AMBER
    s.people["502"] = s.person(502)
    found = s.correct(found, [s.certificate(502)])  # a number stands for one thing for ever: the finding stays
    assert found.counts() == (3, 2, 1, 0) and [r["Regel"] for r in found.table("Fehler und Hinweise")] == ["idnr"]
    found = s.correct(found, [s.certificate(501)], code=1)
    assert found.counts() == (3, 2, 1, 0) and len(found.table("Fehler und Hinweise")) == 1
    s.people["501"]["tax_id"] = IDS[1]
    done = s.correct(found, [s.certificate(501)])
    assert done.counts() == (3, 3, 0, 0) and not done.table("Fehler und Hinweise") and done.head() != RED


def given_twice_then_late(new):
    s = new(people=2)
    s.certificates.append(s.certificates[1])
    run = s.generate(code=1)
    assert run.counts() == (3, 1, 2, 0)
    done = s.correct(run, [s.certificate(501)])
    assert done.counts() == (2, 2, 0, 0) and not done.table("Fehler und Hinweise")
    assert s.correct(done, cancel=["C-501-1"]).counts() == (1, 1, 0, 1)


# ---- 7 and 8: what a change is, and when

def kinds_of_rows(new):
    s = new(people=3)
    run = s.generate()
    s.people["503"] = s.person(503)
    two = s.correct(run, [changed(s.certificates[0], z20="5.00"), s.certificate(503)], issued="2026-02-11")
    three = s.correct(two, [changed(changed(s.certificates[0]), z20="6.00")], issued="2026-02-12")
    seen = {r["Kennung der Bescheinigung"]: (r["Änderung"], r["Ausstellungsdatum"]) for r in three.table("Bescheinigungen")}
    days = {k: v[1] - seen["C-501-1"][1] for k, v in seen.items()}
    assert {k: v[0] for k, v in seen.items()} == {"C-500-1": "Korrektur 2", "C-501-1": "Original", "C-502-1": "Original", "C-503-1": "Nachtrag"}
    assert days == {"C-500-1": 15, "C-501-1": 0, "C-502-1": 0, "C-503-1": 14}
    csv = open(os.path.join(three.folder, "summary.csv")).read().splitlines()
    assert [line.split(",")[-3:] for line in csv if line.startswith("500,")] == [["correction 2", "2026-02-12", "issued"]]


def no_correction(new):
    for key in "address", "ticket", "cost_centre":
        s = new(people=1)
        run = s.generate()
        one = changed(s.certificates[0]) if key == "ticket" else {**changed(s.certificates[0]), "transfer_ticket": s.certificates[0]["transfer_ticket"]}
        s.people["500"].update({"address": {**s.people["500"]["address"], "street": "Allee 2"}} if key == "address" else {"cost_centre": "9"} if key == "cost_centre" else {})
        assert s.correct(run, [one], code=1).rules("error") == {"correction-none"}
    s = new(people=1)
    run = s.generate()
    same = {**s.certificates[0], "correction": {"reason": "Einfache Berichtigung"}}
    assert s.correct(run, [same], code=1).rules() == {"correction-same", "correction-ticket"}


def time_and_ground(new):
    s = new(people=1)
    run = s.generate()
    bare = lambda **v: changed(s.certificates[0], "Zahlendreher", **v)
    draft = {"options": ("--draft",)}  # the run stays as it is
    assert not s.correct(run, [bare(z4="3700.00", z6="333.00")], issued="2026-02-28", **draft).rules()
    assert s.correct(run, [bare(z4="3700.00", z6="333.00")], issued="2026-03-01", **draft).rules() == {"correction-ground", "correction-withheld-tax"}
    assert s.correct(run, [bare(z20="35.00")], issued="2027-01-01", **draft).rules() == {"correction-ground"}
    grounded = bare(z20="35.00")
    grounded["correction"]["ground"] = "Paragraph 41c"
    assert not s.correct(run, [grounded], issued="2032-12-31", **draft).rules()
    assert s.correct(run, [grounded], issued="2033-01-01", code=1, **draft).rules() == {"correction-too-late"}
    zero = changed(s.certificates[0])
    zero["values"] = {}
    assert s.correct(run, [zero], code=1, **draft).rules("error") == {"no-certificate-due-corrected"}
    old = {**changed(s.certificates[0], z20="5.00"), "transfer_ticket": s.certificates[0]["transfer_ticket"]}
    assert s.correct(run, [old], **draft).rules() == {"correction-ticket"}
    taken = {**s.certificate(500, 2), "transfer_ticket": s.certificates[0]["transfer_ticket"]}
    s.people["500"]["tax_id"] = IDS[40]
    assert s.correct(run, [taken], cancel=["C-500-1"], **draft).rules() == {"correction-ticket"}


# ---- 4: all that is declared is read

def every_code(new):
    """Church tax by denomination and flat-rate tax beside it: to the cent."""
    s = new(people=4)
    for c, marks, line in zip(s.certificates, ("ev", "rk", "fb", "ev"), "6666"):
        c["deduction_features"][0]["church_marks"] = marks
    s.certificates[0]["values"]["5"] = "120.00"
    s.declare(z42="1200.00", z49="10.00", z61="54.00", z62="27.00", z67="27.00")
    run = s.generate()
    assert run.result["reconciled"] == "yes" and run.head() == GREEN
    for code, move, differ in (("49", "-0.01", 1), ("61", "-0.01", 1), ("62", "0.01", 1), ("67", "-27.00", 1), ("49", "6.18", 1)):
        s.declarations[3]["values"][code] = str(Decimal(before := s.declarations[3]["values"][code]) + Decimal(move))
        other = Scene(s.folder, s.office, people=4)
        other.quick = True
        other.certificates, other.declarations = s.certificates, s.declarations
        found = other.generate()
        assert found.result["reconciled"] == "no" and found.result["differences"] == differ and found.head() == RED, (code, move)
        assert Decimal(str(found.line(code, "HE")["Differenz"])) == Decimal(move)
        s.declarations[3]["values"][code] = before


def flat_rate(new):
    s = new(people=1)
    s.declare(z42="300.00", z61="27.00", z41="22.50", z44="90.00", z47="7.87", z49="6.18")
    run = s.generate()
    assert run.result["reconciled"] == "yes" and run.line("49", "HE")["Differenz"] == 0 and "+74,16" in run.line("49", "HE")["Bemerkung"]
    for values, code, difference in (({"49": "6.17"}, "49", "-0.12"), ({"49": "7.00"}, "49", "9.72"), ({"61": "27.10"}, "61", "1.20"), ({"47": None, "61": "37.20"}, "61", "0.84")):
        other = new(people=1)
        other.quick = True
        base = {"42": "300.00", "61": "27.00", "41": "22.50", "44": "90.00", "47": "7.87", "49": "6.18", **values}
        other.declare(**{"z" + k: v for k, v in base.items() if v})
        got = Decimal(str(other.generate().line(code, "HE")["Differenz"]))
        assert got == Decimal(difference), (values, got)  # a cent of each month may be rounded either way
    proof = new(people=1)  # the proof procedure: flat-rate church tax stands with the denominations, where 47 is not declared
    proof.declare(z42="300.00", z61="32.00", z41="112.50", z49="6.18")
    assert proof.generate().result["reconciled"] == "yes"


def converts(new):
    """Who has changed the church is in both codes: the sum agrees, and nobody is accused."""
    s = new(people=2)
    row = s.certificates[0]["deduction_features"][0]
    s.certificates[0]["deduction_features"].append({**row, "valid_from": "2025-07-01", "church_marks": "rk"})
    s.declare(months=range(1, 7), z42="600.00", z61="54.00", z62="0.00")
    s.declare(months=range(7, 13), z42="600.00", z61="27.00", z62="27.00")
    run = s.generate()
    assert run.result["reconciled"] == "yes" and run.head() == GREEN and run.line("", "HE")["Differenz"] == 0
    worse = new(people=2)
    worse.certificates, worse.declarations = s.certificates, s.declarations
    worse.declarations[8]["values"]["62"] = "26.00"
    run = worse.generate()
    assert run.result["reconciled"] == "no" and run.line("", "HE")["Differenz"] == -1 and run.line("62", "HE")["Differenz"] == 0


def totals_add_up(new):
    s = new(people=1)
    s.declare(z42="300.00", z61="27.00", z41="10.00", z49="0.55", z44="0.00", z48="310.00", z83="337.55", z86=1)
    assert s.generate().head() == GREEN
    for code, value in (("48", "310.01"), ("83", "337.54")):
        other = new(people=1)
        other.quick = True
        other.declarations = copy.deepcopy(s.declarations)
        other.declarations[4]["values"][code] = value
        run = other.generate()
        assert run.head() == RED and run.result["wrong_declarations"] == 1 and run.overview("Anmeldungen, deren")[1] == 1
        assert [r["Zeitraum"] for r in run.table("Lohnsteuer-Anmeldungen") if r["48 und 83 nachgerechnet"] == RED] == ["2025-05"]
    for code, value in (("41", "1.234,56"), ("83", "viel"), ("86", "1.5"), ("44", [])):
        other = new(people=1)
        other.declare(z42="300.00", z61="27.00", **{"z" + code: value})
        assert other.generate(code=3)


def sites_of_one_number(new):
    s = new(people=3, sites=(Scene.site("A"), Scene.site("B", "2613081508153"), Scene.site("C")))
    for c, site in zip(s.certificates, "ABC"):
        c["establishment"] = site
    s.declare_all(site="A")
    run = s.generate()
    assert run.result["reconciled"] == "yes" and run.head() == GREEN and run.line("42", "A")["Betriebsstätte"] == "A, B, C"
    # The same month declared again by another site is told.
    s = new(people=1, sites=(Scene.site("A"), Scene.site("B")))
    s.certificates[0]["establishment"] = "A"
    s.declare(site="A", z42="300.00", z61="27.00")
    s.declare(site="B", months=[4], z42="300.00", z61="27.00")
    run = s.generate()
    assert run.line("42", "A")["Differenz"] == 300 and "doppelt angemeldet: 2025-04" in run.line("42", "A")["Bemerkung"]


# ---- 5: green means complete

def missing_months(new):
    s = new(people=1)
    s.declare(months=[m for m in range(1, 13) if m not in (8, 9)], z42="300.00", z61="27.00")
    s.declarations[9]["values"] = {"42": "900.00", "61": "81.00"}
    run = s.generate()
    assert (run.result["reconciled"], run.result["undeclared_months"], run.head()) == ("yes", 2, AMBER) and run.line("42", "HE")["Bemerkung"] == "nicht angemeldet: Monat 08 - 09"
    s = new(people=1)
    s.certificates = [s.certificate(500, months=(3, 5), z4="900.00", z6="81.00", z3="9000.00")]
    s.declare(months=(3, 4, 5), z42="300.00", z61="27.00")
    assert s.generate().head() == GREEN
    s = new(people=1)
    s.declare(year=2024, calendar_year=2024, z42="300.00", z61="27.00")
    run = s.generate()
    assert run.result["reconciled"] == "not checked" and run.head() == AMBER and run.line("42", "HE")["Prüfung"] == UNCHECKED
    assert new(people=1).generate().head() == AMBER


# ---- 6: a cause is the cause

def causes(new):
    def note(change, site="HE", code="42", people=1, sites=("HE",)):
        s = new(people=people, sites=sites)
        s.quick = True
        s.declare(z42="300.00", z61="27.00")
        change(s, s.declarations)
        row = s.generate().line(code, site)
        return Decimal(str(row["Differenz"])), row["Bemerkung"]

    assert note(lambda s, d: d[4]["values"].update({"42": "600.00", "61": "54.00"})) == (300, "die Anmeldung für 2025-05 enthält diesen Betrag zweimal? ".strip().replace("für 2025-05 ", "für 2025-05, +300,00 "))
    assert note(lambda s, d: d[11].update(calendar_year=2026)) == (-300, "dieser Betrag ist für ein anderes Kalenderjahr angemeldet: 2025-12 (2026), +300,00; nicht angemeldet: Monat 12")
    assert note(lambda s, d: d[6]["values"].pop("61"), code="61") == (-27, "ohne diese Kennzahl angemeldet: 2025-07")
    assert note(lambda s, d: d.pop(6))[1] == "nicht angemeldet: Monat 07"
    s = new(people=3, sites=(Scene.site("A"), Scene.site("B", "045 815 08158", "2645"), Scene.site("C", "143/815/08162", "9143", "BY")))
    for c, site in zip(s.certificates, "ABC"):
        c["establishment"] = site
    for site, tax in ("A", "310.00"), ("B", "305.00"), ("C", "285.00"):
        s.declare(site=site, z42=tax, z61="27.00")
    row = s.generate().line("42", "C")
    assert row["Differenz"] == -180 and row["Bemerkung"] == "die Differenzen mehrerer Steuernummern heben sich auf: A, B, C"
    s = new(people=1, sites=(Scene.site("A"), Scene.site("B", "045 815 08158", "2645")))
    s.certificates[0]["establishment"] = "A"
    s.declare(site="A", z42="300.00", z61="27.00")
    s.declare(site="B", months=[1], z42="11.00", z61="0.00")
    row = s.generate().line("42", "B")
    assert row["Differenz"] == 11 and row["Bemerkung"] == "angemeldet, aber ohne Bescheinigungen: +11,00"


def changes_are_a_cause(new):
    s = new(people=2)
    s.declare_all()
    run = s.generate()
    one = s.correct(run, [changed(s.certificates[0], z3="37000.00", z4="3716.00")])
    assert one.line("42", "HE")["Bemerkung"] == "entspricht der Änderung nach dem ersten Lauf (C-500-1, +116,00): ist die Anmeldung zu berichtigen?"
    s.people["502"] = s.person(502)
    two = s.correct(one, [s.certificate(502)])
    assert "(2, +3716,00)" in two.line("42", "HE")["Bemerkung"] and "+324,00" in two.line("61", "HE")["Bemerkung"]
    three = s.correct(two, cancel=["C-502-1"])
    assert three.line("42", "HE")["Differenz"] == -116 and "+116,00" in three.line("42", "HE")["Bemerkung"]
    june = {"establishment": "HE", "period": "2025-06", "calendar_year": 2025, "values": {"10": "1", "42": "716.00", "61": "54.00"}}
    done = s.correct(three, declarations=[june])
    assert done.result["reconciled"] == "yes" and done.head() == GREEN and [r["Art der Anmeldung"] for r in done.table("Lohnsteuer-Anmeldungen") if r["Zeitraum"] == "2025-06"] == ["Anmeldung", "berichtigte Anmeldung"]
    # Part of a difference is explained, the rest is open.
    s.declarations[2]["values"]["42"] = "590.00"
    other = new(people=2)
    other.declarations = s.declarations
    part = other.correct(other.generate(), [changed(other.certificates[0], z3="37000.00", z4="3716.00")])
    assert part.line("42", "HE")["Differenz"] == -126 and part.line("42", "HE")["Bemerkung"].endswith("offen bleiben -10,00")


def declarations_stay(new):
    s = new(people=1)
    s.declare_all()
    run = s.generate()
    for none in ({"declarations": None}, {"declarations": []}, {}):
        assert s.correct(run, [changed(s.certificates[0], z20="9.00")], options=("--draft",), **none).result["reconciled"] == "yes"
    # In any order; told again it is nothing new; without a mark it replaces.
    june = {**copy.deepcopy(s.declarations[5]), "amended": True}
    june["values"]["42"] = "400.00"
    july = copy.deepcopy(s.declarations[6])
    july["values"]["42"] = "200.00"
    done = s.correct(run, declarations=[june, *s.declarations[:6], july])
    assert done.result["reconciled"] == "yes" and len(done.table("Lohnsteuer-Anmeldungen")) == 13
    first = new(people=1)
    first.declarations = [june, *copy.deepcopy(s.declarations)]
    assert first.generate().line("42", "HE")["Differenz"] == 100


# ---- 9: the workbook defends its sheets

def defended(new):
    s = new(people=3)
    s.people["502"]["tax_id"] = "1"
    s.certificates[1].update(values={}, entries=[{"wage_type": "1000", "month": m, "amount": "3000.00"} for m in range(1, 13)]
                             + [{"wage_type": "9100", "month": m, "amount": "300.00"} for m in range(1, 13)])
    s.declare_all()
    s.declarations = [dict(d, values={"42": "900.00", "61": "54.00", "41": "0.00", "48": "900.00"}) for d in s.declarations]
    run = s.correct(s.generate(code=1), [changed(s.certificates[0], z20="9.00")], issued="2026-02-12", options=("--jobs", "1"))
    assert run.head() == AMBER
    book = s.office.open(os.path.join(run.folder, "summary.xlsx"))
    overview = book.Sheets.getByName("Übersicht")
    head = lambda: (book.calculateAll(), verdict(rows(overview)))[1]
    assert head() == AMBER
    amounts = {"Lohnsteuer-Anmeldungen": ("42 ", "61 ", "41 ", "48 "), "Zurückgehalten": ("3.", "4.", "6."), "Herkunft der Beträge": ("Monat 03", "Monat 12"), "Korrekturen": ("nachher",),
               "Bescheinigungen": ("4.", "20.")}
    for name, starts in amounts.items():
        sheet, tried = book.Sheets.getByName(name), 0
        heads, *body = rows(sheet)
        for y, row in list(enumerate(body, 1))[:3]:
            for x in (x for x, kind in enumerate(heads) if str(kind).startswith(starts) and row[0] and not str(row[0]).startswith("Summe") and isinstance(row[x], float)):
                sheet.getCellByPosition(x, y).Value = row[x] + 1
                assert head() == RED, (name, y, x)
                sheet.getCellByPosition(x, y).Value = row[x]
                tried += 1
        assert tried and head() == AMBER, name
    book.close(False)


def green_means_complete(new):
    """What agrees only with the withheld counted in says so, with the amounts; all withheld is nothing that agrees."""
    s = new(people=2)
    s.declare_all()
    s.people["500"]["tax_id"] = "1"
    run = s.generate(code=1)
    assert run.result["reconciled"] == "yes" and run.result["reconciled_held"] == {"42": "3600.00", "61": "324.00"} and run.head() == AMBER
    rows = {r[0]: r for r in run.book()["Übersicht"] if r[0] and "ückgehalten," in str(r[0])}
    assert sorted((Decimal(str(r[1])), r[2], r[3]) for r in rows.values()) == [(324, 0, AMBER), (3600, 0, AMBER)], rows
    s = new(people=2)
    s.declare_all()
    s.people["500"]["tax_id"] = s.people["501"]["tax_id"] = "1"
    run = s.generate(code=1)
    assert run.result["reconciled"] == "nothing issued" and run.result["reconciled_held"]["42"] == "7200.00" and run.head() == AMBER
    assert GREEN not in [r[3] for r in run.book()["Übersicht"] if str(r[0]).startswith("Abweichungen von")], "nobody agrees"
    s = new(people=2)
    s.certificates[0]["deduction_features"].append({**s.certificates[0]["deduction_features"][0], "valid_from": "2025-07-01", "church_marks": "rk"})
    s.people["500"]["tax_id"] = "1"
    s.declare_all()
    run = s.generate(code=1)
    assert run.result["reconciled_held"] == {"42": "3600.00", "Kirchensteuer, nicht zugeordnet": "324.00"}, "what belongs to no code is named too"
    s = new(people=2)
    s.declare_all()
    run = s.generate()
    assert run.result["reconciled"] == "yes" and run.result["reconciled_held"] == {} and run.head() == GREEN


def many_establishments(new):
    """More groups than have formulas: constants beside them, and every stored value is what LibreOffice reckons."""
    offices = [Scene.site(f"S{i:03}", f"{i:03}/815/08162", "9143", "BY") for i in range(250)]
    s = new(people=40, sites=offices)
    for i, c in enumerate(s.certificates):
        c["establishment"] = f"S{6 * i:03}"
        s.declare(site=f"S{6 * i:03}", months=["2025"], z42="3600.00", z61="324.00", z49="0.00")
    s.people["500"]["tax_id"] = "1"
    run = s.generate(code=1)
    assert run.head() == AMBER and run.counts()[0] == 40 and run.result["held"] >= 1 and run.result["reconciled"] == "yes"  # not all numbers are valid


SCENARIOS = [doubles, many_doubles, corrected_into_a_double, refused_correction_leaves_the_old_one, case_of_an_id, another_employer, identity,
                   successor_withheld, merged, without_anything, late_withheld_then_mended, given_twice_then_late, kinds_of_rows, no_correction, time_and_ground,
             every_code, flat_rate, converts, totals_add_up, sites_of_one_number, missing_months, causes, changes_are_a_cause, declarations_stay, defended,
             green_means_complete, many_establishments]

with tempfile.TemporaryDirectory() as folder, Office(folder) as office:
    for number, scenario in enumerate(SCENARIOS):
        program = quick if number % 5 else sanitized
        try:
            start = time.time()
            scenario(lambda **more: Scene(folder, office, **more))
            if "-v" in sys.argv:
                print(f"{time.time() - start:6.1f} s {scenario.__name__}", flush=True)
        except BaseException:
            print("scenario", scenario.__name__)
            raise
about = {r["id"] for r in json.load(open(os.path.join(TEMPLATES, "de/lohnsteuerbescheinigung/2025/rules.json")))["rules"]
         if r.get("of") == "correction" or {"changed", "only", "kept"} & set(r)}
assert about <= told_rules, ("rules without a scenario", about - told_rules)
print("agreement:", len(SCENARIOS), "scenarios")
