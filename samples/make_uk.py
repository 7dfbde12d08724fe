#!/usr/bin/env python3
"""Writes samples/uk: a British employer's P60s. Tax and contributions by the year's bands (annual earnings period), for who is paid by the week by
the week's thresholds: 53, 54 or 56 weeks where a payday falls on 5 April. National Insurance numbers are made up, of prefixes that are given out."""
from abroad import both, cents, D, dump, facts, floor, HERE, of, person, put, Rejects

FOLDERS = {2025: "2025-26", 2026: "2026-27"}
RATES = {2025: {"lel": D(6500), "lel_week": D(125)}, 2026: {"lel": D(6708), "lel_week": D(129)}}
PT, UEL, PT_WEEK, UEL_WEEK, ALLOWANCE, BASIC, HIGHER = map(D, ("12570", "50270", "242", "967", "12570", "37700", "125140"))
PREFIXES = ("AB", "CE", "GH", "JK", "LM", "PR", "ST", "WX", "YA", "HJ", "NA", "TW")


def nino(n):
    return f"{PREFIXES[n % len(PREFIXES)]}{(100207 + 7919 * n) % 1000000:06}{'ABCD'[n % 4]}"


def tax(pay, code):
    if code.startswith("NT"):
        return D(0)
    if "BR" in code or code.endswith("D0"):
        return cents(pay * D("0.2" if "BR" in code else "0.4"))
    taxed = max(pay - ALLOWANCE, D(0))
    return cents(min(taxed, BASIC) * D("0.2") + max(min(taxed, HIGHER) - BASIC, D(0)) * D("0.4") + max(taxed - HIGHER, D(0)) * D("0.45"))


def row(letter, pay, rates):
    """A year's row, by the annual earnings period."""
    if pay < rates["lel"]:
        return {"letter": letter}
    pt, uel = max(min(pay, PT) - rates["lel"], D(0)), max(min(pay, UEL) - PT, D(0))
    due = cents(uel * D("0.08") + max(pay - UEL, D(0)) * D("0.02")) if letter in "AHM" else D(0)
    return {"letter": letter, "lel": f"{rates['lel']}.00", "pt": f"{floor(pt, '1')}.00", "uel": f"{floor(uel, '1')}.00", "contributions": f"{due:.2f}"}


def weekly(pay, weeks, per, rates):
    """Paid every `per` weeks: the period's thresholds, so often."""
    times, lel, pt, uel = weeks // per, rates["lel_week"] * per, PT_WEEK * per, UEL_WEEK * per
    due = times * cents((min(pay, uel) - pt) * D("0.08") + max(pay - uel, D(0)) * D("0.02"))
    return {"letter": "A", "lel": f"{times * lel:.2f}", "pt": f"{times * (pt - lel):.2f}", "uel": f"{floor(times * (min(pay, uel) - pt), '1')}.00", "contributions": f"{due:.2f}"}


PEOPLE = [  # first, last, born, address, pay in this employment, code, letter, more
    ("Harriet", "Ashworth", "1984-02-11", "14 Deansgate|M3 2BY|Manchester", "30000", "1257L", "A", {}),
    ("Idris", "Llewellyn", "1976-09-30", "3 Cathedral Road|CF11 9HA|Cardiff", "60000", "C1257L", "A", {}),
    ("Oluwaseun", "Adebayo", "1990-05-05", "221 Old Kent Road|SE1 5LU|London", "20000", "1257L", "A", {"previous": ("12000.00", "700.00"), "joined": "{year}-09-01"}),
    ("Fionnuala", "O'Neill", "1993-12-24", "9 Botanic Avenue|BT7 1JG|Belfast", "41500", "1257L", "A", {"values": {"student_loan": "1280.00", "postgraduate_loan": "1230.00"}}),
    ("Morag", "MacLeod", "1988-08-08", "27 Leith Walk|EH6 8LN|Edinburgh", "9100", "SBR", "A", {}),
    ("Charlotte", "Beaumont-Smythe", "1991-03-19", "5 Queen Square|BS1 4LW|Bristol", "27450", "1257L", "A", {"values": {"smp": "6150.33", "sncp": "748.20"}}),
    ("Trevor", "Hargreaves", "1957-01-07", "88 Headingley Lane|LS6 2DJ|Leeds", "18900", "1257L", "C", {}),
    ("Priya", "Raghunathan", "1982-06-15", "1 Colmore Row|B3 2BJ|Birmingham", "98000", "1257L", "A", {"facts": {"director": True}}),
    ("Kevin", "Clark", "1999-10-10", "62 High Street|NE1 6UQ|Newcastle upon Tyne", "21200", "1257L W1", "A", {"week": ("400", 53, 1)}),
    ("Zofia", "Kowalczyk", "1995-04-04", "17 London Road|PE2 8AN|Peterborough", "24300", "1257L", "A", {"week": ("900", 54, 2)}),
    ("Amir", "Hosseini", "1979-11-21", "40 Castle Street|AB11 5BB|Aberdeen", "30800", "S1257L", "A", {"week": ("2200", 56, 4)}),
    ("Wendy", "Pritchard", "1986-07-27", "2 Quay Parade|SA1 8AJ|Swansea", "11000", "1257L", "A", {"previous": ("9000.00", "1800.00"), "refund": "-914.00", "joined": "{year}-11-02"}),
    ("Tomás", "Fernández Ruiz", "2003-01-30", "8 Ship Street|BN1 1AD|Brighton", "5200", "0T M1", "M", {}),
]


def head(year):
    return {"format": "taxcert/payroll/1", "form": "uk/p60", "year": year, "issue_date": f"{year + 1}-05-12",
            "employer": {"name": "Sample Bank plc", "address": {"street": "1 Threadneedle Walk", "postcode": "EC2R 8AY", "city": "London", "country": "GB"}},
            "establishments": [{"id": "LON", "paye_reference": "123/AB45678"}]}


def people(year):
    rates, employees, certificates = RATES[year], [], []
    for i, (first, last, born, address, pay, code, letter, more) in enumerate(PEOPLE):
        number, joined, pay = str(2001 + i), more.get("joined", "2018-03-01").format(year=year), D(pay)
        employees.append(person(number, first, last, born, address, "GB", joined, ni_number=more.get("number", nino(i))))
        values = {"pay": f"{pay:.2f}", "tax": f"{tax(pay, code):.2f}", **more.get("values", {})}
        known = dict(more.get("facts", {}))
        if "previous" in more:
            before = more["previous"]
            values.update(previous_pay=before[0], previous_tax=before[1], tax=more.get("refund") or f"{tax(pay + D(before[0]), code) - D(before[1]):.2f}")
            known["p45"] = True
        if "week" in more:
            known["pay_weeks"] = more["week"][1]
        ni = [weekly(D(more["week"][0]), *more["week"][1:], rates)] if "week" in more else [row(letter, pay, rates)]
        start = f"{year}-04-06" if joined < f"{year}-04-06" else joined
        certificates.append({"id": f"P60-{number}", "personnel_number": number, "establishment": "LON", "period": {"from": start, "to": f"{year + 1}-04-05"}, "tax_code": code,
                             "values": values, "ni": ni, "facts": known})
    two = row("A", D(30000), rates)     # a letter that changed within the year: two rows, which add up to the year's
    first = {k: v if k == "letter" else f"{int(D(v)) // 2}.00" for k, v in two.items()}
    rest = {k: "H" if k == "letter" else f"{D(v) - D(first[k]):.2f}" for k, v in two.items()}
    certificates[0]["ni"] = [first, rest]
    return employees, certificates


def submissions(year, certificates):
    """The last Full Payment Submission's sums of the year, of those who were employed on its last day."""
    lines = {"pay": "pay", "tax": "tax", "SL": "student_loan", "PGL": "postgraduate_loan", "SMP": "smp", "SNCP": "sncp"}
    sums = {code: f"{sum(D(c['values'].get(line, 0)) for c in certificates):.2f}" for code, line in lines.items()}
    sums["NIC"] = f"{sum(D(r.get('contributions', 0)) for c in certificates for r in c['ni']):.2f}"
    return [{"establishment": "LON", "period": str(year), "calendar_year": year, "values": {"people": len(certificates), **sums}}]


def corrections(year, employees, certificates):
    one, two = ({**certificates[i]} for i in (3, 6))
    one.update(values={**one["values"], "student_loan": "1310.00"}, correction={"reason": "student loan of March was missing"})
    right = {**employees[6], "ni_number": nino(40)}
    two.update(id="P60-2007-2")
    return {**head(year), "issue_date": f"{year + 1}-06-30", "cancellations": [{"certificate": certificates[6]["id"], "reason": "wrong National Insurance number"}],
            "employees": [employees[3], right], "certificates": [one, two]}


def ni(**more):
    return lambda e, c: c["ni"][0].update(more)


def rejects(year, employees, certificates):
    rates = RATES[year]
    good = {**certificates[0], "ni": [row("A", D(30000), rates)]}
    r = Rejects(head(year), employees[0], good, lambda e, n: e.update(ni_number=nino(100 + n)))
    r.head["establishments"] = [*r.head["establishments"], {"id": "BAD", "paye_reference": "12/AB45678"}]
    r.add(None, None, "a good one")
    r.add("nino", None, "QQ is the prefix of examples", of("e", ni_number="QQ123456C"))
    r.add("nino", None, "BG is never given", of("e", ni_number="BG123456A"))
    r.add("nino", None, "the last letter is E", of("e", ni_number="AB123456E"))
    r.add(None, "nino-missing", "not known", of("e", ni_number=None))
    r.add("paye-reference", None, "two digits before the slash", of("c", establishment="BAD"))
    r.add(None, "postcode", "a postcode without its second half", of("address", postcode="M3"))
    r.add("period-order", None, "ends before it begins", of("period", **{"from": f"{year + 1}-04-06"}))
    r.add("period-year", None, "begins on 5 April, in the tax year before", of("period", **{"from": f"{year}-04-05"}))
    r.add("period-end", None, "the calendar year", of("period", to=f"{year}-12-31"))
    r.add("left-before", None, "left in March: a P45", lambda e, c: e["employment"].update(to=f"{year + 1}-03-31"))
    r.add("tax-code", None, "no code of this kind", of("c", tax_code="1257Q"))
    r.add("tax-code", None, "a week 1 indicator of another kind", of("c", tax_code="1257L W2"))
    r.add("tax-above-pay", None, "half of the pay as tax", put(vtax="15100.00"))
    r.add(None, "tax-none-by-code", "code NT, and tax", of("c", tax_code="NT"))
    r.add("previous-together", None, "previous pay without its tax", lambda e, c: c["values"].update(previous_pay="1000.00"))
    r.add("previous-missing", None, "joined with a P45, and nothing of it", facts(p45=True))
    r.add("previous-sign", None, "negative previous pay", lambda e, c: c["values"].update(previous_pay="-1.00", previous_tax="0.00"))
    r.add(None, "benefits-breakdown", "payrolled benefits and a student loan", both(facts(payrolled_benefits="3000.00"), lambda e, c: c["values"].update(student_loan="200.00")))
    r.add("benefits-in-pay", None, "more benefits than pay", facts(payrolled_benefits="30001.00"))
    r.add("ni-whole-pounds", None, "pence in an earnings column", ni(uel="17429.50"))
    r.add("ni-order", None, "nothing at the LEL, but above", ni(lel="0.00"))
    r.add("ni-letter-x", None, "letter X with earnings", ni(letter="X"))
    r.add("ni-letter-c", None, "letter C with contributions", ni(letter="C"))
    r.add("ni-letter-c", None, "letter S, the Freeport's C, with contributions", ni(letter="S"))
    r.add("value-not-allowed", None, "letter G is none", ni(letter="G"))
    r.add("ni-lel-most", None, "53 weeks' LEL without a week 53", ni(lel=f"{53 * rates['lel_week']}.00"))
    r.add("ni-pt-most", None, "more between LEL and PT than 52 weeks have", ni(pt=f"{52 * (PT_WEEK - rates['lel_week']) + 1}.00"))
    r.add("ni-uel-most", None, "more between PT and UEL than 52 weeks have", both(lambda e, c: c["values"].update(pay="80000.00", tax="19432.00"), ni(uel="37701.00", contributions="3610.00")))
    r.add(None, "ni-pay", "more earnings than pay", lambda e, c: c["values"].update(pay="19000.00", tax="1286.00"))
    r.add(None, "ni-contributions", "12 %: a former year's rate", ni(contributions="2091.60"))
    r.add(None, "ni-contributions-reduced", "8 % from a married woman's reduced rate", ni(letter="B"))
    r.add(None, "ni-contributions-deferred", "8 % where they are deferred", ni(letter="J"))
    r.add("statutory-in-pay", None, "more maternity pay than pay", lambda e, c: c["values"].update(smp="30000.01"))
    r.add("loan-whole-pounds", None, "pence of a student loan", lambda e, c: c["values"].update(student_loan="200.50"))
    r.add("loan-whole-pounds", None, "pence of a postgraduate loan", lambda e, c: c["values"].update(postgraduate_loan="0.01"))
    r.add(None, "loan-most", "a loan of more than its rate", lambda e, c: c["values"].update(student_loan="4501.00"))
    r.add(None, "none-due", "nothing at all", both(lambda e, c: c.update(ni=[]), lambda e, c: c.update(values={"pay": "0.00", "tax": "0.00"})))
    r.add("rows-overflow", None, "five letters in a year", lambda e, c: c.update(ni=[{"letter": x} for x in "AHMCB"]))
    e, c = r.add("same-certificate", None, "the same twice")
    r.twin(c, "same-certificate", None, "the same twice")
    e, c = r.add(None, "periods-overlap", "two employments at the same time")
    r.twin(c, None, "periods-overlap", "two employments at the same time", put(vpay="31000.00"))
    e, c = r.add("people-contradict", None, "the number of another person")
    r.add("people-contradict", None, "the number of another person", lambda f, d: (f.update(ni_number=e["ni_number"], birth_date="1990-02-02"), d["values"].update(pay="31000.00")))
    e, c = r.add(None, ["periods-overlap", "several-personnel-numbers"], "two works numbers")
    r.add(None, ["periods-overlap", "several-personnel-numbers"], "two works numbers", lambda f, d: (f.update(ni_number=e["ni_number"]), d["values"].update(pay="31000.00")))
    r.write(f"uk/{FOLDERS[year]}")


if __name__ == "__main__":
    for y, folder in FOLDERS.items():
        staff, slips = people(y)
        dump(HERE / f"uk/{folder}/payroll.json", {**head(y), "declarations": submissions(y, slips), "employees": staff, "certificates": slips})
        dump(HERE / f"uk/{folder}/corrections.json", corrections(y, staff, slips))
        rejects(y, staff, slips)
