#!/usr/bin/env python3
"""Writes samples/ch: a Swiss employer's Lohnausweise. Contributions by the year's rates (AHV/IV/EO 5.3 %, ALV 1.1 % and NBUV 1.2 % up to 148,200), pension fund 7 %
of the co-ordinated wage, in cents; the form rounds box by box. AHV numbers are made up and have their check digit."""
from abroad import both, cents, D, dump, facts, HERE, of, person, put, Rejects

YEARS = {2026: {"deduction": "26460", "top": "90720"}, 2025: {"deduction": "26460", "top": "90720"}}
CEILING = D("148200")


def ahv(n):
    digits = f"756{100000000 + 7654321 * n:09}"[:12]
    check = -sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(digits)) % 10
    text = digits + str(check)
    return f"{text[:3]}.{text[3:7]}.{text[7:11]}.{text[11:]}"


def contributions(gross, year):
    pension = max(min(gross, D(YEARS[year]["top"])) - D(YEARS[year]["deduction"]), D(0)) * D("0.07")
    capped = min(gross, CEILING)
    return {"9": f"{cents(gross * D('0.053')) + cents(capped * D('0.011')) + cents(capped * D('0.012')):.2f}", **({"10.1": f"{cents(pension):.2f}"} if pension else {})}


PEOPLE = [  # first, last, born, address, values, more
    ("Beat", "Zgraggen", "1974-03-05", "Bahnhofstrasse 12|8001|Zürich", {"1": "104000.40", "13.2.1": "6000.00"}, {"facts": {"expense_regulation": {"canton": "ZH", "date": "2021-05-01"}}}),
    ("Corinne", "Dupertuis", "1985-10-17", "Rue du Rhône 45|1204|Genève", {"1": "78250.35", "12": "9812.60"}, {}),
    ("Alessandro", "Bernasconi", "1990-07-09", "Via Nassa 8|6900|Lugano", {"1": "64400.00", "2.2": "2520.00"}, {"facts": {"free_transport": True}}),
    ("Ursina", "Caduff-Derungs", "1992-12-01", "Poststrasse 3|7000|Chur", {"1": "51234.85"}, {"facts": {"part_time": True, "activity_rate": 60}}),
    ("Jean-Rémy", "Chèvre", "1966-04-23", "Faubourg de l'Hôpital 2|2000|Neuchâtel", {"1": "182000.00", "3": "15000.00", "6": "20000.00", "13.3": "12500.00"}, {"texts": {"3": "Dienstaltersgeschenk 20 Jahre"}}),
    ("Ljiljana", "Šarić", "1988-08-30", "Marktgasse 19|3011|Bern", {"1": "59800.20", "7": "11440.55"}, {"texts": {"7": "Erwerbsersatz Mutterschaft"}}),
    ("Reto", "Ackermann", "1995-01-14", "Hauptstrasse 77|9000|St. Gallen", {"1": "38900.00", "2.1": "7920.00"}, {"hired": "{year}-05-01", "facts": {"canteen": True}}),
    ("Nadia", "Ben Youssef", "1981-06-06", "Avenue de la Gare 10|1003|Lausanne", {"1": "71000.75", "13.1.2": "640.00"}, {"texts": {"13.1.2": "Mobiltelefon"}, "facts": {"actual_expenses": True}}),
    ("Walter", "von Känel", "1952-11-11", "Seestrasse 5|3600|Thun", {"1": "31200.00"}, {"kind": "pension"}),
    ("Gian", "Pfister", "1999-09-19", "Rathausgasse 1|5000|Aarau", {"1": "46000.00", "2.3": "1875.50"}, {"texts": {"2.3": "Mitarbeiterrabatte"}, "left": "{year}-10-31"}),
    ("Aurélie", "Favre", "1979-02-28", "Route de Berne 90|1700|Fribourg", {"1": "88000.00", "13.2.2": "7200.00"}, {"facts": {"free_transport": True, "short_time": True}}),
    ("Thomas", "Wüthrich", "1970-05-15", "Schulweg 6|4051|Basel", {"1": "134500.00", "5": "18000.00", "10.2": "10000.00"}, {"facts": {"participation_sheet": True, "meals_paid": True}, "texts": {"15": "Beiblatt Mitarbeiterbeteiligung liegt bei."}}),
]


def head(year):
    return {"format": "taxcert/payroll/1", "form": "ch/lohnausweis", "year": year, "issue_date": f"{year + 1}-01-20",
            "employer": {"name": "Muster Bank AG", "address": {"street": "Paradeplatz 99", "postcode": "8001", "city": "Zürich", "country": "CH"},
                         "uid": "CHE-123.456.788", "phone": "+41 44 000 00 00", "contact": "Abteilung Personal"},
            "establishments": [{"id": "ZH", "canton": "ZH"}]}


def people(year):
    employees, certificates = [], []
    for i, (first, last, born, address, values, more) in enumerate(PEOPLE):
        number, dates = str(3001 + i), {k: v.format(year=year) for k, v in more.items() if k in ("hired", "left")}
        employees.append(person(number, first, last, born, address, "CH", ahv_number=ahv(i), **dates))
        gross = sum(D(values.get(k, 0)) for k in ("1", "2.1", "2.2", "2.3", "3", "5", "6"))
        kind = more.get("kind", "wage")
        own = contributions(gross, year) if kind == "wage" else {}
        begin = max(dates.get("hired", ""), f"{year}-01-01")
        certificates.append({"id": f"LA-{year}-{number}", "personnel_number": number, "establishment": "ZH", "kind": kind, "period": {"from": begin, "to": dates.get("left", f"{year}-12-31")},
                             "values": {**values, **own}, "facts": {"part_time": False, **more.get("facts", {})}, "texts": more.get("texts", {})})
    return employees, certificates


def corrections(year, employees, certificates):
    one, two = ({**certificates[i]} for i in (4, 6))
    one.update(values={**one["values"], "3": "16500.00"}, correction={"reason": "Dienstaltersgeschenk war zu niedrig", "date": f"{year + 1}-01-20", "doc_id": one["id"]})
    two.update(id=two["id"] + "-2")
    return {**head(year), "issue_date": f"{year + 1}-02-26", "cancellations": [{"certificate": certificates[6]["id"], "reason": "falsche AHV-Nummer"}],
            "employees": [employees[4], {**employees[6], "ahv_number": ahv(40)}], "certificates": [one, two]}


def texts(**more):
    return lambda e, c: c["texts"].update({k[1:].replace("_", "."): v for k, v in more.items()})


def rejects(year, employees, certificates):
    r = Rejects(head(year), employees[1], certificates[1], lambda e, n: e.update(ahv_number=ahv(100 + n)))
    late = year >= 2026
    r.add(None, None, "a good one")
    r.add("ahv", None, "another check digit", lambda e, c: e.update(ahv_number=e["ahv_number"][:-1] + str((int(e["ahv_number"][-1]) + 1) % 10)))
    r.add("ahv", None, "without its points", lambda e, c: e.update(ahv_number=e["ahv_number"].replace(".", "")))
    r.add("period-order", None, "ends before it begins", of("period", **{"from": f"{year}-06-01", "to": f"{year}-05-01"}))
    r.add("period-year", None, "begins in the year before", of("period", **{"from": f"{year - 1}-12-31"}))
    r.add("period-employment", None, "the whole year by habit", lambda e, c: e["employment"].update({"from": f"{year}-03-01"}))
    r.add(None, "postcode", "five digits", of("address", postcode="12040"))
    if late:
        r.add("missing", None, "whether it was part-time is compulsory", lambda e, c: c["facts"].pop("part_time"))
    for key in ("2.3", "3", "4", "7", "13.1.2", "13.2.3"):
        r.add(f"text-missing-{key}", None, f"an amount in {key} without saying what it is", lambda e, c, key=key: c["values"].update({key: "100.00"}))
        r.add(None, f"text-without-amount-{key}", f"a text at {key} without an amount", lambda e, c, key=key: c["texts"].update({key: "Text"}))
    r.add("participation-sheet", None, "participation without its sheet", put(v5="1000.00"))
    r.add("car-transport", None, "a company car and F not crossed", put(v2_2="2520.00"))
    r.add("car-allowance" if late else None, None if late else "car-allowance", "a car allowance and F not crossed", put(v13_2_2="7200.00"))
    r.add("expenses-cross", None, "cross and amount in 13.1.1", both(facts(actual_expenses=True), put(v13_1_1="500.00")))
    r.add("expenses-regulation", None, "cross beside an approved regulation", facts(actual_expenses=True, expense_regulation={"canton": "GE", "date": "2020-01-01"}))
    r.add("regulation-together", None, "a regulation without its date", facts(expense_regulation={"canton": "GE"}))
    r.add("meals-cross", None, "G crossed beside the remark", facts(canteen=True, meals_paid=True))
    r.add(None, "rate-full", "an activity rate of who is not part-time", facts(activity_rate=50))
    r.add(None, "contributions-most", "daily sickness insurance counted in 9", put(v9="9600.00"))
    r.add(None, "contributions-missing", "the column of 9 is lost", put(v9=None))
    r.add("contributions-pension", None, "contributions from a pension", of("c", kind="pension"))
    r.add("net-negative", None, "more deducted than there is", put(v10_2="100000.00", v12=None))
    r.add(None, "tax-at-source", "more than half as tax at source", put(v12="45000.00"))
    r.add(None, "wage-negative", "more repaid than earned", put(v1="-100.00", v9=None, v10_1=None, v12=None))
    r.add("amount-most", None, "ten digits", put(v1="1000000000.00"))
    r.add("none-due", None, "nothing at all", lambda e, c: c.update(values={}))
    r.add("unknown-line", None, "box 8 is worked out, not given", put(v8="1.00"))
    e, c = r.add("same-certificate", None, "the same twice")
    r.twin(c, "same-certificate", None, "the same twice")
    e, c = r.add(None, "periods-overlap", "a pension beside the wage")
    r.twin(c, None, "periods-overlap", "a pension beside the wage", lambda e, c: c.update(kind="pension", values={"1": "12000.00"}))
    e, c = r.add("people-contradict", None, "the number of another person")
    r.add("people-contradict", None, "the number of another person", lambda f, d: (f.update(ahv_number=e["ahv_number"], birth_date="1990-02-02"), d["values"].update({"1": "79000.00"})))
    e, c = r.add(None, ["periods-overlap", "several-personnel-numbers"], "two personnel numbers")
    r.add(None, ["periods-overlap", "several-personnel-numbers"], "two personnel numbers", lambda f, d: (f.update(ahv_number=e["ahv_number"]), d["values"].update({"1": "79000.00"})))
    r.write(f"ch/{year}")
    bad = Rejects({**head(year), "employer": {**head(year)["employer"], "uid": "CHE-123.456.789"}}, employees[1], certificates[1], lambda e, n: e.update(ahv_number=ahv(100 + n)))
    bad.add("uid", None, "another check digit of the UID")
    wrong = [(None, {"reason": "x"}, "rectificate", "neither date nor DocID of the wrong certificate"), (None, {"reason": "x", "date": f"{year + 1}-01-20"}, "rectificate", "no DocID"),
             (None, {"reason": "x", "date": f"{year + 2}-01-20", "doc_id": "1"}, "rectificate-date", "a date after the rectificate's own")]
    changed = [{**certificates[i], "values": {**certificates[i]["values"], "1": "60000.00"}, "correction": c[1], "x_expect": c[2], "x_why": c[3]} for i, c in enumerate(wrong)]
    dump(HERE / f"ch/{year}/rejects/corrections.json", {**head(year), "issue_date": f"{year + 1}-02-26", "employees": employees[:3], "certificates": changed})
    dump(HERE / f"ch/{year}/rejects/employer.json", {**bad.head, "employees": bad.employees, "certificates": bad.certificates})


if __name__ == "__main__":
    for y in YEARS:
        staff, slips = people(y)
        dump(HERE / f"ch/{y}/payroll.json", {**head(y), "employees": staff, "certificates": slips})
        dump(HERE / f"ch/{y}/corrections.json", corrections(y, staff, slips))
        rejects(y, staff, slips)
