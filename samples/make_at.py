#!/usr/bin/env python3
"""Writes samples/at: an Austrian employer's Lohnzettel. Fourteen salaries; contributions of 18.07 % (17.07 % of other pay) up to the ceiling, other pay at
6 % above 620, the year's tariff less the transport credit. Insurance numbers are made up and have their check digit."""
from abroad import both, cents, D, dump, facts, HERE, of, person, put, Rejects

RATES = {2026: {"ceiling": "6930", "bands": ("13539", "21992", "36458", "70365", "104859"), "credit": "496", "start": "2490", "bonus": "500.00"},
         2025: {"ceiling": "6450", "bands": ("13308", "21617", "35836", "69166", "103072"), "credit": "487", "start": "2450", "bonus": "1000.00"}}
SPLIT = "BAUS ENTW ZUKB BZUKG MAKBG MABST PREI ZUCSG GUTSC MARAB MAGB BEFB BPEN WBKB BSTF MAPR BSSB".split()


def svnr(n, born):
    """LLLP TTMMJJ, of the serial number that has a check digit."""
    day, serial = born[8:] + born[5:7] + born[2:4], 110 + 7 * n
    while True:
        check = sum(int(d) * w for d, w in zip(f"{serial}{day}", (3, 7, 9, 5, 8, 4, 2, 1, 6))) % 11
        if check < 10:
            return f"{serial}{check} {day}"
        serial += 1


def tariff(income, rates):
    """Tax of a whole year on taxable pay, without credits."""
    tax, below = D(0), D(rates["bands"][0])
    for top, rate in zip((*rates["bands"][1:], "1000000"), ("0.2", "0.3", "0.4", "0.48", "0.5")):
        tax += max(min(income, D(top)) - below, D(0)) * D(rate)
        below = D(top)
    return tax


def slip(year, month, months, more):
    """month: the monthly salary; one twelfth of two further ones for each month."""
    rates, low = RATES[year], month <= 600  # below the limit of insurance nothing is due
    base, extra = min(month, D(rates["ceiling"])), cents(month * 2 * months / 12)
    sv = D(0) if low else cents(base * D("0.1807")) * months
    special = D(0) if low else cents(min(extra, D(rates["ceiling"]) * 2) * D("0.1707"))
    values = {"210": month * months + extra + D(more.get("BSTF", 0)) + D(more.get("MAPR", 0)), "220": extra, "BIEB": sv + special, "225": special, "230": sv}
    values.update({k: D(v) for k, v in more.items() if k in SPLIT or k in ("BPEND", "FABO", "HOPA", "BSBKFZ", "BSBWR", "AKKFZ", "KOUN")})
    if "215" in more:
        values.update({"215": D(more["215"]), "210": values["210"] + D(more["215"]), **({"SB681": D(more["215"])} if year >= 2026 else {})})
    if "BSBKFZ" in more:
        values["210"] += D(more["BSBKFZ"])
    values["243"] = sum((values[k] for k in SPLIT if k in values), D(0))
    values["245"] = values["210"] - values.get("215", D(0)) - extra - sv - values["243"]
    other = extra - special
    other_tax = max(min(D("0.06") * (other - 620), D("0.3") * (other - D(rates["start"]))), D(0))
    whole = tariff(values["245"] * 12 / months - 132, rates) * months / 12
    tax = max(max(whole - values.get("FABO", 0), D(0)) - D(rates["credit"]) * months / 12 - values.get("BPEND", 0), D(0)) + other_tax
    values["BIEL"] = values["260"] = cents(tax)
    return {k: f"{v:.2f}" for k, v in values.items() if v or k in ("210", "245", "260")}


PEOPLE = [  # first, last, born, gender, address, pay a month, first and last month, amounts, facts
    ("Katharina", "Hofstätter", "1980-01-01", "w", "Mariahilfer Straße 20|1070|Wien", "3200", 1, 12, {}, {}),
    ("Lukas", "Gruber", "1990-05-17", "m", "Getreidegasse 9|5020|Salzburg", "4650", 1, 12, {"BPEN": "1356.00", "BPEND": "60.00"}, {}),
    ("Anna", "Steinböck-Mayr", "1985-09-03", "w", "Landstraße 31|4020|Linz", "2900", 1, 12, {"FABO": "2000.16"}, {"FABOJ": True, "KFABO": 1}),
    ("Željko", "Petrović", "1978-12-24", "m", "Annenstraße 55|8020|Graz", "3850", 1, 12, {"MAPR": "{bonus}"}, {}),
    ("Johanna", "Edlinger", "1993-02-28", "w", "Museumstraße 4|6020|Innsbruck", "2400", 4, 12, {}, {"part_time": True}),
    ("Franz", "Österreicher", "1969-07-15", "m", "Hauptplatz 1|7000|Eisenstadt", "7800", 1, 12, {"BSBKFZ26": "8640.00", "AKKFZ26": "48000.00"}, {"SBK1526": True}),
    ("Miriam", "Köchl", "1996-10-10", "w", "Rathausgasse 2|9020|Klagenfurt", "3100", 1, 12, {"HOPA": "240.00"}, {"HOTA": 80, "SBK0026": True}),
    ("Stefan", "Wallner", "1988-03-08", "m", "Kaiserstraße 70|6900|Bregenz", "5600", 1, 12, {"215": "3120.00"}, {}),
    ("Bianca", "Rösch", "2003-11-30", "d", "Wiener Straße 12|3100|St. Pölten", "1750", 1, 6, {}, {}),
    ("Mohamad", "Al-Hariri", "1991-06-21", "m", "Bahnhofstraße 8|4600|Wels", "2650", 1, 12, {"BEFB": "318.00", "MAGB": "1500.00"}, {}),
    ("Gertraud", "Lindner", "1975-08-19", "w", "Ringstraße 3|4810|Gmunden", "3450", 1, 12, {"ZUKB": "1800.00"}, {"AKZKB": 1}),
    ("Ágnes", "Szabó", "1982-04-02", "w", "Fő utca 6|9400|Sopron", "2980", 1, 12, {"BSSB": "300.00"}, {"country": "HU"}),
]


def head(year):
    return {"format": "taxcert/payroll/1", "form": "at/l16", "year": year, "issue_date": f"{year + 1}-01-26",
            "employer": {"name": "Musterbank Österreich AG", "address": {"street": "Am Mustergraben 1", "postcode": "1010", "city": "Wien", "country": "AT"}},
            "establishments": [{"id": "W", "tax_number": "91-123/4565"}]}


def people(year):
    employees, certificates = [], []
    for i, (first, last, born, gender, address, month, begin, end, more, known) in enumerate(PEOPLE):
        number, known = str(4001 + i), dict(known)
        country = known.pop("country", "AT")
        amounts = {k.removesuffix("26"): v.format(bonus=RATES[year]["bonus"]) for k, v in more.items() if year >= 2026 or not k.endswith("26")}
        known = {k.removesuffix("26"): v for k, v in known.items() if year >= 2026 or not k.endswith("26")}
        hired, left = f"{year}-{begin:02}-01" if begin > 1 else "2015-03-01", f"{year}-{end:02}-30" if end < 12 else None
        employees.append(person(number, first, last, born, address, country, hired, left, sv_number=svnr(i, born), gender=gender))
        certificates.append({"id": f"LZ-{number}", "personnel_number": number, "establishment": "W", "kind": 1, "period": {"from": f"{year}-{begin:02}-01", "to": left or f"{year}-12-31"},
                             "values": slip(year, D(month), end - begin + 1, amounts), "facts": {"social_position": 2, "part_time": False, **known}})
    return employees, certificates


def corrections(year, employees, certificates):
    one, two = ({**certificates[i]} for i in (1, 7))
    v = one["values"]
    one.update(values={**v, "210": f"{D(v['210']) + 100:.2f}", "245": f"{D(v['245']) + 100:.2f}"}, correction={"reason": "Lohnkonto nachträglich ergänzt"})
    right = {**employees[7], "sv_number": svnr(60, employees[7]["birth_date"])}
    two.update(id="LZ-4008-2")
    return {**head(year), "issue_date": f"{year + 1}-03-10", "cancellations": [{"certificate": certificates[7]["id"], "reason": "falsche Sozialversicherungsnummer"}],
            "employees": [employees[1], right], "certificates": [one, two]}


def more(amount, **change):
    """Raises 210 and 245 by what comes in besides, so that the sums still hold."""
    def apply(e, c):
        v = c["values"]
        v.update({k[1:]: a for k, a in change.items()})
        v["210"] = f"{D(v['210']) + D(amount):.2f}"
        v["243"] = f"{sum((D(v[k]) for k in SPLIT if k in v), D(0)):.2f}"
    return apply


def rejects(year, employees, certificates):
    born = employees[0]["birth_date"]
    r = Rejects(head(year), employees[0], certificates[0], lambda e, n: e.update(sv_number=svnr(100 + n, born) if 110 + 7 * (100 + n) < 999 else svnr(n % 60 + 2, f"{1950 + n}-02-02")))
    r.head["establishments"] = [*r.head["establishments"], {"id": "BAD", "tax_number": "91-123/4564"}, {"id": "NONE", "tax_number": "26-913572-9"}]
    new = year >= 2026
    r.add(None, None, "a good one")
    r.add("svnr", None, "another check digit", of("e", sv_number="1234 010180"))
    r.add("svnr", None, "a remainder of ten is never given", of("e", sv_number="1000 010180"))
    r.add("partner-svnr", None, "the partner's number is wrong", facts(partner_svnr="1234 010180"))
    r.add("tax-number", None, "another check digit", of("c", establishment="BAD"))
    r.add("tax-office", None, "an office that there is not", of("c", establishment="NONE"))
    r.add("period-order", None, "ends before it begins", of("period", **{"from": f"{year}-06-02", "to": f"{year}-05-01"}))
    r.add("period-year", None, "begins in the year before", of("period", **{"from": f"{year - 1}-12-31"}))
    r.add(None, "period-one-day", "one day", of("period", **{"from": f"{year}-06-02", "to": f"{year}-06-02"}))
    r.add(None, "postcode", "five digits", of("address", postcode="10700"))
    r.add("kind", None, "kind 13 is of former years", of("c", kind=13))
    r.add("value-not-allowed", None, "there is no kind 25", of("c", kind=25))
    r.add("kind-country", None, "kind 8 without its country", of("c", kind=8))
    r.add("kind-country", None, "kind 24 without its country", of("c", kind=24))
    r.add("sv-parts", None, "225 is more than was withheld", lambda e, c: c["values"].update({"BIEB": f"{D(c['values']['225']) - D('0.48'):.2f}", "230": "0.00", "245": f"{D(c['values']['210']) - D(c['values']['220']):.2f}"}))
    r.add("230-sum", None, "230 is 1.01 off", lambda e, c: c["values"].update({"230": f"{D(c['values']['230']) + D('1.01'):.2f}", "245": f"{D(c['values']['245']) - D('1.01'):.2f}"}))
    r.add(None, None, "230 is 1.00 off: rounded", lambda e, c: c["values"].update({"230": f"{D(c['values']['230']) + 1:.2f}"}))
    r.add("243-sum", None, "243 is 0.41 off", put(v243="0.41"))
    r.add("245-sum", None, "245 is 1.01 off", lambda e, c: c["values"].update({"245": f"{D(c['values']['245']) + D('1.01'):.2f}"}))
    r.add("245-sum", None, "a repayment taken off 210 alone", lambda e, c: c["values"].update({"210": f"{D(c['values']['210']) - 300:.2f}"}))
    r.add("260-sum", None, "260 is 0.21 off", lambda e, c: c["values"].update({"260": f"{D(c['values']['260']) + D('0.21'):.2f}"}))
    r.add("tax-fixed", None, "more tax at fixed rates than withheld", lambda e, c: c["values"].update({"BIEL": "100.00", "BABL": "100.10", "260": "0.00"}))
    r.add("220-rate", None, "Krankengeld with a tenth", lambda e, c: (c.update(kind=3), c["values"].update({"210": "10000.00", "220": "1000.00", "225": "0.00", "BIEB": "0.00", "230": "0.00", "245": "9000.00"})))
    r.add(None, "220-sixth", "thirteen months' bonus", lambda e, c: c["values"].update({"210": f"{D(c['values']['210']) + 3000:.2f}", "220": f"{D(c['values']['220']) + 3000:.2f}"}))
    r.add("226-needs", None, "contributions of pay at fixed rates that is not there", lambda e, c: c["values"].update({"226": "100.00", "BIEB": f"{D(c['values']['BIEB']) + 100:.2f}"}))
    over = D("9300.01" if new else "7200.01")
    r.add(["215-most", "68-1-most"] if new else "215-most", None, "more than there is free of tax",
          lambda e, c: c["values"].update({"215": f"{over}", "210": f"{D(c['values']['210']) + over:.2f}", **({"SB681": "7200.01", "SB682": "2100.00"} if new else {})}))
    r.add("commuting-most", None, "more commuting allowance than a year has", more("3700.00", vBPEN="3700.00"))
    r.add("commuting-euro", None, "a commuter's euro alone", put(vBPEND="40.00"))
    r.add("higher-transport", None, "the higher transport credit of who earns too much", facts(ERVAB=True))
    r.add("family-bonus", None, "a bonus of 167 a month", both(facts(FABOJ=True, KFABO=1), put(vFABO="2010.00")))
    r.add("family-bonus", None, "a bonus and no child", put(vFABO="1000.00"))
    r.add("telework", None, "more than 3 a day", both(facts(HOTA=50), put(vHOPA="151.00")))
    r.add("telework", None, "more than 300 a year", both(facts(HOTA=150), put(vHOPA="301.00")))
    r.add("profit-share", None, "profit share and bonus above 3,000", more("3001.00", vMAGB=f"{3001 - D(RATES[year]['bonus']):.2f}", vMAPR=RATES[year]["bonus"]))
    r.add("bonus-most", None, "more bonus than the year allows", more(f"{D(RATES[year]['bonus']) + 1}", vMAPR=f"{D(RATES[year]['bonus']) + 1:.2f}"))
    r.add("childcare", None, "more than 2,000 a child", both(facts(AKZKB=1), more("2001.00", vZUKB="2001.00")))
    r.add("expatriates", None, "more than 10,000", more("10000.01", vWBKB="10000.01"))
    r.add(None, "tax-tariff", "half of the tax", lambda e, c: c["values"].update({"BIEL": f"{D(c['values']['BIEL']) / 2:.2f}", "260": f"{D(c['values']['260']) / 2:.2f}"}))
    r.add("none-due", None, "nothing at all", lambda e, c: c.update(values={"210": "0.00", "245": "0.00", "260": "0.00"}))
    if new:
        raised = lambda amount, **k: lambda e, c: c["values"].update({"210": f"{D(c['values']['210']) + D(amount):.2f}", **{a[1:]: b for a, b in k.items()}})
        r.add("215-parts", None, "215 without its parts", raised("500.00", v215="500.00"))
        r.add("68-1-most", None, "more than 7,200 by § 68 (1)", raised("7200.01", v215="7200.01", vSB681="7200.01"))
        r.add("68-2-most", None, "more than 2,100 by § 68 (2)", raised("2100.01", v215="2100.01", vSB682="2100.01"))
        r.add("benefits", None, "more benefits than pay", put(vBSBSB="60000.00"))
        for key, most in (("BZUKG", 300), ("MAKBG", 3000), ("MABST", 4500), ("ZUCSG", 200), ("GUTSC", 2928), ("MARAB", 1000)):
            r.add(f"most-{key.lower()}", None, f"{key} above {most}", more(f"{most + 1}", **{"v" + key: f"{most + 1}.00"}))
        r.add("car-flag", None, "a car benefit without its percentage", both(put(vBSBKFZ="5760.00"), put(vAKKFZ="24000.00")))
        r.add("car-flag", None, "2 % crossed and no amount", both(facts(SBK20=True), put(vAKKFZ="24000.00")))
        r.add(None, "car-zero", "0 % with a nought", both(facts(SBK00=True), put(vBSBKFZ="0.00")))
        r.add(None, None, "0 % without an amount", facts(SBK00=True))
        r.add("car-cost-missing", None, "a car in December without its cost", both(facts(SBK15=True), put(vBSBKFZ="4320.00")))
        r.add("car-cost", None, "the cost of a car given back", both(facts(SBK15=True), put(vBSBKFZ="4320.00", vAKKFZ="24000.00"), of("period", to=f"{year}-11-30")))
    else:
        r.add("unknown-line", None, "the lines of 2026", put(vGUTSC="100.00"))
    e, c = r.add("same-certificate", None, "the same twice")
    r.twin(c, "same-certificate", None, "the same twice")
    e, c = r.add(None, "periods-overlap", "a second employment")
    r.twin(c, None, "periods-overlap", "a second employment", lambda e, c: c.update(kind=18, values={"210": "500.00", "245": "500.00", "260": "0.00"}))
    e, c = r.add("people-contradict", None, "the number of another person")
    r.add("people-contradict", None, "the number of another person", lambda f, d: (f.update(sv_number=e["sv_number"], birth_date="1990-02-02"), d["values"].update({"BPEND": "0.00"})))
    e, c = r.add(None, ["periods-overlap", "several-personnel-numbers"], "two personnel numbers")
    r.add(None, ["periods-overlap", "several-personnel-numbers"], "two personnel numbers", lambda f, d: (f.update(sv_number=e["sv_number"]), d["values"].update({"BPEND": "0.00"})))
    r.write(f"at/{year}")


if __name__ == "__main__":
    for y in RATES:
        staff, slips = people(y)
        dump(HERE / f"at/{y}/payroll.json", {**head(y), "employees": staff, "certificates": slips})
        dump(HERE / f"at/{y}/corrections.json", corrections(y, staff, slips))
        rejects(y, staff, slips)
