#!/usr/bin/env python3
"""Writes samples/nl: a Dutch employer's jaaropgaven. Tax by the year's brackets and credits (the tables by which pay is taxed differ by some euros a year);
premiums by month, up to the maximum wage. BSNs are made up and pass the eleven test."""
from abroad import Rejects, both, cents, D, dump, facts, HERE, of, person, put

RATES = {
    2026: {"brackets": (("38883", "0.3575"), ("78426", "0.3756"), (None, "0.4950")), "general": ("3115", "29736", "0.06398"),
           "labour": (("0.08324", "11965"), ("0.31009", "25845"), ("0.01950", "45592"), ("-0.0651", "132920")), "month": "6617.41", "levy": "0.0610", "withheld": "0.0485",
           "premiums": ("0.0274", "0.0627", "0.0050", "0.0116")},
    2025: {"brackets": (("38441", "0.3582"), ("76817", "0.3748"), (None, "0.4950")), "general": ("3068", "28406", "0.06337"),
           "labour": (("0.08053", "12169"), ("0.30030", "26288"), ("0.02258", "43071"), ("-0.0651", "129078")), "month": "6322.00", "levy": "0.0651", "withheld": "0.0526",
           "premiums": ("0.0274", "0.0628", "0.0050", "0.0133")},
}
AOW = D("0.179")  # the part of the first bracket that is not due at pension age


def bsn(n):
    """The n-th number from 200000000 that passes the eleven test."""
    at = 200000000 + 97 * n
    while sum(int(d) * w for d, w in zip(str(at), (9, 8, 7, 6, 5, 4, 3, 2, -1))) % 11:
        at += 1
    return str(at)


def bracket_tax(wage, rates, old):
    tax, below = D(0), D(0)
    for i, (top, rate) in enumerate(rates["brackets"]):
        part = min(wage, D(top)) - below if top else wage - below
        if part <= 0:
            break
        tax += part * (D(rate) - (AOW if old and i == 0 else 0))
        below = D(top) if top else below
    return tax


def labour_credit(wage, rates):
    credit, below = D(0), D(0)
    for rate, top in rates["labour"]:
        if wage > below:
            credit += (min(wage, D(top)) - below) * D(rate)
        below = D(top)
    return max(credit, D(0))


def boxes(year, month, months, status, credit):
    rates, wage = RATES[year], month * months
    old, part = status == "pension_age", D(months) / 12
    general, start, off = map(D, rates["general"])
    whole = month * 12
    labour = labour_credit(whole, rates) * part * (D("0.48") if old else 1) if credit else D(0)
    reduction = max(general - max(whole - start, 0) * off, D(0)) * part * (D("0.48") if old else 1) if credit else D(0)
    tax = max(bracket_tax(whole, rates, old) * part - reduction - labour, D(0))
    if status == "anonymous":
        tax, labour = wage * D("0.52"), D(0)
    insured = min(month, D(rates["month"]))
    premiums = sum((cents(insured * D(r)) for r in rates["premiums"]), D(0)) * months if status in ("employee", "anonymous") else D(0)
    levy = cents(insured * D(rates["levy"])) * months if status != "director" else D(0)
    withheld = cents(insured * D(rates["withheld"])) * months if status == "director" else D(0)
    return {"1": wage, "2": cents(tax), "3": cents(labour), "4": withheld, "5": premiums, "6": levy, "12": insured * months}


PEOPLE = [  # first, last, born, address, pay a month, first and last month, status, credit, more
    ("Annelies", "de Vries", "1979-04-12", "Prinsengracht 12|1015 DZ|Amsterdam", "4000.00", 1, 12, "employee", True, {}),
    ("Mohammed", "El Amrani", "1988-11-02", "Coolsingel 40|3011 AD|Rotterdam", "4000.00", 1, 12, "employee", False, {}),
    ("Cornelis", "van den Berg", "1957-02-20", "Oudegracht 101|3511 AG|Utrecht", "3500.00", 1, 12, "pension_age", True, {}),
    ("Willemijn", "Jansen-Bakker", "1968-07-31", "Herengracht 500|1017 CB|Amsterdam", "4000.00", 1, 12, "director", True, {}),
    ("Sjoerd", "Hoekstra", "1991-09-09", "Nieuwestad 3|8911 CH|Leeuwarden", "2450.00", 1, 12, "employee", True, {"voluntary": [{"text": "Reiskostenvergoeding (vrijgesteld)", "amount": "1104.00"}]}),
    ("Esmée", "Lefèvre", "1996-01-15", "Vrijthof 8|6211 LE|Maastricht", "3120.00", 4, 12, "employee", True, {"hired": "{year}-04-01"}),
    ("Ömer", "Yılmaz", "1983-05-23", "Laan van Meerdervoort 200|2517 BG|Den Haag", "7900.00", 1, 12, "employee", True, {}),
    ("Ingrid", "Claessens", "1975-12-01", "Grote Markt 1|9712 HN|Groningen", "12500.00", 1, 12, "employee", True, {}),
    ("Thijs", "Mulder", "2004-08-18", "Stationsplein 4|7311 NZ|Apeldoorn", "1150.00", 1, 6, "employee", True, {"left": "{year}-06-30"}),
    ("Johanna", "Visser", "1962-03-03", "Dorpsstraat 7|4461 CA|Goes", "3300.00", 1, 12, "employee", True, {"objector": True}),
    ("Unknown", "Anoniem", "1990-01-01", "Havenstraat 2|1621 AB|Hoorn", "2000.00", 4, 4, "anonymous", False, {"hired": "{year}-04-01", "left": "{year}-04-30"}),
    ("Żaneta", "Wójcik", "1987-06-06", "Hoofdstraat 55|5683 AC|Best", "2780.00", 1, 12, "employee", True, {"voluntary": [{"text": "Fiets van de zaak", "value": "ja"}, {"text": "Thuiswerkvergoeding", "amount": "312.00"}]}),
]


def head(year):
    return {"format": "taxcert/payroll/1", "form": "nl/jaaropgaaf", "year": year, "issue_date": f"{year + 1}-01-22",
            "employer": {"name": "Voorbeeldbank Nederland B.V.", "address": {"street": "Dam 1", "postcode": "1012 JS", "city": "Amsterdam", "country": "NL"}},
            "establishments": [{"id": "AMS", "payroll_tax_number": "123456782L01"}]}


def people(year):
    employees, certificates = [], []
    for i, (first, last, born, address, month, begin, end, status, credit, more) in enumerate(PEOPLE):
        number, days = str(1001 + i), {4: 30, 6: 30, 12: 31}[end]
        dates = {k: v.format(year=year) for k, v in more.items() if k in ("hired", "left")}
        employees.append(person(number, first, last, born, address, "NL", bsn=bsn(i), **dates))
        values = boxes(year, D(month), end - begin + 1, status, credit)
        known = {"table": "white", "payroll_tax_credit": credit, "status": status}
        if credit:
            known["payroll_tax_credit_from"] = f"{year}-{begin:02}-01"
        if more.get("objector"):
            known["conscientious_objector"] = True
        certificates.append({"id": f"JO-{number}", "personnel_number": number, "establishment": "AMS", "period": {"from": f"{year}-{begin:02}-01", "to": f"{year}-{end:02}-{days}"},
                             "values": {k: f"{v:.2f}" for k, v in values.items()}, "facts": known, **({"voluntary": more["voluntary"]} if "voluntary" in more else {})})
    return employees, certificates


def corrections(year, employees, certificates):
    """A wage and its boxes corrected; one withdrawn, for the BSN was another's, and one in its place."""
    one, two = ({**certificates[i]} for i in (4, 6))
    one.update(values={**one["values"], "1": f"{D(one['values']['1']) + 150:.2f}"}, correction={"reason": "loon van december nagekomen"})
    right = {**employees[6], "bsn": bsn(60)}
    two.update(id="JO-1007-2")
    return {**head(year), "issue_date": f"{year + 1}-03-02", "cancellations": [{"certificate": certificates[6]["id"], "reason": "onjuist burgerservicenummer"}],
            "employees": [employees[4], right], "certificates": [one, two]}


def rejects(year, employees, certificates):
    r = Rejects(head(year), employees[0], certificates[0], lambda e, n: e.update(bsn=bsn(100 + n)))
    month = D(RATES[year]["month"])
    r.add(None, None, "a good one")
    r.add("bsn", None, "the last digit of the BSN is another", lambda e, c: e.update(bsn=e["bsn"][:-1] + str((int(e["bsn"][-1]) + 1) % 10)))
    r.add("bsn", None, "nine noughts pass the sum", of("e", bsn="000000000"))
    r.add(None, "bsn-missing", "neither BSN nor tax number: the line stays, with a dash", of("e", bsn=None))
    r.add("payroll-number", None, "a payroll tax number without its sub-number", of("c", establishment="BAD"))
    r.add("period-order", None, "ends before it begins", of("period", **{"from": f"{year}-06-01", "to": f"{year}-05-01"}))
    r.add("period-year", None, "begins in the year before", of("period", **{"from": f"{year - 1}-12-31"}))
    r.add(None, "postcode", "a postcode without its letters", of("address", postcode="1015"))
    r.add("missing", None, "box 3 unknown is not box 3 nil", put(v3=None))
    r.add("premiums-missing", None, "box 5 left out after the year", put(v5=None))
    r.add("premiums-missing", None, "box 6 left out after the year", put(v6=None))
    r.add("unknown-line", None, "the life-course line of the forms up to 2021", put(vlevensloop="10.00"))
    r.add("credit-table", None, "labour credit with the green table", facts(table="green"))
    r.add("credit-table", None, "labour credit without the payroll tax credit", facts(payroll_tax_credit=False))
    r.add(None, "credit-most", "more labour credit than there is", put(v3="6000.00"))
    r.add("tax-above-wage", None, "more tax than wage", put(v2="48000.01"))
    r.add(None, "tax-negative", "a refund as negative tax", put(v2="-12.00"))
    r.add(None, "wage-negative", "more repaid than earned", put(v1="-200.00", v2="-70.00", v3="0.00", v5="0.00", v6="0.00", v12=None))
    r.add("anonymous-rate", None, "anonymous, but by the table", both(facts(status="anonymous", payroll_tax_credit=False), put(v3="0.00")))
    r.add("zvw-withheld", None, "the levy taken from an employee's pay", both(put(v4="1000.00", v6="0.00", v12=None)))
    r.add(None, "zvw-both", "withheld and levied, the director's status not changed", both(facts(status="director"), put(v4="100.00", v5="0.00", v6="100.00", v12=None)))
    r.add("zvw-withheld-most", None, "more withheld than of the maximum", both(facts(status="director"), put(v4=f"{month * 12 * D(RATES[year]['withheld']) + 3:.2f}", v5="0.00", v6="0.00", v12=None)))
    r.add("zvw-levy-most", None, "more levied than of the maximum", put(v6=f"{month * 12 * D(RATES[year]['levy']) + 3:.2f}", v12=None))
    r.add(None, "zvw-wage", "levy and column 12 disagree", put(v12="20000.00"))
    r.add("not-insured", None, "premiums for a director", both(facts(status="director"), put(v4="2328.00", v6="0.00", v12=None)))
    r.add("premiums-wage", None, "premiums of a third of the wage", put(v5="16000.00"))
    r.add("none-due", None, "nothing to certify", put(v1="0.00", v2="0.00", v3="0.00", v5="0.00", v6="0.00", v12=None))
    r.add("rows-overflow", None, "more voluntary lines than there is room for", of("c", voluntary=[{"text": f"regel {i}", "amount": "1.00"} for i in range(7)]))
    r.add("entries-differ", None, "the sum of the entries is another", of("c", entries=[{"wage_type": "100", "month": 1, "amount": "100.00"}]))
    e, c = r.add("same-certificate", None, "the same twice")
    r.twin(c, "same-certificate", None, "the same twice")
    e, c = r.add(None, "periods-overlap", "two employments at the same time")
    r.twin(c, None, "periods-overlap", "two employments at the same time", put(v1="50000.00"))
    e, c = r.add("people-contradict", None, "the BSN of another person")
    r.add("people-contradict", None, "the BSN of another person", lambda f, d: (f.update(bsn=e["bsn"], birth_date="1990-02-02"), d["values"].update({"1": "49000.00"})))
    e, c = r.add(None, ["periods-overlap", "several-personnel-numbers"], "two personnel numbers")
    r.add(None, ["periods-overlap", "several-personnel-numbers"], "two personnel numbers", lambda f, d: (f.update(bsn=e["bsn"]), d["values"].update({"1": "49000.00"})))
    r.head["establishments"] = [*r.head["establishments"], {"id": "BAD", "payroll_tax_number": "123456782"}]
    r.head = {**r.head, "wage_types": {"100": {"text": "Loon", "adds_to": ["1"]}}}
    r.write(f"nl/{year}")


if __name__ == "__main__":
    for y in RATES:
        staff, slips = people(y)
        dump(HERE / f"nl/{y}/payroll.json", {**head(y), "employees": staff, "certificates": slips})
        dump(HERE / f"nl/{y}/corrections.json", corrections(y, staff, slips))
        rejects(y, staff, slips)
