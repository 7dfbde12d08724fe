"""The year agrees, and every change is judged: reconciliations and corrections worked out by hand, a scenario a function. What is right stands in
the scenario; sums are made here from the input. Every workbook is recalculated by LibreOffice. Usage: agreement.py TAXCERT SOURCE_DIR"""
import copy
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from decimal import Decimal

program, source = sys.argv[1:3]
sys.path.insert(0, os.path.join(source, "tests/lib"))
from office import Office, rows  # noqa: E402

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

    def declare(self, site="HE", months=range(1, 13), year=2025, wage_year=2025, corrected=False, **values):
        for m in months:
            self.declarations.append({"establishment": site, "period": f"{year}-{m:02}" if isinstance(m, int) else m, "wage_year": wage_year,
                                      "corrected": corrected, "values": {k.lstrip("z"): v for k, v in values.items()}})

    def declare_all(self, **more):
        """What the certificates hold, in twelve equal months."""
        sums = {code: sum((Decimal(c["values"].get(line, 0)) for c in self.certificates), Decimal(0)) / 12 for code, line in (("z42", "4"), ("z49", "5"), ("z61", "6"))}
        self.declare(**{code: f"{v:.2f}" for code, v in sums.items()}, **more)

    def head(self, issued, **more):
        return {"format": "taxcert/payroll/1", "form": "de/lohnsteuerbescheinigung", "year": 2025, "issued": issued, "employer": self.employer,
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
        path = os.path.join(self.folder, "summary.xlsx")
        book = self.scene.office.open(path)
        self.scene.office.check(book, path)
        self.sheets = {sheet.Name: rows(sheet) for sheet in book.Sheets}
        book.close(False)
        again = os.path.join(self.scene.folder, "again.xlsx")
        subprocess.run([program, "summary", self.folder, "-o", again], check=True)
        assert open(again, "rb").read() == open(path, "rb").read(), self.folder
        proof = subprocess.run([program, "verify", self.folder], capture_output=True, text=True)
        assert proof.returncode == 0, proof.stdout
        return self.sheets

    def head(self):
        return next(r[1] for r in self.book()["Übersicht"] if r[0] == "Alle Prüfungen")

    def overview(self, start):
        return next(r for r in self.book()["Übersicht"] if str(r[0]).startswith(start))

    def line(self, code, site=None):
        """The row of the code in Abstimmung, as a dictionary; site None: all."""
        heads, *body = self.book()["Abstimmung"]
        at = {title: i for i, title in enumerate(heads)}
        row = next(r for r in body if r[at["Kennzahl"]] == code and r[at["Lohnjahr"]] == 2025 and (str(r[0]).split(",")[0] == site if site else str(r[0]).startswith("alle ")))
        return {title: row[i] for title, i in at.items()}

    def table(self, name):
        heads, *body = self.book()[name]
        return [dict(zip(heads, r)) for r in body if r[0] != "" and not str(r[0]).startswith("Summe ")]

    def changes(self):
        return [(r["Bescheinigung"], r["Art"], r["Zeile"], r["vorher"], r["nachher"]) for r in self.table("Korrekturen")]

    def states(self):
        return {(i, s) for i, s in sqlite3.connect(os.path.join(self.folder, "ledger.db")).execute("SELECT id, state FROM certificate")}

    def counts(self):
        return tuple(self.result[k] for k in ("certificates", "issued", "withheld", "without_certificate"))


# ---- 1: changes against what stays valid

def doubles(new):
    s = new(people=2)
    one = s.certificates[0]
    run = s.generate()
    late = s.certificate(500, 2)
    found = s.correct(run, [late], code=1)
    assert found.rules("error") == {"same-certificate"} and ("C-500-2", "withheld") in found.states() and found.counts() == (3, 2, 1, 0)
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
    bad = changed(s.certificates[0], z3="40000.00", z4="50000.00")
    found = s.correct(run, [bad, s.certificate(500, 2)], code=1)
    assert ("error", "C-500-2", "same-certificate") in found.findings and found.counts()[:3] == (2, 1, 1)


def case_of_an_id(new):
    s = new(people=2)
    run = s.generate()
    found = s.correct(run, [{**s.certificate(500, 2, months=(1, 1)), "id": "c-500-1"}], code=1)
    assert found.rules("error") == {"handle-case"}


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
    assert found.result["changes"] == {"corrected": 0, "cancelled": 0, "late": 0, "withheld": 2} and found.counts() == (2, 2, 0, 0)
    assert found.states() == {("C-500-1", "issued"), ("C-501-1", "issued"), ("C-500-2", "refused")} and found.head() == AMBER
    assert found.result["reconciled"] == "yes" and [r["Kennung der Bescheinigung"] for r in found.table("Zurückgehalten")] == ["C-500-2"]
    # Nothing was done, so nothing is superseded: the mended changes go to either run, and then to neither again.
    s.people["500"]["tax_id"] = IDS[40]
    done = s.correct(found, [s.certificate(500, 2)], cancel=["C-500-1"])
    assert done.counts() == (2, 2, 0, 0) and done.head() == GREEN and done.states() == {("C-500-1", "cancelled"), ("C-501-1", "issued"), ("C-500-2", "issued")}
    for old in run, found:
        assert "[superseded]" in s.correct(old, [s.certificate(500, 3)], code=2).done.stderr
    assert {("C-500-1", "Storno", "C-500-2"), ("C-500-2", "Nachtrag", "C-500-2")} <= {(c[0], c[1], c[4]) for c in done.changes()}
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
    bad["values"]["4"] = "99999.00"
    found = s.correct(run, [bad], code=1, cancel=["C-500-2"])
    assert "cancellation-together" in found.rules() and found.counts() == (2, 2, 0, 0) and found.result["reconciled"] == "yes"
    done = s.correct(found, [whole], cancel=["C-500-2"])
    assert done.counts() == (1, 1, 0, 0) and done.result["reconciled"] == "yes" and done.head() == GREEN
    assert done.overview("erste Bescheinigungen")[1:4] == (1.0, 1.0, GREEN)


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
    assert back.counts() == (2, 2, 0, 2) and back.overview("erste Bescheinigungen")[1:4] == (2.0, 2.0, GREEN)


def late_withheld_then_mended(new):
    s = new(people=1)
    run = s.generate()
    s.people["501"] = {**s.person(501), "tax_id": "1"}
    found = s.correct(run, [s.certificate(501)], code=1)
    assert found.counts() == (2, 1, 1, 0) and found.head() == AMBER
    s.people["502"] = s.person(502)
    found = s.correct(found, [s.certificate(502)])  # a number stands for one thing for ever: the finding stays
    assert found.counts() == (3, 2, 1, 0) and [r["Regel"] for r in found.table("Prüfungen")] == ["idnr"]
    found = s.correct(found, [s.certificate(501)], code=1)
    assert found.counts() == (3, 2, 1, 0) and len(found.table("Prüfungen")) == 1
    s.people["501"]["tax_id"] = IDS[1]
    done = s.correct(found, [s.certificate(501)])
    assert done.counts() == (3, 3, 0, 0) and not done.table("Prüfungen") and done.head() != RED


def given_twice_then_late(new):
    s = new(people=2)
    s.certificates.append(s.certificates[1])
    run = s.generate(code=1)
    assert run.counts() == (3, 1, 2, 0)
    done = s.correct(run, [s.certificate(501)])
    assert done.counts() == (2, 2, 0, 0) and not done.table("Prüfungen")
    assert s.correct(done, cancel=["C-501-1"]).counts() == (1, 1, 0, 1)


# ---- 7 and 8: what a change is, and when

def kinds_of_rows(new):
    s = new(people=3)
    run = s.generate()
    s.people["503"] = s.person(503)
    two = s.correct(run, [changed(s.certificates[0], z20="5.00"), s.certificate(503)], issued="2026-02-11")
    three = s.correct(two, [changed(changed(s.certificates[0]), z20="6.00")], issued="2026-02-12")
    seen = {r["Kennung der Bescheinigung"]: (r["Art"], r["Ausstellungsdatum"]) for r in three.table("Bescheinigungen")}
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
    assert s.correct(run, [same]).rules() == {"correction-same", "correction-ticket"}


def time_and_ground(new):
    s = new(people=1)
    run = s.generate()
    bare = lambda **v: changed(s.certificates[0], "Zahlendreher", **v)
    draft = {"options": ("--draft",)}  # the run stays as it is
    assert not s.correct(run, [bare(z4="3700.00")], issued="2026-02-28", **draft).rules()
    assert s.correct(run, [bare(z4="3700.00")], issued="2026-03-01", **draft).rules() == {"correction-ground", "correction-withheld-tax"}
    assert s.correct(run, [bare(z20="35.00")], issued="2027-01-01", **draft).rules() == {"correction-ground"}
    grounded = bare(z20="35.00")
    grounded["correction"]["ground"] = "Paragraph 41c"
    assert not s.correct(run, [grounded], issued="2032-12-31", **draft).rules()
    assert s.correct(run, [grounded], issued="2033-01-01", code=1, **draft).rules() == {"correction-too-late"}
    zero = changed(s.certificates[0])
    zero["values"] = {}
    assert s.correct(run, [zero], code=1, **draft).rules("error") == {"none-due-corrected"}
    old = {**changed(s.certificates[0], z20="5.00"), "transfer_ticket": s.certificates[0]["transfer_ticket"]}
    assert s.correct(run, [old], **draft).rules() == {"correction-ticket"}
    taken = {**s.certificate(500, 2), "transfer_ticket": s.certificates[0]["transfer_ticket"]}
    s.people["500"]["tax_id"] = IDS[40]
    assert s.correct(run, [taken], cancel=["C-500-1"], **draft).rules() == {"correction-ticket"}


SCENARIOS = [doubles, many_doubles, corrected_into_a_double, refused_correction_leaves_the_old_one, case_of_an_id, another_employer, identity,
                   successor_withheld, merged, without_anything, late_withheld_then_mended, given_twice_then_late, kinds_of_rows, no_correction, time_and_ground]

with tempfile.TemporaryDirectory() as folder, Office(folder) as office:
    for scenario in SCENARIOS:
        try:
            scenario(lambda **more: Scene(folder, office, **more))
        except BaseException:
            print("scenario", scenario.__name__)
            raise
about = {r["id"] for r in json.load(open(os.path.join(TEMPLATES, "de/lohnsteuerbescheinigung/2025/rules.json")))["rules"]
         if r.get("of") == "correction" or {"changed", "only", "kept"} & set(r)}
assert about <= told_rules, ("rules without a scenario", about - told_rules)
print("agreement:", len(SCENARIOS), "scenarios")
