#!/usr/bin/env python3
"""Writes samples/us: an American bank's Forms W-2. Social security and Medicare tax by the year's rates and wage base, income tax by the year's brackets for single people
(what is withheld by pay period differs by some dollars). All numbers are of the kind that is never given out: SSNs that begin with 9, an EIN with 00."""
import copy

from abroad import Rejects, both, cents, D, dump, facts, HERE, of, put

RATES = {
    2025: {"base": D(176100), "deduction": D(15000), "brackets": ((11925, 10), (48475, 12), (103350, 22), (197300, 24), (250525, 32), (626350, 35), (None, 37)), "household": D(2800), "least": D(600)},
    2026: {"base": D(184500), "deduction": D(16100), "brackets": ((12400, 10), (50400, 12), (105700, 22), (201775, 24), (256225, 32), (640600, 35), (None, 37)), "household": D(3000), "least": D(2000)},
}


def income_tax(wages, rates):
    tax, below, rest = D(0), D(0), max(wages - rates["deduction"], D(0))
    for top, rate in rates["brackets"]:
        part = (min(rest, D(top)) if top else rest) - below
        if part <= 0:
            break
        tax, below = tax + part * rate / 100, D(top or 0)
    return cents(tax)


def boxes(year, pay, tips=0, deferred=0, cafeteria=0, insured=True, uncollected=D(0)):
    """Pay with deferrals (still bearing social security) and a cafeteria plan (bearing nothing) taken out; wages are filled up to the base before tips."""
    rates, pay, tips = RATES[year], D(pay) - D(cafeteria), D(tips)
    wages = pay + tips - D(deferred)
    values = {"1": wages, "2": income_tax(wages, rates)}
    if insured:
        three = min(pay, rates["base"])
        seven = min(tips, rates["base"] - three)
        five = pay + tips
        values |= {"3": three, "4": cents((three + seven - uncollected) * D("0.062")), "5": five,
                   "6": cents((five - uncollected) * D("0.0145") + max(five - 200000, D(0)) * D("0.009"))}
        if seven:
            values["7"] = seven
    return {k: f"{v:.2f}" for k, v in values.items()}


def item(code, amount, year=None):
    return {"code": code, **({"year": year} if year else {}), "amount": f"{D(amount):.2f}"}


def state(code, wages, percent, number="12-3456", **more):
    return {"state": code, "15": number, "16": f"{D(wages):.2f}", "17": f"{cents(D(wages) * D(percent) / 100):.2f}", **more}


def people(year):
    """First, last, address, and what is certified. The first is the one that tests change."""
    new = year >= 2026
    base, one = RATES[year]["base"], lambda v: D(v["1"])
    rows = []

    def add(first, last, address, values, states=None, box12=(), other=(), **more):
        rows.append((first, last, address, values, states, list(box12), list(other), more))

    albany, york = "12 Elm Street|Albany|NY|12203", "500 West 30th Street|New York|NY|10001"
    add("Mary", "Sample", albany, boxes(year, 52000), "NY 5.1")
    v = boxes(year, 84000, deferred=6000)
    add("James", "Archer", albany, {**v, "13": {"retirement": True}}, "NY 5.6", [item("D", 6000), item("DD", "9120.44")])
    v = boxes(year, 23600, tips=14200)
    add("Lucía", "Moreno", york, {**v, "8": "120.00", **({"14b": ["102", "000"]} if new else {})}, "NY 4.9", [item("TP", 14200), item("TT", 1150)] if new else [], [{"label": "MEALS", "amount": "300.00"}])
    add("Priya", "Natarajan", york, boxes(year, 199750), "NY 6.2")
    add("Robert", "Kowalski-Jones", albany, boxes(year, 260000, deferred=20000), "NY 6.4", [item("D", 12000), item("AA", 8000), item("V", "4400.00")], retirement=True)
    v = boxes(year, 96000)
    add("Mei", "Chen", york, v, [state("NY", one(v), "5.7", **{"18": f"{one(v):.2f}", "19": f"{cents(one(v) * D('0.0365')):.2f}", "20": "NYC"}), state("NJ", 12000, "2.1", "987/654/321")], (), [{"label": "NJ UI/WF/SWF", "amount": "180.20"}, {"label": "NJ FLI", "amount": "79.20"}, {"label": "NJ DI", "amount": "55.20"}])
    v = boxes(year, 120000, deferred=5500, cafeteria=3000)
    add("Olumide", "Adeyemi", "7 Harbor Road|Stamford|CT|06902", {**v, "10": "5000.00"}, [state("CT", 60000, "4.9"), state("NY", 40000, "5.5", "99-8877"), state("NJ", 11500, "2.0", "12/34")],
        [item("D", 2250, "24"), item("D", 1250, "25"), item("D", 2000), item("C", "88.20"), item("DD", 14012), item("W", 3000)], [{"label": "UNION DUES", "amount": "240.00"}, {"label": "CT PFML", "amount": "572.50"}, {"label": "NY PFL", "amount": "300.10"}, {"label": "NJ FLI", "amount": "10.30"}, {"label": "UNIFORMS", "amount": "60.00"}], retirement=True)
    gone = D("410.00")
    v = {"1": f"{gone:.2f}", "3": f"{gone:.2f}", "5": f"{gone:.2f}", "4": "0.00", "6": "0.00"}
    add("Walter", "O'Brien", albany, v, None, [item("C", gone), item("M", cents(gone * D("0.062"))), item("N", cents(gone * D("0.0145")))], kind="former")
    add("Hannah", "Fields", albany, boxes(year, 18000), "NY 3.0", kind="household", facts={"household": True})
    v = boxes(year, 45500)
    add("Peter", "Wu", york, {**{k: a for k, a in v.items() if k != "2"}, "13": {"statutory": True}}, "NY 4.0")
    v = boxes(year, 31000)
    add("Grace", "Hill", albany, {**v, "13": {"sick_pay": True}}, "NY 4.5", [item("J", 2600)])
    add("Étienne", "Tremblay", "40 rue Saint-Paul|Montréal||H2Y 1H1|CA|QC", boxes(year, 67000), "NY 5.2")
    add("Anjali", "Rao", york, boxes(year, 29000, insured=False), "NY 4.4")
    add("Thomas", "Berg", albany, boxes(year, 75000, cafeteria=2400), "NY 5.5", [item("T", 4000), item("FF", 2750), *([item("TA", 1800)] if new else [])])
    return rows


def employee(number, first, last, address, kind="full_time"):
    street, city, st, code, country, province = (address.split("|") + ["US", ""])[:6]
    return {"personnel_number": number, "ssn": f"9{int(number) % 90 + 10}-1{int(number) % 10}-{int(number):04d}", "name": {"first": first, "last": last},
            "address": {"street": street, "city": city, **({"state": st} if st else {}), **({"province": province} if province else {}), "postcode": code, "country": country},
            "employment": {"kind": kind}, "cost_centre": "100" if int(number) % 2 else "200", "delivery": "print", "no_certificate_reason": None}


def head(year):
    return {"format": "taxcert/payroll/1", "form": "us/w2", "year": year, "issue_date": f"{year + 1}-01-22",
            "employer": {"name": "Sample Savings Bank, N.A.", "address": {"street": "1 Model Plaza", "city": "Albany", "state": "NY", "postcode": "12207"}},
            "establishments": [{"id": "HQ", "ein": "00-1234567"}]}


def made(year):
    staff, slips = [], []
    for i, (first, last, address, values, states, box12, other, more) in enumerate(people(year)):
        number = str(1001 + i)
        if more.get("retirement"):
            values = {**values, "13": {"retirement": True}}
        if isinstance(states, str):
            states = [state(states.split()[0], values["1"], states.split()[1])]
        staff.append(employee(number, first, last, address, more.get("kind", "full_time")))
        slips.append({"id": f"W2-{number}", "personnel_number": number, "establishment": "HQ", "control_number": f"A{number}", "values": values, "box12": box12, "other": other, "states": states or [],
                      "facts": more.get("facts", {})})
    staff[0]["name"]["initial"] = "Q."
    staff[1]["address"]["additional"] = "Apt. 4B"
    return staff, slips


def returns(year, slips):
    """The four Forms 941: a quarter of the year's sums each, the last with the rest."""
    lines = {"2": "1", "3": "2", "5a": "3", "5b": "7", "5c": "5"}
    sums = {line: sum((D(c["values"].get(box, "0")) for c in slips), D(0)) for line, box in lines.items()}
    for line, box in (("5ab2", "4"), ("5c2", "6")):
        sums[line] = 2 * sum((D(c["values"].get(box, "0")) for c in slips), D(0))
    quarter = {line: (total / 4).quantize(D("0.01"), "ROUND_DOWN") for line, total in sums.items()}
    return [{"establishment": "HQ", "period": f"{year}-Q{q}", "calendar_year": year, "values": {"1": len(slips), **{line: f"{quarter[line] if q < 4 else sums[line] - 3 * quarter[line]:.2f}" for line in sums}}} for q in range(1, 5)]


def corrections(year, staff, slips):
    one, late = copy.deepcopy(slips[1]), copy.deepcopy(slips[0])
    one["values"].update(boxes(year, 84600, deferred=6000))
    one["correction"] = {"reason": "a bonus of the last quarter was left out"}
    # The SSA has these already: Form W-2c. A name and number corrected; amounts, codes, a plan's cross, states and labels of box 14, one of which is gone; occupations.
    tips, number, many = copy.deepcopy(slips[2]), copy.deepcopy(slips[4]), copy.deepcopy(slips[6])
    for c in (tips, number, many):
        c["correction"] = {"reason": "found when the quarters were reconciled", "filed": True}
    tips["values"].update({"1": "36600.00", "3": "22400.00", "4": f"{cents(D('36600.00') * D('0.062')):.2f}", "5": "36600.00", "6": f"{cents(D('36600.00') * D('0.0145')):.2f}", "8": "0.00"})
    tips["values"].pop("2")
    if year >= 2026:
        tips["values"]["14b"] = ["102"]
    who = copy.deepcopy(staff[4])
    who.update(ssn="925-19-4321")
    who["name"].update(first="Roberta", initial="M.")
    many["values"]["13"] = {"retirement": False}
    many["box12"] = [item("D", 2250, "24"), item("D", 1250, "25"), item("C", "98.20"), item("DD", 14112), item("W", 3100), item("J", 500), item("L", 100), item("P", 40)]
    many["states"][0].update({"16": "61000.00"})
    many["states"][2] = {**many["states"][2], "18": "11500.00", "19": "115.00", "20": "NEWARK"}
    many["other"][1]["amount"] = "600.10"
    many["other"] = many["other"][:4]
    # What then stands on the pages, by hand.
    one["x_prints"], one["x_never"] = ["CORRECTED", "78600.00", "Notice to Employee"], ["Previously reported", "compensation 78000.00"]
    tips["x_prints"] = ["-0-", "37800.00", "36600.00", "120.00", "Form W-2c", "Copy 2"]
    tips["x_never"] = ["CORRECTED", "Notice to Employee", "Copy D", "14200.00"]
    number["x_prints"], number["x_never"] = ["925-19-4321", "925-15-1005", "Robert Kowalski-Jones", "Roberta M."], ["260000.00", "-0-"]
    many["x_prints"] = ["88.20", "98.20", "14112.00", "3100.00", "J -0-", "J 500.00", "P 40.00", "60000.00", "61000.00", "NEWARK", "115.00", "572.50", "600.10", "UNIFORMS 60.00", "UNIFORMS -0-"]
    many["x_never"] = ["2250.00", "1250.00", "UNION", "2940.00", "40000.00", "111500.00"]
    e = employee("1099", "Nora", "Late", "9 Pine Street|Albany|NY|12203")
    late.update(id="W2-1099", personnel_number="1099", control_number="A1099", values=boxes(year, 8000), states=[state("NY", "8000", "3.1")])
    return {**head(year), "issue_date": f"{year + 1}-03-02", "cancellations": [{"certificate": "W2-1013", "reason": "this person was no employee: a Form 1099 was due", "x_prints": ["Form W-2c", "29000.00", "1276.00", "-0-"]}],
            "employees": [staff[1], staff[2], who, staff[6], e], "certificates": [one, tips, number, many, late]}


def rejects(year, staff, slips):
    def identify(e, n):
        e["ssn"] = f"9{n:02d}-10-{9000 + n}"
    r = Rejects({**head(year), "x_allow_test_ids": True}, staff[0], slips[0], identify)
    base = RATES[year]["base"]
    box12 = lambda *items: of("c", box12=list(items))
    states = lambda **more: of("c", states=[{**slips[0]["states"][0], **more}])
    r.add("ssn", None, "no area 666", lambda e, c: e.update(ssn="666-12-3456"))
    r.add("ssn", None, "no area 000", lambda e, c: e.update(ssn="000-12-3456"))
    r.add("ssn", None, "no group 00", lambda e, c: e.update(ssn="212-00-3456"))
    r.add("ssn", None, "no serial 0000", lambda e, c: e.update(ssn="212-12-0000"))
    r.add("ssn", None, "the number of a specimen", lambda e, c: e.update(ssn="078-05-1120"))
    r.add("ssn", None, "eight digits", lambda e, c: e.update(ssn="21212345"))
    r.add("itin", None, "an ITIN", lambda e, c: e.update(ssn="912-70-3456"))
    r.add(None, "ssn-pending", "the number is applied for", lambda e, c: e.update(ssn="Applied For"))
    r.add(None, "name-title", "a title", lambda e, c: e["name"].update(first="Dr. Mary"))
    r.add(None, "suffix", "a suffix", lambda e, c: e["name"].update(suffix="Jr."))
    r.add("state-home", None, "no state", lambda e, c: e["address"].pop("state"))
    r.add("zip", None, "four digits", lambda e, c: e["address"].update(postcode="1220"))
    r.add("ein", None, "a prefix that is not in use", of("c", establishment="BAD"))
    r.add("medicare-below-social-security", None, "box 5 below box 3", put(v3="52100.00", v4="3230.20"))
    r.add("social-security-tax-alone", None, "box 4 without wages", put(v3=None, v4="0.50"))
    r.add("medicare-tax-alone", None, "box 6 without wages", put(v3=None, v4=None, v5=None, v6="0.50"))
    low = f"{RATES[year]['household'] - 100:.2f}"
    low_tax = {"v4": f"{cents(D(low) * D('0.062')):.2f}", "v6": f"{cents(D(low) * D('0.0145')):.2f}"}
    r.add("household-least", None, "household wages below the least, Medicare wages above", both(facts(household=True), put(v3=low, v4=low_tax["v4"])))
    r.add("household-medicare-least", None, "household wages below the least, of Medicare alone", both(facts(household=True), put(v1=low, v2="0.00", v3=None, v4=None, v5=low, v6=low_tax["v6"]), of("c", states=[])))
    over = base + 5
    r.add("wage-base", None, "five dollars above the base", put(v1=f"{over}.00", v3=f"{over}.00", v4=f"{cents(base * D('0.062')):.2f}", v5=f"{over}.00", v6=f"{cents(over * D('0.0145')):.2f}"))
    most = cents(base * D("0.062"))
    r.add("social-security-most", None, "half a dollar above the year's maximum", put(v1=f"{base}.00", v3=f"{base}.00", v4=f"{most + D('0.50'):.2f}", v5=f"{base}.00", v6=f"{cents(base * D('0.0145')):.2f}"))
    r.add("social-security-rate", None, "5.2% by mistake", put(v4="2704.00"))
    r.add("medicare-rate", None, "half of the Medicare tax", put(v6="377.00"))
    r.add(None, "added-medicare", "no Additional Medicare Tax", put(v1="260000.00", v2="60000.00", v3=f"{base}.00", v4=f"{cents(base * D('0.062')):.2f}", v5="260000.00", v6="3770.00"))
    r.add("tax-above-wages", None, "amounts in the wrong boxes", put(v1="5200.00", v2="52000.00"))
    r.add("nothing", None, "nothing at all", both(put(v1=None, v2=None, v3=None, v4=None, v5=None, v6=None), of("c", states=[])))
    r.add(None, "below-least", "small wages without any tax", both(put(v1="500.00", v2=None, v3=None, v4=None, v5=None, v6=None), of("c", states=[])))
    r.add(None, "dependent-care", "above the usual exclusion", put(v10="5200.00"))
    r.add("code-twice", None, "the same code twice", box12(item("DD", 100), item("DD", 200)))
    r.add("code-year", None, "a year before a code that has none", box12(item("DD", 100, "24")))
    r.add("code-year", None, "a year of four digits would not fit; letters are none", both(box12(item("D", 100, "2x")), lambda e, c: c["values"].update({"13": {"retirement": True}})))
    r.add(None, "code-zero", "an item of zero", box12(item("DD", 0)))
    r.add(None, "retirement-plan", "deferrals without the cross", box12(item("D", 1000)))
    r.add(None, "adoption", "too much", box12(item("T", 20000)))
    r.add(None, "qsehra", "too much", box12(item("FF", 15000)))
    if year >= 2026:
        r.add(None, "trump-account", "too much", box12(item("TA", 3000)))
        r.add("tips-without-occupation", None, "tips without an occupation", box12(item("TP", 1000)))
        r.add("occupation-without-tips", None, "an occupation without tips", lambda e, c: c["values"].update({"14b": ["101"]}))
        r.add("occupations", None, "three occupations", both(box12(item("TP", 1000)), lambda e, c: c["values"].update({"14b": ["101", "102", "103"]})))
    r.add("state-id", None, "no state ID", lambda e, c: c.update(states=[{k: v for k, v in slips[0]["states"][0].items() if k != "15"}]))
    r.add("state-tax-alone", None, "more tax than wages", states(**{"16": "100.00", "17": "200.00"}))
    r.add(None, "state-wages-none", "no state wages", states(**{"16": "0.00", "17": "0.00"}))
    r.add(None, "state-wages-far", "ten times the wages", states(**{"16": "520000.00"}))
    r.add("local-tax-alone", None, "local tax without wages", states(**{"19": "10.00", "20": "NYC"}))
    r.add("locality", None, "no name", states(**{"18": "52000.00", "19": "10.00"}))
    r.add("rows-overflow", None, "more states than three forms have room for", of("c", states=[state("NY", 100, 1)] * 6, other=[{"label": f"L{i}", "amount": "1.00"} for i in range(13)])) if year >= 2026 else None
    e, c = r.add("same-statement", None, "the same twice")
    r.twin(c, "same-statement", None, "the same twice")
    e, c = r.add(None, "several-numbers", "two personnel numbers")
    r.add(None, "several-numbers", "two personnel numbers", lambda f, d: (f.update(ssn=e["ssn"]), f["name"].update(e["name"]), d["values"].update({"2": "5000.00"})))
    e, c = r.add("other-person", None, "another person's number")
    r.add("other-person", None, "another person's number", lambda f, d: (f.update(ssn=e["ssn"]), f["name"].update(first="Zed", last="Nobody"), d["values"].update({"2": "5001.00"})))
    r.head["establishments"] = [*r.head["establishments"], {"id": "BAD", "ein": "17-1234567"}]
    r.write(f"us/{year}")
    wrong = copy.deepcopy(head(year))
    wrong["employer"]["address"]["postcode"] = "1220"
    dump(HERE / f"us/{year}/rejects/employer.json", {**wrong, "x_allow_test_ids": True, "employees": staff[:1], "certificates": [{**slips[0], "x_expect": "employer-zip", "x_why": "four digits"}]})


if __name__ == "__main__":
    for y in RATES:
        staff, slips = made(y)
        dump(HERE / f"us/{y}/payroll.json", {**head(y), "declarations": returns(y, slips), "employees": staff, "certificates": slips})
        dump(HERE / f"us/{y}/corrections.json", corrections(y, staff, slips))
        rejects(y, staff, slips)
