#!/usr/bin/env python3
"""Write the sample bank: samples/bank/employees.json, samples/bank/payroll.json and samples/README.md.

    samples/make_bank.py [YEAR]     write the three files (same bytes every time); another year's below samples/YEAR/bank
    samples/make_bank.py --check [LATIN-LIST]
                                    assert the rules of the form on the files of each year as they stand; with the list of DIN 91379
                                    letters also that every name keeps to it

Every certificate comes from a month-by-month run: pay, social insurance and wage tax are worked out per month, booked
under a wage type, and added up. So values, entries and the employer's monthly declarations agree by construction.
Money is decimal.Decimal or int, never float. The people, the bank and all numbers are invented.

Which rule is applied where:

- Contributions: SGB IV to XI with the year's figures (rates.py). Each month is rounded to the cent. One-off pay is borne by the ceiling of the year
  so far, of all employments with this employer (§ 23a III SGB IV); after leaving it belongs to the last month of employment (§ 23a II). Severance
  bears none. From the mini-job's limit to 2,000 euros the transition zone (§ 20 II SGB IV), for pension insurance of working students too, not for trainees.
- Wage tax, solidarity surcharge, what church tax is measured by, and line 28: the ministry's flow chart (wage_tax.py), month by month. A part of a
  month is as many days of the daily table. One-off pay: the year's expected wage is twelve times the month's current pay, and the one-off pay
  before; children's discounts of care insurance end with the children's 25th year, so pensioners here have none.
- Line 28: what the flow chart considered, VKVLZZ and VKVSONST.
- Treaty with Turkey, Art. 18 II: 10 % of the pension above 10,000 euros.

tests/e2e/wage_tax.py finds every call of the flow chart in a table of an independent program's results (wage-tax.tsv).
"""
import hashlib
import importlib.util
import json
import re
import sys
import unicodedata
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_HALF_UP, Decimal as D
from pathlib import Path

from rates import EAST, YEARS
from wage_tax import DEFAULTS, wage_tax

HERE = Path(__file__).resolve().parent
BASE = 2025         # the year that the people below are written for
YEAR = globals().get("YEAR") or next((int(a) for a in sys.argv[1:] if __name__ == "__main__" and re.fullmatch(r"20[0-9][0-9]", a)), BASE)
LAW = YEARS[YEAR]
ALL = tuple(range(1, 13))
CENT = D("0.01")

# Order of the lines on the form; "2.U" and "2.letters" come first.
LINES = ["3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "15a", "16a", "16b", "17", "18", "20", "21", "22a", "22b",
         "23a", "23b", "24a", "24b", "24c", "25", "26", "27", "28", "29", "30", "31", "32", "34"]

# code: text, lines it adds to, how it is treated.
#   cur     current pay, taxed and liable to contributions      once   one-off pay, both
#   severance one-off, taxed, free of contributions             cut    lowers current pay (deferred compensation)
#   pension / penonce / death   the same for pensions           free   neither taxed nor liable
WAGE_TYPES = {
    "1000": ("Gehalt", ["3"], "cur"),
    "1100": ("Zuschuss zu vermögenswirksamen Leistungen", ["3"], "cur"),
    "1200": ("13. Monatsgehalt", ["3"], "once"),
    "1210": ("Bonus", ["3"], "once"),
    "1300": ("Geldwerter Vorteil Dienstwagen", ["3"], "cur"),
    "1400": ("Überstundenvergütung", ["3"], "cur"),
    "1500": ("Ausbildungsvergütung", ["3"], "cur"),
    "1600": ("Abfindung", ["3", "10"], "severance"),
    "1610": ("Jubiläumszuwendung", ["3", "10"], "once"),
    "2000": ("Betriebsrente", ["3", "8"], "pension"),
    "2010": ("Sterbegeld", ["3", "8", "32"], "death"),
    "2020": ("Nachzahlung von Versorgungsbezügen für mehrere Jahre", ["3", "9"], "penonce"),
    "3000": ("Entgeltumwandlung Direktversicherung", ["-3"], "cut"),
    "3100": ("Arbeitslohn, steuerfrei nach DBA", ["16a"], "free"),
    "3110": ("Arbeitslohn, steuerfrei nach Auslandstätigkeitserlass", ["16b"], "free"),
    "3200": ("Kurzarbeitergeld", ["15", "15a"], "free"),
    "3205": ("Rückforderung Kurzarbeitergeld", ["-15", "-15a"], "free"),
    "3210": ("Zuschuss zum Mutterschaftsgeld", ["15"], "free"),
    "3220": ("Verdienstausfallentschädigung nach dem Infektionsschutzgesetz", ["15"], "free"),
    "3230": ("Aufstockungsbetrag Altersteilzeit", ["15"], "free"),
    "4000": ("Jobticket, steuerfrei", ["17"], "free"),
    "4010": ("Fahrtkostenzuschuss, pauschal mit 15 % besteuert", ["18"], "free"),
    "4100": ("Verpflegungsmehraufwand", ["20"], "free"),
    "4110": ("Doppelte Haushaltsführung", ["21"], "free"),
    "4120": ("Reisekosten: Hotel", [], "free"),
    "4130": ("Reisekosten: Fahrt", [], "free"),
    "5000": ("Rentenversicherung, Arbeitgeber", ["22a"], "free"),
    "5010": ("Rentenversicherung, Arbeitnehmer", ["23a"], "free"),
    "5020": ("Versorgungswerk, Arbeitgeber", ["22b"], "free"),
    "5030": ("Versorgungswerk, Arbeitnehmer", ["23b"], "free"),
    "5100": ("Krankenversicherung, Arbeitnehmer", ["25"], "free"),
    "5105": ("Krankenversicherung, Arbeitgeber", [], "free"),
    "5110": ("Pflegeversicherung, Arbeitnehmer", ["26"], "free"),
    "5120": ("Arbeitslosenversicherung, Arbeitnehmer", ["27"], "free"),
    "5200": ("Zuschuss zur freiwilligen gesetzlichen Krankenversicherung", ["24a"], "free"),
    "5210": ("Zuschuss zur privaten Krankenversicherung", ["24b"], "free"),
    "5220": ("Zuschuss zur Pflegeversicherung", ["24c"], "free"),
    "5300": ("Private Kranken- und Pflegeversicherung, in der Vorsorgepauschale berücksichtigt", ["28"], "free"),
    "5310": ("Mindestvorsorgepauschale", ["28"], "free"),
    "6000": ("Freibetrag DBA Türkei", ["34"], "free"),
    "9100": ("Lohnsteuer", ["4"], "free"),
    "9110": ("Solidaritätszuschlag", ["5"], "free"),
    "9120": ("Kirchensteuer", ["6"], "free"),
    "9130": ("Kirchensteuer Ehegatte", ["7"], "free"),
    "9900": ("Kantine", [], "free"),
}
FIFTH = ()              # wage types that are taxed at a fifth
if YEAR == 2024:        # 9 and 10 stand beside 3, their tax in 11 to 14; short-time pay has no line of its own
    FIFTH = ("1600", "1610", "2020")
    for code, lines in (("1600", ["10"]), ("1610", ["10"]), ("2020", ["9"]), ("3200", ["15"]), ("3205", ["-15"])):
        WAGE_TYPES[code] = (WAGE_TYPES[code][0], lines, WAGE_TYPES[code][2])
    WAGE_TYPES.update({"9200": ("Lohnsteuer, Fünftelregelung", ["11"], "free"), "9210": ("Solidaritätszuschlag, Fünftelregelung", ["12"], "free"),
                       "9220": ("Kirchensteuer, Fünftelregelung", ["13"], "free"), "9230": ("Kirchensteuer Ehegatte, Fünftelregelung", ["14"], "free")})
if YEAR >= 2026:        # private contributions are deduction features; there is no minimum lump sum
    del WAGE_TYPES["5300"], WAGE_TYPES["5310"]


def of(year):
    """This module, for a year."""
    spec = importlib.util.spec_from_file_location(f"make_bank_{year}", __file__)
    module = importlib.util.module_from_spec(spec)
    module.YEAR = year
    spec.loader.exec_module(module)
    return module


def day(text):
    """A date of 2025, or of the two years before, as the year's."""
    return str(int(text[:4]) + YEAR - BASE) + text[4:] if text and text >= "2023" else text


# ------------------------------------------------------------------------------------------------------- numbers

def half_up(x):
    return x.quantize(CENT, ROUND_HALF_UP)


def down(x):
    return x.quantize(CENT, ROUND_DOWN)


def pct(base, rate):
    """rate per cent of base, rounded to the cent as contributions are."""
    return half_up(base * D(rate) / 100)


def money(x):
    return str(x.quantize(CENT))


def idnr_check(ten):
    """Check digit of an IdNr, ISO 7064 MOD 11,10."""
    p = 10
    for d in ten:
        s = (int(d) + p) % 10 or 10
        p = 2 * s % 11
    c = 11 - p
    return 0 if c == 10 else c


def idnr_digits_ok(ten):
    """One digit twice or three times, the others at most once, no three alike in a row."""
    most = sorted((ten.count(d) for d in "0123456789"), reverse=True)
    return most[0] in (2, 3) and most[1] == 1 and not re.search(r"(.)\1\1", ten)


def idnr_test(n):
    """The n-th test number: leading 0, so never anyone's, but valid in every digit."""
    seed = int.from_bytes(hashlib.sha256(b"taxcert sample %d" % n).digest(), "big")
    pool, ten = list("123456789"), "0"
    for left in range(9, 1, -1):            # eight of the nine digits in some order: ten = 0 and eight distinct ones
        seed, i = divmod(seed, left)
        ten += pool.pop(i)
    seed, i = divmod(seed, 9)               # and one digit a second time, not the 0
    ten += ten[1 + i % 8]
    return ten + str(idnr_check(ten))


def stnr_11(twelve, factors):
    return (11 - sum(int(d) * f for d, f in zip(twelve, factors)) % 11) % 11


def stnr_2(twelve):
    """Check digit of Hessen, Baden-Württemberg and Schleswig-Holstein."""
    total = 0
    for d, add, f in zip(twelve, (0, 0, 9, 8, 0, 7, 6, 5, 4, 3, 2, 1), (0, 0, 512, 256, 0, 128, 64, 32, 16, 8, 4, 2)):
        x = (int(d) + add) % 10 * f
        while x > 9:
            x = sum(map(int, str(x)))
        total += x
    return (10 - total % 10) % 10


V_FACTORS = (0, 5, 4, 3, 0, 2, 7, 6, 5, 4, 3, 2)


def tax_number(land, office, district, number):
    """The tax number in the Land's printed form, check digit added."""
    if land == "HE":
        return f"0{office} {district} {number}{stnr_2(f'26{office}0{district}{number}')}"
    if land == "BY":
        return f"{office}/{district}/{number}{stnr_11(f'9{office}0{district}{number}', V_FACTORS)}"
    return f"2{office}/{district}/{number}{stnr_11(f'32{office}0{district}{number}', V_FACTORS)}"


def elster(land, printed):
    """The 13 digits behind a printed tax number (the three Länder of this bank)."""
    d = re.sub(r"\D", "", printed)
    return {"HE": "26" + d[1:3], "BY": "9" + d[:3], "SN": "32" + d[1:3]}[land] + "0" + d[3:]


# ----------------------------------------------------------------------------------------------------- contributions

RV, ALV, KV = "9.3", "1.3", "7.3"               # employee's share in per cent, KV without Zusatzbeitrag
MINI = LAW.mini


class Ceiling:
    """Contribution base of one branch: current pay up to the month's ceiling, one-off pay up to the year's so far."""

    def __init__(self, month_max):
        self.month_max, self.room, self.paid = month_max, D(0), {}

    def base(self, current, once, days):
        top = half_up(self.month_max * days / 30)
        now = min(current, top)
        self.room += top - now
        extra = min(once, self.room)
        self.room -= extra
        return now + extra

    def contribution(self, key, base, rate, days):
        """Rounded monthly, and over the year never above the full months' maximum."""
        if not days:                # after leaving: no month of its own
            return pct(base, rate)
        top, paid = self.paid.get(key, (D(0), D(0)))
        top += pct(half_up(self.month_max * days / 30), rate)
        amount = min(pct(base, rate), top - paid)
        self.paid[key] = (top, paid + amount)
        return amount


# -------------------------------------------------------------------------------------------------------- wage tax

CALLS = {}      # inputs of the flow chart that are not 0 or absent -> the first certificate's site and month that asked


def cents(x):
    return int((x * 100).quantize(D(1), ROUND_DOWN))


class Taxer:
    """Wage tax of one job: its features as the flow chart names them."""

    def __init__(self, job):
        self.job = job

    def features(self, row):
        job, kids = self.job, self.job.children
        private, pensioner = job.insurance == "private", job.pension_begin is not None
        inputs = {
            "STKL": row["tax_class"], "ZKF": D(row["child_allowances"]), "R": int(row["church_marks"] != "--"),
            "af": int(row["factor"] is not None), "f": D(row["factor"] or 1),
            "KRV": (2 if YEAR == 2024 else 1) if pensioner or job.mini == "exempt" else int(YEAR == 2024 and job.land in EAST), "KVZ": D(0 if private or job.insurance == "none" else job.fund),
            "PVS": int(job.land == "SN"), "PVZ": int(kids is None and not private and job.insurance != "none"),
            "PVA": 0 if pensioner or not kids else min(kids, 5) - 1,
            # 2: with the employer's subsidy; neither statutory nor private is private without a premium
            "PKV": 0 if job.insurance in ("statutory", "voluntary") else 2 if private and not pensioner else 1,
            "PKPV": cents(job.private_basis) if private else 0}
        if YEAR >= 2026:        # the employer's subsidy itself, and who bears no unemployment insurance
            inputs |= {"PKV": min(inputs["PKV"], 1), "PKPVAGZ": cents(sum(job.private_subsidy())) if private else 0,
                       "ALV": int(pensioner or bool(job.mini) or job.student or job.insurance == "none")}
        if pensioner:
            inputs |= {"VJAHR": job.pension_begin, "VBEZM": cents(job.pension_base / 12), "ZMVB": len(range(int(job.frm[5:7]), 13))}
        return inputs

    def ask(self, **inputs):
        inputs = {k: v for k, v in inputs.items() if D(v) != DEFAULTS[k]}
        CALLS.setdefault(tuple(sorted(inputs.items())), len(CALLS))
        return wage_tax(YEAR, **inputs)

    def month(self, pay, before, row, days):
        """Wage tax, surcharge, what church tax is measured by and what of private insurance was considered, then the first three of what is
        taxed at a fifth, of a month's pay: current and
        once, pension, severance and death_grant within the latter. before: one-off pay and severance earlier in the year."""
        times, part = (1, D(1)) if days == 30 else (days, D(days))
        pension = bool(self.job.pension_begin)
        share = lambda year: up_cents(D(year) / (12 if days == 30 else 360))
        inputs = self.features(row) | {
            "LZZ": 2 if days == 30 else 4, "RE4": cents(pay["current"] / part),
            "LZZFREIB": share(row["annual_allowance"]), "LZZHINZU": share(row["annual_addition"])}
        if pension:
            inputs["VBEZ"] = inputs["RE4"]
        if pay["once"]:
            year, fifth = pay["current"] * 360 / days, pay.get("fifth", D(0))
            inputs |= {"JRE4": cents(year + before["once"]), "JRE4ENT": cents(before["severance"]), "SONSTB": cents(pay["once"] - fifth),
                       "SONSTENT": cents(pay["severance"]) if not fifth else 0, "VKAPA" if pension else "VMT": cents(fifth), "JFREIB": 100 * row["annual_allowance"], "JHINZU": 100 * row["annual_addition"]}
            if pension:
                inputs |= {"JVBEZ": inputs["JRE4"], "VBS": inputs["SONSTB"], "STERBE": cents(pay["death"])}
        got = self.ask(**inputs)
        return [D(times * got[period] + got[once]) / 100 for period, once in (("LSTLZZ", "STS"), ("SOLZLZZ", "SOLZS"), ("BK", "BKS"),
                                                                          ("VKVLZZ", "VKVSONST"))] + [D(got[k]) / 100 for k in ("STV", "SOLZV", "BKV")]

    def year(self, gross, row):
        """The year's table for the employer's annual adjustment."""
        got = self.ask(**self.features(row), LZZ=1, RE4=cents(gross), LZZFREIB=100 * row["annual_allowance"], LZZHINZU=100 * row["annual_addition"])
        return [D(got[k]) / 100 for k in ("LSTLZZ", "SOLZLZZ", "BK", "VKVLZZ")] + [D(0)] * 3


def up_cents(euros):
    return int((euros * 100).quantize(D(1), ROUND_CEILING))


# ------------------------------------------------------------------------------------------------------------- jobs

class Job:
    """One certificate. Keyword arguments name the case; see the tables below."""

    def __init__(self, site, pay, rows, frm="2025-01-01", to="2025-12-31", insurance="statutory", extras=(),
                 children=None, fund=None, style="values", pay_type="1000", raises=None, pause=(), away=(), short=None,
                 away_type="3100", self_payer=False, scheme=None, private=None, zone_exempt=False, student=False,
                 mini=None, pension_base=None, pension_begin=None, U=0, letters=(), months_31=None, adjust=False,
                 turkish=False, voluntary=None, zeros=(), after=None):
        self.site, self.land, self.pay, self.rows = site, SITES[site]["land"], min(D(pay), LAW.mini) if mini else D(pay), rows
        self.frm, self.to, self.insurance, self.children, self.fund = day(frm), day(to), insurance, children, fund or str(LAW.extra)
        self.style, self.pay_type, self.raises, self.pause, self.away = style, pay_type, raises or {}, pause, away
        self.away_type, self.self_payer, self.scheme, self.private = away_type, self_payer, scheme, private
        self.short, self.student, self.mini, self.zone_exempt = short or {}, student, mini, zone_exempt
        self.pension_base = D(pension_base) if pension_base else None
        self.pension_begin, self.U, self.letters, self.months_31 = pension_begin, U, list(letters), months_31
        self.adjust, self.turkish, self.voluntary, self.zeros = adjust, turkish, voluntary, zeros
        self.after = after          # an employment with the same employer earlier in the year
        self.extras = {}
        for month, code, amount in extras:
            self.extras.setdefault(month, []).append((code, D(amount)))
        self.private_basis = D(private[2]) if private else D(0)
        self.in_zone = False
        self.flat = {}              # month -> pay taxed at 15 %
        self.books = []             # (month, wage type, amount)
        self.church = {}            # (month, church) -> church tax
        self.run()

    # -- insurance

    def private_subsidy(self):
        """(health, care) the employer adds to a private insurance, per month."""
        if not self.private or self.pension_begin:
            return D(0), D(0)
        kv, pv, _ = map(D, self.private)
        return (min(half_up(kv / 2), pct(LAW.kv_month, (D("14.6") + LAW.extra) / 2)),
                min(half_up(pv / 2), pct(LAW.kv_month, LAW.care_rates(self.land, None)[1])))

    def book(self, month, code, amount):
        if amount:
            self.books.append((month, code, amount))

    def contributions(self, m, current, once, days):
        if self.pension_begin:
            return self.pension_contributions(m, current, once)
        if self.mini:
            if self.mini == "insured":      # 15 % from the employer, the rest to 18.6 % from the employee
                self.book(m, "5000", pct(current, 15))
                self.book(m, "5010", pct(current, "3.6"))
            return None
        rv_base = self.rv.base(current, once, days)
        zone = MINI < current <= 2000 and not once and not self.zone_exempt and not self.short
        self.in_zone |= zone
        if zone:
            return self.zone_contributions(m, current)
        own = self.rv.contribution("rv", rv_base, RV, days)
        if self.scheme:
            self.book(m, "5020", own)
            if self.scheme == "firm":
                self.book(m, "5030", own)
        else:
            self.book(m, "5000", own)
            self.book(m, "5010", own)
        if self.student:
            return None
        self.health(m, self.kv.base(current, once, days), days)
        self.book(m, "5120", self.rv.contribution("alv", rv_base, ALV, days))
        return None

    def health(self, m, base, days):
        own, firm = LAW.care_rates(self.land, self.children)
        rate = D(KV) + D(self.fund) / 2
        if self.insurance == "private":
            a, b = self.private_subsidy()
            self.book(m, "5210", half_up(a * days / 30))
            self.book(m, "5220", half_up(b * days / 30))
            return
        kv = self.kv.contribution("kv", base, rate, days)
        pv, pv_firm = self.kv.contribution("pv", base, own, days), self.kv.contribution("pvf", base, firm, days)
        if self.insurance == "voluntary":
            self.book(m, "5200", kv)
            self.book(m, "5220", pv_firm)
            if not self.self_payer:         # the employer pays it all in, so the full contribution is certified
                self.book(m, "5100", 2 * kv)
                self.book(m, "5110", pv + pv_firm)
            return
        self.book(m, "5100", kv)
        self.book(m, "5105", kv)
        self.book(m, "5110", pv)

    def zone_contributions(self, m, pay):
        total, mine = LAW.zone(pay)
        own, firm = LAW.care_rates(self.land, self.children)
        rv = pct(mine, RV)
        self.book(m, "5000", 2 * pct(total, RV) - rv)
        self.book(m, "5010", rv)
        if self.student:
            return
        kv = pct(mine, D(KV) + D(self.fund) / 2)
        self.book(m, "5100", kv)
        self.book(m, "5105", 2 * pct(total, D(KV) + D(self.fund) / 2) - kv)
        self.book(m, "5110", pct(mine, own))
        self.book(m, "5120", pct(mine, ALV))

    def pension_contributions(self, m, current, once):
        """Pensioners bear health (above an exempt amount) and care insurance alone."""
        if self.insurance == "statutory":
            base = min(current + once, LAW.kv_month)
            extra = D("0.6") if self.children is None else D(0)
            self.book(m, "5100", pct(max(base - LAW.pension_exempt, D(0)), D("14.6") + D(self.fund)))
            self.book(m, "5110", pct(base, 2 * LAW.care + extra))

    # -- the months

    def row(self, m):
        """The deduction features in force on the last day of the month."""
        got = self.rows[0]
        for r in self.rows:
            if r["valid_from"] <= f"{YEAR}-{m:02d}-28":
                got = r
        return got

    def days(self, m):
        a, b = self.frm, self.to
        first = int(a[8:]) if int(a[5:7]) == m else 1
        last = int(b[8:]) if int(b[5:7]) == m else 30
        if (m, last) in ((2, 28),) or last == 31:
            last = 30
        return max(1, last - first + 1)

    def run(self):
        self.rv, self.kv = (self.after.rv, self.after.kv) if self.after else (Ceiling(LAW.pension_month(self.land)), Ceiling(LAW.kv_month))
        taxer, before, taxed, paid = Taxer(self), {"once": D(0), "severance": D(0)}, D(0), [D(0)] * 7
        months = range(int(self.frm[5:7]), int(self.to[5:7]) + 1)
        for m in months:
            self.pay = D(self.raises.get(m, self.pay))
            days = self.days(m)
            pay = self.month_pay(m, days, taxer)
            if pay["current"] or pay["once"]:
                # what comes after leaving finds the ceilings of the months before
                self.contributions(m, pay["current"], pay["once"] - pay["severance"], days if pay["current"] else 0)
                got = self.turkish_tax(pay["current"]) if self.turkish else taxer.month(pay, before, self.row(m), days)
                # what was taxed at a fifth counts for later one-off pay with a fifth
                before, taxed = {k: before[k] + pay[k] for k in before}, taxed + pay["current"] + pay["once"]
                before["once"] -= half_up(pay["fifth"] * 4 / 5)
                if self.adjust and m == 12:
                    got = self.adjusted(taxer, taxed, paid, got)
                paid = [a + b for a, b in zip(paid, got)]
                self.book(m, "5300" if self.insurance == "private" else "5310", got[3] if YEAR < 2026 else D(0))
                self.book(m, "9100", got[0])
                self.book(m, "9110", got[1])
                self.book_church(m, got[2])
                self.book(m, "9200", got[4])
                self.book(m, "9210", got[5])
                self.book_church(m, got[6], "9220", "9230")

    def month_pay(self, m, days, taxer):
        """Book the month's pay and extras; returns the taxable pay, current and once, and what severance and death grant are in the latter."""
        current, pay = D(0), dict.fromkeys(("once", "severance", "death", "fifth"), D(0))
        if m in self.away:
            self.book(m, self.away_type, self.pay)
        elif m not in self.pause:
            full = half_up(self.pay * days / 30)
            current = half_up(full * (1 - D(self.short.get(m, 0))))
            self.book(m, self.pay_type, current)
            if m in self.short:
                self.book(m, "3200", self.short_time_pay(full, current, taxer, m))
        for code, amount in self.extras.get(m, ()):
            self.book(m, code, amount)
            kind = WAGE_TYPES[code][2]
            if kind in ("cur", "pension"):
                current += amount
            elif kind == "cut":
                current -= amount
            elif kind in ("once", "penonce", "severance", "death"):
                pay["once"] += amount
            if kind in ("severance", "death"):
                pay[kind] += amount
            if code in FIFTH:
                pay["fifth"] += amount
            if code == "4010":
                self.flat[m] = amount
        return {"current": current, **pay}

    def short_time_pay(self, full, reduced, taxer, m):
        """60 or 67 % of the lost net pay, net with contributions of 20 %."""
        rate = D("0.60") if self.children is None else D("0.67")
        net = [p * D("0.8") - taxer.month({"current": p, "once": D(0)}, None, self.row(m), 30)[0] for p in (full, reduced)]
        return half_up(rate * (net[0] - net[1]))

    def turkish_tax(self, current):
        """10 % of the pension above the allowance of 10,000 a year."""
        return [down((current * 12 - 10000) * D("0.1") / 12)] + [D(0)] * 6

    def adjusted(self, taxer, taxed, paid, got):
        """December of an employer's annual adjustment: the year's tax less what was withheld, where that is less than the month's."""
        year = taxer.year(taxed, self.row(12))
        return [a - b for a, b in zip(year, paid)] if year[0] - paid[0] < got[0] else got

    def book_church(self, m, base, own="9120", spouse="9130"):
        marks = self.row(m)["church_marks"].split()
        if marks == ["--"]:
            return
        tax = down(base * (8 if self.land in ("BY", "BW") else 9) / 100)
        if len(marks) == 2 and self.land not in ("BY", "HB", "NI"):
            half = down(tax / 2)
            self.book(m, own, half)
            self.book(m, spouse, half)
            shares = [(marks[0], half), (marks[1], half)]
        else:
            self.book(m, own, tax)
            shares = [(marks[0], tax)]
        for church, amount in shares:
            self.church[m, church] = self.church.get((m, church), D(0)) + amount

    # -- the record

    def lines(self):
        return add_up(self.books)

    def sum_line(self, line, month):
        return add_up([b for b in self.books if b[0] == month]).get(line, D(0))

    def certificate(self, number, count):
        ident = f"LB{YEAR % 100}-{number}-{count}"
        out = {"id": ident, "personnel_number": number, "establishment": self.site,
               "period": {"from": self.frm, "to": self.to}}
        if self.style in ("values", "both"):
            out["values"] = self.values()
        if self.style in ("entries", "both"):
            out["entries"] = [{"month": m, "wage_type": c, "amount": money(a)} for m, c, a in self.books]
        out["deduction_features"] = self.rows
        out["facts"] = {"insurance": self.insurance}
        if self.in_zone:
            out["facts"]["transition_zone"] = True
        if self.adjust:
            out["facts"]["annual_adjustment"] = True
        if YEAR >= 2026:
            out.update(self.private_amounts())
        out["transfer_ticket"] = ticket(ident)
        if self.voluntary:
            out["voluntary"] = self.voluntary
        return out

    def private_amounts(self):
        """Monthly contributions among the deduction features: what a subsidy may be given for, and what withholding considers (the basic ones).
        Of whoever has the highest subsidy anyway the premium rises in July, so that each amount has a validity of its own."""
        if not self.private:
            return {}
        kv, pv, basis = map(D, self.private)
        rows = lambda *amounts: [{"valid_from": f"{YEAR}-{m:02d}-01", "amount": money(a)} for m, a in amounts]
        out = {} if self.pension_begin else {
            "private_health_subsidy": rows((1, kv), (7, kv + D("18.40"))) if self.private_subsidy()[0] < half_up(kv / 2) else rows((1, kv)), "private_care_subsidy": rows((1, pv))}
        return {**out, "private_health_lump_sum": rows((1, basis - min(pv, basis))), "private_care_lump_sum": rows((1, min(pv, basis)))}

    def values(self):
        out, sums = {}, self.lines()
        if self.U:
            out["2.U"] = self.U
        if self.letters:
            out["2.letters"] = self.letters
        for line in self.zeros:
            sums.setdefault(line, D(0))
        if self.pension_begin:
            sums["29"] = self.pension_base
        for line in LINES:
            if line == "30" and self.pension_begin:
                out["30"] = self.pension_begin
            elif line == "31" and self.months_31:
                out["31"] = {"first": self.months_31[0], "last": self.months_31[1]}
            elif line in sums:
                out[line] = money(sums[line])
        return out


def add_up(books):
    sums = {}
    for _, code, amount in books:
        for target in WAGE_TYPES[code][1]:
            sign, line = (-1, target[1:]) if target[0] == "-" else (1, target)
            sums[line] = sums.get(line, D(0)) + sign * amount
    return sums


def ticket(ident):
    """A made-up transfer ticket: 20 letters and digits that depend on the certificate's id only."""
    letters = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return "et" + "".join(letters[b % 62] for b in hashlib.sha256(ident.encode()).digest()[:18])


# ----------------------------------------------------------------------------------------------------------- people

SITES = {
    "FFM": {"land": "HE", "office": "45", "name": "Frankfurt am Main"},
    "MUC": {"land": "BY", "office": "143", "name": "München"},
    "LEJ": {"land": "SN", "office": "32", "name": "Leipzig II"},
}
PEOPLE = []


def row(cls, marks="--", children="0.0", frm="2025-01-01", free=0, add=0, factor=None):
    return {"valid_from": day(frm), "tax_class": cls, "factor": factor, "child_allowances": children,
            "annual_allowance": free, "annual_addition": add, "church_marks": marks}


def every(code, amount, months=ALL):
    return [(m, code, amount) for m in months]


def person(number, name, birth, home, kind, since, case, *jobs, until=None, mail=None, reason=None, cost="4100", site=None):
    """name: "First|Last" or "Title|First|Last"; home and mail: "street|postcode|city[|country[|additional]]"."""
    parts = name.split("|")
    PEOPLE.append({
        "number": number, "name": parts, "birth": birth, "home": home, "mail": mail, "kind": kind, "since": day(since),
        "until": day(until), "case": case, "jobs": jobs, "reason": reason, "cost": cost,
        "site": site or (jobs[0].site if jobs else "FFM")})


def then(first, *words, **more):
    """A job and another one with the same employer later in the year."""
    return first, Job(*words, after=first, **more)


def address(text):
    parts = text.split("|")
    out = {"street": parts[0], "postcode": parts[1], "city": parts[2], "country": parts[3] if len(parts) > 3 else "DE"}
    if len(parts) > 4:
        out["additional"] = parts[4]
    return out


def one_row(cls, marks="--", children="0.0", **more):
    return [row(cls, marks, children, **more)]


def full_time():
    person("100001", "Dr.|Jürgen|Groß", "1968-04-01", "Hauptstraße 14|60439|Frankfurt am Main", "full_time", "1999-03-01",
           "Vorstandsnähe: Dienstwagen, Bonus, freiwillig versichert (Firmenzahler), Soli auf den Bonus ohne Milderungszone",
           Job("FFM", "11800.00", one_row(3, "rk", "1.0"), insurance="voluntary", children=2,
               extras=every("1300", "742.00") + [(4, "1210", "24000.00")]))
    person("100002", "Annegret|Schäfer-Köhler", "1974-11-19", "Im Mühlgrund 3|61348|Bad Homburg v. d. Höhe", "full_time",
           "2004-07-01", "Vollzeit, beide Quellen: values und entries stimmen überein, Großbuchstabe M",
           Job("FFM", "5240.00", one_row(1, "ev"), style="both", letters=["M"],
               extras=every("4100", "42.00", (3, 6, 10)) + every("4120", "189.00", (3, 6, 10)) + [(11, "1200", "5240.00")]))
    person("100003", "Mehmet|Yıldırım", "1985-02-08", "Gutleutstraße 201|60327|Frankfurt am Main", "full_time", "2014-10-01",
           "Vollzeit, Steuerklasse III, zwei Kinder, entries",
           Job("FFM", "4680.00", one_row(3, "--", "2.0"), children=2, style="entries", raises={7: "4795.00"},
               extras=every("1100", "40.00") + [(11, "1200", "4795.00")]))
    person("100004", "Şükrü Gökhan|Çağlayanoğlu", "1990-09-30", "Frankenallee 88 a|60327|Frankfurt am Main", "full_time",
           "2019-02-01", "Vollzeit, türkische Buchstaben, Jobticket (17)",
           Job("FFM", "3920.00", one_row(1), extras=every("4000", "58.00") + [(11, "1200", "3920.00")]))
    person("100005", "Katarzyna|Wiśniewska-Łęcka", "1987-12-05", "Saalburgstraße 19|60385|Frankfurt am Main", "full_time",
           "2016-05-01", "Vollzeit, polnische Buchstaben, Fahrtkostenzuschuss pauschal (18)",
           Job("FFM", "4150.00", one_row(1, "rk", "0.5"), children=1, extras=every("4010", "96.00")))
    person("100006", "Thị Phương Thảo|Nguyễn", "1992-06-17", "Kurfürstenstraße 41|60486|Frankfurt am Main", "full_time",
           "2020-01-01", "Vollzeit, vietnamesische Buchstaben, entries",
           Job("FFM", "4420.00", one_row(1), style="entries", extras=[(11, "1200", "4420.00")]))
    person("100007", "Jānis|Bērziņš-Ķēniņš", "1981-01-22", "Wittelsbacherallee 7|60316|Frankfurt am Main", "full_time",
           "2012-04-01", "Vollzeit, lettische Buchstaben, Jobticket (17) und Fahrtkostenzuschuss (18)",
           Job("FFM", "5010.00", one_row(4, "ev", "1.0"), children=2,
               extras=every("4000", "29.00") + every("4010", "54.00") + [(11, "1200", "5010.00")]))
    person("100008", "Þórdís|Guðmundsdóttir", "1979-08-14", "Eschersheimer Landstraße 333|60320|Frankfurt am Main", "full_time",
           "2011-09-01", "Vollzeit, isländische Buchstaben, Arbeitgeber-Jahresausgleich",
           Job("FFM", "4880.00", one_row(1, "ev", "0.5"), children=1, adjust=True, raises={9: "5150.00"}))
    person("100009", "Sebastian|Freiherr von Hohenbruck-Waldstett-Lützelau", "1971-05-25",
           "Am Schlossgarten 1|63263|Neu-Isenburg", "full_time", "2003-01-01",
           "langer Name; privat versichert (24b, 24c, 28)",
           Job("FFM", "7650.00", one_row(3, "rk", "2.0"), insurance="private", children=3, private=("812.40", "98.60", "741.15"),
               extras=[(4, "1210", "6500.00")]))
    person("100010", "Maria-Magdalena Theresia|Papadopoulou-Oberndorfer", "1976-03-03",
           "Untere Zahlbacher Straße 102|55131|Mainz", "full_time", "2007-06-01", "langer Vorname, Kirchensteuer ev rk (Zeilen 6 und 7)",
           Job("FFM", "5630.00", one_row(4, "ev rk", "1.5"), children=2, extras=[(11, "1200", "5630.00")]))
    person("100011", "Wolfgang|Müller", "1966-10-10", "Berger Straße 250|60385|Frankfurt am Main", "full_time", "1988-08-01",
           "konfessionsverschieden (7), Jubiläumszuwendung in 10, entries",
           Job("FFM", "6120.00", one_row(3, "ev rk"), children=1, style="entries",
               extras=[(8, "1610", "4000.00"), (11, "1200", "6120.00")]))
    person("100012", "Claudia|Bräutigam", "1983-07-07", "Rosenheimer Straße 12|81669|München", "full_time", "2010-02-01",
           "konfessionsverschieden in Bayern: keine Halbteilung, alles in Zeile 6",
           Job("MUC", "5480.00", one_row(4, "ev rk", "0.5"), children=1, extras=[(11, "1200", "5480.00")]))
    person("100013", "Prof. Dr.|Xaver|Huber", "1963-01-31", "Leopoldstraße 77|80802|München", "full_time", "2001-04-01",
           "privat versichert, beide Zuschüsse am Höchstbetrag, voller Soli",
           Job("MUC", "14900.00", one_row(1, "rk"), insurance="private", private=("1124.80", "203.10", "986.40"),
               extras=[(3, "1210", "42000.00")], letters=["M"]))
    person("100014", "Ivana|Kovačević-Đurić", "1989-04-18", "Landsberger Straße 155|80687|München", "full_time", "2018-03-01",
           "freiwillig versichert, Firmenzahlerin, kinderlos (25 voll, 24a, 24c)",
           Job("MUC", "6700.00", one_row(1, "rk"), insurance="voluntary", extras=[(4, "1210", "8200.00")]))
    person("100015", "Thomas|Öztürk", "1980-02-29", "Tegernseer Landstraße 20|81541|München", "full_time", "2009-01-01",
           "freiwillig versichert, Selbstzahler (nur 24a, 24c)",
           Job("MUC", "7100.00", one_row(3, "--", "1.0"), insurance="voluntary", children=2, self_payer=True,
               extras=[(4, "1210", "5000.00")]))
    person("100016", "Bárbara|Núñez Ibáñez", "1986-06-26", "Lindwurmstraße 5|80337|München", "full_time", "2015-11-01",
           "freiwillig versichert, drei Kinder: voller Pflegebeitrag unter dem Doppelten des Zuschusses",
           Job("MUC", "6950.00", one_row(4, "rk", "3.0"), insurance="voluntary", children=3))
    person("100017", "Dr.|Cornelia|Weiß", "1977-09-09", "Nymphenburger Straße 64|80335|München", "full_time", "2013-01-01",
           "Syndikusrechtsanwältin: Versorgungswerk 22b, 23b, privat versichert",
           Job("MUC", "8400.00", one_row(1), insurance="private", private=("698.20", "61.44", "640.50"), scheme="firm"))
    person("100018", "Dr.|Emil|Ådahl", "1982-12-12", "Humboldtstraße 11|60318|Frankfurt am Main", "full_time", "2017-01-01",
           "Syndikusrechtsanwalt, zahlt sein Versorgungswerk selbst: nur 22b",
           Job("FFM", "7900.00", one_row(1, "ev"), insurance="voluntary", scheme="self"))
    person("100019", "Élodie|Lefèvre", "1984-05-16", "12 rue de la Paix|57000|Metz|FR", "full_time", "2018-09-01",
           "Wohnsitz in Frankreich, DBA-freier Arbeitslohn (16a)",
           Job("FFM", "5900.00", one_row(1), children=1, away=(5, 6, 7), extras=[(11, "1200", "3500.00")]))
    person("100020", "Markus|Hofstätter", "1978-10-02", "Mariahilfer Straße 45|1060|Wien|AT", "full_time", "2006-10-01",
           "entsandt nach Wien: 16a, doppelte Haushaltsführung (21), Zustellung nach Österreich",
           Job("MUC", "6400.00", one_row(3, "rk", "1.0"), children=2, away=(1, 2, 3, 4), style="entries",
               extras=every("4110", "650.00", (5, 6, 7, 8)) + every("4100", "168.00", (5, 6, 7, 8))),
           mail="Mariahilfer Straße 45 / Stiege 2 / Top 14|1060|Wien|AT")
    person("100021", "Friederike|Asamoah", "1988-03-27", "Töngesgasse 8|60311|Frankfurt am Main", "full_time", "2016-01-01",
           "entsandt in ein gefördertes Auslandsprojekt: Auslandstätigkeitserlass (16b)",
           Job("FFM", "5350.00", one_row(1, "ev"), away=(2, 3, 4, 5, 6), away_type="3110"))


def travellers_and_rows():
    person("100022", "Stefan|Krüger", "1975-08-08", "Zum Jungen 33|60320|Frankfurt am Main", "full_time", "2005-03-01",
           "Außendienst: Verpflegung (20), Hotel und Fahrt nirgends, M und F, entries und values",
           Job("FFM", "4975.00", one_row(3, "--", "1.0"), children=1, style="both", letters=["M", "F"],
               extras=every("4100", "196.00") + every("4120", "412.35", (2, 4, 6, 9, 11)) + every("4130", "88.10")))
    person("100023", "Ingeborg|Sjöström", "1970-02-14", "Karl-Liebknecht-Straße 40|04107|Leipzig", "full_time", "2002-01-01",
           "doppelte Haushaltsführung (21) und Verpflegung (20)",
           Job("LEJ", "5120.00", one_row(1, "ev"), style="entries", extras=every("4110", "780.00") + every("4100", "84.00", (1, 2, 3))))
    person("100024", "Rainer|Zufall", "1991-11-11", "Eisenbahnstraße 90|04315|Leipzig", "full_time", "2021-06-01",
           "Heirat im Mai: Steuerklasse 1, dann 4, dann 3 (drei Merkmalszeilen)",
           Job("LEJ", "3850.00", [row(1, "--"), row(4, "--", "0.0", "2025-05-01"), row(3, "--", "0.0", "2025-08-01")]))
    person("100025", "Nadine|Fröhlich", "1993-01-09", "Arndtstraße 17|04275|Leipzig", "full_time", "2019-08-01",
           "Kirchenaustritt im Juni: Zeile 6 gefüllt, neueste Merkmalszeile --",
           Job("LEJ", "3640.00", [row(1, "ev"), row(1, "--", "0.0", "2025-06-01")], fund="2.45"))
    person("100026", "Tobias|Grünwald", "1984-09-21", "Sandkirchenweg 6|63073|Offenbach am Main", "full_time", "2011-01-01",
           "Faktorverfahren 4/0,950, Hinzurechnung daneben",
           Job("FFM", "4550.00", one_row(4, "rk", "1.0", factor="0.950", add=1200), children=1))
    person("100027", "Vanessa|Grünwald", "1986-04-30", "Sandkirchenweg 6|63073|Offenbach am Main", "part_time", "2013-04-01",
           "Faktorverfahren, ab März neuer Faktor (zwei Merkmalszeilen), Teilzeit",
           Job("FFM", "2480.00", [row(4, "rk", "1.0", factor="0.950"), row(4, "rk", "1.0", "2025-03-01", factor="0.937")],
               children=1))
    person("100028", "Michał|Żółkiewski", "1987-07-19", "Goethestraße 55|80336|München", "full_time", "2017-07-01",
           "sechs Merkmalszeilen: Heirat, Kind, Trennung, Freibetrag, Alleinerziehung",
           Job("MUC", "4710.00", [
               row(1, "rk"), row(4, "rk", "0.0", "2025-02-01"), row(3, "rk", "0.0", "2025-04-01"),
               row(3, "rk", "1.0", "2025-06-01"), row(1, "rk", "0.5", "2025-09-01", 1200), row(2, "rk", "0.5", "2025-11-01", 1200)],
               children=1))
    person("100029", "Lena|Brandstätter", "1990-10-28", "Schwanthalerstraße 9|80336|München", "full_time", "2016-02-01",
           "Freibetrag für Pendelweg, vier Merkmalszeilen",
           Job("MUC", "4260.00", [
               row(1, "--", "0.0", free=0), row(1, "--", "0.0", "2025-02-01", 2400), row(1, "--", "0.5", "2025-07-01", 2400),
               row(2, "--", "0.5", "2025-08-01", 3120)], children=1))
    person("100030", "Gerda|Čapková-Ŏstra", "1969-06-06", "Windmühlenstraße 2|04107|Leipzig", "full_time", "1994-09-01",
           "Kurzarbeit Februar bis April (15, 15a)",
           Job("LEJ", "3380.00", one_row(1, "ev"), short={2: "0.5", 3: "0.5", 4: "0.4"}, fund="2.45"))
    person("100031", "Ömer|Şahin", "1988-08-01", "Lützner Straße 120|04177|Leipzig", "full_time", "2015-01-01",
           "Kurzarbeit Null im Februar, Kind (67 %), entries",
           Job("LEJ", "3510.00", one_row(3, "--", "1.0"), children=1, short={2: "1", 3: "0.6"}, style="entries"))
    person("100032", "Heike|Lösche", "1972-12-24", "Delitzscher Straße 71|04129|Leipzig", "full_time", "1998-01-01",
           "Kurzarbeitergeld des Vorjahres zurückgefordert: 15 und 15a negativ",
           Job("LEJ", "3295.00", one_row(5, "--"), children=2, extras=[(3, "3205", "412.50")]))
    person("100033", "Sandra|Pöschl", "1994-02-02", "Fraunhoferstraße 30|80469|München", "full_time", "2020-10-01",
           "Mutterschutz (15 ohne 15a), dann Elternzeit: Anzahl U 1",
           Job("MUC", "4040.00", one_row(4, "rk"), pause=(5, 6, 7, 8, 9, 10, 11, 12), U=1,
               extras=[(5, "3210", "1388.80"), (6, "3210", "1344.00"), (7, "3210", "1388.80"), (8, "3210", "492.80")]))
    person("100034", "Peter|Nowak", "1965-05-05", "Holbeinstraße 12|60596|Frankfurt am Main", "full_time", "1990-04-01",
           "Krankengeld September bis Dezember: Anzahl U 1; Entschädigung nach Infektionsschutzgesetz (15)",
           Job("FFM", "4390.00", one_row(3, "--"), children=1, pause=(9, 10, 11, 12), U=1, extras=[(1, "3220", "318.20")]))
    person("100035", "Ulrike|Haß", "1981-03-13", "Gohliser Straße 25|04155|Leipzig", "full_time", "2008-01-01",
           "zwei Unterbrechungen: Anzahl U 2",
           Job("LEJ", "3720.00", one_row(2, "ev", "1.0"), children=2, pause=(4, 9, 10), U=2))


def movers():
    person("100036", "Florian|Dörfler", "1979-11-30", "Seckbacher Landstraße 61|60389|Frankfurt am Main", "full_time",
           "2004-01-01", "Austritt 30.06. mit Abfindung (10)", Job("FFM", "5760.00", one_row(1, "ev"), to="2025-06-30",
           extras=[(6, "1600", "68500.00")]), until="2025-06-30")
    person("100037", "Beáta|Szőke-Hűvös", "1983-10-15", "Ligsalzstraße 4|80339|München", "full_time", "2015-05-01",
           "Austritt Mitte September (angebrochener Monat), Abfindung (10), entries",
           Job("MUC", "4820.00", one_row(1, "rk"), to="2025-09-15", style="entries", extras=[(9, "1600", "31250.00")]),
           until="2025-09-15")
    person("100038", "Kevin|Lehmann", "1996-07-04", "Kochstraße 114|04277|Leipzig", "full_time", "2025-04-01",
           "Eintritt im April, Großbuchstabe S (Vorarbeitgeber bei Bonus nicht berücksichtigt)",
           Job("LEJ", "3560.00", one_row(1, frm="2025-04-01"), frm="2025-04-01", letters=["S"], extras=[(11, "1210", "1800.00")]))
    person("100039", "Ana-Maria|Țepeș-Știrbei", "1989-01-17", "Hanauer Landstraße 147|60314|Frankfurt am Main", "full_time",
           "2021-01-01", "zwei Bescheinigungen: bis Juni Frankfurt, ab Juli München",
           *then(Job("FFM", "4480.00", one_row(1), to="2025-06-30"),
                 "MUC", "4620.00", one_row(1, frm="2025-07-01"), frm="2025-07-01", extras=[(11, "1200", "4400.00")]))
    person("100040", "Holger|Jäschke", "1967-09-02", "Stötteritzer Straße 8|04317|Leipzig", "full_time", "1991-01-01",
           "zwei Bescheinigungen: Austritt im März, Bonus im November nach Steuerklasse VI, Beiträge nach den Monaten bis März",
           *then(Job("LEJ", "4950.00", one_row(3, "ev"), to="2025-03-31", children=1),
                 "LEJ", "0", one_row(6, "ev", frm="2025-11-01"), frm="2025-11-01", to="2025-11-30", children=1,
                 extras=[(11, "1210", "5600.00")]), until="2025-03-31")
    person("100041", "Aleksandra|Jurić", "1985-12-08", "Hansastraße 32|80686|München", "part_time", "2010-09-01",
           "zwei Beschäftigungen im Jahr: Teilzeit bis Februar, Wiedereintritt im September",
           *then(Job("MUC", "2650.00", one_row(1, "rk", "0.5"), to="2025-02-28", children=1),
                 "MUC", "2720.00", one_row(1, "rk", "0.5", frm="2025-09-01"), frm="2025-09-01", children=1))
    person("100042", "Siiri|Õunapuu-Tšerņenko", "1992-03-19", "Brüder-Grimm-Straße 44|60385|Frankfurt am Main", "full_time",
           "2022-01-01", "Entgeltumwandlung (Lohnart zieht von 3 ab), entries",
           Job("FFM", "4330.00", one_row(1), style="entries", extras=every("3000", "150.00") + every("9900", "46.20")))


def part_time_and_small():
    person("100043", "Petra|Kühn", "1973-04-22", "Bornheimer Landwehr 70|60385|Frankfurt am Main", "part_time", "2001-01-01",
           "Teilzeit, Steuerklasse V",
           Job("FFM", "2310.00", one_row(5, "rk"), children=2))
    person("100044", "Doğa|İnönü-Işık", "1995-05-15", "Sonnenstraße 18|80331|München", "part_time", "2019-10-01",
           "Teilzeit im Übergangsbereich (22a größer als 23a), entries",
           Job("MUC", "1480.00", one_row(1), style="entries", fund="2.69"))
    person("100045", "Birgit|Ørsted-Nygård", "1978-06-01", "Könneritzstraße 3|04229|Leipzig", "part_time", "2012-01-01",
           "Teilzeit im Übergangsbereich, Steuerklasse IV, Lohnsteuer 0,00 angegeben",
           Job("LEJ", "1290.00", one_row(4, "ev", "1.0"), children=2, zeros=("4", "5", "6")))
    person("100046", "Gabriele|Hüttl", "1964-02-17", "Oeder Weg 90|60318|Frankfurt am Main", "part_time", "1986-01-01",
           "Altersteilzeit: Aufstockungsbetrag (15), freiwillige Zeilen (Zusatzversorgung, Arbeitstage)",
           Job("FFM", "3140.00", one_row(4, "rk"), children=1, extras=every("3230", "628.00"),
               voluntary=[{"text": "Arbeitnehmerbeitrag zur Zusatzversorgung", "amount": "531.12"},
                          {"text": "Anzahl der Arbeitstage", "value": "132"}]))
    person("100047", "Ružena|Kråkström", "1980-08-23", "Münchner Straße 12|60329|Frankfurt am Main", "mini_job", "2023-01-01",
           "Minijob, individuell besteuert (Klasse I), rentenversichert: 22a, 23a, Mindestvorsorgepauschale in 28",
           Job("FFM", "520.00", one_row(1, "rk"), insurance="none", mini="insured", zeros=("4",)))
    person("100048", "Karl-Heinz|Wöhrle", "1963-03-12", "Schlüterstraße 21|04157|Leipzig", "mini_job", "2023-05-01",
           "Minijob nach Steuerklasse VI, von der Rentenversicherung befreit, 28",
           Job("LEJ", "540.00", one_row(6), insurance="none", mini="exempt", style="entries"))
    person("100049", "Zoë|Brûlé", "2004-09-14", "Adalbertstraße 40|80799|München", "trainee", "2023-09-01",
           "Auszubildende, keine Lohnsteuer",
           Job("MUC", "1290.00", one_row(1, "rk"), pay_type="1500", zone_exempt=True, children=1, raises={9: "1350.00"}, zeros=("4",)))
    person("100050", "Jonas|Kääriäinen", "2005-01-27", "Riesstraße 16|80992|München", "trainee", "2024-09-01",
           "Auszubildender, entries, c/o-Adresse",
           Job("MUC", "1240.00", one_row(1), pay_type="1500", zone_exempt=True, children=1, style="entries",
               raises={9: "1290.00"}, extras=[(11, "1200", "620.00")]),
           mail="Riesstraße 16|80992|München|DE|c/o Wohnheim Olympia, Zimmer 412")
    person("100051", "Aurélie Ngọc Ánh|Trần", "2001-02-11", "Siolistraße 7|60323|Frankfurt am Main", "working_student", "2024-04-01",
           "Werkstudentin: nur Rentenversicherung, Mindestvorsorgepauschale in 28",
           Job("FFM", "1180.00", one_row(1), insurance="none", student=True, zeros=("4",)))
    person("100052", "Tomáš|Říha", "1999-12-31", "Dufourstraße 36|04107|Leipzig", "working_student", "2023-10-01",
           "Werkstudent bis August",
           Job("LEJ", "1390.00", one_row(1), to="2025-08-31", insurance="none", student=True), until="2025-08-31")
    person("100053", "M̂anuel|C̆ernoviĉ-Ž̦ukas", "1982-04-04", "Schweizer Straße 58|60594|Frankfurt am Main", "full_time", "2014-01-01",
           "Buchstabenfolgen nach DIN 91379 ohne Einzelzeichen (M̂, C̆, Ž̦)",
           Job("FFM", "4790.00", one_row(1)))
    person("100054", "R̥̄ta|K͟Haṇḍelwāl", "1991-09-05", "Georg-Schumann-Straße 300|04159|Leipzig", "full_time", "2021-11-01",
           "Buchstabenfolgen aus drei Zeichen (R̥̄, K͟H), c/o-Adresse",
           Job("LEJ", "4120.00", one_row(4), style="entries", extras=every("4000", "58.00")),
           mail="Georg-Schumann-Straße 300|04159|Leipzig|DE|c/o Familie Śarmā")
    person("100055", "Əsmər|Məmmədova-Ḫān", "1987-10-20", "Theresienhöhe 13|80339|München", "full_time", "2018-01-01",
           "aserbaidschanische Buchstaben (Ə), großes ß im Straßennamen",
           Job("MUC", "5080.00", one_row(1), adjust=True, extras=[(6, "1210", "2500.00")]),
           mail="AN DER HAUPTSTRAẞE 5|85540|Haar")


def pensioners():
    person("P-70001", "Hannelore|Steinmüller", "1949-03-23", "Feldbergstraße 2|61440|Oberursel (Taunus)", "pensioner", "2014-04-01",
           "Betriebsrente seit 2014 (8, 29, 30), Steuerklasse I, gesetzlich versichert",
           Job("FFM", "1620.00", one_row(1, "ev"), pay_type="2000", pension_base="18000.00", pension_begin=2014, children=2),
           cost="7000")
    person("P-70002", "Dr.|Eberhard|Frhr. von Löwenstein", "1944-12-01", "Maximilianstraße 40|80539|München", "pensioner", "2009-01-01",
           "Versorgungsbezüge, privat versichert (28), Steuerklasse III",
           Job("MUC", "5450.00", one_row(3, "rk"), pay_type="2000", pension_base="58800.00", pension_begin=2009,
               insurance="private", private=("690.00", "70.00", "688.20")), cost="7000")
    person("P-70003", "Ilse|Grzeskowiak", "1952-06-30", "Käthe-Kollwitz-Straße 60|04109|Leipzig", "pensioner", "2025-02-01",
           "Witwenrente seit Februar: 31 = 02 - 12, Sterbegeld in 32",
           Job("LEJ", "980.00", one_row(1, frm="2025-02-01"), frm="2025-02-01", pay_type="2000", pension_base="11760.00",
               pension_begin=2017, months_31=(2, 12), children=1, extras=[(2, "2010", "4900.00")]), cost="7000")
    person("P-70004", "Friedrich|Köpf", "1950-10-08", "Hügelstraße 5|60433|Frankfurt am Main", "pensioner", "2015-11-01",
           "Nachzahlung für mehrere Jahre: 9 (in 3, nicht in 8)",
           Job("FFM", "2240.00", one_row(3, "ev"), pay_type="2000", pension_base="25200.00", pension_begin=2015, children=2,
               extras=[(5, "2020", "7350.00")]), cost="7000")
    person("P-70005", "Giuseppe|Dell’Acqua", "1955-01-15", "Belgradstraße 22|80796|München", "pensioner", "2020-02-01",
           "Betriebsrente bis August, danach andere Zahlstelle: 31 = 01 - 08, Steuerklasse VI",
           Job("MUC", "1310.00", one_row(6, "rk"), to="2025-08-31", pay_type="2000", pension_base="15000.00", pension_begin=2020,
               months_31=(1, 8), children=1), until="2025-08-31", cost="7000")
    person("P-70006", "Hüseyin|Gündoğdu", "1951-07-29", "Kordon Caddesi 18 D:4|35220|İzmir|TR", "pensioner", "2016-08-01",
           "wohnt in der Türkei: Freibetrag DBA Türkei (34), Zustellung ins Ausland",
           Job("FFM", "1450.00", one_row(1), pay_type="2000", pension_base="16200.00", pension_begin=2016, insurance="none",
               turkish=True, extras=[(12, "6000", "10000.00")]), cost="7000")


def without_certificate():
    person("100090", "Monika|Reiß", "1975-05-20", "Rödelheimer Straße 9|60487|Frankfurt am Main", "mini_job", "2021-03-01",
           "ohne Bescheinigung: Minijob, pauschal versteuert", reason="Minijob, mit 2 % pauschal versteuert")
    person("100091", "Dimitrios|Vasileíou", "1998-08-18", "Trappentreustraße 1|80339|München",
           "mini_job", "2024-01-01", "ohne Bescheinigung: Minijob, pauschal versteuert",
           reason="Minijob, mit 2 % pauschal versteuert", site="MUC")
    person("100092", "Sophie|Mägdefrau", "1990-11-02", "Riebeckstraße 51|04317|Leipzig", "full_time", "2018-02-01",
           "ohne Bescheinigung: Elternzeit das ganze Jahr", reason="Elternzeit, kein Arbeitslohn im Jahr", site="LEJ")
    person("100093", "Anton|Šķēle", "1986-02-25", "Textorstraße 80|60594|Frankfurt am Main", "full_time", "2016-09-01",
           "ohne Bescheinigung: unbezahlter Urlaub das ganze Jahr", reason="unbezahlter Urlaub, kein Arbeitslohn im Jahr")
    person("100094", "Regina|Ülsmann", "1971-09-16", "Fürstenrieder Straße 200|80686|München", "part_time", "2003-05-01",
           "ohne Bescheinigung und ohne Grund: muss als ungeklärt erscheinen", site="MUC")


# ------------------------------------------------------------------------------------------------------------ files

def employees():
    out = []
    for n, p in enumerate(PEOPLE):
        name = dict(zip(("first", "last") if len(p["name"]) == 2 else ("title", "first", "last"), p["name"]))
        out.append({
            "personnel_number": p["number"], "tax_id": idnr_test(n), "name": name, "birth_date": p["birth"],
            "address": address(p["home"]), "mailing_address": address(p["mail"]) if p["mail"] else None,
            "employment": {"kind": p["kind"], "from": p["since"], "to": p["until"]}, "cost_centre": p["cost"], "site": p["site"],
            "email": f"{p['number'].lower()}@musterbank.example", "delivery": "print", "no_certificate_reason": p["reason"]})
    return {"format": "taxcert/employees/1", "employees": out}


def establishments():
    out = []
    for ident, s in SITES.items():
        number = tax_number(s["land"], s["office"], "815", "0815" if s["land"] != "BY" else "0816")
        out.append({"id": ident, "tax_number": number, "land": s["land"],
                    "tax_office": {"name": f"Finanzamt {s['name']}", "number": elster(s["land"], number)[:4]}})
    return out


def declarations():
    """One per establishment and month: the certificates' own tax, and the flat-rate tax that no certificate shows."""
    out = []
    for ident, s in SITES.items():
        jobs = [(p["number"], j) for p in PEOPLE for j in p["jobs"] if j.site == ident]
        for m in ALL:
            heads = {n for n, j in jobs if any(b[0] == m for b in j.books)}
            line = {k: sum((j.sum_line(n, m) for _, j in jobs for n in (k, fifth)), D(0)) for k, fifth in (("4", "11"), ("5", "12"))}
            flat = half_up(sum((j.flat.get(m, D(0)) for _, j in jobs), D(0)) * D("0.15"))
            church = {c: sum((j.church.get((m, c), D(0)) for _, j in jobs), D(0)) for c in ("ev", "rk")}
            soli = line["5"] + down(flat * D("0.055"))
            simple = down(flat * (5 if s["land"] == "SN" else 7) / 100)
            rest = line["4"] + flat
            values = {"86": len(heads), "42": line["4"], "41": flat, "48": rest, "49": soli, "47": simple, "61": church["ev"],
                      "62": church["rk"], "83": rest + soli + simple + church["ev"] + church["rk"]}
            declaration = {"establishment": ident, "period": f"{YEAR}-{m:02d}", "calendar_year": YEAR, "amended": False}
            as_text = lambda less: {k: v if isinstance(v, int) else money(v - less.get(k, 0)) for k, v in values.items()}
            if (ident, m) == ("MUC", 6):  # the tax of a late bonus came with a correction
                out.append({**declaration, "values": as_text(dict.fromkeys(("42", "48", "83"), D("312.00")))})
                declaration["amended"] = True
            out.append({**declaration, "values": as_text({})})
    return out


def payroll():
    certificates = [j.certificate(p["number"], i) for p in PEOPLE for i, j in enumerate(p["jobs"], 1)]
    return {
        "format": "taxcert/payroll/1", "form": "de/lohnsteuerbescheinigung", "year": YEAR, "issue_date": f"{YEAR + 1}-01-28",
        "employer": {"name": "Musterbank Rhein-Main AG",
                     "address": {"street": "Am Mustertor 1", "postcode": "60311", "city": "Frankfurt am Main", "country": "DE"}},
        "establishments": establishments(), "declarations": declarations(),
        "wage_types": {k: {"text": t, "adds_to": a} for k, (t, a, _) in WAGE_TYPES.items()},
        "certificates": certificates}


def corrections():
    """What changed by March: meal allowances that were forgotten, and a tax id that was mistyped, so that its certificate is void."""
    year, people = payroll(), employees()["employees"]
    by_number = {e["personnel_number"]: e for e in people}
    first = {c["personnel_number"]: c for c in year["certificates"]}
    meals, void = first["100007"], first["100009"]
    again = void["id"][:-1] + "2"
    meals["values"]["20"] = "336.00"
    meals["correction"] = {"reason": "Verpflegungszuschüsse der Reise nach Riga fehlten (Einfache Berichtigung)"}
    by_number["100009"]["tax_id"] = idnr_test(len(PEOPLE))
    return {**{k: year[k] for k in year if k not in ("declarations", "certificates")}, "issue_date": f"{YEAR + 1}-03-09",
            "cancellations": [{"certificate": void["id"], "reason": "falsche steuerliche Identifikationsnummer"}],
            "certificates": [meals, {**void, "id": again, "transfer_ticket": ticket(again)}],
            "employees": [by_number["100007"], by_number["100009"]]}


def pretty(value, indent=0, width=175):
    """JSON for people: whatever fits stands on one line."""
    flat = json.dumps(value, ensure_ascii=False)
    if indent and len(flat) + indent <= width or not isinstance(value, (dict, list)) or not value:
        return flat
    pad = " " * (indent + 2)
    if isinstance(value, dict):
        inner = [f"{pad}{json.dumps(k, ensure_ascii=False)}: {pretty(v, indent + 2, width)}" for k, v in value.items()]
        return "{\n" + ",\n".join(inner) + "\n" + " " * indent + "}"
    return "[\n" + ",\n".join(pad + pretty(v, indent + 2, width) for v in value) + "\n" + " " * indent + "]"


README = """# Samples

Everything here is invented: people, bank, tax numbers. Tax ids begin with 0, so they are nobody's (`--allow-test-ids`).

- `bank/employees.json`, `bank/payroll.json`: the Musterbank Rhein-Main AG, {people} people, {certs} certificates, three
  establishments in Hessen, Bayern and Sachsen. Written by `make_bank.py`; `make_bank.py --check` proves the rules.
- `bank/corrections.json`: what `taxcert correct` makes of it in March: a correction, a cancellation, and the certificate
  in place of the cancelled one.
- `rejects/payroll.json`: one file with employees and payroll; each certificate breaks one thing. `x_expect` is the rule that
  must refuse it, `x_why` says what is wrong; `null` marks the good ones. Written by `make_rejects.py`.
- `2024/`, `2026/`: the same bank and rejects as that year's law has them: `make_bank.py 2026` (the same people, dates moved, contributions by
  `rates.py`, tax by that year's flow chart), `make_rejects.py` (carried over by `carry.py`). 2024 has severance, jubilee pay and pensions for several
  years beside line 3, at a fifth; December's chart of 2024, which made good the higher basic allowance, is not used. 2026 has four monthly private
  contributions instead of line 28.

## How the numbers of the bank come about

Each month is worked out on its own and booked under wage types; lines, entries and declarations are sums of those bookings.

Wage tax, Soli, the base of church tax and line 28 are those of the ministry's flow chart (`wage_tax.py`), month by month: to the cent what an
independent program gives (`wage-tax.tsv`, made by `make_wage_tax.py`; `tests/e2e/wage_tax.py` compares). Contributions are exact for the year: rates and
ceilings with monthly cent rounding, one-off pay against the ceiling of the year so far, the transition zone, care insurance by number of children
and in Sachsen; severance bears none. Church tax is 8 % in Bayern and 9 % elsewhere, halved between 6 and 7 (not in Bayern).

Assumed: the year's wage, where one-off pay is taxed, is twelve times the month's current pay and the one-off pay before; short-time pay is 60 or
67 % of the lost net pay, net with 20 % contributions; maternity subsidies are fixed amounts. Nobody with wage is old enough for the Altersentlastungsbetrag.

Deductions that no line shows (canteen, hotel, train) have wage types with an empty `adds_to`. The 20 % or 2 % flat-taxed mini-jobs
are in no declaration; Kz 41 is the 15 % on line 18. MUC declared June twice: the correction has the tax of a late bonus.

## Who is what

| Personnel number | Name | Site | Kind | Case |
|---|---|---|---|---|
{rows}
"""


def readme():
    rows = "\n".join(f"| {p['number']} | {' '.join(p['name'])} | {p['site']} | {p['kind']} | {p['case']} |" for p in PEOPLE)
    return README.format(people=len(PEOPLE), certs=sum(len(p["jobs"]) for p in PEOPLE), rows=rows)


def build():
    if not PEOPLE:
        for part in (full_time, travellers_and_rows, movers, part_time_and_small, pensioners, without_certificate):
            part()


def folder():
    return HERE if YEAR == BASE else HERE / str(YEAR)


def write():
    build()
    (folder() / "bank").mkdir(parents=True, exist_ok=True)
    for name, text in (("bank/employees.json", pretty(employees()) + "\n"), ("bank/payroll.json", pretty(payroll()) + "\n"),
                       ("bank/corrections.json", pretty(corrections()) + "\n"),
                       ("README.md", readme())):
        if name != "README.md" or YEAR == BASE:
            (folder() / name).write_text(text, encoding="utf-8")


# ------------------------------------------------------------------------------------------------------------ check

AMOUNT = re.compile(r"-?(0|[1-9][0-9]{0,12})(\.[0-9]{1,2})?")
HANDLE = re.compile(r"[A-Za-z0-9._-]{1,32}")
DATE = re.compile(r"\d{4}-\d\d-\d\d")


def check_employee(e):
    t = e["tax_id"]
    assert len(t) == 11 and t[0] == "0" and idnr_digits_ok(t[:10]) and str(idnr_check(t[:10])) == t[10]
    assert HANDLE.fullmatch(e["personnel_number"])
    for text in list(e["name"].values()) + list(e["address"].values()) + list((e["mailing_address"] or {}).values()):
        assert unicodedata.is_normalized("NFC", text) and text == text.strip() and text
    assert DATE.fullmatch(e["birth_date"]) and e["birth_date"] < e["employment"]["from"]
    assert e["employment"]["to"] is None or e["employment"]["to"] > e["employment"]["from"]


def check_letters(employees_, latin_list):
    """Every letter of every name is one DIN 91379 lists, alone or in a listed sequence."""
    listed = set()
    for line in latin_list.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            listed.add("".join(chr(int(c, 16)) for c in line.split(";")[2].split()))
    for e in employees_:
        for text in list(e["name"].values()) + list(e["address"].values()):
            text = text.replace("K\u035fH", "").replace("K\u035fh", "").replace("k\u035fh", "")   # the ties join two letters
            for cluster in re.findall(r".[\u0300-\u036f]*", text):
                ok = cluster in listed
                assert ok, (e["personnel_number"], cluster, [hex(ord(c)) for c in cluster])


def entry_sums(entries, wage_types):
    sums = {}
    for x in entries:
        assert AMOUNT.fullmatch(x["amount"]) and 1 <= x["month"] <= 12
        for target in wage_types[x["wage_type"]]["adds_to"]:
            sign, line = (-1, target[1:]) if target[0] == "-" else (1, target)
            sums[line] = sums.get(line, D(0)) + sign * D(x["amount"])
    return sums


def amounts_of(c, wage_types):
    """The certificate's money lines; values and entries must agree."""
    got = {}
    for k, v in c.get("values", {}).items():
        if k in ("30", "31", "2.U", "2.letters"):
            continue
        assert k in LINES and AMOUNT.fullmatch(v), (c["id"], k)
        got[k] = D(v)
    if "entries" in c:
        sums = entry_sums(c["entries"], wage_types)
        assert not got or got == sums, (c["id"], got, sums)
        got = sums
    return got


def months_of(c):
    return int(c["period"]["to"][5:7]) - int(c["period"]["from"][5:7]) + 1


def check_certificate(c, z, land):
    """z: money lines. The rules of section 4 of the reference."""
    who = c["id"]
    a = lambda k: z.get(k, D(0))
    values, rows, months = c.get("values", {}), c["deduction_features"], months_of(c)
    assert a("5") <= a("4") * D("0.055") + CENT, who
    assert ("15a" not in z or a("15a") <= a("15")) and a("8") <= a("3") and a("32") <= a("8"), who
    assert (YEAR == 2024 or a("9") <= a("3") and a("10") <= a("3")) and 0 <= a("4") <= a("3"), who
    assert a("12") <= a("11") * D("0.055") + CENT and a("11") <= a("9") + a("10"), who
    assert all(v >= 0 for k, v in z.items() if k not in ("15", "15a")), who
    assert any(z.values()), who
    church_rate = D("0.08") if land in ("BY", "BW") else D("0.09")
    assert a("6") + a("7") <= church_rate * a("4") + months * CENT, who
    if all(r["church_marks"] == "--" for r in rows):
        assert not a("6") and not a("7"), who
    if "7" in z:
        assert any(" " in r["church_marks"] for r in rows) and land not in ("BY", "HB", "NI"), who
    rv, alv = pct(LAW.pension_month(land), RV), pct(LAW.pension_month(land), ALV)
    kv, pv = pct(LAW.kv_month, (D("14.6") + LAW.extra) / 2), pct(LAW.kv_month, LAW.care)
    for line, top in (("22a", rv), ("23a", rv), ("27", alv), ("24a", kv), ("24b", kv), ("24c", pv), ("25", 2 * kv),
                      ("26", pv + pct(LAW.kv_month, LAW.care + D("0.6")))):
        assert a(line) <= top * months, (who, line)
    if not c["facts"].get("transition_zone") and "28" not in z and c["facts"]["insurance"] != "none":
        assert abs(a("22a") - a("23a")) <= D("0.12"), who
    if c["facts"]["insurance"] == "voluntary" and "25" in z:
        assert a("25") >= 2 * a("24a"), who
    assert ("30" in values) == bool(a("8") or a("9")), who
    assert "8" in z or not ({"29", "31"} & set(values)), who
    if "30" in values:
        assert values["30"] <= YEAR and "29" in z, who
    if "31" in values:
        assert 1 <= values["31"]["first"] <= values["31"]["last"] <= 12 and values["31"] != {"first": 1, "last": 12}, who
    if "S" in values.get("2.letters", []) or values.get("2.U"):
        assert all(r["tax_class"] != 6 for r in rows), who
    check_rows(who, rows, c["facts"].get("annual_adjustment"), values, z)


def check_rows(who, rows, adjusted, values, z):
    assert 1 <= len(rows) <= 6 and [r["valid_from"] for r in rows] == sorted({r["valid_from"] for r in rows}), who
    for r in rows:
        assert DATE.fullmatch(r["valid_from"]) and 1 <= r["tax_class"] <= 6, who
        assert r["church_marks"] in ("rk", "ev", "ev rk", "--"), who
        assert D(r["child_allowances"]) * 2 % 1 == 0 and (r["tax_class"] <= 4 or not D(r["child_allowances"])), who
        if r["factor"] is not None:
            assert r["tax_class"] == 4 and re.fullmatch(r"0\.\d{3}", r["factor"]) and r["annual_allowance"] == 0, who
    if adjusted:
        assert len(rows) == 1 and rows[0]["tax_class"] < 5 and not rows[0]["factor"] and not values.get("2.U") and "15" not in z, who


def check_declarations(data, lines):
    for s in data["establishments"]:
        mine = [lines[c["id"]] for c in data["certificates"] if c["establishment"] == s["id"]]
        decl = list({d["period"]: d for d in data["declarations"] if d["establishment"] == s["id"]}.values())  # the last one counts
        assert [d["period"] for d in decl] == [f"{YEAR}-{m:02d}" for m in ALL]
        kz = lambda k: sum(D(d["values"][k]) for d in decl)
        total = lambda *ks: sum(z.get(k, D(0)) for z in mine for k in ks)
        assert kz("42") == total("4", "11") and kz("61") + kz("62") == total("6", "7", "13", "14"), s["id"]
        assert kz("49") >= total("5", "12") and kz("83") == sum(kz(k) for k in ("42", "41", "49", "47", "61", "62")), s["id"]
        assert elster(s["land"], s["tax_number"])[:4] == s["tax_office"]["number"]


def check(latin):
    people = json.loads((folder() / "bank/employees.json").read_text(encoding="utf-8"))["employees"]
    data = json.loads((folder() / "bank/payroll.json").read_text(encoding="utf-8"))
    for e in people:
        check_employee(e)
    by_number = {e["personnel_number"]: e for e in people}
    assert len(by_number) == len(people) == len({e["tax_id"] for e in people})
    if latin:
        check_letters(people, Path(latin))
    land = {s["id"]: s["land"] for s in data["establishments"]}
    assert len({c["id"].lower() for c in data["certificates"]}) == len(data["certificates"])
    lines = {}
    for c in data["certificates"]:
        assert HANDLE.fullmatch(c["id"]) and c["personnel_number"] in by_number
        assert f"{YEAR}-01-01" <= c["period"]["from"] <= c["period"]["to"] <= f"{YEAR}-12-31"
        assert by_number[c["personnel_number"]]["no_certificate_reason"] is None
        lines[c["id"]] = amounts_of(c, data["wage_types"])
        check_certificate(c, lines[c["id"]], land[c["establishment"]])
    check_declarations(data, lines)
    used = {c["personnel_number"] for c in data["certificates"]}
    none = [e for e in people if e["personnel_number"] not in used]
    assert sum(1 for e in none if e["no_certificate_reason"] is None) == 1
    print(f"{len(people)} people, {len(lines)} certificates ({sum('entries' in c for c in data['certificates'])} with entries, "
          f"{sum('entries' in c and 'values' in c for c in data['certificates'])} with both), {len(none)} without")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--check"] and len(sys.argv) <= 3:
        for one in YEARS:
            of(one).check(sys.argv[2] if len(sys.argv) == 3 else None)
    elif len(sys.argv) == 1 or sys.argv[1:] == [str(YEAR)]:
        write()
    else:
        sys.exit(__doc__.strip())
