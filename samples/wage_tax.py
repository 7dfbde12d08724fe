"""Wage tax by the ministry's flow chart (Programmablaufplan für die maschinelle Berechnung), for the sample bank.

wage_tax(year, **inputs) takes the flow chart's inputs by their own names, amounts in cents, and gives its outputs in cents:

    LSTLZZ, SOLZLZZ, BK     wage tax, solidarity surcharge and base of church tax of the wage-payment period
    STS, SOLZS, BKS         the same of the one-off pay
    STV, SOLZV, BKV         the same of what is taxed at a fifth (until 2024)
    VKVLZZ, VKVSONST        what was considered for private health and care insurance: line 28 (until 2025)

Every step below names its paragraph. tests/e2e/wage_tax.py holds it against results of an independent program (samples/wage-tax.tsv).
A further year is a further entry of YEARS, and an own way for what the law has changed: since 2025 nothing is taxed at a fifth, since 2026 the
Vorsorgepauschale has no minimum but unemployment insurance. 2024 is by the chart of January to November.
"""
from decimal import ROUND_CEILING, ROUND_DOWN, Decimal as D
from types import SimpleNamespace as Record

# Amounts in euros a year.
YEARS = {
    2024: Record(
        free=11604, zones=((17005, "922.98", 1400, "0", 11604), (66760, "181.19", 2397, "1025.38", 17005)),
        proportional=((277825, "0.42", "10602.13"), (None, "0.45", "18936.88")),
        steps=(13279, 33380, 222260), child=9312, single_parent=4260,
        lump_wage=1230, lump_pension=102, lump_special=36,
        pension_ceiling=90600, pension_ceiling_east=89400, health_ceiling=62100,
        pension="0.093", health="0.07", extra_employer="0.0085",
        care="0.017", care_saxony=("0.022", "0.012"), care_childless="0.006", care_child="0.0025",
        least=(1900, 3000), soli_free=18130, free_of_pension=2, slow=False, whole_quarters=False),
    2025: Record(
        free=12096,                                             # § 32a I EStG: the tariff's five zones, (slope, rate, constant)
        zones=((17443, "932.30", 1400, "0", 12096), (68480, "176.64", 2397, "1015.13", 17443)),
        proportional=((277825, "0.42", "10911.92"), (None, "0.45", "19246.67")),
        steps=(13785, 34240, 222260),                           # § 39b II 7: limits of classes V and VI
        child=9600, single_parent=4260,                         # § 32 VI (both halves), § 24b
        lump_wage=1230, lump_pension=102, lump_special=36,      # §§ 9a, 10c
        pension_ceiling=96600, health_ceiling=66150,            # §§ 159 SGB VI, 223 SGB V
        pension="0.093", health="0.07", extra_employer="0.0125",  # employee's shares; half of the average Zusatzbeitrag
        care="0.018", care_saxony=("0.023", "0.013"), care_childless="0.006", care_child="0.0025",
        least=(1900, 3000),                                     # § 39b II 5 Nr. 3: 12 % up to this, class III
        soli_free=19950,                                        # § 3 SolzG
        free_of_pension=1,                                      # KRV of who bears no pension insurance (2024: 1 is the East)
        slow=True,                                              # reliefs by cohort melt slower from 2023 on
        whole_quarters=False),                                  # classes V and VI: one and a quarter and three quarters in whole euros
    2026: Record(
        free=12348, zones=((17799, "914.51", 1400, "0", 12348), (69878, "173.10", 2397, "1034.87", 17799)),
        proportional=((277825, "0.42", "11135.63"), (None, "0.45", "19470.38")),
        steps=(14071, 34939, 222260), child=9756, single_parent=4260,
        lump_wage=1230, lump_pension=102, lump_special=36,
        pension_ceiling=101400, health_ceiling=69750,
        pension="0.093", health="0.07", unemployment="0.013",
        care="0.018", care_saxony=("0.023", "0.013"), care_childless="0.006", care_child="0.0025",
        least=None, soli_free=20350, free_of_pension=1, slow=True, whole_quarters=True),
}

INPUTS = ("LZZ", "STKL", "af", "f", "ZKF", "R", "RE4", "LZZFREIB", "LZZHINZU", "KRV", "KVZ", "PVS", "PVZ", "PVA", "PKV", "PKPV", "PKPVAGZ", "ALV", "ALTER1", "AJAHR",
          "VBEZ", "VBEZM", "VBEZS", "VJAHR", "ZMVB", "JRE4", "JRE4ENT", "JVBEZ", "JFREIB", "JHINZU", "SONSTB", "SONSTENT", "VBS", "STERBE", "VMT", "VKAPA")
OUTPUTS = ("LSTLZZ", "SOLZLZZ", "BK", "STS", "SOLZS", "BKS", "STV", "SOLZV", "BKV", "VKVLZZ", "VKVSONST")
DEFAULTS = {**dict.fromkeys(INPUTS, D(0)), "LZZ": D(2), "STKL": D(1), "f": D(1)}
PARTS = {1: (1, 1), 2: (12, 1), 3: (360, 7), 4: (360, 1)}       # a wage-payment period is so much of a year: year, month, week, day


def cut(x, digits=0):
    return D(x).quantize(D(1).scaleb(-digits), ROUND_DOWN)


def up(x, digits=0):
    return D(x).quantize(D(1).scaleb(-digits), ROUND_CEILING)


def melting(begin, top, slow):
    """What a relief by cohort is worth from the begin year on: full in 2005, down to half in 2020; then to 0, with slow slower from 2023 on."""
    k = max(0, min(begin, 2058) - 2005)
    if not slow:
        return max(D(top) - D(top) / 25 * min(k, 15) - D(top) / 50 * max(k - 15, 0), D(0))
    fast = min(k, 15)
    left = D(top) - D(top) / 25 * fast
    left -= D(top) / 50 * min(max(k - 15, 0), 2)
    return max(left - D(top) / 100 * max(k - 17, 0), D(0))


def pension_relief(begin, slow):
    """Versorgungsfreibetrag as a rate, its limit, its Zuschlag: § 19 II 3 EStG."""
    return melting(begin, "0.4", slow), melting(begin, 3000, slow), melting(begin, 900, slow)


def age_relief(begin, slow):
    """Altersentlastungsbetrag as a rate and its limit: § 24a EStG, by the year after the 64th birthday."""
    return melting(begin, "0.4", slow), melting(begin, 1900, slow)


class Year:
    """One tariff, and the person's features."""

    def __init__(self, year, i):
        self.y, self.i = YEARS[year], i

    # -- § 32a: the tariff

    def tariff(self, x):
        if x < self.y.free + 1:
            return D(0)
        for top, slope, rate, constant, start in self.y.zones:
            if x < top + 1:
                z = cut((x - start) / 10000, 6)
                return cut((D(slope) * z + rate) * z + D(constant))
        for top, rate, less in self.y.proportional:
            if top is None or x < top + 1:
                return cut(x * D(rate) - D(less))

    def class_5_part(self, x):
        """§ 39b II 7: twice the difference, at least 14 %."""
        digits = 0 if self.y.whole_quarters else 2
        return max((self.tariff(cut(x * D("1.25"), digits)) - self.tariff(cut(x * D("0.75"), digits))) * 2, cut(x * D("0.14")))

    def class_5(self, x):
        w1, w2, w3 = self.y.steps
        if x > w2:
            tax = self.class_5_part(D(w2))
            if x > w3:
                return cut(cut(tax + (w3 - w2) * D("0.42")) + (x - w3) * D("0.45"))
            return cut(tax + (x - w2) * D("0.42"))
        tax = self.class_5_part(x)
        return tax if x <= w1 else min(tax, cut(self.class_5_part(D(w1)) + (x - w1) * D("0.42")))

    def splits(self):
        return 2 if self.i.STKL == 3 else 1

    def tax(self, taxable):
        x = cut(taxable / self.splits()) if taxable >= 1 else D(0)
        return self.class_5(x) if self.i.STKL > 4 else self.tariff(x) * self.splits()

    # -- § 39b II 3 to 5: what lowers the wage

    def child_allowance(self):
        return cut(self.i.ZKF * self.y.child / (2 if self.i.STKL == 4 else 1)) if self.i.STKL < 5 else D(0)

    def pension_free(self, pension, months, death_grant):
        """(Versorgungsfreibetrag, Zuschlag); death_grant in cents joins the base of one-off pay."""
        if not pension:
            return D(0), D(0)
        rate, top, plus = pension_relief(self.i.VJAHR, self.y.slow)
        base = (self.i.VBEZM * (months or 12) + self.i.VBEZS) / 100
        limit, extra = (up(top * months / 12) if self.y.slow else top * months / 12, up(plus * months / 12)) if months else (top, plus)
        free = min(up(base * rate, 2), limit, pension)
        if death_grant is not None:
            free = min(up(free + death_grant / 100 * rate, 2), top)
            extra = min(up(extra + death_grant / 100), plus)
            base += death_grant / 100
        return free, min(extra, up(cut(base - free, 2)))

    def age_free(self, gross, pension):
        if not self.i.ALTER1:
            return D(0)
        rate, top = age_relief(self.i.AJAHR, self.y.slow)
        return min(up((gross - pension) * rate), top)

    def lump_sums(self, wage, pension, extra):
        """(fixed reliefs of the tax class with the Zuschlag); wage and pension after their own reliefs."""
        y, cls = self.y, self.i.STKL
        if pension < extra:
            extra = D(int(pension))
        if cls == 6:
            return D(0)
        lump = min(up(pension - extra), D(y.lump_pension)) if pension > 0 else D(0)
        if wage > pension:
            lump += up(wage - pension) if wage - pension < y.lump_wage else y.lump_wage
        return extra + lump + y.lump_special + (y.single_parent if cls == 2 else 0)

    def insurance(self, gross):
        """(Vorsorgepauschale, what it holds for private insurance): § 39b II 5 Nr. 3 and IV EStG."""
        y, i = self.y, self.i
        if not y.least:
            return self.insurance_without_least(gross), D(0)
        ceiling = y.pension_ceiling if not i.KRV else getattr(y, "pension_ceiling_east", 0)
        insured = i.KRV < y.free_of_pension
        bears = min(gross, D(ceiling)) if insured else gross
        pension = cut(bears * D(y.pension), 2) if insured else D(0)
        least = min(cut(bears * D("0.12"), 2), D(y.least[i.STKL == 3]))
        bears = min(bears, D(y.health_ceiling))
        own, firm = self.care()
        if not i.PKV:
            health = cut(bears * (i.KVZ / 200 + D(y.health) + own), 2)
        elif i.STKL == 6:
            health = D(0)
        else:
            health = i.PKPV * 12 / 100
            if i.PKV == 2:
                health = cut(health - bears * (D(y.extra_employer) + D(y.health) + firm), 2)
        return max(up(pension + health), up(pension + least)), max(health, least) if i.PKV else D(0)

    def care(self):
        """Care insurance of the employee and the employer, as parts of the wage."""
        y, i = self.y, self.i
        own, firm = map(D, y.care_saxony if i.PVS else (y.care, y.care))
        return own + (D(y.care_childless) if i.PVZ else -i.PVA * D(y.care_child)), firm

    def insurance_without_least(self, gross):
        """From 2026 on: own contributions; those to health, care and unemployment insurance in a second sum up to 1,900 euros, if that is more."""
        y, i = self.y, self.i
        pension = cut(min(gross, D(y.pension_ceiling)) * D(y.pension), 2) if not i.KRV else D(0)
        if not i.PKV:
            health = cut(min(gross, D(y.health_ceiling)) * (i.KVZ / 200 + D(y.health) + self.care()[0]), 2)
        else:
            health = max(cut(i.PKPV * 12 / 100 - i.PKPVAGZ * 12 / 100, 2), D(0)) if i.STKL != 6 else D(0)
        lowered = up(health + pension)
        if i.ALV or i.STKL == 6:
            return lowered
        unemployment = cut(min(gross, D(y.pension_ceiling)) * D(y.unemployment), 2)
        return max(lowered, up(pension + min(unemployment + health, D(1900))))

    def taxable(self, gross, pension, free, bears, months=0, death_grant=None):
        """(taxable wage of a year before child allowances, private insurance considered). free: allowance less addition."""
        relief, extra = self.pension_free(pension, months, death_grant)
        wage = max(cut(gross - relief - self.age_free(gross, pension) - free, 2), D(0))
        lowered, private = self.insurance(bears)
        return wage - self.lump_sums(wage, max(pension - relief, D(0)), extra) - lowered, private

    # -- § 39b II: the wage-payment period

    def period(self):
        i = self.i
        parts, days = PARTS[int(i.LZZ)]
        year = lambda cents: cut(cents * parts / (100 * days), 2)
        share = lambda x: cut(x * 100 * days / parts)
        taxable, private = self.taxable(year(i.RE4), year(i.VBEZ), year(i.LZZFREIB) - year(i.LZZHINZU), year(i.RE4), i.ZMVB if i.LZZ == 1 else 0)
        tax = cut(self.tax(taxable) * self.factor())
        base = cut(self.tax(taxable - self.child_allowance()) * self.factor())
        limit = self.y.soli_free * self.splits()
        soli = min(cut(base * D("0.055"), 2), cut((base - limit) * D("0.119"), 2)) if base > limit else D(0)
        return share(tax), share(soli), share(base) if i.R else D(0), share(private), base

    def factor(self):
        return self.i.f if self.i.af else D(1)

    # -- § 39b III: one-off pay, by the year's tax with it and without

    def fifth(self, year_base):
        """What is taxed at a fifth beside the year's wage and one-off pay, § 39b III 9, until 2024. year_base: the tax that the year's surcharge is of."""
        i = self.i
        if not i.VMT + i.VKAPA:
            return D(0), D(0), D(0)
        gross, pension, free = (i.JRE4 + i.SONSTB) / 100, (i.JVBEZ + i.VBS) / 100, (i.JFREIB - i.JHINZU) / 100
        less, months, much = (i.JRE4ENT + i.SONSTENT) / 100, i.ZMVB or 12, (i.VMT + i.VKAPA) / 100
        before = self.tax(self.taxable(gross, pension, free, gross - less, months, i.STERBE if i.SONSTB else None)[0])
        whole = self.taxable(gross + much, pension + i.VKAPA / 100, free, gross + much - less, months, i.STERBE + i.VKAPA)[0]
        rest = whole - much
        if rest < 0:
            fifth = 5 * self.tax(cut(whole / 5, 2))
        else:
            fifth = self.tax(rest) + 5 * (self.tax(cut(rest + much / 5, 2)) - self.tax(rest))
        tax = cut(max(min(fifth, self.tax(whole)) - before, D(0)) * self.factor())
        soli = cut(tax * 100 * D("0.055")) if tax + year_base > self.y.soli_free * self.splits() else D(0)
        return tax * 100, soli, tax * 100 if i.R else D(0)

    def once(self):
        i = self.i
        if not i.SONSTB:
            return D(0), D(0), D(0), D(0)
        gross, pension, free = i.JRE4 / 100, i.JVBEZ / 100, (i.JFREIB - i.JHINZU) / 100
        compensation = i.JRE4ENT / 100
        months = i.ZMVB or 12
        before, private = self.taxable(gross, pension, free, gross - compensation, months)
        after, private_after = self.taxable(gross + i.SONSTB / 100, pension + i.VBS / 100, free,
                                            gross + (i.SONSTB - i.SONSTENT) / 100 - compensation, months, i.STERBE)
        tax = max(cut((self.tax(after) - self.tax(before)) * self.factor()) * 100, D(0))
        year = cut(self.tax(after - self.child_allowance()) * self.factor())
        soli = cut(tax * D("0.055")) if year > self.y.soli_free * self.splits() else D(0)   # § 3 IVa SolzG: no relief zone
        return tax, soli, tax if i.R else D(0), cut((private_after - private) * 100)


def wage_tax(year, **inputs):
    assert set(inputs) <= set(INPUTS), set(inputs) - set(INPUTS)
    one = Year(year, Record(**{**DEFAULTS, **{k: D(v) for k, v in inputs.items()}}))
    tax, soli, base, private, year_base = one.period()
    once, once_soli, once_base, once_private = one.once()
    return dict(zip(OUTPUTS, map(int, (tax, soli, base, once, once_soli, once_base, *one.fifth(year_base), private, once_private))))
