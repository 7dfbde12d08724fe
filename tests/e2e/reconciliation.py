"""Certificates against declarations: what agrees, what differs and by how much, and the reason where the data shows one. The
sums expected are worked out here from the input. Usage: reconciliation.py TAXCERT SOURCE_DIR"""
import copy
import json
import os
import subprocess
import sys
import tempfile
from decimal import Decimal

program, source = sys.argv[1:3]
sys.path.insert(0, os.path.join(source, "tests/lib"))
from builds import release  # noqa: E402
from office import Office, rows  # noqa: E402

quick = release(program, source)  # for all runs but the first, and the input that is no declaration

bank = os.path.join(source, "samples/bank")
PAYROLL, EMPLOYEES = (json.load(open(os.path.join(bank, n + ".json"))) for n in ("payroll", "employees"))
PASSED, FAILED, UNCHECKED = "stimmt", "WEICHT AB", "nicht geprüft"


def run(folder, name, payroll, employees=EMPLOYEES):
    by = program if name in ("base", "broken") else quick
    path, out = os.path.join(folder, name + ".json"), os.path.join(folder, name)
    json.dump({**payroll, "employees": employees["employees"]}, open(path, "w"), ensure_ascii=False)
    return out, subprocess.run([by, "generate", "--json", "--allow-test-ids", "--templates", os.path.join(source, "templates"), path,
                                "-o", out], capture_output=True, text=True)


def cents(value):
    return Decimal(repr(value)).quantize(Decimal("0.01")) if value != "" else None


def load(office, folder, name, payroll, employees=EMPLOYEES):
    """Closing line, and the reconciliation by (establishment, wage year, code)."""
    out, done = run(folder, name, payroll, employees)
    assert done.returncode in (0, 1), done.stderr
    path = os.path.join(out, "summary.xlsx")
    book = office.open(path)
    office.check(book, path)
    table = {}
    for r in rows(book.Sheets.getByName("Abstimmung"))[1:]:
        if isinstance(r[3], float):
            keys = "office", "year", "code", "text", "issued", "held", "payroll", "declared", "difference", "check", "note"
            row = dict(zip(keys, r[2:13]))
            for key in keys[4:9]:
                row[key] = cents(row[key])
            table[r[0], int(r[3]), r[4]] = row
    verdict = next(r[3] for r in rows(book.Sheets.getByName("Übersicht")) if r[0] == "Abweichungen von den Lohnsteuer-Anmeldungen")
    book.close(False)
    again = os.path.join(folder, name + "-again.xlsx")
    subprocess.run([program if name == "base" else quick, "summary", out, "-o", again], check=True)
    assert open(again, "rb").read() == open(path, "rb").read(), name
    return json.loads(done.stdout.splitlines()[-1]), table, verdict


def declared(payroll, establishment, code):
    last = {d["period"]: d for d in payroll["declarations"] if d["establishment"] == establishment}
    return sum(Decimal(d["values"].get(code, "0")) for d in last.values())


def certified(certificate, line):
    if line in certificate.get("values", {}):
        return Decimal(certificate["values"][line])
    types = PAYROLL["wage_types"]
    return sum((Decimal(e["amount"]) for e in certificate.get("entries") or [] if line in types[e["wage_type"]]["adds_to"]), Decimal(0))


def changed():
    return copy.deepcopy(PAYROLL)


def find(payroll, establishment, period):
    return next(d for d in payroll["declarations"] if d["establishment"] == establishment and d["period"] == period)


def raised(declaration, amount):
    declaration["values"]["42"] = str(Decimal(declaration["values"]["42"]) + amount)


with tempfile.TemporaryDirectory() as folder, Office(folder) as office:
    # ---- as it is: everything agrees, church tax by its code too
    closing, table, verdict = load(office, folder, "base", changed())
    assert (closing["reconciled"], closing["differences"], verdict) == ("yes", 0, PASSED)
    for place in ("FFM", "MUC", "LEJ"):
        row = table[place, 2025, "42"]
        wanted = sum(certified(c, "4") for c in PAYROLL["certificates"] if c["establishment"] == place)
        assert row["issued"] == row["payroll"] == row["declared"] == wanted == declared(PAYROLL, place, "42") and row["difference"] == 0
        assert row["check"] == PASSED and row["held"] == 0 and row["note"] == ""
        for code in "61", "62":
            assert table[place, 2025, code]["issued"] == declared(PAYROLL, place, code), (place, code)
            assert table[place, 2025, code]["check"] == PASSED and table[place, 2025, code]["difference"] == 0
        soli = table[place, 2025, "49"]
        assert soli["check"] == PASSED and soli["difference"] == 0 and soli["declared"] >= soli["payroll"]
    assert table["alle Betriebsstätten", 2025, "42"]["declared"] == sum(declared(PAYROLL, p, "42") for p in ("FFM", "MUC", "LEJ"))

    # ---- a month is missing
    p = changed()
    gone = find(p, "LEJ", "2025-07")
    p["declarations"].remove(gone)
    closing, table, verdict = load(office, folder, "missing", p)
    row = table["LEJ", 2025, "42"]
    assert (closing["reconciled"], closing["differences"], verdict) == ("no", sum(Decimal(gone["values"].get(c, "0")) > 0 for c in ("42", "49", "61", "62")), FAILED)
    assert row["difference"] == -Decimal(gone["values"]["42"]) and row["check"] == FAILED and row["note"] == "nicht angemeldet: Monat 07"
    assert table["FFM", 2025, "42"]["check"] == PASSED and table["alle Betriebsstätten", 2025, "42"]["check"] == FAILED

    # ---- a correction that the certificates do not have; the last one counts
    p = changed()
    correction = copy.deepcopy(find(p, "LEJ", "2025-03"))
    raised(correction, 100)
    p["declarations"].append({**correction, "amended": True})
    closing, table, _ = load(office, folder, "correction", p)
    row = table["LEJ", 2025, "42"]
    assert row["difference"] == 100 and row["note"].startswith("ohne die Berichtigung für 2025-03 stimmt es"), row
    back = copy.deepcopy(find(p, "LEJ", "2025-03"))
    p["declarations"].append({**back, "amended": True})
    assert load(office, folder, "corrected-twice", p)[0]["reconciled"] == "yes"

    # ---- declared under another number
    p = changed()
    raised(find(p, "FFM", "2025-04"), -250)
    raised(find(p, "MUC", "2025-04"), 250)
    closing, table, _ = load(office, folder, "other", p)
    assert closing["differences"] == 2 and table["alle Betriebsstätten", 2025, "42"]["check"] == PASSED
    assert table["FFM", 2025, "42"]["difference"] == -250 and "bei MUC" in table["FFM", 2025, "42"]["note"]
    assert table["MUC", 2025, "42"]["difference"] == 250 and "bei FFM" in table["MUC", 2025, "42"]["note"]

    # ---- nothing in the data shows why
    p = changed()
    raised(find(p, "FFM", "2025-04"), Decimal("0.01"))
    _, table, _ = load(office, folder, "cent", p)
    assert table["FFM", 2025, "42"]["difference"] == Decimal("0.01") and table["FFM", 2025, "42"]["note"].startswith("Ursache aus den Daten nicht erkennbar")

    # ---- by quarter; December's wages declared in January; wages of the year before
    p = changed()
    months = {d["period"]: d for d in p["declarations"] if d["establishment"] == "LEJ"}
    p["declarations"] = [d for d in p["declarations"] if d["establishment"] != "LEJ"]
    for q in range(1, 5):
        three = [months[f"2025-{m:02d}"] for m in range(3 * q - 2, 3 * q + 1)]
        if q == 4:
            late = three.pop()
            p["declarations"].append({**late, "period": "2026-01"})
        p["declarations"].append({**three[0], "period": f"2025-Q{q}",
                                  "values": {k: str(sum(Decimal(d["values"][k]) for d in three)) for k in three[0]["values"]}})
    p["declarations"].append({"establishment": "FFM", "period": "2025-01", "calendar_year": 2024, "values": {"42": "500.00"}})
    closing, table, _ = load(office, folder, "quarters", p)
    assert closing["reconciled"] == "yes" and table["LEJ", 2025, "42"]["difference"] == 0
    before = table["FFM", 2024, "42"]
    assert before["declared"] == 500 and before["check"] == UNCHECKED and before["note"].startswith("Arbeitslohn eines anderen Jahres")

    # ---- withheld, but read: it is in the payroll, and the tax office will miss it
    p, people = changed(), copy.deepcopy(EMPLOYEES)
    victim = next(c for c in p["certificates"] if c["establishment"] == "FFM" and certified(c, "4") > 0)
    next(e for e in people["employees"] if e["personnel_number"] == victim["personnel_number"]).pop("birth_date")
    closing, table, _ = load(office, folder, "held", p, people)
    row = table["FFM", 2025, "42"]
    assert (closing["held"], closing["reconciled"]) == (1, "yes")
    assert row["held"] == certified(victim, "4") and row["payroll"] == declared(PAYROLL, "FFM", "42") and row["check"] == PASSED
    assert row["note"].startswith("davon nicht ausgestellt (zurückgehalten): Anzahl 1")

    # ---- withheld and not readable: in no sum
    p = changed()
    victim = next(c for c in p["certificates"] if c["establishment"] == "FFM" and certified(c, "4") > 0)
    victim["establishment"] = "nowhere"
    closing, table, _ = load(office, folder, "unreadable", p)
    assert table["FFM", 2025, "42"]["difference"] == certified(victim, "4") and closing["reconciled"] == "no"
    assert table["alle Betriebsstätten", 2025, "42"]["note"].startswith("Anzahl nicht lesbar, in keiner Summe: 1")

    # ---- church marks that change within the year belong to no code
    p = changed()
    person = next(c for c in p["certificates"] if certified(c, "6") > 0 and len(c["deduction_features"]) == 1
                  and c["deduction_features"][0]["church_marks"] == "rk")
    row = person["deduction_features"][0]
    person["deduction_features"].append({**row, "valid_from": "2025-07-01", "church_marks": "ev"})
    _, table, _ = load(office, folder, "marks", p)
    place = person["establishment"]
    assert table[place, 2025, ""]["issued"] == certified(person, "6") and table[place, 2025, ""]["text"] == "Kirchensteuer, nicht zugeordnet"
    assert table[place, 2025, "62"]["issued"] == declared(PAYROLL, place, "62") - certified(person, "6")

    # ---- nothing declared
    closing, table, verdict = load(office, folder, "nothing", {**changed(), "declarations": []})
    assert (closing["reconciled"], verdict, table["FFM", 2025, "42"]["check"]) == ("not checked", UNCHECKED, UNCHECKED)

    # ---- declarations that cannot be understood: nothing is made, the place is named
    def broken(pointer, change):
        p_ = changed()
        change(p_["declarations"])
        out, done = run(folder, "broken", p_)
        assert done.returncode == 3 and f"/declarations{pointer}" in done.stderr and "[declaration]" in done.stderr, (pointer, done.stderr)
        assert not os.path.exists(out)

    broken("/0/values/42", lambda d: d[0]["values"].update({"42": "12.345"}))
    broken("/0/period", lambda d: d[0].update(period="2025-13"))
    broken("/0/period", lambda d: d[0].update(period="2025-Q5"))
    broken("/0/establishment", lambda d: d[0].update(establishment="nowhere"))
    broken("/0/calendar_year", lambda d: d[0].update(calendar_year="2025"))
    broken("/0/amended", lambda d: d[0].update(amended="yes"))
    broken("/0/values", lambda d: d[0].update(values=[]))
    broken("/37/period", lambda d: d.append(copy.deepcopy(d[0])))
    broken("/37/period", lambda d: d.append({**copy.deepcopy(d[0]), "period": "2025-Q1", "amended": True}))
    broken("/0", lambda d: d.insert(0, 17))
print("reconciliation: ok")
