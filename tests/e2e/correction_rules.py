"""Corrections and cancellations, decision by decision: each row says what the law or its letter asks, in our words, what is tried, and what becomes of it. All are tried
on a year's first run and again on the third run of a chain, where the decisions are the same. Usage: correction_rules.py TAXCERT SOURCE_DIR"""
import copy
import glob
import json
import os
import subprocess
import sys
import tempfile

program, source = sys.argv[1:3]
quick = os.path.join(os.path.dirname(program), "../release/taxcert")
program = quick if os.path.exists(quick) else program
TEMPLATES = os.path.join(source, "templates")
IDS = ["08960237058", "08237559653", "08512436299", "02476291358", "86095742719"]
TYPES = json.load(open(os.path.join(source, "samples/bank/payroll.json")))["wage_types"]
PAYROLL = json.load(open(os.path.join(source, "samples/bank/payroll.json")))


def person(number, **more):
    return {"personnel_number": str(number), "tax_id": IDS[number - 500], "name": {"first": "Ina", "last": f"Probe{'ABCDE'[number - 500]}"}, "birth_date": "1980-02-03",
            "address": {"street": "Weg 1", "postcode": "60311", "city": "Frankfurt", "country": "DE"}, "employment": {"kind": "full_time"}, **more}


def certificate(number, suffix=1, first="01-01", last="12-31", **more):
    return {"id": f"C-{number}-{suffix}", "personnel_number": str(number), "establishment": "HE", "values": {"3": "36000.00", "4": "3600.00", "6": "324.00"},
            "period": {"from": f"2025-{first}", "to": f"2025-{last}"}, "facts": {"insurance": "none"},
            "deduction_features": [{"valid_from": "2025-01-01", "tax_class": 1, "child_allowances": "0.0", "church_marks": "ev"}],
            "transfer_ticket": f"et{number}x{suffix}", **more}


# 500: one; 501: the year in two halves; 502: corrected and cancelled before the third run is asked; 503: one, for the chain's own changes.
PEOPLE = {n: person(n) for n in range(500, 504)}
CERTIFICATES = [certificate(500), certificate(501, 1, last="06-30"), certificate(501, 2, first="07-01"), certificate(502), certificate(503)]
HEAD = {"format": "taxcert/payroll/1", "form": "de/lohnsteuerbescheinigung", "year": 2025, "wage_types": TYPES, "employer": PAYROLL["employer"],
        "establishments": [{"id": "HE", "tax_number": "013 815 08153", "land": "HE", "tax_office": {"name": "Finanzamt Muster", "number": "2613"}}]}


def change(original, reason="Zahlendreher", ground=None, values=None, **more):
    """A correction of it, under a ticket of its own."""
    new = copy.deepcopy(original)
    new["values"].update(values or {})
    new.update(more)
    new.setdefault("correction", {"reason": reason, **({"ground": ground} if ground else {})})
    if "transfer_ticket" not in more:
        new["transfer_ticket"] += "k"
    return new


ONE, HALF, OTHER_HALF, GONE = CERTIFICATES[:4]
TAX = {"4": "3700.00", "6": "333.00"}


def people(**more):
    """The people, with one of them (500) other than before."""
    return {**PEOPLE, 500: {**PEOPLE[500], **more}}


def name(**parts):
    return {**PEOPLE[500]["name"], **parts}


WHOLE = change(HALF, values={"3": "72000.00", "4": "7200.00", "6": "648.00"}, period={"from": "2025-01-01", "to": "2025-12-31"})
LATER = {"correction": {"reason": "Heirat", "changed_later": True}}
# (what is asked, certificates, options of the file, what becomes of it: changes done of (corrected, cancelled, late, held), rules that are told, or the exit code of a file
# that is refused as a whole with its rule)
DECISIONS = [
    # A record that is wrong is corrected; without any ground until the last day of February.
    ("a wrong amount, in February", [change(ONE, values={"20": "5.00"})], {}, (1, 0, 0, 0), set()),
    ("the last day of February needs no ground", [change(ONE, values=TAX)], {"issue_date": "2026-02-28"}, (1, 0, 0, 0), set()),
    ("the day after: a ground is to be named, and tax withheld cannot be another", [change(ONE, values=TAX)], {"issue_date": "2026-03-01"}, (1, 0, 0, 0), {"correction-ground", "correction-withheld-tax"}),
    ("the day after, not the tax: a ground is to be named", [change(ONE, values={"20": "5.00"})], {"issue_date": "2026-03-01"}, (1, 0, 0, 0), {"correction-ground"}),
    ("the day after, with the ground of a wrong record", [change(ONE, ground="Einfache Berichtigung", values={"20": "5.00"})], {"issue_date": "2026-03-01"}, (1, 0, 0, 0), set()),
    ("the tax itself, by § 41c (embezzled pay): done, and told to be looked at", [change(ONE, ground="Paragraph 41c", values=TAX)], {"issue_date": "2026-03-01"}, (1, 0, 0, 0), {"correction-withheld-tax"}),
    ("a ground that the record does not know", [change(ONE, ground="Irrtum", values={"20": "5.00"})], {"issue_date": "2026-03-01"}, (0, 0, 0, 1), {"value-not-allowed"}),
    ("until the end of the seventh year", [change(ONE, ground="Paragraph 41c", values=TAX)], {"issue_date": "2032-12-31"}, (1, 0, 0, 0), {"correction-withheld-tax"}),
    ("after the seventh year", [change(ONE, ground="Paragraph 41c", values=TAX)], {"issue_date": "2033-01-01"}, (0, 0, 0, 1), {"correction-withheld-tax", "correction-too-late"}),
    ("the deduction features", [change(ONE, deduction_features=[{**ONE["deduction_features"][0], "tax_class": 4}])], {}, (1, 0, 0, 0), set()),
    ("the period", [change(ONE, period={"from": "2025-01-01", "to": "2025-11-30"})], {}, (1, 0, 0, 0), set()),
    # What identifies somebody is cancelled and issued anew, never corrected.
    ("a wrong identification number", [change(ONE)], {"employees": people(tax_id=IDS[4])}, (0, 0, 0, 1), {"correction-person"}),
    ("a wrong name", [change(ONE)], {"employees": people(name=name(last="Probst"))}, (0, 0, 0, 1), {"correction-identity"}),
    ("a wrong first name", [change(ONE)], {"employees": people(name=name(first="Ines"))}, (0, 0, 0, 1), {"correction-identity"}),
    ("a wrong birth date", [change(ONE)], {"employees": people(birth_date="1981-02-03")}, (0, 0, 0, 1), {"correction-identity"}),
    ("a name that changed since was not wrong", [change(ONE, values={"20": "5.00"}, **LATER)], {"employees": people(name=name(last="Probst"))}, (1, 0, 0, 0), set()),
    ("a birth date does not change later", [change(ONE, **LATER)], {"employees": people(birth_date="1981-02-03")}, (0, 0, 0, 1), {"correction-birth-date"}),
    ("an identification number does not change later", [change(ONE, **LATER)], {"employees": people(tax_id=IDS[4])}, (0, 0, 0, 1), {"correction-person"}),
    ("cancelled, and another one in its place", [certificate(500, 9)], {"employees": people(tax_id=IDS[4]), "cancel": ["C-500-1"]}, (0, 1, 1, 0), set()),
    ("the one in its place is wrong: neither", [certificate(500, 9)], {"employees": people(tax_id="12345678901"), "cancel": ["C-500-1"]}, (0, 0, 0, 2), {"idnr", "cancellation-together"}),
    # A wrong calendar year.
    ("another year is no correction of this one's", [change(ONE)], {"year": 2024}, 3, {"correction-head"}),
    ("cancelled for its wrong year, with nothing in its place", [], {"cancel": ["C-500-1"]}, (0, 1, 0, 0), set()),
    # Several certificates of one employment become one.
    ("two into one: corrected and cancelled", [WHOLE], {"cancel": ["C-501-2"]}, (1, 1, 0, 0), set()),
    ("two into one, which is wrong: neither", [change(WHOLE, values={"5": "9000.00"})], {"cancel": ["C-501-2"]}, (0, 0, 0, 2), {"cancellation-together", "soli-max", "soli-free"}),
    ("two into one, the second one left: a double span", [WHOLE], {}, (1, 0, 0, 0), {"periods-overlap"}),
    # A cancellation hits exactly one certificate, by its id.
    ("of none", [], {"cancel": ["C-999-1"]}, 3, {"cancellation-unknown"}),
    ("by a personnel number", [], {"cancel": ["500"]}, 3, {"cancellation-unknown"}),
    ("twice in a file", [], {"cancel": ["C-500-1", "C-500-1"]}, 3, {"cancellation-twice"}),
    ("corrected and cancelled at once: it is void, and nothing corrects it", [change(ONE, values={"20": "5.00"})], {"cancel": ["C-500-1"]}, (0, 1, 0, 1), {"correction-cancelled"}),
    ("without a reason", [], {"cancel": ["C-500-1"], "why": " \u00a0"}, 3, {"cancellation-format"}),
    # What is no correction.
    ("nothing", [change(ONE, transfer_ticket=ONE["transfer_ticket"])], {}, (0, 0, 0, 1), {"correction-same", "correction-ticket"}),
    ("the address alone", [change(ONE, transfer_ticket=ONE["transfer_ticket"])], {"employees": people(address={**PEOPLE[500]["address"], "street": "Allee 2"})}, (0, 0, 0, 1), {"correction-none", "correction-ticket"}),
    ("the ticket alone", [change(ONE)], {}, (0, 0, 0, 1), {"correction-none"}),
    ("the cost centre alone", [change(ONE, transfer_ticket=ONE["transfer_ticket"])], {"employees": people(cost_centre="9")}, (0, 0, 0, 1), {"correction-none", "correction-ticket"}),
    ("to nothing: cancel it", [{**change(ONE), "values": {}}], {}, (0, 0, 0, 1), {"no-certificate-due-corrected"}),
    ("without a reason", [change(ONE, values={"20": "5.00"}, correction={"reason": " "})], {}, (0, 0, 0, 1), {"correction-reason"}),
    ("twice in a file", [change(ONE, values={"20": "5.00"}), change(ONE, values={"20": "6.00"})], {}, (0, 0, 0, 2), {"certificate-duplicate"}),
    ("dated before what it corrects", [change(ONE, values={"20": "5.00"})], {"issue_date": "2026-01-01"}, 3, {"correction-date"}),
    # Told, and done.
    ("a correction has a ticket of its own", [change(ONE, values={"20": "5.00"}, transfer_ticket=ONE["transfer_ticket"])], {}, (1, 0, 0, 0), {"correction-ticket"}),
    ("another personnel number is the employer's matter", [change(ONE, values={"20": "5.00"}, personnel_number="504")], {"employees": {**PEOPLE, 504: {**PEOPLE[500], "personnel_number": "504"}}}, (1, 0, 0, 0),
     {"correction-number"}),
    # Late ones.
    ("late, for months of which there is none", [certificate(504)], {"employees": {**PEOPLE, 504: person(504)}}, (0, 0, 1, 0), set()),
    ("late, the double of a valid one", [certificate(500, 2)], {}, (0, 0, 0, 1), {"same-certificate"}),
    ("late, under the id of a valid one: no reason is given", [{**certificate(500), "transfer_ticket": "new"}], {}, (0, 0, 0, 1), {"correction-missing"}),
    # The employer and its establishment stand on every certificate.
    ("another employer", [change(ONE, values={"20": "5.00"})], {"employer": {**PAYROLL["employer"], "name": "Andere AG"}}, 3, {"correction-employer"}),
    ("another tax number", [change(ONE, values={"20": "5.00"})], {"establishments": [{**HEAD["establishments"][0], "tax_number": "045 815 08158"}]}, 3, {"correction-establishment"}),
    ("another tax number, its establishment in another place of the list", [change(ONE, values={"20": "5.00"})],
     {"establishments": [{**HEAD["establishments"][0], "id": "NEW"}, {**HEAD["establishments"][0], "tax_number": "045 815 08158"}]}, 3, {"correction-establishment", "/establishments/1: "}),
    ("another Land", [change(ONE, values={"20": "5.00"})], {"establishments": [{**HEAD["establishments"][0], "land": "BY"}]}, 3, {"correction-establishment"}),
]


def write(certificates, file):
    more = {k: v for k, v in file.items() if k not in ("cancel", "why", "employees")}
    value = {**HEAD, "issue_date": "2026-02-20", **more, "employees": list(file.get("employees", PEOPLE).values()), "certificates": certificates}
    if "cancel" in file:
        value["cancellations"] = [{"certificate": c, "reason": file.get("why", "falsches Jahr")} for c in file["cancel"]]
    path = os.path.join(folder, "input.json")
    json.dump(value, open(path, "w"))
    return path


def run(*words):
    done = subprocess.run([program, *words, "--json", "--allow-test-ids", "--lang", "en", "--templates", TEMPLATES], capture_output=True, text=True)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return done, [line for line in lines if "finding" in line], lines[-1] if lines and "finding" not in lines[-1] else {}


def decide(base):
    """Each row is only checked, so that all are asked of the same state."""
    wrong = []
    for says, certificates, file, becomes, rules in DECISIONS:
        done, findings, result = run("correct", base, write(certificates, file))
        found = {f["rule"] for f in findings}
        if isinstance(becomes, int):
            ok = done.returncode == becomes and all((r if r.startswith("/") else f"[{r}]") in done.stderr for r in rules)
        else:
            c = result.get("changes", {})
            ok = tuple(c.get(k) for k in ("corrected", "cancelled", "late", "held")) == becomes and found == rules and done.returncode == (1 if becomes[3] else 0)
        if not ok:
            wrong.append((os.path.basename(base), says, done.returncode, result.get("changes"), found, done.stderr[:300]))
    return wrong


def make(command, certificates, out, **file):
    done, findings, _ = run(*command, write(certificates, file), "-o", out)
    assert done.returncode == 0 and not findings, (done, findings)
    return out


def text_of(path):
    return "".join(subprocess.run(["pdftotext", "-raw", path, "-"], capture_output=True, text=True, check=True).stdout.split())


with tempfile.TemporaryDirectory() as folder:
    runs = [os.path.join(folder, f"r{i}") for i in range(4)]
    make(["generate"], CERTIFICATES, runs[0], issue_date="2026-01-28")
    wrong = decide(runs[0])
    # A chain of three corrections: one corrected twice, one corrected and then cancelled. The others are decided on as before.
    make(["correct", runs[0]], [change(CERTIFICATES[4], values={"20": "5.00"}), change(GONE, values={"20": "7.00"})], runs[1], issue_date="2026-02-03")
    make(["correct", runs[1]], [change(change(CERTIFICATES[4]), values={"20": "6.00"})], runs[2], issue_date="2026-02-04")
    make(["correct", runs[2]], [], runs[3], issue_date="2026-02-05", cancel=["C-502-1"], why="Person verwechselt")
    wrong += decide(runs[3])
    assert not wrong, "\n" + "\n".join(map(str, wrong))
    # What the chain made: the mark, its number in the name, the day; and the letter, which names certificate and reason.
    for i, number in (1, 503), (2, 503), (1, 502):
        (path,) = glob.glob(runs[i] + f"/certificates/*/*-{number}+*+correction-{1 if i == 1 else 2}.pdf")
        assert "KORREKTUR" in text_of(path).upper() and f"0{i + 2}.02.2026" in text_of(path), path
    (letter,) = glob.glob(runs[3] + "/letters/*/*.pdf")
    assert "C-502-1" in text_of(letter) and "Personverwechselt" in text_of(letter) and not glob.glob(runs[3] + "/certificates/*/*.pdf")
    # What is void stays so: neither corrected nor cancelled again, and its id is no other's. Only the last run of the chain is corrected.
    for certificates, file, rules in (([change(GONE, values={"20": "8.00"})], {}, {"correction-cancelled"}), ([], {"cancel": ["C-502-1"]}, {"cancellation-unknown"})):
        done, findings, result = run("correct", runs[3], write(certificates, file))
        assert done.returncode in (1, 3) and ({f["rule"] for f in findings} or {r for r in rules if f"[{r}]" in done.stderr}) == rules, (done, findings)
    for old, next_one in zip(runs, runs[1:]):
        done, _, _ = run("correct", old, write([change(ONE, values={"20": "5.00"})], {}), "-o", os.path.join(folder, "never"))
        assert done.returncode == 2 and "[superseded]" in done.stderr and next_one in done.stderr and "latest run of the chain" in done.stderr, done
    assert not os.path.exists(os.path.join(folder, "never")) and subprocess.run([program, "verify", runs[3]], capture_output=True).returncode == 0
print("correction_rules: ok", 2 * len(DECISIONS), "decisions")
